"""Networks that Keras itself builds, and what it takes to load them again, for tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from asking_networks import answered, opened

from h5viewer.network.loader import Network, load
from h5viewer.network.random_samples import largest_difference, random_batches
from h5viewer.requests import Consent

L = keras.layers


def loaded(path: Path, consent: Consent | None = None) -> Network:
    """Load as the worker does."""
    with opened(path) as (container,):
        network, _, _ = answered(load(container, consent or Consent()))
        assert isinstance(network, Network)
        return network


def difference(network: Network, model: Any) -> float:
    """Between what a loaded network and a model of Keras answer, relative."""
    batches = random_batches(network.model)
    return largest_difference(answers(network.model, batches), answers(model, batches))


def answers(model: Any, batches: list[Any]) -> list[Any]:
    """All outputs, without compiling anything: a network is asked once."""
    given = batches if len(batches) > 1 else batches[0]
    return [np.asarray(each) for each in keras.tree.flatten(model(given, training=False))]


def shaken(model: Any) -> Any:
    """The model with random weights everywhere: biases and moving means, too."""
    numbers = np.random.default_rng(7)
    for variable in model.weights:
        if "int" in str(variable.dtype):
            continue
        values = numbers.uniform(0.2, 1.0, variable.shape)
        variable.assign(values * (1 if "variance" in variable.name else numbers.choice([-1, 1])))
    return model


def convolutions() -> Any:
    inputs = keras.Input((12, 12, 3))
    x = L.Conv2D(4, 3, padding="same", activation="relu")(inputs)
    x = L.SeparableConv2D(5, 3, depth_multiplier=2)(x)
    x = L.BatchNormalization()(x)
    x = L.DepthwiseConv2D(3)(x)
    x = L.Conv2DTranspose(3, 3, strides=2)(x)
    x = L.PReLU(shared_axes=[1, 2])(x)
    return keras.Model(inputs, L.Dense(2)(L.Flatten()(x)))


def recurrent() -> Any:
    inputs = keras.Input((6, 4))
    x = L.Bidirectional(L.LSTM(3, return_sequences=True))(inputs)
    x = L.GRU(4, return_sequences=True)(x)
    x = L.TimeDistributed(L.Dense(3))(x)
    x = L.RNN(L.StackedRNNCells([L.LSTMCell(2), L.GRUCell(3)]), return_sequences=True)(x)
    return keras.Model(inputs, L.Bidirectional(L.SimpleRNN(2))(x))


def attentive() -> Any:
    inputs = keras.Input((5, 8))
    x = L.MultiHeadAttention(2, 3)(inputs, inputs)
    x = L.LayerNormalization()(x + inputs)
    x = L.Attention(use_scale=True)([x, inputs])
    return keras.Model(inputs, keras.ops.mean(keras.ops.relu(x), axis=1))


def nested() -> Any:
    """A model in a model in a model, one of them used twice, with frozen layers."""
    core = keras.Sequential([keras.Input((4,)), L.Dense(3), L.BatchNormalization()], name="core")
    core.layers[0].trainable = False
    inner_in = keras.Input((4,))
    middle = L.Dense(3, name="dense")(core(inner_in))
    encoder = keras.Model(inner_in, [middle, core(inner_in)], name="encoder")
    first, second = keras.Input((4,), name="first"), keras.Input((4,), name="second")
    a, b = encoder(first), encoder(second)
    x = L.Dense(2, name="dense")(L.Concatenate()([a[0], b[0]]))
    return keras.Model([first, second], [x, L.Add()([a[1], b[1]]), b[0]])


def embedded() -> Any:
    words = keras.Input((7,), dtype="int32")
    x = L.Embedding(11, 4, mask_zero=True)(words)
    return keras.Model(words, L.Dense(3, activation="softmax")(L.LSTM(5)(x)))


def prepared() -> Any:
    """Preprocessing as one layer, with layers in it that are trained."""
    steps = [L.Rescaling(1 / 255), L.RandomFlip(), L.Conv2D(3, 3), L.BatchNormalization()]
    inputs = keras.Input((8, 8, 3))
    x = L.Pipeline([*steps, L.CenterCrop(4, 4)], name="prepare")(inputs)
    return keras.Model(inputs, L.Dense(2)(L.GlobalAveragePooling2D()(x)))


ZOO: dict[str, Callable[[], Any]] = {
    "convolutions": convolutions,
    "recurrent": recurrent,
    "attentive": attentive,
    "nested": nested,
    "embedded": embedded,
    "prepared": prepared,
}
