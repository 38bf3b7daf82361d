"""Save and load a match of layers: two buttons."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPushButton, QWidget

from h5viewer.errors import CannotWrite
from h5viewer.gui import theme
from h5viewer.gui.controls.tool_button import push_button
from h5viewer.gui.errand import Errand
from h5viewer.gui.saving import TextSaving
from h5viewer.match_file import read_pairs, text_of
from h5viewer.names import visible
from h5viewer.nodes import WeightMatches
from h5viewer.targets import is_same

_JSON = "Match of layers (*.json)"


class MatchFiles(QWidget):
    """Buttons beside a match.

    Signals:
        loaded(pairs): pairs of names, of a file.
        failed(H5ViewerError): a file could not be read or written.
    """

    loaded = Signal(object)
    failed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._files = ("", "")
        self._found = WeightMatches(matches=(), sources=(), keeps_values=True)
        self.load = _button("Load…", "Take the pairs of a file that was saved before")
        self.save = _button("Save…", "Save these pairs as a file that can be edited")
        self.load.clicked.connect(self._load)
        self.save.clicked.connect(self._save)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self.load)
        row.addWidget(self.save)
        self.show_match(None, self._found)

    def show_match(self, files: tuple[str, str] | None, found: WeightMatches) -> None:
        """What would be saved: of an architecture and of weights, by their paths."""
        self._files, self._found = files or ("", ""), found
        self.load.setEnabled(files is not None)
        self.save.setEnabled(files is not None and bool(found.matches))

    def _save(self) -> None:
        architecture, weights = (Path(path) for path in self._files)
        suggestion = weights.with_name(f"{weights.stem} match.json")
        name, _ = QFileDialog.getSaveFileName(
            self.window(), "Save the match", str(suggestion), _JSON
        )
        if name and is_same(Path(name), architecture):
            sentence = f"{visible(architecture.name)} holds the architecture; it was not replaced."
            self.failed.emit(CannotWrite(sentence, hint="Choose another name."))
        elif name:
            text = text_of(self._found, architecture.name, weights.name)
            saving = TextSaving(Path(name), [text], str(weights), self)
            saving.failed.connect(self.failed)

    def _load(self) -> None:
        folder = str(Path(self._files[1]).parent)
        name, _ = QFileDialog.getOpenFileName(self.window(), "Load a match", folder, _JSON)
        if name:
            reading = Errand(partial(read_pairs, name), self)
            reading.done.connect(self.loaded)
            reading.failed.connect(self.failed)


def _button(text: str, words: str) -> QPushButton:
    return push_button(text, words, name=words, role="quiet")
