"""The values panel with real workers: exact texts, pages, copying, going somewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest
from array_files import KERNEL_AXES, Heard, Select, make_arrays, select
from on_screen import on_screen
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from h5viewer.gui.values import cells_item_model
from h5viewer.gui.values.cells_item_model import WAITING, CellsItemModel
from h5viewer.gui.values.values_panel import ValuesPanel
from h5viewer.workers.pool import Pool

_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@pytest.fixture(scope="module")
def arrays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_arrays(tmp_path_factory.mktemp("values") / "arrays.h5")


@pytest.fixture
def chosen(qtbot: QtBot, pool: Pool, arrays: Path) -> Select:
    return lambda name, axes=(): select(qtbot, pool, arrays, name, axes)


@pytest.fixture
def panel(qtbot: QtBot, pool: Pool) -> Iterator[ValuesPanel]:
    with on_screen(qtbot, ValuesPanel(pool), 780, 560) as panel:
        yield panel


@pytest.fixture
def model(panel: ValuesPanel) -> CellsItemModel:
    return panel._model


def _until(qtbot: QtBot, condition: Callable[[], object]) -> None:
    qtbot.waitUntil(lambda: bool(condition()), timeout=20_000)


def _texts(model: CellsItemModel, n_rows: int = 20) -> list[list[str]]:
    rows = range(min(n_rows, model.rowCount()))
    return [
        [model.data(model.index(row, column)) for column in range(model.columnCount())]
        for row in rows
    ]


def _copied() -> str:
    return QGuiApplication.clipboard().text()


def _select(panel: ValuesPanel, first: tuple[int, int], last: tuple[int, int]) -> None:
    model = panel._model
    part = QItemSelection(model.index(*first), model.index(*last))
    flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
    panel._table.selectionModel().select(part, flag)


def _copy(qtbot: QtBot, panel: ValuesPanel) -> None:
    with qtbot.waitSignal(panel._copy.finished, timeout=20_000):
        qtbot.keyClick(panel._table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)


def _headings(model: CellsItemModel, orientation: Qt.Orientation) -> list[str]:
    is_down = orientation == Qt.Orientation.Vertical
    count = model.rowCount() if is_down else model.columnCount()
    return [model.headerData(number, orientation) for number in range(count)]


# ------------------------------------------------------------------------ texts


def test_numbers_stand_in_their_shortest_exact_form(qtbot, panel, model, chosen) -> None:
    panel.show_selection(chosen("tenths"))
    _until(qtbot, lambda: model.rowCount() == 2)
    assert _texts(model) == [["0.1", "-2.5e-08"], ["3.0", "1e+30"]]
    assert model.data(model.index(0, 0), Qt.ItemDataRole.TextAlignmentRole) == _RIGHT


def test_a_one_dimensional_dataset_runs_down(qtbot, panel, model, chosen) -> None:
    panel.show_selection(chosen("bias"))
    _until(qtbot, lambda: model.rowCount() == 7)
    assert model.columnCount() == 1
    assert [float(row[0]) for row in _texts(model)] == np.linspace(-1, 1, 7).tolist()


def test_rows_and_columns_are_headed_by_the_names_that_the_file_has(
    qtbot, pool, panel, model, chosen, tmp_path: Path
) -> None:
    """Both ways round; of another dataset nothing is left."""
    across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
    with h5py.File(tmp_path / "named.h5", "w") as file:
        file["names"] = [b"speed", b"<b>wind</b>"]
        file["names"].make_scale("what")
        file.create_dataset("data", data=np.zeros((3, 2))).dims[1].attach_scale(file["names"])
    panel.show_selection(select(qtbot, pool, tmp_path / "named.h5", "data"))
    _until(qtbot, lambda: _headings(model, across) == ["speed", "<b>wind</b>"])
    assert _headings(model, down) == ["0", "1", "2"]
    assert panel._axis_choice._columns.currentText() == "what (2)"
    qtbot.mouseClick(panel._axis_choice._swap, Qt.MouseButton.LeftButton)
    _until(qtbot, lambda: _headings(model, down) == ["speed", "<b>wind</b>"])
    assert _headings(model, across) == ["0", "1", "2"]
    with h5py.File(tmp_path / "line.h5", "w") as file:
        file["names"] = [b"speed", b"wind"]
        file["names"].make_scale("what")
        file.create_dataset("data", data=np.zeros(2)).dims[0].attach_scale(file["names"])
    panel.show_selection(select(qtbot, pool, tmp_path / "line.h5", "data"))
    _until(qtbot, lambda: _headings(model, down) == ["speed", "wind"])
    assert _headings(model, across) == ["0"]
    panel.show_selection(chosen("tenths"))
    _until(qtbot, lambda: model.rowCount() == 2)
    assert _headings(model, across) == _headings(model, down) == ["0", "1"]


def test_a_scalar_is_one_cell(qtbot, panel, model, chosen) -> None:
    panel.show_selection(chosen("scalar"))
    _until(qtbot, lambda: model.rowCount() == 1)
    assert _texts(model) == [["42"]]


def test_only_axes_that_there_are_have_numbers(qtbot, panel, model, chosen) -> None:
    table = panel._table
    panel.show_selection(chosen("scalar"))
    _until(qtbot, lambda: model.rowCount() == 1)
    assert table.verticalHeader().isHidden()
    assert table.horizontalHeader().isHidden()
    assert panel._go_to.isHidden()
    panel.show_selection(chosen("bias"))
    _until(qtbot, lambda: model.rowCount() > 1)
    assert not table.verticalHeader().isHidden()
    assert table.horizontalHeader().isHidden()
    panel.show_selection(chosen("records"))
    _until(qtbot, lambda: model.columnCount() == 2)
    assert not table.horizontalHeader().isHidden()
    assert not panel._go_to.isHidden()


def test_texts_are_shown_as_they_are_never_as_html(qtbot, panel, model, chosen) -> None:
    panel.show_selection(chosen("texts"))
    _until(qtbot, lambda: model.rowCount() == 2)
    assert _texts(model) == [["<b>bold</b>"], ["plain"]]


def test_compounds_have_a_column_for_each_field(qtbot, panel, model, chosen) -> None:
    panel.show_selection(chosen("records"))
    _until(qtbot, lambda: model.rowCount() == 2)
    headings = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(2)]
    assert headings == ["name", "size"]
    assert _texts(model) == [["one", "1"], ["two", "2"]]
    alignments = [
        model.data(model.index(0, column), Qt.ItemDataRole.TextAlignmentRole) for column in range(2)
    ]
    assert alignments[0] != _RIGHT
    assert alignments[1] == _RIGHT


def test_another_position_shows_other_numbers(qtbot, panel, model, chosen) -> None:
    panel.show_selection(chosen("kernel", KERNEL_AXES))
    kernel = np.arange(180, dtype=np.float32).reshape(3, 3, 4, 5) - 90
    _until(qtbot, lambda: model.rowCount() == 4 and _texts(model)[0][0] == str(kernel[1, 1, 0, 0]))
    panel._axis_choice._controls[0]._box.setValue(2)
    _until(qtbot, lambda: _texts(model)[3][4] == str(kernel[2, 1, 3, 4]))


def test_the_model_keeps_the_rules_of_qt(qtbot, panel, model, chosen) -> None:
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    tester = QAbstractItemModelTester(model, mode)
    panel.show_selection(chosen("kernel", KERNEL_AXES))
    _until(qtbot, lambda: model.rowCount() == 4)
    panel.show_selection(chosen("records"))  # small: the tester asks for every cell, often
    _until(qtbot, lambda: model.rowCount() == 2)
    panel.clear()
    assert model.rowCount() == 0
    tester.deleteLater()


# ------------------------------------------------------------------------ pages


def test_only_what_is_seen_is_read(qtbot, panel, model, chosen) -> None:
    panel.show_selection(chosen("large"))
    _until(qtbot, lambda: model.rowCount() == 3000)
    _until(qtbot, lambda: not model._reads)
    assert len(model._pages) <= 2
    assert model.text_at(2500, 1500) is None
    assert model.data(model.index(2500, 1500)) == WAITING
    _until(qtbot, lambda: model.text_at(2500, 1500) is not None)


def test_pages_kept_are_bounded(qtbot, panel, model, chosen, monkeypatch) -> None:
    monkeypatch.setattr(cells_item_model, "_KEPT_PAGES", 3)
    panel.show_selection(chosen("large"))
    _until(qtbot, lambda: model.rowCount() == 3000)
    for row in range(0, 1000, 100):
        model.data(model.index(row, 0))
        _until(qtbot, lambda: not model._reads)
    assert len(model._pages) == 3


def test_a_cut_longer_than_a_table_is_shown_in_parts(qtbot, panel, model, chosen) -> None:
    panel.show_selection(chosen("long"))
    _until(qtbot, lambda: model.n_rows == 2_000_000)
    assert model.rowCount() == 1_000_000
    assert panel._after.isEnabled()
    qtbot.mouseClick(panel._after, Qt.MouseButton.LeftButton)
    assert model.headerData(0, Qt.Orientation.Vertical) == "1000000"
    assert not panel._after.isEnabled()
    _until(qtbot, lambda: model.data(model.index(0, 0)) == "1000000")


@pytest.mark.parametrize(
    ("name", "text", "row", "column"),
    [("long", "1999999", 1_999_999, 0), ("large", "2345, 1999", 2345, 1999)],
)
def test_go_to_selects_the_cell(qtbot, panel, model, chosen, name, text, row, column) -> None:
    panel.show_selection(chosen(name))
    _until(qtbot, lambda: model.rowCount())
    heard = Heard()
    qtbot.keyClicks(panel._go_to, text)
    qtbot.keyClick(panel._go_to, Qt.Key.Key_Return)
    current = panel._table.currentIndex()
    assert current.row() + model.row_base == row
    assert current.column() + model.column_base == column
    _until(qtbot, lambda: model.text_at(row, column) is not None)
    panel.status_changed.connect(heard.take)
    panel._tell_cell(row, column)
    numbers = f"{row}, {column}" if name == "large" else f"{row}"
    assert heard.texts[-1].startswith(f"[{numbers}]   {model.text_at(row, column)}")


def test_going_beyond_the_end_says_where_the_end_is(qtbot, panel, model, chosen) -> None:
    panel.show_selection(chosen("bias"))
    _until(qtbot, lambda: model.rowCount() == 7)
    qtbot.keyClicks(panel._go_to, "7")
    qtbot.keyClick(panel._go_to, Qt.Key.Key_Return)
    assert "The last row is 6" in panel._notice.message


def test_a_damaged_dataset_offers_no_places_to_go_to(qtbot, panel, model, chosen) -> None:
    """Its shape never comes: no buttons for pages, also where a long one was shown before."""
    panel.show_selection(chosen("damaged"))
    _until(qtbot, lambda: panel._notice.message)
    assert "damaged" in panel._notice.message
    tools = (panel._before, panel._after, panel._extent)
    assert all(tool.isHidden() for tool in tools)
    assert not panel._go_to.isEnabled()
    panel.show_selection(chosen("long"))
    _until(qtbot, lambda: model.rowCount())
    assert not any(tool.isHidden() for tool in tools)
    assert panel._go_to.isEnabled()
    panel.show_selection(chosen("damaged"))
    _until(qtbot, lambda: panel._notice.message)
    assert all(tool.isHidden() for tool in tools)


# ---------------------------------------------------------------------- copying


def test_copying_gives_tab_separated_text(qtbot, panel, model, chosen) -> None:
    panel.show_selection(chosen("tenths"))
    _until(qtbot, lambda: model.rowCount() == 2)
    panel._table.selectAll()
    _copy(qtbot, panel)
    assert _copied() == "0.1\t-2.5e-08\n3.0\t1e+30"


def test_what_was_never_seen_is_read_for_copying(qtbot, panel, model, chosen) -> None:
    panel.show_selection(chosen("large"))
    _until(qtbot, lambda: model.rowCount() == 3000)
    _select(panel, (0, 770), (2999, 780))
    _copy(qtbot, panel)
    lines = _copied().split("\n")
    assert len(lines) == 3000
    assert lines[1234].split("\t")[7] == "99.5"


def test_too_much_to_copy_is_refused_with_the_limit(qtbot, panel, model, chosen) -> None:
    panel.show_selection(chosen("long"))
    _until(qtbot, lambda: model.rowCount())
    QGuiApplication.clipboard().setText("before")
    _select(panel, (0, 0), (600_000, 0))
    qtbot.keyClick(panel._table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert "500,000 values" in panel._notice.message
    assert _copied() == "before"


# ------------------------------------------------------------- empty, obstacles


@pytest.mark.parametrize(
    ("name", "title"), [("nothing", "No elements"), ("null", "No data"), ("bomb", "Not read")]
)
def test_what_cannot_be_shown_says_why(panel, model, chosen, name, title) -> None:
    panel.show_selection(chosen(name))
    assert panel._empty.isVisible()
    assert panel._empty.accessibleName().startswith(title)
    assert model.rowCount() == 0


def test_the_user_can_insist_on_a_dataset_with_an_obstacle(qtbot, panel, model, chosen) -> None:
    panel.show_selection(chosen("bulky"))
    assert panel._empty.isVisible()
    qtbot.mouseClick(panel._empty._button, Qt.MouseButton.LeftButton)
    _until(qtbot, lambda: model.rowCount() == 5_000)
    assert model.data(model.index(0, 0)) == "0.0"


def test_nobody_can_insist_on_what_cannot_be_read(panel, chosen) -> None:
    panel.show_selection(chosen("bomb"))
    assert not panel._empty._button.isVisible()


def test_the_keyboard_can_leave_the_table(qtbot, panel, model, chosen) -> None:
    panel.show_selection(chosen("kernel"))
    _until(qtbot, lambda: model.rowCount() > 1)
    panel._table.setFocus()
    qtbot.keyClick(panel._table, Qt.Key.Key_Tab)
    assert not panel._table.hasFocus()
