"""Landlock: Linux takes rights from this process for good, without root.

It holds the thread that asks for it and those it starts later.

Source: Documentation/userspace-api/landlock.rst of the Linux kernel; the numbers below
are its user-space interface (include/uapi/linux/landlock.h).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
from collections.abc import Iterable

# The same on every architecture.
_CREATE_RULESET = 444
_ADD_RULE = 445
_RESTRICT_SELF = 446

_ASK_VERSION = 1
_PATH_BENEATH = 1
_PR_SET_NO_NEW_PRIVS = 38

_READ_FILE = 1 << 2
_READ_FOLDER = 1 << 3


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("file_system", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scope", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Version of the interface; 0 where the kernel has none or it is switched off."""
    return max(0, int(_libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)))


def restrict(readable: Iterable[str] = ()) -> int:
    """Handle every right, allow to read `readable` files and beneath folders, nothing else.

    A library that is read may be mapped as code, but no program be started. Returns the
    version that was there to do it (0: none).
    """
    found = version()
    libc = _libc()
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if found == 0:
        return 0
    ruleset = _Ruleset(_file_system(found), 0b11 if found >= 4 else 0, 0b11 if found >= 6 else 0)
    size = ctypes.c_size_t(ctypes.sizeof(ruleset))
    fd = libc.syscall(_CREATE_RULESET, ctypes.byref(ruleset), size, 0)
    if fd < 0:
        raise OSError(ctypes.get_errno(), "landlock")
    for path in readable:
        _allow_reading(libc, fd, path)
    if libc.syscall(_RESTRICT_SELF, fd, 0) != 0:
        raise OSError(ctypes.get_errno(), "landlock")
    os.close(fd)
    return found


def _allow_reading(libc: ctypes.CDLL, ruleset: int, path: str) -> None:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
        is_folder = stat.S_ISDIR(os.fstat(fd).st_mode)
        rule = _Beneath(_READ_FILE | _READ_FOLDER if is_folder else _READ_FILE, fd)
        if libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0) != 0:
            raise OSError(ctypes.get_errno(), "landlock")
        if is_folder:
            os.close(fd)  # a file stays held: those of /proc are made anew when nobody does


def _file_system(found: int) -> int:
    """One bit a right: 13 in version 1, then rename across folders, truncate, ioctl."""
    n_rights = 13 + (found >= 2) + (found >= 3) + (found >= 5)
    return (1 << n_rights) - 1


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
