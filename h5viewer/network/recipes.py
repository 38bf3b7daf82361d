"""Recipes: how pixels become the batch a network expects."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from PIL import Image

from h5viewer.errors import CannotRead
from h5viewer.network.drawings import fit_drawing, is_drawing, is_light, is_placed
from h5viewer.nodes import NetworkInput, Recipe
from h5viewer.nodes.prediction import Filter

RAW = Recipe(name="raw", title="0 to 255")
UNIT = Recipe(name="unit", title="0 to 1", factor=1 / 255)
SYMMETRIC = Recipe(name="symmetric", title="−1 to 1", factor=1 / 127.5, mean=(1.0,))
CAFFE = Recipe(
    name="caffe",
    title="ImageNet mean, blue first",
    mean=(103.939, 116.779, 123.68),
    is_bgr=True,
)
TORCH = Recipe(
    name="torch",
    title="ImageNet mean and deviation",
    factor=1 / 255,
    mean=(0.485, 0.456, 0.406),
    std=(0.229, 0.224, 0.225),
)
"""The modes "caffe", "tf" and "torch" of keras/src/applications/imagenet_utils.py."""

CENTRED = Recipe(name="centred", title="−0.5 to 0.5", factor=1 / 255, mean=(0.5,))
STANDARD = Recipe(
    name="standard", title="Each picture's own mean and deviation", is_standardized=True
)
"""What `tf.image.per_image_standardization` does; near what a data set's own numbers do."""

_LARGEST_FREE = 1024  # pixels a side, of an input that takes any size
_STEP_FREE = 32  # where a network does not take any: those that halve it five times do
_FAR_LARGER = 4  # times the input's size
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def inverted(recipe: Recipe) -> Recipe:
    """The same of the negative."""
    return replace(
        recipe, name=f"{recipe.name}-inverted", title=f"{recipe.title}, inverted", inverted=True
    )


def on_dark(recipe: Recipe) -> Recipe:
    """For networks of drawings that are light on dark: others are inverted, all are centred."""
    return replace(
        recipe,
        name=f"{recipe.name}-on-dark",
        title=f"{recipe.title}, drawing light on dark",
        background="dark",
        fitting="drawing",
    )


def on_light(recipe: Recipe) -> Recipe:
    """For networks of drawings that are dark on light."""
    return replace(
        recipe,
        name=f"{recipe.name}-on-light",
        title=f"{recipe.title}, drawing dark on light",
        background="light",
        fitting="drawing",
    )


def recipes_that_fit(target: NetworkInput) -> tuple[Recipe, ...]:
    """Those worth trying with an input, in no order of likelihood."""
    if target.kind != "picture":
        return (RAW,)
    plain = (UNIT, RAW, SYMMETRIC)
    others = (CENTRED, STANDARD)
    if target.channels == 3:
        return (*plain, CAFFE, TORCH, *others, *map(inverted, plain))
    return (*plain, *others, *map(on_dark, plain), *map(inverted, plain))


def to_batch(
    pixels: NDArray[np.uint8], recipe: Recipe, target: NetworkInput
) -> NDArray[np.float32]:
    """Turn one picture into the batch a network expects.

    Args:
        pixels: (rows, columns, 3) or 4, RGB, 0-255.
        recipe: polarity, fitting, channel order, factor, mean, deviation.
        target: size, channels and layout.

    Returns:
        A batch of one, in the layout of the input: see `from_fitted`.
    """
    return from_fitted(fitted(pixels, recipe, target), recipe, target)


def batch_of(
    pictures: Sequence[NDArray[np.uint8]], recipe: Recipe, target: NetworkInput
) -> NDArray[np.float32]:
    """Several pictures, one after the other, as `to_batch` turns each."""
    return np.concatenate([to_batch(pixels, recipe, target) for pixels in pictures])


