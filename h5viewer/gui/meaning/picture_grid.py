"""Many small pictures with captions that scroll: filters, gates, heads, optimizer state.

Only what is visible is painted and asked for; 100,000 pictures cost as much as twenty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
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

from h5viewer.gui import theme
from h5viewer.gui.controls.row_table import small_font

_GAP = 10


class PictureGrid(QAbstractScrollArea):
    """Cells of one size, row by row. What a cell shows is asked of two functions.

    Signals:
        chosen(int): a picture was clicked, or Enter pressed on it.
        pointed(int): the cursor is over a picture; −1: over none.
        shown(first: int, last: int): these are visible now.
    """

    chosen = Signal(int)
    pointed = Signal(int)
    shown = Signal(int, int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.count = 0
        self.current = -1
        self._hovered = -1
        self._side = 72
        self._sides: tuple[int, int] | None = None
        self._text_width = 0
        self._aspect = 1.0  # width over height
        self._n_lines = 1
        self._image: Callable[[int], QImage | None] = lambda _: None
        self._caption: Callable[[int], Sequence[str]] = lambda _: ()
        theme.changed.connect(self.viewport().update)

    def show_items(
        self,
        count: int,
        image: Callable[[int], QImage | None],
        caption: Callable[[int], Sequence[str]],
        *,
        aspect: float = 1.0,
        n_lines: int = 1,
    ) -> None:
        """Show `count` pictures; `image` and `caption` are asked for those in sight."""
        self.count, self._image, self._caption = count, image, caption
        self._aspect = min(6.0, max(0.3, aspect))
        self._n_lines = n_lines
        self._text_width = self._widest_caption() if n_lines > 1 else 0
        self.current = self._hovered = -1
        self.verticalScrollBar().setValue(0)
        self._lay_out()

    def set_side(self, side: int) -> None:
        """Pixels of the shorter side of a picture."""
        self._side = side
        self._lay_out()

    def fill(self, smallest: int, largest: int) -> None:
        """From now on as large as all fit without scrolling, within these sides."""
        self._sides = (smallest, largest)
        self._lay_out()

    def refresh(self) -> None:
        """Paint anew: pictures or colours have changed."""
        self.viewport().update()

    # ------------------------------------------------------------------ geometry

    def _picture_size(self) -> tuple[int, int]:
        width = round(self._side * max(1.0, self._aspect))
        height = round(self._side * max(1.0, 1 / self._aspect))
        most = max(40, self.viewport().width() - 2 * _GAP)
        return min(width, most), height

    def _cell(self) -> tuple[int, int]:
        width, height = self._picture_size()
        metrics, small = self.fontMetrics(), QFontMetrics(small_font())
        text = metrics.height() + (self._n_lines - 1) * small.height() if self._n_lines else 0
        if self._n_lines > 1:  # room for numbers beside a narrow picture
            width = max(width, self._text_width)
        return width + _GAP, height + text + _GAP + 4

    def _n_columns(self) -> int:
        return max(1, (self.viewport().width() - _GAP) // self._cell()[0])

    def _rect(self, item: int) -> QRect:
        width, height = self._cell()
        row, column = divmod(item, self._n_columns())
        top = _GAP // 2 + row * height - self.verticalScrollBar().value()
        return QRect(_GAP // 2 + column * width, top, width - _GAP, height - _GAP)

    def item_at(self, place: QPoint) -> int:
        """The picture at a place of the viewport; −1: none."""
        width, height = self._cell()
        column = (place.x() - _GAP // 2) // width
        row = (place.y() - _GAP // 2 + self.verticalScrollBar().value()) // height
        item = row * self._n_columns() + column
        inside = 0 <= column < self._n_columns() and 0 <= item < self.count
        return item if inside and self._rect(item).contains(place) else -1

    def _widest_caption(self) -> int:
        """Pixels for the numbers below the first pictures."""
        small = QFontMetrics(small_font())
        lines = [line for item in range(min(self.count, 64)) for line in self._caption(item)]
        return min(300, max((small.horizontalAdvance(line) for line in lines), default=0) + 8)

    def _fit_side(self) -> None:
        """The largest side with which all pictures are in sight."""
        if self._sides is None or not self.count:
            return
        for side in range(self._sides[1], self._sides[0] - 1, -6):
            self._side = side
            height = self._cell()[1]
            n_rows = -(-self.count // self._n_columns())
            if n_rows * height + _GAP <= self.viewport().height():
                return

    def _lay_out(self) -> None:
        self._fit_side()
        height = self._cell()[1]
        n_rows = -(-self.count // self._n_columns())
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, n_rows * height + _GAP - self.viewport().height()))
        bar.setSingleStep(max(1, height // 2))
        bar.setPageStep(self.viewport().height())
        self.viewport().update()
        self._tell_shown()

    def visible_items(self) -> range:
        """Those of which something is in sight."""
        height = self._cell()[1]
        top = self.verticalScrollBar().value()
        first = max(0, top // height) * self._n_columns()
        last = ((top + self.viewport().height()) // height + 1) * self._n_columns()
        return range(min(first, self.count), min(last, self.count))

    def _tell_shown(self) -> None:
        items = self.visible_items()
        if items:
            self.shown.emit(items.start, items.stop - 1)

    def _show_current(self) -> None:
        rect, bar = self._rect(self.current), self.verticalScrollBar()
        if rect.top() < 0:
            bar.setValue(bar.value() + rect.top() - _GAP)
        elif rect.bottom() > self.viewport().height():
            bar.setValue(bar.value() + rect.bottom() - self.viewport().height() + _GAP)
        self.viewport().update()
        self.pointed.emit(self.current)

    def _paint_item(self, painter: QPainter, item: int) -> None:
        shade = theme.colours()
        rect = self._rect(item)
        width, height = self._picture_size()
        picture = QRect(rect.left(), rect.top(), width, height)
        image = self._image(item)
        if image is None:
            painter.fillRect(picture, QColor(shade.hover))
        else:
            painter.drawImage(picture, image)
        is_marked = item in (self.current, self._hovered)
        painter.setPen(QPen(QColor(shade.accent if is_marked else shade.border), 1 + is_marked))
        painter.drawRect(picture.adjusted(0, 0, -1, -1))
        painter.setFont(self.font())
        painter.setPen(QColor(shade.text))
        top = picture.bottom() + 3
        for at, line in enumerate(self._caption(item)[: self._n_lines]):
            if at == 1:
                painter.setFont(small_font())
                painter.setPen(QColor(shade.muted))
            metrics = painter.fontMetrics()
            shown = metrics.elidedText(line, Qt.TextElideMode.ElideMiddle, rect.width())
            painter.drawText(
                QRect(rect.left(), top, rect.width(), metrics.height()),
                Qt.TextFlag.TextSingleLine,
                shown,
            )
            top += metrics.height()

    # Qt overrides

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Only what is in sight."""
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), QColor(theme.colours().surface))
        for item in self.visible_items():
            self._paint_item(painter, item)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other columns."""
        super().resizeEvent(event)
        self._lay_out()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:  # noqa: N802
        """Paint anew; say what came into sight."""
        self.viewport().update()
        self._tell_shown()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up."""
        self._hover(self.item_at(event.position().toPoint()))

    def viewportEvent(self, event: QEvent) -> bool:
        """The cursor left."""
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose."""
        item = self.item_at(event.position().toPoint())
        if item >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self.current = item
            self.viewport().update()
            self.chosen.emit(item)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows go from picture to picture, Enter chooses."""
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._n_columns(),
            Qt.Key.Key_Down: self._n_columns(),
        }
        key = Qt.Key(event.key())
        if key in steps and self.count:
            self.current = min(max(0, self.current + steps[key]), self.count - 1)
            self._show_current()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current >= 0:
            self.chosen.emit(self.current)
        else:
            super().keyPressEvent(event)

    def _hover(self, item: int) -> None:
        if item != self._hovered:
            self._hovered = item
            self.viewport().setCursor(
                Qt.CursorShape.PointingHandCursor if item >= 0 else Qt.CursorShape.ArrowCursor
            )
            self.viewport().update()
            self.pointed.emit(item)
