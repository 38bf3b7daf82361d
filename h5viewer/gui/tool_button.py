"""Small buttons with a name for everyone: icon or text, tooltip, accessible name."""

from __future__ import annotations

from PySide6.QtWidgets import QToolButton

from h5viewer.gui import theme


def tool_button(icon: str, tooltip: str, *, checkable: bool = False) -> QToolButton:
    """A button with the icon of this name."""
    button = QToolButton()
    button.setIcon(theme.icon(icon))
    button.setToolTip(tooltip)
    button.setAccessibleName(tooltip)
    button.setCheckable(checkable)
    return button


def switch_button(text: str, tooltip: str) -> QToolButton:
    """A button with a text that stays pressed."""
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tooltip)
    button.setAccessibleName(text)
    button.setCheckable(True)
    return button
