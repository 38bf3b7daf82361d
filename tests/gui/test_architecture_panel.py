"""The architecture panel over real workers: layers, weights, totals, findings, coming back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import pytest
from checkpoint_files import field
from on_screen import on_screen, opened
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QApplication, QLabel
from small_files import make_keras_h5, make_weights_h5

from h5viewer.gui import theme
from h5viewer.gui.altering.wishes import Wish
from h5viewer.gui.architecture.architecture_panel import ArchitecturePanel
from h5viewer.gui.architecture.layer_texts import NAME
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.panels import PANELS
from h5viewer.gui.selection import Selection
from h5viewer.names import parse_path
from h5viewer.nodes import Document


@pytest.fixture
def panel(qtbot, pool) -> ArchitecturePanel:
    with on_screen(qtbot, ArchitecturePanel(pool), 1100, 700) as panel:
        yield panel


def show(qtbot, panel: ArchitecturePanel, path: Path) -> Document:
    document = opened(qtbot, panel.pool, path)
    panel.show_selection(Selection(document, document.root))
    qtbot.waitUntil(lambda: panel._shown.is_whole)
    return document


def names(panel: ArchitecturePanel) -> list[str]:
    model = panel._shown.model
    return [model.index(row, NAME).data() for row in range(model.rowCount())]


def choose(qtbot, panel: ArchitecturePanel, name: str) -> None:
    row = panel._shown.model.find(lambda layer: layer.name == name)
    assert panel._table.go_to(row)
    qtbot.waitUntil(lambda: not panel._side.layer_view._reading.is_waiting)


def change_config(path: Path, change) -> None:
    with h5py.File(path, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        change(config)
        file.attrs["model_config"] = json.dumps(config)


def test_layers_totals_and_training_of_a_whole_model(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    assert names(panel) == ["conv", "pool", "dense"]
    assert panel._totals.texts == [
        "Parameters 122 (488 bytes)",
        "Trainable 122",
        "Non-trainable 0",
        "Optimizer 2 variables, 16 bytes",
    ]
    training = panel._header._training.whole_text
    assert training.startswith("Loss: categorical_crossentropy")
    assert "Metrics: accuracy" in training
    assert "Optimizer: Adam, learning rate 0.001" in training


def test_totals_are_whole_in_a_narrow_window(qtbot, panel, keras_h5) -> None:
    """900 pixels less the sidebar."""
    panel.resize(420, 700)
    show(qtbot, panel, keras_h5)
    labels = [label for label in panel._totals.findChildren(PlainLabel) if label.isVisible()]
    assert len(labels) == 8
    qtbot.waitUntil(lambda: all(label.text() == label.whole_text for label in labels))
    assert all(panel._totals.rect().contains(each.parentWidget().geometry()) for each in labels)


def test_a_graph_of_tensorflow_has_operations(qtbot, panel, tmp_path) -> None:
    path = tmp_path / "export.meta"
    names = (("x", "Placeholder"), ("w", "VariableV2"), ("y", "NoOp"))
    made = [field(1, field(1, name.encode()) + field(2, kind.encode())) for name, kind in names]
    path.write_bytes(field(1, field(4, b"serve")) + field(2, b"".join(made)))
    show(qtbot, panel, path)
    assert panel._count.whole_text.startswith("3 operations. ")
    assert panel._filter.placeholderText() == "Filter operations"
    assert "Show only operations" in panel._filter.toolTip()
    model = panel._shown.model
    horizontal = Qt.Orientation.Horizontal
    assert [model.headerData(at, horizontal) for at in range(2)] == ["Operation", "Kind"]
    hidden = [panel._table.isColumnHidden(column) for column in range(8)]
    assert hidden == [False, False, True, False, True, True, False, False], "no shapes are stated"
    assert "layer" not in str(
        [model.headerData(at, horizontal, Qt.ItemDataRole.ToolTipRole) for at in range(8)]
    )
    choose(qtbot, panel, "y")
    view = panel._side.layer_view
    assert view._no_weights.whole_text == "This operation has no weights."
    tools = panel._bar._tools.values()
    assert tools
    assert not any(tool.isEnabled() for tool in tools)  # it cannot be cut, nor renamed
    assert not view._output_button.isVisible()
    panel._filter.setText("z")
    assert panel._count.whole_text == "0 operations found"
    assert "No operation matches" in [each.text() for each in panel._empty.findChildren(QLabel)]


def test_operations_are_called_so_while_they_are_read(qtbot, panel, tmp_path) -> None:
    path = tmp_path / "export.meta"
    path.write_bytes(field(1, field(4, b"serve")) + field(2, field(1, field(1, b"x"))))
    document = opened(qtbot, panel.pool, path)
    panel.show_selection(Selection(document, document.root))
    assert panel._shown.architecture is None
    model = panel._shown.model
    assert (model.item, panel._shown.item) == ("operation", "operation")  # menus ask the model
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Operation"
    qtbot.waitUntil(lambda: panel._shown.architecture is not None)


def test_choosing_a_layer_shows_its_weights_and_configuration(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    choose(qtbot, panel, "conv")
    view = panel._side.layer_view
    assert panel._side.currentWidget() is view
    weights = view._weights
    assert [weights.index(row, 1).data() for row in range(2)] == ["(3, 3, 3, 4)", "(4,)"]
    settings = {
        view._configuration._tree.topLevelItem(row).text(0): view._configuration._tree.topLevelItem(
            row
        ).text(1)
        for row in range(view._configuration._tree.topLevelItemCount())
    }
    assert settings["filters"] == "4"
    assert settings["padding"] == "same"
    assert "at each place of the output" in view._sizes.whole_text  # how multiply-adds are counted
    assert "a sample" in view._sizes.whole_text


def test_what_one_sample_takes_stands_in_the_header(qtbot, panel, keras_h5) -> None:
    """At least so much, where layers are not known."""
    show(qtbot, panel, keras_h5)
    text = panel._header._cost.whole_text
    assert text.startswith("For one sample:")
    assert "Multiply-adds" in text
    assert "Activations" in text


def test_opening_a_weight_asks_for_its_place_and_axes(qtbot, panel, keras_h5) -> None:
    document = show(qtbot, panel, keras_h5)
    choose(qtbot, panel, "conv")
    with qtbot.waitSignal(panel.node_requested) as asked:
        qtbot.keyClick(panel._side.layer_view._table, Qt.Key.Key_Return)
    path, node, axes = asked.args
    assert path == document.path
    assert node == parse_path("/model_weights/conv/conv/kernel:0")
    assert axes == ("kernel height", "kernel width", "in", "out")


def test_a_weight_that_the_file_lacks_is_shown_and_cannot_be_opened(qtbot, panel, keras_h5) -> None:
    with h5py.File(keras_h5, "r+") as file:
        del file["model_weights/dense/dense/bias:0"]
    show(qtbot, panel, keras_h5)
    choose(qtbot, panel, "dense")
    weights = panel._side.layer_view._weights
    row = next(row for row in range(weights.rowCount()) if weights.index(row, 0).data() == "bias")
    assert weights.index(row, 1).data() == "missing"
    panel._side.layer_view._table.selectRow(row)
    assert not panel._side.layer_view._open_button.isEnabled()
    assert panel._header.problems.isVisible()
    assert any("dense" in line for line in panel._header.problems.lines)


def test_a_problem_leads_to_its_layer(qtbot, panel, keras_h5) -> None:
    with h5py.File(keras_h5, "r+") as file:
        del file["model_weights/dense/dense/bias:0"]
    show(qtbot, panel, keras_h5)
    panel._header.problems.finding_chosen.emit("dense")
    assert panel._table.current_row.layer.name == "dense"


def test_python_code_is_announced_with_its_layer(qtbot, panel, keras_h5) -> None:
    def add_lambda(config: dict[str, Any]) -> None:
        code = {"name": "trick", "function": ["4wAA\n", None, None], "function_type": "lambda"}
        config["config"]["layers"].append({"class_name": "Lambda", "config": code})

    change_config(keras_h5, add_lambda)
    show(qtbot, panel, keras_h5)
    assert panel._header.code.isVisible()
    assert "not executed" in panel._header.code.sentence
    assert panel._header.code.lines[0].startswith("trick")
    choose(qtbot, panel, "trick")
    assert panel._side.layer_view._code.isVisible()


def test_a_file_of_weights_says_so(qtbot, panel, tmp_path) -> None:
    show(qtbot, panel, make_weights_h5(tmp_path / "weights.h5"))
    assert panel._header._quiet.message.startswith("This file holds weights only")
    choose(qtbot, panel, "conv")
    assert not panel._side.layer_view._lower.isVisible(), "there is no configuration to show"
    hidden = [panel._table.isColumnHidden(column) for column in range(6)]
    assert hidden == [False, True, True, False, True, True], "only names and parameters are known"
    assert [text for text in panel._totals.texts if "rainable" in text] == []


def test_hostile_names_stay_letters_everywhere(qtbot, panel, keras_h5) -> None:
    hostile = '<b>&"<img src="file:x">\u202e'

    def rename(config: dict[str, Any]) -> None:
        config["config"]["layers"][1]["config"]["name"] = hostile
        config["config"]["name"] = hostile

    change_config(keras_h5, rename)
    show(qtbot, panel, keras_h5)
    shown = '<b>&"<img src="file:x">\\u202e'
    assert names(panel)[1] == shown
    choose(qtbot, panel, hostile)
    assert panel._side.layer_view._name.whole_text == shown
    assert panel._side.layer_view._name.textFormat() == Qt.TextFormat.PlainText
    assert panel._header._name.whole_text == shown


def test_coming_back_finds_the_same_layer_and_filter_without_decoding_again(
    qtbot, panel, keras_h5, tmp_path
) -> None:
    first = show(qtbot, panel, keras_h5)
    choose(qtbot, panel, "dense")
    panel._filter.setText("d")
    model = panel._shown.model
    show(qtbot, panel, make_keras_h5(tmp_path / "other.h5"))
    assert panel._filter.text() == ""
    panel.clear()
    panel.show_selection(Selection(first, first.root))
    assert panel._shown.model is model
    assert not panel._decoding.is_waiting
    assert panel._filter.text() == "d"
    assert panel._table.current_row.layer.name == "dense"
    qtbot.waitUntil(lambda: not panel._side.layer_view._reading.is_waiting)


def test_a_file_that_has_changed_is_decoded_anew(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)

    def rename(config: dict[str, Any]) -> None:
        config["config"]["layers"][2]["config"]["name"] = "renamed"

    panel.clear()
    panel.pool.forget(str(keras_h5))
    change_config(keras_h5, rename)
    show(qtbot, panel, keras_h5)
    assert "renamed" in names(panel)


def test_leaving_while_layers_come_leaves_nothing_behind(qtbot, panel, keras_h5) -> None:
    document = opened(qtbot, panel.pool, keras_h5)
    panel.show_selection(Selection(document, document.root))
    panel.clear()
    assert not panel._decoding.is_waiting
    panel.show_selection(Selection(document, document.root))
    qtbot.waitUntil(lambda: panel._shown.is_whole)
    assert names(panel) == ["conv", "pool", "dense"]


def test_letters_typed_into_the_table_filter_it_and_escape_shows_all(
    qtbot, panel, keras_h5
) -> None:
    show(qtbot, panel, keras_h5)
    panel._table.setFocus()
    qtbot.keyClicks(panel._table, "p")
    assert names(panel) == ["pool"]
    assert panel._count.whole_text == "1 layer found"
    qtbot.keyClick(panel._filter, Qt.Key.Key_Escape)
    assert len(names(panel)) == 3


def test_a_filter_that_finds_nothing_says_so(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    panel._filter.setText("nothing like it")
    assert panel._tables.currentWidget() is panel._empty
    panel._filter.clear()
    assert panel._tables.currentWidget() is panel._table


def test_ctrl_c_copies_the_layer_for_a_spreadsheet(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    choose(qtbot, panel, "conv")
    qtbot.keyClick(panel._table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    cells = QApplication.clipboard().text().split("\t")
    assert cells[:2] == ["conv", "Conv2D"]
    assert cells[3] == "112"


def test_the_configuration_can_be_copied_as_it_is(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    choose(qtbot, panel, "conv")
    QApplication.clipboard().clear()
    panel._table.configuration_wanted.emit(panel._table.current_row)
    qtbot.waitUntil(lambda: "kernel_size" in QApplication.clipboard().text())
    assert json.loads(QApplication.clipboard().text())


def test_nested_models_unfold_by_arrow_keys_and_mouse(qtbot, panel, corpus) -> None:
    found = sorted((corpus / "keras_h5").glob("AdityaDutt__*siamese.h5"))
    if not found:
        pytest.skip("the siamese network is not there")
    show(qtbot, panel, found[0])
    assert len(names(panel)) == 5
    choose(qtbot, panel, "model")
    qtbot.keyClick(panel._table, Qt.Key.Key_Right)
    assert len(names(panel)) == 26
    qtbot.keyClick(panel._table, Qt.Key.Key_Left)
    assert len(names(panel)) == 5
    rect = panel._table.visualRect(panel._table.currentIndex())
    arrow = QPoint(rect.left() + theme.SPACE_S + 6, rect.center().y())
    qtbot.mouseClick(panel._table.viewport(), Qt.MouseButton.LeftButton, pos=arrow)
    assert len(names(panel)) == 26


def test_a_narrow_panel_puts_the_layer_below_the_table(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    assert panel._splitter.orientation() == Qt.Orientation.Horizontal
    panel.resize(600, 700)
    qtbot.waitUntil(lambda: panel._splitter.orientation() == Qt.Orientation.Vertical)


def test_a_small_window_still_shows_the_weights_of_a_layer(qtbot, panel, keras_h5) -> None:
    panel.resize(780, 480)
    show(qtbot, panel, keras_h5)
    choose(qtbot, panel, "conv")
    weights = panel._side.layer_view._table

    def is_bias_seen() -> bool:
        bias = weights.visualRect(weights.model().index(1, 0))
        is_hidden = QRegion(bias).subtracted(weights.viewport().visibleRegion())
        return not bias.isEmpty() and is_hidden.isEmpty()

    qtbot.waitUntil(is_bias_seen)


def test_numbers_of_weights_are_whole_in_a_low_and_narrow_panel(qtbot, panel, keras_h5) -> None:
    panel.resize(940, 520)
    show(qtbot, panel, keras_h5)
    choose(qtbot, panel, "conv")
    weights = panel._side.layer_view._table
    last = weights.model().columnCount() - 1

    def is_whole(column: int) -> bool:
        room = weights.visualRect(weights.model().index(0, column)).intersected(
            weights.viewport().rect()
        )
        return room.width() >= weights.sizeHintForColumn(column)

    qtbot.waitUntil(lambda: is_whole(last))


def test_all_settings_of_the_training_can_be_seen(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    choose(qtbot, panel, "conv")
    panel._header.training_wanted.emit()
    assert panel._side.currentWidget() is panel._side.training
    assert panel._table.currentIndex() == QModelIndex()
    assert json.loads(panel._side.training._text.shown_text)["loss"] == "categorical_crossentropy"


def test_what_is_to_be_done_with_chosen_layers_is_told_with_their_keys(
    qtbot, panel, keras_h5
) -> None:
    document = show(qtbot, panel, keras_h5)
    buttons = panel._bar._tools
    assert not any(button.isEnabled() for button in buttons.values())
    choose(qtbot, panel, "dense")
    with qtbot.waitSignal(panel.wish_made) as wished:
        buttons["cut"].click()
    assert wished.args == [Wish("cut", document.path, ((2,),))]
    panel._table.selectAll()
    assert not buttons["cut"].isEnabled()  # of one only
    with qtbot.waitSignal(panel.wish_made) as wished:
        buttons["freeze"].click()
    assert wished.args == [Wish("freeze", document.path, ((0,), (1,), (2,)))]
    with qtbot.waitSignal(panel.wish_made) as wished:
        panel._views.wished.emit("rename", (1,))  # a box of the graph
    assert wished.args == [Wish("rename", document.path, ((1,),))]
    choose(qtbot, panel, "pool")
    assert not buttons["freeze"].isEnabled()  # it has no weights


def test_weights_of_other_programs_are_layers_known_by_their_names(qtbot, panel, tmp_path) -> None:
    path = tmp_path / "state_dict.h5"
    with h5py.File(path, "w") as file:
        file["conv.weight"] = [[1.0, 2.0, 3.0]] * 2
        file["conv.bias"] = [0.0, 0.0]
    document = show(qtbot, panel, path)
    kinds = [kind.title for kind in PANELS if kind.supports(Selection(document, document.root))]
    assert kinds == ["Architecture", "Weights", "Health", "Compare", "Details"]
    assert names(panel) == ["conv"]
    choose(qtbot, panel, "conv")
    assert panel._header._name.text() == "Weights"
