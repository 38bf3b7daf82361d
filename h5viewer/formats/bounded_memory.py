"""A tighter memory limit around one read whose size nobody can know before."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

try:
    import resource
except ModuleNotFoundError:  # Windows: the worker's job object is the only limit
    _STATM = None
else:
    try:
        # Opened at import: a confined worker can open nothing later.
        _STATM = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # macOS
        _STATM = None


@contextmanager
def bounded_memory(n_bytes: int, *, needed: bool = True) -> Iterator[None]:
    """Let the address space grow by `n_bytes` at most (Linux); more raises MemoryError.

    A variable-length attribute of 4 MB may unfold to 16 GB and cannot be read in part
    (formats.md, section 4). The worker's own limit would hold too, but 2 GB later.
    """
    if _STATM is None or not needed:
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(os.pread(_STATM, 64, 0).split()[0])
    bound = pages * os.sysconf("SC_PAGE_SIZE") + n_bytes
    if soft != resource.RLIM_INFINITY:
        bound = min(bound, soft)
    resource.setrlimit(resource.RLIMIT_AS, (bound, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def is_bounded() -> bool:
    """True where the system keeps to it."""
    return _STATM is not None
