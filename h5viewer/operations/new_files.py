"""What exports of whole networks have in common: the kind of the target, plan and result."""

from __future__ import annotations

import math

from h5viewer.documents.new_network import NewNetwork
from h5viewer.formats.container import Container
from h5viewer.formats.hdf5_new import stored_type
from h5viewer.formats.scratch import Scratch
from h5viewer.nodes import Exported, ExportPart, ExportPlan
from h5viewer.operations import Operation
from h5viewer.operations.convert import kind_of
from h5viewer.operations.kept_training import training_parts
from h5viewer.operations.network_writing import plan_network, write_network


def bytes_of(network: NewNetwork) -> int:
    """What its weights take."""
    return sum(
        math.prod(weight.shape) * stored_type(weight.dtype).itemsize
        for layer in network.layers
        for weight in layer.weights
    )


def plan_of(container: Container, before: NewNetwork, after: NewNetwork, target: str) -> ExportPlan:
    """A new file of `after`, which was made of `before`.

    Raises:
        CannotWrite: the form that the name asks for cannot hold it.
    """
    outlook = plan_network(after, kind_of(target), target)
    kept, all_bytes = bytes_of(after), bytes_of(before)
    left = []
    if after.n_weights < before.n_weights:
        left.append(
            ExportPart(
                name="weights of other layers",
                n_bytes=all_bytes - kept,
                n_items=before.n_weights - after.n_weights,
            )
        )
    left += training_parts((container,))
    return ExportPlan(
        kept=(ExportPart(name="weights", n_bytes=kept, n_items=after.n_weights),),
        left_out=tuple(left),
        bytes_before=container.source.size,
        bytes_after=outlook.n_bytes + outlook.n_around,
        notes=(*after.notes, *outlook.notes),
    )


def write_new(
    container: Container, new: NewNetwork, scratch: Scratch, target: str
) -> Operation[Exported]:
    """Write a network in the form that the target's name asks for.

    Raises:
        CannotRead: a value cannot be read, or the file changed meanwhile.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    written = yield from write_network(new, scratch, kind_of(target), target)
    container.source.check_unchanged()
    return Exported(
        bytes_before=container.source.size,
        bytes_after=scratch.size,
        n_weights=written.n_weights,
        n_identical=written.n_weights,
        notes=(*new.notes, *written.notes),
    )
