"""Small pictures, whole ones and means are the stored numbers, however the file keeps them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import msgspec
import numpy as np
import pytest
from answering import everything
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pictured import pictures_of
from pictured import write_pictures as write

from h5viewer.documents.picture_layouts import drawn
from h5viewer.errors import CannotRead
from h5viewer.nodes import (
    PictureLayout,
    PictureSet,
    Thumbnails,
)
from h5viewer.operations import picture_reading, picture_thumbnails
from h5viewer.operations.picture_thumbnails import reduced
from h5viewer.requests import Progress, ReadThumbnails

AXES = ["nhwc", "nchw", "hwcn", "cwhn", "ncwh"]


def thumbnails(
    path: Path, pictures: PictureSet, indices: Any, side: int = 96
) -> tuple[dict[int, np.ndarray], list[int], int]:
    """Pixels by position, positions that cannot be read, and how many parts came."""
    request = ReadThumbnails(
        document=str(path), pictures=pictures, indices=tuple(indices), side=side
    )
    told, result = everything(path, request)
    parts = [part for part in told if isinstance(part, Thumbnails)] + [result]
    assert all(isinstance(part, Thumbnails | Progress) for part in told)
    found: dict[int, np.ndarray] = {}
    lost: list[int] = []
    for part in parts:
        pixels = part.pixels.values
        assert len(pixels) == len(part.indices)
        assert pixels.dtype == np.uint8
        assert not set(part.indices) & set(found)
        found |= dict(zip(part.indices, pixels, strict=True))
        lost += part.unreadable
    return found, lost, len(parts)


# ------------------------------------------------------------------- small pictures


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_pictures_of_any_storage_are_the_stored_ones(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pictures = pictures_of(23, 9, 12)
    axes = data.draw(st.sampled_from(AXES))
    sizes = dict(zip("nhwc", pictures.shape, strict=True))
    chunks = data.draw(st.none() | st.tuples(*[st.integers(1, sizes[axis]) for axis in axes]))
    packed = data.draw(st.booleans()) and chunks is not None
    path = tmp_path_factory.mktemp("any") / "a.h5"
    found_in = write(path, pictures, axes, chunks=chunks, compression="gzip" if packed else None)
    indices = data.draw(st.lists(st.integers(0, 22), max_size=12))
    found, lost, _ = thumbnails(path, found_in, indices)
    assert set(found) == set(indices)
    assert not lost
    for index, pixels in found.items():
        assert np.array_equal(pixels, pictures[index])


def test_pictures_far_apart_are_not_overwritten_by_each_other(tmp_path: Path) -> None:
    """Each is read on its own, by threads that read the next one into the same bytes."""
    pictures = pictures_of(400, 32, 32)
    found_in = write(tmp_path / "a.h5", pictures, "nhwc")
    indices = (5, 70, 150, 260, 399)
    found, lost, _ = thumbnails(tmp_path / "a.h5", found_in, indices)
    assert not lost
    for index in indices:
        assert np.array_equal(found[index], pictures[index])


@pytest.fixture(params=["block", "part of a chunk", "thinned out"])
def scarce(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Limits so low that small files meet them."""
    monkeypatch.setattr(picture_reading, "_CHEAP", 10)
    if request.param == "part of a chunk":
        monkeypatch.setattr(picture_reading, "_KEPT", 3000)
    if request.param == "thinned out":
        monkeypatch.setattr(picture_reading, "_KEPT", 0)
        monkeypatch.setattr(picture_reading, "_MOST_DECODED", 100)
        monkeypatch.setattr(picture_reading, "_LARGEST", 2000)
    return str(request.param)


@pytest.mark.parametrize("axes", AXES)
@pytest.mark.parametrize("packed", ["gzip", None])
def test_chunks_that_hold_parts_of_many_pictures(
    tmp_path: Path, scarce: str, axes: str, packed: str | None
) -> None:
    pictures = pictures_of(40, 30, 26)
    sizes = dict(zip("nhwc", (17, 8, 9, 2), strict=True))
    chunks = tuple(sizes[axis] for axis in axes)
    found_in = write(tmp_path / "a.h5", pictures, axes, chunks=chunks, compression=packed)
    wanted = [0, 1, 16, 17, 33, 39]
    found, lost, _ = thumbnails(tmp_path / "a.h5", found_in, wanted)
    assert not lost
    assert sorted(found) == wanted
    for index, pixels in found.items():
        assert np.array_equal(pixels, pictures[index])


def test_pictures_beside_each_other_are_decoded_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next question about the same chunk is answered from memory."""
    monkeypatch.setattr(picture_reading, "_CHEAP", 10)
    pictures = pictures_of(40, 30, 26)
    found_in = write(tmp_path / "a.h5", pictures, chunks=(20, 8, 9, 3), compression="gzip")
    from h5viewer.formats.source import Source
    from h5viewer.formats.table import open_container
    from h5viewer.operations.picture_thumbnails import read_thumbnails

    def steps(source: Source, indices: tuple[int, ...]) -> int:
        container = open_container(source)
        request = ReadThumbnails(document="", pictures=found_in, indices=indices)
        told = list(read_thumbnails(request, container))
        container.close()
        return len(told)

    with Source(str(tmp_path / "a.h5")) as source:
        first = steps(source, (3, 4))
        again = steps(source, (7, 19))
        other = steps(source, (20,))
        assert steps(source, (5,)) == other  # one block is kept, the last one
    assert first == other > again


def test_large_pictures_are_thinned_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture that is too large to be held comes as evenly spread pixels, reduced."""
    monkeypatch.setattr(picture_reading, "_MOST_DECODED", 1000)
    monkeypatch.setattr(picture_reading, "_LARGEST", 5000)
    ramp = np.zeros((3, 400, 300, 3), "u1")
    ramp[..., 0] = np.arange(400)[:, None] * 255 // 399
    ramp[..., 1] = np.arange(300) * 255 // 299
    found_in = write(tmp_path / "a.h5", ramp, chunks=(1, 50, 60, 3), compression="gzip")
    found, _, _ = thumbnails(tmp_path / "a.h5", found_in, [1], side=20)
    assert found[1].shape == (20, 15, 3)
    exact = drawn(reduced(ramp[1:2], 20), found_in.layout)[0]
    assert np.abs(found[1].astype(int) - exact).max() <= 3


