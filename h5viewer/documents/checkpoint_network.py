"""Weights of a TensorFlow checkpoint by the names it gives them, and the optimizer's beside them.

Names: "layer/kernel/.ATTRIBUTES/VARIABLE_VALUE" (TensorFlow 2, slots below .OPTIMIZER_SLOT) or
"conv1/weights" with "conv1/weights/Adam" and "conv1/weights/Adam_1" (TensorFlow 1).
"""

from __future__ import annotations

from dataclasses import dataclass

from h5viewer.documents.assignment import Assignment, Assignments, with_roles
from h5viewer.documents.rows import Rows
from h5viewer.documents.slot_kinds import CLASSES, WORDS, made_slot, own_kind
from h5viewer.documents.stored import MOST_NODES, StoredWeight, children, stored_weight
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Dataset, Layer, OptimizerState, Slot

_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
_SLOT = "/.OPTIMIZER_SLOT/"
_OWN = ("optimizer/", "save_counter", "_optimizer/")


@dataclass
class CheckpointNetwork:
    """Groups of weights, and what an optimizer keeps."""

    layers: list[Layer]
    optimizer: OptimizerState | None


def read_checkpoint(container: Container) -> CheckpointNetwork:
    """Every variable is a weight, a slot of one, or the optimizer's own."""
    nodes: dict[str, Dataset] = {}
    for node in children(container, ()):
        if isinstance(node, Dataset) and node.dtype.is_numeric and len(nodes) < MOST_NODES:
            nodes[plain(node.path[-1])] = node
    slots: list[Slot] = []
    own: list[Slot] = []
    weights: dict[str, list[StoredWeight]] = {}
    for name, node in nodes.items():
        kind, owner = _slot_of(name, nodes)
        if kind:
            slots.append(_made(kind, node, nodes[owner].path))
        elif name.startswith(_OWN) or (node.shape == () and "/" not in name):
            own.append(_made(own_kind(name.removesuffix(_VALUE)), node))
        else:
            short = name.removesuffix(_VALUE)
            layer = short.rpartition("/")[0] or short  # TensorFlow 1 need not have groups
            weights.setdefault(layer, []).append(stored_weight(short, node))
    rows = Rows(Assignments())
    layers = [
        rows.extra(name, Assignment(with_roles(stored, None, name)), (at,))
        for at, (name, stored) in enumerate(weights.items())
    ]
    state = OptimizerState(optimizer=_class_of(nodes), slots=tuple(slots), own=tuple(own))
    return CheckpointNetwork(layers, state if slots else None)


def _slot_of(name: str, nodes: dict[str, Dataset]) -> tuple[str, str]:
    """Kind of a slot and the name of its weight; "" for what is none."""
    if _SLOT in name:
        owner, _, rest = name.partition(_SLOT)
        word = rest.removesuffix(_VALUE).rpartition("/")[2].lower()
        weight = owner + _VALUE
        return (WORDS.get(word, "other"), weight) if weight in nodes else ("", "")
    weight, _, word = name.rpartition("/")
    kind = CLASSES.get(word.lower(), "")
    if kind and weight in nodes and nodes[weight].shape == nodes[name].shape:
        return kind, weight
    return "", ""


def _made(kind: str, node: Dataset, weight: NodePath | None = None) -> Slot:
    return made_slot(kind, node.path, node.shape or (), plain(node.path[-1]), weight)


def _class_of(nodes: dict[str, Dataset]) -> str | None:
    """TensorFlow 1 writes the optimizer's class behind the weight's name."""
    for name in nodes:
        weight, _, word = name.rpartition("/")
        if weight in nodes and word.lower() in CLASSES:
            return word.rpartition("_")[0] or word
    return None
