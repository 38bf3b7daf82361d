"""Sliders of an augmentation: how far pictures are turned, shifted, zoomed."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.number_boxes import indent
from h5viewer.gui.controls.tool_button import push_button, tool_button
from h5viewer.nodes import Augmentation
from h5viewer.nodes.picture_sets import FillMode

_MOST_COPIES = 10
_NARROWEST = 56  # pixels of a slider
_MOST_SEED = 2**31 - 1


class _Kind(NamedTuple):
    """One slider."""

    name: str
    title: str
    most: int
    start: int
    text: Callable[[int], str]
    tooltip: str


def _degrees(value: int) -> str:
    return f"±{value}°" if value else "none"


def _percent(value: int) -> str:
    return f"±{value} %" if value else "none"


def _factor(value: int) -> str:
    return f"{1 - value / 100:.2g}–{1 + value / 100:.3g}" if value else "none"


def _plain(value: int) -> str:
    return f"±{value}" if value else "none"


_SLIDERS = (
    _Kind("rotation", "Rotation", 180, 15, _degrees, "Turned by so many degrees at most"),
    _Kind("width_shift", "Shift sideways", 50, 10, _percent, "Of the width, at most"),
    _Kind("height_shift", "Shift up or down", 50, 10, _percent, "Of the height, at most"),
    _Kind("zoom", "Zoom", 90, 10, _factor, "Above 1 what is seen gets smaller"),
    _Kind("shear", "Shear", 45, 0, _degrees, "Slanted by so many degrees at most"),
    _Kind("brightness", "Brightness", 90, 0, _factor, "Multiplied by something between"),
    _Kind("channel_shift", "Channel shift", 128, 0, _plain, "Added to all channels, of 255"),
)

_FILLS: tuple[tuple[str, FillMode], ...] = (
    ("Nearest pixel", "nearest"),
    ("Mirrored", "reflect"),
    ("Other side", "wrap"),
    ("One brightness", "constant"),
)


class AugmentControls(QWidget):
    """Begins with a mild augmentation, so that there is something to be seen.

    Signals:
        changed: another augmentation, seed or number of copies.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sliders: dict[str, QSlider] = {}
        self._sideways = QCheckBox("Left and right")
        self._upside_down = QCheckBox("Up and down")
        self._fill = QComboBox()
        self._brightness = QSlider(Qt.Orientation.Horizontal)
        self._copies = QSpinBox()
        self._seed = QSpinBox()
        self._grid = QGridLayout()
        self._arrange()
        self.reset()

    @property
    def augmentation(self) -> Augmentation:
        """As the sliders stand."""
        zoom, brightness = self._share("zoom"), self._share("brightness")
        return Augmentation(
            rotation=float(self._sliders["rotation"].value()),
            width_shift=self._share("width_shift"),
            height_shift=self._share("height_shift"),
            shear=float(self._sliders["shear"].value()),
            zoom_low=round(1 - zoom, 2),
            zoom_high=1 + zoom,
            brightness_low=round(1 - brightness, 2),
            brightness_high=1 + brightness,
            channel_shift=float(self._sliders["channel_shift"].value()),
            horizontal_flip=self._sideways.isChecked(),
            vertical_flip=self._upside_down.isChecked(),
            fill_mode=self._fill.currentData(),
            fill_value=float(self._brightness.value()) if self._is_constant else 0.0,
        )

    @property
    def seed(self) -> int:
        """What chance depends on."""
        return self._seed.value()

    @property
    def copies(self) -> int:
        """How many of each picture."""
        return self._copies.value()

    def reset(self) -> None:
        """As in the beginning."""
        with QSignalBlocker(self):
            for kind in _SLIDERS:
                self._sliders[kind.name].setValue(kind.start)
            self._sideways.setChecked(True)
            self._upside_down.setChecked(False)
            self._fill.setCurrentIndex(0)
            self._brightness.setValue(0)
        self._show_fill()
        self.changed.emit()

    @property
    def _is_constant(self) -> bool:
        return bool(self._fill.currentData() == "constant")

    def _share(self, name: str) -> float:
        return self._sliders[name].value() / 100

    def _show_fill(self) -> None:
        for part in (self._brightness, self._brightness_title):
            part.setVisible(self._is_constant)

    def _roll(self) -> None:
        self._seed.setValue((self._seed.value() + 1) % _MOST_SEED)

    # Building

    def _arrange(self) -> None:
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.SPACE_S)
        self._grid.setVerticalSpacing(theme.SPACE_S)
        self._grid.setColumnStretch(1, 1)
        for row, kind in enumerate(_SLIDERS):
            self._add_slider(row, kind)
        row = len(_SLIDERS)
        self._add(row, "Flip", self._sideways)
        self._grid.addWidget(self._upside_down, row + 1, 1, 1, 2)
        self._add(row + 2, "From beyond", self._fill)
        self._brightness_title = self._add(row + 3, "Brightness there", self._brightness)
        self._add(row + 4, "Copies of each", self._copies)
        seeds = QWidget()
        beside = QHBoxLayout(seeds)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(theme.SPACE_XS)
        roll = tool_button("reload", "Other random numbers", name="Other random numbers")
        beside.addWidget(self._seed, 1)
        beside.addWidget(roll)
        self._add(row + 5, "Seed", seeds)
        reset = push_button("Reset", "All sliders as in the beginning", role="link")
        reset.clicked.connect(self.reset)
        self._grid.addWidget(reset, row + 6, 0)
        self._name_controls()
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_M] * 4)
        column.addLayout(self._grid)
        column.addStretch(1)
        roll.clicked.connect(self._roll)
        self._fill.currentIndexChanged.connect(self._show_fill)
        for signal in (
            self._sideways.toggled,
            self._upside_down.toggled,
            self._fill.currentIndexChanged,
            self._brightness.valueChanged,
            self._copies.valueChanged,
            self._seed.valueChanged,
        ):
            signal.connect(self.changed)

    def _add_slider(self, row: int, kind: _Kind) -> None:
        slider = self._sliders[kind.name] = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, kind.most)
        slider.setPageStep(5)
        slider.setMinimumWidth(_NARROWEST)
        slider.setAccessibleName(kind.title)
        slider.setToolTip(kind.tooltip)
        value = PlainLabel(role="muted")
        value.setMinimumWidth(value.fontMetrics().horizontalAdvance("0.25–1.75"))
        self._grid.addWidget(_whole_label(kind.title), row, 0)
        self._grid.addWidget(slider, row, 1)
        self._grid.addWidget(value, row, 2)
        value.set_text(kind.text(0))
        slider.valueChanged.connect(lambda at: value.set_text(kind.text(at)))
        slider.valueChanged.connect(self.changed)

    def _add(self, row: int, title: str, control: QWidget) -> PlainLabel:
        label = _whole_label(title)
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(control, row, 1, 1, 2)
        return label

    def _name_controls(self) -> None:
        self._sideways.setToolTip("Every second picture, as in a mirror")
        self._upside_down.setToolTip("Every second picture, upside down")
        for text, mode in _FILLS:
            self._fill.addItem(text, mode)
        self._fill.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._fill.setMinimumContentsLength(4)
        for box in (self._copies, self._seed):
            box.setMinimumWidth(_NARROWEST)
            indent(box)
        self._fill.setToolTip("What comes in from beyond the border")
        self._brightness.setRange(0, 255)
        self._brightness.setToolTip("0: black, 255: white")
        self._copies.setRange(1, _MOST_COPIES)
        self._copies.setValue(5)
        self._copies.setToolTip("How many changed ones are shown")
        self._seed.setRange(0, _MOST_SEED)
        self._seed.setToolTip("The same seed gives the same changes")
        for control, name in (
            (self._sideways, "Flip left and right"),
            (self._upside_down, "Flip up and down"),
            (self._fill, "From beyond the border"),
            (self._brightness, "Brightness beyond the border"),
            (self._copies, "Changed ones of each picture"),
            (self._seed, "Seed"),
        ):
            control.setAccessibleName(name)


def _whole_label(text: str) -> PlainLabel:
    """One that is never cut."""
    label = PlainLabel(text)
    label.setMinimumWidth(label.fontMetrics().horizontalAdvance(text) + 2)
    return label
