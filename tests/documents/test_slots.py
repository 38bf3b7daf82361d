"""Optimizer variables are matched with the weight they belong to, in every layout there is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from decoding import (
    JSON,
    layer_entry,
    opened,
    run,
    sequential,
    write_archive,
    write_legacy,
    write_states,
)

from h5viewer.documents.slots import Variable, match_slots
from h5viewer.formats.container import Container
from h5viewer.names import parse_path, path_text
from h5viewer.nodes import Layer, OptimizerState, Weight
from h5viewer.operations.network import known_network

KERNEL_A, BIAS_A, KERNEL_B, BIAS_B = (3, 4), (4,), (4, 2), (2,)
SHAPES = (KERNEL_A, BIAS_A, KERNEL_B, BIAS_B)
WEIGHTS = ("a/kernel", "a/bias", "b/kernel", "b/bias")
NETWORK = sequential(layer_entry("Dense", "a", units=4), layer_entry("Dense", "b", units=2))


def _trained(
    path: Path,
    optimizer: str,
    variables: Sequence[tuple[str, tuple[int, ...]]],
    network: JSON = NETWORK,
    stored: Any = None,
    **settings: Any,
) -> OptimizerState:
    """The state of a whole model in HDF5, of these variables."""
    stored = stored or {
        "a": {"a/kernel:0": KERNEL_A, "a/bias:0": BIAS_A},
        "b": {"b/kernel:0": KERNEL_B, "b/bias:0": BIAS_B},
    }

    def more(file: h5py.File) -> None:
        config = {"class_name": optimizer, "config": settings}
        file.attrs["training_config"] = json.dumps({"optimizer_config": config})
        group = file.create_group("optimizer_weights")
        group.attrs["weight_names"] = np.array([name for name, _ in variables], "S")
        for name, shape in variables:
            group[name] = np.zeros(shape, np.float32)

    write_legacy(path, network, stored, more=more)
    return _state(path)


def _state(path: Path) -> OptimizerState:
    def use(container: Container) -> OptimizerState:
        found = run(known_network(container))[0].optimizer
        assert found is not None
        return found

    return opened(path, use)


def _pairs(state: OptimizerState) -> list[tuple[str, str]]:
    """Kind and weight (its last two names) of every slot, in the file's order."""
    return [
        (slot.kind, "/".join(path_text(slot.weight or ()).removesuffix(":0").split("/")[-2:]))
        for slot in state.slots
    ]


def _blocks(*kinds: str) -> list[tuple[str, str]]:
    return [(kind, weight) for kind in kinds for weight in WEIGHTS]


def _turns(*kinds: str) -> list[tuple[str, str]]:
    return [(kind, weight) for weight in WEIGHTS for kind in kinds]


def test_tf_keras_names_end_in_the_slot(tmp_path: Path) -> None:
    """Adam/a/kernel/m:0, all m before all v, as TensorFlow 2.0 to 2.10 wrote them."""
    variables = [("Adam/iter:0", ())]
    variables += [
        (f"Adam/{weight}/{slot}:0", shape)
        for slot in ("m", "v")
        for weight, shape in zip(WEIGHTS, SHAPES, strict=True)
    ]
    state = _trained(tmp_path / "x.h5", "Adam", variables)
    assert _pairs(state) == _blocks("momentum", "velocity")
    assert [slot.kind for slot in state.own] == ["iterations"]
    assert state.unmatched == ()
    assert state.problem == ""


def test_tf_keras_2_11_names_begin_with_the_slot(tmp_path: Path) -> None:
    """Adam/m/a/kernel:0 and Adam/v/a/kernel:0 take turns."""
    variables = [("iteration:0", ())]
    variables += [
        (f"Adam/{slot}/{weight}:0", shape)
        for weight, shape in zip(WEIGHTS, SHAPES, strict=True)
        for slot in ("m", "v")
    ]
    state = _trained(tmp_path / "x.h5", "Custom>Adam", variables)
    assert _pairs(state) == _turns("momentum", "velocity")


