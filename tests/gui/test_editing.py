"""Changes that wait: tried before they are listed, taken back one by one, written into a copy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from answering_pool import WAIT, AnsweringPool
from on_screen import on_screen, opened
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLineEdit, QMessageBox, QPlainTextEdit, QPushButton
from pytestqt.qtbot import QtBot
from small_files import make_keras_h5

from h5viewer.documents.edits.placed import PastedTable
from h5viewer.errors import WorkerLost
from h5viewer.gui.details.attributes_item_model import VALUE
from h5viewer.gui.details.details_panel import DetailsPanel
from h5viewer.gui.editing.change_dialogs import ExpressionDialog
from h5viewer.gui.editing.changes_strip import NEW, ChangesItemModel, ChangesStrip
from h5viewer.gui.editing.class_names_editor import ClassNamesEditor
from h5viewer.gui.editing.pending import PendingChanges
from h5viewer.gui.main_window import MainWindow
from h5viewer.gui.selection import Selection
from h5viewer.gui.settings import Settings
from h5viewer.gui.values.values_panel import ValuesPanel
from h5viewer.nodes import ChangePreview, Labels
from h5viewer.requests import (
    AnyChange,
    ComputeWeight,
    Cut,
    PasteValues,
    PreviewChange,
    RenameLayer,
    SetAttribute,
    SetClassNames,
    SetElement,
)
from h5viewer.workers.pool import Pool, ask

PATH = "/models/digits.h5"
KERNEL = (b"dense", b"kernel")


def name(new: str, attribute: bytes = b"author") -> SetAttribute:
    return SetAttribute(path=(), name=attribute, text=new)


def preview(request: PreviewChange) -> ChangePreview:
    change = request.change
    text = getattr(change, "text", "") or getattr(change, "expression", "new")
    refusal = "“bad” is no number." if text == "bad" else ""
    return ChangePreview(what="weight", old="old", new=text, refusal=refusal)


class Waiting:
    """Changes of one file, and what is told."""

    def __init__(self, answer: Any = preview) -> None:
        self.pool = AnsweringPool(PreviewChange=answer)
        self.pending = PendingChanges(self.pool)  # type: ignore[arg-type]
        self.refused: list[str] = []
        self.failed: list[object] = []
        self.pending.refused.connect(lambda _, message, __: self.refused.append(message))
        self.pending.failed.connect(lambda _, error: self.failed.append(error))

    @property
    def changes(self) -> list[AnyChange]:
        return [each.change for each in self.pending.of(PATH)]


@pytest.fixture
def waiting(qtbot: QtBot) -> Waiting:
    return Waiting()


def test_a_change_is_listed_when_it_has_been_found_to_fit(qtbot: QtBot, waiting: Waiting) -> None:
    waiting.pending.add(
        PATH, [name("Ann"), name("bad"), ComputeWeight(path=KERNEL, expression="x")]
    )
    qtbot.waitUntil(lambda: len(waiting.changes) == 2)
    assert waiting.refused == ["“bad” is no number."]
    assert waiting.pending.documents == (PATH,)
    before = [request.before for request in waiting.pool.of(PreviewChange)]
    assert before == [(), (name("Ann"),), (name("Ann"),)] or before == [(), (), (name("Ann"),)]


def test_the_last_word_on_a_place_counts(qtbot: QtBot, waiting: Waiting) -> None:
    element = [SetElement(path=KERNEL, index=(0, 1), text=text) for text in "12"]
    layers = [RenameLayer(old="a", new=text) for text in "bc"]
    waiting.pending.add(PATH, [name("Ann"), element[0], layers[0], name("Bob"), *element, *layers])
    wanted = [name("Bob"), element[1], layers[1]]
    qtbot.waitUntil(lambda: waiting.changes == wanted)


def test_two_computations_of_a_weight_follow_each_other(qtbot: QtBot, waiting: Waiting) -> None:
    steps = [ComputeWeight(path=KERNEL, expression=text) for text in ("x * 2", "x + 1")]
    waiting.pending.add(PATH, steps)
    qtbot.waitUntil(lambda: waiting.changes == steps)


def test_what_is_again_as_in_the_file_is_no_change(qtbot: QtBot, waiting: Waiting) -> None:
    element = [SetElement(path=KERNEL, index=(0,), text=text) for text in ("5", "old")]
    waiting.pending.add(PATH, element)
    qtbot.waitUntil(lambda: len(waiting.pool.of(PreviewChange)) == 2)
    qtbot.waitUntil(lambda: waiting.changes == [])


def test_undo_tries_what_came_after_anew(qtbot: QtBot) -> None:
    first = ComputeWeight(path=KERNEL, expression="x * 0")
    second = ComputeWeight(path=KERNEL, expression="x / 0")

    def answer(request: PreviewChange) -> ChangePreview:
        rests = request.change == second and first not in request.before
        return ChangePreview(
            what="w", old="1", new="2", refusal="It rested on it." if rests else ""
        )

    waiting = Waiting(answer)
    waiting.pending.add(PATH, [first, second])
    qtbot.waitUntil(lambda: waiting.changes == [first, second])
    waiting.pending.undo(PATH, 0)
    qtbot.waitUntil(lambda: waiting.refused == ["It rested on it."])
    assert waiting.changes == []


def test_a_change_that_cannot_be_tried_is_told(qtbot: QtBot) -> None:
    lost = WorkerLost("digits.h5 took too long.")
    waiting = Waiting(lambda _: lost)
    waiting.pending.add(PATH, [name("Ann")])
    qtbot.waitUntil(lambda: waiting.failed == [lost])
    assert waiting.changes == []


def test_forgotten_changes_do_not_come_back(qtbot: QtBot) -> None:
    waiting = Waiting(lambda _: WAIT)
    waiting.pending.add(PATH, [name("Ann")])
    waiting.pending.forget(PATH)
    waiting.pool.release(ChangePreview(what="w", old="1", new="2"))
    qtbot.wait(20)
    assert waiting.changes == []


def test_changes_of_a_file_that_was_read_anew_are_tried_anew(
    qtbot: QtBot, waiting: Waiting
) -> None:
    waiting.pending.add(PATH, [name("Ann")])
    qtbot.waitUntil(lambda: len(waiting.changes) == 1)
    waiting.pending.try_again(PATH)
    qtbot.waitUntil(lambda: len(waiting.changes) == 1)
    assert len(waiting.pool.of(PreviewChange)) == 2


def test_the_strip_lists_old_and_new_and_hides_when_nothing_waits(
    qtbot: QtBot, waiting: Waiting
) -> None:
    strip = ChangesStrip()
    qtbot.addWidget(strip)
    QAbstractItemModelTester(strip.findChild(ChangesItemModel))
    waiting.pending.add(PATH, [name("<b>Ann"), name("2", b"size")])
    qtbot.waitUntil(lambda: len(waiting.changes) == 2)
    assert not strip.isVisible()
    strip.show_changes(waiting.pending.of(PATH))
    model = strip.findChild(ChangesItemModel)
    assert model.index(0, NEW).data() == "<b>Ann"
    assert "<b>" not in model.index(0, NEW).data(Qt.ItemDataRole.ToolTipRole)
    assert strip.isVisible()
    with qtbot.waitSignal(strip.undo_wanted) as undone:
        qtbot.keyClick(strip._table, Qt.Key.Key_Delete)
    assert undone.args == [1]  # the newest is chosen
    strip.show_refusal("It does not fit.", "")
    strip.show_changes(())
    assert strip.isVisible()
    strip.clear_refusal()
    assert not strip.isVisible()


# ------------------------------------------------------------------- where changes are made


@pytest.fixture
def arrays(tmp_path: Path) -> Path:
    path = tmp_path / "arrays.h5"
    with h5py.File(path, "w") as file:
        file["block"] = np.arange(24.0).reshape(2, 3, 4)
        file["line"] = np.arange(5)
        file["one"] = 7.5
        file.attrs["author"] = "Ann"
        file.attrs["numbers"] = [1, 2]
    return path


@pytest.fixture
def values(qtbot: QtBot, pool: Pool) -> Iterator[ValuesPanel]:
    with on_screen(qtbot, ValuesPanel(pool), 780, 560) as panel:
        yield panel


class Made(QObject):
    """What a panel says the user changed."""

    def __init__(self, signal: Signal) -> None:
        super().__init__()
        self.changes: list[AnyChange] = []
        signal.connect(lambda _, changes: self.changes.extend(changes))  # type: ignore[attr-defined]


def show(qtbot: QtBot, panel: ValuesPanel, path: Path, dataset: str, rows: int) -> None:
    from test_details_panel import node

    document = opened(qtbot, panel.pool, path)
    panel.show_selection(Selection(document, node(qtbot, panel.pool, document, dataset)))
    model = panel._model
    qtbot.waitUntil(lambda: model.rowCount() == rows and model.text_at(0, 0) is not None)


def type_into(panel: ValuesPanel, row: int, column: int, text: str) -> None:
    index = panel._model.index(row, column)
    assert index.flags() & Qt.ItemFlag.ItemIsEditable
    panel._model.setData(index, text)


def test_a_typed_value_names_its_element(qtbot: QtBot, values: ValuesPanel, arrays: Path) -> None:
    made = Made(values.changes_made)
    for dataset, rows, cell, index in (
        ("/one", 1, (0, 0), ()), ("/line", 5, (3, 0), (3,)), ("/block", 3, (2, 1), (0, 2, 1)),
    ):  # fmt: skip
        show(qtbot, values, arrays, dataset, rows)
        type_into(values, *cell, "0.5")
        assert made.changes[-1].index == index
    type_into(values, 2, 1, "9.0")  # what stands there already
    assert len(made.changes) == 3


def test_a_value_that_waits_is_shown_where_it_will_be(
    qtbot: QtBot, values: ValuesPanel, arrays: Path
) -> None:
    show(qtbot, values, arrays, "/block", 3)
    document = values._selection.document.path
    change = SetElement(path=(b"block",), index=(0, 2, 1), text="0.5")
    values.show_changes(document, [change])
    cell = values._model.index(2, 1)
    assert cell.data() == "0.5"
    assert "In the file: 9.0" in cell.data(Qt.ItemDataRole.ToolTipRole)
    values.show_changes(document, [])
    assert cell.data() == "9.0"


def test_cells_of_a_sheet_are_pasted_at_the_chosen_cell(
    qtbot: QtBot, values: ValuesPanel, arrays: Path
) -> None:
    made = Made(values.changes_made)
    show(qtbot, values, arrays, "/block", 3)
    values._table.setCurrentIndex(values._model.index(1, 2))
    QGuiApplication.clipboard().setText("1\t2\n3\t4\n")
    qtbot.keyClick(values._table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert made.changes == [
        PasteValues(path=(b"block",), text="1\t2\n3\t4", at=(0, 1, 2), axes=(1, 2))
    ]
    QGuiApplication.clipboard().setText("8\n")
    qtbot.keyClick(values._table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert made.changes[1:] == [SetElement(path=(b"block",), index=(0, 1, 2), text="8")]


def test_a_sheet_goes_along_the_axes_that_are_shown(
    qtbot: QtBot, values: ValuesPanel, arrays: Path
) -> None:
    made = Made(values.changes_made)
    show(qtbot, values, arrays, "/block", 3)
    values._selection.view.cut = Cut(index=(0, 0, 3), rows=1, columns=0)
    values._catch_up()
    qtbot.waitUntil(lambda: values._model.columnCount() == 2)
    values._table.setCurrentIndex(values._model.index(1, 0))
    QGuiApplication.clipboard().setText("1\t2\n3\t4\n")
    qtbot.keyClick(values._table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    change = made.changes[0]
    assert change == PasteValues(path=(b"block",), text="1\t2\n3\t4", at=(0, 1, 3), axes=(1, 0))
    request = PreviewChange(document=values._selection.document.path, change=change)
    assert not ask(values.pool, request).refusal
    table = PastedTable(change.text, change.at, change.axes)
    list(table.prepare((2, 3, 4), ()))
    whole = np.zeros((2, 3, 4))
    new = table.apply((slice(0, 2), slice(0, 3), slice(0, 4)), whole)
    assert new[:, 1, 3].tolist() == [1, 2]
    assert new[:, 2, 3].tolist() == [3, 4]


def test_an_expression_is_tried_while_it_is_typed(qtbot: QtBot) -> None:
    pool = AnsweringPool(PreviewChange=preview)
    dialog = ExpressionDialog(pool, PATH, KERNEL, [name("Ann")])  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    chosen: list[AnyChange] = []
    dialog.chosen.connect(chosen.append)
    add = next(b for b in dialog.findChildren(QPushButton) if "Add" in b.text())
    assert not add.isEnabled()
    dialog.findChild(QLineEdit).setText("bad")
    qtbot.waitUntil(lambda: len(pool.of(PreviewChange)) == 1)
    qtbot.wait(20)
    assert not add.isEnabled()
    dialog.findChild(QLineEdit).setText("x * 2")
    qtbot.waitUntil(add.isEnabled)
    assert pool.of(PreviewChange)[-1].before == (name("Ann"),)
    add.click()
    assert chosen == [ComputeWeight(path=KERNEL, expression="x * 2")]


def test_an_attribute_is_changed_from_its_whole_value(
    qtbot: QtBot, pool: Pool, arrays: Path
) -> None:
    with on_screen(qtbot, DetailsPanel(pool), 900, 700) as panel:
        document = opened(qtbot, pool, arrays)
        panel.show_selection(Selection(document, document.root))
        qtbot.waitUntil(lambda: panel._attribute is not None and panel._attribute.name == b"author")
        waiting = name("Bob")
        panel.show_changes(document.path, [waiting])
        assert panel._model.index(0, VALUE).data() == "Bob"
        assert "Ann" in panel._model.index(0, VALUE).data(Qt.ItemDataRole.ToolTipRole)
        panel.show_changes(document.path, [])
        assert panel._model.index(0, VALUE).data() == "Ann"
        panel._change.click()
        qtbot.waitUntil(lambda: bool(panel.findChildren(QPlainTextEdit, "attribute value")))
        field = panel.findChildren(QPlainTextEdit, "attribute value")[0]
        assert field.toPlainText() == "Ann"
        field.window().reject()


def test_class_names_begin_with_those_of_the_file(qtbot: QtBot, pool: Pool, keras_h5: Path) -> None:
    answers = AnsweringPool(ReadStoredNames=lambda _: Labels(names=("cat", "dog"), source="labels"))
    dialog = ClassNamesEditor(answers, opened(qtbot, pool, keras_h5))  # type: ignore[arg-type]
    qtbot.addWidget(dialog)
    chosen: list[AnyChange] = []
    dialog.chosen.connect(chosen.append)
    qtbot.waitUntil(lambda: dialog.names == ("cat", "dog"))
    dialog.findChild(QPlainTextEdit).setPlainText("cat\nwolf\n\n")
    next(b for b in dialog.findChildren(QPushButton) if "Add" in b.text()).click()
    assert chosen == [SetClassNames(names=("cat", "wolf"))]


# ------------------------------------------------------------------------- in the window


@pytest.fixture
def window(qtbot: QtBot, pool: Pool, tmp_path: Path) -> Iterator[MainWindow]:
    store = tmp_path / "settings.json"
    window = MainWindow(pool, Settings(store))
    qtbot.addWidget(window)
    window.show()
    window.open_files([str(make_keras_h5(tmp_path / "model.h5"))])
    qtbot.waitUntil(lambda: window.navigation.here is not None)
    yield window
    for path in list(window.new_files.editing.pending.documents):
        window.new_files.editing.pending.forget(path)
    window.close()


def test_changes_are_marked_asked_about_saved_and_gone(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editing = window.new_files.editing
    path = str(tmp_path / "model.h5")
    before = Path(path).read_bytes()
    kernel = (b"model_weights", b"dense", b"dense", b"kernel:0")
    editing.make(path, [SetElement(path=kernel, index=(0, 1), text="0.25")])
    qtbot.waitUntil(editing.strip.isVisible, timeout=20_000)
    assert window.sidebar.model.index(0, 0).data(Qt.ItemDataRole.UserRole + 11) == "•"
    assert window.actions_["save"].isEnabled()
    asked: list[str] = []

    def stay(box: QMessageBox) -> None:
        asked.append(box.text())
        next(b for b in box.buttons() if b.text() == "Keep open").click()

    monkeypatch.setattr(QMessageBox, "exec", stay)
    window.new_files.close(path)
    assert not window.close()
    assert asked == ["1 change in model.h5 is not saved."] * 2
    window.actions_["save"].trigger()
    begin: list[QPushButton] = []

    def is_ready() -> bool:
        begin[:] = [b for b in window.findChildren(QPushButton) if b.text() == "Save"]
        return bool(begin) and begin[0].isEnabled()

    qtbot.waitUntil(is_ready, timeout=20_000)
    begin[0].click()
    qtbot.waitUntil(lambda: not editing.strip.isVisible(), timeout=20_000)
    with h5py.File(tmp_path / "model edited.h5") as file:
        assert file["model_weights/dense/dense/kernel:0"][0, 1] == 0.25
    assert Path(path).read_bytes() == before
    assert not window.actions_["save"].isEnabled()
