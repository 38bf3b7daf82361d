"""Above the layers: what filters them, how many there are, what can be done with them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from h5viewer import wording
from h5viewer.gui import theme
from h5viewer.gui.altering.wishes import WISHES, Kind, can_be_done
from h5viewer.gui.controls.find_box import FindBox
from h5viewer.gui.controls.notices import Busy, PlainLabel
from h5viewer.gui.controls.tool_button import tool_button
from h5viewer.nodes import Layer, LayerItem

_HINT = "Choose one to see its weights and its configuration."
_TIP = "Show only {items} whose name, class or weights hold this text (Ctrl+F)"
_BARE_HINT = "Choose one to see its weights."
_SPARE = 2  # pixels: what is drawn may be wider than it is said to be
_TOOLS: tuple[Kind, ...] = ("cut", "freeze", "rename")


class LayerBar(QWidget):
    """Search field, count, waiting, buttons; at the end what chooses the view.

    Signals:
        wished(Kind): something is to be done with the chosen layers.
    """

    wished = Signal(str)

    def __init__(self, owner: QWidget, choice: QWidget) -> None:
        super().__init__(owner)
        self.filter = FindBox("Filter layers", _TIP.format(items="layers"), owner)
        self.count = PlainLabel(role="muted")
        self.busy = Busy("Reading the network…")
        self._tools: dict[Kind, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_M, theme.SPACE_S)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self.filter)
        row.addWidget(self.count)
        row.addWidget(self.busy)
        row.addStretch(1)
        row.addLayout(self._make_tools())
        row.addWidget(choice)
        self.show_chosen(())

    def show_chosen(self, layers: Sequence[Layer]) -> None:
        """What can be done with these."""
        for kind, button in self._tools.items():
            button.setEnabled(can_be_done(kind, layers))

    def say_count(
        self, n_rows: int, n_layers: int, item: LayerItem, *, is_chosen: bool, is_bare: bool
    ) -> None:
        """How many there are of these, or were found; and what to do with them."""
        if self.filter.text().strip():
            self.count.set_text(f"{wording.plural(n_rows, item)} found")
        elif n_rows and not is_chosen:
            hint = _BARE_HINT if is_bare else _HINT
            self.count.set_text(f"{wording.plural(n_layers, item)}. {hint}")
        else:
            self.count.set_text(wording.plural(n_layers, item))
        counted = self.count.whole_text.partition(".")[0]  # the field is narrowed for it
        self.count.ensurePolished()
        self.count.setMinimumWidth(self.count.fontMetrics().horizontalAdvance(counted) + _SPARE)
        self.filter.setEnabled(n_layers > 0)
        self.filter.setPlaceholderText(f"Filter {item}s")
        self.filter.setAccessibleName(f"Filter {item}s")
        self.filter.setToolTip(_TIP.format(items=f"{item}s"))

    def _make_tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        for kind, text, icon, tip in WISHES:
            if kind in _TOOLS:
                button = self._tools[kind] = tool_button(icon, tip, name=text.rstrip("…"))
                button.clicked.connect(lambda _=False, kind=kind: self.wished.emit(kind))
                row.addWidget(button)
        return row
