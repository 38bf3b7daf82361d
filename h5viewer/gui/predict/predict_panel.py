"""The predict panel: give the network a picture, see what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.evaluation import Samples
from h5viewer.gui.errand import Errand
from h5viewer.gui.panel import Panel
from h5viewer.gui.predict import clipboard
from h5viewer.gui.predict.answering import Answering, Feeds, Question
from h5viewer.gui.predict.choices import Choices
from h5viewer.gui.predict.consenting import Consenting
from h5viewer.gui.predict.file_choices import choose_architecture, choose_pictures, row_dialog
from h5viewer.gui.predict.given import Given, Givens, files
from h5viewer.gui.predict.network_loading import NetworkLoading
from h5viewer.gui.predict.predict_page import PredictPage
from h5viewer.gui.predict.remembered import Remembered
from h5viewer.gui.predict.repaired_copy import RepairedCopy
from h5viewer.gui.predict.repairs_dialog import RepairsDialog
from h5viewer.gui.predict.session import Session, Sessions
from h5viewer.gui.predict.several import Several
from h5viewer.gui.selection import Selection
from h5viewer.gui.settings import Settings
from h5viewer.nodes import Document, LoadedNetwork, Prediction, Recipe
from h5viewer.requests import Consent
from h5viewer.workers.pool import Pool

_SHOWN_SOON = 250
"""Milliseconds after which what was given is shown without its answer: drawing that costs the
network as much of the processor as a small one takes for its answer."""


class PredictPanel(Panel):
    """Loads the network when it is first shown for a document, then answers."""

    def __init__(
        self, pool: Pool, parent: QWidget | None = None, settings: Settings | None = None
    ) -> None:
        super().__init__(pool, parent)
        self._remembered = Remembered(settings or Settings())
        self._kept = Sessions()
        self._session: Session | None = None
        self._documents: Sequence[Document] = ()
        self._loading = NetworkLoading(pool, self._remembered, self)
        self._choices = Choices(pool, self._remembered, self)
        self._answering = Answering(pool, self)
        self._consenting = Consenting(pool, self)
        self._copy = RepairedCopy(pool, self)
        self._page = PredictPage(pool, self)
        self._several = Several(pool, self._page)
        self._shown_soon = QTimer(self, singleShot=True, interval=_SHOWN_SOON)
        self._connect()

    # Panel

    def show_selection(self, selection: Selection) -> None:
        """Come back to where the user was with this document, or load its network."""
        self._stop()
        session = self._session = self._kept.of(selection.document)
        if session.network is None:
            self._load()
        else:
            self._page.show_network(session)
            self._show_given(session)

    def take_pictures(self, paths: Sequence[str]) -> None:
        """Give these to the network of the document that is shown."""
        self.give(files(paths))

    def expect_picture(self, path: str) -> None:
        """Have the answer to it ready: a quick network gives it before the user lets go."""
        session = self._session
        is_free = not self._answering.is_waiting and not self._several.is_running
        if session is not None and session.is_quick and is_free:
            self._answering.expect(_question(session, tuple(files([path]))))

    def show_documents(self, documents: Sequence[Document], partners: dict[str, str]) -> None:
        """Their datasets may be what the network is evaluated on."""
        del partners
        self._documents = documents
        self._kept.forget_others({document.path for document in documents})
        self._page.show_documents(documents)

    def show_layer(self, key: tuple[int, ...]) -> None:
        """Show what this layer makes of the picture."""
        self._page.tabs.show_layer(key)

    def evaluate_on(self, samples: Samples) -> None:
        """Evaluate the network on these, as soon as it is there."""
        if self._session is not None:
            self._page.tabs.evaluate_on(samples)

    def clear(self) -> None:
        """Stop what is under way; the session of the document is kept."""
        self._stop()
        self._session = None
        self._page.clear()
        self.status_changed.emit("")

    def prepare(self) -> Iterator[None]:
        """Make the page in steps."""
        yield from self._page.make()

    # Loading

    def _load(self) -> None:
        if self._session is not None:
            self._consenting.cancel()
            self._page.show_loading(self._session.document)
            self._loading.begin(self._session.document)

    def _take_network(self, network: LoadedNetwork) -> None:
        session = self._session
        if session is None:
            return
        session.network, session.consent = network, self._loading.consent
        self._remembered.keep_consent(session.consent)  # not before: it leads somewhere
        self._choices.begin(session, network)
        self._page.show_network(session)
        self._page.show_given(session)
        waiting, session.waiting = session.waiting, []
        if waiting:
            self.give(waiting)
        if session.wants_copy:
            self.save_repaired()

    def _insist(self) -> None:
        if self._session is not None:
            self._page.show_loading(self._session.document)
            self._loading.insist()

    def _choose_architecture(self) -> None:
        session = self._session
        path = choose_architecture(self, session.document.path) if session is not None else ""
        if path:
            self.use_architecture(path)

    def use_architecture(self, path: str) -> None:
        """Load the weights that are shown into the network that this file states."""
        session = self._session
        if session is not None:
            session.network, session.prediction = None, None
            self._consenting.cancel()
            self._page.show_loading(session.document)
            self._loading.use_architecture(path)

    def _take_consent(self, consent: Consent) -> None:
        if self._session is not None:
            self._page.show_loading(self._session.document)
            self._loading.load(consent)

    def save_repaired(self) -> None:
        """Save the network as plain Keras loads it, as soon as it is there."""
        session = self._session
        if session is not None:
            session.wants_copy = session.network is None
            if not session.wants_copy:
                self._copy.ask_for_target(session.document.path, session.consent)

    def _cancel(self) -> None:
        """The user does not want to wait."""
        if self._loading.is_waiting:
            self._loading.cancel()
            self._page.show_not_loaded(None)
        elif self._copy.is_running:
            self._copy.cancel()
            self._page.show_result("The repaired copy was not saved.")
        else:
            self._answering.cancel()
            self._page.show_stopped()

    # Giving

    def paste(self) -> None:
        """Answer to the picture in the clipboard, or to the files that were copied."""
        taken = clipboard.take(self)
        if isinstance(taken, Errand):
            taken.done.connect(lambda givens: self.give(givens))
            taken.failed.connect(self._page.show_problem)
        else:
            self._page.show_problem(taken)

    def _choose_files(self, at: int | None = None) -> None:
        self.give(files(choose_pictures(self)), at)

    def _choose_row(self, at: int) -> None:
        dialog = self._session and row_dialog(self.pool, self._documents, self._session, at, self)
        if dialog:
            dialog.given.connect(lambda given: self.give([given], at))
            dialog.open()

    def give(self, givens: Sequence[Given], at: int | None = None) -> None:
        """Answer to these; `at`: the one of several inputs that they are for."""
        session = self._session
        if session is None or not givens:
            return
        if session.network is None:
            session.waiting = list(givens)
            return
        self._page.tabs.leave_what_shows_no_sample()
        self._answering.cancel()
        self._several.stop()
        n_left = session.take(list(givens), at)
        if session.is_several or session.givens is None:
            self._show_given(session)
        else:  # mostly the answer is there before one sees that it is awaited
            self._shown_soon.start()
        self._ask_again()
        if session.is_uneven:
            self._page.show_uneven(session)
        elif n_left:
            self._page.show_too_many(session.n_inputs, n_left)

    def _ask_again(self, *, probe: bool = False) -> None:
        """Answer to what is given, by the recipe in force."""
        session = self._session
        if session is None or session.network is None or session.givens is None:
            return
        self._page.failure.clear()
        if session.is_several and not probe:
            self._several.start(session)
        else:
            self._ask_shown(probe=probe)

    def _ask_shown(self, *, probe: bool = False) -> None:
        session = self._session
        if session is None or session.givens is None:
            return
        asked = _question(session, session.givens)
        self._answering.ask(replace(asked, feeds=session.feeds, probe=probe))

    def _take_answer(self, question: Question, feeds: Feeds, prediction: Prediction) -> None:
        session = self._session
        if session is not None and question.givens == session.givens:
            session.feeds, session.prediction = feeds, prediction
            self._shown_soon.stop()
            self._page.show_list(session)
            self._page.show_answer(session)

    def _fail(self, _: Question, error: H5ViewerError) -> None:
        if self._session is not None and self._shown_soon.isActive():
            self._show_given(self._session)
        self._page.show_failure(error)

    # Several pictures

    def _take_of_several(self, at: int, feeds: Feeds, prediction: Prediction) -> None:
        session = self._session
        if session is not None and at == session.shown and session.prediction is None:
            session.feeds, session.prediction = feeds, prediction
            self._page.show_answer(session)

    def _fail_of_several(self, at: int, error: H5ViewerError) -> None:
        if self._session is not None and at == self._session.shown:
            self._page.show_failure(error)

    def _show_one(self, at: int) -> None:
        """The user looks at another picture of the list."""
        session = self._session
        if session is None or at == session.shown or at >= len(session.samples):
            return
        session.shown, session.feeds, session.prediction = at, (), None
        outcome = session.outcomes[at]
        self._page.show_one(session)
        if outcome is not None and outcome.error is not None:
            self._answering.cancel()
            self._page.show_failure(outcome.error)
        elif outcome is not None or not self._several.is_running:
            self._ask_shown()

    # Choosing

    def _choose_recipe(self, recipe: Recipe) -> None:
        self._call(lambda session: self._choices.choose_recipe(session, recipe))

    def _use_recipe(self, session: Session) -> None:
        """Another recipe is in force: all answers anew."""
        if session is not self._session:
            return
        self._page.show_choice(session)
        self._several.stop()
        session.forget_answers()
        self._page.show_list(session)
        self._ask_again()

    def _use_names(self, session: Session) -> None:
        if session is self._session:
            self._page.show_names(session)

    def _name_class(self, count: int, index: int, name: str) -> None:
        self._call(lambda session: self._choices.name_class(session, count, index, name))

    def _call(self, choose: Callable[[Session], None]) -> None:
        """Something of the menu, for the session that is shown."""
        if self._session is not None and self._session.network is not None:
            choose(self._session)

    # Showing

    def _show_given(self, session: Session) -> None:
        self._shown_soon.stop()
        self._page.show_given(session)
        if session.prediction is not None:
            self._page.show_answer(session)
        if session.is_several:
            self._several.show_progress(session)

    def _stop(self) -> None:
        self._shown_soon.stop()
        self._loading.cancel()
        self._choices.cancel()
        self._answering.forget()
        self._several.stop()
        self._consenting.cancel()
        self._copy.cancel()

    # Building

    def _connect(self) -> None:
        page = self._page
        self._shown_soon.timeout.connect(lambda: self._call(self._show_given))
        self._loading.loaded.connect(self._take_network)
        self._loading.failed.connect(
            lambda error: page.show_not_loaded(error, can_decide=self._consenting.is_needed)
        )
        self._loading.needs_found.connect(self._consenting.begin)
        self._loading.consent_wanted.connect(page.show_consent_needed)
        self._loading.progressed.connect(page.show_progress)
        self._loading.architecture_wanted.connect(page.show_architecture_needed)
        self._loading.patience_wanted.connect(page.show_patience_needed)
        page.insisted.connect(self._insist)
        self._answering.seen.connect(lambda question, seen: page.show_seen(question.givens, seen))
        self._answering.answered.connect(self._take_answer)
        self._answering.failed.connect(self._fail)
        self._answering.progressed.connect(page.show_progress)
        self._answering.busy_changed.connect(page.set_busy)
        self._several.answered.connect(self._take_of_several)
        self._several.failed.connect(self._fail_of_several)
        self._choices.recipe_changed.connect(self._use_recipe)
        self._choices.names_changed.connect(self._use_names)
        for part in (self._choices, self._copy, self._consenting):
            part.failed.connect(page.show_problem)
        self._choices.told.connect(self.status_changed)
        header = page.header
        header.choose_wanted.connect(self._choose_files)
        header.repairs_wanted.connect(
            lambda: self._call(lambda session: RepairsDialog(session.findings, self).open())
        )
        header.names_wanted.connect(lambda: self._call(self._choices.open_names))
        header.names_file_wanted.connect(lambda: self._call(self._choices.choose_names_file))
        header.architecture_wanted.connect(self._choose_architecture)
        page.architecture_wanted.connect(self._choose_architecture)
        header.names_folder_wanted.connect(lambda: self._call(self._choices.choose_names_folder))
        header.save_wanted.connect(lambda: self._call(self._choices.save))
        self._copy.began.connect(lambda: page.set_busy(True, "Repairing…"))
        self._copy.saved.connect(page.show_result)
        self._copy.progressed.connect(page.show_progress)
        self._consenting.consent_given.connect(self._take_consent)
        page.consent_wanted.connect(self._consenting.open_dialog)
        page.cancelled.connect(self._cancel)
        page.retry_wanted.connect(self._retry)
        page.made.connect(self._connect_parts)
        page.status_changed.connect(self.status_changed)

    def _connect_parts(self) -> None:
        """The parts of the page that are made later."""
        page = self._page
        page.table.sample_chosen.connect(self._show_one)
        page.table.stop_wanted.connect(self._several.stop)
        page.table.saved.connect(self.status_changed)
        page.table.failed.connect(page.show_problem)
        page.inputs.recipe_bar.recipe_chosen.connect(self._choose_recipe)
        page.inputs.recipe_bar.probe_wanted.connect(lambda: self._ask_again(probe=True))
        page.inputs.recipe_bar.save_wanted.connect(lambda: self._call(self._choices.save))
        page.inputs.files_dropped.connect(lambda at, paths: self.give(files(paths), at))
        page.inputs.choose_wanted.connect(self._choose_files)
        page.inputs.row_wanted.connect(self._choose_row)
        page.tabs.answer.recipe_chosen.connect(self._choose_recipe)
        page.tabs.answer.named.connect(self._name_class)
        page.tabs.status_changed.connect(self.status_changed)
        page.tabs.given.connect(lambda given: self.give([given]))
        page.tabs.pictures_requested.connect(self.pictures_requested)

    def _retry(self) -> None:
        session = self._session
        if session is not None and session.network is None:
            self._load()
        else:
            self._ask_again()


def _question(session: Session, givens: Givens) -> Question:
    """What its network says of these, by the recipe in force."""
    return Question(session.document.path, session.consent, givens, session.choice.recipe)
