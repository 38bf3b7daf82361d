"""The layers as a table, as a graph, or as both beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from h5viewer.gui.architecture.kept_architectures import KeptArchitecture
from h5viewer.gui.controls.tool_button import switch_button
from h5viewer.gui.graph.graph_state import Folding
from h5viewer.gui.settings import LayerView, Settings
from h5viewer.nodes import Layer
from h5viewer.workers.pool import Pool

if TYPE_CHECKING:  # 0.03 s of modules; the table is there without them
    from h5viewer.gui.graph.graph_pane import GraphPane

GRAPH_MODULE = "h5viewer.gui.graph.graph_pane"

Key = tuple[int, ...]

_NARROW = 640  # pixels; below, the graph stands under the table
_FEW = 40  # layers; so many are drawn without folding their repeats at first
_TIPS: tuple[tuple[LayerView, str, str], ...] = (
    ("table", "Table", "All in a table"),
    ("graph", "Graph", "A drawing of how they are connected"),
    ("both", "Both", "The table and beside it the drawing"),
)


class ViewChoice(QWidget):
    """Table | Graph | Both.

    Signals:
        chosen(LayerView).
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._buttons = {}
        for view, text, tip in _TIPS:
            button = self._buttons[view] = switch_button(text, tip)
            button.clicked.connect(lambda _=False, view=view: self.chosen.emit(view))
            row.addWidget(button)

    def show_choice(self, chosen: LayerView) -> None:
        """Which of them is pressed."""
        for view, button in self._buttons.items():
            button.setChecked(view == chosen)


class LayerViews(QWidget):
    """Holds the table and, from its first use on, the graph.

    Signals:
        layer_chosen(Key), layer_opened(Key), letter_typed(str), left(): as of the graph.
        wished(Kind, Key): as of the graph.
        changed(): another view is chosen.
    """

    layer_chosen = Signal(object)
    layer_opened = Signal(object)
    letter_typed = Signal(str)
    left = Signal()
    wished = Signal(str, object)
    changed = Signal()

    def __init__(
        self, pool: Pool, table: QWidget, settings: Settings, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.choice = ViewChoice()
        self._pool = pool
        self._settings = settings
        self._table = table
        self._graph: GraphPane | None = None
        self._shown: KeptArchitecture | None = None
        self._selected: Key | None = None
        self._search: tuple[Sequence[Key], bool] = ((), False)
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(table)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._splitter)
        self.choice.chosen.connect(self.turn_to)
        self.choice.show_choice(settings.layer_view)
        self._place()

    @property
    def has_graph(self) -> bool:
        """True when the graph can be seen."""
        return self._settings.layer_view != "table"

    @property
    def is_both(self) -> bool:
        """True when table and graph share the room."""
        return self._settings.layer_view == "both"

    @property
    def graph(self) -> GraphPane:
        """The graph, made when it is first needed."""
        if self._graph is None:
            graph: GraphPane = import_module(GRAPH_MODULE).GraphPane(self._pool)
            self._graph = graph
            graph.layer_chosen.connect(self.layer_chosen)
            graph.layer_opened.connect(self.layer_opened)
            graph.letter_typed.connect(self.letter_typed)
            graph.left.connect(self.left)
            graph.wished.connect(self.wished)
            graph.table_wanted.connect(lambda: self.turn_to("table"))
            self._splitter.addWidget(graph)
        return self._graph

    def turn_to(self, view: LayerView) -> None:
        """Show another view, now and from now on."""
        self._settings.layer_view = view
        self.choice.show_choice(view)
        self._place()
        if self._shown is not None:
            self.show_network(self._shown)
        self.changed.emit()

    def show_network(self, shown: KeptArchitecture) -> None:
        """A whole architecture is there."""
        self._shown = shown
        if not self.has_graph:
            if self._graph is not None:
                self._graph.leave()
            return
        if self.graph.is_showing:
            return
        if shown.graph.layout is None:
            shown.graph.folding = Folding(folds_repeats=shown.model.n_layers > _FEW)
        shown.graph.item = shown.item
        total = shown.architecture.parameters.total if shown.architecture is not None else 0

        def layer_of(key: Key) -> Layer | None:
            row = shown.model.row_of(key)
            return row.layer if row is not None else None

        self.graph.show_network(
            shown.document.path, shown.graph, layer_of, total, shown.model.nested_keys()
        )
        self.graph.search(self._search[0], searched=self._search[1])
        self.graph.select(self._selected)

    def leave(self) -> None:
        """Nothing is shown."""
        self._shown = None
        self._selected = None
        self._search = ((), False)
        if self._graph is not None:
            self._graph.leave()

    def select(self, key: Key | None) -> None:
        """The table has chosen a layer."""
        self._selected = key
        if self.has_graph:
            self.graph.select(key)

    def search(self, hits: Sequence[Key], *, searched: bool) -> None:
        """The filter has found these layers."""
        self._search = (hits, searched)
        if self.has_graph:
            self.graph.search(hits, searched=searched)

    def set_narrow(self, width: int) -> None:
        """Beside each other where there is room, else one above the other."""
        wanted = Qt.Orientation.Vertical if width < _NARROW else Qt.Orientation.Horizontal
        if self._splitter.orientation() != wanted:
            self._splitter.setOrientation(wanted)

    def focus(self) -> None:
        """Give the keyboard to what is seen."""
        if self._settings.layer_view == "graph":
            self.graph.view.setFocus()
        else:
            self._table.setFocus()

    def _place(self) -> None:
        view = self._settings.layer_view
        self._table.setVisible(view != "graph")
        if view != "table":
            self.graph.setVisible(True)
        elif self._graph is not None:
            self._graph.setVisible(False)
        if view == "both":
            self._splitter.setSizes([500, 500])
