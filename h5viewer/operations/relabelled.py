"""FreezeLayers, RenameLayers: the file with nothing else different, or one in another form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from h5viewer.documents.compatibility.adapters import MERGED
from h5viewer.documents.keras_objects import network
from h5viewer.documents.new_network import NewNetwork
from h5viewer.documents.own_class import frozen_in_order
from h5viewer.documents.transforms.freezing import frozen_network
from h5viewer.documents.transforms.renaming import renamed, renames
from h5viewer.errors import CannotRead, CannotWrite
from h5viewer.formats.container import Container
from h5viewer.formats.scratch import Scratch
from h5viewer.nodes import Exported, ExportPart, ExportPlan
from h5viewer.operations import Operation
from h5viewer.operations.altered_copy import Altered
from h5viewer.operations.convert import kind_of
from h5viewer.operations.frozen_copy import freeze_layers, frozen_notes, require_change
from h5viewer.operations.kept_training import training_notes
from h5viewer.operations.model_copying import state_bytes
from h5viewer.operations.network_reading import read_network
from h5viewer.operations.new_files import plan_of, write_new
from h5viewer.operations.renamed_copy import rename_layers, renamed_note, require_renames
from h5viewer.requests import FreezeLayers, Progress, RenameLayers

_FORMS = {"keras-archive": "keras", "keras-h5": "h5"}
_TRAINING = "How it was trained is not in it, nor the optimizer's state."

Asked = TypeVar("Asked", FreezeLayers, RenameLayers)


def plan_freeze(request: FreezeLayers, container: Container) -> Operation[ExportPlan]:
    """Which layers would be frozen and trained."""
    return (yield from _plan(request, container, _freeze_copy, _freeze_network))


def freeze(request: FreezeLayers, container: Container, scratch: Scratch) -> Operation[Exported]:
    """Write the file with other flags.

    Raises:
        CannotRead: a name or pattern means no layer, or nothing would change.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    return (yield from _write(request, container, scratch, _freeze_copy, _freeze_network))


def plan_rename(request: RenameLayers, container: Container) -> Operation[ExportPlan]:
    """Which layers would be called otherwise."""
    return (yield from _plan(request, container, _rename_copy, _rename_network))


def rename(request: RenameLayers, container: Container, scratch: Scratch) -> Operation[Exported]:
    """Write the file with other names.

    Raises:
        CannotRead: there is no such layer, or a name is taken or none that Keras takes.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    return (yield from _write(request, container, scratch, _rename_copy, _rename_network))


def _plan(
    request: Asked,
    container: Container,
    alter: Callable[[Asked, Altered], Operation[object]],
    change: Callable[[Asked, NewNetwork], NewNetwork],
) -> Operation[ExportPlan]:
    altered = Altered(container)
    before = yield from _to_be_written_anew(request, altered)
    if before is not None:
        return plan_of(container, before, change(request, before), request.target)
    yield from alter(request, altered)
    is_left = altered.leaves_out(altered.places.optimizer)
    n_left = (yield from state_bytes(altered.places, container)) if is_left else 0
    after = container.source.size - n_left
    return ExportPlan(
        kept=(ExportPart(name="weights and all else", n_bytes=after),),
        left_out=(ExportPart(name="optimizer state", n_bytes=n_left),) if is_left else (),
        bytes_before=container.source.size,
        bytes_after=after,
        notes=tuple(altered.notes),
    )


def _write(
    request: Asked,
    container: Container,
    scratch: Scratch,
    alter: Callable[[Asked, Altered], Operation[object]],
    change: Callable[[Asked, NewNetwork], NewNetwork],
) -> Operation[Exported]:
    altered = Altered(container)
    before = yield from _to_be_written_anew(request, altered)
    if before is not None:
        return (yield from write_new(container, change(request, before), scratch, request.target))
    yield from alter(request, altered)
    return (yield from altered.write(scratch, request.target))


def _to_be_written_anew(
    request: FreezeLayers | RenameLayers, altered: Altered
) -> Operation[NewNetwork | None]:
    """The network, where another form is asked for or the file's own is none of today.

    None: the file is copied as it is. Also where only older programs understand it: they still do.
    Adapters of an archive stay when layers are renamed; Keras gets the strength of those of .h5
    files wrong, and which weights are trained hangs on them.
    """
    container, form = altered.container, _FORMS.get(altered.places.format)
    if form is None:
        return None
    if form != kind_of(request.target):
        found = yield from read_network(container)
        return replace(found, notes=(*found.notes, *training_notes((container,))))
    yield Progress(done=0, unit="layers")
    may_stay = form == "keras" and isinstance(request, RenameLayers)
    if all(may_stay and each.repair == MERGED for each in altered.repaired.findings):
        return None
    try:
        found = yield from read_network(container)
    except CannotRead:
        return None
    return replace(found, notes=(*found.notes, _TRAINING))


# ------------------------------------------------------------------------- freeze


def _freeze_copy(request: FreezeLayers, altered: Altered) -> Operation[object]:
    return (yield from freeze_layers(altered, request.frozen, request.trained))


def _freeze_network(request: FreezeLayers, before: NewNetwork) -> NewNetwork:
    if kind_of(request.target) == "weights.h5":
        raise CannotWrite(
            f"{request.target} would hold weights, and not which of them are trained.",
            hint="Choose a .h5 or a .keras file.",
        )
    new, found = frozen_network(before, request.frozen, request.trained)
    require_change(found, request.frozen, request.trained)
    if kind_of(request.target) == "h5":
        new = frozen_in_order(new, {*found.frozen, *found.trained})
    notes = frozen_notes(found, network(before.config), network(new.config))
    return replace(new, notes=(*before.notes, *notes))


# ------------------------------------------------------------------------- rename


def _rename_copy(request: RenameLayers, altered: Altered) -> Operation[object]:
    return (yield from rename_layers(altered, request.names))


def _rename_network(request: RenameLayers, before: NewNetwork) -> NewNetwork:
    found = renames(before.config, request.names)
    require_renames(found)
    return replace(renamed(before, found), notes=(*before.notes, renamed_note(found)))
