"""Values of new weights that come out of a file: as they are stored, or after a layout's steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.compatibility import Step
from h5viewer.errors import CannotRead
from h5viewer.formats.boxes import whole
from h5viewer.formats.consecutive import consecutive
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Dataset, Shape
from h5viewer.operations.cuts import refuse_unfolding, require_numbers
from h5viewer.operations.layout_steps import converted
from h5viewer.operations.stored_arrays import read_whole


class StoredValues(msgspec.Struct, frozen=True):
    """A dataset as it is, read in blocks."""

    container: Container
    path: NodePath
    shape: Shape
    dtype: str

    def pieces(self) -> Iterator[NDArray[Any]]:
        """Blocks of whole rows, of whole chunks where those are not too large."""
        array = self.container.array(self.path)
        require_numbers(array.facts, insist=False)
        for values in consecutive(array, whole(self.shape)):
            yield np.ascontiguousarray(values).reshape(-1)


def stored_values(container: Container, path: NodePath) -> StoredValues:
    """The values of a dataset.

    Raises:
        CannotRead: there are none, no numbers, or far more than are stored.
    """
    node = container.describe(path)
    shown = visible(path_text(path), 100)
    if not isinstance(node, Dataset) or node.shape is None:
        raise CannotRead(f"{shown} holds no values.")
    if not node.dtype.is_numeric or node.dtype.kind == "complex":
        raise CannotRead(f"{shown} holds no numbers but {node.dtype.text}.")
    refuse_unfolding(node)
    return StoredValues(container, path, node.shape, _name_of(node))


def _name_of(node: Dataset) -> str:
    kind, size = node.dtype.kind, node.dtype.itemsize
    if kind in ("bfloat16", "bool"):
        return kind
    if kind == "enum":
        return f"int{8 * size}"
    return f"{kind}{8 * size}"


class Bench(msgspec.Struct):
    """Room for the arrays of one layer, kept while its weights are asked for one by one."""

    owner: object = None
    arrays: list[NDArray[Any]] = []


class LayerSteps(msgspec.Struct, frozen=True):
    """The arrays of one layer and what is done to them; all of them are read at once."""

    container: Container
    paths: tuple[NodePath, ...]
    steps: tuple[Step, ...]
    bench: Bench

    def arrays(self) -> list[NDArray[Any]]:
        """The arrays after the last step.

        Raises:
            CannotRead: damage, or they are not what the steps are for.
        """
        if self.bench.owner is not self:
            self.bench.owner, self.bench.arrays = None, []
            read = [read_whole(self.container, path) for path in self.paths]
            try:
                self.bench.arrays = converted(read, self.steps)
            except (ValueError, IndexError) as error:
                where = visible(path_text(self.paths[0]), 100) if self.paths else "a layer"
                raise CannotRead(
                    f"The weights at {where} are not laid out as the layer wants them.",
                    details=str(error),
                ) from error
            self.bench.owner = self
        return self.bench.arrays


class ConvertedValues(msgspec.Struct, frozen=True):
    """One of the arrays that steps make of a layer's."""

    layer: LayerSteps
    position: int
    shape: Shape
    dtype: str

    def pieces(self) -> Iterator[NDArray[Any]]:
        """The array as one block."""
        yield np.ascontiguousarray(self.layer.arrays()[self.position]).reshape(-1)


def converted_values(
    stored: Sequence[StoredValues], steps: Sequence[Step], bench: Bench
) -> list[ConvertedValues]:
    """What comes out of the steps; nothing is read.

    Raises:
        CannotRead: the arrays do not have the shapes that the steps need.
    """
    if not stored:
        return []
    layer = LayerSteps(
        stored[0].container, tuple(each.path for each in stored), tuple(steps), bench
    )
    try:  # the same steps over arrays that take no room
        made = converted([_placeholder(each) for each in stored], steps)
    except (ValueError, IndexError) as error:
        where = visible(path_text(stored[0].path), 100)
        raise CannotRead(
            f"The weights at {where} are not laid out as the layer wants them.", details=str(error)
        ) from error
    return [
        ConvertedValues(layer, i, tuple(int(n) for n in each.shape), str(each.dtype))
        for i, each in enumerate(made)
    ]


def _placeholder(values: StoredValues) -> NDArray[Any]:
    dtype = "float32" if values.dtype == "bfloat16" else values.dtype
    return np.broadcast_to(np.ones((), dtype), values.shape)
