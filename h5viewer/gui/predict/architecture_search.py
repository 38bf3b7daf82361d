"""Finds what states the layers of a file that holds weights alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

from PySide6.QtCore import QObject, Signal

from h5viewer.beside import architecture_files
from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.gui.errand import Errand
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import ArchitectureFit, Document, Text
from h5viewer.picture_files import read_bytes
from h5viewer.requests import CodeFile, FitArchitecture, ReadArchitecture
from h5viewer.workers.pool import Pool

_LONGEST = 24 << 20  # bytes of a JSON file
_Take = Callable[[CodeFile], None]
_Fail = Callable[[H5ViewerError], None]
_WEIGHTS_ONLY = ("keras-h5-weights", "keras-weights")


def needs_architecture(document: Document) -> bool:
    """True for a file of weights alone."""
    return document.format in _WEIGHTS_ONLY


class ArchitectureSearch(QObject):
    """Tries what lies beside the weights, one file after the other; or reads what is chosen.

    Signals:
        found(CodeFile | None): the first whose layers are those of the weights, or what was
            chosen; None: there is none beside them.
        failed(H5ViewerError): what was chosen states no layers.
    """

    found = Signal(object)
    failed = Signal(object)

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._reading: Errand | None = None
        self._asking = Latest(pool, self)
        self._weights = ""
        self._left: Iterator[str] = iter(())

    @property
    def is_waiting(self) -> bool:
        """A file is looked for or read."""
        return self._reading is not None or self._asking.is_waiting

    def begin(self, weights: str, chosen: str = "") -> None:
        """Look for the layers of `weights`.

        Args:
            chosen: the file that the user chose for it before; "": none.
        """
        self.cancel()
        self._weights = weights
        if chosen:
            self._read(chosen, self.found.emit, lambda _: self._look_beside())
        else:
            self._look_beside()

    def read(self, path: str) -> None:
        """The user says that it is this one."""
        self.cancel()
        self._read(path, self.found.emit, self.failed.emit)

    def cancel(self) -> None:
        """Tell nothing."""
        if self._reading is not None:
            self._reading.forget()
            self._reading = None
        self._asking.cancel()

    def _look_beside(self) -> None:
        looking = self._reading = Errand(partial(architecture_files, self._weights), self)
        looking.done.connect(lambda paths: self._try_all(cast("Sequence[str]", paths)))

    def _try_all(self, paths: Sequence[str]) -> None:
        self._reading = None
        self._left = iter(paths)
        self._try_next()

    def _try_next(self) -> None:
        path = next(self._left, None)
        if path is None:
            self.found.emit(None)
        else:
            self._read(path, self._hold_against, lambda _: self._try_next())

    def _hold_against(self, file: CodeFile) -> None:
        self._asking.ask(
            FitArchitecture(document=self._weights, architecture=file),
            lambda fit: self._judge(file, fit),
            on_failure=lambda _: self._try_next(),  # it is no architecture after all
        )

    def _judge(self, file: CodeFile, fit: ArchitectureFit) -> None:
        if fit.fits:
            self.found.emit(file)
        else:
            self._try_next()

    # Reading one

    def _read(self, path: str, take: _Take, fail: _Fail) -> None:
        """JSON in a thread, a whole model by a worker."""
        if path.lower().endswith(".json"):
            reading = self._reading = Errand(partial(_read_text, path), self)
            reading.done.connect(partial(self._end_reading, take))
            reading.failed.connect(partial(self._end_reading, fail))
            return
        self._asking.ask(
            ReadArchitecture(document=path),
            partial(self._take_text, path, take),
            on_failure=partial(self._fail_text, path, fail),
        )

    def _end_reading(self, tell: Callable[[Any], None], outcome: Any) -> None:
        self._reading = None
        tell(outcome)

    def _take_text(self, path: str, take: _Take, text: Text) -> None:
        self._pool.forget(path)
        take(CodeFile(name=Path(path).name, text=text.text))

    def _fail_text(self, path: str, fail: _Fail, error: H5ViewerError) -> None:
        self._pool.forget(path)
        fail(error)


def _read_text(path: str) -> CodeFile:
    name = Path(path).name
    try:
        return CodeFile(name=name, text=read_bytes(path, _LONGEST).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise CannotRead(f"{visible(name)} is no text in UTF-8.") from error
