"""A bar that fills, and is painted with the rest of the window."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QWidget


class ProgressBar(QProgressBar):
    """Fills without painting: that comes with the next frame.

    Qt's own paints at once, and with it all of the window that waits to be painted: two of them
    painted a table twice in one turn, which stalled the window for 60 ms.
    """

    def __init__(self, accessible_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, textVisible=False)
        self.setAccessibleName(accessible_name)

    def show_progress(self, done: int, total: int) -> None:
        """Fill it; a total of 0 or less lets it move to and fro."""
        self.setUpdatesEnabled(False)
        self.setRange(0, 1000 if total > 0 else 0)
        if total > 0:  # per mille: counts of bytes do not fit Qt's 32-bit integers
            self.setValue(min(1000, 1000 * done // total))
        self.setUpdatesEnabled(True)
