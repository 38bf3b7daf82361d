"""What a folder holds: how many pictures, which classes, which files are left out."""

from __future__ import annotations

from PySide6.QtWidgets import QTabBar, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.pages import Pages
from h5viewer.gui.controls.row_table import RowTable
from h5viewer.gui.data_sets.class_item_model import (
    ALL,
    TEST,
    TRAINING,
    VALIDATION,
    ClassItemModel,
    SkippedItemModel,
)
from h5viewer.nodes import FolderSurvey
from h5viewer.wording import count_text, plural

_CLASSES, _SKIPPED = 0, 1


class SurveyView(QWidget):
    """A sentence, and a table of classes or of files."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._summary = PlainLabel(wrap=True)
        self._classes = ClassItemModel(self)
        self._skipped = SkippedItemModel(self)
        self._class_table = RowTable("Classes that were found")
        self._class_table.setModel(self._classes)
        self._skipped_table = RowTable("Files that are left out")
        self._skipped_table.setModel(self._skipped)
        self._tabs = QTabBar()
        self._tabs.setAccessibleName("What was found")
        self._tabs.setExpanding(False)
        self._tabs.setDrawBase(False)
        self._tabs.addTab("Classes")
        self._tabs.addTab("Left out")
        self._tabs.setTabToolTip(_CLASSES, "The classes, and how many pictures of each go where")
        self._tabs.setTabToolTip(_SKIPPED, "Files that are not in the data set, and why")
        self._pages = Pages()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self._summary)
        column.addWidget(self._tabs)
        column.addWidget(self._pages, 1)
        for table in (self._class_table, self._skipped_table):
            self._pages.addWidget(table)
        self._tabs.currentChanged.connect(self._pages.setCurrentIndex)
        self.clear()

    def show_survey(self, survey: FolderSurvey) -> None:
        """Show what was found."""
        self._summary.set_text(summary_text(survey))
        self._classes.show_classes(survey.classes)
        self._skipped.show_files(survey.skipped)
        counts = {
            TRAINING: survey.n_training,
            VALIDATION: survey.n_validation,
            TEST: survey.n_test,
        }
        is_split = survey.n_training < survey.n_pictures
        for column, count in counts.items():
            self._class_table.setColumnHidden(column, not (count and is_split))
        self._class_table.fit_columns(widest=200, first=140, last=60, whole=list(counts))
        self._skipped_table.fit_columns(widest=220, first=140)
        self._name_tabs(len(survey.classes), survey.n_skipped)

    def clear(self) -> None:
        """Nothing is known."""
        self._summary.set_text("")
        self._classes.show_classes(())
        self._skipped.show_files(())
        for column in (TRAINING, VALIDATION, TEST):
            self._class_table.setColumnHidden(column, True)
        self._class_table.fit_columns(first=140, whole=[ALL])
        self._name_tabs(0, 0)

    @property
    def text(self) -> str:
        """The sentence."""
        return self._summary.whole_text

    def _name_tabs(self, n_classes: int, n_skipped: int) -> None:
        self._tabs.setTabText(_CLASSES, f"Classes ({n_classes:,})" if n_classes else "Classes")
        self._tabs.setTabText(_SKIPPED, f"Left out ({n_skipped:,})" if n_skipped else "Left out")


def summary_text(survey: FolderSurvey) -> str:
    """Such as: 2,000 pictures in 10 classes: 1,600 training, 400 test."""
    text = plural(survey.n_pictures, "picture")
    if survey.classes:
        text += f" in {plural(len(survey.classes), 'class', 'classes')}"
    counts = (survey.n_training, survey.n_validation, survey.n_test)
    words = ("training", "validation", "test")
    parts = [f"{count_text(n)} {what}" for n, what in zip(counts, words, strict=True) if n]
    is_split = survey.n_training < survey.n_pictures
    return f"{text}: {', '.join(parts)}." if is_split else f"{text}."
