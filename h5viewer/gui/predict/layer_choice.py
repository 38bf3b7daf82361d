"""A list of the network's layers to choose one from; the file is asked for them once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from h5viewer.gui.controls.combo_box import ComboBox
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import Document, Identity, Layer, Layers, OutputShape
from h5viewer.requests import DecodeArchitecture
from h5viewer.workers.pool import Pool

Key = tuple[int, ...]

_MOST = 2000  # layers that are listed
_N_SEEN = 24
_WIDTH = 8  # letters, at the least


class LayerChoice(ComboBox):
    """Nested layers are indented below their model.

    Signals:
        key_chosen(tuple[int, ...] | None): by the user; None: the entry `automatic`.
    """

    key_chosen = Signal(object)

    def __init__(
        self,
        pool: Pool,
        tooltip: str,
        *,
        automatic: str = "",
        fits: Callable[[Layer], bool] = lambda _: True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Layer", tooltip, _WIDTH, parent)
        self._asking = Latest(pool, self)
        self._shown: tuple[str, Identity] | None = None
        self._automatic = automatic
        self._fits = fits
        self._wanted: Key | None = None
        self._layers: list[Layer] = []
        self.setMaxVisibleItems(_N_SEEN)
        self.activated.connect(self._choose)

    @property
    def key(self) -> Key | None:
        """The layer that is chosen; None: none, or the entry `automatic`."""
        return self._wanted

    @property
    def is_known(self) -> bool:
        """True once the layers of the document are listed."""
        return self.count() > 0

    def show_document(self, document: Document, key: Key | None = None) -> None:
        """List the layers of this one; the choice stays while it is the same.

        Args:
            key: chosen of another document, once its layers are known.
        """
        subject = (document.path, document.identity)
        if subject == self._shown:
            return
        self.clear_layers()
        self._shown, self._wanted = subject, key
        self._asking.ask(DecodeArchitecture(document=document.path), self._list, self._keep)

    def choose_key(self, key: Key | None) -> None:
        """Choose a layer without telling."""
        self._wanted = key
        for at in range(self.count()):
            if self.itemData(at, Qt.ItemDataRole.UserRole) == key:
                self.setCurrentIndex(at)

    def clear_layers(self) -> None:
        """No document."""
        self._asking.cancel()
        self._shown = self._wanted = None
        self._layers = []
        self.clear()

    def _keep(self, part: object) -> None:
        if isinstance(part, Layers):
            self._layers += part.layers

    def _list(self, _architecture: object) -> None:
        self.clear()
        if self._automatic:
            self.addItem(self._automatic, None)
        entries = [entry for entry in _all(self._layers) if self._fits(entry[1])][:_MOST]
        for depth, layer in entries:
            self.addItem(f"{'    ' * depth}{layer_title(layer)}", layer.key)
        if self._wanted is None and not self._automatic and entries:
            first = next((layer for _, layer in entries if layer.class_name != "InputLayer"), None)
            self._wanted = (first or entries[0][1]).key
        self.choose_key(self._wanted)
        self._layers = []
        if self.count():
            self.key_chosen.emit(self._wanted)

    def _choose(self, at: int) -> None:
        self._wanted = self.itemData(at)
        self.key_chosen.emit(self._wanted)


def layer_title(layer: Layer) -> str:
    """Name, output shape without the batch axis, class."""
    shape = layer.output_shape
    facts = []
    if shape and not any(isinstance(axis, tuple) for axis in shape):
        facts.append(" × ".join("?" if axis is None else str(axis) for axis in shape[1:]))
    if layer.class_name:
        facts.append(visible(layer.class_name, 80))
    return "  ·  ".join([visible(layer.name, 80), *filter(None, facts)])


def has_places(layer: Layer) -> bool:
    """True of a layer that may put out rows and columns, steps or slices with channels."""
    shape: OutputShape | None = layer.output_shape
    return shape is None or (
        len(shape) in (3, 4, 5) and not any(isinstance(axis, tuple) for axis in shape)
    )


def _all(layers: Sequence[Layer], depth: int = 0) -> Iterator[tuple[int, Layer]]:
    for layer in layers:
        yield depth, layer
        yield from _all(layer.layers, depth + 1)
