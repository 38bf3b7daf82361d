"""What is whole in a file that is cut short or damaged, into a new file of the same structure.

Nothing that is known to be damaged is saved: what fails a check is left out and listed, in the
result and inside the new file.
"""

from __future__ import annotations

from pathlib import PurePath

from h5viewer.errors import CannotRead, CannotWrite
from h5viewer.formats.checkpoint_salvaging import copy_variable, look_at, paths_of
from h5viewer.formats.damaged import Damaged
from h5viewer.formats.hdf5_new import Filled, NewHdf5, ReadBack
from h5viewer.formats.hdf5_salvage_lists import write_report
from h5viewer.formats.hdf5_salvaged import Lost
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.nodes import Exported, ExportPart, ExportPlan
from h5viewer.operations import Operation
from h5viewer.operations.salvage_archive import look_through_archive, salvage_archive
from h5viewer.operations.salvage_tree import (
    LOOKING,
    READING,
    WRITING,
    Outcome,
    looked_through,
    salvage_tree,
)
from h5viewer.requests import Progress, SalvageFile

_HDF5 = (".h5", ".hdf5", ".hdf", ".he5")
_ARCHIVE = (".keras", ".zip")


def plan_salvage(request: SalvageFile, damaged: Damaged) -> Operation[ExportPlan]:
    """What is whole; nothing is written.

    Raises:
        CannotOpen, CannotRead, CannotWrite: as `salvage_file`.
    """
    require_ending(request, damaged)
    outcome = Outcome()
    if damaged.checkpoint is not None:
        yield from _looked_at(damaged.checkpoint, outcome)
    elif damaged.tree is not None:
        yield from looked_through(damaged.tree, outcome, ())
    else:
        yield from look_through_archive(damaged, outcome)
    _require_something(damaged, outcome)
    return ExportPlan(
        kept=(ExportPart(name="what is whole", n_bytes=outcome.n_bytes, n_items=outcome.n_saved),),
        left_out=(ExportPart(name="what is lost", n_bytes=0, n_items=len(outcome.lost)),)
        if outcome.lost
        else (),
        bytes_before=damaged.source.size_with_companions,
        bytes_after=outcome.n_bytes,
        is_estimate=True,
        notes=tuple(outcome.notes()),
    )


def salvage_file(request: SalvageFile, damaged: Damaged, scratch: Scratch) -> Operation[Exported]:
    """Copy what is whole, read back, compare.

    Raises:
        CannotRead: nothing is whole.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    require_ending(request, damaged)
    outcome = Outcome()
    scratch.truncate(0)
    if damaged.checkpoint is not None:
        yield from _salvage_checkpoint(damaged.checkpoint, outcome, scratch, request.target)
    elif damaged.tree is not None:
        yield from salvage_tree(damaged.tree, damaged, outcome, scratch, request.target)
        scratch.seek(0)
        scratch.write(damaged.tree.stream.read_at(0, damaged.tree.base))
    else:
        yield from salvage_archive(damaged, outcome, scratch, request.target)
    scratch.check(request.target)
    _require_something(damaged, outcome)
    damaged.source.check_unchanged()
    return Exported(
        bytes_before=damaged.source.size_with_companions,
        bytes_after=scratch.size,
        n_weights=outcome.n_saved,
        n_identical=outcome.n_saved,
        notes=tuple(outcome.notes()),
    )


def require_ending(request: SalvageFile, damaged: Damaged) -> None:
    """Refuse a name that says something else than what will be written.

    Raises:
        CannotWrite: it does.
    """
    suffix = PurePath(request.target).suffix.lower()
    allowed = (*_ARCHIVE, *_HDF5) if damaged.entries else _HDF5
    own = PurePath(damaged.source.name).suffix.lower()
    if suffix not in allowed and (suffix != own or damaged.checkpoint is not None):
        endings = f"{_ARCHIVE[0]} or .h5" if damaged.entries else ".h5"
        raise CannotWrite(
            f"What is saved of {damaged.source.name} cannot be called {request.target}.",
            hint=f"Choose a name that ends in {endings}.",
        )


def _require_something(damaged: Damaged, outcome: Outcome) -> None:
    if not outcome.n_saved:
        why = f" {outcome.lost[0].reason}" if len(outcome.lost) == 1 else ""
        raise CannotRead(f"No dataset in {damaged.source.name} is whole.{why}")


# ------------------------------------------------------------------- checkpoints


def _looked_at(container: CheckpointContainer, outcome: Outcome) -> Operation[None]:
    for _, found in look_at(container):
        if isinstance(found, Lost):
            outcome.lose([found])
        else:
            outcome.n_saved += 1
            outcome.n_bytes += found.stored_bytes
        yield Progress(done=outcome.n_bytes, unit="bytes", text=LOOKING)


def _salvage_checkpoint(
    container: CheckpointContainer, outcome: Outcome, scratch: Scratch, name: str
) -> Operation[None]:
    whole: list[bytes] = []
    for each, found in look_at(container):
        if isinstance(found, Lost):
            outcome.lose([found])
        else:
            whole.append(each)
        yield Progress(done=len(whole), unit="variables", text=LOOKING)
    paths = paths_of(whole)
    filled: list[Filled] = []
    done = 0
    file = NewHdf5(scratch)
    try:
        for each in whole:
            copying = copy_variable(container, each, paths[each], file)
            while True:
                try:
                    done += next(copying)
                except StopIteration as end:
                    filled.append(end.value)
                    break
                file.check(name)
                yield Progress(done=done, unit="bytes", text=WRITING)
        write_report(file.root, container.source.name, outcome.rows)
    finally:
        file.close()
    file.check(name)
    outcome.n_saved += len(filled)
    read_back, total = ReadBack(filled, name), scratch.size
    for at, piece in scratch.pieces():
        read_back.see(at, piece)
        yield Progress(done=at, total=total, unit="bytes", text=READING)
    for _ in read_back.compare_outline(scratch):
        yield Progress(done=total, total=total, unit="bytes", text=READING)
