"""Where the bytes of a file go: treemap, legend, and a line about the chosen block."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from h5viewer import wording
from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.node_text import plain_tooltip
from h5viewer.gui.weights.byte_words import KINDS, kind_sums, part_words, summary_words
from h5viewer.gui.weights.treemap_view import TreemapView
from h5viewer.nodes import ByteMap, BytePart

_HINT = "Choose a block to see what it is; Enter or a double click goes there."


class BytesView(QWidget):
    """Shows one ByteMap.

    Signals:
        part_opened(BytePart): the user wants to go there.
    """

    part_opened = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._map = ByteMap(n_bytes=0, parts=())
        self._treemap = TreemapView()
        self._legend = QHBoxLayout()
        self._words = PlainLabel(_HINT, role="muted", wrap=True)
        self._open = QPushButton("Go there")
        self._open.setProperty("role", "quiet")
        self._open.setAccessibleName("Go there")
        self._arrange()
        self._treemap.part_chosen.connect(self._describe)
        self._treemap.part_opened.connect(self.part_opened)
        self._open.clicked.connect(self._open_chosen)
        self._describe(None)

    def show_map(self, byte_map: ByteMap) -> None:
        """Show another file."""
        self._map = byte_map
        self._treemap.show_map(byte_map)
        self.setAccessibleName(summary_words(byte_map))
        while (item := self._legend.takeAt(0)) is not None:
            entry = item.widget()
            if entry is not None:
                entry.deleteLater()
        for kind, n_bytes in kind_sums(byte_map).items():
            share = wording.share_text(n_bytes, byte_map.n_bytes)
            label = _LegendEntry(kind, f"{KINDS[kind].name} {share}")
            label.setToolTip(plain_tooltip(f"{KINDS[kind].meaning}."))
            self._legend.addWidget(label)
        self._legend.addStretch(1)
        self._describe(None)

    def setFocus(self) -> None:  # type: ignore[override]  # noqa: N802
        """The keyboard goes to the blocks."""
        self._treemap.setFocus()

    def _describe(self, part: BytePart | None) -> None:
        self._words.set_text(_HINT if part is None else part_words(part, self._map.n_bytes))
        self._open.setVisible(part is not None and can_open(part))
        what = "Show its weights" if part is not None and part.kind == "layer" else "Go there"
        self._open.setText(what)
        self._open.setAccessibleName(what)
        self._open.setToolTip(what)

    def _open_chosen(self) -> None:
        if self._treemap.chosen is not None:
            self.part_opened.emit(self._treemap.chosen)

    def _arrange(self) -> None:
        self._legend.setSpacing(theme.SPACE_L)
        about = QHBoxLayout()
        about.addWidget(self._words, 1)
        about.addWidget(self._open)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_S)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(self._legend)
        column.addWidget(self._treemap, 1)
        column.addLayout(about)


def can_open(part: BytePart) -> bool:
    """True for blocks that are one thing in the file."""
    return bool(part.path) or (part.kind == "layer" and bool(part.name))


class _LegendEntry(QWidget):
    """A coloured square and a text."""

    def __init__(self, kind: str, text: str) -> None:
        super().__init__()
        self._kind = kind
        label = PlainLabel(text, role="muted")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 0, 0, 0)
        row.addWidget(label)
        theme.changed.connect(self.update)

    # Qt overrides

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The square stands in the margin."""
        painter = QPainter(self)
        painter.fillRect(0, self.height() // 2 - 5, 10, 10, QColor(KINDS[self._kind].colour))
        painter.end()
