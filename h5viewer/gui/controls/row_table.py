"""Tables whose rows are things: whole rows light up, are chosen and copied.

Item models say how a cell is toned with the role TONE ("muted", "warning", …, a colour of
the theme) and what stands small below it with BELOW; drawing is here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.rows_copy import RowsCopy

Index = QModelIndex | QPersistentModelIndex

TONE = Qt.ItemDataRole.UserRole + 1
BELOW = Qt.ItemDataRole.UserRole + 2

_VERTICAL_ROOM = 10  # pixels around the text of a row
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_ONE_LINE = int(Qt.TextFlag.TextSingleLine)


class RowDelegate(QStyledItemDelegate):
    """Draws a cell: ground of the whole row, text in its tone, a small second line."""

    # Qt overrides

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, then text."""
        painter.save()
        self.paint_ground(painter, option, index)
        self.paint_text(painter, option, index, text_room(option.rect))
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for the longer of the two lines."""
        metrics = option.fontMetrics
        font = index.data(Qt.ItemDataRole.FontRole)  # bold is wider
        own = metrics if font is None else QFontMetrics(font)
        width = own.horizontalAdvance(str(index.data() or ""))
        below = index.data(BELOW)
        if below:
            width = max(width, QFontMetrics(small_font()).horizontalAdvance(str(below)))
        return QSize(width + 2 * theme.SPACE_S + 2, metrics.height() + _VERTICAL_ROOM)

    # Parts

    def paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Selected or hovered row; the row with the keyboard has a bar at its left edge."""
        table = option.widget
        shade = theme.colours()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(shade.accent_soft))
            if index.column() == 0 and isinstance(table, RowTable) and table.hasFocus():
                bar = QRect(option.rect.left(), option.rect.top(), 2, option.rect.height())
                painter.fillRect(bar, QColor(shade.accent))
        elif isinstance(table, RowTable) and table.hovered_row == index.row():
            painter.fillRect(option.rect, QColor(shade.hover))

    def paint_text(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index, room: QRect
    ) -> None:
        """One line, or two with the second smaller and muted."""
        shade = theme.colours()
        of = index.model().data  # index.data goes through Qt, which takes twice as long
        tone = of(index, TONE)
        alignment = of(index, Qt.ItemDataRole.TextAlignmentRole) or _LEFT
        below = of(index, BELOW)
        cut = option.textElideMode
        upper = room
        if below:
            small = small_font()
            height = option.fontMetrics.height() + QFontMetrics(small).height()
            top = room.center().y() - height // 2 + 1
            upper = QRect(room.left(), top, room.width(), option.fontMetrics.height())
            lower = QRect(
                room.left(), upper.bottom() + 1, room.width(), QFontMetrics(small).height()
            )
            painter.setFont(small)
            painter.setPen(QColor(shade.warning if tone == "warning" else shade.muted))
            draw_line(painter, lower, alignment, str(below), cut)
        painter.setFont(of(index, Qt.ItemDataRole.FontRole) or option.font)
        painter.setPen(QColor(getattr(shade, tone) if tone else shade.text))
        text = str(of(index, Qt.ItemDataRole.DisplayRole) or "")
        draw_line(painter, upper, alignment, text, cut)


