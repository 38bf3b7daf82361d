"""A node's attributes as rows; pages are asked for where the user looks."""

from __future__ import annotations

import html
from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from h5viewer import wording
from h5viewer.gui.controls.headed_item_model import RIGHT, HeadedItemModel
from h5viewer.gui.controls.row_table import TONE, Index
from h5viewer.names import visible
from h5viewer.nodes import Attribute, Attributes

PAGE = 200

NAME, TYPE, SHAPE, SIZE, VALUE = range(5)
HEADINGS = ("Attribute", "Type", "Shape", "Size", "Value")

_EXCERPT = 200  # characters of a value in its row


class AttributesItemModel(HeadedItemModel):
    """All rows at once, so that the scroll bar is true; contents page by page.

    Signals:
        page_wanted(start: int): rows from `start` on are looked at and not there yet.
    """

    headings = HEADINGS
    right_aligned = frozenset({SIZE})

    page_wanted = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._total = 0
        self._pages: dict[int, tuple[Attribute, ...]] = {}
        self._wanted = -1
        self._pending: Mapping[bytes, str] = {}  # values that wait to be saved in a copy
        # The page last looked at wins: dragging the scroll bar passes hundreds of pages.
        self._ask = QTimer(self, interval=30, singleShot=True)
        self._ask.timeout.connect(lambda: self.page_wanted.emit(self._wanted))

    def clear(self, total: int = 0) -> None:
        """Forget all; `total` rows are to come."""
        self._ask.stop()
        self.beginResetModel()
        self._total = total
        self._pages = {}
        self.endResetModel()

    def set_page(self, page: Attributes) -> None:
        """Fill in the attributes from `page.start` on."""
        if page.total != self._total:
            self.clear(page.total)
        self._pages[page.start // PAGE] = page.attributes
        if page.attributes:
            last = min(self._total, page.start + len(page.attributes)) - 1
            self.dataChanged.emit(self.index(page.start, 0), self.index(last, VALUE))

    def show_pending(self, values: Mapping[bytes, str]) -> None:
        """Say what these attributes are to become in a copy."""
        if values != self._pending:
            self._pending = dict(values)
            if self._total:
                self.dataChanged.emit(self.index(0, 0), self.index(self._total - 1, VALUE))

    def attribute_at(self, index: Index) -> Attribute | None:
        """The attribute of a row, if it is here."""
        if not index.isValid():
            return None
        page = self._pages.get(index.row() // PAGE, ())
        place = index.row() % PAGE
        return page[place] if place < len(page) else None

    @property
    def n_rows(self) -> int:
        """All attributes."""
        return self._total

    # Qt overrides

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts; asks for the page when it is not here."""
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == SIZE:
            return RIGHT
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, TONE):
            return None
        attribute = self.attribute_at(index)
        if attribute is None:
            self._want(index.row())
            return "…" if role == Qt.ItemDataRole.DisplayRole and index.column() == NAME else None
        pending = self._pending.get(attribute.name)
        if pending is not None and index.column() == VALUE:
            if role == TONE:
                return "accent"
            return _pending_text(attribute, pending, role)
        if role == TONE:
            return _tone(attribute, index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            if index.column() == SIZE and size_words(attribute) == wording.UNKNOWN:
                return "Variable length: not known before the value is read"
            return html.escape(_cell(attribute, index.column()))
        return _cell(attribute, index.column())

    def _want(self, row: int) -> None:
        self._wanted = row // PAGE * PAGE
        if not self._ask.isActive():
            self._ask.start()


def size_words(attribute: Attribute) -> str:
    """Stored size; of values with variable length the file counts only what points to them."""
    if "variable length" in attribute.dtype.text or attribute.dtype.kind == "vlen":
        return wording.UNKNOWN
    return wording.bytes_text(attribute.n_bytes)


def _pending_text(attribute: Attribute, value: str, role: int) -> str:
    if role == Qt.ItemDataRole.ToolTipRole:
        return html.escape(f"In the file: {visible(attribute.text, _EXCERPT)}. Not saved yet.")
    return visible(value, _EXCERPT)


def _cell(attribute: Attribute, column: int) -> str:
    match column:
        case 0:  # NAME
            return visible(attribute.name) or "(no name)"
        case 1:  # TYPE
            return visible(attribute.dtype.text, 100)
        case 2:  # SHAPE
            return wording.shape_text(attribute.shape)
        case 3:  # SIZE
            return size_words(attribute)
        case _:
            return visible(attribute.text, _EXCERPT)


def _tone(attribute: Attribute, column: int) -> str | None:
    if column == NAME or (column == VALUE and attribute.is_complete):
        return None
    return "muted"
