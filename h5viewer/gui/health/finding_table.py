"""The list of findings: gravity by picture and word, folds, the place by Enter."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyleOptionViewItem, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.row_table import Index, RowDelegate, RowTable, text_room
from h5viewer.gui.health.finding_item_model import ICONS, LINE, WHAT, FindingItemModel
from h5viewer.gui.health.finding_rows import FindingLine, Fold, Heading, Line
from h5viewer.nodes import HealthFinding

_PICTURE = theme.ICON_SIZE + theme.SPACE_S  # pixels in front of the text
_INSIDE = 2 * _PICTURE


class _FindingDelegate(RowDelegate):
    """The picture of the gravity, or of a fold, in front of the first column."""

    # Qt overrides

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Ground, picture, text."""
        painter.save()
        line = index.data(LINE)
        self.paint_ground(painter, option, index)
        room = text_room(option.rect)
        if index.column() == WHAT:
            name, role = _picture(line)
            left = room.left() + (_PICTURE if _is_inside(line) else 0)
            top = room.center().y() - theme.ICON_SIZE // 2 + 1
            theme.icon(name, role).paint(
                painter, QRect(left, top, theme.ICON_SIZE, theme.ICON_SIZE)
            )
            room.setLeft(left + _PICTURE)
        self.paint_text(painter, option, index, room)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Room for the picture, too."""
        size = super().sizeHint(option, index)
        size.setWidth(size.width() + (_INSIDE if index.column() == WHAT else 0))
        return size


class FindingTable(RowTable):
    """Findings of a `FindingItemModel`.

    Signals:
        finding_chosen(HealthFinding | None): another line is current.
        kind_chosen(HealthFinding, int): it stands for many; the first of them, and how many.
        place_wanted(HealthFinding): the user wants to go there.
    """

    finding_chosen = Signal(object)
    kind_chosen = Signal(object, int)
    place_wanted = Signal(object)

    def __init__(self, model: FindingItemModel, parent: QWidget | None = None) -> None:
        super().__init__("Findings", n_lines=2, parent=parent)
        self._model = model
        self.setModel(model)
        self.setItemDelegate(_FindingDelegate(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.row_changed.connect(self._tell)
        self.activated.connect(self._activate)
        model.modelReset.connect(self.fit)

    @property
    def current_finding(self) -> HealthFinding | None:
        """The finding of the current line."""
        line = self._model.line(self.currentIndex().row())
        return line.finding if isinstance(line, FindingLine) else None

    def begin(self) -> None:
        """Make the first finding current."""
        row = self._model.first_finding()
        if row >= 0:
            self.setCurrentIndex(self._model.index(row, WHAT))

    def fit(self) -> None:
        """Room for the columns; headings span both."""
        self.clearSpans()
        for row in range(self._model.rowCount()):
            if isinstance(self._model.line(row), Heading):
                self.setSpan(row, 0, 1, 2)
        self.fit_columns(widest=280, first=160, last=240)

    def _tell(self, _: QModelIndex) -> None:
        line = self._model.line(self.currentIndex().row())
        if isinstance(line, Fold):
            self.kind_chosen.emit(line.first, line.n_findings)
        else:
            self.finding_chosen.emit(self.current_finding)

    def _activate(self, index: QModelIndex) -> None:
        line = self._model.line(index.row())
        if isinstance(line, Fold):
            self._toggle(index.row())
        elif isinstance(line, FindingLine):
            self.place_wanted.emit(line.finding)

    def _toggle(self, row: int) -> None:
        self._model.toggle(row)
        self.fit()

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Right opens a fold, Left closes it; Space does either."""
        row = self.currentIndex().row()
        line = self._model.line(row)
        if isinstance(line, Fold):
            opens = event.key() == Qt.Key.Key_Right and not line.is_open
            closes = event.key() == Qt.Key.Key_Left and line.is_open
            if opens or closes or event.key() == Qt.Key.Key_Space:
                self._toggle(row)
                return
        super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click opens and closes a fold."""
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        is_left = event.button() == Qt.MouseButton.LeftButton
        if is_left and isinstance(self._model.line(index.row()), Fold):
            self._toggle(index.row())


def _picture(line: Line) -> tuple[str, theme.Role]:
    match line:
        case Fold():
            return ("chevron-down" if line.is_open else "chevron-right", "muted")
        case FindingLine(finding):
            return ICONS[finding.gravity]
        case Heading():
            return ICONS[line.gravity]


def _is_inside(line: Line) -> bool:
    return isinstance(line, FindingLine) and line.is_inside
