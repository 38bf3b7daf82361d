"""One loose picture in full: its pixels, its numbers, its label."""

from __future__ import annotations

import numpy as np

from h5viewer.formats.container import Container
from h5viewer.loose_pictures.drawing import whole
from h5viewer.nodes import Array, LoosePicture, OnePicture
from h5viewer.operations import Operation
from h5viewer.operations.loose_reading import LoosePictures
from h5viewer.operations.one_picture import LONGEST_SIDE, label_of, source_of
from h5viewer.requests import Progress, ReadOnePicture


def read_one_loose(request: ReadOnePicture, container: Container) -> Operation[OnePicture]:
    """Of sides beyond 2,048 pixels means are sent.

    Raises:
        CannotRead, TooLarge: no such one, no picture, damage.
    """
    pictures = LoosePictures(container, request.pictures)
    pictures.require([request.index])
    yield Progress(done=0)
    stored = pictures.one(request.index)
    yield Progress(done=0)
    look = whole(stored, request.pictures.layout, pictures.shown(request.index), LONGEST_SIDE)
    label, text = label_of(container, request.pictures, request.index)
    is_broken = not isinstance(stored, bytes) and stored.dtype.kind == "f"
    return OnePicture(
        index=request.index,
        pixels=Array.of(np.ascontiguousarray(look.pixels)),
        minimum=look.minimum,
        maximum=look.maximum,
        mean=look.mean,
        n_nan=int(np.isnan(stored).sum()) if is_broken else 0,
        label=label,
        label_text=text,
        source=source_of(container, request.pictures, request.index)
        or pictures.name(request.index),
        own=LoosePicture(
            height=look.height,
            width=look.width,
            form=look.form,
            n_bytes=len(stored) if isinstance(stored, bytes) else stored.nbytes,
            note=look.note,
        ),
    )
