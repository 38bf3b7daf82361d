"""Fills the tree: asks the files for what the item model lacks and what the view shows."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QModelIndex, QObject, QTimer, Signal

from h5viewer.errors import H5ViewerError
from h5viewer.gui.task import PLACEHOLDER_MS, Task
from h5viewer.gui.tree.document_item_model import DocumentItemModel
from h5viewer.names import NodePath
from h5viewer.nodes import Document, Listed, Names, Nodes
from h5viewer.requests import DescribeNodes, ListChildren
from h5viewer.workers.pool import Pool

_BATCH = 200
"""Nodes described by one request: more than a screen, less than a noticeable wait."""


class TreeFiller(QObject):
    """Lists groups, describes rows, and unfolds the way to a node that is to be shown.

    Signals:
        revealed(QModelIndex): the node last asked for by `reveal` has a row now.
        failed(document path: str, H5ViewerError): a group could not be listed.
    """

    revealed = Signal(QModelIndex)
    failed = Signal(str, object)

    def __init__(self, pool: Pool, model: DocumentItemModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._model = model
        self._listings: dict[tuple[str, NodePath], Task] = {}
        self._descriptions: dict[str, Task] = {}
        self._next: dict[str, list[NodePath]] = {}
        self._goal: tuple[str, NodePath] | None = None
        self._to_unfold: dict[str, set[NodePath]] = {}
        model.children_wanted.connect(self._list)

    def describe(self, wanted: dict[str, list[NodePath]]) -> None:
        """Get facts of these nodes; what was asked before and not begun is dropped."""
        self._next = {document: paths[:_BATCH] for document, paths in wanted.items()}
        for document in wanted:
            if document not in self._descriptions:
                self._describe_next(document)

    def reveal(self, document: str, path: NodePath) -> None:
        """Unfold everything above a node, however long the listings take."""
        self._goal = (document, path)
        self._advance(document)

    def reload(self, document: Document) -> None:
        """Show a document anew, unfolded as it was where its groups are still there."""
        unfolded = set(self._model.rows.unfolded(document.path)) - {()}
        self.forget(document.path)
        self._to_unfold[document.path] = unfolded
        self._model.replace_document(document)

    def forget(self, document: str) -> None:
        """Cancel what a document was asked."""
        for key in [key for key in self._listings if key[0] == document]:
            self._listings.pop(key).cancel()
        if document in self._descriptions:
            self._descriptions.pop(document).cancel()
        self._next.pop(document, None)
        self._to_unfold.pop(document, None)
        if self._goal is not None and self._goal[0] == document:
            self._goal = None

    # --------------------------------------------------------------- listing

    def _list(self, document: str, path: NodePath) -> None:
        task = Task(self._pool, ListChildren(document=document, node=path), self)
        self._listings[document, path] = task
        task.part_arrived.connect(partial(self._take_names, document, path))
        task.succeeded.connect(partial(self._end_listing, document, path))
        task.failed.connect(partial(self._end_badly, document, path))
        QTimer.singleShot(PLACEHOLDER_MS, self, lambda: self._model.show_waiting(document, path))

    def _take_names(self, document: str, path: NodePath, part: Names) -> None:
        self._model.add_names(document, path, part.names)
        self._unfold_again(document, path, part.names)
        self._advance(document)

    def _end_listing(self, document: str, path: NodePath, listed: Listed) -> None:
        self._listings.pop((document, path), None)
        message = " ".join(problem.message for problem in listed.problems)
        if listed.truncated:
            message = f"Only the first {listed.count:,} are listed. {message}"
        self._model.end_listing(document, path, message.strip())
        self._advance(document)

    def _end_badly(self, document: str, path: NodePath, error: H5ViewerError) -> None:
        self._listings.pop((document, path), None)
        self._model.end_listing(document, path, "Cannot be listed")  # why is said by whoever hears
        self.failed.emit(document, error)

    def _unfold_again(self, document: str, path: NodePath, names: tuple[bytes, ...]) -> None:
        wanted = self._to_unfold.get(document)
        for name in names if wanted else ():
            if wanted and (child := (*path, name)) in wanted:
                wanted.discard(child)
                self._model.unfold(self._model.find(document, child))

    # ------------------------------------------------------------ describing

    def _describe_next(self, document: str) -> None:
        paths = self._next.pop(document, None)
        if not paths:
            return
        task = Task(self._pool, DescribeNodes(document=document, nodes=tuple(paths)), self)
        self._descriptions[document] = task
        task.part_arrived.connect(partial(self._take_facts, document))
        task.ended.connect(partial(self._end_description, document, task))

    def _take_facts(self, document: str, part: Nodes) -> None:
        self._model.add_facts(document, part.nodes)

    def _end_description(self, document: str, task: Task) -> None:
        if self._descriptions.get(document) is task:
            del self._descriptions[document]
            self._describe_next(document)

    # ------------------------------------------------------------- revealing

    def _advance(self, document: str) -> None:
        """Unfold the way to the goal as far as it is listed."""
        if self._goal is None or self._goal[0] != document:
            return
        path = self._goal[1]
        rows = self._model.rows
        for depth in range(len(path)):
            branch = rows.branch(document, path[:depth])
            if branch is None or not branch.is_visible:
                self._model.unfold(self._model.find(document, path[:depth]))
                branch = rows.branch(document, path[:depth])
            if branch is None:
                return  # its parent is not listed so far
            if path[depth] not in branch.names:
                if branch.is_complete:
                    self._goal = None  # there is no such node
                return
        index = self._model.find(document, path)
        if index.isValid():
            self._goal = None
            self.revealed.emit(index)
