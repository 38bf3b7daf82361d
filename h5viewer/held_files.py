"""Files that this program holds while it works on them: locked, so that no other takes them away.

Where the disk knows no locks nobody takes a file for abandoned either. On Windows an open file
cannot be removed anyway.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def hold(fd: int) -> None:
    """Lock it where the disk knows locks, until all its descriptors are closed.

    Raises:
        BlockingIOError: another program has taken it for abandoned that very moment.
    """
    try:
        _lock(fd)
    except BlockingIOError:
        raise
    except OSError:
        return


@contextmanager
def taken(path: Path) -> Iterator[None]:
    """Hold a file that may be abandoned.

    Raises:
        OSError: a program that runs holds it, or it is not ours to open.
    """
    if sys.platform == "win32":
        path.rename(path)  # refused while it is open
        yield
        return
    fd = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        _lock(fd)
        yield
    finally:
        os.close(fd)


def flush_folder(folder: Path) -> None:
    """Have the disk hold the names in it."""
    with suppress(OSError):  # systems that cannot: Windows, some network shares
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _lock(fd: int) -> None:
    """Hold it until all its descriptors are closed, here and in the worker.

    Raises:
        OSError: another program holds it.
    """
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
