"""A recipe of the user's own: factor, mean and std."""

from __future__ import annotations

import math

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.form import Form
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.nodes import Recipe

_RULE = (
    "Each number of the picture, 0 to 255, becomes (number × factor − mean) / std. "
    "Give one number for all channels, or one for each, separated by commas, in the order in "
    "which the network gets them."
)


class OwnRecipeDialog(QDialog):
    """Begins with the recipe in force.

    Signals:
        recipe_chosen(Recipe)
    """

    recipe_chosen = Signal(object)

    def __init__(self, recipe: Recipe, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Own recipe")
        self.setAccessibleName("Own recipe")
        self._start = recipe
        self._factor = _field(
            "Factor", _factor_text(recipe.factor), "What numbers are multiplied by"
        )
        self._mean = _field("Mean", _text(recipe.mean), "What is taken away from it then")
        self._std = _field("Std", _text(recipe.std), "What it is divided by at last")
        self._inverted = QCheckBox("Inverted: black becomes white")
        self._bgr = QCheckBox("Blue first, red last")
        for box, is_on in ((self._inverted, recipe.inverted), (self._bgr, recipe.is_bgr)):
            box.setChecked(is_on)
            box.setAccessibleName(box.text())
            box.setToolTip(box.text())
        self._problem = PlainLabel(wrap=True, role="error")
        self._arrange()
        for field in (self._factor, self._mean, self._std):
            field.textEdited.connect(self._check)
        self._check()

    def recipe(self) -> Recipe | None:
        """What the fields say; None when they are not numbers."""
        factor, mean, std = (_numbers(field) for field in (self._factor, self._mean, self._std))
        if factor is None or mean is None or std is None or len(factor) != 1:
            return None
        if 0.0 in std or factor[0] == 0:
            return None
        return msgspec.structs.replace(
            self._start,
            name="own",
            title="Own",
            factor=factor[0],
            mean=mean,
            std=std,
            inverted=self._inverted.isChecked(),
            is_bgr=self._bgr.isChecked(),
            is_standardized=False,  # its own numbers are what the user gives
        )

    def _check(self) -> None:
        is_whole = self.recipe() is not None
        text = "" if is_whole else "Numbers are needed; factor and std must not be zero."
        self._problem.set_text(text)
        self._use.setEnabled(is_whole)

    def _take(self) -> None:
        recipe = self.recipe()
        if recipe is not None:
            self.recipe_chosen.emit(recipe)
            self.accept()

    def _arrange(self) -> None:
        form = Form()
        form.setHorizontalSpacing(theme.SPACE_XL)
        form.setVerticalSpacing(theme.SPACE_M)
        for field in (self._factor, self._mean, self._std):
            form.add(field.accessibleName(), field)
        form.add("", self._inverted)
        form.add("", self._bgr)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._use = buttons.addButton("Use it", QDialogButtonBox.ButtonRole.AcceptRole)
        self._use.setProperty("role", "primary")
        self._use.setAccessibleName("Use it")
        self._use.setToolTip("Answer by this recipe")
        buttons.accepted.connect(self._take)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_XL] * 4)
        column.setSpacing(theme.SPACE_L)
        column.addWidget(PlainLabel(_RULE, wrap=True, role="muted"))
        column.addLayout(form)
        column.addWidget(self._problem)
        column.addWidget(buttons)
        self.setMinimumWidth(460)


def _field(name: str, text: str, tooltip: str) -> QLineEdit:
    field = QLineEdit(text)
    field.setAccessibleName(name)
    field.setToolTip(tooltip)
    return field


def _text(numbers: tuple[float, ...]) -> str:
    return ", ".join(f"{number:.10g}" for number in numbers)


def _factor_text(factor: float) -> str:
    """`1/255`, where it is the better word."""
    below = round(1 / factor, 6) if factor else 0.0
    is_fraction = 0 < factor < 1 and abs(1 / below - factor) < 1e-9 and below * 2 == int(below * 2)
    return f"1/{below:.10g}" if is_fraction else _text((factor,))


def _numbers(field: QLineEdit) -> tuple[float, ...] | None:
    """Numbers separated by commas or spaces; 1/255 is a number, too."""
    parts = field.text().replace(",", " ").replace("−", "-").split()
    try:
        numbers = tuple(_number(part) for part in parts)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None
    return numbers if numbers and all(math.isfinite(number) for number in numbers) else None


def _number(text: str) -> float:
    above, _, below = text.partition("/")
    return float(above) / float(below) if below else float(above)
