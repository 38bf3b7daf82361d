"""What the window says: notices beside what they concern, empty states, waiting.

Texts may hold names from files; none of these widgets ever reads them as HTML.
"""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel as PlainLabel
from h5viewer.gui.controls.labels import show_name as show_name
from h5viewer.gui.controls.progress_bar import ProgressBar
from h5viewer.gui.controls.tool_button import push_button
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.requests import Progress

Severity = Literal["note", "warning", "error"]

BUSY_AFTER = 100
"""Milliseconds of waiting before the window says so."""

_SHORTEST_BAR, _WHOLE_WORD = 40, 96  # pixels, of a bar and of the text beside it

_ROLES: dict[str, theme.Role] = {"note": "muted", "warning": "warning", "error": "error"}
_TITLES = {"note": "Note", "warning": "Warning", "error": "Error"}


class Notice(QFrame):
    """A strip beside what it concerns: one sentence, what to do, details on demand.

    Signals:
        action_requested: the user pressed the button named by `action`.
        dismissed: the user closed it.
    """

    action_requested = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None, *, closable: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName("Notice")
        self._picture = QLabel()
        self._picture.setFixedSize(theme.ICON_SIZE, theme.ICON_SIZE + 4)
        self._message = PlainLabel(wrap=True)
        self._hint = PlainLabel(wrap=True, role="muted")
        self._action = push_button("", "", role="quiet")
        self._action.clicked.connect(self.action_requested)
        self._more = push_button("Details", "Show technical details", role="quiet")
        self._more.setCheckable(True)
        self._more.toggled.connect(self._fold)
        self._copy = push_button("Copy", "Copy this message with its details", role="quiet")
        self._copy.clicked.connect(self._copy_all)
        self._close = QToolButton()
        self._close.setIcon(theme.icon("close", "muted"))
        self._close.setToolTip("Hide this message")
        self._close.setAccessibleName("Hide this message")
        self._close.clicked.connect(self._dismiss)
        self._details = QPlainTextEdit(readOnly=True)
        self._details.setAccessibleName("Technical details")
        self._details.setFont(theme.monospace(-1))
        self._severity: Severity = "note"
        self._arrange()
        self._close.setVisible(closable)  # not before it has a parent: it would be a window
        theme.changed.connect(self._paint_icon)
        self.hide()

    def show_text(
        self,
        message: str,
        *,
        hint: str = "",
        severity: Severity = "note",
        details: str = "",
        action: str = "",
    ) -> None:
        """Say `message`; `action` is the text of an extra button."""
        self._severity = severity
        self._message.set_text(message)
        self._hint.set_text(hint)
        self._hint.setVisible(bool(hint))
        self._details.setPlainText(details)
        self._more.setVisible(bool(details))
        self._more.setChecked(False)
        self._details.hide()
        self._copy.setVisible(severity == "error" or bool(details))
        self._action.setText(action.replace("&", "&&"))
        self._action.setAccessibleName(action)
        self._action.setToolTip(plain_tooltip(action))
        self._action.setVisible(bool(action))
        self.setProperty("severity", severity)
        self.setAccessibleName(f"{_TITLES[severity]}: {message}")
        self.style().polish(self)
        self._paint_icon()
        self.show()

    def show_error(self, error: H5ViewerError, *, action: str = "") -> None:
        """Say what an error says."""
        self.show_text(
            error.message, hint=error.hint, severity="error", details=error.details, action=action
        )

    @property
    def message(self) -> str:
        """The sentence shown."""
        return self._message.whole_text

    def clear(self) -> None:
        """Say nothing."""
        self._message.set_text("")
        self.hide()

    def _arrange(self) -> None:
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._message)
        texts.addWidget(self._hint)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        top = Qt.AlignmentFlag.AlignTop
        row.addWidget(self._picture, 0, top)
        row.addLayout(texts, 1)
        for button in (self._action, self._more, self._copy, self._close):
            row.addWidget(button, 0, top)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(row)
        column.addWidget(self._details)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _fold(self, unfolded: bool) -> None:
        n_lines = min(10, self._details.blockCount()) + 1
        self._details.setFixedHeight(n_lines * self._details.fontMetrics().lineSpacing() + 12)
        self._details.setVisible(unfolded)

    def _copy_all(self) -> None:
        parts = (self.message, self._hint.whole_text, self._details.toPlainText())
        QGuiApplication.clipboard().setText("\n".join(part for part in parts if part))

    def _dismiss(self) -> None:
        self.clear()
        self.dismissed.emit()

    def _paint_icon(self) -> None:
        role = _ROLES[self._severity]
        ratio = self.devicePixelRatioF()
        self._picture.setPixmap(theme.pixmap(self._severity, theme.ICON_SIZE, role, ratio))


