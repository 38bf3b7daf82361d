"""One input of a network: what it was given, and what the network sees of it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QFont
from PySide6.QtWidgets import QGridLayout, QPushButton, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.dropped_files import accept_copy, local_files
from h5viewer.gui.errand import Errand
from h5viewer.gui.predict import pictures
from h5viewer.gui.predict.input_words import seen_words, takes
from h5viewer.gui.predict.picture_view import PictureView
from h5viewer.names import visible
from h5viewer.nodes import Array, NetworkInput
from h5viewer.picture_files import Dropped, sort_out

_SIDE = 150  # pixels; as wide as there is room
_DROP_HEIGHT = 72  # pixels of a slot that shows no picture


class InputSlot(QWidget):
    """The picture above, as the network sees it below; takes drops of its own.

    Signals:
        files_dropped(paths: list[str]): onto this input; of folders what is in them.
        choose_wanted: the user wants to choose a file for it.
        row_wanted: the user wants to choose a row of a dataset for it.
    """

    files_dropped = Signal(list)
    choose_wanted = Signal()
    row_wanted = Signal()

    def __init__(
        self, wanted: NetworkInput, *, is_only: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.wanted = wanted
        self._is_only = is_only
        is_picture = wanted.kind == "picture"
        hint = "Drop a picture here, paste one, or click to choose"
        if not is_picture:
            hint = "Drop a .npy file here, or click to choose one"
        self._hint = hint
        self._title = PlainLabel(visible(wanted.name, 60))
        self._title.setFont(theme.scaled_font(1.0, QFont.Weight.DemiBold))
        self._takes = PlainLabel(takes(wanted), role="muted", wrap=True)
        self.picture = PictureView("The picture as it is", side=_SIDE, hint=hint)
        self.picture.clicked.connect(self.choose_wanted)
        self._name = PlainLabel(elide=Qt.TextElideMode.ElideMiddle)
        self._seen_title = PlainLabel("What it sees", role="muted")
        self.seen = PictureView("What the network sees", side=_SIDE)
        self._words = PlainLabel(wrap=True, role="muted")
        self._row = QPushButton("Row of a dataset…")
        self._row.setProperty("role", "link")
        self._row.setAccessibleName("Row of a dataset")
        self._row.setToolTip("Take a row of a dataset of an open file")
        self._row.clicked.connect(self.row_wanted)
        if not is_picture:
            self.picture.setFixedHeight(_DROP_HEIGHT)
        self.setAcceptDrops(not is_only)  # the only one gets what is dropped anywhere
        self._drawn: tuple[Array | None, Array | None] = (None, None)
        self._pair = QGridLayout()
        self._arrange()
        self.clear()

    @property
    def words(self) -> str:
        """What is said of what the network sees."""
        return self._words.whole_text

    def show_name(self, name: str) -> None:
        """What is in it now, by name; its picture comes with the answer."""
        is_picture = self.wanted.kind == "picture"
        self._name.set_text(visible(name))
        self._name.setVisible(bool(name) and is_picture)
        self.picture.set_words(self._hint if not name else "" if is_picture else visible(name))

    def show_sample(
        self, picture: Array | None, seen: Array | None, span: tuple[float, float] | None
    ) -> None:
        """Show what the answer was given to."""
        self._drawn = (picture, seen)
        self.draw()
        for part in (self.seen, self._seen_title):
            part.setVisible(seen is not None)
        self._pair.setColumnStretch(1, 0 if seen is None else 1)
        if self.wanted.kind != "picture":  # unless its numbers are a picture after all
            self.picture.setFixedHeight(_DROP_HEIGHT if picture is None else _SIDE)
            self._name.setVisible(picture is not None)
        self._words.set_text(seen_words(seen, span))
        self._words.setVisible(bool(self.words))

    def draw(self) -> None:
        """Also in other colours: signals are lines of the theme's."""
        for view, array in zip((self.picture, self.seen), self._drawn, strict=True):
            view.show_image(None if array is None else pictures.picture(array))

    def clear(self) -> None:
        """Nothing is in it."""
        self.show_name("")
        self.show_sample(None, None, None)

    def _arrange(self) -> None:
        pair = self._pair
        pair.setContentsMargins(0, 0, 0, 0)
        pair.setHorizontalSpacing(theme.SPACE_M)
        pair.setVerticalSpacing(theme.SPACE_XS)
        pair.addWidget(self._name, 0, 0)
        pair.addWidget(self._seen_title, 0, 1)
        pair.addWidget(self.picture, 1, 0)
        pair.addWidget(self.seen, 1, 1)
        pair.setColumnStretch(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        for part in (self._title, self._takes):
            column.addWidget(part)
        column.addLayout(pair)
        column.addWidget(self._words)
        column.addWidget(self._row, 0, Qt.AlignmentFlag.AlignLeft)
        self._title.setVisible(not self._is_only)
        self._takes.setVisible(not self._is_only)  # the header says it of the only one

    # Qt overrides

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up."""
        if local_files(event.mimeData()):
            accept_copy(event)
            self.picture.set_target(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """As before."""
        super().dragLeaveEvent(event)
        self.picture.set_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """For this input."""
        self.picture.set_target(False)
        accept_copy(event)
        sorting = Errand(partial(sort_out, tuple(local_files(event.mimeData()))), self)
        sorting.done.connect(self._take_sorted)

    def _take_sorted(self, dropped: Dropped) -> None:
        paths = [*dropped.pictures, *dropped.others]
        if paths:
            self.files_dropped.emit(paths)
