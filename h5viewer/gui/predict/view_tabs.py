"""The tabs beside the picture: views of the table VIEWS, each made when first shown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QTabBar, QVBoxLayout, QWidget

from h5viewer.evaluation import Samples
from h5viewer.gui import theme
from h5viewer.gui.predict import (  # noqa: F401  # with the panel, in the thread that imports it
    evaluate_view,
    layers_view,
    why_view,
)
from h5viewer.gui.predict.answer_view import AnswerView
from h5viewer.gui.predict.predict_view import VIEWS, PredictView, ViewKind
from h5viewer.gui.predict.sample import Sample
from h5viewer.nodes import Document
from h5viewer.workers.pool import Pool


class ViewTabs(QWidget):
    """Shows the newest sample in the chosen view.

    Signals:
        status_changed(str), given(Given), pictures_requested(…): those of the views.
    """

    status_changed = Signal(str)
    given = Signal(object)
    pictures_requested = Signal(str, object, object, str)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._sample: Sample | None = None
        self._documents: tuple[Document, ...] = ()
        self._kinds = VIEWS
        self._views: dict[str, PredictView] = {}
        self._told: dict[str, Sample] = {}  # what each view was given last
        self.answer = AnswerView(pool)
        self._tabs = QTabBar()
        self._tabs.setAccessibleName("Views of the answer")
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        self._stack = QStackedWidget()
        for kind in self._kinds:
            self._tabs.setTabToolTip(self._tabs.addTab(kind.title), kind.tooltip)
        self._tabs.setVisible(len(self._kinds) > 1)
        self._keep(self._kinds[0], self.answer)
        tabs = QVBoxLayout()
        tabs.setContentsMargins(theme.SPACE_S, 0, theme.SPACE_S, 0)
        tabs.addWidget(self._tabs)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(tabs)
        column.addWidget(self._stack, 1)
        self._tabs.currentChanged.connect(lambda _: self._show())

    def make(self) -> Iterator[None]:
        """Make all views, a step a turn: the first showing of one is to take no longer."""
        for kind in self._kinds:
            if kind.title not in self._views:
                view = kind.create(self._pool)
                yield
                yield from view.prepare()
                self._keep(kind, view)
                yield

    @property
    def current(self) -> PredictView | None:
        """The view that is shown."""
        return self._views.get(self._kinds[self._tabs.currentIndex()].title)

    def show_sample(self, sample: Sample) -> None:
        """Show this in the view that is chosen, and in others when they are."""
        self._sample = sample
        self._show()

    def show_layer(self, key: tuple[int, ...]) -> None:
        """Go to the view of what layers make of the picture."""
        for at, kind in enumerate(self._kinds):
            if kind.shows_layers:
                self._view(kind).show_layer(key)
                self._tabs.setCurrentIndex(at)

    def evaluate_on(self, samples: Samples) -> None:
        """Go to the view that says how good the network is."""
        for at, kind in enumerate(self._kinds):
            if kind.evaluates:
                self._view(kind).evaluate_on(samples)
                self._tabs.setCurrentIndex(at)

    def leave_what_shows_no_sample(self) -> None:
        """Something else was given: go where that is seen."""
        if not self._kinds[self._tabs.currentIndex()].shows_sample:
            self._tabs.setCurrentIndex(0)

    def show_documents(self, documents: Sequence[Document]) -> None:
        """These files are open now."""
        self._documents = tuple(documents)
        for view in self._views.values():
            view.show_documents(documents)

    def clear(self) -> None:
        """There is no network."""
        self._sample = None
        self._told.clear()
        for view in self._views.values():
            view.clear()

    def _show(self) -> None:
        kind = self._kinds[self._tabs.currentIndex()]
        view = self._view(kind)
        shown = self._stack.currentWidget()
        if shown is not view:
            for title, other in self._views.items():
                if other is shown and other is not self.answer:
                    other.clear()
                    self._told.pop(title, None)
            self._stack.setCurrentWidget(view)
        if self._sample is not None and self._told.get(kind.title) is not self._sample:
            self._told[kind.title] = self._sample
            view.show_sample(self._sample)

    def _view(self, kind: ViewKind) -> PredictView:
        if kind.title not in self._views:
            view = kind.create(self._pool)
            for _ in view.prepare():
                pass
            self._keep(kind, view)
        return self._views[kind.title]

    def _keep(self, kind: ViewKind, view: PredictView) -> None:
        self._views[kind.title] = view
        view.status_changed.connect(self.status_changed)
        view.given.connect(self._give)
        view.pictures_requested.connect(self.pictures_requested)
        view.show_documents(self._documents)
        self._stack.addWidget(view)

    def _give(self, given: object) -> None:
        """What the network answers to it is seen in the first view."""
        self._tabs.setCurrentIndex(0)
        self.given.emit(given)
