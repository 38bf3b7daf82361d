"""How large pictures are stored, in which colours and numbers."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QWidget

from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.data_sets.fields import combo, form, in_a_row, number
from h5viewer.nodes import DataSetRecipe, FolderSurvey
from h5viewer.wording import count_text

_LONGEST = 8192  # pixels of a side


class PictureChoice(QWidget):
    """Begins with the size that the pictures have.

    Signals:
        changed: something else was chosen.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_sized = False  # by the user
        self._width = number("Width", "Columns of every picture", 1, _LONGEST, 224)
        self._height = number("Height", "Rows of every picture", 1, _LONGEST, 224)
        self._found = PlainLabel(wrap=True, role="muted")
        self._fit = combo(
            "Proportions",
            "What is done where a picture has other proportions than the size above",
            (
                ("Stretch the picture", "stretch"),
                ("Keep all, black beside it", "pad"),
                ("Fill, cut what juts out", "crop"),
            ),
        )
        self._colour = combo(
            "Colours",
            "Transparent pictures are put over white, unless transparency is kept",
            (
                ("Red, green, blue", "rgb"),
                ("Grey", "grey"),
                ("With transparency (RGBA)", "rgba"),
            ),
        )
        self._numbers = combo(
            "Numbers",
            "How each colour of a pixel is stored",
            (("0 to 255, one byte (uint8)", "uint8"), ("0 to 1, four bytes (float32)", "float32")),
        )
        rows = form(self)
        rows.add("Size", in_a_row(self._width, PlainLabel("×"), self._height))
        rows.addRow(self._found)
        rows.add("Proportions", self._fit)
        rows.add("Colours", self._colour)
        rows.add("Numbers", self._numbers)
        self._rows = rows
        rows.setRowVisible(1, False)
        for size in (self._width, self._height):
            size.valueChanged.connect(self._take_size)
        for box in (self._fit, self._colour, self._numbers):
            box.currentIndexChanged.connect(self.changed)

    def forget(self) -> None:
        """Another folder: the size is that of its pictures."""
        self._is_sized = False
        self._rows.setRowVisible(1, False)

    def show_survey(self, survey: FolderSurvey) -> None:
        """Say how large the pictures are; tells nobody."""
        words = sizes_text(survey)
        self._found.set_text(words)
        self._rows.setRowVisible(1, bool(words))
        if not self._is_sized:
            for field, size in (
                (self._width, survey.recipe.width),
                (self._height, survey.recipe.height),
            ):
                with QSignalBlocker(field):
                    field.setValue(size)

    def applied(self, recipe: DataSetRecipe) -> DataSetRecipe:
        """The recipe with what was chosen here."""
        return msgspec.structs.replace(
            recipe,
            width=self._width.value(),
            height=self._height.value(),
            fit=self._fit.currentData(),
            colour=self._colour.currentData(),
            dtype=self._numbers.currentData(),
        )

    def _take_size(self) -> None:
        self._is_sized = True
        self.changed.emit()


def sizes_text(survey: FolderSurvey) -> str:
    """How large the pictures are, of those that were looked at."""
    if not survey.sizes:
        return ""
    width, height, _ = survey.sizes[0]
    size = f"{width:,} × {height:,}"
    is_all = survey.n_looked_at >= survey.n_pictures
    if len(survey.sizes) == 1:
        who = "All pictures" if is_all else f"{count_text(survey.n_looked_at)} looked at, all"
        return f"{who} are {size}."
    others = f"{len(survey.sizes) - 1:,} other" if len(survey.sizes) < 20 else "many other"
    sizes = "size" if len(survey.sizes) == 2 else "sizes"
    return f"They differ: most often {size}, and {others} {sizes}."
