"""Long runs of bytes that are copied beside HDF5, and compared."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5viewer.formats.scratch import Scratch
from h5viewer.formats.source import Source
from h5viewer.formats.stored_bytes import Stored, copy_run, run_of, same_run

LENGTH = (2 << 20) + 12_345


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Stored]:
    path = tmp_path / "source"
    path.write_bytes(np.random.default_rng(0).bytes(LENGTH + 100))
    with Source(str(path)) as source:
        yield Stored(source, 100)


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Scratch]:
    fd = os.open(tmp_path / "target", os.O_RDWR | os.O_CREAT)
    yield Scratch(fd, 50)
    os.close(fd)


def written(there: Scratch) -> bytes:
    return os.pread(there.fd, LENGTH + 1000, 0)


@pytest.mark.parametrize("way", ["by the system", "otherwise", "the system refuses"])
def test_a_run_is_copied_to_its_place_byte_for_byte(
    here: Stored, there: Scratch, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if way == "otherwise":
        monkeypatch.delattr(os, "copy_file_range", raising=False)
    elif way == "the system refuses":

        def refuse(*_: object) -> int:
            raise OSError(errno.EXDEV, "another disk")

        monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    n_copied = sum(copy_run(here, 7, LENGTH - 7, there, 3))
    assert n_copied == LENGTH - 7
    assert written(there)[53:] == here.source.read_at(107, LENGTH - 7)
    assert sum(same_run(here, 7, LENGTH - 7, there, 3)) == LENGTH - 7


@pytest.mark.parametrize("at", [0, 1 << 20, (1 << 20) + 9, LENGTH - 1])
def test_one_changed_byte_is_found_wherever_it_is(here: Stored, there: Scratch, at: int) -> None:
    list(copy_run(here, 0, LENGTH, there, 0))
    byte = os.pread(there.fd, 1, 50 + at)
    os.pwrite(there.fd, bytes([byte[0] ^ 1]), 50 + at)
    assert sum(same_run(here, 0, LENGTH, there, 0)) <= at


def test_a_source_that_became_shorter_is_not_taken_for_whole(here: Stored, there: Scratch) -> None:
    with pytest.raises(EOFError):
        list(copy_run(here, 0, LENGTH + 1, there, 0))
    os.pwrite(there.fd, b"\0", 50 + LENGTH)
    assert sum(same_run(here, 0, LENGTH + 1, there, 0)) < LENGTH + 1


def test_a_full_disk_ends_the_copy_and_is_remembered(
    here: Stored, there: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    assert sum(copy_run(here, 0, LENGTH, there, 0)) == 0
    assert there.error is not None
    assert there.error.errno == errno.ENOSPC


def test_only_values_that_lie_in_one_run_have_a_place(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["whole"] = np.arange(10)
        file.create_dataset("chunks", data=np.arange(10), chunks=(5,))
        file.create_dataset("never written", (10,))
        start, n_bytes = run_of(file["whole"].id) or (0, 0)
        assert run_of(file["chunks"].id) is None
        assert run_of(file["never written"].id) is None
    assert np.frombuffer((tmp_path / "a.h5").read_bytes()[start:][:n_bytes], "i8").tolist() == list(
        range(10)
    )
