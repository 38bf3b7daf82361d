"""Datasets with other values: from changes to what makes each box of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from numpy.typing import NDArray

from h5viewer.documents.edits import Edit
from h5viewer.documents.edits.computed import Computed
from h5viewer.documents.edits.edited import Edited
from h5viewer.documents.edits.fitting import is_numeric
from h5viewer.documents.edits.placed import OneElement, PastedTable
from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import Box, whole
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Dataset
from h5viewer.operations import Operation
from h5viewer.operations.stored_values import stored_values
from h5viewer.requests import ComputeWeight, PasteValues, Progress, SetElement

_BOX = 4 << 20  # bytes

ValueChange = ComputeWeight | PasteValues | SetElement


def edit_of(change: ValueChange) -> Edit:
    """The edit that a change asks for.

    Raises:
        CannotRead: its expression or table is none.
    """
    match change:
        case ComputeWeight(expression=expression):
            return Computed(expression)
        case PasteValues(text=text, at=at, axes=axes):
            return PastedTable(text, at, axes)
        case SetElement(index=index, text=text):
            return OneElement(index, text)


def dataset_at(container: Container, path: NodePath) -> Dataset:
    """A dataset whose values can be changed, by the name it was met by first.

    Raises:
        CannotRead: there is none, or it holds no numbers.
    """
    node = container.describe(path)
    shown = visible(path_text(path), 100)
    if not isinstance(node, Dataset):
        raise CannotRead(f"{shown} is no dataset, so it has no values.")
    if node.obstacle is not None and not node.obstacle.can_insist:
        raise CannotRead(f"{shown} cannot be changed. {node.obstacle.reason}")
    values = stored_values(container, path)
    if node.dtype.kind == "enum" or not is_numeric(values.dtype):
        raise CannotRead(f"{shown} holds {node.dtype.text}; only numbers can be changed.")
    return node


def prepared(
    container: Container, dataset: Dataset, changes: Sequence[ValueChange]
) -> Operation[Edited]:
    """What makes the new values, once it has seen as much of the old ones as it needs.

    Raises:
        CannotRead: a change does not fit the dataset, or that cannot be read.
    """
    dtype = stored_values(container, dataset.path).dtype
    edited = Edited([edit_of(each) for each in changes], dataset.shape or (), dtype)
    for n_done, _ in enumerate(edited.prepare(boxes_of(container, dataset))):
        yield Progress(done=n_done, text="Looking at the values…")
    return edited


def boxes_of(
    container: Container, dataset: Dataset
) -> Callable[[], Iterator[tuple[Box, NDArray[Any]]]]:
    """All of it, box by box, as often as it is asked for."""
    array = container.array(dataset.path)

    def boxes() -> Iterator[tuple[Box, NDArray[Any]]]:
        for box in array.boxes(whole(dataset.shape or ()), _BOX):
            yield box, array.read(box, insist=True)

    return boxes
