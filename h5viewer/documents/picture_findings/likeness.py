"""Which pictures nearly repeat others: the same after compression, scaling, a change of light.

Patterns of 64 cells are turned into groups of 16 bits, and pictures that agree in one group are
compared. Half of the groups look along the directions in which these very pictures differ most,
from the middle of them, so that few agree by chance; but where all are frames of one film, those
directions are noise. So the other half asks only which coarse waves a picture has.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.picture_findings.measures import GRID

LIKE = 0.985
"""Correlation of two patterns from which pictures are looked at in detail. Saved again as JPEG of
quality 50 photographs have 0.998, as half as large and enlarged again 0.999, a third brighter 0.99
in the median; of 33,000 pairs of different photographs none has more than 0.96."""

LIKE_IN_DETAIL = 0.985
LIKE_PIXEL_BY_PIXEL = 0.99
"""... of pictures of up to 24 x 24 cells, and of those so small that cells are pixels: of
50,000,000 pairs of drawn digits none has more."""

LIKE_COLOURS = 0.95
"""... with all channels: JPEG keeps colours at half the size."""

LIKE_ON_GROUND = 0.9
"""... beside an even ground that both have, of all channels: blocks of a game in other colours
have less; of 2,000 icons and sprites changed as above, 1 in 100."""

_AXES = 16
_OWN_TABLES = 4  # along the directions of these pictures
_TABLES = 8  # groups of bits: 64 of each kind, compared at once
_BITS = 16
_FARTHEST = 9  # bits of 64, own ones or waves: of 2,000 photographs changed as above 5 did
_NEAREST = 16  # pictures with the same bits that each is compared with
_PARTNERS = 8  # that are enough for a picture: of 1,000 frames of a film each is like all others
_FULL = 1 << 16  # pictures from which 16 bits are too few to tell them apart
_SAMPLE = 10_000  # patterns that tell the directions
_PIECE = 1 << 15  # pairs compared at once


def alike(
    patterns: NDArray[np.int8], owners: NDArray[np.intp]
) -> Generator[int, None, NDArray[np.int64]]:
    """Pairs of pictures whose patterns are alike, (pairs, 2), the lower first, each once.

    Each picture gets some partners of its own set and of others, not all where there are many.
    Yields how many of `_TABLES` groups of bits are done.

    Args:
        owners: (pictures,) the set of each.
    """
    n = len(patterns)
    if n < 2:
        return np.zeros((0, 2), np.int64)
    keys = _keys(patterns)
    n_partners = np.zeros((2, n), np.int32)  # of the own set, of others
    found: list[NDArray[np.int64]] = []
    for table in range(_TABLES):
        for pairs in _in_table(keys, table):
            one, other = pairs.T
            is_across = (owners[one] != owners[other]).astype(np.intp)
            wanted = (n_partners[is_across, one] < _PARTNERS) | (
                n_partners[is_across, other] < _PARTNERS
            )
            pairs, is_across = pairs[wanted], is_across[wanted]
            are_alike = _correlation(patterns, pairs) >= LIKE
            pairs, is_across = pairs[are_alike], is_across[are_alike]
            for end in pairs.T:
                np.add.at(n_partners, (is_across, end), 1)
            found.append(pairs[:, 0] * n + pairs[:, 1])
        yield table + 1
    codes = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
    return np.stack([codes // n, codes % n], axis=1)


def _keys(patterns: NDArray[np.int8]) -> NDArray[np.uint16]:
    """(pictures, tables): bits that alike pictures mostly share."""
    n = len(patterns)
    own_ways, own_middle = _own_directions(patterns[:: -(-n // _SAMPLE)].astype(np.float32))
    waves = _turned(_coarse_waves(), _TABLES - _OWN_TABLES)
    ways = np.concatenate([own_ways, waves], axis=1)
    middle = np.concatenate([own_middle, np.zeros(waves.shape[1], np.float32)])
    keys = np.empty((n, _TABLES), np.uint16)
    for start in range(0, n, _PIECE):
        piece = patterns[start : start + _PIECE].astype(np.float32)
        bits = np.packbits(piece @ ways > middle, axis=1)
        keys[start : start + _PIECE] = bits.view(np.uint16)
    return keys


def _own_directions(
    sample: NDArray[np.float32],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Directions (cells, bits) in which these patterns differ, and their middle along each."""
    mean = sample.mean(axis=0)
    spread, axes = np.linalg.eigh(np.cov((sample - mean).T))
    order = np.argsort(-spread)[:_AXES]
    scale = np.maximum(spread[order], 1e-6) ** -0.25  # between as they are and all alike
    ways = _turned(axes[:, order] * scale, _OWN_TABLES)
    middle: NDArray[np.float32] = np.median((sample - mean) @ ways, axis=0) + mean @ ways
    return ways, middle


def _coarse_waves() -> NDArray[np.float64]:
    """(cells, 16): the slowest cosines along both sides, but for the constant one."""
    phase = np.pi * (np.arange(GRID) + 0.5) / GRID
    waves = [
        np.outer(np.cos(down * phase), np.cos(across * phase)).reshape(-1)
        for down, across in sorted(
            ((a, b) for a in range(GRID) for b in range(GRID)), key=lambda each: sum(each)
        )[1 : _AXES + 1]
    ]
    return np.stack(waves, axis=1)


def _turned(axes: NDArray[np.float64], n_tables: int) -> NDArray[np.float32]:
    """Other directions of the same space, 16 for each table; always the same ones."""
    random = np.random.default_rng(0)
    turns = [np.linalg.qr(random.standard_normal((_AXES, _AXES)))[0] for _ in range(n_tables)]
    ways: NDArray[np.float32] = (axes @ np.concatenate(turns, axis=1)).astype(np.float32)
    return ways


def _in_table(keys: NDArray[np.uint16], table: int) -> Generator[NDArray[np.int64], None, None]:
    """Pairs that agree in one group of bits, and nearly so in all."""
    # those that agree in the next group, too, stand side by side where very many agree
    both = keys[:, table].astype(np.uint32) << 16 | keys[:, (table + 1) % _TABLES]
    order = np.argsort(both, kind="stable")
    more = min(_BITS, max(0, (len(keys) // _FULL).bit_length()))  # bits, of very many pictures
    own = both[order] >> np.uint32(_BITS - more)
    codes = keys.view(np.uint64)
    apart = np.arange(len(own))
    for gap in range(1, _NEAREST + 1):
        apart = apart[: np.searchsorted(apart, len(own) - gap)]
        apart = apart[own[apart] == own[apart + gap]]
        if not len(apart):
            return
        for start in range(0, len(apart), _PIECE):
            piece = apart[start : start + _PIECE]
            one, other = order[piece], order[piece + gap]
            differing = np.bitwise_count(codes[one] ^ codes[other]).min(axis=1)
            near = differing <= _FARTHEST
            one, other = one[near], other[near]
            yield np.stack([np.minimum(one, other), np.maximum(one, other)], axis=1)


def _correlation(patterns: NDArray[np.int8], pairs: NDArray[np.int64]) -> NDArray[np.float32]:
    one = patterns[pairs[:, 0]].astype(np.float32)
    other = patterns[pairs[:, 1]].astype(np.float32)
    product = np.einsum("ij,ij->i", one, other)
    sizes = np.einsum("ij,ij->i", one, one) * np.einsum("ij,ij->i", other, other)
    with np.errstate(all="ignore"):
        found: NDArray[np.float32] = np.where(sizes > 0, product / np.sqrt(sizes), 0)
        return found
