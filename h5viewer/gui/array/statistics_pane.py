"""Histogram and statistics of the cut that is shown, or of the whole array."""

from __future__ import annotations

import math

from msgspec.structs import replace
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.array.array_reading import Subject
from h5viewer.gui.array.level_bar import LevelBar
from h5viewer.gui.array.statistics_view import StatisticsView
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.tool_button import switch_button, tool_button
from h5viewer.gui.task import Latest
from h5viewer.nodes import Statistics, WeightMeaning
from h5viewer.requests import Cut, Progress, ReadMeaning, ReadStatistics
from h5viewer.wording import bytes_text
from h5viewer.workers.pool import Pool

_AUTOMATIC_BYTES = 4_000_000_000
"""Read without being asked up to here: some seconds."""

_FLOATS = ("float", "bfloat16", "complex")
_CALM = 150
"""Milliseconds without another cut before statistics are read."""


class StatisticsPane(QWidget):
    """Level bar with histogram, below it the numbers.

    Signals:
        statistics_shown: other statistics are there; `level_bar` draws them.
    """

    statistics_shown = Signal()

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._latest = Latest(pool, self)
        self._meaning = Latest(pool, self)
        self._subject: Subject | None = None
        self._cut: Cut | None = None
        self._whole_only = False
        self._missing_colour = ""
        self._has_asked = False  # for what the layer's initializer would have drawn
        self._shown_for: ReadStatistics | None = None
        self.level_bar = LevelBar()
        self.statistics: Statistics | None = None
        self._table = StatisticsView()
        self._this_cut = switch_button("This cut", "Numbers of what is shown")
        self._whole = switch_button("Whole dataset", "Numbers of all elements, whatever is shown")
        self._scopes = QButtonGroup(self)
        for button in (self._this_cut, self._whole):
            self._scopes.addButton(button)
        self._this_cut.setChecked(True)
        self._logarithmic = switch_button(
            "log", "Draw counts by their logarithm: shows rare values"
        )
        self._logarithmic.setAccessibleName("Logarithmic histogram")
        self._note = PlainLabel(role="muted")
        self._read = QPushButton("Read")
        self._read.setAccessibleName("Read all elements for statistics")
        self._read.hide()
        self._stop = tool_button("close", "Stop reading statistics")
        self._stop.hide()
        self._calm = QTimer(self, singleShot=True, interval=_CALM)
        self._arrange()
        self._calm.timeout.connect(self._ask_unless_large)
        self._scopes.buttonClicked.connect(self._ask_unless_large)
        self._logarithmic.toggled.connect(self.level_bar.set_logarithmic)
        self._read.clicked.connect(self._ask)
        self._stop.clicked.connect(self._halt)
        self._latest.busy_changed.connect(self._stop.setVisible)

    def show_cut(self, subject: Subject, cut: Cut, *, whole_only: bool = False) -> None:
        """Read numbers of `cut`, or of the whole, once no other is wanted for a moment."""
        if self._subject is None or subject.dataset != self._subject.dataset:
            self.clear()
        self._subject, self._cut = subject, cut
        self._table.show_special(subject.dataset.dtype.kind in _FLOATS)
        shape = subject.dataset.shape or ()
        drawn = (cut.rows, cut.columns)
        is_all = all(n == 1 for axis, n in enumerate(shape) if axis not in drawn)
        self._this_cut.setVisible(not is_all and not whole_only)
        self._whole.setVisible(not is_all and not whole_only)
        self._whole_only = whole_only
        if self._request() != self._shown_for:
            self._calm.start()

    def clear(self) -> None:
        """Forget everything."""
        self._calm.stop()
        self._latest.cancel()
        self._meaning.cancel()
        self.level_bar.set_expected(None)
        self._has_asked = False
        self._subject = self._cut = self._shown_for = None
        self._show(None)
        self._say("")

    def set_missing_colour(self, colour: str) -> None:
        """How NaN is drawn in the picture, for a legend; "" where nothing is."""
        self._missing_colour = colour
        has_missing = self.statistics is not None and self.statistics.n_nan > 0
        self._table.set_missing_colour(colour if has_missing else "")

    def text_of(self, name: str) -> str:
        """A number in the table, as text."""
        return self._table.text_of(name)

    def _request(self) -> ReadStatistics | None:
        if self._subject is None or self._cut is None:
            return None
        return ReadStatistics(
            document=self._subject.document,
            node=self._subject.dataset.path,
            cut=None if self._whole.isChecked() or self._whole_only else _normal(self._cut),
            insist=self._subject.insist,
        )

    def _ask_unless_large(self) -> None:
        request = self._request()
        if request is None or self._subject is None:
            return
        n_bytes = self._bytes_of(request)
        if n_bytes <= _AUTOMATIC_BYTES:
            self._ask()
            return
        self._latest.cancel()
        self._show(None)
        self._say(f"{bytes_text(n_bytes)} to read", can_read=True)

    def _bytes_of(self, request: ReadStatistics) -> int:
        dataset = self._subject.dataset if self._subject else None
        if dataset is None or dataset.shape is None:
            return 0
        if request.cut is None:
            return dataset.declared_bytes
        drawn = (request.cut.rows, request.cut.columns)
        lengths = [dataset.shape[axis] for axis in drawn if axis is not None]
        return math.prod(lengths) * dataset.dtype.itemsize

    def _ask(self) -> None:
        request = self._request()
        if request is None:
            return
        self._say("")
        self._shown_for = request
        self._latest.ask(
            request,
            self._finish,
            on_part=self._show,
            on_failure=self._fail,
            on_progress=self._show_progress,
        )

    def _finish(self, statistics: Statistics) -> None:
        self._say("")
        self._show(statistics)
        self._ask_meaning()

    def _ask_meaning(self) -> None:
        """Once a weight, and after its numbers: the network may have to be decoded first."""
        if self._subject is None or self._has_asked:
            return
        self._has_asked = True
        subject = self._subject
        request = ReadMeaning(document=subject.document, node=subject.dataset.path)
        self._meaning.ask(request, self._take_meaning)

    def _take_meaning(self, meaning: WeightMeaning) -> None:
        self.level_bar.set_expected(meaning.expected)

    def _fail(self, error: H5ViewerError) -> None:
        self._shown_for = None
        self._show(None)
        self._say(error.message)

    def _halt(self) -> None:
        """Keep the numbers of what was read so far."""
        self._latest.cancel()
        self._say("", can_read=True)

    def _show_progress(self, progress: Progress) -> None:
        if progress.total > 0 and self._latest.is_waiting:
            self._say(f"{100 * progress.done // progress.total} % read")

    def _show(self, statistics: Statistics | None) -> None:
        self.statistics = statistics
        self._table.set_statistics(statistics)
        self.set_missing_colour(self._missing_colour)
        self.level_bar.set_statistics(statistics)
        self.statistics_shown.emit()

    def _say(self, text: str, *, can_read: bool = False) -> None:
        self._note.set_text(text)
        self._read.setVisible(can_read)

    def _arrange(self) -> None:
        scopes = QHBoxLayout()
        scopes.setSpacing(theme.SPACE_XS)
        scopes.addWidget(self._this_cut)
        scopes.addWidget(self._whole)
        scopes.addWidget(self._note, 1)
        scopes.addWidget(self._stop)
        scopes.addWidget(self._read)
        scopes.addWidget(self._logarithmic)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self.level_bar, 1)
        column.addLayout(scopes)
        column.addWidget(self._table)


def _normal(cut: Cut) -> Cut:
    """The same cut for rows and columns swapped: its numbers are the same."""
    drawn = sorted(axis for axis in (cut.rows, cut.columns) if axis is not None)
    rows, columns = (None, *drawn)[-2:]
    index = tuple(0 if axis in drawn else position for axis, position in enumerate(cut.index))
    return replace(cut, rows=rows, columns=columns, index=index)
