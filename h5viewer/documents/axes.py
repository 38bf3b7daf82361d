"""Which datasets are the axes of another: HDF5 dimension scales, NeXus' attributes, pandas.

Read from attributes and references alone: h5py's own `dims` ends the process on a damaged
file. Sources: HDF5 Dimension Scale Specification 1.0; NeXus manual, "NXdata"; netCDF's and
CF's `units` and `long_name`; pandas/io/pytables.py, formats "frame" and "series".
"""

from __future__ import annotations

import re

import msgspec

from h5viewer.documents.in_file_links import dataset_at
from h5viewer.documents.stored import children, text_attribute
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, plain, visible
from h5viewer.nodes import Dataset, Shape

_WITHOUT_VARIABLE = "This is a netCDF dimension but not a netCDF variable"
_OF_PANDAS = re.compile(rb"(block\d{1,5})_values|values")
_MOST_SIBLINGS = 60
_MOST_AXES = 32  # HDF5 has no more
_LONGEST = 100  # characters of a name or unit


class AxisSource(msgspec.Struct):
    """One axis: what it is called, and the dataset of its coordinates, if any."""

    name: str = ""
    dataset: Dataset | None = None


def axis_sources(container: Container, dataset: Dataset) -> list[AxisSource]:
    """One for each axis; empty where nothing is known."""
    shape = dataset.shape or ()
    if not shape or len(shape) > _MOST_AXES:
        return []
    sources = [AxisSource() for _ in shape]
    _from_nexus(container, dataset, sources)
    _from_scales(container, dataset, sources)
    _from_pandas(container, dataset, sources)
    return sources if any(source.name or source.dataset for source in sources) else []


def fits(shape: Shape | None, length: int) -> bool:
    """True for coordinates of an axis: one an element, or the edges between them."""
    return shape is not None and len(shape) == 1 and shape[0] in (length, length + 1)


def title_of(container: Container, path: NodePath) -> str:
    """What people call a dataset (CF, NeXus: `long_name`), without its unit; "" unknown."""
    text = short_text(container, path, "long_name")
    unit = unit_of(container, path)
    return re.sub(rf"\s*[\[(]{re.escape(unit)}[\])]\s*$", "", text) if unit else text


def unit_of(container: Container, path: NodePath) -> str:
    """The unit of a dataset's values; "" unknown."""
    unit = short_text(container, path, "units")
    return "" if unit in ("1", "none", "dimensionless") else unit


def short_text(container: Container, path: NodePath, name: str) -> str:
    """A short text attribute as one line; "" where there is none."""
    text = text_attribute(container, path, name) or ""
    return visible(text.rstrip("\0 "), _LONGEST)


# ------------------------------------------------------------------ dimension scales


def _from_scales(container: Container, dataset: Dataset, sources: list[AxisSource]) -> None:
    lists = attribute_targets(container, dataset.path, b"DIMENSION_LIST")
    labels = _strings(container, dataset.path, b"DIMENSION_LABELS")
    for axis, (source, length) in enumerate(zip(sources, dataset.shape or (), strict=True)):
        label = visible(labels[axis], _LONGEST) if axis < len(labels) else ""
        path = next((each for each in (lists[axis : axis + 1] or [[]])[0] if each), None)
        scale = None if path is None else dataset_at(container, path)
        if scale is not None:
            source.name = label or _scale_name(container, scale) or source.name
            is_empty = (short_text(container, scale.path, "NAME")).startswith(_WITHOUT_VARIABLE)
            if fits(scale.shape, length) and not is_empty:
                source.dataset = scale
        elif label:
            source.name = label
    _from_itself(container, dataset, sources)


def _from_itself(container: Container, dataset: Dataset, sources: list[AxisSource]) -> None:
    """A netCDF dimension that is no variable says so; its own axis has no coordinates."""
    if len(sources) == 1 and not sources[0].name:
        is_scale = short_text(container, dataset.path, "CLASS") == "DIMENSION_SCALE"
        sources[0].name = _scale_name(container, dataset) if is_scale else ""


