"""The user's word: Python code of a model, classes that Keras does not have."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.architecture.code_view import code_facts
from h5viewer.gui.controls.notices import Notice, PlainLabel
from h5viewer.gui.details.facts_view import FactsView
from h5viewer.gui.errand import Errand
from h5viewer.gui.predict.network_loading import covers
from h5viewer.names import visible
from h5viewer.nodes import Code, Diagnosis
from h5viewer.picture_files import read_bytes
from h5viewer.requests import CodeFile, Consent

_CONFINED = (
    "It runs in a process of its own, which on this computer can neither write a file, nor read "
    "one besides the model and Python itself, nor start a program, nor use the network."
)
_NOT_CONFINED = (
    "It runs in a process of its own. On this system that process is not kept from reading and "
    "writing your files: go on only if you trust whoever made the model."
)
_RUN, _FILE, _THROUGH = "run", "file", "through"

_MOST_CLASSES = 60  # to decide about
_MOST_SHOWN = 6  # pieces of code
_MOST_CODE = 2 << 20  # bytes of a Python file


class ConsentDialog(QDialog):
    """Shows what there is, and asks for a decision about each thing.

    Signals:
        consent_given(Consent)
    """

    consent_given = Signal(object)

    def __init__(
        self,
        file_name: str,
        diagnosis: Diagnosis,
        code: Sequence[Code],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Your word is needed")
        self.setAccessibleName("Your word is needed")
        self._diagnosis = diagnosis
        self._files: list[CodeFile] = []
        self._with_code = _subjects(diagnosis, "code")
        self._classes = _subjects(diagnosis, "class")
        self._choices: dict[str, QComboBox] = {}
        self._code_choice = _combo_box("What to do with the code", with_code=True)
        self._code_choice.currentIndexChanged.connect(self._allow)
        self._failure = Notice()
        self._chosen = PlainLabel(wrap=True, role="muted")
        self._column = QVBoxLayout()
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.SPACE_M)
        if self._with_code:
            self._add_code(file_name, code)
        if self._classes:
            self._add_classes(file_name, code)
        self._add_files()
        self._finish()
        self._allow()

    def consent(self) -> Consent:
        """What the user allows."""
        through = [name for name, box in self._choices.items() if box.currentData() == _THROUGH]
        does = self._code_choice.currentData()
        return Consent(
            content_hash=self._diagnosis.content_hash,
            run_code=bool(self._with_code) and does == _RUN,
            code_files=tuple(self._files),
            pass_through=(*through, *(self._with_code if does == _THROUGH else ())),
        )

    def take_file(self, path: str) -> None:
        """Read a Python file that defines layers."""
        reading = Errand(partial(_read_code_file, path), self)
        reading.done.connect(self._add_file)
        reading.failed.connect(self._tell_failure)

    def _add_code(self, file_name: str, code: Sequence[Code]) -> None:
        self._add_title(f"{visible(file_name)} holds Python code")
        self._add_text("To answer, its layers have to run it. This is what it names:")
        for piece in code[:_MOST_SHOWN]:
            if piece.layer:
                self._add_title(f"Layer {visible(piece.layer, 100)}", is_small=True)
            facts = FactsView()
            facts.show_facts(code_facts([piece]))
            self._column.addWidget(facts)
        if len(code) > _MOST_SHOWN:
            self._add_text(f"and {len(code) - _MOST_SHOWN:,} more; Architecture shows them all.")
        if not code:
            self._add_text("It cannot be read here, so what it does is not known.")
        self._add_choice("This code", self._code_choice)

    def _add_classes(self, file_name: str, code: Sequence[Code]) -> None:
        self._add_title(f"{visible(file_name)} uses what Keras does not have")
        self._add_text(
            "Choose the Python file that defines them, or let a layer's input through unchanged "
            "where it only matters in training."
        )
        for name in self._classes[:_MOST_CLASSES]:
            box = self._choices[name] = _combo_box(f"What to do with {visible(name, 60)}")
            box.currentIndexChanged.connect(self._allow)
            self._add_choice(visible(name, 60), box)
            own = [piece for piece in code if piece.layer == name and piece.functions]
            if own:  # of another Python: it cannot run, but tells what it does
                facts = FactsView()
                facts.show_facts(code_facts(own))
                self._column.addWidget(facts)

    def _add_choice(self, text: str, box: QComboBox) -> None:
        row = QHBoxLayout()
        row.addWidget(PlainLabel(text), 1)
        row.addWidget(box)
        self._column.addLayout(row)

    def _add_files(self) -> None:
        self._choose = QPushButton("Choose Python file…")
        self._choose.setAccessibleName("Choose Python file")
        self._choose.setToolTip("The file in which these layers are defined")
        self._choose.clicked.connect(self._choose_file)
        self._column.addWidget(self._choose, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addWidget(self._chosen)

    def _choose_file(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Choose Python file", "", "Python files (*.py);;All files (*)"
        )
        if path:
            self.take_file(path)

    def _add_file(self, file: CodeFile) -> None:
        others = [each for each in self._files if each.name != file.name]
        self._files = [*others, file]
        self._failure.clear()
        self._allow()

    def _tell_failure(self, error: H5ViewerError) -> None:
        self._failure.show_error(error)

    def _allow(self) -> None:
        boxes = [*self._choices.values(), *([self._code_choice] if self._with_code else [])]
        wants_file = any(box.currentData() == _FILE for box in boxes)
        names = ", ".join(visible(each.name, 60) for each in self._files)
        self._chosen.set_text(f"Chosen: {names}" if names else "No file is chosen yet.")
        for part in (self._choose, self._chosen):
            part.setVisible(wants_file)
        consent = self.consent()
        runs = consent.run_code or bool(consent.code_files)
        self._accept.setText("Run it" if runs or wants_file else "Go on without it")
        self._accept.setAccessibleName(self._accept.text())
        is_whole = covers(consent, self._diagnosis) and (bool(self._files) or not wants_file)
        self._accept.setEnabled(is_whole)
        how = _CONFINED if _is_confined() else _NOT_CONFINED
        self._how.set_text(how if runs or wants_file else "")

    def _take(self) -> None:
        self.consent_given.emit(self.consent())
        self.accept()

    def _add_title(self, text: str, *, is_small: bool = False) -> None:
        label = PlainLabel(text, wrap=True)
        label.setFont(theme.scaled_font(1.0 if is_small else 1.15, QFont.Weight.DemiBold))
        self._column.addWidget(label)

    def _add_text(self, text: str) -> None:
        self._column.addWidget(PlainLabel(text, wrap=True, role="muted"))

    def _finish(self) -> None:
        self._column.addStretch(1)
        page = QWidget()
        page.setLayout(self._column)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setAccessibleName("What needs your word")
        scroll.setWidget(page)
        self._how = PlainLabel(wrap=True)
        kept = "Your decision is remembered for the bytes of this very file, and for no other."
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._accept = buttons.addButton("Run it", QDialogButtonBox.ButtonRole.AcceptRole)
        self._accept.setToolTip("Load the network with this")
        buttons.accepted.connect(self._take)
        buttons.rejected.connect(self.reject)
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_XL] * 4)
        column.setSpacing(theme.SPACE_M)
        column.addWidget(scroll, 1)
        column.addWidget(self._failure)
        column.addWidget(self._how)
        column.addWidget(PlainLabel(kept, wrap=True, role="muted"))
        column.addWidget(buttons)
        self.resize(640, 560)


def _is_confined() -> bool:
    """Whether workers can be shut off from all files here."""
    if sys.platform != "linux":
        return False
    from h5viewer.workers import landlock

    return landlock.version() > 0


def _subjects(diagnosis: Diagnosis, needs: str) -> list[str]:
    """What needs the user's word, each once."""
    found = [each.subject for each in diagnosis.findings if each.needs == needs]
    return list(dict.fromkeys(found))


def _combo_box(name: str, *, with_code: bool = False) -> QComboBox:
    box = QComboBox()
    if with_code:
        box.addItem("Run it", _RUN)
    box.addItem("Take it from a Python file" if with_code else "Defined in a Python file", _FILE)
    box.addItem("Let the input through unchanged", _THROUGH)
    box.setAccessibleName(name)
    box.setToolTip("A layer that changes its input cannot be left out without harm")
    return box


def _read_code_file(path: str) -> CodeFile:
    name = Path(path).name
    try:
        text = read_bytes(path, _MOST_CODE).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CannotRead(f"{visible(name)} is no text in UTF-8.") from error
    return CodeFile(name=name, text=text)
