"""From the bytes of a picture's file to pixels: upright, three channels or with alpha, 0 to 255.

Nothing is decoded before its size is known to be bearable, and of a picture with many
frames or pages the first one counts.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.names import visible
from h5viewer.pictures.npy import is_npy, read_npy

MOST_PIXELS = 128_000_000
"""A telephone's 108 million are read; 30,000 x 30,000 are not: 2.7 GB as colours."""

MANY_PIXELS = 16_000_000
"""Beyond it a picture is made smaller while it is decoded."""

_MOST_SCANNED = 4_000_000_000  # pixels, in all passes of a JPEG together: 4 s; usual are 10 passes
_SCAN = b"\xff\xda"  # begins one
_AIM = 2048  # pixels a side, then
_ORIENTATION = 0x0112  # of EXIF
_WITH_ALPHA = ("RGBA", "RGBa", "LA", "La", "PA")
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_UNREADABLE = (
    (b"ftypheic", "a HEIC picture"),
    (b"ftypheix", "a HEIC picture"),
    (b"ftypmif1", "a HEIF picture"),
    (b"%PDF-", "a PDF document"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an SVG drawing or another XML file"),
    (b"%!PS", "a PostScript file"),
)

# What Pillow's decoders let through when a file is damaged: found by `test_pictures`, which
# damages each kind at hundreds of places.
DAMAGE = (
    OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, OverflowError,
    ZeroDivisionError, AttributeError, RuntimeError, AssertionError, struct.error, zlib.error,
)  # fmt: skip

# Our own limit is stricter, and says it in a sentence.
Image.MAX_IMAGE_PIXELS = None
Image.init()  # every format's module now: a confined worker can import nothing

# Not EPS, PDF, WMF: they are programs. Some builds of Pillow lack a library.
_WANTED = (
    "PNG", "JPEG", "GIF", "BMP", "DIB", "WEBP", "TIFF", "AVIF", "PPM", "JPEG2000", "TGA", "ICO",
    "QOI",
)  # fmt: skip
_FORMATS = tuple(name for name in _WANTED if name in Image.OPEN)


class Picture(msgspec.Struct, frozen=True):
    """Pixels (rows, columns, 3), RGB, 0 to 255, upright."""

    pixels: NDArray[np.uint8]
    note: str = ""  # what had to be decided: a sentence
    with_alpha: NDArray[np.uint8] | None = None  # (rows, columns, 4), as stored, where it is asked


def decode(data: bytes, name: str, *, keeps_alpha: bool = False) -> Picture | NDArray[Any]:
    """The picture of a file, or the numbers of a `.npy` file.

    Args:
        keeps_alpha: it is for a network that has a channel for it.

    Raises:
        TooLarge: more pixels than are worth it.
        CannotRead: no picture, damaged, cut short. The sentence names it.
    """
    shown = visible(name) or "The picture"
    if is_npy(data):
        return read_npy(data, shown)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about odd metadata, of which nothing is used
        with decoding(data, shown) as image:
            return _pixels(image, keeps_alpha)


@contextmanager
def decoding(data: bytes, shown: str) -> Iterator[Image.Image]:
    """The picture of a file, of which nothing is decoded yet; what goes wrong in the block is told.

    Args:
        shown: names it in sentences.

    Raises:
        TooLarge, CannotRead: as `decode`.

    Pillow warns about odd metadata: threads share what is done about that, so not here.
    """
    if not data:
        raise CannotRead(f"{shown} is empty (0 bytes).", hint="Choose another picture.")
    image = _opened(data, shown)
    check_size(image.width, image.height, shown)
    _check_scans(image, data, shown)
    if image.mode == "LAB":
        raise CannotRead(
            f"{shown} has CIE Lab colours, which are not read here.", hint="Save it as RGB."
        )
    try:
        yield image
    except MemoryError as error:
        raise TooLarge(
            f"{shown} has {image.width:,} x {image.height:,} pixels: "
            "too many for the memory there is.",
            hint="Save a smaller copy of it.",
        ) from error
    except CannotRead:
        raise
    except DAMAGE as error:
        raise _damaged(shown, error) from error


def _opened(data: bytes, shown: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError as error:
        what = next((kind for magic, kind in _UNREADABLE if magic in data[:64]), "")
        if what:
            raise CannotRead(
                f"{shown} is {what}, which is not read here.",
                hint="Save it as JPEG or PNG.",
            ) from error
        raise CannotRead(
            f"{shown} is no picture that can be read, or its beginning is damaged.",
            hint="JPEG, PNG, WebP, BMP, TIFF, GIF and .npy are.",
        ) from error
    except DAMAGE as error:
        raise _damaged(shown, error) from error


def check_size(width: int, height: int, shown: str) -> None:
    """Raise for a picture that is not worth decoding.

    Raises:
        TooLarge, CannotRead: it has too many pixels, or none.
    """
    if width < 1 or height < 1:
        raise CannotRead(f"{shown} has no pixels.", hint="Choose another picture.")
    if width * height > MOST_PIXELS:
        raise TooLarge(
            f"{shown} has {width:,} x {height:,} pixels; "
            f"at most {MOST_PIXELS // 1_000_000} million are decoded.",
            hint="Save a smaller copy of it.",
        )


def _check_scans(image: Image.Image, data: bytes, shown: str) -> None:
    """Refuse a JPEG that goes over all its pixels thousands of times: 82 bytes each time.

    Raises:
        TooLarge: it does.
    """
    if image.format in ("JPEG", "MPO"):
        n_scans = data.count(_SCAN)
        if n_scans * image.width * image.height > _MOST_SCANNED:
            raise TooLarge(
                f"{shown} is stored in {n_scans:,} passes over its pixels, which would take long.",
                hint="Open and save it with a picture editor.",
            )


def _damaged(shown: str, error: BaseException) -> CannotRead:
    text = str(error).lower()
    if "truncated" in text or "not enough" in text or isinstance(error, EOFError):
        return CannotRead(
            f"{shown} is cut short: part of the picture is missing.",
            hint="The copy or download is probably incomplete; fetch it again.",
            details=str(error),
        )
    return CannotRead(
        f"{shown} is damaged: its picture cannot be decoded.",
        hint="Fetch it again, or open and save it with a picture editor.",
        details=f"{type(error).__name__}: {error}",
    )


def _pixels(image: Image.Image, keeps_alpha: bool) -> Picture:
    turn = turn_of(image)
    whole = loaded(image)
    pixels, note = _colours(whole)
    pixels, with_alpha = _turned(pixels, turn), None
    if keeps_alpha and may_be_clear(whole):
        with_alpha = _turned(_rgba(whole), turn)
        note = "Its transparency is the network's fourth channel." if note else ""
    return Picture(pixels, " ".join(filter(None, (which_counts(image), note))), with_alpha)


def _turned(pixels: NDArray[np.uint8], turn: Image.Transpose | None) -> NDArray[np.uint8]:
    return pixels if turn is None else np.asarray(Image.fromarray(pixels).transpose(turn))


def which_counts(image: Image.Image) -> str:
    """Of a file with several pictures, a sentence; a photograph beside its preview is one."""
    with suppress(*DAMAGE):  # of another picture of the file
        if getattr(image, "is_animated", False) and image.format != "MPO":
            return "The first of its pictures counts."
    return ""


def loaded(image: Image.Image, wanted: int = 0) -> Image.Image:
    """Decode it; one of very many pixels becomes smaller, some 2048 a side and more.

    Args:
        wanted: neither of its sides becomes shorter than that by it.
    """
    if image.width * image.height > MANY_PIXELS and image.format in ("JPEG", "MPO"):
        image.draft(None, (max(wanted, _AIM),) * 2)
    image.load()
    return _smaller(image, wanted)


def turn_of(image: Image.Image) -> Image.Transpose | None:
    """What EXIF asks for; a damaged EXIF block asks for nothing.

    TIFF files Pillow turns by itself while it loads them.
    """
    if image.format == "TIFF":
        return None
    try:
        return _TURNS.get(image.getexif().get(_ORIENTATION, 1))
    except DAMAGE:
        return None


def _smaller(image: Image.Image, wanted: int) -> Image.Image:
    """A picture of bearable size: each pixel the mean of a square of them."""
    factor = max(image.width, image.height) // _AIM
    if wanted:
        factor = min(factor, min(image.size) // wanted)
    if image.width * image.height <= MANY_PIXELS or factor < 2:
        return image
    if image.mode.startswith("I;16"):
        return image.convert("I").reduce(factor).convert("I;16")
    if image.mode == "1":
        image = image.convert("L")
    elif image.mode in ("P", "PA"):
        image = image.convert("RGBA" if may_be_clear(image) else "RGB")
    return image.reduce(factor)


def _colours(image: Image.Image) -> tuple[NDArray[np.uint8], str]:
    """Pixels (rows, columns, 3) and what had to be decided."""
    if has_wide_numbers(image):
        return grey_to_pixels(np.asarray(image)), ""
    if may_be_clear(image):
        return over_background(_rgba(image))
    return np.asarray(image.convert("RGB")), ""


def _rgba(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(straight(image).convert("RGBA"))


def has_wide_numbers(image: Image.Image) -> bool:
    """Whether it is grey in more than 8 bits."""
    return image.mode.startswith("I") or image.mode == "F"


def may_be_clear(image: Image.Image) -> bool:
    """Whether something may be seen through it: it has alpha, or a colour that stands for it."""
    return image.mode in _WITH_ALPHA or "transparency" in image.info


def straight(image: Image.Image) -> Image.Image:
    """Of premultiplied grey its straight form, by way of which alone Pillow converts it."""
    return image.convert("LA") if image.mode == "La" else image


def grey_to_pixels(values: NDArray[Any]) -> NDArray[np.uint8]:
    """(rows, columns) of any range as (rows, columns, 3), 0 to 255.

    Whole numbers count by their type: 16 bits from 0 to 65535. Broken numbers within 0 ... 1
    and within 0 ... 255 count as such; everything else is stretched from its lowest to its
    highest.
    """
    grey = scaled(values)
    return np.repeat(grey[:, :, None], 3, axis=2)


def scaled(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Numbers of any range and shape as 0 to 255, by the rule of `grey_to_pixels`."""
    if values.dtype == np.uint8:
        return values
    if values.dtype == np.bool_:
        return values.astype(np.uint8) * np.uint8(255)
    numbers = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(numbers.min()), float(numbers.max())
    is_whole = values.dtype.kind in "iu"
    if is_whole and low >= 0 and high <= 255 and values.dtype.itemsize != 2:
        low, high = 0.0, 255.0
    elif is_whole and low >= 0 and high <= 65535:
        low, high = 0.0, 65535.0
    elif not is_whole and low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif not is_whole and low >= 0 and high <= 255:
        low, high = 0.0, 255.0
    if high <= low:
        return np.zeros(values.shape, np.uint8)
    return np.rint((numbers - low) * (255 / (high - low))).astype(np.uint8)


def over_background(rgba: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], str]:
    """A transparent picture over white, or over black where all that is drawn is light."""
    colours = rgba[:, :, :3].astype(np.float32)
    alpha = rgba[:, :, 3:].astype(np.float32) / 255
    if alpha.min() >= 1:
        return np.ascontiguousarray(rgba[:, :, :3]), ""
    weight = float(alpha.sum())
    drawn = float((colours.mean(axis=2, keepdims=True) * alpha).sum()) / weight if weight else 0.0
    background, word = (0.0, "black") if drawn > 204 else (255.0, "white")
    pixels = np.rint(colours * alpha + background * (1 - alpha)).astype(np.uint8)
    return pixels, f"Where the picture is transparent, it counts as {word}."
