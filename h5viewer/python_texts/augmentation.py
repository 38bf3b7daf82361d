"""An augmentation as Python: arguments of Keras' ImageDataGenerator, and its layers."""

from __future__ import annotations

import math
from collections.abc import Iterator

from h5viewer.nodes import Augmentation
from h5viewer.python_texts.literals import number

_WHITE = 255.0


def needs_scipy(augmentation: Augmentation) -> bool:
    """True when Keras' generator would map pixels to other places."""
    return any(
        (
            augmentation.rotation,
            augmentation.width_shift,
            augmentation.height_shift,
            augmentation.shear,
            _has_zoom(augmentation),
        )
    )


def generator_lines(augmentation: Augmentation, height: int, width: int) -> list[str]:
    """`generator = ImageDataGenerator(...)`, for pictures of this size."""
    lines = []
    if needs_scipy(augmentation):
        lines.append("# Moving pixels takes SciPy: pip install scipy")
    if augmentation.width_shift != augmentation.height_shift:
        lines += [
            "# Keras 3 moves columns by height_shift_range, as a share of the height, and the",
            "# other way round: so they are given crosswise.",
        ]
    if height != width and needs_scipy(augmentation):
        lines.append("# Keras 3 turns about another point than the middle of oblong pictures.")
    arguments = list(_generator_arguments(augmentation, height, width))
    return [*lines, "generator = ImageDataGenerator(", *(f"    {each}," for each in arguments), ")"]


def _generator_arguments(each: Augmentation, height: int, width: int) -> Iterator[str]:
    if each.rotation:
        yield f"rotation_range={number(each.rotation)}"
    if each.height_shift:
        yield f"width_shift_range={number(each.height_shift * height / width)}"
    if each.width_shift:
        yield f"height_shift_range={number(each.width_shift * width / height)}"
    if each.shear:
        yield f"shear_range={number(each.shear)}"
    if _has_zoom(each):
        yield f"zoom_range=({number(each.zoom_low)}, {number(each.zoom_high)})"
    if each.channel_shift:
        yield f"channel_shift_range={number(each.channel_shift)}"
    if has_brightness(each):
        low, high = each.brightness_low, each.brightness_high
        yield f"brightness_range=({number(low)}, {number(high)})"
    if each.horizontal_flip:
        yield "horizontal_flip=True"
    if each.vertical_flip:
        yield "vertical_flip=True"
    yield f'fill_mode="{each.fill_mode}"'
    if each.fill_mode == "constant":
        yield f"cval={number(each.fill_value)}"


def layer_lines(augmentation: Augmentation) -> list[str]:
    """The layers, a line each, for pictures from 0 to 1; changed in the generator's order."""
    return list(_layers(augmentation))


def _layers(each: Augmentation) -> Iterator[str]:
    fill = f'fill_mode="{each.fill_mode}"'
    if each.fill_mode == "constant":
        fill += f", fill_value={number(each.fill_value / _WHITE)}"
    if each.rotation:
        yield f"keras.layers.RandomRotation({number(each.rotation / 360)}, {fill}),"
    if each.width_shift or each.height_shift:
        shifts = f"{number(each.height_shift)}, {number(each.width_shift)}"
        yield f"keras.layers.RandomTranslation({shifts}, {fill}),"
    if each.shear:
        most = number(min(1.0, math.radians(each.shear)))
        yield "# about the upper left corner, not about the middle; either way:"
        # of a single number Keras 3.15 saves what it does not load again
        yield f"keras.layers.RandomShear((0, {most}), {fill}),"
    if _has_zoom(each):
        span = f"({number(each.zoom_low - 1)}, {number(each.zoom_high - 1)})"
        yield f"keras.layers.RandomZoom({span}, {span}, {fill}),"
    if each.channel_shift:
        share = min(1.0, each.channel_shift / _WHITE)
        yield f"keras.layers.RandomBrightness({number(share)}, value_range=(0, 1)),"
    if each.horizontal_flip and each.vertical_flip:
        yield 'keras.layers.RandomFlip("horizontal_and_vertical"),'
    elif each.horizontal_flip or each.vertical_flip:
        how = "horizontal" if each.horizontal_flip else "vertical"
        yield f'keras.layers.RandomFlip("{how}"),'


def has_brightness(augmentation: Augmentation) -> bool:
    """True when brightness is multiplied: Keras has no layer for that."""
    return (augmentation.brightness_low, augmentation.brightness_high) != (1, 1)


def _has_zoom(augmentation: Augmentation) -> bool:
    return (augmentation.zoom_low, augmentation.zoom_high) != (1, 1)
