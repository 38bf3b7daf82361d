"""Where the references in an attribute lead, as links."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.link_label import LinkLabel
from h5viewer.gui.node_text import shown_path
from h5viewer.names import NodePath

_MOST_SHOWN = 5


class TargetsBar(QWidget):
    """A link a line; hidden where there is none.

    Signals:
        target_chosen(NodePath): the user wants to go there.
    """

    target_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_M, 0)
        self._lines.setSpacing(theme.SPACE_XS)
        self.hide()

    def show_targets(self, targets: Sequence[NodePath]) -> None:
        """Offer other links."""
        while (item := self._lines.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for target in targets[:_MOST_SHOWN]:
            link = LinkLabel(shown_path(target))
            link.activated.connect(lambda target=target: self.target_chosen.emit(target))
            self._lines.addWidget(link)
        if len(targets) > _MOST_SHOWN:
            left = len(targets) - _MOST_SHOWN
            self._lines.addWidget(PlainLabel(f"and {left} more", role="muted"))
        self.setVisible(bool(targets))
