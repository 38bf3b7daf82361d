"""Values are read by confined workers too, where nothing can be opened or imported any more."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from h5viewer.nodes import Cells, Line, Plane, Statistics
from h5viewer.requests import Cut, ReadCells, ReadLine, ReadPlane, ReadStatistics
from h5viewer.workers.pool import Pool, ask

CUT = Cut(rows=0, columns=1, index=(0, 0))


@pytest.mark.parametrize(
    "options", [{}, {"chunks": (100, 100), "compression": 4, "shuffle": True, "fletcher32": True}]
)
def test_a_confined_worker_answers_everything(
    tmp_path: Path, pool: Pool, options: dict[str, object]
) -> None:
    values = np.random.default_rng(0).normal(size=(400, 300)).astype("f4")
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, **options)
    about = {"document": str(path), "node": (b"x",)}
    plane = ask(pool, ReadPlane(**about, cut=CUT))
    assert isinstance(plane, Plane)
    assert np.array_equal(plane.values.values, values)
    line = ask(pool, ReadLine(**about, cut=Cut(columns=1, index=(7, 0))))
    assert isinstance(line, Line)
    assert np.array_equal(line.low.values, values[7])
    statistics = ask(pool, ReadStatistics(**about))
    assert isinstance(statistics, Statistics)
    assert statistics.maximum == values.max()
    assert sum(statistics.bin_counts) == values.size
    cells = ask(pool, ReadCells(**about, cut=CUT, row_start=399, row_count=1))
    assert isinstance(cells, Cells)
    assert cells.text == (tuple(str(value) for value in values[399, :30]),)


def test_strings_and_references_too(tmp_path: Path, pool: Pool) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["strings"] = ["one", "two"]
        file.create_dataset("links", (1,), h5py.ref_dtype)[0] = file["strings"].ref
    for name, shown in (("strings", (("one",), ("two",))), ("links", (("→ /strings",),))):
        request = ReadCells(
            document=str(tmp_path / "a.h5"),
            node=(name.encode(),),
            cut=Cut(columns=0, index=(0,)),
        )
        cells = ask(pool, request)
        assert isinstance(cells, Cells)
        assert cells.text == shown
