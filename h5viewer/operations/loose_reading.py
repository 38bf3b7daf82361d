"""Pictures that stand each by itself: one by one, as bytes of a file or as an array."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_layouts import axes_of_one
from h5viewer.documents.picture_looks import looks_of
from h5viewer.documents.stored import has_attribute
from h5viewer.errors import CannotRead, H5ViewerError, TooLarge
from h5viewer.formats.boxes import Box, whole
from h5viewer.formats.container import Container, StoredArray
from h5viewer.names import NodePath, path_text, plain, visible
from h5viewer.nodes import Dataset, PictureLayout, PictureSet
from h5viewer.operations.cuts import as_numbers, named, require_numbers
from h5viewer.operations.picture_reading import require_positions
from h5viewer.wording import bytes_text, plural

LARGEST = 64 << 20
"""Bytes of a picture as it is stored."""

_TOGETHER = 8 << 20  # bytes of elements of one size that are read at once
_NEAR = 64  # elements of one size from the first to the last of those
_NAMES = "names of pictures"

Stored = bytes | NDArray[Any]
"""The bytes of a file, or numbers as (rows, columns) or with channels before or behind."""


class LoosePictures:
    """The pictures of one set, as they are stored."""

    def __init__(self, container: Container, pictures: PictureSet) -> None:
        """Nothing is read yet.

        Raises:
            CannotRead: they are not there any more.
        """
        self._container = container
        self.set = pictures
        self.title = visible(path_text(pictures.place))
        self._array: StoredArray | None = None
        self._paths: list[NodePath] = []
        if pictures.storage == "elements":
            self._array = container.array(pictures.node)
            self.length = element_count(self._array.facts)
        else:
            self._paths = member_paths(container, pictures)
            self.length = len(self._paths)
        if self.length != pictures.n_pictures:
            raise CannotRead(
                f"{self.title} holds {plural(self.length, 'picture')}, not "
                f"{pictures.n_pictures:,} as before.",
                hint="Reload the file.",
            )

    def require(self, indices: Sequence[int]) -> None:
        """Raise for positions beyond the last picture.

        Raises:
            CannotRead: there is one.
        """
        require_positions(indices, self.length, self.title)

    def name(self, index: int) -> str:
        """What its dataset is called; of an element nothing."""
        return visible("/".join(map(plain, self._paths[index]))) if self._paths else ""

    def shown(self, index: int) -> str:
        """What it is called in sentences."""
        return f"Picture {index:,} of {self.title}"

    def each(self, indices: Sequence[int]) -> Iterator[tuple[int, Stored | H5ViewerError]]:
        """Every picture as it is stored, in ascending order; or why it cannot be read."""
        array = self._array
        wanted = sorted(set(indices))
        if array is None or array.facts.dtype.kind == "vlen":
            for index in wanted:
                yield index, self._alone(index)
            return
        for run in _runs(wanted, element_bytes(array.facts)):
            yield from self._run(array, run)

    def one(self, index: int) -> Stored:
        """One picture.

        Raises:
            CannotRead, TooLarge: damage, or far too many bytes.
        """
        (found,) = (stored for _, stored in self.each([index]))
        if isinstance(found, H5ViewerError):
            raise found
        return found

    def _alone(self, index: int) -> Stored | H5ViewerError:
        try:
            if self._array is not None:
                return bytes_of(self._array.read(element_box(self._array.facts, index, index + 1)))
            path = (*self.set.node, *self._paths[index])
            return read_member(self._container, path, are_files=bool(self.set.encoding))
        except H5ViewerError as error:
            return error

    def _run(
        self, array: StoredArray, run: Sequence[int]
    ) -> Iterator[tuple[int, Stored | H5ViewerError]]:
        first, stop = run[0], run[-1] + 1
        try:
            values = array.read(element_box(array.facts, first, stop))
        except H5ViewerError as error:
            if len(run) == 1:
                yield run[0], error
            else:  # what is damaged costs itself alone
                for index in run:
                    yield from self._run(array, [index])
            return
        rows = values.reshape(stop - first, -1)
        for index in run:
            yield index, bytes_of(rows[index - first])


def _runs(wanted: Sequence[int], n_bytes: int) -> Iterator[list[int]]:
    """Those that are read at once."""
    run: list[int] = []
    for index in wanted:
        n_spanned = index - run[0] + 1 if run else 1
        if run and (n_spanned > _NEAR or n_spanned * n_bytes > _TOGETHER):
            yield run
            run = []
        run.append(index)
    if run:
        yield run


# ------------------------------------------------------------------ elements


def element_count(facts: Dataset) -> int:
    """How many files there may be in a dataset; bytes along two axes are one a row."""
    return (facts.shape or (0,))[0] if _is_filled_up(facts) else facts.n_elements


def element_bytes(facts: Dataset) -> int:
    """Of each, where all are of one size."""
    columns = (facts.shape or (1, 1))[1] if _is_filled_up(facts) else 1
    return max(1, columns * facts.dtype.itemsize)


def element_box(facts: Dataset, start: int, stop: int) -> Box:
    """Where files `start` to `stop` are."""
    shape = facts.shape or ()
    if _is_filled_up(facts):
        return (slice(start, stop), slice(0, shape[1]))
    longest = max(range(len(shape)), key=lambda axis: shape[axis])
    return tuple(
        slice(start, stop) if axis == longest else slice(0, 1) for axis in range(len(shape))
    )


def _is_filled_up(facts: Dataset) -> bool:
    return facts.dtype.kind in ("uint", "int")


def bytes_of(values: NDArray[Any]) -> bytes:
    """Of one element: a list of bytes, a text of fixed length, bytes without meaning."""
    if not values.dtype.hasobject:
        return values.tobytes()
    first = values.reshape(-1)[0] if values.size else b""
    if isinstance(first, bytes):
        return first
    if isinstance(first, np.ndarray) and not first.dtype.hasobject:
        return first.tobytes()
    return b""


# ------------------------------------------------------------------ datasets in a group


def member_paths(container: Container, pictures: PictureSet) -> list[NodePath]:
    """Where each picture is below the group, in natural order; kept for the next questions."""
    found: list[NodePath] = _members(container, pictures)[0]
    return found


def class_names(container: Container, pictures: PictureSet) -> list[bytes]:
    """The groups that are classes."""
    found: list[bytes] = _members(container, pictures)[2]
    return found


def member_classes(container: Container, pictures: PictureSet) -> NDArray[np.int32]:
    """Of each picture, in which of these groups it is."""
    found: NDArray[np.int32] = _members(container, pictures)[1]
    return found


def _members(
    container: Container, pictures: PictureSet
) -> tuple[list[NodePath], NDArray[np.int32], list[bytes]]:
    kept = container.source.kept
    key = (_NAMES, pictures.node, pictures.left_out, pictures.member, pictures.has_classes)
    if key not in kept:
        names = _names(container, pictures.node, set(pictures.left_out))
        classes: list[int] = []
        if pictures.has_classes:
            paths: list[NodePath] = []
            for number, name in enumerate(names):
                inner = _names(container, (*pictures.node, name), set())
                paths += [(name, each) for each in inner]
                classes += [number] * len(inner)
        elif pictures.member:
            paths = [(name, pictures.member) for name in names]
        else:
            paths = [(name,) for name in names]
        kept[key] = paths, np.array(classes, np.int32), names
    found: tuple[list[NodePath], NDArray[np.int32], list[bytes]] = kept[key]
    return found


def _names(container: Container, group: NodePath, left_out: set[bytes]) -> list[bytes]:
    return [
        name for names in container.child_names(group) for name in names if name not in left_out
    ]


def read_member(container: Container, path: NodePath, *, are_files: bool) -> Stored:
    """The picture that is a dataset.

    Raises:
        CannotRead, TooLarge: no dataset, of another form, too large, damage.
    """
    array = container.array(path)
    facts = array.facts
    if facts.declared_bytes > LARGEST:
        raise TooLarge(f"{named(facts)} has {bytes_text(facts.declared_bytes)}.")
    if are_files:
        return bytes_of(array.read(whole(facts.shape or ())))
    require_numbers(facts, insist=False)
    if as_one(facts) is None:
        raise CannotRead(f"{named(facts)} is no picture.")
    values = as_numbers(array.read(whole(facts.shape or ())))
    return values.T if is_turned(container, path) else values


def is_turned(container: Container, path: NodePath) -> bool:
    """True for what MATLAB wrote, which turns all axes round: read, they are turned back."""
    return has_attribute(container, path, "MATLAB_class")


def as_one(facts: Dataset) -> PictureLayout | None:
    """How a dataset is one picture; None: it is none."""
    shape = facts.shape or ()
    axes = axes_of_one(shape)
    if not axes or facts.dtype.kind not in ("uint", "float", "int", "bool", "bfloat16"):
        return None
    sizes = dict(zip(axes[1:], shape, strict=True))
    return PictureLayout(axes=axes, height=sizes["h"], width=sizes["w"], channels=sizes.get("c", 1))


def ranged(layout: PictureLayout, some: Sequence[NDArray[Any]]) -> PictureLayout:
    """With black and white as the numbers of some pictures say."""
    looks = looks_of(np.concatenate([each.reshape(-1) for each in some])) if some else None
    if looks is None or not looks.low < looks.high:
        return layout
    return msgspec.structs.replace(layout, low=float(looks.low), high=float(looks.high))
