"""A list to choose one from: a title and a line below it; what cannot be chosen says why."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QIcon, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from h5viewer.gui import theme

_Index = QModelIndex | QPersistentModelIndex
_TITLE = Qt.ItemDataRole.UserRole + 1
_WORDS = Qt.ItemDataRole.UserRole + 2
_LOWEST = 130  # pixels; what does not fit is scrolled to
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop


class Choice(msgspec.Struct, frozen=True):
    """One row. `refusal`, when there is one, stands in the place of `words`."""

    title: str
    words: str
    icon: str
    refusal: str = ""


class ChoiceList(QListWidget):
    """Signals: chosen(int), another row, from 0."""

    chosen = Signal(int)

    def __init__(self, name: str, choices: Sequence[Choice], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip("Choose by mouse or with the arrow keys")
        self.setProperty("role", "choices")
        self.setItemDelegate(_TwoLines(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setUniformItemSizes(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setFrameShape(QFrame.Shape.NoFrame)
        for choice in choices:
            self.addItem(_item(choice))
        self.currentRowChanged.connect(self.chosen)

    def show_choices(self, choices: Sequence[Choice]) -> None:
        """The same rows, of which others can be chosen now; tells nobody."""
        current = self.currentRow()
        self.blockSignals(True)
        self.clear()
        for choice in choices:
            self.addItem(_item(choice))
        self.setCurrentRow(current if current in self.enabled_rows else -1)
        self.blockSignals(False)

    @property
    def enabled_rows(self) -> list[int]:
        """Those that can be chosen."""
        return [
            row for row in range(self.count()) if self.item(row).flags() & Qt.ItemFlag.ItemIsEnabled
        ]

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The words wrap otherwise, and all rows are shown if there is room."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()
            height = sum(self.sizeHintForRow(row) for row in range(self.count()))
            self.setMinimumHeight(min(height, _LOWEST))
            self.setMaximumHeight(height)
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As high as it may get."""
        return QSize(400, min(self.maximumHeight(), 400))


def _item(choice: Choice) -> QListWidgetItem:
    words = choice.refusal or choice.words
    item = QListWidgetItem(theme.icon(choice.icon, "muted"), f"{choice.title}. {words}")
    item.setData(_TITLE, choice.title)
    item.setData(_WORDS, _breakable(words))
    if choice.refusal:
        item.setFlags(item.flags() & ~(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable))
    return item


def _breakable(words: str) -> str:
    """Names of files are long words; they may go on in the next line."""
    for mark in "_-.":
        words = words.replace(mark, f"{mark}\u200b")
    return words


class _TwoLines(QStyledItemDelegate):
    """Icon, title, and the words below it in the second rank."""

    def _parts(self, option: QStyleOptionViewItem, index: _Index) -> tuple[QRect, QRect, QRect]:
        """Where icon, title and words stand."""
        view = option.widget
        width = view.viewport().width() if isinstance(view, QAbstractItemView) else 300
        left = theme.SPACE_M + theme.ICON_SIZE + theme.SPACE_M
        top = option.rect.top() + theme.SPACE_S
        room = max(60, width - left - theme.SPACE_M)
        title_height = QFontMetrics(_title_font()).height()
        metrics = QFontMetrics(_words_font())
        needed = metrics.boundingRect(0, 0, room, 1000, _WRAPPED, str(index.data(_WORDS)))
        icon = QRect(
            option.rect.left() + theme.SPACE_M,
            top + (title_height - theme.ICON_SIZE) // 2,
            theme.ICON_SIZE,
            theme.ICON_SIZE,
        )
        title = QRect(option.rect.left() + left, top, room, title_height)
        words = QRect(title.left(), title.bottom() + 2, room, needed.height())
        return icon, title, words

    # Qt overrides

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """High enough for the words."""
        _, _, words = self._parts(option, index)
        return QSize(100, words.bottom() + theme.SPACE_S - option.rect.top())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """The row's ground as any list's, then the parts."""
        ground = QStyleOptionViewItem(option)
        self.initStyleOption(ground, index)
        ground.text, ground.icon = "", QIcon()
        style = option.widget.style() if option.widget else QApplication.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, ground, painter, option.widget)
        is_enabled = bool(option.state & QStyle.StateFlag.State_Enabled)
        shade = theme.colours()
        icon, title, words = self._parts(option, index)
        mode = QIcon.Mode.Normal if is_enabled else QIcon.Mode.Disabled
        index.data(Qt.ItemDataRole.DecorationRole).paint(
            painter, icon, Qt.AlignmentFlag.AlignCenter, mode
        )
        painter.save()
        painter.setFont(_title_font())
        painter.setPen(QColor(shade.text if is_enabled else shade.faint))
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, str(index.data(_TITLE)))
        painter.setFont(_words_font())
        painter.setPen(QColor(shade.muted))  # why not has to be read as well
        painter.drawText(words, _WRAPPED, str(index.data(_WORDS)))
        painter.restore()


def _title_font() -> QFont:
    return theme.scaled_font(1.0, QFont.Weight.DemiBold)


def _words_font() -> QFont:
    return theme.scaled_font(0.93)
