"""The welcome page: drop zone, recent files, example, and what one can do."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QPixmap, QShowEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.node_text import from_home, plain_tooltip
from h5viewer.names import visible
from h5viewer.shipped import resource

_WIDTH = 760
_MOST_RECENT = 6

_ABILITIES = (
    "Every layer with its shapes, parameters and connections, read from the file alone.",
    "The weights as pictures, lines and numbers, however large they are.",
    "What the network answers: drop a picture on the window, whatever Keras wrote the file.",
    "Any file, safely: nothing in it is ever run, and nothing is changed.",
)


class RowButton(QPushButton):
    """A button as wide as its column: an icon, a title, a muted second line."""

    def __init__(
        self, icon: str, title: str, text: str, tooltip: str, *, role: theme.Role = "muted"
    ) -> None:
        super().__init__()
        self.setProperty("role", "row")
        self.setAccessibleName(f"{title}: {text}" if text else title)
        self.setToolTip(plain_tooltip(tooltip))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_S, theme.SPACE_S - 2, theme.SPACE_S, theme.SPACE_S - 2)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(_Icon(icon, 18, role))
        row.addLayout(_two_lines(title, text), 1)
        for label in self.findChildren(QLabel):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    # Qt overrides

    def sizeHint(self) -> QSize:
        """What the two lines need."""
        layout = self.layout()
        return layout.sizeHint() if layout is not None else super().sizeHint()


class Welcome(QScrollArea):
    """What is seen while no file is open.

    Signals:
        open_wanted(): ask for files. example_wanted(): open the example.
        file_wanted(path: str): open this recent file.
    """

    open_wanted = Signal()
    example_wanted = Signal()
    file_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setAccessibleName("Welcome")
        self._paths: list[str] | None = None  # recent files that are not listed yet
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        page = QWidget()
        page.setProperty("role", "surface")
        body = QWidget()
        body.setMaximumWidth(_WIDTH)
        column = QVBoxLayout(body)
        column.setContentsMargins(*[theme.SPACE_XL] * 4)
        column.setSpacing(theme.SPACE_XL)
        column.addStretch(2)
        column.addLayout(self._title())
        column.addWidget(self._drop_zone())
        column.addLayout(self._two_columns())
        column.addStretch(3)
        row = QHBoxLayout(page)
        row.addStretch(1)
        row.addWidget(body, 1000)
        row.addStretch(1)
        self.setWidget(page)

    def show_recent(self, paths: list[str]) -> None:
        """List files opened lately, the newest first; on a hidden page when it is shown next."""
        self._paths = paths
        if self.isVisible():
            self._list_recent()

    def _list_recent(self) -> None:
        if self._paths is None:
            return
        paths, self._paths = self._paths, None
        while (item := self._recent.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        for path in paths[:_MOST_RECENT]:
            name, folder = visible(Path(path).name), visible(from_home(str(Path(path).parent)), 200)
            button = RowButton("document", name, folder, visible(path, 1000))
            button.clicked.connect(lambda _=False, path=path: self.file_wanted.emit(path))
            self._recent.addWidget(button)
        if not paths:
            hint = PlainLabel("Files you open are listed here.", role="muted", wrap=True)
            hint.setContentsMargins(theme.SPACE_S, 0, 0, 0)
            self._recent.addWidget(hint)

    def _title(self) -> QHBoxLayout:
        name = PlainLabel("h5viewer")
        name.setFont(theme.scaled_font(2.0, QFont.Weight.DemiBold))
        what = PlainLabel("Look into Keras and HDF5 model files", role="muted")
        what.setFont(theme.scaled_font(1.1))
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addWidget(name)
        lines.addWidget(what)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_L)
        row.addWidget(_logo(56))
        row.addLayout(lines, 1)
        return row

    def _drop_zone(self) -> QPushButton:
        zone = QPushButton()
        zone.setObjectName("DropZone")
        zone.setAccessibleName("Open files")
        zone.setToolTip("Drop files anywhere on the window, or click to choose them (Ctrl+O)")
        zone.setCursor(Qt.CursorShape.PointingHandCursor)
        zone.clicked.connect(self.open_wanted)
        title = PlainLabel("Drop files here, or click to choose")
        title.setFont(theme.scaled_font(1.1, QFont.Weight.DemiBold))
        text = PlainLabel(
            ".h5, .keras, .weights.h5, TensorFlow checkpoints, other HDF5, "
            "folders of runs or pictures",
            role="muted",
        )
        column = QVBoxLayout(zone)
        column.setSpacing(theme.SPACE_XS)
        column.addStretch(1)
        for part in (_Icon("drop", 28, "accent"), title, text):
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            column.addWidget(part)
        column.addStretch(1)
        return zone

    def _two_columns(self) -> QGridLayout:
        example = RowButton(
            "example",
            "Open the example",
            "A small network trained on six drawn shapes",
            "Open the example that comes with h5viewer",
            role="accent",
        )
        example.clicked.connect(self.example_wanted)
        start = QVBoxLayout()
        start.setSpacing(theme.SPACE_S)
        start.addWidget(example)
        start.addSpacing(theme.SPACE_M)
        start.addWidget(_heading("What it shows"))
        for text in _ABILITIES:
            line = PlainLabel(text, role="muted", wrap=True)
            line.setContentsMargins(theme.SPACE_S, 0, 0, 0)
            start.addWidget(line)
        start.addStretch(1)
        recent = QVBoxLayout()
        recent.addLayout(self._recent)
        recent.addStretch(1)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.SPACE_XL * 2)
        grid.setVerticalSpacing(theme.SPACE_S)
        grid.addWidget(_heading("Recent files"), 0, 0)
        grid.addWidget(_heading("Start here"), 0, 1)
        grid.addLayout(recent, 1, 0)
        grid.addLayout(start, 1, 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        return grid

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        """List what was opened since it was last seen."""
        self._list_recent()
        super().showEvent(event)


class _Icon(QLabel):
    """A picture from the icon set that follows the theme."""

    def __init__(self, name: str, size: int, role: theme.Role) -> None:
        super().__init__()
        self._drawing = (name, size, role)
        self.setMinimumSize(size, size)
        self._draw()
        theme.changed.connect(self._draw)

    def _draw(self) -> None:
        name, size, role = self._drawing
        self.setPixmap(theme.pixmap(name, size, role, self.devicePixelRatioF()))


def _heading(text: str) -> PlainLabel:
    label = PlainLabel(text)
    label.setFont(theme.scaled_font(1.0, QFont.Weight.DemiBold))
    label.setContentsMargins(theme.SPACE_S, 0, 0, 0)
    return label


def _two_lines(title: str, text: str) -> QVBoxLayout:
    lines = QVBoxLayout()
    lines.setSpacing(1)
    middle = Qt.TextElideMode.ElideMiddle  # suffixes and last folders tell most
    lines.addWidget(PlainLabel(title, elide=middle))
    lines.addWidget(PlainLabel(text, role="muted", elide=middle))
    return lines


def _logo(size: int) -> QLabel:
    """The program's icon."""
    label = QLabel()
    label.setFixedSize(size, size)
    ratio = label.devicePixelRatioF()
    picture = QPixmap(round(size * ratio), round(size * ratio))
    picture.fill(Qt.GlobalColor.transparent)
    theme.render(QSvgRenderer(str(resource("icons/h5viewer.svg"))), picture)
    picture.setDevicePixelRatio(ratio)
    label.setPixmap(picture)
    return label
