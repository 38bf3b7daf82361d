"""Datasets that the HDF5 Image and Palette Specification 1.2 calls pictures."""

from __future__ import annotations

import math
import re
from typing import Literal

import msgspec

from h5viewer.documents.axes import attribute_targets, short_text
from h5viewer.documents.in_file_links import dataset_at
from h5viewer.documents.stored import text_attribute
from h5viewer.formats.container import Container
from h5viewer.nodes import Dataset, PictureForm

_COLOUR_AXIS = {"INTERLACE_PIXEL": -1, "INTERLACE_LINE": -2, "INTERLACE_PLANE": -3}
_ORIGINS = ("UL", "LL", "UR", "LR")
_MOST_COLOURS = 65_536


class FoundPicture(msgspec.Struct):
    """A picture's form, and the dataset of its palette, which is still to be read."""

    form: PictureForm
    palette: Dataset | None = None


def find_picture(container: Container, dataset: Dataset) -> FoundPicture | None:
    """What the attributes say; None: the dataset is no picture by the specification."""
    path = dataset.path
    if not dataset.n_attributes or short_text(container, path, "CLASS") != "IMAGE":
        return None
    subclass = short_text(container, path, "IMAGE_SUBCLASS").removeprefix("IMAGE_")
    palette = _palette(container, dataset)
    channels = _colour_axis(container, dataset)
    kind: Literal["indexed", "truecolor", "grayscale"] = "grayscale"
    if channels is not None and subclass in ("TRUECOLOR", ""):
        kind = "truecolor"
    elif palette is not None and subclass in ("INDEXED", "", "BITMAP"):
        kind = "indexed"
    else:
        channels = None
    origin = short_text(container, path, "DISPLAY_ORIGIN")
    low, high = _range(container, dataset)
    return FoundPicture(
        PictureForm(
            kind=kind,
            channels=channels if kind == "truecolor" else None,
            palette_path=palette.path if palette is not None and kind == "indexed" else None,
            minimum=low,
            maximum=high,
            origin=origin if origin in _ORIGINS else "UL",  # type: ignore[arg-type]
            is_white_zero=_says(container, dataset, "IMAGE_WHITE_IS_ZERO"),
        ),
        palette if kind == "indexed" else None,
    )


def _colour_axis(container: Container, dataset: Dataset) -> int | None:
    """The axis of length 3 (or 4) that holds red, green and blue."""
    shape = dataset.shape or ()
    if len(shape) < 3:
        return None
    stated = short_text(container, dataset.path, "INTERLACE_MODE")
    places = [_COLOUR_AXIS[stated]] if stated in _COLOUR_AXIS else [-1, -3]
    for place in places:
        if shape[place] in (3, 4):
            return len(shape) + place
    return None


def _palette(container: Container, dataset: Dataset) -> Dataset | None:
    """The first palette that is named, if it is one of red, green and blue bytes."""
    for targets in attribute_targets(container, dataset.path, b"PALETTE"):
        for path in targets:
            found = None if path is None else dataset_at(container, path)
            if found is not None and _is_palette(container, found):
                return found
    return None


def _is_palette(container: Container, found: Dataset) -> bool:
    shape = found.shape or ()
    is_small = len(shape) == 2 and 3 in shape and 0 < math.prod(shape) <= 3 * _MOST_COLOURS
    model = short_text(container, found.path, "PAL_COLORMODEL") or "RGB"
    return is_small and found.dtype.kind in ("int", "uint") and model == "RGB"


def _range(container: Container, dataset: Dataset) -> tuple[float | None, float | None]:
    text = text_attribute(container, dataset.path, "IMAGE_MINMAXRANGE") or ""
    numbers = [float(number) for number in re.findall(r"-?\d+\.?\d*(?:[eE][-+]?\d+)?", text)]
    if len(numbers) != 2 or not numbers[0] < numbers[1] or not math.isfinite(sum(numbers)):
        return None, None
    return numbers[0], numbers[1]


def _says(container: Container, dataset: Dataset, name: str) -> bool:
    return text_attribute(container, dataset.path, name) in ("1", "[1]", "True", "[True]")
