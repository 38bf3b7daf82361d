"""Changes that wait: each was tried on the file before it is listed."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QObject, Signal

from h5viewer.errors import H5ViewerError
from h5viewer.gui.task import Latest
from h5viewer.nodes import ChangePreview
from h5viewer.requests import (
    AnyChange,
    PreviewChange,
    RenameLayer,
    SetAttribute,
    SetClassNames,
    SetElement,
)
from h5viewer.workers.pool import Pool


class Pending(msgspec.Struct, frozen=True):
    """One change and what it does."""

    change: AnyChange
    preview: ChangePreview


class _Waiting(msgspec.Struct):
    """Of one document: what is listed, and what is still to be tried."""

    listed: list[Pending] = []
    to_try: list[AnyChange] = []


class PendingChanges(QObject):
    """Of all documents, by their paths; none of them is written to.

    Signals:
        changed(document path: str): another list.
        refused(document path: str, message: str, hint: str): a change cannot be made.
        failed(document path: str, H5ViewerError): one could not be tried.
    """

    changed = Signal(str)
    refused = Signal(str, str, str)
    failed = Signal(str, object)

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._of: dict[str, _Waiting] = {}
        self._trying: dict[str, Latest] = {}

    def of(self, document: str) -> tuple[Pending, ...]:
        """What waits, in the order in which it is made."""
        waiting = self._of.get(document)
        return tuple(waiting.listed) if waiting is not None else ()

    @property
    def documents(self) -> tuple[str, ...]:
        """Files with changes that wait."""
        return tuple(path for path, waiting in self._of.items() if waiting.listed)

    def add(self, document: str, changes: Sequence[AnyChange]) -> None:
        """Try these one after the other; what was to become of the same place is forgotten."""
        waiting = self._of.setdefault(document, _Waiting())
        waiting.to_try += changes
        self._try_next(document)

    def undo(self, document: str, number: int) -> None:
        """Take one back; those after it are tried anew, as they may have rested on it."""
        waiting = self._of[document]
        rest = [pending.change for pending in waiting.listed[number + 1 :]]
        del waiting.listed[number:]
        waiting.to_try[:0] = rest
        self.changed.emit(document)
        self._try_next(document)

    def try_again(self, document: str) -> None:
        """The file was read anew."""
        if document in self._of and self._of[document].listed:
            waiting = self._of[document]
            waiting.to_try[:0] = [pending.change for pending in waiting.listed]
            waiting.listed.clear()
            self._stop(document)
            self._try_next(document)

    def forget(self, document: str) -> None:
        """They were written, or are not wanted."""
        self._stop(document)
        if self._of.pop(document, None) is not None:
            self.changed.emit(document)

    # -------------------------------------------------------------- private

    def _try_next(self, document: str) -> None:
        waiting = self._of.get(document)
        trying = self._trying.setdefault(document, Latest(self._pool, self))
        if waiting is None or trying.is_waiting:
            return
        if not waiting.to_try:
            self.changed.emit(document)
            return
        change = waiting.to_try.pop(0)
        before = [each for each in waiting.listed if not _is_same_place(each.change, change)]
        trying.ask(
            PreviewChange(
                document=document,
                change=change,
                before=tuple(pending.change for pending in before),
            ),
            lambda preview: self._take(document, before, Pending(change, preview)),
            on_failure=lambda error: self._fail(document, error),
        )

    def _take(self, document: str, before: list[Pending], pending: Pending) -> None:
        waiting, preview = self._of.get(document), pending.preview
        if waiting is None:
            return
        if preview.refusal:
            self.refused.emit(document, preview.refusal, preview.hint)
        elif preview.old == preview.new and not _may_look_alike(pending.change):
            waiting.listed = before  # it is again as the file has it
        else:
            waiting.listed = [*before, pending]
        self._try_next(document)

    def _fail(self, document: str, error: H5ViewerError) -> None:
        self.failed.emit(document, error)
        self._try_next(document)

    def _stop(self, document: str) -> None:
        trying = self._trying.pop(document, None)
        if trying is not None:
            trying.cancel()
            trying.deleteLater()


def _is_same_place(one: AnyChange, other: AnyChange) -> bool:
    """Whether the later of two takes the place of the earlier."""
    if type(one) is not type(other):
        return False
    match one, other:
        case SetAttribute(), SetAttribute():
            return (one.path, one.name) == (other.path, other.name)
        case SetElement(), SetElement():
            return (one.path, one.index) == (other.path, other.index)
        case RenameLayer(), RenameLayer():
            return one.old == other.old
        case SetClassNames(), SetClassNames():
            return True
    return False


def _may_look_alike(change: AnyChange) -> bool:
    """Old and new are shortened; of many values they may look the same and not be it."""
    return not isinstance(change, SetElement | RenameLayer)
