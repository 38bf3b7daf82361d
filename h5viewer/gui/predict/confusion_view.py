"""The confusion matrix as a heat map with counts: true classes down, answers across."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from h5viewer.evaluation import Matrix
from h5viewer.gui import theme
from h5viewer.gui.controls.row_table import draw_line, small_font
from h5viewer.gui.meaning.pixels import rgba_image
from h5viewer.wording import count_text, plural, share_text

_LARGEST, _SMALLEST = 56, 14  # pixels of a cell, each way
_WIDEST = 120  # pixels of names at the left
_MARGIN = 6
_COLUMN_STEPS = (1, 2, 5)
_MOST_WITH_COUNTS = 50  # classes whose counts are written into the cells

Name = Callable[[int], str]


class ConfusionView(QAbstractScrollArea):
    """Cells fill the room; counts stand in them where they fit.

    Signals:
        pointed(str): what the cell under the cursor says; "": none.
        opened(true: int, answered: int, words: str): a double click on a cell, or Enter.
    """

    pointed = Signal(str)
    opened = Signal(int, int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._matrix: Matrix = ()
        self._classes: tuple[int, ...] = ()
        self._name: Name = str
        self._cell = QSize(_LARGEST, _LARGEST)
        self._left = 0
        self._current: tuple[int, int] | None = None
        self._image = QImage()
        self.setAccessibleName("Confusion matrix: true classes down, answers across")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        theme.changed.connect(self._repaint)

    def show_matrix(self, matrix: Matrix, classes: tuple[int, ...], name: Name) -> None:
        """Show this; `classes` say what the rows stand for."""
        self._matrix, self._classes, self._name = matrix, classes, name
        self._current = None
        self._image = self._drawn() if matrix else QImage()
        self._lay_out()

    def _repaint(self) -> None:
        """Other colours."""
        self._image = self._drawn() if self._matrix else QImage()
        self.viewport().update()

    # Geometry

    def _lay_out(self) -> None:
        n = len(self._matrix)
        metrics = self.fontMetrics()
        names = [metrics.horizontalAdvance(self._name(index)) for index in self._classes]
        self._left = min(_WIDEST, max(names, default=0)) + 2 * _MARGIN
        room = self.viewport().size() - QSize(self._left + _MARGIN, self._top + _MARGIN)
        self._cell = QSize(
            *(max(_SMALLEST, min(_LARGEST, length // max(1, n))) for length in room.toTuple())
        )
        for bar, have, step in (
            (self.horizontalScrollBar(), room.width(), self._cell.width()),
            (self.verticalScrollBar(), room.height(), self._cell.height()),
        ):
            bar.setRange(0, max(0, n * step - have))
            bar.setPageStep(max(1, have))
            bar.setSingleStep(step)
        self.viewport().update()

    @property
    def _top(self) -> int:
        return self.fontMetrics().height() + 2 * _MARGIN

    def _rect(self, row: int, column: int) -> QRect:
        return QRect(
            self._left + column * self._cell.width() - self.horizontalScrollBar().value(),
            self._top + row * self._cell.height() - self.verticalScrollBar().value(),
            self._cell.width(),
            self._cell.height(),
        )

    def cell_at(self, place: QPoint) -> tuple[int, int] | None:
        """Row and column at a place of the viewport."""
        if place.x() < self._left or place.y() < self._top:
            return None
        column = (place.x() - self._left + self.horizontalScrollBar().value()) // self._cell.width()
        row = (place.y() - self._top + self.verticalScrollBar().value()) // self._cell.height()
        n = len(self._matrix)
        return (row, column) if 0 <= row < n and 0 <= column < n else None

    def text_of(self, row: int, column: int) -> str:
        """What a cell says in words."""
        count, total = self._matrix[row][column], sum(self._matrix[row])
        true, said = (self._name(self._classes[each]) for each in (row, column))
        times = plural(count, "time")
        share = f" ({share_text(count, total)})" if total else ""
        if row == column:
            return f"{true}: right {times}{share} of {count_text(total)}"
        return f"{true} taken for {said}: {times}{share} of {count_text(total)}"

    # Painting

    def _drawn(self) -> QImage:
        """A pixel a cell: blue on the diagonal, red beside it, each by its share of the row."""
        shade = theme.colours()
        counts = np.array(self._matrix, np.float64)
        strength = np.sqrt(counts / np.maximum(1, counts.sum(axis=1, keepdims=True)))
        weight = np.where(counts > 0, 0.12 + 0.88 * strength, 0.0)[..., None]
        right, wrong, ground = map(_numbers, (shade.accent, shade.error, shade.hover))
        own = np.where(np.eye(len(counts), dtype=bool)[..., None], right, wrong)
        pixels = np.full((*counts.shape, 4), 255, np.uint8)
        pixels[..., :3] = np.round(own * weight + ground * (1 - weight))
        return rgba_image(pixels)

    def _paint_cells(self, painter: QPainter) -> None:
        """One picture with lines over it: 10,000 cells by themselves would take 60 ms."""
        n = len(self._matrix)
        whole = self._rect(0, 0).united(self._rect(n - 1, n - 1))
        painter.drawImage(whole, self._image)
        painter.setPen(QColor(theme.colours().surface))
        for at in range(n):
            end = self._rect(at, at).bottomRight()
            painter.drawLine(whole.left(), end.y(), whole.right(), end.y())
            painter.drawLine(end.x(), whole.top(), end.x(), whole.bottom())
        if n <= _MOST_WITH_COUNTS:
            self._paint_counts(painter)

    def _paint_counts(self, painter: QPainter) -> None:
        shade = theme.colours()
        visible, metrics = self.viewport().rect(), painter.fontMetrics()
        for row, counts in enumerate(self._matrix):
            total = sum(counts)
            for column, count in enumerate(counts):
                rect = self._rect(row, column)
                text = f"{count:,}"
                fits = metrics.horizontalAdvance(text) + 4 <= rect.width()
                if count and fits and rect.intersects(visible):
                    is_strong = math.sqrt(count / total) > 0.6
                    painter.setPen(QColor(shade.on_accent if is_strong else shade.text))
                    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_names(self, painter: QPainter) -> None:
        shade = theme.colours()
        ground = QColor(shade.surface)
        viewport = self.viewport().rect()
        painter.fillRect(0, 0, self._left, viewport.height(), ground)
        painter.fillRect(0, 0, viewport.width(), self._top, ground)
        painter.setPen(QColor(shade.muted))
        metrics = painter.fontMetrics()
        step = max(1, -(-metrics.height() // self._cell.height()))
        for at, index in enumerate(self._classes):
            rect = self._rect(at, at)
            name = self._name(index)
            if at % step == 0 and rect.bottom() > self._top:
                room = QRect(_MARGIN, rect.top(), self._left - 2 * _MARGIN, rect.height() * step)
                flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                self._draw_name(painter, room, name, flags)
        step = self._column_step(metrics)
        for at in range(0, len(self._classes), step):
            rect = self._rect(at, at)
            if rect.left() >= self._left:
                grown = (step - 1) * rect.width() // 2
                room = QRect(rect.left(), _MARGIN, rect.width(), metrics.height())
                room.adjust(-grown, 0, grown, 0)
                name = self._name(self._classes[at])
                self._draw_name(painter, room, name, Qt.AlignmentFlag.AlignCenter)
        painter.fillRect(0, 0, self._left, self._top, ground)

    def _column_step(self, metrics: QFontMetrics) -> int:
        """Every how many columns a name is written; names that never fit are cut instead."""
        for step in _COLUMN_STEPS:
            names = [self._name(index) for index in self._classes[::step]]
            if max(map(metrics.horizontalAdvance, names)) + 4 <= step * self._cell.width():
                return step
        return 1

    def _draw_name(
        self, painter: QPainter, room: QRect, name: str, flags: Qt.AlignmentFlag
    ) -> None:
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, room.width())
        if shown != "…":
            draw_line(painter, room, flags, shown)

    # Qt overrides

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Cells, then names over those that were scrolled away."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(theme.colours().surface))
        if not self._matrix:
            return
        painter.setFont(small_font())
        self._paint_cells(painter)
        if self._current is not None:
            painter.setPen(QPen(QColor(theme.colours().text), 2))
            painter.drawRect(self._rect(*self._current).adjusted(0, 0, -2, -2))
        self._paint_names(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other sizes."""
        super().resizeEvent(event)
        self._lay_out()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:  # noqa: N802
        """Paint anew."""
        self.viewport().update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say what the cell says."""
        self._point(self.cell_at(event.position().toPoint()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open the cell."""
        self._point(self.cell_at(event.position().toPoint()))
        self._open()

    def viewportEvent(self, event: QEvent) -> bool:
        """The cursor left."""
        if event.type() == QEvent.Type.Leave:
            self._point(None)
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from cell to cell, Enter opens one."""
        if Qt.Key(event.key()) in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open()
            return
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None or not self._matrix:
            super().keyPressEvent(event)
            return
        row, column = self._current or (0, 0)
        last = len(self._matrix) - 1
        self._point((min(last, max(0, row + step[0])), min(last, max(0, column + step[1]))))

    def _open(self) -> None:
        if self._current is not None:
            row, column = self._current
            true, answered = self._classes[row], self._classes[column]
            words = f"{self._name(true)} taken for {self._name(answered)}"
            self.opened.emit(true, answered, words)

    def _point(self, cell: tuple[int, int] | None) -> None:
        if cell != self._current:
            self._current = cell
            self.viewport().update()
            self.pointed.emit("" if cell is None else self.text_of(*cell))

    def sizeHint(self) -> QSize:
        """Room for ten classes."""
        return QSize(420, 320)


def _numbers(name: str) -> NDArray[np.float64]:
    colour = QColor(name)
    return np.array([colour.red(), colour.green(), colour.blue()], np.float64)