def fitted(
    pixels: NDArray[Any], recipe: Recipe, target: NetworkInput, *, is_exact: bool = False
) -> NDArray[np.float32]:
    """A picture of the size of the input, 0-255, inverted where the recipe says so.

    Args:
        pixels: (rows, columns, channels): grey, RGB, or either with one more.
        is_exact: it has that size, and its drawing is where it belongs.

    Returns:
        (rows, columns, channels of the input).
    """
    is_negative = inverts(pixels, recipe)
    rows, columns = target_size(pixels, target)
    if is_exact:
        values = pixels.astype(np.float32)
    else:
        values = _of_size(pixels, recipe, rows, columns).astype(np.float32)
    values = with_channels(values, target.channels)
    return negative(values) if is_negative else values


def with_channels(values: NDArray[np.float32], n_channels: int) -> NDArray[np.float32]:
    """A picture (rows, columns, any), 0-255, with the channels of an input.

    Colours become grey by their luminance; a fourth channel that is missing is opaque.
    """
    if values.shape[2] == n_channels:
        return values
    has_colours = values.shape[2] >= 3
    if n_channels in (1, 2):
        grey = (values[:, :, :3] @ _LUMA)[:, :, None] if has_colours else values[:, :, :1]
        return np.repeat(grey, n_channels, axis=2)
    colours = values[:, :, :3] if has_colours else np.repeat(values[:, :, :1], 3, axis=2)
    if n_channels != 4:
        return colours
    opaque = np.full((*colours.shape[:2], 1), 255, np.float32)
    return np.concatenate([colours, opaque], axis=2)


