"""The network up to one layer, of any graph; what only later layers need is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from h5viewer.documents.json_text import is_list, is_table, table
from h5viewer.documents.new_network import NewNetwork
from h5viewer.documents.transforms.entries import (
    Entry,
    Path,
    copied,
    entries_of,
    find_layer,
    layers_of,
    name_of,
    shown,
)
from h5viewer.errors import CannotRead
from h5viewer.wording import plural

_FUNCTIONAL = ("Functional", "Model")
_LATER = "What only later layers need is left out"

Node = tuple[str, int]
"""A layer of one network, and which of its calls."""


def cut(network: NewNetwork, layer: Path, call: int = 0) -> NewNetwork:
    """The network whose output is that of one layer, in Keras 3's form.

    Args:
        network: as read.
        layer: a path, or the name of the only layer of that name.
        call: which use of it where there are several.

    Raises:
        CannotRead: there is no such layer or call, or it is no layer of a network.
    """
    path = find_layer(network.config, layer)
    config = copied(network.config)
    notes: list[str] = []
    _cut(config, path, call, notes)
    kept = {entry.path for entry in entries_of(config)}
    layers = tuple(each for each in network.layers if each.path in kept)
    n_left = sum(1 for _ in entries_of(network.config)) - len(kept)
    if n_left:
        notes.append(f"{_LATER}: {plural(n_left, 'layer')}.")
    return replace(network, config=config, layers=layers, notes=(*network.notes, *notes))


def _cut(network: dict[str, Any], path: Path, call: int, notes: list[str]) -> None:
    """Cut one network, and the one in it that the path goes on into."""
    entry = next(each for each in _entries(network) if each.name == path[0])
    if len(path) > 1:
        inner = layers_of(entry.table)
        if inner is None or entry.class_name == "Pipeline":  # a layer, with layers in it
            raise CannotRead(f"{shown(path)} is inside a layer that cannot be cut.")
        inputs = _inputs(entry.table)
        _cut(entry.table, path[1:], call, notes)
        _feed_fewer(entry.table, inputs)
        call = 0
    if network.get("class_name") == "Sequential":
        _cut_sequential(network, path[0])
    else:
        _cut_functional(network, entry, call, notes, is_inside=len(path) > 1)


# ------------------------------------------------------------------- Sequential


def _cut_sequential(network: dict[str, Any], name: str) -> None:
    listed = layers_of(network) or []
    place = next(i for i, each in enumerate(listed) if name_of(table(each)) == name)
    if place == 0 and table(listed[0]).get("class_name") == "InputLayer":
        raise CannotRead(f"{shown((name,))} is the input: nothing would be left of the network.")
    network["config"]["layers"] = listed[: place + 1]


# ------------------------------------------------------------------- functional


def _cut_functional(
    network: dict[str, Any], entry: Entry, call: int, notes: list[str], *, is_inside: bool
) -> None:
    calls = {each.name: _nodes(each.table) for each in _entries(network)}
    if not calls[entry.name]:
        raise CannotRead(
            f"{shown((entry.name,))} is an input: nothing would be left of the network."
        )
    if not 0 <= call < len(calls[entry.name]):
        raise CannotRead(
            f"{shown((entry.name,))} is used {plural(len(calls[entry.name]), 'time')}; "
            f"there is no use {call + 1}."
        )
    if len(calls[entry.name]) > 1:
        notes.append(
            f"{shown((entry.name,))} is used {plural(len(calls[entry.name]), 'time')}; the output "
            f"of its use {call + 1} is taken."
        )
    end = (entry.name, call)
    n_outputs = _n_outputs(network, entry, end, calls, is_inside=is_inside)
    kept = _needed(end, calls)
    if is_inside and sum(1 for name, _ in kept if name == entry.name) > 1:
        raise CannotRead(
            f"{shown((entry.name,))} feeds itself, so it cannot end in the middle.",
            hint="Cut at a layer outside of it.",
        )
    _keep(network, kept, calls)
    numbers = _numbers(kept)
    own = numbers[end] + (entry.class_name in _FUNCTIONAL)
    network["config"]["output_layers"] = [[entry.name, own, i] for i in range(n_outputs)]


def _needed(end: Node, calls: Mapping[str, list[Any]]) -> set[Node]:
    """The calls that lead to one."""
    found: set[Node] = set()
    waiting = [end]
    while waiting:
        node = waiting.pop()
        if node in found or node[0] not in calls:
            continue
        found.add(node)
        made = calls[node[0]]
        if node[1] < len(made):
            waiting += [(str(each[0]), int(each[1])) for each in _tensors(made[node[1]])]
    return found


def _keep(network: dict[str, Any], kept: set[Node], calls: Mapping[str, list[Any]]) -> None:
    """Leave out layers, calls and inputs that nothing needs; count calls anew."""
    config = network["config"]
    numbers = _numbers(kept)
    names = {name for name, _ in kept}
    config["layers"] = [each for each in config["layers"] if name_of(table(each)) in names]
    for each in config["layers"]:
        made = calls[name_of(each)]
        if made:
            each["inbound_nodes"] = [
                made[i] for i in range(len(made)) if (name_of(each), i) in kept
            ]
        for tensor in _tensors(each.get("inbound_nodes")):
            tensor[1] = numbers[str(tensor[0]), int(tensor[1])]
    config["input_layers"] = _left(config.get("input_layers"), names)


def _numbers(kept: set[Node]) -> dict[Node, int]:
    """What the calls of each layer are counted as when others are gone."""
    numbers: dict[Node, int] = {}
    counted: dict[str, int] = {}
    for name, i in sorted(kept):
        numbers[name, i] = counted.get(name, 0)
        counted[name] = counted.get(name, 0) + 1
    return numbers


def _left(ends: object, names: set[str]) -> Any:
    """The inputs that are needed, in the structure they were in."""
    if _is_end(ends):
        return ends
    if is_table(ends):
        return {key: _left(each, names) for key, each in ends.items() if _is_fed(each, names)}
    if is_list(ends):
        return [_left(each, names) for each in ends if _is_fed(each, names)]
    return ends


def _is_fed(end: Any, names: set[str]) -> bool:
    return not _is_end(end) or end[0] in names


def _is_end(value: Any) -> bool:
    return is_list(value) and len(value) == 3 and isinstance(value[0], str)


# -------------------------------------------------------------------- inputs


def _inputs(network: dict[str, Any]) -> list[str]:
    """Names of a network's inputs, in the order in which it is fed."""
    return [str(each[0]) for each in _ends(table(network.get("config")).get("input_layers"))]


