"""Which names new files may not have, and what to say when the disk refuses."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from h5viewer.errors import CannotWrite

_OTHER_NAME = "Choose another name."


def is_same(target: Path, opened: Path) -> bool:
    """Whether both names are of one file."""
    try:
        return target.samefile(opened)
    except OSError:  # one of them is not there
        return os.path.normcase(target) == os.path.normcase(opened)


def refuse_target(target: Path, name: str, opened: Sequence[str], *, may_replace: bool) -> None:
    """Raise when a file may not be called `target`.

    Raises:
        CannotWrite: it is one of the opened files, through whatever link, or exists.
    """
    if any(each and is_same(target, Path(each)) for each in opened):
        raise CannotWrite(
            f"{name} is the opened file; it was not replaced.",
            hint=_OTHER_NAME,
        )
    if not may_replace and os.path.lexists(target):
        raise CannotWrite(f"{name} exists already; it was not replaced.", hint=_OTHER_NAME)


def give_usual_rights(scratch: Path) -> None:
    """A scratch file is for its owner alone; what is saved has the rights of any new file."""
    umask = os.umask(0)
    os.umask(umask)
    with suppress(OSError):  # file systems without rights
        scratch.chmod(0o666 & ~umask)


def refused(name: str, error: Exception) -> CannotWrite:
    """What to say when the system refuses."""
    why = (getattr(error, "strerror", None) or str(error)).lower()
    return CannotWrite(
        f"{name} was not saved: {why}.",
        hint="Choose another folder or name.",
        details=str(error),
    )
