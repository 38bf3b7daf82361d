"""The row of tabs above a view: with icons where there is room for them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QResizeEvent
from PySide6.QtWidgets import QTabBar

from h5viewer.gui import theme
from h5viewer.gui.panels import PanelKind


class PanelTabs(QTabBar):
    """Gives up its icons before it hides a tab."""

    def __init__(self) -> None:
        super().__init__(drawBase=False, expanding=False)
        self.setAccessibleName("Views")
        self.setIconSize(QSize(theme.ICON_SIZE, theme.ICON_SIZE))
        self._icons: list[QIcon] = []
        self._has_icons = True
        self._n_pixels = 0  # of all tabs with their icons

    def fill(self, kinds: Sequence[PanelKind]) -> None:
        """One tab for each, instead of those that are there."""
        while self.count():
            self.removeTab(0)
        self._icons = [theme.icon(kind.icon, "muted") for kind in kinds]
        for number, (kind, icon) in enumerate(zip(kinds, self._icons, strict=True), 1):
            index = self.addTab(icon, kind.title)
            self.setTabToolTip(index, f"{kind.tooltip} (Ctrl+{number})")
        self._has_icons = True
        self._fit()

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More room or less."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._has_icons:
            self._n_pixels = self.sizeHint().width()
        has_room = self._n_pixels <= self.width()
        if has_room != self._has_icons:
            self._has_icons = has_room
            for index, icon in enumerate(self._icons):
                self.setTabIcon(index, icon if has_room else QIcon())
