"""Boxes for numbers, whose text begins where that of all other boxes does."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractSpinBox

from h5viewer.gui import theme


def indent(box: QAbstractSpinBox) -> None:
    """Move the text in: the padding of the style sheet does not reach that of a spin box."""
    box.lineEdit().setTextMargins(theme.SPACE_S - 2, 0, 0, 0)
