"""The stored weights of a file, by the layer of its configuration that they belong to."""

from __future__ import annotations

from collections.abc import Generator

from h5viewer.documents.assignment import Assignments
from h5viewer.documents.declared import Declaration
from h5viewer.documents.document import Places
from h5viewer.documents.keras_config import reading
from h5viewer.documents.legacy_matching import LegacyMatching
from h5viewer.documents.legacy_weights import read_layers
from h5viewer.documents.saved_state import SavedState, read_states
from h5viewer.documents.state_matching import match_states
from h5viewer.formats.container import Container
from h5viewer.nodes import Problem
from h5viewer.requests import Progress


def declared_in(config: object) -> Generator[Progress, None, Declaration]:
    """The layers of a configuration, which is taken apart on the way."""
    work = reading(config)
    while True:
        try:
            yield Progress(done=next(work), unit="layers")
        except StopIteration as end:
            declaration: Declaration = end.value
            return declaration


def assigned(
    container: Container, places: Places, declaration: Declaration
) -> Generator[Progress, None, Assignments]:
    """What the file stores for each declared layer; no value is read."""
    problems: list[Problem] = []  # told with the architecture
    if places.is_numbered:
        for item in read_states(container, places.weights, problems):
            if isinstance(item, SavedState):
                return match_states(declaration, item)
            yield Progress(done=item, unit="groups")
    matching = LegacyMatching(declaration)
    names = [layer.name for layer in declaration.layers]
    for i, layer in enumerate(read_layers(container, places.weights, names, problems)):
        matching.take(layer)
        if i % 50 == 49:
            yield Progress(done=i, unit="layers")
    return matching.found
