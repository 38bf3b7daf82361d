"""Functions of TensorFlow for pictures: resizing, pooling, blocks."""

from __future__ import annotations

from h5viewer.documents.compatibility.calls import Call
from h5viewer.documents.compatibility.chains import (
    Builder,
    CannotSay,
    Chain,
    Given,
    Result,
    X,
    sizes_of,
)
from h5viewer.documents.compatibility.values import Plain


def resize(chain: Chain, call: Call) -> Result:
    """To another size."""
    order = "images size method preserve_aspect_ratio antialias"
    given = Given(call, order)
    method = str(given.plain("method", "bilinear"))
    known = ("bilinear", "nearest", "bicubic", "lanczos3", "lanczos5")
    if method not in known or given.flag("preserve_aspect_ratio"):
        raise CannotSay(f"it resizes by “{method}”")
    size = sizes_of(given.get("size"))
    return chain.add(
        "Resize",
        given.tensor("images"),
        size=list(size),
        interpolation=method,
        antialias=given.flag("antialias"),
        data_format="channels_last",
    )


def blocks(name: str) -> Builder:
    """Pixels of blocks into channels, or back."""

    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, f"{X} block_size data_format")
        if given.plain("data_format", "NHWC") != "NHWC":
            raise CannotSay("its channels come first")
        return chain.add(name, given.tensor("x"), block_size=given.whole("block_size"))

    return build


def pool(name: str) -> Builder:
    """The largest or mean of each window."""

    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, "input|value ksize strides padding data_format")
        if given.plain("data_format", "NHWC") not in ("NHWC", "NWC", "NDHWC"):
            raise CannotSay("its channels come first")
        return chain.add(
            name,
            given.tensor("input"),
            pool_size=_middle(given.plain("ksize")),
            strides=_middle(given.plain("strides")),
            padding=str(given.plain("padding", "valid")).lower(),
            data_format="channels_last",
        )

    return build


def convolution(name: str) -> Builder:
    """With a kernel that the function states, as those that blur or look for edges."""

    def build(chain: Chain, call: Call) -> Result:
        order = "input filter|filters strides padding data_format dilations|rate"
        given = Given(call, order)
        if given.plain("data_format", "NHWC") != "NHWC":
            raise CannotSay("its channels come first")
        padding = str(given.plain("padding", "valid")).lower()
        if padding not in ("valid", "same"):
            raise CannotSay("it pads in a way of its own")
        return chain.add(
            name,
            given.tensor("input"),
            given.operand("filter"),
            strides=_even(given.plain("strides", 1)),
            padding=padding,
            data_format="channels_last",
            dilation_rate=_even(given.plain("dilations", 1)),
        )

    return build


def patches(chain: Chain, call: Call) -> Result:
    """Each patch as one row of numbers."""
    given = Given(call, "images sizes|ksizes strides rates padding")
    strides, rates = _even(given.plain("strides", 1)), _even(given.plain("rates", 1))
    if strides != 1 and rates != 1:
        raise CannotSay("it leaves out pixels within patches and between them")
    return chain.add(
        "ExtractPatches",
        given.tensor("images"),
        size=_middle(given.plain("sizes")),
        strides=strides,
        dilation_rate=rates,
        padding=str(given.plain("padding", "valid")).lower(),
        data_format="channels_last",
    )


def coloured(chain: Chain, call: Call) -> Result:
    """Grey as red, green and blue."""
    return chain.add("Repeat", Given(call, "images").tensor("images"), repeats=3, axis=-1)


def _middle(sizes: Plain) -> Plain:
    """[1, 2, 2, 1] is [2, 2]."""
    return sizes[1:-1] if isinstance(sizes, list) and len(sizes) > 3 else sizes


def _even(sizes: Plain) -> Plain:
    """[1, 2, 2, 1] is 2: Keras takes no list everywhere."""
    inner = _middle(sizes)
    return (
        inner[0] if isinstance(inner, list) and inner and inner == inner[:1] * len(inner) else inner
    )


def mirrored(axis: int) -> Builder:
    """Mirrored."""
    return lambda chain, call: chain.add("Flip", Given(call, "image").tensor("image"), axis=axis)


def resize_images(chain: Chain, call: Call) -> Result:
    """K.resize_images: by whole factors."""
    given = Given(call, "x height_factor width_factor data_format interpolation")
    return chain.layer(
        "UpSampling2D",
        given.tensor("x"),
        size=[given.whole("height_factor"), given.whole("width_factor")],
        data_format=str(given.plain("data_format", "channels_last")),
        interpolation=str(given.plain("interpolation", "nearest")),
    )


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