def test_many_come_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_thumbnails, "PART", 20_000)
    pictures = pictures_of(200, 20, 20)
    found_in = write(tmp_path / "a.h5", pictures, chunks=(8, 20, 20, 3), compression="gzip")
    found, _, n_parts = thumbnails(tmp_path / "a.h5", found_in, range(200))
    assert n_parts > 10
    assert all(np.array_equal(found[n], pictures[n]) for n in range(200))


def test_the_same_parts_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that crashed goes on where it left off."""
    monkeypatch.setattr(picture_thumbnails, "PART", 20_000)
    pictures = pictures_of(200, 20, 20)
    found_in = write(tmp_path / "a.h5", pictures, chunks=(8, 20, 20, 3), compression="gzip")
    request = ReadThumbnails(document="", pictures=found_in, indices=tuple(range(200)))

    def parts() -> list[tuple[int, ...]]:
        told, result = everything(tmp_path / "a.h5", request)
        return [each.indices for each in [*told, result] if isinstance(each, Thumbnails)]

    assert parts() == parts()


@pytest.mark.parametrize("axes", ["nhw", "hwn"])
def test_flat_grey_pictures(tmp_path: Path, axes: str) -> None:
    pictures = pictures_of(30, 16, 12)[..., 0]
    stored = pictures.reshape(30, -1) if axes == "nhw" else pictures.reshape(30, -1).T
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = stored / 255
    layout = PictureLayout(axes=axes, height=16, width=12, channels=1, is_flat=True, high=1)
    found_in = PictureSet(
        node=(b"x",), shape=stored.shape, dtype="float64", layout=layout, n_pictures=30
    )
    found, _, _ = thumbnails(tmp_path / "a.h5", found_in, [0, 7, 29])
    assert {index: pixels.shape for index, pixels in found.items()} == dict.fromkeys(
        [0, 7, 29], (16, 12)
    )
    assert all(np.array_equal(pixels, pictures[index]) for index, pixels in found.items())


@pytest.mark.parametrize(
    ("rows", "columns", "side"), [(40, 30, 10), (41, 29, 10), (50, 3, 9), (700, 3, 2)]
)
@pytest.mark.parametrize("dtype", ["u1", "u2", "f4", "f8", "i8", "?"])
def test_a_small_pixel_is_the_mean_of_those_it_stands_for(
    rows: int, columns: int, side: int, dtype: str
) -> None:
    bright = np.random.default_rng(0).random((4, rows, columns, 3)) * 55 + 200
    whole = (bright > 230 if dtype == "?" else bright).astype(dtype)
    small = reduced(whole, side)
    n_rows, n_columns = (max(1, length * side // max(rows, columns)) for length in (rows, columns))
    assert small.shape == (4, n_rows, n_columns, 3)
    down = np.arange(n_rows + 1) * rows // n_rows
    across = np.arange(n_columns + 1) * columns // n_columns
    for i, j in itertools.product(range(n_rows), range(n_columns)):
        part = whole[:, down[i] : down[i + 1], across[j] : across[j + 1]]
        assert np.allclose(small[:, i, j], part.mean(axis=(1, 2)), rtol=1e-5)


def test_damage_costs_only_the_pictures_in_it(tmp_path: Path) -> None:
    pictures = pictures_of(60, 20, 20)
    found_in = write(tmp_path / "a.h5", pictures, chunks=(10, 20, 20, 3), compression="gzip")
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["x"].id.write_direct_chunk((20, 0, 0, 0), b"no deflated bytes")
    found, lost, _ = thumbnails(tmp_path / "a.h5", found_in, range(60))
    assert sorted(lost) == list(range(20, 30))
    assert sorted(found) == [*range(20), *range(30, 60)]
    with pytest.raises(CannotRead):
        thumbnails(tmp_path / "a.h5", found_in, [25])


def other_sets(pictures: PictureSet) -> Iterator[PictureSet]:
    """Sets that this file does not have."""
    for changes in ({"height": 21}, {"axes": "nchw"}, {"axes": "nhw", "channels": 1}):
        layout = msgspec.structs.replace(pictures.layout, **changes)
        yield msgspec.structs.replace(pictures, layout=layout)
    yield msgspec.structs.replace(pictures, node=(b"absent",))
    yield msgspec.structs.replace(pictures, node=(b"texts",))
    yield msgspec.structs.replace(pictures, node=())


def test_sets_that_the_file_does_not_have_are_refused(tmp_path: Path) -> None:
    found_in = write(tmp_path / "a.h5", pictures_of(6, 20, 20))
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["texts"] = ["a", "b"]
    for other in other_sets(found_in):
        with pytest.raises(CannotRead):
            thumbnails(tmp_path / "a.h5", other, [0])
    for wrong in ([6], [-1], [2**70]):
        with pytest.raises(CannotRead):
            thumbnails(tmp_path / "a.h5", found_in, wrong)
    with pytest.raises(CannotRead):
        thumbnails(tmp_path / "a.h5", found_in, [0], side=0)
