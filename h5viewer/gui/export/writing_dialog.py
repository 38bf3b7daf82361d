"""A dialog about one new file: what is to be written, what comes of it, where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.export.plan_view import PlanView
from h5viewer.gui.export.target_choice import TargetChoice
from h5viewer.gui.task import Latest
from h5viewer.nodes import ExportPlan
from h5viewer.onnx_exporting import OnnxExport
from h5viewer.requests import Export, PlanExport
from h5viewer.workers.pool import Pool

_HIGHEST = 230  # pixels of the plan
_LOWEST = 150  # where a small screen has no room
_CHOOSING = 200  # milliseconds without a change until the plan is asked for


class WritingDialog(QDialog):
    """Fills `body` in a subclass, which says in `export_to` what its choices come to.

    Signals:
        wanted(request: Export | OnnxExport, may_replace: bool): begin; the dialog closes.
    """

    wanted = Signal(object, bool)

    waiting_words = "Looking into the file…"

    def __init__(
        self, pool: Pool, title: str, heading: str, begin: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.pool = pool
        self.body = QVBoxLayout()
        self.target = TargetChoice()
        self._begin_text = begin
        self._heading = PlainLabel(heading)
        self._heading.setFont(theme.scaled_font(1.15))
        self._view = PlanView()
        self._room = PlanRoom(self._view)
        self._plan: ExportPlan | None = None
        self._asking = Latest(pool, self)
        self._choosing = QTimer(self, singleShot=True, interval=_CHOOSING)
        self._begin = QPushButton(begin)
        self._grows_when_shown = False
        self._arrange()
        self._choosing.timeout.connect(self._ask)
        self._room.fitted.connect(self._grow_soon)
        self.target.changed.connect(self._show_target)
        self.target.ending_changed.connect(self.plan_anew)

    def export_to(self, target: str) -> Export | None:
        """What is to be written; None: something is missing, and `words_against` says what."""
        raise NotImplementedError

    def job_to(self, target: str) -> Export | OnnxExport | None:
        """What begins: mostly what was planned."""
        return self.export_to(target)

    def words_against(self) -> str:
        """What has to be chosen before anything can be written."""
        return ""

    def plan_anew(self) -> None:
        """Other choices were made."""
        self._asking.cancel()
        self._plan = None
        words = self.words_against()
        if words:
            self._choosing.stop()
            self._view.show_missing(words)
        else:
            self._view.show_waiting(self.waiting_words)
            self._choosing.start()
        self._allow()

    def suggest_target(
        self, suggestion: Path, sources: Sequence[str], endings: Sequence[tuple[str, str]]
    ) -> None:
        """Where the new file may go."""
        self.target.offer(suggestion, sources, endings)

    def place_plan(self, column: QVBoxLayout) -> None:
        """Show what comes of it there, instead of below the body."""
        column.addWidget(self._room)

    def add_button(self, button: QPushButton) -> None:
        """Another way to end the dialog."""
        self._buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)

    # -------------------------------------------------------------- private

    def _ask(self) -> None:
        export = self.export_to(self.target.path)
        if export is not None:
            request = PlanExport(document=export.document, export=export)
            self._asking.ask(request, self._show_plan, on_failure=self._show_refusal)

    def _show_plan(self, plan: ExportPlan) -> None:
        self._plan = plan
        self._view.show_plan(plan)
        self._show_target()
        self._grow_soon()

    def _grow_soon(self) -> None:
        QTimer.singleShot(0, self, self._grow)

    def _grow(self) -> None:
        """Make room for what is said; Qt does so by itself only when a dialog is first shown."""
        layout, window = self.layout(), self.windowHandle()
        if layout is None or self.isMaximized():
            return
        # X11: until it is on the screen Qt takes the frame's corner for the place of the dialog,
        # and would move it there, with its title out of sight.
        self._grows_when_shown = window is not None and self.isVisible() and not window.isExposed()
        if self._grows_when_shown:
            return
        needed = max(layout.totalHeightForWidth(self.width()), layout.totalSizeHint().height())
        screen, room = self.screen().availableGeometry(), self._room_on_screen()
        if self.height() < min(needed, room):
            self.resize(self.width(), min(needed, room))
            below = self.frameGeometry().bottom() - screen.bottom()
            if below > 0:
                self.move(self.x(), max(screen.top(), self.y() - below))

    def _room_on_screen(self) -> int:
        """Pixels that it may be high."""
        return self.screen().availableGeometry().height() - 2 * theme.SPACE_XL

    def _show_refusal(self, error: H5ViewerError) -> None:
        self._view.show_refusal(error)
        self._allow()
        self._grow_soon()

    def _show_target(self) -> None:
        known = self.target.known
        if known is not None:
            self._view.show_free(known.free, self._plan.bytes_after if self._plan else 0)
        self._allow()

    def _allow(self) -> None:
        known = self.target.known
        replaces = known is not None and known.exists
        self._begin.setText("Replace" if replaces else self._begin_text)
        self._begin.setEnabled(self._plan is not None and known is not None)

    def start(self) -> None:
        """Begin with what is chosen, when it can be written."""
        known = self.target.known
        export = self.job_to(known.path) if known is not None else None
        if known is None or export is None or not self._begin.isEnabled():
            return
        self.wanted.emit(export, known.exists)
        self.accept()

    def _arrange(self) -> None:
        self._begin.setProperty("role", "primary")
        self._begin.setToolTip("Begin; the window can be used meanwhile")
        self._begin.setAccessibleName(self._begin_text)
        self._begin.setDefault(True)
        buttons = self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self._begin, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.button(buttons.StandardButton.Cancel).setToolTip("Close; nothing is written (Esc)")
        buttons.accepted.connect(self.start)
        buttons.rejected.connect(self.reject)
        self.body.setSpacing(theme.SPACE_M)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_XL] * 4)
        column.setSpacing(theme.SPACE_M)
        column.addWidget(self._heading)
        column.addLayout(self.body, 1)
        column.addWidget(self._room)
        column.addWidget(self.target)
        column.addWidget(buttons)
        self.setMinimumWidth(620)

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        """Small screens have its buttons, too."""
        self.resize(self.width(), min(self.height(), self._room_on_screen()))
        super().showEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Now it is on the screen."""
        super().paintEvent(event)
        if self._grows_when_shown:
            self._grow_soon()


class PlanRoom(QScrollArea):
    """As high as the plan needs, within bounds: of a hundred files it is long.

    Signals:
        fitted: another height.
    """

    fitted = Signal()

    def __init__(self, view: PlanView) -> None:
        super().__init__(widgetResizable=True)
        self._view = view
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMaximumHeight(_HIGHEST)
        preferred = QSizePolicy.Policy.Preferred  # else as high as narrow lines would need
        view.setSizePolicy(preferred, preferred)
        self.setWidget(view)
        self.viewport().setAutoFillBackground(False)
        view.setAutoFillBackground(False)
        view.installEventFilter(self)

    # Qt overrides

    def sizeHint(self) -> QSize:
        """All of it."""
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Other texts, or other line breaks."""
        if watched is self._view and event.type() == QEvent.Type.LayoutRequest:
            self._fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Narrower lines are more lines."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        needed = self._view.heightForWidth(self.viewport().width())
        height = min(_HIGHEST, needed if needed >= 0 else self._view.sizeHint().height())
        if height != self.maximumHeight():  # the layout may not have followed yet
            self.setMinimumHeight(min(height, _LOWEST))
            self.setMaximumHeight(height)
            self.updateGeometry()
            self.fitted.emit()
