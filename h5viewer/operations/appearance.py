"""How a file asks for a dataset to be drawn: its axes' coordinates, its colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.axes import AxisSource, axis_sources, fits, title_of, unit_of
from h5viewer.documents.picture_form import FoundPicture, find_picture
from h5viewer.documents.relations import relations_of
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import visible
from h5viewer.nodes import (
    Appearance,
    Array,
    AxisScale,
    Dataset,
    PictureForm,
    Relation,
    Relations,
)
from h5viewer.operations import Operation
from h5viewer.operations.cell_text import cell_text
from h5viewer.requests import Progress, ReadAppearance, ReadRelations

_LONGEST_AXIS = 1_000_000  # coordinates that are read: 8 MB on their way to the window
_MOST_LABELS = 2_000  # texts in the place of coordinates
_LONGEST_LABEL = 60  # characters
_MOST_RELATIONS = 40
_BOX = 4 << 20  # bytes between two yields


def read_appearance(request: ReadAppearance, container: Container) -> Operation[Appearance]:
    """What attributes say of a dataset, and the coordinates that they lead to.

    Raises:
        CannotRead: nothing of that name is a dataset.
    """
    dataset = container.describe(request.node)
    if not isinstance(dataset, Dataset):
        raise CannotRead("Only datasets have axes.")
    axes: list[AxisScale] = []
    notes: list[str] = []
    for axis, source in enumerate(axis_sources(container, dataset)):
        if source.name or source.dataset is not None:
            length = (dataset.shape or ())[axis]
            axes.append((yield from _scale(container, source, axis, length, notes)))
    picture = find_picture(container, dataset)
    form = None if picture is None else (yield from _form(container, picture))
    has_text = bool(axes) or dataset.n_attributes > 0
    return Appearance(
        axes=tuple(axes),
        picture=form,
        title=title_of(container, dataset.path) if has_text else "",
        unit=unit_of(container, dataset.path) if has_text else "",
        note=notes[0] if notes else "",
    )


def _scale(
    container: Container, source: AxisSource, axis: int, length: int, notes: list[str]
) -> Operation[AxisScale]:
    found = source.dataset
    if found is None:
        return AxisScale(axis=axis, name=source.name)
    values: NDArray[np.float64] | None = None
    labels: tuple[str, ...] = ()
    name = visible(source.name, 60)
    if not fits(found.shape, length):
        notes.append(f"The axis {name} has another length than the data; it is not used.")
    elif (found.shape or (0,))[0] > _LONGEST_AXIS:
        notes.append(f"The axis {name} has too many coordinates to be used.")
    else:
        try:
            if found.dtype.kind == "string":
                labels = _labels(container, found)
            elif found.dtype.is_numeric and found.dtype.kind != "complex":
                values = yield from _numbers(container, found)
        except CannotRead as error:
            notes.append(f"The axis {name} cannot be used. {error.message}")
    return AxisScale(
        axis=axis,
        name=source.name,
        title=title_of(container, found.path),
        unit=unit_of(container, found.path),
        path=found.path,
        values=None if values is None else Array.of(values),
        labels=labels,
    )


def _numbers(container: Container, found: Dataset) -> Operation[NDArray[np.float64]]:
    """All values of a 1-D dataset.

    Raises:
        CannotRead: an obstacle, damage.
    """
    if found.obstacle is not None:
        raise CannotRead(found.obstacle.reason)
    array = container.array(found.path)
    whole = tuple(slice(0, length) for length in found.shape or ())
    values = np.empty(found.shape or (), np.float64)
    for box in array.boxes(whole, _BOX):
        with np.errstate(all="ignore"):
            values[box] = array.read(box).astype(np.float64)
        yield Progress(done=box[0].stop, total=len(values))
    return values


def _labels(container: Container, found: Dataset) -> tuple[str, ...]:
    length = (found.shape or (0,))[0]
    if length > _MOST_LABELS or found.obstacle is not None:
        return ()
    values = container.array(found.path).read((slice(0, length),))
    return tuple(visible(cell_text(value), _LONGEST_LABEL) for value in values)


def _form(container: Container, picture: FoundPicture) -> Operation[PictureForm]:
    found, form = picture.palette, picture.form
    yield Progress(done=0)
    if found is None or found.obstacle is not None:
        return form
    try:
        whole = tuple(slice(0, length) for length in found.shape or ())
        colours = np.asarray(container.array(found.path).read(whole))
    except CannotRead:
        return form  # drawn without; the palette's own node says what is wrong
    if colours.shape[1] != 3:
        colours = colours.T
    table = np.clip(colours, 0, 255).astype(np.uint8)
    return PictureForm(
        kind=form.kind,
        palette=Array.of(table),
        palette_path=form.palette_path,
        minimum=form.minimum,
        maximum=form.maximum,
        origin=form.origin,
        is_white_zero=form.is_white_zero,
    )


def read_relations(request: ReadRelations, container: Container) -> Operation[Relations]:
    """Other objects of the file that belong to this one."""
    found: list[Relation] = []
    n_left_out = 0
    for relation in relations_of(container, request.node):
        if len(found) < _MOST_RELATIONS:
            found.append(relation)
        else:
            n_left_out += 1
        yield Progress(done=len(found))
    return Relations(relations=tuple(found), n_left_out=n_left_out)
