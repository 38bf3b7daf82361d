"""One input of a network: what it was given, and what the network sees of it."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QFont
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.tool_button import tool_button
from h5viewer.gui.predict import pictures
from h5viewer.gui.predict.input_words import seen_words, takes
from h5viewer.gui.predict.picture_view import PictureView
from h5viewer.names import visible
from h5viewer.nodes import Array, NetworkInput

_PICTURE_SIDE, _SEEN_SIDE = 210, 130  # pixels


class InputSlot(QWidget):
    """The picture above, as the network sees it below; takes drops of its own.

    Signals:
        files_dropped(paths: list[str]): onto this input.
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
        self._title = PlainLabel(visible(wanted.name, 60))
        self._title.setFont(theme.scaled_font(1.0, QFont.Weight.DemiBold))
        self._takes = PlainLabel(takes(wanted), role="muted", wrap=True)
        self.picture = PictureView("The picture as it is", side=_PICTURE_SIDE, hint=hint)
        self.picture.setFixedHeight(_PICTURE_SIDE)
        self.picture.clicked.connect(self.choose_wanted)
        self._name = PlainLabel(elide=Qt.TextElideMode.ElideMiddle)
        self._seen_title = PlainLabel("What the network sees", role="muted")
        self.seen = PictureView("What the network sees", side=_SEEN_SIDE)
        self.seen.setFixedHeight(_SEEN_SIDE)
        self._words = PlainLabel(wrap=True, role="muted")
        tip = "Take a row of a dataset of an open file"
        self._row = tool_button("dataset", tip, name="Row of a dataset")
        self._row.clicked.connect(self.row_wanted)
        self.setAcceptDrops(not is_only)  # the only one gets what is dropped anywhere
        self._arrange()
        self.clear()

    @property
    def words(self) -> str:
        """What is said of what the network sees."""
        return self._words.whole_text

    def show_name(self, name: str) -> None:
        """What is in it now, by name; its picture comes with the answer."""
        self._name.set_text(visible(name))
        self._name.setVisible(bool(name))

    def show_sample(
        self, picture: Array | None, seen: Array | None, span: tuple[float, float] | None
    ) -> None:
        """Show what the answer was given to."""
        self.picture.show_image(None if picture is None else pictures.picture(picture))
        self.seen.show_image(None if seen is None else pictures.picture(seen))
        for part in (self.seen, self._seen_title):
            part.setVisible(seen is not None)
        self._words.set_text(seen_words(seen, span))
        self._words.setVisible(bool(self.words))

    def clear(self) -> None:
        """Nothing is in it."""
        self.show_name("")
        self.show_sample(None, None, None)

    def _arrange(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE_S)
        head.addWidget(self._title, 1)
        head.addWidget(self._row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        column.addLayout(head)
        column.addWidget(self._takes)
        for part in (self.picture, self._name):
            column.addWidget(part)
        column.addSpacing(theme.SPACE_XS)
        for part in (self._seen_title, self.seen, self._words):
            column.addWidget(part)
        self._title.setVisible(not self._is_only)
        self._takes.setVisible(not self._is_only)  # the header says it of the only one

    # Qt overrides

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Light up."""
        if local_files(event.mimeData()):
            event.acceptProposedAction()
            self.picture.set_target(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """As before."""
        super().dragLeaveEvent(event)
        self.picture.set_target(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """For this input."""
        self.picture.set_target(False)
        event.acceptProposedAction()
        self.files_dropped.emit(local_files(event.mimeData()))


def local_files(mime: QMimeData) -> list[str]:
    """Paths of files on this computer."""
    return [url.toLocalFile() for url in mime.urls() if url.isLocalFile()]
