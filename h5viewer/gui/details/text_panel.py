"""A text inside an archive: configuration, metadata, a vocabulary."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from h5viewer import wording
from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import Busy, EmptyState, Notice
from h5viewer.gui.controls.text_view import FIRST_LIMIT, SHOW_LIMIT, TextView
from h5viewer.gui.panel import Panel
from h5viewer.gui.selection import Selection
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import Entry, Text
from h5viewer.requests import ReadEntryText
from h5viewer.workers.pool import Pool

_NOT_TEXT = {
    "binary": ("Not a text", "This entry holds bytes that are no text."),
    "link": ("A symbolic link", "It is shown in the details and not followed."),
    "folder": ("A folder", "Choose one of its entries."),
}


class TextPanel(Panel):
    """Reads the first million characters, more on request."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._selection: Selection | None = None
        self._reading = Latest(pool, self)
        self._copying = Latest(pool, self)
        self._view = TextView("Text of the entry")
        self._view.whole_wanted.connect(lambda: self._read(SHOW_LIMIT))
        self._view.copy_wanted.connect(self._copy)
        self._empty = EmptyState("text")
        self._failure = Notice()
        self._failure.action_requested.connect(lambda: self._read(FIRST_LIMIT))
        self._busy = Busy("Reading the text…")
        self._busy.cancelled.connect(self._cancel)
        self._reading.busy_changed.connect(self._busy.set_busy)
        self._copying.busy_changed.connect(self._busy.set_busy)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._view)
        self._pages.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        for part in (self._failure, self._busy):
            column.addWidget(part)
        column.addWidget(self._pages, 1)

    # Panel

    def show_selection(self, selection: Selection) -> None:
        """Show the entry's text, or say that it is none."""
        self.clear()
        self._selection = selection
        node = selection.node
        kind = node.kind if isinstance(node, Entry) else "folder"
        if kind in _NOT_TEXT:
            title, text = _NOT_TEXT[kind]
            self._empty.show_text("binary" if kind == "binary" else "link", title, text)
            self._pages.setCurrentWidget(self._empty)
            return
        self._pages.setCurrentWidget(self._view)
        self._read(FIRST_LIMIT)

    def clear(self) -> None:
        """Stop reading and forget."""
        self._cancel()
        self._selection = None
        self._view.clear()
        self._failure.clear()

    def _read(self, limit: int) -> None:
        selection = self._selection
        if selection is None:
            return
        self._failure.clear()
        self._reading.ask(
            ReadEntryText(document=selection.document.path, node=selection.path, limit=limit),
            self._show,
            on_failure=self._fail,
        )

    def _show(self, text: Text) -> None:
        if self._selection is not None and isinstance(self._selection.node, Entry):
            node = self._selection.node
            size = wording.bytes_text(node.n_bytes)
            self._view.show_text(text, f"{visible(node.path[-1], 120)}  ·  {size}")

    def _copy(self) -> None:
        """All of it, however long, as the user asked."""
        selection = self._selection
        if selection is not None:
            self._copying.ask(
                ReadEntryText(document=selection.document.path, node=selection.path, limit=1 << 40),
                lambda text: QGuiApplication.clipboard().setText(text.text),
                on_failure=self._fail,
            )

    def _fail(self, error: H5ViewerError) -> None:
        self._failure.show_error(error, action="Try again")

    def _cancel(self) -> None:
        self._reading.cancel()
        self._copying.cancel()
