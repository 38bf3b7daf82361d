"""The window: places its parts and connects them. It holds no data and decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFileDialog, QMainWindow, QSplitter, QStackedWidget

from h5viewer.gui import theme
from h5viewer.gui.actions import Actions
from h5viewer.gui.comparing import FILES, Comparing
from h5viewer.gui.controls.column import column
from h5viewer.gui.controls.notices import Busy, PlainLabel
from h5viewer.gui.drop_overlay import DropOverlay
from h5viewer.gui.export.exporter import Exporter
from h5viewer.gui.file_notices import FileNotices
from h5viewer.gui.gallery.ways import Ways
from h5viewer.gui.header import Header
from h5viewer.gui.help_dialogs import AboutDialog, ShortcutsDialog
from h5viewer.gui.navigation import Navigation, Stop
from h5viewer.gui.new_files import NewFiles
from h5viewer.gui.node_text import document_name
from h5viewer.gui.open_documents import OpenDocuments
from h5viewer.gui.panel_area import PanelArea
from h5viewer.gui.picture_drops import PictureDrops
from h5viewer.gui.recent_files import RecentFiles
from h5viewer.gui.selection import Selection
from h5viewer.gui.series.runs import Runs
from h5viewer.gui.settings import Settings
from h5viewer.gui.settings_dialog import SettingsDialog
from h5viewer.gui.tree.sidebar import Sidebar
from h5viewer.gui.welcome import Welcome
from h5viewer.gui.worker_limits import StartAhead, set_limits
from h5viewer.names import visible
from h5viewer.nodes import Document
from h5viewer.picture_files import picture_filter
from h5viewer.requests import AnyChange
from h5viewer.shipped import resource
from h5viewer.workers.pool import Pool

_STATUS_TIME = 4000  # milliseconds a message stays in the status line
_SIDEBAR_WIDTH = 320
_REST = 100  # milliseconds until what is not looked at has its turn


class MainWindow(QMainWindow):
    """Open files at the left, what is selected at the right, a quiet line below."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        super().__init__()
        self._pool = pool
        self._settings = settings
        self.documents = OpenDocuments(pool, self)
        self.navigation = Navigation(pool, self.documents, self)
        self._newest: Stop | None = None  # the file that was gone to when it was opened
        self.drops = PictureDrops(self.documents, self.navigation, self)
        self.exporter = Exporter(pool, self, settings)
        self.new_files = NewFiles(pool, self.documents, self.navigation, self.exporter, self)
        self.actions_ = Actions(self)
        self.sidebar = Sidebar(pool)
        self.header = Header()
        self.panels = PanelArea(pool)
        self._comparing = Comparing(self.documents, self.navigation, self.panels, settings, self)
        Ways(pool, self.navigation, self.sidebar, self.panels, self.drops)
        self.notices = FileNotices()
        self.welcome = Welcome()
        self._opening = Busy("Opening…")
        self._status = PlainLabel()
        self._splitter = QSplitter(Qt.Orientation.Horizontal)
        self._content = QStackedWidget()
        files = (self.documents, self.navigation, self.new_files)
        self.runs = Runs(pool, *files, self.notices, self.sidebar, self._content, self)
        self._pages = QStackedWidget()
        self._recent = RecentFiles(settings, self.actions_, self.welcome, self)
        self._arrange()
        overlay = DropOverlay(self, self.drops.words)
        overlay.files_dropped.connect(self.drops.take)
        overlay.files_entered.connect(self.drops.expect)
        self.documents.opened.connect(StartAhead(pool, settings, self).note_opened)
        self._connect_documents()
        self._connect_views()
        self._connect_actions()

    def open_files(self, paths: list[str]) -> None:
        """Open each of these, those of a run of training together."""
        self.runs.open(paths)

    def come_to_front(self) -> None:
        """Another start handed its files over, and the user wants to see them."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def shut_down(self) -> None:
        """End the threads."""
        self.exporter.jobs.shut_down()
        self.documents.shut_down()
        self.runs.shut_down()
        self.panels.shut_down()

    # ------------------------------------------------------------- placing

    def _arrange(self) -> None:
        self.setWindowTitle("h5viewer")
        self.actions_.fill(self.menuBar())
        files = column(self.header, self.panels)
        files.setProperty("role", "surface")
        self._content.addWidget(files)
        self._splitter.addWidget(self.sidebar)
        self._splitter.addWidget(self._content)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.setSizes([_SIDEBAR_WIDTH, 900])
        self._splitter.setHandleWidth(1)
        self._pages.addWidget(self.welcome)
        self._pages.addWidget(self._splitter)
        self.setCentralWidget(
            column(
                self.notices,
                self._opening,
                self._pages,
                self.new_files.editing.strip,
                self.exporter.strip,
                grows=self._pages,
            )
        )
        self._status.setContentsMargins(theme.SPACE_S, 0, 0, 0)
        self.statusBar().addWidget(self._status, 1)
        self.statusBar().setSizeGripEnabled(False)
        self.resize(1280, 820)
        self.restoreGeometry(self._settings.bytes_of("geometry"))
        self._splitter.restoreState(self._settings.bytes_of("splitter"))

    # ---------------------------------------------------------- connecting

    def _connect_documents(self) -> None:
        documents = self.documents
        documents.opened.connect(self._show_document)
        documents.reloaded.connect(self._show_reloaded)
        documents.closed.connect(self._take_away)
        documents.refused.connect(self.notices.show_refused)
        documents.chosen_again.connect(lambda document: self.navigation.go(document.path, ()))
        documents.changed_on_disk.connect(self.notices.show_changed)
        documents.vanished.connect(self.notices.show_vanished)
        self.notices.retry_wanted.connect(self._try_again)
        self.notices.salvage_wanted.connect(self.exporter.open_salvage)
        documents.waiting_changed.connect(self._show_waiting)
        self.drops.open_wanted.connect(self.open_files)
        self.runs.changed.connect(self._show_page)
        self.runs.view_changed.connect(self._allow_actions)
        self.runs.status_changed.connect(self._status.set_text)
        self.runs.open_runs.folder_opened.connect(self._recent.add)
        self.runs.compare_wanted.connect(self._comparing.compare_files)
        self.drops.pictures_given.connect(self.panels.give_pictures)
        self.drops.picture_expected.connect(self.panels.expect_picture)
        self.drops.folder_given.connect(self.new_files.make_data_set)
        self.drops.advice_given.connect(self.notices.show_advice)

    def _connect_views(self) -> None:
        self.sidebar.node_chosen.connect(self.navigation.go)
        self.sidebar.close_wanted.connect(self.new_files.close)
        self.sidebar.reload_wanted.connect(self.documents.reload)
        self.sidebar.compare_wanted.connect(self._comparing.compare)
        self.sidebar.failed.connect(self.notices.show_failed)
        self.panels.node_requested.connect(self.navigation.go)
        self.panels.open_wanted.connect(self._comparing.ask)
        self.panels.axes_learnt.connect(self.navigation.learn_axes)
        self.navigation.arrived.connect(self._show_selection)
        self.navigation.failed.connect(self.notices.show_failed)
        self.navigation.history_changed.connect(self._show_history)
        self.header.back_wanted.connect(self.navigation.back)
        self.header.forward_wanted.connect(self.navigation.forward)
        self.header.export_wanted.connect(self.new_files.export_shown)
        self.sidebar.export_wanted.connect(self.new_files.export)
        self.sidebar.save_wanted.connect(self.exporter.open_dataset)
        self.panels.save_wanted.connect(self.exporter.open_dataset)
        self.sidebar.wish_made.connect(self.new_files.alter)
        self.panels.wish_made.connect(self.new_files.alter)
        self.panels.changes_made.connect(self.new_files.editing.make)
        self.new_files.editing.changed.connect(self._show_changes)
        for source in (self.sidebar, self.header):
            source.status_changed.connect(self._show_briefly)
        self.panels.status_changed.connect(self._status.set_text)
        self.welcome.open_wanted.connect(self._ask_for_files)
        self.welcome.example_wanted.connect(self._open_example)
        self._recent.open_wanted.connect(self.open_files)
        self._opening.cancelled.connect(self.documents.cancel)
        self.exporter.strip.open_wanted.connect(self.documents.open)

    def _connect_actions(self) -> None:
        for name, call in (
            ("open", self._ask_for_files),
            ("folder", lambda: self.runs.ask_for_folder(self._settings.folder)),
            ("example", self._open_example),
            ("reload", self._reload),
            ("pictures", lambda: self.drops.on_shown(self._ask_for_pictures)),
            ("paste", lambda: self.drops.on_shown(self.panels.paste)),
            ("repaired", lambda: self.drops.on_shown(self.panels.save_repaired)),
            ("export", self.new_files.export_shown),
            ("undo", self.new_files.undo),
            ("names", self.new_files.edit_class_names),
            ("save", self.new_files.save_changes),
            ("merge", lambda: self.new_files.merge(self._settings.folder)),
            ("data-set", lambda: self.new_files.make_data_set("", self._settings.folder)),
            ("compare", self._comparing.compare_shown),
            ("close", self._close_document),
            ("settings", self._open_settings),
            ("quit", self.close),
            ("back", self.navigation.back),
            ("forward", self.navigation.forward),
            ("find", self.sidebar.focus_filter),
            ("sidebar", lambda: self.sidebar.setVisible(not self.sidebar.isVisible())),
            ("shortcuts", lambda: ShortcutsDialog(self).open()),
            ("about", lambda: AboutDialog(self._pool.libraries, self).open()),
        ):
            self.actions_[name].triggered.connect(lambda _=False, call=call: call())
        self.actions_.themes.triggered.connect(lambda action: self._set_theme(action.data()))
        self.actions_.check_theme(self._settings.theme)
        self._show_history(False, False)
        self._allow_saving()
        self._allow_actions()
        for number in range(1, 10):
            shortcut = QShortcut(QKeySequence(f"Ctrl+{number}"), self)
            shortcut.activated.connect(partial(self.panels.show_panel_at, number - 1))

    # ------------------------------------------------------------ documents

    def _try_again(self, path: str) -> None:
        if self.documents.get(path) is None:
            self.documents.open(path)
        else:
            self.documents.reload(path)

    def _show_document(self, document: Document) -> None:
        self.notices.show_opened(document)
        self._settings.add_recent(document.path)
        self._settings.folder = str(Path(document.path).parent)
        self.sidebar.add_document(document, self.documents.position(document.path))
        self._show_page()
        self.panels.show_documents(self.documents.documents)
        self.sidebar.focus_tree()
        # In turns of their own: all at once holds the window up for longer than 50 ms.
        before = self.navigation.stop
        QTimer.singleShot(1, self, partial(self._go_to_new, document.path, before))
        QTimer.singleShot(_REST, self._recent, self._recent.show)

    def _go_to_new(self, path: str, before: Stop | None) -> None:
        """Unless the user went elsewhere, or is at a new file that was asked for later."""
        document = self.documents.get(path)
        if document is None or self._comparing.takes(path):
            return
        if self.drops.give_to(document):
            return
        stop = self.navigation.stop
        if stop is not None and stop == self._newest:
            if self.documents.position(stop.document) > self.documents.position(path):
                return
        elif stop != before:
            return
        self.navigation.go(path, ())
        self._newest = self.navigation.stop

    def _show_reloaded(self, document: Document) -> None:
        self.notices.show_opened(document)
        self.sidebar.replace_document(document)
        self.panels.show_documents(self.documents.documents)
        self.navigation.visit_again()
        self._show_briefly(f"{document_name(document)} was read anew")

    def _take_away(self, path: str) -> None:
        self.notices.clear(path)
        self.sidebar.remove_document(path)
        self.navigation.forget(path)
        self.panels.show_documents(self.documents.documents)
        if not self.documents:
            self.panels.clear()
        self._show_page()

    def _show_page(self) -> None:
        """Files and runs, or what to do while there are none."""
        is_empty = not self.documents and not self.runs
        self._pages.setCurrentWidget(self.welcome if is_empty else self._splitter)
        if is_empty:
            self.setWindowTitle("h5viewer")
            self._status.set_text("")
        self._allow_actions()

    def _show_waiting(self, paths: tuple[str, ...]) -> None:
        names = ", ".join(visible(Path(path).name, 60) for path in paths[:3])
        self._opening.set_busy(bool(paths), f"Opening {names}…")

    # ------------------------------------------------------------ selection

    def _show_selection(self, selection: Selection) -> None:
        self.setWindowTitle(f"{document_name(selection.document)} — h5viewer")
        self._status.set_text("")
        self.header.show_selection(selection)
        self.panels.show_selection(selection)
        self.new_files.editing.show_document(selection.document.path)
        self._allow_saving()
        self.sidebar.show_node(selection.document.path, selection.path)

    def _show_changes(self, path: str, changes: Sequence[AnyChange]) -> None:
        """What waits to be saved in a copy of a file."""
        self.sidebar.show_changes(path, len(changes))
        self.panels.show_changes(path, changes)
        self._allow_saving()

    def _allow_saving(self) -> None:
        here = self.navigation.here
        has_changes = here is not None and bool(self.new_files.editing.pending.of(here.document))
        for name in ("undo", "save"):
            self.actions_[name].setEnabled(has_changes)

    def _show_history(self, can_go_back: bool, can_go_forward: bool) -> None:
        self.header.set_history(can_go_back, can_go_forward)
        self.actions_["back"].setEnabled(can_go_back)
        self.actions_["forward"].setEnabled(can_go_forward)

    def _show_briefly(self, text: str) -> None:
        self.statusBar().showMessage(text, _STATUS_TIME)

    # ------------------------------------------------------------- commands

    def _ask_for_files(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self, "Open files", self._settings.folder, FILES)
        self.open_files(paths)

    def _ask_for_pictures(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(
            self, "Choose pictures", self._settings.folder, picture_filter()
        )
        self.drops.take(paths)

    def _open_example(self) -> None:
        self.documents.open(str(resource("example/shapes.h5")))

    def _reload(self) -> None:
        if self.navigation.here is not None:
            self.documents.reload(self.navigation.here.document)

    def _close_document(self) -> None:
        if self.runs.is_on_view:
            self.runs.close_shown()
        elif self.navigation.here is not None:
            self.new_files.close(self.navigation.here.document)

    def _open_settings(self) -> None:
        dialog = SettingsDialog(self._settings, self)
        dialog.theme_chosen.connect(self._set_theme)
        dialog.limits_changed.connect(lambda: set_limits(self._pool, self._settings))
        dialog.recent_cleared.connect(self._recent.clear)
        dialog.open()

    def _set_theme(self, mode: theme.Mode) -> None:
        self._settings.theme = mode
        self.actions_.check_theme(mode)
        theme.apply(mode)

    def _allow_actions(self) -> None:
        documents = () if self.runs.is_on_view else self.documents.documents
        self.actions_.allow(
            has_any=bool(self.documents) or bool(self.runs),
            has_file=bool(documents),
            has_network=any(document.has_architecture for document in documents),
        )

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        """While the first worker starts there is time to make panels."""
        super().showEvent(event)
        self.panels.prepare()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remember how the window was, unless an export is to be finished first."""
        if not self.new_files.may_close():
            event.ignore()
            return
        self._settings.keep_bytes("geometry", self.saveGeometry())
        self._settings.keep_bytes("splitter", self._splitter.saveState())
        self.shut_down()
        super().closeEvent(event)
