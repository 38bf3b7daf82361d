"""Writing a file whole or not at all, for the window and for the terminal.

The bytes are written beside their target under another name, and take the target's place
when all of them are on the disk: a target never holds half a file, and is not touched
when writing fails.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Sequence
from contextlib import suppress
from pathlib import Path

from h5viewer.errors import CannotWrite
from h5viewer.names import visible

_OTHER_NAME = "Choose another name."


def writing(
    target: Path, opened: str = "", *, may_replace: bool = True
) -> Generator[None, bytes | None, None]:
    """Write the bytes that are sent, until None is; closing it before leaves nothing behind.

    Args:
        target: what the file is to be called.
        opened: the document on view, which stays as it is.
        may_replace: False: a target that exists already is refused.

    Raises:
        CannotWrite: the target is the opened file or exists, or the disk refuses.
    """
    name = visible(target.name)
    refuse_target(target, name, [opened], may_replace=may_replace)
    try:
        number, name_of_scratch = tempfile.mkstemp(
            prefix=f".{target.name[:40]}-", dir=target.parent
        )
        scratch = Path(name_of_scratch)
    except (OSError, ValueError) as error:
        raise refused(name, error) from error
    try:
        with os.fdopen(number, "wb") as file:
            while (piece := (yield)) is not None:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        give_usual_rights(scratch)
        refuse_target(target, name, [opened], may_replace=may_replace)  # it may have come to be
        scratch.replace(target)
    except OSError as error:
        raise refused(name, error) from error
    finally:
        scratch.unlink(missing_ok=True)
    yield


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
