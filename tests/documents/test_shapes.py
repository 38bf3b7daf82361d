"""Output shapes, multiply-adds and activations, by literal numbers and without Keras."""

from __future__ import annotations

import json
from typing import Any

import pytest
from decoding import functional, layer_entry, sequential
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from h5viewer.documents.declared import Declaration, DeclaredLayer, every_layer
from h5viewer.documents.keras_config import finished, reading
from h5viewer.documents.shapes.counting import counting
from h5viewer.documents.shapes.expected import expected_weights
from h5viewer.documents.shapes.network import cost_of, work_out
from h5viewer.documents.shapes.operations import OPERATIONS
from h5viewer.documents.shapes.rules import RULES

JSON = Any


def worked_out(model: JSON) -> Declaration:
    """A configuration with all shapes noted on its layers."""
    model = json.loads(json.dumps(model))
    declaration = finished(reading(model))
    config = model.get("config")
    finished(work_out(declaration.layers, config if isinstance(config, dict) else {}))  # type: ignore[arg-type]
    return declaration


def alone(class_name: str, shape: JSON, **config: JSON) -> DeclaredLayer:
    """One layer fed by one input of this shape, without batch."""
    source = layer_entry("InputLayer", "in", batch_input_shape=[None, *shape])
    model = sequential(source, layer_entry(class_name, "x", **config))
    return worked_out(model).layers[-1]


def entered(*shape: int | None, name: str = "in") -> JSON:
    return layer_entry("InputLayer", name, batch_input_shape=[None, *shape]) | {
        "name": name,
        "inbound_nodes": [],
    }


# ------------------------------------------------------------------- single layers

KERAS_1 = [
    ("Convolution2D", [16, 16, 3], {"nb_filter": 4, "nb_row": 3, "nb_col": 5,
     "border_mode": "valid", "subsample": [2, 1], "dim_ordering": "tf"}, (None, 7, 12, 4)),
    ("Convolution2D", [3, 16, 16], {"nb_filter": 4, "nb_row": 3, "nb_col": 3,
     "border_mode": "same", "subsample": [2, 2], "dim_ordering": "th"}, (None, 4, 8, 8)),
    ("Convolution2D", [16, 16, 3], {"nb_filter": 4, "nb_row": 3, "nb_col": 3,
     "border_mode": "full", "dim_ordering": "tf"}, (None, 18, 18, 4)),
    ("Convolution1D", [20, 3], {"nb_filter": 4, "filter_length": 3, "border_mode": "valid",
     "subsample_length": 2}, (None, 9, 4)),
    ("AtrousConvolution2D", [16, 16, 3], {"nb_filter": 4, "nb_row": 3, "nb_col": 3,
     "border_mode": "valid", "atrous_rate": [2, 2], "dim_ordering": "tf"}, (None, 12, 12, 4)),
    ("Convolution3D", [8, 8, 8, 1], {"nb_filter": 2, "kernel_dim1": 2, "kernel_dim2": 3,
     "kernel_dim3": 4, "dim_ordering": "tf"}, (None, 7, 6, 5, 2)),
    ("Deconvolution2D", [8, 8, 3], {"nb_filter": 2, "nb_row": 3, "nb_col": 3,
     "output_shape": [None, 10, 10, 2], "dim_ordering": "tf"}, (None, 10, 10, 2)),
    ("MaxPooling2D", [16, 16, 3], {"pool_size": [2, 2], "strides": [2, 2],
     "border_mode": "same", "dim_ordering": "tf"}, (None, 8, 8, 3)),
    ("MaxPooling1D", [20, 3], {"pool_length": 3, "stride": 2, "border_mode": "valid"},
     (None, 9, 3)),
    ("UpSampling1D", [20, 3], {"length": 2}, (None, 40, 3)),
    ("ZeroPadding2D", [5, 6, 3], {"padding": [1, 2, 3, 4], "dim_ordering": "tf"},
     (None, 8, 13, 3)),
    ("Dense", [5], {"output_dim": 7, "bias": True}, (None, 7)),
    ("MaxoutDense", [5], {"output_dim": 7, "nb_feature": 3}, (None, 7)),
    ("Highway", [5], {}, (None, 5)),
    ("TimeDistributedDense", [4, 5], {"output_dim": 7}, (None, 4, 7)),
    ("LSTM", [4, 5], {"output_dim": 7, "return_sequences": True}, (None, 4, 7)),
    ("CuDNNGRU", [4, 5], {"units": 7, "return_state": True}, ((None, 7), (None, 7))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "shape", "config", "wanted"), KERAS_1)
