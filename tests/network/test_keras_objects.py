"""What the program says of Keras' objects without Keras, compared with Keras itself."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import h5py
import numpy as np
import pytest

from h5viewer.documents.compatibility.catalogue import LAYERS, known_name, public_name
from h5viewer.documents.keras_objects import Slot, network, stored_layers

keras = pytest.importorskip("keras")
saving_lib = pytest.importorskip("keras.src.saving.saving_lib")
L = keras.layers

# Keras 3.15 copies its variables in a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def one(shape: tuple[int, ...], layer: Any) -> Any:
    """A network of a single layer."""
    return keras.Sequential([keras.Input(shape), layer])


def fed(shapes: list[tuple[int, ...]], call: Callable[..., Any]) -> Any:
    """A functional network of one call."""
    inputs = [keras.Input(shape) for shape in shapes]
    return keras.Model(inputs, call(*inputs))


def inner(name: str) -> Any:
    layers = [keras.Input((4,)), L.Dense(3), L.BatchNormalization(), L.Dropout(0.1), L.Dense(2)]
    return keras.Sequential(layers, name=name)


def frozen(layer: Any) -> Any:
    layer.trainable = False
    return layer


def nested() -> Any:
    """Networks in networks, a layer used twice, frozen layers, an operation, an idle input."""
    inputs, idle = keras.Input((4,)), keras.Input((2,))
    way = keras.Input((4,))
    deep = keras.Model(
        way, L.Dense(2)(frozen(L.BatchNormalization())(inner("deepest")(way)[:, :1]))
    )
    shared, sequential = L.Dense(4, name="shared"), inner("inner")
    late = L.Dense(2)(L.Dense(3)(L.Dense(4)(shared(inputs))))
    twice = shared(L.Dense(4)(inputs))
    frozen_one = frozen(L.Dense(2))(inputs)
    joined = L.Concatenate()(
        [frozen_one, deep(inputs), late, sequential(inputs), sequential(twice), twice]
    )
    outputs = {"b": L.Dense(1)(joined), "a": keras.ops.relu(L.Dense(1)(twice))}
    return keras.Model([inputs, idle], outputs)


MODELS: dict[str, Callable[[], Any]] = {
    "dense": lambda: one((4,), L.Dense(3)),
    "batch normalization": lambda: one((4,), L.BatchNormalization()),
    "renormalization": lambda: one((4,), L.BatchNormalization(renorm=True)),
    "separable": lambda: one((8, 8, 3), L.SeparableConv2D(4, 3)),
    "depthwise": lambda: one((8, 8, 3), L.DepthwiseConv2D(3)),
    "transposed": lambda: one((8, 3), L.Conv1DTranspose(4, 3)),
    "lstm": lambda: one((5, 3), L.LSTM(4, dropout=0.2)),
    "gru": lambda: one((5, 3), L.GRU(4, use_bias=False)),
    "convolutional lstm": lambda: one((4, 8, 3), L.ConvLSTM1D(4, 3)),
    "cell": lambda: one((5, 3), L.RNN(L.LSTMCell(4))),
    "stacked cells": lambda: one((5, 3), L.RNN([L.LSTMCell(4), L.GRUCell(2), L.LSTMCell(3)])),
    "bidirectional": lambda: one((5, 3), L.Bidirectional(L.LSTM(4))),
    "two directions": lambda: one(
        (5, 3), L.Bidirectional(L.GRU(4), backward_layer=L.GRU(4, go_backwards=True))
    ),
    "stacked both ways": lambda: one(
        (5, 3), L.Bidirectional(L.RNN([L.LSTMCell(4), L.LSTMCell(4)]))
    ),
    "over time": lambda: one((5, 4), L.TimeDistributed(L.BatchNormalization())),
    "network over time": lambda: one((5, 4), L.TimeDistributed(inner("inner"))),
    "both ways over time": lambda: one((2, 5, 4), L.TimeDistributed(L.Bidirectional(L.GRU(3)))),
    "layer normalization": lambda: one((4,), L.LayerNormalization(center=False)),
    "normalization": lambda: one((4,), L.Normalization()),
    "stated normalization": lambda: one((4,), L.Normalization(mean=1.0, variance=2.0)),
    "rms": lambda: one((4,), L.RMSNormalization()),
    "prelu": lambda: one((4,), L.PReLU()),
    "spectral": lambda: one((4,), L.SpectralNormalization(L.Dense(3))),
    "reversible": lambda: one((4,), L.ReversibleEmbedding(10, 3, tie_weights=False)),
    "einsum": lambda: one((4,), L.EinsumDense("ab,bc->ac", 5, bias_axes="c")),
    "attention": lambda: fed(
        [(5, 3), (5, 3)], lambda a, b: L.Attention(use_scale=True, score_mode="concat")([a, b])
    ),
    "additive": lambda: fed([(5, 3), (5, 3)], lambda a, b: L.AdditiveAttention()([a, b])),
    "heads": lambda: fed([(5, 3)], lambda a: L.MultiHeadAttention(2, 3, dropout=0.1)(a, a)),
    "gated heads": lambda: fed(
        [(5, 3)], lambda a: L.MultiHeadAttention(2, 3, use_gate=True, use_bias=False)(a, a)
    ),
    "grouped": lambda: fed([(5, 3)], lambda a: L.GroupQueryAttention(4, 4, 2)(a, a)),
    "pipeline": lambda: one(
        (4,), L.Pipeline([L.Normalization(), L.Dense(3), L.BatchNormalization(), L.Dense(2)])
    ),
    "nested": nested,
    "frozen wrapper": lambda: one((5, 4), frozen(L.TimeDistributed(L.BatchNormalization()))),
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_order_and_places_are_those_of_keras(name: str) -> None:
    model = again(MODELS[name]())
    held = network(config_of(model))
    assert [part.held.name for part in held.parts] == [layer.name for layer in model.layers]
    values = numbered_values(model)
    archived = saved_values(model)
    places = {path: place for path, place, _ in stored_layers(held)}
    for part, layer in zip(held.parts, model.layers, strict=True):
        legacy = [values[id(each)] for each in _legacy(layer)]
        slots = [each for each in part.held.slots() if each.variable.is_kept_by_legacy]
        ways = [f"{places[(part.held.name, *slot.layers)]}/{slot.place}" for slot in slots]
        assert [archived[way] for way in ways] == legacy
        ends = [variable.name for variable in _legacy(layer)]
        assert [slot.name.rpartition("/")[2] for slot in slots] == ends


@pytest.mark.parametrize("name", MODELS)
def test_every_place_of_an_archive_is_known(name: str) -> None:
    model = again(MODELS[name]())
    numbered_values(model)
    held = network(config_of(model))
    known = {f"{at}/{slot.place}" for _, at, layer in stored_layers(held) for slot in _own(layer)}
    assert known == set(saved_values(model))


def test_the_order_follows_from_the_connections() -> None:
    config = config_of(nested())
    config["config"]["layers"].reverse()
    model = keras.saving.deserialize_keras_object(json.loads(json.dumps(config)))
    assert [part.held.name for part in network(config).parts] == [
        layer.name for layer in model.layers
    ]


def test_groups_are_called_as_keras_calls_classes() -> None:
    for name in LAYERS:
        made = getattr(L, public_name(name))
        assert known_name(made.__name__) == name
        assert made.__name__ == known_name(public_name(name))


def _own(layer: Any) -> list[Slot]:
    found: list[Slot] = layer.slots()
    return found


def _legacy(layer: Any) -> list[Any]:
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def config_of(model: Any) -> Any:
    """As it comes out of a file."""
    return json.loads(json.dumps(keras.saving.serialize_keras_object(model)))


def again(model: Any) -> Any:
    """The model as Keras makes it of its own configuration."""
    return keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(model))


def numbered_values(model: Any) -> dict[int, int]:
    """Give each variable a number of its own; by identity."""
    found = {}
    for number, variable in enumerate(model.weights, 1):
        variable.assign(np.full(variable.shape, number))
        found[id(variable)] = number
    return found


def saved_values(model: Any) -> dict[str, int]:
    """The number in each place of an archive."""
    store = saving_lib.H5IOStore(io.BytesIO(), mode="w")
    saving_lib._save_state(
        model, weights_store=store, assets_store=None, inner_path="", visited_saveables=set()
    )
    found: dict[str, int] = {}

    def take(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[name] = int(np.asarray(item).flat[0])

    store.h5_file.visititems(take)
    store.close()
    return found
