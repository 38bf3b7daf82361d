"""Where the user is, was, and goes back to."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from h5viewer.errors import H5ViewerError
from h5viewer.gui.architecture.axis_meanings import AxisMeanings
from h5viewer.gui.gallery.found_sets import FoundSets
from h5viewer.gui.open_documents import OpenDocuments
from h5viewer.gui.selection import Selection, View
from h5viewer.gui.task import Latest
from h5viewer.names import NodePath
from h5viewer.nodes import Dataset, Listed, Node, Nodes, PictureSet
from h5viewer.requests import DescribeNodes
from h5viewer.workers.pool import Pool

_LONGEST_HISTORY = 200

_PATIENCE = 150
"""Milliseconds for which a new file is not shown yet: it may hold pictures, which come first."""

_MOST_NAMES = 1000
"""Of a file that is looked through before it is shown."""


class Stop(msgspec.Struct, frozen=True):
    """One place in the history."""

    document: str = ""
    path: NodePath = ()
    axes: tuple[str, ...] = ()
    run: int | None = None  # a run of training, by its number; then nothing else is said


class Navigation(QObject):
    """Turns "go there" into a selection with facts; remembers the way.

    Signals:
        arrived(Selection): show this. run_reached(int): show this run.
        failed(document path: str, H5ViewerError): the node could not be looked at.
        history_changed(can go back: bool, can go forward: bool).
    """

    arrived = Signal(object)
    run_reached = Signal(int)
    failed = Signal(str, object)
    history_changed = Signal(bool, bool)

    def __init__(self, pool: Pool, documents: OpenDocuments, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._documents = documents
        self._facts = Latest(pool, self)
        self._sets = FoundSets(pool, self)
        self._sets.found.connect(self._take_sets)
        self._patience = QTimer(self, singleShot=True, interval=_PATIENCE)
        self._patience.timeout.connect(self._arrive_at_document)
        self._axes: dict[str, AxisMeanings] = {}
        self._views: dict[str, dict[Dataset, View]] = {}  # by document
        self._stops: list[Stop] = []
        self._at = -1

    @property
    def here(self) -> Stop | None:
        """The node where the user is, or was before a run came on view."""
        stops = reversed(self._stops[: self._at + 1])
        return next((stop for stop in stops if stop.run is None), None)

    def go(self, document: str, path: NodePath, axes: tuple[str, ...] = ()) -> None:
        """Go to a node, unless the user is there."""
        stop = Stop(document, path, axes)
        here = self.stop
        if here is not None and (here.document, here.path) == (document, path):
            if axes in ((), here.axes):
                return
            self._stops[self._at] = stop
        else:
            self._add(stop)
        self._visit(stop)

    def go_to_run(self, run: int) -> None:
        """Go to a run of training, by its number."""
        stop = Stop(run=run)
        if stop != self.stop:
            self._add(stop)
        self._visit(stop)

    def learn_axes(self, document: str, meanings: AxisMeanings) -> None:
        """Remember what axes mean, for whoever goes there by another way."""
        self._axes.setdefault(document, {}).update(meanings)

    def add_pictures(self, document: str, pictures: PictureSet) -> None:
        """The user takes a dataset for pictures, which it does not look like."""
        known = self._documents.get(document)
        if known is not None:
            self._sets.add(known, pictures)

    def back(self) -> None:
        """To where the user was before."""
        self._step(-1)

    def forward(self) -> None:
        """The way back again."""
        self._step(1)

    def visit_again(self) -> None:
        """Facts anew: the document was read again."""
        if self.stop is not None:
            self._visit(self.stop)

    def forget(self, document: str) -> None:
        """The document was closed: no way leads there."""
        self._axes.pop(document, None)
        self._sets.forget(document)
        self._views.pop(document, None)
        self._forget(lambda stop: stop.run is None and stop.document == document)

    def forget_run(self, run: int) -> None:
        """The run was closed: no way leads there."""
        self._forget(lambda stop: stop.run == run)

    def _forget(self, is_gone: Callable[[Stop], bool]) -> None:
        here = self.stop
        before = sum(not is_gone(stop) for stop in self._stops[: self._at + 1])
        self._stops = [stop for stop in self._stops if not is_gone(stop)]
        self._at = min(before, len(self._stops)) - 1
        if here is not None and is_gone(here):
            self._patience.stop()
            self._facts.cancel()
            if self.stop is not None:
                self._visit(self.stop)
        self._tell_history()

    @property
    def stop(self) -> Stop | None:
        """Where the user is, a run included."""
        return self._stops[self._at] if self._at >= 0 else None

    def _add(self, stop: Stop) -> None:
        self._stops = [*self._stops[: self._at + 1], stop][-_LONGEST_HISTORY:]
        self._at = len(self._stops) - 1

    def _step(self, by: int) -> None:
        if 0 <= self._at + by < len(self._stops):
            self._at += by
            self._visit(self._stops[self._at])

    def _visit(self, stop: Stop) -> None:
        self._tell_history()
        self._patience.stop()
        if stop.run is not None:
            self._facts.cancel()
            self.run_reached.emit(stop.run)
            return
        document = self._documents.get(stop.document)
        if document is None:
            return
        sets = self._sets.of(document)
        if not stop.path:
            self._facts.cancel()
            if sets is None and (document.root.n_children or 0) <= _MOST_NAMES:
                self._patience.start()
            else:
                self._arrive_at_document()
            return
        axes = stop.axes or self._axes.get(stop.document, {}).get(stop.path, ())
        found: list[Nodes] = []

        def arrive(_: Listed) -> None:
            for part in found:
                for node in part.nodes:
                    view = self._view(stop.document, node)
                    pictures = self._sets.of(document) or ()
                    self.arrived.emit(
                        Selection(document, node, axes=axes, pictures=pictures, view=view)
                    )

        def tell(error: H5ViewerError) -> None:
            self.failed.emit(stop.document, error)

        request = DescribeNodes(document=stop.document, nodes=(stop.path,))
        self._facts.ask(request, arrive, on_part=found.append, on_failure=tell)

    def _arrive_at_document(self) -> None:
        document = None if self.stop is None else self._documents.get(self.stop.document)
        if document is not None:
            pictures = self._sets.of(document) or ()
            unshown = self._sets.unshown(document)
            self.arrived.emit(
                Selection(document, document.root, pictures=pictures, unshown=unshown)
            )

    def _take_sets(self, path: str) -> None:
        """Pictures were found, or none: show what was waited for, or what can be shown now."""
        here = self.stop
        document = None if here is None else self._documents.get(here.document)
        if here is None or document is None or here.document != path:
            return
        is_waiting = self._patience.isActive()
        self._patience.stop()
        sets = self._sets.of(document) or ()
        has_news = bool(sets or self._sets.unshown(document))
        if is_waiting or (has_news and not here.path):
            self._arrive_at_document()
        elif any(each.node == here.path for each in sets):
            self._visit(here)

    def _view(self, document: str, node: Node) -> View:
        """How a dataset was looked at; by its facts, as a reload may bring another one."""
        if not isinstance(node, Dataset):
            return View()
        return self._views.setdefault(document, {}).setdefault(node, View())

    def _tell_history(self) -> None:
        self.history_changed.emit(self._at > 0, self._at < len(self._stops) - 1)
