"""Beside the gallery: the current picture with its facts, and below it the classes."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QImage
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.column import line
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.tool_button import push_button, tool_button
from h5viewer.gui.gallery.cell_painting import LOST
from h5viewer.gui.gallery.classes_pane import ClassesPane
from h5viewer.gui.gallery.labels_missing import LabelsMissing
from h5viewer.gui.gallery.set_words import picture_facts
from h5viewer.gui.predict.picture_view import PictureView
from h5viewer.names import visible
from h5viewer.nodes import OnePicture, PictureSet

_HINT = "Click a picture to see it here"


class PictureSide(QWidget):
    """Shows what it is given; Ctrl+F anywhere in `owner` leads to the filter of its classes.

    Signals:
        large_wanted: the user wants to see the picture large.
        copy_wanted, step_wanted(int): buttons.
    """

    large_wanted = Signal()
    copy_wanted = Signal()
    step_wanted = Signal(int)

    def __init__(self, owner: QWidget) -> None:
        super().__init__()
        self.setProperty("role", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._picture = PictureView("Current picture", side=190, hint=_HINT)
        self._title = PlainLabel()
        self._title.setFont(theme.scaled_font(1.08, QFont.Weight.DemiBold))
        self._label = PlainLabel(role="accent", wrap=True)  # there may be several
        self._label.setMinimumWidth(1)  # a long word does not make all of it wider
        self._source = PlainLabel(role="muted", elide=Qt.TextElideMode.ElideMiddle)
        self._facts = PlainLabel(role="muted", wrap=True)
        self._before = tool_button("chevron-left", "Previous picture (Left)", name="Previous")
        self._next = tool_button("chevron-right", "Next picture (Right)", name="Next")
        self._copy = tool_button("copy", "Copy this picture (Ctrl+C)", name="Copy picture")
        self._large = tool_button("expand", "See it large (Enter)", name="See it large")
        self.predict = push_button(
            "Predict", "Ask a network that is open what it makes of this picture"
        )
        self.predict.setMenu(QMenu(self.predict))
        self._classes = ClassesPane(owner)
        self.classes = self._classes.list
        self.labels_missing = LabelsMissing()
        self._arrange()
        self._picture.clicked.connect(self.large_wanted)
        self._large.clicked.connect(self.large_wanted)
        self._copy.clicked.connect(self.copy_wanted)
        self._before.clicked.connect(lambda: self.step_wanted.emit(-1))
        self._next.clicked.connect(lambda: self.step_wanted.emit(1))

    def show_index(self, index: int, label: str) -> None:
        """Which picture is looked at; the rest comes."""
        self._title.set_text(f"Picture {index:,}")
        self._label.set_text(label)
        self._label.setVisible(bool(label))
        self._allow(True)

    def show_picture(self, picture: OnePicture, pictures: PictureSet, image: QImage) -> None:
        """Show it with its facts."""
        self._picture.show_image(image)
        self._facts.set_text("\n".join(picture_facts(picture, pictures)))
        self._source.set_text(visible(picture.source))
        self._source.setVisible(bool(picture.source))

    def show_words(self, words: str) -> None:
        """What stands in the place of a picture that cannot be read."""
        self._picture.set_words(LOST)
        self._picture.show_image(None)
        self._facts.set_text(words)
        self._source.hide()

    @property
    def facts(self) -> str:
        """What is said of the picture."""
        return self._facts.whole_text

    def clear_picture(self) -> None:
        """No picture is looked at."""
        self._picture.set_words(_HINT)
        self._picture.show_image(None)
        for label in (self._title, self._facts, self._source):
            label.set_text("")
        for label in (self._label, self._source):
            label.hide()
        self._allow(False)

    def show_classes(self, are_there: bool, pictures: PictureSet) -> None:
        """Another set, with labels or without."""
        self.labels_missing.show_set(pictures)
        self._classes.forget()
        self._classes.setVisible(are_there)
        self.labels_missing.setVisible(not are_there)

    def _allow(self, has_picture: bool) -> None:
        for part in (self._before, self._next, self._copy, self._large, self.predict):
            part.setEnabled(has_picture)

    def _arrange(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE_XS)
        for part in (self._before, self._next, self._copy, self._large):
            buttons.addWidget(part)
        buttons.addStretch(1)
        buttons.addWidget(self.predict)
        upper = QVBoxLayout()
        upper.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_M, theme.SPACE_S)
        upper.setSpacing(theme.SPACE_XS)
        upper.addWidget(self._picture)
        upper.addSpacing(theme.SPACE_XS)
        for label in (self._title, self._label, self._source, self._facts):
            upper.addWidget(label)
        upper.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(upper)
        column.addWidget(line())
        column.addWidget(self._classes, 1)
        column.addWidget(self.labels_missing)
        column.addStretch(0)
        self.clear_picture()
