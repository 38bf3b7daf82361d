"""The stored weights of a file, by the layer of its configuration that they belong to."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator

import msgspec

from h5viewer.documents.assignment import Assignments
from h5viewer.documents.declared import Declaration, every_layer
from h5viewer.documents.document import Places
from h5viewer.documents.json_text import is_list, is_table
from h5viewer.documents.keras_config import reading
from h5viewer.documents.legacy_matching import LegacyMatching
from h5viewer.documents.legacy_weights import TOP_LEVEL, read_layers
from h5viewer.documents.saved_state import SavedState, read_states
from h5viewer.documents.state_matching import match_states
from h5viewer.documents.stored import StoredLayer
from h5viewer.formats.container import Container
from h5viewer.names import visible
from h5viewer.nodes import Problem
from h5viewer.requests import Progress

_OTHER_NAMES = (
    "The layers have other names in the architecture than where the weights are stored; they "
    "are taken in their order."
)


def declared_in(config: object) -> Generator[Progress, None, Declaration]:
    """The layers of a configuration, which is taken apart on the way."""
    work = reading(config)
    while True:
        try:
            yield Progress(done=next(work), unit="layers")
        except StopIteration as end:
            declaration: Declaration = end.value
            return declaration


class Stored(msgspec.Struct, frozen=True):
    """What the file stores for each declared layer."""

    assignments: Assignments
    warnings: tuple[str, ...] = ()


def assigned(
    container: Container, places: Places, declaration: Declaration, weighty: Collection[int]
) -> Generator[Progress, None, Stored]:
    """Which stored arrays belong to which layer; no value is read.

    Args:
        weighty: positions of the top-level layers that have weights in the built network.
    """
    problems: list[Problem] = []  # told with the architecture
    if places.is_numbered:
        for item in read_states(container, places.weights, problems):
            if isinstance(item, SavedState):
                found = match_states(declaration, item)
                _give_to_twins(declaration, found)
                return Stored(found)
            yield Progress(done=item, unit="groups")
    names = [layer.name for layer in declaration.layers]
    layers: list[StoredLayer] = []
    for layer in read_layers(container, places.weights, names, problems):
        layers.append(layer)
        if len(layers) % 50 == 0:
            yield Progress(done=len(layers), unit="layers")
    is_renamed = _call_as_declared(layers, [names[i] for i in sorted(weighty) if i < len(names)])
    matching = LegacyMatching(declaration)
    for layer in layers:
        matching.take(layer)
    return Stored(matching.found, tuple(_warnings(layers, matching.found, is_renamed=is_renamed)))


def _give_to_twins(declaration: Declaration, found: Assignments) -> None:
    """Archives keep a layer that several nested networks share only once, with the first.

    The configuration marks the others only; the first is their equal.
    """
    layers = every_layer(declaration.layers)
    for layer in layers:
        own = found.by_key.get(layer.key)
        if layer.shared_id is None or (own is not None and own.weights):
            continue
        for twin in layers:
            given = found.by_key.get(twin.key)
            is_given = given is not None and given.weights and twin.class_name == layer.class_name
            if is_given and _bare(twin.config) == _bare(layer.config):
                found.by_key[layer.key] = found.by_key[twin.key]
                break


def _bare(value: object) -> object:
    """A configuration without the marks of what stands elsewhere, too."""
    if is_list(value):
        return [_bare(each) for each in value]
    if not is_table(value):
        return value
    return {key: _bare(each) for key, each in value.items() if key != "shared_object_id"}


def _call_as_declared(layers: list[StoredLayer], names: list[str]) -> bool:
    """Where the file calls its layers otherwise, the n-th with weights is the n-th declared.

    Keras goes by the order alone (legacy_h5_format.py, `load_weights_from_hdf5_group`).
    """
    stored = [layer for layer in layers if layer.weights and layer.name != TOP_LEVEL.decode()]
    if {layer.name for layer in stored} <= set(names) or len(stored) != len(names):
        return False
    for layer in layers:
        if not layer.weights and layer.name in names:
            layer.name = f"{layer.name} (without weights)"
    for layer, name in zip(stored, names, strict=True):
        layer.name = name
    return True


def _warnings(layers: list[StoredLayer], found: Assignments, *, is_renamed: bool) -> Iterator[str]:
    if is_renamed:
        yield _OTHER_NAMES
    left = {problem.where for problem in found.problems}
    unused = [layer.name for layer in layers if layer.weights and layer.name in left]
    if unused:
        shown = ", ".join(f"“{visible(name)}”" for name in unused[:3])
        more = f" and {len(unused) - 3} more" if len(unused) > 3 else ""
        yield f"The weights of {shown}{more} are not used: the architecture has no such layer."