def _feed_fewer(entry: dict[str, Any], before: list[str]) -> None:
    """Call a network that lost inputs with what is left of its arguments.

    Raises:
        CannotRead: its arguments are no plain list.
    """
    left = set(_inputs(entry))
    if len(left) == len(before) or not before:
        return
    for node in _nodes(entry):
        args = table(node).get("args")
        if not is_list(args) or not args:
            continue
        first = args[0]
        if is_list(first) and len(first) == len(before):
            fed = [each for name, each in zip(before, first, strict=True) if name in left]
            args[0] = fed if len(fed) > 1 else fed[0]
        elif is_table(first) and "class_name" not in first:
            for name in [name for name in first if name not in left]:
                del first[name]
        else:
            raise CannotRead(
                f"{shown((name_of(entry),))} would lose inputs that it is fed in an unusual way."
            )


# -------------------------------------------------------------------- outputs


def _n_outputs(
    network: dict[str, Any],
    entry: Entry,
    end: Node,
    calls: Mapping[str, list[Any]],
    *,
    is_inside: bool,
) -> int:
    """How many tensors one call of a layer puts out."""
    if is_inside:
        return len(list(_ends(entry.config.get("output_layers")))) or 1
    stated = _stated_outputs(entry)
    if stated:
        return stated
    used = [
        int(tensor[2]) for made in calls.values() for tensor in _tensors(made)
        if (tensor[0], tensor[1]) == end
    ]  # fmt: skip
    own = end[1] + (entry.class_name in _FUNCTIONAL)
    ends = _ends(table(network.get("config")).get("output_layers"))
    used += [int(each[2]) for each in ends if (each[0], each[1]) == (end[0], own)]
    return max(used, default=0) + 1


def _stated_outputs(entry: Entry) -> int:
    """As far as its configuration says it; 0: it does not."""
    if entry.is_network:
        ends = list(_ends(entry.config.get("output_layers")))
        return len(ends) or 1
    if entry.config.get("return_state") is True:
        return {"LSTM": 3, "ConvLSTM1D": 3, "ConvLSTM2D": 3, "ConvLSTM3D": 3}.get(
            entry.class_name, 2 if entry.class_name in ("GRU", "SimpleRNN") else 0
        )
    return 0


# ------------------------------------------------------------------ structures


def _entries(network: dict[str, Any]) -> Iterator[Entry]:
    for each in layers_of(network) or []:
        if is_table(each):
            yield Entry((name_of(each),), each)


def _nodes(entry: dict[str, Any]) -> list[Any]:
    nodes = entry.get("inbound_nodes")
    return nodes if is_list(nodes) else []


def _tensors(value: object) -> Iterator[list[Any]]:
    """[layer, call, output] of every tensor in calls, as the lists they are."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if is_table(each):
            history = table(each.get("config")).get("keras_history")
            if each.get("class_name") == "__keras_tensor__" and is_list(history):
                yield history
            waiting += each.values()
        elif is_list(each):
            waiting += each


def _ends(value: object) -> Iterator[list[Any]]:
    """Inputs or outputs of a network, in the order of Keras."""
    if _is_end(value):
        assert is_list(value)
        yield value
    elif is_list(value):
        for each in value:
            yield from _ends(each)
    elif is_table(value):
        for key in sorted(value):
            yield from _ends(value[key])
