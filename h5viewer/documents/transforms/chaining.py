"""Networks one after the other: what one puts out goes into the next."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from h5viewer.documents.new_network import NewNetwork
from h5viewer.documents.transforms.joining import met, require_members
from h5viewer.documents.transforms.outer import Member, Outer
from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.wording import plural, shape_text

_ORDER = "Each network takes what the one before it puts out: their order counts."


def chained(members: Sequence[Member]) -> NewNetwork:
    """One network of all members, in their order.

    Raises:
        CannotRead: one does not take what the one before puts out.
    """
    require_members(members)
    for a, b in pairwise(members):
        _require_fitting(a, b)
    outer = Outer("chain", members)
    tensors = [outer.input(stated, stated.shape) for stated in members[0].ends.inputs]
    for name, member in outer.members:
        tensors = outer.member(name, member, tensors)
    return outer.made(tensors, ())


def _require_fitting(a: Member, b: Member) -> None:
    outputs, inputs = a.ends.outputs, b.ends.inputs
    if len(outputs) != len(inputs):
        raise _refusal(
            f"{a.file} has {plural(len(outputs), 'output')}, {b.file} takes "
            f"{plural(len(inputs), 'input')}."
        )
    for shape, stated in zip(outputs, inputs, strict=True):
        if not stated.is_float:
            raise _refusal(
                f"{b.file} takes {visible(stated.dtype, 40)}, which {a.file} does not put out."
            )
        if shape is not None and met(shape, stated.shape) is None:
            raise _refusal(
                f"{a.file} puts out {shape_text(shape)}, {b.file} takes {shape_text(stated.shape)}."
            )


def _refusal(message: str) -> CannotRead:
    return CannotRead(message, hint=_ORDER)