def test_layers_of_old_versions_have_their_shapes(
    name: str, shape: JSON, config: JSON, wanted: JSON
) -> None:
    """Arguments and classes that no Keras of today knows."""
    assert alone(name, shape, **config).output_shape == wanted


COSTS = [
    ("Dense", [5], {"units": 7}, 5 * 7),
    ("Dense", [4, 5], {"units": 7}, 4 * 5 * 7),
    ("Conv2D", [8, 8, 3], {"filters": 4, "kernel_size": 3}, 36 * 4 * 9 * 3),
    ("Conv2D", [8, 8, 4], {"filters": 4, "kernel_size": 3, "groups": 2}, 36 * 4 * 9 * 2),
    ("Conv2DTranspose", [8, 8, 3], {"filters": 4, "kernel_size": 3, "strides": 2}, 64 * 4 * 9 * 3),
    ("DepthwiseConv2D", [8, 8, 3], {"kernel_size": 3, "depth_multiplier": 2}, 36 * 6 * 9),
    ("SeparableConv2D", [8, 8, 3], {"filters": 4, "kernel_size": 3}, 36 * 3 * 9 + 36 * 3 * 4),
    ("LocallyConnected1D", [8, 3], {"filters": 4, "kernel_size": 3}, 6 * 4 * 3 * 3),
    ("LSTM", [10, 3], {"units": 4}, 10 * 4 * 4 * (3 + 4)),
    ("GRU", [10, 3], {"units": 4}, 10 * 3 * 4 * (3 + 4)),
    ("ConvLSTM2D", [5, 8, 8, 2], {"filters": 3, "kernel_size": 3}, 5 * 36 * 9 * 4 * 3 * (2 + 3)),
    ("EinsumDense", [6, 4], {"equation": "abc,cd->abd", "output_shape": [None, 8]}, 6 * 4 * 8),
    ("Embedding", [10], {"input_dim": 50, "output_dim": 8}, 0),
    ("BatchNormalization", [8, 8, 3], {}, 0),
    ("MaxPooling2D", [8, 8, 3], {}, 0),
    ("LSTM", [None, 3], {"units": 4}, None),
    ("Conv1D", [None, 3], {"filters": 4, "kernel_size": 3}, None),
    ("GlobalAveragePooling1D", [None, 3], {}, 0),
    ("Bidirectional", [10, 3], {"layer": layer_entry("LSTM", "l", units=4)}, 2 * 1120),
    ("TimeDistributed", [10, 3], {"layer": layer_entry("Dense", "d", units=4)}, 10 * 12),
]  # fmt: skip


@pytest.mark.parametrize(("name", "shape", "config", "wanted"), COSTS)
def test_multiply_adds_are_those_of_the_stated_rule(
    name: str, shape: JSON, config: JSON, wanted: JSON
) -> None:
    """One for each multiplication with the addition after it; None where a length is open."""
    layer = alone(name, shape, **config)
    assert layer.multiply_adds == wanted
    assert bool(counting(name)) == (wanted != 0)


def test_attention_counts_projections_scores_and_values() -> None:
    call = layer_entry("MultiHeadAttention", "x", num_heads=2, key_dim=3)
    call |= {"name": "x", "inbound_nodes": [[["in", 0, 0, {"value": ["in", 0, 0]}]]]}
    layer = worked_out(functional(entered(5, 8), call)).layers[-1]
    projections = 4 * 5 * 8 * 6
    assert layer.multiply_adds == projections + 2 * 2 * 5 * 5 * 3
    assert layer.output_shape == (None, 5, 8)


