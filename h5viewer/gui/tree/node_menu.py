"""The context menu of a row of the tree, and what it copies."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from h5viewer.gui import theme
from h5viewer.gui.tree.tree_rows import Place
from h5viewer.names import NodePath, path_text
from h5viewer.nodes import Dataset, Document, Node


class NodeMenu(QMenu):
    """Copy, unfold, and for documents reload, reveal and close.

    Signals:
        unfold_wanted(document path: str, NodePath): unfold or fold it.
        reload_wanted(str), close_wanted(str): of its document.
        status_changed(str): what was copied.
    """

    unfold_wanted = Signal(str, object)
    reload_wanted = Signal(str)
    close_wanted = Signal(str)
    status_changed = Signal(str)

    def __init__(self, place: Place, parent: QWidget) -> None:
        super().__init__(parent)
        self._place = place
        self.setAccessibleName("Actions for this row")
        self.aboutToHide.connect(self.deleteLater)
        path = place.document.path
        self._add("copy", "Copy path", self._copy_path)
        if place.document.format not in ("keras-archive", "tf-checkpoint"):
            self._add("python", "Copy as Python", self._copy_python)
        if place.can_open or place.is_open:
            text, icon = ("Collapse", "collapse") if place.is_open else ("Expand", "expand")
            self._add(icon, text, lambda: self.unfold_wanted.emit(path, place.path))
        if place.is_document:
            self.addSeparator()
            self._add("file", "Copy file path", self._copy_file_path)
            self._add("reveal", "Show in folder", self._reveal)
            self._add("reload", "Reload", lambda: self.reload_wanted.emit(path))
            self._add("close", "Close", lambda: self.close_wanted.emit(path))

    def _add(self, icon: str, text: str, call: object) -> None:
        self.addAction(theme.icon(icon, "muted"), text, call)

    def _copy_path(self) -> None:
        self._copy(path_text(self._place.path), "Path copied")

    def _copy_python(self) -> None:
        place = self._place
        self._copy(as_python(place.document, place.path, place.node), "Python line copied")

    def _copy_file_path(self) -> None:
        self._copy(self._place.document.path, "File path copied")

    def _reveal(self) -> None:
        folder = Path(self._place.document.path).parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

    def _copy(self, text: str, status: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.status_changed.emit(status)


def as_python(document: Document, path: NodePath, node: Node | None) -> str:
    """A line of Python that gets the node with h5py; quotes and bytes are exact.

    Names that are no UTF-8 are given as bytes, which h5py takes as they are.
    """
    file = f"h5py.File({document.path!r})"
    if not path:
        return file
    joined = b"/" + b"/".join(path)
    try:
        address = repr(joined.decode("utf-8"))
    except UnicodeDecodeError:
        address = repr(joined)
    values = "[()]" if isinstance(node, Dataset) else ""
    return f"{file}[{address}]{values}"
