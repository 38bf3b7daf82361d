"""Decode a file as a worker does: `from decoding import decoded`."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import h5py
import numpy as np

from h5viewer import requests
from h5viewer.formats.container import Container
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import Architecture, Document, Layer, Layers, Problem, Text, Weight
from h5viewer.operations.architecture import decode_architecture, open_document, read_layer

T = TypeVar("T")
JSON = Any


@dataclass
class Decoded:
    """A document with its network."""

    document: Document
    architecture: Architecture
    layers: list[Layer]
    parts: list[Layers]

    def layer(self, name: str) -> Layer:
        """The first layer of that name, nested ones included."""
        return next(layer for layer in every(self.layers) if layer.name == name)

    @property
    def messages(self) -> list[str]:
        """What is wrong, as sentences."""
        return [problem.message for problem in self.architecture.problems]

    def about(self, where: str) -> list[Problem]:
        """The problems of one layer."""
        return [problem for problem in self.architecture.problems if problem.where == where]


def opened(path: Path, use: Callable[[Container], T]) -> T:
    """What `use` makes of the opened file."""
    with Source(str(path)) as source:
        container = open_container(source)
        try:
            return use(container)
        finally:
            container.close()


def decoded(path: Path) -> Decoded:
    """Open and decode; files that are no Keras document have an empty network."""

    def use(container: Container) -> Decoded:
        document, _ = run(open_document(requests.OpenDocument(document=str(path)), container))
        asked = requests.DecodeArchitecture(document=str(path))
        architecture, yielded = run(decode_architecture(asked, container))
        parts = [part for part in yielded if isinstance(part, Layers)]
        layers = [layer for part in parts for layer in part.layers]
        return Decoded(document, architecture, layers, parts)

    return opened(path, use)


def configuration(path: Path, key: tuple[int, ...]) -> Text:
    """One layer's configuration."""
    asked = requests.ReadLayer(document=str(path), key=key)
    return opened(path, lambda container: run(read_layer(asked, container))[0].config)


def run(operation: Generator[Any, None, T]) -> tuple[T, list[Any]]:
    """The result of an operation and what it yielded."""
    yielded = []
    while True:
        try:
            yielded.append(next(operation))
        except StopIteration as end:
            return end.value, yielded


def every(layers: list[Layer] | tuple[Layer, ...]) -> Iterator[Layer]:
    """Layers with those inside them."""
    for layer in layers:
        yield layer
        yield from every(layer.layers)


def weights_of(layers: list[Layer]) -> list[Weight]:
    """All stored weights."""
    return [w for layer in every(layers) for w in layer.weights if w.path is not None]


# ------------------------------------------------------------------ small files


def layer_entry(class_name: str, name: str, *inbound: str, **config: Any) -> dict[str, Any]:
    """A layer as tf.keras writes it; `inbound` names what it is fed."""
    entry: dict[str, Any] = {"class_name": class_name, "config": {"name": name} | config}
    if inbound:
        entry["name"] = name
        entry["inbound_nodes"] = [[[source, 0, 0, {}] for source in inbound]]
    return entry


def sequential(*layers: JSON, name: str = "net") -> dict[str, Any]:
    """A Sequential configuration."""
    return {"class_name": "Sequential", "config": {"name": name, "layers": list(layers)}}


def functional(*layers: JSON, inputs: JSON = None, outputs: JSON = None) -> dict[str, Any]:
    """A functional configuration."""
    config = {
        "name": "net",
        "layers": list(layers),
        "input_layers": inputs or [],
        "output_layers": outputs or [],
    }
    return {"class_name": "Functional", "config": config}


Stored = dict[str, dict[str, tuple[int, ...]]]
"""Layer → weight name → shape."""


def write_legacy(
    path: Path,
    config: JSON,
    stored: Stored,
    *,
    root: str = "model_weights",
    more: Callable[[h5py.File], None] | None = None,
) -> Path:
    """A legacy `.h5` with one group a layer; `config` None: weights only."""
    with h5py.File(path, "w") as file:
        if config is not None:
            file.attrs["model_config"] = json.dumps(config)
            file.attrs["keras_version"] = "2.9.0"
        weights = file.require_group(root)
        weights.attrs["layer_names"] = np.array([name.encode() for name in stored])
        for name, shapes in stored.items():
            group = weights.require_group(name)
            group.attrs["weight_names"] = np.array([each.encode() for each in shapes])
            for each, shape in shapes.items():
                group[each] = np.ones(shape, "f4")
        if more is not None:
            more(file)
    return path


def write_states(target: Any, shapes: dict[str, tuple[int, ...]], names: dict[str, str]) -> None:
    """A `.weights.h5`: `shapes` by the path of the dataset, `names` by that of `vars`."""
    with h5py.File(target, "w") as file:
        for where, shape in shapes.items():
            file[where] = np.ones(shape, "f4")
        for where, name in names.items():
            file.require_group(where).attrs["name"] = name


def write_archive(
    path: Path,
    config: JSON,
    shapes: dict[str, tuple[int, ...]],
    names: dict[str, str] | None = None,
    **entries: str,
) -> Path:
    """A `.keras` archive."""
    inner = io.BytesIO()
    write_states(inner, shapes, names or {})
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.10.0"}))
        if config is not None:
            text = config if isinstance(config, str) else json.dumps(config)
            archive.writestr("config.json", text)
        archive.writestr("model.weights.h5", inner.getvalue())
        for name, text in entries.items():
            archive.writestr(name, text)
    return path
