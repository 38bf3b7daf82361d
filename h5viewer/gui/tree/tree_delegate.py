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

_DEEPEST = 20  # levels that are indented; deeper ones would push the name out of sight


class TreeDelegate(RowDelegate):
    """Draws arrow, icon, name and what stands beside it; a document's row has a cross."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """One cell."""
        place: Place | None = index.data(PLACE)
        if place is None:
            return
        # a row without a shape (a link and its target) has the room of both cells
        runs_on = index.column() <= SHAPE and not index.sibling(index.row(), SHAPE).data()
        if index.column() != NAME and not runs_on:
            super().paint(painter, option, index)
            return
        painter.save()
        self.paint_ground(painter, option, index)
        room = QRect(option.rect)
        table = option.widget
        if runs_on and isinstance(table, RowTable):
            painter.setClipRect(option.rect)
            room = table.visualRect(index.sibling(index.row(), NAME))
            room = room.united(table.visualRect(index.sibling(index.row(), SHAPE)))
        self._paint_name(painter, option, room, place, index.sibling(index.row(), NAME))
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
        room.setLeft(room.left() + ARROW)
        if place.message:
            self._write(painter, option, room, place.message, "muted")
            return
        if place.node is not None:
            draw_icon(painter, room, place.node, place.document)
        room.setLeft(room.left() + theme.ICON_SIZE + theme.SPACE_S - 1)
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


def name_left(cell: QRect, place: Place) -> int:
    """Where arrow, icon and name of a row begin."""
    return cell.left() + theme.SPACE_XS + min(place.branch.depth, _DEEPEST) * INDENT
