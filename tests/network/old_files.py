"""Files of Keras 1 and 2 written by hand, and what those networks computed, in NumPy alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Weights = dict[str, list[tuple[str, np.ndarray]]]


def some(*shape: int) -> np.ndarray:
    """Random numbers between -0.6 and 0.6, the same in each test."""
    return np.random.uniform(-0.6, 0.6, shape).astype("float32")


def write(path: Path, config: Any, weights: Weights, *, version: str, backend: str = "") -> Path:
    """A whole model as legacy HDF5; Keras 1 states no backend."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config).encode()
        file.attrs["keras_version"] = version.encode()
        stored = file.create_group("model_weights")
        if backend:
            file.attrs["backend"] = stored.attrs["backend"] = backend.encode()
        stored.attrs["layer_names"] = [name.encode() for name in weights]
        for layer, arrays in weights.items():
            group = stored.create_group(layer)
            group.attrs["weight_names"] = np.array([name for name, _ in arrays], "S40")
            for name, array in arrays:
                group[name] = array
    return path


def layer(class_name: str, name: str, **config: Any) -> dict[str, Any]:
    """One entry of a configuration."""
    return {"class_name": class_name, "config": {"name": name, **config}}


def sequential(*layers: dict[str, Any]) -> dict[str, Any]:
    """As Keras 1 and Keras 2 before 2.2.3 wrote it: a list."""
    return {"class_name": "Sequential", "config": list(layers)}


# ------------------------------------------------------------------- references


def correlate(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Rows x columns x channels with (rows, columns, channels, filters), "valid"."""
    rows, columns = kernel.shape[:2]
    height, width = picture.shape[0] - rows + 1, picture.shape[1] - columns + 1
    found = np.zeros((height, width, kernel.shape[3]))
    for r in range(height):
        for c in range(width):
            part = picture[r : r + rows, c : c + columns]
            found[r, c] = np.tensordot(part, kernel, axes=3)
    return found


def convolve_theano(picture: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """Channels x rows x columns with (filters, channels, rows, columns): a true convolution.

    y[f, r, c] = sum over k, i, j of w[f, k, i, j] x[k, r + rows - 1 - i, c + columns - 1 - j]
    """
    filters, channels, rows, columns = kernel.shape
    height, width = picture.shape[1] - rows + 1, picture.shape[2] - columns + 1
    found = np.zeros((filters, height, width))
    for f, k, i, j in np.ndindex(filters, channels, rows, columns):
        top, left = rows - 1 - i, columns - 1 - j
        part = picture[k, top : top + height, left : left + width]
        found[f] += kernel[f, k, i, j] * part
    return found


def hard_sigmoid(x: np.ndarray) -> np.ndarray:
    """Of Keras 1 and 2; that of Keras 3 is less steep."""
    return np.clip(0.2 * x + 0.5, 0, 1)


def sigmoid(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-x))


def softmax(x: np.ndarray) -> np.ndarray:
    powers = np.exp(x - x.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def lstm(x: np.ndarray, gates: dict[str, tuple], squash: Any = hard_sigmoid) -> np.ndarray:
    """The last state over steps x inputs; `gates`: (W, U, b) of i, f, c and o."""
    state = memory = np.zeros(gates["i"][1].shape[0])
    for step in x:
        i, f, c, o = (step @ w + state @ u + b for w, u, b in (gates[gate] for gate in "ifco"))
        memory = squash(f) * memory + squash(i) * np.tanh(c)
        state = squash(o) * np.tanh(memory)
    return state


def gru(x: np.ndarray, gates: dict[str, tuple]) -> np.ndarray:
    """Of Keras 1 and 2: the reset gate comes before the product."""
    state = np.zeros(gates["z"][1].shape[0])
    for step in x:
        z, r = (
            hard_sigmoid(step @ w + state @ u + b) for w, u, b in (gates[gate] for gate in "zr")
        )
        w, u, b = gates["h"]
        new = np.tanh(step @ w + (r * state) @ u + b)
        state = z * state + (1 - z) * new
    return state


def cudnn_gru(x: np.ndarray, matrices: dict[str, tuple]) -> np.ndarray:
    """As CuDNN defines it; (w, v, b of w, b of v) of z, r and h, w as (units, inputs)."""
    state = np.zeros(matrices["z"][1].shape[0])
    for step in x:
        z, r = (
            sigmoid(w @ step + v @ state + b + c)
            for w, v, b, c in (matrices[gate] for gate in "zr")
        )
        w, v, b, c = matrices["h"]
        new = np.tanh(w @ step + r * (v @ state + c) + b)
        state = z * state + (1 - z) * new
    return state
