"""The calls of a functional network, in an order in which every tensor is there when needed."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import keras
import msgspec
import numpy as np

from h5viewer.documents.json_text import table
from h5viewer.errors import CannotRead
from h5viewer.names import visible

_SAID_TO_ALL = ("mask", "training")  # by Keras, also to layers that replace one that took them

Reference = tuple[str, int]  # layer, number of its call


class Outputs:
    """What the calls of each layer put out so far."""

    def __init__(self) -> None:
        self._made: dict[str, list[Any]] = {}
        self._functional: set[str] = set()

    def note_functional(self, layer: str) -> None:
        """A functional network used as a layer: its calls are counted from 1 where it ends one."""
        self._functional.add(layer)

    def is_functional(self, layer: str) -> bool:
        """True for a functional network used as a layer."""
        return layer in self._functional

    def put(self, layer: str, tensors: Any) -> None:
        """Note what the next call of a layer put out."""
        self._made.setdefault(layer, []).append(keras.tree.flatten(tensors))

    def has(self, reference: Reference) -> bool:
        """True when that call has been made."""
        layer, number = reference
        return number < len(self._made.get(layer, ()))

    def tensor(self, layer: str, number: int, position: int) -> Any:
        """One tensor.

        Raises:
            CannotRead: there is none such.
        """
        try:
            return self._made[layer][number][position]
        except (KeyError, IndexError) as error:
            raise CannotRead(
                f"The network asks for an output of “{visible(layer)}” that does not exist."
            ) from error


class Call(msgspec.Struct):
    """One call of a layer."""

    layer: str
    class_name: object
    number: int
    node: Any
    outputs: Outputs
    needs: set[Reference] = set()

    def arguments(self) -> tuple[list[Any], dict[str, Any]]:
        """What the layer is called with, tensors in their places."""
        if isinstance(self.node, dict):
            args = [_revived(each, self.outputs) for each in self.node.get("args") or ()]
            named = table(self.node.get("kwargs"))
            return args, {
                key: _revived(value, self.outputs)
                for key, value in named.items()
                if value is not None or key not in _SAID_TO_ALL
            }
        tensors: list[Any] = []
        kwargs: dict[str, Any] = {}
        for item in self.node if isinstance(self.node, list) else ():
            tensors.append(self.outputs.tensor(*item[:3]))
            kwargs = item[3] if len(item) > 3 else kwargs
        return [tensors[0] if len(tensors) == 1 else tensors], kwargs


def calls_of(entries: list[dict[str, Any]], outputs: Outputs) -> Iterator[Call]:
    """Every call, each after those it needs; the caller puts what it makes into `outputs`.

    Raises:
        CannotRead: calls that wait for each other, or for a layer that is not there.
    """
    ready: deque[Call] = deque()
    waiting: dict[Reference, list[Call]] = {}

    def place(call: Call) -> None:
        missing = next((each for each in call.needs if not outputs.has(each)), None)
        if missing is None:
            ready.append(call)
        else:
            waiting.setdefault(missing, []).append(call)

    for call in _all_calls(entries, outputs):
        place(call)
        while ready:
            made = ready.popleft()
            yield made
            for woken in waiting.pop((made.layer, made.number), ()):
                place(woken)
    if waiting:
        layer = next(iter(waiting.values()))[0].layer
        raise CannotRead(
            f"The connections of the network do not add up: “{visible(layer)}” waits for a layer "
            "that is never reached."
        )


def _all_calls(entries: list[dict[str, Any]], outputs: Outputs) -> Iterator[Call]:
    for entry in entries:
        name = str(entry.get("name") or table(entry.get("config")).get("name"))
        nodes = entry.get("inbound_nodes")
        for number, node in enumerate(nodes if isinstance(nodes, list) else ()):
            call = Call(name, entry.get("class_name"), number, node, outputs)
            call.needs = set(_references(node))
            if number:
                call.needs.add((name, number - 1))  # calls of one layer keep their order
            yield call


def _references(value: Any) -> Iterator[Reference]:
    waiting: list[Any] = [value]
    while waiting:
        each = waiting.pop()
        history = _history(each)
        if history is not None:
            yield history[0], history[1]
        elif isinstance(each, dict):
            waiting += each.values()
        elif isinstance(each, list):
            if _is_plain_reference(each):
                yield each[0], each[1]
            else:
                waiting += each


def _is_plain_reference(value: list[Any]) -> bool:
    return (
        3 <= len(value) <= 4
        and isinstance(value[0], str)
        and type(value[1]) is int
        and type(value[2]) is int
    )


def _history(value: Any) -> list[Any] | None:
    if isinstance(value, dict) and value.get("class_name") == "__keras_tensor__":
        history: Any = table(value.get("config")).get("keras_history")
        if isinstance(history, list) and len(history) >= 3:
            return history
    return None


def _revived(value: Any, outputs: Outputs) -> Any:
    """An argument of a call: tensors in the place of what names them, constants as arrays."""
    history = _history(value)
    if history is not None:
        return outputs.tensor(*history[:3])
    if isinstance(value, list):
        return [_revived(each, outputs) for each in value]
    if not isinstance(value, dict):
        return value
    kind, config = value.get("class_name"), table(value.get("config"))
    if kind in ("__tensor__", "__numpy__"):
        return np.array(config.get("value"), dtype=str(config.get("dtype")))
    if kind == "__slice__":
        return slice(*(_revived(config.get(key), outputs) for key in ("start", "stop", "step")))
    if kind == "__ellipsis__":
        return Ellipsis
    if kind == "__tuple__":
        return tuple(_revived(each, outputs) for each in value.get("items") or ())
    return {key: _revived(each, outputs) for key, each in value.items()}


def ends(value: Any, outputs: Outputs) -> Any:
    """`input_layers` or `output_layers` with tensors: one, a list, or a table of them."""
    if isinstance(value, list) and _is_plain_reference(value):
        layer, number, position = value[:3]
        return outputs.tensor(layer, number - outputs.is_functional(layer), position)
    if isinstance(value, list):
        return [ends(each, outputs) for each in value]
    if isinstance(value, dict):
        return {key: ends(each, outputs) for key, each in value.items()}
    raise CannotRead("The network does not say what its inputs and outputs are.")
