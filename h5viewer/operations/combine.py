"""CombineNetwork, MatchWeights: the architecture of one file with the weights of another."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from h5viewer.documents.initial_values import initial_values
from h5viewer.documents.new_network import NewLayer, NewNetwork, NewOptimizer, NewWeight
from h5viewer.documents.transforms.entries import entries_of
from h5viewer.documents.weight_sources import Match, Source, Target, matched
from h5viewer.errors import CannotRead
from h5viewer.formats.architecture_text import ArchitectureText
from h5viewer.formats.container import Container
from h5viewer.formats.scratch import Scratch
from h5viewer.names import visible
from h5viewer.nodes import (
    Exported,
    ExportPart,
    ExportPlan,
    LayerMatch,
    WeightMatches,
    WeightSource,
)
from h5viewer.operations import Operation
from h5viewer.operations.kept_state import State, state_of
from h5viewer.operations.kept_training import training_notes, training_parts
from h5viewer.operations.merge_networks import whole_kind, write_merged
from h5viewer.operations.network_writing import plan_network
from h5viewer.operations.new_files import bytes_of
from h5viewer.operations.offered_weights import Architecture, offered, read_architecture
from h5viewer.requests import CombineNetwork, MatchWeights
from h5viewer.wording import plural

Document = Container | ArchitectureText

_MOST_NAMED = 5


class _Combined(msgspec.Struct, frozen=True):
    """What became of both files."""

    architecture: Architecture
    sources: tuple[Source, ...]
    matches: tuple[Match, ...]
    notes: tuple[str, ...]


def match_weights(
    request: MatchWeights, architecture: Document, weights: Container
) -> Operation[WeightMatches]:
    """Which layer would take which weights, for the user to look at and change.

    Raises:
        CannotRead: there is no architecture, or there are no weights.
    """
    found = yield from _combined(architecture, weights, dict(request.pairs))
    state = _possible_state(found, architecture, weights)
    return WeightMatches(
        matches=tuple(_shown(match) for match in found.matches),
        sources=tuple(
            WeightSource(
                name=source.name, shapes=tuple(each.values.shape for each in source.weights)
            )
            for source in found.sources
        ),
        keeps_values=found.architecture.network is not None,
        state=state.words,
        state_problem=state.why_not,
    )


def plan_combine(
    request: CombineNetwork, architecture: Document, weights: Container
) -> Operation[ExportPlan]:
    """Which weights would go in, or why none."""
    found = yield from _combined(architecture, weights, dict(request.pairs or ()))
    new = _with_state(request, _filled(found, weights.source.name), architecture, weights)
    outlook = plan_network(new, whole_kind(request.target), request.target)
    taken = [match for match in found.matches if match.weights]
    layers = {layer.path: layer for layer in new.layers}
    of_weights = [layers[match.target.path] for match in taken]
    others = [layer for layer in new.layers if layer not in of_weights]
    kept = [_part(f"weights of {weights.source.name}", of_weights)]
    if others:
        is_kept = found.architecture.network is not None
        kept.append(_part("weights kept" if is_kept else "weights that begin anew", others))
    left_out = tuple(training_parts((architecture, weights)))
    if new.optimizer is not None:
        kept.append(_state_part(new.optimizer))
        left_out = ()
    return ExportPlan(
        kept=tuple(kept),
        left_out=left_out,
        bytes_before=architecture.source.size + weights.source.size_with_companions,
        bytes_after=outlook.n_bytes + outlook.n_around,
        is_estimate=True,
        notes=(*new.notes, *outlook.notes),
    )


def combine_network(
    request: CombineNetwork, architecture: Document, weights: Container, scratch: Scratch
) -> Operation[Exported]:
    """Write the network with the weights that fit, read it back.

    Raises:
        CannotRead: there is no architecture, no weight fits, or a chosen pair does not.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    found = yield from _combined(architecture, weights, dict(request.pairs or ()))
    new = _with_state(request, _filled(found, weights.source.name), architecture, weights)
    return (yield from write_merged((architecture, weights), new, scratch, request.target))


def _combined(
    document: Document, container: Container, pairs: Mapping[str, str]
) -> Operation[_Combined]:
    architecture = yield from read_architecture(document, container)
    targets, sources, notes = yield from offered(architecture, container, pairs)
    matches = matched(targets, sources, pairs)
    return _Combined(architecture, tuple(sources), tuple(matches), tuple(notes))


def _shown(match: Match) -> LayerMatch:
    return LayerMatch(
        layer=match.target.name,
        class_name=match.target.class_name,
        shapes=tuple(each.shape for each in match.target.wanted if each.shape is not None),
        source=match.source,
        basis=match.basis,
        problem=match.problem,
    )


# ------------------------------------------------------------------------ the network