@pytest.mark.parametrize("prefix", ["adam/", ""])
def test_keras_3_joins_the_weights_name_with_underscores(tmp_path: Path, prefix: str) -> None:
    """adam/net_a_kernel_momentum, with the optimizer's name in front or without."""
    variables = [(f"{prefix}iteration", ()), (f"{prefix}learning_rate", ())]
    variables += [
        (f"{prefix}net_{weight.replace('/', '_')}_{slot}", shape)
        for weight, shape in zip(WEIGHTS, SHAPES, strict=True)
        for slot in ("momentum", "velocity")
    ]
    stored = {
        layer: {f"net/{layer}/kernel": kernel, f"net/{layer}/bias": bias}
        for layer, kernel, bias in (("a", KERNEL_A, BIAS_A), ("b", KERNEL_B, BIAS_B))
    }
    state = _trained(tmp_path / "x.h5", "Adam", variables, stored=stored)
    assert _pairs(state) == _turns("momentum", "velocity")
    assert [slot.kind for slot in state.own] == ["iterations", "learning_rate"]


_NAMED = [
    ("SGD", ("momentum",), ("momentum",)),
    ("RMSprop", ("rms",), ("velocity",)),
    ("RMSprop", ("rms", "momentum", "mg"), ("velocity", "momentum", "average_gradient")),
    ("Adagrad", ("accumulator",), ("accumulator",)),
    ("Adadelta", ("accum_grad", "accum_var"), ("accumulated_grad", "accumulated_delta_var")),
    ("Adam", ("m", "v", "vhat"), ("momentum", "velocity", "velocity_hat")),
    ("Adamax", ("m", "u"), ("momentum", "norm")),
    ("Nadam", ("m", "v"), ("momentum", "velocity")),
    ("Ftrl", ("accumulator", "linear"), ("accumulator", "linear")),
    ("Lion", ("m",), ("momentum",)),
    ("AdamW", ("m", "v"), ("momentum", "velocity")),
]


@pytest.mark.parametrize(("optimizer", "words", "kinds"), _NAMED)
@pytest.mark.parametrize("is_first", [False, True])
def test_every_optimizer_is_matched_by_name(
    tmp_path: Path, optimizer: str, words: tuple[str, ...], kinds: tuple[str, ...], is_first: bool
) -> None:
    """Whatever the slots are called, and on whichever side of the weight's name they stand."""
    variables = [
        (f"{optimizer}/{word}/{weight}:0" if is_first else f"{optimizer}/{weight}/{word}:0", shape)
        for word in words
        for weight, shape in zip(WEIGHTS, SHAPES, strict=True)
    ]
    state = _trained(tmp_path / "x.h5", optimizer, variables)
    assert _pairs(state) == _blocks(*kinds)


_UNNAMED = [
    ("Adam", 1, ("momentum", "velocity"), {}),
    ("Adam", 1, ("momentum", "velocity", "velocity_hat"), {"amsgrad": True}),
    ("RMSprop", 0, ("velocity",), {}),
    ("RMSprop", 1, ("velocity",), {}),
    ("SGD", 1, ("momentum",), {}),
    ("Adagrad", 0, ("accumulator",), {}),
    ("Adadelta", 0, ("accumulated_grad", "accumulated_delta_var"), {}),
    ("Adamax", 1, ("momentum", "norm"), {}),
    ("Nadam", 2, ("momentum", "velocity"), {}),
]


@pytest.mark.parametrize(("optimizer", "n_own", "kinds", "settings"), _UNNAMED)
@pytest.mark.parametrize("is_theano", [False, True])
def test_lists_without_names_go_by_order_and_shape(
    tmp_path: Path,
    optimizer: str,
    n_own: int,
    kinds: tuple[str, ...],
    settings: dict[str, Any],
    is_theano: bool,
) -> None:
    """training/Adam/Variable_3:0 of Keras 1 to 2.2: one block a slot, in the weights' order."""
    shapes = [()] * n_own + list(SHAPES) * len(kinds)
    variables = [
        (f"training/variable_{at}" if is_theano else f"training/Variable_{at}:0", shape)
        for at, shape in enumerate(shapes)
    ]
    state = _trained(tmp_path / "x.h5", optimizer, variables, **settings)
    assert _pairs(state) == _blocks(*kinds)
    assert len(state.own) == n_own
    assert state.unmatched == ()


def test_placeholders_of_keras_2_are_no_variances(tmp_path: Path) -> None:
    """Without AMSGrad Keras 2.1 stored a zero of length 1 for each weight."""
    shapes = [(), *SHAPES, *SHAPES, *[(1,)] * 4]
    variables = [(f"Variable_{at}:0", shape) for at, shape in enumerate(shapes)]
    state = _trained(tmp_path / "x.h5", "Adam", variables)
    assert _pairs(state) == _blocks("momentum", "velocity", "placeholder")


