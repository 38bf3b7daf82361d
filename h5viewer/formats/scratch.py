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
from h5viewer.names import visible

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

    def is_flushed(self, wait: float = 0.0) -> bool:
        """True when the disk has everything or has refused; to be asked when all is written.

        Args:
            wait: seconds, at most.
        """
        self._is_written.set()
        if self._flushing is not None:
            self._flushing.join(wait)
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
        n_read = self.read_at(self._position, view)
        self._position += n_read
        return n_read

    def read_at(self, at: int, view: memoryview) -> int:
        """Fill `view` from the byte `at` on, whatever the position is; any thread."""
        if hasattr(os, "preadv"):  # without a copy
            return os.preadv(self.fd, [view], self.start + at)
        with self._moving:
            os.lseek(self.fd, self.start + at, os.SEEK_SET)
            data = os.read(self.fd, len(view))
        view[: len(data)] = data
        return len(data)

    def write(self, data: memoryview | bytes) -> int:  # type: ignore[override]
        """All of `data`, unless the disk has refused before."""
        length = memoryview(data).nbytes
        self.write_at(self._position, data)
        self._position += length
        return length

    def write_at(self, at: int, data: memoryview | bytes) -> None:
        """As `write`, from the byte `at` on, whatever the position is; any thread."""
        rest = memoryview(data).cast("B")
        try:
            while rest and self.error is None:
                n_written = self._put(self.start + at, rest[:_MOST_AT_ONCE])
                at, rest = at + n_written, rest[n_written:]
        except OSError as error:
            self.error = error

    def _put(self, at: int, data: memoryview) -> int:
        if hasattr(os, "pwrite"):
            return os.pwrite(self.fd, data, at)
        with self._moving:
            os.lseek(self.fd, at, os.SEEK_SET)
            return os.write(self.fd, data)

    def pieces(self, n_bytes: int = 4 << 20) -> Iterator[tuple[int, memoryview]]:
        """All of it from the start, with the place of each; valid until the next is asked for."""
        buffer = memoryview(bytearray(n_bytes))
        at = 0
        while n_read := self.read_at(at, buffer):
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


def not_as_written(name: str, what: str = "it", details: str = "") -> CannotWrite:
    """What to say when the disk gives other bytes back.

    Args:
        name: what the file is to be called.
        what: the part that differs.
        details: for who looks closer.
    """
    return CannotWrite(
        f"{name} was not saved: read back, {visible(what, 100)} was not what had been written.",
        hint="The disk may be damaged. Try another disk.",
        details=details,
    )
