"""Buttons with a name for everyone: icon or text, tooltip, accessible name."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QToolButton

from h5viewer.gui import theme


def tool_button(
    icon: str, tooltip: str, *, name: str = "", quiet: bool = False, checkable: bool = False
) -> QToolButton:
    """A button with the icon of this name; screen readers say `name`, else the tooltip."""
    button = QToolButton()
    button.setIcon(theme.icon(icon, "muted" if quiet else "text"))
    button.setToolTip(tooltip)
    button.setAccessibleName(name or tooltip)
    button.setCheckable(checkable)
    return button


def push_button(text: str, tooltip: str, *, role: str = "", name: str = "") -> QPushButton:
    """A button with a text; `role` is one of the style sheet. Screen readers say `name`, or it."""
    button = QPushButton(text)
    if role:
        button.setProperty("role", role)
    button.setToolTip(tooltip)
    button.setAccessibleName(name or text)
    return button


def switch_button(text: str, tooltip: str) -> QToolButton:
    """A button with a text that stays pressed."""
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tooltip)
    button.setAccessibleName(text)
    button.setCheckable(True)
    return button


def close_button() -> QToolButton:
    """Gives the room of what it stands on back."""
    return tool_button("close", "Close (Esc)", name="Close", quiet=True)
