"""CRC-32C as TensorFlow stores it (masked), fast enough for weights in plain numpy.

A block is cut into lanes, whose remainders are computed at once, one byte of each at a
time; neighbours are then joined pair by pair. Some 250 MB/s, where a loop in Python does 5.
Polynomial and mask: tensorflow/core/lib/hash/crc32c.h.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

_POLYNOMIAL = 0x82F63B78
_LANE = 256  # bytes
_BLOCK = 1 << 20  # bytes: 4096 lanes, whose states stay in the processor's cache
_SHORT = 2 * _LANE  # below, the loop is faster


def masked_crc32c(data: bytes | memoryview) -> int:
    """The checksum of `data` as TensorFlow and LevelDB write it."""
    checksum = Crc32c()
    checksum.add(data)
    return checksum.masked


def crc32c(data: bytes | memoryview) -> int:
    """The plain checksum (Castagnoli)."""
    checksum = Crc32c()
    checksum.add(data)
    return checksum.plain


class Crc32c:
    """The checksum of what comes piece by piece."""

    def __init__(self) -> None:
        self._state = 0xFFFFFFFF

    def add(self, data: bytes | memoryview) -> None:
        """The next piece."""
        for at in range(0, len(data), _BLOCK):
            self._state = _continued(self._state, data[at : at + _BLOCK])

    @property
    def plain(self) -> int:
        """Of all pieces so far."""
        return self._state ^ 0xFFFFFFFF

    @property
    def masked(self) -> int:
        """The same as TensorFlow and LevelDB write it."""
        return (((self.plain >> 15) | (self.plain << 17)) + 0xA282EAD8) & 0xFFFFFFFF


def _continued(state: int, block: bytes | memoryview) -> int:
    """The state after `block`."""
    if len(block) < _SHORT:
        for byte in block:
            state = _BYTE_LIST[(state ^ byte) & 255] ^ (state >> 8)
        return state
    n_lanes = 1 << (-(-len(block) // _LANE) - 1).bit_length()
    letters = np.zeros(n_lanes * _LANE, np.uint8)
    # From the state 0, zeros in front change nothing, and a state to begin with is the same
    # as one that is added to the first four bytes.
    letters[-len(block) :] = np.frombuffer(block, np.uint8)
    letters[letters.size - len(block) :][:4] ^= np.frombuffer(state.to_bytes(4, "little"), np.uint8)
    states = np.zeros(n_lanes, np.uint32)
    for column in np.ascontiguousarray(letters.reshape(n_lanes, _LANE).T):
        states = _BYTES[(states ^ column) & 255] ^ (states >> np.uint32(8))
    n_bytes = _LANE
    while states.size > 1:
        states = _after_zeros(states[0::2], n_bytes) ^ states[1::2]
        n_bytes *= 2
    return int(states[0])


def _after_zeros(states: NDArray[np.uint32], n_bytes: int) -> NDArray[np.uint32]:
    """Each state after `n_bytes` (256, 512, 1024 ...) zeros."""
    tables = _zero_tables(n_bytes)
    parts: list[NDArray[np.uint32]] = [
        tables[part][(states >> np.uint32(8 * part)) & 255] for part in range(4)
    ]
    return parts[0] ^ parts[1] ^ parts[2] ^ parts[3]


@cache
def _zero_tables(n_bytes: int) -> NDArray[np.uint32]:
    """(4, 256): what each byte of a state becomes; the whole is their sum."""
    states = np.arange(256, dtype=np.uint32) << np.arange(0, 32, 8, dtype=np.uint32)[:, None]
    if n_bytes > _LANE:
        return _after_zeros(_after_zeros(states, n_bytes // 2), n_bytes // 2)
    for _ in range(n_bytes):
        states = _BYTES[states & 255] ^ (states >> np.uint32(8))
    return states


def _byte_table() -> NDArray[np.uint32]:
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        odd = (table & np.uint32(1)) * np.uint32(_POLYNOMIAL)
        table = (table >> np.uint32(1)) ^ odd
    return table


_BYTES = _byte_table()
_BYTE_LIST: list[int] = _BYTES.tolist()
