"""The Weight panel: what a dataset is to the network, and the views that fit it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QStackedLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import Busy, EmptyState, Notice, PlainLabel
from h5viewer.gui.meaning.distribution_view import DistributionView
from h5viewer.gui.meaning.embedding_view import EmbeddingView
from h5viewer.gui.meaning.filters_view import FiltersView
from h5viewer.gui.meaning.norms_view import NormsView
from h5viewer.gui.meaning.order_view import OrderView
from h5viewer.gui.meaning.parts_view import PartsView, StateView
from h5viewer.gui.meaning.singular_view import SingularView
from h5viewer.gui.meaning.weight_view import WeightView
from h5viewer.gui.panel import Panel
from h5viewer.gui.selection import Selection
from h5viewer.gui.task import Latest
from h5viewer.names import NodePath, visible
from h5viewer.nodes import WeightMeaning
from h5viewer.requests import Cut, ReadMeaning
from h5viewer.workers.pool import Pool

_DISTRIBUTION = "distribution"
_VIEWS: dict[str, tuple[str, str, Callable[[Pool], WeightView]]] = {
    "filters": ("Filters", "Each filter as a small picture", FiltersView),
    "gates": ("Gates", "Each gate of the recurrent layer by itself", PartsView),
    "heads": ("Heads", "Each attention head by itself", PartsView),
    "rows": ("Embedding", "Rows on two axes, and the most similar ones", EmbeddingView),
    "order": ("Matrix", "The matrix with similar rows and columns together", OrderView),
    "norms": ("Norms", "How large each output is; dead ones stand out", NormsView),
    "singular": ("Singular values", "How many directions the weight uses", SingularView),
    _DISTRIBUTION: ("Distribution", "Histogram, with the initializer's on top", DistributionView),
    "state": ("Optimizer", "What the optimizer keeps for this weight", StateView),
}
"""Title, tooltip and class of each view, in the order of the tabs."""


class WeightPanel(Panel):
    """Asks what the dataset is, then offers the views that fit; each is made when first shown."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._asking = Latest(pool, self)
        self._selection: Selection | None = None
        self._meaning: WeightMeaning | None = None
        self._keys: list[str] = []
        self._views: dict[str, WeightView] = {}
        self._wanted = ""  # the view the user chose last
        self._title, self._meant = PlainLabel(), PlainLabel(role="muted", wrap=True)
        self._title.setFont(theme.scaled_font(1.2, QFont.Weight.DemiBold))
        self._notes = PlainLabel(wrap=True)
        self._tabs = QTabBar()
        self._tabs.setAccessibleName("Views of the weight")
        self._tabs.setExpanding(False)
        self._bodies = QStackedWidget()
        self._empty = EmptyState("weights")
        self._failure = Notice()
        self._busy = Busy("Looking up the weight…")
        self._arrange()
        self._asking.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._asking.cancel)
        self._failure.action_requested.connect(self._again)
        self._tabs.currentChanged.connect(self._show_view)
        self._tabs.tabBarClicked.connect(self._remember)
        self.clear()

    # Panel

    def show_selection(self, selection: Selection) -> None:
        """Ask what the dataset is."""
        self.clear()
        self._selection = selection
        request = ReadMeaning(document=selection.document.path, node=selection.node.path)
        self._asking.ask(
            request, self._take, on_failure=self._fail, on_progress=self._busy.show_progress
        )

    def clear(self) -> None:
        """Forget the selection: stop asking, free data."""
        self._asking.cancel()
        self._selection = self._meaning = None
        for view in self._views.values():
            view.clear()
        self._failure.clear()
        self.status_changed.emit("")
        self._head.hide()
        self._stack.setCurrentWidget(self._body)

    def prepare(self) -> Iterator[None]:
        """Make the views, each in a turn of its own."""
        for key in _VIEWS:
            self._view(key)
            yield

    # Showing

    def _take(self, meaning: WeightMeaning) -> None:
        self._meaning = meaning
        if not meaning.layer and meaning.slot is None:
            self._refuse(meaning)
            return
        self._describe(meaning)
        keys = [key for key in _VIEWS if key in meaning.views or key == _DISTRIBUTION]
        wanted = self._wanted if self._wanted in keys else keys[0]
        self._tabs.blockSignals(True)
        while self._tabs.count():
            self._tabs.removeTab(0)
        self._keys = keys
        for key in keys:
            title, tooltip, _ = _VIEWS[key]
            self._tabs.setTabToolTip(self._tabs.addTab(title), tooltip)
        self._tabs.setCurrentIndex(keys.index(wanted))
        self._tabs.blockSignals(False)
        self._head.show()
        self._bodies.show()
        self._show_view(self._tabs.currentIndex())

    def _describe(self, meaning: WeightMeaning) -> None:
        title = meaning.title or "Weight"
        if meaning.layer:
            of = f"of {visible(meaning.layer, 80)}"
            kind = f" ({visible(meaning.class_name, 60)})" if meaning.class_name else ""
            title = f"{title} {of}{kind}"
        self._title.set_text(title)
        parts = [meaning.meaning[:1].upper() + meaning.meaning[1:]] if meaning.meaning else []
        shape = " × ".join(str(length) for length in meaning.shape)
        parts.append(f"{shape}: {', '.join(meaning.axes)}" if meaning.axes else shape)
        self._meant.set_text(". ".join(parts))
        self._notes.set_text(" ".join(meaning.notes))
        self._notes.setVisible(bool(meaning.notes))

    def _refuse(self, meaning: WeightMeaning) -> None:
        text = " ".join(meaning.notes) or (
            "No layer of the network names this dataset. Array and Values show its numbers."
        )
        title = "Not matched" if meaning.notes else "No weight of a layer"
        self._empty.show_text("weights", title, text)
        self._stack.setCurrentWidget(self._empty)

    def _show_view(self, index: int) -> None:
        selection, meaning = self._selection, self._meaning
        if selection is None or meaning is None or not 0 <= index < len(self._keys):
            return
        view = self._view(self._keys[index])
        for other in self._views.values():
            if other is not view and other.meaning is not None:
                other.clear()
        self._bodies.setCurrentWidget(view)
        if view.meaning is not meaning:
            view.show_weight(selection.document.path, meaning)

    def _view(self, key: str) -> WeightView:
        if key not in self._views:
            view = self._views[key] = _VIEWS[key][2](self.pool)
            view.pointed.connect(self.status_changed)
            view.cut_wanted.connect(self._go)
            self._bodies.addWidget(view)
        return self._views[key]

    def _remember(self, index: int) -> None:
        if 0 <= index < len(self._keys):
            self._wanted = self._keys[index]

    def _go(self, path: NodePath, cut: Cut | None) -> None:
        """To a part of this dataset in the Array panel, or to another dataset."""
        selection = self._selection
        if selection is None:
            return
        if path != selection.node.path:
            self.node_requested.emit(selection.document.path, path, ())
            return
        if cut is not None:
            selection.view.cut = cut
        self.panel_requested.emit("Array")

    def _fail(self, error: H5ViewerError) -> None:
        self._failure.show_error(error, action="Try again")

    def _again(self) -> None:
        if self._selection is not None:
            self.show_selection(self._selection)

    def _arrange(self) -> None:
        self._head = QWidget()
        head = QVBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(2)
        for part in (self._title, self._meant, self._notes):
            head.addWidget(part)
        head.addSpacing(theme.SPACE_XS)
        head.addWidget(self._tabs)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_M)
        body.setSpacing(theme.SPACE_S)
        body.addWidget(self._head)
        body.addWidget(self._failure)
        body.addWidget(self._busy)
        body.addWidget(self._bodies, 1)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._body)
        self._stack.addWidget(self._empty)
