"""`.weights.h5`: saved objects to declared layers, by stored name or by class counter.

Keras numbers the groups of one model by class, in the model's order: the second Dense is
`dense_1` whatever its name. Where the file states names and they are unique, they decide;
else the counter is replayed. Source: keras/src/saving/saving_lib.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from h5viewer.documents.assignment import Assignment, Assignments, NamedWeight
from h5viewer.documents.declared import Declaration, DeclaredLayer
from h5viewer.documents.json_text import table
from h5viewer.documents.roles import Role, class_of_group, first_roles, roles, roles_of, snake_case
from h5viewer.documents.saved_state import LAYERS, SavedState
from h5viewer.documents.stored_names import short_names
from h5viewer.nodes import Problem
from h5viewer.wording import plural

_RECURRENT = frozenset({"LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"})


def match_states(declaration: Declaration, model: SavedState) -> Assignments:
    """Hand every saved object to a declared layer, or report it."""
    found = Assignments()
    _match_layers(declaration.layers, model, found)
    if model.variables:  # weights of the model itself
        own = [NamedWeight(weight.name, weight) for weight in model.variables]
        found.extra.append(("(model)", Assignment(own)))
        found.is_any_stored = True
    _report_leftovers(model, found)
    return found


def _match_layers(layers: Sequence[DeclaredLayer], model: SavedState, found: Assignments) -> None:
    for layer, state in _pairs(layers, model.layers()):
        state.is_matched = True
        if layer.is_network:
            _match_layers(layer.layers, state, found)
            for below in (state.held.get(key) for key in LAYERS):
                if below is not None:
                    _report(below, found)
                    below.is_matched = True
            found.give(layer, named_weights(layer, state))
        elif layer.class_name == "TimeDistributed" and layer.layers and "layer" in state.held:
            inner = SavedState("", state.path, held={"layers": SavedState("layers", state.path)})
            wrapped = state.held["layer"]
            group = snake_case(layer.layers[0].class_name.rpartition(">")[2])
            inner.held["layers"].held[group] = wrapped
            _match_layers(layer.layers, inner, found)
            found.give(layer, named_weights(layer, state))
        else:
            found.give(layer, named_weights(layer, state))


def _pairs(
    layers: Sequence[DeclaredLayer], groups: dict[str, SavedState]
) -> list[tuple[DeclaredLayer, SavedState]]:
    by_name = _unique((state.name, state) for state in groups.values() if state.name)
    named = _unique((layer.name, layer) for layer in layers)
    pairs = {layer.key: (layer, by_name[name]) for name, layer in named.items() if name in by_name}
    taken = {id(state) for _, state in pairs.values()}
    used: dict[str, int] = {}
    for layer in layers:
        if layer.is_operation:
            continue
        base = snake_case(layer.class_name.rpartition(">")[2])
        group = f"{base}_{used[base]}" if base in used else base
        used[base] = used.get(base, 0) + 1
        state = groups.get(group)
        if layer.key not in pairs and state is not None and id(state) not in taken:
            pairs[layer.key] = (layer, state)
            taken.add(id(state))
    return list(pairs.values())


def _unique(pairs: Iterator[tuple[str, object]]) -> dict:  # type: ignore[type-arg]
    counted: dict[str, list[object]] = {}
    for name, value in pairs:
        counted.setdefault(name, []).append(value)
    return {name: values[0] for name, values in counted.items() if len(values) == 1}


def named_weights(layer: DeclaredLayer | None, state: SavedState) -> list[NamedWeight]:
    """All variables of a saved object, named by their roles where the class is known."""
    ways: list[str] = []
    found: list[NamedWeight] = []
    for way, held in state.every():
        known = first_roles(_roles_of(layer, way, held, state), len(held.variables))
        for i, weight in enumerate(held.variables):
            role = None if known is None else known[i]
            name = weight.name if role is None else role.name
            ways.append(f"{way}/{name}" if way else name)
            found.append(NamedWeight(name, weight, role))
    for each, name in zip(found, short_names(ways), strict=True):
        each.name = name
    return found


def _roles_of(
    layer: DeclaredLayer | None, way: str, held: SavedState, top: SavedState
) -> list[Role] | None:
    """What the variables of one object are; None: not known."""
    last = way.rpartition("/")[2]
    if layer is not None and way == "":
        return roles_of(layer)
    if layer is not None and way == "cell" and layer.class_name in _RECURRENT:
        return roles_of(layer)
    if layer is not None and layer.class_name == "Bidirectional" and last == "cell":
        inner = table(layer.config.get("layer"))
        class_name = inner.get("class_name")
        if isinstance(class_name, str) and class_name in _RECURRENT:
            return roles(class_name, table(inner.get("config")))
        return None
    if last.endswith("_dense") and last.strip("_").split("_")[0] in (
        "query", "key", "value", "output", "combined",
    ):  # fmt: skip
        return roles("EinsumDense", {"bias_axes": ""})
    if last == "cell":
        owner = _held_at(top, way.rpartition("/")[0])
        class_name = _class_of(owner) if owner is not None else None
    else:
        class_name = _class_of(held)
    # a class guessed from a group's name: only with the default settings of the class
    return None if class_name is None else roles(class_name, {"reset_after": True})


def _class_of(state: SavedState) -> str | None:
    return class_of_group(state.attribute) or (class_of_group(state.name) if state.name else None)


def _held_at(top: SavedState, way: str) -> SavedState | None:
    at = top
    for part in filter(None, way.split("/")):
        if part not in at.held:
            return None
        at = at.held[part]
    return at


def _report_leftovers(model: SavedState, found: Assignments) -> None:
    for name, held in model.held.items():
        if name in LAYERS:
            _report(held, found)
        else:
            _report_one(name, held, found)


def _report(container: SavedState, found: Assignments) -> None:
    for name, held in container.held.items():
        if not held.is_matched:
            _report_one(f"{container.attribute}/{name}", held, found)


def _report_one(where: str, held: SavedState, found: Assignments) -> None:
    n_weights = sum(len(state.variables) for _, state in held.every())
    found.n_left_out += n_weights
    if n_weights:
        message = (
            f"Left out of the totals: {plural(n_weights, 'weight')} stored here for no layer of "
            "the configuration."
        )
        found.problems.append(Problem(where=where, message=message))
