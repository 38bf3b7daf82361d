"""The panel of all weights over real workers: table, filter, sorting, export, bytes."""

from __future__ import annotations

import csv
import json
import math
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from on_screen import on_screen, opened
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from small_files import make_keras_h5

from h5viewer.gui.panel_area import PanelArea
from h5viewer.gui.selection import Selection
from h5viewer.gui.weights.weight_listing import (
    BYTES,
    HISTOGRAM,
    LAYER,
    MEAN,
    MIN,
    NAME,
    NOT_FINITE,
    ZEROS,
)
from h5viewer.gui.weights.weight_words import number_text
from h5viewer.gui.weights.weights_item_model import AllWeightsItemModel
from h5viewer.gui.weights.weights_panel import WeightsPanel
from h5viewer.names import parse_path
from h5viewer.nodes import Document, WeightRow, WeightSummary


@pytest.fixture
def panel(qtbot, pool) -> WeightsPanel:
    with on_screen(qtbot, WeightsPanel(pool), 1200, 700) as panel:
        yield panel


def show(qtbot, panel: WeightsPanel, path: Path) -> Document:
    document = opened(qtbot, panel.pool, path)
    panel.show_selection(Selection(document, document.root))
    qtbot.waitUntil(lambda: panel._shown.is_whole)
    return document


def column(panel: WeightsPanel, number: int) -> list[str]:
    model = panel._shown.model
    return [model.index(row, number).data() for row in range(model.rowCount())]


@pytest.fixture
def odd_h5(tmp_path: Path) -> Path:
    """The small model with a bias of zeros, NaN in a kernel, and a bias without a number."""
    path = make_keras_h5(tmp_path / "odd.h5")
    with h5py.File(path, "r+") as file:
        weights = file["model_weights"]
        weights["conv/conv/bias:0"][:] = 0
        weights["dense/dense/kernel:0"][1, 0] = math.nan
        weights["dense/dense/bias:0"][:] = math.inf
    return path


