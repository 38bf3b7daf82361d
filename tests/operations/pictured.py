"""Files with pictures as people store them: `from pictured import scenes, write, only`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
from answering import everything

from h5viewer.nodes import ClassCounts, PictureLabels, PictureLayout, PictureSet, PictureSets
from h5viewer.requests import FindPictureSets, ReadPictureLabels

RNG = np.random.default_rng(0)


def scenes(count: int, rows: int, columns: int, channels: int = 3) -> np.ndarray:
    """Soft pictures as photographs are: (count, rows, columns, channels) bytes."""
    rng = np.random.default_rng(1)
    y, x = np.mgrid[:rows, :columns]
    found = np.zeros((count, rows, columns, channels))
    for picture in found:
        for channel in range(channels):
            for _ in range(4):
                top, left = rng.random(2) * (rows, columns)
                size = rng.uniform(2, rows / 3)
                blob = np.exp(-((y - top) ** 2 + (x - left) ** 2) / size**2)
                picture[..., channel] += rng.uniform(50, 200) * blob
    return (found + rng.normal(scale=4, size=found.shape)).clip(0, 255).astype("u1")


def digits(count: int) -> np.ndarray:
    """Bright strokes on black, 28 x 28."""
    rng = np.random.default_rng(2)
    found = np.zeros((count, 28, 28), "u1")
    for picture in found:
        row, column = 8.0, float(rng.integers(9, 19))
        for _ in range(30):
            picture[int(row) : int(row) + 3, int(column) : int(column) + 3] = 200
            row = float(np.clip(row + rng.uniform(-0.5, 1.5), 4, 22))
            column = float(np.clip(column + rng.normal(), 4, 22))
    return found


def write(path: Path, attributes: dict[str, Any] | None = None, **datasets: Any) -> Path:
    with h5py.File(path, "w") as file:
        for name, values in datasets.items():
            file[name.replace("__", "/")] = values
        file.attrs.update(attributes or {})
    return path


def find(path: Path) -> PictureSets:
    return everything(path, FindPictureSets(document=str(path)))[1]


def only(path: Path) -> PictureSet:
    (found,) = find(path).sets
    return found


def classes_of(path: Path, pictures: PictureSet) -> tuple[list[int], ClassCounts]:
    """Of every picture, put together of parts without gaps; and how many each has."""
    told, counts = everything(path, ReadPictureLabels(document=str(path), pictures=pictures))
    parts = [part for part in told if isinstance(part, PictureLabels)]
    classes: list[int] = []
    for part in parts:
        assert part.first == len(classes)
        classes += part.classes.values.tolist()
    return classes, counts


SCENES = scenes(30, 24, 20)
LABELS = RNG.integers(0, 3, 30)
LABELS[:3] = [0, 1, 2]


def pictures_of(count: int, rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, rows, columns, 3), "u1")


def write_pictures(
    path: Path, pictures: np.ndarray, axes: str = "nhwc", **options: Any
) -> PictureSet:
    """Pictures (n, h, w, c) in another order of axes."""
    stored = pictures.transpose(["nhwc".index(axis) for axis in axes])
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=stored, **options)
    count, rows, columns, channels = pictures.shape
    layout = PictureLayout(axes=axes, height=rows, width=columns, channels=channels)
    return PictureSet(
        node=(b"x",), shape=stored.shape, dtype="uint8", layout=layout, n_pictures=count
    )