# ----------------------------------------------------------------- whole networks


def test_a_layer_called_twice_counts_twice_and_shows_its_first_call() -> None:
    shared = layer_entry("Conv2D", "c", filters=2, kernel_size=1) | {
        "name": "c",
        "inbound_nodes": [[["a", 0, 0, {}]], [["b", 0, 0, {}]]],
    }
    ends = layer_entry("Flatten", "f") | {"name": "f", "inbound_nodes": [[["c", 1, 0, {}]]]}
    model = functional(entered(4, 4, 3, name="a"), entered(8, 8, 3, name="b"), shared, ends)
    *_, convolution, flat = worked_out(model).layers
    assert convolution.output_shape == (None, 4, 4, 2)
    assert convolution.multiply_adds == (16 + 64) * 3 * 2
    assert convolution.n_values == (16 + 64) * 2
    assert flat.output_shape == (None, 128)


@pytest.mark.parametrize("more", [{}, {"build_input_shape": [None, 4, 4]}])
def test_what_an_input_layer_puts_out_counts_once(more: JSON) -> None:
    """In a Sequential as in any other model; not again where another layer feeds it."""
    alone = sequential(
        layer_entry("InputLayer", "in", batch_input_shape=[None, 4, 4]), layer_entry("Flatten", "f")
    )
    alone["config"] |= more
    assert [layer.n_values for layer in worked_out(alone).layers] == [16, 16]
    within = alone | {"name": "s", "inbound_nodes": [[["in", 0, 0, {}]]]}
    source, inner = worked_out(functional(entered(4, 4), within)).layers
    assert (source.n_values, inner.n_values) == (16, 16)


def test_what_does_not_depend_on_a_custom_layer_is_still_told() -> None:
    model = sequential(
        layer_entry("InputLayer", "in", batch_input_shape=[None, 8, 8, 3]),
        layer_entry("Flatten", "before"),
        layer_entry("Mystery", "custom"),
        layer_entry("Dense", "d", units=3),
        layer_entry("Reshape", "after", target_shape=[3]),
        layer_entry("Dense", "e", units=2),
    )
    before, custom, dense, after, last = worked_out(model).layers[1:]
    assert before.output_shape == (None, 192)
    assert (custom.output_shape, dense.output_shape) == (None, None)
    assert "class" in custom.shape_note
    assert "input" in dense.shape_note
    assert after.output_shape == (None, 3)
    assert (last.output_shape, last.multiply_adds) == ((None, 2), 6)
    cost = cost_of([before, custom, dense, after, last])
    assert cost is not None
    assert (cost.multiply_adds, cost.n_uncounted, cost.n_unshaped) == (6, 2, 2)


def test_the_shape_that_keras_3_states_stands_in_for_a_custom_layer() -> None:
    """A consumer names it, or the layer after it says what it was built for."""
    tensor = {"shape": [None, 7], "dtype": "float32", "keras_history": ["custom", 0, 0]}
    node = {"args": [{"class_name": "__keras_tensor__", "config": tensor}], "kwargs": {}}
    dense = layer_entry("Dense", "d", units=3) | {"name": "d", "inbound_nodes": [node]}
    custom = layer_entry("Mystery", "custom", "in") | {"name": "custom"}
    first = worked_out(functional(entered(5), custom, dense)).layers
    assert [layer.output_shape for layer in first[1:]] == [(None, 7), (None, 3)]
    tensor["shape"] = [None]  # what is written where nobody knows
    third = worked_out(functional(entered(5), custom, dense)).layers
    assert [layer.output_shape for layer in third[1:]] == [None, None]
    built = layer_entry("Dense", "d", units=3) | {"build_config": {"input_shape": [None, 7]}}
    second = worked_out(sequential(layer_entry("Mystery", "custom"), built)).layers
    assert [layer.output_shape for layer in second] == [(None, 7), (None, 3)]


