"""Weights of `.weights.h5` files: a walk over attributes, `layers/dense_1/vars/0`.

Paths hold no layer names but snake-case classes with a counter over the layers of one
model; Keras 3.6 and later add the name as an attribute of `vars`. See formats.md 1.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import msgspec

from h5viewer.documents.stored import (
    MOST_NODES,
    StoredWeight,
    children,
    group_at,
    no_weight,
    stored_weight,
    text_attribute,
)
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, path_text, plain
from h5viewer.nodes import Dataset, Group, Link, Problem, Unreadable

VARS = "vars"
LAYERS = ("layers", "_layer_checkpoint_dependencies")  # the latter up to TF 2.13
NOT_WEIGHTS = frozenset({"optimizer", "metrics", "_metrics", "compile_metrics", "_compile_metrics"})
SEEDS = frozenset({"seed_generator", "_random_generator", "random_generator", "_seed_generator"})

_MOST_SEEN = 500  # nodes that are looked at before a file is taken for none of Keras
_MOST_CHILDREN = 50  # of them in one group


class SavedState(msgspec.Struct):
    """One saved object: its own variables and the objects it holds, by attribute."""

    attribute: str  # "dense_1", "cell", "layers"; "" for the model
    path: NodePath
    name: str | None = None  # what the file says the layer is called
    variables: list[StoredWeight] = []
    held: dict[str, SavedState] = {}
    is_matched: bool = False

    def layers(self) -> dict[str, SavedState]:
        """The layers of a model, by group name."""
        found: dict[str, SavedState] = {}
        for key in LAYERS:
            if key in self.held:
                found.update(self.held[key].held)
        return found

    def every(self, prefix: str = "") -> Iterator[tuple[str, SavedState]]:
        """The object and all below it that no other layer claimed, each with its way there."""
        waiting = [(prefix, self)]
        while waiting:
            way, state = waiting.pop()
            yield way, state
            below = [(_joined(way, name), each) for name, each in state.held.items()]
            waiting.extend(pair for pair in reversed(below) if not pair[1].is_matched)


def read_states(
    container: Container, root: NodePath, problems: list[Problem]
) -> Iterator[int | SavedState]:
    """The saved objects as a tree; numbers of groups read so far come before it."""
    model = SavedState("", root)
    waiting = [model]
    n_read = 0
    while waiting and n_read < MOST_NODES:
        state = waiting.pop()
        for node in children(container, state.path):
            n_read += 1
            if n_read % 500 == 0:
                yield n_read
            name = plain(node.path[-1])
            if not isinstance(node, Group) or node.same_as is not None:
                if isinstance(node, Dataset):  # a foreign writer put it beside `vars`
                    state.variables.append(stored_weight(name, node))
                elif isinstance(node, Link | Unreadable):
                    problems.append(Problem(where=path_text(node.path), message=no_weight(node)))
            elif name == VARS:
                _read_variables(container, state, node)
            elif not (state is model and name in NOT_WEIGHTS) and name not in SEEDS:
                state.held[name] = SavedState(name, node.path)
                waiting.append(state.held[name])
    yield model


def has_states(container: Container, root: NodePath) -> bool:
    """True when the groups below `root` look like a saved model: `vars` where Keras puts it.

    That may be deep: an index of shards names no groups of networks and wrappers around layers.
    """
    if group_at(container, (*root, VARS.encode())) is not None:
        return True
    above = [(*root, key.encode()) for key in LAYERS]
    waiting = [path for path in above if group_at(container, path) is not None]
    n_seen = 0
    while waiting and n_seen < _MOST_SEEN:
        for node in islice(children(container, waiting.pop()), _MOST_CHILDREN):
            n_seen += 1
            if isinstance(node, Group) and node.path[-1] == VARS.encode():
                return True
            if isinstance(node, Group):
                waiting.append(node.path)
    return False


def _read_variables(container: Container, state: SavedState, group: Group) -> None:
    if group.n_attributes:
        state.name = text_attribute(container, group.path, "name")
    for node in children(container, group.path):
        name = plain(node.path[-1])
        if isinstance(node, Dataset):
            state.variables.append(stored_weight(name, node))
        else:  # it has a place in the layer's order all the same
            state.variables.append(StoredWeight(name, None, problem=no_weight(node)))


def _joined(way: str, name: str) -> str:
    return f"{way}/{name}" if way else name
