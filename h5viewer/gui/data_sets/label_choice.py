"""Where the class of each picture is taken from: folders, names, a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QWidget

from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.data_sets.fields import combo, form, in_a_row
from h5viewer.names import visible
from h5viewer.nodes import DataSetRecipe, FolderSurvey

TABLES = (".csv", ".tsv", ".txt")
"""Endings of tables."""

_PATTERN, _TABLE, _FOUND = 1, 2, 3  # rows
_NO_TABLE = "Choose a table of names and classes, or drop it here."
_RULES = (
    ("As the folder looks", ""),
    ("Folders: one for each class", "folders"),
    ("Names of the pictures", "names"),
    ("A table (CSV)", "table"),
    ("No classes", "none"),
)


class LabelChoice(QWidget):
    """A rule, and what it needs.

    Signals:
        changed: other classes.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = ""
        self._table = ""
        self._beside: Sequence[str] = ()  # tables in the folder
        self._rule = combo("Classes", "What says which class a picture has", _RULES)
        self._pattern = QLineEdit(maxLength=500)
        self._pattern.setPlaceholderText("{class}_#")
        self._pattern.setAccessibleName("Pattern of the names")
        self._pattern.setToolTip(
            "{class} stands where the class does, # for a number, * for anything; with a slash it "
            "is about the path inside the folder"
        )
        self._table_name = PlainLabel("None chosen", role="muted")
        self._choose = QPushButton("Choose…")
        self._choose.setAutoDefault(False)
        self._choose.setToolTip("Choose a table with a column of names and one of classes")
        self._choose.setAccessibleName("Choose a table")
        self._found = PlainLabel(wrap=True, role="muted")
        self._rows = rows = form(self)
        rows.addRow("Classes", self._rule)
        rows.addRow("Pattern", self._pattern)
        rows.addRow("Table", in_a_row(self._table_name, self._choose, is_filled=True))
        rows.addRow("", self._found)
        self._show_rows()
        self._rule.currentIndexChanged.connect(self._take_rule)
        self._pattern.textChanged.connect(self.changed)
        self._choose.clicked.connect(self._ask)

    @property
    def table(self) -> str:
        """Absolute path of the table that counts; "": none."""
        return self._table if self._rule.currentData() == "table" else ""

    def forget(self, folder: str) -> None:
        """Another folder: its own rule; tells nobody."""
        self._folder, self._beside = folder, ()
        self._show_table("")
        with QSignalBlocker(self._rule), QSignalBlocker(self._pattern):
            self._rule.setCurrentIndex(0)
            self._pattern.clear()
        self._say("")
        self._show_rows()

    def offer_tables(self, tables: Sequence[str]) -> None:
        """These lie in the folder."""
        self._beside = tables

    def take_table(self, path: str) -> None:
        """Take the classes from this table."""
        self._show_table(path)
        if self._rule.currentData() == "table":
            self.changed.emit()
        else:
            self._rule.setCurrentIndex(self._rule.findData("table"))

    def show_survey(self, survey: FolderSurvey) -> None:
        """Say what was found; tells nobody."""
        if not self._pattern.text() and not self._rule.currentData():
            with QSignalBlocker(self._pattern):
                self._pattern.setText(survey.pattern)
        self._say(self._words(survey))

    def words_against(self) -> str:
        """A table is missing."""
        return _NO_TABLE if self._rule.currentData() == "table" and not self._table else ""

    def applied(self, recipe: DataSetRecipe) -> DataSetRecipe:
        """The recipe with what was chosen here."""
        rule = self._rule.currentData()
        pattern = self._pattern.text().strip() if rule == "names" else ""
        return msgspec.structs.replace(recipe, labels=rule, pattern=pattern)

    def _words(self, survey: FolderSurvey) -> str:
        if self._rule.currentData():
            return ""
        match survey.recipe.labels:
            case "folders":
                return "Each folder is a class."
            case "names":
                return f"The names say them, by the pattern {visible(survey.recipe.pattern, 60)}."
            case _ if self._beside:
                name = visible(Path(self._beside[0]).name, 60)
                return f"Neither folders nor names say any. Perhaps {name} does: choose a table."
            case _:
                return "Neither folders nor names say any: there are no labels."

    def _say(self, words: str) -> None:
        self._found.set_text(words)
        self._rows.setRowVisible(_FOUND, bool(words))

    def _take_rule(self) -> None:
        if self._rule.currentData() == "table" and not self._table and self._beside:
            self._show_table(self._beside[0])
        self._show_rows()
        self._say("")
        self.changed.emit()

    def _show_rows(self) -> None:
        rule = self._rule.currentData()
        self._rows.setRowVisible(_PATTERN, rule == "names")
        self._rows.setRowVisible(_TABLE, rule == "table")
        self._rows.setRowVisible(_FOUND, bool(self._found.whole_text))

    def _show_table(self, path: str) -> None:
        self._table = path
        self._table_name.set_text(visible(Path(path).name, 200) if path else "None chosen")

    def _ask(self) -> None:
        start = str(Path(self._table).parent) if self._table else self._folder
        kinds = f"Tables (*{' *'.join(TABLES)});;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self.window(), "Choose a table", start, kinds)
        if path:
            self.take_table(path)
