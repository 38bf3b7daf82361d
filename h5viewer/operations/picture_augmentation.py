"""Pictures of a data set as an augmentation would change them."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.augmentation import augmented
from h5viewer.documents.picture_layouts import drawn
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.nodes import Array, Augmentation, PictureLayout, Thumbnails
from h5viewer.operations import Operation
from h5viewer.operations.picture_reading import Pictures
from h5viewer.operations.picture_thumbnails import reduced
from h5viewer.requests import PreviewAugmentation, Progress

_MOST = 600  # pictures with their copies
_LARGEST_SIDE = 1024
_WHITE = 255.0


def preview_augmentation(
    request: PreviewAugmentation, container: Container
) -> Operation[Thumbnails]:
    """Each picture as it is, then its copies; in the order that was asked for.

    Raises:
        CannotRead, TooLarge: no pictures there, positions that do not exist, too many.
    """
    pictures = Pictures(container, request.pictures)
    pictures.require(request.indices)
    n_each = 1 + request.copies
    if request.copies < 0 or len(request.indices) * n_each > _MOST:
        raise CannotRead(f"At most {_MOST} pictures can be shown changed at once.")
    if not 1 <= request.side <= _LARGEST_SIDE:
        raise CannotRead(f"Pictures can be shown changed up to {_LARGEST_SIDE} pixels wide.")
    check(request.augmentation)
    layout, side = pictures.layout, request.side
    yield Progress(done=0, total=len(request.indices), unit="pictures")
    small: dict[int, NDArray[np.float32]] = {}
    for part in pictures.each(
        request.indices, lambda whole: as_pixels(reduced(whole, side), layout), side
    ):
        if isinstance(part, Progress):
            yield part
        elif part.result is not None:
            small.update(zip(part.wanted, part.result, strict=True))
    shown = msgspec.structs.replace(layout, low=0.0, high=_WHITE)
    readable = [index for index in request.indices if index in small]
    made: list[NDArray[np.uint8]] = []
    for done, index in enumerate(readable):
        changed = [
            augmented(small[index], request.augmentation, (request.seed, index, copy))
            for copy in range(request.copies)
        ]
        made.append(drawn(np.stack([small[index], *changed]), shown))
        yield Progress(done=done, total=len(readable), unit="pictures")
    return Thumbnails(
        indices=tuple(index for index in readable for _ in range(n_each)),
        pixels=Array.of(np.concatenate(made) if made else np.zeros((0, 1, 1), np.uint8)),
        unreadable=tuple(index for index in request.indices if index not in small),
    )


def as_pixels(pictures: NDArray[Any], layout: PictureLayout) -> NDArray[np.float32]:
    """Stored numbers with black as 0 and white as 255; nothing is cut off."""
    span = layout.high - layout.low
    if span <= 0:
        return pictures.astype(np.float32)
    with np.errstate(all="ignore"):
        if layout.low == 0 and span == _WHITE:
            return pictures.astype(np.float32)
        scaled = (pictures.astype(np.float64) - layout.low) * (_WHITE / span)
        return scaled.astype(np.float32)


def check(augmentation: Augmentation) -> None:
    """Refuse what means nothing.

    Raises:
        CannotRead: a number is below zero, not finite, or a range stands the wrong way round.
    """
    each = augmentation
    numbers = (
        each.rotation, each.width_shift, each.height_shift, each.shear, each.zoom_low,
        each.zoom_high, each.brightness_low, each.brightness_high, each.channel_shift,
        each.fill_value,
    )  # fmt: skip
    if not all(np.isfinite(value) and value >= 0 for value in numbers):
        raise CannotRead("Augmentation takes numbers from 0 on.")
    if each.zoom_low > each.zoom_high or each.brightness_low > each.brightness_high:
        raise CannotRead("A range of augmentation begins above its end.")
    if not each.zoom_low > 0:
        raise CannotRead("A zoom factor has to be above 0.")
    if max(each.width_shift, each.height_shift) > 1 or each.rotation > 180 or each.shear >= 90:
        raise CannotRead(
            "Pictures are turned by up to 180 degrees, sheared by less than 90, and shifted by at "
            "most their width and height."
        )
