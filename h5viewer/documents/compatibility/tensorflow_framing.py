"""Functions of TensorFlow that cut pictures out, put them into frames, and make them fit."""

from __future__ import annotations

from h5viewer.documents.compatibility.calls import Call
from h5viewer.documents.compatibility.chains import (
    Builder,
    CannotSay,
    Chain,
    Given,
    Operand,
    Result,
)


def _sides(chain: Chain) -> list[int]:
    """Height and width of the pictures."""
    shape = chain.shapes[0] if chain.shapes else None
    sides = [each for each in (shape or ())[1:3] if each is not None]
    if shape is None or len(shape) != 4 or len(sides) < 2:
        raise CannotSay("the size of its pictures is not known")
    return sides


def _target(given: Given) -> list[int]:
    """Height and width that are asked for."""
    sizes = [given.whole(f"target_{each}") for each in ("height", "width")]
    if min(sizes) < 1:
        raise CannotSay("the size it asks for is none")
    return sizes


def middle_of(chain: Chain, call: Call) -> Result:
    """tf.image.central_crop: a fraction of the height and of the width."""
    given = Given(call, "image central_fraction")
    fraction = given.number("central_fraction", 1.0)
    sides = _sides(chain)
    margins = [int((side - side * fraction) / 2) for side in sides]
    return chain.layer(
        "Cropping2D",
        given.tensor("image"),
        cropping=[[margin, margin] for margin in margins],
        data_format="channels_last",
    )


def cropped(chain: Chain, call: Call) -> Result:
    """tf.image.crop_to_bounding_box."""
    x, starts, sizes = _box(call)
    return _cut(chain, x, _sides(chain), starts, sizes)


def placed(chain: Chain, call: Call) -> Result:
    """tf.image.pad_to_bounding_box."""
    x, starts, sizes = _box(call)
    return _framed(chain, x, _sides(chain), starts, sizes)


def _box(call: Call) -> tuple[Operand, list[int], list[int]]:
    """A picture, where a part of it begins, and how large that is."""
    given = Given(call, "image offset_height offset_width target_height target_width")
    starts, sizes = (
        [given.whole(f"{what}_{each}") for each in ("height", "width")]
        for what in ("offset", "target")
    )
    return given.tensor("image"), starts, sizes


def cut_or_padded(chain: Chain, call: Call) -> Result:
    """tf.image.resize_with_crop_or_pad: in the middle."""
    given = Given(call, "image target_height target_width")
    x: Operand = given.tensor("image")
    sizes, sides = _target(given), _sides(chain)
    starts = [max(0, (side - size) // 2) for side, size in zip(sides, sizes, strict=True)]
    kept = [min(side, size) for side, size in zip(sides, sizes, strict=True)]
    if kept != sides:
        x = _cut(chain, x, sides, starts, kept)
    margins = [max(0, (size - side) // 2) for side, size in zip(sides, sizes, strict=True)]
    return _framed(chain, x, kept, margins, sizes)


def fitted(chain: Chain, call: Call) -> Result:
    """tf.image.resize_with_pad: as large as fits, in its own proportions, in the middle."""
    given = Given(call, "image target_height target_width method antialias")
    method = str(given.plain("method", "bilinear"))
    if method not in ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"):
        raise CannotSay(f"it resizes by “{method}”")
    sizes, sides = _target(given), _sides(chain)
    ratio = max(side / size for side, size in zip(sides, sizes, strict=True))
    made = [int(side / ratio) for side in sides]
    x = chain.add(
        "Resize",
        given.tensor("image"),
        size=list(made),
        interpolation=method,
        antialias=given.flag("antialias"),
        data_format="channels_last",
    )
    margins = [max(0, (size - length) // 2) for size, length in zip(sizes, made, strict=True)]
    return _framed(chain, x, made, margins, sizes)


def _cut(
    chain: Chain, x: Operand, sides: list[int], starts: list[int], sizes: list[int]
) -> Operand:
    every = zip(starts, sizes, sides, strict=True)
    margins = [[start, side - start - size] for start, size, side in every]
    return chain.layer("Cropping2D", x, cropping=margins, data_format="channels_last")


def _framed(
    chain: Chain, x: Operand, sides: list[int], starts: list[int], sizes: list[int]
) -> Operand:
    """With black around."""
    every = zip(starts, sizes, sides, strict=True)
    margins = [[start, size - start - side] for start, size, side in every]
    if any(margin < 0 for pair in margins for margin in pair):
        raise CannotSay("its pictures are larger than their frame")
    if not any(margin for pair in margins for margin in pair):
        return x
    return chain.layer("ZeroPadding2D", x, padding=margins, data_format="channels_last")


FUNCTIONS: dict[str, Builder] = {
    "image.central_crop": middle_of,
    "image.crop_to_bounding_box": cropped,
    "image.pad_to_bounding_box": placed,
    "image.resize_with_crop_or_pad": cut_or_padded,
    "image.resize_with_pad": fitted,
}
"""What a function of TensorFlow is in Keras 3."""
