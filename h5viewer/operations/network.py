"""The network of a document, decoded once and kept for the questions that follow."""

from __future__ import annotations

from collections.abc import Generator

import msgspec

from h5viewer.documents.architecture import Decoder
from h5viewer.documents.checkpoint_network import read_checkpoint
from h5viewer.documents.compared import Compared
from h5viewer.documents.config_text import parsed_config, parsed_training
from h5viewer.documents.declared import Declaration
from h5viewer.documents.document import Places, describe, find_places
from h5viewer.documents.meaning import every
from h5viewer.documents.optimizer_state import read_optimizer
from h5viewer.formats.container import Container
from h5viewer.nodes import Architecture, Layer, Layers, OptimizerState, Problem, Training
from h5viewer.requests import Progress

_MOST_KEPT = 200_000  # layers: about 280 MB; decoding 100,000 anew takes seven seconds


class Network(msgspec.Struct, frozen=True):
    """Layers with their weights, what declares them, and the optimizer's state beside them."""

    places: Places
    layers: list[Layer]
    optimizer: OptimizerState | None
    backend: str | None
    declaration: Declaration = msgspec.field(default_factory=Declaration)
    training: Training | None = None


def known_network(container: Container) -> Generator[Progress, None, Network]:
    """Decode, or take what was decoded for an earlier question about the same bytes."""
    kept = container.source.kept.get("network")
    if isinstance(kept, Network):
        return kept
    places = find_places(container)
    if places.format == "tf-checkpoint":
        return _kept(container, _of_checkpoint(container, places))
    decoder = Decoder(container)
    layers, architecture = yield from _decoded(decoder)
    problems: list[Problem] = []  # told by the architecture
    config = parsed_config(container, places, problems)
    training = parsed_training(container, places, config, problems)
    yield Progress(done=len(layers), unit="layers")
    network = Network(
        places=places,
        layers=layers,
        optimizer=read_optimizer(container, places, layers, training),
        backend=describe(container).backend,
        declaration=decoder.declaration,
        training=architecture.training,
    )
    return _kept(container, network)


def as_compared(container: Container) -> Compared | None:
    """What is kept of a file that declares a network; None: it has to be decoded."""
    kept = container.source.kept.get("network")
    if not isinstance(kept, Network) or not kept.declaration.is_understood:
        return None
    return Compared(kept.layers, kept.declaration, is_declared=True)


def _decoded(decoder: Decoder) -> Generator[Progress, None, tuple[list[Layer], Architecture]]:
    layers: list[Layer] = []
    decoding = decoder.decode()
    while True:
        try:
            part = next(decoding)
        except StopIteration as end:
            architecture: Architecture = end.value
            return layers, architecture
        if isinstance(part, Layers):
            layers += part.layers
        yield Progress(done=len(layers), unit="layers")


def _of_checkpoint(container: Container, places: Places) -> Network:
    found = read_checkpoint(container)
    return Network(places, found.layers, found.optimizer, backend=None)


def _kept(container: Container, network: Network) -> Network:
    if sum(1 for _ in every(network.layers)) <= _MOST_KEPT:
        container.source.kept["network"] = network
    return network
