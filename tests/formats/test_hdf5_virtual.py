"""Virtual datasets: put together from this file, never from another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5viewer.errors import CannotRead
from h5viewer.formats import hdf5_virtual
from h5viewer.formats.boxes import whole
from h5viewer.formats.container import StoredArray
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container


@contextmanager
def stored(path: Path, name: str) -> Iterator[StoredArray]:
    with Source(str(path)) as source, closing(open_container(source)) as container:
        yield container.array((name.encode(),))


def _stack(made: h5py.File) -> None:
    layout = h5py.VirtualLayout((2, 5, 7, 9), "f8")
    layout[0] = h5py.VirtualSource(made["pictures"])
    layout[1, ::2] = h5py.VirtualSource(made["pictures"])[::2]
    made.create_virtual_dataset("v", layout, fillvalue=-1)


def _rows(made: h5py.File) -> None:
    layout = h5py.VirtualLayout((3, 10), "f8")
    layout[0] = h5py.VirtualSource(made["x"])[:10]
    layout[2, ::2] = h5py.VirtualSource(made["x"])[5:15:2]
    made.create_virtual_dataset("v", layout, fillvalue=7)


def _other_shape(made: h5py.File) -> None:
    layout = h5py.VirtualLayout((4, 5), "f4")
    layout[:] = h5py.VirtualSource(made["x"])
    made.create_virtual_dataset("v", layout)


def _nested(made: h5py.File) -> None:
    _rows(made)
    made.move("v", "inner")
    layout = h5py.VirtualLayout((2, 3, 5), "f8")
    layout[:, 1] = h5py.VirtualSource(made["inner"])[::2, 5:]
    made.create_virtual_dataset("v", layout)


def _absent(made: h5py.File) -> None:
    layout = h5py.VirtualLayout((30,), "i4")
    layout[:20] = h5py.VirtualSource(made["x"])
    layout[20:] = h5py.VirtualSource(".", "gone/away", (10,))
    made.create_virtual_dataset("v", layout, fillvalue=-5)


def _texts(made: h5py.File) -> None:
    layout = h5py.VirtualLayout((4,), h5py.string_dtype())
    layout[1:3] = h5py.VirtualSource(made["texts"])
    made.create_virtual_dataset("v", layout)


@pytest.mark.parametrize("make", [_stack, _rows, _other_shape, _nested, _absent, _texts])
def test_parts_of_the_same_file_are_read_as_hdf5_reads_them(
    tmp_path: Path, make: Callable[[h5py.File], None]
) -> None:
    rng = np.random.default_rng(1)
    with h5py.File(tmp_path / "a.h5", "w", libver="latest") as made:
        made["x"] = np.arange(20.0)
        pictures = rng.random((5, 7, 9)).astype("f4")
        made.create_dataset("pictures", data=pictures, chunks=(1, 4, 4), compression="gzip")
        made["texts"] = ["a", "bcd"]
        make(made)
    with h5py.File(tmp_path / "a.h5") as file, stored(tmp_path / "a.h5", "v") as array:
        expected = file["v"][...]
        assert array.facts.obstacle is None
        assert array.facts.shape == expected.shape
        assert np.array_equal(array.read(whole(expected.shape)), expected)
        seen = np.zeros(expected.shape, expected.dtype)
        for box, values in array.read_many(array.boxes(whole(expected.shape), 64)):
            seen[box] = values
        assert np.array_equal(seen, expected)
        assert len(list(array.sample(whole(expected.shape), 5))) > 0
        for _ in range(10):
            ends = [np.sort(rng.choice(n + 1, 2, replace=False)) for n in expected.shape]
            box = tuple(slice(int(low), int(high)) for low, high in ends)
            assert np.array_equal(array.read(box), expected[box])


def _to_itself(made: h5py.File) -> None:
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource(".", "v", (4,))
    made.create_virtual_dataset("v", layout)


def _through_another(made: h5py.File) -> None:
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource("other.h5", "secret", (4,))
    made.create_virtual_dataset("inner", layout)
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource(".", "inner", (4,))
    made.create_virtual_dataset("v", layout)


def _through_a_link(made: h5py.File) -> None:
    made["out"] = h5py.ExternalLink("other.h5", "/secret")
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource(".", "out", (4,))
    made.create_virtual_dataset("v", layout)


def _beyond(made: h5py.File) -> None:
    made["x"] = np.arange(3.0)
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource(".", "x", (8,))[2:6]
    made.create_virtual_dataset("v", layout)


def _partly_elsewhere(made: h5py.File) -> None:
    made["x"] = np.arange(3.0)
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:3] = h5py.VirtualSource(".", "x", (3,))
    layout[3:] = h5py.VirtualSource("other.h5", "secret", (4,))[:1]
    made.create_virtual_dataset("v", layout)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_to_itself, "put together from itself"),
        (_through_another, "not opened"),
        (_through_a_link, "out is no|no object out"),
        (_beyond, "takes elements of /x that are not there"),
        (_partly_elsewhere, r"data of other files \(other.h5 : secret\), which are not opened"),
    ],
)
def test_mappings_that_lead_astray_are_refused(
    tmp_path: Path, make: Callable[[h5py.File], None], words: str
) -> None:
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["secret"] = np.arange(4.0)
    with h5py.File(tmp_path / "a.h5", "w", libver="latest") as made:
        make(made)
    with stored(tmp_path / "a.h5", "v") as array, pytest.raises(CannotRead, match=words):
        array.read((slice(0, 4),), insist=True)


def test_a_nest_that_multiplies_ends_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hdf5_virtual, "_MOST_READ", 300)
    with h5py.File(tmp_path / "a.h5", "w", libver="latest") as made:
        made["v0"] = np.arange(2.0)
        for level in range(1, 8):
            layout = h5py.VirtualLayout((2,), "f8")
            for number in range(60):
                layout[number % 2] = h5py.VirtualSource(".", f"v{level - 1}", (2,))[number % 2]
            made.create_virtual_dataset(f"v{level}", layout)
    with stored(tmp_path / "a.h5", "v7") as array, pytest.raises(CannotRead, match="too many"):
        array.read((slice(0, 2),))
