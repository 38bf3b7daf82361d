"""The bar above the weights: which view, filter, what is read, export."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QMenu, QPushButton, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.find_box import FindBox
from h5viewer.gui.controls.notices import Busy, PlainLabel
from h5viewer.gui.controls.tool_button import switch_button

EXPORTS = {"csv": "CSV sheet (*.csv)", "json": "JSON (*.json)"}


class WeightsHeader(QWidget):
    """Controls only; the panel decides.

    Signals:
        view_chosen(bool): True for the bytes, False for the table.
        state_wanted(bool): whether the optimizer's state belongs in the table.
        export_wanted(str): "csv" or "json".
    """

    view_chosen = Signal(bool)
    state_wanted = Signal(bool)
    export_wanted = Signal(str)

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self.filter = FindBox("", "", owner)
        self.count = PlainLabel(role="muted")
        self.busy = Busy("Reading…")
        self._table = switch_button("Table", "")
        self._bytes = switch_button("Bytes", "Where the bytes of the file go")
        self._state = QCheckBox("Optimizer state")
        self._state.setToolTip("List what the optimizer keeps for each weight, too")
        self._state.setAccessibleName("Optimizer state")
        self._may_have_state = True
        self._export = QPushButton("Export")
        self._export.setToolTip("Save the table as a file")
        self._export.setAccessibleName("Export")
        self._menu = QMenu(self._export)
        for kind, text in (("csv", "As CSV…"), ("json", "As JSON…")):
            action = self._menu.addAction(text)
            action.triggered.connect(lambda _=False, kind=kind: self.export_wanted.emit(kind))
        self._export.setMenu(self._menu)
        self.show_words("weight")
        self._arrange()
        self._table.clicked.connect(lambda: self.show_view(bytes_shown=False))
        self._bytes.clicked.connect(lambda: self.show_view(bytes_shown=True))
        self._state.toggled.connect(self.state_wanted)

    def show_words(self, noun: str) -> None:
        """What a row is: "weight", "dataset"."""
        place = "layer" if noun == "weight" else "group"
        self.filter.setPlaceholderText(f"Filter {noun}s")
        self.filter.setAccessibleName(f"Filter {noun}s")
        self.filter.setToolTip(
            f"Show only {noun}s whose {place}, name or type holds this text (Ctrl+F)"
        )
        self._table.setToolTip(f"Every {noun} with its numbers")

    def show_view(self, *, bytes_shown: bool) -> None:
        """One of the two."""
        self._table.setChecked(not bytes_shown)
        self._bytes.setChecked(bytes_shown)
        for part in (self.filter, self._export):
            part.setVisible(not bytes_shown)
        self._state.setVisible(self._may_have_state and not bytes_shown)
        self.view_chosen.emit(bytes_shown)

    def offer_state(self, may_have_state: bool) -> None:
        """Whether a file of this kind can hold an optimizer's state."""
        self._may_have_state = may_have_state
        self._state.setVisible(may_have_state and not self._bytes.isChecked())

    def set_ready(self, ready: bool) -> None:
        """Whether there is something whole to export."""
        self._export.setEnabled(ready)
        tip = "Save the table as a file" if ready else "There is nothing to save yet"
        self._export.setToolTip(tip)

    @property
    def with_state(self) -> bool:
        """Whether the optimizer's state belongs in the table."""
        return self._state.isChecked()

    def _arrange(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_XS)
        row.setSpacing(theme.SPACE_M)
        views = QHBoxLayout()
        views.setSpacing(2)
        views.addWidget(self._table)
        views.addWidget(self._bytes)
        row.addLayout(views)
        row.addWidget(self.filter)
        row.addWidget(self._state)
        row.addWidget(self.count)
        row.addWidget(self.busy)
        row.addStretch(1)
        row.addWidget(self._export)
        self._table.setChecked(True)
        self.setMinimumHeight(self.sizeHint().height())  # the same in both views
