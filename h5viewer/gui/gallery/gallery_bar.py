"""Above the gallery: what is shown, where to go, how large, what to do with what is chosen."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QSpinBox, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.notices import Busy
from h5viewer.gui.controls.number_boxes import indent
from h5viewer.gui.controls.tool_button import push_button, tool_button
from h5viewer.gui.gallery.gallery_grid import SIDES
from h5viewer.wording import count_text, plural

_MOST = 2**31 - 1  # of a spin box


class GalleryBar(QWidget):
    """Controls only; the view decides.

    Signals:
        all_wanted: the pictures that are left out are to be shown, too.
        index_wanted(int): go to this picture of the set.
        index_entered: with Return: what comes next is for the pictures.
        side_chosen(int): pixels.
        save_wanted: what is chosen, or else all that are shown, as files.
        closed: back from one large picture to all.
    """

    all_wanted = Signal()
    index_wanted = Signal(int)
    index_entered = Signal()
    side_chosen = Signal(int)
    save_wanted = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._back = tool_button("back", "Back to all pictures (Esc)", name="Back to all pictures")
        self._count = PlainLabel()
        self._all = push_button("Show all", "Show the pictures that are left out, too", role="link")
        self.busy = Busy("Reading…")
        self._go_to = QSpinBox()
        self._go_to.setGroupSeparatorShown(True)
        self._go_to.setKeyboardTracking(False)
        self._go_to.setAccessibleName("Go to picture")
        self._go_to.setToolTip("Go to a picture by its index, from 0 (Ctrl+G)")
        indent(self._go_to)
        self._size = QSlider(Qt.Orientation.Horizontal)
        self._size.setRange(0, len(SIDES) - 1)
        self._size.setPageStep(1)
        self._size.setFixedWidth(64)
        self._size.setAccessibleName("Size of the pictures")
        self._size.setToolTip("Size of the pictures (Ctrl and the wheel, + and −)")
        self._save = tool_button("save", "Save as PNG files…", name="Save as PNG files")
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_S, theme.SPACE_XS)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self._back)
        row.addWidget(self._count, 1)
        for part in (self._all, self.busy, self._go_to, self._size, self._save):
            row.addWidget(part)
        self._back.clicked.connect(self.closed)
        self._all.clicked.connect(self.all_wanted)
        self._go_to.valueChanged.connect(self.index_wanted)
        self._go_to.lineEdit().returnPressed.connect(self.index_entered)
        self._size.valueChanged.connect(lambda at: self.side_chosen.emit(SIDES[at]))
        self._save.clicked.connect(self.save_wanted)
        self.show_large(is_large=False)

    @property
    def side(self) -> int:
        """Pixels of a picture's longer side."""
        return SIDES[self._size.value()]

    def set_side(self, side: int) -> None:
        """Show this size, and tell."""
        self._size.setValue(min(range(len(SIDES)), key=lambda at: abs(SIDES[at] - side)))

    def step_side(self, by: int) -> None:
        """The next larger or smaller size."""
        self._size.setValue(self._size.value() + by)

    def set_range(self, n_pictures: int) -> None:
        """Indices that there are; the first, as none is looked at yet."""
        with QSignalBlocker(self._go_to):
            self._go_to.setRange(0, max(0, min(n_pictures, _MOST) - 1))
            self._go_to.setValue(0)

    def show_index(self, index: int) -> None:
        """The picture that is looked at."""
        with QSignalBlocker(self._go_to):
            self._go_to.setValue(index)

    def show_counts(self, n_chosen: int, n_shown: int, n_all: int, what: str) -> None:
        """How many are chosen, shown, there; `what`: which are shown, where it is not a class."""
        all_ = plural(n_all, "picture")
        words = all_ if n_shown == n_all else f"{count_text(n_shown)} of {all_}"
        words = f"{what}: {words}" if what else words
        self._count.set_text(f"{count_text(n_chosen)} chosen, {words}" if n_chosen > 1 else words)
        self._all.setVisible(bool(what))
        told = "the chosen picture" if n_chosen == 1 else plural(n_chosen or n_shown, "picture")
        self._save.setToolTip(f"Save {told} as PNG…")
        self._save.setEnabled(bool(n_shown))

    def show_large(self, *, is_large: bool) -> None:
        """One picture is seen large, or all are."""
        self._back.setVisible(is_large)
        self._size.setVisible(not is_large)

    def focus_index(self) -> None:
        """The user wants to type where to go."""
        self._go_to.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._go_to.selectAll()
