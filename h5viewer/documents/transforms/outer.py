"""A functional network around others: each becomes a layer of it, under a name of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from h5viewer.documents.json_text import is_table, table
from h5viewer.documents.network_ends import Axes, Ends, Input
from h5viewer.documents.new_network import NewLayer, NewNetwork
from h5viewer.documents.transforms.entries import name_of
from h5viewer.names import plain

_ODD = re.compile(r"[^A-Za-z0-9_]+")
_LONGEST = 60
_GENERAL = re.compile(r"(model|network|functional|sequential)(_\d+)?")
_FUNCTIONAL = "keras.src.models.functional"  # where Keras itself says that the class is


class Member(msgspec.Struct, frozen=True):
    """One network that goes into another."""

    file: str  # its name, for sentences
    network: NewNetwork
    ends: Ends


class Tensor(NamedTuple):
    """What a call of a layer puts out."""

    layer: str
    call: int
    output: int

    def written(self) -> dict[str, object]:
        """As an argument; Keras takes shape and type from the layer."""
        config = {"shape": [None], "dtype": "float32", "keras_history": list(self)}
        return {"class_name": "__keras_tensor__", "config": config}


class Outer:
    """The layers of the network around, each added after those that feed it."""

    def __init__(self, name: str, members: Sequence[Member]) -> None:
        self._name = name
        self._layers: list[dict[str, object]] = []
        self._inputs: list[Tensor] = []
        self._names: set[str] = set()
        self._functional: set[str] = set()
        self.members = [self._named(member) for member in members]

    def _named(self, member: Member) -> tuple[str, Member]:
        """The network's own name, unless Keras made it up: then that of the file."""
        own = name_of(member.network.config)
        if not own or _GENERAL.fullmatch(own):
            own = PurePath(plain(member.file)).stem  # with the epoch, where they differ in it
        return self.new_name(own), member

    def new_name(self, wanted: str) -> str:
        """A name like this one that no layer has."""
        stem = _ODD.sub("_", wanted)[:_LONGEST].strip("_") or "network"
        name, number = stem, 1
        while name in self._names:
            number += 1
            name = f"{stem}_{number}"
        self._names.add(name)
        return name

    def input(self, stated: Input, shape: Axes) -> Tensor:
        """One more input."""
        name = self.new_name(stated.name)
        config = {"name": name, "batch_shape": list(shape), "dtype": stated.dtype}
        self._add("InputLayer", config, [])
        tensor = Tensor(name, 0, 0)
        self._inputs.append(tensor)
        return tensor

    def layer(self, class_name: str, name: str, tensors: object, **arguments: object) -> Tensor:
        """A layer without weights, called with a tensor or a list of them."""
        name = self.new_name(name)
        call = {"args": [_written(tensors)], "kwargs": {}}
        config = {"name": name, "trainable": True, "dtype": "float32", **arguments}
        self._add(class_name, config, [call])
        return Tensor(name, 0, 0)

    def member(self, name: str, member: Member, tensors: Sequence[Tensor]) -> list[Tensor]:
        """One of the networks, called with a tensor for each of its inputs."""
        network = member.network.config
        fed = _written(_structured(network, tensors))
        config = {**network["config"], "name": name}
        entry: dict[str, Any] = {
            "module": "keras",
            "registered_name": None,
            **network,
            "config": config,
            "name": name,
            "inbound_nodes": [{"args": [fed], "kwargs": {}}],
        }
        self._layers.append(entry)
        if network["class_name"] != "Sequential":
            self._functional.add(name)
        return [Tensor(name, 0, number) for number in range(len(member.ends.outputs))]

    def made(self, outputs: Sequence[Tensor], notes: Sequence[str]) -> NewNetwork:
        """The whole network."""
        config = {
            "name": self._name,
            "trainable": True,
            "layers": self._layers,
            "input_layers": _ends([list(each) for each in self._inputs]),
            "output_layers": _ends([self._end(each) for each in outputs]),
        }
        network = {
            "module": _FUNCTIONAL,
            "class_name": "Functional",
            "config": config,
            "registered_name": None,
        }
        return NewNetwork(network, tuple(self._weights()), (*notes, *self._notes()))

    def _end(self, tensor: Tensor) -> list[object]:
        """Keras counts calls of functional networks from 1 where they end a network, only there."""
        return [tensor.layer, tensor.call + (tensor.layer in self._functional), tensor.output]

    def _add(self, class_name: str, config: Mapping[str, object], calls: list[object]) -> None:
        self._layers.append(
            {
                "module": "keras.layers",
                "class_name": class_name,
                "config": config,
                "registered_name": None,
                "name": config["name"],
                "inbound_nodes": calls,
            }
        )

    def _weights(self) -> Iterator[NewLayer]:
        for name, member in self.members:
            for layer in member.network.layers:
                yield replace(layer, path=(name, *layer.path))

    def _notes(self) -> Iterator[str]:
        called = [f"{member.file} as {name}" for name, member in self.members]
        yield f"The networks are layers of the new one: {', '.join(called)}."
        for _, member in self.members:
            for note in member.network.notes:
                yield f"{member.file}: {note}"


def _ends(ends: list[list[object]]) -> list[Any]:
    """One alone as it is: Keras warns of every array that is fed where it expects a list."""
    return ends[0] if len(ends) == 1 else ends


def _structured(network: Mapping[str, Any], tensors: Sequence[Tensor]) -> object:
    """The inputs as the network will state them: one, a list or a table."""
    ends = table(network.get("config")).get("input_layers")
    if is_table(ends):  # in the order of their names, as Keras takes them
        return dict(zip(sorted(ends), tensors, strict=True))
    return tensors[0] if len(tensors) == 1 else list(tensors)


def _written(tensors: object) -> object:
    if isinstance(tensors, Tensor):
        return tensors.written()
    if isinstance(tensors, dict):
        return {key: _written(each) for key, each in tensors.items()}
    assert isinstance(tensors, list)
    return [_written(each) for each in tensors]
