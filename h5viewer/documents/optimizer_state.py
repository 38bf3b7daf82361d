"""The optimizer's group of a document: its variables in order, and what they belong to."""

from __future__ import annotations

from collections.abc import Sequence

from h5viewer.documents.document import Places
from h5viewer.documents.json_text import is_table, table
from h5viewer.documents.slots import Variable, match_slots
from h5viewer.documents.stored import datasets_below, group_at, listed_names, named_node
from h5viewer.documents.training import optimizer_of
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Dataset, Layer, OptimizerState

_MOST = 200_000  # variables


def read_optimizer(
    container: Container, places: Places, layers: Sequence[Layer], training: object
) -> OptimizerState | None:
    """The optimizer's state, matched; None: the file has none. `training`: parsed settings."""
    group = places.optimizer
    if group_at(container, group) is None:
        return None
    variables = _variables(container, group)
    if not variables:
        return None
    optimizer, settings = optimizer_of(table(training))
    known = settings if is_table(settings) else {}
    return match_slots(variables, layers, optimizer, known, is_numbered=places.is_numbered)


def _variables(container: Container, group: NodePath) -> list[Variable]:
    try:
        names = listed_names(container, group, "weight_names", _MOST)
    except CannotRead:
        names = None
    if names is not None:
        found = ((name, named_node(container, group, name)) for name in dict.fromkeys(names))
        return [_variable(name, node) for name, node in found if isinstance(node, Dataset)]
    below = []
    for node in datasets_below(container, group):
        below.append(_variable("/".join(plain(part) for part in node.path[len(group) :]), node))
        if len(below) >= _MOST:
            break
    return _numbered_last(below)


def _variable(name: str, node: Dataset) -> Variable:
    return Variable(name=name, path=node.path, shape=node.shape or ())


def _numbered_last(variables: list[Variable]) -> list[Variable]:
    """The own numbers of a wrapping optimizer (loss scale) before those of the one inside."""
    return sorted(variables, key=lambda each: len(each.path))
