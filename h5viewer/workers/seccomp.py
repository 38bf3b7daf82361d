"""System calls that a worker does without for good: sockets, programs, rights of files.

Landlock leaves some doors open: UDP, sockets of the desktop's services (which run programs
on request), the rights and times of files, signals before its version 6. A filter of the
kernel's closes them.

Sources: Documentation/userspace-api/seccomp_filter.rst and include/uapi/linux/{filter,
seccomp,audit}.h of the Linux kernel; numbers: its syscall_64.tbl and asm-generic/unistd.h.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import sys
from typing import NamedTuple

_SET_MODE_FILTER = 1
_ALL_THREADS = 1

_LOAD = 0x20
_IS = 0x15
_AT_LEAST = 0x35
_HAS_BIT = 0x45
_RETURN = 0x06

_ALLOW = 0x7FFF0000
_REFUSE = 0x00050000
_KILL = 0x80000000

_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # where they are in struct seccomp_data
_CLONE_THREAD = 0x10000
_X32 = 0x40000000  # the second set of numbers of x86-64


class _Machine(NamedTuple):
    architecture: int
    seccomp: int
    clone: int
    clone3: int
    refused: tuple[int, ...]


# Refused: socket, socketpair, execve, execveat, fork and vfork (x86-64 alone), ptrace,
# process_vm_readv, process_vm_writev, kill, rt_sigqueueinfo, pidfd_send_signal, pidfd_getfd,
# io_uring_setup (it opens sockets by itself), unshare, setns, bpf, perf_event_open,
# userfaultfd, add_key, request_key, keyctl; truncate, chmod, fchmod, fchmodat, fchmodat2, chown,
# fchown, lchown, fchownat, setxattr and removexattr with their l and f forms, utime, utimes,
# futimesat, utimensat.
_MACHINES = {
    "x86_64": _Machine(
        0xC000003E, 317, 56, 435,
        (41, 53, 59, 322, 57, 58, 101, 310, 311, 62, 129, 424, 438, 425, 272, 308, 321, 298, 323,
         248, 249, 250, 76, 90, 91, 268, 452, 92, 93, 94, 260, 188, 189, 190, 197, 198, 199, 132,
         235, 261, 280),
    ),
    "aarch64": _Machine(
        0xC00000B7, 277, 220, 435,
        (198, 199, 221, 281, 117, 270, 271, 129, 138, 424, 438, 425, 97, 268, 280, 241, 282,
         217, 218, 219, 45, 52, 53, 452, 55, 54, 5, 6, 7, 14, 15, 16, 88),
    ),
}  # fmt: skip


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


def restrict() -> bool:
    """Refuse them to all threads, now and later; False where it cannot be done.

    Needs no_new_privs. A container may forbid filters; other machines have other numbers.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None or sys.maxsize < 1 << 32 or sys.byteorder == "big":
        return False
    instructions = _filter(machine)
    array = (_Instruction * len(instructions))(*map(_instruction, instructions))
    program = _Program(len(instructions), array)
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.syscall(machine.seccomp, _SET_MODE_FILTER, _ALL_THREADS, ctypes.byref(program))
    return int(done) == 0


def _instruction(parts: tuple[int, int, int, int]) -> _Instruction:
    return _Instruction(*parts)


def _filter(machine: _Machine) -> list[tuple[int, int, int, int]]:
    refuse = (_RETURN, 0, 0, _REFUSE | errno.EPERM)
    program = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IS, 1, 0, machine.architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        refuse,
    ]
    for number in machine.refused:
        program += [(_IS, 0, 1, number), refuse]
    # Its flags are behind a pointer, where no filter can look; without it the C library
    # starts threads by `clone`.
    program += [(_IS, 0, 1, machine.clone3), (_RETURN, 0, 0, _REFUSE | errno.ENOSYS)]
    return [
        *program,
        (_IS, 0, 3, machine.clone),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_HAS_BIT, 1, 0, _CLONE_THREAD),
        refuse,
        (_RETURN, 0, 0, _ALLOW),
    ]
