"""The objects of a TensorFlow 2 program as its checkpoint keeps them, and their variables.

Objects have numbers; the first is what was saved. An object may be reached in several ways, so
the key of a variable need not say whose it is: Keras 3 keeps most weights of a network below its
optimizer. Message: tensorflow/core/protobuf/trackable_object_graph.proto.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec

from h5viewer.formats.protobuf import as_bytes, fields
from h5viewer.formats.protobuf_writing import field as written
from h5viewer.formats.tf_objects import TrackedObject, is_optimizer, read_objects

_OPTIMIZERS = (b"optimizer", b"_optimizer")


class ObjectGraph(msgspec.Struct, frozen=True):
    """All of them."""

    objects: list[TrackedObject]

    def is_optimizer(self, number: int) -> bool:
        """True for an object that looks as Keras' optimizers do."""
        return is_optimizer(self.objects[number])

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
    return ObjectGraph(read_objects(message))


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
