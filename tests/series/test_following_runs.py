"""A run that grows: files appear when they are whole, never before."""

from __future__ import annotations

import os
import shutil
import time
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5viewer.series import Following
from h5viewer.series.whole_files import is_whole


def numbers(following: Following) -> list[int | None]:
    runs = following.look()
    return [step.number for step in runs[0].steps] if runs else []


def write(path: Path) -> Path:
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(1000)
    return path


@pytest.mark.parametrize("version", ["earliest", "latest"])
def test_hdf5_file_is_whole_when_it_is_closed(tmp_path: Path, version: str) -> None:
    path = tmp_path / "x.h5"
    with h5py.File(path, "w", libver=version) as file:
        file["x"] = np.arange(100_000)
        assert not is_whole(str(path))
        file.flush()
        file["y"] = np.arange(100_000)
        assert not is_whole(str(path))
    assert is_whole(str(path))


def test_file_that_is_cut_short_is_never_whole(tmp_path: Path) -> None:
    path = write(tmp_path / "x.h5")
    os.truncate(path, path.stat().st_size - 10)
    assert not is_whole(str(path))
    assert not is_whole(str(path), now=time.time() + 3600)


@pytest.mark.parametrize("length", [8, 9, 40])
def test_file_cut_within_its_first_bytes_is_not_whole(length: int, tmp_path: Path) -> None:
    path = tmp_path / "cut.h5"
    path.write_bytes((b"\x89HDF\r\n\x1a\n" + bytes(40))[:length])
    assert not is_whole(str(path), now=time.time() + 3600)


def test_archive_is_whole_when_it_has_its_directory(tmp_path: Path) -> None:
    path = tmp_path / "x.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "{}" * 1000)
    assert is_whole(str(path))
    os.truncate(path, path.stat().st_size - 30)
    assert not is_whole(str(path))
    assert not is_whole(str(tmp_path / "nothing.keras"))


def test_new_file_appears_once_it_stays_as_it_is(tmp_path: Path) -> None:
    for number in (1, 2):
        write(tmp_path / f"w-{number}.h5")
    following = Following(str(tmp_path))
    assert numbers(following) == [1, 2]
    shutil.copy(tmp_path / "w-1.h5", tmp_path / "w-3.h5")
    assert numbers(following) == [1, 2]  # seen for the first time
    assert numbers(following) == [1, 2, 3]
    with (tmp_path / "w-3.h5").open("ab") as file:
        file.write(b"more")
    assert numbers(following) == [1, 2]
    (tmp_path / "w-2.h5").unlink()
    (tmp_path / "w-3.h5").unlink()
    assert numbers(following) == []  # one file alone is no run


def test_file_that_is_half_written_is_left_alone(tmp_path: Path) -> None:
    for number in (1, 2):
        write(tmp_path / f"w-{number}.h5")
    following = Following(str(tmp_path))
    following.look()
    with h5py.File(tmp_path / "w-3.h5", "w") as file:
        file["x"] = np.arange(100_000)
        for _ in range(3):
            (run,) = following.look()
            assert [step.number for step in run.steps] == [1, 2]
        assert run.notes == ("w-3.h5 is left alone until it is whole.",)
    following.look()
    (run,) = following.look()
    assert [step.number for step in run.steps] == [1, 2, 3]
    assert run.notes == ()


def test_checkpoint_without_its_index_is_left_alone(tmp_path: Path) -> None:
    def save(number: int, *ends: str) -> None:
        for end in ends:
            (tmp_path / f"ckpt-{number}{end}").write_bytes(b"x")

    data = ".data-00000-of-00001"
    for number in (1, 2):
        save(number, data, ".index")
    following = Following(str(tmp_path))
    following.look()
    save(3, data)
    following.look()
    assert numbers(following) == [1, 2]
    save(3, ".index")
    following.look()
    assert numbers(following) == [1, 2, 3]
