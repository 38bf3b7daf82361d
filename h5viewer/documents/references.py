"""Where a layer's inputs come from: the reference forms of every Keras dialect.

    Keras 1, 2    [["a", 0, 0], ["b", 0, 0, {}]]        one node: a list of references
    TFOpLambda    ["a", 0, 0, {"y": ["b", 0, 0]}]       one node: a single reference
    tf.keras      {"x": ["a", 0, 0, {}]}, [[...], ...]  structures of references
    Keras 3       {"args": [...], "kwargs": {...}} with
                  {"class_name": "__keras_tensor__",
                   "config": {"shape", "dtype", "keras_history": ["a", 0, 0]}} anywhere

A reference is (layer, index of that layer's node, index of that node's tensor). See
formats.md, section 1.2.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from h5viewer.documents.json_text import is_list, is_table, whole_number

_DEEPEST = 12  # levels of lists in the arguments of a call
_LONGEST = 10_000  # arguments in one list; a longer one is a constant
_MOST_VALUES = 1_000_000  # values looked at in one node, against megabytes of constants


class Reference(NamedTuple):  # made several times faster than a frozen dataclass
    """One tensor that a layer is fed."""

    layer: str
    node: int
    tensor: int
    shape: object = None  # as a Keras 3 consumer states it


class Arguments(NamedTuple):
    """What one call of a layer is given, a Reference in the place of each tensor."""

    args: list[object]
    kwargs: dict[str, object]


def node_references(node: object, declared: Collection[str]) -> list[Reference] | None:
    """The tensors one call of a layer takes; None when `node` is no known form.

    `declared` are the layers' names: inside keyword arguments a list like ["a", 0, 0] is
    a reference only if it names one of them.
    """
    if is_table(node) and ("args" in node or "kwargs" in node):
        return _keras_tensors([node.get("args"), node.get("kwargs")])
    if is_list(node) or is_table(node):
        return _bracketed(node, declared)
    return None


def node_arguments(node: object, declared: Collection[str]) -> Arguments | None:
    """The arguments of a call; None when they are nothing but tensors in order."""
    if is_table(node) and ("args" in node or "kwargs" in node):
        args, kwargs = _placed(node.get("args"), ()), _placed(node.get("kwargs"), ())
    else:
        tensors, named = _first_and_named(node)
        first = _placed(tensors, None)
        args = first if is_list(first) and len(first) == 1 else [first]
        kwargs = _placed(named, declared)
    found = Arguments(args if is_list(args) else [], kwargs if is_table(kwargs) else {})
    is_plain = all(value is None or value is False for value in found.kwargs.values())
    return None if is_plain and _is_flat(found.args) else found


def end_references(value: object) -> list[Reference] | None:
    """`input_layers` or `output_layers`: [["a", 0, 0]], ["a", 0, 0], a dict, nested lists."""
    if value is None:
        return []
    if is_list(value) or is_table(value):
        return _bracketed(value, ())
    return None


def plain_references(node: object) -> list[Reference] | None:
    """The tensors of [["a", 0, 0], ["b", 0, 0, {}]], what nearly every node is; None: another."""
    found: list[Reference] = []
    for item in node if type(node) is list else ():
        if type(item) is not list or not 3 <= len(item) <= 4 or (len(item) == 4 and item[3]):
            return None
        name, index, tensor = item[:3]
        is_reference = type(name) is str and type(index) is int and type(tensor) is int
        if not is_reference or index < 0 or tensor < 0:
            return None
        found.append(Reference(name, index, tensor))
    return found or None


def _first_and_named(node: object) -> tuple[object, dict[str, object]]:
    """Keras 2 gives the named arguments of the call beside its first tensor."""
    first = node
    for _ in range(_DEEPEST):
        if is_list(first) and len(first) == 4 and isinstance(first[0], str):
            return node, first[3] if is_table(first[3]) else {}
        if is_list(first) and first:
            first = first[0]
        elif is_table(first) and first:
            first = next(iter(first.values()))
    return node, {}


def _placed(value: object, declared: Collection[str] | None, depth: int = 0) -> object:
    """`value` with a Reference for each tensor; long lists and deep ones stay as they are."""
    if depth > _DEEPEST:
        return value
    if is_table(value):
        config = value.get("config")
        if value.get("class_name") == "__keras_tensor__" and is_table(config):
            return _as_reference(config.get("keras_history"), config.get("shape"))
        return {key: _placed(each, declared, depth + 1) for key, each in value.items()}
    if not is_list(value) or len(value) > _LONGEST:
        return value
    if len(value) == 4 and value[:2] == ["_CONSTANT_VALUE", -1]:
        return value[2]
    reference = _as_reference(value)
    if reference is not None and (declared is None or reference.layer in declared):
        return reference
    return [_placed(each, declared, depth + 1) for each in value]


def _is_flat(args: list[object]) -> bool:
    """True for nothing but tensors, perhaps in lists."""
    waiting: list[object] = list(args)
    while waiting:
        value = waiting.pop()
        if is_list(value):
            waiting += value
        elif not isinstance(value, Reference):
            return False
    return True


def _keras_tensors(values: list[object]) -> list[Reference]:
    found: list[Reference] = []
    waiting = values[::-1]
    for _ in range(_MOST_VALUES):
        if not waiting:
            break
        value = waiting.pop()
        if is_list(value):
            waiting.extend(reversed(value))
        elif is_table(value):
            config = value.get("config")
            if value.get("class_name") == "__keras_tensor__" and is_table(config):
                reference = _as_reference(config.get("keras_history"), config.get("shape"))
                if reference is not None:
                    found.append(reference)
            else:
                waiting.extend(reversed(list(value.values())))
    return found


def _bracketed(value: object, declared: Collection[str]) -> list[Reference] | None:
    """References in nested lists and tables, in reading order; None if nothing is one."""
    found: list[Reference] = []
    is_odd = False
    waiting: list[tuple[object, bool]] = [(value, False)]  # (value, is a keyword argument)
    for _ in range(_MOST_VALUES):
        if not waiting:
            break
        item, is_argument = waiting.pop()
        reference = _as_reference(item)
        if reference is not None and not (is_argument and reference.layer not in declared):
            found.append(reference)
            arguments = item[3] if is_list(item) and len(item) > 3 else None
            if is_table(arguments):
                waiting.extend((each, True) for each in reversed(list(arguments.values())))
        elif is_list(item):
            waiting.extend((each, is_argument) for each in reversed(item))
        elif is_table(item):
            waiting.extend((each, is_argument) for each in reversed(list(item.values())))
        elif not is_argument:
            is_odd = True
    return None if is_odd and not found else found


def _as_reference(value: object, shape: object = None) -> Reference | None:
    if not is_list(value) or not 3 <= len(value) <= 4 or not isinstance(value[0], str):
        return None
    node, tensor = whole_number(value[1]), whole_number(value[2])
    if node is None or tensor is None or node < 0 or tensor < 0:
        return None  # ["_CONSTANT_VALUE", -1, value] is no tensor
    return Reference(value[0], node, tensor, shape)
