"""What every format offers to the rooms above, whatever the bytes look like.

A `Source` is the one open file descriptor; a `Container` reads it as a tree of nodes;
a `StoredArray` reads the values of one dataset. None of them follows a link to another
object or file.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from h5viewer.formats.boxes import Box, Results
from h5viewer.formats.occupancy import Occupied
from h5viewer.formats.source import Source
from h5viewer.names import NodePath
from h5viewer.nodes import Attributes, Dataset, Format, Node, Problem, Shape, Text

T = TypeVar("T")

Get = Callable[[], NDArray[Any]]


class StoredArray(Protocol):
    """Values of one dataset, read in boxes (one slice an axis, step 1)."""

    facts: Dataset

    @property
    def cell(self) -> Shape:
        """What the storage delivers at once: a chunk, or a run of rows."""
        ...

    @property
    def offset(self) -> int:
        """Where the first byte is in the file, for reading datasets in its order; 0: unknown."""
        ...

    def cost(self, region: tuple[slice, ...]) -> int:
        """Bytes that are decoded, or fetched from disk, to read `region`."""
        ...

    def read(self, box: tuple[slice, ...], *, insist: bool = False) -> NDArray[np.generic]:
        """The elements of `box`, native byte order; structured or object dtype as stored.

        Raises:
            TooLarge: the box costs more than the limits in formats.md allow.
            CannotRead: a missing filter, another file's data, damage.
        """
        ...

    def boxes(self, region: tuple[slice, ...], n_bytes: int) -> Iterator[tuple[slice, ...]]:
        """`region` cut into boxes of about `n_bytes` decoded, along the chunks, in file order."""
        ...

    def sample(self, region: tuple[slice, ...], n_boxes: int) -> Iterator[tuple[slice, ...]]:
        """About `n_boxes` whole chunks (or runs of rows) spread evenly over `region`."""
        ...

    def read_many(
        self, boxes: Iterator[tuple[slice, ...]], *, insist: bool = False
    ) -> Iterator[tuple[tuple[slice, ...], NDArray[np.generic]]]:
        """Each box with its values, decoded by several threads where the pipeline is plain."""
        ...

    def getter(self, *, insist: bool = False) -> Callable[[tuple[slice, ...]], Get]:
        """What prepares the reading of a box, in the caller's thread; for `paired.process_both`.

        What it returns gives the values in any thread, once; they are valid until the same
        thread gets others of this dataset. It raises `Undecodable` where only `read` can.
        """
        ...

    def process(
        self,
        boxes: Iterator[tuple[slice, ...]],
        work: Callable[[tuple[slice, ...], NDArray[Any]], T],
        *,
        insist: bool = False,
    ) -> Generator[tuple[tuple[slice, ...], T], None, None]:
        """Each box with what `work` makes of its values, in order.

        `work` may run in several threads, while the values are in the cache; they are valid
        only until it returns. Closing the generator waits for what has begun.
        """
        ...

    @property
    def n_ahead(self) -> int:
        """Tasks that may be under way at once without taking much memory."""
        ...

    def tasks(
        self, boxes: Iterator[Box], work: Callable[[Box, NDArray[Any]], T]
    ) -> Iterator[Callable[[], Results[T]]]:
        """As `process`, for threads that several datasets share; `settled` takes the results.

        Raises:
            TooLarge, CannotRead: an obstacle; damage, here or in a task.
        """
        ...

    def settled(
        self, box: Box, result: tuple[T] | None, work: Callable[[Box, NDArray[Any]], T]
    ) -> T:
        """What a task made of a box, in the caller's thread."""
        ...


class Container(Protocol):
    """One opened file as a tree of nodes. Names are exact; () is the root."""

    source: Source
    format_hint: Format  # by structure; `documents` refines "hdf5" to the Keras kinds
    problems: tuple[Problem, ...]  # met while opening: "a writer did not close this file"

    def child_names(self, path: NodePath) -> Iterator[list[bytes]]:
        """All children, in batches, in natural order (item 2 before item 10)."""
        ...

    def describe(self, path: NodePath) -> Node:
        """Facts about one node. Never raises for a damaged node: `Unreadable` says why."""
        ...

    def walk(self) -> Iterator[tuple[NodePath, Node]]:
        """Every node below the root, each object once, hard links only; iterative."""
        ...

    def walk_names(self) -> Iterator[list[NodePath]]:
        """Every path below the root without its facts, many times faster than `walk`.

        Links and second names of an object too, but each group is entered once. In batches;
        an empty one only says that time passed.
        """
        ...

    def attributes(self, path: NodePath, start: int, count: int) -> Attributes:
        """A page of attributes with excerpts."""
        ...

    def attribute_text(self, path: NodePath, name: bytes, limit: int) -> Text | None:
        """An attribute's value as text up to `limit` characters; None: no such attribute.

        Raises:
            TooLarge: it stores more than the limit of what is read at all.
        """
        ...

    def attribute_strings(self, path: NodePath, name: bytes, limit: int) -> list[str] | None:
        """An attribute that is a list of strings (`layer_names`), decoded; None: none such."""
        ...

    def attribute_targets(
        self, path: NodePath, name: bytes, limit: int
    ) -> list[list[NodePath | None]] | None:
        """Where the references of an attribute lead inside the file, of each element a list.

        A single reference is a list of one; a record's references stand together. None: no
        such attribute, or no references.

        Raises:
            CannotRead: it is damaged or too large.
        """
        ...

    def entry_text(self, path: NodePath, limit: int) -> Text:
        """An archive entry as text."""
        ...

    def array(self, path: NodePath) -> StoredArray:
        """The values of a dataset.

        Raises:
            CannotRead: no dataset there.
        """
        ...

    def occupancy(self) -> Iterator[Occupied]:
        """What the bytes of the file serve, object by object; the rest is unaccounted for."""
        ...

    def close(self) -> None:
        """Release the library's handles; the source stays open."""
        ...


class Unopened(NamedTuple):
    """A file that is opened when its container is needed."""

    source: Source
    open: Callable[[], Container]  # what it gives is to be closed
