"""Rows of a dataset as what a network's input takes: pictures by a recipe, numbers as they are."""

from __future__ import annotations

import math
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.network.drawings import is_light
from h5viewer.network.recipes import fitted, from_fitted, negative, with_channels
from h5viewer.nodes import Array, NetworkInput, Recipe
from h5viewer.wording import shape_text

_THUMBNAIL = 96
"""Pixels of the longer side of a thumbnail, at most."""

Form = Literal["rows-columns-channels", "channels-rows-columns", "rows-columns", "flat", ""]


class RowFeeder(msgspec.Struct, frozen=True):
    """How rows of one dataset become batches of one input; settled by its first rows."""

    target: NetworkInput
    shape: tuple[int | None, ...]  # of the input, without the batch axis
    form: Form  # "": no pictures
    factor: float  # to pixels of 0 … 255; 0: the numbers are fed as they are
    recipe: Recipe

    @property
    def note(self) -> str:
        """How the rows were understood, where a recipe would have been expected."""
        if self.target.kind == "picture" and not self.factor:
            return "The numbers of the samples are fed as they are: they are no pixels."
        return ""

    def batch(self, rows: NDArray[Any], where: str) -> NDArray[Any]:
        """(n, …) rows as stored → (n, *shape of the input).

        Raises:
            CannotRead: they do not fit the input.
        """
        if not self.factor:
            return _as_they_are(rows, self.shape, self.target, self.form, where)
        return np.concatenate([self._sample(row) for row in rows])

    def _sample(self, row: NDArray[Any]) -> NDArray[np.float32]:
        picture = _upright(row, self.form, self.target).astype(np.float32) * self.factor
        sides = (self.target.rows or picture.shape[0], self.target.columns or picture.shape[1])
        if picture.shape[:2] != sides:
            whole = np.rint(picture).clip(0, 255).astype(np.uint8)
            if whole.shape[2] != self.target.channels:
                whole = with_channels(whole, 3)
            return from_fitted(fitted(whole, self.recipe, self.target), self.recipe, self.target)
        picture = with_channels(picture, self.target.channels)
        if self.recipe.inverted:
            picture = negative(picture)
        return from_fitted(picture, self.recipe, self.target)

    def thumbnail(self, row: NDArray[Any]) -> Array | None:
        """A row as a small picture; None: it is none."""
        if not self.form:
            return None
        picture = _upright(row, self.form, self.target).astype(np.float32)
        if self.factor:
            picture = picture * self.factor
        else:
            low, high = np.nanmin(picture), np.nanmax(picture)
            picture = (picture - low) * (255 / (high - low) if high > low else 0)
        return thumbnail_of(np.nan_to_num(picture).clip(0, 255).astype(np.uint8))


def feeder_of(
    target: NetworkInput,
    shape: tuple[int | None, ...],
    first: NDArray[Any],
    recipe: Recipe,
    where: str,
) -> RowFeeder:
    """Settle what the rows of a dataset are.

    Args:
        shape: of the input, without the batch axis.
        first: (n, …) the first rows.
        where: the dataset's name, for sentences.

    Raises:
        CannotRead: rows of this shape do not fit the input.
    """
    form = _form(first.shape[1:], target) if target.kind == "picture" else ""
    feeder = RowFeeder(target, shape, form, _factor(first) if form else 0.0, recipe)
    if feeder.factor and recipe.background:
        # Pictures of a data set are of one kind: what most of them are decides for all.
        pictures = [
            with_channels(_upright(row, form, target).astype(np.float32) * feeder.factor, 3)
            for row in first
        ]
        light = 2 * sum(is_light(picture) for picture in pictures) > len(pictures)
        plain = msgspec.structs.replace(
            recipe, background="", inverted=light == (recipe.background == "dark")
        )
        feeder = RowFeeder(target, shape, form, feeder.factor, plain)
    feeder.batch(first[:1], where)
    return feeder


def thumbnail_of(pixels: NDArray[np.uint8]) -> Array:
    """A picture (rows, columns, 1, 3 or more) at most 96 pixels wide and high."""
    step = max(1, math.ceil(max(pixels.shape[:2]) / _THUMBNAIL))
    small = pixels[::step, ::step]
    return Array.of(
        np.ascontiguousarray(small[:, :, :3] if small.shape[2] >= 3 else small[..., :1])
    )


def _form(shape: tuple[int, ...], target: NetworkInput) -> Form:
    """What the axes of a row are, of an input that is a picture."""
    if len(shape) == 3 and shape[2] in (1, 2, 3, 4):
        is_first = target.layout == "channels-rows-columns" and shape[0] == target.channels
        return "channels-rows-columns" if is_first else "rows-columns-channels"
    if len(shape) == 3 and shape[0] in (1, 2, 3, 4):
        return "channels-rows-columns"
    if len(shape) == 2:
        return "rows-columns"
    sides = (target.rows, target.columns, max(1, target.channels))
    return "flat" if len(shape) == 1 and shape[0] == math.prod(sides) > 0 else ""


def _factor(first: NDArray[Any]) -> float:
    """What makes pixels of 0 … 255 of the numbers; 0: they are something else."""
    if first.dtype.kind == "b":
        return 255.0
    if first.dtype == np.uint8:
        return 1.0
    if first.dtype.kind not in "iuf" or not first.size:
        return 0.0
    low, high = float(np.nanmin(first)), float(np.nanmax(first))
    if not (low >= 0 and high <= 255):
        return 0.0
    return 255.0 if first.dtype.kind == "f" and high <= 1 else 1.0


def _upright(row: NDArray[Any], form: Form, target: NetworkInput) -> NDArray[Any]:
    """A row as (rows, columns, channels)."""
    match form:
        case "channels-rows-columns":
            return np.moveaxis(row, 0, -1)
        case "rows-columns":
            return row[:, :, None]
        case "flat" if target.layout == "flat-channels-first":
            return np.moveaxis(row.reshape(-1, target.rows, target.columns), 0, -1)
        case "flat":
            return row.reshape(target.rows, target.columns, -1)
    return row


def _as_they_are(
    rows: NDArray[Any],
    shape: tuple[int | None, ...],
    target: NetworkInput,
    form: Form,
    where: str,
) -> NDArray[Any]:
    if rows.dtype.kind not in "biuf":
        raise CannotRead(f"{where} holds no numbers, so it cannot be fed to the network.")
    own = rows.shape[1:]
    if not _agree(own, shape):
        known = tuple(length for length in shape if length is not None)
        if form and target.layout != form and len(own) == len(shape) == 3:
            order = (0, 3, 1, 2) if form == "rows-columns-channels" else (0, 2, 3, 1)
            rows = rows.transpose(order)
        elif len(known) == len(shape) and math.prod(known) == math.prod(own):
            rows = rows.reshape(len(rows), *known)
        elif len(shape) == len(own) + 1 and shape[-1] == 1:
            rows = rows[..., None]
        if not _agree(rows.shape[1:], shape):
            raise CannotRead(
                f"A sample of {where} has the shape {shape_text(own)}, but the network takes "
                f"{shape_text(tuple(shape))}."
            )
    return rows.astype(target.dtype if target.dtype[:3] in ("int", "uin") else np.float32)


def _agree(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        want in (None, length) for length, want in zip(shape, wanted, strict=True)
    )