def test_lambda_layers_have_the_shape_they_declare() -> None:
    declared = alone("Lambda", [8, 8, 3], output_shape=[4, 2], output_shape_type="raw")
    assert declared.output_shape == (None, 4, 2)
    silent = alone("Lambda", [8, 8, 3], function="relu")
    assert silent.output_shape is None
    assert "not executed" in silent.shape_note
    assert silent.multiply_adds is None


def test_branches_of_an_old_merge_join() -> None:
    def branch(name: str, units: int) -> JSON:
        dense = layer_entry("Dense", f"{name}_d", output_dim=units, batch_input_shape=[None, 4])
        return sequential(dense, name=name)

    merge = layer_entry("Merge", "m", mode="concat", concat_axis=-1)
    merge["config"]["layers"] = [branch("left", 3), branch("right", 5)]
    merged, last = worked_out(
        {"class_name": "Sequential", "config": [merge, layer_entry("Dense", "o", output_dim=2)]}
    ).layers
    assert merged.output_shape == (None, 8)
    assert merged.multiply_adds == 4 * 3 + 4 * 5
    assert last.output_shape == (None, 2)


def test_nodes_of_a_graph_of_tensorflow_are_followed() -> None:
    """TensorFlowOpLayer, as TensorFlow 2.0 to 2.3 wrote operators."""
    node = {"name": "mm", "op": "MatMul", "input": ["a", "b"], "attr": {"transpose_b": {"b": True}}}
    product = layer_entry("TensorFlowOpLayer", "mm", "a", "b", node_def=json.dumps(node))
    mean = {"name": "mean", "op": "Mean", "attr": {"keep_dims": {"b": True}}}
    entry = layer_entry("TensorFlowOpLayer", "mean", "mm", node_def=mean, constants={"1": [1]})
    model = functional(entered(5, 8, name="a"), entered(7, 8, name="b"), product, entry)
    matrix, means = worked_out(model).layers[2:]
    assert (matrix.output_shape, matrix.multiply_adds) == ((None, 5, 7), 5 * 7 * 8)
    assert means.output_shape == (None, 1, 7)


def test_expected_weights_follow_from_inputs_and_configuration() -> None:
    dense = expected_weights(alone("Dense", [5], units=7, use_bias=True))
    assert dense is not None
    assert [(weight.name, weight.shape) for weight in dense] == [("kernel", (5, 7)), ("bias", (7,))]
    norm = expected_weights(alone("BatchNormalization", [4, 4, 6]), [(None, 4, 4, 9)])
    assert norm is not None
    assert {weight.shape for weight in norm} == {(9,)}
    assert [weight.trainable for weight in norm] == [True, True, False, False]
    assert expected_weights(alone("Mystery", [5])) is None
    open_ended = expected_weights(alone("Dense", [None], units=7))
    assert open_ended is not None
    assert open_ended[0].shape == (None, 7)


# -------------------------------------------------------------------- hostile files


def test_models_that_call_each_other_without_end_stop_soon() -> None:
    """Thirty levels, each of which calls the next one twice: a thousand million calls."""
    inner: JSON = functional(
        entered(4),
        layer_entry("Dense", "d", "in", units=4),
        inputs=[["in", 0, 0]],
        outputs=[["d", 0, 0]],
    )
    for depth in range(28):
        called = {**inner, "name": f"m{depth}"}
        called["config"] = {**inner["config"], "name": f"m{depth}"}
        called["inbound_nodes"] = [[["in", 0, 0, {}]], [[f"m{depth}", 1, 0, {}]]]
        inner = functional(entered(4), called, inputs=[["in", 0, 0]], outputs=[[f"m{depth}", 2, 0]])
    layers = worked_out(inner).layers
    assert layers[-1].multiply_adds in (None, 2**28 * 16)


