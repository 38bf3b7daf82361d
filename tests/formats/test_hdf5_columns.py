"""A column of a table is read as a dataset of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from h5viewer.errors import CannotRead
from h5viewer.formats.hdf5 import Hdf5Container
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.names import parse_path

N = 40
KINDS = h5py.enum_dtype({"cat": 0, "dog": 1}, basetype="i1")
ROWS = np.zeros(
    N, [("index", ">i8"), ("næme", h5py.string_dtype()), ("file", "S6"), ("kind", KINDS)]
)
ROWS["index"] = np.arange(N)
ROWS["næme"] = [f"n{each}" for each in range(N)]
ROWS["file"] = [f"{each}.png".encode() for each in range(N)]
ROWS["kind"] = np.arange(N) % 2


@pytest.mark.parametrize("stored", [{}, {"chunks": (7,), "compression": "gzip"}])
def test_a_column_has_the_values_of_its_field(tmp_path: Path, stored: dict[str, Any]) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("meta/table", data=ROWS, **stored)
        file["numbers"] = np.arange(3)
    with Source(str(tmp_path / "a.h5")) as source:
        container = open_container(source)
        assert isinstance(container, Hdf5Container)
        columns = container.columns((b"meta", b"table"))
        assert [(each.path[-1].decode(), each.dtype.kind, each.shape) for each in columns] == [
            ("index", "int", (N,)), ("næme", "string", (N,)), ("file", "string", (N,)),
            ("kind", "enum", (N,)),
        ]  # fmt: skip
        for each in columns:
            values = container.array(each.path).read((slice(5, 20),))
            expected = ROWS[each.path[-1].decode()][5:20]
            plain = [value.decode() if isinstance(value, bytes) else value for value in values]
            assert plain == [
                value.decode() if isinstance(value, bytes) else value for value in expected
            ]
        assert container.columns((b"numbers",)) == container.columns(()) == []
        for absent in ("meta/table/other", "numbers/index", "meta/other/index"):
            with pytest.raises(CannotRead):
                container.array(parse_path(absent))
        container.close()
