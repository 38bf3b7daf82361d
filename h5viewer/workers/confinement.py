"""What a worker gives up for good once it holds its file.

Everywhere it can: memory beyond a limit, core dumps, any new file descriptor (so no other
file and no socket). On Linux also, by Landlock: every right on the file system (so no
exec and no rename), TCP, signals. On Windows: memory and child processes, by a job object.

A worker that predicts loads parts of the frameworks when it first needs them. So it keeps
a few descriptors, and on Linux the right to read beneath Python's own folders; in exchange
a filter of system calls (seccomp) takes sockets of any kind and new processes. The one it
was born with hears of files that are lent to it (`lending`), and cannot be spoken into.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from h5viewer.workers.python_folders import python_folders

MAX_STDERR = 1 << 20
"""Bytes that may ever be written to a file, which is what stderr is."""

_NEEDED_FILES = ("/dev/urandom", "/proc/self/cmdline")
"""TensorFlow aborts when it cannot read them."""

_OTHER_DESCRIPTORS = 64
"""Pipes, the scratch file of an export, what libraries keep open."""

_SPARE_DESCRIPTORS = 6
"""An import has its folder, its file and a library open, one after the other; a file is lent."""


_OF_A_WALK = 2
"""A folder that is listed, beside the pictures that are read."""


def allow_descriptors(n_files: int) -> None:
    """Have room for so many open files, as far as the system allows: macOS gives 256 at first."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = n_files + _OTHER_DESCRIPTORS
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def confine(memory: int) -> None:
    """Give up everything but the open descriptors and `memory` more bytes of address space."""
    _confine(memory, ())


def confine_export(memory: int) -> None:
    """As `confine`, but the open file that is being written may become as long as it must."""
    _confine(memory, (), writes=True)


def confine_network(memory: int) -> None:
    """As `confine`, but modules of Python can still be read.

    To be called while there is one thread: Landlock holds only those started later.
    """
    _confine(memory, [*python_folders(), *_NEEDED_FILES])


def confine_folder(
    memory: int, folders: Sequence[str], *, n_readers: int, writes: bool = False
) -> None:
    """As `confine`, or `confine_export`, but files beneath `folders` can still be read.

    Where there is no Landlock, any file: so many at once as there are readers.
    """
    _confine(memory, folders, writes=writes, n_spare=n_readers + _OF_A_WALK)


def _confine(
    memory: int,
    readable: Sequence[str],
    *,
    writes: bool = False,
    n_spare: int = _SPARE_DESCRIPTORS,
) -> None:
    if sys.platform == "win32":
        from h5viewer.workers import windows_job

        windows_job.restrict(memory)
        return
    import resource

    _lower(resource.RLIMIT_AS, _address_space() + memory)
    _lower(resource.RLIMIT_CORE, 0)
    if not writes:
        _lower(resource.RLIMIT_FSIZE, MAX_STDERR)
    if sys.platform == "linux":
        from h5viewer.workers import landlock, seccomp

        landlock.restrict(readable)
        if readable:
            seccomp.restrict()
    # last: Landlock needs a descriptor
    _lower(resource.RLIMIT_NOFILE, _descriptor_limit(n_spare) if readable else 0)


@contextmanager
def limit_step(seconds: float) -> Iterator[None]:
    """Have the kernel end the process when the block takes much longer than `seconds`.

    The program ends a worker that hangs; this ends one that hangs when the program is
    gone: a library that holds the interpreter lock leaves no thread to notice.
    """
    if sys.platform == "win32":
        yield
        return
    import signal

    signal.setitimer(signal.ITIMER_REAL, seconds + max(seconds, 5))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _lower(which: int, value: int) -> None:
    import resource

    _, hard = resource.getrlimit(which)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    try:
        resource.setrlimit(which, (value, value))
    except (ValueError, OSError):
        # macOS refuses RLIMIT_AS below what is mapped; the program's own watch remains
        if sys.platform == "linux":
            raise


def _descriptor_limit(n_spare: int) -> int:
    """Below it so many numbers are free, among those in use; what is open above stays usable."""
    free = [os.dup(0) for _ in range(n_spare)]
    for each in free:
        os.close(each)
    return max(free) + 1


def _address_space() -> int:
    """Bytes of address space in use."""
    if sys.platform == "linux":
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[0])
        return pages * resource.getpagesize()
    return 8 << 30  # macOS maps gigabytes of shared libraries; there is no cheap way to ask