def test_models_that_are_fed_ever_other_shapes_stop_soon() -> None:
    """Each level calls the next one for its input and for a longer one: 2^24 shapes."""
    ends = {"inputs": [["in", 0, 0]], "outputs": [["d", 0, 0]]}
    inner: JSON = functional(entered(None, 4), layer_entry("Dense", "d", "in", units=4), **ends)
    for depth in range(24):
        called = {**inner, "name": "m", "config": {**inner["config"], "name": "m"}}
        called["inbound_nodes"] = [[["in", 0, 0, {}]], [["p", 0, 0, {}]]]
        longer = layer_entry("ZeroPadding1D", "p", "in", padding=[0, 2**depth])
        ends["outputs"] = [["m", 2, 0]]
        inner = functional(entered(None, 4), longer, called, **ends)
    inner["config"]["layers"][0] = entered(3, 4)
    layers = worked_out(inner).layers
    assert layers[1].output_shape == (None, 3 + 2**23, 4)
    assert layers[-1].multiply_adds is None


def test_a_large_model_fed_hundreds_of_shapes_is_not_followed_each_time() -> None:
    chain = [layer_entry("ReLU", f"r{i}", f"r{i - 1}" if i else "in") for i in range(2000)]
    inside = functional(entered(None), *chain, inputs=[["in", 0, 0]], outputs=[["r1999", 0, 0]])
    calls = [[[f"i{i}", 0, 0, {}]] for i in range(300)]
    inside |= {"name": "m", "inbound_nodes": calls}
    inputs = [entered(i, name=f"i{i}") for i in range(300)]
    layer = worked_out(functional(*inputs, inside)).layers[-1]
    assert layer.output_shape == (None, 0)
    assert layer.multiply_adds is None


def test_calls_of_a_model_are_numbered_from_one() -> None:
    """As Keras numbers them: the first is that of the model's own input."""
    inside = functional(
        entered(None, 4),
        layer_entry("Dense", "d", "in", units=2),
        inputs=[["in", 0, 0]],
        outputs=[["d", 0, 0]],
    )
    inside |= {"name": "m", "inbound_nodes": [[["a", 0, 0, {}]], [["b", 0, 0, {}]]]}
    first = layer_entry("Flatten", "f") | {"name": "f", "inbound_nodes": [[["m", 1, 0, {}]]]}
    second = layer_entry("Flatten", "g") | {"name": "g", "inbound_nodes": [[["m", 2, 0, {}]]]}
    model = functional(entered(3, 4, name="a"), entered(5, 4, name="b"), inside, first, second)
    *_, network, flat, other = worked_out(model).layers
    assert [layer.output_shape for layer in (flat, other)] == [(None, 6), (None, 10)]
    assert network.multiply_adds == (3 + 5) * 4 * 2
    assert network.layers[-1].multiply_adds == 3 * 4 * 2  # below a model: its first call


def test_a_layer_shared_a_thousand_times_is_followed() -> None:
    calls = [[["in", 0, 0, {}]], *([["d", i, 0, {}]] for i in range(2999))]
    shared = layer_entry("Dense", "d", units=4) | {"name": "d", "inbound_nodes": calls}
    (_, layer) = worked_out(functional(entered(4), shared)).layers
    assert layer.multiply_adds == 3000 * 16


def test_tensors_split_without_measure_are_not_followed() -> None:
    """Each of these layers puts out 9,000 tensors."""
    parts = [
        layer_entry("Split", f"s{i}", "in", indices_or_sections=9000, axis=1)
        | {"module": "keras.src.ops.numpy"}
        for i in range(50)
    ]
    layers = worked_out(functional(entered(9000), *parts)).layers
    assert layers[1].output_shape is not None
    assert layers[-1].output_shape is None
    assert "too often" in layers[-1].shape_note


