"""What a data set that h5viewer made says of itself, in the attribute `recipe` of its file."""

from __future__ import annotations

import json
import math

import msgspec

from h5viewer.documents.json_text import is_list, is_table
from h5viewer.documents.stored import text_attribute
from h5viewer.formats.container import Container
from h5viewer.names import NodePath
from h5viewer.nodes import PictureLayout, Shape

_LONGEST = 1_000_000  # characters


class StatedSets(msgspec.Struct, frozen=True):
    """How its pictures lie, and what the datasets are called."""

    axes: str
    low: float
    high: float
    images: bytes
    labels: bytes
    is_keras: bool  # train_set_x, train_set_y

    def layout(self, path: NodePath, shape: Shape) -> PictureLayout | None:
        """Of a dataset that is called like its pictures."""
        name = path[-1] if path else b""
        is_called_so = name.endswith(b"_set_x") if self.is_keras else name == self.images
        if not is_called_so or len(shape) != len(self.axes) or 0 in shape:
            return None
        sizes = dict(zip(self.axes, shape, strict=True))
        return PictureLayout(
            axes=self.axes,
            height=sizes["h"],
            width=sizes["w"],
            channels=sizes.get("c", 1),
            low=self.low,
            high=self.high,
        )

    def labels_of(self, path: NodePath) -> NodePath:
        """Where the labels of its pictures are."""
        if self.is_keras:
            return (*path[:-1], path[-1].removesuffix(b"x") + b"y")
        return (*path[:-1], self.labels)


def stated_sets(container: Container) -> StatedSets | None:
    """None: the file is another's, or what it says cannot be."""
    text = text_attribute(container, (), "recipe", _LONGEST)
    if text is None:
        return None
    try:
        recipe = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not is_table(recipe) or recipe.get("h5viewer") != "data set":
        return None
    axes = recipe.get("axes")
    span, names = _range(recipe.get("range")), _names(recipe.get("dataset_names"))
    if not isinstance(axes, str) or sorted(axes) not in (list("chnw"), list("hnw")):
        return None
    if span is None or names is None:
        return None
    images, labels = (name.encode("utf-8", "surrogateescape") for name in names)
    is_keras = recipe.get("layout") == "keras"
    return StatedSets(axes, *span, images, labels, is_keras=is_keras)


def _range(value: object) -> tuple[float, float] | None:
    if not is_list(value) or len(value) != 2:
        return None
    low, high = (
        float(each) if isinstance(each, int | float) and abs(each) < 1e300 else math.nan
        for each in value
    )
    return (low, high) if low < high else None


def _names(value: object) -> tuple[str, str] | None:
    match value:
        case [str(images), str(labels)]:
            return images, labels
    return None
