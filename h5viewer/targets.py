"""Which names new files may not have, and what to say when the disk refuses."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from h5viewer.checkpoint_files import data_files
from h5viewer.errors import CannotWrite

_INDEX = ".weights.json"  # Keras' own, of weights in several files
_OTHER_NAME = "Choose another name."


def is_same(target: Path, opened: Path) -> bool:
    """Whether both names are of one file."""
    try:
        return target.samefile(opened)
    except OSError:  # one of them is not there
        return os.path.normcase(target) == os.path.normcase(opened)


def files_of(document: str) -> list[Path]:
    """The file, and those that belong to it by their names: a checkpoint's values, Keras' shards.

    Nothing is read.
    """
    path = Path(document)
    return [path, *map(Path, data_files(document)), *_keras_shards(path)]


def _keras_shards(path: Path) -> list[Path]:
    if not path.name.lower().endswith(_INDEX):
        return []
    own = re.compile(
        rf"{re.escape(path.name[: -len(_INDEX)])}_\d{{5,}}\.weights\.h5", re.IGNORECASE
    )
    try:
        return sorted(each for each in path.parent.iterdir() if own.fullmatch(each.name))
    except OSError:
        return []


def not_a_file(target: Path) -> str:
    """What is there that no file may take the place of: "a folder", "a device"; else ""."""
    try:
        mode = target.stat().st_mode
    except (OSError, ValueError):  # nothing, or a link to nothing
        return ""
    if stat.S_ISREG(mode):
        return ""
    if stat.S_ISDIR(mode):
        return "a folder"
    return "a pipe" if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) else "a device"


def refuse_target(target: Path, name: str, opened: Sequence[str], *, may_replace: bool) -> None:
    """Raise when a file may not be called `target`.

    Raises:
        CannotWrite: it is one of the opened files or belongs to one, through whatever link, is
            no file, or exists.
    """
    for document in filter(None, opened):
        own, *others = files_of(document)
        if is_same(target, own):
            raise CannotWrite(f"{name} is the opened file; it was not replaced.", hint=_OTHER_NAME)
        if any(is_same(target, each) for each in others):
            raise CannotWrite(
                f"{name} belongs to the opened file; it was not replaced.", hint=_OTHER_NAME
            )
    if kind := not_a_file(target):
        raise CannotWrite(f"{name} is {kind}; it was not replaced.", hint=_OTHER_NAME)
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