def _scale_name(container: Container, scale: Dataset) -> str:
    name = short_text(container, scale.path, "NAME")
    if name and not name.startswith(_WITHOUT_VARIABLE):
        return name.rpartition("/")[2] or name
    return visible(scale.path[-1], _LONGEST) if scale.path else ""


def attribute_targets(
    container: Container, path: NodePath, name: bytes
) -> list[list[NodePath | None]]:
    """Where an attribute's references lead, of each element; empty: absent or damaged."""
    try:
        return container.attribute_targets(path, name, 100) or []
    except CannotRead:
        return []


# --------------------------------------------------------------------------- pandas


def _from_pandas(container: Container, dataset: Dataset, sources: list[AxisSource]) -> None:
    """Columns of one type stand together in a block: its columns' names are beside it."""
    name = _OF_PANDAS.fullmatch(dataset.path[-1]) if dataset.path else None
    if name is None:
        return
    block = name[1]
    kind, beside = ("frame", [b"axis1", b"%b_items" % block]) if block else ("series", [b"index"])
    group = dataset.path[:-1]
    if len(beside) != len(sources) or short_text(container, group, "pandas_type") != kind:
        return
    for source, each, called in zip(sources, beside, ("index", "column"), strict=False):
        path = (*group, each)
        source.name = called
        # Dates and times are stored as numbers of nanoseconds, which say nothing to people.
        if short_text(container, path, "kind") in ("integer", "float", "string"):
            source.dataset = dataset_at(container, path)


# ---------------------------------------------------------------------------- NeXus


def _from_nexus(container: Container, dataset: Dataset, sources: list[AxisSource]) -> None:
    group = dataset.path[:-1]
    name = plain(dataset.path[-1])
    signal = short_text(container, group, "signal")
    listed = _axes_attribute(container, group) if signal else []
    own = _axes_attribute(container, dataset.path)
    if listed and name not in listed and _is_drawn(container, group, name, signal, len(sources)):
        for position, axis in enumerate(listed):
            places = _indices(container, group, axis) or [position]
            if len(places) == 1:  # two axes of a table of positions are no scale of either
                _take(container, (*group, axis.encode()), sources, places[0])
    elif own:
        for position, axis in enumerate(own):
            _take(container, (*group, axis.encode()), sources, position)
    elif short_text(container, dataset.path, "signal"):
        _from_numbered(container, group, sources)


def _is_drawn(container: Container, group: NodePath, name: str, signal: str, n_axes: int) -> bool:
    """True for the signal, what is drawn with it, and its errors."""
    others = _strings(container, group, b"auxiliary_signals")
    return n_axes > 0 and name in (signal, *others, "errors", f"{signal}_errors")


def _take(container: Container, path: NodePath, sources: list[AxisSource], position: int) -> None:
    """Note the coordinates of an axis, where they are there and fit."""
    if not 0 <= position < len(sources) or path[-1] == b".":
        return
    source = sources[position]
    source.name = visible(path[-1], _LONGEST)
    source.dataset = dataset_at(container, path)


def _from_numbered(container: Container, group: NodePath, sources: list[AxisSource]) -> None:
    """NeXus before 2014: the axes themselves say which they are, from 1 on."""
    for n_seen, node in enumerate(children(container, group)):
        if n_seen >= _MOST_SIBLINGS:
            return
        if isinstance(node, Dataset) and node.n_attributes:
            number = short_text(container, node.path, "axis")
            is_first = short_text(container, node.path, "primary") in ("", "1")
            if number.isdecimal() and is_first:
                _take(container, node.path, sources, int(number) - 1)


def _axes_attribute(container: Container, path: NodePath) -> list[str]:
    """A list of names, or (older) one text of names with colons or commas between."""
    names = _strings(container, path, b"axes")
    if len(names) == 1:
        names = [part for part in re.split(r"[:,\[\] ]+", names[0]) if part]
    return names


def _indices(container: Container, group: NodePath, axis: str) -> list[int]:
    text = text_attribute(container, group, f"{axis}_indices") or ""
    return [int(number) for number in re.findall(r"\d{1,3}", text)][:_MOST_AXES]


def _strings(container: Container, path: NodePath, name: bytes) -> list[str]:
    try:
        return container.attribute_strings(path, name, _MOST_AXES) or []
    except CannotRead:
        return []
