"""How many elements a histogram would hold if they came fresh from the layer's initializer."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from h5viewer.nodes import Expected, Statistics

Curve = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Values, and how many elements a bin would have there; empty where nothing is known."""

_POINTS = 400
_FEWEST_BINS = 16


def density(expected: Expected | None, statistics: Statistics | None) -> Curve:
    """On the scale of `merged` bins, so that both have the same area."""
    empty = np.empty(0)
    if expected is None or statistics is None or not any(statistics.bin_counts):
        return empty, empty
    if expected.std <= 0 or not math.isfinite(expected.high - expected.low):
        return empty, empty
    edges, counts = merged(statistics)
    scale = float(counts.sum()) * float(edges[1] - edges[0])
    if expected.kind == "uniform":
        height = scale / (expected.high - expected.low)
        return np.repeat([expected.low, expected.high], 2), np.array([0.0, height, height, 0.0])
    wide, cut, area = expected.std, 4.0, 1.0
    if expected.kind == "truncated":
        wide = (expected.high - expected.mean) / 2  # cut at twice the width
        cut, area = 2.0, math.erf(math.sqrt(2.0))
    t = np.linspace(-cut, cut, _POINTS)
    x = expected.mean + wide * t
    y = np.exp(-0.5 * t**2) * scale / (wide * math.sqrt(2 * math.pi) * area)
    if expected.kind == "truncated":
        x, y = np.concatenate([x[:1], x, x[-1:]]), np.concatenate([[0.0], y, [0.0]])
    return x, y


def merged(statistics: Statistics) -> Curve:
    """Edges and counts, with fewer bins where there are few elements: a comb tells nothing."""
    edges = np.asarray(statistics.bin_edges, np.float64)
    counts = np.asarray(statistics.bin_counts, np.float64)
    wanted = max(_FEWEST_BINS, 3 * math.sqrt(counts.sum()))
    while counts.size % 2 == 0 and counts.size > wanted:
        counts = counts[::2] + counts[1::2]
        edges = edges[::2]
    return edges, counts
