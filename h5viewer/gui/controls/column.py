"""Widgets placed one below the other, and the line between two."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget


def column(*widgets: QWidget, grows: QWidget | None = None) -> QWidget:
    """Widgets one below the other, without room between; `grows` does, or the last one."""
    whole = QWidget()
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for widget in widgets:
        layout.addWidget(widget, 1 if widget is (grows or widgets[-1]) else 0)
    return whole


def line() -> QFrame:
    """Thin, across the whole width."""
    made = QFrame()
    made.setProperty("role", "line")
    return made
