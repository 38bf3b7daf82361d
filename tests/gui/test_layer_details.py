"""Weights, configurations, training and numbers in words."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel

from h5viewer import wording
from h5viewer.gui.architecture import training_words
from h5viewer.gui.architecture.config_view import ConfigView, value_words
from h5viewer.gui.architecture.findings import Finding, Findings, finding_words
from h5viewer.gui.architecture.layer_kinds import (
    ACTIVATION,
    CONVOLUTION,
    DENSE,
    INPUT,
    MERGE,
    MODEL,
    NORMALIZATION,
    OTHER,
    POOLING,
    RECURRENT,
    RESHAPE,
    layer_kind,
)
from h5viewer.gui.architecture.totals import totals
from h5viewer.gui.architecture.weights_item_model import (
    NAME,
    SHAPE,
    TYPE,
    WeightsItemModel,
    role_of,
)
from h5viewer.gui.controls.row_table import BELOW, TONE, RowTable
from h5viewer.gui.details.facts import facts
from h5viewer.gui.selection import Selection
from h5viewer.nodes import (
    Architecture,
    Dataset,
    Document,
    DType,
    Filter,
    Group,
    Identity,
    ParameterCount,
    Text,
    Training,
    Weight,
)


def weight(stored_at: str, **facts) -> Weight:
    parts = tuple(part.encode() for part in stored_at.split("/"))
    return Weight(
        **{"name": stored_at.rsplit("/", 1)[-1], "path": parts, "shape": (3,), "dtype": "float32"}
        | facts
    )


def training(**facts) -> Training:
    empty = {"loss": "", "metrics": "", "optimizer_class": None, "optimizer_config": ""}
    return Training(**empty | facts)


def document() -> Document:
    return Document(
        path="/somewhere/file.h5",
        format="hdf5",
        identity=Identity(device=1, inode=2, size=10, mtime_ns=0),
        root=Group(path=()),
    )


# ------------------------------------------------------------------ weights


def test_weights_are_a_sound_item_model(qtmodeltester) -> None:
    model = WeightsItemModel()
    model.set_weights((weight("dense/kernel:0"), weight("dense/bias:0")))
    qtmodeltester.check(model)


def test_a_weight_shows_its_role_and_what_its_axes_mean() -> None:
    model = WeightsItemModel()
    model.set_weights((weight("dense/kernel:0", shape=(4, 2), axes=("in", "out"), trainable=True),))
    assert model.index(0, NAME).data() == "kernel"
    assert model.index(0, NAME).data(BELOW) == "kernel:0"
    assert model.index(0, SHAPE).data() == "(4, 2)"
    assert model.index(0, SHAPE).data(BELOW) == "in, out"
    assert model.index(0, TYPE).data(BELOW) == "trainable"


def test_weights_of_one_name_are_told_apart_by_their_paths() -> None:
    model = WeightsItemModel()
    paths = ("a/b/forward/kernel:0", "a/b/backward/kernel:0", "a/b/backward/cell/bias:0")
    model.set_weights(tuple(map(weight, paths)))
    below = [model.index(row, NAME).data(BELOW) for row in range(3)]
    assert below == ["forward", "backward", "backward/cell"]


def test_a_missing_weight_is_a_warning() -> None:
    model = WeightsItemModel()
    model.set_weights((weight("a/bias:0", path=None, shape=None, problem="Not in the file."),))
    assert model.index(0, SHAPE).data() == "missing"
    assert model.index(0, SHAPE).data(BELOW) == "Not in the file."
    assert model.index(0, NAME).data(TONE) == "warning"


@pytest.mark.parametrize(
    ("name", "role"),
    [("conv/kernel:0", "kernel"), ("dense_1_W", "dense_1_W"), ("0", "0"), ("a/b:1", "b:1")],
)
def test_the_role_is_the_last_word(name: str, role: str) -> None:
    assert role_of(name) == role


# ------------------------------------------------------------ configurations


def shown_settings(view: ConfigView) -> dict[str, str]:
    tree = view._tree
    items = [tree.topLevelItem(row) for row in range(tree.topLevelItemCount())]
    return {item.text(0): item.text(1) for item in items}


def show_config(view: ConfigView, config: object) -> None:
    text = json.dumps(config)
    view.show_text(Text(text=text, total=len(text), is_complete=True, language="json"))


def test_a_configuration_reads_as_settings(qtbot) -> None:
    view = ConfigView("Configuration")
    qtbot.addWidget(view)
    show_config(
        view,
        {
            "class_name": "Conv2D",
            "config": {
                "filters": 4,
                "kernel_size": [3, 3],
                "use_bias": True,
                "bias_regularizer": None,
                "kernel_regularizer": {"class_name": "L2", "config": {"l2": 0.5}},
            },
            "inbound_nodes": [["a", 0, 0, {}]],
        },
    )
    assert shown_settings(view) == {
        "filters": "4",
        "kernel_size": "[3, 3]",
        "use_bias": "True",
        "bias_regularizer": "None",
        "kernel_regularizer": "L2 (0.5)",
        "inbound_nodes": "1 item",
    }


@pytest.mark.parametrize("text", ["[1, 2]", "{broken", "[" * 3000, '"' + "x" * 300_000 + '"'])
def test_what_is_no_settings_is_shown_as_text(qtbot, text: str) -> None:
    view = ConfigView("Configuration")
    qtbot.addWidget(view)
    view.show_text(Text(text=text, total=len(text), is_complete=True, language="json"))
    assert view._pages.currentWidget() is view._text
    assert not view._as_text.isEnabled()


def test_a_wide_and_deep_configuration_stays_bounded(qtbot) -> None:
    deep: object = 1
    for _ in range(200):
        deep = {"inner": deep, "other": {}}
    view = ConfigView("Configuration")
    qtbot.addWidget(view)
    show_config(view, {f"key {n}": {"a": n, "b": [n, {}]} for n in range(5_000)} | {"deep": deep})
    assert view._tree.topLevelItemCount() <= 2_001
    show_config(view, {"deep": deep})
    assert view._tree.topLevelItemCount() == 1


def test_markup_in_a_setting_is_text(qtbot) -> None:
    view = ConfigView("Configuration")
    qtbot.addWidget(view)
    show_config(view, {"name": "<img src='x'>"})
    item = view._tree.topLevelItem(0)
    assert item.text(1) == "<img src='x'>"
    assert item.toolTip(1).startswith("&lt;img")


def test_values_are_written_as_python_people_do() -> None:
    assert [value_words(value) for value in (None, True, 1, 0.5, "a\nb", {}, [])] == [
        "None", "True", "1", "0.5", r"a\nb", "{}", "[]",
    ]  # fmt: skip


# ----------------------------------------------------------------- training


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ('"mse"', "mse"),
        ('["mse", "mse"]', "mse"),
        ('{"a": "mse", "b": "mae"}', "a: mse, b: mae"),
        ('[[{"class_name": "MeanMetricWrapper", "config": {"name": "accuracy"}}]]', "accuracy"),
        ('{"class_name": "function", "config": "hinge"}', "hinge"),
        ('{"class_name": "BinaryCrossentropy", "config": {"name": "b"}}', "BinaryCrossentropy"),
        ("null", ""),
        ("{broken", "{broken"),
        ("[" * 500 + "]" * 500, "…"),
    ],
)
def test_losses_and_metrics_in_words(stored: str, words: str) -> None:
    assert training_words.loss_words(training(loss=stored)) == words


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ('{"learning_rate": 0.0010000000474974513}', "Adam, learning rate 0.001"),
        ('{"lr": 1}', "Adam, learning rate 1"),
        ('{"lr": ' + "9" * 400 + "}", "Adam, learning rate " + "9" * 39 + "…"),
        (
            '{"learning_rate": {"class_name": "CosineDecay", "config": {}}}',
            "Adam, learning rate by CosineDecay",
        ),
        ("[1]", "Adam"),
        ("", "Adam"),
    ],
)
def test_the_optimizer_in_words(config: str, words: str) -> None:
    stored = training(optimizer_class="Custom>Adam", optimizer_config=config)
    assert training_words.optimizer_words(stored) == words


def test_all_settings_are_one_json_text_whatever_the_parts_are() -> None:
    stored = training(loss='"mse"', metrics="{broken", optimizer_class='A"dam')
    whole = json.loads(training_words.settings_text(stored).text)
    assert whole == {"loss": "mse", "metrics": "{broken", "optimizer": 'A"dam'}


def test_totals_count_bytes_where_they_are_certain() -> None:
    counted = Architecture(
        class_name="Model",
        name=None,
        n_layers=1,
        parameters=ParameterCount(total=1000, trainable=900, non_trainable=100),
    )
    assert totals(counted, {"float32": 1000})[0] == ("Parameters", "1,000 (4.00 kB)")
    assert totals(counted, {"float32": 500, "int8": 500})[0] == ("Parameters", "1,000 (2.50 kB)")
    shared_and_mixed = {"float32": 900, "int8": 200}
    assert totals(counted, shared_and_mixed)[0] == ("Parameters", "1,000")
    assert totals(counted, {"odd": 1000})[0] == ("Parameters", "1,000")


# ------------------------------------------------------------ kinds, numbers


@pytest.mark.parametrize(
    ("class_name", "kind"),
    [
        ("Conv2D", CONVOLUTION), ("Convolution2D", CONVOLUTION), ("SeparableConv2D", CONVOLUTION),
        ("Conv2DTranspose", CONVOLUTION), ("QConv1D", CONVOLUTION), ("ConvLSTM2D", RECURRENT),
        ("Dense", DENSE), ("Custom>QDense", DENSE), ("keras.layers.Dense", DENSE),
        ("BatchNormalization", NORMALIZATION), ("ReLU", ACTIVATION), ("LeakyReLU", ACTIVATION),
        ("GlobalAveragePooling2D", POOLING), ("MaxPooling2D", POOLING), ("Add", MERGE),
        ("Average", MERGE), ("Flatten", RESHAPE), ("InputLayer", INPUT), ("Functional", MODEL),
        ("MEGNetLayer", OTHER), ("Lambda", OTHER), (None, OTHER), ("", OTHER),
    ],
)  # fmt: skip
def test_each_class_has_its_kind(class_name: str | None, kind: object) -> None:
    assert layer_kind(class_name) is kind


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.00 kB"),
        (999_499, "999 kB"), (999_500, "1.00 MB"), (94_203_112, "94.2 MB"),
        (3_600_000_000_000_000, "3.60 PB"), (10**30, "about 10^30 bytes"),
    ],
)  # fmt: skip
def test_bytes_in_words(count: int, text: str) -> None:
    assert wording.bytes_text(count) == text


def test_absurd_sizes_stay_exact_or_say_about() -> None:
    assert wording.count_text(10**15) == "1,000,000,000,000,000"
    assert wording.count_text(2**2000) == "about 10^602"
    assert wording.ratio_text(1, 21_474_836_480) == "21,474,836,480 ×"


def test_facts_name_what_a_filter_lacks_and_what_is_declared() -> None:
    node = Dataset(
        path=(b"data",),
        dtype=DType(kind="float", text="float32", itemsize=4),
        shape=(10**8, 10**7),
        layout="chunked",
        chunks=(10, 10),
        filters=(Filter(id=32004, name="LZ4 (filter 32004)", available=False),),
    )
    said = {fact.label: fact for fact in facts(Selection(document(), node))}
    assert said["Shape"].text == "(100000000, 10000000): 1,000,000,000,000,000 values"
    assert said["Size of the values"].text == "4.00 PB (4,000,000,000,000,000 bytes)"
    assert said["Stored"].text == "nothing stored yet"
    assert said["Filter"].severity == "warning"
    assert said["Filter"].text.startswith("LZ4 (filter 32004)")


def test_a_finding_names_its_place_once() -> None:
    assert finding_words(Finding("lam", "a lambda function")) == "lam: a lambda function"
    assert finding_words(Finding("dense", "dense has no bias.")) == "dense has no bias."


def test_thousands_of_findings_are_counted_not_listed(qtbot) -> None:
    strip = Findings("warning")
    qtbot.addWidget(strip)
    strip.show_findings("Many", [Finding("a", "odd")] * 5_000)
    assert len(strip.lines) == 1_001
    assert strip.lines[-1] == "and 4,000 more"
    with qtbot.assertNotEmitted(strip.finding_chosen):
        strip._list.itemActivated.emit(strip._list.item(1_000))
    with qtbot.waitSignal(strip.finding_chosen):
        strip._list.itemActivated.emit(strip._list.item(0))


@pytest.mark.parametrize("n_columns", [0, 1, 2])
def test_a_table_of_any_width_can_be_resized(qtbot, n_columns: int) -> None:
    """An error in resizeEvent while a window is drawn into a picture ends the program."""
    table = RowTable("Rows")
    qtbot.addWidget(table)
    table.resize(100, 100)
    table.show()
    table.resize(200, 100)
    model = QStandardItemModel(2, n_columns)
    table.setModel(model)
    table.resize(300, 100)
    table.fit_columns()
    table.resize(50, 100)
    assert not table.grab().isNull()


def test_tooltips_of_weights_are_escaped() -> None:
    model = WeightsItemModel()
    model.set_weights((weight("<b>/k"),))
    assert "&lt;b&gt;" in model.index(0, NAME).data(Qt.ItemDataRole.ToolTipRole)
