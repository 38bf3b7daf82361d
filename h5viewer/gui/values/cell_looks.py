"""Texts and colours of a table's cells."""

from __future__ import annotations

import html
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from h5viewer.gui import theme
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.names import visible
from h5viewer.nodes import Cells

_SHORT_TEXT = 30
LONGEST_TEXT = 500
"""Characters of a string that a cell shows."""

UNREADABLE = "—"


def pending_data(role: int, value: str, stored: str) -> Any:
    """Of a value that waits to be saved in a copy."""
    match role:
        case Qt.ItemDataRole.ForegroundRole:
            return QColor(theme.colours().accent)
        case Qt.ItemDataRole.ToolTipRole:
            return plain_tooltip(f"In the file: {visible(stored, 200)}. Not saved yet.")
        case Qt.ItemDataRole.DisplayRole:
            return visible(value, LONGEST_TEXT)
    return value


def columns_of_numbers(cells: Cells) -> dict[int, bool]:
    """Which columns of a compound hold numbers, judged by the first page."""
    if not cells.headings:
        return {}
    columns = zip(*cells.text, strict=True)
    known = {number: all(map(is_number, texts)) for number, texts in enumerate(columns)}
    return {number: known.get(number, False) for number in range(cells.n_columns)}


def is_number(text: str) -> bool:
    """Whether a text is one."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def tooltip(text: str) -> str | None:
    """A text that a cell may not show in full, with line breaks, never read as HTML."""
    if len(text) <= _SHORT_TEXT:
        return None
    shown = html.escape(visible(text, LONGEST_TEXT))
    return f"<p style='white-space: pre-wrap'>{shown}</p>"


def cell_text(cells: Cells | None, row: int, column: int) -> str:
    """Of an element of a page; of one that could not be read a dash."""
    if cells is None:
        return UNREADABLE
    i, j = row - cells.row_start, column - cells.column_start
    inside = 0 <= i < len(cells.text) and 0 <= j < len(cells.text[i])
    return cells.text[i][j] if inside else UNREADABLE
