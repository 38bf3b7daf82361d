"""A picture's file as it is looked at: small, or whole with what its numbers are.

The rule is that of `decoding`: upright as EXIF says, the first of several pictures, what is
seen through over white or, where all that is drawn is light, over black. Grey stays grey.
"""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from h5viewer.pictures.decoding import (
    decoding,
    has_wide_numbers,
    loaded,
    may_be_clear,
    over_background,
    scaled,
    straight,
    turn_of,
)
from h5viewer.pictures.storing import ROOM, SWAPPING, note_of

_FORMS = {
    "1": "black and white", "L": "grey", "LA": "grey with opacity", "La": "grey with opacity",
    "P": "256 colours", "PA": "256 colours with opacity", "RGBa": "RGBA",
}  # fmt: skip
_WIDE = {"I;16": "grey, 16 bits", "I;16B": "grey, 16 bits", "F": "grey, 32 bits"}


class Look(msgspec.Struct, frozen=True):
    """A picture, and what its file says of it."""

    pixels: NDArray[np.uint8]  # as drawn: (rows, columns, 3) or, grey, (rows, columns)
    height: int  # in full, upright
    width: int
    form: str  # "JPEG, RGB"
    minimum: float  # of its numbers; without those of opacity
    maximum: float
    mean: float
    note: str = ""  # a sentence: what had to be decided


def small_picture(data: bytes, shown: str, side: int) -> NDArray[np.uint8]:
    """Pixels as drawn, no side longer than `side`: each the mean of those it stands for.

    Raises:
        TooLarge, CannotRead: as `decoding.decode`; `shown` names the picture.
    """
    with decoding(data, shown) as image:
        turn = turn_of(image)
        if image.format in ("JPEG", "MPO"):
            image.draft(None, (2 * side, 2 * side))  # of an eighth of the pixels at best
        with ROOM.of(image.width * image.height):
            small = _within(_plain(loaded(image)), side)
            return _drawn(small if turn is None else small.transpose(turn))[0]


def whole_picture(data: bytes, shown: str, longest: int = 0) -> Look:
    """All of it; beyond 16 million pixels, and of a side beyond `longest`, means.

    Raises:
        TooLarge, CannotRead: as `decoding.decode`; `shown` names the picture.
    """
    with decoding(data, shown) as image:
        turn = turn_of(image)
        width, height = image.size
        if turn in SWAPPING:
            width, height = height, width
        form = f"{image.format}, {_form(image.mode)}"
        notes = [note_of(image)]
        with ROOM.of(image.width * image.height):
            image = loaded(image)
            plain = _plain(image)
            numbers = np.asarray(image if has_wide_numbers(image) else plain)
            if plain.mode == "RGBA":
                numbers = numbers[..., :3]
            seen = plain if turn is None else plain.transpose(turn)
            pixels, note = _drawn(_within(seen, longest) if longest else seen)
            return Look(
                pixels, height, width, form,
                float(numbers.min()), float(numbers.max()), float(numbers.mean(dtype=np.float64)),
                " ".join(filter(None, [*notes, note])),
            )  # fmt: skip


def _form(mode: str) -> str:
    return _WIDE.get(mode) or _FORMS.get(mode, mode)


def _plain(image: Image.Image) -> Image.Image:
    """The same in grey, in colours, or in colours with opacity."""
    if has_wide_numbers(image):
        return Image.fromarray(scaled(np.asarray(image)))
    if may_be_clear(image):
        return straight(image).convert("RGBA")
    if image.mode in ("1", "L"):
        return image.convert("L")
    return image.convert("RGB")


def _within(image: Image.Image, side: int) -> Image.Image:
    longest = max(image.size)
    if longest <= side:
        return image
    width, height = (max(1, length * side // longest) for length in image.size)
    return image.resize((width, height), Image.Resampling.BOX)


def _drawn(image: Image.Image) -> tuple[NDArray[np.uint8], str]:
    pixels = np.asarray(image)
    return over_background(pixels) if image.mode == "RGBA" else (pixels, "")
