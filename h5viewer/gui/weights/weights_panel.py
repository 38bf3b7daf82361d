"""All weights of a document: a table of numbers, or where the bytes go."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QStackedWidget, QVBoxLayout, QWidget

from h5viewer import weight_sheet, wording
from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.column import line
from h5viewer.gui.controls.notices import EmptyState, Notice
from h5viewer.gui.panel import Panel
from h5viewer.gui.saving import TextSaving
from h5viewer.gui.selection import Selection
from h5viewer.gui.task import Latest
from h5viewer.gui.weights.bytes_view import BytesView
from h5viewer.gui.weights.kept_weights import KeptTables, KeptWeights
from h5viewer.gui.weights.weights_header import EXPORTS, WeightsHeader
from h5viewer.gui.weights.weights_table import WeightsTable
from h5viewer.names import visible
from h5viewer.nodes import (
    ByteMap,
    BytePart,
    Part,
    WeightRow,
    WeightRows,
    WeightSummaries,
    WeightTable,
)
from h5viewer.requests import MeasureBytes, TabulateWeights
from h5viewer.workers.pool import Pool


class WeightsPanel(Panel):
    """Reads once a document; comes back to where the user was."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._kept = KeptTables(self)
        self._shown: KeptWeights | None = None
        self._bytes_shown = False
        self._reading = Latest(pool, self)
        self._measuring = Latest(pool, self)
        self._header = WeightsHeader(self)
        self._notice = Notice(closable=True)
        self._table = WeightsTable()
        self._bytes = BytesView()
        self._empty = EmptyState("weights")
        self._pages = QStackedWidget()
        self._arrange()
        self._connect()

    # Panel

    def show_selection(self, selection: Selection) -> None:
        """Show the selected document's weights."""
        self._leave()
        self._enter(self._kept.get(selection.document, with_state=self._header.with_state))

    def clear(self) -> None:
        """Stop reading; what was read is kept for coming back, within bounds."""
        self._leave()
        self._kept.trim()

    # Coming and going

    def _enter(self, shown: KeptWeights) -> None:
        self._shown = shown
        self._notice.clear()
        self._header.show_words(_noun(shown))
        self._header.offer_state(shown.document.format != "hdf5")
        self._header.filter.setText(shown.filter)
        self._table.show_weights(shown.model)
        if shown.model.rowCount():
            self._table.fit()
            self._table.go_to(shown.current)
            self._table.verticalScrollBar().setValue(shown.scroll)
        self._show_page()

    def _leave(self) -> None:
        """Remember where the user is; what is not whole is not worth keeping."""
        self._reading.cancel()
        self._measuring.cancel()
        shown, self._shown = self._shown, None
        if shown is None:
            return
        shown.filter = self._header.filter.text()
        shown.current = self._table.current_place
        shown.scroll = self._table.verticalScrollBar().value()
        self._table.show_weights(None)
        if not shown.is_whole and shown.byte_map is None:
            self._kept.drop(shown)
        elif not shown.is_whole:
            shown.model.clear()

    # Reading

    def _show_page(self) -> None:
        """Ask for what this view shows and is not there yet."""
        shown = self._shown
        if shown is None:
            return
        if self._bytes_shown:
            self._reading_pauses(shown)
            if shown.byte_map is None:
                self._measure(shown)
            else:
                self._show_map(shown.byte_map)
        elif not shown.is_whole and not self._reading.is_waiting:
            self._read(shown)
        self._say_count()

    def _reading_pauses(self, shown: KeptWeights) -> None:
        """The table goes on in the background; nothing to do while it is whole."""
        if not shown.is_whole and not self._reading.is_waiting:
            shown.model.clear()

    def _read(self, shown: KeptWeights) -> None:
        shown.model.clear()
        self._header.set_ready(False)
        self._reading.ask(
            TabulateWeights(document=shown.document.path, with_state=shown.with_state),
            self._finish,
            on_part=self._take,
            on_failure=self._fail,
            on_progress=self._header.busy.show_progress,
        )

    def _take(self, part: Part) -> None:
        if self._shown is None:
            return
        if isinstance(part, WeightRows):
            is_first = not self._shown.model.rowCount()
            self._shown.model.append(part.rows)
            if is_first and part.rows:
                self._table.fit()
            self._say_count()
        elif isinstance(part, WeightSummaries):
            is_first = not self._shown.model.listing.n_read
            self._shown.model.take(part.summaries)
            if is_first:
                self._table.fit()

    def _finish(self, table: WeightTable) -> None:
        if self._shown is None:
            return
        self._shown.is_whole = True
        self._shown.n_left_out = table.n_left_out
        self._shown.model.finish()
        self._table.fit()
        self._say_count()

    def _measure(self, shown: KeptWeights) -> None:
        self._measuring.ask(
            MeasureBytes(document=shown.document.path),
            self._show_map,
            on_failure=self._fail,
            on_progress=self._header.busy.show_progress,
        )

    def _show_map(self, byte_map: ByteMap) -> None:
        if self._shown is not None:
            self._shown.byte_map = byte_map
            self._bytes.show_map(byte_map)
            self._say_count()

    def _fail(self, error: H5ViewerError) -> None:
        self._notice.show_error(error, action="Try again")
        self._say_count()

    def _cancel(self) -> None:
        """The user's wish; what has come stays in sight."""
        self._reading.cancel()
        self._measuring.cancel()
        self._notice.show_text("Reading was stopped.", action="Read again")
        self._say_count()

    def _try_again(self) -> None:
        self._notice.clear()
        self._show_page()

    # Showing

    def _say_count(self) -> None:
        """How many weights there are, and what to do when there are none."""
        shown = self._shown
        if shown is None:
            return
        listing = shown.model.listing
        n_shown, n_rows = len(listing.shown), len(listing.rows)
        self._header.set_ready(n_rows > 0 and shown.is_whole)
        self._header.count.set_text(self._count_words(shown))
        if self._bytes_shown:
            self._pages.setCurrentWidget(self._bytes)
        elif n_rows and not n_shown:
            self._empty.show_text("search", f"No {_noun(shown)} matches", "Try fewer letters.")
            self._pages.setCurrentWidget(self._empty)
        elif not n_rows and shown.is_whole:
            self._empty.show_text(
                "weights", f"No {_noun(shown)}s of numbers", "This file holds none."
            )
            self._pages.setCurrentWidget(self._empty)
        else:
            self._pages.setCurrentWidget(self._table)

    def _count_words(self, shown: KeptWeights) -> str:
        if self._bytes_shown:
            total = shown.byte_map
            return "" if total is None else f"{wording.bytes_text(total.n_bytes)} in the file"
        listing = shown.model.listing
        noun = _noun(shown)
        n_shown, n_rows = len(listing.shown), len(listing.rows)
        if n_shown < n_rows:
            return f"{wording.plural(n_shown, noun)} of {wording.count_text(n_rows)}"
        size = wording.bytes_text(listing.n_bytes)
        words = f"{wording.plural(n_rows, noun)}, {size}"
        if listing.common_type and n_rows > 1:
            words += f", all {visible(listing.common_type, 60)}"
        if shown.n_left_out:
            words += f"; {wording.count_text(shown.n_left_out)} more are not listed"
        n_odd = listing.n_odd
        if n_odd:
            words += f"; {wording.count_text(n_odd)} with NaN or Inf"
        return words

    def _choose_view(self, bytes_shown: bool) -> None:
        self._bytes_shown = bytes_shown
        self._notice.clear()
        self._show_page()

    def _choose_state(self) -> None:
        """The other list of the same document, filtered and sorted like this one."""
        shown = self._shown
        if shown is not None:
            self._leave()
            other = self._kept.get(shown.document, with_state=self._header.with_state)
            other.filter = shown.filter
            other.model.set_filter(shown.filter)
            other.model.take_order(shown.model)
            self._enter(other)

    def _filter_weights(self, text: str) -> None:
        if self._shown is not None:
            self._shown.model.set_filter(text)
            self._say_count()

    def _type_filter(self, letter: str) -> None:
        self._header.filter.setText(letter)
        self._header.filter.setFocus()

    # Going elsewhere

    def _open_weight(self, row: WeightRow) -> None:
        if self._shown is not None:
            self.node_requested.emit(self._shown.document.path, row.path, row.axes)

    def _open_part(self, part: BytePart) -> None:
        """A layer shows its weights in the table; anything else is a place in the tree."""
        if self._shown is None:
            return
        if part.kind == "layer" and part.name:
            self._header.show_view(bytes_shown=False)
            self._header.filter.setText(part.name)
            self._table.setFocus()
        elif part.path:
            self.node_requested.emit(self._shown.document.path, part.path, ())

    # Export

    def _export(self, kind: str) -> None:
        shown = self._shown
        if shown is None:
            return
        opened = Path(shown.document.path)
        dialog = QFileDialog(self, "Save the table", str(opened.parent), EXPORTS[kind])
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix(kind)
        dialog.selectFile(f"{opened.stem} weights.{kind}")
        is_chosen = dialog.exec() and self._shown is shown  # the file may have changed meanwhile
        if is_chosen:
            self.save_as(Path(dialog.selectedFiles()[0]), kind)
        dialog.deleteLater()

    def save_as(self, target: Path, kind: str) -> None:
        """Save all rows that are shown, in their order, as "csv" or "json"."""
        shown = self._shown
        if shown is None:
            return
        listing = shown.model.listing
        pairs = [(listing.rows[place], listing.summaries[place]) for place in listing.shown]
        pieces = weight_sheet.csv_pieces if kind == "csv" else weight_sheet.json_pieces
        saving = TextSaving(target, pieces(pairs), shown.document.path, self)
        count = wording.plural(len(pairs), _noun(shown))
        saving.saved.connect(
            lambda path: self._notice.show_text(f"{count} saved in {visible(path.name)}.")
        )
        saving.failed.connect(self._notice.show_error)

    # Building

    def _connect(self) -> None:
        busy = self._header.busy
        self._reading.busy_changed.connect(
            lambda is_busy: busy.set_busy(is_busy or self._measuring.is_waiting)
        )
        self._measuring.busy_changed.connect(
            lambda is_busy: busy.set_busy(is_busy or self._reading.is_waiting)
        )
        busy.cancelled.connect(self._cancel)
        self._notice.action_requested.connect(self._try_again)
        self._header.view_chosen.connect(self._choose_view)
        self._header.state_wanted.connect(lambda _: self._choose_state())
        self._header.export_wanted.connect(self._export)
        self._header.filter.textChanged.connect(self._filter_weights)
        self._header.filter.left.connect(self._table.setFocus)
        self._header.filter.next_wanted.connect(lambda _: self._table.setFocus())
        self._table.weight_opened.connect(self._open_weight)
        self._table.letter_typed.connect(self._type_filter)
        self._bytes.part_opened.connect(self._open_part)

    def _arrange(self) -> None:
        for page in (self._table, self._bytes, self._empty):
            self._pages.addWidget(page)
        notice = QVBoxLayout()
        notice.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_M, theme.SPACE_XS)
        notice.addWidget(self._notice)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addLayout(notice)
        column.addWidget(line())
        column.addWidget(self._pages, 1)


def _noun(shown: KeptWeights) -> str:
    """What a row is: files that are no network have no weights."""
    return "weight" if shown.document.holds_weights else "dataset"
