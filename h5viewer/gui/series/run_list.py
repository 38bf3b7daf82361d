"""The open runs in the sidebar: one entry each, above the tree of files."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QMenu, QSizePolicy, QWidget

from h5viewer.gui import theme
from h5viewer.gui.node_text import from_home, plain_tooltip
from h5viewer.gui.series.step_words import listed_names, run_facts
from h5viewer.names import visible
from h5viewer.nodes import Series
from h5viewer.wording import count_text

_KEY = Qt.ItemDataRole.UserRole + 1
_MOST_SEEN = 6  # rows; more are scrolled to


class RunList(QListWidget):
    """Hidden while no run is open.

    Signals:
        run_chosen(int): show this run. close_wanted(int)
    """

    run_chosen = Signal(int)
    close_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs: dict[int, Series] = {}
        self.setAccessibleName("Runs of training")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.itemClicked.connect(self._tell)
        self.currentItemChanged.connect(lambda item, _: self._tell(item))
        self.hide()

    def show_run(self, key: int, series: Series) -> None:
        """A new run, or what has become of one."""
        item = self._item(key)
        if item is None:
            item = QListWidgetItem(theme.icon("training", "accent"), "")
            item.setData(_KEY, key)
            self.addItem(item)
        self._runs[key] = series
        told = "\n".join((visible(from_home(series.folder), 400), ", ".join(run_facts(series))))
        item.setToolTip(plain_tooltip(told))
        self._name_all()
        self._fit()

    def take_run(self, key: int) -> None:
        """It was closed."""
        item = self._item(key)
        if item is not None:
            self.blockSignals(True)  # else a neighbour would be shown unasked
            self.takeItem(self.row(item))
            self.setCurrentRow(-1)
            self.blockSignals(False)
            del self._runs[key]
        self._name_all()
        self._fit()

    def mark(self, key: int | None) -> None:
        """Light up the run on view; None: something else is. Tells nobody."""
        item = None if key is None else self._item(key)
        self.blockSignals(True)
        self.setCurrentRow(-1 if item is None else self.row(item))
        self.blockSignals(False)

    def _item(self, key: int) -> QListWidgetItem | None:
        items = (self.item(row) for row in range(self.count()))
        return next((item for item in items if item.data(_KEY) == key), None)

    def _name_all(self) -> None:
        """Those that are called alike by their folders, too."""
        names = listed_names(self._runs)
        for item in map(self.item, range(self.count())):
            key = item.data(_KEY)
            text = f"{names[key]}  ·  {count_text(len(self._runs[key].steps))}"
            if item.text() != text:
                item.setText(text)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, f"Run {names[key]}")

    def _tell(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.run_chosen.emit(item.data(_KEY))

    def _fit(self) -> None:
        rows = min(self.count(), _MOST_SEEN)
        self.setFixedHeight(rows * max(1, self.sizeHintForRow(0)) + theme.SPACE_S)
        self.setVisible(bool(self.count()))

    def _open_menu(self, item: QListWidgetItem | None, position: QPoint) -> None:
        if item is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        close = menu.addAction(theme.icon("close", "muted"), "Close this run")
        close.triggered.connect(lambda: self.close_wanted.emit(item.data(_KEY)))
        menu.popup(position)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete closes the run, and no file."""
        item = self.currentItem()
        if event.key() == Qt.Key.Key_Delete and item is not None:
            self.close_wanted.emit(item.data(_KEY))
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The middle button closes."""
        item = self.itemAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.MiddleButton and item is not None:
            self.close_wanted.emit(item.data(_KEY))
        else:
            super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Close."""
        self._open_menu(self.itemAt(event.pos()) or self.currentItem(), event.globalPos())
