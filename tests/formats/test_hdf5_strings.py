"""Strings come many at a time, each in its place, and one by one where that is too much."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5viewer.errors import CannotRead
from h5viewer.formats import hdf5_objects
from h5viewer.formats.container import Container
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container

GRID = np.array([[f"é{i}-{j}" for j in range(7)] for i in range(90)], object)


@pytest.fixture
def container(tmp_path: Path) -> Iterator[Container]:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("line", data=GRID.reshape(-1), dtype=h5py.string_dtype())
        file.create_dataset("grid", data=GRID, dtype=h5py.string_dtype(), chunks=(16, 3))
        file["one"] = "alone"
        file.create_dataset("none", (0, 3), h5py.string_dtype())
    with Source(str(path)) as source:
        opened = open_container(source)
        yield opened
        opened.close()


def texts(values: np.ndarray) -> np.ndarray:
    return np.array([each.decode() for each in values.reshape(-1)], object).reshape(values.shape)


@pytest.mark.parametrize("many", [1, 4, 256])
def test_each_stands_in_its_place(
    container: Container, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    monkeypatch.setattr(hdf5_objects, "_MANY", many)
    monkeypatch.setattr(hdf5_objects, "_FEW", many)
    line = container.array((b"line",)).read((slice(3, 620),))
    assert np.array_equal(texts(line), GRID.reshape(-1)[3:620])
    grid = container.array((b"grid",)).read((slice(5, 81), slice(1, 6)))
    assert np.array_equal(texts(grid), GRID[5:81, 1:6])
    assert container.array((b"one",)).read(())[()] == b"alone"
    assert container.array((b"none",)).read((slice(0, 0), slice(0, 3))).shape == (0, 3)


@pytest.mark.parametrize("error", [MemoryError, OSError])
def test_what_is_too_much_together_comes_one_by_one(
    container: Container, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    plain, asked = hdf5_objects._read, []

    def only_one(dsid, box, place, *more):  # type: ignore[no-untyped-def]
        asked.append(place)
        if place[-1].stop - place[-1].start > 1:
            raise error("too much")
        return plain(dsid, box, place, *more)

    monkeypatch.setattr(hdf5_objects, "_read", only_one)
    line = container.array((b"line",)).read((slice(0, 300),))
    assert np.array_equal(texts(line), GRID.reshape(-1)[:300])
    assert len(asked) > 300


def test_a_single_one_that_cannot_be_read_is_an_error(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("damaged")

    monkeypatch.setattr(hdf5_objects, "_read", refuse)
    with pytest.raises(CannotRead):
        container.array((b"line",)).read((slice(0, 300),))
