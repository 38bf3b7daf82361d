"""Where the variables of a TensorFlow 2 program stand among its objects.

A checkpoint of objects keeps which object holds which, by which name. The key of a variable is
one way to it, not always the one that people would go: Keras 3 keeps the weights of a network
under keys of its optimizer. Here the network's own way is taken, and what an optimizer keeps for
a variable stands beside it. Message: tensorflow/core/protobuf/trackable_object_graph.proto.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice

import msgspec

from h5viewer.formats.protobuf import Malformed, as_bytes, as_int, fields
from h5viewer.names import NodePath

GRAPH_KEY = b"_CHECKPOINTABLE_OBJECT_GRAPH"
"""Name of the variable that holds the objects."""

VALUE = b"/.ATTRIBUTES/VARIABLE_VALUE"
"""Keys of variables of objects end so."""

_VALUE_NAME = b"VARIABLE_VALUE"
_STEPS = {b"_iterations", b"iterations", b"iter"}
_OF_OPTIMIZERS = {
    b"_learning_rate", b"learning_rate", b"_variables", b"decay", b"_trainable_variables",
}  # fmt: skip
_LISTS = (b"_variables", b"_trainable_variables")  # Keras 3: its own, and those that it trains
_DEEPEST = 200  # names on the way to a variable
_MOST_OTHER_WAYS = 5
_MOST_OBJECTS = 1_000_000  # and four times as many names for them


class TrackedObject(msgspec.Struct):
    """One object."""

    children: list[tuple[bytes, int]] = []  # name, number
    key: bytes = b""  # of its value; b"": it is no variable
    full_name: bytes = b""  # as the program called the variable: "sequential/dense/kernel"
    slots: list[tuple[int, bytes, int]] = []  # of what, word, number


class Place(msgspec.Struct, frozen=True):
    """Where a variable is shown, and what is known of it."""

    path: NodePath
    full_name: bytes = b""
    slot_of: bytes = b""  # key of the variable that an optimizer keeps it for
    slot_word: bytes = b""  # "m", "momentum"
    is_optimizers: bool = False  # no way to it but through an optimizer
    other_ways: tuple[bytes, ...] = ()  # to the object that holds it


def read_objects(message: bytes) -> list[TrackedObject]:
    """All objects; the first is what was saved.

    Raises:
        Malformed: it is no such message.
    """
    objects: list[TrackedObject] = []
    n_left = 4 * _MOST_OBJECTS
    for number, value in fields(message):
        if number == 1:
            objects.append(_object(as_bytes(value)))
            n_left -= len(objects[-1].children) + len(objects[-1].slots)
            if n_left < 0 or len(objects) > _MOST_OBJECTS:
                raise Malformed("too many objects")
    n = len(objects)
    for each in objects:  # a number beyond the last is nobody's
        each.children = [child for child in each.children if child[1] < n]
        each.slots = [slot for slot in each.slots if slot[0] < n and slot[2] < n]
    return objects


def places(objects: list[TrackedObject]) -> dict[bytes, Place]:
    """Of each variable that can be reached, by its key."""
    if not objects:
        return {}
    optimizers = {at for at, each in enumerate(objects) if is_optimizer(each)}
    of_network = _ways(objects, optimizers)
    ways = _ways(objects, ())
    names = [dict(each.children) for each in objects]
    detours = _detours(objects, of_network)
    found: dict[bytes, Place] = {}
    taken: set[NodePath] = set()

    def put(
        at: int, path: NodePath, slot_of: bytes = b"", word: bytes = b"", *, own: bool = True
    ) -> None:
        each = objects[at]
        if each.key and each.key not in found and path and path not in taken:
            others = () if own else _other_ways(names, path, detours)
            found[each.key] = Place(path, each.full_name, slot_of, word, own, others)
            taken.add(path)

    slots = list(_slots(objects, optimizers))
    kept = {slot for *_, slot in slots}
    for at, way in of_network.items():
        if at not in kept:
            put(at, _key_way(names, objects[at].key, optimizers, at) or way, own=False)
    for owner, word, slot in slots:
        beside = found.get(objects[owner].key)
        if beside is not None:
            put(slot, (*beside.path[:-1], beside.path[-1] + b"/" + word), objects[owner].key, word)
    for at, way in ways.items():
        put(at, way)
    return found


def _object(message: bytes) -> TrackedObject:
    found = TrackedObject()
    for number, value in fields(message):
        if number not in (1, 2, 3):
            continue
        inside = dict(fields(as_bytes(value)))
        if number == 1:
            name = as_bytes(inside.get(2, b""))
            found.children.append((name, as_int(inside.get(1, 0))))
        elif number == 2 and inside.get(1) == _VALUE_NAME:
            found.key = as_bytes(inside.get(3, b""))
            found.full_name = as_bytes(inside.get(2, b""))
        elif number == 3:
            word = as_bytes(inside.get(2, b""))
            found.slots.append((as_int(inside.get(1, 0)), word, as_int(inside.get(3, 0))))
    return found


def is_optimizer(each: TrackedObject) -> bool:
    """True for an object that looks as Keras' optimizers do."""
    names = {name for name, _ in each.children}
    return bool(each.slots) or bool(names & _STEPS and names & _OF_OPTIMIZERS)


