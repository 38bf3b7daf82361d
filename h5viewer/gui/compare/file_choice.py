"""Which two files are compared."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.combo_box import ComboBox
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.tool_button import tool_button
from h5viewer.gui.node_text import document_name, plain_tooltip
from h5viewer.names import visible
from h5viewer.nodes import Document

_OPEN = "\0open"  # no path has a zero byte
_LONGEST = 80


class FileChoice(QWidget):
    """A and B from the files that are open, or one to be opened.

    Signals:
        chosen: the user wants other files.
        open_wanted: the user wants to compare with a file that is not open.
    """

    chosen = Signal()
    open_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paths: tuple[str | None, str | None] = (None, None)
        self._boxes = (
            _file_list("First file (A)", "The file that is compared: A"),
            _file_list("Second file (B)", "The file it is compared with: B"),
        )
        self._swap = tool_button("swap", "Swap A and B")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_S)
        for letter, box in zip("AB", self._boxes, strict=True):
            row.addWidget(PlainLabel(letter, role="muted"))
            row.addWidget(box, 1)
            if letter == "A":
                row.addWidget(self._swap)
        self._boxes[0].activated.connect(lambda _index: self._choose(0))
        self._boxes[1].activated.connect(lambda _index: self._choose(1))
        self._swap.clicked.connect(self._exchange)

    @property
    def paths(self) -> tuple[str | None, str | None]:
        """A and B."""
        return self._paths

    def show_files(self, documents: Sequence[Document], a: str | None, b: str | None) -> None:
        """Offer the open files, with A and B chosen; None: not yet."""
        self._paths = (a, b)
        names = _told_apart([document.path for document in documents])
        for number, (box, path) in enumerate(zip(self._boxes, (a, b), strict=True)):
            box.clear()
            for document in documents:
                box.addItem(names[document.path], document.path)
                tip = plain_tooltip(visible(document.path, 400))
                box.setItemData(box.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
            if number == 1:
                box.insertSeparator(box.count())
                box.addItem(theme.icon("open", "muted"), "Open file…", _OPEN)
            box.setCurrentIndex(box.findData(path) if path is not None else -1)
        self._swap.setEnabled(a is not None and b is not None)

    def _choose(self, number: int) -> None:
        path = self._boxes[number].currentData()
        if path == _OPEN:
            old = self._paths[number]
            box = self._boxes[number]
            box.setCurrentIndex(box.findData(old) if old is not None else -1)
            self.open_wanted.emit()
            return
        paths = list(self._paths)
        if path == paths[number]:
            return
        if path == paths[1 - number] and paths[number] is not None:  # the other one gives way
            paths[1 - number] = paths[number]
        paths[number] = path
        self._take(paths[0], paths[1])

    def _exchange(self) -> None:
        self._take(self._paths[1], self._paths[0])

    def _take(self, a: str | None, b: str | None) -> None:
        self._paths = (a, b)
        for box, path in zip(self._boxes, (a, b), strict=True):
            box.setCurrentIndex(box.findData(path) if path is not None else -1)
        self.chosen.emit()


def short_names(a: Document, b: Document) -> tuple[str, str]:
    """The names of both files, with their folders where they are called the same."""
    if a.path == b.path:
        return document_name(a), document_name(b)
    names = _told_apart([a.path, b.path])
    return names[a.path], names[b.path]


def _told_apart(paths: Sequence[str]) -> dict[str, str]:
    """Names of files, with as much of their folders as tells them apart."""
    shown: dict[str, str] = {}
    for path in paths:
        parts = Path(path).parts
        others = [Path(other).parts for other in paths if other != path]
        n_parts = 1
        while n_parts < len(parts) and any(
            other[-n_parts:] == parts[-n_parts:] for other in others
        ):
            n_parts += 1
        shown[path] = visible("/".join(parts[-n_parts:]), _LONGEST)
    return shown


def _file_list(name: str, tooltip: str) -> ComboBox:
    box = ComboBox(name, tooltip, 12)
    box.setPlaceholderText("Choose a file")
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return box
