"""Unfolding everything below a row, level by level, as far as is sensible."""

from __future__ import annotations

from collections import deque
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from h5viewer.gui.task import Task
from h5viewer.gui.tree.document_item_model import DocumentItemModel
from h5viewer.gui.tree.tree_rows import Branch, opens
from h5viewer.names import NodePath
from h5viewer.nodes import Group, Nodes
from h5viewer.requests import DescribeNodes
from h5viewer.workers.pool import Pool

MOST_ROWS = 2000
"""Rows that unfold at once: more than anyone scrolls through, some seconds in a deep file."""

_MOST_LEVELS = 64
_AT_ONCE = 20  # groups; one after the other, each would be an answer to wait for and a repaint


class Expansion(QObject):
    """Unfolds groups, the upper ones first; a newer wish ends an older.

    Only a group's facts tell it from a dataset, so the names below are described before
    the next ones unfold. Groups met before, by another name, stay folded.

    Signals:
        running_changed(bool): it began; it ended, was stopped or cancelled.
        stopped(n_rows: int): there is more below; so many rows were unfolded.
    """

    running_changed = Signal(bool)
    stopped = Signal(int)

    def __init__(self, pool: Pool, model: DocumentItemModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._model = model
        self._document: str | None = None
        self._depth = 0
        self._to_do: deque[NodePath] = deque()
        self._unfolding: list[Branch] = []
        self._task: Task | None = None
        self._n_rows = 0
        self._left_out = False
        self._next_turn = QTimer(self, singleShot=True, interval=0)
        self._next_turn.timeout.connect(self._unfold_next)
        model.listed.connect(self._take_listing)

    def begin(self, document: str, path: NodePath) -> None:
        """Unfold a group and what is below it."""
        self.cancel()
        self._document, self._depth = document, len(path)
        self._to_do = deque([path])
        self._n_rows = 0
        self._left_out = False
        self.running_changed.emit(True)
        self._unfold_next()

    def cancel(self) -> None:
        """What is unfolded stays so."""
        self._next_turn.stop()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        if self._document is not None:
            self._document = None
            self._to_do.clear()
            self._unfolding = []
            self.running_changed.emit(False)

    def forget(self, document: str) -> None:
        """The file was closed, or is read anew."""
        if document == self._document:
            self.cancel()

    def _unfold_next(self) -> None:
        """Unfold the next groups, of which some may be listed already."""
        if self._document is None:
            return
        for _ in range(min(_AT_ONCE, len(self._to_do))):
            path = self._to_do.popleft()
            self._model.unfold(self._model.find(self._document, path))
            branch = self._model.rows.branch(self._document, path)
            if branch is not None and branch.is_visible:  # else folded again meanwhile
                self._unfolding.append(branch)
        if self._unfolding:
            self._describe()
            return
        left_out, n_rows = self._left_out, self._n_rows
        self.cancel()
        if left_out:
            self.stopped.emit(n_rows)

    def _take_listing(self, document: str, _path: NodePath) -> None:
        if document == self._document and self._unfolding and self._task is None:
            self._describe()

    def _describe(self) -> None:
        """Get the facts that lack, once all is listed."""
        if self._document is None or not all(branch.is_complete for branch in self._unfolding):
            return
        if not self._n_rows:  # of the first one nobody knew how many; of the others their facts
            self._n_rows = len(self._unfolding[0].names)
            if self._n_rows > MOST_ROWS:
                self._left_out = True
                self._unfolding = []
        unknown = [
            (*branch.path, name)
            for branch in self._unfolding
            for name in branch.names
            if name not in branch.facts
        ]
        if not unknown:
            self._end_description()
            return
        task = Task(self._pool, DescribeNodes(document=self._document, nodes=tuple(unknown)), self)
        self._task = task
        task.part_arrived.connect(partial(self._take_facts, task))
        task.ended.connect(partial(self._end_description, task))

    def _take_facts(self, task: Task, part: Nodes) -> None:
        if task is self._task and self._document is not None:
            self._model.add_facts(self._document, part.nodes)

    def _end_description(self, task: Task | None = None) -> None:
        if task is self._task and self._document is not None:
            self._task = None
            unfolded, self._unfolding = self._unfolding, []
            for branch in unfolded:
                self._add_groups(branch)
            self._next_turn.start()

    def _add_groups(self, branch: Branch) -> None:
        """Put the groups in here behind those that wait, as long as there is room."""
        is_deepest = len(branch.path) - self._depth >= _MOST_LEVELS
        for name in branch.names:
            node = branch.facts.get(name)
            if not opens(node) or (isinstance(node, Group) and node.same_as is not None):
                continue
            n_children = (node.n_children or 1) if isinstance(node, Group) else 1
            if is_deepest or self._n_rows + n_children > MOST_ROWS:
                self._left_out = True
                continue
            self._n_rows += n_children
            self._to_do.append((*branch.path, name))
