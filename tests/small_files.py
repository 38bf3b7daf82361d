"""Small model files that tests write themselves: `from small_files import make_keras_h5`."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np

# Of make_keras_h5: conv 3*3*3*4 + 4, dense 4*2 + 2.
N_LAYERS = 3
N_PARAMETERS = 122


def _config() -> dict[str, Any]:
    def layer(class_name: str, name: str, **config: Any) -> dict[str, Any]:
        common = {"name": name, "trainable": True, "dtype": "float32"}
        return {"class_name": class_name, "config": common | config}

    first = layer(
        "Conv2D",
        "conv",
        batch_input_shape=[None, 8, 8, 3],
        filters=4,
        kernel_size=[3, 3],
        strides=[1, 1],
        padding="same",
        data_format="channels_last",
        activation="relu",
        use_bias=True,
    )
    pool = layer("GlobalAveragePooling2D", "pool", data_format="channels_last")
    last = layer("Dense", "dense", units=2, activation="softmax", use_bias=True)
    return {
        "class_name": "Sequential",
        "config": {"name": "small", "layers": [first, pool, last]},
    }


def _fill(weights: h5py.Group) -> None:
    """The weights of `_config` as tf.keras 2 writes them; always the same numbers."""
    random = np.random.default_rng(0)
    shapes = {
        "conv": {"kernel:0": (3, 3, 3, 4), "bias:0": (4,)},
        "pool": {},
        "dense": {"kernel:0": (4, 2), "bias:0": (2,)},
    }
    weights.attrs["layer_names"] = np.array(list(shapes), dtype="S")
    weights.attrs["backend"] = b"tensorflow"
    weights.attrs["keras_version"] = b"2.9.0"
    for name, stored in shapes.items():
        group = weights.create_group(name)
        group.attrs["weight_names"] = np.array([f"{name}/{key}" for key in stored], dtype="S")
        for key, shape in stored.items():
            group[f"{name}/{key}"] = random.standard_normal(shape).astype("f4")


def make_keras_h5(path: Path) -> Path:
    """A whole model of 3 layers, 4 weights, 122 parameters, with Adam state."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2.9.0"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(_config())
        file.attrs["training_config"] = json.dumps(
            {
                "loss": "categorical_crossentropy",
                "metrics": [["accuracy"]],
                "optimizer_config": {"class_name": "Adam", "config": {"learning_rate": 0.001}},
            }
        )
        _fill(file.create_group("model_weights"))
        state = file.create_group("optimizer_weights")
        state.attrs["weight_names"] = np.array(
            ["Adam/iterations:0", "Adam/dense/bias/m:0"], dtype="S"
        )
        state["Adam/iterations:0"] = np.int64(7)
        state["Adam/dense/bias/m:0"] = np.zeros(2, "f4")
    return path


def make_weights_h5(path: Path) -> Path:
    """The weights of the same model alone, in the legacy layout."""
    with h5py.File(path, "w") as file:
        _fill(file)
    return path


def make_keras_archive(path: Path) -> Path:
    """A Keras 3 archive: one Dense layer of 4 * 2 + 2 parameters."""
    dense = {
        "module": "keras.layers",
        "class_name": "Dense",
        "registered_name": None,
        "build_config": {"input_shape": [None, 4]},
        "config": {"name": "dense", "trainable": True, "units": 2, "activation": "linear"},
    }
    config = {
        "module": "keras",
        "class_name": "Sequential",
        "registered_name": None,
        "config": {"name": "small", "trainable": True, "layers": [dense]},
    }
    inner = io.BytesIO()
    with h5py.File(inner, "w") as file:
        variables = file.create_group("layers/dense/vars")
        variables["0"] = np.ones((4, 2), "f4")
        variables["1"] = np.zeros(2, "f4")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.10.0"}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", inner.getvalue())
    return path


def make_datasets(path: Path) -> Path:
    """No Keras: groups, links, a gzip matrix, strings, special floats, a scalar."""
    with h5py.File(path, "w") as file:
        file.attrs["title"] = "measured"
        group = file.create_group("run 2/deep")
        file.create_group("run 10")
        group.create_dataset(
            "matrix", data=np.arange(600, dtype="f4").reshape(20, 30), chunks=(5, 10), compression=4
        )
        file["special"] = np.array([np.nan, np.inf, -np.inf, 0.0, -1.5])
        file["names"] = np.array([b"one", b"two"])
        file["scalar"] = 3
        file["soft"] = h5py.SoftLink("/run 2/deep")
        file["outside"] = h5py.ExternalLink("other.h5", "/data")
    return path
