"""Fields of the forms in which a data set is described, each with a name and a tooltip."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QSpinBox, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.form import Form
from h5viewer.gui.controls.number_boxes import indent


def form(widget: QWidget) -> Form:
    """Rows of titles and fields, which grow with the widget."""
    made = Form(widget)
    made.setContentsMargins(0, 0, 0, 0)
    made.setHorizontalSpacing(theme.SPACE_L)
    made.setVerticalSpacing(theme.SPACE_S)
    made.setFieldGrowthPolicy(Form.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return made


def combo(name: str, tooltip: str, choices: Sequence[tuple[str, object]]) -> QComboBox:
    """Words, and what is meant by them."""
    made = QComboBox()
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # as the form is
    made.setAccessibleName(name)
    made.setToolTip(tooltip)
    for words, meaning in choices:
        made.addItem(words, meaning)
    return made


def number(name: str, tooltip: str, least: int, most: int, start: int) -> QSpinBox:
    """A whole number."""
    made = QSpinBox(minimum=least, maximum=most, value=start)
    made.setAccessibleName(name)
    made.setToolTip(tooltip)
    made.setGroupSeparatorShown(True)
    indent(made)
    return made


def in_a_row(*parts: QWidget, is_filled: bool = False) -> QHBoxLayout:
    """Side by side; the rest of the row stays free, unless the first part takes it."""
    row = QHBoxLayout()
    row.setSpacing(theme.SPACE_S)
    for part in parts:
        row.addWidget(part, int(is_filled and part is parts[0]))
    if not is_filled:
        row.addStretch(1)
    return row
