"""The pictures of a set, row by row: a million scroll as twenty do.

Only what is in sight is painted and asked for.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QFrame, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.row_table import small_font
from h5viewer.gui.gallery.cell_painting import Cell, paint_cell
from h5viewer.gui.gallery.grid_geometry import GridGeometry
from h5viewer.gui.gallery.positions import Positions

SIDES = (32, 48, 64, 96, 128, 192, 256)
"""Pixels of a picture's longer side, small to large."""

_GAP = 8
_CAPTION_FROM = 64  # pixels of a side; below there is no room for words

Image = Callable[[int], QImage | None]
Caption = Callable[[int], str]


class GalleryGrid(QAbstractScrollArea):
    """Cells by position; what is in one is asked of two functions.

    Signals:
        current_changed(int): the user went to a picture, or it went; −1: none.
        chosen_changed: others are chosen.
        opened(int): a double click, or Enter.
        pointed(int): the cursor is over a picture; −1: over none.
        shown(range): these are in sight now.
        menu_wanted(QPoint): on the screen, for what is chosen.
        drag_wanted: what is chosen is to be dragged away.
        copy_wanted: the current picture is to be copied.
        zoom_wanted(int): the user wants larger pictures (1), or smaller ones (−1).
    """

    current_changed = Signal(int)
    chosen_changed = Signal()
    opened = Signal(int)
    pointed = Signal(int)
    shown = Signal(object)
    menu_wanted = Signal(QPoint)
    drag_wanted = Signal()
    copy_wanted = Signal()
    zoom_wanted = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.current = -1
        self.chosen = Positions()
        self._anchor = 0
        self._hovered = -1
        self._pressed_at: QPoint | None = None  # on a chosen picture, which may be dragged
        self._side = 96
        self._aspect = 1.0  # width over height
        self._size = (96, 96)  # pixels of a whole cell's picture
        self._image: Image = lambda _: None
        self._is_lost: Callable[[int], bool] = lambda _: False
        self._caption: Caption = lambda _: ""
        self._has_captions = False
        self._has_shapes = False
        self._geometry = GridGeometry(0, 1, 1, 1, 1, _GAP)
        theme.changed.connect(self.viewport().update)

    @property
    def side(self) -> int:
        """Pixels of a picture's longer side."""
        return self._side

    @property
    def count(self) -> int:
        """How many there are."""
        return self._geometry.count

    def show_items(
        self,
        count: int,
        image: Image,
        is_lost: Callable[[int], bool],
        aspect: float,
        *,
        has_shapes: bool = False,
    ) -> None:
        """Show so many pictures, as wide as `aspect` times their height, from the first on.

        Args:
            has_shapes: each has a shape of its own, and keeps it in its cell.
        """
        self._image, self._is_lost = image, is_lost
        self._has_shapes = has_shapes
        self._aspect = min(6.0, max(1 / 6, aspect))
        self.current = self._hovered = -1
        self._anchor = 0
        self.chosen.clear()
        self._lay_out(count)
        self.verticalScrollBar().setValue(0)
        self._tell_shown()
        self.chosen_changed.emit()

    def set_captions(self, caption: Caption | None) -> None:
        """Words below each picture; None: none."""
        self._caption = caption or (lambda _: "")
        if self._has_captions != (caption is not None):
            self._has_captions = caption is not None
            self._lay_out_around_top()
        self.viewport().update()

    def set_side(self, side: int) -> None:
        """Pixels of the longer side; what is seen at the top stays there."""
        self._side = side
        self._lay_out_around_top()

    def refresh(self) -> None:
        """Paint anew: pictures have come."""
        self.viewport().update()

    def go_to(self, position: int, *, choose: bool = True) -> None:
        """Make a picture the current one, and see it."""
        if not 0 <= position < self.count:
            return
        self._move_to(position, Qt.KeyboardModifier.NoModifier if choose else None)

    # ------------------------------------------------------------------ geometry

    def _lay_out(self, count: int | None = None) -> None:
        self._size = (
            max(8, round(self._side * min(1.0, self._aspect))),
            max(8, round(self._side * min(1.0, 1 / self._aspect))),
        )
        words = QFontMetrics(small_font()).height() + 2 if self._shows_captions else 0
        self._geometry = GridGeometry(
            self.count if count is None else count,
            self.viewport().width(),
            self.viewport().height(),
            self._size[0] + _GAP,
            self._size[1] + words + _GAP,
            _GAP,
        )
        bar = self.verticalScrollBar()
        bar.setRange(0, self._geometry.most)
        unit = self._geometry.unit
        bar.setSingleStep(max(1, self._geometry.cell_height // 2 // unit))
        bar.setPageStep(max(1, self.viewport().height() // unit))
        self.viewport().update()

    def _lay_out_around_top(self) -> None:
        before = self._geometry.visible(self.verticalScrollBar().value())
        top = self.current if self.current in before else before.start
        self._lay_out()
        self.verticalScrollBar().setValue(self._geometry.value_at_top(top))
        self._tell_shown()

    @property
    def _shows_captions(self) -> bool:
        return self._has_captions and self._side >= _CAPTION_FROM

    def visible_positions(self) -> range:
        """Those of which something is in sight."""
        return self._geometry.visible(self.verticalScrollBar().value())

    def cell(self, position: int) -> QRect:
        """Where it is in the viewport now."""
        return self._geometry.cell(position, self.verticalScrollBar().value())

    def position_at(self, place: QPoint) -> int:
        """The picture at a place of the viewport; −1: none."""
        return self._geometry.position_at(place.x(), place.y(), self.verticalScrollBar().value())

    def _tell_shown(self) -> None:
        self.shown.emit(self.visible_positions())

    # ------------------------------------------------------------------ choosing

    def choose_all(self) -> None:
        """All pictures that are shown."""
        self.chosen.set_only(0, self.count)
        self._tell_chosen()

    def choose_none(self) -> None:
        """No picture; the current one stays."""
        self.chosen.clear()
        self._tell_chosen()

    def _move_to(self, position: int, keys: Qt.KeyboardModifier | None) -> None:
        """Go there, and choose by what is held: nothing: only it; Shift: all between."""
        if keys is not None:
            self._choose(position, keys)
        is_other = position != self.current
        self.current = position
        bar = self.verticalScrollBar()
        bar.setValue(self._geometry.value_to_see(position, bar.value()))
        self.viewport().update()
        if is_other:
            self.current_changed.emit(position)

    def _choose(self, position: int, keys: Qt.KeyboardModifier) -> None:
        if keys & Qt.KeyboardModifier.ShiftModifier:
            start, stop = sorted((self._anchor, position))
            if not keys & Qt.KeyboardModifier.ControlModifier:
                self.chosen.clear()
            self.chosen.add(start, stop + 1)
        elif keys & Qt.KeyboardModifier.ControlModifier:
            self.chosen.toggle(position)
            self._anchor = position
        else:
            self.chosen.set_only(position, position + 1)
            self._anchor = position
        self._tell_chosen()

    def _tell_chosen(self) -> None:
        self.viewport().update()
        self.chosen_changed.emit()

    def _hover(self, position: int) -> None:
        if position != self._hovered:
            for changed in (position, self._hovered):
                if changed >= 0:
                    self.viewport().update(self.cell(changed).adjusted(-4, -4, 4, 4))
            self._hovered = position
            self.pointed.emit(position)

    # ------------------------------------------------------------------ painting

    def _paint_cell(self, painter: QPainter, position: int) -> None:
        paint_cell(
            painter,
            Cell(
                self.cell(position),
                self._size,
                self._image(position),
                self._caption(position) if self._shows_captions else "",
                is_lost=self._is_lost(position),
                keeps_shape=self._has_shapes,
                is_chosen=position in self.chosen,
                is_current=position == self.current,
                is_hovered=position == self._hovered,
            ),
        )

    # Qt overrides

    def paintEvent(self, event: QPaintEvent) -> None:
        """Only what is in sight and has changed."""
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), QColor(theme.colours().surface))
        painter.setFont(small_font())
        for position in self.visible_positions():
            if event.rect().intersects(self.cell(position).adjusted(-4, -4, 4, 4)):
                self._paint_cell(painter, position)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Other columns; what is at the top stays there."""
        super().resizeEvent(event)
        self._lay_out_around_top()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:  # noqa: N802
        """Paint anew; say what came into sight."""
        self.viewport().update()
        self._tell_shown()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """With Ctrl: larger, smaller."""
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.accept()
            if event.angleDelta().y():
                self.zoom_wanted.emit(1 if event.angleDelta().y() > 0 else -1)
            return
        super().wheelEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """The cursor left."""
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose; what is chosen already may be dragged."""
        position = self.position_at(event.position().toPoint())
        if event.button() not in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            return
        if position < 0:
            if event.modifiers() == Qt.KeyboardModifier.NoModifier:
                self.choose_none()
            return
        is_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if is_plain and position in self.chosen:  # the release chooses it alone
            self._move_to(position, None)
        else:
            self._move_to(position, event.modifiers())
        if event.button() == Qt.MouseButton.LeftButton and position in self.chosen:
            self._pressed_at = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up, or begin a drag."""
        place = event.position().toPoint()
        if self._pressed_at is not None and event.buttons() & Qt.MouseButton.LeftButton:
            way = (place - self._pressed_at).manhattanLength()
            if way >= QApplication.startDragDistance():
                self._pressed_at = None
                self.drag_wanted.emit()
            return
        self._hover(self.position_at(place))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on one of several chosen: only this one."""
        was_pressed, self._pressed_at = self._pressed_at is not None, None
        position = self.position_at(event.position().toPoint())
        is_plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if was_pressed and is_plain and position == self.current and len(self.chosen) > 1:
            self._choose(position, event.modifiers())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open."""
        position = self.position_at(event.position().toPoint())
        if position >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._pressed_at = None
            self.opened.emit(position)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """By mouse or keyboard."""
        if self.current < 0:
            return
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            place = self.viewport().mapToGlobal(self.cell(self.current).center())
        self.menu_wanted.emit(place)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows, pages and ends move; Shift and Ctrl choose several; Enter opens."""
        key, keys = Qt.Key(event.key()), event.modifiers()
        target = self._target(key)
        if target is not None and self.count:
            held = keys & ~Qt.KeyboardModifier.KeypadModifier
            is_moving_only = held == Qt.KeyboardModifier.ControlModifier
            self._move_to(min(max(0, target), self.count - 1), None if is_moving_only else held)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current >= 0:
            self.opened.emit(self.current)
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        elif key == Qt.Key.Key_Space and self.current >= 0:
            self._choose(self.current, Qt.KeyboardModifier.ControlModifier)
        elif key == Qt.Key.Key_A and keys == Qt.KeyboardModifier.ControlModifier:
            self.choose_all()
        elif key == Qt.Key.Key_Escape and len(self.chosen):
            self.choose_none()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Minus):
            self.zoom_wanted.emit(1 if key == Qt.Key.Key_Plus else -1)
        else:
            super().keyPressEvent(event)

    def _target(self, key: Qt.Key) -> int | None:
        at = self.current
        if key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            return 0 if key == Qt.Key.Key_Home else self.count - 1
        columns = self._geometry.n_columns
        rows = max(1, self.viewport().height() // self._geometry.cell_height)
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
            Qt.Key.Key_PageUp: -columns * rows,
            Qt.Key.Key_PageDown: columns * rows,
        }
        if key not in steps:
            return None
        if at < 0:
            return self.visible_positions().start
        target = at + steps[key]
        return (
            target if 0 <= target < self.count else (at if abs(steps[key]) == columns else target)
        )
