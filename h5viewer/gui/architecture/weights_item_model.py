"""The weights of one layer as rows; promised ones that the file lacks are warnings."""

from __future__ import annotations

import html
from typing import Any

from PySide6.QtCore import QObject, Qt

from h5viewer import wording
from h5viewer.gui.controls.headed_item_model import RIGHT, HeadedItemModel
from h5viewer.gui.controls.row_table import BELOW, TONE, Index
from h5viewer.names import n_shared, path_text, plain, visible
from h5viewer.nodes import Weight

NAME, SHAPE, TYPE, PARAMETERS = range(4)
HEADINGS = ("Weight", "Shape", "Type", "Parameters")

_TRAINABLE = {True: "trainable", False: "not trainable", None: ""}


class WeightsItemModel(HeadedItemModel):
    """Rows stay few: the largest layers of Keras have some dozen weights."""

    headings = HEADINGS
    right_aligned = frozenset({PARAMETERS})

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._weights: tuple[Weight, ...] = ()
        self._stored_names: list[str] = []

    def set_weights(self, weights: tuple[Weight, ...]) -> None:
        """Show other weights."""
        self.beginResetModel()
        self._weights = weights
        self._stored_names = _stored_names(weights)
        self.endResetModel()

    def weight_at(self, index: Index) -> Weight | None:
        """The weight of a row."""
        return self._weights[index.row()] if index.isValid() else None

    @property
    def n_rows(self) -> int:
        """All weights."""
        return len(self._weights)

    # Qt overrides

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Texts, second lines and tones."""
        weight = self.weight_at(index)
        if weight is None:
            return None
        column = index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _cell(weight, column)
            case Qt.ItemDataRole.ToolTipRole:
                return html.escape(_tooltip(weight)).replace("\n", "<br>")
            case Qt.ItemDataRole.TextAlignmentRole if column == PARAMETERS:
                return RIGHT
            case _ if role == BELOW:
                return self._below(index.row(), column)
            case _ if role == TONE:
                if weight.path is None or weight.problem:
                    return "warning"
                return "muted" if column == TYPE else None
        return None

    def _below(self, row: int, column: int) -> str:
        weight = self._weights[row]
        match column:
            case 0:  # NAME
                return self._stored_names[row]
            case 1:  # SHAPE
                return visible(weight.problem) if weight.problem else axes_words(weight.axes)
            case 2:  # TYPE
                return _TRAINABLE[weight.trainable]
        return ""


def role_of(name: str) -> str:
    """What the weight is to its layer: the last part of `conv2d_13/kernel:0` is "kernel"."""
    last = name.rstrip("/").rsplit("/", 1)[-1]
    return last[:-2] if last.endswith(":0") else last


def axes_words(axes: tuple[str, ...]) -> str:
    """What the axes mean, in the order of the shape."""
    return ", ".join(visible(axis, 60) for axis in axes)


def _cell(weight: Weight, column: int) -> str:
    match column:
        case 0:  # NAME
            return visible(role_of(weight.name)) or "(no name)"
        case 1:  # SHAPE
            if weight.path is None:
                return "missing"
            return wording.shape_text(weight.shape)
        case 2:  # TYPE
            return visible(weight.dtype, 60) if weight.dtype else wording.UNKNOWN
        case _:
            return wording.count_text(weight.n_parameters)


def _stored_names(weights: tuple[Weight, ...]) -> list[str]:
    """Names in the file, with what of their paths is not the same for all.

    Without the role, which stands above; empty where the name is nothing else.
    """
    parts = [
        [plain(part) for part in weight.path] if weight.path else weight.name.split("/")
        for weight in weights
    ]
    n_same = n_shared(part[:-1] for part in parts)
    return [
        _beside_role(part[n_same:], role_of(weight.name))
        for weight, part in zip(weights, parts, strict=True)
    ]


def _beside_role(parts: list[str], role: str) -> str:
    if parts == [role]:
        return ""
    is_told = len(parts) > 1 and role_of(parts[-1]) == role
    return visible("/".join(parts[:-1] if is_told else parts))


def _tooltip(weight: Weight) -> str:
    lines = [visible(weight.name)]
    if weight.path is not None:
        lines.append(visible(path_text(weight.path)))
    if weight.axes:
        lines.append(f"Axes: {axes_words(weight.axes)}")
    if weight.problem:
        lines.append(visible(weight.problem))
    return "\n".join(lines)
