"""Chosen loose pictures as `.png`, as they are drawn."""

from __future__ import annotations

from collections.abc import Iterator

from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.formats.container import Container
from h5viewer.formats.scratch import Scratch
from h5viewer.loose_pictures.drawing import whole
from h5viewer.nodes import Exported
from h5viewer.operations import Operation
from h5viewer.operations.loose_reading import LoosePictures, Stored
from h5viewer.operations.picture_reading import Taken
from h5viewer.operations.save_pictures import (
    as_png,
    chosen_loose,
    exported,
    lost_notes,
    write_all,
)
from h5viewer.requests import Progress, SavePictures
from h5viewer.wording import plural


def save_loose(
    request: SavePictures, container: Container, scratch: Scratch
) -> Operation[Exported]:
    """Write, read back, compare.

    Raises:
        CannotRead, TooLarge: no such pictures, or none that can be read.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    pictures = chosen_loose(request, container)
    encoding = _Encoding(pictures)
    encoded = encoding.each(request.indices)
    lost = yield from write_all(request, container, pictures.length, encoded, scratch)
    return exported(container, scratch, [*lost_notes(lost), *encoding.notes()])


class _Encoding:
    """Makes the files, and counts what is not as it was."""

    def __init__(self, pictures: LoosePictures) -> None:
        self._pictures = pictures
        self._n_smaller = 0

    def each(self, indices: tuple[int, ...]) -> Iterator[Progress | Taken[list[bytes]]]:
        """One file after the other.

        Raises:
            CannotRead, TooLarge: none of them can be read.
        """
        n_made = 0
        damage: H5ViewerError | None = None
        for index, stored in self._pictures.each(indices):
            yield Progress(done=0)
            try:
                result = [self._encoded(index, stored)]
                n_made += 1
            except H5ViewerError as error:
                damage, result = damage or error, None
            yield Taken((index,), result)
        if not n_made:
            raise damage or CannotRead(f"{self._pictures.title} has no pictures there.")

    def _encoded(self, index: int, stored: Stored | H5ViewerError) -> bytes:
        if isinstance(stored, H5ViewerError):
            raise stored
        look = whole(stored, self._pictures.set.layout, self._pictures.shown(index), 0)
        self._n_smaller += look.pixels.shape[:2] != (look.height, look.width)
        return as_png(look.pixels)

    def notes(self) -> Iterator[str]:
        """What came out otherwise."""
        if self._n_smaller:
            yield (
                f"{plural(self._n_smaller, 'picture')} of more than 16 million pixels were saved "
                "smaller."
            )
