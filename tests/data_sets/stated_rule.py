"""What a data set is to hold, worked out again without the program and without Pillow's resizing.

Pictures are decoded by Pillow, turned, put over white and scaled here with NumPy alone, as the
documents state it; splits and order by BLAKE2b.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
_BITS = 22  # of Pillow's weights


def stored(path: Path, width: int, height: int, fit: str, colour: str) -> tuple[Pixels, Pixels]:
    """(rows, columns, channels): scaled across and then down, and the other way round.

    Either is right: Pillow takes what is less work, and which that is differs by its version.
    """
    made = [_stored(path, width, height, fit, colour, order) for order in ((1, 0), (0, 1))]
    return made[0], made[1]


def _stored(
    path: Path, width: int, height: int, fit: str, colour: str, order: tuple[int, int]
) -> Pixels:
    with Image.open(path) as image:
        pixels = _coloured(_upright(image), colour)
    rows, columns = pixels.shape[:2]
    if fit == "stretch":
        return _scaled(pixels, (height, width), order)
    if fit == "crop":
        kept_columns = max(1, math.floor(min(columns, rows * width / height) + 0.5))
        kept_rows = max(1, math.floor(min(rows, columns * height / width) + 0.5))
        left, upper = (columns - kept_columns) // 2, (rows - kept_rows) // 2
        pixels = pixels[upper : upper + kept_rows, left : left + kept_columns]
        return _scaled(pixels, (height, width), order)
    factor = min(width / columns, height / rows)
    inner = [max(1, math.floor(each * factor + 0.5)) for each in (columns, rows)]
    inner = [min(each, most) for each, most in zip(inner, (width, height), strict=True)]
    small = _scaled(pixels, (inner[1], inner[0]), order)
    padded = np.zeros((height, width, pixels.shape[2]), np.uint8)
    left, upper = (width - inner[0]) // 2, (height - inner[1]) // 2
    padded[upper : upper + inner[1], left : left + inner[0]] = small
    return padded


def splits(
    names: Sequence[str], classes: Sequence[str], shares: Sequence[int], seed: int
) -> list[list[str]]:
    """Names of training, validation and test, each in its order."""
    groups = defaultdict(list)
    for name, each in zip(names, classes, strict=True):
        groups[each].append(name)
    found: list[list[str]] = [[], [], []]
    for members in groups.values():
        members.sort(key=lambda name: _number(seed, "split", name))
        ends = [math.floor(len(members) * sum(shares[: i + 1]) / sum(shares) + 0.5) for i in (0, 1)]
        for at, name in enumerate(members):
            found[0 if at < ends[0] else 1 if at < ends[1] else 2].append(name)
    for each in found:
        each.sort(key=lambda name: _number(seed, "order", name))
    return found


def _number(seed: int, word: str, name: str) -> bytes:
    text = f"{seed}\n{word}\n".encode() + name.encode("utf-8", "surrogateescape")
    return blake2b(text, digest_size=8).digest()


def _upright(image: Image.Image) -> Pixels:
    """The first frame, as (rows, columns, channels) of grey, RGB or RGBA."""
    orientation = image.getexif().get(0x0112, 1)
    mode = image.mode
    if mode == "I;16":
        values = np.asarray(image).astype(np.float64) / 65535 * 255
        pixels = np.rint(values).astype(np.uint8)[:, :, None]
    elif mode in ("RGBA", "LA") or "transparency" in image.info:
        pixels = np.asarray(image.convert("RGBA"))
    elif mode in ("L", "1"):
        pixels = np.asarray(image.convert("L"))[:, :, None]
    else:
        pixels = np.asarray(image.convert("RGB"))
    turns = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.swapaxes(0, 1),
        6: lambda a: a.swapaxes(0, 1)[:, ::-1],
        7: lambda a: a.swapaxes(0, 1)[::-1, ::-1],
        8: lambda a: a.swapaxes(0, 1)[::-1],
    }
    return np.ascontiguousarray(turns[orientation](pixels))


def _coloured(pixels: Pixels, colour: str) -> Pixels:
    if pixels.shape[2] == 1:
        pixels = np.repeat(pixels, 3, axis=2)
    if colour == "rgba":
        full = np.full((*pixels.shape[:2], 1), 255, np.uint8)
        return pixels if pixels.shape[2] == 4 else np.concatenate([pixels, full], axis=2)
    if pixels.shape[2] == 4:
        alpha = pixels[:, :, 3:].astype(np.int64)
        over = pixels[:, :, :3] * alpha + 255 * (255 - alpha)
        pixels = ((2 * over + 255) // 510).astype(np.uint8)  # halves go up
    if colour == "rgb":
        return pixels
    red, green, blue = (pixels[:, :, at].astype(np.int64) for at in range(3))
    return ((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16).astype(np.uint8)[..., None]


def _scaled(pixels: Pixels, size: tuple[int, int], order: tuple[int, int]) -> Pixels:
    """The triangle filter along one axis, then along the other, rounded to 8 bits each time."""
    if pixels.shape[2] == 4:
        return _scaled_with_alpha(pixels, size, order)
    for axis in order:
        if size[axis] != pixels.shape[axis]:
            pixels = _along(pixels.swapaxes(0, axis), size[axis]).swapaxes(0, axis)
    return pixels


def _along(pixels: Pixels, size: int) -> Pixels:
    """`size` rows made of all."""
    scale = len(pixels) / size
    reach = max(scale, 1.0)
    made = np.empty((size, *pixels.shape[1:]), np.uint8)
    for at in range(size):
        centre = (at + 0.5) * scale
        first = max(0, int(centre - reach + 0.5))
        last = min(len(pixels), int(centre + reach + 0.5))
        distances = np.abs((np.arange(first, last) - centre + 0.5) / reach)
        weights = np.clip(1 - distances, 0, None)
        weights /= weights.sum()
        whole = np.floor(weights * (1 << _BITS) + 0.5).astype(np.int64)
        sums = np.tensordot(whole, pixels[first:last].astype(np.int64), axes=1)
        made[at] = np.clip((sums + (1 << (_BITS - 1))) >> _BITS, 0, 255)
    return made


def _scaled_with_alpha(pixels: Pixels, size: tuple[int, int], order: tuple[int, int]) -> Pixels:
    """Colours count as much as they are seen."""
    if size == pixels.shape[:2]:
        return pixels
    alpha = pixels[:, :, 3:].astype(np.int64)
    product = pixels[:, :, :3] * alpha + 128
    seen = np.concatenate([((product >> 8) + product) >> 8, alpha], axis=2).astype(np.uint8)
    colours = _scaled(seen[:, :, :3], size, order).astype(np.int64)
    left = _scaled(seen[:, :, 3:], size, order).astype(np.int64)
    straight = np.clip(255 * colours // np.maximum(left, 1), 0, 255)
    straight = np.where((left == 0) | (left == 255), colours, straight)
    return np.concatenate([straight, left], axis=2).astype(np.uint8)
