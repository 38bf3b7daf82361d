"""A recipe and class names as the JSON that is saved beside a model.

{"h5viewer": "recipe", "recipe": {"name": …, "factor": …, …}, "labels": […]}
"""

from __future__ import annotations

import math

import msgspec

from h5viewer.documents.json_text import is_list, is_table
from h5viewer.errors import CannotRead
from h5viewer.nodes import Recipe, SavedRecipe

_MOST_CHANNELS = 16
_MOST_LABELS = 100_000


def parse_recipe(text: str, name: str) -> SavedRecipe:
    """What stands in a file called `name`.

    Raises:
        CannotRead: it is no recipe, or its numbers make no sense.
    """
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise CannotRead(f"{name} is not valid JSON.", details=str(error)) from error
    stated = value.get("recipe") if is_table(value) else None
    if not is_table(value) or not is_table(stated):
        raise CannotRead(f"{name} holds no recipe.", hint="Choose a file that h5viewer saved.")
    stated.setdefault("type", "Recipe")
    try:
        recipe = msgspec.convert(stated, Recipe)
    except (msgspec.ValidationError, RecursionError) as error:
        raise CannotRead(
            f"The recipe in {name} is not understood.",
            hint="Choose a recipe anew and save it.",
            details=str(error),
        ) from error
    _require_sense(recipe, name)
    labels = value.get("labels")
    names = labels[:_MOST_LABELS] if is_list(labels) else []
    return SavedRecipe(
        recipe=recipe, labels=tuple(each[:300] for each in names if type(each) is str)
    )


def _require_sense(recipe: Recipe, name: str) -> None:
    numbers = (recipe.factor, *recipe.mean, *recipe.std)
    if (
        not all(map(math.isfinite, numbers))
        or 0 in recipe.std
        or not 0 < len(recipe.mean) <= _MOST_CHANNELS
        or not 0 < len(recipe.std) <= _MOST_CHANNELS
        or len(recipe.name) + len(recipe.title) > 1000
    ):
        raise CannotRead(
            f"The recipe in {name} has numbers that cannot be used.",
            hint="Its deviations must not be 0, and all numbers finite.",
        )
