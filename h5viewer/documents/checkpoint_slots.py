"""What an optimizer keeps in a TensorFlow checkpoint, by the weights it keeps it for.

Three ways to tell: slots that the list of objects names (TensorFlow 2 until 2.10), lists of the
optimizer beside the list of what it trains (Keras 3; keras/src/optimizers/base_optimizer.py), and
names of variables (TensorFlow 1).
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from h5viewer.documents.checkpoint_network import checkpoint_variables, class_of
from h5viewer.documents.checkpoint_parts import CheckpointParts
from h5viewer.documents.object_graph import ObjectGraph
from h5viewer.documents.slot_kinds import WORDS
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.names import plain

_TRAINED = b"_trainable_variables"
_ITERATIONS = {"iter", "iteration", "iterations", "global_step"}
_LISTS = {
    b"_momentums": "momentum", b"momentums": "momentum", b"_velocities": "velocity",
    b"_velocity_hats": "velocity_hat", b"_average_gradients": "average_gradient",
    b"_u": "norm", b"_accumulators": "accumulator", b"_model_variables_moving_average": "average",
}  # fmt: skip


class StoredSlots(msgspec.Struct):
    """Keys of variables."""

    class_name: str | None  # as the program called the optimizer: "adam"
    of_weights: dict[bytes, dict[str, bytes]] = {}  # kinds
    settings: dict[str, bytes] = {}
    """Single numbers: "iterations", "learning_rate", "beta_1", "beta2_power"."""

    def kinds(self) -> set[str]:
        """All that is kept for any weight."""
        return {kind for slots in self.of_weights.values() for kind in slots}

    def add(self, weight: bytes, kind: str, key: bytes) -> None:
        """A variable that is kept for a weight."""
        if weight and key:
            self.of_weights.setdefault(weight, {})[kind] = key


def read_slots(container: CheckpointContainer, parts: CheckpointParts) -> StoredSlots:
    """Everything of the first optimizer that keeps something."""
    found = StoredSlots(class_of(container))
    if parts.graph is None:
        for each in checkpoint_variables(container):
            key = container.key_at(each.node.path) or b""
            # TensorFlow 1's RMSProp writes a momentum where it has none: the update itself.
            is_update = each.slot_kind == "momentum" and b"/RMSProp_" in key
            if each.slot_kind and each.owner is not None and not is_update:
                found.add(container.key_at(each.owner) or b"", each.slot_kind, key)
        names = ((plain(key).rpartition("/")[2], key) for key in parts.settings)
        found.settings.update(_settings(names))
        return found
    for number in range(len(parts.graph.objects)):
        if parts.graph.is_optimizer(number):
            _read_optimizer(parts.graph, number, found)
            if found.of_weights:
                break
    return found


def _read_optimizer(graph: ObjectGraph, number: int, found: StoredSlots) -> None:
    optimizer = graph.objects[number]
    children = dict(optimizer.children)
    found.settings = dict(
        _settings((plain(name), graph.objects[at].key) for name, at in children.items())
    )
    for owner, word, at in optimizer.slots:
        kind = WORDS.get(plain(word).lower(), "other")
        found.add(graph.objects[owner].key, kind, graph.objects[at].key)
    trained = dict(_listed(graph, children.get(_TRAINED)))
    for name, kind in _LISTS.items():
        for place, at in _listed(graph, children.get(name)):
            key = graph.objects[at].key
            if place in trained:
                found.add(graph.objects[trained[place]].key, kind, key)


def _listed(graph: ObjectGraph, number: int | None) -> Iterator[tuple[bytes, int]]:
    """The objects of a list by their places."""
    for name, at in graph.objects[number].children if number is not None else ():
        if name.isdigit():
            yield name, at


def _settings(names: Iterator[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    for name, key in names:
        known = name.lstrip("_").lower()
        if key:
            yield ("iterations" if known in _ITERATIONS else known), key
