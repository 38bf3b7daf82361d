"""PNG files written row by row: greys and colours of 8 or 16 bits (RFC 2083)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_SIDE = 2**31 - 1
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # by channels: grey, grey and alpha, RGB, RGBA
_SUB, _UP, _NONE = 1, 2, 0
_CHUNK = 1 << 20  # bytes


class PngWriting:
    """One picture on its way, from its first row to its last."""

    def __init__(
        self,
        write: Callable[[bytes], None],
        n_rows: int,
        n_columns: int,
        n_channels: int,
        dtype: np.dtype[Any],
    ) -> None:
        """Write what stands before the pixels.

        Args:
            write: takes the bytes of the file.
            n_rows: its height.
            n_columns: its width.
            n_channels: 1 to 4.
            dtype: uint8 or uint16.
        """
        self._write = write
        self._n_bytes = n_channels * dtype.itemsize
        self._dtype = dtype.newbyteorder(">")
        self._packing = zlib.compressobj(6)
        self._above = np.zeros(n_columns * self._n_bytes, np.uint8)
        write(SIGNATURE)
        depth = 8 * dtype.itemsize
        facts = struct.pack(
            ">IIBBBBB", n_columns, n_rows, depth, _COLOUR_TYPES[n_channels], 0, 0, 0
        )
        self._chunk(b"IHDR", facts)

    def rows(self, pixels: NDArray[Any]) -> None:
        """Append rows: (rows, columns) or (rows, columns, channels)."""
        n_rows = pixels.shape[0]
        if not n_rows:
            return
        stored = np.ascontiguousarray(pixels, self._dtype).reshape(n_rows, -1).view(np.uint8)
        above = np.concatenate([self._above[None], stored[:-1]])
        left = np.zeros_like(stored)
        left[:, self._n_bytes :] = stored[:, : -self._n_bytes]
        ways = np.stack([stored, stored - left, stored - above])
        # what is nearest to zero packs best: the rule that the format's authors give
        sizes = np.abs(ways.view(np.int8).astype(np.int16)).sum(axis=2, dtype=np.int64)
        best = sizes.argmin(axis=0)
        filtered = np.empty((n_rows, 1 + stored.shape[1]), np.uint8)
        filtered[:, 0] = np.array([_NONE, _SUB, _UP], np.uint8)[best]
        filtered[:, 1:] = ways[best, np.arange(n_rows)]
        self._above = stored[-1].copy()
        self._pack(self._packing.compress(filtered.tobytes()))

    def close(self) -> None:
        """Write what stands behind the pixels."""
        self._pack(self._packing.flush())
        self._chunk(b"IEND", b"")

    def _pack(self, data: bytes) -> None:
        for start in range(0, len(data), _CHUNK):
            self._chunk(b"IDAT", data[start : start + _CHUNK])

    def _chunk(self, kind: bytes, data: bytes) -> None:
        self._write(struct.pack(">I", len(data)) + kind)
        self._write(data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind))))
