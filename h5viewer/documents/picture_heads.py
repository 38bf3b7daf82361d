"""What the first bytes of a picture's file say: its kind, and how many pixels it has.

Nothing is decoded: whoever looks through a file needs no library for pictures.
"""

from __future__ import annotations

import struct
from collections.abc import Callable

import msgspec

HEAD = 16
"""Bytes that tell what kind of file it is."""

LONGEST = 1 << 18
"""Bytes within which a file says its size: a JPEG may have a preview and a profile before."""

MOST_PIXELS = 128_000_000
"""As many as are decoded."""

_CHANNELS_OF_PNG = {0: 1, 2: 3, 3: 3, 4: 2, 6: 4}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # SOF0 … SOF15
_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length


class PictureHead(msgspec.Struct, frozen=True):
    """What a file says of itself."""

    kind: str  # "JPEG"
    height: int
    width: int
    channels: int  # 1: grey


def kind_of(head: bytes) -> str:
    """The kind of file that begins like this; "": none of pictures."""
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG"):
        return "PNG"
    if head.startswith(b"GIF8"):
        return "GIF"
    if head.startswith((b"II*\0", b"MM\0*")):
        return "TIFF"
    if head.startswith(b"BM") and head[6:10] == bytes(4) and head[14:18] in _BMP_HEADERS:
        return "BMP"
    return "WebP" if head.startswith(b"RIFF") and head[8:12] == b"WEBP" else ""


def head_of(data: bytes) -> PictureHead | None:
    """Kind and size of a file of which these are the first bytes; None: it does not say them."""
    kind = kind_of(data)
    read = _READERS.get(kind)
    if read is None:
        return None
    try:
        height, width, channels = read(data)
    except (struct.error, IndexError):
        return None
    if not 0 < height * width <= MOST_PIXELS or min(height, width) < 1:
        return None
    return PictureHead(kind, height, width, channels)


def _jpeg(data: bytes) -> tuple[int, int, int]:
    """The first frame's; raises IndexError or struct.error where there is none."""
    at = 2
    while True:
        if data[at] != 0xFF:
            raise IndexError
        marker = data[at + 1]
        if marker == 0xFF:  # may be repeated
            at += 1
        elif marker in _ALONE:
            at += 2
        elif marker in _FRAMES:
            height, width, channels = struct.unpack_from(">HHB", data, at + 5)
            return height, width, channels
        else:
            at += 2 + max(2, struct.unpack_from(">H", data, at + 2)[0])


def _png(data: bytes) -> tuple[int, int, int]:
    if data[12:16] != b"IHDR":
        raise IndexError
    width, height = struct.unpack_from(">II", data, 16)
    return height, width, _CHANNELS_OF_PNG.get(data[25], 3)


def _gif(data: bytes) -> tuple[int, int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return height, width, 3


_BMP_HEADERS = tuple(struct.pack("<I", size) for size in (12, 40, 52, 56, 64, 108, 124))


def _bmp(data: bytes) -> tuple[int, int, int]:
    if data[14:18] == _BMP_HEADERS[0]:
        width, height = struct.unpack_from("<HH", data, 18)
    else:
        width, height = struct.unpack_from("<ii", data, 18)
    return abs(height), abs(width), 3  # from top to bottom: a negative height


def _webp(data: bytes) -> tuple[int, int, int]:
    form = data[12:16]
    if form == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return height & 0x3FFF, width & 0x3FFF, 3
    if form == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits >> 14 & 0x3FFF) + 1, (bits & 0x3FFF) + 1, 4 if bits >> 28 & 1 else 3
    if form == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return height, width, 4 if data[20] & 0x10 else 3
    raise IndexError


_TIFF_SIZES = {256: "width", 257: "height", 277: "channels"}


def _tiff(data: bytes) -> tuple[int, int, int]:
    """Of the first page, where its list of tags stands near the beginning."""
    order = "<" if data[:2] == b"II" else ">"
    (at,) = struct.unpack_from(f"{order}I", data, 4)
    (count,) = struct.unpack_from(f"{order}H", data, at)
    found = {"channels": 1}
    for number in range(min(count, 512)):
        tag, kind = struct.unpack_from(f"{order}HH", data, at + 2 + 12 * number)
        if tag in _TIFF_SIZES and kind in (3, 4):
            form = f"{order}{'H' if kind == 3 else 'I'}"
            (found[_TIFF_SIZES[tag]],) = struct.unpack_from(form, data, at + 10 + 12 * number)
    if not {"width", "height"} <= set(found):
        raise IndexError
    return found["height"], found["width"], found["channels"]


_READERS: dict[str, Callable[[bytes], tuple[int, int, int]]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "GIF": _gif,
    "BMP": _bmp,
    "WebP": _webp,
    "TIFF": _tiff,
}
