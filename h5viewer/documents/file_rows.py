"""Layers of files without a configuration: groups of weights, listed as they are stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from h5viewer.documents.assignment import Assignment, with_roles
from h5viewer.documents.legacy_weights import TOP_LEVEL
from h5viewer.documents.rows import Rows
from h5viewer.documents.saved_state import LAYERS, SavedState
from h5viewer.documents.state_matching import named_weights
from h5viewer.documents.stored import StoredLayer
from h5viewer.nodes import Layer


def rows_of_groups(rows: Rows, stored: Iterable[StoredLayer]) -> Iterator[Layer]:
    """One row a stored group, in the file's order."""
    position = 0
    for layer in stored:
        if layer.name == TOP_LEVEL.decode() and not layer.weights:
            continue
        assignment = Assignment(with_roles(layer.weights, None, layer.name), layer.problem)
        yield rows.extra(layer.name, assignment, (position,))
        position += 1


def rows_of_states(rows: Rows, model: SavedState) -> Iterator[Layer]:
    """One row a saved layer; a saved model inside is a row with rows."""
    for position, state in enumerate(_listed(model)):
        yield _row(rows, state, (position,))


def _row(rows: Rows, state: SavedState, key: tuple[int, ...]) -> Layer:
    inner = [] if len(key) > 31 else list(state.layers().values())
    if inner:
        for name in LAYERS:
            if name in state.held:
                state.held[name].is_matched = True  # its layers get rows of their own
    weights = named_weights(None, state)
    below = tuple(_row(rows, each, (*key, i)) for i, each in enumerate(inner))
    return rows.extra(state.name or state.attribute, Assignment(weights), key, below)


def _listed(model: SavedState) -> list[SavedState]:
    found = list(model.layers().values())
    found += [state for name, state in model.held.items() if name not in LAYERS]
    if model.variables:
        own = SavedState("(model)", model.path, variables=model.variables)
        found.append(own)
    return found
