"""The optimizer's variables beside the weights they belong to.

By name where names tell; else by order and shape together, as the optimizer lists its
variables in the order of the weights it trains. What stays in doubt is said to be
unmatched. Source of names and orders: keras/optimizers, Keras 1.2 to 3.15; tf.keras.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from h5viewer.documents.slot_kinds import WORDS, made_slot, own_kind, series_of
from h5viewer.documents.slot_order import Trained, assigned, orders
from h5viewer.documents.stored_names import without_output
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Layer, OptimizerState, Shape, Slot
from h5viewer.wording import plural

_MOST_OWN = 4  # variables of the optimizer itself in front: iterations, learning rate, schedule
_WORDS_BY_LENGTH = sorted(WORDS, key=len, reverse=True)


class Variable(msgspec.Struct, frozen=True):
    """One variable in the optimizer's group, in the file's order."""

    name: str  # as the file calls it; a number where it has none
    path: NodePath
    shape: Shape


def match_slots(
    variables: Sequence[Variable],
    layers: Iterable[Layer],
    optimizer: str | None,
    settings: dict[str, object],
    *,
    is_numbered: bool,
) -> OptimizerState:
    """Every variable with its weight, its kind, or among the unmatched."""
    trained = list(orders(layers, is_numbered=is_numbered))
    by_name, left = _by_name(variables, trained)
    has_scalars = any(not weight.shape for weight in trained[0])
    own, left = _own(left, has_scalars=has_scalars)
    slots = by_name
    if left:
        found, left = _by_order(left, trained, by_name, optimizer, settings, is_numbered)
        place = {variable.path: at for at, variable in enumerate(variables)}
        slots = sorted([*by_name, *found], key=lambda slot: place[slot.path])
    problem = ""
    if left:
        problem = (
            f"{plural(len(left), 'variable')} of the optimizer cannot be matched with certainty: "
            "neither names nor shapes tell which weight each belongs to."
        )
    return OptimizerState(
        optimizer=optimizer,
        slots=tuple(slots),
        own=tuple(own),
        unmatched=tuple(variable.path for variable in left),
        problem=problem,
    )


def _slot(kind: str, variable: Variable, weight: NodePath | None = None) -> Slot:
    return made_slot(kind, variable.path, variable.shape, variable.name, weight)


# ------------------------------------------------------------------------ names


def _by_name(
    variables: Sequence[Variable], trained: list[list[Trained]]
) -> tuple[list[Slot], list[Variable]]:
    """The variables whose names say kind and weight, and the rest."""
    by_ending = _endings(trained)
    slots, left = [], []
    for variable in variables:
        for kind, weight_name in _readings(variable.name):
            weight = _named_weight(weight_name, by_ending)
            if weight is not None and (weight.shape == variable.shape or not variable.shape):
                slots.append(_slot(kind, variable, weight.path))
                break
        else:
            left.append(variable)
    return slots, left


def _endings(trained: list[list[Trained]]) -> dict[str, Trained | None]:
    """Weights by every ending of their paths, joined as Keras 3 does; None: of several."""
    found: dict[str, Trained | None] = {}
    for weight in {weight.path: weight for order in trained for weight in order}.values():
        parts = [without_output(plain(part)) for part in weight.path]
        for start in range(len(parts) - 1):
            ending = "_".join(parts[start:])
            found[ending] = None if ending in found else weight
    return found


def _readings(name: str) -> Iterator[tuple[str, str]]:
    """What a name may say: a kind, and the weight's name joined by "_"."""
    parts = [part for part in without_output(name).split("/") if part]
    if not parts:
        return
    last = parts[-1].lower()
    if last in WORDS and len(parts) > 2:  # Adam/dense/kernel/m
        yield WORDS[last], "_".join(parts[:-1])
    for at, part in enumerate(parts[:-2]):  # Adam/m/dense/kernel
        if part.lower() in WORDS:
            yield WORDS[part.lower()], "_".join(parts[at + 1 :])
    for word in _WORDS_BY_LENGTH:  # adam/sequential_dense_kernel_momentum
        if last.endswith(f"_{word}") and len(word) > 2:
            yield WORDS[word], "_".join([*parts[:-1], parts[-1][: -len(word) - 1]])
            return


