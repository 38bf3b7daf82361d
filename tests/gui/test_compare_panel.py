"""The compare panel over real workers: tables, pictures, pairing by hand, reload and close."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from on_screen import on_screen, opened
from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt
from PySide6.QtWidgets import QApplication
from small_files import make_datasets, make_keras_h5

from h5viewer.gui.compare.changes_item_model import ICON
from h5viewer.gui.compare.compare_bar import LAYERS, WEIGHTS
from h5viewer.gui.compare.compare_panel import ComparePanel
from h5viewer.gui.compare.weight_pairs_item_model import LARGEST
from h5viewer.gui.selection import Selection
from h5viewer.nodes import Document


@pytest.fixture
def panel(qtbot, pool) -> ComparePanel:
    with on_screen(qtbot, ComparePanel(pool), 1100, 800) as panel:
        yield panel


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_keras_h5(tmp_path / "a.h5")


@pytest.fixture
def retrained(model: Path) -> Path:
    """Another bias, another name for the first layer, another number of its filters."""

    def change(file: h5py.File) -> None:
        file["model_weights/dense/dense/bias:0"][...] += np.float32([0.5, 0.25])
        config = json.loads(file.attrs["model_config"])
        config["config"]["layers"][0]["config"] |= {"padding": "valid"}
        file.attrs["model_config"] = json.dumps(config)

    return changed(model, "b.h5", change)


def changed(path: Path, name: str, change: Callable[[h5py.File], None]) -> Path:
    copy = path.with_name(name)
    shutil.copy(path, copy)
    with h5py.File(copy, "r+") as file:
        change(file)
    return copy


def all_opened(qtbot, pool, *paths: Path) -> list[Document]:
    return [opened(qtbot, pool, path) for path in paths]


def settle(qtbot, panel: ComparePanel) -> None:
    qtbot.waitUntil(lambda: not panel._asking.is_waiting)


def compare(qtbot, panel: ComparePanel, *paths: Path, **partners: Any) -> list[Document]:
    """Select the first of these files while all are open."""
    documents = all_opened(qtbot, panel.pool, *paths)
    panel.show_documents(documents, partners.get("partners", {}))
    panel.show_selection(Selection(documents[0], documents[0].root))
    settle(qtbot, panel)
    return documents


def cells(model: Any, column: int) -> list[str]:
    return [model.index(row, column).data() for row in range(model.rowCount())]


def choose(table: Any, *rows: int) -> None:
    selection = table.selectionModel()
    table.setCurrentIndex(table.model().index(rows[0], 0))
    for row in rows[1:]:
        flags = QItemSelectionModel.SelectionFlag
        selection.select(table.model().index(row, 0), flags.Select | flags.Rows)


# ----------------------------------------------------------------- what is compared


def test_one_file_alone_asks_for_another(qtbot, panel: ComparePanel, model: Path) -> None:
    compare(qtbot, panel, model)
    assert panel._pages.currentWidget() is panel._empty
    assert "Open a second file" in panel._empty.accessibleName()
    with qtbot.waitSignal(panel.open_wanted):
        panel._empty.activated.emit()


def test_the_only_other_file_is_compared_at_once(
    qtbot, panel: ComparePanel, model: Path, retrained: Path
) -> None:
    compare(qtbot, panel, model, retrained)
    assert panel._summary.whole_text == (
        "3 of 4 weights are identical; the classifier head was retrained. Of the layers, 1 changed."
    )
    assert cells(panel._layers, 0) == ["changed", "same", "same"]
    assert cells(panel._layers, 5)[0] == "padding: same → valid"
    assert cells(panel._weights, 0) == ["identical"] * 3 + ["changed"]


def test_among_several_files_the_user_chooses_and_it_is_remembered(
    qtbot, panel: ComparePanel, model: Path, retrained: Path, tmp_path: Path
) -> None:
    third = make_keras_h5(tmp_path / "third.h5")
    partners: dict[str, str] = {}
    documents = compare(qtbot, panel, model, retrained, third, partners=partners)
    assert panel._pages.currentWidget() is panel._empty
    box = panel._files._boxes[1]
    box.setCurrentIndex(box.findData(str(third)))
    box.activated.emit(box.currentIndex())
    settle(qtbot, panel)
    assert panel._summary.whole_text.startswith("All 4 weights are identical")
    assert partners == {str(model): str(third)}
    panel.clear()
    panel.show_selection(Selection(documents[0], documents[0].root))
    settle(qtbot, panel)
    assert panel._files.paths == (str(model), str(third))


def test_swapping_turns_the_comparison_round(
    qtbot, panel: ComparePanel, model: Path, retrained: Path
) -> None:
    compare(qtbot, panel, model, retrained)
    panel._files._swap.click()
    settle(qtbot, panel)
    assert panel._files.paths == (str(retrained), str(model))
    assert cells(panel._layers, 5)[0] == "padding: valid → same"


def test_closing_the_other_file_clears_with_a_sentence(
    qtbot, panel: ComparePanel, model: Path, retrained: Path
) -> None:
    documents = compare(qtbot, panel, model, retrained)
    panel.show_documents(documents[:1], {})
    assert panel._pages.currentWidget() is panel._empty
    assert "b.h5 was closed." in panel._empty.accessibleName()
    assert panel._weights.rowCount() == 0


def test_a_file_read_anew_is_compared_anew(
    qtbot, panel: ComparePanel, model: Path, retrained: Path
) -> None:
    documents = compare(qtbot, panel, model, retrained)
    with h5py.File(retrained, "r+") as file:
        file["model_weights/conv/conv/bias:0"][...] += np.float32(1)
    panel.pool.forget(str(retrained))
    (again,) = all_opened(qtbot, panel.pool, retrained)
    panel.show_documents([documents[0], again], {})
    settle(qtbot, panel)
    assert panel._summary.whole_text.startswith("2 of 4 weights are identical")


def test_opening_a_third_file_leaves_the_comparison_alone(
    qtbot, panel: ComparePanel, model: Path, retrained: Path, tmp_path: Path
) -> None:
    documents = compare(qtbot, panel, model, retrained)
    panel._bar.show_table(WEIGHTS)
    choose(panel._weight_table, 3)
    third = all_opened(qtbot, panel.pool, make_keras_h5(tmp_path / "third.h5"))
    panel.show_documents([*documents, *third], {})
    assert not panel._asking.is_waiting
    assert panel._weight_table.currentIndex().row() == 3
    assert panel._files._boxes[1].findData(third[0].path) >= 0


def test_a_file_that_cannot_be_read_is_one_sentence(
    qtbot, panel: ComparePanel, model: Path, retrained: Path
) -> None:
    documents = all_opened(qtbot, panel.pool, model, retrained)
    retrained.write_bytes(b"gone")
    panel.show_documents(documents, {})
    panel.show_selection(Selection(documents[0], documents[0].root))
    settle(qtbot, panel)
    assert "b.h5 changed on disk" in panel._failure.message


# ------------------------------------------------------------------------- tables


def test_states_are_told_by_icon_and_words(
    qtbot, panel: ComparePanel, model: Path, retrained: Path
) -> None:
    compare(qtbot, panel, model, retrained)
    icons = [panel._weights.index(row, 0).data(ICON)[0] for row in (0, 3)]
    assert icons == ["equal", "changed"]


def test_only_differences_and_the_filter_hide_rows(
    qtbot, panel: ComparePanel, model: Path, retrained: Path
) -> None:
    compare(qtbot, panel, model, retrained)
    panel._bar._only.click()
    assert cells(panel._layers, 1) == ["conv"]
    assert cells(panel._weights, 1) == ["dense"]
    panel._bar._only.click()
    panel._bar._filter.setText("CONV")
    assert cells(panel._weights, 2) == ["kernel", "bias"]


def test_numbers_sort_as_numbers_largest_first(
    qtbot, panel: ComparePanel, model: Path, tmp_path: Path
) -> None:
    def change(file: h5py.File) -> None:
        file["model_weights/conv/conv/kernel:0"][...] += np.float32(9)
        file["model_weights/dense/dense/kernel:0"][...] += np.float32(10)
        del file["model_weights/dense/dense/bias:0"]
        file["model_weights/dense/dense/bias:0"] = np.zeros(3, "f4")

    compare(qtbot, panel, model, changed(model, "b.h5", change))
    panel._weight_table._sort(LARGEST)
    assert cells(panel._weights, LARGEST) == ["10", "9", "0", "—"]
    panel._weight_table._sort(LARGEST)
    assert cells(panel._weights, LARGEST) == ["0", "9", "10", "—"]
    panel._weight_table._sort(LARGEST)
    assert cells(panel._weights, LARGEST) == ["9", "0", "10", "—"]


def test_where_only_weights_differ_they_are_shown_first(
    qtbot, panel: ComparePanel, model: Path, tmp_path: Path
) -> None:
    def change(file: h5py.File) -> None:
        file["model_weights/dense/dense/bias:0"][...] += np.float32(1)

    compare(qtbot, panel, model, changed(model, "b.h5", change))
    assert panel._bar.table == WEIGHTS
    assert panel._bar._tabs.tabText(WEIGHTS) == "Weights (1 differ)"


def test_plain_files_have_datasets_and_no_layers(
    qtbot, panel: ComparePanel, tmp_path: Path
) -> None:
    a, b = make_datasets(tmp_path / "a.h5"), make_datasets(tmp_path / "b.h5")
    compare(qtbot, panel, a, b)
    assert not panel._bar._tabs.isTabVisible(LAYERS)
    assert panel._summary.whole_text == "All 4 datasets are identical."


# -------------------------------------------------------------------------- detail


def test_a_chosen_weight_is_drawn_with_its_difference(
    qtbot, panel: ComparePanel, model: Path, retrained: Path
) -> None:
    compare(qtbot, panel, model, retrained)
    panel._bar.show_table(WEIGHTS)
    choose(panel._weight_table, 3)
    columns = panel._detail._pictures._columns
    qtbot.waitUntil(lambda: all(each.pane.heat_map.overview for each in columns))
    a, b, difference = (each.pane.heat_map.overview.planes[0].values.values for each in columns)
    np.testing.assert_allclose(difference, [[0.5, 0.25]], rtol=1e-6)
    np.testing.assert_allclose(b - a, difference, rtol=1e-5)
    assert columns[0].pane.heat_map.levels == columns[1].pane.heat_map.levels
    levels = columns[2].pane.heat_map.levels
    assert levels.low == -levels.high
    assert "2 of 2 values differ" in panel._detail._facts.whole_text


def test_the_three_pictures_show_the_same_part(
    qtbot, panel: ComparePanel, model: Path, retrained: Path
) -> None:
    compare(qtbot, panel, model, retrained)
    panel._bar.show_table(WEIGHTS)
    choose(panel._weight_table, 2)
    maps = [each.pane.heat_map for each in panel._detail._pictures._columns]
    qtbot.waitUntil(lambda: all(each.overview for each in maps))
    maps[0].zoom(0.5)
    QApplication.processEvents()
    first = maps[0].visible_rect()
    for other in maps[1:]:
        assert other.visible_rect().width() == pytest.approx(first.width(), rel=0.05)


def test_a_weight_of_another_shape_has_two_pictures_and_a_reason(
    qtbot, panel: ComparePanel, model: Path
) -> None:
    def change(file: h5py.File) -> None:
        del file["model_weights/dense/dense/kernel:0"]
        file["model_weights/dense/dense/kernel:0"] = np.ones((4, 3), "f4")

    compare(qtbot, panel, model, changed(model, "b.h5", change))
    panel._bar.show_table(WEIGHTS)
    choose(panel._weight_table, 2)
    pictures = panel._detail._pictures
    qtbot.waitUntil(lambda: all(each.pane.heat_map.overview for each in pictures._columns[:2]))
    assert [each.isVisible() for each in pictures._columns] == [True, True, False]
    assert "shapes differ" in pictures._remark.whole_text


def test_a_chosen_layer_tells_its_arguments(
    qtbot, panel: ComparePanel, model: Path, retrained: Path
) -> None:
    compare(qtbot, panel, model, retrained)
    panel._bar.show_table(LAYERS)
    choose(panel._layer_table, 0)
    arguments = panel._detail._arguments
    assert [arguments.index(0, column).data() for column in range(3)] == [
        "padding", "same", "valid",
    ]  # fmt: skip


def test_enter_on_a_layer_leads_to_its_weights(
    qtbot, panel: ComparePanel, model: Path, retrained: Path
) -> None:
    compare(qtbot, panel, model, retrained)
    panel._bar.show_table(LAYERS)
    choose(panel._layer_table, 2)
    qtbot.keyClick(panel._layer_table, Qt.Key.Key_Return)
    assert panel._bar.table == WEIGHTS
    pair = panel._weights.pair_at(panel._weight_table.currentIndex())
    assert pair is not None
    assert pair.layer_a == "dense"


# --------------------------------------------------------------------- hand pairing


def test_layers_are_taken_apart_paired_and_that_is_undone(
    qtbot, panel: ComparePanel, model: Path, retrained: Path
) -> None:
    compare(qtbot, panel, model, retrained)
    panel._bar.show_table(LAYERS)
    choose(panel._layer_table, 0)
    assert panel._bar._part.isEnabled()
    panel._bar._part.click()
    settle(qtbot, panel)
    assert cells(panel._layers, 0)[:2] == ["only in A", "only in B"]
    choose(panel._layer_table, 0, 1)
    assert panel._bar._join.isEnabled()
    panel._bar._join.click()
    settle(qtbot, panel)
    assert cells(panel._layers, 0)[0] == "changed"
    assert "paired by hand" in cells(panel._layers, 5)[0]
    for expected in (["only in A", "only in B"], ["changed", "same"]):
        panel._bar._undo.click()
        settle(qtbot, panel)
        assert cells(panel._layers, 0)[:2] == expected
    assert not panel._bar._undo.isEnabled()


# --------------------------------------------------------------------------- export


def test_the_comparison_is_copied_as_json_and_csv(
    qtbot, panel: ComparePanel, model: Path, retrained: Path, tmp_path: Path
) -> None:
    compare(qtbot, panel, model, retrained)
    panel._export("json", False)
    found = json.loads(QApplication.clipboard().text())
    assert [each["state"] for each in found["weights"]] == ["identical"] * 3 + ["changed"]
    panel._save(str(tmp_path / "c.csv"), "x\n")
    assert (tmp_path / "c.csv").read_text() == "x\n"
    panel._save(str(tmp_path / "absent" / "c.csv"), "x\n")
    assert panel._failure.message == "c.csv could not be saved."
    panel._export("csv", False)
    assert QApplication.clipboard().text().count("\n") == 5


def test_a_comparison_never_takes_the_place_of_a_compared_file(
    qtbot, panel: ComparePanel, model: Path, retrained: Path
) -> None:
    before = [path.read_bytes() for path in (model, retrained)]
    compare(qtbot, panel, model, retrained)
    for path in (model, retrained):
        panel._save(str(path), "x\n")
        assert panel._failure.message == f"{path.name} could not be saved."
    assert [path.read_bytes() for path in (model, retrained)] == before


def test_hostile_names_are_plain_text(qtbot, panel: ComparePanel, tmp_path: Path) -> None:
    for name in ("a.h5", "b.h5"):
        with h5py.File(tmp_path / name, "w") as file:
            file["<b>bold\u202e"] = np.ones(3)
    compare(qtbot, panel, tmp_path / "a.h5", tmp_path / "b.h5")
    index = panel._weights.index(0, 2, QModelIndex())
    assert index.data() == "<b>bold\\u202e"
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "&lt;b&gt;bold\\u202e"
