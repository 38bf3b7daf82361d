"""The Python line that is copied gets the very node, whatever its name."""

from __future__ import annotations

from pathlib import Path

import h5py
import msgspec
import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from test_tree_rows import document

from h5viewer.gui.altering.wishes import WISHES, Wish
from h5viewer.gui.tree.node_menu import PlaceMenu, as_python
from h5viewer.gui.tree.tree_rows import Place, TreeRows
from h5viewer.nodes import Dataset, Document, DType, Group, Node

WORDS = [text for _, text, *_ in WISHES]

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


def test_a_group_of_a_network_offers_what_can_be_done_with_its_layer(qtbot: QtBot) -> None:
    """And nothing of the kind in files without a network, on datasets, and on the file."""
    network = msgspec.structs.replace(document("/a.h5"), has_architecture=True)
    path = (b"model_weights", b"dense")
    owner = QWidget()
    qtbot.addWidget(owner)

    def menu(shown: Document, node: Node) -> PlaceMenu:
        rows = TreeRows()
        rows.add_document(shown, 0)
        return PlaceMenu(Place(rows.root, 0, shown, node.path, node), owner)

    offered = menu(network, Group(path=path))
    wishes = [each for each in offered.actions() if each.text() in WORDS]
    assert [each.text() for each in wishes] == WORDS
    with qtbot.waitSignal(offered.wish_made) as wished:
        wishes[0].trigger()
    assert wished.args == [Wish("cut", "/a.h5", group=path)]
    for other in (
        menu(document("/b.h5"), Group(path=path)),
        menu(network, Dataset(path=path, dtype=INT, shape=(3,))),
        menu(network, Group(path=())),
    ):
        assert not [each for each in other.actions() if each.text() in WORDS]
