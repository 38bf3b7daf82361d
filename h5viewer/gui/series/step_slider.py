"""The slider through the steps of a run."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.tool_button import tool_button
from h5viewer.gui.series import step_words as words
from h5viewer.nodes import Series

_FRAME_MS = 180  # of the film


class StepSlider(QWidget):
    """Steps by their places; Play goes through all of them.

    Signals:
        step_chosen(int): the user went to a step.
    """

    step_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._series: Series | None = None
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName("Step of the run")
        self._slider.setToolTip("Drag, or use the arrow keys, to go through the run")
        self._before = tool_button("chevron-left", "The step before", name="Step before")
        self._next = tool_button("chevron-right", "The next step", name="Next step")
        self._play = tool_button(
            "play", "Play the run from here", name="Play the run", checkable=True
        )
        self._words = PlainLabel()
        self._words.setMinimumWidth(150)
        self._film = QTimer(self, interval=_FRAME_MS)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_S)
        for part in (self._play, self._before, self._next):
            row.addWidget(part)
        row.addWidget(self._slider, 1)
        row.addWidget(self._words)
        self._slider.valueChanged.connect(self._tell)
        self._before.clicked.connect(lambda: self._move(-1))
        self._next.clicked.connect(lambda: self._move(1))
        self._play.toggled.connect(self._start_or_stop)
        self._film.timeout.connect(self._go_on)

    @property
    def step(self) -> int:
        """The place of the step it stands at."""
        return self._slider.value()

    def show_series(self, series: Series) -> None:
        """Go through these steps; it stays where it is."""
        self._series = series
        with QSignalBlocker(self._slider):
            self._slider.setRange(0, len(series.steps) - 1)
            self._slider.setPageStep(max(1, len(series.steps) // 10))
        self._say()

    def go_to(self, step: int) -> None:
        """Move without telling."""
        with QSignalBlocker(self._slider):
            self._slider.setValue(step)
        self._say()

    def stop(self) -> None:
        """Play no more."""
        self._play.setChecked(False)

    def _move(self, by: int) -> None:
        self._slider.setValue(self._slider.value() + by)

    def _tell(self) -> None:
        self._say()
        self.step_chosen.emit(self.step)

    def _say(self) -> None:
        if self._series is not None and self.step < len(self._series.steps):
            step = self._series.steps[self.step]
            told = [f"{each.name} {words.value_text(each.value)}" for each in step.metrics[:2]]
            self._words.set_text("  ·  ".join([words.step_text(self._series, self.step), *told]))

    def _start_or_stop(self, is_on: bool) -> None:
        self._play.setIcon(theme.icon("pause" if is_on else "play"))
        if not is_on:
            self._film.stop()
            return
        if self.step == self._slider.maximum():
            self._slider.setValue(0)
        self._film.start()

    def _go_on(self) -> None:
        if self.step == self._slider.maximum():
            self._play.setChecked(False)
        else:
            self._move(1)
