"""The file that an export writes before it is its target.

Where the system can (Linux, on most disks) it has no name at all: whatever is killed at
whatever moment, the folder stays as it was. Elsewhere it has a name beside the target and
is locked; what nobody holds any more is removed by the next export into that folder.
"""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from h5viewer.exchange_journal import Journal, put_abandoned_back
from h5viewer.held_files import flush_folder, hold, taken
from h5viewer.names import visible
from h5viewer.targets import give_usual_rights, refuse_target, refused

SUFFIX = ".h5viewer-part"


class ScratchFile:
    """An open file in the folder of `target`, which it can replace."""

    def __init__(
        self, target: Path, opened: Sequence[str], *, may_replace: bool, anonymous: bool
    ) -> None:
        self._target = target
        self._opened = opened
        self._may_replace = may_replace
        self._name = visible(target.name)
        self._path: Path | None = None
        refuse_target(target, self._name, opened, may_replace=may_replace)
        remove_abandoned(target.parent)
        try:
            self.fd = self._open(anonymous=anonymous)
        except (OSError, ValueError) as error:
            raise refused(self._name, error) from error

    def _open(self, *, anonymous: bool) -> int:
        if anonymous and hasattr(os, "O_TMPFILE"):
            with suppress(OSError):  # the disk cannot: the next way tells why not
                number = os.open(
                    self._target.parent, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o666
                )
                hold(number)  # it has a name for a moment before it takes its place
                return number
        number, name = tempfile.mkstemp(
            prefix=f".{self._target.name[:40]}-", suffix=SUFFIX, dir=self._target.parent
        )
        self._path = Path(name)
        hold(number)
        return number

    def settle(self) -> None:
        """Have the disk hold every byte.

        Raises:
            CannotWrite: the disk refuses.
        """
        try:
            os.fsync(self.fd)
        except OSError as error:
            raise refused(self._name, error) from error

    def take_place(self) -> None:
        """Be the target; what has settled is that in a moment.

        Raises:
            CannotWrite: the disk refuses, or the target came to be meanwhile.
        """
        self.settle()
        self.stand_beside()
        try:
            self.replace_target()
            flush_folder(self._target.parent)
        except OSError as error:
            raise refused(self._name, error) from error

    def stand_beside(self) -> tuple[Path, Path]:
        """Have a name in the folder of the target; which, and the target.

        Raises:
            CannotWrite: the disk refuses, or the target came to be meanwhile.
        """
        refuse_target(self._target, self._name, self._opened, may_replace=self._may_replace)
        try:
            if self._path is None:
                self._path = self._named()
            else:
                give_usual_rights(self._path)
        except OSError as error:
            raise refused(self._name, error) from error
        return self._path, self._target

    def replace_target(self) -> None:
        """Take the target's name, in one step.

        Raises:
            OSError: the disk refuses.
        """
        assert self._path is not None
        if sys.platform == "win32":
            self._close_descriptor()  # an open file cannot be moved there
        self._path.replace(self._target)
        self._path = None

    def _named(self) -> Path:
        path = self._target.with_name(f".{self._target.name[:40]}-{secrets.token_hex(4)}{SUFFIX}")
        # with a folder's descriptor (not used, as both paths are absolute) the link is followed
        os.link(f"/proc/self/fd/{self.fd}", path, src_dir_fd=self.fd, follow_symlinks=True)
        return path

    def close(self) -> None:
        """Leave nothing behind, unless it took the target's place."""
        self._close_descriptor()
        if self._path is not None:
            with suppress(OSError):  # a disk that was unplugged
                self._path.unlink(missing_ok=True)

    def _close_descriptor(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


@contextmanager
def scratch_file(
    target: Path, opened: Sequence[str], *, may_replace: bool, anonymous: bool = True
) -> Iterator[ScratchFile]:
    """A scratch file that is gone after the block, unless it took its place.

    Args:
        target: what it is to be called, absolute.
        opened: the documents it is made of, which stay as they are.
        may_replace: False: a target that exists already is refused.
        anonymous: False: with a name, as on systems that cannot do otherwise.

    Raises:
        CannotWrite: the target is a document or exists, or the folder refuses.
    """
    scratch = ScratchFile(target, opened, may_replace=may_replace, anonymous=anonymous)
    try:
        yield scratch
    finally:
        scratch.close()


def take_places(scratches: Sequence[ScratchFile]) -> None:
    """Be all targets, in this order; when one is refused, the folder is as it was.

    Raises:
        CannotWrite: the disk refuses, or a target came to be meanwhile.
    """
    for scratch in scratches:
        scratch.settle()
    if len(scratches) == 1:
        scratches[0].take_place()
        return
    moves = [scratch.stand_beside() for scratch in scratches]
    index = visible(moves[-1][1].name)
    try:
        journal = Journal(moves, SUFFIX)
    except OSError as error:
        raise refused(index, error) from error
    try:
        journal.keep_old()
        for scratch in scratches:
            scratch.replace_target()
        flush_folder(moves[-1][1].parent)
    except OSError as error:
        journal.put_back()
        raise refused(index, error) from error
    else:
        journal.finish()
    finally:
        journal.close()


def remove_abandoned(folder: Path) -> None:
    """Remove scratch files whose program was killed, and put back what they replaced in part."""
    with suppress(OSError):  # a folder that may not be listed
        found = list(folder.glob(f".*{SUFFIX}"))
        needed = put_abandoned_back(folder)
        for path in found:
            if path.name not in needed:
                with suppress(OSError), taken(path):  # held by one that runs, or not ours
                    path.unlink()
