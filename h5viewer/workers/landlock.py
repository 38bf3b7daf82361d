"""Landlock: Linux takes rights from this process for good, without root.

Source: Documentation/userspace-api/landlock.rst of the Linux kernel; the numbers below
are its user-space interface (include/uapi/linux/landlock.h).
"""

from __future__ import annotations

import ctypes

# The same on every architecture.
_CREATE_RULESET = 444
_RESTRICT_SELF = 446

_ASK_VERSION = 1
_PR_SET_NO_NEW_PRIVS = 38


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("file_system", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scope", ctypes.c_uint64),
    )


def version() -> int:
    """Version of the interface; 0 where the kernel has none or it is switched off."""
    return max(0, int(_libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)))


def restrict() -> int:
    """Handle every right, allow none; returns the version that was there to do it (0: none)."""
    found = version()
    libc = _libc()
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "no_new_privs")
    if found == 0:
        return 0
    ruleset = _Ruleset(_file_system(found), 0b11 if found >= 4 else 0, 0b11 if found >= 6 else 0)
    size = ctypes.c_size_t(ctypes.sizeof(ruleset))
    fd = libc.syscall(_CREATE_RULESET, ctypes.byref(ruleset), size, 0)
    if fd < 0 or libc.syscall(_RESTRICT_SELF, fd, 0) != 0:
        raise OSError(ctypes.get_errno(), "landlock")
    return found


def _file_system(found: int) -> int:
    """One bit a right: 13 in version 1, then rename across folders, truncate, ioctl."""
    n_rights = 13 + (found >= 2) + (found >= 3) + (found >= 5)
    return (1 << n_rights) - 1


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
