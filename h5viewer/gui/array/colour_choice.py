"""Controls for colours: which map, and which numbers get its ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QDoubleValidator, QIcon, QImage, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.array.colour_maps import (
    COLOUR_MAPS,
    DIVERGING,
    GREY,
    N_COLOURS,
    SEQUENTIAL,
    ColourMap,
    colour_table,
    palette_table,
)
from h5viewer.gui.array.levels import PALETTE_LEVELS, Levels, Mode, automatic_levels, widened
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.nodes import PictureForm

_AS_STORED, _PALETTE = "rgb", "palette"
_MODES: tuple[tuple[Mode, str], ...] = (
    ("robust", "Without the outer 1 %"),
    ("full", "All values"),
    ("manual", "By hand"),
)
_SWATCH = QSize(28, 12)
_TOOL_WIDTH = 32


class ColourChoice(QWidget):
    """Remembers one colour map for signed data and one for the rest.

    Signals:
        changed: other colours or levels are wanted.
        channels_changed: pictures are wanted as red, green, blue, or no more.
    """

    changed = Signal()
    channels_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_signed = False
        self._maps: dict[bool, ColourMap] = {True: DIVERGING, False: SEQUENTIAL}
        self._levels = Levels(0.0, 1.0)
        self._is_telling = True
        self._was_as_stored = False
        self._own: ColourMap | None = None  # what the file asks for
        self._palette: NDArray[np.uint8] | None = None
        self._map = QComboBox()
        self._map.setIconSize(_SWATCH)
        self._map.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self._map.setMinimumContentsLength(10)
        for colour_map in COLOUR_MAPS:
            self._map.addItem(_swatch(colour_map), colour_map.title, colour_map.key)
        self._reverse = QToolButton()
        self._reverse.setCheckable(True)
        self._reverse.setIcon(theme.icon("swap"))
        self._mode = QComboBox()
        for key, title in _MODES:
            self._mode.addItem(title, key)
        self._symmetric = QToolButton()
        self._symmetric.setCheckable(True)
        self._symmetric.setText("±")
        self._low, self._high = _number_field("Lowest"), _number_field("Highest")
        self._describe()
        self._arrange()
        self._map.activated.connect(self._choose_map)
        self._reverse.toggled.connect(self._tell)
        self._mode.activated.connect(self._tell)
        self._symmetric.toggled.connect(self._tell)
        for field in (self._low, self._high):
            field.editingFinished.connect(self._take_fields)

    # ------------------------------------------------------------- what is chosen

    @property
    def is_as_stored(self) -> bool:
        """True when a picture's own red, green and blue are wanted."""
        return bool(self._map.currentData() == _AS_STORED)

    @property
    def colour_map(self) -> ColourMap:
        """The map in use."""
        return self._own or self._maps[self._is_signed]

    @property
    def is_palette(self) -> bool:
        """True when a picture's numbers are those of colours in its palette."""
        return bool(self._map.currentData() == _PALETTE)

    @property
    def table(self) -> NDArray[np.uint8]:
        """Its colours, for painting."""
        if self._palette is not None and self.is_palette:
            return self._palette
        return colour_table(self.colour_map, self._reverse.isChecked())

    @property
    def mode(self) -> Mode:
        """How levels are found."""
        return cast("Mode", self._mode.currentData())

    def levels_for(self, values: NDArray[np.generic]) -> Levels:
        """Levels for a picture, shown in the fields."""
        if self.is_palette and values.dtype.itemsize == 1:
            return PALETTE_LEVELS
        if self.mode != "manual":
            symmetric = self._symmetric.isChecked()
            self._show_levels(automatic_levels(values, self.mode, symmetric=symmetric))
        return self._levels

    # ------------------------------------------------------------ what is offered

    def begin(self, *, is_picture: bool, mode: Mode, form: PictureForm | None = None) -> None:
        """Another array: offer its own colours where it is a picture, start with `mode`.

        `form`: what the file itself says of its colours.
        """
        palette = form.palette if form is not None and form.kind == "indexed" else None
        with self._quietly():
            self._offer(_AS_STORED, "Colours as stored", is_offered=is_picture)
            self._offer(_PALETTE, "Palette of the file", is_offered=palette is not None)
            self._palette = None if palette is None else palette_table(palette.values)
            self._own = GREY if form is not None and form.kind == "grayscale" else None
            self._mode.setCurrentIndex(self._mode.findData(mode))
            self._is_signed = False
            self._reverse.setChecked(form is not None and form.is_white_zero)
            if is_picture or palette is not None:
                self._map.setCurrentIndex(0)
                self._symmetric.setChecked(False)
            else:
                self._show_map()
            if form is not None and form.minimum is not None and form.maximum is not None:
                self._mode.setCurrentIndex(self._mode.findData("manual"))
                self._show_levels(widened(form.minimum, form.maximum))
        self._was_as_stored = self.is_as_stored
        self._enable()

    def _offer(self, key: str, title: str, *, is_offered: bool) -> None:
        at = self._map.findData(key)
        if is_offered and at < 0:
            self._map.insertItem(0, title, key)
        elif not is_offered and at >= 0:
            self._map.removeItem(at)

    def set_signed(self, is_signed: bool) -> None:
        """Use the map for data with negative numbers, or the other one."""
        if is_signed == self._is_signed or self.is_as_stored or self.is_palette or self._own:
            return
        self._is_signed = is_signed
        with self._quietly():
            self._show_map()

    def take_levels(self, low: float, high: float) -> None:
        """Levels set by hand; where they are symmetric, the handle that moved is mirrored."""
        if self._symmetric.isChecked():
            moved_low = abs(low - self._levels.low) > abs(high - self._levels.high)
            high = abs(low) if moved_low else abs(high)
            low = -high
        with self._quietly():
            self._mode.setCurrentIndex(self._mode.findData("manual"))
            self._show_levels(widened(low, high))
        self.changed.emit()

    # -------------------------------------------------------------------- private

    def _show_levels(self, levels: Levels) -> None:
        self._levels = levels
        for field, number in ((self._low, levels.low), (self._high, levels.high)):
            field.setText(f"{number:.6g}")
            field.setCursorPosition(0)

    def _show_map(self) -> None:
        self._map.setCurrentIndex(self._map.findData(self.colour_map.key))
        self._symmetric.setChecked(self.colour_map.is_diverging)

    def _choose_map(self) -> None:
        key = self._map.currentData()
        with self._quietly():
            if key not in (_AS_STORED, _PALETTE):
                self._own = None
                self._maps[self._is_signed] = next(row for row in COLOUR_MAPS if row.key == key)
                self._symmetric.setChecked(self.colour_map.is_diverging)
        self._enable()
        if self.is_as_stored != self._was_as_stored:
            self._was_as_stored = self.is_as_stored
            self.channels_changed.emit()
        self.changed.emit()

    def _take_fields(self) -> None:
        low, high = _number(self._low), _number(self._high)
        shown = (f"{self._levels.low:.6g}", f"{self._levels.high:.6g}")
        if low is None or high is None or (self._low.text(), self._high.text()) == shown:
            return
        self.take_levels(min(low, high), max(low, high))

    def _tell(self) -> None:
        if self._is_telling:
            self.changed.emit()

    @contextmanager
    def _quietly(self) -> Iterator[None]:
        self._is_telling = False
        try:
            yield
        finally:
            self._is_telling = True

    def _enable(self) -> None:
        is_free = not self.is_as_stored and not self.is_palette
        for control in (self._reverse, self._mode, self._symmetric, self._low, self._high):
            control.setEnabled(is_free)

    def _describe(self) -> None:
        for control, name, tooltip in (
            (self._map, "Colour map", "Which colours stand for low and high numbers"),
            (self._reverse, "Reverse the colour map", "Reverse the colour map"),
            (self._mode, "Levels", "Which numbers get the first and the last colour"),
            (
                self._symmetric,
                "Symmetric around zero",
                "The middle colour is zero: as far below as above",
            ),
            (self._low, "Lowest level", "Numbers up to this get the first colour"),
            (self._high, "Highest level", "Numbers from this on get the last colour"),
        ):
            control.setAccessibleName(name)
            control.setToolTip(tooltip)

    def _arrange(self) -> None:
        fields = QHBoxLayout()
        fields.setSpacing(theme.SPACE_S)
        fields.addWidget(self._low, 1)
        fields.addWidget(PlainLabel("to", role="muted"))
        fields.addWidget(self._high, 1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.SPACE_XS)
        grid.setVerticalSpacing(theme.SPACE_S)
        grid.setColumnStretch(0, 1)
        for line, parts in enumerate(((self._map, self._reverse), (self._mode, self._symmetric))):
            for column, part in enumerate(parts):
                grid.addWidget(part, line, column)
        for tool in (self._reverse, self._symmetric):
            tool.setFixedWidth(_TOOL_WIDTH)
        grid.addLayout(fields, 2, 0, 1, 2)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)


def _number_field(name: str) -> QLineEdit:
    field = QLineEdit()
    field.setPlaceholderText(name)
    field.setValidator(QDoubleValidator(field))
    field.setMinimumWidth(60)
    return field


def _number(field: QLineEdit) -> float | None:
    try:
        number = float(field.text())
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _swatch(colour_map: ColourMap) -> QIcon:
    """The map as a small picture."""
    columns = np.linspace(0, N_COLOURS - 1, 2 * _SWATCH.width()).astype(int)
    row = colour_table(colour_map)[columns]
    pixels = np.ascontiguousarray(np.broadcast_to(row, (2 * _SWATCH.height(), *row.shape)))
    height, width = pixels.shape[:2]
    image = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)
    picture = QPixmap.fromImage(image)
    picture.setDevicePixelRatio(2)
    return QIcon(picture)
