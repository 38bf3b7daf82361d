"""Saving what the window shows as a text file, piece by piece while the window answers.

The text is written beside its target under another name, and takes the target's place
when it is whole: a target never holds half a file, and is not touched when writing fails.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from PySide6.QtCore import QObject, QTimer, Signal

from h5viewer.errors import CannotWrite
from h5viewer.names import visible


class TextSaving(QObject):
    """Writes pieces of text to `target`, one a turn of the event loop.

    Signals:
        saved(Path) or failed(CannotWrite): once.
    """

    saved = Signal(object)
    failed = Signal(object)

    def __init__(
        self, target: Path, pieces: Iterable[str], opened: str, parent: QObject | None = None
    ) -> None:
        """Begin with the next turn; `opened` is the document on view, which stays as it is."""
        super().__init__(parent)
        self._target = target
        self._steps = writing(target, pieces, opened)
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._step)
        self._turn.start()
        self.destroyed.connect(lambda *_, steps=self._steps: steps.close())

    def _step(self) -> None:
        try:
            next(self._steps)
        except StopIteration:
            self._turn.stop()
            self.saved.emit(self._target)
            self.deleteLater()
        except CannotWrite as error:
            self._turn.stop()
            self.failed.emit(error)
            self.deleteLater()


def writing(target: Path, pieces: Iterable[str], opened: str) -> Iterator[None]:
    """Write, with a yield after each piece; closing it before the end leaves nothing behind.

    Raises:
        CannotWrite: the target is the opened file, or the disk refuses.
    """
    name = visible(target.name)
    if is_same(target, Path(opened)):
        raise CannotWrite(
            f"{name} is the file that is shown; it was not replaced.",
            hint="Choose another name.",
        )
    try:
        number, name_of_scratch = tempfile.mkstemp(
            prefix=f".{target.name[:40]}-", dir=target.parent
        )
        scratch = Path(name_of_scratch)
    except (OSError, ValueError) as error:
        raise _refused(name, error) from error
    try:
        # Pieces have their own ends of lines; lone surrogates of names have no bytes.
        with os.fdopen(number, "w", -1, "utf-8", "backslashreplace", newline="") as file:
            yield from _written(file, pieces)
        _give_usual_rights(scratch)
        scratch.replace(target)
    except OSError as error:
        raise _refused(name, error) from error
    finally:
        scratch.unlink(missing_ok=True)


def _written(file: TextIO, pieces: Iterable[str]) -> Iterator[None]:
    for piece in pieces:
        file.write(piece)
        yield
    file.flush()
    os.fsync(file.fileno())


def is_same(target: Path, opened: Path) -> bool:
    """Whether both names are of one file."""
    try:
        return target.samefile(opened)
    except OSError:  # one of them is not there
        return os.path.normcase(target) == os.path.normcase(opened)


def _give_usual_rights(scratch: Path) -> None:
    """A scratch file is for its owner alone; what is saved has the rights of any new file."""
    umask = os.umask(0)
    os.umask(umask)
    with suppress(OSError):  # file systems without rights
        scratch.chmod(0o666 & ~umask)


def _refused(name: str, error: Exception) -> CannotWrite:
    why = (getattr(error, "strerror", None) or str(error)).lower()
    return CannotWrite(
        f"{name} was not saved: {why}.",
        hint="Choose another folder or name.",
        details=str(error),
    )
