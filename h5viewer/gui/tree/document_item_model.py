"""Item model of the open documents: a tree as a flat list of its visible rows.

A flat list on purpose: QTreeView asks a Python model about every unfolded row whenever
one is inserted (measured: 4.7 s for 200,000 rows), QTableView only about those it draws
(3 ms).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from h5viewer.gui import node_text
from h5viewer.gui.controls.row_table import TONE
from h5viewer.gui.tree.tree_rows import Branch, Place, TreeRows
from h5viewer.names import NodePath
from h5viewer.nodes import Document, Node

Index = QModelIndex | QPersistentModelIndex

NAME, SHAPE, TYPE, SIZE = range(4)
HEADINGS = ("Name", "Shape", "Type", "Size")

PLACE = Qt.ItemDataRole.UserRole + 10
"""Role: the `Place` of a row."""

BESIDE = Qt.ItemDataRole.UserRole + 11
"""Role: muted text behind the name."""

_NOWHERE = QModelIndex()

_FEW = 2000
"""Rows removed one by one; Qt's header needs 0.5 s for 100,000, a reset 3 ms."""


class DocumentItemModel(QAbstractTableModel):
    """Rows of all open documents; told what is listed, tells what it lacks.

    Signals:
        children_wanted(document path: str, NodePath): a group was unfolded that was never
            listed.
        listed(document path: str, NodePath): all children of a group came.
    """

    children_wanted = Signal(str, object)
    listed = Signal(str, object)

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self.rows = TreeRows()
        self._notes: dict[str, str] = {}  # behind the names of documents
        self._folders: dict[str, str] = {}  # there where others are called alike, by their paths

    # -------------------------------------------------------------- documents

    def add_document(self, document: Document, position: int | None = None) -> None:
        """A new top row, unfolded, before the document at `position`; None: the last."""
        if position is None:
            position = len(self.rows.documents)
        row = self.rows.row(self.rows.root, position)
        self.beginInsertRows(QModelIndex(), row, row)
        self.rows.add_document(document, position)
        self._folders.clear()
        self.endInsertRows()
        self._unfold(self.rows.root, position)

    def show_note(self, document: str, text: str) -> None:
        """Say something behind the name of a document."""
        self._notes[document] = text
        found = self.rows.find(document, ())
        if found is not None:
            index = self.index(self.rows.row(*found), NAME)
            self.dataChanged.emit(index, index)

    def replace_document(self, document: Document) -> None:
        """The file was read anew: forget its rows, list its top level again."""
        found = self.rows.find(document.path, ())
        if found is None:
            return
        root, position = found
        self._fold(root, position)
        root.shut.pop(root.names[position], None)
        self.rows.documents[position] = document
        self._touch(root, position)
        self._unfold(root, position)

    def remove_document(self, path: str) -> None:
        """Take its rows away."""
        found = self.rows.find(path, ())
        if found is None:
            return
        root, position = found
        self._fold(root, position)
        row = self.rows.row(root, position)
        self.beginRemoveRows(QModelIndex(), row, row)
        self.rows.remove_document(position)
        self._folders.clear()
        self.endRemoveRows()

    # ------------------------------------------------------------------- rows

    def place(self, index: Index) -> Place | None:
        """What stands in a row."""
        return self.rows.place(index.row()) if index.isValid() else None

    def find(self, document: str, path: NodePath) -> QModelIndex:
        """The index of a node's row; invalid while it is not to be seen."""
        found = self.rows.find(document, path)
        if found is None or not found[0].is_visible:
            return QModelIndex()
        return self.index(self.rows.row(*found), NAME)

    def unfold(self, index: Index) -> None:
        """Show the children of a row; they are asked for when never listed."""
        place = self.place(index)
        if place is not None and not place.message and not place.is_open:
            self._unfold(place.branch, place.position)

    def fold(self, index: Index) -> None:
        """Hide the children of a row; what was unfolded below stays so."""
        place = self.place(index)
        if place is not None and place.is_open:
            self._fold(place.branch, place.position)

    def fold_all(self, index: Index) -> None:
        """Hide the children of a row; when unfolded again, those are folded."""
        place = self.place(index)
        if place is not None and not place.message:
            self.fold(index)
            branch = place.branch.child(place.branch.names[place.position])
            if branch is not None:
                branch.fold_below()

    # --------------------------------------------------------- what came in

    def add_names(self, document: str, path: NodePath, names: tuple[bytes, ...]) -> None:
        """More children of a group that is being listed, in order."""
        branch = self.rows.branch(document, path)
        if branch is None or branch.is_complete or not names:
            return
        self._set_message(branch, "")
        self._insert(branch, len(branch.names), len(names), lambda: branch.names.extend(names))

    def end_listing(self, document: str, path: NodePath, message: str = "") -> None:
        """All children came; `message` says why there are none or no more."""
        branch = self.rows.branch(document, path)
        if branch is not None:
            branch.is_complete = True
            self._set_message(branch, message or ("" if branch.names else "Empty"))
            self.listed.emit(document, path)

    def show_waiting(self, document: str, path: NodePath) -> None:
        """Say that a listing takes its time, unless it is here by now."""
        branch = self.rows.branch(document, path)
        if branch is not None and not branch.is_complete and not branch.names:
            self._set_message(branch, "Reading…")

    def add_facts(self, document: str, nodes: tuple[Node, ...]) -> None:
        """Facts about rows that were listed."""
        for node in nodes:
            branch = self.rows.branch(document, node.path[:-1])
            if branch is not None and node.path:
                branch.facts[node.path[-1]] = node
        if len(self.rows):
            self.dataChanged.emit(self.index(0, NAME), self.index(len(self.rows) - 1, SIZE))

    def undescribed(self, first: int, last: int) -> dict[str, list[NodePath]]:
        """Nodes in these rows whose facts are not known, by document."""
        wanted: dict[str, list[NodePath]] = {}
        for row in range(max(0, first), min(last, len(self.rows) - 1) + 1):
            place = self.rows.place(row)
            if place.node is None and not place.message:
                wanted.setdefault(place.document.path, []).append(place.path)
        return wanted

    # ---------------------------------------------------------------- folding

    def _unfold(self, parent: Branch, position: int) -> None:
        name = parent.names[position]
        branch = parent.shut.pop(name, None)
        is_new = branch is None
        branch = branch or Branch(self.rows.path(parent, position), parent, position)
        n_rows, branch.n_rows = branch.n_rows, 0
        parent.open[name] = branch
        parent.grow(0)
        self._insert(branch, 0, n_rows, lambda: None)
        self._touch(parent, position)
        if is_new:
            document = self.rows.document(parent, position)
            self.children_wanted.emit(document.path, branch.path)

    def _fold(self, parent: Branch, position: int) -> None:
        name = parent.names[position]
        if name not in parent.open:
            return
        n_rows = parent.open[name].n_rows

        def take() -> None:
            parent.shut[name] = parent.open.pop(name)
            parent.grow(-n_rows)

        if n_rows > _FEW:
            self.beginResetModel()
            take()
            self.endResetModel()
        elif n_rows and parent.is_visible:
            row = self.rows.row(parent, position) + 1
            self.beginRemoveRows(QModelIndex(), row, row + n_rows - 1)
            take()
            self.endRemoveRows()
        else:
            take()
        self._touch(parent, position)

    def _touch(self, parent: Branch, position: int) -> None:
        if parent.is_visible:
            row = self.rows.row(parent, position)
            self.dataChanged.emit(self.index(row, 0), self.index(row, 0))

    def _insert(self, branch: Branch, position: int, n_rows: int, put: Callable[[], None]) -> None:
        """Insert rows of `branch` itself before `position`, seen or not."""
        is_seen = branch.is_visible
        if is_seen and n_rows:
            row = self.rows.row(branch, position)
            self.beginInsertRows(QModelIndex(), row, row + n_rows - 1)
        put()
        branch.grow(n_rows)
        if is_seen and n_rows:
            self.endInsertRows()

    def _set_message(self, branch: Branch, message: str) -> None:
        """Show, change or take away the last row of a branch."""
        position = len(branch.names)
        if message and branch.message:
            branch.message = message
            self._touch(branch, position)
        elif message:
            self._insert(branch, position, 1, lambda: setattr(branch, "message", message))
        elif branch.message:
            is_seen = branch.is_visible
            if is_seen:
                row = self.rows.row(branch, position)
                self.beginRemoveRows(QModelIndex(), row, row)
            branch.message = ""
            branch.grow(-1)
            if is_seen:
                self.endRemoveRows()

    # Qt overrides

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Visible rows of all documents."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        """Name, shape, type, size."""
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Headings, for screen readers: the header itself is not shown."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return HEADINGS[section]
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Messages cannot be chosen."""
        place = self.place(index)
        if place is None or place.message:
            return Qt.ItemFlag.ItemIsEnabled if place else Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, tone and tooltip of a cell; `PLACE` for the delegate."""
        place = self.place(index)
        if place is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return _text(place, index.column())
            case Qt.ItemDataRole.TextAlignmentRole if index.column() in (SHAPE, SIZE):
                return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            case Qt.ItemDataRole.ToolTipRole if not place.message:
                return node_text.tooltip(place.node, place.document, place.path)
            case Qt.ItemDataRole.AccessibleTextRole:
                return _spoken(place, index.column())
            case _ if role == TONE:
                return None if index.column() == NAME and not place.message else "muted"
            case _ if role == PLACE:
                return place
            case _ if role == BESIDE and index.column() == NAME:
                if place.is_document:
                    return self._notes.get(place.document.path) or self._folder(place.document)
                return node_text.beside_text(place.node)
        return None

    def _folder(self, document: Document) -> str:
        """Where a document lies, beside others of its name."""
        if not self._folders:  # once for all rows that are painted
            alike: dict[str, dict[str, str]] = {}
            for each in self.rows.documents:
                paths = alike.setdefault(node_text.document_name(each), {})
                paths[each.path] = str(Path(each.path).parent)
            for paths in alike.values():
                names = node_text.folders_apart(paths.values())
                self._folders |= {path: names[folder] for path, folder in paths.items()}
        return self._folders[document.path]


def _text(place: Place, column: int) -> str:
    if place.message:
        return place.message if column == NAME else ""
    if column == NAME:
        return node_text.node_name(place.document, place.path)
    if column == SHAPE:
        return "" if place.is_document else node_text.shape_words(place.node)
    if column == TYPE:
        return node_text.type_words(place.node)
    return node_text.size_words(place.node, place.document)


def _spoken(place: Place, column: int) -> str:
    """A cell for a screen reader: the name says level and state, which others see."""
    text = _text(place, column)
    if column != NAME or place.message:
        return text
    state = ", unfolded" if place.is_open else ", folded" if place.can_open else ""
    more = node_text.beside_text(place.node) or node_text.obstacle_text(place.node)
    return f"{text}, level {place.branch.depth + 1}{state} {more}"
