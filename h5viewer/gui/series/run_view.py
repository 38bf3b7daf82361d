"""What every view of a run is."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from h5viewer.nodes import Series
from h5viewer.workers.pool import Pool


class RunView(QWidget):
    """Shows one run at a time; reads files when it is looked at.

    Signals:
        step_chosen(int): the user went to a step, by its place in the run.
        status_changed(str): for the status line.
    """

    step_chosen = Signal(int)
    status_changed = Signal(str)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pool = pool

    def make(self) -> Iterator[None]:
        """Make, a step a turn, what takes long; before that nothing else is called."""
        yield from ()

    def show_series(self, series: Series, *, is_new: bool) -> None:
        """Show a run, or what has become of the one that is shown."""
        raise NotImplementedError

    def go_to(self, step: int) -> None:
        """The user went to a step elsewhere."""

    def clear(self) -> None:
        """Stop reading, forget the run."""
        raise NotImplementedError
