"""Which cut of an array is shown: two axes from lists, a slider for each other one."""

from __future__ import annotations

import html
from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.array.cuts import axis_name, axis_title
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.tool_button import tool_button
from h5viewer.nodes import Shape
from h5viewer.requests import Cut
from h5viewer.wording import count_text

_SLIDER_STEPS = 1_000_000
"""A slider has 32-bit positions; longer axes are scaled to this many."""

_LARGEST_POSITION = 2**53
"""A QDoubleSpinBox is exact up to here; QSpinBox ends at 2**31."""

_SIDE_BY_SIDE = 2
_LINES_SEEN = 2
"""Lines of sliders seen at once; more are scrolled."""

_BOX_FRAME = 44
"""Pixels of a number box beside its digits."""

_LIST_FRAME = 50
"""Pixels of a list beside its text."""

_WIDEST_NEED = 98
"""Pixels that a list of axes keeps where there is little room."""

_NO_ROWS = "none: one line"


class PositionControl(QWidget):
    """Slider and number for the position on one axis.

    Signals:
        changed: the user chose another position.
    """

    changed = Signal()

    def __init__(self, name: str, length: int, position: int, n_digits: int) -> None:
        super().__init__()
        self._last = max(0, length - 1)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, min(self._last, _SLIDER_STEPS))
        self._slider.setPageStep(max(1, self._slider.maximum() // 10))
        self._box = QDoubleSpinBox(decimals=0)
        self._box.setRange(0, min(self._last, _LARGEST_POSITION))
        self._box.setGroupSeparatorShown(True)
        self._box.setAlignment(Qt.AlignmentFlag.AlignRight)
        digit = self._box.fontMetrics().horizontalAdvance("0")
        self._box.setFixedWidth(max(3, n_digits) * digit + _BOX_FRAME)
        self._box.setKeyboardTracking(False)
        field = self._box.lineEdit()  # it has the focus when the box has it
        for control, kind in ((self._slider, "slider"), (self._box, "number"), (field, "number")):
            control.setAccessibleName(f"Position on {name}, {kind}")
            control.setToolTip(html.escape(f"Position on {name}: 0 to {self._last:,}"))
            control.setEnabled(self._last > 0)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self._slider, 1)
        row.addWidget(self._box)
        self.set_position(position)
        self._slider.valueChanged.connect(self._take_slider)
        self._box.valueChanged.connect(self._take_box)

    @property
    def position(self) -> int:
        """Element number on the axis."""
        return int(self._box.value())

    def set_position(self, position: int) -> None:
        """Move without telling."""
        with QSignalBlocker(self._box), QSignalBlocker(self._slider):
            self._box.setValue(position)
            self._slider.setValue(self._to_slider(position))

    def _to_slider(self, position: int) -> int:
        if self._last <= _SLIDER_STEPS:
            return position
        return position * _SLIDER_STEPS // self._last

    def _take_slider(self, step: int) -> None:
        position = step if self._last <= _SLIDER_STEPS else step * self._last // _SLIDER_STEPS
        with QSignalBlocker(self._box):
            self._box.setValue(position)
        self.changed.emit()

    def _take_box(self) -> None:
        with QSignalBlocker(self._slider):
            self._slider.setValue(self._to_slider(self.position))
        self.changed.emit()


class AxisChoice(QWidget):
    """Rows, columns and the positions on the other axes.

    Signals:
        cut_changed(Cut): the user wants another cut.
    """

    cut_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, is_narrow: bool = False) -> None:
        """`is_narrow`: one list below the other."""
        super().__init__(parent)
        self._shape: Shape = ()
        self._axes: tuple[str, ...] = ()
        self._index: list[int] = []
        self._drawn: tuple[int | None, int | None] = (None, None)
        self._merged: int | None = None
        self._rows = _axis_list("Rows", "The axis that runs downwards")
        self._columns = _axis_list("Columns", "The axis that runs to the right")
        self._swap = tool_button("swap", "Swap rows and columns")
        self._sliders = QWidget()
        self._grid = QGridLayout(self._sliders)
        self._controls: dict[int, PositionControl] = {}
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(self._sliders)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        for surface in (self._scroll.viewport(), self._sliders):
            surface.setAutoFillBackground(False)
        self._labels = (PlainLabel("Rows", role="muted"), PlainLabel("Columns", role="muted"))
        self._tools = QHBoxLayout()
        self._side_by_side = 1 if is_narrow else _SIDE_BY_SIDE
        self._arrange(is_narrow=is_narrow)
        self._rows.activated.connect(self._choose_rows)
        self._columns.activated.connect(self._choose_columns)
        self._swap.clicked.connect(self._swap_axes)

    @property
    def cut(self) -> Cut:
        """What is chosen."""
        rows = self._rows.currentData()
        columns = self._columns.currentData()
        return Cut(rows=rows, columns=columns, index=tuple(self._index))

    def show_axes(self, shape: Shape, axes: Sequence[str], cut: Cut) -> None:
        """Offer the axes of an array, with `cut` chosen."""
        self._shape, self._axes, self._index = shape, tuple(axes), list(cut.index)
        titles = [axis_title(shape, axes, axis) for axis in range(len(shape))]
        self._rows.clear()
        self._columns.clear()
        for axis, title in enumerate(titles):
            self._rows.addItem(title, axis)
            self._columns.addItem(title, axis)
        self._rows.addItem(_NO_ROWS, None)
        widest = max((self.fontMetrics().horizontalAdvance(title) for title in titles), default=0)
        for box in (self._rows, self._columns):
            box.setMinimumWidth(min(widest + _LIST_FRAME, _WIDEST_NEED))
        for control in (*self._labels, self._rows, self._columns, self._swap):
            control.setVisible(len(shape) > 1)
        self._select(cut.rows, cut.columns)

    def set_merged(self, axis: int | None) -> None:
        """Offer no position on `axis`: all of it is drawn at once, as colour."""
        if axis != self._merged:
            self._merged = axis
            self._show_sliders()

    def add_tools(self, *tools: QWidget) -> None:
        """Put buttons at the right end."""
        for tool in tools:
            self._tools.addWidget(tool)

    def _arrange(self, *, is_narrow: bool) -> None:
        for label in self._labels:  # where it is narrow the lists give, which have tooltips
            label.setMinimumWidth(label.sizeHint().width())
        row = self._stacked() if is_narrow else self._in_a_row()
        self._tools.setSpacing(theme.SPACE_XS)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.SPACE_M)
        self._grid.setVerticalSpacing(theme.SPACE_XS)
        self._grid.setColumnStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(row)
        column.addWidget(self._scroll)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def _in_a_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        for part in (self._labels[0], self._rows, self._swap, self._labels[1], self._columns):
            row.addWidget(part)
        row.addStretch(1)
        row.addLayout(self._tools)
        return row

    def _stacked(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(theme.SPACE_S)
        for line, (label, box) in enumerate(
            zip(self._labels, (self._rows, self._columns), strict=True)
        ):
            grid.addWidget(label, line, 0)
            grid.addWidget(box, line, 1)
        grid.addWidget(self._swap, 0, 2, 2, 1)
        grid.addLayout(self._tools, 0, 3, 2, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def _select(self, rows: int | None, columns: int | None) -> None:
        self._rows.setCurrentIndex(len(self._shape) if rows is None else rows)
        self._columns.setCurrentIndex(-1 if columns is None else columns)
        self._swap.setEnabled(rows is not None)
        self._drawn = (rows, columns)
        self._show_sliders()

    def _show_sliders(self) -> None:
        """Controls for the axes that are not drawn, side by side where there is room."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._controls = {}
        drawn = (*self._drawn, self._merged)
        others = [axis for axis, n in enumerate(self._shape) if n > 1 and axis not in drawn]
        n_digits = max((len(count_text(self._shape[axis])) for axis in others), default=0)
        for number, axis in enumerate(others):
            name = axis_name(self._axes, axis)
            control = PositionControl(name, self._shape[axis], self._index[axis], n_digits)
            control.changed.connect(self._take_positions)
            self._controls[axis] = control
            label = PlainLabel(axis_title(self._shape, self._axes, axis), role="muted")
            line, side = divmod(number, self._side_by_side)
            self._grid.addWidget(label, line, 2 * side)
            self._grid.addWidget(control, line, 2 * side + 1)
        self._grid.setColumnStretch(3, 1 if min(len(others), self._side_by_side) > 1 else 0)
        self._fit_scroll()

    def _fit_scroll(self) -> None:
        controls = list(self._controls.values())
        self._scroll.setVisible(bool(controls))
        if controls:
            n_lines = -(-len(controls) // self._side_by_side)
            height = controls[0].sizeHint().height() + theme.SPACE_XS
            # half a line more hints that there is more to scroll to
            seen = n_lines if n_lines <= _LINES_SEEN else _LINES_SEEN + 0.5
            self._scroll.setFixedHeight(round(seen * height))

    def _take_positions(self) -> None:
        for axis, control in self._controls.items():
            self._index[axis] = control.position
        self.cut_changed.emit(self.cut)

    def _choose_rows(self) -> None:
        rows, columns = self._rows.currentData(), self._columns.currentData()
        if rows is not None and rows == columns:
            columns = self._instead_of(rows, self._drawn[0])
        self._select(rows, columns)
        self.cut_changed.emit(self.cut)

    def _choose_columns(self) -> None:
        rows, columns = self._rows.currentData(), self._columns.currentData()
        if rows == columns:
            rows = self._instead_of(columns, self._drawn[1])
        self._select(rows, columns)
        self.cut_changed.emit(self.cut)

    def _instead_of(self, taken: int, given_up: int | None) -> int:
        """The axis for the list whose axis the other list took: the one that list gave up."""
        if given_up is not None:
            return given_up
        free = [axis for axis in range(len(self._shape)) if axis != taken]
        return max(free, key=lambda axis: self._shape[axis])

    def _swap_axes(self) -> None:
        self._select(self._columns.currentData(), self._rows.currentData())
        self.cut_changed.emit(self.cut)


def _axis_list(name: str, tooltip: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(tooltip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    box.setMinimumContentsLength(5)
    return box
