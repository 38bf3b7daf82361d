"""Pictures of shapes, drawn with numpy alone, and the PNG files they are kept in."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

CLASSES = ("circle", "cross", "heart", "square", "star", "triangle")
SIDE = 64  # pixels

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]


def draw_many(n_per_class: int, seed: int) -> tuple[Pixels, NDArray[np.int64]]:
    """Pictures in random order and the index of each one's class.

    Returns:
        (n, 64, 64, 3) RGB 0–255, and (n,) indexes into CLASSES.
    """
    dice = np.random.default_rng(seed)
    labels = dice.permutation(np.repeat(np.arange(len(CLASSES)), n_per_class))
    return np.stack([draw(CLASSES[label], dice) for label in labels]), labels


def draw(shape: str, dice: np.random.Generator) -> Pixels:
    """One shape of random size, place, turn and colours on a noisy two-coloured ground."""
    inside = _coverage(_distance(shape, _plane(dice)), dice)[..., None]
    ground, figure = _colours(dice)
    slope = dice.uniform(-0.5, 0.5, 2)
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE - 0.5
    shade = (slope[0] * y + slope[1] * x)[..., None]
    picture = ground * (1 - inside) + figure * inside + shade * dice.uniform(-0.4, 0.4, 3)
    picture += dice.normal(0, dice.uniform(0.0, 0.04), picture.shape)
    return np.asarray(np.clip(picture, 0, 1) * 255).round().astype(np.uint8)


def png(pixels: Pixels) -> bytes:
    """An (height, width, 3) picture as the bytes of a PNG file."""
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # each row starts with filter type 0
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def _plane(dice: np.random.Generator) -> Floats:
    """Where each pixel lies in the shape's own coordinates: (64, 64, 2), the shape in ±1."""
    radius = dice.uniform(11, 25)
    centre = SIDE / 2 + dice.uniform(-1, 1, 2) * (SIDE / 2 - radius)
    turn = dice.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:SIDE, 0:SIDE] + 0.5
    y, x = (y - centre[0]) / radius, (x - centre[1]) / radius
    cosine, sine = np.cos(turn), np.sin(turn)
    return np.stack([cosine * x + sine * y, cosine * y - sine * x], axis=-1)


def _coverage(distance: Floats, dice: np.random.Generator) -> Floats:
    """How much of each pixel the shape covers, 0–1; one shape in four is only an outline."""
    if dice.random() < 0.25:
        distance = np.abs(distance + 0.12) - 0.12
    pixels_a_unit = 1 / np.abs(np.gradient(distance)[0]).max()
    return np.clip(0.5 - distance * pixels_a_unit, 0, 1)


def _colours(dice: np.random.Generator) -> tuple[Floats, Floats]:
    """Two RGB colours, 0–1: the figure is lighter than the ground, as in most photographs."""
    while True:
        ground, figure = dice.uniform(0.02, 0.98, (2, 3))
        if (figure - ground) @ (0.3, 0.59, 0.11) > 0.25:
            return ground, figure


def _distance(shape: str, plane: Floats) -> Floats:
    """Signed distance of each point from the shape's edge, negative inside."""
    if shape == "circle":
        return np.asarray(np.linalg.norm(plane, axis=-1) - 1, np.float64)
    return _distance_from_polygon(plane, _corners(shape))


def _corners(shape: str) -> Floats:
    """Corners of a polygon inside the unit circle, (n, 2)."""
    match shape:
        case "square":
            return _on_circle(4, np.ones(1))
        case "triangle":
            return _on_circle(3, np.ones(1))
        case "star":
            return _on_circle(10, np.array([1, 0.42]))
        case "cross":
            arm, wide = 0.94, 0.33
            x = np.array([arm, arm, wide, wide, -wide, -wide, -arm, -arm, -wide, -wide, wide, wide])
            return np.stack([x, np.roll(x, 3)], axis=-1)
        case _:  # a heart: the well-known curve of four cosines
            t = np.linspace(0, 2 * np.pi, 40, endpoint=False)
            y = 13 * np.cos(t) - 5 * np.cos(2 * t) - 2 * np.cos(3 * t) - np.cos(4 * t)
            return np.stack([16 * np.sin(t) ** 3, -y], axis=-1) / 17


def _on_circle(n_corners: int, radii: Floats) -> Floats:
    angle = np.arange(n_corners) * 2 * np.pi / n_corners
    radius = np.resize(radii, n_corners)
    return np.stack([radius * np.sin(angle), -radius * np.cos(angle)], axis=-1)


def _distance_from_polygon(points: Floats, corners: Floats) -> Floats:
    """Nearest edge, and even-odd crossings for the sign."""
    nearest = np.full(points.shape[:-1], np.inf)
    is_inside = np.zeros(points.shape[:-1], bool)
    for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        edge, offset = end - start, points - start
        along = np.clip(offset @ edge / (edge @ edge), 0, 1)[..., None]
        nearest = np.minimum(nearest, np.linalg.norm(offset - along * edge, axis=-1))
        spans = (start[1] > points[..., 1]) != (end[1] > points[..., 1])
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = start[0] + offset[..., 1] / edge[1] * edge[0]
        is_inside ^= spans & (points[..., 0] < crossing)
    return np.where(is_inside, -nearest, nearest)
