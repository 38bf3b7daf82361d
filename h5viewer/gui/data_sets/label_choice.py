"""Where the class of each picture is taken from: folders, names, a table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QPushButton, QWidget

from h5viewer.gui.controls.labels import PlainLabel, show_name
from h5viewer.gui.controls.tool_button import push_button
from h5viewer.gui.data_sets.fields import combo, form, in_a_row
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.names import visible
from h5viewer.nodes import DataSetRecipe, FolderSurvey

TABLES = (".csv", ".tsv", ".txt")
"""Endings of tables."""

_PATTERN, _TABLE, _FOUND, _TAKE = 1, 2, 3, 4  # rows
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
        self._choose = push_button(
            "Choose…",
            "Choose a table with a column of names and one of classes",
            name="Choose a table",
        )
        self._choose.setAutoDefault(False)
        self._found = PlainLabel(wrap=True, role="muted")
        self._take = QPushButton()
        self._take.setAutoDefault(False)
        self._rows = rows = form(self)
        rows.add("Classes", self._rule)
        rows.add("Pattern", self._pattern)
        rows.add("Table", in_a_row(self._table_name, self._choose, is_filled=True))
        rows.addRow(self._found)
        rows.addRow(in_a_row(self._take))
        self._show_rows()
        self._rule.currentIndexChanged.connect(self._take_rule)
        self._pattern.textChanged.connect(self.changed)
        self._choose.clicked.connect(self._ask)
        self._take.clicked.connect(self._take_beside)

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
        if tables:
            name = Path(tables[0]).name
            self._take.setText(f"Take them from {show_name(name, 40)}")
            self._take.setAccessibleName(f"Take the classes from {visible(name, 200)}")
            self._take.setToolTip(plain_tooltip(f"{visible(name, 200)} lies beside the pictures"))

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
        is_open = survey.recipe.labels == "none" and not self._rule.currentData()
        self._rows.setRowVisible(_TAKE, is_open and bool(self._beside))

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
                return f"By the pattern {visible(survey.recipe.pattern, 60)}"
            case _:
                return "Neither folders nor names say any."

    def _say(self, words: str) -> None:
        self._found.set_text(words)
        self._rows.setRowVisible(_FOUND, bool(words))
        self._rows.setRowVisible(_TAKE, False)

    def _take_rule(self) -> None:
        if self._rule.currentData() == "table" and not self._table and self._beside:
            self._show_table(self._beside[0])
        self._say("")
        self._show_rows()
        self.changed.emit()

    def _take_beside(self) -> None:
        if self._beside:
            self.take_table(self._beside[0])

    def _show_rows(self) -> None:
        """What goes first: whatever is shown makes room for itself at once."""
        rule = self._rule.currentData()
        is_shown = {
            _PATTERN: rule == "names",
            _TABLE: rule == "table",
            _FOUND: bool(self._found.whole_text),
            _TAKE: False,
        }
        for row in sorted(is_shown, key=is_shown.__getitem__):
            self._rows.setRowVisible(row, is_shown[row])

    def _show_table(self, path: str) -> None:
        self._table = path
        self._table_name.set_text(visible(Path(path).name, 200) if path else "None chosen")

    def _ask(self) -> None:
        start = str(Path(self._table).parent) if self._table else self._folder
        kinds = f"Tables (*{' *'.join(TABLES)});;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self.window(), "Choose a table", start, kinds)
        if path:
            self.take_table(path)
