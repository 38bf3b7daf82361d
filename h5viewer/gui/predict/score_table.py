"""The classes of an answer as bars; names are changed by a double click."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QSizePolicy, QStyleOptionViewItem, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.row_table import Index, RowDelegate, RowTable, draw_line, text_room
from h5viewer.gui.predict.score_item_model import BAR, NAME, SCORE, ScoreItemModel

_NUMBER_WIDTH = 84  # pixels for "< 0.01 %" beside the bar
_BAR_HEIGHT = 12
_NARROWEST, _WIDEST = 90, 280  # of the names


class BarDelegate(RowDelegate):
    """Draws the score: a bar with a number at its right."""

    # Qt overrides

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, bar, mark, number."""
        bar = index.data(BAR)
        if bar is None:
            super().paint(painter, option, index)
            return
        painter.save()
        self.paint_ground(painter, option, index)
        self._paint_bar(painter, option, index, bar)
        painter.restore()

    def _paint_bar(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: Index,
        bar: tuple[float, float, float | None, bool],
    ) -> None:
        shade = theme.colours()
        start, end, mark, is_best = bar
        room = text_room(option.rect)
        number = QRect(room.right() - _NUMBER_WIDTH, room.top(), _NUMBER_WIDTH, room.height())
        width = max(0, room.width() - _NUMBER_WIDTH - theme.SPACE_M)
        top = room.center().y() - _BAR_HEIGHT // 2 + 1
        track = QRect(room.left(), top, width, _BAR_HEIGHT)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(shade.hover))
        painter.drawRoundedRect(track, 3, 3)
        left, right = (round(track.left() + width * share) for share in (start, end))
        if right > left:
            colour = QColor(shade.accent)
            colour.setAlpha(255 if is_best else 130)
            painter.setBrush(colour)
            painter.drawRoundedRect(QRect(left, top, max(2, right - left), _BAR_HEIGHT), 3, 3)
        if mark is not None:
            at = round(track.left() + width * mark)
            painter.setPen(QPen(QColor(shade.muted), 1, Qt.PenStyle.DashLine))
            painter.drawLine(at, option.rect.top() + 2, at, option.rect.bottom() - 2)
        painter.setPen(QColor(shade.text if is_best else shade.muted))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        draw_line(painter, number, flags, str(index.data()))


class ScoreTable(RowTable):
    """As high as its rows; the whole of it scrolls with what it stands in."""

    def __init__(self, model: ScoreItemModel, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent=parent)
        self.setModel(model)
        self.setItemDelegate(BarDelegate(self))
        self.horizontalHeader().hide()
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        model.modelReset.connect(self._fit)

    def _fit(self) -> None:
        self.updateGeometry()
        self.fit_columns(widest=_WIDEST, first=_NARROWEST, last=_NUMBER_WIDTH + 80, whole=(NAME,))
        self.setToolTip("")

    # Qt overrides

    def sizeHint(self) -> QSize:
        """Room for all rows."""
        return QSize(320, self.model().rowCount() * self.row_height + 2)

    def minimumSizeHint(self) -> QSize:
        """No row is cut."""
        return QSize(160, self.sizeHint().height())


__all__ = ("NAME", "SCORE", "BarDelegate", "ScoreTable")
