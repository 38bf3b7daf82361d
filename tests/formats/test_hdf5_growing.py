"""Arrays that grow are what was written, or the file is refused."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5viewer.errors import CannotWrite
from h5viewer.formats.hdf5_growing import GrowingHdf5, Packing, packed
from h5viewer.formats.scratch import Scratch


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Scratch]:
    with tempfile.TemporaryFile(dir=tmp_path) as file:
        yield Scratch(file.fileno())


def write(
    scratch: Scratch,
    values: np.ndarray,
    packing: Packing = "",
    chunk: int = 4,
    n_more: int = 3,
    *,
    is_chunked: bool = True,
) -> GrowingHdf5:
    """As `data_sets.building` does it; `n_more` rows were hoped for in vain."""
    new = GrowingHdf5(scratch, "new.h5")
    array = new.array(
        "a/b", values.shape[1:], str(values.dtype), n_most=len(values) + n_more, chunk=chunk,
        packing=packing, is_chunked=is_chunked,
    )  # fmt: skip
    n_full = len(values) // chunk
    for at in range(n_full):
        new.add(array, packed(values[at * chunk : (at + 1) * chunk], packing))
    last = np.zeros((chunk, *values.shape[1:]), values.dtype)
    rest = values[n_full * chunk :]
    last[: len(rest)] = rest
    last = last if is_chunked else last[: len(rest)]
    new.end(array, len(values), packed(last, packing) if len(rest) else None)
    new.numbers("a/labels", np.arange(len(values)))
    new.texts("names", [b"one", b"\xff\xfe", "três".encode()] * 1500)
    assert new.attribute("a/b", "class_names", ["x", "ÿ"])
    new.attribute("/", "recipe", "{}")
    new.close()
    return new


@pytest.mark.parametrize("packing", ["", "gzip", "lzf"])
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("n_rows", [0, 1, 3, 4, 8, 11])
def test_everybody_reads_what_was_written(
    packing: Packing, dtype: str, n_rows: int, scratch: Scratch
) -> None:
    values = np.random.default_rng(0).integers(0, 256, (n_rows, 5, 3)).astype(dtype)
    new = write(scratch, values, packing)
    assert sum(new.read_back()) >= values.nbytes
    with h5py.File(scratch, "r") as file:
        assert np.array_equal(file["a/b"][:], values)
        assert file["a/b"].dtype == dtype
        assert list(file["a/labels"]) == list(range(n_rows))
        assert list(file["names"][:3]) == [b"one", b"\xff\xfe", "três".encode()]
        assert file["names"][2999] == "três".encode()
        assert list(file["a/b"].attrs["class_names"]) == ["x", "ÿ"]
        assert file.attrs["recipe"] == "{}"


@pytest.mark.parametrize("n_more", [0, 1, 50, 5000])
@pytest.mark.parametrize("n_rows", [0, 1, 4, 1001])
def test_rows_without_chunks_lie_one_behind_the_other(
    n_rows: int, n_more: int, scratch: Scratch
) -> None:
    """Also when there are fewer than there was room for, and the room for them is elsewhere."""
    values = np.random.default_rng(0).integers(0, 256, (n_rows, 20, 30), dtype=np.uint8)
    new = write(scratch, values, n_more=n_more, is_chunked=False)
    assert sum(new.read_back()) >= values.nbytes
    with h5py.File(scratch, "r") as file:
        assert file["a/b"].chunks is None
        assert np.array_equal(file["a/b"][:], values)
        offset = file["a/b"].id.get_offset()
    if n_rows:
        scratch.seek(offset + n_rows * 600 - 1)
        scratch.write(bytes([values[-1, -1, -1] ^ 1]))
        with pytest.raises(CannotWrite, match="read back"):
            list(new.read_back())


def test_rows_that_are_elsewhere_are_noticed(scratch: Scratch) -> None:
    """Though what was written is where it was written."""
    values = np.ones((8, 3), np.uint8)
    new = write(scratch, values, is_chunked=False)
    with h5py.File(scratch, "r+") as file:
        file["a/other"] = values * 2
        file.move("a/b", "a/hidden")
        file.move("a/other", "a/b")
        file["a/b"].attrs.create("class_names", ["x", "ÿ"], dtype=h5py.string_dtype())
    with pytest.raises(CannotWrite, match="read back"):
        list(new.read_back())


def test_rows_are_moved_where_their_new_place_is(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("h5viewer.formats.hdf5_growing._PIECE", 1000)
    values = np.random.default_rng(0).integers(0, 256, (50, 300), dtype=np.uint8)
    new = GrowingHdf5(scratch, "new.h5")
    array = new.array("a", (300,), "uint8", n_most=50, chunk=50, is_chunked=False)
    new.add(array, packed(values, ""))
    at = array.offset or 0
    for place in (at + 700, at + 20_000, at + 19_100, at):
        old, array.offset = array.offset or 0, place
        new._move(old, place, values.nbytes)
        scratch.seek(place)
        assert scratch.read(values.nbytes) == values.tobytes()
    new.end(array, 50, None)
    new.close()
    assert sum(new.read_back()) == values.nbytes


@pytest.mark.parametrize("packing", ["", "gzip", "lzf"])
def test_a_disk_that_keeps_other_bytes_is_noticed(packing: Packing, scratch: Scratch) -> None:
    """A bit of every region of the file, of values and of what HDF5 writes between them."""
    values = np.random.default_rng(0).integers(0, 256, (300, 100), dtype=np.uint8)
    new = write(scratch, values, packing, n_more=0)
    with h5py.File(scratch, "r") as file:
        infos = [file["a/b"].id.get_chunk_info(at) for at in (0, 40, 74)]
    places = [info.byte_offset + info.size // 2 for info in infos]
    for at in places:
        scratch.seek(at)
        (byte,) = scratch.read(1)
        scratch.seek(at)
        scratch.write(bytes([byte ^ 16]))
        with pytest.raises(CannotWrite, match=r"new\.h5 was not saved: read back"):
            list(new.read_back())
        scratch.seek(at)
        scratch.write(bytes([byte]))
    assert list(new.read_back())


def test_a_missing_chunk_a_label_and_a_name_are_noticed(scratch: Scratch) -> None:
    values = np.zeros((8, 3), np.uint8)
    for path, at in (("a/b", 5), ("a/labels", 7), ("names", 4000)):
        new = write(scratch, values)
        with h5py.File(scratch, "r+") as file:
            file[path][at] = b"other" if path == "names" else 1
        with pytest.raises(CannotWrite, match="read back"):
            list(new.read_back())
    new = write(scratch, values)
    with h5py.File(scratch, "r+") as file:
        file.attrs["recipe"] = "{ }"
    with pytest.raises(CannotWrite, match="read back"):
        list(new.read_back())


def test_lists_too_long_for_an_attribute_are_left_out(scratch: Scratch) -> None:
    new = GrowingHdf5(scratch, "new.h5")
    assert not new.attribute("/", "class_names", ["a"] * 5000)
    assert new.attribute("/", "few", ["a" * 100] * 3000)
    new.close()
    assert list(new.read_back()) == []
