"""What all views of a weight have in common: ask, wait, fail, say why there is nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import Busy, Notice, PlainLabel
from h5viewer.gui.task import Latest
from h5viewer.nodes import WeightMeaning
from h5viewer.requests import Cut, Request
from h5viewer.workers.pool import Pool


class WeightView(QWidget):
    """A bar of controls, the body, a line of words below.

    Signals:
        cut_wanted(NodePath, Cut): show this part of that dataset in the Array panel.
        pointed(str): what is under the cursor.
    """

    cut_wanted = Signal(object, object)
    pointed = Signal(str)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pool = pool
        self.document = ""
        self.meaning: WeightMeaning | None = None
        self._answer = Latest(pool, self)
        self._busy = Busy("Reading the weight…")
        self._notice = Notice()
        self._words = PlainLabel(wrap=True, role="muted")
        self._bar = QHBoxLayout()
        self._bar.setSpacing(theme.SPACE_S)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.SPACE_S)
        self._column.addLayout(self._bar)
        self._column.addWidget(self._notice)
        self._column.addWidget(self._busy)
        self._answer.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._stop)
        self._notice.action_requested.connect(self._again)

    @property
    def is_waiting(self) -> bool:
        """True while an answer is on its way."""
        return self._answer.is_waiting

    def show_weight(self, document: str, meaning: WeightMeaning) -> None:
        """Show this weight."""
        self.clear()
        self.document, self.meaning = document, meaning
        self._begin(meaning)

    def clear(self) -> None:
        """Stop asking, forget the data."""
        self._answer.cancel()
        self._notice.clear()
        self._say("")
        self.meaning = None
        self._forget()

    # ------------------------------------------------------- for those who inherit

    def _begin(self, meaning: WeightMeaning) -> None:
        """Ask for what is to be shown."""
        raise NotImplementedError

    def _forget(self) -> None:
        """Free the data."""
        raise NotImplementedError

    def _again(self) -> None:
        """The button of the notice was pressed."""
        if self.meaning is not None:
            self._notice.clear()
            self._begin(self.meaning)

    def _ask(self, request: Request, take: Callable[[Any], None]) -> None:
        self._notice.clear()
        self._answer.ask(request, take, on_failure=self._fail, on_progress=self._busy.show_progress)

    def _fail(self, error: H5ViewerError) -> None:
        self._forget()
        self._notice.show_error(error)

    def _say(self, text: str) -> None:
        self._words.set_text(text)
        self._words.setVisible(bool(text))

    def _fill(self, body: QWidget) -> None:
        """The body, and the words below it; called once by each view."""
        self._bar.addStretch(1)
        self._column.addWidget(body, 1)
        self._column.addWidget(self._words)

    def _stop(self) -> None:
        self._answer.cancel()
        self._notice.show_text("Reading was stopped.", action="Read again")

    def _show_in_array(self, rows: int, columns: int, index: tuple[int, ...]) -> None:
        if self.meaning is not None:
            self.cut_wanted.emit(self.meaning.path, Cut(rows=rows, columns=columns, index=index))
