"""A few pictures as they will be stored, with what was decided about each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QImage, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.byte_image import byte_image
from h5viewer.gui.controls.row_table import Index, small_font
from h5viewer.gui.gallery.cell_painting import cross_out
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.names import visible
from h5viewer.nodes import DataSetPreview, PreviewedPicture, SkippedPicture

SIDE = 74
"""Pixels of the longer side of a picture on the screen."""

_SHARPEST = 4 * SIDE  # pixels of a side that are kept of a large picture
_GAP = 6
_SQUARE = 6  # pixels, of the ground of what is transparent


class _Shown(msgspec.Struct, frozen=True):
    image: QImage | None  # None: it cannot be stored
    caption: str
    words: str


class PreviewItemModel(QAbstractListModel):
    """Pictures, then those that cannot be stored."""

    IMAGE = Qt.ItemDataRole.UserRole + 1

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown: Sequence[_Shown] = ()

    def show_preview(self, preview: DataSetPreview) -> None:
        """Show these in the place of those before."""
        self.beginResetModel()
        self._shown = [
            *(_picture(each) for each in preview.pictures),
            *(_broken(each) for each in preview.skipped),
        ]
        self.endResetModel()

    # Qt overrides

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """How many there are."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Picture, class, and all that is to be known in words."""
        if not index.isValid():
            return None
        shown = self._shown[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return shown.caption
        if role == self.IMAGE:
            return shown.image
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(shown.words)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return shown.words.replace("\n", ", ")
        return None


class PreviewGrid(QListView):
    """Pictures side by side; the keyboard goes from one to the next."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = PreviewItemModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_Cells(self))
        self.setAccessibleName("Pictures as they will be stored")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSpacing(0)
        self.setMinimumHeight(2 * (SIDE + 2 * _GAP + _line_height()) + 2 * self.frameWidth() + 2)

    def show_preview(self, preview: DataSetPreview) -> None:
        """Show these in the place of those before."""
        self._model.show_preview(preview)

    def clear(self) -> None:
        """Show nothing."""
        self._model.show_preview(DataSetPreview(pictures=()))


class _Cells(QStyledItemDelegate):
    """A picture, its class below."""

    # Qt overrides

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        """Of the picture and a line."""
        return QSize(SIDE + 2 * _GAP, SIDE + 2 * _GAP + _line_height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, picture, frame, words."""
        shade = theme.colours()
        painter.save()
        cell: QRect = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(cell, QColor(shade.accent_soft))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(cell, QColor(shade.hover))
        room = QRect(cell.left() + _GAP, cell.top() + _GAP, SIDE, SIDE)
        image: QImage | None = index.data(PreviewItemModel.IMAGE)
        frame = room if image is None else _frame(room, image)
        if image is None:
            painter.fillRect(frame, QColor(shade.hover))
            cross_out(painter, frame)
        else:
            _paint_image(painter, frame, image)
        painter.setPen(QPen(QColor(shade.border)))
        painter.drawRect(frame.adjusted(0, 0, -1, -1))
        painter.setFont(small_font())
        painter.setPen(QColor(shade.muted if image is not None else shade.warning))
        line = QRect(room.left(), room.bottom() + 3, room.width(), _line_height())
        words = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideRight, line.width()
        )
        flags = int(Qt.AlignmentFlag.AlignHCenter) | int(Qt.TextFlag.TextSingleLine)
        painter.drawText(line, flags, words)
        painter.restore()


def _line_height() -> int:
    return QFontMetrics(small_font()).height() + 2


def _frame(room: QRect, image: QImage) -> QRect:
    size = image.size().scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
    size = size.expandedTo(QSize(2, 2))
    left = room.left() + (room.width() - size.width()) // 2
    return QRect(QPoint(left, room.top() + (room.height() - size.height()) // 2), size)


def _paint_image(painter: QPainter, frame: QRect, image: QImage) -> None:
    """Pixels of a small picture stay squares; what is transparent has squares below it."""
    if image.hasAlphaChannel():
        shade = theme.colours()
        painter.fillRect(frame, QColor(shade.surface))
        for top in range(frame.top(), frame.bottom() + 1, _SQUARE):
            start = frame.left() + _SQUARE * ((top - frame.top()) // _SQUARE % 2)
            for left in range(start, frame.right() + 1, 2 * _SQUARE):
                square = QRect(left, top, _SQUARE, _SQUARE) & frame
                painter.fillRect(square, QColor(shade.border))
    wanted = frame.size() * painter.device().devicePixelRatioF()
    if image.width() > wanted.width():
        mode = Qt.TransformationMode.SmoothTransformation
        image = image.scaled(wanted, Qt.AspectRatioMode.IgnoreAspectRatio, mode)
    painter.drawImage(frame, image)


def _picture(each: PreviewedPicture) -> _Shown:
    lines = [visible(each.name, 300)]
    if each.label:
        lines.append(f"Class {visible(each.label, 100)}")
    if each.split:
        lines.append(f"For {'the test' if each.split == 'test' else each.split}")
    lines.append(f"{each.width:,} × {each.height:,} in its file")
    lines += [each.note] if each.note else []
    pixels = np.asarray(each.pixels.values).astype(np.uint8, copy=False)
    return _Shown(image_of(pixels), visible(each.label, 60), "\n".join(lines))


def _broken(each: SkippedPicture) -> _Shown:
    return _Shown(None, "Left out", f"{visible(each.name, 300)}\n{visible(each.reason, 300)}")


def image_of(pixels: NDArray[np.uint8]) -> QImage:
    """(rows, columns), (rows, columns, 3) or, with alpha, (rows, columns, 4) bytes."""
    step = max(1, min(pixels.shape[:2]) // _SHARPEST)  # of one that would fill the screen
    return byte_image(pixels[::step, ::step])
