"""What several files replace, kept until the last of them is in place.

One rename cannot move several files. So the old ones get a second name first, and a journal
beside them says which. When one of the new files is refused its place, the old ones are put back
at once; when the program is killed in between, by the next export into that folder or the next
window. Files are known by their numbers on the disk: what a journal names but the disk does not
know by these numbers is left alone.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from h5viewer.held_files import flush_folder, hold, taken

SUFFIX = ".h5viewer-journal"
_LONGEST = 1 << 20  # bytes of a journal

_PARTS = "/\\:\0" if sys.platform == "win32" else "/\0"  # what names of files cannot hold

_Number = tuple[int, int, int, int]
"""Device, inode (which disks give again), size and time of the last change."""


class _Move(msgspec.Struct, frozen=True):
    """One file that is to be replaced or made; names are of the folder."""

    target: bytes
    new: _Number
    kept: bytes  # the second name of the old file
    old: _Number | None  # None: there is none


class Journal:
    """The moves of one export; `close` it, whatever becomes of it."""

    def __init__(self, moves: Sequence[tuple[Path, Path]], suffix: str) -> None:
        """Write down what is to be done.

        Args:
            moves: what takes which place, all in one folder.
            suffix: of the second names, by which they are removed when nobody needs them.

        Raises:
            OSError: the disk refuses.
        """
        self._folder = moves[0][1].parent
        token = secrets.token_hex(4)
        self._moves = [
            _Move(
                target=os.fsencode(target.name),
                new=_number_of(path) or (0, 0, 0, 0),
                kept=os.fsencode(f".{number}-{token}{suffix}"),
                old=_number_of(target),
            )
            for number, (path, target) in enumerate(moves)
        ]
        self._path = self._folder / f".{token}{SUFFIX}"
        self._fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            hold(self._fd)
            os.write(self._fd, msgspec.json.encode(self._moves))
            os.fsync(self._fd)
        except OSError:
            self.close()
            self._path.unlink()
            raise
        flush_folder(self._folder)

    def keep_old(self) -> None:
        """Give what is to be replaced its second name.

        Raises:
            OSError: the disk refuses.
        """
        for move in self._moves:
            if move.old is not None:
                _keep(
                    self._folder / os.fsdecode(move.target), self._folder / os.fsdecode(move.kept)
                )
        flush_folder(self._folder)

    def put_back(self) -> None:
        """Have the folder be as it was; what the disk refuses is tried again by the next start."""
        if _put_back(self._folder, self._moves):
            self._end()

    def finish(self) -> None:
        """All are in place; the old ones may go."""
        self._end()
        for move in self._moves:
            with suppress(OSError):  # it is removed with what is abandoned
                (self._folder / os.fsdecode(move.kept)).unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of it."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _end(self) -> None:
        self.close()
        with suppress(OSError):
            self._path.unlink(missing_ok=True)
        flush_folder(self._folder)


def put_abandoned_back(folder: Path) -> set[str]:
    """Put back what exchanges of killed programs replaced; names that are needed yet.

    Raises:
        OSError: the folder may not be listed.
    """
    needed: set[str] = set()
    for path in folder.glob(f".*{SUFFIX}"):
        moves = _read(path)
        names = {os.fsdecode(move.kept) for move in moves}
        try:
            with taken(path):
                is_done = _put_back(folder, moves)
            if is_done:
                path.unlink()
            else:
                needed |= names
        except OSError:  # held by a program that runs, or not ours
            needed |= names
    return needed


def _read(path: Path) -> list[_Move]:
    """What a journal says; nothing when it was not written whole, or by something else."""
    try:
        with path.open("rb") as file:
            moves = msgspec.json.decode(file.read(_LONGEST), type=list[_Move])
    except (OSError, ValueError, RecursionError):
        return []
    names = [os.fsdecode(name) for move in moves for name in (move.target, move.kept)]
    return moves if all(_is_name(name) for name in names) else []


def _is_name(text: str) -> bool:
    """True for a name in a folder: no path elsewhere."""
    return text not in ("", ".", "..") and not any(sign in text for sign in _PARTS)


def _put_back(folder: Path, moves: Sequence[_Move]) -> bool:
    """True when nothing is left to be done."""
    done = [_put_one_back(folder, move) for move in moves]
    flush_folder(folder)
    return all(done)


def _put_one_back(folder: Path, move: _Move) -> bool:
    target, kept = (folder / os.fsdecode(name) for name in (move.target, move.kept))
    try:
        now = _number_of(target)
        if move.old is None:
            if now == move.new:
                target.unlink()
        elif _number_of(kept) == move.old:
            if now == move.old:
                kept.unlink()
            elif now in (None, move.new):
                kept.replace(target)
    except OSError:
        return False
    return True


def _number_of(path: Path) -> _Number | None:
    try:
        facts = path.lstat()
    except FileNotFoundError:
        return None
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns


def _keep(target: Path, kept: Path) -> None:
    try:
        os.link(target, kept, follow_symlinks=False)
    except (OSError, NotImplementedError):  # disks without second names
        target.rename(kept)
