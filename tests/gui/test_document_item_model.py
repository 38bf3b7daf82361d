"""The item model of the tree keeps Qt's rules and hides nothing of a name."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot
from test_tree_rows import document

from h5viewer.gui import node_text
from h5viewer.gui.node_text import icon_name
from h5viewer.gui.tree.document_item_model import BESIDE, NAME, SHAPE, SIZE, TYPE, DocumentItemModel
from h5viewer.nodes import Dataset, DType, Group, Link, Obstacle, Unreadable

TOOLTIP = Qt.ItemDataRole.ToolTipRole
FLOAT = DType(kind="float", text="float32", itemsize=4)


def filled(*names: bytes) -> DocumentItemModel:
    model = DocumentItemModel()
    model.add_document(document("/a.h5"))
    model.add_names("/a.h5", (), names)
    model.end_listing("/a.h5", ())
    return model


def text(model: DocumentItemModel, row: int, column: int) -> str:
    return str(model.data(model.index(row, column)))


def test_model_keeps_the_rules_of_qt(qtbot: QtBot, qtmodeltester: ModelTester) -> None:
    """Documents, groups and messages come, unfold, fold and go under Qt's own checker."""
    model = DocumentItemModel()
    qtmodeltester.check(model, force_py=True)  # and goes on looking at each change
    model.add_document(document("/a.h5"))
    model.show_waiting("/a.h5", ())
    model.add_names("/a.h5", (), (b"g", b"h"))
    model.end_listing("/a.h5", ())
    model.add_document(document("/b.h5"))
    model.end_listing("/b.h5", ())
    model.unfold(model.index(1, 0))
    model.add_names("/a.h5", (b"g",), tuple(b"%d" % n for n in range(3000)))
    model.fold(model.index(1, 0))
    model.unfold(model.index(1, 0))
    assert model.rowCount() == 3 + 3000 + 2
    model.add_document(document("/between.h5"), 1)
    model.end_listing("/between.h5", ())
    model.remove_document("/a.h5")
    shown = [text(model, row, NAME) for row in range(model.rowCount())]
    assert shown == ["between.h5", "Empty", "b.h5", "Empty"]


def test_names_of_a_hostile_file_are_shown_letter_by_letter() -> None:
    """Markup stays text, controls are seen, and tooltips hold no element of the file's."""
    model = filled(b"<b>bold</b>", b"a\nb", b"\xff\xfe", "\u202eabc".encode())
    shown = [text(model, row, NAME) for row in range(1, 5)]
    assert shown == ["<b>bold</b>", r"a\nb", "\\xff\\xfe", "\\u202eabc"]
    tooltip = model.data(model.index(1, NAME), Qt.ItemDataRole.ToolTipRole)
    assert "<b>" not in tooltip
    assert "&lt;b&gt;bold" in tooltip


def test_columns_say_shape_type_and_size() -> None:
    """A dataset's row tells what it holds; a group's how many."""
    model = filled(b"kernel", b"group")
    kernel = Dataset(path=(b"kernel",), dtype=FLOAT, shape=(3, 3), stored_bytes=36)
    model.add_facts("/a.h5", (kernel, Group(path=(b"group",), n_children=2)))
    assert [text(model, 1, column) for column in (SHAPE, TYPE, SIZE)] == [
        "(3, 3)",
        "float32",
        "36 bytes",
    ]
    assert text(model, 2, SHAPE) == "2 items"


def test_links_and_damage_are_told_beside_the_name() -> None:
    """Where a link points, that its target is missing, why an object cannot be read."""
    model = filled(b"soft", b"broken", b"outside", b"twin", b"damaged")
    model.add_facts(
        "/a.h5",
        (
            Link(path=(b"soft",), kind="soft", target="/x"),
            Link(path=(b"broken",), kind="soft", target="/y", broken=True),
            Link(path=(b"outside",), kind="external", target="/z", file="other.h5"),
            Group(path=(b"twin",), n_children=1, same_as=(b"soft",)),
            Unreadable(path=(b"damaged",), reason="Its header is damaged."),
        ),
    )
    beside = [model.data(model.index(row, NAME), BESIDE) for row in range(1, 6)]
    assert beside == [
        "→ /x",
        "→ /y (leads nowhere)",
        "→ other.h5 /z",
        "same as /soft",
        "Its header is damaged.",
    ]


def test_a_dataset_that_cannot_be_read_is_marked_in_the_tree() -> None:
    """Its filter is not built in: another icon, the reason in tooltip and for screen readers."""
    model = filled(b"lz4", b"large", b"plain")
    reason = "The data is compressed with LZ4 (filter 32004), which is not built in."
    final = Obstacle(reason=reason, can_insist=False)
    costly = Obstacle(reason="One chunk holds 100 MB when decompressed.", can_insist=True)
    nodes = [
        Dataset(path=(name,), dtype=FLOAT, shape=(64,), obstacle=obstacle)
        for name, obstacle in ((b"lz4", final), (b"large", costly), (b"plain", None))
    ]
    model.add_facts("/a.h5", tuple(nodes))
    icons = [icon_name(node, document("/a.h5")) for node in nodes]
    assert icons == ["eye-off", "dataset", "dataset"]
    tooltips = [str(model.data(model.index(row, NAME), TOOLTIP)) for row in (1, 2, 3)]
    assert reason in tooltips[0]
    assert "100 MB" in tooltips[1]
    assert "compressed" not in tooltips[2]
    spoken = model.data(model.index(1, NAME), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken.endswith(reason)


def test_only_what_is_seen_and_unknown_is_asked_for() -> None:
    """Facts are wanted for the rows given, without those known and without messages."""
    model = filled(*(b"%03d" % n for n in range(500)))
    model.add_facts("/a.h5", (Group(path=(b"101",), n_children=0),))
    wanted = model.undescribed(101, 104)
    assert wanted == {"/a.h5": [(b"100",), (b"102",), (b"103",)]}


def test_documents_of_one_name_are_told_apart_by_their_folders() -> None:
    """By those in which they differ, as long as both are open."""
    model = DocumentItemModel()
    paths = ["/runs/first/saved/m.index", "/runs/second/saved/m.index", "/runs/other.h5"]
    for path in paths:
        model.add_document(document(path))
    rows = [model.find(path, ()) for path in paths]
    assert [model.data(row, BESIDE) for row in rows] == ["first", "second", ""]
    model.remove_document(paths[0])
    assert model.data(model.find(paths[1], ()), BESIDE) == ""


def test_many_documents_of_one_name_are_told_apart_once_for_all_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    apart = node_text.folders_apart
    monkeypatch.setattr(node_text, "folders_apart", lambda names: asked.append(1) or apart(names))
    model = DocumentItemModel()
    for number in range(100):
        model.add_document(document(f"/runs/{number}/saved/m.h5"))
    rows = [model.find(f"/runs/{number}/saved/m.h5", ()) for number in range(100)]
    assert [model.data(row, BESIDE) for row in rows] == [str(number) for number in range(100)]
    assert len(asked) == 1
