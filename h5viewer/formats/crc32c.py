"""CRC-32C as TensorFlow stores it: masked (tensorflow/core/lib/hash/crc32c.h)."""

from __future__ import annotations

from google_crc32c import extend


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
        self.plain = 0  # of all pieces so far

    def add(self, data: bytes | memoryview) -> None:
        """The next piece."""
        self.plain = extend(self.plain, bytes(data))  # it takes no views

    @property
    def masked(self) -> int:
        """The same as TensorFlow and LevelDB write it."""
        return (((self.plain >> 15) | (self.plain << 17)) + 0xA282EAD8) & 0xFFFFFFFF