def test_keras_1_sorted_weights_by_name(tmp_path: Path) -> None:
    """The order that does not fit the layers' fits the names'."""
    stored = {
        "b": {"b_W:0": KERNEL_A, "b_b:0": BIAS_A},
        "a": {"a_W:0": KERNEL_B, "a_b:0": BIAS_B},
    }
    network = sequential(
        layer_entry("Dense", "b", output_dim=4), layer_entry("Dense", "a", output_dim=2)
    )
    shapes = [KERNEL_B, BIAS_B, KERNEL_A, BIAS_A]
    variables = [(f"Variable_{at}:0", shape) for at, shape in enumerate(shapes)]
    state = _trained(tmp_path / "x.h5", "RMSprop", variables, network, stored)
    found = [path_text(slot.weight or ()) for slot in state.slots]
    assert [path.rpartition("/")[2] for path in found] == ["a_W:0", "a_b:0", "b_W:0", "b_b:0"]


def test_frozen_layers_have_no_slots(tmp_path: Path) -> None:
    """Only what is trained is counted."""
    network = sequential(
        layer_entry("Dense", "a", units=4, trainable=False), layer_entry("Dense", "b", units=2)
    )
    variables = [("Variable:0", KERNEL_B), ("Variable_1:0", BIAS_B)]
    state = _trained(tmp_path / "x.h5", "RMSprop", variables, network)
    assert _pairs(state) == [("velocity", "b/kernel"), ("velocity", "b/bias")]


def test_numbered_variables_of_an_archive_take_turns(tmp_path: Path) -> None:
    """Keras 3: iteration, learning rate, then momentum and velocity of each weight."""
    shapes = [(), (), *(shape for shape in SHAPES for _ in range(2))]
    state = _archived(tmp_path / "x.keras", "Adam", shapes)
    assert [kind for kind, _ in _pairs(state)] == ["momentum", "velocity"] * 4
    assert [weight for _, weight in _pairs(state)[::2]] == ["vars/0", "vars/1"] * 2
    assert [slot.kind for slot in state.own] == ["iterations", "learning_rate"]


def test_numbered_variables_in_blocks_are_matched_too(tmp_path: Path) -> None:
    """RMSprop with momentum: all velocities before all momentums."""
    state = _archived(tmp_path / "x.keras", "RMSprop", [(), (), *SHAPES, *SHAPES])
    kinds = [kind for kind, _ in _pairs(state)]
    assert kinds == ["velocity"] * 4 + ["momentum"] * 4


def test_what_does_not_fit_is_said_to_be_unmatched(tmp_path: Path) -> None:
    """A variable of a shape that no weight has leaves all that have no name in doubt."""
    variables = [(f"Variable_{at}:0", shape) for at, shape in enumerate([(9, 9), (9,)])]
    state = _trained(tmp_path / "x.h5", "RMSprop", variables)
    assert state.slots == ()
    assert len(state.unmatched) == 2
    assert "2 variables" in state.problem


def test_a_name_with_another_shape_is_no_match(tmp_path: Path) -> None:
    """The momentum of a kernel has the kernel's shape, or it is not its momentum."""
    variables = [("SGD/a/kernel/momentum:0", (7, 7))]
    state = _trained(tmp_path / "x.h5", "SGD", variables)
    assert state.slots == ()
    assert len(state.unmatched) == 1


def test_equal_shapes_in_a_layer_of_unknown_order_stay_in_doubt() -> None:
    """A custom layer's groups come by name, its variables as it made them."""
    layer = _layer("Mine", (("one", (2, 2)), ("two", (2, 2)), ("three", (5,))))
    state = _matched([(2, 2), (2, 2), (5,)], [layer])
    assert [path_text(slot.weight or ()) for slot in state.slots] == ["/mine/three"]
    assert len(state.unmatched) == 2


