"""The classes of a set below the current picture; where they are many, a box finds some."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.find_box import FindBox
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.gallery.class_list import ClassList
from h5viewer.wording import count_text, plural

_TIP = "Show only classes whose name holds this text; Enter chooses the first (Ctrl+F)"


class ClassesPane(QWidget):
    """A title, the box where there are more classes than fit, the list."""

    def __init__(self, owner: QWidget) -> None:
        """`owner`: where Ctrl+F leads to the box."""
        super().__init__()
        self._title = PlainLabel(role="muted")
        self.filter = FindBox("Filter classes", _TIP, owner)
        self.list = ClassList()
        self._title.setContentsMargins(theme.SPACE_M, theme.SPACE_S, 0, theme.SPACE_XS)
        self._box = QWidget()
        box = QVBoxLayout(self._box)
        box.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_M, theme.SPACE_XS)
        box.addWidget(self.filter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._title)
        column.addWidget(self._box)
        column.addWidget(self.list, 1)
        self._fit()
        self.filter.textChanged.connect(self.list.show_found)
        self.filter.left.connect(self.list.setFocus)
        self.filter.next_wanted.connect(lambda _: self.list.choose_first_found())
        self.list.rows.modelReset.connect(self._fit)

    def forget(self) -> None:
        """Another set: all of its classes are shown."""
        self.filter.clear()

    def _fit(self) -> None:
        """Offer the box where it is of use; say how many it finds."""
        rows = self.list.rows
        text = self.filter.text().strip()
        height = self.list.sizeHintForRow(0) * rows.n_all
        self._box.setVisible(bool(text) or height > self.height() - self._title.height())
        found = f"{count_text(rows.n_found)} of {plural(rows.n_classes, 'class', 'classes')}"
        self._title.set_text(found if text else "Classes")

    # Qt overrides

    def minimumSizeHint(self) -> QSize:
        """With the box, seen or not: else it would come and go where little is left."""
        parts = (self._title, self._box, self.list)
        height = sum(part.minimumSizeHint().height() for part in parts)
        return QSize(super().minimumSizeHint().width(), height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer fit."""
        super().resizeEvent(event)
        self._fit()
