"""What the program remembers of the user's choices, typed."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, cast, get_args

from PySide6.QtCore import QByteArray, QStandardPaths

from h5viewer.gui import theme
from h5viewer.gui.settings_store import store_of

LayerView = Literal["table", "graph", "both"]
"""How the architecture shows its layers."""

MOST_RECENT = 10
"""Files remembered as recent."""

SMALLEST_MEMORY = 256 << 20
"""Bytes: with less, a worker cannot even load the HDF5 library."""

LARGEST_MEMORY = 1 << 40

DEFAULT_MEMORY = 2 << 30

DEFAULT_NETWORK_MEMORY = 8 << 30

SMALLEST_NETWORK_MEMORY = 1 << 30
"""Bytes: TensorFlow sets apart address space for its threads alone."""


class Settings:
    """A typed door to their file; whatever is missing or damaged there is a default here."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file or _usual_file()
        self._store = store_of(self.file)

    @property
    def theme(self) -> theme.Mode:
        """Light, dark, or as the desktop has it."""
        mode = self._store.value("theme")
        return cast("theme.Mode", mode) if mode in get_args(theme.Mode) else "system"

    @theme.setter
    def theme(self, mode: theme.Mode) -> None:
        self._store.keep("theme", mode)

    @property
    def layer_view(self) -> LayerView:
        """Layers as a table, as a graph, or both."""
        view = self._store.value("layer_view")
        return cast("LayerView", view) if view in get_args(LayerView) else "table"

    @layer_view.setter
    def layer_view(self, view: LayerView) -> None:
        self._store.keep("layer_view", view)

    @property
    def recent(self) -> list[str]:
        """Absolute paths of files opened lately, the newest first."""
        paths = self._store.value("recent")
        if not isinstance(paths, list):
            return []
        return [path for path in paths if isinstance(path, str) and path][:MOST_RECENT]

    def add_recent(self, path: str) -> None:
        """Put a file first."""
        others = [known for known in self.recent if known != path]
        self._store.keep("recent", [path, *others][:MOST_RECENT])

    def forget_recent(self, path: str | None = None) -> None:
        """Forget one file, or all of them."""
        kept = [known for known in self.recent if path is not None and known != path]
        self._store.keep("recent", kept)

    @property
    def memory_limit(self) -> int:
        """Bytes one worker that reads a file may use."""
        return self._memory("memory_limit", DEFAULT_MEMORY, SMALLEST_MEMORY)

    @memory_limit.setter
    def memory_limit(self, count: int) -> None:
        self._store.keep("memory_limit", str(count))

    @property
    def network_memory(self) -> int:
        """Bytes one worker that runs a network may use."""
        return self._memory("network_memory", DEFAULT_NETWORK_MEMORY, SMALLEST_NETWORK_MEMORY)

    @network_memory.setter
    def network_memory(self, count: int) -> None:
        self._store.keep("network_memory", str(count))

    @property
    def starts_network_ahead(self) -> bool:
        """Start what predicts before it is wanted, while nothing else is done."""
        return bool(self._store.value("starts_network_ahead") == "yes")

    @starts_network_ahead.setter
    def starts_network_ahead(self, ahead: bool) -> None:
        self._store.keep("starts_network_ahead", "yes" if ahead else "no")

    @property
    def folder(self) -> str:
        """Where the last file was opened from."""
        return self.text_of("folder") or str(Path.home())

    @folder.setter
    def folder(self, path: str) -> None:
        self._store.keep("folder", path)

    def text_of(self, name: str) -> str:
        """A text of the program's own, kept before; empty when there is none."""
        value = self._store.value(name)
        return value if isinstance(value, str) else ""

    def keep_text(self, name: str, value: str) -> None:
        """Keep a text: JSON of what is remembered."""
        self._store.keep(name, value)

    def bytes_of(self, name: str) -> QByteArray:
        """A saved geometry or splitter position; empty when there is none."""
        return QByteArray.fromBase64(self.text_of(name).encode("ascii", "replace"))

    def keep_bytes(self, name: str, value: QByteArray) -> None:
        """Save a geometry or splitter position."""
        self._store.keep(name, value.toBase64().toStdString())

    def _memory(self, name: str, default: int, smallest: int) -> int:
        try:
            count = int(self.text_of(name) or default)
        except ValueError:
            return default
        return min(max(count, smallest), LARGEST_MEMORY)


def _usual_file() -> Path:
    place = QStandardPaths.StandardLocation.GenericConfigLocation
    return Path(QStandardPaths.writableLocation(place)) / "h5viewer" / "settings.json"
