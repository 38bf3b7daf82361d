"""Which layers training changes: the flag `trainable`, in configurations of any dialect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from h5viewer.documents.compatibility.arguments import BARE
from h5viewer.documents.json_text import is_list, is_table, table
from h5viewer.documents.new_network import NewNetwork
from h5viewer.documents.transforms.entries import Entry, Path, copied, entries_of, matching

_WITHOUT_FLAG = BARE | {"InputLayer", "TFOpLambda", "SlicingOpLambda", "Pipeline"}
_INSIDE = ("layer", "forward_layer", "backward_layer", "cell", "cells")


class Frozen(msgspec.Struct, frozen=True):
    """What became of the layers that were meant; networks are not among them, only their layers."""

    config: Any
    frozen: tuple[Path, ...]  # that were trained before
    trained: tuple[Path, ...]  # that were not


def frozen_config(network: object, frozen: Sequence[str], trained: Sequence[str]) -> Frozen:
    """The configuration with other flags; `trained` are exceptions from `frozen`.

    Raises:
        CannotRead: a name or pattern means no layer.
    """
    new = copied(network)
    entries = list(entries_of(new))
    before = {
        entry.path: _flag(entry.config)
        for entry in entries
        if not entry.is_network and _has_flag(entry.table)
    }
    wanted: dict[Path, bool] = {}
    for patterns, value in ((frozen, False), (trained, True)):
        for pattern in patterns:
            meant = set(matching(new, pattern))
            wanted |= {path: value for path in before if not meant.isdisjoint(_prefixes(path))}
    changed = [path for path, value in wanted.items() if before[path] != value]
    for entry in entries:
        if entry.path in wanted and before.get(entry.path) != wanted[entry.path]:
            _set(entry.table, wanted[entry.path])
    _set_networks(new, entries, before | wanted, changed)
    return Frozen(
        new,
        tuple(path for path in changed if not wanted[path]),
        tuple(path for path in changed if wanted[path]),
    )


def frozen_network(
    network: NewNetwork, frozen: Sequence[str], trained: Sequence[str]
) -> tuple[NewNetwork, Frozen]:
    """The network with other flags, and what changed."""
    found = frozen_config(network.config, frozen, trained)
    return replace(network, config=found.config), found


def _prefixes(path: Path) -> list[Path]:
    """The networks around a layer, the outermost first, and itself."""
    return [path[:n] for n in range(1, len(path) + 1)]


def _flag(config: dict[str, object]) -> bool:
    """As stated; where nothing is stated Keras trains."""
    return config.get("trainable") is not False


def _has_flag(entry: dict[str, object]) -> bool:
    is_operation = ".ops" in str(entry.get("module") or "")
    return entry.get("class_name") not in _WITHOUT_FLAG and not is_operation


def _set_networks(
    new: object, entries: Sequence[Entry], after: dict[Path, bool], changed: Sequence[Path]
) -> None:
    """A network is trained when one of its layers is.

    What Keras trains after loading is said by the layers alone, but the order of a nested network's
    weights in legacy files, and whether the whole is trained at all, by the networks' flags.
    """
    configs = {
        entry.path: entry.config for entry in entries if entry.is_network and _has_flag(entry.table)
    }
    with_trained = {each for path, value in after.items() if value for each in _prefixes(path)}
    for around in {each for path in changed for each in _prefixes(path)[:-1]} & set(configs):
        configs[around]["trainable"] = around in with_trained
    config = table(table(new).get("config"))
    if not _flag(config) and any(after[path] for path in changed):
        config["trainable"] = True


def _set(entry: dict[str, object], value: bool) -> None:
    """The flag of a layer and of what it holds."""
    config = entry.get("config")
    if not is_table(config):
        return
    config["trainable"] = value
    for key in _INSIDE:
        held = config.get(key)
        for each in held if is_list(held) else [held]:
            if not is_table(each):
                continue
            inner = [layer.table for layer in entries_of(each) if _has_flag(layer.table)]
            if inner or "trainable" in table(each.get("config")):
                _set(each, value)
            for layer in inner:
                _set(layer, value)
