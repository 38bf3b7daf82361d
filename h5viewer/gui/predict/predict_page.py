"""The parts of the predict panel, placed; it shows sessions and asks nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError, NotInstalled
from h5viewer.gui import theme
from h5viewer.gui.controls.column import line
from h5viewer.gui.controls.notices import Busy, EmptyState, Notice
from h5viewer.gui.controls.turning_splitter import TurningSplitter
from h5viewer.gui.node_text import document_name
from h5viewer.gui.predict.architecture_search import needs_architecture
from h5viewer.gui.predict.given import Givens
from h5viewer.gui.predict.input_side import InputSide
from h5viewer.gui.predict.predict_header import PredictHeader
from h5viewer.gui.predict.sample_item_model import SampleItemModel
from h5viewer.gui.predict.sample_table import SampleTable
from h5viewer.gui.predict.session import Session
from h5viewer.gui.predict.view_tabs import ViewTabs
from h5viewer.names import visible
from h5viewer.nodes import Diagnosis, Document, Prediction
from h5viewer.requests import Progress
from h5viewer.wording import plural
from h5viewer.workers.pool import Pool

_NARROW = 560  # pixels; below, the answer stands under the picture
_LIST = 230  # pixels of the list of several pictures, to begin with
_CHOOSE = "Choose its architecture…"


class PredictPage(QWidget):
    """Header, notices, and below them the pictures' list, the picture and its answer.

    Signals:
        made: all parts are there.
        cancelled: the user does not want to wait. retry_wanted: but wants to try again.
        status_changed(str): for the status line.
    """

    made = Signal()
    cancelled = Signal()
    retry_wanted = Signal()
    consent_wanted = Signal()
    architecture_wanted = Signal()
    insisted = Signal()
    status_changed = Signal(str)

    inputs: InputSide
    tabs: ViewTabs
    table: SampleTable

    def __init__(self, pool: Pool, panel: QWidget) -> None:
        super().__init__(panel)
        self._pool = pool
        self._documents: tuple[Document, ...] = ()
        self._action = self.retry_wanted  # what the button of the empty page does
        self._title = ""  # of the document that is loaded
        self._seen: tuple[Givens, Prediction] | None = None  # by a network that is slow to answer
        self._shown: Givens | None = None
        self._needs_architecture = False  # it is a file of weights alone
        self.header = PredictHeader()
        self.failure = Notice()
        self.warning = Notice(closable=True)
        self.samples = SampleItemModel(self)
        self._busy = Busy("Starting…")
        self._busy.cancelled.connect(self.cancelled)
        self.failure.action_requested.connect(self.retry_wanted)
        self._empty = EmptyState("image")
        self._empty.activated.connect(lambda: self._action.emit())
        self._pages = QStackedWidget()
        self._body = QSplitter(Qt.Orientation.Vertical)
        self._halves = TurningSplitter(_NARROW, beside=(350, 650), below=(300, 300))
        self._arrange(panel)

    def make(self) -> Iterator[None]:
        """Make the rest, a step a turn of the event loop."""
        self.table = SampleTable(self.samples)
        self._body.insertWidget(0, self.table)
        self.table.hide()
        yield
        self.inputs = InputSide()
        self._halves.addWidget(self.inputs)
        yield
        tabs = ViewTabs(self._pool)
        tabs.show_documents(self._documents)
        self._halves.addWidget(tabs)  # before its views are made: all at once took 30 ms
        self._halves.setStretchFactor(1, 1)
        self._halves.share()
        yield
        yield from tabs.make()
        self.tabs = tabs
        self.tabs.show_documents(self._documents)  # they may be others by now
        self.made.emit()
        yield

    # What there is to show

    def show_documents(self, documents: Sequence[Document]) -> None:
        """These files are open now."""
        self._documents = tuple(documents)
        if hasattr(self, "tabs"):
            self.tabs.show_documents(documents)

    def show_loading(self, document: Document) -> None:
        """The network is on its way."""
        self._clear_notices()
        self.header.show_network(None)
        self._needs_architecture = needs_architecture(document)
        self._title = document_name(document)
        text = f"{self._title} is loaded by TensorFlow, in a process of its own."
        self._take_focus_from(self._empty)
        self._empty.show_text("network", "Loading the network", text)
        self._pages.setCurrentWidget(self._empty)
        self._busy.set_busy(True, "Looking at the network…")

    def show_progress(self, progress: Progress) -> None:
        """How far TensorFlow and the network are."""
        self._busy.show_progress(progress)

    def show_not_loaded(self, error: H5ViewerError | None, *, can_decide: bool = False) -> None:
        """It is not there: why, or because the user stopped it."""
        self._take_focus_from(self._busy)
        self._busy.set_busy(False)
        can_choose = error is not None and self._needs_architecture and not can_decide
        self._action = self.consent_wanted if can_decide else self.retry_wanted
        if isinstance(error, NotInstalled):
            text = f"{error.message} {error.hint}"
            self._empty.show_text("network", "Nothing to run it", text, button="Try again")
            self._pages.setCurrentWidget(self._empty)
            return
        if error is not None:
            self.failure.show_error(error)
        button = "Decide anew…" if can_decide else "Load it" if error is None else "Try again"
        if can_choose:
            self._action, button = self.architecture_wanted, _CHOOSE
        self._empty.show_text(
            "network",
            "The network is not loaded",
            "Loading was stopped." if error is None else "What stands above says why.",
            button=button,
        )
        self._pages.setCurrentWidget(self._empty)

    def show_consent_needed(self, diagnosis: Diagnosis) -> None:
        """It needs the user's word."""
        self._busy.set_busy(False)
        self._action = self.consent_wanted
        needs = [finding for finding in diagnosis.findings if finding.needs]
        has_code = any(finding.needs == "code" for finding in needs)
        what = "holds Python code" if has_code else "uses layers that Keras does not have"
        self._empty.show_text(
            "code",
            "Your word is needed",
            f"{self._title} {what}. Nothing of it runs until you have decided.",
            button="Look at it and decide…",
        )
        self._pages.setCurrentWidget(self._empty)

    def show_patience_needed(self, n_layers: int) -> None:
        """It has very many layers."""
        self._busy.set_busy(False)
        self._action = self.insisted
        self._empty.show_text(
            "network",
            f"A network of {n_layers:,} layers",
            f"TensorFlow takes many minutes and much memory to load so many layers. "
            f"{self._title} can be looked at without.",
            button="Load it anyway",
        )
        self._pages.setCurrentWidget(self._empty)

    def show_architecture_needed(self) -> None:
        """It is a file of weights alone."""
        self._busy.set_busy(False)
        self._action = self.architecture_wanted
        self._empty.show_text(
            "network",
            "Weights without a network",
            f"{self._title} holds weights and no architecture, and no file beside it "
            "states the same layers. Choose the file that does: the whole model, or the JSON "
            "that was written with the weights.",
            button=_CHOOSE,
        )
        self._pages.setCurrentWidget(self._empty)

    def show_network(self, session: Session) -> None:
        """It is there."""
        self._seen = None  # another network looked
        network = session.network
        if network is None:
            return
        self._busy.set_busy(False)
        self._clear_notices()
        self.header.show_network(network, has_given_layers=needs_architecture(session.document))
        self.inputs.show_network(network, session.choice)
        if network.warnings:
            more = len(network.warnings) - 1
            first = visible(network.warnings[0], 400)
            details = "\n".join(visible(each, 1000) for each in network.warnings) if more else ""
            hint = f"{plural(more, 'more note')} under Details." if more else ""
            self.warning.show_text(first, hint=hint, severity="warning", details=details)
        self._pages.setCurrentWidget(self._body)

    def show_choice(self, session: Session) -> None:
        """Another recipe is in force."""
        self._seen = None
        if session.network is not None:
            self.inputs.show_recipe(session.network, session.choice)

    def show_names(self, session: Session) -> None:
        """Classes are called otherwise."""
        self.samples.set_names(session.names)
        self._show_sample(session)

    def show_result(self, sentence: str) -> None:
        """Something that was asked for is done."""
        self.set_busy(False)
        self.warning.show_text(sentence)

    def show_problem(self, error: H5ViewerError) -> None:
        """Something beside the answer went wrong."""
        self.set_busy(False)
        self.warning.show_error(error)

    def show_given(self, session: Session) -> None:
        """Other pictures; their answers come."""
        self.failure.clear()
        self.inputs.clear()
        self.show_list(session)
        if session.is_several:
            self.table.begin()
        self.show_one(session)

    def show_list(self, session: Session) -> None:
        """The list of several pictures."""
        if session.is_several and not self.table.isVisible():
            self._body.setSizes([_LIST, max(_LIST, self.height() - _LIST)])
        self.table.setVisible(session.is_several)
        self.table.document = session.document.path
        titles = session.titles if session.is_several else []
        self.samples.show_samples(titles, session.outcomes[: len(titles)], session.names)
        self.table.choose(session.shown)

    def show_one(self, session: Session) -> None:
        """Another picture; its answer comes."""
        self.failure.clear()
        self._name_inputs(session)
        self._show_sample(session)

    def show_seen(self, givens: Givens, seen: Prediction) -> None:
        """How pictures look to a slow network; drawn once they are the ones that are shown."""
        self._seen = (givens, seen)
        if givens == self._shown:
            self.inputs.show_prediction(seen)

    def _name_inputs(self, session: Session) -> None:
        self._shown = session.givens
        if self._seen is not None and session.prediction is None:
            self.show_seen(*self._seen)
        if session.n_inputs > 1 or session.givens is not None:
            self.inputs.show_names(session.given_names)

    def show_answer(self, session: Session) -> None:
        """The answer is there."""
        self.failure.clear()
        self.set_busy(False)
        self._name_inputs(session)
        if session.prediction is not None:
            self.inputs.show_prediction(session.prediction)
        self._show_sample(session)

    def show_failure(self, error: H5ViewerError) -> None:
        """There is no answer, and why."""
        self.set_busy(False)
        self.tabs.answer.show_none()
        self.failure.show_error(error, action="Try again")

    def show_stopped(self) -> None:
        """The user stopped it."""
        self._take_focus_from(self._busy)
        self.set_busy(False)
        self.tabs.answer.show_none()
        self.failure.show_text("Answering was stopped.", action="Answer again")

    def show_uneven(self, session: Session) -> None:
        """Inputs were given different numbers of files."""
        counts = " and ".join(str(len(given)) for _, given in sorted(session.columns.items()))
        self.warning.show_text(
            f"The inputs were given {counts} files, which do not make pairs.",
            hint="Give each input as many, or one that goes with all of the others.",
        )

    def show_too_many(self, n_inputs: int, n_left: int) -> None:
        """More was given than there are inputs."""
        self.warning.show_text(
            f"The network takes {plural(n_inputs, 'input')} at once; "
            f"{plural(n_left, 'file')} found no place.",
            hint="Drop a file onto the input that it is for.",
        )

    def set_busy(self, is_busy: bool, text: str = "Answering…") -> None:
        """It takes longer than a moment."""
        self._busy.set_busy(is_busy, text)

    def clear(self) -> None:
        """Nothing is shown."""
        self._busy.set_busy(False)
        self._clear_notices()
        self.header.show_network(None)
        if hasattr(self, "tabs"):
            self.tabs.clear()
            self.inputs.clear()
            self.samples.show_samples([], [], self.samples.names)

    # Placing

    def _show_sample(self, session: Session) -> None:
        sample = session.sample
        self.inputs.recipe_bar.allow_probe(session.givens is not None)
        if sample is not None:
            self.tabs.show_sample(sample)

    def _take_focus_from(self, part: QWidget) -> None:
        """Its button goes; else the next one outside would have the keyboard."""
        if part.isAncestorOf(self.window().focusWidget() or self):
            self.setFocus()

    def _clear_notices(self) -> None:
        self.failure.clear()
        self.warning.clear()

    def _arrange(self, panel: QWidget) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._halves.setHandleWidth(1)
        self._body.setChildrenCollapsible(False)
        self._body.setHandleWidth(1)
        self._body.addWidget(self._halves)
        self._body.setStretchFactor(1, 1)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._body)
        notices = QVBoxLayout()
        notices.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_M, theme.SPACE_S)
        notices.setSpacing(theme.SPACE_XS)
        notices.addWidget(self.failure)
        notices.addWidget(self.warning)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(notices)
        column.addWidget(self._busy)
        column.addWidget(line())
        column.addWidget(self._pages, 1)
        whole = QVBoxLayout(panel)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self)

    # Qt overrides

    def minimumSizeHint(self) -> QSize:
        """It can be made small."""
        return QSize(320, 240)
