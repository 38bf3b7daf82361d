"""One request on its way, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import Protocol

import msgspec

from h5viewer.checkpoint_files import document_path
from h5viewer.errors import H5ViewerError
from h5viewer.nodes import Document, Identity, Part, Result
from h5viewer.requests import Progress, Request
from h5viewer.workers import messages
from h5viewer.workers.kinds import kind_of
from h5viewer.workers.lending import Loan, kept_and_lent
from h5viewer.workers.resuming import Delivery


class Listener(Protocol):
    """Hears about one request, from a thread of the pool; must not take long, nor raise."""

    def progressed(self, progress: Progress) -> None:
        """How far it is."""

    def delivered(self, part: Part) -> None:
        """A part of the answer."""

    def ended(self, outcome: Result | H5ViewerError | None) -> None:
        """The end, told once: the result, what went wrong, or None when cancelled."""


class Job:
    """A request on its way. Only `cancel` is for callers; the rest is the pool's thread's."""

    def __init__(
        self,
        request: Request,
        listener: Listener,
        withdraw: Callable[[Job], None],
        scratch: int | None = None,
    ) -> None:
        self.id = next(_ids)
        self.request = request
        self.scratch = scratch  # descriptor of the file that an export writes
        self.kind = kind_of(request)  # of the worker that answers
        self.documents, self.lent = kept_and_lent(self.kind, request.documents)
        self._ask = messages.Ask(self.id, request.about([""] * len(request.documents)))
        self._frame = None if self.lent else messages.frame(self._ask)
        self.is_cancelled = False
        self.n_retries = 0
        self._listener = listener
        self._withdraw = withdraw
        self._delivery = Delivery()

    def cancel(self) -> None:
        """Close the operation at its next yield; ended(None) follows, unless it was over."""
        self._withdraw(self)

    def order(self, identities: Mapping[str, Identity]) -> bytearray | Loan:
        """What to send to a worker.

        Args:
            identities: of documents that were opened.
        """
        known = tuple(identities.get(document) for document in self.lent)
        return self._frame or Loan(self._ask, self.lent, known)

    def start_again(self) -> None:
        """Another worker takes over; what was delivered is not delivered again."""
        self.n_retries += 1
        self._delivery.start_again()

    def progress(self, progress: Progress) -> None:
        """Pass on how far it is."""
        if not self.is_cancelled:
            self._listener.progressed(progress)

    def deliver(self, part: Part) -> None:
        """Pass on what is new in `part`."""
        fresh = self._delivery.fresh(part)
        if fresh is not None and not self.is_cancelled:
            self._listener.delivered(fresh)

    def end(self, outcome: Result | H5ViewerError | None) -> None:
        """Pass on the outcome."""
        if isinstance(outcome, Document):
            path = self.request.document
            if outcome.format == "tf-checkpoint":  # any of its files may have been named
                path = document_path(path)
            outcome = msgspec.structs.replace(outcome, path=path)
        self._listener.ended(None if self.is_cancelled else outcome)


_ids = count(1)
