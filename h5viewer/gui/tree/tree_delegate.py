"""How a row of the tree is drawn."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem

from h5viewer.gui import node_text, theme
from h5viewer.gui.controls.row_table import Index, RowDelegate, RowTable, draw_line, text_room
from h5viewer.gui.tree.document_item_model import BESIDE, NAME, PLACE, SHAPE
from h5viewer.gui.tree.tree_rows import Place
from h5viewer.nodes import Document, Node

INDENT = 14
"""Pixels a level."""

ARROW = 16
"""Pixels for the arrow that unfolds."""

_BEFORE_NAME = ARROW + theme.ICON_SIZE + theme.SPACE_S - 1  # arrow and icon
_LEAST_NAME = 72  # pixels of a name that are worth a shape beside it
_DEEPEST = 20  # levels that are indented; deeper ones would push the name out of sight


class TreeDelegate(RowDelegate):
    """Draws arrow, icon, name and what stands beside it; a document's row has a cross."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        place: Place | None = index.data(PLACE)
        if place is None:
            return
        table = option.widget
        if index.column() > SHAPE or not isinstance(table, RowTable):
            super().paint(painter, option, index)
            return
        painter.save()
        self.paint_ground(painter, option, index)
        painter.setClipRect(option.rect)
        name = index.sibling(index.row(), NAME)
        name_room, shape_room = rooms(table, name, place)
        self._paint_name(painter, option, name_room, place, name)
        if index.column() == SHAPE and not shape_room.isEmpty():
            self.paint_text(painter, option, index, shape_room)
        painter.restore()

    def _paint_name(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        cell: QRect,
        place: Place,
        index: Index,
    ) -> None:
        room = text_room(cell)
        room.setLeft(name_left(cell, place))
        if place.can_open or place.is_open:
            arrow = "chevron-down" if place.is_open else "chevron-right"
            box = QRect(room.left(), room.center().y() - 6, 12, 13)
            theme.icon(arrow, "muted").paint(painter, box)
        if place.message:
            room.setLeft(room.left() + ARROW)
            self._write(painter, option, room, place.message, "muted")
            return
        if place.node is not None:
            draw_icon(painter, room.adjusted(ARROW, 0, 0, 0), place.node, place.document)
        room.setLeft(room.left() + _BEFORE_NAME)
        self._write_name(painter, option, index, room, place)

    def _write_name(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: Index,
        room: QRect,
        place: Place,
    ) -> None:
        text = str(index.data())
        if place.is_document:
            font = QFont(option.font)
            font.setWeight(QFont.Weight.DemiBold)
            option.font = font
        self._write(painter, option, room, text, "text")
        beside = index.data(BESIDE)
        if beside:
            used = painter.fontMetrics().horizontalAdvance(text) + theme.SPACE_S
            if used < room.width():
                room.setLeft(room.left() + used)
                self._write(painter, option, room, beside, "muted")

    def _write(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        room: QRect,
        text: str,
        role: theme.Role,
    ) -> None:
        painter.setFont(option.font)
        painter.setPen(QColor(getattr(theme.colours(), role)))
        # names of checkpoints differ at their ends
        shown = painter.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideMiddle, max(0, room.width())
        )
        draw_line(painter, room, Qt.AlignmentFlag.AlignVCenter, shown)


def draw_icon(painter: QPainter, room: QRect, node: Node, document: Document) -> None:
    """The icon of a node at the left end of `room`."""
    name = node_text.icon_name(node, document)
    role: theme.Role = "muted" if node.path else "accent"
    if name in ("link-broken", "unreadable", "eye-off"):
        role = "warning"
    top = room.center().y() - theme.ICON_SIZE // 2 + 1
    box = QRect(room.left(), top, theme.ICON_SIZE, theme.ICON_SIZE)
    theme.icon(name, role).paint(painter, box)


def rooms(table: RowTable, name: Index, place: Place) -> tuple[QRect, QRect]:
    """Where name and shape of a row are written: the name has all that the shape leaves it.

    A short shape lends its cell to the name, and one that would leave the name next to
    nothing is not written at all; the tooltip has both.
    """
    shape = name.sibling(name.row(), SHAPE)
    cell = table.visualRect(name)
    if table.isColumnHidden(SHAPE):
        return cell, QRect()
    whole = cell.united(table.visualRect(shape))
    text = str(shape.data() or "")
    width = table.fontMetrics().horizontalAdvance(text) + 2 * theme.SPACE_S + 2 if text else 0
    width = min(width, table.columnWidth(SHAPE))
    left = whole.right() + 1 - width
    needed = min(_LEAST_NAME, table.fontMetrics().horizontalAdvance(str(name.data() or "")))
    if not width or left - name_left(cell, place) - _BEFORE_NAME < needed:
        return whole, QRect()
    name_room, shape_room = QRect(whole), text_room(QRect(whole))
    name_room.setRight(left - 1 + theme.SPACE_S)  # the shape has room at its left
    shape_room.setLeft(left + theme.SPACE_S)
    return name_room, shape_room


def name_left(cell: QRect, place: Place) -> int:
    """Where arrow, icon and name of a row begin."""
    return cell.left() + theme.SPACE_XS + min(place.branch.depth, _DEEPEST) * INDENT