def test_weights_files_without_names_are_put_in_an_order_that_fits() -> None:
    """dense and dense_1 come in order; where the convolution stands, shapes tell."""
    layers = [
        _layer(None, (("0", (3, 3, 1, 8)), ("1", (8,))), "layers/conv2d"),
        _layer(None, (("0", (8, 4)), ("1", (4,))), "layers/dense"),
        _layer(None, (("0", (4, 8)), ("1", (8,))), "layers/dense_1"),
    ]
    shapes = [(8, 4), (4,), (3, 3, 1, 8), (8,), (4, 8), (8,)]
    state = _matched(shapes, layers)
    found = [path_text(slot.weight or ())[len("/layers") :] for slot in state.slots]
    assert found == ["/dense/0", "/dense/1", "/conv2d/0", "/conv2d/1", "/dense_1/0", "/dense_1/1"]


def test_nested_models_count_their_layers_anew() -> None:
    """layers/inner/layers/dense is no neighbour of layers/dense."""
    outer = _layer(None, (("0", (4, 2)), ("1", (2,))), "layers/dense")
    inside = _layer(None, (("0", (8, 4)), ("1", (4,))), "layers/inner/layers/dense", (1, 0))
    inner = Layer(name="inner", class_name=None, key=(1,), layers=(inside,))
    state = _matched([(8, 4), (4,), (4, 2), (2,)], [outer, inner])
    found = [path_text(slot.weight or ()).rpartition("/")[0] for slot in state.slots]
    assert found == ["/layers/inner/layers/dense"] * 2 + ["/layers/dense"] * 2


def test_a_single_number_among_the_slots_is_the_optimizers_own(tmp_path: Path) -> None:
    """Nadam of Keras 3 stores a product of its rates behind the others."""
    shapes = [(), (), *(shape for shape in SHAPES for _ in range(2)), ()]
    state = _archived(tmp_path / "x.keras", "Nadam", shapes)
    assert len(state.slots) == 8
    assert [slot.kind for slot in state.own] == ["iterations", "learning_rate", "other"]


def test_kinds_are_not_guessed_where_no_optimizer_is_named(tmp_path: Path) -> None:
    """A bare weights file could be of any that keeps two variables a weight."""
    shapes = {"layers/dense/vars/0": (3, 2), "layers/dense/vars/1": (2,)}
    slots = [(), (), (3, 2), (3, 2), (2,), (2,)]
    shapes |= {f"optimizer/vars/{at}": shape for at, shape in enumerate(slots)}
    write_states(tmp_path / "x.weights.h5", shapes, {})
    state = _state(tmp_path / "x.weights.h5")
    assert [slot.title for slot in state.slots] == ["First variable", "Second variable"] * 2
    assert "if the optimizer was Adam" in state.slots[0].meaning


def test_two_orders_that_fit_leave_their_places_in_doubt() -> None:
    """conv2d and dense of one shape: either could come first."""
    layers = [
        _layer(None, (("0", (5,)),), "layers/first"),
        _layer(None, (("0", (5,)),), "layers/second"),
        _layer(None, (("0", (6,)),), "layers/third"),
    ]
    state = _matched([(5,), (5,), (6,)], layers)
    assert [path_text(slot.weight or ()) for slot in state.slots] == ["/layers/third/0"]


def _layer(
    class_name: str | None,
    weights: Sequence[tuple[str, tuple[int, ...]]],
    name: str = "mine",
    key: tuple[int, ...] = (0,),
) -> Layer:
    made = tuple(
        Weight(name=each, path=parse_path(f"{name}/{each}"), shape=shape, dtype="float32")
        for each, shape in weights
    )
    return Layer(name=name, class_name=class_name, key=key, weights=made)


def _matched(shapes: Sequence[tuple[int, ...]], layers: list[Layer]) -> OptimizerState:
    variables = [
        Variable(name=str(at), path=(b"optimizer", str(at).encode()), shape=shape)
        for at, shape in enumerate(shapes)
    ]
    return match_slots(variables, layers, "SGD", {}, is_numbered=True)


def _archived(path: Path, optimizer: str, shapes: Sequence[tuple[int, ...]]) -> OptimizerState:
    config = NETWORK | {"compile_config": {"optimizer": {"class_name": optimizer, "config": {}}}}

    stored: dict[str, tuple[int, ...]] = {}
    for layer, kernel, bias in (("dense", KERNEL_A, BIAS_A), ("dense_1", KERNEL_B, BIAS_B)):
        stored |= {f"layers/{layer}/vars/0": kernel, f"layers/{layer}/vars/1": bias}
    stored |= {f"optimizer/vars/{at}": shape for at, shape in enumerate(shapes)}
    write_archive(path, config, stored)
    return _state(path)
