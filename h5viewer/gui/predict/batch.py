"""Several pictures, one after the other through the same network."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QObject, Signal

from h5viewer.errors import H5ViewerError
from h5viewer.gui.predict.answering import Answering, Feeds, Question
from h5viewer.gui.predict.given import Givens
from h5viewer.nodes import Prediction, Recipe
from h5viewer.requests import Consent
from h5viewer.workers.pool import Pool


class Network(msgspec.Struct, frozen=True):
    """Which network answers, and by which recipe."""

    document: str
    consent: Consent
    recipe: Recipe


class Batch(QObject):
    """Answers to one picture after the other until all are done or it is stopped.

    Signals:
        seen(Question, Prediction): how a picture looks to a slow network.
        answered(row: int, feeds, Prediction), failed(row: int, H5ViewerError): of one picture.
        ended: every picture has its answer or its error, or it was stopped.
    """

    seen = Signal(object, object)
    answered = Signal(int, object, object)
    failed = Signal(int, object)
    ended = Signal()

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.answering = Answering(pool, self)
        self._network: Network | None = None
        self._samples: Sequence[Givens] = ()
        self._left: list[int] = []
        self.answering.seen.connect(self.seen)
        self.answering.answered.connect(self._take)
        self.answering.failed.connect(self._note)

    @property
    def is_running(self) -> bool:
        """There are pictures without an answer."""
        return bool(self._left)

    @property
    def n_done(self) -> int:
        """Pictures with an answer or an error."""
        return len(self._samples) - len(self._left)

    def start(self, network: Network, samples: Sequence[Givens], rows: Sequence[int]) -> None:
        """Answer to the samples of these rows, from the first on."""
        self._network, self._samples, self._left = network, samples, list(rows)
        self._next()

    def stop(self) -> None:
        """Leave the rest without an answer."""
        self.answering.cancel()
        was_running, self._left = self.is_running, []
        if was_running:
            self.ended.emit()

    def _next(self) -> None:
        if not self._left or self._network is None:
            self.ended.emit()
            return
        network, givens = self._network, self._samples[self._left[0]]
        self.answering.ask(Question(network.document, network.consent, givens, network.recipe))

    def _take(self, _question: Question, feeds: Feeds, prediction: Prediction) -> None:
        self.answered.emit(self._left.pop(0), feeds, prediction)
        self._go_on()

    def _note(self, _question: Question, error: H5ViewerError) -> None:
        self.failed.emit(self._left.pop(0), error)
        self._go_on()

    def _go_on(self) -> None:
        """Unless who heard of the last one has stopped it or begun another."""
        if self._network is not None and not self.answering.is_waiting:
            self._next()
