"""The files that are merged, in their order, as the rows of a table."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal

from h5viewer import wording
from h5viewer.gui.controls.headed_item_model import RIGHT, HeadedItemModel
from h5viewer.gui.controls.row_table import TONE, Index
from h5viewer.names import visible
from h5viewer.nodes import MergeMember, OutputShape

NUMBER, FILE, PARAMETERS, FLOW, SHARE = range(5)
HEADINGS = ("", "File", "Parameters", "Input → output", "Counts")
TIPS = (
    "Its place in the order",
    "The file and what it is",
    "Numbers stored for its layers",
    "Shapes of what it takes and of what it puts out, without the batch",
    "How much this file counts beside the others; click to change it, or press F2",
)
_NUMBERS = frozenset({NUMBER, PARAMETERS, SHARE})


class MemberItemModel(HeadedItemModel):
    """Paths with their shares; what the files are comes later.

    Signals:
        files_changed: others, or in another order.
        shares_changed: a file counts otherwise.
    """

    headings = HEADINGS
    tips = TIPS
    right_aligned = _NUMBERS

    files_changed = Signal()
    shares_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths: list[str] = []
        self._shares: list[float] = []
        self._members: dict[str, MergeMember] = {}

    @property
    def paths(self) -> tuple[str, ...]:
        """Absolute, in the user's order."""
        return tuple(self._paths)

    @property
    def shares(self) -> tuple[float, ...]:
        """As many."""
        return tuple(self._shares)

    def add(self, paths: Sequence[str]) -> None:
        """Append those that are not there yet."""
        new = [path for path in dict.fromkeys(paths) if path not in self._paths]
        if new:
            first = len(self._paths)
            self.beginInsertRows(QModelIndex(), first, first + len(new) - 1)
            self._paths += new
            self._shares += [1.0] * len(new)
            self.endInsertRows()
            self.files_changed.emit()

    def remove(self, rows: Sequence[int]) -> None:
        """Take some out."""
        for row in sorted(rows, reverse=True):
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._paths[row], self._shares[row]
            self.endRemoveRows()
        if rows:
            self.files_changed.emit()

    def move(self, row: int, step: int) -> bool:
        """Move one file up (-1) or down (1); False at the end."""
        other = row + step
        if not 0 <= other < len(self._paths):
            return False
        self._paths[row], self._paths[other] = self._paths[other], self._paths[row]
        self._shares[row], self._shares[other] = self._shares[other], self._shares[row]
        self._tell_all()
        self.files_changed.emit()
        return True

    def describe(self, paths: Sequence[str], members: Sequence[MergeMember]) -> None:
        """What these files are."""
        self._members |= dict(zip(paths, members, strict=True))
        self._tell_all()

    def _tell_all(self) -> None:
        if self._paths:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._paths) - 1, SHARE))

    @property
    def n_rows(self) -> int:
        """One a file."""
        return len(self._paths)

    # Qt overrides

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Shares can be typed."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == SHARE else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts."""
        if not index.isValid():
            return None
        path, column = self._paths[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(index.row(), column)
            case Qt.ItemDataRole.EditRole if column == SHARE:
                return f"{self._shares[index.row()]:g}"
            case Qt.ItemDataRole.ToolTipRole:
                member = self._members.get(path)
                title = f"\n{member.title}" if member is not None else ""
                return html.escape(visible(path, 400) + visible(title, 200)).replace("\n", "<br>")
            case Qt.ItemDataRole.TextAlignmentRole if column in _NUMBERS:
                return RIGHT
            case _ if role == TONE:
                return None if column in (FILE, SHARE) else "muted"
        return None

    def setData(  # noqa: N802
        self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """A share: a number that is not negative."""
        if role != Qt.ItemDataRole.EditRole or index.column() != SHARE:
            return False
        try:
            share = float(str(value).replace(",", "."))
        except ValueError:
            return False
        if not math.isfinite(share) or share < 0:
            return False
        self._shares[index.row()] = share
        self.dataChanged.emit(index, index)
        self.shares_changed.emit()
        return True

    def _text(self, row: int, column: int) -> str:
        path = self._paths[row]
        member = self._members.get(path)
        match column:
            case 0:  # NUMBER
                return str(row + 1)
            case 1:  # FILE
                return visible(Path(path).name, 100)
            case 2:  # PARAMETERS
                if member is None:
                    return "…"
                has_some = bool(member.n_weights)
                return wording.count_text(member.n_parameters) if has_some else wording.UNKNOWN
            case 3:  # FLOW
                return flow_text(member) if member is not None else "…"
            case _:
                return f"{self._shares[row]:g}"


def flow_text(member: MergeMember) -> str:
    """`28 × 28 × 1 → 10`; what the file does not say is left out."""
    if not member.has_architecture:
        return "weights only"
    if not member.inputs and not member.outputs:
        return wording.UNKNOWN if member.n_weights else "architecture only"
    return f"{_shapes(member.inputs)} → {_shapes(member.outputs)}"


def _shapes(shapes: Sequence[OutputShape]) -> str:
    return ", ".join(_sizes(shape) for shape in shapes) or wording.UNKNOWN


def _sizes(shape: OutputShape) -> str:
    if any(isinstance(axis, tuple) for axis in shape):
        return wording.output_shape_text(shape)
    sizes = ["any" if axis is None else str(axis) for axis in shape[1:]]
    return " × ".join(sizes) or "1"
