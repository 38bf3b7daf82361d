"""Filters of a convolution as a gallery."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QSlider, QSpinBox, QWidget

from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.number_boxes import indent
from h5viewer.gui.controls.tool_button import switch_button
from h5viewer.gui.meaning.picture_grid import PictureGrid
from h5viewer.gui.meaning.pixels import image_of, rgb_image, span_of
from h5viewer.gui.meaning.weight_view import WeightView
from h5viewer.nodes import Gallery, WeightMeaning
from h5viewer.requests import ReadGallery
from h5viewer.wording import count_text, plural
from h5viewer.workers.pool import Pool

_PAGE = 512
_SMALLEST, _LARGEST, _FIRST = 32, 240, 84
_MOST_IMAGES = 4000


class FiltersView(WeightView):
    """Pages come as they are scrolled to; colours where there are three input channels."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._grid = PictureGrid("Filters")
        self._colours = switch_button("RGB", "Draw the three input channels as red, green, blue")
        self._common = switch_button(
            "Common scale", "The same colours for all filters; else each has its own"
        )
        self._others = [_OtherAxis() for _ in range(2)]
        self._size = QSlider(Qt.Orientation.Horizontal)
        self._size.setRange(_SMALLEST, _LARGEST)
        self._size.setFixedWidth(120)
        self._size.setAccessibleName("Size of the pictures")
        self._size.setToolTip("Size of the pictures")
        for control in (self._colours, self._common):
            self._bar.addWidget(control)
        for other in self._others:
            self._bar.addWidget(other.label)
            self._bar.addWidget(other.box)
            other.box.valueChanged.connect(self._restart)
        self._bar.addWidget(PlainLabel("Size", role="muted"))
        self._bar.addWidget(self._size)
        self._fill(self._grid)
        self._pages: dict[int, NDArray[np.floating]] = {}
        self._images: dict[int, QImage] = {}
        self._span = (0.0, 1.0)
        self._total = 0
        self._page = _PAGE
        self._colours.toggled.connect(self._restart)
        self._common.toggled.connect(self._recolour)
        self._size.valueChanged.connect(self._grid.set_side)
        self._size.setValue(_FIRST)
        self._grid.shown.connect(self._want)
        self._grid.pointed.connect(self._tell)
        self._grid.chosen.connect(self._choose)

    # ------------------------------------------------------------------- axes

    def _axes(self) -> tuple[int | None, int | None, list[int]]:
        """The axis of the filters, that of the colours, and those left to be chosen from."""
        meaning = self.meaning
        if meaning is None:
            return None, None, []
        free = [axis for axis in range(len(meaning.shape)) if axis not in meaning.picture_axes]
        filters = meaning.out_axis if meaning.out_axis in free else None
        if "multiplier" in meaning.axes and meaning.in_axis in free:
            filters = meaning.in_axis  # depthwise: a filter for each input channel
        colours = meaning.in_axis if meaning.in_axis in free else None
        is_rgb = colours is not None and colours != filters and meaning.shape[colours] == 3
        colours = colours if is_rgb else None
        used = (filters, colours if self._colours.isChecked() else None)
        return filters, colours, [axis for axis in free if axis not in used]

    # ------------------------------------------------------------------ asking

    def _begin(self, meaning: WeightMeaning) -> None:
        _, colours, _ = self._axes()
        self._colours.blockSignals(True)
        self._colours.setVisible(colours is not None)
        self._colours.setChecked(colours is not None)
        self._colours.blockSignals(False)
        self._offer_axes(meaning)
        self._restart()

    def _offer_axes(self, meaning: WeightMeaning) -> None:
        rest = [axis for axis in self._axes()[2] if meaning.shape[axis] > 1]
        for at, other in enumerate(self._others):
            axis = rest[at] if at < len(rest) else None
            name = _axis_name(meaning, axis)
            other.offer(axis, name, 0 if axis is None else meaning.shape[axis])

    def _restart(self) -> None:
        meaning = self.meaning
        if meaning is None:
            return
        if self.sender() is self._colours:
            self._offer_axes(meaning)
        self._forget_pages()
        self._request_page(0)

    def _request_page(self, start: int) -> None:
        meaning = self.meaning
        if meaning is None:
            return
        filters, colours, _ = self._axes()
        index = [0] * len(meaning.shape)
        for other in self._others:
            if other.axis is not None:
                index[other.axis] = other.box.value()
        request = ReadGallery(
            document=self.document,
            node=meaning.path,
            height=meaning.picture_axes[0],
            width=meaning.picture_axes[1],
            filters=filters,
            colours=colours if self._colours.isChecked() else None,
            index=tuple(index),
            start=start,
            count=_PAGE,
        )
        self._ask(request, self._take)

    def _take(self, gallery: Gallery) -> None:
        values = gallery.values.values
        is_first = not self._pages
        if is_first:
            self._page = max(1, values.shape[0])
        self._pages[gallery.start // self._page] = values.astype(np.float32)
        self._images.clear()
        spans = [span_of(page, is_signed=page.ndim == 3) for page in self._pages.values()]
        self._span = min(low for low, _ in spans), max(high for _, high in spans)
        self._total = gallery.total
        if is_first:
            height, width = values.shape[1:3]
            self._grid.show_items(
                gallery.total, self._image, self._caption, aspect=width / max(1, height)
            )
            self._say(self._sentence(height, width))
        self._grid.refresh()
        items = self._grid.visible_items()
        self._want(items.start, items.stop - 1)

    def _want(self, first: int, last: int) -> None:
        if not self._pages or self._answer.is_waiting:
            return
        for page in range(first // self._page, max(first, last) // self._page + 1):
            if page not in self._pages:
                self._request_page(page * self._page)
                return

    # ----------------------------------------------------------------- showing

    def _image(self, item: int) -> QImage | None:
        image = self._images.get(item)
        if image is None:
            page = self._pages.get(item // self._page)
            if page is None or item % self._page >= len(page):
                return None
            if len(self._images) > _MOST_IMAGES:
                self._images.clear()
            values = page[item % self._page]
            is_rgb = values.ndim == 3
            own = span_of(values, is_signed=not is_rgb)
            low, high = self._span if self._common.isChecked() else own
            image = rgb_image(values, low, high) if is_rgb else image_of(values, low, high)
            self._images[item] = image
        return image

    def _caption(self, item: int) -> tuple[str, ...]:
        return (count_text(item),)

    def _sentence(self, height: int, width: int) -> str:
        what = plural(self._total, "filter")
        text = f"{what} of {height} × {width}. Click one to see it in the Array panel."
        return f"{text} Each has its own colours." if not self._common.isChecked() else text

    def _recolour(self) -> None:
        self._images.clear()
        self._grid.refresh()
        if self._pages:
            height, width = next(iter(self._pages.values())).shape[1:3]
            self._say(self._sentence(height, width))

    def _tell(self, item: int) -> None:
        page = self._pages.get(item // self._page) if item >= 0 else None
        if page is None or item % self._page >= len(page):
            self.pointed.emit("")
            return
        values = page[item % self._page].astype(np.float64)
        finite = values[np.isfinite(values)]
        if finite.size:
            norm = float(np.sqrt(np.square(finite).sum()))
            text = f"filter {item}: {finite.min():.4g} to {finite.max():.4g}, norm {norm:.4g}"
            self.pointed.emit(text.replace("-", "−"))

    def _choose(self, item: int) -> None:
        meaning = self.meaning
        if meaning is None:
            return
        index = [0] * len(meaning.shape)
        filters, _, _ = self._axes()
        if filters is not None:
            index[filters] = item
        for other in self._others:
            if other.axis is not None:
                index[other.axis] = other.box.value()
        self._show_in_array(meaning.picture_axes[0], meaning.picture_axes[1], tuple(index))

    def _forget(self) -> None:
        self._forget_pages()

    def _forget_pages(self) -> None:
        self._answer.cancel()
        self._pages.clear()
        self._images.clear()
        self._grid.show_items(0, self._image, self._caption)


class _OtherAxis:
    """Which position of an axis that is neither drawn nor counted."""

    def __init__(self) -> None:
        self.label = PlainLabel(role="muted")
        self.box = QSpinBox()
        indent(self.box)
        self.axis: int | None = None

    def offer(self, axis: int | None, name: str, length: int) -> None:
        """Offer the positions of an axis; None: nothing."""
        self.axis = axis
        self.label.set_text(name)
        for part in (self.label, self.box):
            part.setVisible(axis is not None)
        self.box.blockSignals(True)
        self.box.setRange(0, max(0, length - 1))
        self.box.setValue(0)
        self.box.blockSignals(False)
        self.box.setAccessibleName(name)
        self.box.setToolTip(f"{name}: 0 to {max(0, length - 1):,}")


def _axis_name(meaning: WeightMeaning, axis: int | None) -> str:
    if axis is None:
        return ""
    if axis == meaning.in_axis:
        return "Input channel"
    name = meaning.axes[axis] if axis < len(meaning.axes) else f"axis {axis}"
    return name[:1].upper() + name[1:]
