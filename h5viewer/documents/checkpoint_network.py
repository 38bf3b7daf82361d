"""Weights of a TensorFlow checkpoint by the names it gives them, and the optimizer's beside them.

Names: "layer/kernel/.ATTRIBUTES/VARIABLE_VALUE" (TensorFlow 2, slots below .OPTIMIZER_SLOT) or
"conv1/weights" with "conv1/weights/Adam" and "conv1/weights/Adam_1" (TensorFlow 1). Where the
file lists the objects of the program, these tell instead (`formats.tf_objects`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from h5viewer.documents.assignment import Assignment, Assignments, with_roles
from h5viewer.documents.rows import Rows
from h5viewer.documents.slot_kinds import CLASSES, WORDS, made_slot, own_kind
from h5viewer.documents.stored import MOST_NODES, StoredWeight, stored_weight
from h5viewer.formats.container import Container
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.formats.tf_objects import Place
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Dataset, Layer, OptimizerState, ParameterCount, Slot

_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
_SLOT = "/.OPTIMIZER_SLOT/"
_OWN = ("optimizer/", "save_counter", "_optimizer/", "training/")
_BERTS = {"adam_m": "AdamWeightDecay", "adam_v": "AdamWeightDecay"}
_POWERS = ("beta1_power", "beta2_power")  # what Adam of TensorFlow 1 keeps for itself


class CheckpointNetwork(msgspec.Struct):
    """Groups of weights, and what an optimizer keeps."""

    layers: list[Layer]
    optimizer: OptimizerState | None
    parameters: ParameterCount = msgspec.field(default_factory=ParameterCount)


class CheckpointVariable(msgspec.Struct, frozen=True):
    """One variable of numbers: a weight, a slot of one, or the optimizer's own."""

    node: Dataset
    layer: str  # the scope or object that holds it
    name: str
    slot_kind: str = ""  # "": it is no slot
    owner: NodePath | None = None  # of a slot: its weight
    is_own: bool = False

    @property
    def is_state(self) -> bool:
        """True for what only training needs."""
        return self.is_own or bool(self.slot_kind)


def checkpoint_variables(container: CheckpointContainer) -> Iterator[CheckpointVariable]:
    """All variables of numbers, each once."""
    nodes: dict[str, Dataset] = {}
    for path, node in container.walk():
        if isinstance(node, Dataset) and node.dtype.is_numeric and len(nodes) < MOST_NODES:
            nodes[plain(container.key_at(path) or b"")] = node
    places = container.places
    counted = Counter(place.full_name for place in places.values())
    for key, node in nodes.items():
        place = places.get(container.key_at(node.path) or b"")
        if place is not None:
            yield _placed(node, place, nodes, is_named=counted[place.full_name] == 1)
        else:
            yield _named(key, node, nodes)


def read_checkpoint(container: Container) -> CheckpointNetwork:
    """Every variable is a weight, a slot of one, or the optimizer's own."""
    if not isinstance(container, CheckpointContainer):
        return CheckpointNetwork([], None)
    slots: list[Slot] = []
    own: list[Slot] = []
    weights: dict[str, list[StoredWeight]] = {}
    for each in checkpoint_variables(container):
        node = each.node
        if each.slot_kind:
            slots.append(_made(each.slot_kind, node, each.owner))
        elif each.is_own:
            own.append(_made(_own_kind(container, node.path), node))
        else:
            whole = f"{each.layer}/{each.name}" if each.layer else each.name
            layer = each.layer or each.name  # TensorFlow 1 need not have groups
            weights.setdefault(layer, []).append(stored_weight(whole, node))
    rows = Rows(Assignments())
    layers = [
        rows.extra(name, Assignment(with_roles(stored, None, name)), (at,))
        for at, (name, stored) in enumerate(weights.items())
    ]
    state = OptimizerState(optimizer=class_of(container), slots=tuple(slots), own=tuple(own))
    return CheckpointNetwork(layers, state if slots else None, rows.parameters)


def _placed(
    node: Dataset, place: Place, nodes: Mapping[str, Dataset], *, is_named: bool
) -> CheckpointVariable:
    """A variable that an object holds.

    Args:
        is_named: what the program called it is its alone.
    """
    *above, last = (plain(name) for name in node.path)
    layer, name = "/".join(above), last
    if place.slot_of:
        owner = nodes.get(plain(place.slot_of))
        kind = WORDS.get(plain(place.slot_word).lower(), "other")
        if owner is not None:
            return CheckpointVariable(node, layer, name, kind, owner.path)
    is_own = place.is_optimizers or (not above and _counts(node, last))
    # Keras 3 hides a network behind names that are nobody's: "model/_functional/_operations/1".
    if any(part.startswith("_") for part in (*above, last)) and not is_own:
        scope, _, called = plain(place.full_name).rpartition("/")
        if is_named and scope:
            layer, name = scope, called
    return CheckpointVariable(node, layer, name, is_own=is_own)


def _named(key: str, node: Dataset, nodes: Mapping[str, Dataset]) -> CheckpointVariable:
    """A variable of which only the key is known."""
    kind, owner = _slot_of(key, nodes)
    layer, _, name = key.removesuffix(_VALUE).rpartition("/")
    is_own = key.startswith(_OWN) or _counts(node, name)
    weight = nodes[owner].path if kind else None
    return CheckpointVariable(node, layer, name, kind, weight, is_own and not kind)


def _counts(node: Dataset, name: str) -> bool:
    """True for a single number that training needs and no layer: a step, a rate, Adam's powers."""
    is_known = name in _POWERS or own_kind(name) != "other"
    return node.shape == () and (node.dtype.kind in ("int", "uint", "bool") or is_known)


def _slot_of(name: str, nodes: Mapping[str, Dataset]) -> tuple[str, str]:
    """Kind of a slot and the name of its weight; "" for what is none."""
    if _SLOT in name:
        owner, _, rest = name.partition(_SLOT)
        word = rest.removesuffix(_VALUE).rpartition("/")[2].lower()
        weight = owner + _VALUE
        return (WORDS.get(word, "other"), weight) if weight in nodes else ("", "")
    weight, _, word = name.rpartition("/")
    kind = CLASSES.get(word.lower(), "")
    if word.lower() == "rmsprop_1" and f"{weight}/{word[:-1]}2" in nodes:
        kind = "average_gradient"  # centred: the momentum is the third
    if kind and weight in nodes and nodes[weight].shape == nodes[name].shape:
        return kind, weight
    return "", ""


def _own_kind(container: CheckpointContainer, path: NodePath) -> str:
    key = container.key_at(path) or b""
    place = container.places.get(key)
    kind = own_kind(plain(key).removesuffix(_VALUE))
    if kind == "other" and place is not None:  # Keras 3: "adam/iteration"
        kind = own_kind(plain(place.full_name).rpartition("/")[2])
    return kind


def _made(kind: str, node: Dataset, weight: NodePath | None = None) -> Slot:
    name = "/".join(plain(part) for part in node.path)
    return made_slot(kind, node.path, node.shape or (), name, weight)


def class_of(container: CheckpointContainer) -> str | None:
    """TensorFlow 1 writes the optimizer's class behind the weight's name; Keras before its own."""
    for place in container.places.values():
        scope, _, name = plain(place.full_name).rpartition("/")
        if place.is_optimizers and scope and own_kind(name) == "iterations":
            return scope
    for key in container.variables:
        weight, _, word = plain(key).rpartition("/")
        if weight.encode() in container.variables and word.lower() in CLASSES:
            return _BERTS.get(word) or word.rpartition("_")[0] or word
    return None
