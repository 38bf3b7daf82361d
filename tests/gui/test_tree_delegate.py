"""In a narrow sidebar a name has the room that its shape leaves."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from test_document_item_model import FLOAT, TOOLTIP, filled

from h5viewer.gui.tree.document_item_model import NAME, SHAPE
from h5viewer.gui.tree.document_tree import DocumentTree
from h5viewer.gui.tree.tree_delegate import rooms
from h5viewer.nodes import Dataset

LONG = b"batch_normalization_12_gamma_of_the_second_branch"
SHAPES = {b"kernel:0": (3, 3, 256, 512), LONG: (64,), b"many": tuple(range(2, 34)), b"b": (8,)}


@pytest.fixture
def tree(qtbot: QtBot) -> DocumentTree:
    model = filled(*SHAPES)
    nodes = [Dataset(path=(n,), dtype=FLOAT, shape=shape) for n, shape in SHAPES.items()]
    model.add_facts("/a.h5", tuple(nodes))
    tree = DocumentTree(model)
    qtbot.addWidget(tree)
    tree.resize(300, 400)
    with qtbot.waitExposed(tree):
        tree.show()
    return tree


def widths(tree: DocumentTree, row: int) -> tuple[int, int]:
    """Pixels of name and shape in a row."""
    index = tree.model().index(row, NAME)
    place = tree._model.place(index)
    assert place is not None
    name, shape = rooms(tree, index, place)
    assert shape.isEmpty() or not shape.intersects(name)
    return name.width(), shape.width()


def test_a_short_shape_lends_its_cell_to_the_name(tree: DocumentTree) -> None:
    assert not tree.isColumnHidden(SHAPE)
    metrics = tree.fontMetrics()
    for row, shape in ((1, "(3, 3, 256, 512)"), (2, "(64,)")):
        for_name, for_shape = widths(tree, row)
        elided = metrics.elidedText(shape, Qt.TextElideMode.ElideRight, for_shape)
        assert elided == shape
        assert for_name + for_shape >= tree.viewport().width() - 20
    assert widths(tree, 2)[0] > widths(tree, 1)[0] + 40


def test_an_endless_shape_leaves_the_name_its_column(tree: DocumentTree) -> None:
    for_name, for_shape = widths(tree, 3)
    assert for_shape < tree.columnWidth(SHAPE)
    assert for_name >= tree.columnWidth(NAME)


def test_a_short_name_leaves_room_for_a_long_shape(tree: DocumentTree) -> None:
    """Nothing is dropped where both fit; a long name is worth more than a shape beside it."""
    tree.resize(130, 400)
    tree.setColumnHidden(SHAPE, False)
    assert widths(tree, 2)[1] == 0
    assert widths(tree, 4)[1] > 0


def test_a_name_without_room_has_that_of_the_shape(tree: DocumentTree) -> None:
    """Deep in a file the indentation takes all; the tooltip tells both in full."""
    tree.resize(170, 400)
    assert tree.isColumnHidden(SHAPE)
    tooltip = str(tree.model().index(2, NAME).data(TOOLTIP))
    assert LONG.decode() in tooltip
    assert "(64,)" in tooltip
