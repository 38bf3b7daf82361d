"""Train the example of `resources/example` anew: `make example`.

Draws its own pictures with fixed seeds, trains a small classifier on the CPU, keeps a
checkpoint of every epoch and prints how well it does. Needs tensorflow.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import tensorflow as tf
from drawing import CLASSES, SIDE, draw_many, png
from keras import layers

FOLDER = Path(__file__).parents[2] / "resources" / "example"
CHECKPOINT = "shapes.{epoch:02d}-{val_accuracy:.3f}.h5"  # as ModelCheckpoint names files
N_EPOCHS = 8
N_TRAINING, N_VALIDATION, N_UNSEEN, N_PICTURES = 1000, 200, 200, 3  # pictures a class


def main() -> None:
    """Draw, train, save, report."""
    keras.utils.set_random_seed(1)
    tf.config.experimental.enable_op_determinism()
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "checkpoints").mkdir(parents=True)
    network = build()
    network.fit(
        *draw_many(N_TRAINING, seed=1),
        batch_size=64,
        epochs=N_EPOCHS,
        validation_data=(validation := draw_many(N_VALIDATION, seed=2)),
        callbacks=[KeepEveryEpoch()],
        verbose=2,
    )
    network.save(FOLDER / "shapes.h5")
    accuracy = {
        "validation": network.evaluate(*validation, verbose=0)[1],
        "unseen": network.evaluate(*draw_many(N_UNSEEN, seed=3), verbose=0)[1],
    }
    accuracy["pictures"] = _write_pictures(network)
    _write_texts(network, accuracy)
    print((FOLDER / "README.txt").read_text(encoding="utf-8"))


def build() -> keras.Model:
    """Five convolutions, one of them with a shortcut around it, then two dense layers."""
    picture = keras.Input((SIDE, SIDE, 3), name="picture")
    x = layers.Rescaling(1 / 127.5, offset=-1, name="rescaling")(picture)
    x = _convolution(x, 16, "edges")
    x = layers.MaxPooling2D(name="edges_pool")(x)
    x = _convolution(x, 24, "corners")
    shortcut = x = layers.MaxPooling2D(name="corners_pool")(x)
    x = layers.Add(name="parts_add")([shortcut, _convolution(x, 24, "parts")])
    x = layers.MaxPooling2D(name="parts_pool")(x)
    x = _convolution(x, 32, "sides")
    x = layers.MaxPooling2D(name="sides_pool")(x)
    x = _convolution(x, 40, "figures")
    x = layers.GlobalAveragePooling2D(name="figures_pool")(x)
    x = layers.Dropout(0.3, name="dropout")(x)
    x = layers.Dense(32, activation="relu", name="features")(x)
    scores = layers.Dense(len(CLASSES), activation="softmax", name="classes")(x)
    network = keras.Model(picture, scores, name="shapes")
    schedule = keras.optimizers.schedules.CosineDecay(3e-3, N_EPOCHS * N_TRAINING * 6 // 64)
    network.compile(
        optimizer=keras.optimizers.Adam(schedule),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return network


def _convolution(x: Any, n_filters: int, name: str) -> Any:
    x = layers.Conv2D(n_filters, 3, padding="same", use_bias=False, name=name)(x)
    x = layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


class KeepEveryEpoch(keras.callbacks.Callback):  # type: ignore[misc]
    """ModelCheckpoint, but without optimizer state: eight files stay below 1.5 MB."""

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Save the network under the name ModelCheckpoint would give it."""
        name = CHECKPOINT.format(epoch=epoch + 1, **(logs or {}))
        self.model.save(FOLDER / "checkpoints" / name, include_optimizer=False)


def _write_pictures(network: keras.Model) -> float:
    """Keep a few test pictures of each class; returns the share of them named rightly."""
    pixels, labels = draw_many(N_PICTURES, seed=4)
    (FOLDER / "pictures").mkdir()
    for label, name in enumerate(CLASSES):
        for number, picture in enumerate(pixels[labels == label], start=1):
            (FOLDER / "pictures" / f"{name}-{number}.png").write_bytes(png(picture))
    guesses = network.predict(pixels, verbose=0).argmax(axis=1)
    return float(np.mean(guesses == labels))


def _write_texts(network: keras.Model, accuracy: dict[str, float]) -> None:
    (FOLDER / "labels.txt").write_text("\n".join(CLASSES) + "\n", encoding="utf-8")
    text = (Path(__file__).parent / "README.txt").read_text(encoding="utf-8")
    facts = {f"{name}_accuracy": f"{100 * share:.1f} %" for name, share in accuracy.items()}
    facts |= {
        "parameters": f"{network.count_params():,}",
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "epochs": str(N_EPOCHS),
        "training": f"{N_TRAINING * len(CLASSES):,}",
        "validation": f"{N_VALIDATION * len(CLASSES):,}",
        "unseen": f"{N_UNSEEN * len(CLASSES):,}",
        "pictures": str(N_PICTURES * len(CLASSES)),
    }
    (FOLDER / "README.txt").write_text(text.format(**facts), encoding="utf-8")


if __name__ == "__main__":
    main()
