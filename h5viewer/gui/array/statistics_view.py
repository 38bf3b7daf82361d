"""Minimum, maximum, mean, spread and special values of an array as a small table."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.nodes import Statistics
from h5viewer.wording import UNKNOWN, count_text, share_text

_LEGEND_SIZE = 10

_ROWS = (
    ("Elements", "How many elements were read"),
    ("Minimum", "Lowest finite element"),
    ("Maximum", "Highest finite element"),
    ("Mean", "Mean of the finite elements"),
    ("Std. deviation", "Standard deviation of the finite elements (of the population)"),
    ("Zeros", "Elements that are exactly zero"),
    ("NaN", "Elements that are not a number"),
    ("+∞", "Elements that are plus infinity"),
    ("−∞", "Elements that are minus infinity"),
    ("Denormal", "Elements so close to zero that they have lost precision"),
)
_OF_FLOATS = ("NaN", "+∞", "−∞", "Denormal")


class StatisticsView(QWidget):
    """A table of two columns: what, and how much."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.SPACE_M)
        grid.setVerticalSpacing(1)
        grid.setColumnStretch(1, 1)
        self._values: dict[str, PlainLabel] = {}
        self._names: dict[str, PlainLabel] = {}
        self._legend = QLabel()
        self._legend.setAccessibleName("Colour of NaN in the picture")
        self._legend.setToolTip("NaN has this colour in the picture")
        for row, (name, meaning) in enumerate(_ROWS):
            label = PlainLabel(name, role="muted")
            label.setToolTip(meaning)
            value = PlainLabel(UNKNOWN)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(label, row, 0)
            if name == "NaN":
                named = QHBoxLayout()
                named.setSpacing(theme.SPACE_S)
                grid.removeWidget(label)
                named.addWidget(label)
                named.addWidget(self._legend)
                named.addStretch(1)
                grid.addLayout(named, row, 0)
            grid.addWidget(value, row, 1)
            self._values[name], self._names[name] = value, label
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.set_statistics(None)

    def set_statistics(self, statistics: Statistics | None) -> None:
        """Show these; None: nothing is known."""
        texts = {} if statistics is None else _texts(statistics)
        unusual = set() if statistics is None else _unusual(statistics)
        for name, value in self._values.items():
            text = texts.get(name, UNKNOWN)
            value.set_text(text)
            value.setAccessibleName(f"{name}: {text}")
            value.setProperty("role", "warning" if name in unusual else "")
            value.style().polish(value)

    def show_special(self, are_possible: bool) -> None:
        """Whether elements can be NaN, infinite or denormal: whole numbers cannot."""
        for name in _OF_FLOATS:
            self._names[name].setVisible(are_possible)
            self._values[name].setVisible(are_possible)

    def set_missing_colour(self, colour: str) -> None:
        """How NaN is drawn in the picture; "" where there is none."""
        self._legend.setVisible(bool(colour))
        if colour:
            picture = QPixmap(_LEGEND_SIZE, _LEGEND_SIZE)
            picture.fill(QColor(colour))
            self._legend.setPixmap(picture)

    def text_of(self, name: str) -> str:
        """What stands beside `name`."""
        return self._values[name].whole_text


def _texts(facts: Statistics) -> dict[str, str]:
    whole = facts.is_complete and facts.count == facts.total
    numbers = {
        "Elements": count_text(facts.count)
        if whole
        else f"{count_text(facts.count)} ({share_text(facts.count, facts.total)})",
        "Minimum": _number_text(facts.minimum),
        "Maximum": _number_text(facts.maximum),
        "Mean": _number_text(facts.mean),
        "Std. deviation": _number_text(facts.std),
    }
    counts = {
        "Zeros": facts.n_zero,
        "NaN": facts.n_nan,
        "+∞": facts.n_positive_infinity,
        "−∞": facts.n_negative_infinity,
        "Denormal": facts.n_denormal,
    }
    return numbers | {name: _count_text(count, facts.count) for name, count in counts.items()}


def _unusual(facts: Statistics) -> set[str]:
    """What deserves a second look."""
    found = {
        "NaN": facts.n_nan,
        "+∞": facts.n_positive_infinity,
        "−∞": facts.n_negative_infinity,
    }
    return {name for name, count in found.items() if count}


def _count_text(count: int, whole: int) -> str:
    return f"{count_text(count)} ({share_text(count, whole)})" if count else "0"


def _number_text(number: float) -> str:
    """Six significant digits; whole numbers in full."""
    if math.isnan(number):
        return UNKNOWN
    if number == int(number) and abs(number) < 1e15:
        return f"{int(number):,}".replace("-", "−")
    return f"{number:.6g}".replace("-", "−")
