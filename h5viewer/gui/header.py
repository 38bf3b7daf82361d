"""What is selected, in a few words: name, where it is, facts."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from h5viewer.gui import node_text, theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.tool_button import tool_button
from h5viewer.gui.selection import Selection
from h5viewer.gui.tree.node_menu import as_python
from h5viewer.names import path_text, visible

_ICON = 22
_WHOLE_CHIP = 120  # pixels; shorter facts are never cut


class Header(QFrame):
    """Icon, name, path and facts of the selection; copies path and Python line.

    Signals:
        back_wanted(), forward_wanted(): the arrows.
        export_wanted(): the document is to be written otherwise.
        status_changed(str): what was copied.
    """

    back_wanted = Signal()
    forward_wanted = Signal()
    export_wanted = Signal()
    status_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._selection: Selection | None = None
        self._icon = QLabel()
        self._icon.setFixedSize(_ICON, _ICON)
        self._name = PlainLabel()
        self._name.setFont(theme.scaled_font(1.3, QFont.Weight.DemiBold))
        self._where = PlainLabel(role="muted", elide=Qt.TextElideMode.ElideMiddle)
        self._chips = QHBoxLayout()
        self._chips.setSpacing(theme.SPACE_S - 2)
        self.back = tool_button(
            "back", "Back to what was shown before (Alt+Left)", name="Back", quiet=True
        )
        self.back.clicked.connect(self.back_wanted)
        self.forward = tool_button(
            "forward", "Forward again (Alt+Right)", name="Forward", quiet=True
        )
        self.forward.clicked.connect(self.forward_wanted)
        self._export = tool_button(
            "save", "Write a new file made of this one (Ctrl+E)", name="Export", quiet=True
        )
        self._export.clicked.connect(self.export_wanted)
        self._copy = tool_button(
            "copy", "Copy the path inside the file", name="Copy path", quiet=True
        )
        self._copy.clicked.connect(self._copy_path)
        self._python = tool_button(
            "python",
            "Copy a line of Python that reads this with h5py",
            name="Copy as Python",
            quiet=True,
        )
        self._python.clicked.connect(self._copy_python)
        self._arrange()
        theme.changed.connect(self._draw_icon)

    def show_selection(self, selection: Selection) -> None:
        """Say what is selected."""
        self._selection = selection
        document, node = selection.document, selection.node
        self._name.set_text(node_text.node_name(document, node.path))
        where = node_text.shown_path(node.path)
        if selection.is_document:
            where = visible(node_text.from_home(document.path), 4000)
        self._where.set_text(where)
        self._show_facts(node_text.facts(node, document))
        self._python.setVisible(document.format not in ("keras-archive", "tf-checkpoint"))
        self._export.setVisible(selection.is_document)
        self.setAccessibleName(f"Selected: {where}")
        self._draw_icon()

    def set_history(self, can_go_back: bool, can_go_forward: bool) -> None:
        """Which arrows lead somewhere."""
        self.back.setEnabled(can_go_back)
        self.forward.setEnabled(can_go_forward)

    def _arrange(self) -> None:
        upper = QHBoxLayout()
        upper.setSpacing(theme.SPACE_S)
        upper.addWidget(self._icon)
        upper.addWidget(self._name, 1)
        for button in (self.back, self.forward, self._export, self._copy, self._python):
            upper.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_M, theme.SPACE_S)
        column.setSpacing(theme.SPACE_XS)
        column.addLayout(upper)
        column.addWidget(self._where)
        column.addSpacing(theme.SPACE_XS)
        column.addLayout(self._chips)
        self.set_history(False, False)

    def _show_facts(self, facts: list[str]) -> None:
        while (item := self._chips.takeAt(0)) is not None:
            chip = item.widget()
            if chip is not None:
                chip.hide()
                chip.deleteLater()
        for fact in facts:
            chip = PlainLabel(fact, role="chip")
            self._chips.addWidget(chip)
            chip.ensurePolished()
            # a long type gives way, not the short facts beside it
            chip.setMinimumWidth(min(chip.sizeHint().width(), _WHOLE_CHIP))
        self._chips.addStretch(1)

    def _draw_icon(self) -> None:
        if self._selection is not None:
            name = node_text.icon_name(self._selection.node, self._selection.document)
            self._icon.setPixmap(theme.pixmap(name, _ICON, "accent", self.devicePixelRatioF()))

    def _copy_path(self) -> None:
        if self._selection is not None:
            QGuiApplication.clipboard().setText(path_text(self._selection.path))
            self.status_changed.emit("Path copied")

    def _copy_python(self) -> None:
        selection = self._selection
        if selection is not None:
            line = as_python(selection.document, selection.path, selection.node)
            QGuiApplication.clipboard().setText(line)
            self.status_changed.emit("Python line copied")
