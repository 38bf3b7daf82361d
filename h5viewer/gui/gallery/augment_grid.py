"""Pictures as they are, each beside what an augmentation makes of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.row_table import small_font

_GAP = 8
_MARGIN = theme.SPACE_M
_BESIDE = 20  # pixels between a picture and its changed ones
_SMALLEST, _LARGEST = 32, 176


class AugmentGrid(QAbstractScrollArea):
    """A row a picture; as large as all columns fit into the width."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Pictures and what is made of them")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.rows: Sequence[Sequence[QImage]] = ()
        self._captions: Sequence[str] = ()
        theme.changed.connect(self.viewport().update)

    def show_rows(self, rows: Sequence[Sequence[QImage]], captions: Sequence[str]) -> None:
        """Show a row for each picture: as it is, then changed."""
        self.rows, self._captions = rows, captions
        self._lay_out()

    def clear(self) -> None:
        """Show nothing."""
        self.show_rows((), ())

    # Geometry

    @property
    def _n_columns(self) -> int:
        return max((len(row) for row in self.rows), default=1)

    def _size(self) -> tuple[int, int]:
        """Of a picture, in pixels."""
        n_columns = self._n_columns
        room = self.viewport().width() - 2 * _MARGIN - _BESIDE - (n_columns - 2) * _GAP
        longest = min(_LARGEST, max(_SMALLEST, room // max(1, n_columns)))
        first = self.rows[0][0] if self.rows and self.rows[0] else QImage()
        width, height = max(1, first.width()), max(1, first.height())
        if width >= height:
            return longest, max(4, longest * height // width)
        return max(4, longest * width // height), longest

    def _text_height(self) -> int:
        return QFontMetrics(small_font()).height() + 2

    def _row_height(self) -> int:
        return self._size()[1] + self._text_height() + _GAP

    def cell(self, row: int, column: int) -> QRect:
        """Where a picture is in the viewport now."""
        width, height = self._size()
        left = _MARGIN + column * (width + _GAP) + (_BESIDE - _GAP if column else 0)
        top = _GAP + self._text_height() + row * self._row_height()
        return QRect(
            left - self.horizontalScrollBar().value(),
            top - self.verticalScrollBar().value(),
            width,
            height,
        )

    def _lay_out(self) -> None:
        whole = self._text_height() + len(self.rows) * self._row_height() + 2 * _GAP
        last = self.cell(0, self._n_columns - 1)
        width = last.right() + self.horizontalScrollBar().value() + _MARGIN
        view = self.viewport().size()
        for bar, length, shown in (
            (self.verticalScrollBar(), whole, view.height()),
            (self.horizontalScrollBar(), width, view.width()),
        ):
            bar.setRange(0, max(0, length - shown))
            bar.setSingleStep(24)
            bar.setPageStep(shown)
        self.viewport().update()

    # Qt overrides

    def paintEvent(self, event: QPaintEvent) -> None:
        """What is in sight."""
        shade = theme.colours()
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(shade.surface))
        painter.setFont(small_font())
        if self.rows:
            painter.setPen(QColor(shade.muted))
            for column, words in ((0, "As it is"), (1, "Changed")):
                place = self.cell(0, column)
                top = place.top() - self._text_height()
                painter.drawText(place.left(), top + painter.fontMetrics().ascent(), words)
        for at, row in enumerate(self.rows):
            if self.cell(at, 0).adjusted(0, 0, 0, 20).bottom() >= 0:
                self._paint_row(painter, at, row)
        painter.end()

    def _paint_row(self, painter: QPainter, at: int, row: Sequence[QImage]) -> None:
        shade = theme.colours()
        for column, image in enumerate(row):
            place = self.cell(at, column)
            is_smaller = image.width() > place.width() * self.devicePixelRatioF()
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_smaller)
            painter.drawImage(place, image)
            painter.setPen(QPen(QColor(shade.border)))
            painter.drawRect(place.adjusted(0, 0, -1, -1))
        place = self.cell(at, 0)
        painter.setPen(QColor(shade.muted))
        baseline = place.bottom() + 3 + painter.fontMetrics().ascent()
        painter.drawText(place.left(), baseline, self._captions[at])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Larger or smaller pictures."""
        super().resizeEvent(event)
        self._lay_out()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:  # noqa: N802
        """Paint anew."""
        self.viewport().update()
