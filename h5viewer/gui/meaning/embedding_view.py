"""An embedding: its rows on two axes, and the rows most similar to one of them."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QModelIndex, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.gui.array.plot_view import PlotView, ValueAxis
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.row_table import RowTable
from h5viewer.gui.meaning.neighbours_item_model import NeighboursItemModel
from h5viewer.gui.meaning.weight_view import WeightView
from h5viewer.gui.task import Latest
from h5viewer.nodes import Neighbours, Projection, WeightMeaning
from h5viewer.requests import ReadNeighbours, ReadProjection
from h5viewer.wording import count_text
from h5viewer.workers.pool import Pool

_TABLE_WIDTH = 230
_NEAR = 14  # pixels between the cursor and the point it means


class Scatter(PlotView):
    """Points; the nearest to the cursor is named, a click chooses it.

    Signals:
        point_chosen(int), point_pointed(int): number of a point; −1 for none.
    """

    point_chosen = Signal(int)
    point_pointed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        axes = {"left": ValueAxis("left"), "bottom": ValueAxis("bottom")}
        super().__init__(axes, "Rows on their two widest directions", parent)
        self._x, self._y = np.empty(0), np.empty(0)
        self._points = pg.ScatterPlotItem(size=5, pxMode=True, pen=None)
        self._near = pg.ScatterPlotItem(size=8, pxMode=True)
        self._own = pg.ScatterPlotItem(size=12, pxMode=True)
        self._pressed = QPointF()
        for item in (self._points, self._near, self._own):
            self.box.addItem(item, ignoreBounds=True)
        self.pointed.connect(lambda place: self.point_pointed.emit(self.point_at(place)))
        self.unpointed.connect(lambda: self.point_pointed.emit(-1))
        self._dress()

    def show_points(self, x: np.ndarray, y: np.ndarray) -> None:
        """Draw other points."""
        self._x, self._y = x.astype(np.float64), y.astype(np.float64)
        self._points.setData(self._x, self._y)
        self.mark(-1, [])
        self.fit()

    def mark(self, own: int, near: list[int]) -> None:
        """Light up one point and those near it in the full space."""
        at = [own] if 0 <= own < self._x.size else []
        self._own.setData(self._x[at], self._y[at])
        self._near.setData(self._x[near], self._y[near])

    def point_at(self, place: QPointF) -> int:
        """The point nearest to a place in data coordinates, within some pixels; else −1."""
        if not self._x.size:
            return -1
        width, height = self.box.viewPixelSize()
        away = ((self._x - place.x()) / (width or 1)) ** 2 + (
            (self._y - place.y()) / (height or 1)
        ) ** 2
        nearest = int(np.argmin(away))
        return nearest if away[nearest] <= _NEAR**2 else -1

    def fit(self) -> None:
        """Show all points."""
        if not self._x.size:
            return
        spans = []
        for values in (self._x, self._y):
            low, high = float(values.min()), float(values.max())
            margin = (high - low) * 0.05 or 1.0
            spans.append((low - margin, high + margin))
        self.box.setRange(xRange=spans[0], yRange=spans[1], padding=0, disableAutoRange=True)

    def _dress(self) -> None:
        super()._dress()
        if not hasattr(self, "_own"):  # the base class dresses before there is anything
            return
        shade = theme.colours()
        quiet = QColor(shade.muted)
        quiet.setAlpha(130)
        self._points.setBrush(quiet)
        self._near.setBrush(QColor(shade.accent))
        self._near.setPen(pg.mkPen(shade.surface))
        self._own.setBrush(QColor(shade.warning))
        self._own.setPen(pg.mkPen(shade.surface))

    # Qt overrides

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a click begins."""
        self._pressed = event.position()
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click that is no drag chooses the nearest point."""
        super().mouseReleaseEvent(event)
        moved = (event.position() - self._pressed).manhattanLength()
        if event.button() == Qt.MouseButton.LeftButton and moved < 4:
            place = self.box.mapSceneToView(self.mapToScene(event.position().toPoint()))
            point = self.point_at(place)
            if point >= 0:
                self.point_chosen.emit(point)


class EmbeddingView(WeightView):
    """Scatter on the left; search and neighbours on the right."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._near = Latest(pool, self)
        self._scatter = Scatter()
        self._search = QLineEdit(placeholderText="Row or word", clearButtonEnabled=True)
        self._search.setAccessibleName("Find a row")
        self._search.setToolTip("Number of a row, or its word where the file has a vocabulary")
        self._title = PlainLabel(role="muted", wrap=True)
        self._model = NeighboursItemModel(self)
        self._table = RowTable("Most similar rows")
        self._table.setModel(self._model)
        side = QWidget()
        side.setFixedWidth(_TABLE_WIDTH)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_S)
        column.addWidget(self._search)
        column.addWidget(self._title)
        column.addWidget(self._table, 1)
        column.addStretch()
        self._table.setVisible(False)
        body = QWidget()
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self._scatter, 1)
        row.addWidget(side)
        self._fill(body)
        self._projection: Projection | None = None
        self._rows = np.empty(0, np.int64)
        self._scatter.point_chosen.connect(lambda point: self._choose(int(self._rows[point])))
        self._scatter.point_pointed.connect(self._tell)
        self._search.returnPressed.connect(self._find)
        self._table.activated.connect(self._follow)
        self._table.doubleClicked.connect(self._follow)

    @property
    def is_waiting(self) -> bool:
        """True while an answer is on its way."""
        return self._answer.is_waiting or self._near.is_waiting

    def _begin(self, meaning: WeightMeaning) -> None:
        request = ReadProjection(document=self.document, node=meaning.path, labels=meaning.labels)
        self._ask(request, self._take)

    def _take(self, found: Projection) -> None:
        self._projection = found
        self._rows = found.rows.values.astype(np.int64)
        self._scatter.show_points(found.x.values, found.y.values)
        shares = [f"{100 * share:.1f} %" for share in found.explained]
        self._scatter.set_title("bottom", f"first direction ({shares[0]} of the variance)")
        self._scatter.set_title("left", f"second direction ({shares[1]})")
        told = f"{count_text(found.n_rows)} rows on their two directions of largest variance."
        if self._rows.size < found.n_rows:
            told += f" {count_text(self._rows.size)} of them are drawn, evenly spread."
        if not found.labels:
            told += " The file has no vocabulary for them, so they go by their numbers."
        self._say(f"{told} Click a point to see the rows most similar to it.")
        self._title.set_text("Choose a row to see those most similar to it.")

    def _find(self) -> None:
        """A number, or a word of the vocabulary among the rows that are drawn."""
        found, text = self._projection, self._search.text().strip()
        if found is None or not text:
            return
        if text.replace(",", "").isascii() and text.replace(",", "").isdigit():
            row = int(text.replace(",", ""))
            if row < found.n_rows:
                self._choose(row)
                return
        matches = [at for at, label in enumerate(found.labels) if label.lower() == text.lower()]
        matches = matches or [
            at for at, label in enumerate(found.labels) if label.lower().startswith(text.lower())
        ]
        if matches:
            self._choose(int(self._rows[matches[0]]))
        else:
            self._title.set_text("No row is called that.")

    def _follow(self, index: QModelIndex) -> None:
        row = self._model.row_at(index)
        if row is not None:
            self._choose(row)

    def _choose(self, row: int) -> None:
        meaning = self.meaning
        if meaning is None:
            return
        self._title.set_text(f"Most similar to {self._name(row)}, by the cosine of the angle:")
        request = ReadNeighbours(
            document=self.document, node=meaning.path, row=row, labels=meaning.labels
        )
        self._near.ask(request, self._show_near, on_failure=self._fail)

    def _show_near(self, found: Neighbours) -> None:
        self._model.set_neighbours(found)
        self._table.setVisible(True)
        self._table.fit_columns()
        places = {int(row): at for at, row in enumerate(self._rows)}
        near = [places[row] for row in found.rows if row in places]
        self._scatter.mark(places.get(found.row, -1), near)

    def _name(self, row: int) -> str:
        found = self._projection
        at = int(np.searchsorted(self._rows, row))
        if found is not None and found.labels and at < self._rows.size and self._rows[at] == row:
            return f"“{found.labels[at]}” (row {row:,})" if found.labels[at] else f"row {row:,}"
        return f"row {row:,}"

    def _tell(self, point: int) -> None:
        self.pointed.emit(self._name(int(self._rows[point])) if point >= 0 else "")

    def _forget(self) -> None:
        self._near.cancel()
        self._projection = None
        self._rows = np.empty(0, np.int64)
        self._scatter.show_points(np.empty(0), np.empty(0))
        self._model.set_neighbours(None)
        self._table.setVisible(False)
        self._title.set_text("")
