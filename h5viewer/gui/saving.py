"""Saving what the window shows as a text file, piece by piece while the window answers.

How a file is written whole or not at all stands in `file_writing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from h5viewer import file_writing
from h5viewer.errors import CannotWrite


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
    with closing(file_writing.writing(target, opened)) as file:
        next(file)
        for piece in pieces:
            # Pieces have their own ends of lines; lone surrogates of names have no bytes.
            file.send(piece.encode("utf-8", "backslashreplace"))
            yield
        file.send(None)
