"""Beside the table of layers: the chosen layer or the training settings, else nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from h5viewer.gui.architecture.config_view import ConfigView
from h5viewer.gui.architecture.layer_view import LayerView
from h5viewer.nodes import Layer, LayerItem, Text
from h5viewer.workers.pool import Pool


class LayerSide(QStackedWidget):
    """Hidden until it has something to show; its pages are made when first needed.

    Signals:
        weight_opened(Weight): the user wants to see its values.
        output_wanted(key): the user wants to see what the layer makes of a picture.
        closed(): the user wants the room back.
    """

    weight_opened = Signal(object)
    output_wanted = Signal(object)
    closed = Signal()

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._layer_view: LayerView | None = None
        self._training: ConfigView | None = None
        self._settings: Text | None = None
        self.setMinimumSize(280, 160)
        self.hide()

    @property
    def layer_view(self) -> LayerView:
        """The page of one layer."""
        if self._layer_view is None:
            self._layer_view = LayerView(self._pool, self)
            self._layer_view.weight_opened.connect(self.weight_opened)
            self._layer_view.output_wanted.connect(self.output_wanted)
            self._layer_view.closed.connect(self.closed)
            self.addWidget(self._layer_view)
        return self._layer_view

    @property
    def training(self) -> ConfigView:
        """The page of the training settings."""
        if self._training is None:
            self._training = ConfigView("Training", unfolded=True, closable=True, parent=self)
            self._training.closed.connect(self.closed)
            self.addWidget(self._training)
        return self._training

    def show_layer(self, document: str, layer: Layer, item: LayerItem = "layer") -> None:
        """Show one layer of the file at `document`, which calls it `item`."""
        self.layer_view.show_layer(document, layer, item)
        self._turn_to(self.layer_view)

    def set_training(self, settings: Text | None) -> None:
        """What `show_training` shows from now on; None: the file says nothing."""
        self._settings = settings
        if self._training is not None and self.currentWidget() is self._training:
            self.leave()

    def show_training(self) -> None:
        """Show the training settings."""
        if self._settings is not None:
            self.training.show_text(self._settings)
            self._turn_to(self.training)

    def leave(self) -> None:
        """Show nothing, give the room back."""
        self.hide()
        if self._layer_view is not None:
            self._layer_view.clear()
        if self._training is not None:
            self._training.clear()

    def _turn_to(self, page: QWidget) -> None:
        self.setCurrentWidget(page)
        self.show()

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape gives the room back."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)
