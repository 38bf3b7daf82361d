"""Which recipe a network was trained with, by what its file and its answers show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from h5viewer.formats.container import Container
from h5viewer.network.loader import Network
from h5viewer.network.recipes import recipes_that_fit
from h5viewer.nodes import Evidence, NetworkInput, NetworkOutput, Recipe
from h5viewer.operations import Operation
from h5viewer.requests import Progress


@dataclass(frozen=True)
class Weighed:
    """Recipes, the likeliest first, and what speaks for them."""

    recipes: tuple[Recipe, ...]
    evidence: tuple[Evidence, ...]


def weigh(
    container: Container,
    network: Network,
    inputs: Sequence[NetworkInput],
    outputs: Sequence[NetworkOutput],
    call: Callable[..., Any],
) -> Operation[Weighed]:
    """Order the recipes that fit the first picture among the inputs by the evidence."""
    yield Progress(done=0)
    target = next((each for each in inputs if each.kind == "picture"), inputs[0])
    return Weighed(recipes_that_fit(target), ())
