"""Other names for layers, wherever a configuration of any dialect mentions them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from h5viewer.documents.json_text import is_list, is_table, table, whole_number
from h5viewer.documents.new_network import NewNetwork
from h5viewer.documents.transforms.entries import (
    Path,
    copied,
    entries_of,
    find_layer,
    layers_of,
    name_of,
    shown,
)
from h5viewer.errors import CannotRead
from h5viewer.names import plain, visible

_LEGAL = re.compile(r"[A-Za-z0-9.][A-Za-z0-9_.\-]*")  # names are scopes of TensorFlow's graph
_TAKEN = "top_level_model_weights"  # a group of legacy files that is no layer
_LONGEST = 200

Renames = Mapping[Path, str]
"""The new name of a layer, by its path."""


def renames(network: object, names: Sequence[tuple[str, str]]) -> dict[Path, str]:
    """Which layers get which names.

    Raises:
        CannotRead: there is no such layer, or the name is taken or none that Keras takes.
    """
    found: dict[Path, str] = {}
    for old, new in names:
        path = find_layer(network, (old,))
        require_legal(new)
        if found.get(path, new) != new:
            raise CannotRead(f"{shown(path)} cannot have two names.")
        found[path] = new
    _require_different(network, found)
    return {path: new for path, new in found.items() if path[-1] != new}


def require_legal(name: str) -> None:
    """Raise when Keras or TensorFlow refuse a name.

    Raises:
        CannotRead: they do.
    """
    if not _LEGAL.fullmatch(name) or name == _TAKEN or len(name) > _LONGEST:
        raise CannotRead(
            f"“{visible(name, 60)}” cannot be the name of a layer.",
            hint="Use letters without accents, digits, “_”, “-” and “.”, a letter or digit first.",
        )


def renamed_config(network: object, renames: Renames) -> Any:
    """The configuration with the new names: of entries, calls, inputs and outputs."""
    new = copied(network)
    levels: dict[Path, dict[str, str]] = {}
    for path, name in renames.items():
        levels.setdefault(path[:-1], {})[path[-1]] = name
    networks = {(): new} | {
        entry.path: entry.table for entry in list(entries_of(new)) if entry.is_network
    }
    for around, names in levels.items():
        _rename_level(networks[around], names)
    return new


def renamed(network: NewNetwork, renames: Renames) -> NewNetwork:
    """The same network with other names."""
    layers = tuple(
        replace(layer, path=renamed_path(layer.path, renames)) for layer in network.layers
    )
    return replace(network, config=renamed_config(network.config, renames), layers=layers)


def renamed_path(path: Path, renames: Renames) -> Path:
    """Where a layer is afterwards."""
    return tuple(renames.get(path[:n], path[n - 1]) for n in range(1, len(path) + 1))


def renamed_outputs(network: object, renames: Renames) -> dict[str, str]:
    """New names by old ones of the layers whose outputs training knows by them.

    Where outputs are a table it knows them by the keys of that, which stay.
    """
    found: dict[str, str] = {}
    stated = table(table(network).get("config")).get("output_layers")
    if is_table(stated):
        return {}
    waiting = [stated]
    while waiting:
        value = waiting.pop()
        if is_list(value) and value and isinstance(value[0], str):
            found[value[0]] = renames.get((value[0],), value[0])
        elif is_list(value):
            waiting += value
    if not found:  # a Sequential: its last layer
        listed = layers_of(network) or []
        last = name_of(table(listed[-1])) if listed else ""
        found[last] = renames.get((last,), last)
    return {old: new for old, new in found.items() if old != new}


def renamed_training(training: object, outputs: Mapping[str, str]) -> Any:
    """How it was trained, where losses and metrics are given by the names of outputs."""
    new = copied(training)
    for key in ("loss", "loss_weights", "metrics", "weighted_metrics", "sample_weight_mode"):
        for holder in (table(new), table(table(new).get("config"))):
            value = holder.get(key)
            if is_table(value) and "class_name" not in value:
                holder[key] = {outputs.get(name, name): each for name, each in value.items()}
    return new


def _require_different(network: object, found: Mapping[Path, str]) -> None:
    used: dict[Path, Path] = {}
    for entry in entries_of(network):
        after = (*entry.path[:-1], found.get(entry.path, entry.name))
        if after in used and (entry.path in found or used[after] in found):
            raise CannotRead(
                f"Two layers of one network would be called {shown((after[-1],))}.",
                hint="Choose a name that no other layer has.",
            )
        used[after] = entry.path


def _rename_level(network: dict[str, object], names: Mapping[str, str]) -> None:
    for each in layers_of(network) or []:
        if not is_table(each):
            continue
        old = name_of(each)
        new = names.get(old, old)
        for holder in (each, table(each.get("config"))):
            if isinstance(holder.get("name"), str) and plain(str(holder["name"])) == old:
                holder["name"] = new
        nodes = each.get("inbound_nodes")
        for node in nodes if is_list(nodes) else []:
            _rename_in_call(node, names)
    config = table(network.get("config"))
    for key in ("input_layers", "output_layers"):
        _rename_lists(config.get(key), names)


def _rename_in_call(node: object, names: Mapping[str, str]) -> None:
    if is_table(node) and ("args" in node or "kwargs" in node):
        _rename_tensors(node, names)
    else:
        _rename_lists(node, names)


def _rename_tensors(value: object, names: Mapping[str, str]) -> None:
    """Keras 3: tensors say where they come from."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if is_table(each):
            history = table(each.get("config")).get("keras_history")
            if each.get("class_name") == "__keras_tensor__" and is_list(history) and history:
                history[0] = names.get(str(history[0]), history[0])
            waiting += each.values()
        elif is_list(each):
            waiting += each


def _rename_lists(value: object, names: Mapping[str, str]) -> None:
    """Keras 1 and 2: ["layer", 0, 0], perhaps with more arguments behind."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if is_table(each):
            waiting += each.values()
        elif is_list(each):
            is_tensor = len(each) >= 3 and isinstance(each[0], str)
            if is_tensor and None not in (whole_number(each[1]), whole_number(each[2])):
                each[0] = names.get(plain(str(each[0])), each[0])
                waiting += each[3:]
            else:
                waiting += each
