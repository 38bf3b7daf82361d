"""Layers as table rows: nesting, filtering, sorting, and 100,000 of them in small steps."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from h5viewer.gui.architecture.layer_item_model import ROWS_A_TURN, LayerItemModel
from h5viewer.gui.architecture.layer_texts import (
    ACTIVATIONS,
    CLASS,
    INPUTS,
    MULTIPLY_ADDS,
    NAME,
    OUTPUT,
    PARAMETERS,
    TRAINABLE,
)
from h5viewer.nodes import Layer, Weight


def dense(name: str, *key: int, n: int = 10, **facts) -> Layer:
    weight = Weight(
        name="kernel", path=(name.encode(), b"kernel"), shape=(n,), dtype="f4", trainable=True
    )
    return Layer(
        **{
            "name": name,
            "class_name": "Dense",
            "key": key,
            "n_parameters": n,
            "trainable": True,
            "weights": (weight,),
        }
        | facts
    )


def nested() -> tuple[Layer, ...]:
    inner = Layer(
        name="inner",
        class_name="Functional",
        key=(1, 1),
        n_parameters=3,
        layers=(dense("deepest", 1, 1, 0, n=3),),
    )
    encoder = Layer(
        name="encoder",
        class_name="Functional",
        key=(1,),
        n_parameters=23,
        layers=(dense("first", 1, 0, n=20), inner),
    )
    return (dense("start", 0), encoder, dense("end", 2, n=7, inputs=("encoder",)))


def filled(qtbot, layers) -> LayerItemModel:
    model = LayerItemModel()
    with qtbot.waitSignal(model.settled):
        model.append(layers)
    return model


def names(model: LayerItemModel) -> list[str]:
    return [model.index(row, NAME).data() for row in range(model.rowCount())]


def test_is_a_sound_item_model_while_it_unfolds_and_filters(qtbot, qtmodeltester) -> None:
    model = filled(qtbot, nested())
    qtmodeltester.check(model)
    model.set_all_expanded(True)
    model.set_filter("deep")
    model.sort(PARAMETERS)
    model.set_filter("")
    assert model.rowCount() > 0
    qtmodeltester.check(model)


def test_a_nested_model_unfolds_below_its_row_and_folds_again(qtbot) -> None:
    model = filled(qtbot, nested())
    assert names(model) == ["start", "encoder", "end"]
    model.set_expanded(model.index(1, NAME), True)
    assert names(model) == ["start", "encoder", "first", "inner", "end"]
    model.set_expanded(model.index(3, NAME), True)
    assert names(model)[3:] == ["inner", "deepest", "end"]
    model.set_expanded(model.index(1, NAME), False)
    assert names(model) == ["start", "encoder", "end"]
    model.set_expanded(model.index(1, NAME), True)
    assert names(model)[3:] == ["inner", "deepest", "end"], "what was unfolded inside stays so"


def test_a_layer_that_is_folded_away_can_be_revealed(qtbot) -> None:
    model = filled(qtbot, nested())
    row = model.find(lambda layer: layer.name == "deepest")
    assert row is not None
    assert not model.index_of(row).isValid()
    assert model.reveal(row).data() == "deepest"
    assert model.parent_of(row).layer.name == "inner"


@pytest.mark.parametrize("wanted", ["DEEP", "deepest"])
def test_the_filter_finds_nested_layers_and_unfolds_what_holds_them(qtbot, wanted) -> None:
    model = filled(qtbot, nested())
    model.set_filter(wanted)
    assert names(model) == ["encoder", "inner", "deepest"]
    model.set_filter("")
    assert names(model) == ["start", "encoder", "end"], "folded as before the filter"


def test_the_filter_looks_at_classes_and_weights_too(qtbot) -> None:
    odd = dense("plain", 3, class_name="Conv2D")
    model = filled(qtbot, (*nested(), odd))
    model.set_filter("conv2d")
    assert names(model) == ["plain"]
    model.set_filter("kernel")
    assert names(model) == ["start", "encoder", "first", "inner", "deepest", "end", "plain"]
    model.set_filter("no such thing")
    assert names(model) == []


def test_layers_that_come_while_a_filter_is_set_are_filtered(qtbot) -> None:
    model = filled(qtbot, nested())
    model.set_filter("late")
    with qtbot.waitSignal(model.settled):
        model.append((dense("too late", 3), dense("other", 4)))
    assert names(model) == ["too late"]
    assert model.n_layers == 5


def test_sorting_by_parameters_and_back_to_the_order_of_the_network(qtbot) -> None:
    model = filled(qtbot, nested())
    model.sort(PARAMETERS, Qt.SortOrder.DescendingOrder)
    assert names(model) == ["encoder", "start", "end"]
    model.sort(-1)
    assert names(model) == ["start", "encoder", "end"]


def test_100_000_layers_come_in_small_steps(qtbot) -> None:
    steps: list[int] = []
    model = LayerItemModel()
    model.rowsInserted.connect(lambda _parent, first, last: steps.append(last - first + 1))
    layer = Layer(name="a", class_name="Activation", key=(0,))
    with qtbot.waitSignal(model.settled, timeout=60_000):
        model.append([layer] * 100_000)
        assert model.rowCount() == 0, "nothing is done before the event loop has its turn"
    assert model.rowCount() == 100_000
    assert max(steps) == ROWS_A_TURN
    assert len(steps) == 100_000 / ROWS_A_TURN


def test_the_cells_say_what_the_file_says(qtbot) -> None:
    layer = dense(
        "wide",
        0,
        n=1_234_567,
        inputs=("a", "b"),
        output_shape=(None, 64, 3),
    )
    several = dense("several", 1, output_shape=((None, 2), (None, 3)))
    unknown = Layer(name="unknown", class_name=None, key=(2,))
    model = filled(qtbot, (layer, several, unknown))
    assert model.index(0, PARAMETERS).data() == "1,234,567"
    assert model.index(0, OUTPUT).data() == "(None, 64, 3)"
    assert model.index(0, INPUTS).data() == "a, b"
    assert model.index(0, TRAINABLE).data() == "yes"
    assert model.index(1, OUTPUT).data() == "(None, 2), (None, 3)"
    assert model.index(2, OUTPUT).data() == "—"
    tip = model.index(2, OUTPUT).data(Qt.ItemDataRole.ToolTipRole)
    assert tip == "This file holds weights only; it does not say the shape."
    assert model.index(2, CLASS).data() == "—"
    assert model.index(2, TRAINABLE).data() == "—"


def test_a_model_with_trained_and_untrained_layers_is_partly_trainable(qtbot) -> None:
    frozen = dense("frozen", 0, 1, trainable=False)
    weights = tuple(
        Weight(name=w.name, path=w.path, shape=w.shape, dtype=w.dtype, trainable=False)
        for w in frozen.weights
    )
    frozen = dense("frozen", 0, 1, trainable=False, weights=weights)
    mixed = Layer(
        name="mixed",
        class_name="Functional",
        key=(0,),
        n_parameters=20,
        layers=(dense("free", 0, 0), frozen),
    )
    model = filled(qtbot, (mixed,))
    model.set_all_expanded(True)
    texts = [model.index(row, TRAINABLE).data() for row in range(3)]
    assert texts == ["partly", "yes", "no"]


def test_what_a_layer_takes_stands_in_columns_of_numbers(qtbot) -> None:
    counted = dense("counted", 0, multiply_adds=1_234_567, activation_bytes=2_000)
    custom = dense("custom", 1, shape_note="Its class is not one of Keras' own.")
    model = filled(qtbot, (counted, custom))
    assert model.index(0, MULTIPLY_ADDS).data() == "1,234,567"
    assert model.index(0, ACTIVATIONS).data() == "2.00 kB"
    assert model.row_as_text(model.index(0, NAME)).split("\t")[4:6] == ["1234567", "2000"]
    for column in (OUTPUT, MULTIPLY_ADDS, ACTIVATIONS):
        assert model.index(1, column).data() == "—"
        tip = model.index(1, column).data(Qt.ItemDataRole.ToolTipRole)
        assert "not one of Keras" in tip
    model.sort(MULTIPLY_ADDS, Qt.SortOrder.DescendingOrder)
    assert [model.index(row, NAME).data() for row in range(2)] == ["counted", "custom"]


def test_a_hostile_name_is_text_in_the_cell_and_escaped_in_the_tooltip(qtbot) -> None:
    layer = dense('<img src="file:x">\n&amp;', 0)
    model = filled(qtbot, (layer,))
    assert model.index(0, NAME).data() == '<img src="file:x">\\n&amp;'
    tip = model.index(0, NAME).data(Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("&lt;img src=")
    assert model.row_as_text(model.index(0, NAME)).count("\t") == 7


def test_nesting_as_deep_as_json_allows_is_no_recursion(qtbot) -> None:
    layer = dense("leaf", 0)
    for depth in range(3_000):
        layer = Layer(name=f"level {depth}", class_name="Functional", key=(0,), layers=(layer,))
    model = filled(qtbot, (layer,))
    model.set_filter("leaf")
    assert model.rowCount() == 3_001
