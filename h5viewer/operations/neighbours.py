"""Rows of an embedding: those nearest to one, and all of them on two axes."""

from __future__ import annotations

import math
from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.container import Container, StoredArray
from h5viewer.nodes import Array, Neighbours, Projection
from h5viewer.operations import Operation
from h5viewer.operations.cuts import named
from h5viewer.operations.labels import labels_of
from h5viewer.operations.whole_weights import (
    boxes_of,
    require_comparable,
    slab_of,
    weight_array,
    without_strange,
)
from h5viewer.requests import Progress, ReadNeighbours, ReadProjection

_WIDEST = 4096  # numbers a row
_MOST_DRAWN = 20_000


def read_neighbours(request: ReadNeighbours, container: Container) -> Operation[Neighbours]:
    """The rows with the largest cosine to one row, itself left out; rows of zeros have none.

    Raises:
        CannotRead, TooLarge: no table of numbers, no such row.
    """
    array, n_rows, width = _table(container, request.node)
    if not 0 <= request.row < n_rows:
        raise CannotRead(f"{named(array.facts)} has {n_rows:,} rows; this one is not among them.")
    own, _ = without_strange(
        array.read((slice(request.row, request.row + 1), slice(0, width))).astype(np.float64)[0]
    )
    products, squares = np.zeros(n_rows), np.zeros(n_rows)
    for item in boxes_of(array):
        if isinstance(item, Progress):
            yield item
            continue
        box, values = item
        numbers, _ = without_strange(values)
        with np.errstate(over="ignore", invalid="ignore"):
            products[box[0]] += numbers @ own[box[1]]
            squares[box[0]] += np.square(numbers).sum(axis=1)
    require_comparable(array, squares)
    length = math.sqrt(float(np.square(own).sum()))
    with np.errstate(all="ignore"):
        cosines = np.where(squares > 0, products / (np.sqrt(squares) * length), -2.0)
    cosines[request.row] = -3.0
    cosines = np.nan_to_num(cosines, nan=-2.0)
    count = min(request.count, n_rows - 1)
    nearest = np.argsort(-cosines, kind="stable")[:count]
    nearest = nearest[cosines[nearest] >= -1.5]
    labels = yield from labels_of(container, request.labels, n_rows)
    rows = tuple(int(row) for row in nearest)
    return Neighbours(
        row=request.row,
        rows=rows,
        cosines=tuple(float(np.clip(cosines[row], -1.0, 1.0)) for row in rows),
        labels=tuple(labels[row] for row in rows) if labels else (),
    )


def read_projection(request: ReadProjection, container: Container) -> Operation[Projection]:
    """Rows, evenly spread where there are many, on the two directions of largest variance.

    Raises:
        CannotRead, TooLarge: no table of numbers, rows too wide.
    """
    array, n_rows, width = _table(container, request.node)
    mean, spread = yield from _covariance(array, n_rows, width)
    yield Progress(done=0)
    require_comparable(array, spread)
    strengths, directions = np.linalg.eigh(spread)
    two = directions[:, ::-1][:, :2]
    two = two * np.where(two[np.abs(two).argmax(axis=0), np.arange(two.shape[1])] < 0, -1.0, 1.0)
    if width == 1:
        two = np.concatenate([two, np.zeros((1, 1))], axis=1)
    count = min(n_rows, request.most, _MOST_DRAWN)
    chosen = np.unique(np.linspace(0, n_rows - 1, count).round().astype(np.int64))
    places = np.zeros((n_rows, 2)) if n_rows <= 2_000_000 else None
    if places is None:
        raise TooLarge(f"{named(array.facts)} has too many rows to be drawn: {n_rows:,}.")
    for item in boxes_of(array):
        if isinstance(item, Progress):
            yield item
            continue
        box, values = item
        numbers, _ = without_strange(values)
        places[box[0]] += (numbers - mean[box[1]]) @ two[box[1]]
    total = max(float(np.clip(strengths, 0, None).sum()), 1e-300)
    shares = [float(max(0.0, each)) / total for each in (*strengths[::-1][:2], 0.0)]
    labels = yield from labels_of(container, request.labels, n_rows)
    return Projection(
        rows=Array.of(chosen),
        x=Array.of(places[chosen, 0]),
        y=Array.of(places[chosen, 1]),
        explained=(shares[0], shares[1]),
        n_rows=n_rows,
        labels=tuple(labels[int(row)] for row in chosen) if labels else (),
    )


def _table(container: Container, node: tuple[bytes, ...]) -> tuple[StoredArray, int, int]:
    array = weight_array(container, node, n_axes=2)
    shape = array.facts.shape or ()
    if len(shape) != 2:
        raise CannotRead(f"{named(array.facts)} is no table of rows.")
    if shape[1] > _WIDEST:
        raise TooLarge(f"The rows of {named(array.facts)} are too long for this: {shape[1]:,}.")
    return array, shape[0], shape[1]


def _covariance(
    array: StoredArray, n_rows: int, width: int
) -> Generator[Progress, None, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Mean row and covariance, in one pass around the first row."""
    origin, _ = without_strange(array.read((slice(0, 1), slice(0, width))).astype(np.float64)[0])
    total, squares = np.zeros(width), np.zeros((width, width))
    for part in _row_parts(n_rows, width):
        rows, _ = without_strange((yield from slab_of(array, (part, slice(0, width)))))
        rows = rows - origin
        with np.errstate(over="ignore", invalid="ignore"):
            total += rows.sum(axis=0)
            squares += rows.T @ rows
        yield Progress(done=part.stop, total=n_rows, unit="rows")
    mean = total / n_rows
    return mean + origin, squares / n_rows - np.outer(mean, mean)


def _row_parts(n_rows: int, width: int) -> list[slice]:
    step = max(1, 1_000_000 // width)
    return [slice(start, min(n_rows, start + step)) for start in range(0, n_rows, step)]
