"""The graph on the screen: zoom with the wheel, pan by dragging, walk with the arrow keys."""

from __future__ import annotations

import html
from collections.abc import Collection

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from h5viewer.gui import theme
from h5viewer.gui.graph.graph_painter import GraphPainter, Marks
from h5viewer.gui.graph.graph_scene import GraphScene
from h5viewer.gui.graph.minimap import Minimap
from h5viewer.gui.graph.walking import ARROWS, neighbour

SMALLEST, LARGEST = 0.005, 4.0
_READABLE = 0.8  # scale at which a first look is taken when the whole would be too small
_STEP = 1.25  # of a key or a button
_MARGIN = 24


class GraphView(QWidget):
    """One scene; `centre` (scene units) and `scale` say what of it is seen.

    Signals:
        box_chosen(int): a click or a key has chosen a box.
        fold_wanted(int): its plus or minus was used.
        menu_wanted(int | None, QPoint): a context menu, for a box or for the ground.
        activated(int): Enter.
        letter_typed(str): text was typed; the search field takes it.
        left(): Escape.
        moved(): another part is seen.
    """

    box_chosen = Signal(int)
    fold_wanted = Signal(int)
    menu_wanted = Signal(object, QPoint)
    activated = Signal(int)
    letter_typed = Signal(str)
    left = Signal()
    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale = 1.0
        self.centre = QPointF()
        self.scene: GraphScene | None = None
        self._painter: GraphPainter | None = None
        self._marks = Marks()
        self._pressed: QPointF | None = None
        self._is_panning = False
        self._is_fitted = False
        self._minimap = Minimap(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self.setAccessibleName("Graph of the layers")
        theme.changed.connect(self._dress)

    # What is shown

    def show_scene(self, scene: GraphScene | None) -> None:
        """Show another graph; the view stays where it is."""
        self.scene = scene
        self._marks = Marks(focused=self.hasFocus())
        self._painter = GraphPainter(scene) if scene is not None else None
        self._minimap.show_scene(scene)
        self.update()

    @property
    def selected(self) -> int | None:
        """The chosen box."""
        return self._marks.selected

    def select(self, number: int | None, *, reveal: bool = True) -> None:
        """Mark a box as chosen, and bring it into sight."""
        self._marks.selected = number
        spoken = self.scene.spoken(number) if self.scene and number is not None else ""
        self.setAccessibleDescription(spoken.replace("\n", ", "))
        if number is not None and reveal:
            self.reveal(number)
        self.update()

    def mark_hits(self, hits: Collection[int]) -> None:
        """What a search has found."""
        self._marks.hits = frozenset(hits)
        self.update()

    # Where it looks

    def fit(self) -> None:
        """The whole graph."""
        if self.scene is None or self.scene.bounds.isEmpty():
            return
        room = self.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        bounds = self.scene.bounds
        scale = min(
            max(1, room.width()) / bounds.width(), max(1, room.height()) / bounds.height(), 1.0
        )
        self.look_at(bounds.center(), scale)
        self._is_fitted = True

    def show_start(self) -> None:
        """A first look: all of it where it can be read, else its beginning."""
        self.fit()
        if self.scene is None or self.scale >= _READABLE:
            return
        scale = max(self.scale, _READABLE)
        first = self.scene.rects[0]
        self.look_at(QPointF(first.center().x(), (self.height() / 2 - _MARGIN) / scale), scale)

    def look_at(self, centre: QPointF, scale: float) -> None:
        """Look elsewhere."""
        self._is_fitted = False
        self.scale = min(LARGEST, max(SMALLEST, scale))
        self.centre = self._inside(centre)
        self.moved.emit()
        self._minimap.follow()
        self.update()

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Grow or shrink; what is under `at` (pixels; None: the middle) stays there."""
        at = at if at is not None else QRectF(self.rect()).center()
        fixed = self.to_scene(at)
        scale = min(LARGEST, max(SMALLEST, self.scale * factor))
        offset = at - QRectF(self.rect()).center()
        self.look_at(fixed - offset / scale, scale)

    def reveal(self, number: int) -> None:
        """Move so far that a box is in sight, and grow so far that it can be read."""
        if self.scene is None:
            return
        rect = self.scene.rects[number]
        inside = self.seen().adjusted(*[_MARGIN / self.scale] * 2, *[-_MARGIN / self.scale] * 2)
        if self.scale < 0.34:
            self.look_at(rect.center(), _READABLE)
        elif not inside.contains(self.scene.header(number)):
            self.look_at(rect.center(), self.scale)

    def seen(self) -> QRectF:
        """The part in sight, in scene units."""
        return QRectF(
            self.to_scene(QPointF(0, 0)), self.to_scene(QPointF(self.width(), self.height()))
        )

    def to_scene(self, spot: QPointF) -> QPointF:
        """From pixels to scene units."""
        return (spot - QRectF(self.rect()).center()) / self.scale + self.centre

    def to_view(self, spot: QPointF) -> QPointF:
        """From scene units to pixels."""
        return (spot - self.centre) * self.scale + QRectF(self.rect()).center()

    # Qt overrides

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The part in sight."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.colours().surface))
        if self._painter is not None:
            middle = QRectF(self.rect()).center()
            transform = QTransform()
            transform.translate(middle.x(), middle.y())
            transform.scale(self.scale, self.scale)
            transform.translate(-self.centre.x(), -self.centre.y())
            painter.setTransform(transform)
            self._painter.paint(painter, self.seen(), self.scale, self._marks)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A whole graph stays whole, a chosen box in sight: details beside it take room."""
        super().resizeEvent(event)
        self._minimap.place()
        if self._is_fitted:
            self.fit()
            return
        self._minimap.follow()
        if self.selected is not None and self.scene is not None:
            old = QRectF(QPointF(), event.oldSize().toSizeF() / self.scale)
            old.moveCenter(self.centre)
            if old.contains(self.scene.header(self.selected)):
                self.reveal(self.selected)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor; sideways wheels pan."""
        turn = event.angleDelta()
        if turn.y():
            self.zoom(1.0015 ** turn.y(), event.position())
        elif turn.x():
            self.look_at(self.centre - QPointF(turn.x() / self.scale / 2, 0), self.scale)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = event.position()
            self._is_panning = False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag; over a box the cursor is a hand that points."""
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            is_box = self._box_at(event.position()) is not None
            self.setCursor(
                Qt.CursorShape.PointingHandCursor if is_box else Qt.CursorShape.OpenHandCursor
            )
            return
        way = event.position() - self._pressed
        if self._is_panning or way.manhattanLength() >= QApplication.startDragDistance():
            self._is_panning = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._pressed = event.position()
            self.look_at(self.centre - way / self.scale, self.scale)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click chooses; on plus or minus it folds."""
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        self._pressed = None
        if self._is_panning:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
            return
        number = self._box_at(event.position())
        if number is None or self.scene is None:
            return
        if self.scene.button(number).contains(self.to_scene(event.position())):
            self.fold_wanted.emit(number)
        else:
            self.box_chosen.emit(number)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On what folds: fold; on the ground: the whole graph."""
        number = self._box_at(event.position())
        if number is None:
            self.fit()
        elif self.scene is not None and self.scene.can_fold(number):
            self.fold_wanted.emit(number)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """For the box under the mouse, or (keyboard) the chosen one."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.menu_wanted.emit(self.selected, self.mapToGlobal(self._menu_spot()))
            return
        number = self._box_at(QPointF(event.pos()))
        if number is not None and number != self.selected:
            self.box_chosen.emit(number)
        self.menu_wanted.emit(number, event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk along edges; + and - fold, with Ctrl zoom; 0 shows all."""
        key, text = event.key(), event.text()
        has_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key in ARROWS:
            self._walk(key)
        elif key == Qt.Key.Key_0:
            self.fit()
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._plus_or_minus(has_control, key != Qt.Key.Key_Minus)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.selected is not None:
            self.activated.emit(self.selected)
        elif key == Qt.Key.Key_Space and self.selected is not None:
            self.fold_wanted.emit(self.selected)
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.scene and self.scene.boxes:
            self.box_chosen.emit(0 if key == Qt.Key.Key_Home else len(self.scene.boxes) - 1)
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        elif text.isprintable() and text.strip() and not has_control:
            self.letter_typed.emit(text)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Tooltips say in full what boxes cut."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            number = self._box_at(QPointF(event.pos()))
            if number is not None and self.scene is not None:
                text = html.escape(self.scene.spoken(number)).replace("\n", "<br>")
                QToolTip.showText(event.globalPos(), f"<qt>{text}</qt>", self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The chosen box shows that it has the keyboard."""
        self._marks.focused = True
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """And that it has not."""
        self._marks.focused = False
        self.update()
        super().focusOutEvent(event)

    # Inside

    def _walk(self, key: int) -> None:
        if self.scene is not None and self.scene.boxes:
            found = neighbour(self.scene, self.selected, key)
            if found is not None:
                self.box_chosen.emit(found)

    def _plus_or_minus(self, zooms: bool, is_plus: bool) -> None:
        if zooms:
            self.zoom(_STEP if is_plus else 1 / _STEP)
        elif self.selected is not None and self.scene is not None:
            is_frame = self.scene.boxes[self.selected].kind in ("network", "unfolded repeats")
            if is_frame != is_plus and self.scene.can_fold(self.selected):
                self.fold_wanted.emit(self.selected)

    def _box_at(self, spot: QPointF) -> int | None:
        return self.scene.box_at(self.to_scene(spot)) if self.scene is not None else None

    def _menu_spot(self) -> QPoint:
        if self.selected is None or self.scene is None:
            return self.rect().center()
        return self.to_view(self.scene.rects[self.selected].center()).toPoint()

    def _inside(self, centre: QPointF) -> QPointF:
        """Never so far away that nothing is in sight."""
        if self.scene is None:
            return centre
        bounds = self.scene.bounds
        return QPointF(
            min(max(centre.x(), bounds.left()), bounds.right()),
            min(max(centre.y(), bounds.top()), bounds.bottom()),
        )

    def _dress(self) -> None:
        self._painter = GraphPainter(self.scene) if self.scene is not None else None
        self._minimap.redraw()
        self.update()
