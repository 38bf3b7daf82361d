"""Which variables of a TensorFlow checkpoint are the network's, and which its optimizer's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

import msgspec

from h5viewer.documents.checkpoint_network import checkpoint_variables
from h5viewer.documents.object_graph import ObjectGraph, read_graph
from h5viewer.errors import CannotRead
from h5viewer.formats.protobuf import Malformed
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.formats.tf_objects import GRAPH_KEY
from h5viewer.formats.tf_tensors import Variable

_SETTING = re.compile(rb"(^|/)(beta[12]_power(_\d+)?|global_step)$")
_MOST_NOTES = 3
_MOST = 64 << 20  # bytes of a graph


class CheckpointParts(msgspec.Struct, frozen=True, dict=True):
    """Names of variables."""

    variables: Mapping[bytes, Variable]
    graph: ObjectGraph | None  # None: TensorFlow 1 keeps none
    message: bytes  # the graph as it is stored
    slots: frozenset[bytes]  # what an optimizer keeps for each weight
    settings: frozenset[bytes]  # what it keeps for itself: steps, learning rate

    @cached_property
    def optimizer(self) -> frozenset[bytes]:
        """All that is the optimizer's."""
        return self.slots | self.settings


def checkpoint_parts(container: CheckpointContainer) -> CheckpointParts:
    """Sort the variables; by the objects of the program where the file lists them, else by names.

    Raises:
        CannotRead: the list of objects is damaged.
    """
    variables = container.variables
    message = _message(container)
    graph = None
    if message:
        try:
            graph = read_graph(message)
        except Malformed as error:
            raise CannotRead(
                f"The list of objects in {container.source.name} is damaged.", details=str(error)
            ) from error
        own = graph.optimizer_variables() & set(variables)
        slots = frozenset(name for name in own if variables[name].shape)
    else:
        found = [each for each in checkpoint_variables(container) if each.is_state]
        keys = [(each, container.key_at(each.node.path)) for each in found]
        slots = frozenset(key for each, key in keys if key and each.slot_kind)
        own = {key for _, key in keys if key} if slots else set()
        own |= {name for name in variables if _SETTING.search(name) and not variables[name].shape}
    return CheckpointParts(variables, graph, message, slots, frozenset(own) - slots)


def _message(container: CheckpointContainer) -> bytes:
    variable = container.variables.get(GRAPH_KEY)
    if variable is None or variable.read is None or variable.shape or variable.obstacle:
        return b""
    if variable.stored_bytes > _MOST:
        return b""
    try:
        return bytes(variable.read().reshape(-1)[0])
    except Malformed as error:
        raise CannotRead(
            f"The list of objects in {container.source.name} is damaged.", details=str(error)
        ) from error


def damage_notes(container: CheckpointContainer) -> Iterator[str]:
    """What is known to be damaged, for who takes values from it."""
    for problem in container.problems[:_MOST_NOTES]:
        where = f"{problem.where}: " if problem.where else ""
        yield f"{container.source.name}: {where}{problem.message}"
