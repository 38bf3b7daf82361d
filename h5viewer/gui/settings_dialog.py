"""The Settings dialog: look and limits."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.form import Form
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.number_boxes import indent
from h5viewer.gui.settings import (
    LARGEST_MEMORY,
    SMALLEST_MEMORY,
    SMALLEST_NETWORK_MEMORY,
    Settings,
)

THEMES: tuple[tuple[theme.Mode, str], ...] = (
    ("system", "As the system"),
    ("light", "Light"),
    ("dark", "Dark"),
)
_MIB = 1 << 20


class SettingsDialog(QDialog):
    """Every change holds at once; there is nothing to confirm.

    Signals:
        theme_chosen(mode: str), limits_changed(), recent_cleared().
    """

    theme_chosen = Signal(str)
    limits_changed = Signal()
    recent_cleared = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self.setWindowTitle("Settings")
        self.setAccessibleName("Settings")
        self._theme = QComboBox()
        for mode, text in THEMES:
            self._theme.addItem(text, mode)
        self._theme.setCurrentIndex(self._theme.findData(settings.theme))
        self._theme.setAccessibleName("Theme")
        self._theme.setToolTip("Light or dark, or as the system has it")
        self._theme.currentIndexChanged.connect(self._choose_theme)
        self._memory = _memory_box(SMALLEST_MEMORY, settings.memory_limit, "Memory for each file")
        self._memory.setToolTip("What reading one file may take before it is stopped")
        self._memory.editingFinished.connect(self._choose_memory)
        self._network_memory = _memory_box(
            SMALLEST_NETWORK_MEMORY, settings.network_memory, "Memory for each network"
        )
        self._network_memory.setToolTip("What running one network may take before it is stopped")
        self._network_memory.editingFinished.connect(self._choose_network_memory)
        self._ahead = QCheckBox("Start TensorFlow ahead")
        self._ahead.setToolTip(
            "Predicting begins 3 seconds sooner, and half a gigabyte is taken before it is needed"
        )
        self._ahead.setAccessibleName("Start TensorFlow ahead, while nothing else is done")
        self._ahead.setChecked(settings.starts_network_ahead)
        self._ahead.toggled.connect(self._choose_ahead)
        self._clear = QPushButton("Clear recent files")
        self._clear.setToolTip("Forget which files were opened")
        self._clear.setAccessibleName("Clear recent files")
        self._clear.setEnabled(bool(settings.recent))
        self._clear.setAutoDefault(False)  # Enter anywhere in the dialog would press it
        self._clear.clicked.connect(self._clear_recent)
        self._arrange()

    def _arrange(self) -> None:
        form = Form()
        form.setHorizontalSpacing(theme.SPACE_XL)
        form.setVerticalSpacing(theme.SPACE_M)
        form.add("Theme", self._theme)
        form.add("Memory for each file", self._memory)
        form.add("Memory for each network", self._network_memory)
        note = PlainLabel(
            "What needs more is stopped with a message; the window goes on. "
            "Holds for files opened or reloaded from now on.",
            wrap=True,
            role="muted",
        )
        form.add("", note)
        form.add("Predicting", self._ahead)
        form.add("Recent files", self._clear)
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
        self._settings.memory_limit = self._memory.value() * _MIB
        self.limits_changed.emit()

    def _choose_network_memory(self) -> None:
        self._settings.network_memory = self._network_memory.value() * _MIB
        self.limits_changed.emit()

    def _choose_ahead(self, ahead: bool) -> None:
        self._settings.starts_network_ahead = ahead

    def _clear_recent(self) -> None:
        self._clear.setEnabled(False)
        self.recent_cleared.emit()


def _memory_box(smallest: int, count: int, name: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(smallest // _MIB, LARGEST_MEMORY // _MIB)
    box.setSingleStep(256)
    box.setSuffix(" MiB")
    box.setGroupSeparatorShown(True)
    box.setValue(count // _MIB)
    indent(box)
    box.setAccessibleName(name)
    return box