def _named_weight(name: str, by_ending: dict[str, Trained | None]) -> Trained | None:
    """The weight a name ends with, the longest ending first ("Adam_dense_kernel")."""
    while name:
        if name in by_ending:
            return by_ending[name]
        _, _, name = name.partition("_")
        if "_" not in name:  # "kernel" alone could be anyone's
            return None
    return None


# ------------------------------------------------------------------------ order


def _own(variables: list[Variable], *, has_scalars: bool) -> tuple[list[Slot], list[Variable]]:
    """What belongs to the optimizer itself: single numbers, the first ones above all.

    Where some weights are single numbers, later ones could be theirs.
    """
    own: list[Slot] = []
    left: list[Variable] = []
    for at, variable in enumerate(variables):
        kind = own_kind(variable.name)
        if variable.shape == () and at < _MOST_OWN and not left:
            if kind == "other":
                kind = ("iterations", "learning_rate", "other", "other")[len(own)]
            own.append(_slot(kind, variable))
        elif variable.shape == () and (kind != "other" or not has_scalars):
            own.append(_slot(kind, variable))
        else:
            left.append(variable)
    return own, left


def _by_order(
    variables: list[Variable],
    trained: list[list[Trained]],
    named: list[Slot],
    optimizer: str | None,
    settings: dict[str, object],
    is_numbered: bool,
) -> tuple[list[Slot], list[Variable]]:
    taken = {slot.weight for slot in named}
    for order in trained:
        weights = [weight for weight in order if weight.path not in taken]
        for series in series_of(optimizer, settings):
            for layout in _layouts(variables, series, is_numbered=is_numbered):
                found = _fitted(layout, series, weights)
                if found is not None:
                    matched = {slot.path for slot in found}
                    rest = [each for each in variables if each.path not in matched]
                    return found, rest
    return [], variables


def _layouts(
    variables: list[Variable], series: tuple[str, ...], *, is_numbered: bool
) -> Iterator[list[list[Variable]]]:
    """The variables by series: one after the other, or taking turns."""
    n_series = len(series)
    if not variables or len(variables) % n_series:
        return
    n_weights = len(variables) // n_series
    blocks = [variables[at * n_weights : (at + 1) * n_weights] for at in range(n_series)]
    turns = [variables[at::n_series] for at in range(n_series)]
    pairs = variables[: 2 * n_weights]  # Keras 3 with AMSGrad: two in turns, then the third
    mixed = [pairs[::2], pairs[1::2], variables[2 * n_weights :]]
    if is_numbered:
        yield turns
        if n_series == 3:
            yield mixed
    yield blocks


def _fitted(
    layout: list[list[Variable]], series: tuple[str, ...], weights: list[Trained]
) -> list[Slot] | None:
    """Slots, where every shape agrees; those in doubt are left out. None: it does not fit."""
    if len(layout[0]) != len(weights):
        return None
    places = assigned([variable.shape for variable in layout[0]], weights)
    if places is None:
        return None
    slots = []
    for kind, variables in zip(series, layout, strict=True):
        is_placeholder = kind == "velocity_hat" and all(v.shape == (1,) for v in variables)
        if not is_placeholder and [v.shape for v in variables] != [v.shape for v in layout[0]]:
            return None
        for variable, weight in zip(variables, places, strict=True):
            if weight is not None:
                slots.append(
                    _slot("placeholder" if is_placeholder else kind, variable, weight.path)
                )
    return slots


def concerning(state: OptimizerState, path: NodePath) -> OptimizerState:
    """What of the optimizer's state belongs to one weight, with what is the optimizer's own."""
    mine = tuple(slot for slot in state.slots if slot.weight == path)
    return OptimizerState(
        optimizer=state.optimizer,
        slots=mine,
        own=state.own,
        problem="" if mine else state.problem,
    )


def slot_at(state: OptimizerState, path: NodePath) -> Slot | None:
    """The optimizer's variable at a path."""
    return next((slot for slot in (*state.slots, *state.own) if slot.path == path), None)
