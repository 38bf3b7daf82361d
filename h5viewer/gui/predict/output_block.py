"""One output of a network, drawn as its kind asks for it."""

from __future__ import annotations

import msgspec
import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QHeaderView,
    QSlider,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.array.line_plot import LinePlot
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.meaning.pixels import image_of, span_of
from h5viewer.gui.predict import pictures
from h5viewer.gui.predict.answer_words import CLASSES, HALF, headline, n_classes_of, score_rows
from h5viewer.gui.predict.class_legend import ClassLegend
from h5viewer.gui.predict.numbers_item_model import NumbersItemModel
from h5viewer.gui.predict.picture_view import PictureView
from h5viewer.gui.predict.sample import ClassNames
from h5viewer.gui.predict.score_item_model import ScoreItemModel
from h5viewer.gui.predict.score_table import ScoreTable
from h5viewer.names import visible
from h5viewer.nodes import Answer, Array, Line, OutputKind

_PICTURE_SIDE = 320  # pixels
_PLOT_HEIGHT = 200
_MOST_SEEN = 8  # rows of numbers before they scroll
_FEW = 12  # numbers whose table needs no plot beside it


class OutputBlock(QWidget):
    """Name and headline above a body; those who inherit make the body.

    Signals:
        named(n_classes: int, index: int, name: str): the user calls a class so.
    """

    named = Signal(int, int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = PlainLabel(role="muted")
        self._headline = PlainLabel(wrap=True)
        self._headline.setFont(theme.scaled_font(1.35, QFont.Weight.DemiBold))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.SPACE_S)
        self._column.addWidget(self._title)
        self._column.addWidget(self._headline)

    @property
    def headline(self) -> str:
        """The words above the body."""
        return self._headline.whole_text

    def show_answer(
        self, answer: Answer, names: ClassNames, seen: Array | None, *, is_named: bool
    ) -> None:
        """Show this; `seen` is the picture as the network sees it, `is_named` with its name."""
        self._title.set_text(f"Output {visible(answer.name, 100)}")
        self._title.setVisible(is_named)
        self._headline.set_text(headline(answer, names))
        self._fill(answer, names, seen)

    def _fill(self, answer: Answer, names: ClassNames, seen: Array | None) -> None:
        raise NotImplementedError


