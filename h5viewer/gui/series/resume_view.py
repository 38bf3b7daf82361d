"""The card that says how to train on from a step: what it holds, and the Python lines."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.notices import Busy, Notice
from h5viewer.gui.details.facts import Fact
from h5viewer.gui.details.facts_view import FactsView
from h5viewer.gui.series import step_words as words
from h5viewer.gui.series.run_view import RunView
from h5viewer.gui.task import Latest
from h5viewer.nodes import SavedTraining, Series
from h5viewer.requests import ReadTraining
from h5viewer.resuming import resuming
from h5viewer.series import epochs_done
from h5viewer.workers.pool import Pool

_WIDEST = 760  # pixels of the card


class _Lines(QPlainTextEdit):
    """As high as its lines are, also when they wrap."""

    def fit(self) -> None:
        """Another text, another width: a plain text's height is the number of its lines."""
        margins = 2 * round(self.document().documentMargin()) + theme.SPACE_M
        n_lines = max(1, round(self.document().size().height()))
        self.setFixedHeight(n_lines * self.fontMetrics().lineSpacing() + margins)

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lines wrap anew."""
        super().resizeEvent(event)
        self.fit()


class ResumeView(RunView):
    """About the step that is chosen."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._series: Series | None = None
        self._step = 0
        self._shown = ""  # the file the card is about
        self._reading = Latest(pool, self)
        self._notice = Notice()
        self._busy = Busy("Looking into the file…")
        self._card = QFrame()
        self._card.setProperty("role", "card")
        self._card.setMaximumWidth(_WIDEST)
        self._title = PlainLabel()
        self._title.setFont(theme.scaled_font(1.15))
        self._icon = QLabel()
        self._icon.setFixedSize(theme.ICON_SIZE, theme.ICON_SIZE)
        self._verdict = PlainLabel(wrap=True)
        self._facts = FactsView()
        self._lines = _Lines(readOnly=True)
        self._lines.setAccessibleName("Python lines that train on")
        self._lines.setToolTip("Python lines that train on from this file")
        self._lines.setFont(theme.monospace())
        self._copy = QPushButton("Copy the lines")
        self._copy.setAccessibleName("Copy the lines")
        self._copy.setToolTip("Copy the Python lines")
        self._arrange()
        self._card.hide()
        self._copy.clicked.connect(self._copy_lines)
        self._reading.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._reading.cancel)

    def show_series(self, series: Series, *, is_new: bool) -> None:
        """Show a run, or what has become of the one that is shown."""
        if is_new:
            self.clear()
        self._series = series
        self._step = min(self._step, len(series.steps) - 1)
        self._begin()

    def go_to(self, step: int) -> None:
        """Show this step."""
        self._step = step
        self._begin()

    def clear(self) -> None:
        """Stop reading, forget the run."""
        self._reading.cancel()
        self._series = None
        self._shown = ""
        self._notice.clear()
        self._card.hide()

    def _begin(self) -> None:
        """Look into the file, when the card is looked at."""
        series = self._series
        if series is None or not self.isVisible() or self._step >= len(series.steps):
            return
        step = series.steps[self._step]
        if step.document != self._shown:
            self._shown = step.document
            self._notice.clear()
            title = f"Train on from {words.step_text(series, self._step)}"
            self._title.set_text(title)
            self._reading.ask(
                ReadTraining(document=step.document),
                lambda saved: self._show(saved, step.document, epochs_done(series, step.number)),
                on_failure=self._fail,
            )

    def _show(self, saved: SavedTraining, path: str, epoch: int | None) -> None:
        found = resuming(saved, path, epoch)
        role: theme.Role = "success" if found.goes_on else "warning"
        picture = theme.pixmap(
            "check" if found.goes_on else "warning", theme.ICON_SIZE, role, self.devicePixelRatioF()
        )
        self._icon.setPixmap(picture)
        self._verdict.set_text(found.words)
        self._facts.show_facts([Fact(label, text) for label, text in found.facts])
        self._lines.setPlainText("\n".join(found.lines))
        self._lines.fit()
        self._card.show()

    def _fail(self, error: H5ViewerError) -> None:
        self._card.hide()
        self._notice.show_error(error)

    def _copy_lines(self) -> None:
        QGuiApplication.clipboard().setText(self._lines.toPlainText() + "\n")
        self.status_changed.emit("Python lines copied")

    def _arrange(self) -> None:
        verdict = QHBoxLayout()
        verdict.setSpacing(theme.SPACE_S)
        verdict.addWidget(self._icon)
        verdict.addWidget(self._verdict, 1)
        end = QHBoxLayout()
        end.addStretch(1)
        end.addWidget(self._copy)
        card = QVBoxLayout(self._card)
        card.setContentsMargins(*[theme.SPACE_L] * 4)
        card.setSpacing(theme.SPACE_M)
        card.addWidget(self._title)
        card.addLayout(verdict)
        card.addWidget(self._facts)
        card.addWidget(self._lines)
        card.addLayout(end)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_L] * 4)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self._busy)
        column.addWidget(self._notice)
        column.addWidget(self._card)
        column.addStretch(1)

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        """Now it is looked at."""
        super().showEvent(event)
        self._begin()
