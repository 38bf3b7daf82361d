"""The file of the settings: read once, written by a thread."""

from __future__ import annotations

import functools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from h5viewer.errors import CannotWrite
from h5viewer.file_writing import write_whole

_WRITER = ThreadPoolExecutor(1, thread_name_prefix="settings")
"""Of all files; Python ends when it has written what it was given."""


class SettingsStore:
    """Texts and lists of texts by name, as JSON.

    QSettings flushes the disk in the window's thread, holding Python's lock: while an export or
    another program wrote a gigabyte, the window stood still for seconds.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._values = _read(file)
        self._guard = threading.Lock()
        self._changed: dict[str, str | list[str]] = {}  # since it was written last

    def value(self, name: str) -> object:
        """What was kept under this name; None: nothing."""
        return self._values.get(name)

    def keep(self, name: str, value: str | list[str]) -> None:
        """Keep it from now on; the disk has it soon."""
        self._values[name] = value
        with self._guard:
            is_first = not self._changed
            self._changed[name] = value
        if is_first:
            _WRITER.submit(self._write)

    def _write(self) -> None:
        """What another window's process has written meanwhile stays."""
        with self._guard:
            changed, self._changed = self._changed, {}
        text = json.dumps(_read(self._file) | changed, indent=1)
        with suppress(OSError, CannotWrite):  # where nothing may be written, nothing is remembered
            self._file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._file, text.encode())


@functools.cache
def store_of(file: Path) -> SettingsStore:
    """The one of this process: nobody reads what is not written yet."""
    return SettingsStore(file)


def wait_until_written() -> None:
    """The disk has what was kept until now."""
    _WRITER.submit(int).result()


def _read(file: Path) -> dict[str, object]:
    """Nothing, when it is missing or damaged."""
    try:
        values = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}
