"""What one dataset is to the network."""

from __future__ import annotations

from msgspec.structs import replace

from h5viewer.documents.config_text import layer_entry
from h5viewer.documents.meaning import find_weight, meaning_of, placed
from h5viewer.documents.slots import concerning, slot_at
from h5viewer.formats.container import Container
from h5viewer.nodes import Dataset, WeightMeaning
from h5viewer.operations import Operation
from h5viewer.operations.network import Network, known_network
from h5viewer.requests import Progress, ReadMeaning


def read_meaning(request: ReadMeaning, container: Container) -> Operation[WeightMeaning]:
    """Role, axes, gates, heads, initializer and the optimizer's variables beside it."""
    yield Progress(done=0, unit="layers")
    network = yield from known_network(container)
    found = find_weight(network.layers, request.node)
    if found is None:
        return _of_optimizer(request, container, network)
    layer, weight = found
    entry = layer_entry(container, layer.key)
    meaning = meaning_of(placed(layer, weight, entry, network.backend), network.layers)
    if network.optimizer is None:
        return meaning
    state = concerning(network.optimizer, request.node)
    has_view = bool(state.slots) or (weight.trainable is not False and bool(state.problem))
    return replace(
        meaning,
        optimizer=state,
        views=(*meaning.views, "state") if has_view else meaning.views,
    )


def _of_optimizer(request: ReadMeaning, container: Container, network: Network) -> WeightMeaning:
    """A dataset of no layer: perhaps the optimizer's."""
    node = container.describe(request.node)
    shape = node.shape or () if isinstance(node, Dataset) else ()
    bare = WeightMeaning(path=request.node, shape=shape)
    if network.optimizer is None:
        return bare
    slot = slot_at(network.optimizer, request.node)
    if slot is None:
        is_unmatched = request.node in network.optimizer.unmatched
        notes = (network.optimizer.problem,) if is_unmatched else ()
        return replace(bare, notes=notes)
    owner = None if slot.weight is None else find_weight(network.layers, slot.weight)
    if owner is None or slot.weight is None:
        return replace(bare, slot=slot, title=slot.title, meaning=slot.meaning)
    layer, weight = owner
    return replace(
        bare,
        slot=slot,
        title=slot.title,
        meaning=slot.meaning,
        layer=layer.name,
        class_name=layer.class_name,
        axes=weight.axes,
        optimizer=concerning(network.optimizer, slot.weight),
        views=("state",),
    )
