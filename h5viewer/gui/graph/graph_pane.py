"""The graph with its buttons and its legend: asks for layouts, folds, searches, exports."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QPointF, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from h5viewer import wording
from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.altering.wishes import add_wishes
from h5viewer.gui.controls.notices import EmptyState, Notice
from h5viewer.gui.graph.graph_bar import GraphBar
from h5viewer.gui.graph.graph_export import GraphExport
from h5viewer.gui.graph.graph_scene import (
    BOX_HEIGHT,
    BOX_WIDTH,
    HEADER,
    GraphScene,
    Key,
    is_frame,
)
from h5viewer.gui.graph.graph_state import Folding, GraphState
from h5viewer.gui.graph.graph_view import GraphView
from h5viewer.gui.graph.legend import Legend
from h5viewer.gui.task import Latest
from h5viewer.names import plain
from h5viewer.nodes import GraphLayout, Layer, LayerItem
from h5viewer.requests import LayoutGraph
from h5viewer.workers.pool import Pool

_STEP = 1.25


class GraphPane(QWidget):
    """One network at a time.

    Signals:
        layer_chosen(Key): a box was chosen in the graph; of repeats the first layer.
        layer_opened(Key): Enter: its details are wanted.
        wished(Kind, Key): something is to be done with a layer.
        table_wanted(): there is no graph; the table has the layers.
        letter_typed(str), left(): as of the view.
    """

    layer_chosen = Signal(object)
    layer_opened = Signal(object)
    wished = Signal(str, object)
    table_wanted = Signal()
    letter_typed = Signal(str)
    left = Signal()

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = GraphView()
        self._bar = GraphBar()
        self._notice = Notice(closable=True)
        self._empty = EmptyState("network")
        self._legend = Legend()
        self._pages = QStackedWidget()
        self._asking = Latest(pool, self)
        self._export = GraphExport(self)
        self._path = ""
        self._total = 0
        self._layer_of: Callable[[Key], Layer | None] = lambda _: None
        self._state: GraphState | None = None
        self._nested: frozenset[Key] = frozenset()
        self._chosen: Key | None = None
        self._hits: Sequence[Key] = ()
        self._hit = -1
        self._wanted: Key | None = None  # to be brought into sight with the next layout
        self._kept: tuple[Key, bool, QPointF] | None = None  # a box and where it stands
        self._arrange()
        self._connect()

    # Which network

    def show_network(
        self,
        path: str,
        state: GraphState,
        layer_of: Callable[[Key], Layer | None],
        total: int,
        nested: frozenset[Key],
    ) -> None:
        """Draw a network; `nested` are the keys of layers that hold layers."""
        self.leave()
        self._path, self._state, self._layer_of = path, state, layer_of
        self._total, self._nested = total, nested
        if state.layout is not None and state.drawn == state.folding:
            self._show_layout(state.layout)
        else:
            self._ask()

    def leave(self) -> None:
        """Remember where the user looks, and let go."""
        self._asking.cancel()
        self._export.stop()
        if self._state is not None and self.view.scene is not None:
            self._state.centre, self._state.scale = self.view.centre, self.view.scale
        self._state = None
        self._chosen, self._hits, self._hit, self._wanted, self._kept = None, (), -1, None, None
        self._notice.clear()
        self._show_scene(None)
        self._bar.found.set_text("")

    @property
    def _item(self) -> LayerItem:
        return self._state.item if self._state is not None else "layer"

    @property
    def is_showing(self) -> bool:
        """True from `show_network` to `leave`."""
        return self._state is not None

    # Choosing and searching

    def select(self, key: Key | None) -> None:
        """Mark the box of a layer, without telling anyone."""
        self._chosen = key
        scene = self.view.scene
        if scene is not None:
            self.view.select(scene.box_of(key) if key is not None else None)

    def search(self, hits: Sequence[Key], *, searched: bool) -> None:
        """Mark what was found; `searched` False: nobody searches."""
        self._hits, self._hit = hits, -1
        self._mark_hits()
        self._look_at_hits()
        self._bar.found.set_text(self._found_text() if searched else "")

    def go_to_hit(self, backwards: bool = False) -> None:
        """Jump to the next one, unfolding what hides it."""
        if not self._hits:
            return
        step = -1 if backwards else 1
        self._hit = (self._hit + step) % len(self._hits) if self._hit >= 0 else -backwards
        self._hit %= len(self._hits)
        self._bar.found.set_text(self._found_text())
        self.reveal(self._hits[self._hit])

    def reveal(self, key: Key) -> None:
        """Choose a layer, unfolding what hides it."""
        scene, state = self.view.scene, self._state
        if scene is None or state is None:
            return
        number = scene.box_of(key)
        if number is None:
            return
        box = scene.boxes[number]
        if box.key == key and box.kind in ("layer", "network"):
            self._choose(number)
            return
        above = frozenset(key[:length] for length in range(1, len(key))) & self._nested
        folding = state.folding.with_unfolded(above)
        if box.kind == "repeats":
            folding = Folding(folding.unfolded, folding.opened | {box.key}, folding.folds_repeats)
        if folding == state.folding:  # nothing is left to unfold
            self._choose(number)
            return
        self._wanted = key
        self._fold(folding)

    def _choose(self, number: int) -> None:
        scene = self.view.scene
        if scene is not None:
            self._chosen = scene.boxes[number].key
            self.view.select(number)
            self.layer_chosen.emit(self._chosen)

    def _mark_hits(self) -> None:
        scene = self.view.scene
        if scene is not None:
            boxes = {scene.box_of(key) for key in self._hits[:500]}
            self.view.mark_hits([number for number in boxes if number is not None])

    def _look_at_hits(self) -> None:
        """Move to the first of them unless one is in sight."""
        scene = self.view.scene
        if scene is None or not self._hits:
            return
        seen = self.view.seen()
        numbers = (scene.box_of(key) for key in self._hits[:500])
        boxes = [number for number in numbers if number is not None]
        if boxes and not any(seen.contains(scene.header(number)) for number in boxes):
            self.view.reveal(boxes[0])

    def _found_text(self) -> str:
        if self._hit >= 0:
            return f"{self._hit + 1:,} of {len(self._hits):,}"
        item = self._item
        found = wording.plural(len(self._hits), item)
        goes = "chooses it" if len(self._hits) == 1 else "goes to the next"
        return f"{found}; Enter {goes}" if self._hits else f"No {item} found"

    # Folding

    def _toggle(self, number: int) -> None:
        scene, state = self.view.scene, self._state
        if scene is None or state is None or not scene.can_fold(number):
            return
        box = scene.boxes[number]
        spot = self.view.to_view(scene.header(number).center())
        self._kept = (box.key, box.kind in ("repeats", "unfolded repeats"), spot)
        self._fold(state.folding.toggled(box))

    def _fold_all(self, unfolded: bool) -> None:
        if self._state is not None:
            keys = self._nested if unfolded else frozenset()
            folds = self._state.folding.folds_repeats
            self._state.centre = None
            self._fold(Folding(keys, frozenset(), folds))

    def _fold_repeats(self, folds: bool) -> None:
        if self._state is not None:
            self._state.centre = None
            self._fold(Folding(self._state.folding.unfolded, frozenset(), folds))

    def _fold(self, folding: Folding) -> None:
        if self._state is not None:
            self._state.folding = folding
            self._ask()

    # Layouts

    def _ask(self) -> None:
        assert self._state is not None
        folding = self._state.folding
        self._asking.ask(
            LayoutGraph(
                document=self._path,
                unfolded=tuple(sorted(folding.unfolded)),
                opened=tuple(sorted(folding.opened)),
                folds_repeats=folding.folds_repeats,
                width=BOX_WIDTH,
                height=BOX_HEIGHT,
                header=HEADER,
            ),
            self._take,
            on_failure=self._fail,
            on_progress=self._bar.busy.show_progress,
        )

    def _take(self, layout: GraphLayout) -> None:
        state = self._state
        if state is None:
            return
        if layout.reason and state.layout is not None and not state.layout.reason:
            state.folding = state.drawn
            self._wanted = self._kept = None
            self._notice.show_text(f"{layout.reason} It stays folded.")
            self._say_choices(state.layout)
            return
        is_first = state.layout is None
        if not is_first and state.centre is not None:
            state.centre, state.scale = self.view.centre, self.view.scale
        state.layout, state.drawn = layout, state.folding
        self._show_layout(layout)

    def _show_layout(self, layout: GraphLayout) -> None:
        assert self._state is not None
        self._notice.clear()
        if layout.reason:
            self._show_scene(None)
            self._say_no_graph(layout.reason)
            return
        if layout.note:
            self._notice.show_text(layout.note, severity="note")
        scene = GraphScene(layout, self._layer_of, self._total)
        self._show_scene(scene)
        self._say_choices(layout)
        self._look()
        self._mark_hits()
        if self._wanted is not None:
            key, self._wanted = self._wanted, None
            self.reveal(key)
        elif self._chosen is not None:
            number = scene.box_of(self._chosen)
            self.view.select(number, reveal=False)

    def _look(self) -> None:
        """Where the user was; what was folded stays under the mouse."""
        state, scene = self._state, self.view.scene
        if state is None or scene is None:
            return
        if state.centre is None:
            self.view.show_start()
        else:
            self.view.look_at(state.centre, state.scale)
        kept, self._kept = self._kept, None
        number = None if kept is None else scene.box_like(kept[0], kept[1])
        if kept is not None and number is not None:
            offset = self.view.to_view(scene.header(number).center()) - kept[2]
            self.view.look_at(self.view.centre + offset / self.view.scale, self.view.scale)
        state.centre, state.scale = self.view.centre, self.view.scale

    def _fail(self, error: H5ViewerError) -> None:
        """The worker is gone, most likely because a hard graph took it too long."""
        if self.view.scene is not None and self._state is not None:
            self._state.folding = self._state.drawn
            self._notice.show_error(error)
            return
        self._say_no_graph(error.message)

    def _say_no_graph(self, why: str) -> None:
        self._empty.show_text(
            "network",
            "No graph",
            f"{why} The table shows all {self._item}s.",
            button="Show the table",
        )

    def _show_scene(self, scene: GraphScene | None) -> None:
        self.view.show_scene(scene)
        self._legend.show_scene(scene)
        self._bar.set_ready(scene is not None)
        self._pages.setCurrentWidget(self.view if scene is not None else self._empty)
        if scene is None:
            self._empty.show_text("network", "", "")
            self._bar.show_choices(repeats=False, folds=True, nested=False)

    def _say_choices(self, layout: GraphLayout) -> None:
        folds = self._state is None or self._state.folding.folds_repeats
        self._bar.show_choices(repeats=layout.has_repeats, folds=folds, nested=bool(self._nested))

    # Menu and export

    def menu_of(self, number: int | None) -> QMenu:
        """What can be done with a box; None: with the graph."""
        menu = QMenu(self)
        scene = self.view.scene
        layer = scene.layer(number) if scene is not None and number is not None else None
        if scene is not None and number is not None and layer is not None:
            key = scene.boxes[number].key
            copy = menu.addAction(theme.icon("copy"), "Copy name")
            clipboard = QGuiApplication.clipboard()
            copy.triggered.connect(lambda: clipboard.setText(plain(layer.name)))
            show = menu.addAction(theme.icon("weights"), "Show weights")
            show.triggered.connect(lambda: self.layer_opened.emit(key))
            zoom = menu.addAction(theme.icon("zoom-in"), "Zoom to it")
            zoom.triggered.connect(lambda: self.view.look_at(scene.rects[number].center(), 1.0))
            if scene.can_fold(number):
                word = "Fold" if is_frame(scene.boxes[number]) else "Unfold"
                icon = theme.icon("collapse" if word == "Fold" else "expand")
                menu.addAction(icon, word).triggered.connect(lambda: self._toggle(number))
            add_wishes(menu, [layer], lambda kind: self.wished.emit(kind, key), self._item)
            menu.addSeparator()
        menu.addAction(theme.icon("fit"), "Show the whole graph").triggered.connect(self.view.fit)
        return menu

    def _show_menu(self, number: int | None, spot: QPoint) -> None:
        menu = self.menu_of(number)
        menu.exec(spot)
        menu.deleteLater()

    def _save(self, kind: str) -> None:
        if self.view.scene is not None:
            self._export.begin(kind, self.view.scene, self._path)

    # Building

    def _connect(self) -> None:
        self._asking.busy_changed.connect(self._bar.busy.set_busy)
        self._bar.busy.cancelled.connect(self._asking.cancel)
        self._bar.zoom_wanted.connect(lambda more: self.view.zoom(_STEP if more else 1 / _STEP))
        self._bar.fit_wanted.connect(self.view.fit)
        self._bar.unfold_wanted.connect(self._fold_all)
        self._bar.repeats_chosen.connect(self._fold_repeats)
        self._bar.export_wanted.connect(self._save)
        self._export.done.connect(self._notice.show_text)
        self._export.failed.connect(self._notice.show_error)
        self._empty.activated.connect(self.table_wanted)
        self.view.box_chosen.connect(self._choose)
        self.view.fold_wanted.connect(self._toggle)
        self.view.menu_wanted.connect(self._show_menu)
        self.view.activated.connect(self._open)
        self.view.letter_typed.connect(self.letter_typed)
        self.view.left.connect(self.left)

    def _open(self, number: int) -> None:
        if self.view.scene is not None:
            self.layer_opened.emit(self.view.scene.boxes[number].key)

    def _arrange(self) -> None:
        self._pages.addWidget(self.view)
        self._pages.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self._notice)
        column.addWidget(self._pages, 1)
        column.addWidget(self._legend)
        self._show_scene(None)
