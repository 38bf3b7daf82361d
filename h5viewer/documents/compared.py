"""A file as it is compared with another: its layers, and what its configuration declares."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from types import MappingProxyType

import msgspec

from h5viewer.documents.architecture import Decoder
from h5viewer.documents.config_text import config_text
from h5viewer.documents.declared import Declaration, DeclaredLayer, every_layer
from h5viewer.documents.document import find_places, lists_weights
from h5viewer.documents.stored import datasets_below
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, path_text, plain
from h5viewer.nodes import Dataset, Layer, Layers, Weight
from h5viewer.requests import Progress

_PIECE = 500  # datasets between two yields


class Compared(msgspec.Struct):
    """One side of a comparison."""

    layers: list[Layer] = []
    declaration: Declaration = msgspec.field(default_factory=Declaration)
    is_declared: bool = False  # by a configuration of its own
    is_by_path: bool = False  # no network: datasets, by where they are

    def declared(self) -> dict[tuple[int, ...], DeclaredLayer]:
        """What the configuration says of each layer, by its key."""
        if not self.is_declared:
            return {}
        return {layer.key: layer for layer in every_layer(self.declaration.layers)}


_NONE: Mapping[int, Compared] = MappingProxyType({})


def read_both(a: Container, b: Container) -> Generator[Progress, None, tuple[Compared, Compared]]:
    """Both sides in the same terms.

    A file of weights alone is read as weights of the other file's network: its groups say
    little of names and nothing of order. Where one of them is no network both are compared
    dataset by dataset.
    """
    places = [(each, find_places(each)) for each in (a, b)]
    are_networks = all(place.has_network for _, place in places)
    if not (are_networks or all(lists_weights(*each) for each in places)):
        return (yield from _by_path(a)), (yield from _by_path(b))
    side_a, side_b = yield from read_networks((a, b))
    return side_a, side_b


def read_networks(
    containers: Sequence[Container], known: Mapping[int, Compared] = _NONE
) -> Generator[Progress, None, list[Compared]]:
    """Networks in the same terms: files of weights alone as the first that declares one.

    Args:
        containers: the files.
        known: those with a configuration of their own that were read before, by their numbers.
    """
    sides: list[Compared] = []
    texts = [_configuration(container) for container in containers]
    for number, (container, text) in enumerate(zip(containers, texts, strict=True)):
        if number in known:
            sides.append(known[number])
            continue
        same = next(
            (side for side, other in zip(sides, texts, strict=False) if text and text == other),
            None,
        )
        declared = next((side.declaration for side in sides if side.is_declared), None)
        if same is not None and same.is_declared:
            sides.append((yield from _network(container, same.declaration, is_same=True)))
        else:
            sides.append((yield from _network(container, declared)))
    for number, side in enumerate(sides):
        declared = next((side.declaration for side in sides if side.is_declared), None)
        if declared is not None and not side.declaration.is_understood:
            sides[number] = yield from _network(containers[number], declared)
    return sides


def _configuration(container: Container) -> str:
    """As it is written; "" where there is none that can be read."""
    try:
        text = config_text(container, find_places(container))
    except CannotRead:  # told when it is read to be shown
        return ""
    return text.text if text is not None and text.is_complete else ""


def _network(
    container: Container, declared_by: Declaration | None, *, is_same: bool = False
) -> Generator[Progress, None, Compared]:
    layers: list[Layer] = []
    decoder = Decoder(container, declared_by, is_same=is_same)
    for part in decoder.decode():
        if isinstance(part, Layers):
            layers += part.layers
        else:
            yield Progress(done=len(layers), unit="layers")
    declaration = decoder.declaration
    is_own = declaration.is_understood and (is_same or declaration is not declared_by)
    return Compared(layers, declaration, is_own)


def _by_path(container: Container) -> Generator[Progress, None, Compared]:
    """Each group with datasets in it takes a layer's place."""
    groups: dict[NodePath, list[Weight]] = {}
    for n_done, dataset in enumerate(datasets_below(container, ()), start=1):
        groups.setdefault(dataset.path[:-1], []).append(_weight(dataset))
        if n_done % _PIECE == 0:
            yield Progress(done=n_done, unit="names")
    layers = [
        Layer(name=path_text(path), class_name=None, key=(position,), weights=tuple(weights))
        for position, (path, weights) in enumerate(sorted(groups.items()))
    ]
    return Compared(layers, is_by_path=True)


def _weight(dataset: Dataset) -> Weight:
    return Weight(
        name=plain(dataset.path[-1]) if dataset.path else "/",
        path=dataset.path,
        shape=dataset.shape,
        dtype=dataset.dtype.text,
    )
