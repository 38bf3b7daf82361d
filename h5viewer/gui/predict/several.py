"""Several pictures of one session: the list is filled while they are answered."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from h5viewer.errors import H5ViewerError
from h5viewer.gui.predict.answering import Feeds
from h5viewer.gui.predict.batch import Batch, Network
from h5viewer.gui.predict.predict_page import PredictPage
from h5viewer.gui.predict.sample_item_model import Outcome
from h5viewer.gui.predict.session import Session
from h5viewer.nodes import Prediction
from h5viewer.workers.pool import Pool

_NEXT_LOOK = 150  # milliseconds between changes of the line above the list


class Several(QObject):
    """Keeps what became of each picture in the session, and shows it in the list.

    Signals:
        answered(at: int, feeds, Prediction), failed(at: int, H5ViewerError): of one picture.
    """

    answered = Signal(int, object, object)
    failed = Signal(int, object)

    def __init__(self, pool: Pool, page: PredictPage) -> None:
        super().__init__(page)
        self._page = page
        self._session: Session | None = None
        self._batch = Batch(pool, self)
        self._batch.seen.connect(lambda question, seen: page.show_seen(question.givens, seen))
        self._batch.answered.connect(self._take)
        self._batch.failed.connect(self._note)
        self._batch.ended.connect(self._look_soon)
        self._next_look = QTimer(self, singleShot=True, interval=_NEXT_LOOK)
        self._next_look.timeout.connect(self._look)

    @property
    def is_running(self) -> bool:
        """There are pictures that wait for their answer."""
        return self._batch.is_running

    def start(self, session: Session) -> None:
        """Answer to the pictures that have no answer."""
        self._session = session
        rows = [at for at, outcome in enumerate(session.outcomes) if outcome is None]
        network = Network(session.document.path, session.consent, session.choice.recipe)
        self._batch.start(network, session.samples, rows)
        self.show_progress(session)

    def stop(self) -> None:
        """Leave the rest without an answer."""
        self._batch.stop()
        self._next_look.stop()
        self._look()
        self._session = None

    def show_progress(self, session: Session) -> None:
        """Say above the list how many have an answer."""
        n_done = sum(outcome is not None for outcome in session.outcomes)
        self._page.table.show_progress(n_done, is_running=self.is_running)

    def _take(self, at: int, feeds: Feeds, prediction: Prediction) -> None:
        self._keep(at, Outcome.of(prediction))
        self.answered.emit(at, feeds, prediction)

    def _note(self, at: int, error: H5ViewerError) -> None:
        self._keep(at, Outcome(error=error))
        self.failed.emit(at, error)

    def _keep(self, at: int, outcome: Outcome) -> None:
        if self._session is not None:
            self._session.outcomes[at] = outcome
            self._page.samples.set_outcome(at, outcome)
            self._look_soon()

    def _look_soon(self) -> None:
        if not self._next_look.isActive():
            self._next_look.start()

    def _look(self) -> None:
        if self._session is not None and self._session.is_several:
            self.show_progress(self._session)
