"""Lists of checkpoints that say where these once were: noticed, and copied with what is so now."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from h5viewer.checkpoint_files import STATE
from h5viewer.errors import CannotOpen
from h5viewer.gui.errand import Errand
from h5viewer.gui.file_notices import FileNotices
from h5viewer.names import visible
from h5viewer.state_file import FoundState, read, write_corrected
from h5viewer.wording import plural

_HINT = "TensorFlow would look there and find nothing; a corrected copy names what is here."


class MovedCheckpoints(QObject):
    """Looks once at the list beside each checkpoint that is opened.

    Signals:
        status_changed(str): for the status line.
    """

    status_changed = Signal(str)

    def __init__(self, notices: FileNotices, window: QWidget) -> None:
        super().__init__(window)
        self._notices = notices
        self._window = window
        self._looked_at: set[str] = set()
        notices.correct_wanted.connect(self._ask_where)

    def look_beside(self, checkpoint: str) -> None:
        """A checkpoint was opened, or a run of some."""
        path = str(Path(checkpoint).parent / STATE)
        if path not in self._looked_at:
            self._looked_at.add(path)
            errand = Errand(partial(_find, path), self)
            errand.done.connect(self._tell)

    def _tell(self, found: FoundState | None) -> None:
        if found is not None and found.n_moved:
            name, folder = visible(Path(found.path).name), visible(Path(found.path).parent.name)
            n = plural(found.n_moved, "checkpoint")
            where = "where it was before" if found.n_moved == 1 else "where they were before"
            message = f"The file {name} in {folder} names {n} {where}."
            self._notices.show_state(found.path, message, _HINT)

    def _ask_where(self, path: str) -> None:
        suggestion = str(Path(path).with_name(f"{STATE}-corrected"))
        name, _ = QFileDialog.getSaveFileName(self._window, "Save corrected copy", suggestion)
        if name:
            errand = Errand(partial(_write, path, name), self)
            errand.done.connect(self._tell_written)
            errand.failed.connect(lambda error: self._notices.show_refused(path, error))

    def _tell_written(self, written: tuple[str, str]) -> None:
        path, target = written
        self._notices.clear(path)
        name = Path(target).name
        rest = "" if name == STATE else f"; TensorFlow reads it once it is called {STATE}"
        self.status_changed.emit(f"{visible(name)} was saved{rest}")


def _find(path: str) -> FoundState | None:
    try:
        return read(path)
    except CannotOpen:  # most folders have none
        return None


def _write(path: str, target: str) -> tuple[str, str]:
    write_corrected(read(path), target, may_replace=True)  # the dialog has asked
    return path, target
