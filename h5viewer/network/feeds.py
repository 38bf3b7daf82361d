"""What inputs are fed with: pictures, numbers, rows of the file's datasets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.container import Container
from h5viewer.names import visible
from h5viewer.network.recipes import fitted, from_fitted, inverts, whole_numbers
from h5viewer.nodes import Array, NetworkInput, Recipe
from h5viewer.pictures.decoding import Picture, decode, scaled
from h5viewer.requests import Feed
from h5viewer.wording import shape_text

_MOST_BYTES = 256 << 20  # of one row of a dataset
_SHOWN_SIDE = 1024  # pixels of a picture that is shown
_COLOURS = (1, 2, 3, 4)
_MORE = (2, 4)  # channels that no picture of grey or of colours has
_FEW = 12  # numbers that are no line


class Sample(msgspec.Struct, frozen=True):
    """What one input gets, before a recipe: a picture, or numbers that are taken as they are."""

    pixels: NDArray[Any] | None = None  # (rows, columns, channels), 0-255; floating where it was
    shown: NDArray[np.uint8] | None = None  # (rows, columns, 3), where that is no part of `pixels`
    numbers: NDArray[Any] | None = None  # of the shape of the input, with a batch of one
    is_exact: bool = False  # a picture that has the size of the input and is not to be moved
    notes: tuple[str, ...] = ()


class Fed(msgspec.Struct, frozen=True):
    """A batch of one for each input, and how to show it."""

    batches: tuple[NDArray[Any], ...]
    pictures: tuple[Array | None, ...]  # as they are
    seen: tuple[Array | None, ...]  # as the network sees them
    ranges: tuple[tuple[float, float], ...]
    notes: tuple[str, ...]
    is_inverted: bool


def read_samples(
    feeds: Sequence[Feed], inputs: Sequence[NetworkInput], container: Container | None = None
) -> tuple[Sample, ...]:
    """Decode what every input gets; `container` is asked for rows of datasets.

    Raises:
        CannotRead: too few or too many, a picture that cannot be read, numbers that do not fit.
    """
    if len(feeds) != len(inputs):
        raise CannotRead(
            f"The network has {len(inputs)} inputs; {len(feeds)} of them would be fed."
            if len(inputs) != 1
            else f"The network has one input, not {len(feeds)}.",
            hint="Give one picture or .npy file for each input, in their order.",
        )
    return tuple(
        _sample(feed, target, container) for feed, target in zip(feeds, inputs, strict=True)
    )


def feed(samples: Sequence[Sample], inputs: Sequence[NetworkInput], recipe: Recipe) -> Fed:
    """Batches by a recipe; what is no picture goes in as it is."""
    each = [_fed(sample, target, recipe) for sample, target in zip(samples, inputs, strict=True)]
    return Fed(
        batches=tuple(batch for batch, _ in each),
        pictures=tuple(_shown(sample) for sample in samples),
        seen=tuple(seen for _, seen in each),
        ranges=tuple((float(np.min(batch)), float(np.max(batch))) for batch, _ in each),
        notes=tuple(dict.fromkeys(note for sample in samples for note in _notes(sample, recipe))),
        is_inverted=any(_is_inverted(sample, recipe) for sample in samples),
    )


def _fed(sample: Sample, target: NetworkInput, recipe: Recipe) -> tuple[NDArray[Any], Array | None]:
    if sample.pixels is None:
        assert sample.numbers is not None
        return sample.numbers, None
    values = fitted(sample.pixels, recipe, target, is_exact=sample.is_exact)
    seen = Array.of(_drawable(values))
    return from_fitted(values, recipe, target), seen


def _is_inverted(sample: Sample, recipe: Recipe) -> bool:
    """Because of its background; a recipe that inverts all pictures says so by its name."""
    pixels = sample.pixels
    return pixels is not None and bool(recipe.background) and inverts(pixels, recipe)


def _notes(sample: Sample, recipe: Recipe) -> tuple[str, ...]:
    if not _is_inverted(sample, recipe):
        return sample.notes
    other = "dark on light" if recipe.background == "dark" else "light on dark"
    return (*sample.notes, f"The picture is {other}, so it is inverted for the network.")


def _shown(sample: Sample) -> Array | None:
    if sample.pixels is None:
        return None if sample.numbers is None else _drawn(sample.numbers[0])
    pixels = _drawable(sample.pixels) if sample.shown is None else sample.shown
    if max(pixels.shape[:2]) <= _SHOWN_SIDE:
        return Array.of(pixels)
    image = Image.fromarray(pixels)
    image.thumbnail((_SHOWN_SIDE, _SHOWN_SIDE), Image.Resampling.BILINEAR)
    return Array.of(np.asarray(image))


def _drawable(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """The colours of a picture with another channel beside them; of two channels the first."""
    colours = pixels[:, :, : 3 if pixels.shape[2] >= 3 else 1]
    return np.ascontiguousarray(whole_numbers(colours))


def _drawn(numbers: NDArray[Any]) -> Array | None:
    """Of a signal its line, of a volume the slice in its middle; None: of all else."""
    values = np.asarray(numbers, np.float32)
    if values.ndim == 4 and values.shape[3] in (1, 3) and 0 not in values.shape:
        values = values[len(values) // 2]
        step = max(1, max(values.shape[:2]) // _SHOWN_SIDE)
        return Array.of(np.ascontiguousarray(values[::step, ::step]))
    if values.size == max(values.shape, default=0) and values.size > _FEW:
        return Array.of(values.ravel()[:: max(1, values.size // _SHOWN_SIDE)].copy())
    return None


# ------------------------------------------------------------------ reading a feed


def _sample(feed: Feed, target: NetworkInput, container: Container | None) -> Sample:
    name = visible(feed.name)
    if feed.node is not None:
        return sample_of(_row(feed, container), target, name or "The row")
    if feed.values is not None:
        return sample_of(feed.values.values, target, name or "The array")
    found = decode(feed.picture, feed.name, keeps_alpha=target.channels == 4)
    if not isinstance(found, Picture):
        return sample_of(found, target, name)
    if target.kind == "picture":
        notes = (found.note,) if found.note else ()
        if found.with_alpha is None:
            return Sample(pixels=found.pixels, notes=notes)
        return Sample(pixels=found.with_alpha, shown=found.pixels, notes=notes)
    raise CannotRead(
        f"{name or 'This'} is a picture, and the input {visible(target.name)} takes "
        f"{shape_text(_sizes(target))} numbers.",
        hint="Choose a .npy file with them, or a row of a dataset.",
    )


def _row(feed: Feed, container: Container | None) -> NDArray[Any]:
    """One row of a dataset of the file.

    Raises:
        CannotRead, TooLarge: there is no such row, it cannot be read or is too large.
    """
    assert container is not None
    assert feed.node is not None
    stored = container.array(feed.node)
    shape = stored.facts.shape or ()
    if not shape or not 0 <= feed.row < shape[0]:
        raise CannotRead(f"There is no row {feed.row:,} in that dataset.")
    if math.prod(shape[1:]) * 8 > _MOST_BYTES:
        raise TooLarge("A row of that dataset is too large to be fed to a network.")
    box = (slice(feed.row, feed.row + 1), *(slice(0, size) for size in shape[1:]))
    values = stored.read(box)
    if values.dtype.kind not in "biuf":
        raise CannotRead("That dataset holds no plain numbers.")
    row: NDArray[Any] = values[0]
    return row


def sample_of(values: NDArray[Any], target: NetworkInput, name: str) -> Sample:
    """Numbers as what an input takes: pixels where they look like a picture's.

    Pixels are whole numbers from 0 to 255, and broken ones from 0 to 1 or to 255; all else
    goes in as it is when there are as many as the input takes.

    Raises:
        CannotRead: another shape.
    """
    sizes = _sizes(target)
    if values.ndim == len(sizes) + 1 and values.shape[0] == 1:
        values = values[0]
    if target.kind != "picture" and _fits((*values.shape, 1), sizes):
        values = values[..., None]  # of volumes and series: one channel
    is_exact = _fits(values.shape, sizes)
    picture = _as_picture(values, target)
    if picture is not None:
        pixels = _as_pixels(picture)
        if pixels is None and not is_exact:
            pixels = scaled(picture).astype(np.float32)
        if pixels is not None:
            return Sample(pixels=pixels, is_exact=is_exact)
    if not is_exact:
        raise CannotRead(
            f"{name} has the shape {shape_text(values.shape)}; "
            f"the network takes {shape_text(sizes)}.",
            hint="Choose numbers of that shape.",
        )
    dtype = np.int32 if target.kind == "indices" else np.float32
    return Sample(numbers=np.asarray(values, dtype)[None])


def _sizes(target: NetworkInput) -> tuple[int | None, ...]:
    return tuple(size if isinstance(size, int) else None for size in target.shape[1:])


def _fits(shape: tuple[int, ...], sizes: tuple[int | None, ...]) -> bool:
    return len(shape) == len(sizes) and all(
        wanted in (None, size) for size, wanted in zip(shape, sizes, strict=True)
    )


def _as_picture(values: NDArray[Any], target: NetworkInput) -> NDArray[Any] | None:
    """What looks like a picture, where the input takes one, with its channels or three."""
    if target.kind != "picture" or 0 in values.shape:
        return None
    if target.layout == "flat" and values.shape == (_sizes(target)[0],):
        values = values.reshape(target.rows, target.columns, target.channels)
    if target.layout == "flat-channels-first" and values.shape == (_sizes(target)[0],):
        values = values.reshape(target.channels, target.rows, target.columns)
        values = values.transpose(1, 2, 0)
    if values.ndim == 2:
        values = values[:, :, None]
    if values.ndim != 3:
        return None
    if values.shape[2] not in _COLOURS and values.shape[0] in _COLOURS:
        values = values.transpose(1, 2, 0)
    if values.shape[2] not in _COLOURS:
        return None
    if values.shape[2] == target.channels and target.channels in _MORE:
        return values
    return values[:, :, :3] if values.shape[2] >= 3 else np.repeat(values[:, :, :1], 3, axis=2)


def _as_pixels(picture: NDArray[Any]) -> NDArray[np.float32] | None:
    """0 to 255 as floating numbers; None: numbers of another range."""
    low, high = float(picture.min()), float(picture.max())
    if not (low >= 0 and high <= 255):  # also NaN
        return None
    if picture.dtype.kind == "b" or (picture.dtype.kind == "f" and high <= 1):
        return picture.astype(np.float32) * 255
    return picture.astype(np.float32)
