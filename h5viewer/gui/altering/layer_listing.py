"""All layers of a network with the names around them, read for a dialog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from h5viewer.gui.task import Latest
from h5viewer.names import NodePath
from h5viewer.nodes import Architecture, Layer, Layers
from h5viewer.requests import DecodeArchitecture
from h5viewer.workers.pool import Pool

Key = tuple[int, ...]


@dataclass(frozen=True)
class Listed:
    """One layer; `path`: the names of the models around it, then its own."""

    layer: Layer
    path: tuple[str, ...]

    @property
    def depth(self) -> int:
        """How many models it is nested in."""
        return len(self.path) - 1


class LayerListing(QObject):
    """Reads a document's layers once.

    Signals:
        ready: `layers` are all there.
        failed(H5ViewerError).
    """

    ready = Signal()
    failed = Signal(object)

    def __init__(self, pool: Pool, document: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.layers: list[Listed] = []
        self.outputs: tuple[str, ...] = ()
        self._document = document
        self._reading = Latest(pool, self)

    def read(self) -> None:
        """Ask for them."""
        self.layers = []
        self._reading.ask(
            DecodeArchitecture(document=self._document),
            self._finish,
            on_part=self._append,
            on_failure=self.failed.emit,
        )

    def at(self, keys: Iterable[Key]) -> list[int]:
        """Places in the list of the layers with these keys."""
        wanted = set(keys)
        return [place for place, each in enumerate(self.layers) if each.layer.key in wanted]

    def below(self, group: NodePath) -> list[int]:
        """Places of the layers that keep a weight in this group of the file, or are called so."""
        found = [
            place
            for place, each in enumerate(self.layers)
            if any(_is_in(weight.path, group) for weight in each.layer.weights)
        ]
        name = group[-1].decode("utf-8", "replace")
        return found or [place for place, each in enumerate(self.layers) if each.layer.name == name]

    def _append(self, part: Layers) -> None:
        self.layers += flat(part.layers)

    def _finish(self, architecture: Architecture) -> None:
        self.outputs = architecture.outputs
        self.ready.emit()


def flat(layers: Iterable[Layer]) -> Iterator[Listed]:
    """Layers with those nested in them below. No recursion: files nest as they like."""
    stack = [Listed(layer, (layer.name,)) for layer in layers][::-1]
    while stack:
        listed = stack.pop()
        yield listed
        inside = [Listed(layer, (*listed.path, layer.name)) for layer in listed.layer.layers]
        stack += inside[::-1]


def _is_in(path: NodePath | None, group: NodePath) -> bool:
    return path is not None and path[: len(group)] == group
