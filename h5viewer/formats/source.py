"""The one open file descriptor of a document, and byte ranges of it as file objects.

HDF5 gets a Python file object, never a path: external links and virtual sources then
cannot open another file, no lock is taken, and files that are being written still open
(formats.md, section 0.2). The descriptor is opened once, before the worker is confined.
"""

from __future__ import annotations

import io
import os
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from h5viewer.checkpoint_files import (
    STATE,
    data_files,
    document_path,
    is_of_checkpoint,
    located,
    prefix_of,
    read_state,
)
from h5viewer.errors import CannotOpen, CannotRead
from h5viewer.formats.shard_index import LONGEST, MOST_FILES, files_named, read_weight_map
from h5viewer.names import NodePath, visible
from h5viewer.nodes import Identity

_MOST_COMPANIONS = 200


class Source:
    """A regular file, open for reading only. Close it, or use it with `with`."""

    def __init__(
        self,
        path: str,
        *,
        is_member: bool = False,
        opened: Callable[[str], int] | None = None,
    ) -> None:
        """Open `path` (absolute), or the index of the checkpoint that it belongs to.

        Args:
            path: absolute.
            is_member: this very file is wanted, beside the index.
            opened: gives the descriptor of a file that another process opened, or raises
                OSError.

        Raises:
            CannotOpen: it is missing, no regular file (a FIFO would block), or unreadable.
        """
        path = path if is_member else document_path(path)
        self.path = path
        self.name = visible(Path(path).name)
        try:
            self.fd = (opened or _descriptor)(path)
        except IsADirectoryError as error:
            raise _refused_folder(self.name) from error
        except (OSError, ValueError) as error:
            if isinstance(error, PermissionError) and Path(path).is_dir():  # as Windows says it
                raise _refused_folder(self.name) from error
            raise refused(self.name, error) from error
        facts = os.fstat(self.fd)
        if not stat.S_ISREG(facts.st_mode):
            os.close(self.fd)
            if stat.S_ISDIR(facts.st_mode):
                raise _refused_folder(self.name)
            raise CannotOpen(
                f"{self.name} is a pipe or device, not a file.", hint="Open a file instead."
            )
        self.identity = _identity(facts)
        # What a format learnt and needs again: a container lives for one request only, and
        # inflating 100 MB or checking checksums for each would cost half a second.
        self.kept: dict[object, Any] = {}
        self._moving = threading.Lock()
        self.weight_map = {} if is_member else self._weight_map()
        """What it says as Keras' index of weights in several files; {}: it is none."""
        self.companions: dict[str, Source] = {} if is_member else self._companions()
        # These two are about the checkpoint, not part of it: they may change while it is open.
        self.graph: Source | None = None if is_member else _graph_beside(path)
        is_alone = is_member or not is_of_checkpoint(path)
        folder = str(Path(path).parent)
        self.state = None if is_alone else read_state(str(Path(folder) / STATE))
        self.named = () if self.state is None else located(self.state, folder)

    def _weight_map(self) -> dict[NodePath, tuple[str, ...]]:
        if not self.path.lower().endswith(".json"):
            return {}
        return read_weight_map(self.read_at(0, LONGEST))

    def _companions(self) -> dict[str, Source]:
        """What belongs to it, opened at once, as a confined worker can open nothing later."""
        if not self.weight_map:
            return _data_files(self.path)
        folder, found = Path(self.path).parent, dict[str, Source]()
        for name in files_named(self.weight_map)[:MOST_FILES]:
            with suppress(CannotOpen):  # as good as absent: the format says so
                found[name] = Source(str(folder / name), is_member=True)
        return found

    @property
    def size(self) -> int:
        """Bytes of the file when it was opened."""
        return self.identity.size

    @property
    def size_with_companions(self) -> int:
        """And of the files beside it that belong to it: a checkpoint's values."""
        return self.size + sum(companion.size for companion in self.companions.values())

    def read_at(self, start: int, length: int) -> bytes:
        """Up to `length` bytes from `start`; releases the interpreter lock; any thread."""
        if hasattr(os, "pread"):
            return os.pread(self.fd, length, start)
        with ByteRange(self, start, length) as part:  # Windows has no pread
            return part.read(length)

    def read_into(self, start: int, buffer: memoryview) -> int:
        """Fill `buffer` from `start`; the number of bytes read. Lock and threads as `read_at`."""
        if hasattr(os, "preadv"):
            return os.preadv(self.fd, [buffer], start)
        if hasattr(os, "pread"):
            data = os.pread(self.fd, len(buffer), start)
        else:
            with self._moving:  # one position for all threads
                os.lseek(self.fd, start, os.SEEK_SET)
                data = os.read(self.fd, len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def check_unchanged(self) -> None:
        """Raise when the bytes are not those that were opened.

        Raises:
            CannotRead: the file was rewritten or replaced meanwhile.
        """
        try:
            on_disk = _identity(os.fstat(self.fd))
        except OSError as error:
            raise CannotRead(f"{self.name} can no longer be read.", details=str(error)) from error
        if on_disk != self.identity:
            raise CannotRead(f"{self.name} changed on disk.", hint="Reload it to see it as it is.")
        for companion in self.companions.values():
            companion.check_unchanged()

    def close(self) -> None:
        """Close the descriptor, and those of the companions."""
        os.close(self.fd)
        for companion in self.companions.values():
            companion.close()
        if self.graph is not None:
            self.graph.close()

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ByteRange(io.RawIOBase):
    """`length` bytes of a source from `start`, as a read-only file object of its own."""

    def __init__(self, source: Source, start: int = 0, length: int | None = None) -> None:
        self._source = source
        self.start = start
        self.length = source.size - start if length is None else length
        self._position = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move; positions beyond the end read as empty."""
        origins = (0, self._position, self.length)  # of SEEK_SET, SEEK_CUR, SEEK_END
        self._position = max(0, origins[whence] + offset)
        return self._position

    def tell(self) -> int:
        """The position."""
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill `buffer` from the position on; returns the number of bytes read."""
        wanted = min(len(buffer), max(0, self.length - self._position))
        if wanted <= 0:
            return 0
        at = self.start + self._position
        n_read = self._source.read_into(at, memoryview(buffer)[:wanted])
        self._position += n_read
        return n_read


def _descriptor(path: str) -> int:
    # O_NONBLOCK: opening a FIFO must not wait for a writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    return os.open(path, flags | getattr(os, "O_CLOEXEC", 0))


def refused(name: str, error: OSError | ValueError) -> CannotOpen:
    """What to say of a file or folder that the system does not open."""
    if isinstance(error, FileNotFoundError):
        return CannotOpen(f"{name} does not exist.", hint="It may have been moved or deleted.")
    if isinstance(error, PermissionError):
        return CannotOpen(f"{name} may not be read.", hint="Ask its owner for read permission.")
    why = (getattr(error, "strerror", None) or str(error)).lower()
    return CannotOpen(f"{name} cannot be opened: {why}.", details=str(error))


def _refused_folder(name: str) -> CannotOpen:
    return CannotOpen(f"{name} is a folder, not a file.", hint="Open a file in it instead.")


def _data_files(path: str) -> dict[str, Source]:
    """The data files of a TensorFlow checkpoint, by the end of their names."""
    found: dict[str, Source] = {}
    for beside in data_files(path):
        if len(found) < _MOST_COMPANIONS:
            with suppress(CannotOpen):  # as good as absent: the format says so
                found[beside.removeprefix(prefix_of(path))] = Source(beside, is_member=True)
    return found


def _graph_beside(path: str) -> Source | None:
    """The `.meta` file of a checkpoint."""
    if not is_of_checkpoint(path):
        return None
    with suppress(CannotOpen):
        return Source(f"{prefix_of(path)}.meta", is_member=True)
    return None


def _identity(facts: os.stat_result) -> Identity:
    return Identity(
        device=facts.st_dev, inode=facts.st_ino, size=facts.st_size, mtime_ns=facts.st_mtime_ns
    )
