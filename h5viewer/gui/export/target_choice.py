"""Where a new file goes: its name, how it is stored, what is there already, what fits there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.errand import Errand
from h5viewer.names import visible
from h5viewer.targets import files_of, is_same, not_a_file

KERAS = (".keras", "Keras archive (.keras)")
HDF5 = (".h5", "HDF5 (.h5)")
WHOLE_NETWORKS: tuple[tuple[str, str], ...] = (KERAS, HDF5)
"""How a network with its architecture may be stored: ending, words."""

_MOST_TRIED = 1000  # numbers behind a suggested name
_TYPING = 150  # milliseconds until a typed name is looked at
_NO_NAME = "Give the new file a name."
_IS_SOURCE = "This is one of the opened files itself; choose another name."
_IS_OF_SOURCE = "This belongs to one of the opened files; choose another name."


class Target(msgspec.Struct, frozen=True):
    """What is known of the chosen place."""

    path: str  # absolute
    exists: bool = False
    free: int | None = None  # bytes; None: the disk does not tell
    refusal: str = ""  # why no file can be written there


class TargetChoice(QWidget):
    """A field, a choice of formats where there are several, a button, a warning.

    Signals:
        changed: another name, or nothing is known of it yet, or it is now.
        ending_changed: another format.
    """

    changed = Signal()
    ending_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sources: tuple[str, ...] = ()
        self._endings: tuple[tuple[str, str], ...] = ()
        self._is_ending_chosen = False  # by the user
        self._others: frozenset[str] = frozenset()
        self._suggested = ""  # what nobody typed: gives way to a file that is there
        self._wanted = ""  # the same before it gave way
        self._known: Target | None = None
        self._looking: Errand | None = None
        self._field = QLineEdit()
        self._field.setAccessibleName("Name of the new file")
        self._field.setToolTip("Where the new file goes")
        self._formats = QComboBox()
        self._formats.setAccessibleName("How it is stored")
        self._formats.setToolTip("How the new file is stored; its name ends in it")
        self._choose = QPushButton("Choose…")
        self._choose.setToolTip("Choose a folder and a name")
        self._choose.setAccessibleName("Choose a folder and a name")
        self._choose.setAutoDefault(False)
        self._warning = PlainLabel(wrap=True, role="warning")
        self._typing = QTimer(self, singleShot=True, interval=_TYPING)
        self._arrange()
        self._field.textChanged.connect(self._wait)
        self._formats.activated.connect(lambda _: self._take_ending())
        self._choose.clicked.connect(self._ask)
        self._typing.timeout.connect(self._look)

    def offer(
        self,
        suggestion: Path,
        sources: Sequence[str],
        endings: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Suggest a place; `sources` may not be written to; `endings` can be chosen from."""
        self._sources = tuple(sources)
        self._endings = tuple(endings)
        self._formats.clear()
        for ending, words in endings:
            self._formats.addItem(words, ending)
        self._formats.setVisible(len(endings) > 1)
        self._suggested = self._wanted = str(suggestion)
        self._field.setText(self._suggested)
        self._show_ending()

    def avoid(self, targets: Collection[str]) -> None:
        """Other exports write these."""
        self._others = frozenset(targets)
        self._wait()

    def suggest(self, suggestion: Path, sources: Sequence[str]) -> None:
        """Another suggestion, where the user has not typed a name."""
        self._sources = tuple(sources)
        if not self._field.isModified():
            is_chosen = self._is_ending_chosen and self.ending
            name = str(suggestion.with_suffix("")) + self.ending if is_chosen else str(suggestion)
            self._suggested = self._wanted = name
            self._field.setText(name)
        self._wait()

    @property
    def path(self) -> str:
        """Absolute path, as it was typed or chosen; "" for none."""
        typed = self._field.text().strip()
        if not typed or typed.endswith(("/", os.sep)):
            return ""
        beside = Path(self._sources[0]).parent if self._sources else Path.home()
        return os.path.abspath(beside / Path(typed).expanduser())  # noqa: PTH100  # links stay

    @property
    def ending(self) -> str:
        """The chosen format's; "" where there is no choice."""
        return str(self._formats.currentData() or "")

    @property
    def known(self) -> Target | None:
        """A place that can be written to, once it was looked at."""
        known = self._known
        is_usable = known is not None and known.path == self.path and not self._words_against()
        return known if is_usable else None

    # -------------------------------------------------------------- private

    def _words_against(self) -> str:
        path = self.path
        if not path:
            return _NO_NAME
        if path in self._sources:
            return _IS_SOURCE
        if path in self._others and path != self._suggested:  # which gives way
            return f"{visible(Path(path).name)} is being written by another export."
        if self._endings and not path.lower().endswith(tuple(end for end, _ in self._endings)):
            names = " or ".join(ending for ending, _ in self._endings)
            return f"The name has to end in {names}: that says how the file is stored."
        return self._known.refusal if self._known is not None else ""

    def _wait(self) -> None:
        """Nothing is known of a new name: it must not be replaced on the word for another."""
        self._known = None
        self._show_ending()
        self._warn()
        self._typing.start()
        self.changed.emit()

    def _look(self) -> None:
        """In a thread: a share that is gone answers after a minute."""
        path, sources, others = self.path, self._sources, self._others
        endings = [ending for ending, _ in self._endings]
        is_suggested = self._field.text() == self._suggested
        if self._looking is not None:
            self._looking.forget()
        self._looking = Errand(
            lambda: look_at(free_name(path, endings, others) if is_suggested else path, sources),
            self,
        )
        self._looking.done.connect(self._take)

    def _take(self, known: Target) -> None:
        self._looking = None
        self._known = known
        if self._field.text() == self._suggested and known.path != self.path:
            self._suggested = known.path
            self._field.blockSignals(True)
            self._field.setText(known.path)
            self._field.blockSignals(False)
        self._warn()
        self.changed.emit()

    def _warn(self) -> None:
        warning = self._words_against()
        if not warning and self._known is not None and self._known.exists:
            warning = f"{visible(Path(self._known.path).name)} exists and will be replaced."
        self._warning.set_text(warning)
        self._warning.setVisible(bool(warning))

    def _show_ending(self) -> None:
        name = self._field.text().strip().lower()
        for index, (ending, _) in enumerate(self._endings):
            if name.endswith(ending) and index != self._formats.currentIndex():
                self._formats.setCurrentIndex(index)
                self.ending_changed.emit()
                return

    def _take_ending(self) -> None:
        was_typed = self._field.isModified()
        name = self._field.text().strip() if was_typed else self._wanted
        for ending, _ in self._endings:
            if name.lower().endswith(ending):
                name = name[: -len(ending)]
                break
        self._is_ending_chosen = True
        if not was_typed:
            self._suggested = self._wanted = name + self.ending
        self._field.setText(name + self.ending)
        self._field.setModified(was_typed)
        self.ending_changed.emit()

    def _ask(self) -> None:
        kinds = [f"{words} (*{ending})" for ending, words in self._endings]
        folder = str(Path(self._sources[0]).parent) if self._sources else ""
        name, _ = QFileDialog.getSaveFileName(
            self, "New file", self.path or folder, ";;".join([*kinds, "All files (*)"]),
            options=QFileDialog.Option.DontConfirmOverwrite,  # the dialog says so itself
        )  # fmt: skip
        if name:
            self._field.setText(name)
            self._field.setModified(True)

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self._field, 1)
        row.addWidget(self._formats)
        row.addWidget(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(PlainLabel("New file"))
        column.addLayout(row)
        column.addWidget(self._warning)


def free_name(path: str, endings: Sequence[str], others: Collection[str] = ()) -> str:
    """`average.h5`, or `average 2.h5` when that is there already, or will be."""
    ending = next((each for each in endings if path.lower().endswith(each)), Path(path).suffix)
    stem = path[: len(path) - len(ending)] if ending else path
    numbered = (f"{stem} {number}{path[len(stem) :]}" for number in range(2, _MOST_TRIED))
    free = (each for each in (path, *numbered) if each not in others)
    return next((each for each in free if not os.path.lexists(each)), path)


def look_at(path: str, sources: Sequence[str] = ()) -> Target:
    """What is there already, and how much room there is. Takes long on a lost share."""
    if not path:
        return Target(path)
    try:
        free = shutil.disk_usage(Path(path).parent).free
    except OSError:
        free = None
    return Target(path, os.path.lexists(path), free, _refusal(Path(path), sources))


def _refusal(target: Path, sources: Sequence[str]) -> str:
    """As the export would refuse it, but before everything has been written."""
    folder = visible(target.parent.name) or "this folder"
    if not target.parent.is_dir():
        return f"There is no folder {folder}; choose another one."
    if kind := not_a_file(target):
        return f"{visible(target.name)} is {kind}; choose another name."
    if any(is_same(target, Path(source)) for source in sources):
        return _IS_SOURCE
    if any(is_same(target, file) for source in sources for file in files_of(source)):
        return _IS_OF_SOURCE
    if not os.access(target.parent, os.W_OK):
        return f"No file can be written into {folder}; choose another folder."
    return ""