def _ways(objects: list[TrackedObject], closed: Collection[int]) -> dict[int, NodePath]:
    """The shortest way to every object that is reached without passing a closed one."""
    found: dict[int, NodePath] = {0: ()}
    waiting = [0]
    for at in waiting:  # grows while it is read: the near ones first
        way = found[at]
        if at in closed or len(way) >= _DEEPEST:
            continue
        for name, child in objects[at].children:
            if child not in found and name:
                found[child] = (*way, name.replace(b"/", b".S"))  # as TensorFlow escapes it
                waiting.append(child)
    return {at: way for at, way in found.items() if at not in closed}


def _key_way(
    names: list[dict[bytes, int]], key: bytes, optimizers: Collection[int], wanted: int
) -> NodePath | None:
    """The way that the key of a variable goes; None: it leads through an optimizer, or nowhere."""
    way = tuple(key.removesuffix(VALUE).split(b"/"))
    at = 0
    for name in way:
        at = names[at].get(name, -1)
        if at < 0 or at in optimizers:
            return None
    return way if at == wanted else None


def _slots(
    objects: list[TrackedObject], optimizers: Collection[int]
) -> Iterator[tuple[int, bytes, int]]:
    """What optimizers keep: of which variable, the word for it, the object that holds it."""
    for at in optimizers:
        yield from objects[at].slots
        lists = dict(objects[at].children)
        own, trained = (
            [child for _, child in objects[lists[name]].children] if name in lists else []
            for name in _LISTS
        )
        # Keras 3 lists them only, but calls them "adam/sequential_dense_kernel_momentum".
        by_name = {objects[each].full_name.replace(b"/", b"_"): each for each in trained}
        for slot in own:
            joined = objects[slot].full_name.rpartition(b"/")[2]
            weight, _, word = joined.rpartition(b"_")
            while weight and weight not in by_name:
                weight, _, more = weight.rpartition(b"_")
                word = more + b"_" + word
            if weight:
                yield by_name[weight], word, slot


def _detours(objects: list[TrackedObject], ways: dict[int, NodePath]) -> dict[int, list[NodePath]]:
    """Further ways to objects that several others hold."""
    found: dict[int, list[NodePath]] = {}
    for at, way in ways.items():
        for name, child in objects[at].children:
            if ways.get(child) not in (None, (*way, name)):
                listed = found.setdefault(child, [])
                if len(listed) < _MOST_OTHER_WAYS:
                    listed.append((*way, name))
    return found


def _other_ways(
    names: list[dict[bytes, int]], path: NodePath, detours: dict[int, list[NodePath]]
) -> tuple[bytes, ...]:
    """Some of the other ways to where a path leads: by a detour to an object on it."""
    found: list[bytes] = []
    at = 0
    for n, name in enumerate(path, start=1):
        at = names[at].get(name, -1)
        if at < 0:
            break
        others = (b"/".join((*way, *path[n:])) for way in detours.get(at, ()) if way != path[:n])
        found += islice(others, _MOST_OTHER_WAYS - len(found))
    return tuple(found)