class EmptyState(QWidget):
    """What an empty place says: what it is for and what to do."""

    activated = Signal()

    def __init__(
        self,
        icon: str = "info",
        title: str = "",
        text: str = "",
        *,
        button: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self._picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._title = PlainLabel(wrap=True)
        self._title.setFont(theme.scaled_font(1.15, QFont.Weight.DemiBold))
        self._text = PlainLabel(wrap=True, role="muted")
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._button = QPushButton()
        self._button.clicked.connect(self.activated)
        body = QWidget()
        body.setMaximumWidth(420)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addStretch(2)
        for part in (self._picture, self._title, self._text):
            column.addWidget(part)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.setContentsMargins(*[theme.SPACE_XL] * 4)
        row.addStretch(1)
        row.addWidget(body, 1000)
        row.addStretch(1)
        theme.changed.connect(self._paint_icon)
        self.show_text(icon, title, text, button=button)

    def show_text(self, icon: str, title: str, text: str = "", *, button: str = "") -> None:
        """Say something else."""
        self._icon = icon
        self._paint_icon()
        self._title.set_text(title)
        self._text.set_text(text)
        self._text.setVisible(bool(text))
        self._button.setText(button.replace("&", "&&"))
        self._button.setAccessibleName(button)
        self._button.setToolTip(plain_tooltip(button))
        self._button.setVisible(bool(button))
        self.setAccessibleName(f"{title}. {text}" if text else title)

    def _paint_icon(self) -> None:
        ratio = self.devicePixelRatioF()
        self._picture.setPixmap(theme.pixmap(self._icon, 32, "faint", ratio))


class Busy(QWidget):
    """Quiet waiting: text, bar and Cancel, seen only when it takes longer than a moment."""

    cancelled = Signal()

    def __init__(self, text: str = "Reading…", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = PlainLabel(text, role="muted")
        self._bar = ProgressBar("Progress")
        self._bar.setMinimumWidth(_SHORTEST_BAR)
        self._bar.setMaximumWidth(160)
        self._cancel = push_button("Cancel", "Stop this", role="quiet")
        self._cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_S, 0)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self._label)
        row.addWidget(self._bar)
        row.addWidget(self._cancel)
        row.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._timer = QTimer(self, singleShot=True, interval=BUSY_AFTER)
        self._timer.timeout.connect(self.show)
        self.hide()

    def set_busy(self, busy: bool, text: str = "") -> None:
        """Begin or end waiting; it appears after 100 ms and goes at once."""
        if text:
            self._label.set_text(text)
        if busy:
            # in a sidebar the bar gives way, not a short word beside it
            wanted = self._label.sizeHint().width()
            self._label.setMinimumWidth(min(wanted, _WHOLE_WORD))
            self._bar.show_progress(0, 0)
            if not self.isVisible() and not self._timer.isActive():
                self._timer.start()
        else:
            self._timer.stop()
            self.hide()

    def show_progress(self, progress: Progress) -> None:
        """Fill the bar; a total of 0 lets it move to and fro. Say what is done, if it says."""
        if progress.text:
            self._label.set_text(progress.text)
        self._bar.show_progress(progress.done, progress.total)
