"""Which recipe a network was trained with: all the evidence together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from h5viewer.formats.container import Container
from h5viewer.network.classes import KERAS_ERRORS
from h5viewer.network.evidence.answered_pictures import answered_pictures
from h5viewer.network.evidence.answers import answers_to_scenes, reads_digits
from h5viewer.network.evidence.architectures import known_architecture
from h5viewer.network.evidence.batch_statistics import batch_statistics, is_taken_over
from h5viewer.network.evidence.clues import HABITS, Clue, best, scales
from h5viewer.network.evidence.deeper_memory import deeper_memory
from h5viewer.network.evidence.first_layer import FirstLayer, find_first_layer
from h5viewer.network.evidence.gradient_memory import gradient_memory
from h5viewer.network.evidence.later_statistics import later_statistics
from h5viewer.network.evidence.own_scaling import own_scaling
from h5viewer.network.loader import Network
from h5viewer.network.recipes import inverted, on_dark, on_light, recipes_that_fit
from h5viewer.nodes import Evidence, NetworkInput, NetworkOutput, Recipe
from h5viewer.operations import Operation
from h5viewer.operations.network import known_network
from h5viewer.operations.resuming import single_number
from h5viewer.requests import Progress

_TOLD = 0.2  # weight from which on the first layer has said something
_DECIDED = 0.6  # weight from which on the network is not asked as well
_LARGEST_SIDE = 128  # pixels of an input: larger networks take seconds to be asked


class Weighed(msgspec.Struct, frozen=True):
    """Recipes, the likeliest first, and what speaks for them."""

    recipes: tuple[Recipe, ...]
    evidence: tuple[Evidence, ...]


def weigh(
    container: Container,
    network: Network,
    inputs: Sequence[NetworkInput],
    outputs: Sequence[NetworkOutput],
) -> Operation[Weighed]:
    """Order the recipes that fit the picture among the inputs by the evidence."""
    target = next((each for each in inputs if each.kind == "picture"), inputs[0])
    if target.kind != "picture":
        return Weighed(recipes_that_fit(target), ())
    yield Progress(done=0, text="Looking how the network wants its pictures…")
    clues = yield from _clues(container, network, inputs, outputs, target)
    scores = {name: 0.01 * HABITS[name] for name in scales(target.channels)}
    for clue in clues:
        for name, vote in clue.votes.items():
            if name in scores:
                scores[name] += clue.weight * vote
    recipes = _ordered(scores, clues, target)
    return Weighed(recipes, _told(clues, recipes))


def _clues(
    container: Container,
    network: Network,
    inputs: Sequence[NetworkInput],
    outputs: Sequence[NetworkOutput],
    target: NetworkInput,
) -> Operation[list[Clue]]:
    first = find_first_layer(network.model, inputs)
    own = [] if first is None else list(own_scaling(first, target.channels))
    n_classes = max((output.n_classes for output in outputs), default=0)
    scales_itself = first is not None and first.changes
    known = [] if scales_itself else list(known_architecture(network.model, n_classes))
    remembered: list[Clue] = []
    if first is not None:
        is_alone = len(inputs) == 1 and not own
        remembered = yield from _remembered(container, network, first, target, is_alone=is_alone)
    yield Progress(done=2, total=4)
    # Else the first layers were taken over and frozen, or are of no known sort.
    sure = any(clue.weight * max(clue.votes.values()) > _TOLD for clue in remembered)
    is_told = bool(own or (sure and not is_taken_over(first)))
    clues = [*own, *known] if known and not is_told else [*own, *remembered, *known]
    if not is_told and len(inputs) == 1 and target.rows and not _is_decided(clues):
        authors = best(clues[0].votes) if clues else ""
        clues += yield from deeper_memory(container, network, target, authors)
    if len(inputs) == 1 and len(outputs) == 1 and not own:
        with suppress(*KERAS_ERRORS):  # as below
            clues += list(answered_pictures(network.model, target, outputs[0]))
    is_small = 0 < target.rows <= _LARGEST_SIDE and target.columns <= _LARGEST_SIDE
    if len(inputs) == 1 and len(outputs) == 1 and is_small:
        # Not when code of a layer fails on made-up pictures: predicting will say so.
        with suppress(*KERAS_ERRORS):
            clues += list(reads_digits(network.model, target, outputs[0]))
        yield Progress(done=3, total=4)
        if not clues:
            with suppress(*KERAS_ERRORS):
                clues += list(answers_to_scenes(network.model, target, outputs[0]))
    return [*clues, *_habit(clues, target)]


def _remembered(
    container: Container,
    network: Network,
    first: FirstLayer,
    target: NetworkInput,
    *,
    is_alone: bool,
) -> Operation[list[Clue]]:
    """What the first layer and what follows it keep of the pixels in training.

    Args:
        is_alone: made-up pictures can be sent through.
    """
    declared = yield from known_network(container)
    state = declared.optimizer
    n_steps = single_number(container, state.own, "iterations") if state else None
    n_steps = n_steps or None  # compiled anew and not trained since: of its training nothing counts
    clues = list(batch_statistics(first, target.channels, n_steps))
    if not clues and is_alone and target.rows and target.columns:
        clues = later_statistics(network.model, target, n_steps)
    yield Progress(done=1, total=4)
    return clues + (yield from gradient_memory(container, network, first, target.channels))


def _is_decided(clues: Sequence[Clue]) -> bool:
    return any(clue.weight * max(clue.votes.values()) > _DECIDED for clue in clues)


def _ordered(
    scores: dict[str, float], clues: Sequence[Clue], target: NetworkInput
) -> tuple[Recipe, ...]:
    """Scales by their scores; before them all the polarity that the evidence speaks for."""
    known = scales(target.channels)
    plain = [known[name] for name in sorted(scores, key=lambda name: -scores[name])]
    polarity = {"dark": 0.0, "light": 0.0}
    for clue in clues:
        if clue.background:
            polarity[clue.background] += clue.weight
    if target.channels >= 3 and not any(clue.is_digits for clue in clues):
        return (*plain, *map(inverted, plain[:2]))
    of_drawings = on_light if polarity["light"] > polarity["dark"] else on_dark
    fitting = "drawing" if any(clue.is_digits for clue in clues) else "pad"
    drawings = [replace(of_drawings(recipe), fitting=fitting) for recipe in plain[:3]]
    whole = replace(
        drawings[0],
        name=f"{drawings[0].name}-whole",
        title=f"{drawings[0].title}, the whole picture",
        fitting="stretch",
    )
    others = (whole, *plain, *map(inverted, plain[:2]))
    if max(polarity.values()) < 0.1:
        return (*plain[:3], *drawings[:1], *map(inverted, plain[:2]), *plain[3:])
    return (*drawings, *others)


def _habit(clues: Sequence[Clue], target: NetworkInput) -> Iterator[Clue]:
    """What pictures of such a size mostly are."""
    if any(clue.background for clue in clues) or target.channels != 1:
        return
    if target.rows == target.columns == 28:
        yield Clue(
            "Grey pictures of 28 × 28 are mostly those of MNIST and its kind: light on dark.",
            dict.fromkeys(scales(1), 1 / len(scales(1))),
            0.2,
            "dark",
        )


def _told(clues: Sequence[Clue], recipes: Sequence[Recipe]) -> tuple[Evidence, ...]:
    """The weightiest first, each for the first recipe of its scale."""
    names = {recipe.name.split("-", 1)[0]: recipe.name for recipe in reversed(recipes)}
    told = []
    for clue in clues:
        is_about_scale = len(set(clue.votes.values())) > 1 or len(clue.votes) == 1
        scale = best(clue.votes)
        told.append(
            Evidence(
                recipe=names.get(scale, scale) if is_about_scale else recipes[0].name,
                message=clue.message,
                weight=min(1.0, clue.weight * (clue.votes[scale] if is_about_scale else 1.0)),
            )
        )
    return tuple(sorted(told, key=lambda evidence: -evidence.weight))
