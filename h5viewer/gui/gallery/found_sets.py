"""Which open files hold data sets of pictures: looked for once, when a file is opened."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from h5viewer.gui.task import Task
from h5viewer.nodes import Document, PictureSet, PictureSets
from h5viewer.requests import FindPictureSets
from h5viewer.workers.pool import Pool


class FoundSets(QObject):
    """Knows of each open file; a file that cannot be looked through holds none.

    Signals:
        found(document path: str): its sets are known now.
    """

    found = Signal(str)

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._known: dict[str, tuple[Document, tuple[PictureSet, ...]]] = {}
        self._unshown: dict[str, tuple[str, ...]] = {}
        self._under_way: dict[str, tuple[Document, Task]] = {}

    def of(self, document: Document) -> tuple[PictureSet, ...] | None:
        """Its sets, in its order; None: they are being looked for."""
        known = self._known.get(document.path)
        if known is not None and known[0] == document:
            return known[1]
        if document.format != "hdf5" or document.has_architecture:
            return ()
        self._look(document)
        return None

    def unshown(self, document: Document) -> tuple[str, ...]:
        """Sentences about pictures in it that are no set."""
        return self._unshown.get(document.path, ())

    def add(self, document: Document, pictures: PictureSet) -> None:
        """The user takes this for pictures."""
        known = self.of(document) or ()
        others = tuple(each for each in known if each.node != pictures.node)
        self._known[document.path] = (document, (*others, pictures))
        self.found.emit(document.path)

    def forget(self, path: str) -> None:
        """The file was closed."""
        self._known.pop(path, None)
        self._unshown.pop(path, None)
        _, task = self._under_way.pop(path, (None, None))
        if task is not None:
            task.cancel()

    def _look(self, document: Document) -> None:
        under_way = self._under_way.get(document.path)
        if under_way is not None and under_way[0] == document:
            return
        self.forget(document.path)
        task = Task(self._pool, FindPictureSets(document=document.path), self)
        self._under_way[document.path] = (document, task)
        task.succeeded.connect(lambda result: self._take(document, result))
        task.failed.connect(lambda _: self._take(document, PictureSets(sets=())))
        task.cancelled.connect(lambda: self._leave(document))

    def _take(self, document: Document, result: PictureSets) -> None:
        if self._leave(document):
            _, added = self._known.get(document.path, (document, ()))
            nodes = {each.node for each in result.sets}
            sets = (*result.sets, *(each for each in added if each.node not in nodes))
            self._known[document.path] = (document, sets)
            self._unshown[document.path] = result.problems
            self.found.emit(document.path)

    def _leave(self, document: Document) -> bool:
        """Whether it was this document that was still asked about."""
        under_way = self._under_way.get(document.path)
        if under_way is None or under_way[0] is not document:
            return False
        del self._under_way[document.path]
        return True
