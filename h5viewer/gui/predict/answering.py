"""From what was given to an answer: bytes are read in a thread, then the network is asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from PySide6.QtCore import QObject, Signal

from h5viewer.errors import H5ViewerError
from h5viewer.gui.errand import Errand
from h5viewer.gui.predict.expecting import Expecting
from h5viewer.gui.predict.given import Givens
from h5viewer.gui.task import Latest
from h5viewer.nodes import Prediction, Recipe
from h5viewer.requests import Consent, Feed, Predict, Progress
from h5viewer.workers.pool import Pool

Feeds = tuple[Feed, ...]


@dataclass(frozen=True)
class Question:
    """Which network, what it is given, and how."""

    document: str
    consent: Consent
    givens: Givens
    recipe: Recipe | None = None
    feeds: Feeds = field(default=(), compare=False)  # read before; empty: to be read
    probe: bool = False
    top: int = 10

    def request(self, feeds: Feeds) -> Predict:
        """What is sent to the worker."""
        return Predict(
            document=self.document,
            consent=self.consent,
            feeds=feeds,
            recipe=self.recipe,
            top=self.top,
            probe=self.probe,
        )


class Answering(QObject):
    """One question at a time; a newer one takes the place of the older.

    Signals:
        answered(Question, feeds, Prediction) or failed(Question, H5ViewerError): once.
        seen(Question, Prediction): how the picture looks to a slow network, its answer comes.
        progressed(Progress): TensorFlow starts, the network loads, it answers.
        busy_changed(bool): it takes longer than a moment.
    """

    answered = Signal(object, object, object)
    failed = Signal(object, object)
    seen = Signal(object, object)
    progressed = Signal(object)
    busy_changed = Signal(bool)

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reading: Errand | None = None
        self._asking = Latest(pool, self)
        self._asking.busy_changed.connect(self.busy_changed)
        self._expecting = Expecting(pool, self)
        self._expecting.busy_changed.connect(self.busy_changed)

    @property
    def is_waiting(self) -> bool:
        """A question is under way."""
        is_sent = self._asking.is_waiting or self._expecting.is_claimed
        return is_sent or self._reading is not None

    def expect(self, question: Question) -> None:
        """Have the answer ready to what may be asked next."""
        self._expecting.begin(lambda: question.request(_read(question.givens)))

    def ask(self, question: Question) -> None:
        """Abandon the older question and ask this one."""
        self.cancel()
        if question.feeds:
            self._send(question, question.feeds)
            return
        reading = self._reading = Errand(lambda: _read(question.givens), self)
        reading.done.connect(lambda feeds: self._send(question, cast("Feeds", feeds)))
        reading.failed.connect(lambda error: self._fail(question, error))

    def cancel(self) -> None:
        """Nothing is said of what was asked before."""
        if self._reading is not None:
            self._reading.forget()
            self._reading = None
        self._expecting.disclaim()
        self._asking.cancel()

    def forget(self) -> None:
        """Expect nothing, either: the network that is asked next may be another."""
        self.cancel()
        self._expecting.forget()

    def _send(self, question: Question, feeds: Feeds) -> None:
        self._reading = None
        request = question.request(feeds)

        def go_on(expected: Prediction | None) -> None:
            if expected is not None:
                self._take(question, feeds, expected)
            else:
                self._ask(question, feeds, request)

        self._expecting.claim(request, go_on)

    def _ask(self, question: Question, feeds: Feeds, request: Predict) -> None:
        self._asking.ask(
            request,
            lambda prediction: self._take(question, feeds, prediction),
            lambda seen: self.seen.emit(question, seen),
            on_failure=lambda error: self._fail(question, error),
            on_progress=self._progress,
        )

    def _take(self, question: Question, feeds: Feeds, prediction: Prediction) -> None:
        self.answered.emit(question, feeds, prediction)

    def _fail(self, question: Question, error: H5ViewerError) -> None:
        self._reading = None
        self.failed.emit(question, error)

    def _progress(self, progress: Progress) -> None:
        self.progressed.emit(progress)


def _read(givens: Givens) -> Feeds:
    return tuple(given.read() for given in givens)
