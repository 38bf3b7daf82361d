"""How TensorFlow 1 resizes pictures: from the corners of pixels, not from their middles.

Keras 3 has no such operation. Rows, then columns, are taken at the places where the new ones
begin, and those between two are their weighted mean.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.compatibility.calls import Call, Tensor
from h5viewer.documents.compatibility.chains import (
    Builder,
    CannotSay,
    Chain,
    Given,
    Operand,
    Result,
    as_constant,
    sizes_of,
)
from h5viewer.documents.compatibility.tensorflow_pictures import resize

_METHODS = {0: "bilinear", 1: "nearest"}  # as TensorFlow 1 counts them
_ROWS, _COLUMNS = 1, 2  # axes
_LARGEST = 10_000  # pixels a side


def resize_v1(chain: Chain, call: Call) -> Result:
    """tf.compat.v1.image.resize."""
    given = Given(call, "images size method align_corners preserve_aspect_ratio")
    method = given.plain("method", "bilinear")
    named = _METHODS.get(method) if isinstance(method, int) else str(method)
    if named not in _METHODS.values() or given.flag("preserve_aspect_ratio"):
        raise CannotSay(f"it resizes by “{named or method}”")
    return _resized(chain, given, str(named))


def resize_by(method: str) -> Builder:
    """tf.compat.v1.image.resize_bilinear and the like; nodes of graphs."""

    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, "images size align_corners half_pixel_centers")
        if given.flag("half_pixel_centers"):  # as TensorFlow 2 does
            return resize(chain, Call([given.get("images"), given.get("size"), method]))
        return _resized(chain, given, method)

    return build


def _resized(chain: Chain, given: Given, method: str) -> Result:
    shape = chain.shapes[0] if chain.shapes else None
    sizes, is_aligned = sizes_of(given.get("size")), given.flag("align_corners")
    x: Operand = given.tensor("images")
    is_cast = method == "nearest"
    for axis, after in zip((_ROWS, _COLUMNS), sizes, strict=False):
        before = shape[axis] if shape is not None and len(shape) == 4 else None
        if before is None or not 0 < after <= _LARGEST or before > _LARGEST:
            raise CannotSay("it resizes from the corners of pixels a picture of no known size")
        if before != after:
            places = _places(before, after, is_aligned=is_aligned)
            if method == "nearest":
                found = np.floor(places + 0.5) if is_aligned else np.floor(places)
                x = _taken(chain, x, axis, np.minimum(found, before - 1))
            else:
                if not is_cast:  # as TensorFlow answers; bytes would wrap round
                    x, is_cast = chain.add("Cast", x, dtype="float32"), True
                x = _between(chain, x, axis, places, before - 1)
    return x


def _places(before: int, after: int, *, is_aligned: bool) -> NDArray[np.float32]:
    """Where in the old rows each new one begins, rounded as TensorFlow does.

    `is_aligned`: the last one ends where theirs does.
    """
    scale = (before - 1) / (after - 1) if is_aligned and after > 1 else before / after
    return np.arange(after, dtype=np.float32) * np.float32(scale)


def _taken(chain: Chain, x: Operand, axis: int, places: NDArray[np.float32]) -> Tensor:
    return chain.add("Take", x, as_constant(places.astype(int).tolist()), axis=axis)


def _between(chain: Chain, x: Operand, axis: int, places: NDArray[np.float32], last: int) -> Tensor:
    below = np.minimum(np.floor(places), last)
    low = _taken(chain, x, axis, below)
    step = chain.add("Subtract", _taken(chain, x, axis, np.minimum(below + 1, last)), low)
    shares = (places - below).reshape((-1, 1, 1) if axis == _ROWS else (-1, 1))
    return chain.add("Add", low, chain.add("Multiply", step, as_constant(shares.tolist())))
