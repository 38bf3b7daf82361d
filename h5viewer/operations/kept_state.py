"""The optimizer's state of a TensorFlow checkpoint, in the form in which Keras 3 goes on with it.

Orders of variables: `build` of keras/src/optimizers (adam, rmsprop, sgd), keras 3.15.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

import msgspec
import numpy as np

from h5viewer.documents.checkpoint_parts import checkpoint_parts
from h5viewer.documents.checkpoint_slots import StoredSlots, read_slots
from h5viewer.documents.config_text import parsed_training
from h5viewer.documents.document import find_places
from h5viewer.documents.json_text import table
from h5viewer.documents.keras_objects import network
from h5viewer.documents.new_network import GivenValues, NewNetwork, NewOptimizer, NewWeight, Values
from h5viewer.documents.training import optimizer_of
from h5viewer.errors import CannotRead
from h5viewer.formats.architecture_text import ArchitectureText
from h5viewer.formats.container import Container
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.names import visible
from h5viewer.operations.kept_settings import (
    Kind,
    compiled_with,
    kind_of,
    setting_notes,
    settings_of,
    steps_so_far,
)
from h5viewer.operations.network_reading import stated_config
from h5viewer.operations.stored_arrays import read_whole
from h5viewer.operations.stored_values import StoredValues, stored_values
from h5viewer.wording import count_text, plural


class State(msgspec.Struct, frozen=True):
    """What could be kept; `why_not` where nothing can, both empty where there is nothing."""

    optimizer: NewOptimizer | None = None
    words: str = ""  # "Adam after 1,200 steps, for 6 weights"
    why_not: str = ""
    notes: tuple[str, ...] = ()
    n_left_out: int = 0  # variables, when it is not kept


def state_of(
    document: Container | ArchitectureText, container: Container, new: NewNetwork
) -> State:
    """What the checkpoint's optimizer keeps for the weights of `new` that are from there.

    Args:
        document: states the architecture, and perhaps how it was compiled.
        container: the file that gives the weights.
        new: with the weights of both.
    """
    if not isinstance(container, CheckpointContainer):
        return State()
    parts = checkpoint_parts(container)
    if not parts.slots:
        return State()
    n = len(parts.slots)
    slots = read_slots(container, parts)
    compiled = _compiled(document)
    try:
        return _kept(container, slots, compiled, new, n)
    except CannotRead as error:
        return State(why_not=error.message, n_left_out=n)


def _kept(
    container: CheckpointContainer,
    slots: StoredSlots,
    compiled: Mapping[str, object],
    new: NewNetwork,
    n: int,
) -> State:
    stated, settings = optimizer_of(dict(compiled))
    kind, is_guessed = kind_of(slots, stated)
    given = table(settings) if stated == kind.class_name else {}
    of_file = {name: _number(container, key) for name, key in slots.settings.items()}
    config = settings_of(kind, slots.kinds(), given, of_file)
    iterations = steps_so_far(of_file)
    weights = list(_trained(new))
    variables, n_kept = _variables(container, slots, kind, weights)
    notes = list(setting_notes(kind, config, of_file, given, compiled, is_guessed=is_guessed))
    if n_kept < len(weights):
        rest = plural(len(weights) - n_kept, "weight")
        notes.append(f"The optimizer begins anew for {rest} that it keeps nothing for.")
    own = [("iteration", np.int64(iterations or 0)), ("learning_rate", config["learning_rate"])]
    numbers = [_scalar(name, value) for name, value in own]
    return State(
        NewOptimizer(compiled_with(kind, config, compiled), tuple(_placed([*numbers, *variables]))),
        _words(kind, iterations, n_kept),
        notes=tuple(notes),
        n_left_out=n,
    )


def _words(kind: Kind, iterations: int | None, n_kept: int) -> str:
    steps = "" if iterations is None else f" after {count_text(iterations)} steps"
    return f"{kind.class_name}{steps}, for {plural(n_kept, 'weight')}"


# ------------------------------------------------------------------------ variables


def _trained(new: NewNetwork) -> Iterator[NewWeight]:
    """The weights in the order in which Keras' optimizers list them.

    Raises:
        CannotRead: a layer is of a class of its own.
    """
    held = network(new.config)
    weights = {
        (layer.path, weight.place): weight for layer in new.layers for weight in layer.weights
    }
    known = {(slot.layers, slot.place) for slot in held.slots()}
    strange = next((layer for layer, place in weights if (layer, place) not in known), None)
    if strange is not None:
        raise CannotRead(f"In which order “{visible(strange[-1], 60)}” is trained is not known.")
    for slot in held.trained():
        if (slot.layers, slot.place) not in weights:
            raise CannotRead(f"“{visible('/'.join(slot.layers), 80)}” lacks a weight.")
        yield weights[slot.layers, slot.place]


def _variables(
    container: CheckpointContainer, slots: StoredSlots, kind: Kind, weights: list[NewWeight]
) -> tuple[list[NewWeight], int]:
    """In Keras' order, and for how many weights something is kept.

    Raises:
        CannotRead: for none.
    """
    found = [_slots_of(container, slots, weight) for weight in weights]
    n_kept = sum(1 for each in found if each)
    if not n_kept:
        raise CannotRead("The optimizer keeps nothing for the weights that are taken.")
    pairs = list(zip(weights, found, strict=True))
    made = [_slot(name, weight, own) for weight, own in pairs for name in kind.needed]
    for name in kind.more:
        if name in slots.kinds():
            made += [_slot(name, weight, own) for weight, own in pairs]
    return made, n_kept


def _slots_of(
    container: CheckpointContainer, slots: StoredSlots, weight: NewWeight
) -> dict[str, Values]:
    """Values by kinds; none where the weight is from elsewhere."""
    if not isinstance(weight.values, StoredValues) or weight.values.container is not container:
        return {}
    key = container.key_at(weight.values.path) or b""
    values: dict[str, Values] = {
        kind: stored_values(container, container.path_of(slot))
        for kind, slot in slots.of_weights.get(key, {}).items()
    }
    return values if all(each.shape == weight.shape for each in values.values()) else {}


def _slot(kind: str, weight: NewWeight, own: Mapping[str, Values]) -> NewWeight:
    zeros = GivenValues(np.broadcast_to(np.zeros((), np.float32), weight.shape))
    values = own.get(kind, zeros)
    return NewWeight(f"{weight.name}_{kind}", weight.shape, values.dtype, False, values, "")


def _scalar(name: str, value: float | np.int64) -> NewWeight:
    number = np.asarray(value if isinstance(value, np.int64) else np.float32(value))
    return NewWeight(name, (), str(number.dtype), False, GivenValues(number), "")


def _placed(variables: list[NewWeight]) -> Iterator[NewWeight]:
    for at, each in enumerate(variables):
        yield NewWeight(each.name, each.shape, each.dtype, False, each.values, f"vars/{at}")


def _number(container: CheckpointContainer, key: bytes) -> float:
    values = read_whole(container, container.path_of(key))
    return float(values.reshape(-1)[0]) if values.size == 1 else math.nan


def _compiled(document: Container | ArchitectureText) -> Mapping[str, object]:
    """How the architecture's file says that it was compiled; {}: it does not."""
    if isinstance(document, ArchitectureText):
        config = document.config()
        return table(table(config).get("compile_config"))
    return table(parsed_training(document, find_places(document), stated_config(document), []))
