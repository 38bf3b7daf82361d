"""What the dialogs about layers have in common: the layers are read, listed and searched."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.altering.layer_listing import LayerListing, Listed
from h5viewer.gui.altering.listed_item_model import ListedItemModel
from h5viewer.gui.altering.wishes import Wish
from h5viewer.gui.controls.find_box import FindBox
from h5viewer.gui.controls.notices import Busy, Notice, PlainLabel
from h5viewer.gui.controls.row_table import RowTable
from h5viewer.gui.export.target_choice import WHOLE_NETWORKS
from h5viewer.gui.export.writing_dialog import WritingDialog
from h5viewer.gui.node_text import document_name
from h5viewer.nodes import Document
from h5viewer.workers.pool import Pool

READING = "Reading the layers…"
_NOT_THERE = "These weights belong to no layer of the network."


class LayersDialog(WritingDialog):
    """A table of layers with a search field; what stands below it is a subclass's.

    Signals:
        changes_made(document path: str, changes: list[AnyChange]): they are to wait with others
            instead of being written at once.
    """

    changes_made = Signal(str, object)

    def __init__(
        self,
        pool: Pool,
        document: Document,
        wish: Wish,
        model: ListedItemModel,
        *,
        title: str,
        explanation: str,
        ending: str,
        parent: QWidget | None = None,
    ) -> None:
        """`ending`: of the suggested name, before the suffix."""
        super().__init__(pool, title, document_name(document), title, parent)
        self.document = document
        self.wish = wish
        self.model = model
        self.is_read = False
        self._listing = LayerListing(pool, document.path, self)
        self._notice = Notice()
        self._busy = Busy(READING)
        self.table = RowTable("Layers")
        self.table.setModel(model)
        self.search = FindBox("Filter layers", "Show only layers whose name holds this text", self)
        self.tools = QHBoxLayout()
        self.tools.setSpacing(theme.SPACE_S)
        self.tools.addWidget(self.search)
        self.body.addWidget(PlainLabel(explanation, wrap=True, role="muted"))
        self.body.addLayout(self.tools)
        self.body.addWidget(self._notice)
        self.body.addWidget(self._busy)
        self.body.addWidget(self.table, 1)
        self.table.setMinimumHeight(160)
        self.search.textChanged.connect(self._filter)
        self.search.left.connect(self.table.setFocus)
        for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # which the table takes for itself
            enter = QShortcut(QKeySequence(key), self.table)
            enter.setContext(Qt.ShortcutContext.WidgetShortcut)
            enter.activated.connect(self.start)
        self._listing.ready.connect(self._show_layers)
        self._listing.failed.connect(self._fail)
        self.suggest_target(suggestion(document.path, ending), (document.path,), WHOLE_NETWORKS)
        self.resize(720, 640)

    def begin(self) -> None:
        """Read the layers; called when the subclass is made."""
        self._busy.set_busy(True)
        self._listing.read()
        self.plan_anew()

    def show_wish(self, places: list[int]) -> None:
        """The layers that the user began with, by their places in the list."""
        raise NotImplementedError

    def words_against(self) -> str:
        """The layers have to be known."""
        return "" if self.is_read else READING

    @property
    def layers(self) -> list[Listed]:
        """All of them, parents before children."""
        return self._listing.layers

    # -------------------------------------------------------------- private

    def _show_layers(self) -> None:
        self._busy.set_busy(False)
        self.is_read = True
        self.model.show_layers(self.layers)
        self.table.fit_columns(widest=300, first=180, last=120)
        places = self._listing.at(self.wish.layers)
        if self.wish.group:
            places = self._listing.below(self.wish.group)
            if not places:
                self._notice.show_text(_NOT_THERE, severity="warning")
        for place in places[:1]:
            index = self.model.index_of(place)
            self.table.setCurrentIndex(index)
            self.table.scrollTo(index)
        (self.table if places else self.search).setFocus()
        self.show_wish(places)
        self.plan_anew()

    def _fail(self, error: H5ViewerError) -> None:
        self._busy.set_busy(False)
        self._notice.show_error(error)

    def _filter(self, text: str) -> None:
        current = self.model.place_at(self.table.currentIndex())
        self.model.set_filter(text)
        index = self.model.index_of(current) if current is not None else None
        if index is not None and index.isValid():
            self.table.setCurrentIndex(index)
            self.table.scrollTo(index)


def as_file_name(name: str) -> str:
    """A layer's name within that of a file."""
    kept = "".join(each if each.isalnum() or each in "-_" else "-" for each in name[:40])
    return kept.strip("-") or "layer"


def suggestion(document: str, ending: str) -> Path:
    """A name beside the document; what only holds weights becomes a whole network's."""
    path = Path(document)
    name = path.name
    for suffix in (".weights.h5", ".hdf5", ".h5", ".keras"):
        name = name.removesuffix(suffix)
    is_archive = path.suffix == ".keras"
    return path.with_name(f"{name} {ending}{'.keras' if is_archive else '.h5'}")
