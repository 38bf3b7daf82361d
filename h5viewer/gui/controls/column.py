"""Widgets placed one below the other."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget


def column(*widgets: QWidget, grows: QWidget | None = None) -> QWidget:
    """Widgets one below the other, without room between; `grows` does, or the last one."""
    whole = QWidget()
    layout = QVBoxLayout(whole)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for widget in widgets:
        layout.addWidget(widget, 1 if widget is (grows or widgets[-1]) else 0)
    return whole
