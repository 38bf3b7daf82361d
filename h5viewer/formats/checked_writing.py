"""Bytes on their way into a scratch file, one behind the other, with a checksum of each part.

What was written is read back and compared by these checksums, so that a document has to be
read only once.
"""

from __future__ import annotations

from collections.abc import Iterator

from isal import isal_zlib

from h5viewer.formats.scratch import Scratch, not_as_written

_PIECE = 4 << 20  # bytes read back at once


class CheckedWriting:
    """Writes from the start of a scratch file on."""

    def __init__(self, scratch: Scratch, name: str) -> None:
        """Begin an empty file.

        Args:
            scratch: what is written.
            name: what the file is to be called, for sentences.
        """
        scratch.truncate(0)
        scratch.seek(0)
        self._scratch = scratch
        self.name = name
        self.position = 0
        self._parts: list[tuple[int, int, int]] = []  # start, stop, checksum
        self._start = 0
        self._checksum = 0

    def write(self, data: bytes | memoryview) -> None:
        """Append.

        Raises:
            CannotWrite: the disk is full, or refuses.
        """
        view = memoryview(data).cast("B")
        if not len(view):
            return
        self._scratch.write(view)
        self._scratch.check(self.name)
        self._checksum = isal_zlib.crc32(view, self._checksum)
        self.position += len(view)

    def end_part(self) -> int:
        """What comes from now on is another part; the checksum (CRC-32) of this one."""
        checksum = self._checksum
        self._parts.append((self._start, self.position, checksum))
        self._start, self._checksum = self.position, 0
        return checksum

    def read_back(self) -> Iterator[int]:
        """Compare what is in the file with what was written; yields bytes.

        Raises:
            CannotWrite: it is not the same.
        """
        self.end_part()
        if self._scratch.size != self.position:
            raise not_as_written(self.name)
        for start, stop, checksum in self._parts:
            self._scratch.seek(start)
            found, left = 0, stop - start
            while left:
                piece = self._scratch.read(min(_PIECE, left))
                if not piece:
                    raise not_as_written(self.name)
                found = isal_zlib.crc32(piece, found)
                left -= len(piece)
                yield len(piece)
            if found != checksum:
                raise not_as_written(self.name)
