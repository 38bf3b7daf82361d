"""What a TensorFlow checkpoint offers for the layers of a Keras network.

Layers are found by the objects of the program, which stand in the network's order; where they are
others, by name scopes; where names say nothing, by shapes, in the order of the variables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from h5viewer.documents.checkpoint_layers import (
    TOGETHER,
    StoredLayer,
    StoredVariable,
    joined_name,
    layers_of,
    short_name,
)
from h5viewer.documents.checkpoint_parts import CheckpointParts, checkpoint_parts, damage_notes
from h5viewer.documents.weight_sources import Offered, Source, Target, fitted
from h5viewer.errors import CannotRead
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.nodes.comparison import Basis
from h5viewer.operations.stored_values import stored_values

_MOST_TRIED = 5_000_000  # pairs of layers and variables: a few seconds

Found = tuple[list[Target], list[Source], tuple[str, ...]]


def checkpoint_weights(
    container: CheckpointContainer, targets: Sequence[Target], pairs: Mapping[str, str]
) -> Found:
    """The targets with what was found for them, everything there is, and notes.

    Args:
        container: gives the weights.
        targets: layers of the network.
        pairs: chosen by the user; a source may be several variables: "W1 + b1".

    Raises:
        CannotRead: it holds no weights.
    """
    parts = checkpoint_parts(container)
    layers, is_in_order = layers_of(parts)
    if not layers:
        raise CannotRead(f"{container.source.name} holds no weights of a network.")
    sources = [_source(container, layer) for layer in layers]
    named = dict(_by_scopes(targets, sources))
    found = _by_objects(targets, sources) if is_in_order else {}
    if found and (_is_complete(named, targets) and named != found):
        found = {}  # a program may have listed branches in another order
    bases: dict[str, Basis] = dict.fromkeys(found, "graph")
    if not found:
        found = named
        together = _together(targets, sources, found, pairs)
        found.update({target.name: source for target, source in together})
        bases.update({target.name: "shape" for target, _ in together})
        gone = {name for _, source in together for name in source.name.split(TOGETHER)}
        sources = [source for source in sources if source.name not in gone]
        sources += [source for _, source in together]
    chosen = list(_chosen_together(container, parts, sources, pairs))
    gone = {name for source in chosen for name in source.name.split(TOGETHER)}
    gone -= set(pairs.values())
    sources = [*(source for source in sources if source.name not in gone), *chosen]
    filled = [_filled(target, found.get(target.name), bases) for target in targets]
    return filled, sources, tuple(damage_notes(container))


def _source(container: CheckpointContainer, layer: StoredLayer) -> Source:
    weights = tuple(
        Offered("", stored_values(container, container.path_of(variable.key)), variable.way)
        for variable in layer.variables
    )
    return Source(layer.name, weights)


def _filled(target: Target, source: Source | None, bases: Mapping[str, Basis]) -> Target:
    if source is None:
        return target
    weights, _ = fitted(target, source)
    basis = bases.get(target.name, "name")
    return replace(target, found=weights, source=source.name, basis=basis)


def _by_objects(targets: Sequence[Target], sources: Sequence[Source]) -> dict[str, Source]:
    """Each target the layer that stands where it does, if all fit; else none."""
    if len(targets) != len(sources):
        return {}
    pairs = list(zip(targets, sources, strict=True))
    if any(fitted(target, source)[1] for target, source in pairs):
        return {}
    return {target.name: source for target, source in pairs}


def _by_scopes(
    targets: Sequence[Target], sources: Sequence[Source]
) -> Iterator[tuple[str, Source]]:
    """Layers of one name, with or without the scopes around it, where only one fits."""
    by_own_name: dict[str, list[Source]] = {}
    for source in sources:
        by_own_name.setdefault(source.name.rpartition("/")[2], []).append(source)
    for target in targets:
        namesakes = by_own_name.get(target.path[-1], [])
        for is_same in (_is_named, _ends_so, _is_namesake):
            named = [source for source in namesakes if is_same(source.name, target)]
            fitting = [source for source in named if not fitted(target, source)[1]]
            if len(fitting) == 1:
                yield target.name, fitting[0]
                break


def _is_named(name: str, target: Target) -> bool:
    return name == target.name


def _ends_so(name: str, target: Target) -> bool:
    return name.endswith(f"/{target.name}")


def _is_namesake(name: str, target: Target) -> bool:
    return name.rpartition("/")[2] == target.path[-1]


def _is_complete(named: Mapping[str, Source], targets: Sequence[Target]) -> bool:
    """True where every target has a layer of its own by its name."""
    return len({source.name for source in named.values()}) == len(targets)


def _together(
    targets: Sequence[Target],
    sources: Sequence[Source],
    found: Mapping[str, Source],
    pairs: Mapping[str, str],
) -> list[tuple[Target, Source]]:
    """Variables that belong to nothing, made into layers by their shapes and order."""
    used = {source.name for source in found.values()}
    used.update(name for source in pairs.values() for name in source.split(TOGETHER))
    left = [each for each in sources if len(each.weights) == 1 and each.name not in used]
    made: list[tuple[Target, Source]] = []
    if len(targets) * len(left) > _MOST_TRIED:  # a checkpoint of 100,000 nameless variables
        return made
    for target in targets:
        shapes = [wanted.shape for wanted in target.wanted]
        if target.name in {*found, *pairs} or len(shapes) < 2 or None in shapes:
            continue
        taken = _neighbours(shapes, left) or _scattered(shapes, left)
        if taken:
            left = [source for source in left if source not in taken]
            name = joined_name([source.name for source in taken])
            weights = tuple(Offered("", source.weights[0].values) for source in taken)
            made.append((target, Source(name, weights)))
    return made


def _neighbours(shapes: Sequence[object], left: Sequence[Source]) -> list[Source]:
    n = len(shapes)
    for start in range(len(left) - n + 1):
        window = list(left[start : start + n])
        if [source.weights[0].values.shape for source in window] == shapes:
            return window
    return []


def _scattered(shapes: Sequence[object], left: Sequence[Source]) -> list[Source]:
    taken: list[Source] = []
    for shape in shapes:
        fitting = (
            source
            for source in left
            if source not in taken and source.weights[0].values.shape == shape
        )
        found = next(fitting, None)
        if found is None:
            return []
        taken.append(found)
    return taken


def _chosen_together(
    container: CheckpointContainer,
    parts: CheckpointParts,
    sources: Sequence[Source],
    pairs: Mapping[str, str],
) -> Iterator[Source]:
    """Sources that the user puts together of variables."""
    known = {source.name for source in sources}
    keys = {short_name(key): key for key in parts.variables}
    for name in dict.fromkeys(pairs.values()):
        names = name.split(TOGETHER)
        if name and name not in known and all(each in keys for each in names):
            variables = tuple(StoredVariable("", keys[each]) for each in names)
            yield _source(container, StoredLayer(name, variables))
