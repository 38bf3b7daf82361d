"""Which colour of a mask is which class, and how much of the picture it takes."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.predict.answer_words import percent_text
from h5viewer.gui.predict.pictures import CLASS_COLOURS
from h5viewer.gui.predict.sample import ClassNames
from h5viewer.nodes import Answer

_MOST = 12  # classes, those that take most of the picture
_COLUMNS = 2


class ClassLegend(QWidget):
    """Colour, name and share of each class; hidden for masks of one channel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.texts: list[str] = []
        self._parts: list[QLabel] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.SPACE_S)
        self._grid.setVerticalSpacing(theme.SPACE_XS)
        self.setAccessibleName("Classes of the mask")
        self.hide()

    def show_mask(self, answer: Answer, names: ClassNames) -> None:
        """Explain this one."""
        for part in self._parts:
            self._grid.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._parts, self.texts = [], []
        values = None if answer.values is None else answer.values.values
        if answer.kind != "mask" or values is None or values.ndim != 3 or values.shape[2] < 2:
            self.hide()
            return
        count = values.shape[2]
        shares = np.bincount(values.argmax(axis=2).ravel(), minlength=count)
        shares = shares / max(1, shares.sum())
        for at, index in enumerate(np.argsort(-shares, kind="stable")[:_MOST]):
            if shares[index]:
                self._add(at, int(index), f"{names.name(int(index), count)}", float(shares[index]))
        self.show()

    def _add(self, at: int, index: int, name: str, share: float) -> None:
        square = QPixmap(theme.ICON_SIZE - 4, theme.ICON_SIZE - 4)
        red, green, blue = (int(part) for part in CLASS_COLOURS[index % len(CLASS_COLOURS)])
        square.fill(QColor(red, green, blue) if index else QColor(theme.colours().hover))
        colour = QLabel()
        colour.setPixmap(square)
        text = f"{name} · {percent_text(share)}" + ("" if index else " (clear)")
        label = PlainLabel(text, role="muted")
        row, column = divmod(at, _COLUMNS)
        self._grid.addWidget(colour, row, 2 * column)
        self._grid.addWidget(label, row, 2 * column + 1)
        self._grid.setColumnStretch(2 * column + 1, 1)
        self._parts += [colour, label]
        self.texts.append(text)
