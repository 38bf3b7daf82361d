"""The files that are open: opened, refused, closed, read anew."""

from __future__ import annotations

import os
from functools import partial

from PySide6.QtCore import QObject, Signal

from h5viewer.errors import H5ViewerError
from h5viewer.gui.file_watch import FileWatch, Look
from h5viewer.gui.task import Task
from h5viewer.nodes import Document
from h5viewer.requests import OpenDocument
from h5viewer.workers.pool import Pool


class OpenDocuments(QObject):
    """Opens each file once, by its absolute path, and watches it.

    Signals:
        opened(Document), reloaded(Document), closed(path: str): what there is to show.
        refused(path: str, H5ViewerError): a file could not be opened, or not again.
        chosen_again(Document): a file was to be opened that is open.
        changed_on_disk(path: str), vanished(path: str): told once.
        waiting_changed(paths: tuple[str, ...]): files being opened.
    """

    opened = Signal(object)
    reloaded = Signal(object)
    closed = Signal(str)
    refused = Signal(str, object)
    chosen_again = Signal(object)
    changed_on_disk = Signal(str)
    vanished = Signal(str)
    waiting_changed = Signal(tuple)

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._documents: dict[str, Document] = {}
        self._order: dict[str, int] = {}  # in which files were asked for: they open side by side
        self._tasks: dict[str, Task] = {}
        self._watch = FileWatch(self)
        self._watch.changed.connect(self.changed_on_disk)
        self._watch.vanished.connect(self.vanished)

    def __len__(self) -> int:
        return len(self._documents)

    @property
    def documents(self) -> tuple[Document, ...]:
        """All of them, in the order in which they were asked for."""
        return tuple(sorted(self._documents.values(), key=lambda each: self._order[each.path]))

    def position(self, path: str) -> int:
        """Which of them this is; -1: it is not open."""
        if path not in self._documents:
            return -1
        return sum(self._order[each] < self._order[path] for each in self._documents)

    def get(self, path: str) -> Document | None:
        """The open document of this path."""
        return self._documents.get(path)

    def open(self, path: str) -> None:
        """Open a file; one that is open is only told again."""
        # not resolve(): following links is the file system's, and may take long
        path = os.path.abspath(path)  # noqa: PTH100
        if path in self._documents:
            self.chosen_again.emit(self._documents[path])
        elif path not in self._tasks:
            self._ask(path, self._take)

    def reload(self, path: str) -> None:
        """Read an open file anew, in a new worker."""
        if path in self._documents and path not in self._tasks:
            self._pool.forget(path)
            self._ask(path, self._take_again)

    def cancel(self) -> None:
        """Give up on every file that is being opened."""
        for path in list(self._tasks):
            self._tasks.pop(path).cancel()
            self._forget(path)
        self._tell_waiting()

    def close(self, path: str) -> None:
        """Forget a file and end its worker."""
        if path in self._tasks:
            self._tasks.pop(path).cancel()
            self._tell_waiting()
        if self._documents.pop(path, None) is not None:
            self._watch.forget(path)
            self._forget(path)
            self.closed.emit(path)

    def shut_down(self) -> None:
        """The program ends."""
        self._watch.close()

    def _ask(self, path: str, take: object) -> None:
        task = Task(self._pool, OpenDocument(document=path), self)
        self._tasks[path] = task
        self._number(path)
        task.succeeded.connect(take)
        task.failed.connect(partial(self._refuse, path))
        task.ended.connect(partial(self._end, path, task))
        self._tell_waiting()

    def _take(self, document: Document) -> None:
        """A file of a checkpoint opens its index, which may be open."""
        if document.path in self._documents:
            self.chosen_again.emit(self._documents[document.path])
            return
        self._keep(document)
        self.opened.emit(document)

    def _take_again(self, document: Document) -> None:
        self._keep(document)
        self.reloaded.emit(document)

    def _forget(self, path: str) -> None:
        self._pool.forget(path)
        if path not in self._documents:
            self._order.pop(path, None)

    def _number(self, path: str) -> None:
        """The next in order, unless it has its place."""
        self._order.setdefault(path, max(self._order.values(), default=0) + 1)

    def _keep(self, document: Document) -> None:
        self._number(document.path)  # an index, where another file of its checkpoint was asked for
        self._documents[document.path] = document
        seen = document.identity
        self._watch.watch(document.path, Look(seen.inode, seen.size, seen.mtime_ns))

    def _refuse(self, path: str, error: H5ViewerError) -> None:
        self.refused.emit(path, error)

    def _end(self, path: str, task: Task) -> None:
        if self._tasks.get(path) is task:
            del self._tasks[path]
            if path not in self._documents:  # refused, or another file's: its index
                self._forget(path)
            self._tell_waiting()

    def _tell_waiting(self) -> None:
        self.waiting_changed.emit(tuple(self._tasks))
