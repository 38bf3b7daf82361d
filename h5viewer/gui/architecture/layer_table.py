"""The table of layers: coloured markers, nested models that unfold, shares as bars."""

from __future__ import annotations

from collections.abc import Set
from itertools import chain, islice

from PySide6.QtCore import (
    QItemSelection,
    QModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPen,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QMenu, QStyleOptionViewItem, QWidget

from h5viewer.gui import theme
from h5viewer.gui.altering.wishes import add_wishes
from h5viewer.gui.architecture.layer_item_model import LayerItemModel
from h5viewer.gui.architecture.layer_kinds import LayerKind, layer_kind
from h5viewer.gui.architecture.layer_rows import LayerRow
from h5viewer.gui.architecture.layer_texts import (
    ACTIVATIONS,
    CLASS,
    INPUTS,
    MULTIPLY_ADDS,
    NAME,
    OUTPUT,
    PARAMETERS,
    TRAINABLE,
)
from h5viewer.gui.controls.row_table import Index, RowDelegate, RowTable, text_room
from h5viewer.names import plain

_INDENT = 16
_ARROW = 14  # room for the triangle of a nested model
_MARKER = 10
_BADGE = 14
_ROOM_FOR = {MULTIPLY_ADDS: 680, INPUTS: 760, ACTIVATIONS: 900}  # pixels
_DEEPEST = 12  # levels that are indented; deeper ones would push the name out of sight


class LayerNameDelegate(RowDelegate):
    """Triangle, marker of the layer's kind, name, and badges for code and problems."""

    # Qt overrides

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for marker and badges beside the name."""
        hint = super().sizeHint(option, index)
        row = _row(index)
        extra = _marker_left(row, _has_arrows(index)) + _MARKER + theme.SPACE_S if row else 0
        badges = (bool(row.layer.problem) + row.layer.has_code) if row else 0
        return QSize(hint.width() + extra + badges * (_BADGE + 4), hint.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """From left to right."""
        row = _row(index)
        if row is None:
            return
        painter.save()
        self.paint_ground(painter, option, index)
        room = text_room(option.rect)
        left = _marker_left(row, _has_arrows(index))
        if row.children:
            _draw_arrow(painter, room.left() + left - _ARROW, room.center().y(), row.is_expanded)
        marker = QRectF(room.left() + left, room.center().y() - _MARKER / 2 + 1, _MARKER, _MARKER)
        draw_marker(painter, marker, layer_kind(row.layer.class_name))
        room.setLeft(room.left() + left + _MARKER + theme.SPACE_S)
        for icon, role in _badges(row):
            room.setRight(room.right() - _BADGE - 4)
            spot = QRect(room.right() + 4, room.center().y() - _BADGE // 2 + 1, _BADGE, _BADGE)
            theme.icon(icon, role).paint(painter, spot)
        self.paint_text(painter, option, index, room)
        painter.restore()


class ShareDelegate(RowDelegate):
    """A number above a thin bar: its share of all parameters."""

    # Qt overrides

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """The bar grows from the right, as the digits do."""
        super().paint(painter, option, index)
        row, model = _row(index), index.model()
        if row is None or not isinstance(model, LayerItemModel) or not model.total_parameters:
            return
        share = min(1.0, row.layer.n_parameters / model.total_parameters)
        room = text_room(option.rect)
        width = round(share * room.width())
        if width < 1:
            return
        colour = QColor(theme.colours().accent)
        colour.setAlphaF(0.55 if row.depth == 0 else 0.3)
        painter.fillRect(
            QRect(room.right() + 1 - width, option.rect.bottom() - 3, width, 2), colour
        )


class LayerTable(RowTable):
    """Rows of a LayerItemModel.

    Signals:
        configuration_wanted(LayerRow): the user wants a layer's configuration in the clipboard.
        wished(Kind): something is to be done with the chosen layers.
        choice_changed: other rows are chosen.
        layer_changed(LayerRow | None): another layer is current.
        left(): Escape was pressed.
        letter_typed(str): text was typed into the table; the filter box takes it.
    """

    configuration_wanted = Signal(object)
    wished = Signal(str)
    choice_changed = Signal()
    layer_changed = Signal(object)
    left = Signal()
    letter_typed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        self._left_out: Set[int] = frozenset()  # columns
        super().__init__("Layers", parent=parent)
        self.setItemDelegateForColumn(NAME, LayerNameDelegate(self))
        self.setItemDelegateForColumn(PARAMETERS, ShareDelegate(self))
        self.sort_by_headings(self._sort)
        self.doubleClicked.connect(self._toggle)
        self.row_changed.connect(lambda _: self.layer_changed.emit(self.current_row))
        self._kept: LayerRow | None = None

    @property
    def layers(self) -> LayerItemModel | None:
        """The item model shown."""
        model = self.model()
        return model if isinstance(model, LayerItemModel) else None

    @property
    def current_row(self) -> LayerRow | None:
        """The layer with the keyboard."""
        return self.layers.row_at(self.currentIndex()) if self.layers else None

    def chosen_rows(self, most: int | None = None) -> list[LayerRow]:
        """The chosen layers, from the top; the first `most` of them."""
        if self.layers is None or self.selectionModel() is None:
            return []
        parts = self.selectionModel().selection().toList()
        numbers = chain.from_iterable(range(part.top(), part.bottom() + 1) for part in parts)
        rows = islice((self.layers.row_at(self.layers.index(n, 0)) for n in numbers), most)
        return sorted(filter(None, rows), key=lambda row: row.place)

    def leave_out(self, columns: Set[int]) -> None:
        """Do without columns that say nothing of any row."""
        if columns != self._left_out:
            self._left_out = columns
            self.fit()

    def show_layers(self, model: LayerItemModel | None) -> None:
        """Show another architecture, or none."""
        if self.layers is not None:
            self.layers.modelAboutToBeReset.disconnect(self._keep_current)
            self.layers.modelReset.disconnect(self._restore_current)
        self.setModel(model)
        self._kept = None
        if model is not None:
            # connected after the view's own slots, so the selection is empty when it is restored
            model.modelAboutToBeReset.connect(self._keep_current)
            model.modelReset.connect(self._restore_current)
            self.horizontalHeader().setSortIndicator(*model.order)

    def forget_current(self) -> None:
        """No layer is chosen."""
        self.clearSelection()
        self.setCurrentIndex(QModelIndex())
        self._kept = None

    def fit(self) -> None:
        """Columns as wide as the rows in sight need, with room left for the inputs."""
        self._hide_columns()
        self.fit_columns(widest=280, first=160, last=110)

    def go_to(self, row: LayerRow) -> bool:
        """Make a layer current, unfolding what hides it; False when the filter hides it."""
        if self.layers is None:
            return False
        index = self.layers.reveal(row)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)
        return index.isValid()

    def _hide_columns(self) -> None:
        """Columns that have nothing to say, and those that a narrow table has no room for."""
        width = self.viewport().width()
        for column in (CLASS, OUTPUT, MULTIPLY_ADDS, ACTIVATIONS, TRAINABLE, INPUTS):
            is_narrow = width < _ROOM_FOR.get(column, 0)
            self.setColumnHidden(column, column in self._left_out or is_narrow)

    def rows_as_text(self, rows: list[QModelIndex]) -> str:
        """Names in full, numbers without separators."""
        return "\n".join(self.layers.row_as_text(row) for row in rows) if self.layers else ""

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow table some columns give way to classes and shapes; the details tell them."""
        self._hide_columns()
        super().resizeEvent(event)

    def selectionChanged(self, chosen: QItemSelection, left: QItemSelection) -> None:  # noqa: N802
        """Tell it."""
        super().selectionChanged(chosen, left)
        self.choice_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right fold and unfold as in a tree; letters go to the filter."""
        row = self.current_row
        if event.key() == Qt.Key.Key_Right and row and row.children:
            self._fold(self.currentIndex(), True)
        elif event.key() == Qt.Key.Key_Left and row and row.is_expanded:
            self._fold(self.currentIndex(), False)
        elif event.key() == Qt.Key.Key_Left and row and row.depth:
            self._go_up(row)
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        elif _is_letter(event):
            self.letter_typed.emit(event.text())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The triangle folds and unfolds without choosing the row."""
        spot = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton and self._is_on_arrow(spot):
            self._toggle(self.indexAt(spot))
            event.accept()
            return
        super().mousePressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What can be done with a layer."""
        row = self.current_row
        if row is None or self.layers is None:
            return
        menu = QMenu(self)
        copy = menu.addAction(theme.icon("copy"), "Copy row")
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.triggered.connect(self.copy_rows)
        name = menu.addAction("Copy name")
        name.triggered.connect(lambda: QGuiApplication.clipboard().setText(plain(row.layer.name)))
        configuration = menu.addAction("Copy configuration")
        configuration.setEnabled(row.layer.class_name is not None)
        configuration.triggered.connect(lambda: self.configuration_wanted.emit(row))
        chosen = [row.layer for row in self.chosen_rows()]
        add_wishes(menu, chosen, self.wished.emit, self.layers.item)
        if self.layers.has_nested:
            menu.addSeparator()
            for text, icon, expanded in (
                ("Expand all", "expand", True),
                ("Collapse all", "collapse", False),
            ):
                action = menu.addAction(theme.icon(icon), text)
                action.triggered.connect(
                    lambda _=False, expanded=expanded: self._fold_all(expanded)
                )
        menu.exec(event.globalPos())
        menu.deleteLater()

    # Folding and sorting

    def _toggle(self, index: QModelIndex) -> None:
        row = self.layers.row_at(index) if self.layers else None
        if row is not None and row.children:
            self._fold(index, not row.is_expanded)

    def _fold(self, index: QModelIndex, expanded: bool) -> None:
        if self.layers is not None:
            self.layers.set_expanded(index, expanded)
            self.fit()

    def _go_up(self, row: LayerRow) -> None:
        parent = self.layers.parent_of(row) if self.layers else None
        if parent is not None:
            self.go_to(parent)

    def _fold_all(self, expanded: bool) -> None:
        if self.layers is not None:
            self.layers.set_all_expanded(expanded)
            self.fit()

    def _is_on_arrow(self, spot: QPoint) -> bool:
        index = self.indexAt(spot)
        row = self.layers.row_at(index) if self.layers else None
        if row is None or not row.children or index.column() != NAME:
            return False
        marker = self.visualRect(index).left() + theme.SPACE_S + _marker_left(row, True)
        return marker - _ARROW - 4 <= spot.x() < marker

    def _sort(self, column: int, order: Qt.SortOrder) -> None:
        if self.layers is not None:
            self.layers.sort(column, order)

    def _keep_current(self) -> None:
        self._kept = self.current_row or self._kept  # a filter may hide it for a while

    def _restore_current(self) -> None:
        row = self._kept
        if row is None or self.layers is None:
            return
        index = self.layers.index_of(row)
        while not index.isValid() and row.depth:  # folded away
            row = self.layers.parent_of(row) or row
            index = self.layers.index_of(row)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)


def draw_marker(painter: QPainter, spot: QRectF, kind: LayerKind) -> None:
    """The small coloured square of a kind of layer; a ring where the kind is open."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colour = QColor(kind.colour(theme.is_dark()))
    if kind.is_hollow:
        painter.setPen(QPen(colour, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(spot.adjusted(0.75, 0.75, -0.75, -0.75), 2.5, 2.5)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(spot, 2.5, 2.5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _draw_arrow(painter: QPainter, left: int, middle: int, is_down: bool) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.colours().muted), 1.5, c=Qt.PenCapStyle.RoundCap))
    x, y = left + 4.5, middle + 1.0
    points = (
        [QPointF(x - 3.5, y - 1.5), QPointF(x, y + 2), QPointF(x + 3.5, y - 1.5)]
        if is_down
        else [QPointF(x - 1.5, y - 3.5), QPointF(x + 2, y), QPointF(x - 1.5, y + 3.5)]
    )
    painter.drawPolyline(QPolygonF(points))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _marker_left(row: LayerRow, has_arrows: bool) -> int:
    return min(row.depth, _DEEPEST) * _INDENT + (_ARROW if has_arrows else 0)


def _has_arrows(index: Index) -> bool:
    model = index.model()
    return isinstance(model, LayerItemModel) and model.has_nested


def _badges(row: LayerRow) -> list[tuple[str, theme.Role]]:
    badges: list[tuple[str, theme.Role]] = []
    if row.layer.problem:
        badges.append(("warning", "warning"))
    if row.layer.has_code:
        badges.append(("python", "warning"))
    return badges


def _row(index: Index) -> LayerRow | None:
    model = index.model()
    return model.row_at(index) if isinstance(model, LayerItemModel) else None


def _is_letter(event: QKeyEvent) -> bool:
    plain_key = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
    return plain_key and event.text().strip().isprintable() and bool(event.text().strip())
