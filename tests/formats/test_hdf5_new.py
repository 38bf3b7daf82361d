"""A new HDF5 file of arrays: where they lie, what is said when the disk does not keep them."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5viewer.errors import CannotWrite
from h5viewer.formats.archive_new import NewArchive
from h5viewer.formats.hdf5_new import Filled, NewHdf5, ReadBack
from h5viewer.formats.scratch import Scratch

ARRAYS = {
    "a/b/c": np.arange(5000, dtype="f8").reshape(50, 100),
    "scalar": np.array(7, "i8"),
    "nothing": np.zeros((0, 3), "f4"),
    "a/small": np.array([True, False]),
    "half": np.arange(10, dtype="f2"),
}


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Scratch]:
    fd = os.open(tmp_path / "new", os.O_RDWR | os.O_CREAT)
    yield Scratch(fd)
    os.close(fd)


def filled(scratch: Scratch) -> list[Filled]:
    """Write all arrays, each in pieces of three numbers or so."""
    file, done = NewHdf5(scratch), []
    for path, array in ARRAYS.items():
        room = file.reserve(path, array.shape, str(array.dtype))
        pieces = np.array_split(array.reshape(-1), max(1, array.size // 3))
        done += [each for each in file.fill(room, iter(pieces)) if isinstance(each, Filled)]
    file.close()
    return done


def compare(scratch: Scratch, done: list[Filled]) -> None:
    reading = ReadBack(done, "new.h5")
    for at, piece in scratch.pieces(100):
        reading.see(at, piece)
    assert all(each is None for each in reading.compare_outline(scratch))


def test_arrays_are_stored_in_one_run_each(scratch: Scratch, tmp_path: Path) -> None:
    compare(scratch, filled(scratch))
    with h5py.File(tmp_path / "new") as file:
        for path, array in ARRAYS.items():
            assert file[path].chunks is None
            assert file[path].dtype == array.dtype
            assert np.array_equal(file[path][()], array)


def test_a_bit_that_turned_is_noticed(scratch: Scratch) -> None:
    done = filled(scratch)
    compare(scratch, done)
    room = next(each.room for each in done if each.room.path == "a/b/c")
    scratch.seek(room.offset + 12_345)
    scratch.write(b"\x01")
    with pytest.raises(CannotWrite, match=r"new.h5 was not saved: read back, a/b/c was not"):
        compare(scratch, done)


def test_a_file_that_lost_its_end_is_noticed(scratch: Scratch) -> None:
    done = filled(scratch)
    scratch.truncate(scratch.size // 2)
    with pytest.raises(CannotWrite, match="was not saved: read back"):
        compare(scratch, done)


def test_what_was_not_read_to_its_end_is_not_passed(scratch: Scratch) -> None:
    reading = ReadBack(filled(scratch), "new.h5")
    at, piece = next(scratch.pieces(100))
    reading.see(at, piece)
    with pytest.raises(CannotWrite, match="was not saved: read back"):
        list(reading.compare_outline(scratch))


@pytest.mark.parametrize("n", [11, 13])
def test_as_many_values_as_the_shape_says(n: int, scratch: Scratch) -> None:
    file = NewHdf5(scratch)
    room = file.reserve("a", (3, 4), "float32")
    with pytest.raises(CannotWrite, match="not as many as its shape says"):
        list(file.fill(room, iter([np.zeros(n, "f4")])))
    file.close()


def test_bfloat16_is_marked_as_keras_does(scratch: Scratch, tmp_path: Path) -> None:
    file = NewHdf5(scratch)
    room = file.reserve("a", (2,), "bfloat16")
    assert list(file.fill(room, iter([np.array([1.5, -2.0], "f4")])))
    file.close()
    with h5py.File(tmp_path / "new") as again:
        assert again["a"].attrs["dtype"] == "bfloat16"
        assert again["a"][()].tobytes() == b"\xc0\x3f\x00\xc0"


def test_names_that_are_too_long_for_one_attribute_are_split(
    scratch: Scratch, tmp_path: Path
) -> None:
    file = NewHdf5(scratch)
    names = [f"{i:03}" + "x" * 700 for i in range(200)]
    file.names("", "layer_names", names)
    file.names("", "none", [])
    file.close()
    with h5py.File(tmp_path / "new") as again:
        parts = [again.attrs[f"layer_names{i}"] for i in range(3)]
        assert [each.decode() for part in parts for each in part] == names
        assert len(again.attrs["none"]) == 0


def test_an_entry_of_an_archive_is_written_in_any_order(scratch: Scratch, tmp_path: Path) -> None:
    archive = NewArchive(scratch)
    archive.write("first.json", b"{}")
    made, part = archive.begin("inner.h5", 100)
    done = filled(part)
    reading = ReadBack(done, "new.keras")
    list(archive.end(made, part, reading.see))
    archive.write("last.txt", b"end")
    archive.close()
    assert len(list(reading.compare_outline(part))) == len(ARRAYS)
    with zipfile.ZipFile(tmp_path / "new") as again:
        assert again.testzip() is None
        assert again.namelist() == ["first.json", "inner.h5", "last.txt"]
        with again.open("inner.h5") as entry, h5py.File(entry) as inner:
            assert np.array_equal(inner["a/b/c"][()], ARRAYS["a/b/c"])
