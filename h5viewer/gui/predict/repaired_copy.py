"""Saving the network as a file that plain Keras 3 loads; its bytes are written in a thread."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from queue import SimpleQueue

import shiboken6
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.file_writing import writing
from h5viewer.gui.errand import Errand
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import FileBytes, Repaired
from h5viewer.requests import Consent, RepairNetwork
from h5viewer.wording import bytes_text, plural
from h5viewer.workers.pool import Pool

SUFFIX = ".keras"

_MOMENT = 0.04  # seconds; taking a scratch file away takes less

_Piece = bytes | None | type[Exception]
"""What the thread is given: bytes, then None for the end, or StopIteration to give up."""


class RepairedCopy(QObject):
    """One copy at a time. Without the last bytes nothing is left in the folder.

    Signals:
        began: a name was chosen.
        saved(sentence: str) or failed(H5ViewerError): once.
        progressed(Progress)
    """

    began = Signal()
    saved = Signal(str)
    failed = Signal(object)
    progressed = Signal(object)

    def __init__(self, pool: Pool, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._asking = Latest(pool, self)
        self._pieces: SimpleQueue[_Piece] | None = None
        self._repaired: Repaired | None = None
        self._writing: Errand | None = None

    @property
    def is_running(self) -> bool:
        """A copy is being made."""
        return self._pieces is not None

    def ask_for_target(self, document: str, consent: Consent) -> None:
        """The user chooses a name; then it begins."""
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Save repaired copy", suggestion(document), "Keras model (*.keras)"
        )
        if name:
            target = Path(name)
            is_named = target.suffix == SUFFIX
            self.begin(document, consent, target if is_named else Path(name + SUFFIX))

    def begin(self, document: str, consent: Consent, target: Path) -> None:
        """Ask for the repaired network, and write what comes."""
        self.cancel()
        pieces: SimpleQueue[_Piece] = SimpleQueue()
        self._pieces, self._repaired = pieces, None
        self.began.emit()
        errand = self._writing = Errand(lambda: _write(target, document, pieces), self)
        errand.done.connect(lambda is_whole: self._tell(pieces, target, bool(is_whole)))
        errand.failed.connect(lambda error: self._refuse(pieces, error))
        self._asking.ask(
            RepairNetwork(document=document, consent=consent),
            lambda repaired: self._end(pieces, repaired),
            on_part=lambda part: self._add(pieces, part),
            on_failure=lambda error: self._refuse(pieces, error),
            on_progress=self.progressed.emit,
        )

    def cancel(self) -> None:
        """Leave the folder as it was."""
        self._asking.cancel()
        if self._pieces is not None:
            self._pieces.put(StopIteration)
            self._pieces = None
            if self._writing is not None and shiboken6.isValid(self._writing):
                self._writing.wait(_MOMENT)  # the program may end now: no scratch is to stay

    def _add(self, pieces: SimpleQueue[_Piece], part: object) -> None:
        if isinstance(part, FileBytes):
            pieces.put(part.data)

    def _end(self, pieces: SimpleQueue[_Piece], repaired: Repaired) -> None:
        self._repaired = repaired
        pieces.put(None)

    def _refuse(self, pieces: SimpleQueue[_Piece], error: H5ViewerError) -> None:
        if pieces is self._pieces:
            self.cancel()
            self.failed.emit(error)

    def _tell(self, pieces: SimpleQueue[_Piece], target: Path, is_whole: bool) -> None:
        if pieces is self._pieces and is_whole and self._repaired is not None:
            self._pieces = None
            self.saved.emit(sentence(target, self._repaired))


def sentence(target: Path, repaired: Repaired) -> str:
    """What was written."""
    made = plural(len(repaired.findings), "repair") if repaired.findings else "no repair needed"
    size = bytes_text(repaired.n_bytes)
    return (
        f"{visible(target.name)} is saved: {size}, {made}. "
        f"Plain Keras 3 loads it and answers alike. {repaired.training}"
    ).rstrip()


def suggestion(document: str) -> str:
    """A name that is not the document's own."""
    path = Path(document)
    target = path.with_suffix(SUFFIX)
    if target.name == path.name:
        target = path.with_name(f"{path.stem} repaired{SUFFIX}")
    return str(target)


def _write(target: Path, opened: str, pieces: SimpleQueue[_Piece]) -> bool:
    """Write until the end, in a thread; False: it was given up.

    Raises:
        CannotWrite: the target is the opened file, or the disk refuses.
    """
    with closing(writing(target, opened)) as file:
        next(file)
        while True:
            piece = pieces.get()
            if isinstance(piece, type):
                return False
            file.send(piece)
            if piece is None:
                return True
