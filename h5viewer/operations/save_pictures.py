"""Chosen pictures of a data set as `.png`: one by itself, or any number in a `.zip`."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_layouts import drawn
from h5viewer.documents.safe_names import SafeNames
from h5viewer.errors import CannotRead, CannotWrite, TooLarge
from h5viewer.formats.checked_writing import CheckedWriting
from h5viewer.formats.container import Container
from h5viewer.formats.png_writing import PngWriting
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.zip_writing import ZipWriting
from h5viewer.nodes import Exported, ExportPart, ExportPlan, PictureLayout
from h5viewer.operations import Operation
from h5viewer.operations.cuts import named
from h5viewer.operations.loose_reading import LoosePictures
from h5viewer.operations.picture_labels import all_classes
from h5viewer.operations.picture_reading import Pictures, Taken
from h5viewer.requests import Progress, SavePictures
from h5viewer.wording import bytes_text, plural

_MOST = 2_000_000  # pictures of one archive
_LARGEST = 256 << 20  # bytes of a picture, which is held as a whole
_OVERHEAD = 200  # bytes of an entry besides its pixels
_PACKED = 0.7  # of the pixels, which are bytes: about what PNG makes of photographs


def plan_save_pictures(request: SavePictures, container: Container) -> Operation[ExportPlan]:
    """What would go in.

    Raises:
        CannotRead, CannotWrite: as `save_pictures`.
    """
    n_chosen = len(set(request.indices))
    layout = request.pictures.layout
    n_pixels = layout.height * layout.width * (layout.channels if layout.channels >= 3 else 1)
    if request.pictures.is_loose:
        name, n_bytes = chosen_loose(request, container).title, n_pixels
        notes: Sequence[str] = ()
    else:
        pictures = _chosen(request, container)
        name, n_bytes = named(pictures.array.facts), pictures.picture_bytes
        notes = tuple(_notes(pictures, ()))
    yield Progress(done=1, total=1)
    return ExportPlan(
        kept=(
            ExportPart(
                name=name,
                n_bytes=min(n_chosen * n_bytes, 2**60),
                n_items=n_chosen,
                item="picture",
            ),
        ),
        left_out=(),
        bytes_before=0,  # the file is no measure for a part of it
        bytes_after=min(int(n_chosen * (_OVERHEAD + _PACKED * n_pixels)), 2**60),
        is_estimate=True,
        notes=tuple(notes),
    )


def save_pictures(
    request: SavePictures, container: Container, scratch: Scratch
) -> Operation[Exported]:
    """Write, read back, compare.

    Raises:
        CannotRead, TooLarge: no such pictures, or none that can be read.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    pictures = _chosen(request, container)
    encoded = _encoded(pictures, request.indices)
    lost = yield from write_all(request, container, pictures.length, encoded, scratch)
    return exported(container, scratch, _notes(pictures, lost))


def exported(container: Container, scratch: Scratch, notes: Iterable[str]) -> Exported:
    """What came of it.

    Raises:
        CannotRead: the document changed meanwhile.
    """
    container.source.check_unchanged()
    return Exported(
        bytes_before=container.source.size_with_companions,
        bytes_after=scratch.size,
        n_weights=0,
        n_identical=0,
        notes=tuple(notes),
    )


def _chosen(request: SavePictures, container: Container) -> Pictures:
    """The set, of which the request names pictures.

    Raises:
        CannotRead, CannotWrite, TooLarge: they cannot be saved like this.
    """
    pictures = Pictures(container, request.pictures)
    pictures.require(request.indices)
    _check(request)
    if pictures.picture_bytes > _LARGEST:
        raise TooLarge(
            f"A picture of {named(pictures.array.facts)} has {bytes_text(pictures.picture_bytes)}.",
            hint="Save a part of the dataset as a picture.",
        )
    return pictures


def chosen_loose(request: SavePictures, container: Container) -> LoosePictures:
    """The set of loose pictures, of which the request names some.

    Raises:
        CannotRead, CannotWrite: they cannot be saved like this.
    """
    pictures = LoosePictures(container, request.pictures)
    pictures.require(request.indices)
    _check(request)
    return pictures


def _check(request: SavePictures) -> None:
    if request.classes and len(request.classes) != len(request.indices):
        raise CannotRead("There is not one class for each of the pictures.")
    if not request.indices or len(request.indices) > _MOST:
        raise CannotRead(f"From one to {_MOST:,} pictures can be saved at once.")
    if not _is_archive(request):
        if not request.target.lower().endswith(".png"):
            raise CannotWrite(
                f"{request.target} does not say how the pictures are to be written.",
                hint="Choose a name that ends in .png or .zip.",
            )
        if len(set(request.indices)) > 1:
            raise CannotWrite(
                "A .png file holds one picture.", hint="Choose a name that ends in .zip."
            )


def _is_archive(request: SavePictures) -> bool:
    return request.target.lower().endswith(".zip")


# ------------------------------------------------------------------------ writing


