"""The network a file declares: layers as a table, one layer in detail, totals."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.altering.wishes import Kind, Wish
from h5viewer.gui.architecture import training_words
from h5viewer.gui.architecture.architecture_header import ArchitectureHeader, is_bare
from h5viewer.gui.architecture.axis_meanings import axis_meanings
from h5viewer.gui.architecture.kept_architectures import KeptArchitecture, KeptArchitectures
from h5viewer.gui.architecture.layer_bar import LayerBar
from h5viewer.gui.architecture.layer_room import LayerRoom
from h5viewer.gui.architecture.layer_rows import LayerRow
from h5viewer.gui.architecture.layer_side import LayerSide
from h5viewer.gui.architecture.layer_table import LayerTable
from h5viewer.gui.architecture.layer_texts import (
    ACTIVATIONS,
    CLASS,
    INPUTS,
    MULTIPLY_ADDS,
    OUTPUT,
    TRAINABLE,
)
from h5viewer.gui.architecture.layer_views import LayerViews
from h5viewer.gui.architecture.totals import TotalsStrip, totals
from h5viewer.gui.controls.column import line
from h5viewer.gui.controls.notices import EmptyState, Notice
from h5viewer.gui.panel import Panel
from h5viewer.gui.selection import Selection
from h5viewer.gui.settings import Settings
from h5viewer.gui.task import Latest
from h5viewer.names import parse_path
from h5viewer.nodes import Architecture, Layers, Weight
from h5viewer.requests import DecodeArchitecture
from h5viewer.workers.pool import Pool

_MOST_JUDGED = 100  # chosen layers that are looked at to say what can be done with all of them


class ArchitecturePanel(Panel):
    """Decodes once a document; comes back to where the user was."""

    def __init__(
        self, pool: Pool, parent: QWidget | None = None, settings: Settings | None = None
    ) -> None:
        super().__init__(pool, parent)
        self._kept = KeptArchitectures(self)
        self._shown: KeptArchitecture | None = None
        self._wanted: tuple[int, ...] | None = None  # key of a layer to go to
        self._decoding = Latest(pool, self)
        self._header = ArchitectureHeader()
        self._failure = Notice()
        self._table = LayerTable()
        self._empty = EmptyState("layers")
        self._tables = QStackedWidget()
        self._views = LayerViews(pool, self._tables, settings or Settings())
        self._bar = LayerBar(self, self._views.choice)
        self._filter, self._count, self._busy = self._bar.filter, self._bar.count, self._bar.busy
        self._totals = TotalsStrip()
        self._side = LayerSide(pool)
        self._splitter = LayerRoom(self._views, self._side)
        self._arrange()
        self._connect()

    # Panel

    def show_selection(self, selection: Selection) -> None:
        """Show the selected document's network."""
        self._leave()
        self._enter(self._kept.get(selection.document))

    def show_layer(self, key: tuple[int, ...]) -> None:
        """Go to the layer of this key, now or when it has been read."""
        self._wanted = key
        self._seek()

    def clear(self) -> None:
        """Stop reading; what is decoded is kept for coming back, within bounds."""
        self._leave()
        self._kept.trim()

    # Decoding

    def _decode(self, shown: KeptArchitecture) -> None:
        self._decoding.ask(
            DecodeArchitecture(document=shown.document.path, of_graph=True),
            self._finish,
            on_part=self._append,
            on_failure=self._fail,
            on_progress=self._busy.show_progress,
        )

    def _append(self, part: Layers) -> None:
        if self._shown is not None:
            self._shown.append(part.layers)
            self.axes_learnt.emit(self._shown.document.path, axis_meanings(part.layers))

    def _finish(self, architecture: Architecture) -> None:
        if self._shown is not None:
            self._shown.architecture = architecture
            self._shown.model.set_total(architecture.parameters.total)
            self._shown.model.set_item(architecture.item)
            self._describe(self._shown)
            self._seek()
            self._wanted = None  # read to the end, and not there
            self._draw_graph()

    def _fail(self, error: H5ViewerError) -> None:
        self._failure.show_error(error, action="Try again")
        self._say_count()

    def _try_again(self) -> None:
        """Start anew: what came before the failure may end anywhere."""
        shown = self._shown
        if shown is not None:
            self._leave()
            self._enter(self._kept.get(shown.document))

    # Coming and going

    def _enter(self, shown: KeptArchitecture) -> None:
        self._shown = shown
        self._failure.clear()
        self._filter.setText(shown.filter)
        self._table.show_layers(shown.model)
        shown.model.rowsInserted.connect(self._take_rows)
        shown.model.modelReset.connect(self._say_count)
        shown.model.settled.connect(self._draw_graph)
        self._describe(shown)
        if shown.model.n_shown:
            self._table.fit()
        if shown.current is not None and self._table.go_to(shown.current):
            self._table.verticalScrollBar().setValue(shown.scroll)
        if shown.architecture is None:
            self._decode(shown)
        self._draw_graph()

    def _leave(self) -> None:
        """Remember where the user is and let go; what is not whole is not worth keeping."""
        self._decoding.cancel()
        self._wanted = None
        shown, self._shown = self._shown, None
        if shown is None:
            return
        shown.filter = self._filter.text()
        shown.current = self._table.current_row
        shown.scroll = self._table.verticalScrollBar().value()
        shown.model.rowsInserted.disconnect(self._take_rows)
        shown.model.modelReset.disconnect(self._say_count)
        shown.model.settled.disconnect(self._draw_graph)
        self._views.leave()
        self._table.show_layers(None)
        self._side.leave()
        if not shown.is_whole:
            self._kept.drop(shown)

    # Showing

    def _describe(self, shown: KeptArchitecture) -> None:
        """Everything around the table."""
        architecture = shown.architecture
        self._table.leave_out(_unknown_columns(shown))
        if architecture is None:
            self._header.show_document(shown.document)
            self._totals.show_totals([])
            self._side.set_training(None)
        else:
            self._header.show_architecture(shown.document, architecture)
            self._totals.show_totals(totals(architecture, shown.sizes))
            training = architecture.training
            self._side.set_training(
                None if training is None else training_words.settings_text(training)
            )
        self._show_row(self._table.current_row)
        self._say_count()

    def _take_rows(self, _parent: QModelIndex, first: int, _last: int) -> None:
        if first == 0:
            self._table.fit()
        self._say_count()
        self._seek()

    def _say_count(self) -> None:
        """How many layers, and what to do when there are none."""
        shown = self._shown
        if shown is None:
            return
        rows, layers = shown.model.n_shown, shown.model.n_layers
        is_chosen = self._table.current_row is not None
        item = shown.item
        self._bar.say_count(
            rows, layers, item, is_chosen=is_chosen, is_bare=is_bare(shown.document)
        )
        is_empty = not rows and (layers > 0 or shown.architecture is not None)
        if is_empty and layers:
            self._empty.show_text("search", f"No {item} matches", "Try fewer letters.")
        elif is_empty:
            self._empty.show_text("layers", f"No {item}s", f"This network has no {item}s.")
        self._tables.setCurrentWidget(self._empty if is_empty else self._table)

    def _draw_graph(self) -> None:
        """Once all layers have come; what was filtered is found in it as well."""
        if self._shown is not None and self._shown.is_whole:
            self._views.show_network(self._shown)
            self._search_graph()

    def _search_graph(self) -> None:
        text = self._filter.text().strip()
        if self._shown is not None and self._views.has_graph:
            hits = self._shown.model.keys_found(text) if text else []
            self._views.search(hits, searched=bool(text))

    def _take_from_graph(self, key: tuple[int, ...]) -> None:
        """A box was chosen: the same layer in the table, unless that is filtered out there."""
        row = self._shown.model.row_of(key) if self._shown is not None else None
        if row is None or self._shown is None:
            return
        is_current = self._table.current_row is row
        if is_current or not self._table.go_to(row):
            self._side.show_layer(self._shown.document.path, row.layer, self._shown.item)

    def _open_from_graph(self, key: tuple[int, ...]) -> None:
        self._take_from_graph(key)
        self._side.layer_view.setFocus()

    def _turn_to_view(self) -> None:
        self._splitter.turn(self.width())
        self._draw_graph()

    def _show_row(self, row: LayerRow | None) -> None:
        shown = self._shown
        if shown is None:
            return
        self._say_count()
        self._views.select(row.layer.key if row is not None else None)
        if row is None:
            self._side.leave()
        else:
            self._side.show_layer(shown.document.path, row.layer, shown.item)

    def _show_training(self) -> None:
        self._table.forget_current()
        self._side.show_training()

    def _close_side(self) -> None:
        self._table.forget_current()
        self._side.leave()
        self._views.select(None)
        self._views.focus()

    # Going elsewhere

    def _go_to(self, place: str) -> None:
        """A finding names a layer, or the path of an object."""
        if self._shown is None:
            return
        row = self._shown.model.find(lambda layer: layer.name == place)
        if row is None and place.startswith("/"):
            self.node_requested.emit(self._shown.document.path, parse_path(place), ())
        elif row is not None:
            self._show_in_table(row)

    def _seek(self) -> None:
        """Go to the wanted layer, if it has been read."""
        if self._shown is None or self._wanted is None:
            return
        row = self._shown.model.find(lambda layer: layer.key == self._wanted)
        if row is not None:
            self._wanted = None
            self._show_in_table(row)

    def _show_in_table(self, row: LayerRow) -> None:
        if not self._table.go_to(row):
            self._filter.clear()
            self._table.go_to(row)
        self._views.focus()

    def _open_weight(self, weight: Weight) -> None:
        if self._shown is not None:
            self.node_requested.emit(self._shown.document.path, weight.path, weight.axes)

    def _wish(self, kind: Kind) -> None:
        """Something is to be done with the chosen layers, in a copy of the file."""
        keys = tuple(row.layer.key for row in self._table.chosen_rows())
        if self._shown is not None and keys:
            self.wish_made.emit(Wish(kind, self._shown.document.path, keys))

    def _wish_for(self, kind: Kind, key: tuple[int, ...]) -> None:
        if self._shown is not None:
            self.wish_made.emit(Wish(kind, self._shown.document.path, (key,)))

    def _offer_tools(self) -> None:
        few = self._table.chosen_rows(_MOST_JUDGED)
        is_network = self._shown is not None and self._shown.item == "layer"
        self._bar.show_chosen([row.layer for row in few] if is_network else ())

    def _copy_configuration(self, row: LayerRow) -> None:
        if self._shown is not None:
            self._side.layer_view.copy_configuration_of(self._shown.document.path, row.layer)

    def _filter_layers(self, text: str) -> None:
        if self._shown is not None:
            self._shown.model.set_filter(text)
            self._table.fit()
            self._search_graph()

    def _find_next(self, backwards: bool) -> None:
        """Enter: from hit to hit in the graph; without one, to the rows that are left."""
        if self._views.has_graph:
            self._views.graph.go_to_hit(backwards)
        else:
            self._table.setFocus()

    def _type_filter(self, letter: str) -> None:
        self._filter.setText(letter)
        self._filter.setFocus()

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Details beside the table where there is room, else below it."""
        super().resizeEvent(event)
        self._splitter.turn(self.width())

    # Building

    def _connect(self) -> None:
        self._decoding.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._decoding.cancel)
        self._failure.action_requested.connect(self._try_again)
        self._filter.textChanged.connect(self._filter_layers)
        self._filter.left.connect(self._views.focus)
        self._filter.next_wanted.connect(self._find_next)
        self._views.layer_chosen.connect(self._take_from_graph)
        self._views.layer_opened.connect(self._open_from_graph)
        self._views.letter_typed.connect(self._type_filter)
        self._views.left.connect(self._close_side)
        self._views.changed.connect(self._turn_to_view)
        self._table.layer_changed.connect(self._show_row)
        self._table.choice_changed.connect(self._offer_tools)
        self._table.wished.connect(self._wish)
        self._bar.wished.connect(self._wish)
        self._views.wished.connect(self._wish_for)
        self._table.left.connect(self._close_side)
        self._table.letter_typed.connect(self._type_filter)
        self._table.activated.connect(lambda _: self._side.layer_view.setFocus())
        self._table.configuration_wanted.connect(self._copy_configuration)
        self._side.weight_opened.connect(self._open_weight)
        self._side.output_wanted.connect(self.output_requested)
        self._side.closed.connect(self._close_side)
        self._header.place_chosen.connect(self._go_to)
        self._header.training_wanted.connect(self._show_training)

    def _arrange(self) -> None:
        self._tables.addWidget(self._table)
        self._tables.addWidget(self._empty)
        failure = QVBoxLayout()
        failure.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_M, 0)
        failure.addWidget(self._failure)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addLayout(failure)
        column.addWidget(self._bar)
        column.addWidget(line())
        column.addWidget(self._splitter, 1)
        column.addWidget(line())
        column.addWidget(self._totals)


def _unknown_columns(shown: KeptArchitecture) -> frozenset[int]:
    """Those that say nothing of any row: an operation states no shape, and is not counted."""
    if is_bare(shown.document):
        return frozenset({CLASS, OUTPUT, MULTIPLY_ADDS, ACTIVATIONS, TRAINABLE, INPUTS})
    is_graph = shown.item == "operation"
    return frozenset({OUTPUT, MULTIPLY_ADDS, ACTIVATIONS} if is_graph else ())
