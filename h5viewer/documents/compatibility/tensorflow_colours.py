"""Functions of TensorFlow that change the colours of pictures."""

from __future__ import annotations

from collections.abc import Callable

from h5viewer.documents.compatibility.calls import Call
from h5viewer.documents.compatibility.chains import (
    Builder,
    CannotSay,
    Chain,
    Given,
    Operand,
    Result,
    as_constant,
)
from h5viewer.documents.compatibility.values import Plain


def coloured(chain: Chain, call: Call) -> Result:
    """Grey as red, green and blue."""
    return chain.add("Repeat", Given(call, "images").tensor("images"), repeats=3, axis=-1)


def brightened(chain: Chain, call: Call) -> Result:
    """tf.image.adjust_brightness of floating numbers."""
    given = Given(call, "image delta")
    return chain.add("Add", given.tensor("image"), given.operand("delta"))


def contrasted(chain: Chain, call: Call) -> Result:
    """tf.image.adjust_contrast: away from the mean of each picture's channel."""
    given = Given(call, "images contrast_factor")
    x = given.tensor("images")
    mean = chain.add("Mean", x, axis=[-3, -2], keepdims=True)
    apart = chain.add("Subtract", x, mean)
    return chain.add("Add", chain.add("Multiply", apart, given.operand("contrast_factor")), mean)


def standardized(chain: Chain, call: Call) -> Result:
    """tf.image.per_image_standardization."""
    x, shape = Given(call, "image").tensor("image"), chain.shapes[0] if chain.shapes else None
    sizes = shape[1:] if shape is not None and len(shape) == 4 else ()
    count = 1
    for size in sizes:
        if size is None:
            raise CannotSay("the size of its pictures is not known")
        count *= size
    if not sizes:
        raise CannotSay("the size of its pictures is not known")
    axes: Plain = [-3, -2, -1]
    centred = chain.add("Subtract", x, chain.add("Mean", x, axis=axes, keepdims=True))
    spread = chain.add("Std", x, axis=axes, keepdims=True)
    return chain.add("Divide", centred, chain.add("Maximum", spread, count**-0.5))


def gamma(chain: Chain, call: Call) -> Result:
    """tf.image.adjust_gamma of floating numbers."""
    given = Given(call, "image gamma gain")
    power = chain.add("Power", given.tensor("image"), given.plain("gamma", 1))
    gain = given.plain("gain", 1)
    return power if gain == 1 else chain.add("Multiply", power, gain)


def turned(chain: Chain, call: Call) -> Result:
    """tf.image.adjust_hue: around the circle of hues."""
    given = Given(call, "image delta")
    x, delta = given.tensor("image"), given.operand("delta")
    return _in_hsv(chain, x, 0, lambda hue: chain.add("Mod", chain.add("Add", hue, delta), 1.0))


def saturated(chain: Chain, call: Call) -> Result:
    """tf.image.adjust_saturation."""
    given = Given(call, "image saturation_factor")
    x, factor = given.tensor("image"), given.operand("saturation_factor")

    def change(saturation: Operand) -> Operand:
        return chain.add("Clip", chain.add("Multiply", saturation, factor), x_min=0.0, x_max=1.0)

    return _in_hsv(chain, x, 1, change)


def _in_hsv(chain: Chain, x: Operand, which: int, change: Callable[[Operand], Operand]) -> Result:
    """One of hue, saturation and value changed."""
    hsv = chain.add("RGBToHSV", x, data_format="channels_last")
    parts: list[Operand] = [
        chain.add("Take", hsv, as_constant([place]), axis=-1) for place in range(3)
    ]
    parts[which] = change(parts[which])
    joined = chain.add("Concatenate", parts, axis=-1)
    return chain.add("HSVToRGB", joined, data_format="channels_last")


def mixed(weights: list[list[float]]) -> Builder:
    """Other colours, each a sum of the three; a row of `weights` for each that goes in."""
    return lambda chain, call: chain.add(
        "Matmul", Given(call, "images").tensor("images"), as_constant(weights)
    )


_YIQ = [[0.299, 0.59590059, 0.2115], [0.587, -0.27455667, -0.52273617],
        [0.114, -0.32134392, 0.31119955]]  # fmt: skip
_FROM_YIQ = [[1.0, 1.0, 1.0], [0.95598634, -0.27201283, -1.10674021],
             [0.6208248, -0.64720424, 1.70423049]]  # fmt: skip
_YUV = [[0.299, -0.14714119, 0.61497538], [0.587, -0.28886916, -0.51496512],
        [0.114, 0.43601035, -0.10001026]]  # fmt: skip
_FROM_YUV = [[1.0, 1.0, 1.0], [0.0, -0.394642334, 2.03206185],
             [1.13988303, -0.58062185, 0.0]]  # fmt: skip
"""The kernels of tensorflow/python/ops/image_ops_impl.py."""

FUNCTIONS: dict[str, Builder] = {
    "image.adjust_brightness": brightened,
    "image.adjust_contrast": contrasted,
    "image.adjust_gamma": gamma,
    "image.adjust_hue": turned,
    "image.adjust_saturation": saturated,
    "image.grayscale_to_rgb": coloured,
    "image.per_image_standardization": standardized,
    "image.rgb_to_yiq": mixed(_YIQ),
    "image.rgb_to_yuv": mixed(_YUV),
    "image.yiq_to_rgb": mixed(_FROM_YIQ),
    "image.yuv_to_rgb": mixed(_FROM_YUV),
}
"""What a function of TensorFlow is in Keras 3."""
