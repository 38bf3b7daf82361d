"""A list to choose one from whose entries are names from files: long ones are cut in the middle."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QComboBox, QStyle, QStyleOptionComboBox, QToolTip, QWidget

from h5viewer.gui import theme
from h5viewer.gui.node_text import plain_tooltip


class ComboBox(QComboBox):
    """As wide as there is room: names differ at both ends, and a cut one is whole in the tooltip.

    Args:
        name: what a screen reader calls it.
        tooltip: what is chosen here.
        least: letters that are seen, at the least.
    """

    def __init__(
        self, name: str, tooltip: str, least: int = 0, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setMinimumContentsLength(least)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.view().setTextElideMode(Qt.TextElideMode.ElideMiddle)

    @property
    def shown_text(self) -> str:
        """What is chosen, as much of it as there is room for."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        return str(option.currentText)

    @property
    def shown_tooltip(self) -> str:
        """What is chosen, where it is cut, and what for."""
        is_whole = self.shown_text == self.currentText()
        return self.toolTip() if is_whole else f"{self.currentText()}\n{self.toolTip()}"

    # Qt overrides

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:  # noqa: N802
        """The text as it fits; Qt would let it run under the arrow."""
        super().initStyleOption(option)
        field = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, self)
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideMiddle, room.width() - theme.SPACE_S
        )

    def event(self, event: QEvent) -> bool:
        """The tooltip says what is cut."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), plain_tooltip(self.shown_tooltip), self)
            return True
        return super().event(event)
