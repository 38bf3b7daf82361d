"""The file that an export writes: a descriptor, or a part of it, as a file object.

HDF5 goes on writing after the disk has refused: when its file is closed, at the latest. So
the first refusal is kept, everything after it is dropped, and whoever writes asks `check`.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator

from h5viewer.errors import CannotWrite

_MOST_AT_ONCE = 1 << 30  # bytes; one call to the system takes 2 GiB at most
_BETWEEN_FLUSHES = 0.05  # seconds


class Scratch(io.RawIOBase):
    """A descriptor from `start` on, for reading and writing; closing it leaves that open."""

    def __init__(self, fd: int, start: int = 0) -> None:
        super().__init__()
        self.fd = fd
        self.start = start
        self.error: OSError | None = None
        self._position = 0
        self._moving = threading.Lock()
        self._flushing: threading.Thread | None = None
        self._is_written = threading.Event()

    @property
    def size(self) -> int:
        """Bytes from `start` to the end."""
        return max(0, os.fstat(self.fd).st_size - self.start)

    def part(self, start: int) -> Scratch:
        """The same file from another byte on."""
        return Scratch(self.fd, self.start + start)

    def start_flushing(self) -> None:
        """From now on have the disk take what is written, beside all else."""
        self._flushing = threading.Thread(target=self._flush, name="flush", daemon=True)
        self._flushing.start()

    def is_flushed(self) -> bool:
        """True when the disk has everything or has refused; to be asked when all is written."""
        self._is_written.set()
        return self._flushing is None or not self._flushing.is_alive()

    def _flush(self) -> None:
        try:
            while not self._is_written.wait(_BETWEEN_FLUSHES):
                os.fsync(self.fd)
            os.fsync(self.fd)
        except OSError as error:  # the system tells it once
            self.error = error

    def check(self, name: str) -> None:
        """Raise when something could not be written.

        Raises:
            CannotWrite: the disk is full, or refuses.
        """
        if self.error is not None:
            why = (self.error.strerror or str(self.error)).lower()
            raise CannotWrite(
                f"{name} was not saved: {why}.",
                hint="Choose another disk, or make room.",
                details=str(self.error),
            ) from self.error

    # io.RawIOBase

    def readable(self) -> bool:
        """Always."""
        return True

    def writable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move."""
        origin = (0, self._position, self.size)[whence]
        self._position = max(0, origin + offset)
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` from the position on; the number of bytes read."""
        view = memoryview(buffer).cast("B")[:_MOST_AT_ONCE]
        n_read = self._read_into(view, self.start + self._position)
        self._position += n_read
        return n_read

    def _read_into(self, view: memoryview, at: int) -> int:
        if hasattr(os, "preadv"):  # without a copy
            return os.preadv(self.fd, [view], at)
        with self._moving:
            os.lseek(self.fd, at, os.SEEK_SET)
            data = os.read(self.fd, len(view))
        view[: len(data)] = data
        return len(data)

    def write(self, data: memoryview | bytes) -> int:  # type: ignore[override]
        """All of `data`, unless the disk has refused before."""
        rest = memoryview(data).cast("B")
        length = len(rest)
        try:
            with self._moving:
                if self.error is None:
                    os.lseek(self.fd, self.start + self._position, os.SEEK_SET)
                while rest and self.error is None:
                    rest = rest[os.write(self.fd, rest[:_MOST_AT_ONCE]) :]
        except OSError as error:
            self.error = error
        self._position += length
        return length

    def pieces(self, n_bytes: int = 4 << 20) -> Iterator[tuple[int, memoryview]]:
        """All of it from the start, with the place of each; valid until the next is asked for."""
        buffer = memoryview(bytearray(n_bytes))
        at = 0
        while n_read := self._read_into(buffer, self.start + at):
            yield at, buffer[:n_read]
            at += n_read

    def truncate(self, size: int | None = None) -> int:
        """Cut or lengthen."""
        size = self._position if size is None else size
        try:
            if self.error is None:
                os.ftruncate(self.fd, self.start + size)
        except OSError as error:
            self.error = error
        return size