class ClassesBlock(OutputBlock):
    """Softmax, sigmoid and logits: bars."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[Answer, ClassNames] | None = None
        self._model = ScoreItemModel(self)
        self._table = ScoreTable(self._model, "Classes of the answer, best first")
        self._as_shares = QCheckBox("As probabilities")
        self._as_shares.setToolTip("The network gives bare scores; a softmax makes shares of them")
        self._as_shares.setAccessibleName("As probabilities")
        self._as_shares.setChecked(True)
        self._as_shares.toggled.connect(self._draw)
        self._model.named.connect(self._name)
        self._column.addWidget(self._table)
        self._column.addWidget(self._as_shares)

    def _fill(self, answer: Answer, names: ClassNames, _seen: Array | None) -> None:
        self._shown = (answer, names)
        self._as_shares.setVisible(answer.kind == "logits" and answer.values is not None)
        self._draw()

    def _draw(self) -> None:
        if self._shown is None:
            return
        answer, names = self._shown
        is_bare = not self._as_shares.isChecked()
        rows = score_rows(answer, names, is_bare=is_bare)
        has_names = names.has(n_classes_of(answer))
        mark = HALF if answer.kind == "sigmoid" else None
        self._model.show_rows(rows, mark, has_names=has_names)
        self._headline.set_text(headline(answer, names, is_bare=is_bare))

    def _name(self, index: int, name: str) -> None:
        if self._shown is not None:
            self.named.emit(n_classes_of(self._shown[0]), index, name)


class PictureBlock(OutputBlock):
    """Pictures and masks, laid over what the network sees; of a volume slice by slice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view = PictureView("What the network puts out", side=_PICTURE_SIDE)
        self._view.setMinimumHeight(_PICTURE_SIDE)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, 100)
        self._slider.setMaximumWidth(220)
        self._slider.setAccessibleName("How much of the output is laid over the picture")
        self._slider.setToolTip("Left: the picture. Right: what the network puts out.")
        self._slider.valueChanged.connect(self._lay_over)
        self._layer = pictures.NO_IMAGE
        self._kind: OutputKind | None = None
        self._volume: tuple[Answer, ClassNames] | None = None
        self._slices = QSlider(Qt.Orientation.Horizontal)
        self._slices.setAccessibleName("Slice of the volume")
        self._slices.setToolTip("Which slice of the volume is shown")
        self._slices.valueChanged.connect(self._show_slice)
        self._slice_words = PlainLabel(role="muted")
        of_volume = QHBoxLayout()
        of_volume.setContentsMargins(0, 0, 0, 0)
        of_volume.setSpacing(theme.SPACE_S)
        of_volume.addWidget(self._slices, 1)
        of_volume.addWidget(self._slice_words)
        self._slice_bar = QWidget()
        self._slice_bar.setLayout(of_volume)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        for part in (PlainLabel("Picture", role="muted"), self._slider):
            row.addWidget(part)
        row.addWidget(PlainLabel("Output", role="muted"))
        row.addStretch(1)
        self._bar = QWidget()
        self._bar.setLayout(row)
        self._legend = ClassLegend()
        row.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._view, 1)
        self._column.addWidget(self._slice_bar)
        self._column.addWidget(self._bar)
        self._column.addWidget(self._legend)

    def _fill(self, answer: Answer, names: ClassNames, seen: Array | None) -> None:
        self._slice_bar.setVisible(answer.values is not None and len(answer.values.shape) > 3)
        if answer.values is None or len(answer.values.shape) < 4:
            self._volume = None
            self._fill_picture(answer, names, seen)
            return
        n_slices = len(answer.values.values)
        if answer.kind != "mask":  # one scale of shades for all slices
            shades = Array.of(pictures.as_bytes(answer.values.values))
            answer = msgspec.structs.replace(answer, values=shades)
        was_shown, self._volume = self._volume, (answer, names)
        with QSignalBlocker(self._slices):
            is_alike = was_shown is not None and self._slices.maximum() == n_slices - 1
            self._slices.setRange(0, n_slices - 1)
            if not is_alike:  # a new answer is compared with the last one
                self._slices.setValue(n_slices // 2)
        self._show_slice()

    def _show_slice(self) -> None:
        if self._volume is None or self._volume[0].values is None:
            return
        (answer, names), at = self._volume, self._slices.value()
        self._slice_words.set_text(f"Slice {at + 1:,} of {self._slices.maximum() + 1:,}")
        one = Array.of(np.ascontiguousarray(self._volume[0].values.values[at]))
        self._fill_picture(msgspec.structs.replace(answer, values=one), names, None)

    def _fill_picture(self, answer: Answer, names: ClassNames, seen: Array | None) -> None:
        self._legend.show_mask(answer, names)
        if answer.values is None:
            self._view.show_image(None)
            return
        is_mask = answer.kind == "mask"
        if answer.kind != self._kind:
            self._kind = answer.kind
            self._slider.setValue(60 if is_mask else 100)
        self._bar.setVisible(seen is not None)
        colour = QColor(theme.colours().error)
        if seen is None:
            self._layer = pictures.NO_IMAGE
            has_classes = is_mask and answer.values.shape[-1] > 1
            image = pictures.mask(answer.values, (0, 0, 0)) if has_classes else None
            self._view.show_image(image or pictures.picture(answer.values))
            return
        self._layer = (
            pictures.mask(answer.values, (colour.red(), colour.green(), colour.blue()))
            if is_mask
            else pictures.picture(answer.values)
        )
        self._view.show_image(pictures.picture(seen))
        self._lay_over()

    def _lay_over(self) -> None:
        if not self._layer.isNull():
            self._view.show_layer(self._layer, self._slider.value() / 100)


class NumbersBlock(OutputBlock):
    """Regression, vectors and sequences: a line or a map, and the numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plot = LinePlot()
        self._plot.setFixedHeight(_PLOT_HEIGHT)
        name = "The sequence as a map: steps to the right, features downwards"
        self._map = PictureView(name, side=_PLOT_HEIGHT, keeps_proportions=False)
        self._map.setToolTip(name)
        self._model = NumbersItemModel(self)
        self._table = QTableView()
        self._table.setAccessibleName("The numbers")
        self._table.setModel(self._model)
        self._table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._table.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        for part in (self._plot, self._map):
            self._column.addWidget(part)
        self._column.addWidget(self._table)

    def _fill(self, answer: Answer, _names: ClassNames, _seen: Array | None) -> None:
        values = np.zeros(0) if answer.values is None else np.asarray(answer.values.values)
        values = values.reshape(values.shape or (1,))
        is_line = values.size == max(values.shape, default=0)
        self._plot.setVisible(is_line and values.size > _FEW)
        self._map.setVisible(not is_line)
        self._table.setVisible(values.size > 1)
        self._model.show_values(values.ravel() if is_line else values)
        self._fit_table()
        if is_line and values.size > _FEW:
            self._draw_line(np.asarray(values.ravel(), np.float64))
        elif not is_line:
            numbers = np.array(values.reshape(values.shape[0], -1).T, np.float64, order="C")
            self._map.setFixedHeight(min(_PLOT_HEIGHT, max(24, 20 * numbers.shape[0])))
            self._map.show_image(image_of(numbers, *span_of(numbers)))

    def _fit_table(self) -> None:
        """As high as its rows, up to a height."""
        header = self._table.horizontalHeader().sizeHint().height()
        row = self._table.verticalHeader().defaultSectionSize()
        bar = 18 if self._model.columnCount() > 1 else 2  # of a bar to scroll sideways
        self._table.setFixedHeight(header + min(_MOST_SEEN, self._model.rowCount()) * row + bar)

    def _draw_line(self, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
        numbers = Array.of(values)
        self._plot.clear_lines()
        self._plot.set_extent(values.size)
        self._plot.show_line(
            Line(low=numbers, high=numbers, start=0, step=1, n_elements=values.size, is_sharp=True)
        )


def block_class(kind: OutputKind) -> type[OutputBlock]:
    """The block for a kind of output."""
    if kind in CLASSES:
        return ClassesBlock
    return PictureBlock if kind in ("picture", "mask") else NumbersBlock
