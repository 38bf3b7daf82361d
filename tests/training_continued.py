"""Checkpoints with their optimizer's state, given an architecture, and trained on by Keras.

Run as a program, in a process of its own: `python training_continued.py FOLDER [OPTIMIZER]`
trains networks with each optimizer that can be kept, saves checkpoints with TensorFlow, has this
program write `.keras` files, and trains both on: what comes out is the same, as with the lines
of `h5v resume` from `.h5`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras
import numpy as np
import tensorflow as tf
from merged import merge_here

from h5viewer.nodes import SavedTraining
from h5viewer.requests import CombineNetwork
from h5viewer.resuming import resuming

OPTIMIZERS = {
    "Adam": lambda: keras.optimizers.Adam(0.02, beta_1=0.9),
    "Adam with the largest variance": lambda: keras.optimizers.Adam(amsgrad=True),
    "SGD": lambda: keras.optimizers.SGD(0.05, momentum=0.9),
    "RMSprop": lambda: keras.optimizers.RMSprop(0.003),
    "RMSprop with all": lambda: keras.optimizers.RMSprop(momentum=0.9, centered=True),
}
NUMBERS = np.random.default_rng(3)
X, Y = NUMBERS.normal(size=(16, 5, 3)), NUMBERS.normal(size=(16, 2))


def made() -> keras.Model:
    """Layers that hold layers, that are frozen in part, and that have states besides."""
    layers = keras.layers
    ends = keras.Input((5, 3))
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.BatchNormalization()])
    x = layers.Bidirectional(layers.LSTM(2))(ends)
    x = layers.Dense(4, trainable=False, name="frozen")(x)
    return keras.Model(ends, layers.Dense(2, name="head")(inner(x)))


def trained_on(model: keras.Model) -> list[np.ndarray]:
    model.compile(optimizer=model.optimizer, loss=keras.losses.MeanSquaredError())
    model.fit(X, Y, batch_size=8, epochs=3, shuffle=False, verbose=0)
    return [np.asarray(each) for each in model.weights]


def continue_with(folder: Path, optimizer: keras.optimizers.Optimizer) -> None:
    keras.utils.set_random_seed(1)
    model = made()
    model.compile(optimizer, "mse")
    model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    prefix = tf.train.Checkpoint(model=model, optimizer=optimizer).save(str(folder / "ckpt"))
    architecture = folder / "architecture.json"
    architecture.write_text(model.to_json(), "utf-8")
    target = folder / "made.keras"
    merge_here(
        CombineNetwork(document=str(architecture), others=(f"{prefix}.index",), with_state=True,
                       target=str(target))
    )  # fmt: skip
    again = keras.models.load_model(target)
    kept, there = again.optimizer.variables, optimizer.variables
    assert [tuple(each.shape) for each in kept] == [tuple(each.shape) for each in there]
    for one, other in zip(kept, there, strict=True):
        np.testing.assert_array_equal(np.asarray(one), np.asarray(other), err_msg=other.path)
    resumed = by_lines(model, str(folder / "made.h5"))
    wanted = trained_on(model)
    for found in (again, resumed):
        for one, other in zip(trained_on(found), wanted, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)


def by_lines(model: keras.Model, path: str) -> keras.Model:
    """What the lines of `h5v resume` make of the model as `.h5`, without their last."""
    model.save(path)
    names: dict[str, Any] = {}
    saved = SavedTraining(
        format="keras-h5", keras_version=keras.__version__, has_architecture=True,
        is_compiled=True, n_state=1, objective=("mse",),
    )  # fmt: skip
    exec("\n".join(resuming(saved, path).lines[:-1]), names)
    return names["model"]


if __name__ == "__main__":
    whole, *asked = Path(sys.argv[1]), *sys.argv[2:]
    for number, name in enumerate(asked or OPTIMIZERS):
        own = whole / str(number)
        own.mkdir()
        continue_with(own, OPTIMIZERS[name]())
        sys.stdout.write(f"{name}\n")
