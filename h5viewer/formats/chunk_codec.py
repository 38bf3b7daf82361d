"""Stored bytes of a chunk → elements, without the HDF5 library, so that threads can do it.

h5py decodes under one interpreter-wide lock. This module knows the pipelines nearly every
file has (none, gzip, shuffle, Fletcher32) and gives up on anything unusual: the caller
then asks h5py, which either knows better or says what is wrong.
"""

from __future__ import annotations

import math

import msgspec
import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from h5viewer.nodes import Shape

GZIP, SHUFFLE, FLETCHER32 = 1, 2, 3
_CHECKSUM_BYTES = 4
_SUM_BLOCK = 1 << 15  # words whose weighted sum stays below 2^63


class Undecodable(Exception):
    """The stored bytes are not what this module expects."""


class ChunkCodec(msgspec.Struct, frozen=True):
    """How the chunks of one dataset are stored."""

    chunk: Shape
    dtype: np.dtype[np.generic]
    filters: tuple[int, ...]  # ids in the order of writing

    @property
    def n_bytes(self) -> int:
        """Of a decoded chunk."""
        return math.prod(self.chunk) * self.dtype.itemsize

    def decode(self, stored: bytes, filter_mask: int) -> NDArray[np.generic]:
        """The chunk's elements, in the chunk's shape, in the stored byte order.

        Args:
            stored: the chunk as it stands in the file.
            filter_mask: bit i set: filter i was skipped when this chunk was written.

        Raises:
            Undecodable: not the stream or the length expected.
        """
        data: bytes | NDArray[np.uint8] = stored
        for position in reversed(range(len(self.filters))):
            if filter_mask >> position & 1:
                continue
            data = self._undo(self.filters[position], data)
        if len(data) != self.n_bytes:
            raise Undecodable
        return np.frombuffer(data, self.dtype).reshape(self.chunk)

    def _undo(self, filter_id: int, data: bytes | NDArray[np.uint8]) -> bytes | NDArray[np.uint8]:
        if filter_id == GZIP:
            return _inflate(data, self.n_bytes + _CHECKSUM_BYTES)
        if filter_id == SHUFFLE:
            return _unshuffle(data, self.dtype.itemsize)
        return _checked(data)


def is_plain(filters: tuple[int, ...]) -> bool:
    """True for pipelines this module decodes: each of the three at most once."""
    return set(filters) <= {GZIP, SHUFFLE, FLETCHER32} and len(set(filters)) == len(filters)


def _inflate(data: bytes | NDArray[np.uint8], limit: int) -> bytes:
    """Inflate one zlib stream of at most `limit` bytes: a bomb stops there."""
    stream = isal_zlib.decompressobj()
    try:
        # One byte more than expected: the buffer then never grows (2.2 ms → 1.75 ms a MB).
        inflated: bytes = stream.decompress(data, limit + 1)
    except isal_zlib.error as error:  # type: ignore[misc]  # its stub has no class there
        raise Undecodable from error
    if not stream.eof or len(inflated) > limit:
        raise Undecodable
    return inflated


def _unshuffle(data: bytes | NDArray[np.uint8], itemsize: int) -> bytes | NDArray[np.uint8]:
    """Interleave again: all first bytes stand first, then all second bytes, and so on."""
    if itemsize == 1:
        return data
    stored = np.frombuffer(data, np.uint8)
    if stored.size % itemsize:
        raise Undecodable
    planes = stored.reshape(itemsize, -1)
    # Wide stores beat byte-wise ones by a quarter (4 bytes) and shifting is vectorised.
    if itemsize in (2, 4, 8):
        words = planes[itemsize - 1].astype(f"<u{itemsize}")
        for plane in planes[itemsize - 2 :: -1]:
            words <<= 8
            words |= plane
        interleaved: NDArray[np.uint8] = words.view(np.uint8)
        return interleaved
    elements = np.empty((planes.shape[1], itemsize), np.uint8)
    for position in range(itemsize):
        elements[:, position] = planes[position]
    return elements.reshape(-1)


def _checked(data: bytes | NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Drop the checksum at the end after comparing it (H5checksum.c, H5_checksum_fletcher32)."""
    stored = np.frombuffer(data, np.uint8)
    if stored.size < _CHECKSUM_BYTES:
        raise Undecodable
    content, declared = stored[:-_CHECKSUM_BYTES], int.from_bytes(stored[-4:].tobytes(), "little")
    if _fletcher32(content) != (declared >> 16) % 65535 << 16 | (declared & 0xFFFF) % 65535:
        raise Undecodable
    return content


def _fletcher32(content: NDArray[np.uint8]) -> int:
    """Fletcher's two sums over big-endian 16-bit words, each modulo 65535 (0 for 65535)."""
    padded = np.append(content, np.uint8(0)) if content.size % 2 else content
    words = padded.view(">u2")
    first = second = 0
    for start in range(0, words.size, _SUM_BLOCK):
        block = words[start : start + _SUM_BLOCK].astype(np.int64)
        # The second sum adds the running first sum after every word.
        weights = np.arange(block.size, 0, -1)
        second = (second + first * block.size + int(np.vdot(weights, block))) % 65535
        first = (first + int(block.sum())) % 65535
    return second << 16 | first
