"""A picture as a data set stores it, by one stated rule (`nodes.data_sets.DataSetRecipe`)."""

from __future__ import annotations

import os
import threading
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.nodes import ColourMode, DataSetRecipe, Fit
from h5viewer.pictures.decoding import (
    MANY_PIXELS,
    check_size,
    decoding,
    has_wide_numbers,
    loaded,
    may_be_clear,
    scaled,
    straight,
    turn_of,
    which_counts,
)
from h5viewer.pictures.npy import is_npy, read_npy
from h5viewer.wording import shape_text

_N_LARGE = 8
_LARGE = 4_000_000  # pixels
_SCALED = "Its numbers are scaled to 0 … 255."
_MODES: dict[ColourMode, str] = {"rgb": "RGB", "grey": "L", "rgba": "RGBA"}
_RESAMPLING = Image.Resampling.BILINEAR
"""It widens where a picture gets smaller, so that every pixel counts, and makes no values beyond
those of its neighbours."""


class StoredPicture(msgspec.Struct, frozen=True):
    """Pixels (rows, columns) or (rows, columns, channels), 0 to 255."""

    pixels: NDArray[np.uint8]
    width: int  # of the file's picture, upright
    height: int
    note: str = ""  # what had to be decided: a sentence


def as_stored(
    data: bytes, name: str, recipe: DataSetRecipe, *, explains: bool = False
) -> StoredPicture:
    """The pixels of a picture's file, or of a `.npy` file, as a data set stores them.

    Args:
        data: all bytes of the file.
        name: names it in sentences.
        recipe: with its size.
        explains: with a note, which may take reading on.

    Raises:
        TooLarge, CannotRead: it cannot be decoded.
    """
    shown = visible(name)
    if is_npy(data):
        values = read_npy(data, shown)
        with ROOM.of(values.size):
            image = _image_of(values, shown)
            note = "" if values.dtype == np.uint8 else _SCALED
            return _stored(image, image.size, recipe, note)
    with decoding(data, shown) as image:
        turn = turn_of(image)
        size = image.size
        note = note_of(image) if explains else ""
        with ROOM.of(size[0] * size[1]):
            image = loaded(image, 2 * max(recipe.width, recipe.height))
            if turn is not None:
                image = image.transpose(turn)
                if turn in SWAPPING:
                    size = size[1], size[0]
            return _stored(image, size, recipe, note)


class _Tokens(AbstractContextManager[None]):
    """A semaphore for all processes that are forked after it was made."""

    def __init__(self, count: int) -> None:
        self.descriptors = self._taking, self._giving = os.pipe()
        os.write(self._giving, b"." * count)

    def __enter__(self) -> None:
        os.read(self._taking, 1)

    def __exit__(self, *_: object) -> None:
        os.write(self._giving, b".")


class _Room:
    """Memory that all share who decode for one data set.

    Of the widest pictures one is decoded at a time, of wide ones (up to 256 MB each on their
    way) eight.
    """

    def __init__(self) -> None:
        self._huge: AbstractContextManager[object] = threading.Lock()
        self._large: AbstractContextManager[object] = threading.BoundedSemaphore(_N_LARGE)

    def share(self) -> tuple[int, ...]:
        """Share it with processes that are forked now; the descriptors which that takes."""
        self._huge, self._large = huge, large = _Tokens(1), _Tokens(_N_LARGE)
        return huge.descriptors + large.descriptors

    def of(self, n_pixels: int) -> AbstractContextManager[object]:
        """Wait until there is memory for so many."""
        if n_pixels > MANY_PIXELS:
            return self._huge
        return self._large if n_pixels > _LARGE else nullcontext()


ROOM = _Room()


SWAPPING = (
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_270,
    Image.Transpose.TRANSPOSE,
    Image.Transpose.TRANSVERSE,
)


def size_of(data: bytes, name: str) -> tuple[int, int]:
    """Width and height of a picture, upright, from its first bytes at best.

    Raises:
        TooLarge, CannotRead: it is none, or its beginning is damaged.
    """
    shown = visible(name)
    if is_npy(data):
        return _image_of(read_npy(data, shown), shown).size
    with decoding(data, shown) as image:
        width, height = image.size
        return (height, width) if turn_of(image) in SWAPPING else (width, height)


