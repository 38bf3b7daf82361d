"""A network as a file that plain Keras 3 opens: `.h5`, `.keras` or `.weights.h5`.

Values are asked for once, written where they belong, and compared with what is read back.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal

import msgspec

from h5viewer.documents.compatibility.catalogue import known_name
from h5viewer.documents.keras_objects import Held, network, stored_layers
from h5viewer.documents.keras_objects.networks import every_object
from h5viewer.documents.new_network import NewLayer, NewNetwork, NewWeight, Path
from h5viewer.documents.own_class import has_one_holder
from h5viewer.documents.written_config import as_written
from h5viewer.errors import CannotWrite
from h5viewer.formats.archive_new import NewArchive
from h5viewer.formats.hdf5_new import Filled, NewHdf5, ReadBack, stored_type
from h5viewer.formats.scratch import Scratch
from h5viewer.names import visible
from h5viewer.operations import Operation
from h5viewer.requests import Progress

Kind = Literal["h5", "keras", "weights.h5"]
Outline = Callable[[NewHdf5], Iterator[None]]
"""Writes everything but the arrays; yields now and then."""

KERAS_VERSION = "3.15.1"
"""Of the Keras whose forms are written."""

_TOP_LEVEL = "top_level_model_weights"
"""A group of legacy files that is no layer."""

_AROUND = 700
"""Bytes that HDF5 takes for each array and each group, as measured on files of both forms."""

_PAUSE = 0.02  # seconds


class Item(msgspec.Struct, frozen=True):
    """One array of the file."""

    path: str
    weight: NewWeight
    dtype: str

    @property
    def n_bytes(self) -> int:
        """That it takes in the file."""
        n = stored_type(self.dtype).itemsize
        for size in self.weight.shape:
            n *= size
        return n


class Written(msgspec.Struct, frozen=True):
    """What was written and read back."""

    n_weights: int
    notes: tuple[str, ...] = ()


class Outlook(msgspec.Struct, frozen=True):
    """What would be written."""

    n_weights: int
    n_bytes: int  # of values
    n_around: int  # of names, configuration and everything else, about
    notes: tuple[str, ...] = ()


def plan_network(new: NewNetwork, kind: Kind, name: str) -> Outlook:
    """How much would be written.

    Raises:
        CannotWrite: as `write_network`.
    """
    held = network(new.config)
    items = items_of(new, held, kind, name)
    around = _AROUND * (len(items) + sum(1 for _ in every_object(held)))
    if kind != "weights.h5":
        around += len(json.dumps(new.config))
    n_bytes = sum(item.n_bytes for item in items)
    return Outlook(len(items), n_bytes, around, tuple(_notes(items)))


def items_of(new: NewNetwork, held: Held, kind: Kind, name: str) -> list[Item]:
    """All arrays of the file, in its order.

    Raises:
        CannotWrite: where one of them belongs is not known.
    """
    if kind == "h5":
        _require_read_alike(new, held, name)
        return list(_legacy_items(new, held))
    items = list(_archive_items(new, held, name))
    if kind == "keras" and new.optimizer is not None:
        items += [
            Item(f"optimizer/{each.place}", each, each.dtype) for each in new.optimizer.variables
        ]
    return items


def write_network(new: NewNetwork, scratch: Scratch, kind: Kind, name: str) -> Operation[Written]:
    """Write, read back, compare.

    Args:
        new: what to write.
        scratch: where, from its beginning.
        kind: in which form.
        name: what the file is to be called.

    Raises:
        CannotRead: a value cannot be read.
        CannotWrite: the disk refuses, the form cannot hold this network, or what was read back
            is not what was written.
    """
    held = network(new.config)
    items = items_of(new, held, kind, name)
    scratch.truncate(0)
    scratch.start_flushing()
    work = Writing(name, sum(item.n_bytes for item in items))
    if kind == "keras":
        yield from _write_archive(new, held, items, scratch, work)
    else:
        outline = partial(_legacy_outline, new, held) if kind == "h5" else partial(groups, held)
        yield from write_arrays(items, outline, scratch, work)
    while not scratch.is_flushed(_PAUSE):
        yield Progress(done=work.total, text="Waiting for the disk…")
    scratch.check(name)
    return Written(len(items), tuple(_notes(items)))


def write_arrays(
    items: list[Item], outline: Outline, scratch: Scratch, work: Writing
) -> Operation[None]:
    """An HDF5 file of these arrays, and of what `outline` writes.

    Raises:
        CannotRead, CannotWrite: as `write_network`.
    """
    yield from work.write(items, outline, scratch)
    reading = work.reading_back()
    for at, piece in scratch.pieces():
        reading.see(at, piece)
        yield work.progress(len(piece))
    for _ in reading.compare_outline(scratch):
        yield work.progress(0)


class Writing:
    """One file on its way: counts bytes, keeps the checksum of each array that was written."""

    def __init__(self, name: str, n_bytes: int) -> None:
        self.name = name
        self._done, self.total = 0, n_bytes
        self._filled: list[Filled] = []

    def write(self, items: list[Item], outline: Outline, scratch: Scratch) -> Operation[None]:
        """The HDF5 file."""
        file = NewHdf5(scratch)
        try:
            for _ in outline(file):
                yield self.progress(0)
            for item in items:
                room = file.reserve(item.path, item.weight.shape, item.dtype)
                for each in file.fill(room, item.weight.values.pieces()):
                    if isinstance(each, Filled):
                        self._filled.append(each)
                    else:
                        file.check(self.name)
                        yield self.progress(each)
        finally:
            file.close()
        scratch.check(self.name)

    def reading_back(self) -> ReadBack:
        """What compares all that was written."""
        return ReadBack(self._filled, self.name)

    def progress(self, n_bytes: int) -> Progress:
        """More bytes were dealt with."""
        self._done = min(self._done + n_bytes, 2 * self.total)
        return Progress(done=self._done, total=max(1, 2 * self.total), unit="bytes")


# ------------------------------------------------------------------------ archive


def _write_archive(
    new: NewNetwork, held: Held, items: list[Item], scratch: Scratch, work: Writing
) -> Operation[None]:
    archive = NewArchive(scratch)
    saved = {"keras_version": KERAS_VERSION, "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S")}
    archive.write("metadata.json", json.dumps(saved).encode())
    config = as_written(new.config)
    if new.optimizer is not None:
        config["compile_config"] = new.optimizer.compiled
    archive.write("config.json", json.dumps(config).encode())
    made, part = archive.begin("model.weights.h5", work.total)
    yield from work.write(items, partial(_archive_outline, new, held), part)
    reading = work.reading_back()
    for n_bytes in archive.end(made, part, reading.see):
        yield work.progress(n_bytes)
    assets = {layer.path: layer.assets for layer in new.layers}
    for path, place, _ in stored_layers(held):
        for asset in assets.get(path, ()):
            archive.write(f"assets/{place}/{asset.place}", asset.data)
    archive.close()
    scratch.check(work.name)
    for _ in reading.compare_outline(part):
        yield work.progress(0)


def _archive_outline(new: NewNetwork, held: Held, file: NewHdf5) -> Iterator[None]:
    yield from groups(held, file)
    if new.optimizer is not None:
        file.group("optimizer/vars")
        yield


def _archive_items(new: NewNetwork, held: Held, name: str) -> Iterator[Item]:
    layers = {layer.path: layer for layer in new.layers}
    for path, place, part in stored_layers(held):
        layer = layers.get(path)
        if layer is None:
            continue
        for weight in layer.weights:
            if not weight.place:
                raise CannotWrite(
                    f"{name} was not saved: “{visible(path[-1])}” is of a class of its own, and "
                    "where Keras keeps its weights in such a file is not known.",
                    hint="Choose a .h5 file." if _has_stated_order(path, layer, part) else "",
                )
            yield Item(f"{place}/{weight.place}", weight, weight.dtype)


# ------------------------------------------------------------------------- legacy


def _require_read_alike(new: NewNetwork, held: Held, name: str) -> None:
    """Refuse layers that Keras would read otherwise than they are written.

    Those of somebody else's class that hold others and Keras' own of unknown quantizations, whose
    weights could be listed in several orders; statistics that it reads and does not use.

    Raises:
        CannotWrite: there is one.
    """
    layers = {layer.path: layer for layer in new.layers}
    if any(part.held.name == _TOP_LEVEL for part in held.parts):
        raise CannotWrite(
            f"{name} was not saved: such files hold something else under the name of the layer "
            f"“{_TOP_LEVEL}”.",
            hint="Choose a .keras file, or rename the layer first.",
        )
    for path, _, each in stored_layers(held):
        layer = layers.get(path)
        if layer is None or not layer.weights:
            continue
        if len(path) > 1 and each.class_name == "Normalization":  # Keras 3.15 does not finalize it
            raise CannotWrite(
                f"{name} was not saved: Keras does not use the mean and variance of "
                f"“{visible(path[-1])}” from such a file, as it is inside “{visible(path[-2])}”.",
                hint="Choose a .keras file.",
            )
        if each.is_known:
            continue
        if not _has_stated_order(path, layer, each):
            is_own = known_name(each.class_name) is None
            how = "of a class of its own" if is_own else "quantized in a way of its own"
            has_places = all(weight.place for weight in layer.weights)
            raise CannotWrite(
                f"{name} was not saved: “{visible(path[-1])}” is {how}, and in "
                "which order Keras lists its weights in such a file is not known.",
                hint="Choose a .keras file." if has_places else "",
            )


def _has_stated_order(path: Path, layer: NewLayer, held: Held) -> bool:
    """True where legacy files list the weights of a layer that is not known as they came."""
    is_one = has_one_holder(weight.place for weight in layer.weights)
    return len(path) == 1 and is_one and known_name(held.class_name) is None


def _legacy_items(new: NewNetwork, held: Held) -> Iterator[Item]:
    for group, names in legacy_groups(new, held).items():
        for stored, weight in names:
            dtype = "float32" if weight.dtype == "bfloat16" else weight.dtype
            yield Item(f"model_weights/{group}/{stored}", weight, dtype)


def legacy_groups(new: NewNetwork, held: Held) -> dict[str, list[tuple[str, NewWeight]]]:
    """Each layer of the network with its weights in Keras' order, and what they are called."""
    layers = {layer.path: layer for layer in new.layers}
    by_place = {
        (path, weight.place): weight for path, layer in layers.items() for weight in layer.weights
    }
    groups: dict[str, list[tuple[str, NewWeight]]] = {}
    for part in held.parts:
        top = part.held
        found: list[tuple[str, NewWeight]] = []
        if not top.is_known and (top.name,) in layers:
            found = [(weight.name, weight) for weight in layers[(top.name,)].weights]
        for slot in top.slots():
            weight = by_place.get(((top.name, *slot.layers), slot.place))
            if weight is not None and slot.variable.is_kept_by_legacy:
                found.append(("/".join((top.name, *slot.layers, slot.name)), weight))
        groups[top.name] = found
    return groups


def groups(held: Held, file: NewHdf5) -> Iterator[None]:
    """The groups of an archive, one an object, which say what layers are called."""
    for place, each in every_object(held):
        way = f"{place}/vars".lstrip("/")
        file.group(way)
        file.text(way, "name", each.name)
        yield


def _legacy_outline(new: NewNetwork, held: Held, file: NewHdf5) -> Iterator[None]:
    """Everything but the arrays."""
    whole = as_written(new.config)
    config = {key: whole[key] for key in ("class_name", "config")}
    for path in ("", "model_weights"):
        file.group(path)
        file.text(path, "keras_version", KERAS_VERSION)
        file.text(path, "backend", "tensorflow")
    file.text("", "model_config", json.dumps(config))
    layers = legacy_groups(new, held)
    file.names("model_weights", "layer_names", list(layers))
    for group in sorted([*layers, _TOP_LEVEL]):
        file.group(f"model_weights/{group}")
        names = [name for name, _ in layers.get(group, ())]
        file.names(f"model_weights/{group}", "weight_names", names)
        yield


def _notes(items: list[Item]) -> Iterator[str]:
    if any(item.dtype != item.weight.dtype for item in items):
        yield "Weights in bfloat16 are stored as float32, with the same numbers: .h5 has no other."
