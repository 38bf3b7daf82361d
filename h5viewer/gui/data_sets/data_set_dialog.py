"""The New data set dialog: a folder of pictures in, one file to train from out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.notices import Busy, EmptyState, Notice
from h5viewer.gui.controls.pages import Pages
from h5viewer.gui.controls.tool_button import push_button
from h5viewer.gui.data_sets.label_choice import LabelChoice
from h5viewer.gui.data_sets.picture_choice import PictureChoice
from h5viewer.gui.data_sets.preview_grid import PreviewGrid
from h5viewer.gui.data_sets.split_choice import SplitChoice
from h5viewer.gui.data_sets.storage_choice import StorageChoice
from h5viewer.gui.data_sets.survey_view import SurveyView
from h5viewer.gui.data_sets.tables_beside import Dropped, sort_dropped, tables_in
from h5viewer.gui.drop_overlay import DropOverlay
from h5viewer.gui.errand import Errand
from h5viewer.gui.export.target_choice import HDF5
from h5viewer.gui.export.writing_dialog import WritingDialog
from h5viewer.gui.node_text import from_home
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import DataSetRecipe, FolderSurvey
from h5viewer.requests import BuildDataSet, PreviewDataSet, SurveyFolder
from h5viewer.wording import plural
from h5viewer.workers.pool import Pool

_PAUSE = 250  # milliseconds without a change until the folder is looked at again
_NO_FOLDER = "Choose a folder of pictures; it can be dropped here."
_WHAT_FITS = (
    "One with a folder for each class, perhaps below train and test; or with pictures whose names "
    "or a table say the class."
)
_LOOKING = "Looking through the folder…"
_STOPPED = "Looking through the folder was stopped."
_N_PREVIEWED = 10


class DataSetDialog(WritingDialog):
    """A folder, its classes, how pictures are stored; what comes of it is seen at once."""

    waiting_words = _LOOKING

    def __init__(self, pool: Pool, folder: str, ask_in: str, parent: QWidget | None = None) -> None:
        super().__init__(pool, "New data set", "New data set of pictures", "Build", parent)
        self._folder = ""
        self._ask_in = ask_in
        self._kept: tuple[str, ...] = ()  # files that the new one may not replace
        self._survey: FolderSurvey | None = None
        self._shift = 0  # another number: other pictures are seen
        self._name = PlainLabel("No folder", elide=Qt.TextElideMode.ElideMiddle)
        self._choose = push_button(
            "Choose folder…",
            "Choose the folder whose pictures go in",
            name="Choose a folder of pictures",
        )
        self._labels = LabelChoice()
        self._pictures = PictureChoice()
        self._split = SplitChoice()
        self._storage = StorageChoice()
        self._tabs = QTabBar()
        self._pages = Pages()
        self._notice = Notice()
        self._busy = Busy(_LOOKING)
        self._preview_busy = Busy("Reading…")
        self._grid = PreviewGrid()
        self._empty = EmptyState("folder-open", "No folder yet", _WHAT_FITS)
        self._shown = Pages()
        others = "Show other pictures of the folder"
        self._others = push_button("Other pictures", others, role="quiet", name=others)
        self._found = SurveyView()
        self._surveying = Latest(pool, self)
        self._previewing = Latest(pool, self)
        self._before_survey = QTimer(self, singleShot=True, interval=_PAUSE)
        self._before_preview = QTimer(self, singleShot=True, interval=_PAUSE)
        self._searching: Errand | None = None
        self._fill_body()
        self._connect()
        self.suggest_target(self._suggestion(), (), (HDF5, (".hdf5", "HDF5 (.hdf5)")))
        if folder:
            self.take_folder(folder)
        else:
            self._show_nothing()

    def take_folder(self, folder: str) -> None:
        """Make the data set of these pictures."""
        if self._folder:
            self.pool.forget(self._folder)
        self._folder = folder
        self._shown.setCurrentWidget(self._grid)
        self._name.set_text(visible(from_home(folder), 400))
        self._labels.forget(folder)
        for choice in (self._pictures, self._split):
            choice.forget()
        self._found.clear()
        self._grid.clear()
        if self._searching is not None:
            self._searching.forget()
        self._searching = Errand(partial(tables_in, folder), self)
        self._searching.done.connect(self._take_tables)
        self._look()

    def export_to(self, target: str) -> BuildDataSet | None:
        """What was chosen."""
        if self.words_against():
            return None
        return BuildDataSet(
            document=self._folder,
            target=target,
            recipe=self._recipe(),
            table=self._labels.table,
        )

    def words_against(self) -> str:
        """No folder, or nothing is known of it."""
        if unclear := self._unclear():
            return unclear
        if self._survey is None:
            return "Nothing yet" if self._notice.message else _LOOKING
        if self._survey.n_unreadable and self._storage.stops:
            what = plural(self._survey.n_unreadable, "file")
            return f"{what} cannot be read: leave them out, or mend them first."
        return self._storage.words_against()

    def _unclear(self) -> str:
        """What has to be said before the folder is looked through; "": nothing."""
        if not self._folder:
            return _NO_FOLDER
        return self._labels.words_against() or self._split.words_against()

    # -------------------------------------------------------------- asking

    def _look_soon(self) -> None:
        """Other classes or other shares."""
        self._survey = None
        self._surveying.cancel()
        self._previewing.cancel()
        self._before_preview.stop()
        self._notice.clear()
        if self._sources != self._kept:
            self._kept = self._sources
            self.target.suggest(self._suggestion(), self._sources)
        self.plan_anew()
        if self._unclear():
            self._before_survey.stop()
        else:
            self._before_survey.start()

    def _look(self) -> None:
        """Ask what the folder holds."""
        self._look_soon()
        self._before_survey.stop()
        if self._unclear():
            return
        recipe = self._split.applied(self._labels.applied(DataSetRecipe()))
        self._surveying.ask(
            SurveyFolder(document=self._folder, recipe=recipe, table=self._labels.table),
            self._show_survey,
            on_failure=self._fail,
            on_progress=self._busy.show_progress,
        )

    def _look_again(self) -> None:
        """With a new worker: the other one remembers the folder for a while."""
        self.pool.forget(self._folder)
        self._look()

    def _show_survey(self, survey: FolderSurvey) -> None:
        self._survey = survey
        for part in (self._labels, self._pictures, self._split, self._found):
            part.show_survey(survey)
        self._others.setEnabled(survey.n_pictures > _N_PREVIEWED)
        self.plan_anew()
        self._preview()

    def _fail(self, error: H5ViewerError) -> None:
        self._notice.show_error(error)
        self._found.clear()
        self._grid.clear()
        self._others.setEnabled(False)
        self.plan_anew()

    def _stop(self) -> None:
        self._surveying.cancel()
        self._notice.show_text(_STOPPED, severity="warning", action="Look again")
        self.plan_anew()

    def _change_pictures(self) -> None:
        """They look otherwise."""
        self.plan_anew()
        if self._survey is not None:
            self._before_preview.start()

    def _preview(self) -> None:
        if self._survey is None:
            return
        self._previewing.ask(
            PreviewDataSet(
                document=self._folder,
                recipe=self._recipe(),
                table=self._labels.table,
                count=_N_PREVIEWED,
                start=self._shift,
            ),
            self._grid.show_preview,
            on_failure=lambda _: self._grid.clear(),  # the plan says why
        )

    def _show_others(self) -> None:
        self._shift += 1
        self._preview()

    def _take_tables(self, tables: Sequence[str]) -> None:
        self._searching = None
        self._labels.offer_tables(tables)
        if self._survey is not None:
            self._labels.show_survey(self._survey)

    # ------------------------------------------------------------- choosing

    def _recipe(self) -> DataSetRecipe:
        recipe = DataSetRecipe()
        for choice in (self._labels, self._pictures, self._split, self._storage):
            recipe = choice.applied(recipe)
        return recipe

    @property
    def _sources(self) -> tuple[str, ...]:
        return tuple(filter(None, (self._folder, self._labels.table)))

    def _suggestion(self) -> Path:
        """Beside the folder, called as it is."""
        if not self._folder:
            return Path(self._ask_in or Path.home()) / "data set.h5"
        folder = Path(self._folder)
        return folder.with_name(f"{folder.name}.h5") if folder.name else Path.home() / "data set.h5"

    def _ask_for_folder(self) -> None:
        start = self._folder or self._ask_in
        folder = QFileDialog.getExistingDirectory(self, "Choose a folder of pictures", start)
        if folder:
            self.take_folder(os.path.abspath(folder))  # noqa: PTH100  # links stay

    def _take_dropped(self, dropped: Dropped) -> None:
        if dropped.folder:
            self.take_folder(dropped.folder)
        if dropped.table and self._folder:
            self._labels.take_table(dropped.table)

    def _drop(self, paths: list[str]) -> None:
        Errand(partial(sort_dropped, tuple(paths)), self).done.connect(self._take_dropped)

    def _show_nothing(self) -> None:
        self._choose.setFocus()
        self._others.setEnabled(False)
        self.plan_anew()

    # ------------------------------------------------------------- building

    def _connect(self) -> None:
        self._choose.clicked.connect(self._ask_for_folder)
        self._labels.changed.connect(self._look_soon)
        self._split.shares_changed.connect(self._look_soon)
        self._split.order_changed.connect(self.plan_anew)
        self._pictures.changed.connect(self._change_pictures)
        self._storage.changed.connect(self.plan_anew)
        self._tabs.currentChanged.connect(self._pages.setCurrentIndex)
        self._others.clicked.connect(self._show_others)
        self._surveying.busy_changed.connect(self._busy.set_busy)
        self._previewing.busy_changed.connect(self._preview_busy.set_busy)
        self._busy.cancelled.connect(self._stop)
        self._preview_busy.cancelled.connect(self._previewing.cancel)
        self._before_survey.timeout.connect(self._look)
        self._before_preview.timeout.connect(self._preview)
        self._notice.action_requested.connect(self._look_again)
        DropOverlay(self, _drop_words).files_dropped.connect(self._drop)

    def _fill_body(self) -> None:
        self._choose.setIcon(theme.icon("folder-open", "muted"))
        self._name.setAccessibleDescription("Folder of the pictures")
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE_M)
        top.addWidget(PlainLabel("Folder", role="muted"))
        top.addWidget(self._name, 1)
        top.addWidget(self._busy)
        top.addWidget(self._choose)
        columns = QHBoxLayout()
        columns.setSpacing(theme.SPACE_XL)
        left = QWidget()
        left.setFixedWidth(380)
        self._fill_left(left)
        columns.addWidget(left)
        columns.addLayout(self._right_column(), 1)
        self.body.addLayout(top)
        self.body.addWidget(self._notice)
        self.body.addLayout(columns, 1)
        self.resize(900, 660)

    def _fill_left(self, left: QWidget) -> None:
        self._tabs.setAccessibleName("What is chosen")
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        for title, tooltip, page in (
            ("Pictures", "Size, colours and numbers", self._pictures),
            ("Split", "Training, validation, test and the order", self._split),
            ("File", "Names of datasets, chunks, compression", self._storage),
        ):
            self._tabs.setTabToolTip(self._tabs.addTab(title), tooltip)
            self._pages.addWidget(page)
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_M)
        column.addWidget(self._labels)
        column.addWidget(self._tabs)
        column.addWidget(self._pages)
        column.addStretch(1)
        self.place_plan(column)

    def _right_column(self) -> QVBoxLayout:
        self._others.setAutoDefault(False)
        bar = QHBoxLayout()
        bar.addWidget(PlainLabel("As they will be stored"), 1)
        bar.addWidget(self._preview_busy)
        bar.addWidget(self._others)
        column = QVBoxLayout()
        column.setSpacing(theme.SPACE_S)
        column.addLayout(bar)
        self._shown.addWidget(self._empty)
        self._shown.addWidget(self._grid)
        column.addWidget(self._shown, 3)
        column.addWidget(self._found, 2)
        return column

    # Qt overrides

    def done(self, result: int) -> None:
        """Nothing is asked of the folder any more, but what was begun."""
        for asking in (self._surveying, self._previewing):
            asking.cancel()
        for timer in (self._before_survey, self._before_preview):
            timer.stop()
        super().done(result)
        if self._folder:
            self.pool.forget(self._folder)


def _drop_words(_paths: Sequence[str]) -> str:
    return "Drop a folder of pictures, or a table of their classes"
