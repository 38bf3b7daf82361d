"""EditFile: the document with a list of changes, and nothing else different."""

from __future__ import annotations

import json
from collections.abc import Sequence

from h5viewer.documents.class_names import stored_place, written_like
from h5viewer.documents.edits.typed import items, number, truth
from h5viewer.documents.transforms.renaming import require_legal
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.formats.hdf5_differences import NewAttribute, text_attribute, texts_attribute
from h5viewer.formats.hdf5_lists import attribute_type
from h5viewer.formats.hdf5_typed import Item, as_stored, is_text, is_truth
from h5viewer.formats.scratch import Scratch
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Dataset, Exported, ExportPart, ExportPlan, Group, NamedType
from h5viewer.operations import Operation
from h5viewer.operations.altered_copy import MODEL, TRAINING, Altered
from h5viewer.operations.edited_values import ValueChange, dataset_at, prepared
from h5viewer.operations.kept_form import require_kept_form
from h5viewer.operations.renamed_copy import rename_layers
from h5viewer.requests import (
    AnyChange,
    EditFile,
    RenameLayer,
    SetAttribute,
    SetClassNames,
)
from h5viewer.wording import plural

_MOST = 10_000_000  # characters of an attribute that is looked at
_JSON = (MODEL, TRAINING)


def plan_edit(request: EditFile, container: Container) -> Operation[ExportPlan]:
    """What would change."""
    altered = Altered(container)
    require_kept_form(container, request.target)
    yield from make_changes(altered, request.changes)
    size = container.source.size
    return ExportPlan(
        kept=(ExportPart(name="everything, with the changes", n_bytes=size),),
        left_out=(),
        bytes_before=size,
        bytes_after=size,
        notes=tuple(altered.notes),
    )


def edit_file(request: EditFile, container: Container, scratch: Scratch) -> Operation[Exported]:
    """Copy with the changes, read back, compare.

    Raises:
        CannotRead: a change cannot be made.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    altered = Altered(container)
    require_kept_form(container, request.target)
    yield from make_changes(altered, request.changes)
    return (yield from altered.write(scratch, request.target))


def make_changes(altered: Altered, changes: Sequence[AnyChange]) -> Operation[None]:
    """Have the copy differ in all of these.

    Raises:
        CannotRead: one of them cannot be made, or there are none.
    """
    if not changes:
        raise CannotRead("There are no changes: a copy would be the same file.")
    values: dict[NodePath, list[ValueChange]] = {}
    names: list[RenameLayer] = []
    for change in changes:
        match change:
            case SetAttribute():
                set_attribute(altered, change)
            case SetClassNames():
                set_class_names(altered, change.names)
            case RenameLayer():
                names.append(change)
            case _:
                values.setdefault(change.path, []).append(change)
    for path, edits in values.items():
        yield from _set_values(altered, path, edits)
    if names:
        _require_untouched(altered)
        yield from rename_layers(altered, chained(names))


def chained(names: Sequence[RenameLayer]) -> list[tuple[str, str]]:
    """A layer that is renamed twice gets the last name."""
    found: dict[str, str] = {}
    for change in names:
        require_legal(change.new)
        around, _, own = change.old.rpartition("/")
        earlier = next(
            (old for old, new in found.items() if (old.rpartition("/")[0], new) == (around, own)),
            change.old,
        )
        found[earlier] = change.new
    return list(found.items())


# --------------------------------------------------------------------- attributes


def set_attribute(altered: Altered, change: SetAttribute) -> None:
    """Another value of the same type and shape.

    Raises:
        CannotRead: there is no such attribute, or the value does not fit.
    """
    shown = f"the attribute “{visible(change.name, 60)}” of {visible(path_text(change.path), 80)}"
    node = altered.container.describe(change.path)
    if not isinstance(node, Group | Dataset | NamedType):
        raise CannotRead(f"There is no object {shown.partition(' of ')[2]} with attributes.")
    found = attribute_type(altered.file().root, altered.inner(change.path), change.name)
    if found is None:
        raise CannotRead(f"There is no {shown[4:]} with a value.")
    tid, shape = found
    if change.name in _JSON and change.path == altered.places.model:
        _require_json(change)
    altered.set_attribute(change.path, change.name, _stored(tid, shape, change.text))
    altered.notes.append(f"{shown[0].upper()}{shown[1:]} has another value.")


def _stored(tid: object, shape: tuple[int, ...], text: str) -> NewAttribute:
    if not shape:
        one: Item = text if is_text(tid) else truth(text) if is_truth(tid) else number(text)
        return as_stored(tid, (), [one])
    count = 1
    for size in shape:
        count *= size
    return as_stored(tid, shape, items(text, count, are_texts=is_text(tid)))


def _require_json(change: SetAttribute) -> None:
    """Programs that open the file read this as JSON."""
    try:
        json.loads(change.text)
    except (ValueError, RecursionError) as error:
        raise CannotRead(
            f"“{visible(change.name, 60)}” would no longer be valid JSON, and the file no longer "
            "open.",
            details=str(error),
        ) from error


def _require_untouched(altered: Altered) -> None:
    for name in () if altered.is_archive else _JSON:
        if altered.attribute_set(altered.places.model, name) is not None:
            raise CannotRead(
                f"Renaming layers changes the attribute “{name.decode()}”, which has been changed "
                "by hand.",
                hint="Make one of the changes in a copy, and the other in a copy of that.",
            )


# -------------------------------------------------------------------- class names


def set_class_names(altered: Altered, names: Sequence[str]) -> None:
    """The names in the form in which the file keeps them; else as an attribute of its own.

    Raises:
        CannotRead: the file has no place for them.
    """
    if len(names) < 2 or any("\0" in name or not name.strip() for name in names):
        raise CannotRead("Class names are at least two, and none is empty.")
    old, path, key = stored_place(altered.container)
    if not old and altered.is_archive:
        raise CannotRead(
            "A .keras archive has no place for class names.",
            hint="Save them as a text file beside it, which is found.",
        )
    name = key.encode() or b"class_names"
    found = attribute_type(altered.file().root, path, name) if old else None
    if found is None:
        made = texts_attribute(names)
    elif found[1]:
        made = texts_attribute(names, found[0])
    else:
        text = altered.container.attribute_text(path, name, _MOST)
        made = text_attribute(written_like(names, text.text if text else ""), found[0])
    altered.set_attribute(path, name, made)
    was = f", where it was {len(old):,}" if old and len(old) != len(names) else ""
    altered.notes.append(f"The file keeps {plural(len(names), 'class name')}{was}.")


# ------------------------------------------------------------------------- values


def _set_values(
    altered: Altered, path: NodePath, changes: Sequence[ValueChange]
) -> Operation[None]:
    dataset = dataset_at(altered.container, path)
    altered.inner(path)
    edited = yield from prepared(altered.container, dataset, changes)
    shown = visible(path_text(path), 100)
    altered.set_values(path, edited.apply, lambda: f"{shown}: {' '.join(edited.notes())}")
