"""An ensemble: networks with shared inputs, whose outputs are averaged or put side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from h5viewer.documents.network_ends import Axes, Input
from h5viewer.documents.new_network import NewNetwork
from h5viewer.documents.transforms.outer import Member, Outer, Tensor
from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.wording import plural, shape_text

How = Literal["mean", "concatenate"]
_ALIKE = "The members of an ensemble take the same inputs and give outputs that fit together."


def joined(members: Sequence[Member], how: How, shares: Sequence[float]) -> NewNetwork:
    """One network of all members.

    Args:
        members: two or more.
        how: what becomes of their outputs.
        shares: of the mean, how much each counts; none: all the same.

    Raises:
        CannotRead: their inputs or outputs do not fit together.
    """
    require_members(members)
    outer = Outer("ensemble", members)
    order = [_order_of_inputs(members[0], member) for member in members]
    inputs = [
        outer.input(stated, _shared_input(members, order, number))
        for number, stated in enumerate(members[0].ends.inputs)
    ]
    outputs = []
    for (name, member), places in zip(outer.members, order, strict=True):
        fed = [inputs[places.index(number)] for number in range(len(inputs))]
        outputs.append(outer.member(name, member, fed))
    n_outputs = _number_of_outputs(members)
    found = []
    for number in range(n_outputs):
        shapes = [member.ends.outputs[number] for member in members]
        _require_fitting(members, shapes, number, how)
        name = how if n_outputs == 1 else f"{how}_{number + 1}"
        tensors = [each[number] for each in outputs]
        found.append(_output(outer, how, name, tensors, shares))
    return outer.made(found, ())


def require_members(members: Sequence[Member]) -> None:
    """Raise when there is nothing to put together.

    Raises:
        CannotRead: only one network.
    """
    if len(members) < 2:
        raise CannotRead("It takes at least two networks.", hint="Choose another file, too.")


def _output(
    outer: Outer, how: How, name: str, tensors: list[Tensor], shares: Sequence[float]
) -> Tensor:
    if how == "concatenate":
        return outer.layer("Concatenate", name, tensors, axis=-1)
    if not shares:
        return outer.layer("Average", name, tensors)
    total = math.fsum(shares)
    scaled = [
        outer.layer("Rescaling", f"{tensor.layer}_share", tensor, scale=share / total, offset=0.0)
        for tensor, share in zip(tensors, shares, strict=True)
    ]
    return outer.layer("Add", name, scaled)


def _order_of_inputs(first: Member, member: Member) -> list[int]:
    """Which of a member's inputs is each of the first one's: by name, else in their order."""
    names = [each.name for each in member.ends.inputs]
    wanted = [each.name for each in first.ends.inputs]
    if len(names) != len(wanted):
        raise _refusal(
            f"{member.file} takes {plural(len(names), 'input')}, {first.file} {len(wanted):,}."
        )
    if sorted(names) == sorted(wanted):
        return [names.index(name) for name in wanted]
    return list(range(len(names)))


def _shared_input(members: Sequence[Member], order: Sequence[list[int]], number: int) -> Axes:
    """The shape that all members take; where one takes any length, that of the others."""
    first = members[0].ends.inputs[number]
    shape = first.shape
    for member, places in zip(members[1:], order[1:], strict=True):
        other = member.ends.inputs[places[number]]
        if _kind(other) != _kind(first):
            raise _refusal(
                f"The input {visible(other.name, 60)} of {member.file} takes {other.dtype}, "
                f"{visible(first.name, 60)} of {members[0].file} {first.dtype}."
            )
        both = met(shape, other.shape)
        if both is None:
            raise _refusal(
                f"{member.file} takes {shape_text(other.shape)}, {members[0].file} "
                f"{shape_text(first.shape)}."
            )
        shape = both
    return shape


def _kind(stated: Input) -> str:
    return "float" if stated.is_float else stated.dtype


def met(a: Axes, b: Axes) -> Axes | None:
    """The shape that is both; None: there is none."""
    if len(a) != len(b):
        return None
    if any(x is not None and y is not None and x != y for x, y in zip(a, b, strict=True)):
        return None
    return tuple(y if x is None else x for x, y in zip(a, b, strict=True))


def _number_of_outputs(members: Sequence[Member]) -> int:
    n_outputs = len(members[0].ends.outputs)
    for member in members:
        if len(member.ends.outputs) != n_outputs:
            raise _refusal(
                f"{member.file} has {plural(len(member.ends.outputs), 'output')}, "
                f"{members[0].file} {n_outputs:,}."
            )
    return n_outputs


def _require_fitting(
    members: Sequence[Member], shapes: Sequence[Axes | None], number: int, how: How
) -> None:
    """Of outputs whose shapes are known; Keras looks at the others when it opens the file."""
    n_free = 0 if how == "mean" else 1
    known = [(m.file, shape) for m, shape in zip(members, shapes, strict=True) if shape is not None]
    for file, shape in known[1:]:
        first_file, first = known[0]
        has_axes = len(first) == len(shape) and len(shape) > n_free
        if not has_axes or met(shape[: len(shape) - n_free], first[: len(first) - n_free]) is None:
            which = "" if len(members[0].ends.outputs) == 1 else f" as output {number + 1}"
            raise _refusal(
                f"{file} puts out {shape_text(shape)}{which}, {first_file} {shape_text(first)}."
            )


def _refusal(message: str) -> CannotRead:
    return CannotRead(message, hint=_ALIKE)
