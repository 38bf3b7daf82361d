"""The Python line that is copied gets the very node, whatever its name."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from test_tree_rows import document

from h5viewer.gui.tree.node_menu import as_python
from h5viewer.nodes import Dataset, DType, Group

INT = DType(kind="int", text="int64", itemsize=8)

NAMES = [b"kernel:0", b"it's", b'"quoted"', b"a\\b", b"new\nline", "ä€".encode(), b"\xff\xfe"]


@pytest.mark.parametrize("name", NAMES, ids=[repr(name) for name in NAMES])
def test_copied_line_reads_the_values(tmp_path: Path, name: bytes) -> None:
    """The line, run as it is, returns what the dataset holds."""
    path = str(tmp_path / 'it\'s a "file".h5')
    with h5py.File(path, "w") as file:
        file.create_group("group")[name] = np.arange(3)
    node = Dataset(path=(b"group", name), dtype=INT, shape=(3,))
    line = as_python(document(path), node.path, node)
    assert "\n" not in line
    assert eval(line, {"h5py": h5py}).tolist() == [0, 1, 2]


def test_copied_line_of_a_group_is_the_group() -> None:
    """Groups are got, not read; the document is the file."""
    shown = document("/folder/a.h5")
    assert as_python(shown, (b"g",), Group(path=(b"g",))) == "h5py.File('/folder/a.h5')['/g']"
    assert as_python(shown, (), shown.root) == "h5py.File('/folder/a.h5')"