def test_every_weight_has_its_numbers(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    assert column(panel, LAYER) == ["conv", "conv", "dense", "dense"]
    assert column(panel, NAME) == ["kernel", "bias", "kernel", "bias"]
    with h5py.File(keras_h5) as file:
        kernel = file["model_weights/conv/conv/kernel:0"][()]
    assert column(panel, MIN)[0] == f"{kernel.min():.3g}".replace("-", "−")
    assert sum(panel._shown.model.listing.summaries[0].bins) == kernel.size
    assert panel._header.count.whole_text == "4 weights, 488 bytes, all float32"


def test_what_is_off_is_said_in_words(qtbot, panel, odd_h5) -> None:
    show(qtbot, panel, odd_h5)
    assert column(panel, HISTOGRAM) == ["", "all zero", "", "no finite value"]
    assert column(panel, ZEROS) == ["0", "all", "0", "0"]
    assert column(panel, NOT_FINITE) == ["0", "0", "1 NaN", "2 Inf"]
    assert column(panel, MEAN)[3] == "—"
    assert panel._header.count.whole_text.endswith("2 with NaN or Inf")


def test_weights_with_nan_come_first_when_sorted_by_it(qtbot, panel, odd_h5) -> None:
    show(qtbot, panel, odd_h5)
    header = panel._table.horizontalHeader()
    spot = header.sectionViewportPosition(NOT_FINITE) + header.sectionSize(NOT_FINITE) // 2
    qtbot.mouseClick(
        header.viewport(), Qt.MouseButton.LeftButton, pos=header.rect().center().__class__(spot, 8)
    )
    assert column(panel, NOT_FINITE) == ["2 Inf", "1 NaN", "0", "0"]


def test_rows_without_a_value_come_last_either_way(qtbot, panel, odd_h5) -> None:
    show(qtbot, panel, odd_h5)
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        panel._shown.model.sort(MIN, order)
        assert column(panel, MIN)[-1] == "—"
    panel._shown.model.sort(-1)
    assert column(panel, NAME) == ["kernel", "bias", "kernel", "bias"]


def test_the_filter_looks_at_layers_and_names(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    panel._header.filter.setText("DENSE/k")
    assert column(panel, NAME) == ["kernel"]
    assert panel._header.count.whole_text == "1 weight of 4"
    panel._header.filter.setText("nothing like it")
    assert panel._pages.currentWidget() is panel._empty
    panel._header.filter.setText("")
    assert len(column(panel, NAME)) == 4


def test_the_chosen_weight_stays_chosen_when_rows_move(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    panel._table.selectRow(2)
    panel._shown.model.sort(NAME, Qt.SortOrder.AscendingOrder)
    chosen = panel._shown.model.weight_at(panel._table.currentIndex())
    assert (chosen.layer, chosen.name) == ("dense", "kernel")


def test_enter_and_double_click_open_a_weight_once(qtbot, panel, keras_h5) -> None:
    document = show(qtbot, panel, keras_h5)
    panel._table.selectRow(0)
    asked: list[tuple] = []
    panel.node_requested.connect(lambda *args: asked.append(args))
    qtbot.keyClick(panel._table, Qt.Key.Key_Return)
    wanted = (
        document.path,
        parse_path("/model_weights/conv/conv/kernel:0"),
        ("kernel height", "kernel width", "in", "out"),
    )
    assert asked == [wanted]
    spot = panel._table.visualRect(panel._table.model().index(0, 0)).center()
    viewport = panel._table.viewport()
    qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=spot)
    qtbot.mouseDClick(viewport, Qt.MouseButton.LeftButton, pos=spot)
    assert asked == [wanted, wanted]


def test_copied_rows_have_all_digits(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    panel._table.selectRow(3)
    panel._table.copy_rows()
    cells = QGuiApplication.clipboard().text().split("\t")
    with h5py.File(keras_h5) as file:
        bias = file["model_weights/dense/dense/bias:0"][()].astype("f8")
    assert cells[:2] == ["dense", "bias"]
    assert float(cells[6]) == bias.min()


def test_the_optimizers_state_is_added_on_demand(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    panel._header._state.setChecked(True)
    qtbot.waitUntil(lambda: panel._shown.is_whole)
    assert column(panel, LAYER)[4:] == ["optimizer", "optimizer"]
    panel._header._state.setChecked(False)
    assert len(column(panel, LAYER)) == 4  # kept: not read again


def test_filter_and_order_stay_when_the_optimizers_state_is_added(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    panel._header.filter.setText("kernel")
    panel._shown.model.sort(MIN, Qt.SortOrder.DescendingOrder)
    panel._header._state.setChecked(True)
    qtbot.waitUntil(lambda: panel._shown.is_whole)
    assert panel._header.filter.text() == "kernel"
    assert panel._shown.model.listing.order == (MIN, True)
    assert panel._table.horizontalHeader().sortIndicatorSection() == MIN
    assert all("kernel" in name for name in column(panel, NAME))


def test_large_numbers_are_written_out() -> None:
    assert number_text(-4690) == "−4,690"
    assert number_text(4.69e6) == "4.69e+06"


def test_coming_back_shows_what_was_read(qtbot, panel, keras_h5, odd_h5) -> None:
    document = show(qtbot, panel, keras_h5)
    panel._table.selectRow(2)
    panel._header.filter.setText("dense")
    show(qtbot, panel, odd_h5)
    assert panel._header.filter.text() == ""
    panel.show_selection(Selection(document, document.root))
    assert panel._shown.is_whole
    assert column(panel, LAYER) == ["dense", "dense"]
    assert panel._header.filter.text() == "dense"


def test_cancel_keeps_what_has_come_and_offers_to_read_again(qtbot, panel, tmp_path) -> None:
    with h5py.File(tmp_path / "large.h5", "w") as file:
        shape, chunks = (700, 1_000_000), (1, 1_000_000)
        large = file.create_dataset("x", shape, "f4", chunks=chunks, compression="gzip")
        # Written packed: 40 MB instead of 3 GB, and not so little that it is taken for a bomb.
        values = np.zeros(1_000_000, "f4")
        values[:15_000] = np.random.default_rng(0).normal(size=15_000)
        packed = zlib.compress(values.tobytes(), 1)
        for row in range(700):
            large.id.write_direct_chunk((row, 0), packed)
    document = opened(qtbot, panel.pool, tmp_path / "large.h5")
    panel.show_selection(Selection(document, document.root))
    qtbot.waitUntil(lambda: panel._shown.model.rowCount() == 1)
    panel._header.busy.cancelled.emit()
    assert not panel._reading.is_waiting
    assert not panel._shown.is_whole
    assert column(panel, NAME) == ["x"]
    assert "stopped" in panel._notice.message
    assert not panel._header._export.isEnabled()
    panel._notice.action_requested.emit()
    assert panel._reading.is_waiting


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_the_table_is_exported_in_the_order_shown(qtbot, panel, odd_h5, tmp_path, kind) -> None:
    show(qtbot, panel, odd_h5)
    panel._shown.model.sort(NAME, Qt.SortOrder.AscendingOrder)
    target = tmp_path / f"weights.{kind}"
    target.write_text("something older")
    panel.save_as(target, kind)
    qtbot.waitUntil(lambda: "saved" in panel._notice.message)
    text = target.read_text("utf-8")
    if kind == "csv":
        rows = list(csv.DictReader(text.splitlines()))
        assert rows[1]["max"] == ""
    else:
        rows = json.loads(text)["weights"]
        assert rows[1]["max"] is None
    assert [row["name"] for row in rows] == ["bias", "bias", "kernel", "kernel"]
    assert panel._notice.message == f"4 weights saved in weights.{kind}."
    assert sorted(path.name for path in tmp_path.iterdir()) == ["odd.h5", f"weights.{kind}"]


def test_the_opened_file_is_never_overwritten(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    before = keras_h5.read_bytes()
    panel.save_as(keras_h5, "csv")
    qtbot.waitUntil(lambda: "not replaced" in panel._notice.message)
    assert keras_h5.read_bytes() == before


def test_bytes_of_a_layer_lead_to_its_weights(qtbot, panel, keras_h5) -> None:
    show(qtbot, panel, keras_h5)
    panel._header.show_view(bytes_shown=True)
    qtbot.waitUntil(lambda: panel._shown.byte_map is not None)
    assert panel._pages.currentWidget() is panel._bytes
    treemap = panel._bytes._treemap
    treemap.setFocus()
    place = next(n for n, part in enumerate(treemap._parts) if part.name == "conv")
    treemap.choose(place)
    assert "conv: 448 bytes" in panel._bytes._words.whole_text
    qtbot.keyClick(treemap, Qt.Key.Key_Return)
    assert panel._pages.currentWidget() is panel._table
    assert column(panel, LAYER) == ["conv", "conv"]


def test_a_failure_is_told_with_a_way_on(qtbot, panel, keras_h5) -> None:
    document = opened(qtbot, panel.pool, keras_h5)
    with h5py.File(keras_h5, "a") as file:
        file["new"] = np.zeros(5)  # the file is another one now
    panel.show_selection(Selection(document, document.root))
    qtbot.waitUntil(lambda: "changed on disk" in panel._notice.message)


def test_names_from_the_file_are_shown_letter_by_letter(qtbot, panel, tmp_path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["<b>bold\n"] = np.zeros(3)
    show(qtbot, panel, tmp_path / "a.h5")
    index = panel._shown.model.index(0, NAME)
    assert index.data() == "<b>bold\\n"
    assert "<b>" not in index.data(Qt.ItemDataRole.ToolTipRole)


def test_long_names_have_the_room_of_the_size_in_a_narrow_window(qtbot, panel, tmp_path) -> None:
    """Files of transformers: one layer holds a whole network."""
    names = [f"bert/encoder/layer_._{n}/attention/output/LayerNorm/gamma:0" for n in range(3)]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["layer_names"] = [b"bert"]
        layer = file.create_group("bert")
        layer.attrs["weight_names"] = [name.encode() for name in names]
        for name in names:
            layer[name] = np.linspace(-1, 1, 4096, dtype="f4").reshape(64, 64)
    show(qtbot, panel, tmp_path / "a.h5")
    table = panel._table
    window = panel.window()
    window.resize(900, 700)
    qtbot.waitUntil(lambda: table.isColumnHidden(BYTES))
    assert table.columnWidth(LAYER) >= 120
    window.resize(1600, 700)
    qtbot.waitUntil(lambda: not table.isColumnHidden(BYTES))
    window.resize(900, 700)
    qtbot.waitUntil(lambda: table.isColumnHidden(BYTES))
    show(qtbot, panel, make_keras_h5(tmp_path / "short.h5"))
    qtbot.waitUntil(lambda: not table.isColumnHidden(BYTES))


def test_the_distribution_has_the_room_of_the_size_where_cutting_names_is_not_enough(
    qtbot, panel, tmp_path
) -> None:
    roles = ["gamma", "beta", "moving_mean", "moving_variance"]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["layer_names"] = [b"batch_normalization"]
        layer = file.create_group("batch_normalization")
        layer.attrs["weight_names"] = [f"batch_normalization/{role}:0".encode() for role in roles]
        for role in roles:
            layer[f"batch_normalization/{role}:0"] = np.linspace(-0.001, 0.001, 8, dtype="f4")
    show(qtbot, panel, tmp_path / "a.h5")
    table, window = panel._table, panel.window()
    bar = table.horizontalScrollBar()
    was_hidden = []
    for width in (1200, 1000, 940, 900, 1200):
        window.resize(width, 700)
        qtbot.wait(20)
        was_hidden.append(table.isColumnHidden(BYTES))
        assert bar.maximum() == 0, width
    assert was_hidden[0] is was_hidden[-1] is False
    assert was_hidden[3]


def test_a_file_does_not_open_with_a_panel_that_reads_all_of_it(qtbot, pool, tmp_path) -> None:
    with h5py.File(tmp_path / "plain.h5", "w") as file:
        file["x"] = np.zeros(3)
    area = PanelArea(pool)
    qtbot.addWidget(area)
    document = opened(qtbot, pool, tmp_path / "plain.h5")
    area.show_selection(Selection(document, document.root))
    assert area._tabs.tabText(area._tabs.currentIndex()) == "Details"
    assert "Datasets" in [area._tabs.tabText(n) for n in range(area._tabs.count())]
    area.clear()


def test_what_is_no_network_has_groups_and_datasets(qtbot, panel, keras_h5, datasets_h5) -> None:
    """Not layers and weights; the same panel shows both kinds of file."""
    words = {keras_h5: ("Layer", "Weight"), datasets_h5: ("Group", "Dataset")}
    for path, headings in words.items():
        show(qtbot, panel, path)
        assert panel._shown.model.headings[:2] == headings
        assert panel._header.filter.placeholderText() == f"Filter {headings[1].lower()}s"


# ------------------------------------------------------------------------ the model


def row(n: int) -> WeightRow:
    name = f"layer {n}"
    path = (name.encode(), b"kernel")
    return WeightRow(layer=name, name="kernel", path=path, shape=(2,), dtype="float32", n_bytes=8)


def summary(n: int, minimum: float) -> WeightSummary:
    return WeightSummary(
        row=n, minimum=minimum, maximum=minimum + 1, mean=0, std=1, norm=1,
        n_zero=0, n_nan=0, n_infinite=0, bins=(1,) * 32,
    )  # fmt: skip


def test_the_model_keeps_qts_rules(qtmodeltester) -> None:
    model = AllWeightsItemModel()
    model.append(tuple(row(n) for n in range(5)))
    model.take(tuple(summary(n, -n) for n in range(3)))
    qtmodeltester.check(model)


def test_numbers_that_come_later_move_their_rows(qtbot) -> None:
    model = AllWeightsItemModel()
    model.sort(MIN, Qt.SortOrder.AscendingOrder)
    model.append(tuple(row(n) for n in range(3)))
    with qtbot.waitSignal(model.modelReset):
        model.take((summary(2, -5.0), summary(0, 1.0)))
    shown = [model.index(n, LAYER).data() for n in range(3)]
    assert shown == ["layer 2", "layer 0", "layer 1"]