def write_all(
    request: SavePictures,
    container: Container,
    length: int,
    encoded: Iterator[Progress | Taken[list[bytes]]],
    scratch: Scratch,
) -> Generator[Progress, None, tuple[int, ...]]:
    """Write files as they come, read them back; returns the positions of those that are damaged.

    Args:
        length: how many pictures the set has.
        encoded: the chosen ones as `.png`.

    Raises:
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    if _is_archive(request):
        return (yield from _write_archive(request, container, length, encoded, scratch))
    yield from _write_one(request, encoded, scratch)
    return ()


def _write_one(
    request: SavePictures, encoded: Iterator[Progress | Taken[list[bytes]]], scratch: Scratch
) -> Generator[Progress, None, None]:
    writing = CheckedWriting(scratch, request.target)
    for taken in encoded:
        if isinstance(taken, Progress):
            yield taken
        elif taken.result is not None:
            writing.write(taken.result[0])
    yield from _read_back(writing.read_back(), writing.position)


def _write_archive(
    request: SavePictures,
    container: Container,
    length: int,
    encoded: Iterator[Progress | Taken[list[bytes]]],
    scratch: Scratch,
) -> Generator[Progress, None, tuple[int, ...]]:
    names = yield from _names(request, container, length)
    writing = ZipWriting(scratch, request.target)
    lost: list[int] = []
    done, total, n_bytes = 0, len(set(request.indices)), 0
    for taken in encoded:
        if isinstance(taken, Progress):
            continue
        done += len(taken.wanted)
        if taken.result is None:
            lost += taken.wanted
            continue
        for index, data in zip(taken.wanted, taken.result, strict=True):
            n_bytes += sum(writing.add(names.of(index), len(data), iter([data])))
        yield Progress(done=done, total=total, unit="pictures", text="Saving…")
    writing.close()
    yield from _read_back(writing.read_back(), n_bytes)
    return tuple(lost)


def _read_back(pieces: Iterator[int], total: int) -> Generator[Progress, None, None]:
    done = 0
    for n_bytes in pieces:
        done += n_bytes
        yield Progress(done=done, total=total, unit="bytes", text="Reading back…")


class _Names(msgspec.Struct):
    """What entries are called."""

    digits: int
    classes: NDArray[np.int32] | None
    folders: list[str] = []

    def of(self, index: int) -> str:
        """`cat/000123.png`; without a class: `000123.png`."""
        number = -1 if self.classes is None else int(self.classes[index])
        folder = f"{self.folders[number]}/" if 0 <= number < len(self.folders) else ""
        return f"{folder}{index:0{self.digits}}.png"


def _names(
    request: SavePictures, container: Container, length: int
) -> Generator[Progress, None, _Names]:
    classes: NDArray[np.int32] | None = None
    if request.classes:
        classes, names = np.full(length, -1, np.int32), request.class_names
        classes[list(request.indices)] = request.classes
    else:
        found = yield from all_classes(container, request.pictures)
        names = request.pictures.label_names
        # a picture of several classes stands in no folder
        classes = None if found is None or found.ndim > 1 else found.astype(np.int32)
    safe = SafeNames()
    folders = [safe.new(name.replace("/", "_")) for name in names]
    return _Names(len(str(max(0, length - 1))), classes, folders)


# ------------------------------------------------------------------------ pictures


def _encoded(
    pictures: Pictures, indices: tuple[int, ...]
) -> Iterator[Progress | Taken[list[bytes]]]:
    layout = pictures.layout
    side = max(layout.height, layout.width)  # nothing is thinned out
    return pictures.each(indices, partial(_all_as_png, layout=layout), side)


def _all_as_png(pictures: NDArray[Any], layout: PictureLayout) -> list[bytes]:
    """(pictures, rows, columns, channels) as stored → files, by several threads."""
    return [as_png(picture) for picture in _saved(pictures, layout)]


def _saved(pictures: NDArray[Any], layout: PictureLayout) -> NDArray[Any]:
    """As they are drawn; with their fourth channel, and with 16 bits where they have as many."""
    if pictures.dtype == np.uint16 and (layout.low, layout.high) == (0, 65_535):
        n_channels = pictures.shape[-1]
        shown = pictures[..., :3] if n_channels >= 3 else pictures[..., :1]
        return shown[..., ::-1] if layout.is_bgr else shown
    shown = drawn(pictures, layout)
    if pictures.shape[-1] == 4:
        alpha = drawn(pictures[..., 3:], layout)
        shown = np.concatenate([shown, alpha[..., None]], axis=-1)
    return shown


def as_png(picture: NDArray[Any]) -> bytes:
    """A file of (rows, columns) or (rows, columns, channels)."""
    parts: list[bytes] = []
    n_channels = 1 if picture.ndim == 2 else picture.shape[-1]
    writing = PngWriting(
        parts.append, picture.shape[0], picture.shape[1], n_channels, picture.dtype
    )
    writing.rows(picture)
    writing.close()
    return b"".join(parts)


def _notes(pictures: Pictures, lost: tuple[int, ...]) -> Iterator[str]:
    layout = pictures.layout
    dtype = pictures.array.facts.dtype
    is_exact = (dtype.kind, dtype.itemsize, layout.low, layout.high) in (
        ("uint", 1, 0, 255),
        ("uint", 2, 0, 65_535),
    )
    if not is_exact:
        yield f"Drawn from {layout.low:.6g} (black) to {layout.high:.6g} (white)."
    yield from lost_notes(lost)


def lost_notes(lost: Sequence[int]) -> Iterator[str]:
    """A sentence about pictures that could not be read."""
    if lost:
        yield f"{plural(len(lost), 'picture is', 'pictures are')} damaged and not in the archive."
