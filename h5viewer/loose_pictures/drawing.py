"""Loose pictures as they are drawn: files decoded, numbers between black and white."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_layouts import arranged, axes_of_one
from h5viewer.nodes import PictureLayout
from h5viewer.operations.loose_reading import Stored
from h5viewer.operations.one_picture import range_of
from h5viewer.operations.picture_thumbnails import small_pictures
from h5viewer.pictures.looking import Look, small_picture, whole_picture
from h5viewer.wording import kind_text


def small(stored: Stored, layout: PictureLayout, shown: str, side: int) -> NDArray[np.uint8]:
    """(rows, columns, 3) or, grey, (rows, columns); no side longer than `side`.

    Raises:
        TooLarge, CannotRead: it is no picture; `shown` names it.
    """
    if isinstance(stored, bytes):
        return small_picture(stored, shown, side)
    pixels: NDArray[np.uint8] = small_pictures(*_as_one(stored, layout), side)[0]
    return pixels


def whole(stored: Stored, layout: PictureLayout, shown: str, longest: int) -> Look:
    """The same in full, but of sides beyond `longest` (0: any) means; and what it is.

    Raises:
        TooLarge, CannotRead: it is no picture; `shown` names it.
    """
    if isinstance(stored, bytes):
        return whole_picture(stored, shown, longest)
    picture, layout = _as_one(stored, layout)
    rows, columns = picture.shape[1:3]
    pixels = small_pictures(picture, layout, longest or max(rows, columns))[0]
    numbers = range_of(stored)
    return Look(
        pixels, rows, columns, kind_text(layout), numbers.least, numbers.greatest, numbers.mean
    )


def _as_one(stored: NDArray[Any], layout: PictureLayout) -> tuple[NDArray[Any], PictureLayout]:
    """(1, rows, columns, channels) by its own shape, black and white by those of its set."""
    own = msgspec.structs.replace(layout, axes=axes_of_one(stored.shape, layout.axes))
    picture = arranged(stored[None], own)
    return picture, msgspec.structs.replace(own, channels=picture.shape[-1])