def fitted(image: Image.Image, width: int, height: int, fit: Fit) -> Image.Image:
    """The picture in another size.

    `pad`: as large as fits, in the middle of black (of nothing, where it has alpha); `crop`: the
    largest part around its middle that has the proportions, to a pixel.
    """
    if image.size == (width, height):
        return image
    if fit == "stretch":
        return image.resize((width, height), _RESAMPLING)
    if fit == "crop":
        part = image.crop(_part(image.size, width, height))
        return part.resize((width, height), _RESAMPLING)
    inner = _inner(image.size, width, height)
    if inner == (width, height):
        return image.resize(inner, _RESAMPLING)
    padded = Image.new(image.mode, (width, height))
    padded.paste(
        image.resize(inner, _RESAMPLING), ((width - inner[0]) // 2, (height - inner[1]) // 2)
    )
    return padded


def _part(size: tuple[int, int], width: int, height: int) -> tuple[int, int, int, int]:
    """Left, upper, right, lower edge; what is left over on both sides differs by one at most."""
    if size[0] * height > size[1] * width:  # wider than wanted
        kept = max(1, (2 * size[1] * width + height) // (2 * height)), size[1]
    else:
        kept = size[0], max(1, (2 * size[0] * height + width) // (2 * width))
    left, upper = (size[0] - kept[0]) // 2, (size[1] - kept[1]) // 2
    return left, upper, left + kept[0], upper + kept[1]


def _inner(size: tuple[int, int], width: int, height: int) -> tuple[int, int]:
    """The size that keeps the proportions, rounded to the nearest."""
    if size[0] * height > size[1] * width:
        return width, max(1, (2 * size[1] * width + size[0]) // (2 * size[0]))
    return max(1, (2 * size[0] * height + size[1]) // (2 * size[1])), height


def _stored(
    image: Image.Image, size: tuple[int, int], recipe: DataSetRecipe, note: str
) -> StoredPicture:
    image = fitted(_coloured(image, recipe.colour), recipe.width, recipe.height, recipe.fit)
    return StoredPicture(np.asarray(image), *size, note)


def _coloured(image: Image.Image, colour: ColourMode) -> Image.Image:
    """In the mode that is stored."""
    if has_wide_numbers(image):
        image = Image.fromarray(scaled(np.asarray(image)))
    wanted = _MODES[colour]
    if image.mode == wanted:
        return image if "transparency" not in image.info else _over_white(image, wanted)
    if colour != "rgba" and may_be_clear(image):
        return _over_white(image, wanted)
    image = straight(image)
    if wanted == "L" and image.mode != "1":  # a palette has other greys by itself
        image = image.convert("RGB")
    return image.convert(wanted)


def _over_white(image: Image.Image, wanted: str) -> Image.Image:
    seen = straight(image).convert("RGBA")
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(seen, mask=seen)  # rounds to the nearest
    return white.convert(wanted)


def _image_of(values: NDArray[Any], shown: str) -> Image.Image:
    """Numbers of a `.npy` file: (rows, columns) or with 1, 3 or 4 channels behind."""
    if values.ndim == 3 and values.shape[2] == 1:
        values = values[:, :, 0]
    if values.dtype.kind not in "buif" or not (
        values.ndim == 2 or (values.ndim == 3 and values.shape[2] in (3, 4))
    ):
        raise CannotRead(
            f"{shown} holds numbers of the shape {shape_text(values.shape)}, which is no picture.",
            hint="Rows, columns and 3 or 4 channels are.",
        )
    check_size(values.shape[1], values.shape[0], shown)
    return Image.fromarray(np.ascontiguousarray(scaled(values)))


def note_of(image: Image.Image) -> str:
    """What is decided about it, a sentence: which of several pictures counts, other numbers."""
    return which_counts(image) or (_SCALED if has_wide_numbers(image) else "")
