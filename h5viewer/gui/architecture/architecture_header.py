"""The strip above the layers: which network, by which Keras, from what to what, how trained."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from h5viewer import wording
from h5viewer.gui import theme
from h5viewer.gui.architecture import training_words
from h5viewer.gui.architecture.findings import Finding, Findings, finding_words
from h5viewer.gui.controls.notices import Notice, PlainLabel, Severity
from h5viewer.names import visible
from h5viewer.nodes import Architecture, Code, Document, Training

_WEIGHTS_ONLY = ("keras-h5-weights", "keras-weights")  # formats without a configuration

_NOTE = "This file holds weights only; the network is not described in it."
_UNDESCRIBED = "The network cannot be read from this file; its layers are known by their weights."


def is_bare(document: Document) -> bool:
    """True for files that hold weights and do not describe the network."""
    return document.format in _WEIGHTS_ONLY or document.lists_weights


class ArchitectureHeader(QWidget):
    """Facts about one architecture, and what is wrong with it.

    Signals:
        place_chosen(str): the user wants to go to a layer name or path that a finding names.
        training_wanted: the user wants to see all settings of the training.
    """

    place_chosen = Signal(str)
    training_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = PlainLabel()
        self._name.setFont(theme.scaled_font(1.25, QFont.Weight.DemiBold))
        self._chips = [_Chip() for _ in range(2)]
        self._flow = PlainLabel(role="muted")
        self._cost = PlainLabel(role="muted")
        self._training = PlainLabel(role="muted")
        self._settings = QPushButton("All settings")
        self._settings.setProperty("role", "link")
        self._settings.setToolTip("Show all settings of the training")
        self._settings.setAccessibleName("All settings of the training")
        self._settings.clicked.connect(self.training_wanted)
        self._quiet = Notice()
        self.problems = Findings("warning")
        self.code = Findings("python")
        for findings in (self.problems, self.code):
            findings.finding_chosen.connect(self.place_chosen)
        self._arrange()

    def show_document(self, document: Document) -> None:
        """What is known before the first layer has come."""
        # the file's name stands above
        self._name.set_text("Weights" if is_bare(document) else "Network")
        self._show_chips(visible(document.backend, 40) if document.backend else "")
        for label in (self._flow, self._cost, self._training):
            label.hide()
        self._settings.hide()
        self._quiet.clear()
        self.problems.hide()
        self.code.hide()

    def show_architecture(self, document: Document, architecture: Architecture) -> None:
        """Everything."""
        self.show_document(document)
        is_declared = architecture.class_name is not None
        if architecture.name:
            self._name.set_text(visible(architecture.name))
        self._show_chips(
            visible(architecture.class_name, 60) if architecture.class_name else "",
            visible(document.backend, 40) if document.backend else "",
        )
        self._show_flow(architecture)
        self._show_cost(architecture)
        if architecture.training is not None:
            self._show_training(architecture.training)
        if not is_declared and architecture.n_layers:
            self._quiet.show_text(_NOTE if is_bare(document) else _UNDESCRIBED)
        self._show_findings(architecture)

    def _show_chips(self, *texts: str) -> None:
        for chip, text in zip(self._chips, (*texts, ""), strict=False):
            chip.set_text(text)
            chip.setVisible(bool(text))

    def _show_flow(self, architecture: Architecture) -> None:
        if architecture.inputs or architecture.outputs:
            inputs = wording.names_text(architecture.inputs, 8) or "?"
            outputs = wording.names_text(architecture.outputs, 8) or "?"
            self._flow.set_text(f"{inputs}  →  {outputs}")
            self._flow.setAccessibleName(f"Inputs {inputs}, outputs {outputs}")
            self._flow.show()

    def _show_cost(self, architecture: Architecture) -> None:
        facts = wording.cost_facts(architecture.cost)
        if facts:
            said = "  ·  ".join(f"{label}: {text}" for label, text in facts)
            self._cost.set_text(f"For one sample:  {said}")
            self._cost.show()

    def _show_training(self, training: Training) -> None:
        parts = (
            ("Loss", training_words.loss_words(training)),
            ("Metrics", training_words.metrics_words(training)),
            ("Optimizer", training_words.optimizer_words(training)),
        )
        text = "  ·  ".join(f"{label}: {words}" for label, words in parts if words)
        self._training.set_text(text)
        self._training.setVisible(bool(text))
        self._settings.setVisible(bool(text))

    def _show_findings(self, architecture: Architecture) -> None:
        warnings = [p for p in architecture.problems if p.severity == "warning"]
        notes = [p for p in architecture.problems if p.severity == "note"]
        found = [Finding(problem.where, problem.message) for problem in (*warnings, *notes)]
        severity: Severity = "warning" if warnings else "note"
        self.problems.show_findings(_count_words(found, bool(warnings)), found, severity=severity)
        self.code.show_findings(
            _code_sentence(architecture.code),
            [Finding(code.layer, code_words(code)) for code in architecture.code],
        )

    def _arrange(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(theme.SPACE_S)
        title.addWidget(self._name)
        for chip in self._chips:
            title.addWidget(chip, 0, Qt.AlignmentFlag.AlignVCenter)
        title.addStretch(1)
        training = QHBoxLayout()
        training.setSpacing(theme.SPACE_M)
        training.addWidget(self._training)
        training.addWidget(self._settings)
        training.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_M, theme.SPACE_S)
        column.setSpacing(theme.SPACE_XS)
        column.addLayout(title)
        column.addWidget(self._flow)
        column.addWidget(self._cost)
        column.addLayout(training)
        column.addSpacing(theme.SPACE_XS)
        for strip in (self._quiet, self.problems, self.code):
            column.addWidget(strip)


class _Chip(PlainLabel):
    """A short fact in a rounded box."""

    def __init__(self) -> None:
        super().__init__(role="chip")

    # Qt overrides

    def sizeHint(self) -> QSize:
        """Room for the indent that QLabel gives texts in a box."""
        hint = super().sizeHint()
        return QSize(hint.width() + self.fontMetrics().averageCharWidth(), hint.height())


def code_words(code: Code) -> str:
    """`a lambda function; it names os, system`, or what it computes."""
    if code.computes:
        return f"computes {visible(code.computes, 300)}"
    kind = {
        "lambda": "a lambda function",
        "function": "a function by name",
        "module": "something that is not part of Keras",
    }.get(code.kind, visible(code.kind, 80))
    if code.place not in ("", "function"):
        kind += f" in “{visible(code.place, 40)}”"
    if not code.names:
        return kind
    names = ", ".join(visible(name, 60) for name in code.names[:20])
    return f"{kind}; it names {names}"


def _code_sentence(found: Sequence[Code]) -> str:
    if all(code.kind == "module" for code in found):
        return "This file refers to Python code outside Keras, which was not imported."
    return "This file contains Python code, which was not executed."


def _count_words(found: list[Finding], is_warning: bool) -> str:
    if not found:
        return ""
    if len(found) == 1:
        return finding_words(found[0], 1000)
    return f"{wording.count_text(len(found))} {'problems' if is_warning else 'notes'} in this file"
