"""Which other objects of the file belong to a group or dataset: axes, palettes, default plots."""

from __future__ import annotations

from collections.abc import Iterator

from h5viewer.documents.axes import attribute_targets, axis_sources, short_text, title_of, unit_of
from h5viewer.documents.in_file_links import followed
from h5viewer.documents.picture_form import find_picture
from h5viewer.documents.stored import children
from h5viewer.formats.container import Container
from h5viewer.names import NodePath
from h5viewer.nodes import Dataset, Group, Relation

_MOST_HOPS = 8  # from the file to its default plot
_MOST_CHILDREN = 200


def relations_of(container: Container, path: NodePath) -> Iterator[Relation]:
    """All of them, the most telling first."""
    node = container.describe(path)
    if isinstance(node, Group):
        plot = default_plot(container, node)
        if plot is not None:
            yield Relation(what="Default plot", target=plot, note=title_of(container, plot))
    elif isinstance(node, Dataset) and node.n_attributes + len(path) > 0:
        yield from _of_dataset(container, node)


def default_plot(container: Container, group: Group) -> NodePath | None:
    """The dataset that NeXus draws first of a file or group; None: it states none."""
    at: Group = group
    for _ in range(_MOST_HOPS):
        signal = short_text(container, at.path, "signal")
        if signal:
            found = followed(container, (*at.path, signal.encode()))
            return found.path if isinstance(found, Dataset) else None
        default = short_text(container, at.path, "default")
        below = followed(container, (*at.path, default.encode())) if default else None
        if below is None:
            below = _first_of_class(container, at)
        if isinstance(below, Dataset):
            return below.path
        if not isinstance(below, Group):
            return None
        at = below
    return None


def _first_of_class(container: Container, group: Group) -> Group | None:
    """Files older than `default` mean the first entry, and its first data."""
    wanted = {"NXroot": "NXentry", "NXentry": "NXdata"}.get(
        short_text(container, group.path, "NX_class") or ("NXroot" if not group.path else "")
    )
    if wanted is None or group.n_children is None or group.n_children > _MOST_CHILDREN:
        return None
    for node in children(container, group.path):
        if isinstance(node, Group) and short_text(container, node.path, "NX_class") == wanted:
            return node
    return None


def _of_dataset(container: Container, dataset: Dataset) -> Iterator[Relation]:
    for axis, source in enumerate(axis_sources(container, dataset)):
        if source.dataset is not None:
            unit = unit_of(container, source.dataset.path)
            note = f"{source.name}, in {unit}" if unit else source.name
            yield Relation(what=f"Axis {axis}", target=source.dataset.path, note=note)
    picture = find_picture(container, dataset)
    if picture is not None and picture.palette is not None:
        yield Relation(what="Palette", target=picture.palette.path)
    if dataset.n_attributes:
        told: set[NodePath] = set()
        for targets in attribute_targets(container, dataset.path, b"REFERENCE_LIST"):
            for target in targets:
                if target is not None and target not in told:
                    told.add(target)
                    yield Relation(what="Axis of", target=target)
