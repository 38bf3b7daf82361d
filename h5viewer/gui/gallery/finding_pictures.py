"""The pictures that a finding is about: each beside the one that it repeats."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from h5viewer import picture_report
from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.notices import EmptyState
from h5viewer.gui.controls.tool_button import push_button
from h5viewer.gui.gallery.picture_classes import class_name
from h5viewer.gui.gallery.set_view import ShownSet
from h5viewer.gui.gallery.thumbnail_store import ThumbnailStore
from h5viewer.gui.meaning.picture_grid import PictureGrid
from h5viewer.nodes import PictureFinding, PictureReport
from h5viewer.wording import count_text, plural
from h5viewer.workers.pool import Pool

_SIDE = 112  # pixels of a picture
_GAP = 1 / 24  # of the height, between two that belong together


class FindingPictures(QWidget):
    """Asks for those in sight only.

    Signals:
        pictures_wanted(set: int, indices: tuple[int, ...]): to be seen in the gallery.
        pointed(str): what is said of the picture below the cursor.
    """

    pictures_wanted = Signal(int, object)
    pointed = Signal(str)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._report: PictureReport | None = None
        self._sets: tuple[ShownSet, ...] = ()
        self._finding: PictureFinding | None = None
        self._stores: dict[int, ThumbnailStore] = {}
        self.grid = PictureGrid("Pictures of the finding")
        self._words = PlainLabel(wrap=True)
        self._all = push_button(
            "Show in gallery", "Show these pictures, and those they are like, in the gallery"
        )
        self._nothing = EmptyState(
            "dataset", "About the set as a whole", "No picture of it stands out."
        )
        self._pages = QStackedWidget()
        self._arrange()
        self.grid.set_side(_SIDE)
        self.grid.shown.connect(self._want)
        self.grid.chosen.connect(self._show_one)
        self.grid.pointed.connect(self._point)
        self._all.clicked.connect(self._show_all)

    def show_report(self, report: PictureReport | None, sets: Sequence[ShownSet]) -> None:
        """Another report; `sets` are as its own, with the files they are in."""
        for store in self._stores.values():
            store.clear()
            store.deleteLater()
        self._stores.clear()
        self._report, self._sets = report, tuple(sets)
        self.show_finding(-1)

    def show_finding(self, row: int) -> None:
        """One of the report; −1: none."""
        report = self._report
        is_there = report is not None and 0 <= row < len(report.findings)
        self._finding = report.findings[row] if report is not None and is_there else None
        finding = self._finding
        self._words.set_text("" if finding is None else _words(finding))
        self._all.setVisible(finding is not None and bool(finding.indices))
        n = 0 if finding is None else len(finding.indices)
        layout = None if finding is None else self._sets[finding.set_index].pictures.layout
        aspect = 1.0 if layout is None else layout.width / max(1, layout.height)
        pairs = finding is not None and bool(finding.others)
        self.grid.show_items(
            n, self._image, self._caption, aspect=aspect * (2 if pairs else 1), n_lines=2
        )
        self._pages.setCurrentWidget(self.grid if n or finding is None else self._nothing)

    def clear(self) -> None:
        """Stop asking, free the pictures."""
        self.show_report(None, ())

    # What the grid asks

    def _image(self, at: int) -> QImage | None:
        finding = self._finding
        if finding is None:
            return None
        own = self._store(finding.set_index).image(finding.indices[at])
        if not finding.others:
            return own
        number, index = finding.others[at]
        other = self._store(number).image(index)
        return None if own is None or other is None else _beside(own, other)

    def _caption(self, at: int) -> tuple[str, ...]:
        finding, report = self._finding, self._report
        if finding is None or report is None:
            return ()
        own = self._called(finding.set_index, finding.indices[at], _at(finding.classes, at))
        if not finding.others:
            return (own,)
        number, index = finding.others[at]
        other = self._called(number, index, _at(finding.other_classes, at))
        if number != finding.set_index:
            other += f" of {picture_report.set_text(report, number)}"
        return own, f"like {other}"

    def _called(self, number: int, index: int, class_at: int | None) -> str:
        names = () if self._report is None else self._report.counts[number].names
        name = "" if class_at is None else f": {class_name(names, class_at)}"
        return f"{count_text(index)}{name}"

    # Asking

    def _store(self, number: int) -> ThumbnailStore:
        store = self._stores.get(number)
        if store is None:
            store = self._stores[number] = ThumbnailStore(self._pool, self)
            store.set_side(_SIDE)
            store.show_set(self._sets[number])
            store.arrived.connect(self.grid.refresh)
        return store

    def _want(self, first: int, last: int) -> None:
        finding = self._finding
        if finding is None:
            return
        wanted: dict[int, list[int]] = {}
        for at in range(first, min(last + 1, len(finding.indices))):
            wanted.setdefault(finding.set_index, []).append(finding.indices[at])
            if finding.others:
                number, index = finding.others[at]
                wanted.setdefault(number, []).append(index)
        for number, indices in wanted.items():
            self._store(number).want(indices, ())

    # Going elsewhere

    def _show_one(self, at: int) -> None:
        self._go(slice(at, at + 1))

    def _show_all(self) -> None:
        self._go(slice(None))

    def _go(self, which: slice) -> None:
        """To the gallery, with partners of the same set."""
        finding = self._finding
        if finding is None:
            return
        indices: dict[int, None] = {}
        for at, index in list(enumerate(finding.indices))[which]:
            indices[index] = None
            if finding.others and finding.others[at][0] == finding.set_index:
                indices[finding.others[at][1]] = None
        self.pictures_wanted.emit(finding.set_index, tuple(indices))

    def _point(self, at: int) -> None:
        self.pointed.emit(", ".join(self._caption(at)) if 0 <= at < self.grid.count else "")

    # Building

    def _arrange(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        row.addWidget(self._words, 1)
        row.addWidget(self._all)
        self._pages.addWidget(self.grid)
        self._pages.addWidget(self._nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self._pages, 1)


def _beside(one: QImage, other: QImage) -> QImage:
    """Two pictures in one, the second as high as the first."""
    height = max(one.height(), other.height())
    widths = [max(1, each.width() * height // max(1, each.height())) for each in (one, other)]
    gap = max(1, round(_GAP * height))
    both = QImage(sum(widths) + gap, height, QImage.Format.Format_RGB32)
    both.fill(QColor(theme.colours().surface))
    painter = QPainter(both)
    painter.drawImage(QRect(0, 0, widths[0], height), one)
    painter.drawImage(QRect(widths[0] + gap, 0, widths[1], height), other)
    painter.end()
    return both


def _words(finding: PictureFinding) -> str:
    """How many are shown."""
    n = len(finding.indices)
    if not n:
        return ""
    shown = plural(n, "picture")
    if finding.value > n:
        shown = f"The first {n:,} of {plural(int(finding.value), 'picture')}"
    if not finding.others:
        return shown
    return f"{shown}, {'beside the one it is like' if n == 1 else 'each beside one it is like'}"


def _at(classes: Sequence[int], at: int) -> int | None:
    return classes[at] if at < len(classes) else None
