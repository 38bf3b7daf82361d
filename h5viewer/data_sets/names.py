"""What the objects of a data set's file are called, by its layout."""

from __future__ import annotations

from typing import NamedTuple

from h5viewer.nodes import DataSetRecipe, Split

_GROUPS: dict[Split, str] = {"training": "train", "validation": "validation", "test": "test"}


class SplitNames(NamedTuple):
    """Paths of one split."""

    images: str
    labels: str
    sources: str


def split_names(recipe: DataSetRecipe, split: Split, *, is_alone: bool) -> SplitNames:
    """Of one split; `is_alone`: there is no other."""
    group = _GROUPS[split]
    if recipe.layout == "keras":
        return SplitNames(f"{group}_set_x", f"{group}_set_y", f"{group}_set_names")
    start = "" if is_alone else f"{group}/"
    images, labels = recipe.dataset_names
    return SplitNames(f"{start}{images}", f"{start}{labels}", f"{start}names")


def classes_name(recipe: DataSetRecipe) -> str:
    """Of the list of classes."""
    return "list_classes" if recipe.layout == "keras" else "class_names"
