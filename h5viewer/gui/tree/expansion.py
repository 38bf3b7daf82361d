"""Unfolding everything below a row, level by level, as far as is sensible."""

from __future__ import annotations

import time
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
_TURN = 0.01  # seconds of unfolding what is known, before the window has its turn


class Expansion(QObject):
    """Unfolds one group after the other, the upper ones first; a newer wish ends an older.

    Only a group's facts tell it from a dataset, so the names below are described before
    the next level unfolds. Groups met before, by another name, stay folded.

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
        self._to_do: deque[tuple[NodePath, bool]] = deque()  # and whether its rows are counted
        self._here: NodePath | None = None
        self._task: Task | None = None
        self._n_rows = 0
        self._left_out = False
        self._next_turn = QTimer(self, singleShot=True, interval=0)
        self._next_turn.timeout.connect(self._go_on)
        model.listed.connect(self._take_listing)

    def begin(self, document: str, path: NodePath) -> None:
        """Unfold a group and what is below it."""
        self.cancel()
        self._document, self._depth = document, len(path)
        self._to_do = deque([(path, False)])
        self._n_rows = 0
        self._left_out = False
        self.running_changed.emit(True)
        self._go_on()

    def cancel(self) -> None:
        """What is unfolded stays so."""
        self._next_turn.stop()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
        if self._document is not None:
            self._document = self._here = None
            self._to_do.clear()
            self.running_changed.emit(False)

    def forget(self, document: str) -> None:
        """The file was closed, or is read anew."""
        if document == self._document:
            self.cancel()

    def _go_on(self) -> None:
        """Unfold the next groups; those that were listed before are done at once."""
        until = time.monotonic() + _TURN
        while self._document is not None and self._to_do:
            if time.monotonic() > until:
                self._next_turn.start()
                return
            self._here = path = self._to_do[0][0]
            self._model.unfold(self._model.find(self._document, path))
            branch = self._model.rows.branch(self._document, path)
            if branch is None or not branch.is_visible:
                self._to_do.popleft()  # folded again, or gone, meanwhile
            elif not branch.is_complete or self._describe(branch):
                return  # until it is listed, or described
        if self._document is not None:
            left_out, n_rows = self._left_out, self._n_rows
            self.cancel()
            if left_out:
                self.stopped.emit(n_rows)

    def _take_listing(self, document: str, path: NodePath) -> None:
        branch = self._model.rows.branch(document, path)
        is_awaited = (document, path) == (self._document, self._here) and self._task is None
        if is_awaited and branch is not None and not self._describe(branch):
            self._go_on()

    def _describe(self, branch: Branch) -> bool:
        """Get the facts that lack; True when they are on their way."""
        _, is_counted = self._to_do.popleft()
        self._n_rows += 0 if is_counted else len(branch.names)
        if self._n_rows > MOST_ROWS:
            self._left_out = True
            self._to_do.clear()
            return False
        unknown = [(*branch.path, name) for name in branch.names if name not in branch.facts]
        if not unknown or self._document is None:
            self._add_groups(branch)
            return False
        task = Task(self._pool, DescribeNodes(document=self._document, nodes=tuple(unknown)), self)
        self._task = task
        task.part_arrived.connect(partial(self._take_facts, task))
        task.ended.connect(partial(self._end_description, task, branch))
        return True

    def _take_facts(self, task: Task, part: Nodes) -> None:
        if task is self._task and self._document is not None:
            self._model.add_facts(self._document, part.nodes)

    def _end_description(self, task: Task, branch: Branch) -> None:
        if task is self._task:
            self._task = None
            self._add_groups(branch)
            self._go_on()

    def _add_groups(self, branch: Branch) -> None:
        """Put the groups in here behind those that wait, as long as there is room."""
        is_deepest = len(branch.path) - self._depth >= _MOST_LEVELS
        for name in branch.names:
            node = branch.facts.get(name)
            if not opens(node) or (isinstance(node, Group) and node.same_as is not None):
                continue
            n_children = node.n_children if isinstance(node, Group) else None
            if is_deepest or self._n_rows + (n_children or 0) > MOST_ROWS:
                self._left_out = True
                continue
            self._n_rows += n_children or 0
            self._to_do.append(((*branch.path, name), n_children is not None))
