"""The comparison of two open files: what it says, layers, weights, and one pair in detail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QSplitter,
    QStackedLayout,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from h5viewer import comparison
from h5viewer.errors import CannotWrite, H5ViewerError
from h5viewer.file_writing import write_whole
from h5viewer.gui import theme
from h5viewer.gui.compare.change_table import ChangeTable
from h5viewer.gui.compare.compare_bar import LAYERS, WEIGHTS, CompareBar
from h5viewer.gui.compare.file_choice import FileChoice, short_names
from h5viewer.gui.compare.layer_pairs_item_model import LayerPairsItemModel
from h5viewer.gui.compare.pair_detail import PairDetail
from h5viewer.gui.compare.pairing import Pairing, joinable, partable
from h5viewer.gui.compare.weight_pairs_item_model import WeightPairsItemModel
from h5viewer.gui.controls.notices import Busy, EmptyState, Notice, PlainLabel
from h5viewer.gui.panel import Panel
from h5viewer.gui.selection import Selection
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import Comparison, Document, LayerPair, LayerPairs, WeightPair, WeightPairs
from h5viewer.requests import CompareFiles
from h5viewer.workers.pool import Pool

_NO_OTHER = "Open a second file to compare this one with."
_CHOOSE = "Choose one of the open files as B, or open another."


class ComparePanel(Panel):
    """Compares the selected file with the one chosen last, or with the only other one."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._documents: dict[str, Document] = {}
        self._shown: tuple[Document, Document] | None = None
        self._selected: str | None = None
        self._partners: dict[str, str] = {}
        self._last = ("", "")  # paths of what was compared before
        self._is_new = False
        self._pairing = Pairing()
        self._comparison: Comparison | None = None
        self._asking = Latest(pool, self)
        self._files = FileChoice()
        self._summary = PlainLabel(wrap=True)
        self._summary.setFont(theme.scaled_font(1.08, QFont.Weight.DemiBold))
        self._busy = Busy("Comparing…")
        self._failure = Notice()
        self._layers = LayerPairsItemModel(self)
        self._weights = WeightPairsItemModel(self)
        self._bar = CompareBar(self)
        self._layer_table = ChangeTable("Layers side by side", self._layers, sortable=False)
        self._weight_table = ChangeTable("Weights of both files", self._weights, sortable=True)
        self._tables = QStackedWidget()
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._is_split_by_hand = False
        self._empty = EmptyState("compare", button="Open file…")
        self._arrange()
        self._connect()

    # Panel

    def prepare(self) -> Iterator[None]:
        """Make what stands below the tables, then its plots, one a step."""
        self._detail  # noqa: B018
        yield
        yield from self._detail.make()

    def show_documents(self, documents: Sequence[Document], partners: dict[str, str]) -> None:
        """Files were opened, closed or read anew."""
        self._partners = partners
        old, self._documents = self._documents, {each.path: each for each in documents}
        for path, document in old.items():
            if self._documents.get(path) != document:
                self._pairing.forget(path)
        if self._selected is None:
            return
        closed = [path for path in self._files.paths if path and path not in self._documents]
        if self._shown is not None and closed:
            self._forget()
            self._summary.set_text("")
            name = short_names(old[closed[0]], old[closed[0]])[0] if closed[0] in old else ""
            self._offer(note=f"{name} was closed.")
        elif self._shown is None:
            self._offer()
        else:
            self._files.show_files(documents, *self._files.paths)
            if not self._is_current(self._shown):
                self._compare()

    def show_selection(self, selection: Selection) -> None:
        """Compare the selected file."""
        path = selection.document.path
        self._documents[path] = selection.document
        self._selected = path
        self._offer()

    def clear(self) -> None:
        """Stop comparing, free the data."""
        self._forget()
        self._selected = None

    @cached_property
    def _detail(self) -> PairDetail:
        """Made after the panel: both at once hold the window up for 50 ms."""
        detail = PairDetail(self.pool)
        detail.pointed.connect(self.status_changed)
        self._splitter.addWidget(detail)
        self._splitter.setStretchFactor(0, 1)  # the lists get what a larger window has
        self._splitter.setStretchFactor(1, 0)
        self._splitter.splitterMoved.connect(self._note_drag)
        return detail

    # ------------------------------------------------------------------ comparing

    def _offer(self, note: str = "") -> None:
        """Choose the other file where there is only one way, else ask for it."""
        a = self._selected
        if a is None:
            return
        other = self._partners.get(a)
        open_others = [path for path in self._documents if path != a]
        if other not in self._documents:
            other = open_others[0] if len(open_others) == 1 and not note else None
        self._files.show_files(list(self._documents.values()), a, other)
        if other is not None:
            self._compare()
        else:
            self._forget()
            text = f"{note} {_CHOOSE if open_others else _NO_OTHER}".strip()
            self._empty.show_text(
                "compare", "Nothing to compare with yet", text, button="Open file…"
            )
            self._pages.setCurrentWidget(self._empty)

    def _compare(self) -> None:
        a, b = (self._documents.get(path or "") for path in self._files.paths)
        if a is None or b is None:
            return
        if self._selected in (a.path, b.path) and a.path != b.path:
            other = b.path if self._selected == a.path else a.path
            self._partners[self._selected] = other
        self._forget()
        self._is_new = (a.path, b.path) != self._last
        self._shown, self._last = (a, b), (a.path, b.path)
        self._pages.setCurrentWidget(self._body)
        self._summary.set_text("")
        self._busy.set_busy(True)
        self._asking.ask(
            CompareFiles(document=a.path, other=b.path, pairs=self._pairing.pairs(self._paths)),
            self._finish,
            on_part=self._take,
            on_failure=self._fail,
            on_progress=self._busy.show_progress,
        )

    @property
    def _paths(self) -> tuple[str, str]:
        return ("", "") if self._shown is None else (self._shown[0].path, self._shown[1].path)

    def _is_current(self, shown: tuple[Document, Document]) -> bool:
        return all(self._documents.get(each.path) == each for each in shown)

    def _take(self, part: LayerPairs | WeightPairs) -> None:
        if isinstance(part, LayerPairs):
            is_first = not self._layers.pairs
            self._layers.append(part.pairs)
            if is_first:
                self._layer_table.fit_columns(widest=240, first=90, last=200)
        else:
            is_first = not self._weights.pairs
            self._weights.append(part.pairs)
            if is_first:
                self._weight_table.fit_columns(widest=260, first=110)
        self._count()

    def _finish(self, found: Comparison) -> None:
        self._comparison = found
        self._busy.set_busy(False)
        self._summary.set_text(found.summary)
        self._layers.finish()
        self._weights.finish()
        self._bar.set_layers_shown(bool(self._layers.pairs))
        if self._is_new and not self._layers.n_different and self._weights.n_different:
            self._bar.show_table(WEIGHTS)
        self._is_new = False
        self._weight_table.fit_columns(widest=260, first=110)
        self._count()
        self._allow_pairing()

    def _fail(self, error: H5ViewerError) -> None:
        self._busy.set_busy(False)
        self._failure.show_error(error, action="Try again")

    def _cancel(self) -> None:
        self._asking.cancel()
        self._busy.set_busy(False)
        self._failure.show_text("Comparing was stopped.", action="Compare again")

    def _forget(self) -> None:
        self._asking.cancel()
        self._busy.set_busy(False)
        self._failure.clear()
        self._shown = self._comparison = None
        self._layers.clear()
        self._weights.clear()
        self._show_no_pair()
        self.status_changed.emit("")

    def _count(self) -> None:
        what = "Weights" if self._layers.pairs else "Datasets"
        self._bar.show_counts(self._layers.n_different, self._weights.n_different, what=what)

    # -------------------------------------------------------------------- choosing

    def _show_layer(self, pair: LayerPair | None) -> None:
        self._allow_pairing()
        if pair is not None and self._bar.table == LAYERS:
            self._detail.show_layer(pair)
            self._share_height()

    def _show_weight(self, pair: WeightPair | None) -> None:
        if pair is not None and self._shown is not None and self._bar.table == WEIGHTS:
            self._detail.show_weight(pair, self._paths, short_names(*self._shown))
            self._share_height()

    def _show_no_pair(self) -> None:
        self._detail.show_nothing()
        self._share_height()

    def _note_drag(self) -> None:
        self._is_split_by_hand = True

    def _share_height(self) -> None:
        """The lists get what the chosen pair does not need, until the user drags the border."""
        if not self._is_split_by_hand:
            height = max(self._splitter.height(), 300)
            below = min(self._detail.room, height - 150)
            self._splitter.setSizes([height - below, below])
            shown = self._layer_table if self._bar.table == LAYERS else self._weight_table
            shown.scrollTo(shown.currentIndex())

    def _go_to_weights(self, index: QModelIndex) -> None:
        """From a layer to its first weight."""
        row = self._layers.number_at(index)
        number = next((i for i, each in enumerate(self._weights.pairs) if each.row == row), None)
        if number is not None:
            self._bar.show_table(WEIGHTS)
            self._weight_table.choose(number)
            self._weight_table.setFocus()

    def _show_table(self, table: int) -> None:
        shown = self._layer_table if table == LAYERS else self._weight_table
        self._tables.setCurrentWidget(shown)
        chosen = shown.chosen_pairs()
        if not chosen:
            self._show_no_pair()
        elif table == LAYERS:
            self._show_layer(chosen[0])
        else:
            self._show_weight(chosen[0])

    def _filter(self) -> None:
        for model in (self._layers, self._weights):
            model.show_only(self._bar.text, only_different=self._bar.only_different)
        self._show_no_pair()

    # --------------------------------------------------------------- hand pairing

    def _allow_pairing(self) -> None:
        chosen = self._layer_table.chosen_pairs()
        self._bar.allow_pairing(
            can_join=joinable(chosen) is not None,
            can_part=partable(chosen) is not None,
            can_undo=self._pairing.can_undo(self._paths),
        )

    def _join(self) -> None:
        keys = joinable(self._layer_table.chosen_pairs())
        if keys is not None:
            self._pairing.join(self._paths, *keys)
            self._compare()

    def _part(self) -> None:
        keys = partable(self._layer_table.chosen_pairs())
        if keys is not None:
            self._pairing.part(self._paths, *keys)
            self._compare()

    def _undo(self) -> None:
        self._pairing.undo(self._paths)
        self._compare()

    # ---------------------------------------------------------------------- export

    def _export(self, kind: str, to_file: bool) -> None:
        if self._comparison is None:
            return
        layers, weights = self._layers.pairs, self._weights.pairs
        if kind == "csv":
            text = comparison.to_csv(weights)
        else:
            text = comparison.json_text(self._comparison, layers, weights, indent=2)
        if not to_file:
            QGuiApplication.clipboard().setText(text)
            self.status_changed.emit("Comparison copied")
            return
        wanted, _ = QFileDialog.getSaveFileName(self, "Save comparison", f"comparison.{kind}")
        if wanted:
            self._save(wanted, text)

    def _save(self, path: str, text: str) -> None:
        name = visible(Path(path).name)
        try:
            write_whole(Path(path), text.encode("utf-8", "backslashreplace"), *self._documents)
        except CannotWrite as error:
            self._failure.show_text(
                f"{name} could not be saved.", severity="error", details=error.message
            )
        else:
            self.status_changed.emit(f"{name} was saved")

    # --------------------------------------------------------------------- placing

    def _arrange(self) -> None:
        self._tables.addWidget(self._layer_table)
        self._tables.addWidget(self._weight_table)
        lists = QWidget()
        upper = QVBoxLayout(lists)
        upper.setContentsMargins(0, 0, 0, 0)
        upper.setSpacing(0)
        upper.addWidget(self._bar)
        upper.addWidget(self._tables, 1)
        self._splitter.addWidget(lists)
        self._splitter.setHandleWidth(1)
        self._splitter.setChildrenCollapsible(False)
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(theme.SPACE_S)
        head = QVBoxLayout()
        head.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_M, 0)
        head.addWidget(self._summary)
        head.addWidget(self._failure)
        body.addLayout(head)
        body.addWidget(self._busy)
        body.addWidget(self._splitter, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACE_S, 0, 0)
        column.setSpacing(theme.SPACE_S)
        choice = QVBoxLayout()
        choice.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_M, 0)
        choice.addWidget(self._files)
        column.addLayout(choice)
        self._pages = QStackedLayout()
        column.addLayout(self._pages, 1)  # first: a page without a parent would be a window
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._body)

    def _connect(self) -> None:
        self._files.chosen.connect(self._compare)
        self._files.open_wanted.connect(self.open_wanted)
        self._empty.activated.connect(self.open_wanted)
        self._busy.cancelled.connect(self._cancel)
        self._failure.action_requested.connect(self._compare)
        self._bar.table_chosen.connect(self._show_table)
        self._bar.filter_changed.connect(self._filter)
        self._bar.join_wanted.connect(self._join)
        self._bar.part_wanted.connect(self._part)
        self._bar.undo_wanted.connect(self._undo)
        self._bar.export_wanted.connect(self._export)
        self._layer_table.pair_chosen.connect(self._show_layer)
        self._layer_table.selectionModel().selectionChanged.connect(
            lambda *_: self._allow_pairing()
        )
        self._layer_table.activated.connect(self._go_to_weights)
        self._weight_table.pair_chosen.connect(self._show_weight)
