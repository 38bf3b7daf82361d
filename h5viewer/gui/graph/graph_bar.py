"""The buttons above the graph."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import Busy, PlainLabel
from h5viewer.gui.controls.tool_button import switch_button, tool_button

SVG, PNG, COPY = "svg", "png", "copy"


class GraphBar(QWidget):
    """Controls only; the pane decides.

    Signals:
        zoom_wanted(bool): True for larger.
        fit_wanted(), unfold_wanted(bool): all unfolded, or all folded.
        repeats_chosen(bool): whether equal blocks are drawn once.
        export_wanted(str): SVG, PNG or COPY.
    """

    zoom_wanted = Signal(bool)
    fit_wanted = Signal()
    unfold_wanted = Signal(bool)
    repeats_chosen = Signal(bool)
    export_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found = PlainLabel(role="muted")
        self.busy = Busy("Drawing the graph…")
        self._larger = tool_button("zoom-in", "Larger (Ctrl++ or the wheel)", name="Larger")
        self._smaller = tool_button("zoom-out", "Smaller (Ctrl+- or the wheel)", name="Smaller")
        self._fit = tool_button("fit", "Show the whole graph (0)", name="Whole graph")
        self._unfold = tool_button("expand", "Unfold all nested models", name="Unfold all")
        self._fold = tool_button("collapse", "Fold all again", name="Fold all")
        tip = "Draw blocks of layers that follow each other several times as one box"
        self._repeats = switch_button("Fold repeats", tip)
        self._export = QPushButton("Export")
        self._export.setAccessibleName("Export")
        self._export.setToolTip("Save the graph as a picture, or copy it")
        self._menu = QMenu(self._export)
        for kind, text in ((SVG, "As SVG…"), (PNG, "As PNG…"), (COPY, "Copy picture")):
            action = self._menu.addAction(text)
            action.triggered.connect(lambda _=False, kind=kind: self.export_wanted.emit(kind))
        self._export.setMenu(self._menu)
        self._arrange()
        self._larger.clicked.connect(lambda: self.zoom_wanted.emit(True))
        self._smaller.clicked.connect(lambda: self.zoom_wanted.emit(False))
        self._fit.clicked.connect(self.fit_wanted)
        self._unfold.clicked.connect(lambda: self.unfold_wanted.emit(True))
        self._fold.clicked.connect(lambda: self.unfold_wanted.emit(False))
        self._repeats.clicked.connect(self.repeats_chosen)

    def show_choices(self, *, repeats: bool, folds: bool, nested: bool) -> None:
        """Which of them have something to do."""
        self._repeats.setVisible(repeats)
        self._repeats.setChecked(folds)
        self._unfold.setVisible(nested)
        self._fold.setVisible(nested)

    def set_ready(self, ready: bool) -> None:
        """Whether there is a graph."""
        for part in (self._larger, self._smaller, self._fit, self._export, self._repeats):
            part.setEnabled(ready)

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_S, theme.SPACE_XS, theme.SPACE_S, theme.SPACE_XS)
        row.setSpacing(theme.SPACE_XS)
        parts = (self._smaller, self._larger, self._fit, self._unfold, self._fold, self._repeats)
        for part in parts:
            row.addWidget(part)
        row.addWidget(self.found)
        row.addWidget(self.busy)
        row.addStretch(1)
        row.addWidget(self._export)
        self.show_choices(repeats=False, folds=True, nested=False)
        self.set_ready(False)
