"""What stands above the tables: which one is shown, what of it, and tools."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QTabBar, QToolButton, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.find_box import FindBox
from h5viewer.gui.controls.tool_button import switch_button, tool_button
from h5viewer.wording import count_text

LAYERS, WEIGHTS = 0, 1
_JOIN = "Pair the two chosen layers, one only in A and one only in B (choose both with Ctrl)"
_PART = "Take the chosen pair of layers apart"
_EXPORTS = (
    ("Copy as JSON", "json", False),
    ("Copy as CSV", "csv", False),
    ("Save as JSON…", "json", True),
    ("Save as CSV…", "csv", True),
)


class CompareBar(QWidget):
    """Tabs of layers and weights, filter, tools.

    Signals:
        table_chosen(int): LAYERS or WEIGHTS.
        filter_changed: another text, or only differences.
        join_wanted, part_wanted, undo_wanted: of hand pairing.
        export_wanted(str, bool): "json" or "csv"; True: into a file, else the clipboard.
    """

    table_chosen = Signal(int)
    filter_changed = Signal()
    join_wanted = Signal()
    part_wanted = Signal()
    undo_wanted = Signal()
    export_wanted = Signal(str, bool)

    def __init__(self, owner: QWidget) -> None:
        super().__init__(owner)
        self._tabs = QTabBar()
        self._tabs.setAccessibleName("Layers or weights")
        self._tabs.setDrawBase(False)
        self._tabs.setExpanding(False)
        self._tabs.addTab("Layers")
        self._tabs.addTab("Weights")
        self._filter = FindBox("Filter", "Show only rows that hold this text (Ctrl+F)", owner)
        self._only = switch_button("Only differences", "Hide what is the same in both files")
        self._join = tool_button("link", _JOIN, name="Pair")
        self._part = tool_button("unlink", _PART, name="Take apart")
        self._undo = tool_button("undo", "Undo the last pairing by hand", name="Undo pairing")
        self._export = tool_button("save", "Copy or save the comparison", name="Export")
        self._arrange()
        self._connect()
        self.allow_pairing(can_join=False, can_part=False, can_undo=False)

    @property
    def table(self) -> int:
        """Which one is shown."""
        return self._tabs.currentIndex()

    @property
    def text(self) -> str:
        """What is looked for."""
        return self._filter.text()

    @property
    def only_different(self) -> bool:
        """True: what is the same is hidden."""
        return self._only.isChecked()

    def show_table(self, table: int) -> None:
        """Choose a table."""
        self._tabs.setCurrentIndex(table)

    def show_counts(self, n_layers: int, n_weights: int, *, what: str) -> None:
        """How many differ; `what` the second table lists."""
        for tab, n, title in ((LAYERS, n_layers, "Layers"), (WEIGHTS, n_weights, what)):
            self._tabs.setTabText(tab, f"{title} ({count_text(n)} differ)" if n else title)

    def set_layers_shown(self, shown: bool) -> None:
        """Files without a network have no layers to show."""
        self._tabs.setTabVisible(LAYERS, shown)
        if not shown:
            self._tabs.setCurrentIndex(WEIGHTS)

    def allow_pairing(self, *, can_join: bool, can_part: bool, can_undo: bool) -> None:
        """Which steps are possible now."""
        self._join.setEnabled(can_join)
        self._part.setEnabled(can_part)
        self._undo.setEnabled(can_undo)

    def _show_tools(self, table: int) -> None:
        for tool in (self._join, self._part, self._undo):
            tool.setVisible(table == LAYERS)

    def _arrange(self) -> None:
        menu = QMenu(self._export)
        for text, kind, to_file in _EXPORTS:
            action = menu.addAction(theme.icon("save" if to_file else "copy", "muted"), text)
            action.triggered.connect(
                lambda _checked=False, k=kind, f=to_file: self.export_wanted.emit(k, f)
            )
        self._export.setMenu(menu)
        self._export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_S, 0, theme.SPACE_M, 0)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self._tabs)
        row.addStretch(1)
        for tool in (self._join, self._part, self._undo, self._only, self._filter, self._export):
            row.addWidget(tool)

    def _connect(self) -> None:
        self._tabs.currentChanged.connect(self._show_tools)
        self._tabs.currentChanged.connect(self.table_chosen)
        self._filter.textChanged.connect(lambda _text: self.filter_changed.emit())
        self._only.toggled.connect(lambda _on: self.filter_changed.emit())
        self._join.clicked.connect(self.join_wanted)
        self._part.clicked.connect(self.part_wanted)
        self._undo.clicked.connect(self.undo_wanted)
