"""Augment: what random changes make of pictures, as Python and as a longer data set."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QMenu,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.byte_image import byte_image
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.notices import Busy, Notice
from h5viewer.gui.controls.tool_button import push_button
from h5viewer.gui.gallery.augment_controls import AugmentControls
from h5viewer.gui.gallery.augment_grid import AugmentGrid
from h5viewer.gui.gallery.set_view import SetView, ShownSet
from h5viewer.gui.task import Latest
from h5viewer.nodes import Thumbnails
from h5viewer.python_texts.program import KINDS, Program, PythonKind, python_text
from h5viewer.requests import PreviewAugmentation, WriteAugmented
from h5viewer.wording import count_text, plural
from h5viewer.workers.pool import Pool

_PAUSE = 30  # milliseconds: a slider that is dragged tells of each pixel
_SIDE = 176  # pixels of a picture that is shown
_MOST_ROWS = 12
_RIGHT = 700  # pixels, to begin with
_ROWS = 5  # where none are chosen
_WRITE = "Write changed pictures behind those of a copy of the file"
_ELSEWHERE = "The labels are in another file, which would have to grow as well"


class AugmentView(SetView):
    """The pictures that are chosen in the gallery, or some of all."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._shown: ShownSet | None = None
        self._chosen: tuple[int, ...] = ()
        self._asking = Latest(pool, self)
        self._pausing = QTimer(self, singleShot=True, interval=_PAUSE)
        self._pausing.timeout.connect(self._ask)

    def make(self) -> Iterator[None]:
        """Sliders, the pictures, what is done with them."""
        self.controls = AugmentControls()
        yield
        self.grid = AugmentGrid()
        self.notice = Notice(closable=True)
        self._busy = Busy("Changing pictures…")
        self._words = PlainLabel(role="muted")
        self._python = push_button(
            "Copy as Python", "A program that trains from this file like this"
        )
        self._write = push_button("Write…", _WRITE)
        yield
        self._arrange()
        self._connect()
        yield

    # SetView

    def show_set(self, shown: ShownSet) -> None:
        """Show some of its pictures changed."""
        is_other = self._shown is None or self._shown.place != shown.place
        self._shown = shown
        if is_other:
            self._chosen = ()
            self.grid.clear()
            self.notice.clear()
        self._ask()

    def show_chosen(self, indices: tuple[int, ...]) -> None:
        """Show these instead."""
        if indices[:_MOST_ROWS] != self._chosen:
            self._chosen = indices[:_MOST_ROWS]
            self._ask()

    def clear(self) -> None:
        """Stop asking; the sliders stay as they are."""
        self._shown = None
        self._chosen = ()
        self._pausing.stop()
        self._asking.cancel()
        self.grid.clear()
        self.notice.clear()

    # Asking

    @property
    def _indices(self) -> tuple[int, ...]:
        if self._shown is None or self._chosen:
            return self._chosen
        n_pictures = self._shown.pictures.n_pictures
        n_rows = min(_ROWS, n_pictures)
        return tuple(at * n_pictures // n_rows for at in range(n_rows))

    def _ask(self) -> None:
        shown = self._shown
        if shown is None:
            return
        indices = self._indices
        n_all = count_text(shown.pictures.n_pictures)
        few = f"{len(indices)} of {n_all} pictures"
        self._words.set_text(plural(len(indices), "chosen picture") if self._chosen else few)
        has_labels_here = shown.other_labels is None
        self._write.setEnabled(has_labels_here and not self.controls.augmentation.is_nothing)
        self._write.setToolTip(_WRITE if has_labels_here else _ELSEWHERE)
        request = PreviewAugmentation(
            document=shown.document,
            pictures=shown.pictures,
            indices=indices,
            augmentation=self.controls.augmentation,
            seed=self.controls.seed,
            copies=self.controls.copies,
            side=_SIDE,
        )
        self._asking.ask(request, self._show, on_failure=self._fail)

    def _show(self, found: Thumbnails) -> None:
        self.notice.clear()
        images = [byte_image(np.asarray(pixels)) for pixels in found.pixels.values]
        n_each = 1 + self.controls.copies
        starts = range(0, len(images), n_each)
        rows: list[list[QImage]] = [images[at : at + n_each] for at in starts]
        self.grid.show_rows(rows, [f"picture {found.indices[at]:,}" for at in starts])
        if found.unreadable:
            self.notice.show_text("Some of these pictures are damaged and cannot be read.")

    def _fail(self, error: H5ViewerError) -> None:
        self.grid.clear()
        self.notice.show_error(error)

    # Doing

    def _copy(self, kind: PythonKind) -> None:
        text = self.python(kind)
        if text:
            QGuiApplication.clipboard().setText(text)
            n_lines = text.count("\n")
            self.notice.show_text(f"{KINDS[kind]}: {n_lines} lines of Python were copied.")

    def python(self, kind: PythonKind) -> str:
        """The program that is copied."""
        shown = self._shown
        if shown is None:
            return ""
        change = self.controls.augmentation
        elsewhere = "" if shown.other_labels is None else shown.labels_document
        return python_text(
            Program(
                shown.document,
                kind,
                shown.labelled,
                shown.others,
                change,
                labels_path=elsewhere,
            )
        )

    def _ask_to_write(self) -> None:
        shown = self._shown
        if shown is not None:
            self.save_wanted.emit(
                WriteAugmented(
                    document=shown.document,
                    target="",
                    pictures=shown.pictures,
                    augmentation=self.controls.augmentation,
                    seed=self.controls.seed,
                )
            )

    # Building

    def _connect(self) -> None:
        self.controls.changed.connect(self._pausing.start)
        self._asking.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._asking.cancel)
        self._write.clicked.connect(self._ask_to_write)

    def _arrange(self) -> None:
        menu = QMenu(self._python)
        for kind, title in KINDS.items():
            menu.addAction(title, partial(self._copy, kind))
        self._python.setMenu(menu)
        self._python.setIcon(theme.icon("python", "muted"))
        self._write.setIcon(theme.icon("save", "muted"))
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.controls)
        scroll.setAccessibleName("How pictures are changed")
        for surface in (scroll.viewport(), self.controls):
            surface.setAutoFillBackground(False)
        room = scroll.verticalScrollBar().sizeHint().width()
        scroll.setMinimumWidth(self.controls.minimumSizeHint().width() + room)
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_S)
        bar.setSpacing(theme.SPACE_S)
        bar.addWidget(self._words, 1)
        for part in (self._busy, self._python, self._write):
            bar.addWidget(part)
        beside = QWidget()
        right = QVBoxLayout(beside)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addLayout(bar)
        right.addWidget(self.notice)
        right.addWidget(self.grid, 1)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setHandleWidth(1)
        halves.setChildrenCollapsible(False)
        halves.addWidget(scroll)
        halves.addWidget(beside)
        halves.setStretchFactor(1, 1)
        halves.setSizes([self.controls.sizeHint().width() + room, _RIGHT])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(halves)
