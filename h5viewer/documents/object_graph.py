"""The objects of a TensorFlow 2 program as its checkpoint keeps them, and their variables.

Objects have numbers; the first is what was saved. An object may be reached in several ways, so
the key of a variable need not say whose it is: Keras 3 keeps most weights of a network below its
optimizer. Message: tensorflow/core/protobuf/trackable_object_graph.proto.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from h5viewer.formats.protobuf import as_bytes, as_int, fields
from h5viewer.formats.protobuf_writing import field as written
from h5viewer.names import plain

KEY = b"_CHECKPOINTABLE_OBJECT_GRAPH"
"""Name of the variable that holds it."""

VALUE = "VARIABLE_VALUE"
_OPTIMIZERS = ("optimizer", "_optimizer")
_STEPS = ("_iterations", "iterations", "iter")
_OF_OPTIMIZERS = ("_learning_rate", "learning_rate", "_variables", "decay", "_velocities")


@dataclass
class TrackedObject:
    """One object."""

    children: list[tuple[str, int]] = field(default_factory=list)  # name, number
    key: bytes = b""  # of its value among the variables; b"": it is no variable
    full_name: str = ""  # as the program called the variable: "sequential/dense/kernel"
    slots: list[tuple[int, str, int]] = field(default_factory=list)  # of what, word, number


@dataclass(frozen=True)
class ObjectGraph:
    """All of them."""

    objects: tuple[TrackedObject, ...]

    def is_optimizer(self, number: int) -> bool:
        """True for an object that looks as Keras' optimizers do."""
        own = self.objects[number]
        names = {name for name, _ in own.children}
        return bool(own.slots) or bool(names & {*_STEPS} and names & {*_OF_OPTIMIZERS})

    def network_variables(self) -> dict[bytes, int]:
        """The variables that can be reached without an optimizer: by keys, their numbers."""
        return {
            self.objects[number].key: number
            for number in self._reachable(passing_optimizers=False)
            if self.objects[number].key
        }

    def optimizer_variables(self) -> set[bytes]:
        """Keys of slots, and of what only an optimizer holds."""
        keys = {each.key for each in self.objects if each.key}
        slots = {self.objects[at].key for each in self.objects for _, _, at in each.slots}
        reachable = {self.objects[number].key for number in self._reachable()} | slots
        return (keys & reachable) - set(self.network_variables())

    def _reachable(self, *, passing_optimizers: bool = True) -> Iterator[int]:
        met = {0}
        waiting = [0] if self.objects else []
        while waiting:
            number = waiting.pop()
            yield number
            if not passing_optimizers and self.is_optimizer(number):
                continue
            for name, child in self.objects[number].children:
                is_passed = passing_optimizers or name not in _OPTIMIZERS
                if child not in met and is_passed:
                    met.add(child)
                    waiting.append(child)


def read_graph(message: bytes) -> ObjectGraph:
    """The objects of a TrackableObjectGraph.

    Raises:
        Malformed: it is none.
    """
    objects = [_object(as_bytes(value)) for number, value in fields(message) if number == 1]
    n = len(objects)
    for each in objects:  # a number beyond the last is nobody's
        each.children = [child for child in each.children if child[1] < n]
        each.slots = [slot for slot in each.slots if slot[0] < n and slot[2] < n]
    return ObjectGraph(tuple(objects))


def _object(message: bytes) -> TrackedObject:
    found = TrackedObject()
    for number, value in fields(message):
        if number not in (1, 2, 3):
            continue
        inside = dict(fields(as_bytes(value)))
        if number == 1:
            name = plain(as_bytes(inside.get(2, b"")))
            found.children.append((name, as_int(inside.get(1, 0))))
        elif number == 2 and inside.get(1) == VALUE.encode():
            found.key = as_bytes(inside.get(3, b""))
            found.full_name = plain(as_bytes(inside.get(2, b"")))
        elif number == 3:
            word = plain(as_bytes(inside.get(2, b"")))
            found.slots.append((as_int(inside.get(1, 0)), word, as_int(inside.get(3, 0))))
    return found


def without(message: bytes, keys: Collection[bytes]) -> bytes:
    """The same objects, without the values of these keys and without ways that lead to them.

    Numbers stay as they are; what is not known to this program, too.

    Raises:
        Malformed: it is no graph.
    """
    graph = read_graph(message)
    gone = {number for number, each in enumerate(graph.objects) if each.key in keys}
    out = []
    for number, value in fields(message):
        is_object = number == 1 and isinstance(value, bytes)
        out.append(written(number, _thinned(as_bytes(value), keys, gone) if is_object else value))
    return b"".join(out)


def _thinned(message: bytes, keys: Collection[bytes], gone: Collection[int]) -> bytes:
    out = []
    for number, value in fields(message):
        inside = dict(fields(value)) if isinstance(value, bytes) and number in (1, 2, 3) else {}
        is_gone = (
            (number == 1 and inside.get(1, 0) in gone)
            or (number == 2 and inside.get(3, b"") in keys)
            or (number == 3 and inside.get(3, 0) in gone)
        )
        if not is_gone:
            out.append(written(number, value))
    return b"".join(out)
