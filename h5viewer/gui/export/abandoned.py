"""What a killed window left behind is removed when the next one starts.

Where the system makes files without a name nothing is ever left; elsewhere a scratch file stands
beside its target. The folders of exports under way are kept in the settings until they are over.
"""

from __future__ import annotations

import json
from pathlib import Path

from PySide6.QtCore import QObject

from h5viewer.gui.errand import Errand
from h5viewer.gui.export.jobs import Jobs
from h5viewer.gui.settings import Settings
from h5viewer.scratch_file import remove_abandoned

_KEPT = "folders_of_exports"
_MOST = 20


class Abandoned(QObject):
    """Cleans up after the last window, and keeps note of what the next one may have to clean."""

    def __init__(self, jobs: Jobs, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._settings = settings
        self._old = _folders(settings.text_of(_KEPT))
        self._noted = self._old
        if self._old:
            cleaning = Errand(lambda: _clean(self._old), self)
            cleaning.done.connect(self._forget)
        jobs.changed.connect(self._note)

    def _forget(self, _: object) -> None:
        self._old = ()
        self._note()

    def _note(self) -> None:
        jobs = [*self._jobs.waiting, *filter(None, [self._jobs.running])]
        folders = {str(Path(job.request.target).parent) for job in jobs}
        wanted = tuple(sorted({*folders, *self._old}))
        if wanted != self._noted:
            self._noted = wanted
            self._settings.keep_text(_KEPT, json.dumps(wanted))


def _folders(kept: str) -> tuple[str, ...]:
    try:
        folders = json.loads(kept or "[]")
    except (ValueError, RecursionError):
        return ()
    is_list = isinstance(folders, list)
    return tuple(f for f in folders if isinstance(f, str))[:_MOST] if is_list else ()


def _clean(folders: tuple[str, ...]) -> bool:
    """Takes long where a share is gone; hence in a thread."""
    for folder in folders:
        if Path(folder).is_absolute():
            remove_abandoned(Path(folder))
    return True
