"""One layer in detail: what it is, its weights, its configuration."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from h5viewer import wording
from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.architecture.code_view import CodeView
from h5viewer.gui.architecture.config_view import ConfigView
from h5viewer.gui.architecture.layer_kinds import OTHER, LayerKind, layer_kind
from h5viewer.gui.architecture.layer_table import draw_marker
from h5viewer.gui.architecture.weights_item_model import WeightsItemModel
from h5viewer.gui.controls.column import line
from h5viewer.gui.controls.notices import Busy, Notice, PlainLabel
from h5viewer.gui.controls.row_table import RowTable
from h5viewer.gui.controls.tool_button import close_button, tool_button
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import Layer, LayerDetails, LayerItem
from h5viewer.requests import ReadLayer
from h5viewer.workers.pool import Pool

_CODE = "This layer contains Python code. It is shown as text and was not executed."
_LOW = 420  # pixels; below, weights and configuration stand side by side
_WIDE = 460  # pixels, without which no number could be read there


class LayerView(QWidget):
    """Shows one layer at a time.

    Signals:
        weight_opened(Weight): the user wants to see its values.
        output_wanted(key): the user wants to see what the layer makes of a picture.
        closed(): the user does not want to see the layer any more.
    """

    weight_opened = Signal(object)
    output_wanted = Signal(object)
    closed = Signal()

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = ""
        self._item: LayerItem = "layer"
        self._layer: Layer | None = None
        self._reading = Latest(pool, self)
        self._copying = Latest(pool, self)
        self._marker = _Marker()
        self._name = PlainLabel()
        self._name.setFont(theme.scaled_font(1.15, QFont.Weight.DemiBold))
        self._what = PlainLabel(role="muted", wrap=True)
        self._sizes = PlainLabel(role="muted", wrap=True)
        self._inputs = PlainLabel(role="muted")
        self._problem = Notice()
        self._code = Notice()
        self._failure = Notice()
        self._failure.action_requested.connect(self._read)
        self._weights = WeightsItemModel(self)
        self._table = RowTable("Weights of this layer", n_lines=2)
        self._table.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # names differ in their ends
        self._table.setModel(self._weights)
        self._table.activated.connect(self._open)
        self._table.row_changed.connect(self._enable_open)
        self._open_button = QPushButton("Open")
        self._open_button.setToolTip("Show the values of the chosen weight (Enter)")
        self._open_button.setAccessibleName("Open the chosen weight")
        self._open_button.clicked.connect(lambda: self._open(self._table.currentIndex()))
        keeping = self._open_button.sizePolicy()
        keeping.setRetainSizeWhenHidden(True)  # else the heading beside it jumps
        self._open_button.setSizePolicy(keeping)
        self._output_button = tool_button(
            "image",
            "See what this layer makes of a picture",
            name="Output of this layer",
            quiet=True,
        )
        self._output_button.clicked.connect(self._want_output)
        self._no_weights = PlainLabel(role="muted", wrap=True)
        self._configuration = ConfigView("Configuration")
        self._configuration.copy_wanted.connect(self.copy_configuration)
        self.code_view = CodeView()
        self._upper, self._lower = QWidget(), QWidget()
        self._body = QSplitter(Qt.Orientation.Vertical)
        self._busy = Busy("Reading the configuration…")
        self._busy.cancelled.connect(self._reading.cancel)
        self._reading.busy_changed.connect(self._busy.set_busy)
        self._arrange()
        self.setFocusProxy(self._table)

    def show_layer(self, document: str, layer: Layer, item: LayerItem = "layer") -> None:
        """Show `layer` of the file at `document`, which calls it `item`."""
        self._document, self._layer, self._item = document, layer, item
        self._marker.show_kind(layer_kind(layer.class_name))
        self._name.set_text(visible(layer.name) or "(no name)")
        self._what.set_text(_what(layer))
        self._say_sizes(_sizes(layer))
        self._inputs.set_text(
            f"Connected to {wording.names_text(layer.inputs)}" if layer.inputs else ""
        )
        self._inputs.setVisible(bool(layer.inputs))
        self._say(self._problem, visible(layer.problem, 1000), "warning")
        self._say(self._code, _CODE if layer.has_code else "", "warning")
        self._show_weights(layer)
        self._lower.setVisible(layer.class_name is not None)
        self._output_button.setVisible(layer.class_name is not None and item == "layer")
        self._configuration.clear()
        self.code_view.clear()
        self._failure.clear()
        if layer.class_name is not None:
            self._read()
        else:
            self._reading.cancel()

    def clear(self) -> None:
        """Forget the layer."""
        self._reading.cancel()
        self._copying.cancel()
        self._layer = None
        self._weights.set_weights(())
        self._configuration.clear()
        self.code_view.clear()
        self._failure.clear()

    def copy_configuration(self) -> None:
        """Put the configuration of the layer shown into the clipboard."""
        if self._layer is not None:
            self.copy_configuration_of(self._document, self._layer)

    def copy_configuration_of(self, document: str, layer: Layer) -> None:
        """Put a layer's whole configuration into the clipboard."""
        self._copying.ask(
            ReadLayer(document=document, key=layer.key),
            lambda details: QGuiApplication.clipboard().setText(details.config.text),
            on_failure=self._fail,
        )

    # Reading

    def _read(self) -> None:
        if self._layer is None:
            return
        self._failure.clear()
        self._reading.ask(
            ReadLayer(document=self._document, key=self._layer.key),
            self._show_details,
            on_failure=self._fail,
        )

    def _show_details(self, details: LayerDetails) -> None:
        self._configuration.show_text(details.config)
        self._show_counting(details.counting)
        if details.code:
            self.code_view.show_code(details.code)
            self._fit_body()

    def _show_counting(self, counting: str) -> None:
        """How the multiply-adds are counted stands with their number."""
        if self._layer is not None and counting and self._layer.multiply_adds:
            text = f"{_sizes(self._layer)}\nMultiply-adds: {counting[:1].lower()}{counting[1:]}"
            self._say_sizes(text)

    def _say_sizes(self, text: str) -> None:
        """A low view has no room for them beside the weights."""
        self._sizes.set_text(text)
        self._sizes.setVisible(bool(text) and self.height() >= _LOW)

    def _fail(self, error: H5ViewerError) -> None:
        self._failure.show_error(error, action="Try again")

    # Weights

    def _show_weights(self, layer: Layer) -> None:
        self._weights.set_weights(layer.weights)
        has_weights = bool(layer.weights)
        self._table.setVisible(has_weights)
        self._open_button.setVisible(has_weights)
        self._no_weights.setVisible(not has_weights)
        self._no_weights.set_text(_without_weights(layer, self._item))
        if has_weights:
            self._table.fit_columns(widest=230, last=90)
            self._table.selectRow(0)
        self._enable_open(self._table.currentIndex())
        self._fit_body()

    def _fit_body(self) -> None:
        """Weights above the configuration, beside it where the view is low and wide."""
        size = self._body.size()
        rows = self._weights.rowCount()
        is_low = size.height() < _LOW and size.width() > max(size.height(), _WIDE)
        is_low = is_low and (rows > 0 or self.code_view.isHidden())  # code needs long lines
        self._body.setOrientation(Qt.Orientation.Horizontal if is_low else Qt.Orientation.Vertical)
        if is_low:
            self._body.setSizes([size.width() * 11 // 20, size.width() * 9 // 20])
            return
        needed = self._upper.minimumSizeHint().height() - self._table.minimumHeight()
        if rows:
            needed += rows * self._table.row_height + self._table.horizontalHeader().height()
            needed += self._table.horizontalScrollBar().sizeHint().height()
        upper = min(needed, size.height() * 3 // 5) if rows else needed
        if not self.code_view.isHidden():
            code = self.code_view.wanted_height(size.width())
            upper = min(upper + code, size.height() * 3 // 5)
        self._body.setSizes([upper, max(1, size.height() - upper)])

    def _enable_open(self, index: QModelIndex) -> None:
        weight = self._weights.weight_at(index)
        self._open_button.setEnabled(weight is not None and weight.path is not None)

    def _open(self, index: QModelIndex) -> None:
        weight = self._weights.weight_at(index)
        if weight is not None and weight.path is not None:
            self.weight_opened.emit(weight)

    def _want_output(self) -> None:
        if self._layer is not None:
            self.output_wanted.emit(self._layer.key)

    # Building

    def _say(self, notice: Notice, message: str, severity: str) -> None:
        if message:
            notice.show_text(message, severity="warning" if severity == "warning" else "note")
        else:
            notice.clear()

    def _arrange(self) -> None:
        title = QHBoxLayout()
        title.setSpacing(theme.SPACE_S)
        title.addWidget(self._marker)
        title.addWidget(self._name, 1)
        title.addWidget(self._output_button)
        close = close_button()
        close.clicked.connect(self.closed)
        title.addWidget(close)
        head = QVBoxLayout()
        head.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_M, theme.SPACE_S)
        head.setSpacing(theme.SPACE_XS)
        head.addLayout(title)
        for part in (self._what, self._sizes, self._inputs, self._problem, self._code):
            head.addWidget(part)
        heading = PlainLabel("Weights")
        heading.setFont(theme.scaled_font(1.0, QFont.Weight.DemiBold))
        bar = QHBoxLayout()
        bar.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_S, theme.SPACE_XS)
        bar.addWidget(heading, 1)
        bar.addWidget(self._open_button)
        self._no_weights.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_M, theme.SPACE_S)
        upper = _column(self._upper)
        upper.addLayout(bar)
        upper.addWidget(self._no_weights)
        upper.addWidget(self._table, 1)
        upper.addWidget(self.code_view, 2)
        upper.addStretch(0)
        self._table.setMinimumHeight(2 * self._table.row_height)
        failure = QVBoxLayout()
        failure.setContentsMargins(theme.SPACE_M, theme.SPACE_XS, theme.SPACE_M, 0)
        failure.addWidget(self._failure)
        lower = _column(self._lower)
        lower.addLayout(failure)
        lower.addWidget(self._busy)
        lower.addWidget(self._configuration, 1)
        self._body.addWidget(self._upper)
        self._body.addWidget(self._lower)
        self._body.setChildrenCollapsible(False)
        column = _column(self)
        column.addLayout(head)
        column.addWidget(line())
        column.addWidget(self._body, 1)

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the parts as the room allows."""
        super().resizeEvent(event)
        if self._layer is not None:
            self._say_sizes(self._sizes.whole_text)
            self._fit_body()


class _Marker(QWidget):
    """The coloured square of a layer's kind."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind: LayerKind = OTHER
        self.setFixedSize(QSize(12, 12))
        theme.changed.connect(self.update)

    def show_kind(self, kind: LayerKind) -> None:
        """Show another kind."""
        self._kind = kind
        self.setToolTip(f"Kind: {kind.name}")
        self.setAccessibleName(f"Kind: {kind.name}")
        self.update()

    # Qt overrides

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A square or a ring."""
        painter = QPainter(self)
        draw_marker(painter, QRectF(self.rect()), self._kind)
        painter.end()


def _what(layer: Layer) -> str:
    """Class, parameters and output in one line."""
    parts = [visible(layer.class_name) if layer.class_name else "Class not stated"]
    parts.append(wording.plural(layer.n_parameters, "parameter"))
    if layer.output_shape is not None:
        parts.append(f"puts out {wording.output_shape_text(layer.output_shape)}")
    return "  ·  ".join(parts)


def _sizes(layer: Layer) -> str:
    """What the layer's weights and outputs take, and why that is not known."""
    if layer.class_name is None:
        return ""
    parts = []
    if layer.multiply_adds:
        parts.append(wording.plural(layer.multiply_adds, "multiply-add"))
    n_bytes = [weight.n_bytes for weight in layer.weights]
    stored = sum(each for each in n_bytes if each is not None)
    if stored and None not in n_bytes:
        parts.append(f"Weights {wording.bytes_text(stored)}")
    if layer.activation_bytes is not None:
        parts.append(f"Activations {wording.bytes_text(layer.activation_bytes)} a sample")
    if layer.shape_note:
        parts.append(f"Output shape not known. {layer.shape_note}")
    return "  ·  ".join(parts)


def _without_weights(layer: Layer, item: LayerItem) -> str:
    if layer.layers:
        return "The weights belong to the layers inside."
    return f"This {item} has no weights."


def _column(owner: QWidget) -> QVBoxLayout:
    """A layout without margins and gaps."""
    column = QVBoxLayout(owner)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    return column
