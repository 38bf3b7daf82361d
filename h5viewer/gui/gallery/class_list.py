"""The classes of a set, how many pictures each has as a bar; one is chosen to be seen alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.row_table import small_font
from h5viewer.gui.gallery.picture_classes import ALL, WITHOUT, class_name
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.wording import count_text, plural

_Index = QModelIndex | QPersistentModelIndex
_Row = tuple[int, str, int]  # class, name, count
_BAR = 4  # pixels


class ClassRows(QAbstractListModel):
    """All pictures, each class, those without a label; "class", "count" and "share" of each.

    A filter leaves all pictures and those classes whose name holds it.
    """

    CLASS = Qt.ItemDataRole.UserRole + 1
    COUNT = Qt.ItemDataRole.UserRole + 2
    SHARE = Qt.ItemDataRole.UserRole + 3  # of the largest class

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._all: list[_Row] = []
        self._rows: list[_Row] = []  # those that are shown
        self._wanted = ""
        self._largest = 1

    @property
    def n_all(self) -> int:
        """Rows that there would be without a filter."""
        return len(self._all)

    @property
    def n_classes(self) -> int:
        """All of them, those without a label among them."""
        return max(0, len(self._all) - 1)

    @property
    def n_found(self) -> int:
        """Of them those that the filter leaves."""
        return max(0, len(self._rows) - 1)

    def show_counts(
        self, n_pictures: int, names: Sequence[str], counts: Sequence[int], n_without: int
    ) -> None:
        """Show these in the place of those before."""
        rows = [(ALL, "All pictures", n_pictures)]
        rows += [(at, class_name(names, at), count) for at, count in enumerate(counts)]
        if n_without:
            rows.append((WITHOUT, class_name(names, WITHOUT), n_without))
        self._largest = max([1, *counts, n_without])
        is_same = [row[:2] for row in rows] == [row[:2] for row in self._all]
        self._all = rows
        if is_same:
            self._rows = self._found()
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))
        else:
            self._show_found()

    def set_filter(self, text: str) -> None:
        """Show only classes whose name holds this, or whose number it is."""
        wanted = text.strip().casefold()
        if wanted != self._wanted:
            self._wanted = wanted
            self._show_found()

    def _show_found(self) -> None:
        self.beginResetModel()
        self._rows = self._found()
        self.endResetModel()

    def _found(self) -> list[_Row]:
        wanted = self._wanted
        if not wanted:
            return self._all
        return [
            row
            for row in self._all
            if row[0] == ALL or wanted in row[1].casefold() or wanted == str(row[0])
        ]

    def knows(self, wanted: int) -> bool:
        """Whether there is this class, though a filter may hide it."""
        return any(row[0] == wanted for row in self._all)

    def row_of(self, wanted: int) -> int:
        """Where a class is shown; −1: nowhere."""
        return next((at for at, row in enumerate(self._rows) if row[0] == wanted), -1)

    # Qt overrides

    def rowCount(self, parent: _Index | None = None) -> int:
        """How many there are."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Name, numbers, and both for those who do not see them."""
        if not index.isValid():
            return None
        wanted, name, count = self._rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{name}, {plural(count, 'picture')}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(f"{name}: {plural(count, 'picture')}")
        if role == self.CLASS:
            return wanted
        if role == self.COUNT:
            return count
        if role == self.SHARE:
            return 0.0 if wanted == ALL else count / self._largest
        return None


class ClassList(QListView):
    """Signals: class_chosen(int), a class, WITHOUT or ALL: the user chose it."""

    class_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Classes")
        self.setToolTip("Choose a class to see its pictures alone")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.rows = ClassRows(self)
        self._chosen = ALL  # also while a filter hides it
        self.setModel(self.rows)
        self.setItemDelegate(_Bars(self))
        self.selectionModel().currentChanged.connect(self._tell)

    @property
    def chosen(self) -> int:
        """The class that is chosen."""
        return self._chosen

    def show_counts(
        self, n_pictures: int, names: Sequence[str], counts: Sequence[int], n_without: int
    ) -> None:
        """Show these; what is chosen stays chosen."""
        with QSignalBlocker(self.selectionModel()):
            self.rows.show_counts(n_pictures, names, counts, n_without)
            self._select(self._chosen)

    def show_found(self, text: str) -> None:
        """Show only classes whose name holds this; what is chosen stays chosen."""
        with QSignalBlocker(self.selectionModel()):
            self.rows.set_filter(text)
            self._select(self._chosen)
        self.scrollTo(self.currentIndex())
        self.viewport().update()

    def choose_first_found(self) -> None:
        """The user wants the first class below all pictures, if there is one."""
        if self.rows.n_found:
            self.setCurrentIndex(self.rows.index(1))

    def choose(self, wanted: int) -> None:
        """Choose a class; tells nobody."""
        with QSignalBlocker(self.selectionModel()):
            self._select(wanted)
        self.viewport().update()

    def _select(self, wanted: int) -> None:
        self._chosen = wanted if self.rows.knows(wanted) else ALL
        row = self.rows.row_of(self._chosen)
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().setCurrentIndex(self.rows.index(row), flag)

    def _tell(self, current: QModelIndex, _before: QModelIndex) -> None:
        if current.isValid():
            self._chosen = int(current.data(ClassRows.CLASS))
            self.class_chosen.emit(self._chosen)


class _Bars(QStyledItemDelegate):
    """Name and count in a line, below them the bar."""

    # Qt overrides

    def sizeHint(self, option: QStyleOptionViewItem, _index: _Index) -> QSize:
        """A line and a bar."""
        return QSize(80, QFontMetrics(option.font).height() + _BAR + 2 * theme.SPACE_XS + 4)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Ground, words, bar."""
        shade = theme.colours()
        state = option.state
        painter.save()
        rect: QRect = option.rect
        view = option.widget
        is_current = isinstance(view, QListView) and view.currentIndex() == index
        if is_current:
            painter.fillRect(rect, QColor(shade.accent_soft))
        elif state & state.State_MouseOver:
            painter.fillRect(rect, QColor(shade.hover))
        room = rect.adjusted(theme.SPACE_M, theme.SPACE_XS, -theme.SPACE_M, -theme.SPACE_XS)
        line = QRect(room.left(), room.top(), room.width(), QFontMetrics(option.font).height())
        small = small_font()
        count = count_text(int(index.data(ClassRows.COUNT)))
        width = QFontMetrics(small).horizontalAdvance(count) + 2
        painter.setPen(QColor(shade.muted))
        painter.setFont(small)
        painter.drawText(
            line, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), count
        )
        painter.setPen(QColor(shade.text))
        painter.setFont(option.font)
        left = line.adjusted(0, 0, -width - theme.SPACE_S, 0)
        name = painter.fontMetrics().elidedText(
            str(index.data()), Qt.TextElideMode.ElideMiddle, left.width()
        )
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(left, int(flags) | int(Qt.TextFlag.TextSingleLine), name)
        share = float(index.data(ClassRows.SHARE))
        if share:
            track = QRect(room.left(), line.bottom() + 3, room.width(), _BAR)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(shade.border))
            painter.drawRoundedRect(track, 2, 2)
            track.setWidth(max(_BAR, round(track.width() * share)))
            painter.setBrush(QColor(shade.accent))
            painter.drawRoundedRect(track, 2, 2)
        painter.restore()
