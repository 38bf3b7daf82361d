"""The mean of several TensorFlow checkpoints, as a checkpoint of the first one's objects.

Variables are the same by their names. What is no floating-point number is the first file's; what
an optimizer keeps is left out. The index comes first, and needs the checksums of all means: they
are computed for it, and once more for the file of values.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from h5viewer.documents.checkpoint_parts import checkpoint_parts, damage_notes
from h5viewer.documents.object_graph import without
from h5viewer.documents.shares import share_notes, shares_of
from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import box_shape, whole
from h5viewer.formats.checked_writing import CheckedWriting
from h5viewer.formats.consecutive import consecutive_boxes, read_box
from h5viewer.formats.container import Container
from h5viewer.formats.crc32c import Crc32c
from h5viewer.formats.floats import rounded_to
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.tf_bundle_writing import (
    NewVariable,
    copied,
    estimated_bytes,
    index_pieces,
    require_index_name,
    text_variable,
)
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.formats.tf_objects import GRAPH_KEY
from h5viewer.formats.tf_tensors import Variable, is_string
from h5viewer.names import visible
from h5viewer.nodes import Exported, ExportPart, ExportPlan
from h5viewer.operations import Operation
from h5viewer.operations.not_finite import Averaged, values_of
from h5viewer.requests import AverageNetworks, Progress
from h5viewer.wording import plural


class _Task(msgspec.Struct, frozen=True):
    """What goes into the new checkpoint."""

    containers: tuple[CheckpointContainer, ...]
    shares: tuple[float, ...]
    new: tuple[NewVariable, ...]  # sorted by name; means have no checksum yet
    means: frozenset[bytes]
    n_left_out: int
    left_out_bytes: int
    is_big_endian: bool
    notes: tuple[str, ...]


def is_of_checkpoints(containers: Sequence[Container]) -> bool:
    """True where at least the first file is one."""
    return isinstance(containers[0], CheckpointContainer)


def plan_checkpoints(
    request: AverageNetworks, containers: Sequence[Container]
) -> Operation[tuple[ExportPlan, list[Averaged]]]:
    """What would be averaged, and the numbers of each file.

    Raises:
        CannotRead, CannotWrite: as `average_checkpoints`.
    """
    yield Progress(done=0, unit="variables")
    task = _task(request, containers)
    arrays = [[each.array(each.path_of(key)) for key in task.means] for each in task.containers]
    averaged = [each for each in task.new if each.name in task.means]
    others = [each for each in task.new if each.name not in task.means]
    kept = [
        _part("averaged weights", averaged),
        _part("other variables of the first file", others),
    ]
    left_out = ExportPart(
        name="optimizer state", n_bytes=task.left_out_bytes, n_items=task.n_left_out
    )
    plan = ExportPlan(
        kept=tuple(part for part in kept if part.n_items),
        left_out=(left_out,) if task.n_left_out else (),
        bytes_before=sum(each.source.size_with_companions for each in containers),
        bytes_after=estimated_bytes(task.new),
        is_estimate=True,
        notes=task.notes,
    )
    return plan, [values_of(each) for each in arrays]


def average_checkpoints(
    request: AverageNetworks, containers: Sequence[Container], scratch: Scratch
) -> Operation[Exported]:
    """Write the index, or as its part the values; read back, compare.

    Raises:
        CannotRead: the files do not hold the same variables, or one is damaged.
        CannotWrite: the name is none of an index, the disk refuses, or what was read back is not
            what was written.
    """
    yield Progress(done=0, unit="variables")
    task = _task(request, containers)
    writing = CheckedWriting(scratch, request.target)
    total = sum(each.n_bytes for each in task.new)
    done = 0
    if request.part is None:
        stated = []
        for each in task.new:
            checksum = Crc32c()
            for piece in each.pieces() if each.stated is None else ():
                checksum.add(piece)
                done += len(piece)
                yield Progress(done=done, total=total, unit="bytes", text="Averaging…")
            made = each.stated if each.stated is not None else checksum.masked
            stated.append(msgspec.structs.replace(each, stated=made))
        for index_piece in index_pieces(stated, is_big_endian=task.is_big_endian):
            writing.write(index_piece)
    else:
        for each in task.new:
            writing.end_part()
            for piece in each.pieces():
                writing.write(piece)
                done += len(piece)
                yield Progress(done=done, total=2 * total, unit="bytes", text="Writing…")
    for n_bytes in writing.read_back():
        done += n_bytes
        yield Progress(done=done, total=2 * total, unit="bytes", text="Reading back…")
    for container in containers:
        container.source.check_unchanged()  # else it is a mean of nothing that was
    is_index = request.part is None
    n_weights = 0 if is_index else sum(not is_string(each.type_number) for each in task.new)
    return Exported(
        bytes_before=sum(each.source.size_with_companions for each in containers),
        bytes_after=scratch.size,
        n_files=len(containers),
        n_weights=n_weights,
        n_identical=n_weights,
        n_parts=1 if is_index else 0,
        notes=task.notes,
    )


def _task(request: AverageNetworks, containers: Sequence[Container]) -> _Task:
    names = [container.source.name for container in containers]
    shares = shares_of(request.shares, request.decay, len(containers))
    others = [each for each in containers if isinstance(each, CheckpointContainer)]
    if len(others) < len(containers):
        odd = next(each for each in containers if not isinstance(each, CheckpointContainer))
        raise CannotRead(f"{odd.source.name} is no TensorFlow checkpoint, {names[0]} is one.")
    if request.part is None:
        require_index_name(request.target)
    first = others[0]
    parts = checkpoint_parts(first)
    new, means = [], []
    for key in sorted(set(parts.variables) - parts.optimizer):
        variable = parts.variables[key]
        if key == GRAPH_KEY and parts.graph is not None:
            new.append(text_variable(key, (), [without(parts.message, parts.optimizer)]))
        elif variable.dtype is not None and variable.facts(()).dtype.kind in ("float", "bfloat16"):
            new.append(_mean(key, others, shares))
            means.append(key)
        else:
            new.append(copied(variable))
    if not means:
        raise CannotRead(f"{names[0]} holds no weights that could be averaged.")
    gone = parts.optimizer
    notes = list(share_notes(shares, request.decay, names))
    if gone:
        notes.append(f"Left out: {plural(len(gone), 'variable')} of the optimizer.")
    notes += [note for container in others for note in damage_notes(container)]
    return _Task(
        tuple(others),
        shares,
        tuple(new),
        frozenset(means),
        len(gone),
        sum(parts.variables[key].stored_bytes for key in gone),
        any(variable.is_big_endian for variable in parts.variables.values()),
        tuple(notes),
    )


def _mean(
    key: bytes, containers: Sequence[CheckpointContainer], shares: tuple[float, ...]
) -> NewVariable:
    """One variable over all files; nothing is read.

    Raises:
        CannotRead: a file has none of this shape, or its values are not there.
    """
    shown = visible(key, 100)
    first = containers[0].variables[key]
    for container in containers:
        variable = container.variables.get(key)
        if variable is None or variable.shape != first.shape:
            what = "has no" if variable is None else "has another shape of"
            raise CannotRead(
                f"{container.source.name} {what} {shown}, so it cannot be averaged with "
                f"{containers[0].source.name}."
            )
        if variable.obstacle:
            raise CannotRead(f"{shown} of {container.source.name}: {variable.obstacle}")
    dtype = first.dtype
    assert dtype is not None
    n_bytes = math.prod(first.shape) * dtype.itemsize
    return NewVariable(
        key,
        first.type_number,
        first.shape,
        n_bytes,
        None,
        lambda: _mean_pieces(key, first, containers, shares),
    )


def _mean_pieces(
    key: bytes,
    first: Variable,
    containers: Sequence[CheckpointContainer],
    shares: tuple[float, ...],
) -> Iterator[memoryview]:
    """Sums in double precision, divided once, rounded once."""
    arrays = [container.array(container.path_of(key)) for container in containers]
    counted = shares or (1.0,) * len(arrays)
    divisor = math.fsum(counted)
    dtype = first.dtype
    is_short = first.facts(()).dtype.kind == "bfloat16"
    for box in consecutive_boxes(arrays[0], whole(first.shape)):
        total = np.zeros(box_shape(box))
        with np.errstate(all="ignore"):  # infinities and NaN of the files stay what they are
            for share, array in zip(counted, arrays, strict=True):
                if share:
                    total = total + share * read_box(array, box).astype(np.float64)
            mean = total / divisor
            made = rounded_to(mean, "bfloat16") if is_short else mean.astype(dtype)
        yield np.ascontiguousarray(made).reshape(-1).view(np.uint8).data


def _part(name: str, variables: Sequence[NewVariable]) -> ExportPart:
    n_bytes = sum(each.n_bytes for each in variables)
    return ExportPart(name=name, n_bytes=n_bytes, n_items=len(variables))
