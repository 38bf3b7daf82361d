"""What the pictures of a set have in common: their mean, and that of each class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.byte_image import byte_image
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.notices import Busy, Notice
from h5viewer.gui.gallery.picture_classes import ALL, class_name
from h5viewer.gui.gallery.set_view import SetView, ShownSet
from h5viewer.gui.meaning.picture_grid import PictureGrid
from h5viewer.gui.task import Latest
from h5viewer.nodes import MeanPictures, PictureLayout
from h5viewer.requests import ReadMeanPictures
from h5viewer.wording import count_text, plural
from h5viewer.workers.pool import Pool

_SMALLEST, _LARGEST = 56, 220  # pixels of a mean picture


class MeansView(SetView):
    """Better ones come while the set is read."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._shown: ShownSet | None = None
        self._images: list[tuple[str, QImage | None]] = []
        self._reading = Latest(pool, self)
        self.grid = PictureGrid("Mean pictures")
        self.words = PlainLabel(role="muted")
        self.notice = Notice()
        self._busy = Busy("Reading all pictures…")
        row = QHBoxLayout()
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        row.addWidget(self.words, 1)
        row.addWidget(self._busy)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.notice)
        column.addWidget(self.grid, 1)
        self.grid.fill(_SMALLEST, _LARGEST)
        self.grid.setToolTip("A click shows the pictures of the class")
        self.grid.chosen.connect(lambda at: self.class_wanted.emit(at - 1 if at else ALL))
        self.grid.pointed.connect(self._point)
        self._reading.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._reading.cancel)  # what is there stays

    def show_set(self, shown: ShownSet) -> None:
        """Read it, unless it is shown."""
        if shown == self._shown:
            return
        self.clear()
        self._shown = shown
        self._reading.ask(
            ReadMeanPictures(
                document=shown.document, pictures=shown.pictures, other_labels=shown.other_labels
            ),
            lambda result: self._take(result, is_last=True),
            on_part=self._take,
            on_failure=self.notice.show_error,
            on_progress=self._busy.show_progress,
        )

    def clear(self) -> None:
        """Stop reading, free the pictures."""
        self._reading.cancel()
        self._shown = None
        self._images = []
        self.grid.show_items(0, lambda _: None, lambda _: ())
        self.words.set_text("")
        self.notice.clear()

    def image(self, at: int) -> QImage | None:
        """The mean of all pictures (0), or of a class."""
        return self._images[at][1]

    def _take(self, part: object, *, is_last: bool = False) -> None:
        if not isinstance(part, MeanPictures) or self._shown is None:
            return
        pictures = self._shown.pictures
        names = self._shown.labelled.label_names
        self._images = [("All pictures", drawn(part.mean.values, pictures.layout))]
        for at, mean in enumerate(part.class_means.values):
            is_known = bool(np.isfinite(mean).any())
            image = drawn(mean, pictures.layout) if is_known else None
            self._images.append((class_name(names, at), image))
        layout = pictures.layout
        if self.grid.count == len(self._images):
            self.grid.refresh()
        else:
            self.grid.show_items(
                len(self._images),
                lambda at: self._images[at][1],
                lambda at: (self._images[at][0],),
                aspect=layout.width / max(1, layout.height),
            )
        self._say(part, is_last=is_last)

    def _say(self, part: MeanPictures, *, is_last: bool) -> None:
        words = f"Means of {plural(part.n_pictures, 'picture')}"
        if part.n_read < part.n_pictures:
            how = "evenly spread over the set" if is_last else "so far"
            all_ = plural(part.n_pictures, "picture")
            words = f"Means of {count_text(part.n_read)} of {all_}, {how}"
        self.words.set_text(words)

    def _point(self, at: int) -> None:
        self.status_changed.emit(self._images[at][0] if 0 <= at < len(self._images) else "")


def drawn(mean: NDArray[np.generic], layout: PictureLayout) -> QImage:
    """(rows, columns, channels) of stored numbers as the set's pictures are drawn."""
    values = mean.astype(np.float64)
    channels: Sequence[int] = (0,) if values.shape[-1] < 3 else (0, 1, 2)
    if layout.is_bgr and len(channels) == 3:
        channels = (2, 1, 0)
    span = (layout.high - layout.low) or 1.0
    with np.errstate(all="ignore"):
        scaled = np.clip((values[..., channels] - layout.low) / span, 0, 1) * 255
    pixels = np.nan_to_num(scaled).round().astype(np.uint8)
    return byte_image(pixels[..., 0] if len(channels) == 1 else pixels)
