"""A folder as a document: what is in it is read by name, as it is asked for."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from h5viewer.errors import CannotOpen, CannotRead
from h5viewer.formats.source import refused
from h5viewer.names import visible
from h5viewer.nodes import Identity

_MOST_LEVELS = 16


class FoundFile(NamedTuple):
    """A regular file beneath a folder."""

    name: str  # path inside the folder, with "/"; as the system gives it
    n_bytes: int


class FoundOther(NamedTuple):
    """Something beneath a folder that is not looked into."""

    name: str
    reason: str  # a sentence


class Folder:
    """A folder in the place of a `Source`; it holds nothing open."""

    def __init__(self, path: str) -> None:
        """Look at `path` (absolute).

        Raises:
            CannotOpen: it is missing, no folder, or may not be entered.
        """
        self.path = path
        self.name = visible(Path(path).name or path)
        self.kept: dict[object, Any] = {}  # what was learnt, for the next request
        try:
            self.identity = _identity(path)
            os.scandir(path).close()
        except NotADirectoryError as error:
            raise CannotOpen(
                f"{self.name} is a file, not a folder.", hint="Choose a folder of pictures."
            ) from error
        except (OSError, ValueError) as error:
            raise refused(self.name, error) from error

    def check_unchanged(self) -> None:
        """Raise when another folder is in its place; what is in it may change.

        Raises:
            CannotRead: so it is.
        """
        try:
            now = _identity(self.path)
        except OSError as error:
            raise CannotRead(f"{self.name} can no longer be read.", details=str(error)) from error
        if now != self.identity:
            raise CannotRead(f"{self.name} changed on disk.", hint="Choose it again.")

    def join(self, name: str) -> str:
        """The absolute path of what `walk` found."""
        return os.path.join(self.path, *name.split("/"))  # noqa: PTH118 - lone surrogates

    def walk(self) -> Iterator[list[FoundFile | FoundOther]]:
        """All regular files beneath it, folder by folder; yields what one folder holds.

        Nothing hidden. Links count when they lead to a file beneath the folder.
        """
        real = os.path.realpath(self.path)
        waiting = [("", 0)]
        while waiting:
            prefix, level = waiting.pop()
            found: list[FoundFile | FoundOther] = []
            try:
                with os.scandir(self.join(prefix[:-1]) if prefix else self.path) as entries:
                    for entry in entries:
                        _sort_in(entry, prefix, level, real, found, waiting)
            except OSError as error:
                why = (error.strerror or str(error)).lower()
                found.append(FoundOther(prefix or "/", f"This folder cannot be read: {why}."))
            yield found

    def close(self) -> None:
        """Nothing is open."""


class OpenedFolder(NamedTuple):
    """A folder in the place of a container."""

    source: Folder

    def close(self) -> None:
        """Nothing is open."""


def _sort_in(
    entry: os.DirEntry[str],
    prefix: str,
    level: int,
    real: str,
    found: list[FoundFile | FoundOther],
    waiting: list[tuple[str, int]],
) -> None:
    name = prefix + entry.name
    if entry.name.startswith(".") or entry.name == "__MACOSX":
        return
    if entry.is_symlink():
        found.extend(_linked(entry, name, real))
    elif entry.is_dir(follow_symlinks=False):
        if level >= _MOST_LEVELS:
            found.append(FoundOther(name, "It lies too many folders deep."))
        else:
            waiting.append((name + "/", level + 1))
    elif entry.is_file(follow_symlinks=False):
        found.append(FoundFile(name, entry.stat(follow_symlinks=False).st_size))


def _linked(entry: os.DirEntry[str], name: str, real: str) -> Iterator[FoundFile | FoundOther]:
    target = os.path.realpath(entry.path)
    try:
        facts = os.stat(target)  # noqa: PTH116
    except OSError:
        yield FoundOther(name, "It is a link that leads nowhere.")
        return
    if stat.S_ISDIR(facts.st_mode):
        yield FoundOther(name, "It is a link to a folder, which is not followed.")
    elif not target.startswith(real.rstrip(os.sep) + os.sep):
        yield FoundOther(name, "It is a link to a file outside of the folder.")
    elif stat.S_ISREG(facts.st_mode):
        yield FoundFile(name, facts.st_size)


def _identity(path: str) -> Identity:
    facts = os.stat(path)  # noqa: PTH116 - lone surrogates
    if not stat.S_ISDIR(facts.st_mode):
        raise NotADirectoryError
    return Identity(device=facts.st_dev, inode=facts.st_ino, size=0, mtime_ns=0)
