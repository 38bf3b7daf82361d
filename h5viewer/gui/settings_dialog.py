"""The Settings dialog: look and limits."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.settings import LARGEST_MEMORY, SMALLEST_MEMORY, Settings

THEMES: tuple[tuple[theme.Mode, str], ...] = (
    ("system", "As the system"),
    ("light", "Light"),
    ("dark", "Dark"),
)
_MIB = 1 << 20


class SettingsDialog(QDialog):
    """Every change holds at once; there is nothing to confirm.

    Signals:
        theme_chosen(mode: str), memory_limit_chosen(bytes: object), recent_cleared().
    """

    theme_chosen = Signal(str)
    memory_limit_chosen = Signal(object)  # may exceed 32 bits
    recent_cleared = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setAccessibleName("Settings")
        self._theme = QComboBox()
        for mode, text in THEMES:
            self._theme.addItem(text, mode)
        self._theme.setCurrentIndex(self._theme.findData(settings.theme))
        self._theme.setAccessibleName("Theme")
        self._theme.setToolTip("Light or dark, or as the system has it")
        self._theme.currentIndexChanged.connect(self._choose_theme)
        self._memory = QSpinBox()
        self._memory.setRange(SMALLEST_MEMORY // _MIB, LARGEST_MEMORY // _MIB)
        self._memory.setSingleStep(256)
        self._memory.setSuffix(" MiB")
        self._memory.setGroupSeparatorShown(True)
        self._memory.setValue(settings.memory_limit // _MIB)
        # the style sheet's padding does not reach the text of a spin box
        self._memory.lineEdit().setTextMargins(theme.SPACE_S - 2, 0, 0, 0)
        self._memory.setAccessibleName("Memory for each open file")
        self._memory.setToolTip("What reading one file may take before it is stopped")
        self._memory.editingFinished.connect(self._choose_memory)
        self._clear = QPushButton("Clear recent files")
        self._clear.setToolTip("Forget which files were opened")
        self._clear.setAccessibleName("Clear recent files")
        self._clear.setEnabled(bool(settings.recent))
        self._clear.clicked.connect(self._clear_recent)
        self._arrange()

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(theme.SPACE_XL)
        form.setVerticalSpacing(theme.SPACE_M)
        form.addRow("Theme", self._theme)
        form.addRow("Memory for each open file", self._memory)
        note = PlainLabel(
            "A file that needs more is stopped with a message; the window goes on. "
            "Holds for files opened or reloaded from now on.",
            wrap=True,
            role="muted",
        )
        form.addRow("", note)
        form.addRow("Recent files", self._clear)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.accept)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_XL] * 4)
        column.setSpacing(theme.SPACE_XL)
        column.addLayout(form)
        column.addWidget(buttons)
        self.setMinimumWidth(460)

    def _choose_theme(self) -> None:
        self.theme_chosen.emit(cast("str", self._theme.currentData()))

    def _choose_memory(self) -> None:
        self.memory_limit_chosen.emit(self._memory.value() * _MIB)

    def _clear_recent(self) -> None:
        self._clear.setEnabled(False)
        self.recent_cleared.emit()
