"""What is left of a file, shown at the length it should have.

HDF5 refuses a file that is shorter than its superblock says. So it is shown zeros behind the
end of what is left, and has to be asked nothing that lies there: who reads says so by
`is_left`, and finds out by `reaches_beyond` whether the library did so by itself.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

ReadInto = Callable[[int, memoryview], int]
"""Fills a buffer from a position on; gives the number of bytes that were there."""

HEAP_OF_TEXTS = b"GCOL"
"""How HDF5 marks where texts and lists of no fixed length are kept."""

LARGEST_HEAP = 256 << 20
_SMALLEST_HEAP = 4096
_OBJECT = 16  # bytes before each text


class DamagedStream(io.RawIOBase):
    """Bytes of a file of which a part may be missing."""

    def __init__(
        self,
        read_into: ReadInto,
        left: int,
        length: int,
        patches: Mapping[int, bytes] | None = None,
    ) -> None:
        """Nothing is read yet.

        Args:
            read_into: reads what is left.
            left: bytes that are left.
            length: bytes there should be.
            patches: what is to be seen instead of what is there, by position.
        """
        super().__init__()
        self._read_into = read_into
        self._left = left
        self._length = max(left, length)
        self._patches = dict(patches or {})
        self._position = 0
        self.reaches_beyond = False  # something that is missing was asked for

    def is_left(self, start: int, n_bytes: int) -> bool:
        """True when all these bytes are there."""
        return start >= 0 and start + n_bytes <= self._left

    def read_at(self, start: int, n_bytes: int) -> bytes:
        """What is left of these bytes."""
        buffer = bytearray(max(0, min(n_bytes, self._left - start)))
        n_read = self._read_into(start, memoryview(buffer)) if buffer else 0
        return bytes(buffer[:n_read])

    # io.RawIOBase

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move."""
        self._position = max(0, (0, self._position, self._length)[whence] + offset)
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer`; zeros where the file is missing.

        Raises:
            OSError: a heap of texts is cut or damaged.
        """
        view = memoryview(buffer).cast("B")
        start = self._position
        wanted = max(0, min(len(view), self._length - start))
        left = max(0, min(wanted, self._left - start))
        n_read = self._read_into(start, view[:left]) if left else 0
        if n_read < wanted:
            self.reaches_beyond = True
            view[n_read:wanted] = bytes(wanted - n_read)
        if n_read >= len(HEAP_OF_TEXTS) and view[: len(HEAP_OF_TEXTS)] == HEAP_OF_TEXTS:
            self._require_whole_heap(start)
        self._patch(view[:wanted], start)
        self._position += wanted
        return wanted

    def _require_whole_heap(self, start: int) -> None:
        """Raise unless a heap of texts can be read: cut, its texts would be read as shorter ones.

        HDF5 reads for ever in one whose lengths are damaged.
        """
        size = int.from_bytes(self.read_at(start + 8, 8), "little")
        data = self.read_at(start, min(size, LARGEST_HEAP + 1))
        if not is_whole_heap(data, size):
            raise OSError("a heap of texts is damaged")

    def _patch(self, view: memoryview, start: int) -> None:
        for at, data in self._patches.items():
            first, last = max(start, at), min(start + len(view), at + len(data))
            if first < last:
                view[first - start : last - start] = data[first - at : last - at]


def is_whole_heap(data: bytes, size: int) -> bool:
    """Whether the lengths in a heap of texts of `size` bytes lead from its start to its end."""
    if not _SMALLEST_HEAP <= size <= LARGEST_HEAP or len(data) < size:
        return False
    at = _OBJECT
    while at + _OBJECT <= size:
        number, length = int.from_bytes(data[at : at + 2], "little"), data[at + 8 : at + 16]
        taken = int.from_bytes(length, "little")
        taken = taken if number == 0 else _OBJECT + taken + (-taken % 8)
        if taken < _OBJECT or at + taken > size:
            return False
        at += taken
    return True