def negative(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of 0-255; what stands beside three colours stays as it is."""
    if values.shape[2] < 4:
        return 255 - values
    return np.concatenate([255 - values[:, :, :3], values[:, :, 3:]], axis=2)


def _of_size(pixels: NDArray[Any], recipe: Recipe, rows: int, columns: int) -> NDArray[np.uint8]:
    whole = whole_numbers(pixels)
    if whole.shape[2] == 1:
        whole = np.repeat(whole, 3, axis=2)
    if whole.shape[2] != 3:  # each by itself: what is clear keeps its colour
        planes = np.split(whole, whole.shape[2], axis=2)
        sized = [_resized(np.repeat(each, 3, axis=2), recipe, rows, columns) for each in planes]
        return np.concatenate([each[:, :, :1] for each in sized], axis=2)
    if recipe.fitting == "drawing" and is_drawing(whole) and not is_placed(whole, rows, columns):
        return fit_drawing(whole, rows, columns)
    return _resized(whole, recipe, rows, columns)


def whole_numbers(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """The nearest of 0 ... 255; pixels that are such already are not touched."""
    if pixels.dtype == np.uint8:  # 1 s less for a photo of 12 million pixels
        return pixels
    return np.asarray(np.rint(pixels).clip(0, 255), np.uint8)


def inverts(pixels: NDArray[Any], recipe: Recipe) -> bool:
    """Whether the recipe takes the negative of this picture."""
    if not recipe.background:
        return recipe.inverted
    return is_light(with_channels(pixels, 3)) == (recipe.background == "dark")


def from_fitted(
    values: NDArray[np.float32], recipe: Recipe, target: NetworkInput
) -> NDArray[np.float32]:
    """Numbers 0-255 (rows, columns, channels) as the network wants them.

    Returns:
        (1, rows, columns, channels), (1, channels, rows, columns), (1, rows, columns) or
        (1, values), as the layout of the input says.
    """
    if recipe.is_bgr and values.shape[2] >= 3:
        values = np.concatenate([values[:, :, 2::-1], values[:, :, 3:]], axis=2)
    if recipe.is_standardized:
        values = _standardized(values)
    mean, std = _for_channels(recipe.mean, values, 0.0), _for_channels(recipe.std, values, 1.0)
    numbers = (values * np.float32(recipe.factor) - mean) / std
    return _laid_out(numbers.astype(np.float32), target)


def _standardized(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of mean 0 and deviation 1; a picture of one colour comes to nothing, not to noise."""
    deviation = max(float(values.std()), 1 / math.sqrt(values.size))
    return np.asarray((values - values.mean()) / np.float32(deviation), np.float32)


def _laid_out(numbers: NDArray[np.float32], target: NetworkInput) -> NDArray[np.float32]:
    match target.layout:
        case "channels-rows-columns":
            return numbers.transpose(2, 0, 1)[None]
        case "rows-columns":
            return numbers[None, :, :, 0]
        case "flat":
            return numbers.reshape(1, -1)
        case "flat-channels-first":
            return numbers.transpose(2, 0, 1).reshape(1, -1)
    return numbers[None]


def _for_channels(
    numbers: tuple[float, ...], values: NDArray[np.float32], other: float
) -> NDArray[np.float32]:
    """One number each channel; three on one channel count as their mean.

    Args:
        other: what nothing is said of: a fourth channel beside three, or all of them.
    """
    given, n_channels = list(numbers or (other,)), values.shape[2]
    if len(given) == 3 and n_channels == 4:
        given.append(other)
    if len(given) not in (1, n_channels):
        given = [sum(given) / len(given)]
    return np.asarray(given, np.float32)


def target_size(pixels: NDArray[Any], target: NetworkInput) -> tuple[int, int]:
    """Rows and columns of the input; where it takes any size, about those of the picture."""
    if target.kind != "picture":
        raise CannotRead(
            "The network takes numbers here, no picture.",
            hint="Choose a .npy file with them, or a row of a dataset.",
        )
    rows, columns = pixels.shape[:2]
    scale = min(1.0, _LARGEST_FREE / max(rows, columns))
    return (
        target.rows or _free_size(rows * scale, target.smallest_side),
        target.columns or _free_size(columns * scale, target.smallest_side),
    )


def _free_size(size: float, smallest: int) -> int:
    if smallest:
        return max(smallest, round(size))
    return max(1, round(size / _STEP_FREE)) * _STEP_FREE


def _resized(
    pixels: NDArray[np.uint8], recipe: Recipe, rows: int, columns: int
) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    if (height, width) == (rows, columns):
        return pixels
    image = Image.fromarray(pixels)
    whole = (0.0, 0.0, float(width), float(height))
    match recipe.fitting:
        case "crop":
            scale = max(columns / width, rows / height)
            left, top = (width - columns / scale) / 2, (height - rows / scale) / 2
            box = (left, top, width - left, height - top)
            return _sampled(image, box, rows, columns, recipe.filter)
        case "pad" | "drawing":
            scale = min(columns / width, rows / height)
            size = (max(1, round(height * scale)), max(1, round(width * scale)))
            return _padded(_sampled(image, whole, *size, recipe.filter), rows, columns, pixels)
    return _sampled(image, whole, rows, columns, recipe.filter)


def _sampled(
    image: Image.Image,
    box: tuple[float, float, float, float],
    rows: int,
    columns: int,
    how: Filter,
) -> NDArray[np.uint8]:
    """A part of a picture (left, top, right, bottom) as rows x columns pixels."""
    size = (columns, rows)
    if how == "smooth":
        return np.asarray(image.resize(size, Image.Resampling.BILINEAR, box=box))
    if how == "nearest":
        return np.asarray(image.resize(size, Image.Resampling.NEAREST, box=box))
    # Far larger pictures are made smaller first: four pixels of 200 are no fair sample.
    factor = int(min((box[2] - box[0]) / columns, (box[3] - box[1]) / rows) / _FAR_LARGER)
    if factor >= 2:
        image = image.reduce(factor)
        box = (box[0] / factor, box[1] / factor, box[2] / factor, box[3] / factor)
    box = (box[0], box[1], min(box[2], image.width), min(box[3], image.height))
    extent = Image.Transform.EXTENT
    return np.asarray(image.transform(size, extent, box, Image.Resampling.BILINEAR))


def _padded(
    small: NDArray[np.uint8], rows: int, columns: int, pixels: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """In the middle of the colour of the picture's own rim where that is one colour, else black."""
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    colour = np.median(rim, axis=0)
    is_plain = float(np.abs(rim - colour).mean()) < 8
    framed = np.zeros((rows, columns, 3), np.uint8)
    if is_plain:
        framed[:] = np.rint(colour).astype(np.uint8)
    top, left = (rows - small.shape[0]) // 2, (columns - small.shape[1]) // 2
    framed[top : top + small.shape[0], left : left + small.shape[1]] = small
    return framed
