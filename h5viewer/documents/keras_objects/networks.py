"""Networks as objects that hold layers, in the order in which Keras lists them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from h5viewer.documents.json_text import is_list, is_table, table
from h5viewer.documents.keras_objects.classes import class_and_config, held_by
from h5viewer.documents.keras_objects.graph_order import order_of_layers
from h5viewer.documents.keras_objects.held import Held, Part, numbered

Path = tuple[str, ...]
_FUNCTIONAL = ("Functional", "Model")
_OPERATIONS = ("keras.src.ops", "keras.ops")


def network(entry: object) -> Held:
    """What Keras makes of a network's configuration, {"class_name": …, "config": …}."""
    class_name, config = class_and_config(entry) or ("", {})
    name = str(config.get("name") or "")
    if class_name == "Sequential":
        held = (_layer(each) for each in sequential_layers(config))
        return _of_layers("Sequential", name, held)
    names = order_of_layers(config)
    entries = {entry_name(each): each for each in _entries(config)}
    layers = (entries[each] for each in names if each in entries)
    held = (_layer(each) for each in layers if not is_operation(each))
    trainable = config.get("trainable") is not False
    return _of_layers("Functional", name, held, trainable=trainable)


def stored_layers(held: Held) -> Iterator[tuple[Path, str, Held]]:
    """Every layer that is no network, with its path and its place in archives."""
    waiting: list[tuple[Path, str, Held]] = [((), "", held)]
    while waiting:
        path, place, each = waiting.pop()
        if not each.is_network:
            yield path, place, each
            continue
        below = [
            ((*path, part.held.name), f"{place}/{part.way}".lstrip("/"), part.held)
            for part in each.parts
        ]
        waiting.extend(reversed(below))


def every_object(held: Held) -> Iterator[tuple[str, Held]]:
    """The network, those nested in it, and all their layers, with their places in archives."""
    waiting = [("", held)]
    while waiting:
        place, each = waiting.pop()
        yield place, each
        below = [(f"{place}/{part.way}".lstrip("/"), part.held) for part in each.layers]
        waiting.extend(reversed(below))


def sequential_layers(config: Mapping[str, object]) -> list[object]:
    """The entries of a Sequential without what it begins with: its input."""
    entries = _entries(config)
    if entries and table(entries[0]).get("class_name") == "InputLayer":
        return entries[1:]
    return entries


def entry_name(entry: object) -> str:
    """What an entry among the layers is called."""
    found = table(entry)
    return str(found.get("name") or table(found.get("config")).get("name") or "")


def is_operation(entry: object) -> bool:
    """True for a function of `keras.ops` among the layers, which is no layer."""
    return str(table(entry).get("module") or "").startswith(_OPERATIONS)


def _entries(config: Mapping[str, object]) -> list[object]:
    entries = config.get("layers")
    return [each for each in entries if is_table(each)] if is_list(entries) else []


def _of_layers(class_name: str, name: str, held: Iterator[Held], *, trainable: bool = True) -> Held:
    parts = tuple(Part(f"layers/{part.way}", part.held) for part in numbered(held))
    return Held(class_name, name, (), parts, trainable, is_network=True)


def _layer(entry: object) -> Held:
    """A layer or a network among the layers of another, or inside a wrapper."""
    found = class_and_config(entry)
    if found is None:
        return Held("", is_known=False)
    class_name, config = found
    if class_name == "Sequential" or class_name in _FUNCTIONAL:
        return network(entry)
    registered = table(entry).get("registered_name")
    module = table(entry).get("module")
    if module is None and isinstance(registered, str):  # a class of somebody else's
        own = class_name.rpartition(">")[2]
        trainable = config.get("trainable") is not False
        return Held(own, str(config.get("name") or ""), trainable=trainable, is_known=False)
    named = {**config, "name": config.get("name") or table(entry).get("name")}
    return held_by(class_name, named, _layer)
