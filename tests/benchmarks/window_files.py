"""Big files for the window's benchmarks: models, many groups, one wide group."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

_ENDS = (("input", 0), ("output", -1))


def model(folder: Path, megabytes: float, n_blocks: int, *, with_adam: bool) -> Path:
    """A chain of Conv2D, BatchNormalization and ReLU; `megabytes` of weights, thrice with Adam."""
    name = f"model-{megabytes:g}-{n_blocks}{'-adam' if with_adam else ''}.h5"
    width = max(3, int((megabytes * 1e6 / 4 / 9 / n_blocks) ** 0.5))
    return _kept(folder / name, lambda file: _write_model(file, width, n_blocks, with_adam))


def deep(folder: Path, n_layers: int) -> Path:
    """A chain of `n_layers` layers without weights."""

    def write(file: h5py.File) -> None:
        layers = [_layer("InputLayer", "layer_0", None, batch_input_shape=[None, 8])]
        for number in range(1, n_layers):
            layers.append(_layer("ReLU", f"layer_{number}", f"layer_{number - 1}"))
        _describe(file, layers)
        file.create_group("model_weights").attrs["layer_names"] = np.zeros(0)

    return _kept(folder / f"deep-{n_layers}.h5", write)


def many(folder: Path, n_groups: int, n_each: int) -> Path:
    """`n_groups` groups of `n_each` small datasets."""

    def write(file: h5py.File) -> None:
        values = np.arange(16, dtype="f4")
        for number in range(n_groups):
            group = file.create_group(f"group_{number:05d}")
            for each in range(n_each):
                group.create_dataset(f"data_{each:05d}", data=values)

    return _kept(folder / f"many-{n_groups}-{n_each}.h5", write)


def wide(folder: Path, n_children: int) -> Path:
    """One group of `n_children` small datasets, numbered without leading zeros."""

    def write(file: h5py.File) -> None:
        group = file.create_group("wide")
        values = np.arange(4, dtype="f4")
        for number in range(n_children):
            group.create_dataset(f"item_{number}", data=values)

    return _kept(folder / f"wide-{n_children}.h5", write)


def _kept(path: Path, write: Callable[[h5py.File], None]) -> Path:
    if not path.exists():
        unfinished = path.with_suffix(".part")
        with h5py.File(unfinished, "w") as file:
            write(file)
        unfinished.rename(path)
    return path


def _write_model(file: h5py.File, width: int, n_blocks: int, with_adam: bool) -> None:
    random = np.random.default_rng(0)
    layers = [_layer("InputLayer", "input", None, batch_input_shape=[None, 32, 32, width])]
    weights = file.create_group("model_weights")
    slots = file.create_group("optimizer_weights") if with_adam else None
    slot_names = []
    for number in range(n_blocks):
        before = layers[-1]["name"]
        layers.append(_layer("Conv2D", f"conv_{number}", before, filters=width, kernel_size=[3, 3]))
        layers.append(_layer("BatchNormalization", f"norm_{number}", f"conv_{number}"))
        layers.append(_layer("ReLU", f"relu_{number}", f"norm_{number}"))
        kernel = random.standard_normal((3, 3, width, width), np.float32)
        _put(weights, f"conv_{number}", {"kernel:0": kernel})
        vectors = ("gamma:0", "beta:0", "moving_mean:0", "moving_variance:0")
        _put(weights, f"norm_{number}", dict.fromkeys(vectors, np.ones(width, "f4")))
        if slots is not None:
            for slot in ("m", "v"):
                slot_names.append(f"Adam/conv_{number}/kernel/{slot}:0")
                slots[slot_names[-1]] = kernel
    weights.attrs["layer_names"] = [layer["name"].encode() for layer in layers]
    for layer in layers:
        weights.require_group(layer["name"]).attrs.setdefault("weight_names", [])
    if slots is not None:
        slots.attrs["weight_names"] = [name.encode() for name in slot_names]
        file.attrs["training_config"] = json.dumps(
            {"loss": "mse", "optimizer_config": {"class_name": "Adam", "config": {}}}
        )
    _describe(file, layers)


def _describe(file: h5py.File, layers: list[dict[str, Any]]) -> None:
    ends = {f"{end}_layers": [[layers[at]["name"], 0, 0]] for end, at in _ENDS}
    config = {"class_name": "Functional", "config": {"name": "chain", "layers": layers, **ends}}
    file.attrs["model_config"] = json.dumps(config)
    file.attrs["keras_version"], file.attrs["backend"] = "2.15.0", "tensorflow"


def _layer(kind: str, name: str, before: str | None, **config: Any) -> dict[str, Any]:
    nodes = [] if before is None else [[[before, 0, 0, {}]]]
    return {
        "class_name": kind,
        "name": name,
        "config": {"name": name, **config},
        "inbound_nodes": nodes,
    }


def _put(weights: h5py.Group, layer: str, values: dict[str, Any]) -> None:
    group = weights.create_group(layer)
    group.attrs["weight_names"] = [f"{layer}/{name}".encode() for name in values]
    for name, value in values.items():
        group[f"{layer}/{name}"] = value
