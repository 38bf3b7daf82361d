"""From a repaired configuration to a Keras network, layer by layer.

Keras' own loader is not asked: classes come from our own table (`classes`), arguments of
calls are read here, and a layer that Keras refuses is named in one sentence.

    {"class_name": "Functional" | "Sequential", "config": {"name", "layers", ...}}
    a layer: {"class_name", "module", "name", "config", "inbound_nodes"}
    a call:  {"args": [...], "kwargs": {...}}, tensors as "__keras_tensor__"
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras
import msgspec

from h5viewer.documents.json_text import table
from h5viewer.network.classes import KERAS_ERRORS, class_named
from h5viewer.network.graph_calls import Call, Outputs, calls_of, ends
from h5viewer.network.initial_values import PutOff
from h5viewer.network.naming import naming, refused
from h5viewer.requests import Progress

Table = dict[str, Any]
Way = tuple[str, ...]
Building = Generator[Progress, None, Any]
Maker = Callable[[Table], Any]
"""Makes a layer from its configuration; for classes that Keras does not have."""

_NETWORKS = ("Functional", "Sequential", "Model")
_HELD = ("layer", "backward_layer", "cell", "attention_layer")  # layers inside a configuration
_LISTS = ("cells", "layers")  # many of them
_PIECE = 20  # layers between two yields


class Built(msgspec.Struct):
    """A network, and its layers by the names on the way to them."""

    model: Any
    layers: dict[Way, Any] = {}


def build(
    config: Table, makers: Mapping[str, Maker] | None = None
) -> Generator[Progress, None, Built]:
    """Build the network that a configuration in Keras 3's form declares.

    Raises:
        CannotRead: Keras refuses a layer or the whole; the sentence names the layer.
    """
    builder = _Builder(makers or {}, _count(config))
    try:
        model = yield from builder.network(config, ())
    finally:
        builder.put_off.put_back()
    return Built(model, builder.layers)


class _Builder:
    def __init__(self, makers: Mapping[str, Maker], total: int) -> None:
        self._makers, self._total = makers, total
        self.layers: dict[Way, Any] = {}
        self.put_off = PutOff()
        self._n_made = 0

    def network(self, entry: Table, way: Way) -> Building:
        """A model, top-level or nested."""
        config: Table = table(entry.get("config"))
        if entry.get("class_name") == "Sequential":
            return (yield from self._sequential(config, way))
        return (yield from self._functional(config, way))

    # ------------------------------------------------------------------ layers

    def _layer(self, entry: Table, way: Way) -> Building:
        """One layer with those inside it, not yet called."""
        name = str(entry.get("name") or table(entry.get("config")).get("name") or "")
        here = (*way, name)
        if entry.get("class_name") in _NETWORKS:
            layer = yield from self.network(entry, here)
        else:
            layer = self._plain(entry, here)
        self.layers[here] = layer
        self._n_made += 1
        if self._n_made % _PIECE == 0:
            yield Progress(done=self._n_made, total=self._total, unit="layers")
        return layer

    def _plain(self, entry: Table, way: Way) -> Any:
        """A layer that is no network, with the layers that its configuration holds."""
        class_name, module = str(entry.get("class_name")), str(entry.get("module") or "")
        config: Table = dict(table(entry.get("config")))
        with naming(way[-1], class_name):
            for key in _HELD:
                inner = config.get(key)
                if isinstance(inner, dict) and "class_name" in inner:
                    config[key] = self._held(inner, way)
            own = self._makers.get(str(entry.get("registered_name") or class_name))
            for key in _LISTS if own is None else _LISTS[:1]:  # theirs may be anything
                if isinstance(config.get(key), list):
                    config[key] = [self._held(inner, way) for inner in config[key]]
            layer = own(config) if own is not None else _of_keras(class_name, module, config)
            self.put_off.take(layer)
            return layer

    def _held(self, entry: Table, way: Way) -> Any:
        here = (*way, str(table(entry.get("config")).get("name") or entry.get("name") or ""))
        if entry.get("class_name") in _NETWORKS:
            layer = finished(self.network(entry, here))
        else:
            layer = self._plain(entry, here)
        self.layers[here] = layer
        return layer

    # ---------------------------------------------------------------- networks

    def _sequential(self, config: Table, way: Way) -> Building:
        layers = []
        for entry in config.get("layers") or ():
            layers.append((yield from self._layer(entry, way)))
        name = config.get("name")
        model = keras.Sequential(name=name)
        for layer in layers:
            model.add(layer, rebuild=False)
        try:
            with _recursion(len(layers)):
                model._maybe_rebuild()
            if not model.built and isinstance(config.get("build_input_shape"), list):
                model.build(tuple(config["build_input_shape"]))
        except KERAS_ERRORS as error:
            _blame_layer(layers, config)
            raise refused(str(name), "Sequential", error) from error
        if not getattr(model, "inputs", None):  # Keras keeps to itself that code failed
            _blame_layer(layers, config)
        return model

    def _functional(self, config: Table, way: Way) -> Building:
        entries = [entry for entry in config.get("layers") or () if isinstance(entry, dict)]
        outputs = Outputs()
        made: dict[str, Any] = {}
        for entry in entries:
            layer = yield from self._layer(entry, way)
            name = str(entry.get("name") or table(entry.get("config")).get("name"))
            made[name] = layer
            if isinstance(layer, keras.layers.InputLayer):
                outputs.put(name, layer.output)
            elif entry.get("class_name") in ("Functional", "Model"):
                outputs.note_functional(name)
        for call in calls_of(entries, outputs):
            with naming(call.layer, str(call.class_name)):
                outputs.put(call.layer, _called(made[call.layer], call))
            self._n_made += 1
            if self._n_made % _PIECE == 0:
                yield Progress(done=self._n_made, total=self._total, unit="layers")
        title = config.get("name")
        with naming(str(title or ""), "model"), _recursion(len(entries)):
            return keras.Model(
                inputs=_single(ends(config.get("input_layers"), outputs)),
                outputs=_single(ends(config.get("output_layers"), outputs)),
                name=title,
            )


def _count(entry: Table) -> int:
    """Layers that are made, and calls of them, in a network with all that it holds."""
    waiting, total = [entry], 0
    while waiting:
        config: Table = table(waiting.pop().get("config"))
        for each in config.get("layers") or ():
            nodes = each.get("inbound_nodes")
            total += 1 + (len(nodes) if isinstance(nodes, list) else 0)
            if each.get("class_name") in _NETWORKS:
                waiting.append(each)
    return total


def _single(tensors: Any) -> Any:
    """One tensor by itself: Keras warns when a list of one is declared and one is given."""
    return tensors[0] if isinstance(tensors, list) and len(tensors) == 1 else tensors


def _of_keras(class_name: str, module: str, config: Table) -> Any:
    made = class_named(class_name, module)
    if any(key in config for key in (*_HELD, *_LISTS)):
        config.pop("num_constants", None)
        return made(**config)  # its from_config would not take layers
    return made.from_config(config)


@contextmanager
def _recursion(n_layers: int) -> Iterator[None]:
    """Room for Keras, which walks from the last layer to the first by calling itself."""
    usual = sys.getrecursionlimit()
    sys.setrecursionlimit(usual + 5 * n_layers)
    try:
        yield
    finally:
        sys.setrecursionlimit(usual)


def _called(layer: Any, call: Call) -> Any:
    args, kwargs = call.arguments()
    return layer(*args, **kwargs)


def _blame_layer(layers: list[Any], config: Table) -> None:
    """Feed the layers of a Sequential one after the other, to name the one that refuses.

    Raises:
        CannotRead: that of the layer.
    """
    shape = config.get("build_input_shape")
    tensor = keras.KerasTensor(tuple(shape)) if isinstance(shape, list) else None
    for layer in layers:
        if isinstance(layer, keras.layers.InputLayer):
            tensor = layer.output
        elif tensor is not None:
            with naming(layer.name, type(layer).__name__):
                tensor = layer(tensor)


def finished(work: Building) -> Any:
    """The result of building that nobody waits for."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value