@pytest.mark.parametrize("number", [2**52, -1, 10**400, 1e308, True, "3", [], {}, None, 0])
@pytest.mark.parametrize(
    "name", ["Conv2D", "Dense", "UpSampling2D", "Reshape", "LSTM", "Cropping2D"]
)
def test_strange_numbers_make_shapes_unknown(name: str, number: JSON) -> None:
    """Never an exception, never a number that cannot be sent."""
    names = ("filters", "units", "kernel_size", "size", "cropping", "strides")
    config = dict.fromkeys(names, number) | {"target_shape": [number, -1]}
    shape = [4, 5] if name == "LSTM" else [4, 5, 6]
    layer = alone(name, shape, **config)
    assert layer.output_shape is None or max(axis or 0 for axis in layer.output_shape) <= 2**53  # type: ignore[type-var,operator]
    assert (layer.multiply_adds or 0) <= 2**60
    assert (layer.output_shape is None) == bool(layer.shape_note)


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.integers(-3, 9),
    st.floats(), st.sampled_from(["same", "valid", "channels_first", "ab,bc->ac", "...a,a->"]),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["class_name", "config", "items", "start", "stop", "step", "units"]),
        inner, max_size=3),
    max_leaves=8,
)  # fmt: skip
ARGUMENTS = [
    "units", "filters", "kernel_size", "strides", "padding", "dilation_rate", "groups",
    "depth_multiplier", "pool_size", "size", "cropping", "target_shape", "dims", "n", "axis",
    "axes", "equation", "output_shape", "bias_axes", "num_heads", "key_dim", "attention_axes",
    "layer", "cell", "merge_mode", "mode", "output_mode", "num_tokens", "height", "width",
    "vocabulary", "data_format", "return_sequences", "return_state", "newshape",
    "indices_or_sections", "repeats", "pad_width", "num_classes", "k", "source", "destination",
    "axis1", "axis2", "function", "node_def", "constants", "output_size", "shape", "key",
    "subscripts", "frame_length", "input_dim", "output_dim", "nb_filter",
]  # fmt: skip
CLASSES = sorted({*RULES, *OPERATIONS, "InputLayer", "Bidirectional", "TimeDistributed", "Mystery"})


@settings(deadline=None, max_examples=250, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(CLASSES),
    st.dictionaries(st.sampled_from(ARGUMENTS), VALUES, max_size=8),
    st.lists(st.lists(st.none() | st.integers(0, 9), max_size=5), min_size=1, max_size=3),
    st.dictionaries(st.sampled_from(ARGUMENTS), VALUES, max_size=3),
    st.booleans(),
)
def test_garbage_never_raises(
    name: str, config: JSON, shapes: JSON, named: JSON, is_operation: bool
) -> None:
    """Any class with any arguments, fed anything."""
    inputs = [entered(*shape, name=f"i{i}") for i, shape in enumerate(shapes)]
    entry = layer_entry(name, "x", **config)
    first = ["i0", 0, 0, named]
    rest = [[f"i{i}", 0, 0, {}] for i in range(1, len(shapes))]
    entry |= {"name": "x", "inbound_nodes": [[first, *rest]]}
    if is_operation:
        entry["module"] = "keras.src.ops.numpy"
    model = functional(*inputs, entry, layer_entry("Dense", "after", "x", units=2))
    declaration = finished(reading(model))
    finished(work_out(declaration.layers, model["config"]))  # type: ignore[arg-type]
    for layer in every_layer(declaration.layers):
        expected_weights(layer)
        assert layer.multiply_adds is None or 0 <= layer.multiply_adds <= 2**60
        assert layer.n_values is None or 0 <= layer.n_values <= 2**60


def test_a_network_that_is_called_twice_and_ends_the_whole_has_its_shape() -> None:
    """Keras 3 counts its calls from 0 in what other layers take, and from 1 as an end."""

    def taking(layer: str, call: int) -> JSON:
        config = {"shape": [None], "keras_history": [layer, call, 0]}
        return {"args": [{"class_name": "__keras_tensor__", "config": config}], "kwargs": {}}

    inner = sequential(entered(8, name="start"), layer_entry("Dense", "d", units=6))
    layers = [
        entered(8),
        {**inner, "name": "inner", "inbound_nodes": [taking("in", 0), taking("back", 0)]},
        layer_entry("Dense", "back", units=8)
        | {"name": "back", "inbound_nodes": [taking("inner", 0)]},
    ]
    ends = {"input_layers": [["in", 0, 0]], "output_layers": [["inner", 2, 0]]}
    model = {"class_name": "Functional", "config": {"name": "m", "layers": layers, **ends}}
    found = worked_out(model).layers
    assert [each.output_shape for each in found] == [(None, 8), (None, 6), (None, 8)]
