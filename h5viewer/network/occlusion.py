"""Occlusion maps: how much an answer drops when a place of the picture is covered.

Source: Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.nodes import NetworkInput, OutputKind

_PATCHES = 8
"""Patches side by side across a picture; they move by half their size: 225 positions."""

_MOST_NUMBERS = 2 << 20
"""Numbers of covered pictures fed at once: 8 MB, and what the network makes of them."""

_MOST_AT_ONCE = 32


_LEAST_SOFTMAX, _LEAST_SIGMOID = 1e-38, 1e-7
"""Smallest shares that float32 tells from none: of softmax, and beside the 1 of a sigmoid."""


class Patch(msgspec.Struct, frozen=True):
    """A part of the picture, in rows and columns."""

    rows: slice
    columns: slice


class Pixels(msgspec.Struct, frozen=True):
    """A network's input as a picture: where its rows, columns and channels are."""

    rows: int
    columns: int
    layout: str

    @classmethod
    def of(cls, network_input: NetworkInput, values: NDArray[np.generic]) -> Pixels:
        """Read from the sample itself, as the input may be of any size.

        A signal counts as a picture of one column: its steps are rows, its numbers channels.

        Args:
            values: (1, …) what is fed.
        """
        sides = {
            "rows-columns-channels": values.shape[1:3],
            "channels-rows-columns": values.shape[2:4],
            "rows-columns": values.shape[1:3],
            "": (values.shape[1], 1),
        }.get(network_input.layout, (network_input.rows, network_input.columns))
        return cls(int(sides[0]), int(sides[1]), network_input.layout)

    def as_picture(self, batch: NDArray[np.generic]) -> NDArray[np.generic]:
        """A view of (n, rows, columns, channels); writing to it writes to the batch."""
        if self.layout == "channels-rows-columns":
            return np.moveaxis(batch, 1, -1)
        if self.layout == "flat-channels-first":
            return np.moveaxis(batch.reshape((len(batch), -1, self.rows, self.columns)), 1, -1)
        return batch.reshape((len(batch), self.rows, self.columns, -1))


def patches(rows: int, columns: int) -> list[Patch]:
    """What is covered, one after the other: patches that overlap by half and reach each edge."""
    return [
        Patch(down, across) for down in _along(rows) for across in _along(columns)
    ]  # fmt: skip


def _along(length: int) -> list[slice]:
    size = max(1, round(length / _PATCHES))
    starts = list(range(0, max(1, length - size + 1), max(1, size // 2)))
    if starts[-1] + size < length:
        starts.append(length - size)
    return [slice(start, start + size) for start in starts]


def covered(
    values: NDArray[np.generic], pixels: Pixels, places: list[Patch], most: int = _MOST_AT_ONCE
) -> Iterator[tuple[list[Patch], NDArray[np.generic]]]:
    """Batches of the sample with one place each covered by the picture's mean colour.

    All batches have the same length, for which the network is compiled once: the last one
    may be longer than its places.

    Args:
        values: (1, …) what is fed.
        most: pictures of a batch.
    """
    mean = pixels.as_picture(values).mean(axis=(0, 1, 2), dtype=np.float64)
    n = min(most, _MOST_AT_ONCE, len(places), _MOST_NUMBERS // max(1, values.size))
    n = max(1, n)
    for at in range(0, len(places), n):
        part = places[at : at + n]
        batch = np.repeat(values, n, axis=0)
        pictures = pixels.as_picture(batch)
        for picture, patch in zip(pictures, part, strict=False):
            picture[patch.rows, patch.columns] = mean.astype(batch.dtype)
        yield part, batch


def strengths(answers: NDArray[Any], kind: OutputKind, index: int) -> NDArray[np.float64]:
    """How strongly each answer speaks for a class; where it is one a place, the mean.

    Of probabilities the logarithm of the odds: a network that is 99.99 % sure would else
    seem not to care what is covered.

    Args:
        answers: (n, …, classes).
    """
    numbers = np.asarray(answers, np.float64).reshape(len(answers), -1, answers.shape[-1])
    chosen = numbers[..., index]
    if kind in ("softmax", "sigmoid"):
        # not one minus the chosen one: float32 would round that to nothing
        others = np.delete(numbers, index, axis=-1).sum(axis=-1)
        if kind == "sigmoid":
            others = 1 - chosen
        least = _LEAST_SOFTMAX if kind == "softmax" else _LEAST_SIGMOID
        chosen = np.log(np.maximum(chosen, least)) - np.log(np.maximum(others, least))
    return np.asarray(chosen.mean(axis=1), np.float64)


class Drops(msgspec.Struct):
    """Drops of the score, each counted for all pixels of its patch."""

    total: NDArray[np.float64]
    count: NDArray[np.float64]

    @classmethod
    def nothing(cls, rows: int, columns: int) -> Drops:
        """Before the first patch."""
        return cls(np.zeros((rows, columns)), np.zeros((rows, columns)))

    def add(self, places: list[Patch], drops: NDArray[np.floating]) -> None:
        """Those of one batch."""
        for patch, drop in zip(places, drops, strict=True):
            self.total[patch.rows, patch.columns] += drop
            self.count[patch.rows, patch.columns] += 1

    @property
    def heat(self) -> NDArray[np.float32]:
        """(rows, columns): the mean drop over all patches that cover a pixel; below 0: a rise."""
        return (self.total / np.maximum(1, self.count)).astype(np.float32)
