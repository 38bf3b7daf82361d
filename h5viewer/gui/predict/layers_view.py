"""Layers: what each layer makes of the sample, as a gallery of maps or a line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QSlider, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.array.line_plot import LinePlot
from h5viewer.gui.controls.notices import Busy, EmptyState, Notice, PlainLabel
from h5viewer.gui.controls.tool_button import switch_button
from h5viewer.gui.meaning.picture_grid import PictureGrid
from h5viewer.gui.meaning.pixels import image_of, span_of
from h5viewer.gui.predict.answer_words import number_text
from h5viewer.gui.predict.layer_choice import LayerChoice
from h5viewer.gui.predict.picture_view import PictureView
from h5viewer.gui.predict.predict_view import PredictView
from h5viewer.gui.predict.sample import Sample
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import Activations, Array, Line
from h5viewer.requests import ReadActivations
from h5viewer.wording import count_text, plural, shape_text
from h5viewer.workers.pool import Pool

_PAGE = 64
_SMALLEST, _LARGEST, _FIRST = 32, 240, 84
_MOST_IMAGES = 2000
_MOST_PAGES = 40  # kept: 8 MB each at most
_ENLARGED = 300


class LayersView(PredictView):
    """Pages of maps come as they are scrolled to; a map that is clicked is shown large."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._sample: Sample | None = None
        self._answer = Latest(pool, self)
        self._pages: dict[int, NDArray[np.float32]] = {}
        self._images: dict[int, QImage] = {}
        self._page = _PAGE
        self._total = 0
        self._title = ""
        self._asked_for: tuple[int, ...] | None = None

    def prepare(self) -> Iterator[None]:
        """Choices, the gallery, the line, the rest."""
        self._layers = LayerChoice(self.pool, "The layer whose output is shown")
        self._common = switch_button(
            "Common scale", "The same colours for all maps; else each has its own"
        )
        self._size = _size_slider()
        yield
        self._grid = PictureGrid("Maps of the layer")
        self._large = PictureView("The map that was clicked", side=_ENLARGED)
        yield
        self._line = LinePlot()
        yield
        self._words = PlainLabel(wrap=True, role="muted")
        self._busy = Busy("Asking the network…")
        self._notice = Notice()
        yield
        self._empty = EmptyState("layers")
        yield
        self._arrange()
        self._connect()
        self._size.setValue(_FIRST)
        self.clear()
        yield

    # PredictView

    def show_sample(self, sample: Sample) -> None:
        """Show what the layer that is chosen makes of it."""
        is_known = sample.asks_the_same(self._sample)
        self._sample = sample
        self._layers.show_document(sample.document, self._asked_for)
        self._asked_for = None
        if is_known:  # names of classes may be others
            return
        if not sample.feeds:
            self._answer.cancel()
            self._forget()
            self._stack.setCurrentWidget(self._empty)
            return
        self._restart()

    def show_layer(self, key: tuple[int, ...]) -> None:
        """Choose a layer; it is shown as soon as there is a sample."""
        self._asked_for = key  # the sample may be on its way, of another document
        self._layers.choose_key(key)
        self._restart()

    def clear(self) -> None:
        """Stop asking, free the data."""
        self._answer.cancel()
        self._sample = None
        self._forget()
        self._notice.clear()
        self._empty.show_text(
            "layers", "Nothing goes through the layers yet", "Give the network a picture first."
        )
        self._stack.setCurrentWidget(self._empty)

    # Asking

    def _restart(self) -> None:
        if self._sample is None or not self._sample.feeds or self._layers.key is None:
            return
        self._notice.clear()
        self._forget()
        self._request_page(0)

    def _request_page(self, start: int) -> None:
        sample, key = self._sample, self._layers.key
        if sample is None or key is None:
            return
        request = ReadActivations(
            document=sample.document.path,
            consent=sample.consent,
            feeds=sample.feeds,
            recipe=sample.recipe,
            layer=key,
            start=start,
            count=_PAGE,
        )
        self._answer.ask(
            request, self._take, on_failure=self._fail, on_progress=self._busy.show_progress
        )

    def _take(self, found: Activations) -> None:
        self._title = visible(found.layer, 100)
        if found.maps is not None:
            self._take_maps(found, np.asarray(found.maps.values, np.float32))
        elif found.values is not None:
            self._take_line(found, np.asarray(found.values.values, np.float64))

    def _take_maps(self, found: Activations, maps: NDArray[np.float32]) -> None:
        is_first = not self._pages
        if is_first:
            self._page = max(1, len(maps))
            self._total = found.n_channels
            height, width = maps.shape[1:3]
            self._stack.setCurrentWidget(self._body)
            self._gallery.show()
            self._line.hide()
            aspect = width / max(1, height)
            self._grid.show_items(self._total, self._image, self._caption, aspect=aspect)
            self._grid.setVisible(self._total > 1)
            hint = " Click one to see it large." if self._total > 1 else ""
            what, shape = plural(self._total, "map"), shape_text(found.shape)
            self._words.set_text(f"{self._title}: {what}, output {shape}.{hint}")
        if len(self._pages) >= _MOST_PAGES:
            self._pages.pop(next(iter(self._pages)))
        self._pages[found.start // self._page] = maps
        if self._common.isChecked():
            self._images.clear()
        self._grid.refresh()
        if is_first and self._total == 1:
            self._enlarge(0)
        items = self._grid.visible_items()
        self._want(items.start, items.stop - 1)

    def _take_line(self, found: Activations, values: NDArray[np.float64]) -> None:
        self._stack.setCurrentWidget(self._body)
        self._gallery.hide()
        self._line.show()
        numbers = Array.of(values)
        self._line.clear_lines()
        self._line.set_extent(max(1, values.size))
        self._line.show_line(
            Line(low=numbers, high=numbers, start=0, step=1, n_elements=values.size, is_sharp=True)
        )
        n_zero = int((values == 0).sum())
        zeros = f", {plural(n_zero, 'zero')}" if n_zero else ""
        self._words.set_text(
            f"{self._title}: {plural(found.n_channels, 'number')}, {_span_text(values)}{zeros}."
        )

    def _want(self, first: int, last: int) -> None:
        if not self._pages or self._answer.is_waiting:
            return
        for page in range(first // self._page, max(first, last) // self._page + 1):
            if page not in self._pages:
                self._request_page(page * self._page)
                return

    def _fail(self, error: H5ViewerError) -> None:
        self._forget()
        self._stack.setCurrentWidget(self._body)
        self._notice.show_error(error)

    def _stop(self) -> None:
        self._answer.cancel()
        self._notice.show_text("Reading the layer was stopped.", action="Read again")

    # Showing

    def _values(self, item: int) -> NDArray[np.float32] | None:
        page = self._pages.get(item // self._page) if item >= 0 else None
        if page is None or item % self._page >= len(page):
            return None
        return np.asarray(page[item % self._page])

    def _image(self, item: int) -> QImage | None:
        image = self._images.get(item)
        if image is None:
            values = self._values(item)
            if values is None:
                return None
            if len(self._images) > _MOST_IMAGES:
                self._images.clear()
            image = self._images[item] = image_of(values, *self._span(values))
        return image

    def _span(self, values: NDArray[np.float32]) -> tuple[float, float]:
        if not self._common.isChecked():
            low, high = (float(found) for found in (values.min(), values.max()))
            is_constant = low == high >= 0  # nothing at all has the colour of nothing
            return (0.0, high or 1.0) if is_constant else span_of(values)
        spans = [span_of(page) for page in self._pages.values()]
        return min(low for low, _ in spans), max(high for _, high in spans)

    def _caption(self, item: int) -> tuple[str, ...]:
        return (count_text(item),)

    def _recolour(self) -> None:
        self._images.clear()
        self._grid.refresh()

    def _tell(self, item: int) -> None:
        values = self._values(item)
        text = "" if values is None else f"map {count_text(item)}: {_span_text(values)}"
        self.status_changed.emit(text)

    def _enlarge(self, item: int) -> None:
        image = self._image(item)
        self._large.show_image(image)
        self._large.setVisible(image is not None)

    def _forget(self) -> None:
        self._pages.clear()
        self._images.clear()
        self._total = 0
        self._grid.show_items(0, self._image, self._caption)
        self._large.hide()
        self._line.hide()
        self._words.set_text("")

    # Building

    def _connect(self) -> None:
        self._layers.key_chosen.connect(lambda _key: self._restart())
        self._grid.shown.connect(self._want)
        self._grid.pointed.connect(self._tell)
        self._grid.chosen.connect(self._enlarge)
        self._common.toggled.connect(self._recolour)
        self._size.valueChanged.connect(self._grid.set_side)
        self._answer.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._stop)
        self._notice.action_requested.connect(self._restart)

    def _arrange(self) -> None:
        bar = QHBoxLayout()
        bar.setSpacing(theme.SPACE_S)
        bar.addWidget(PlainLabel("Layer", role="muted"))
        bar.addWidget(self._layers, 1)
        bar.addWidget(self._common)
        bar.addWidget(PlainLabel("Size", role="muted"))
        bar.addWidget(self._size)
        self._gallery = QSplitter(Qt.Orientation.Vertical)
        self._gallery.setChildrenCollapsible(False)
        self._gallery.setHandleWidth(1)
        self._gallery.addWidget(self._large)
        self._gallery.addWidget(self._grid)
        self._gallery.setStretchFactor(1, 1)
        self._body = QWidget()
        inside = QVBoxLayout(self._body)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self._gallery, 1)
        inside.addWidget(self._line, 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._body)
        self._stack.addWidget(self._empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_L] * 4)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(bar)
        column.addWidget(self._notice)
        column.addWidget(self._busy)
        column.addWidget(self._stack, 1)
        column.addWidget(self._words)


def _size_slider() -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(_SMALLEST, _LARGEST)
    slider.setMinimumWidth(50)
    slider.setMaximumWidth(120)
    slider.setAccessibleName("Size of the maps")
    slider.setToolTip("Size of the maps")
    return slider


def _span_text(values: NDArray[np.floating]) -> str:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return "no finite number"
    return f"{number_text(float(finite.min()))} to {number_text(float(finite.max()))}"
