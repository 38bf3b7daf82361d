"""Widgets in a row that goes on in the next line where the window is too narrow."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from h5viewer.gui import theme


class WrappingRow(QLayout):
    """As a text breaks into lines; what is wider than a whole line gets that line.

    Within a line everything is centred from top to bottom. A corner stays at the end of the
    first line; the other lines go on below it.
    """

    def __init__(
        self,
        *,
        corner: QWidget | None = None,
        spacing: int = theme.SPACE_M,
        line_spacing: int = theme.SPACE_XS,
    ) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []
        self._corner: QLayoutItem | None = None
        self._line_spacing = line_spacing
        self.setContentsMargins(0, 0, 0, 0)
        self.setSpacing(spacing)
        if corner is not None:
            self.addWidget(corner)
            self._corner = self._items[0]

    # Qt overrides

    def addItem(self, item: QLayoutItem) -> None:  # noqa: N802
        """One more at the end."""
        self._items.append(item)

    def count(self) -> int:
        """All, also what is hidden."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        """The item, or None behind the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # noqa: N802
        """The item, which is no longer placed."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:  # noqa: N802
        """None of itself."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        """It takes more lines where there is less room."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802
        """Of all lines."""
        margins = self.contentsMargins()
        return self._place(QRect(0, 0, width, 0), is_trial=True) + margins.top() + margins.bottom()

    def setGeometry(self, rect: QRect) -> None:  # noqa: N802
        """Place all of them."""
        super().setGeometry(rect)
        self._place(rect, is_trial=False)

    def sizeHint(self) -> QSize:
        """Room for all in one line."""
        hints = [item.sizeHint() for item in self._items if not item.isEmpty()]
        width = sum(hint.width() for hint in hints) + self.spacing() * max(0, len(hints) - 1)
        return self._with_margins(width, max((hint.height() for hint in hints), default=0))

    def minimumSize(self) -> QSize:  # noqa: N802
        """Room for the one that needs most, and for the corner."""
        sizes = [item.minimumSize() for item in self._shown()]
        return self._with_margins(
            max((size.width() for size in sizes), default=0) + self._corner_room,
            max((size.height() for size in sizes), default=0),
        )

    def _with_margins(self, width: int, height: int) -> QSize:
        return QSize(width, height).grownBy(self.contentsMargins())

    def _shown(self) -> list[QLayoutItem]:
        return [item for item in self._items if item is not self._corner and not item.isEmpty()]

    @property
    def _corner_room(self) -> int:
        """Its width and the space before it."""
        if self._corner is None or self._corner.isEmpty():
            return 0
        return self._corner.sizeHint().width() + self.spacing()

    def _place(self, rect: QRect, *, is_trial: bool) -> int:
        """Place all, or find out only how high that would be, without margins."""
        inner = rect.marginsRemoved(self.contentsMargins())
        top = inner.top()
        taken = self._corner_room  # at the end of the line
        for line in self._lines(inner.width()):
            items = [*line, self._corner] if taken and self._corner else line
            height = max(item.sizeHint().height() for item in items)
            if not is_trial:
                self._place_line(line, QRect(inner.left(), top, inner.width() - taken, height))
                if taken and self._corner:
                    corner = QRect(0, top, taken - self.spacing(), height)
                    corner.moveRight(inner.right())
                    self._corner.setGeometry(corner)
            taken = 0
            top += height + self._line_spacing
        return max(0, top - inner.top() - self._line_spacing)

    def _lines(self, width: int) -> list[list[QLayoutItem]]:
        lines: list[list[QLayoutItem]] = []
        end = 0
        for item in self._shown():
            needed = item.sizeHint().width()
            if lines and end + self.spacing() + needed <= width:
                lines[-1].append(item)
                end += self.spacing() + needed
            else:
                end = needed if lines else self._corner_room + needed
                lines.append([item])
        return lines

    def _place_line(self, line: list[QLayoutItem], room: QRect) -> None:
        left = room.left()
        for item in line:
            hint = item.sizeHint()
            size = QSize(min(hint.width(), room.width()), min(hint.height(), room.height()))
            above = (room.height() - size.height()) // 2
            item.setGeometry(QRect(QPoint(left, room.top() + above), size))
            left += size.width() + self.spacing()
