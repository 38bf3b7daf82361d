"""Files lent to a worker for one request: it is confined and can open none, so the program does.

The worker of a network serves whatever file its samples are in; a worker of both files would
start the frameworks and load the network a second time. POSIX systems pass descriptors through
a Unix socket, made with the process, in which only the program speaks; Windows puts a handle
into the process.
"""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from h5viewer.checkpoint_files import is_of_checkpoint
from h5viewer.nodes import Identity
from h5viewer.workers import messages
from h5viewer.workers.kinds import Kind

if TYPE_CHECKING:
    import socket


class Loan(msgspec.Struct, frozen=True):
    """A request, and the files that are lent for it."""

    ask: messages.Ask
    documents: tuple[str, ...]
    identities: tuple[Identity | None, ...]  # that they had when they were last opened


def kept_and_lent(kind: Kind, documents: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The files whose worker answers, and those lent to it.

    What is made of many files, checkpoints and split weights, is not lent.
    """
    kept, others = tuple(documents[:1]), tuple(documents[1:])
    if kind is Kind.NETWORK and not any(map(_is_many, others)):
        return kept, others
    return tuple(documents), ()


def _is_many(path: str) -> bool:
    return is_of_checkpoint(path) or path.lower().endswith(".json")


class Lender:
    """The program's end."""

    def __init__(self) -> None:
        self._near: socket.socket | None = None
        self._far: socket.socket | None = None

    def inherited(self) -> tuple[list[str], dict[str, Any]]:
        """What the command line and `Popen` need so that the process can borrow."""
        if sys.platform == "win32":
            return [], {}
        import socket

        self._near, self._far = socket.socketpair()
        self._near.shutdown(socket.SHUT_RD)  # the worker has nothing to say here
        number = self._far.fileno()
        return [str(number)], {"pass_fds": (number,)}

    def started(self, popen: subprocess.Popen[bytes]) -> None:
        """The process has what it needs."""
        self._popen = popen
        if self._far is not None:
            self._far.close()

    def close(self) -> None:
        """The process is gone."""
        for end in (self._near, self._far):
            if end is not None:
                end.close()

    def frame(self, loan: Loan) -> bytearray:
        """The order, for a worker that has the descriptors by now; may wait for a disk."""
        lent = [
            self._lend(document, identity)
            for document, identity in zip(loan.documents, loan.identities, strict=True)
        ]
        return messages.frame(msgspec.structs.replace(loan.ask, lent=tuple(lent)))

    def _lend(self, document: str, identity: Identity | None) -> messages.Lent:
        name = os.fsencode(document)
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            fd = os.open(document, flags)
        except OSError as error:
            return messages.Lent(name, identity, error=error.errno or -1)
        except ValueError:  # a name that no file can have
            return messages.Lent(name, identity, error=-1)
        try:
            return messages.Lent(name, identity, handle=self._pass(fd))
        finally:
            os.close(fd)

    def _pass(self, fd: int) -> int:
        if sys.platform != "win32":
            import socket

            assert self._near is not None
            socket.send_fds(self._near, [b"."], [fd])
            return 0
        import _winapi
        import msvcrt

        return _winapi.DuplicateHandle(
            _winapi.GetCurrentProcess(),
            msvcrt.get_osfhandle(fd),
            int(self._popen._handle),
            0,
            False,
            _winapi.DUPLICATE_SAME_ACCESS,
        )


class Borrower:
    """The worker's end."""

    def __init__(self, number: str) -> None:
        """Before the worker is confined.

        Args:
            number: of the descriptor that was inherited; "" on Windows.
        """
        import socket

        self._socket = socket.socket(fileno=int(number)) if number else None

    def take(self, lent: messages.Lent) -> int:
        """The descriptor of a file that was lent; the caller closes it.

        Raises:
            OSError: it could not be opened, or this process has too many.
        """
        if lent.error:
            raise OSError(lent.error, os.strerror(lent.error) if lent.error > 0 else "no such name")
        if self._socket is not None:
            import socket

            _, descriptors, _, _ = socket.recv_fds(self._socket, 1, 1)
            if not descriptors:
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
            return descriptors[0]
        import msvcrt

        return msvcrt.open_osfhandle(lent.handle, os.O_RDONLY | os.O_BINARY)  # type: ignore[attr-defined,no-any-return,unused-ignore]


def borrow_nothing(_: messages.Lent) -> int:
    """Of a worker that is lent nothing."""
    raise OSError(errno.EBADF, os.strerror(errno.EBADF))


class Guest:
    """A file in the worker that was lent for one request."""

    def __init__(self, lent: messages.Lent, borrow: Callable[[messages.Lent], int]) -> None:
        """Take it at once: descriptors come in the order of the requests."""
        self.path = os.fsdecode(lent.document)
        self.identity = lent.identity
        self._fd: int | OSError | None
        try:
            self._fd = borrow(lent)
        except OSError as error:
            self._fd = error

    def take(self, _: str = "") -> int:
        """The descriptor, which the caller closes.

        Raises:
            OSError: there is none.
        """
        fd, self._fd = self._fd, None
        if isinstance(fd, OSError):
            raise fd
        assert fd is not None, "taken twice"
        return fd

    def close(self) -> None:
        """Close what nobody took."""
        if isinstance(self._fd, int):
            os.close(self._fd)
            self._fd = None
