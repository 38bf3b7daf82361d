"""All layers of a network with the names around them, read for a dialog."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from h5viewer.gui.task import Latest
from h5viewer.names import NodePath
from h5viewer.nodes import Architecture, Layer, Layers
from h5viewer.requests import DecodeArchitecture
from h5viewer.workers.pool import Pool

Key = tuple[int, ...]


class Listed(NamedTuple):
    """One layer; what is said of it is worked out while others are still read."""

    layer: Layer
    path: tuple[str, ...]  # the names of the models around it, then its own
    words: str  # what a filter looks at
    n_trained: int  # parameters that training changes unless it is frozen

    @classmethod
    def of(cls, layer: Layer, around: tuple[str, ...]) -> Listed:
        """A layer in a model of this path."""
        n_trained = 0
        if not layer.layers:
            n_trained = sum(w.n_parameters for w in layer.weights if "moving_" not in w.name)
        words = f"{layer.name}\n{layer.class_name or ''}".lower()
        return cls(layer, (*around, layer.name), words, n_trained)

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
    stack = [Listed.of(layer, ()) for layer in layers][::-1]
    while stack:
        listed = stack.pop()
        yield listed
        stack += [Listed.of(layer, listed.path) for layer in listed.layer.layers][::-1]


def _is_in(path: NodePath | None, group: NodePath) -> bool:
    return path is not None and path[: len(group)] == group