def _filled(found: _Combined, weights: str) -> NewNetwork:
    """The network with everything that was matched.

    Raises:
        CannotRead: nothing was, or a chosen pair does not fit.
    """
    architecture = found.architecture
    for match in found.matches:
        if match.problem:
            shown = visible(match.target.name, 80)
            raise CannotRead(
                f"“{shown}” cannot take the weights of “{visible(match.source, 80)}”. "
                f"{match.problem}"
            )
    if not any(match.weights for match in found.matches):
        raise CannotRead(
            f"No layer of {architecture.name} takes weights of {weights}: neither names nor shapes "
            "agree.",
            hint="Choose the file that was saved with this architecture.",
        )
    own = (
        {layer.path: layer for layer in architecture.network.layers} if architecture.network else {}
    )
    layers = tuple(_layers(found, own))
    notes = (*architecture.notes, *found.notes, *_notes(found, weights))
    return NewNetwork(architecture.config, layers, notes)


def _layers(found: _Combined, own: Mapping[tuple[str, ...], NewLayer]) -> Iterator[NewLayer]:
    met = set()
    entries = {entry.path: entry for entry in entries_of(found.architecture.config)}
    for match in found.matches:
        path = match.target.path
        met.add(path)
        kept = own.get(path)
        if match.weights:
            made = NewLayer(path, match.target.class_name, match.weights)
            if kept is not None:  # states of random generators, words
                places = {weight.place for weight in match.weights}
                more = [weight for weight in kept.weights if weight.place not in places]
                made = replace(kept, weights=(*match.weights, *more))
            yield made
        elif kept is not None:
            yield kept
        else:
            config = entries[path].config if path in entries else {}
            yield NewLayer(path, match.target.class_name, tuple(_fresh(match.target, config)))
    yield from (layer for path, layer in own.items() if path not in met)


def _fresh(target: Target, config: Mapping[str, object]) -> Iterator[NewWeight]:
    """What it begins with.

    Raises:
        CannotRead: how large it is is not known.
    """
    for wanted in target.wanted:
        if wanted.shape is None:
            raise CannotRead(
                f"There are no weights for “{visible(target.name, 80)}”, and how large they are is "
                "not known from the architecture.",
            )
        values = initial_values(
            target.class_name, config, wanted.name, wanted.shape, secrets.randbits(64)
        )
        yield NewWeight(
            wanted.name, wanted.shape, values.dtype, wanted.trainable, values, wanted.place
        )


def _notes(found: _Combined, weights: str) -> Iterator[str]:
    taken = [match for match in found.matches if match.weights]
    left = [match.target.name for match in found.matches if not match.weights]
    n = len(found.matches)
    if not left:
        yield f"All {plural(n, 'layer')} with weights take those of {weights}."
    else:
        what = "keep their own" if found.architecture.network is not None else "begin anew"
        yield (
            f"{len(taken):,} of {plural(n, 'layer')} with weights take those of {weights}; "
            f"the others {what}: {_listed(left)}."
        )
    by_shape = [match.target.name for match in taken if match.basis == "shape"]
    if by_shape:
        yield (
            f"{plural(len(by_shape), 'layer')} found no other of the same name and took weights of "
            f"the same shapes, in their order: {_listed(by_shape)}."
        )
    used = {match.source for match in taken}
    unused = [source.name for source in found.sources if source.name not in used]
    if unused:
        yield f"Not used of {weights}: {_listed(unused)}."


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(visible(name, 60) for name in names[:_MOST_NAMED])
    return f"{shown} and {len(names) - _MOST_NAMED:,} more" if len(names) > _MOST_NAMED else shown


# ------------------------------------------------------------------------ state


def _possible_state(found: _Combined, document: Document, container: Container) -> State:
    """What could be kept with these matches."""
    try:
        return state_of(document, container, _filled(found, container.source.name))
    except CannotRead:  # nothing matches yet
        return State()


def _with_state(
    request: CombineNetwork, new: NewNetwork, document: Document, container: Container
) -> NewNetwork:
    """With the optimizer's state where that is wanted; else said to be left out.

    Raises:
        CannotRead: it is wanted and cannot be kept.
    """
    state = state_of(document, container, new)
    if not request.with_state:
        left = tuple(training_notes((document, container)))
        if state.n_left_out:
            left = (f"Left out: {plural(state.n_left_out, 'variable')} of the optimizer.",)
        return replace(new, notes=(*new.notes, *left))
    hint = "Leave the optimizer's state out."
    if state.optimizer is None:
        why = state.why_not or f"{container.source.name} holds none of a TensorFlow checkpoint."
        raise CannotRead(f"The optimizer's state cannot be kept. {why}", hint=hint)
    if whole_kind(request.target) != "keras":
        raise CannotRead(
            f"{request.target} cannot keep the optimizer's state: Keras 3 reads none from .h5.",
            hint="Choose a name that ends in .keras.",
        )
    notes = (*new.notes, f"Kept of the optimizer: {state.words}.", *state.notes)
    return replace(new, notes=notes, optimizer=state.optimizer)


def _state_part(optimizer: NewOptimizer) -> ExportPart:
    variables = NewLayer((), "", optimizer.variables)
    network = NewNetwork({}, (variables,))
    n = len(optimizer.variables)
    return ExportPart(name="optimizer state", n_bytes=bytes_of(network), n_items=n)


def _part(name: str, layers: Sequence[NewLayer]) -> ExportPart:
    network = NewNetwork({}, tuple(layers))
    return ExportPart(name=name, n_bytes=bytes_of(network), n_items=network.n_weights)
