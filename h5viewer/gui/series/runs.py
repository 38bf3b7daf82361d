"""Runs in the window: what opens them, shows them, and leads from them to files and back."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from h5viewer.checkpoint_files import is_of_checkpoint
from h5viewer.errors import CannotOpen
from h5viewer.gui.errand import Errand
from h5viewer.gui.file_notices import FileNotices
from h5viewer.gui.navigation import Navigation
from h5viewer.gui.new_files import NewFiles
from h5viewer.gui.open_documents import OpenDocuments
from h5viewer.gui.panels import DIALOGS, RUN_PAGE, find
from h5viewer.gui.series.finding_runs import FEWEST
from h5viewer.gui.series.moved_checkpoints import MovedCheckpoints
from h5viewer.gui.series.open_runs import OpenRuns
from h5viewer.gui.series.step_words import run_name
from h5viewer.gui.tree.sidebar import Sidebar
from h5viewer.gui.turns import Turns
from h5viewer.names import plain, visible
from h5viewer.nodes import Document, Series
from h5viewer.wording import bytes_text, count_text, plural
from h5viewer.workers.pool import Pool

if TYPE_CHECKING:  # with pyqtgraph 0.3 s of modules; a thread imports them after the start
    from h5viewer.gui.series.clean_up import Moved
    from h5viewer.gui.series.clean_up_dialog import CleanUpDialog
    from h5viewer.gui.series.run_page import RunPage


_FILE = re.compile(r"\.(?:h5|hdf5|keras|index|data-\d{5}-of-\d{5})$", re.IGNORECASE)
"""Names of what is no folder; whether others are waits for a disk."""


class Runs(QObject):
    """Leads from files to runs and back.

    Signals:
        changed: a run was opened or closed.
        view_changed: a run is on view in the place of files, or files are again.
        status_changed(str): for the status line.
        compare_wanted(path: str, other: str): two files are to be seen side by side.
    """

    changed = Signal()
    view_changed = Signal()
    status_changed = Signal(str)
    compare_wanted = Signal(str, str)

    def __init__(
        self,
        pool: Pool,
        documents: OpenDocuments,
        navigation: Navigation,
        new_files: NewFiles,
        notices: FileNotices,
        sidebar: Sidebar,
        content: QStackedWidget,
        window: QWidget,
    ) -> None:
        """`content`: what is shown beside the sidebar; its first page is that of files."""
        super().__init__(window)
        self._pool = pool
        self._documents = documents
        self._navigation = navigation
        self._new_files = new_files
        self._notices = notices
        self._sidebar = sidebar
        self._entries = sidebar.runs
        self._title = ""  # of the window, while files were on view
        self._content = content
        self._window = window
        self._page: RunPage | None = None
        self._on_view: int | None = None
        self._showing: Iterator[None] = iter(())
        self._turns = Turns(self)
        self._offered: dict[str, Series] = {}
        self._moved = MovedCheckpoints(notices, window)
        self._moved.status_changed.connect(self.status_changed)
        self.open_runs = runs = OpenRuns(self)
        runs.opened.connect(self._show_new)
        runs.chosen_again.connect(self.show_run)
        runs.changed.connect(self._show_changed)
        runs.closed.connect(self._take_away)
        runs.left_over.connect(self._open_each)
        runs.pictures_found.connect(new_files.make_data_set)
        runs.siblings_found.connect(self._offer)
        self._entries.run_chosen.connect(self.show_run)
        self._entries.close_wanted.connect(runs.close)
        sidebar.node_chosen.connect(self.leave)
        navigation.arrived.connect(self._give_way)
        navigation.run_reached.connect(self._begin_showing)
        documents.chosen_again.connect(self.leave)
        notices.run_wanted.connect(self._open_offered)
        documents.opened.connect(self._look_around)
        documents.closed.connect(lambda path: self._offered.pop(path, None))

    def __len__(self) -> int:
        return len(self.open_runs)

    @property
    def is_on_view(self) -> bool:
        """True while a run is shown, and no file."""
        return self._on_view is not None

    def open(self, paths: Sequence[str]) -> None:
        """Open runs as such, and other files one by one."""
        paths = self._without_odd(paths)
        if len(paths) < FEWEST and all(_FILE.search(path) for path in paths):
            self._open_each(paths)
        else:
            self.open_runs.open(paths)

    def _without_odd(self, paths: Sequence[str]) -> Sequence[str]:
        """Those that Qt can carry: signals lose lone surrogates, as odd bytes are in Python."""
        odd = [path for path in paths if plain(path) != path]
        if not odd:
            return paths
        name = visible(os.fsencode(Path(odd[0]).name) or odd[0])
        others = f" and {plural(len(odd) - 1, 'other')}" if len(odd) > 1 else ""
        error = CannotOpen(
            f"{name}{others} cannot be opened in the window: the path is no UTF-8.",
            hint="Rename the file or its folder; h5v in the terminal takes any path.",
        )
        self._notices.show_refused(odd[0], error)  # stays when another file opens
        return [path for path in paths if path not in odd]

    def ask_for_folder(self, folder: str) -> None:
        """Let the user choose a folder."""
        chosen = QFileDialog.getExistingDirectory(self._window, "Open a folder", folder)
        if chosen:
            self.open_runs.open([chosen])

    def show_run(self, key: int) -> None:
        """Show it in the place of files."""
        if self.open_runs.get(key) is not None:
            self._navigation.go_to_run(key)

    def _begin_showing(self, key: int) -> None:
        if self.open_runs.get(key) is not None and key != self._on_view:
            self._showing = self._show(key)
            if RUN_PAGE.partition(":")[0] in sys.modules:
                self._turns.begin(self._showing)
                return
            importing = Errand(partial(find, RUN_PAGE), self)  # 0.3 s where nothing did so before
            importing.done.connect(lambda _: self._turns.begin(self._showing))

    def leave(self, *_: object) -> None:
        """Show files again."""
        if self._on_view is not None:
            self._window.setWindowTitle(self._title)
            self._give_way()

    def _give_way(self, *_: object) -> None:
        self._turns.stop()
        self._showing = iter(())
        if self._on_view is not None:
            self._on_view = None
            self._entries.mark(None)
            self._content.setCurrentIndex(0)
            if self._page is not None:
                self._page.clear()
            self.view_changed.emit()

    def close_shown(self) -> None:
        """Close the run on view."""
        if self._on_view is not None:
            self.open_runs.close(self._on_view)

    def shut_down(self) -> None:
        """The program ends."""
        self._turns.stop()
        self.open_runs.shut_down()
        if self._page is not None:
            self._page.clear()

    # -------------------------------------------------------------- private

    def _show(self, key: int) -> Iterator[None]:
        """In steps that hold the window up for less than 50 ms each."""
        if self._page is None:
            page = cast("RunPage", find(RUN_PAGE)(self._pool))
            yield
            yield from page.make()
            self._connect_page(page)
            self._page = page
        series = self.open_runs.get(key)
        if series is None:
            return  # closed meanwhile
        self._page.show_series(series, is_new=True)
        yield
        if self._on_view is None:
            self._title = self._window.windowTitle()
        self._on_view = key
        self._entries.mark(key)
        self._sidebar.show_no_node()
        self._content.setCurrentWidget(self._page)
        self._window.setWindowTitle(f"{run_name(series)} — h5viewer")
        self.view_changed.emit()

    def _connect_page(self, page: RunPage) -> None:
        page.open_wanted.connect(self._documents.open)
        page.status_changed.connect(self.status_changed)
        page.average_wanted.connect(self._new_files.merge_files)
        page.export_wanted.connect(self._new_files.export_file)
        page.compare_wanted.connect(self.compare_wanted)
        page.clean_up_wanted.connect(self._clean_up)
        self._content.addWidget(page)

    def _clean_up(self) -> None:
        """Let the user choose what goes to the trash."""
        key, page = self._on_view, self._page
        series = None if key is None else self.open_runs.get(key)
        if key is None or series is None or page is None:
            return
        steps = page.steps
        wanted = (series, steps.chosen_metric, steps.direction)
        dialog = cast("CleanUpDialog", find(DIALOGS["clean-up"])(*wanted, self._window))
        dialog.moved.connect(lambda moved: self._tell_moved(key, moved))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _tell_moved(self, key: int, moved: Moved) -> None:
        self.open_runs.look_again(key)
        n_files, size = plural(moved.n_files, "file"), bytes_text(moved.n_bytes)
        self.status_changed.emit(f"{n_files} ({size}) moved to the trash")

    def _show_new(self, key: int) -> None:
        series = self.open_runs.get(key)
        if series is not None:
            self._entries.show_run(key, series)
            self._look_beside(series.steps[0].document)
            for path in [path for path in self._offered if _has(series, path)]:
                self._notices.clear(path)
                del self._offered[path]
            self.changed.emit()
            self.show_run(key)

    def _show_changed(self, key: int) -> None:
        series = self.open_runs.get(key)
        if series is None:
            return
        self._entries.show_run(key, series)
        if key == self._on_view and self._page is not None:
            self._page.show_series(series, is_new=False)

    def _take_away(self, key: int) -> None:
        self._entries.take_run(key)
        if key == self._on_view:
            self.leave()
        self._navigation.forget_run(key)
        self.changed.emit()

    def _open_each(self, paths: Sequence[str]) -> None:
        for path in paths:
            self._documents.open(path)

    def _look_around(self, document: Document) -> None:
        self.open_runs.look_around(document.path)
        self._look_beside(document.path)

    def _look_beside(self, path: str) -> None:
        if is_of_checkpoint(path):
            self._moved.look_beside(path)

    def _offer(self, path: str, series: Series) -> None:
        if any(_has(each, path) for each in self._offered.values()):
            return  # of a sibling: once is enough
        if self._documents.get(path) is not None:
            self._offered[path] = series
            others = count_text(len(series.steps))
            name = visible(Path(path).name, 80)
            self._notices.show_run(path, f"{name} is one of {others} files of a run of training.")

    def _open_offered(self, path: str) -> None:
        series = self._offered.pop(path, None)
        self._notices.clear(path)
        if series is not None:
            self.open_runs.open_series(series)


def _has(series: Series, path: str) -> bool:
    return any(path in step.files for step in series.steps)