class RowTable(QTableView):
    """A table of rows. Ctrl+C copies the chosen rows, tab-separated, as shown.

    Signals:
        row_changed(QModelIndex): another row is current (invalid: none).
    """

    row_changed = Signal(QModelIndex)

    def __init__(self, name: str, *, n_lines: int = 1, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hovered_row = -1
        self._n_lines = n_lines
        self._copy = RowsCopy(self)
        self._nothing = QItemSelectionModel()
        self._needs: list[int] = []  # pixels each column but the last would like
        self._first_need = self._last_need = 0
        self._whole: tuple[int, ...] = ()
        self._spare: tuple[int, ...] = ()
        self._last_resort: tuple[int, ...] = ()
        self._is_set_by_user = False
        self.setAccessibleName(name)
        self.setItemDelegate(RowDelegate(self))
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setResizeContentsPrecision(30)  # rows looked at: those in sight
        header.setStretchLastSection(True)
        header.setMinimumSectionSize(32)
        header.setDefaultSectionSize(32)  # the stretched column never gets smaller than this
        header.sectionResized.connect(self._note_resize)
        theme.changed.connect(self._fit_rows)
        self._fit_rows()

    @property
    def row_height(self) -> int:
        """Pixels of every row."""
        return self.verticalHeader().defaultSectionSize()

    def fit_columns(
        self,
        widest: int = 320,
        first: int = 0,
        last: int = 0,
        whole: Sequence[int] = (),
        spare: Sequence[int] = (),
        last_resort: Sequence[int] = (),
    ) -> None:
        """Give each column the room its first rows need, up to `widest` pixels.

        The first column, which names the row, gets at least `first` pixels. Where less than
        `last` are left for the last one, the others give, but not those in `whole`: a number
        that is cut says nothing. Before any is cut those in `spare` go, the first of them first;
        those in `last_resort` go where cutting is not enough.
        Columns the user has set stay so.
        """
        if self.model() is None:
            return
        columns = range(self._n_columns - 1)
        self._needs = [min(self._needed(column), widest) for column in columns]
        self._first_need = first
        for column in (*self._spare, *self._last_resort):  # hidden for want of room alone
            if column not in (*spare, *last_resort):
                self.setColumnHidden(column, False)
        self._whole, self._spare, self._last_resort = tuple(whole), tuple(spare), tuple(last_resort)
        self._last_need = max(last, self._heading_room(self._n_columns - 1))
        self._needs[:1] = [max(need, first) for need in self._needs[:1]]
        self._share_room()

    @property
    def _n_columns(self) -> int:
        return self.model().columnCount() if self.model() is not None else 0

    def _heading_room(self, column: int) -> int:
        """Pixels for a heading; Qt would add room for a sort arrow to each."""
        heading = self.model().headerData(column, Qt.Orientation.Horizontal)
        return self.fontMetrics().horizontalAdvance(str(heading)) + 2 * theme.SPACE_S + 2

    def _needed(self, column: int) -> int:
        """Pixels for heading and first rows."""
        return max(self._heading_room(column), self.sizeHintForColumn(column))

    def sort_by_headings(self, sort: Callable[[int, Qt.SortOrder], None]) -> None:
        """Call `sort` with column and order at each click on a heading; column -1: no order."""
        self.setSortingEnabled(False)  # Qt would sort at once, and the model itself
        header = self.horizontalHeader()
        header.setSortIndicatorClearable(True)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.sortIndicatorChanged.connect(sort)

    def rows_as_text(self, rows: list[QModelIndex]) -> str:
        """The rows for a spreadsheet."""
        columns = range(self.model().columnCount())
        return "\n".join(
            "\t".join(_cell_text(row.siblingAtColumn(column)) for column in columns) for row in rows
        )

    def copy_rows(self) -> None:
        """Put the chosen rows in the clipboard."""
        self._copy.start()

    # Qt overrides

    def setModel(self, model: QAbstractItemModel | None) -> None:  # noqa: N802
        """Show another model and hear about its current row."""
        self._copy.cancel()
        old = self.selectionModel()
        super().setModel(model)
        if model is not None:
            # Headings ask for each row whether it is chosen: 0.9 s for 100,000 chosen rows.
            self._nothing.setModel(model)
            self.horizontalHeader().setSelectionModel(self._nothing)
        if old is not None:
            old.deleteLater()  # Qt leaves it to us
        if model is not None:
            self.selectionModel().currentRowChanged.connect(self._tell_row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy, and Enter as a double click."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_rows()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the row under the cursor."""
        self._hover(self.indexAt(event.position().toPoint()).row())
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """No row is under the cursor."""
        self._hover(-1)
        super().leaveEvent(event)

    def focusInEvent(self, event: Any) -> None:
        """The bar of the current row appears."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: Any) -> None:
        """The bar of the current row goes."""
        super().focusOutEvent(event)
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        if self._is_set_by_user or not self._needs or len(self._needs) != self._n_columns - 1:
            return
        columns = range(len(self._needs))
        may_go = (*self._spare, *self._last_resort)
        gone = {each for each in columns if self.isColumnHidden(each) and each not in may_go}
        for column in self._spare:
            if self._excess(gone) > 0:
                gone.add(column)
        widths, excess = self._cut(gone)
        for column in self._last_resort:
            if excess > 0:
                gone.add(column)
                widths, excess = self._cut(gone)
        for column in may_go:
            self.setColumnHidden(column, column in gone)
        for column, width in enumerate(widths):
            if column not in gone:
                self.setColumnWidth(column, width)

    def _excess(self, gone: Collection[int]) -> int:
        """Pixels that lack where no column is cut; `gone`: hidden ones."""
        last = 0 if self.isColumnHidden(self._n_columns - 1) else self._last_need
        needed = sum(need for column, need in enumerate(self._needs) if column not in gone)
        return needed + last - self.viewport().width()

    def _cut(self, gone: Collection[int]) -> tuple[list[int], int]:
        """Widths of all columns but the last, the widest cut first, and pixels that still lack."""
        widths, excess = list(self._needs), self._excess(gone)
        least = [self._heading_room(column) for column in range(len(widths))]
        least[0] = max(least[0], self._first_need)
        fixed = {*gone, *self._whole}
        spare = [
            0 if column in fixed else width - floor
            for column, (width, floor) in enumerate(zip(widths, least, strict=True))
        ]
        while excess > 0 and max(spare, default=0) > 0:
            column = spare.index(max(spare))
            given = min(excess, 8, spare[column])
            widths[column] -= given
            spare[column] -= given
            excess -= given
        return widths, excess

    def _note_resize(self) -> None:
        """Columns also change with the window; only a drag in the heading is the user's wish."""
        pressed = QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton
        if pressed and self.horizontalHeader().underMouse():
            self._is_set_by_user = True

    def _hover(self, row: int) -> None:
        if row == self.hovered_row:
            return
        for changed in (row, self.hovered_row):
            if changed >= 0:
                top = self.rowViewportPosition(changed)
                self.viewport().update(0, top, self.viewport().width(), self.row_height)
        self.hovered_row = row

    def _tell_row(self, current: QModelIndex) -> None:
        self.row_changed.emit(current)

    def _fit_rows(self) -> None:
        height = self.fontMetrics().height() + _VERTICAL_ROOM
        if self._n_lines > 1:
            height += QFontMetrics(small_font()).height()
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)


def small_font() -> Any:
    """The font of second lines."""
    return theme.scaled_font(0.86)


def text_room(cell: QRect) -> QRect:
    """Where a cell's text may stand."""
    return cell.adjusted(theme.SPACE_S, 0, -theme.SPACE_S, 0)


def draw_line(
    painter: QPainter,
    room: QRect,
    alignment: Any,
    text: str,
    cut: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> None:
    """One line of plain text, cut with an ellipsis."""
    shown = painter.fontMetrics().elidedText(text, cut, room.width())
    painter.drawText(room, int(alignment) | _ONE_LINE, shown)


def _cell_text(index: QModelIndex) -> str:
    return str(index.data() or "").replace("\t", " ")
