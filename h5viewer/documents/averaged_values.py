"""The mean of the numbers of several weights, made piece by piece when it is asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.new_network import Values
from h5viewer.nodes import Shape


class AveragedValues(msgspec.Struct, frozen=True):
    """Sums are in double precision; the type is that of the first."""

    sources: tuple[Values, ...]
    shares: tuple[float, ...] = ()  # how much each counts; none: all the same

    @property
    def shape(self) -> Shape:
        """Of the first; all have it."""
        return self.sources[0].shape

    @property
    def dtype(self) -> str:
        """Of the first."""
        return self.sources[0].dtype

    def pieces(self) -> Iterator[NDArray[Any]]:
        """Blocks as long as those of all sources allow."""
        shares = self.shares or (1.0,) * len(self.sources)
        divisor = math.fsum(shares)
        for pieces in side_by_side([source.pieces() for source in self.sources]):
            total = np.zeros(len(pieces[0]), np.float64)
            with np.errstate(all="ignore"):  # infinities and NaN of the files stay what they are
                for piece, share in zip(pieces, shares, strict=True):
                    total += piece.astype(np.float64) * share
                total /= divisor
                yield total.astype(pieces[0].dtype)


def side_by_side(streams: Sequence[Iterator[NDArray[Any]]]) -> Iterator[list[NDArray[Any]]]:
    """Flat blocks of several arrays of one length, cut so that all are as long."""
    left = [np.empty(0) for _ in streams]
    while True:
        for number, stream in enumerate(streams):
            while not len(left[number]):
                piece = next(stream, None)
                if piece is None:
                    return
                left[number] = piece
        n = min(len(piece) for piece in left)
        yield [piece[:n] for piece in left]
        left = [piece[n:] for piece in left]
