"""Calls of layers: read from every dialect, written in Keras 3's.

While a network is put together a tensor is a `Reference` into the old configuration, or a
`Tensor` of the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

import msgspec

from h5viewer.documents.compatibility.objects import DTYPES
from h5viewer.documents.compatibility.values import NotPlain, plain_value
from h5viewer.documents.json_text import is_list, is_table, table, whole_number
from h5viewer.documents.references import Reference
from h5viewer.names import plain

_DEEPEST = 12
_LONGEST = 100_000  # values in one list of arguments


class Tensor(NamedTuple):
    """What a layer of the new configuration puts out."""

    layer: str
    call: int
    output: int


class Call(msgspec.Struct):
    """One call of a layer, with References in the place of tensors."""

    args: list[object] = []
    kwargs: dict[str, object] = {}

    def references(self) -> list[Reference]:
        """The tensors it takes, in order."""
        found: list[Reference] = []
        waiting: list[object] = [self.args, list(self.kwargs.values())]
        waiting.reverse()
        while waiting:
            value = waiting.pop()
            if isinstance(value, Reference):
                found.append(value)
            elif is_list(value):
                waiting.extend(reversed(value))
            elif is_table(value):
                waiting.extend(reversed(list(value.values())))
        return found


def call_of(node: object, declared: Collection[str]) -> Call | None:
    """One call as the configuration states it; None: it is not understood.

    `declared` are the names of the network's layers: in keyword arguments of Keras 2 a list
    like ["a", 0, 0] is a tensor only if it names one of them.
    """
    if is_table(node) and ("args" in node or "kwargs" in node):
        args, kwargs = _placed(node.get("args"), ()), _placed(node.get("kwargs"), ())
        return Call(args if is_list(args) else [], table(kwargs))
    if not is_list(node) and not is_table(node):
        return None
    first = _placed(node, None)
    named = _named(node)
    kwargs = {key: _placed(value, declared) for key, value in named.items()}
    if is_list(first) and len(first) == 1:
        first = first[0]
    return Call([first], kwargs)


def written(value: object, tensor: Callable[[Reference | Tensor], Tensor]) -> object:
    """An argument in Keras 3's form.

    Raises:
        NotPlain: it holds something that no call takes.
    """
    return _written(value, tensor, 0)


def constant(value: object, dtype: str | None = None) -> object:
    """Numbers as an array; a single one stays a number.

    Raises:
        NotPlain: they are no numbers.
    """
    found = plain_value(value)
    if not isinstance(found, list):
        return found
    dtype = dtype if dtype in DTYPES else _dtype_of(found)
    return {"class_name": "__numpy__", "config": {"value": found, "dtype": dtype}}


def _placed(value: object, declared: Collection[str] | None, depth: int = 0) -> object:
    """`value` with a Reference for each tensor; `declared` None: every list like one is one."""
    if depth > _DEEPEST:
        return value
    if is_table(value):
        if value.get("class_name") == "__keras_tensor__":
            return _reference(table(value.get("config")).get("keras_history")) or value
        return {plain(key): _placed(each, declared, depth + 1) for key, each in value.items()}
    if not is_list(value) or len(value) > _LONGEST:
        return value
    if 3 <= len(value) <= 4 and value[0] == "_CONSTANT_VALUE" and value[1] == -1:
        return value[2]
    reference = _reference(value)
    if reference is not None and (declared is None or reference.layer in declared):
        return reference
    return [_placed(each, declared, depth + 1) for each in value]


def _named(node: object) -> dict[str, object]:
    """Keras 2 puts the named arguments of a call beside its first tensor."""
    first = node
    for _ in range(_DEEPEST):
        if is_list(first) and len(first) == 4 and isinstance(first[0], str):
            return table(first[3])
        if is_list(first) and first:
            first = first[0]
        elif is_table(first) and first:
            first = next(iter(first.values()))
    return {}


def _reference(value: object) -> Reference | None:
    if not is_list(value) or not 3 <= len(value) <= 4 or not isinstance(value[0], str):
        return None
    node, tensor = whole_number(value[1]), whole_number(value[2])
    if node is None or tensor is None or node < 0 or tensor < 0:
        return None
    return Reference(plain(value[0]), node, tensor)


def _written(value: object, tensor: Callable[[Reference | Tensor], Tensor], depth: int) -> object:
    if depth > _DEEPEST:
        raise NotPlain
    if isinstance(value, (Reference, Tensor)):
        made = tensor(value)
        history = [made.layer, made.call, made.output]
        config = {"shape": [None], "dtype": "float32", "keras_history": history}
        return {"class_name": "__keras_tensor__", "config": config}
    if is_list(value):
        if not any(isinstance(each, (Reference, Tensor, list, dict)) for each in value):
            return plain_value(value)
        return [_written(each, tensor, depth + 1) for each in value]
    if is_table(value):
        if "class_name" in value:
            return _special(value)
        return {key: _written(each, tensor, depth + 1) for key, each in value.items()}
    return plain_value(value)


def _special(value: dict[str, object]) -> object:
    """Slices, arrays and the like, written anew."""
    name, config = value["class_name"], table(value.get("config"))
    if name == "__ellipsis__":
        return {"class_name": "__ellipsis__", "config": {}}
    if name == "__slice__":
        ends = {key: plain_value(config.get(key)) for key in ("start", "stop", "step")}
        return {"class_name": "__slice__", "config": ends}
    if name in ("__numpy__", "__tensor__"):
        dtype = config.get("dtype")
        return constant(config.get("value"), dtype if isinstance(dtype, str) else None)
    return plain_value(value)


def _dtype_of(values: Sequence[object]) -> str:
    waiting: list[object] = list(values)
    kinds = set()
    while waiting:
        value = waiting.pop()
        if is_list(value):
            waiting += value
        else:
            kinds.add(type(value))
    if kinds <= {bool} and kinds:
        return "bool"
    return "int32" if kinds and kinds <= {int} else "float32"
