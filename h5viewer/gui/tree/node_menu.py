"""The context menus of the tree and of what a search found, and what they copy."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from h5viewer.gui import theme
from h5viewer.gui.altering.wishes import WISHES, Wish
from h5viewer.gui.gallery.plain_layouts import may_be_pictures
from h5viewer.gui.tree.tree_rows import Place
from h5viewer.names import NodePath, path_text
from h5viewer.nodes import Dataset, Document, Group, Node
from h5viewer.requests import SaveDataset


class NodeMenu(QMenu):
    """Copy, and save a dataset, whatever shows the node.

    Signals:
        status_changed(str): what was copied.
        save_wanted(SaveDataset): without a target yet.
        pictures_wanted(document path: str, Dataset): it is to be seen as a data set of pictures.
    """

    status_changed = Signal(str)
    save_wanted = Signal(object)
    pictures_wanted = Signal(str, object)

    def __init__(
        self, document: Document, path: NodePath, node: Node | None, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._path = path
        self._node = node
        self.setAccessibleName("Actions for this row")
        self.aboutToHide.connect(self.deleteLater)
        self._add("copy", "Copy path", self._copy_path)
        if document.format not in ("keras-archive", "tf-checkpoint"):
            self._add("python", "Copy as Python", self._copy_python)
        if isinstance(node, Dataset):
            save = SaveDataset(document=document.path, target="", node=path)
            self._add("save", "Save dataset as…", lambda: self.save_wanted.emit(save))
        if document.format == "hdf5" and may_be_pictures(node):
            show = partial(self.pictures_wanted.emit, document.path, node)
            self._add("image", "Show as pictures", show)

    def _add(self, icon: str, text: str, call: Callable[[], None], *, key: str = "") -> None:
        """`key` is only told: whoever shows the node answers it."""
        action = QAction(theme.icon(icon, "muted"), text, self)
        action.triggered.connect(lambda _checked: call())
        if key:
            action.setShortcut(key)
            action.setShortcutVisibleInContextMenu(True)
        self.addAction(action)

    def _copy_path(self) -> None:
        self._copy(path_text(self._path), "Path copied")

    def _copy_python(self) -> None:
        self._copy(as_python(self._document, self._path, self._node), "Python line copied")

    def _copy(self, text: str, status: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.status_changed.emit(status)


class PlaceMenu(NodeMenu):
    """Of a row of the tree: also unfold, and for documents reload, reveal and close.

    Signals:
        unfold_wanted(document path: str, NodePath): unfold or fold it.
        unfold_all_wanted, fold_all_wanted(document path: str, NodePath): and all below.
        compare_wanted(str), export_wanted(str), reload_wanted(str), close_wanted(str): of its
            document.
        wish_made(Wish): something is to be done with the layer whose weights a group holds.
    """

    unfold_wanted = Signal(str, object)
    unfold_all_wanted = Signal(str, object)
    fold_all_wanted = Signal(str, object)
    compare_wanted = Signal(str)
    export_wanted = Signal(str)
    reload_wanted = Signal(str)
    close_wanted = Signal(str)
    wish_made = Signal(object)

    def __init__(self, place: Place, parent: QWidget) -> None:
        super().__init__(place.document, place.path, place.node, parent)
        path = place.document.path
        if place.can_open or place.is_open:
            self.addSeparator()
            text, icon = ("Collapse", "collapse") if place.is_open else ("Expand", "expand")
            self._add(icon, text, lambda: self.unfold_wanted.emit(path, place.path))
            self._add(
                "expand",
                "Expand all below",
                lambda: self.unfold_all_wanted.emit(path, place.path),
                key="Shift+Right",
            )
            if place.is_open:
                self._add(
                    "collapse",
                    "Collapse all",
                    lambda: self.fold_all_wanted.emit(path, place.path),
                    key="Shift+Left",
                )
        if place.document.has_architecture and isinstance(place.node, Group) and place.path:
            self.addSeparator()
            for kind, text, icon, _ in WISHES:
                wish = Wish(kind, path, group=place.path)
                self._add(icon, text, partial(self.wish_made.emit, wish))
        if place.is_document:
            self.addSeparator()
            self._add("file", "Copy file path", self._copy_file_path)
            self._add("reveal", "Show in folder", self._reveal)
            self._add("compare", "Compare with…", lambda: self.compare_wanted.emit(path))
            self._add("save", "Export…", lambda: self.export_wanted.emit(path))
            self._add("reload", "Reload", lambda: self.reload_wanted.emit(path))
            self._add("close", "Close", lambda: self.close_wanted.emit(path))

    def _copy_file_path(self) -> None:
        self._copy(self._document.path, "File path copied")

    def _reveal(self) -> None:
        folder = Path(self._document.path).parent
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))


class FindingMenu(NodeMenu):
    """Of a finding of a search: also show it in the tree.

    Signals:
        tree_wanted(document path: str, NodePath)
    """

    tree_wanted = Signal(str, object)

    def __init__(
        self, document: Document, path: NodePath, node: Node | None, parent: QWidget
    ) -> None:
        super().__init__(document, path, node, parent)
        self.addSeparator()
        self._add("tree", "Show in tree", lambda: self.tree_wanted.emit(document.path, path))


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
