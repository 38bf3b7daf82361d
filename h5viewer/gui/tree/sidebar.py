"""The left side: filter box, and below it the tree of open files or what the filter found."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import Busy, PlainLabel
from h5viewer.gui.series.run_list import RunList
from h5viewer.gui.tree.document_item_model import DocumentItemModel
from h5viewer.gui.tree.document_tree import DocumentTree
from h5viewer.gui.tree.expansion import Expansion
from h5viewer.gui.tree.node_menu import FindingMenu, PlaceMenu
from h5viewer.gui.tree.search_results import SearchResults
from h5viewer.gui.tree.tree_filler import TreeFiller
from h5viewer.gui.tree.tree_rows import Place
from h5viewer.names import NodePath
from h5viewer.nodes import Document, Node
from h5viewer.wording import plural
from h5viewer.workers.pool import Pool

_TYPING = 150
"""Milliseconds without a key before the search begins."""


class Sidebar(QWidget):
    """Where the user chooses what to look at.

    Signals:
        node_chosen(document path: str, NodePath): show this.
        close_wanted(str), reload_wanted(str), compare_wanted(str), export_wanted(str): of a
            document.
        save_wanted(SaveDataset): of a dataset's row; the request has no target yet.
        pictures_wanted(document path: str, Dataset): it is to be seen as pictures.
        wish_made(Wish): something is to be done with the layer whose weights a group holds.
        failed(document path: str, H5ViewerError): a listing or a search went wrong.
        status_changed(str): for the status line.
    """

    node_chosen = Signal(str, object)
    close_wanted = Signal(str)
    reload_wanted = Signal(str)
    compare_wanted = Signal(str)
    export_wanted = Signal(str)
    save_wanted = Signal(object)
    pictures_wanted = Signal(str, object)
    wish_made = Signal(object)
    failed = Signal(str, object)
    status_changed = Signal(str)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = DocumentItemModel(self)
        self.tree = DocumentTree(self.model)
        self.filter = QLineEdit()
        self.runs = RunList()
        self.results = SearchResults(pool)
        self._filler = TreeFiller(pool, self.model, self)
        self._expansion = Expansion(pool, self.model, self)
        self._busy = Busy("Searching…")
        self._expanding = Busy("Expanding…")
        self._summary = PlainLabel(role="muted")
        self._stack = QStackedWidget()
        self._typing = QTimer(self)
        self._arrange()
        self._connect()

    def add_document(self, document: Document, position: int | None = None) -> None:
        """Another file, before the one at `position`."""
        self.model.add_document(document, position)

    def show_changes(self, path: str, n_changes: int) -> None:
        """Mark a document with changes that are not saved."""
        self.model.show_note(path, "•" if n_changes else "")

    def replace_document(self, document: Document) -> None:
        """The same file, read anew; what was unfolded stays so."""
        self._expansion.forget(document.path)
        self._filler.reload(document)

    def remove_document(self, path: str) -> None:
        """The file was closed."""
        self._expansion.forget(path)
        self._filler.forget(path)
        self.model.remove_document(path)
        self._search()

    def show_node(self, document: str, path: NodePath) -> None:
        """Make the tree show where a node is."""
        self._filler.reveal(document, path)

    def show_no_node(self) -> None:
        """Something is on view that stands in no tree."""
        self.tree.clearSelection()

    def focus_filter(self) -> None:
        """Be seen; the next key goes into the filter box."""
        self.show()
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def focus_tree(self) -> None:
        """The next key moves in the tree, unless a search is under way."""
        if not self.filter.text():
            self.tree.setFocus()

    def _arrange(self) -> None:
        self.setObjectName("Sidebar")
        self.filter.setPlaceholderText("Search names in all open files")
        self.filter.setAccessibleName("Search names")
        self.filter.setToolTip("Search names in all open files; * and ? stand for any letters")
        self.filter.setClearButtonEnabled(True)
        clear = self.filter.findChild(QAction)
        if clear is not None:
            clear.setIcon(theme.icon("close", "muted"))
        self.filter.setAcceptDrops(False)  # a file dropped here is to be opened
        self.filter.addAction(
            theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition
        )
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING)
        self._stack.addWidget(self.tree)
        self._stack.addWidget(self.results)
        self._summary.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_M, theme.SPACE_XS)
        self._summary.hide()
        top = QVBoxLayout()
        top.setContentsMargins(theme.SPACE_S, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        top.addWidget(self.filter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.runs)
        column.addWidget(self._summary)
        column.addWidget(self._busy)
        column.addWidget(self._expanding)
        column.addWidget(self._stack, 1)
        self.setMinimumWidth(160)

    def _connect(self) -> None:
        self.filter.textChanged.connect(lambda: self._typing.start())
        self.filter.returnPressed.connect(self._search)
        self.filter.installEventFilter(self)
        self.results.installEventFilter(self)
        self.tree.installEventFilter(self)
        self._typing.timeout.connect(self._search)
        self._busy.cancelled.connect(self.results.cancel)
        self.results.state_changed.connect(self._show_search_state)
        self.results.progressed.connect(self._busy.show_progress)
        for view in (self.tree, self.results):
            view.node_chosen.connect(self.node_chosen)
        for source in (self._filler, self.results):
            source.failed.connect(self.failed)
        self.tree.close_wanted.connect(self.close_wanted)
        self.tree.rows_shown.connect(self._describe)
        self.tree.menu_wanted.connect(self._open_menu)
        self.results.menu_wanted.connect(self._open_finding_menu)
        self.tree.unfold_all_wanted.connect(self._expansion.begin)
        self._expansion.running_changed.connect(self._expanding.set_busy)
        self._expansion.stopped.connect(self._tell_stopped)
        self._expanding.cancelled.connect(self._expansion.cancel)
        self._filler.revealed.connect(self.tree.show_index)

    def _describe(self, first: int, last: int) -> None:
        wanted = self.model.undescribed(first, last)
        if wanted:
            self._filler.describe(wanted)

    def _search(self) -> None:
        self._typing.stop()
        text = self.filter.text().strip()
        if text:
            self._stack.setCurrentWidget(self.results)
            self.results.search(text, self.model.rows.documents)
        elif self._stack.currentWidget() is self.results:
            self.results.search("", [])
            self._stack.setCurrentWidget(self.tree)
            self.tree.scrollTo(self.tree.currentIndex())
        self._summary.setVisible(bool(text))

    def _show_search_state(self, summary: str, is_running: bool) -> None:
        self._summary.set_text(summary)
        self._busy.set_busy(is_running)

    def _leave_search(self) -> None:
        self.filter.clear()
        self._search()
        self.tree.setFocus()

    def _open_menu(self, place: Place, position: QPoint) -> None:
        menu = PlaceMenu(place, self)
        menu.close_wanted.connect(self.close_wanted)
        menu.reload_wanted.connect(self.reload_wanted)
        menu.compare_wanted.connect(self.compare_wanted)
        menu.export_wanted.connect(self.export_wanted)
        menu.save_wanted.connect(self.save_wanted)
        menu.pictures_wanted.connect(self.pictures_wanted)
        menu.wish_made.connect(self.wish_made)
        menu.status_changed.connect(self.status_changed)
        menu.unfold_wanted.connect(lambda *node: self.tree.toggle(self.model.find(*node)))
        menu.unfold_all_wanted.connect(self._expansion.begin)
        menu.fold_all_wanted.connect(lambda *node: self.model.fold_all(self.model.find(*node)))
        menu.popup(position)

    def _open_finding_menu(
        self, document: Document, path: NodePath, node: Node | None, position: QPoint
    ) -> None:
        menu = FindingMenu(document, path, node, self)
        menu.save_wanted.connect(self.save_wanted)
        menu.pictures_wanted.connect(self.pictures_wanted)
        menu.status_changed.connect(self.status_changed)
        menu.tree_wanted.connect(self._show_in_tree)
        menu.popup(position)

    def _show_in_tree(self, document: str, path: NodePath) -> None:
        self._leave_search()
        self._filler.reveal(document, path)
        self.node_chosen.emit(document, path)

    def _tell_stopped(self, n_rows: int) -> None:
        self.status_changed.emit(
            f"Expanded {plural(n_rows, 'row')}; expand single groups to see what is below them"
        )

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Escape returns to the tree, or stops there; Down goes from the box to the rows."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape and watched is self.tree:
                self._expansion.cancel()
                return False
            if event.key() == Qt.Key.Key_Escape:
                self._leave_search()
                return True
            if watched is self.filter and event.key() == Qt.Key.Key_Down:
                (self.results if self.results.isVisible() else self.tree).setFocus()
                return True
        return super().eventFilter(watched, event)
