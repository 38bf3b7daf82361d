"""The gallery: pictures of a set in rows, one of them beside them, or large."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.column import line
from h5viewer.gui.controls.notices import Notice
from h5viewer.gui.gallery.current_picture import CurrentPicture
from h5viewer.gui.gallery.gallery_bar import GalleryBar
from h5viewer.gui.gallery.gallery_grid import GalleryGrid
from h5viewer.gui.gallery.order import Order
from h5viewer.gui.gallery.picture_actions import Chosen, PictureActions
from h5viewer.gui.gallery.picture_classes import ALL, LONGEST_LABEL, PictureClasses
from h5viewer.gui.gallery.picture_files import MOST
from h5viewer.gui.gallery.picture_saving import MOST_SAVED, wanted_pictures
from h5viewer.gui.gallery.picture_side import PictureSide
from h5viewer.gui.gallery.set_view import MOST_CHOSEN, SetView, ShownSet
from h5viewer.gui.gallery.thumbnail_store import ThumbnailStore
from h5viewer.gui.gallery.zoom_view import ZoomView
from h5viewer.names import visible
from h5viewer.nodes import Document, OnePicture
from h5viewer.workers.pool import Pool

_SIDE = 232
_COUNT_PAUSE = 150  # milliseconds between two countings while labels arrive


class GalleryView(SetView):
    """Only what is in sight is read; the labels are read once, as filter and as captions."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._shown: ShownSet | None = None
        self._order = Order(0)
        self._only = ALL  # the class that is shown alone
        self._picked = ""  # what is shown when neither all nor a class are
        self._thumbnails = ThumbnailStore(pool, self)
        self._classes = PictureClasses(pool, self)
        self._one = CurrentPicture(pool, self)
        self._actions = PictureActions(pool, self, self._chosen_now, self._classes.text_of)
        self._counting = QTimer(self, singleShot=True, interval=_COUNT_PAUSE)
        self.notice = Notice(closable=True)

    def make(self) -> Iterator[None]:
        """Bar, grid, side, large view."""
        self.bar = GalleryBar()
        self.grid = GalleryGrid("Pictures")
        yield
        self.side = PictureSide(self)
        yield
        self.large = ZoomView()
        self._arrange()
        self._connect()
        yield

    # SetView

    def show_set(self, shown: ShownSet) -> None:
        """Show all pictures; the same set read otherwise stays where it was."""
        before = self._shown
        is_same = (
            before is not None
            and before.place == shown.place
            and before.pictures.n_pictures == shown.pictures.n_pictures
        )
        index = self._index(self.grid.current) if is_same else -1
        self.clear()
        self._shown = shown
        self._thumbnails.show_set(shown)
        self.bar.set_range(shown.pictures.n_pictures)
        self._show_order(Order(shown.pictures.n_pictures))
        self._classes.show_set(shown)
        self.side.show_classes(self._classes.has_labels, shown.pictures)
        self._show_counts()
        self.grid.set_captions(self.caption if self._classes.has_labels else None)
        if index >= 0:
            self.show_index(index)

    def show_documents(self, documents: Sequence[Document]) -> None:
        """Networks among them can be asked."""
        self._actions.show_documents(documents)
        self._actions.fill_networks(self.side.predict.menu())
        self.side.predict.setVisible(self._actions.has_networks)

    def clear(self) -> None:
        """Forget the set."""
        self._shown = None
        self._actions.cancel()
        self._counting.stop()
        self._thumbnails.clear()
        self._classes.clear()
        self._only, self._picked = ALL, ""
        self._forget_one()
        self._close_large()
        self.grid.show_items(0, lambda _: None, lambda _: False, 1.0)
        self.notice.clear()

    @property
    def knows_classes(self) -> bool:
        """Whether all labels are read."""
        return self._classes.is_complete

    def thumbnail(self, position: int) -> QImage | None:
        """The small picture at a position, as far as it is there."""
        index = self._index(position)
        return None if index < 0 else self._thumbnails.image(index)

    def is_lost(self, position: int) -> bool:
        """Whether the picture at a position cannot be read."""
        return self._thumbnails.is_lost(self._index(position))

    def caption(self, position: int) -> str:
        """The class of the picture at a position."""
        return self._classes.text_of(self._order.index(position))

    # Which are shown

    def show_only(self, indices: Sequence[int], words: str) -> None:
        """Show these pictures alone; `words` say which they are."""
        if self._shown is not None:
            self._only, self._picked = ALL, words or "Chosen elsewhere"
            self.side.classes.choose(ALL)
            self._show_order(Order.of(self._shown.pictures.n_pictures, indices))
            self.grid.go_to(0)

    def show_index(self, index: int) -> None:
        """Go to a picture; one that is left out brings the others back."""
        position = self._order.position(index)
        if position < 0 and not self._order.is_all:
            self._show_all()
            position = self._order.position(index)
        self.grid.go_to(position)

    def _show_all(self) -> None:
        self.show_class(ALL)

    def show_class(self, wanted: int) -> None:
        """Show the pictures of a class alone, those WITHOUT, or ALL."""
        if self._shown is None:
            return
        self._only, self._picked = wanted, ""
        self.side.classes.choose(wanted)
        indices = None if wanted == ALL else self._classes.indices(wanted)
        index = self._index(self.grid.current)
        self._show_order(Order(self._shown.pictures.n_pictures, indices))
        position = self._order.position(index) if index >= 0 else -1
        if position >= 0:
            self.grid.go_to(position)

    def _show_order(self, order: Order) -> None:
        if self._shown is None:
            return
        self._order = order
        pictures = self._shown.pictures
        layout = pictures.layout
        self.grid.show_items(
            order.count,
            self.thumbnail,
            self.is_lost,
            layout.width / max(1, layout.height) if pictures.are_alike else 1.0,
            has_shapes=pictures.is_loose,
        )
        self._show_words()

    def _show_words(self) -> None:
        if self._shown is not None:
            n_all = self._shown.pictures.n_pictures
            self.bar.show_counts(len(self.grid.chosen), self._order.count, n_all, self._picked)

    # What arrives

    def _want(self, positions: range) -> None:
        """Pictures in sight, and a screen above and below."""
        if self._shown is None:
            return
        n_seen = len(positions)
        after = range(positions.stop, min(self._order.count, positions.stop + n_seen))
        before = range(max(0, positions.start - n_seen), positions.start)
        self._thumbnails.want(
            self._order.indices(positions), self._order.indices([*after, *reversed(before)])
        )

    def _take_labels(self) -> None:
        if not self._counting.isActive():
            self._counting.start()
        self.grid.refresh()

    def _finish_labels(self) -> None:
        self._counting.stop()
        self._show_counts()
        if self._only != ALL:
            self.show_class(self._only)  # there may be more of it
        index = self._index(self.grid.current)
        if index >= 0:
            self.side.show_index(index, self._classes.text_of(index))
        self.grid.refresh()

    def _show_counts(self) -> None:
        if self._shown is not None and self._classes.has_labels:
            classes = self._classes
            n_pictures = self._shown.pictures.n_pictures
            self.side.classes.show_counts(
                n_pictures, classes.names, classes.counts, classes.n_without
            )

    def _show_lost(self, error: H5ViewerError) -> None:
        self.notice.show_error(error, action="Try again")

    def _try_again(self) -> None:
        self.notice.clear()
        self._thumbnails.forget_lost()

    # One picture

    def _index(self, position: int) -> int:
        return self._order.index(position) if 0 <= position < self._order.count else -1

    def _look_at(self, position: int) -> None:
        index, shown = self._index(position), self._shown
        if index < 0 or shown is None:
            self._forget_one()
            return
        label = self._classes.text_of(index)
        self.bar.show_index(index)
        self.side.show_index(index, label)
        told = f"Picture {index:,} {label}".strip()
        for view in (self.grid, self.large):
            view.setAccessibleDescription(told)
        self._one.look_at(shown, index)

    def _take_one(self, picture: OnePicture) -> None:
        if self._shown is None:
            return
        if picture.label_text:
            self.side.show_index(picture.index, visible(picture.label_text, LONGEST_LABEL))
        self.side.show_picture(picture, self._shown.pictures, self._one.image)
        self.large.show_image(self._one.image)

    def _fail_one(self, error: H5ViewerError) -> None:
        self.side.show_words(error.message)
        self.large.show_image(self._one.image)

    def _forget_one(self) -> None:
        self._one.clear()
        self.side.clear_picture()
        self.large.show_image(self._one.image)

    def _open_large(self) -> None:
        if self.grid.current < 0 and self.grid.count:
            self.grid.go_to(0)
        if self.grid.current >= 0:
            self._pages.setCurrentWidget(self.large)
            self.bar.show_large(is_large=True)
            self.large.setFocus()

    def _close_large(self) -> None:
        if self._pages.currentWidget() is self.large:
            self._pages.setCurrentWidget(self.grid)
            self.bar.show_large(is_large=False)
            self.grid.setFocus()
            self.status_changed.emit("")

    def _focus_pictures(self) -> None:
        (self.large if self.large.isVisible() else self.grid).setFocus()

    def _step(self, by: int) -> None:
        self.grid.go_to(min(max(0, self.grid.current + by), self.grid.count - 1))

    # With what is chosen

    def _chosen_now(self) -> Chosen | None:
        """The chosen pictures; without any the current one."""
        grid, shown = self.grid, self._shown
        positions = grid.chosen.first(MOST) or [at for at in [grid.current] if at >= 0]
        if shown is None or not positions:
            return None
        return Chosen(
            shown,
            self._order.indices(positions),
            len(grid.chosen) or 1,
            self._one.image,
            self.thumbnail(grid.current),
        )

    def _tell_chosen(self) -> None:
        self._show_words()
        self.chosen_changed.emit(tuple(self._order.indices(self.grid.chosen.first(MOST_CHOSEN))))

    def _open_menu(self, place: QPoint) -> None:
        self._actions.open_menu(place, self._open_large, self._save_chosen)

    def _save_shown(self) -> None:
        """What is chosen, or else all that are shown."""
        self._save(self.grid.chosen.runs or ((0, self._order.count),))

    def _save_chosen(self) -> None:
        """What is chosen, or else the current one."""
        self._save(self.grid.chosen.runs or ((self.grid.current, self.grid.current + 1),))

    def _save(self, runs: Sequence[tuple[int, int]]) -> None:
        shown = self._shown
        if shown is None:
            return
        if sum(stop - start for start, stop in runs) > MOST_SAVED:
            self.notice.show_text(
                f"At most {MOST_SAVED:,} pictures can be saved at once.",
                hint="Choose some: a click, then Shift and a click at the last one.",
            )
            return
        indices = tuple(self._order.indices_of_runs(runs).tolist())
        self.save_wanted.emit(wanted_pictures(shown, indices, self._classes.of))

    def _point(self, position: int) -> None:
        index = self._index(position)
        label = self._classes.text_of(index) if index >= 0 else ""
        told = f"Picture {index:,}" + (f": {label}" if label else "") if index >= 0 else ""
        self.status_changed.emit(told)

    # Building

    def _connect(self) -> None:
        grid, bar, side, large = self.grid, self.bar, self.side, self.large
        grid.shown.connect(self._want)
        grid.current_changed.connect(self._look_at)
        grid.chosen_changed.connect(self._tell_chosen)
        grid.opened.connect(lambda _: self._open_large())
        grid.pointed.connect(self._point)
        grid.menu_wanted.connect(self._open_menu)
        grid.drag_wanted.connect(self._actions.drag)
        grid.zoom_wanted.connect(bar.step_side)
        for view in (grid, large):
            view.copy_wanted.connect(self._actions.copy)
        bar.all_wanted.connect(self._show_all)
        bar.index_wanted.connect(self.show_index)
        bar.index_entered.connect(self._focus_pictures)
        bar.side_chosen.connect(self._set_side)
        bar.save_wanted.connect(self._save_shown)
        bar.closed.connect(self._close_large)
        side.classes.class_chosen.connect(self.show_class)
        side.large_wanted.connect(self._open_large)
        side.copy_wanted.connect(self._actions.copy)
        side.step_wanted.connect(self._step)
        large.step_wanted.connect(self._step)
        large.closed.connect(self._close_large)
        large.menu_wanted.connect(self._open_menu)
        large.pointed.connect(self.status_changed)
        self._thumbnails.arrived.connect(grid.refresh)
        self._thumbnails.failed.connect(self._show_lost)
        self.notice.action_requested.connect(self._try_again)
        self._thumbnails.busy_changed.connect(bar.busy.set_busy)
        self._one.read.connect(self._take_one)
        self._one.failed.connect(self._fail_one)
        self._classes.arrived.connect(self._take_labels)
        self._classes.finished.connect(self._finish_labels)
        self._classes.failed.connect(self.notice.show_error)
        self._counting.timeout.connect(self._show_counts)
        self._actions.failed.connect(self.notice.show_error)
        self._actions.told.connect(self.status_changed)
        self._actions.predict_wanted.connect(self.predict_wanted)
        go_to = QShortcut(QKeySequence("Ctrl+G"), self)
        go_to.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        go_to.activated.connect(bar.focus_index)
        bar.set_side(96)

    def _set_side(self, side: int) -> None:
        self._thumbnails.set_side(round(side * self.devicePixelRatioF()))
        self.grid.set_side(side)

    def _arrange(self) -> None:
        self._pages = QStackedWidget()
        self._pages.addWidget(self.grid)
        self._pages.addWidget(self.large)
        main = QWidget()
        column = QVBoxLayout(main)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.bar, line(), self.notice):
            column.addWidget(part)
        column.addWidget(self._pages, 1)
        self._room = QSplitter(Qt.Orientation.Horizontal)
        self._room.setChildrenCollapsible(False)
        self._room.setHandleWidth(1)
        self._room.addWidget(main)
        self._room.addWidget(self.side)
        self._room.setStretchFactor(0, 1)
        self._room.setSizes([700, _SIDE])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self._room)
        self.setMinimumWidth(theme.SPACE_XL * 10)
