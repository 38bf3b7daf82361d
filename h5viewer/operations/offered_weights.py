"""A network that is to be filled, and what another file offers for its layers; no value is read."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from h5viewer.documents.compatibility import Repair
from h5viewer.documents.compatibility import repair as repaired
from h5viewer.documents.compatibility.writer import written_by
from h5viewer.documents.document import find_places
from h5viewer.documents.json_text import table
from h5viewer.documents.keras_objects import Held, network, stored_layers
from h5viewer.documents.legacy_weights import TOP_LEVEL, read_layers
from h5viewer.documents.network_size import require_few_layers
from h5viewer.documents.new_network import NewLayer, NewNetwork
from h5viewer.documents.saved_state import SavedState, read_states
from h5viewer.documents.stored import StoredWeight
from h5viewer.documents.wanted_shapes import wanted_shapes
from h5viewer.documents.weight_sources import Offered, Source, Target, Wanted
from h5viewer.errors import CannotRead
from h5viewer.formats.architecture_text import ArchitectureText
from h5viewer.formats.container import Container
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Problem
from h5viewer.operations import Operation
from h5viewer.operations.checkpoint_weights import checkpoint_weights
from h5viewer.operations.network_reading import (
    place_weights,
    read_network,
    repair_notes,
    require_writable,
    stated_config,
    weights_at,
)
from h5viewer.operations.stored_network import declared_in
from h5viewer.operations.stored_values import ConvertedValues, StoredValues, stored_values
from h5viewer.operations.weight_places import WeightPlaces
from h5viewer.requests import Progress


class Architecture(msgspec.Struct, frozen=True):
    """A network to be filled."""

    name: str  # of the file
    config: dict[str, Any]  # in Keras 3's form
    stated: Any  # as the file states it
    repair: Repair
    network: NewNetwork | None  # with values of its own; None: the file has none
    notes: tuple[str, ...]

    def own_layers(self) -> dict[tuple[str, ...], NewLayer]:
        """The layers that have values in the file itself, by their paths."""
        layers = self.network.layers if self.network is not None else ()
        return {layer.path: layer for layer in layers}


def read_architecture(
    document: Container | ArchitectureText, weights: Container | ArchitectureText
) -> Operation[Architecture]:
    """The architecture of a whole file, or of JSON.

    Args:
        document: states it.
        weights: says which Keras wrote the weights, where JSON does not.

    Raises:
        CannotRead: there is none, or not one that plain Keras opens.
    """
    name = document.source.name
    yield Progress(done=0, unit="layers")
    if isinstance(weights, ArchitectureText):
        raise CannotRead(
            f"{weights.source.name} holds an architecture without weights.",
            hint="Choose a file that holds weights.",
        )
    version, backend = written_by(weights, find_places(weights))
    if not isinstance(document, ArchitectureText):
        new = yield from read_network(document)
        stated = stated_config(document)
        own = written_by(document, find_places(document))
        repair = repaired(stated, version=own[0], backend=backend or own[1])
        return Architecture(name, new.config, stated, repair, new, new.notes)
    stated = document.config()
    stated = table(stated).get("model_config", stated)
    require_few_layers(stated, name)
    said = [table(stated).get(key) for key in ("keras_version", "backend")]
    version = said[0] if isinstance(said[0], str) else version
    backend = backend or (said[1] if isinstance(said[1], str) else None)
    repair = repaired(stated, version=version, backend=backend)
    config = require_writable(repair, name)
    return Architecture(name, config, stated, repair, None, tuple(repair_notes(repair)))


def offered(
    architecture: Architecture, container: Container, pairs: Mapping[str, str]
) -> Operation[tuple[list[Target], list[Source], tuple[str, ...]]]:
    """Layers that want weights, layers that offer them, and what is to be said of those.

    Args:
        architecture: wants them.
        container: offers them.
        pairs: chosen by the user, which may name variables that only then belong together.

    Raises:
        CannotRead: the file holds no weights.
    """
    places = find_places(container)
    held = network(architecture.config)
    if isinstance(container, CheckpointContainer):
        targets = yield from _targets(architecture, held, None, [])
        return checkpoint_weights(container, targets, pairs)
    if not places.has_network:
        name = container.source.name
        raise CannotRead(f"{name} is no Keras model and no file of its weights.")
    other = yield from _whole_network(container)
    if other is not None:
        targets = yield from _targets(architecture, held, None, [])
        return targets, list(_whole_sources(other)), other.notes
    sources = yield from _raw_sources(container)
    declaration = yield from declared_in(copy.deepcopy(architecture.stated))
    finding, _ = yield from place_weights(
        container, declaration, architecture.repair, held, is_lenient=True
    )
    paths = [(each, _paths(each)) for each in sources]
    targets = yield from _targets(architecture, held, finding, paths)
    return targets, sources, ()


def _whole_network(container: Container) -> Operation[NewNetwork | None]:
    """The network that a file declares for its weights; None: none that could be written.

    Then its weights are those of groups, as in a file that declares nothing: they may be needed
    because of that very network.
    """
    try:
        return (yield from read_network(container))
    except CannotRead:
        return None


def _targets(
    architecture: Architecture,
    held: Held,
    finding: WeightPlaces | None,
    sources: Sequence[tuple[Source, set[NodePath]]],
) -> Operation[list[Target]]:
    shapes = yield from wanted_shapes(architecture.config, held)
    own = (
        {layer.path: layer for layer in architecture.network.layers} if architecture.network else {}
    )
    targets = []
    for path, _, layer in stored_layers(held):
        found = () if finding is None else tuple(weights_at(path, layer, finding))
        found = tuple(weight for weight in found if weight.is_kept_by_legacy)
        kept = own.get(path)
        wanted = tuple(
            Wanted(slot.name, slot.place, slot.variable.trainable, shapes.get((path, slot.place)))
            for slot in layer.slots()
            if slot.variable.is_kept_by_legacy
        )
        if kept is not None:
            weights = [weight for weight in kept.weights if weight.is_kept_by_legacy]
            wanted = tuple(Wanted(w.name, w.place, w.trainable, w.shape) for w in weights)
        elif not wanted and found:  # a class of somebody else's
            wanted = tuple(Wanted(w.name, w.place, w.trainable, w.shape) for w in found)
        if wanted:
            source = _source_of(found, sources) if found else ""
            targets.append(Target(path, layer.class_name, wanted, found, source))
    return targets


def _source_of(found: Sequence[Any], sources: Sequence[tuple[Source, set[NodePath]]]) -> str:
    """The layer of the file that values are from."""
    values = found[0].values
    if isinstance(values, StoredValues):
        path = values.path
    elif isinstance(values, ConvertedValues):
        path = values.layer.paths[0]
    else:
        return ""
    return next((source.name for source, paths in sources if path in paths), "")


def _paths(source: Source) -> set[NodePath]:
    return {each.values.path for each in source.weights if isinstance(each.values, StoredValues)}


def _whole_sources(other: NewNetwork) -> Iterator[Source]:
    for layer in other.layers:
        weights = tuple(
            Offered(weight.place, weight.values)
            for weight in layer.weights
            if weight.is_kept_by_legacy
        )
        yield Source("/".join(layer.path), weights, layer.class_name)


def _raw_sources(container: Container) -> Operation[list[Source]]:
    """The layers of a file that declares none, as it groups them."""
    places = find_places(container)
    problems: list[Problem] = []
    sources: list[Source] = []
    if places.is_numbered:
        for item in read_states(container, places.weights, problems):
            if isinstance(item, SavedState):
                sources = list(_numbered(container, item))
            else:
                yield Progress(done=item, unit="groups")
        return sources
    for layer in read_layers(container, places.weights, [], problems):
        if layer.weights and layer.name != TOP_LEVEL.decode():
            weights = tuple(_offered(container, "", each) for each in layer.weights)
            sources.append(Source(plain(layer.name), weights))
        if len(sources) % 50 == 0:
            yield Progress(done=len(sources), unit="layers")
    return sources


def _numbered(container: Container, model: SavedState, around: str = "") -> Iterator[Source]:
    for group, state in model.layers().items():
        name = f"{around}{state.name or group}"
        if state.layers():
            yield from _numbered(container, state, f"{name}/")
            continue
        weights = tuple(
            _offered(container, f"{way}/vars/{weight.name}".lstrip("/"), weight)
            for way, each in state.every()
            for weight in each.variables
        )
        if weights:
            yield Source(name, weights)


def _offered(container: Container, place: str, weight: StoredWeight) -> Offered:
    if weight.path is None or weight.problem:
        raise CannotRead(f"“{weight.name}” of {container.source.name}: {weight.problem}")
    return Offered(place, stored_values(container, weight.path))
