"""Which layer of an architecture takes the weights of which layer of a file."""

from __future__ import annotations

import html
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from h5viewer import wording
from h5viewer.gui.controls.headed_item_model import HeadedItemModel
from h5viewer.gui.controls.row_table import TONE, Index
from h5viewer.names import visible
from h5viewer.nodes import LayerMatch, WeightMatches, WeightSource

LAYER, SHAPES, SOURCE, BASIS = range(4)
HEADINGS = ("Layer", "Weights", "Takes the weights of", "Found by")
_BASES = {
    "": "",
    "name": "name",
    "shape": "shapes and order",
    "hand": "you",
    "graph": "order of layers",
}
_MOST_OFFERED = 500  # sources in one list; those that fit come first
_KEEPS, _BEGINS = "keeps its own", "begins anew"


class MatchItemModel(HeadedItemModel):
    """Rows are layers; the third column is chosen from.

    Signals:
        paired(layer: str, source: str): the user chose; "": none.
    """

    headings = HEADINGS

    paired = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._found = WeightMatches(matches=(), sources=(), keeps_values=True)

    @property
    def found(self) -> WeightMatches:
        """What is shown."""
        return self._found

    def show_matches(self, found: WeightMatches) -> None:
        """Other matches."""
        if len(found.matches) == len(self._found.matches) and found.matches:
            self._found = found  # where the user is in the table stays
            self.dataChanged.emit(self.index(0, 0), self.index(len(found.matches) - 1, BASIS))
            return
        self.beginResetModel()
        self._found = found
        self.endResetModel()

    def match_at(self, index: Index) -> LayerMatch | None:
        """The layer of a row."""
        return self._found.matches[index.row()] if index.isValid() else None

    def source_at(self, index: Index) -> str:
        """What a row takes; "": nothing."""
        match = self.match_at(index)
        return match.source if match is not None else ""

    def sources_for(self, match: LayerMatch) -> list[tuple[str, str]]:
        """Names and words of what a layer may take, those that fit its shapes first."""
        fitting = [each for each in self._found.sources if each.shapes == match.shapes]
        others = [each for each in self._found.sources if each.shapes != match.shapes]
        offered = [("", self.nothing_words)]
        shown = [*fitting, *others][:_MOST_OFFERED]
        return offered + [(each.name, _source_words(each)) for each in shown]

    @property
    def nothing_words(self) -> str:
        """What becomes of a layer that takes nothing."""
        return _KEEPS if self._found.keeps_values else _BEGINS

    @property
    def n_rows(self) -> int:
        """One a layer that has weights."""
        return len(self._found.matches)

    # Qt overrides

    def flags(self, index: Index) -> Qt.ItemFlag:
        """The source can be chosen."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == SOURCE else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts."""
        match = self.match_at(index)
        if match is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(match, index.column())
        if role == Qt.ItemDataRole.EditRole and index.column() == SOURCE:
            return match.source
        if role == Qt.ItemDataRole.ToolTipRole:
            text = match.problem or self._text(match, index.column())
            if index.column() == LAYER:
                text = f"{visible(match.layer, 300)}: {visible(match.class_name, 80)}"
            return html.escape(text)
        if role == TONE:
            return _tone(match, index.column())
        return None

    def setData(  # noqa: N802
        self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole
    ) -> bool:
        """The user chose a source; what comes of it is asked for."""
        match = self.match_at(index)
        if match is None or role != Qt.ItemDataRole.EditRole or index.column() != SOURCE:
            return False
        if value is None or str(value) == match.source:
            return False
        self.paired.emit(match.layer, str(value))
        return True

    def _text(self, match: LayerMatch, column: int) -> str:
        match column:
            case 0:  # LAYER
                return visible(match.layer, 200)
            case 1:  # SHAPES
                return _shapes_text(match.shapes)
            case 2:  # SOURCE
                return visible(match.source, 200) if match.source else self.nothing_words
            case _:
                return visible(match.problem, 300) if match.problem else _BASES[match.basis]


def _tone(match: LayerMatch, column: int) -> str | None:
    if match.problem and column in (SOURCE, BASIS):
        return "error"
    if column == SOURCE:
        return None if match.source else "warning"
    return None if column == LAYER else "muted"


def _source_words(source: WeightSource) -> str:
    return f"{visible(source.name, 120)}   {_shapes_text(source.shapes)}"


def _shapes_text(shapes: tuple[Any, ...]) -> str:
    return ", ".join(wording.shape_text(shape) for shape in shapes[:4]) + (
        " …" if len(shapes) > 4 else ""
    )
