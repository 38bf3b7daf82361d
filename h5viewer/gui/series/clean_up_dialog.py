"""The plan of a clean-up: what is kept, what goes to the trash, how much room that makes."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.form import Form
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.notices import Notice
from h5viewer.gui.controls.number_boxes import indent
from h5viewer.gui.errand import Errand
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.gui.series import step_words as words
from h5viewer.gui.series.clean_up import Keeping, Moved, kept_steps, move_to_trash
from h5viewer.names import visible
from h5viewer.nodes import Direction, Series, SeriesStep
from h5viewer.series import values_at_steps
from h5viewer.wording import bytes_text, plural

_NOTHING = "Nothing would go: every step is one of those to keep."
_MOST_LISTED = 2000


class CleanUpDialog(QDialog):
    """Nothing is moved before the button is pressed, and nothing is ever deleted.

    Signals:
        moved(Moved): files went.
    """

    moved = Signal(object)

    def __init__(
        self, series: Series, metric: str, direction: Direction, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Clean up")
        self.setAccessibleName("Clean up")
        self._series = series
        self._direction = direction
        curve = next((each for each in series.curves if each.name == metric), None)
        self._values = (
            values_at_steps(series, curve) if curve else [float("nan")] * len(series.steps)
        )
        last = len(series.steps)
        self._best = _spin("Best steps to keep", f"Steps that are the best by {metric}", 3, last)
        self._every = _spin("Every which step to keep", "0 keeps none for its number", 0, 1 << 30)
        self._last = _spin("Last steps to keep", "The latest is kept in any case", 1, last)
        self._list = QListWidget()
        self._list.setAccessibleName("Files that go to the trash")
        self._list.setToolTip("These files go to the trash")
        self._list.setMinimumHeight(180)
        self._sum = PlainLabel(wrap=True)
        self._notice = Notice()
        self._is_moving = False
        self.going: tuple[SeriesStep, ...] = ()  # whose files go
        self._move = QPushButton()
        self._move.setProperty("role", "primary")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._arrange(metric)
        for spin in (self._best, self._every, self._last):
            spin.valueChanged.connect(self._plan)
        self._best.setEnabled(curve is not None)
        self._move.clicked.connect(self._begin)
        self._buttons.rejected.connect(self.reject)
        self._plan()

    def _plan(self) -> None:
        keeping = Keeping(self._best.value(), self._every.value(), self._last.value())
        kept_places = kept_steps(self._series, self._values, self._direction, keeping)
        steps = enumerate(self._series.steps)
        going = self.going = tuple(step for at, step in steps if at not in kept_places)
        self._list.clear()
        for step in going[:_MOST_LISTED]:
            self._list.addItem(
                f"{words.file_text(self._series, step)}   {bytes_text(step.n_bytes)}"
            )
        n_files = sum(len(step.files) for step in going)
        size = bytes_text(sum(step.n_bytes for step in going))
        kept = plural(len(self._series.steps) - len(going), "step")
        goes = f"{plural(len(going), 'step')} would go ({plural(n_files, 'file')}, {size})"
        self._sum.set_text(f"{goes}, {kept} would stay." if going else _NOTHING)
        text = f"Move {plural(n_files, 'file')} to the trash" if going else "Move to the trash"
        self._move.setText(text)
        self._move.setAccessibleName(text)
        self._move.setToolTip("They can be taken back from the system's trash")
        self._move.setEnabled(bool(going))

    def _begin(self) -> None:
        self._set_moving(is_moving=True)
        errand = Errand(partial(move_to_trash, self.going), self)  # what was shown, nothing else
        errand.done.connect(self._finish)

    def _finish(self, moved: Moved) -> None:
        self._set_moving(is_moving=False)
        self.moved.emit(moved)
        if not moved.problems:
            self.accept()
            return
        self._notice.show_text(
            f"{plural(len(moved.problems), 'file')} could not be moved to the trash.",
            hint="Nothing was deleted. Some disks have no trash.",
            severity="warning",
            details="\n".join(moved.problems),
        )
        self._move.setEnabled(False)

    def _set_moving(self, *, is_moving: bool) -> None:
        self._is_moving = is_moving
        if is_moving:
            self._sum.set_text("Moving files to the trash…")
        for part in (self._move, self._best, self._every, self._last, self._buttons):
            part.setEnabled(not is_moving)

    # Qt override

    def reject(self) -> None:
        """Not while files are being moved."""
        if not self._is_moving:
            super().reject()

    # Placing

    def _arrange(self, metric: str) -> None:
        form = Form()
        form.setHorizontalSpacing(theme.SPACE_M)
        form.setVerticalSpacing(theme.SPACE_S)
        for text, spin in (
            (f"Keep the best by {visible(metric, 40)}" if metric else "Keep the best", self._best),
            (f"Keep every nth {self._series.unit}", self._every),
            ("Keep the last", self._last),
        ):
            form.add(text, spin)
        self._buttons.addButton(self._move, QDialogButtonBox.ButtonRole.AcceptRole)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_L] * 4)
        column.setSpacing(theme.SPACE_M)
        column.addLayout(form)
        column.addWidget(self._sum)
        column.addWidget(self._list, 1)
        column.addWidget(self._notice)
        column.addWidget(self._buttons)
        self.resize(520, 480)


class _Number(QSpinBox):
    """Enter ends the typing of a number: it must not press the button that moves files."""

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep Enter from the dialog."""
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()


def _spin(name: str, tooltip: str, value: int, most: int) -> QSpinBox:
    spin = _Number()
    spin.setRange(0, most)
    spin.setValue(min(value, most))
    spin.setSpecialValueText("none")
    indent(spin)
    spin.setAccessibleName(name)
    spin.setToolTip(plain_tooltip(visible(tooltip, 200)))
    return spin
