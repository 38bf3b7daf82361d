"""Everything worth telling the user, as one small tree.

H5ViewerError
├── CannotOpen      the file is refused as a whole
│   └── Damaged       ... because it is cut short or damaged; parts of it may be whole
├── CannotRead      one part of an open file cannot be shown
│   ├── TooLarge    ... because showing it would cost too much
│   └── NotInstalled  ... because what it takes is not installed
├── WorkerLost      the process that read the file died or was killed
└── CannotWrite     a file could not be saved; nothing was left half-written

Each carries the sentence the user reads (`str(error)`), a hint that says what
to do, and details for those who want them. Anything outside this tree is a bug.
"""

from __future__ import annotations

import msgspec


class H5ViewerError(Exception):
    """What happened, to what; the hint says what to do; details are technical lines."""

    def __init__(self, message: str, *, hint: str = "", details: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.details = details


class CannotOpen(H5ViewerError):
    """The file is refused as a whole."""


class Damaged(CannotOpen):
    """The file is cut short or damaged; what is whole of it can perhaps be saved."""


class CannotRead(H5ViewerError):
    """One part of an open file cannot be shown; the rest can."""


class TooLarge(CannotRead):
    """Showing this part would cost more memory or time than it is worth."""


class NotInstalled(CannotRead):
    """A library is missing; the hint says how to get it."""


class WorkerLost(H5ViewerError):
    """The process that was reading the file crashed, ran out of memory or time, or was killed."""


class CannotWrite(H5ViewerError):
    """A file could not be saved."""


_KINDS: dict[str, type[H5ViewerError]] = {
    kind.__name__: kind
    for kind in (
        *(H5ViewerError, CannotOpen, Damaged, CannotRead, TooLarge, NotInstalled),
        *(WorkerLost, CannotWrite),
    )
}


class Failure(msgspec.Struct, frozen=True, tag=True):
    """An H5ViewerError on its way through a pipe."""

    kind: str
    message: str
    hint: str = ""
    details: str = ""

    @classmethod
    def of(cls, error: H5ViewerError) -> Failure:
        """Flatten an error; `Failure.error` is the way back."""
        return cls(type(error).__name__, error.message, error.hint, error.details)

    @property
    def error(self) -> H5ViewerError:
        """The error again, of the same kind (the base kind when the name is unknown)."""
        kind = _KINDS.get(self.kind, H5ViewerError)
        return kind(self.message, hint=self.hint, details=self.details)
