"""What stands in the place of the classes of a set without labels: where some can be had."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel, show_name
from h5viewer.gui.controls.tool_button import push_button
from h5viewer.gui.gallery.other_labels import labels_text
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.names import visible
from h5viewer.nodes import OtherLabels, PictureSet
from h5viewer.wording import NOT_LABELS

_NONE = "No labels of these pictures were found in this file."
_UNTAKEN = "No labels are shown. “How it is read” lists those of this file."
_OTHERS = "Take those of another one:"
_MOST = 3  # files that have a button
_BEGIN, _END = 14, 13  # characters of a button; names of files often differ near their end


class LabelsMissing(QWidget):
    """A sentence, a button for each file that holds fitting labels, one for any other file.

    Signals:
        taken(OtherLabels): the user wants these.
        file_wanted: the user wants to choose a file.
    """

    taken = Signal(object)
    file_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._offers: tuple[OtherLabels, ...] = ()
        self._reasons: list[str] = []
        self._none = _NONE
        self._words = PlainLabel(role="muted", wrap=True)
        self.buttons = [self._button(at) for at in range(_MOST)]
        self._file = push_button(
            "From a file…", "Choose the HDF5 file that holds the labels of these pictures"
        )
        self._file.clicked.connect(self.file_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_M)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self._words)
        for button in (*self.buttons, self._file):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self.show_offers(())

    def show_set(self, pictures: PictureSet) -> None:
        """Say why what is called labels is none, and where others are."""
        self._none = _UNTAKEN if pictures.label_nodes else _NONE
        self._reasons = [visible(each, 300) for each in pictures.notes if NOT_LABELS in each]
        self.show_offers(self._offers)

    def show_offers(self, offers: Sequence[OtherLabels]) -> None:
        """These were found in other open files."""
        self._offers = tuple(offers[:_MOST])
        words = [self._none, *self._reasons, *([_OTHERS] if offers else [])]
        self._words.set_text("\n".join(words))
        for at, button in enumerate(self.buttons):
            button.setVisible(at < len(self._offers))
            if at < len(self._offers):
                text = labels_text(self._offers[at])
                button.setText(show_name(_short(text)))
                button.setAccessibleName(f"Labels from {text}")
                button.setToolTip(plain_tooltip(f"Take {text} for the labels"))

    @property
    def has_focus(self) -> bool:
        """Whether one of its buttons has the keyboard."""
        return any(button.hasFocus() for button in (*self.buttons, self._file))

    def _button(self, at: int) -> QPushButton:
        button = push_button("", "")
        button.clicked.connect(lambda: self.taken.emit(self._offers[at]))
        return button


def _short(text: str) -> str:
    return text if len(text) <= _BEGIN + _END + 1 else f"{text[:_BEGIN]}…{text[-_END:]}"
