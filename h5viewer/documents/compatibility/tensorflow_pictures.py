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


def pool(name: str, fewest: int = 4) -> Builder:
    """The largest or mean of each window; lists of `fewest` sizes are those of all axes."""

    def build(chain: Chain, call: Call) -> Result:
        given = Given(call, "input|value ksize strides padding data_format")
        if given.plain("data_format", "NHWC") not in ("NHWC", "NWC", "NDHWC"):
            raise CannotSay("its channels come first")
        return chain.add(
            name,
            given.tensor("input"),
            pool_size=_middle(given.plain("ksize"), fewest),
            strides=_middle(given.plain("strides"), fewest),
            padding=str(given.plain("padding", "valid")).lower(),
            data_format="channels_last",
        )

    return build


def convolution(name: str) -> Builder:
    """With a kernel that the function states, as those that blur or look for edges."""

    def build(chain: Chain, call: Call) -> Result:
        order = "input|value filter|filters strides|stride padding data_format dilations|rate"
        given = Given(call, order)
        if given.plain("data_format") not in (None, "NHWC", "NWC"):
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


def separable_convolution(chain: Chain, call: Call) -> Result:
    """tf.nn.separable_conv2d."""
    order = "input depthwise_filter pointwise_filter strides padding data_format|rate"
    given = Given(call, f"{order} dilations")
    padding = str(given.plain("padding", "valid")).lower()
    if given.plain("data_format", "NHWC") != "NHWC" or padding not in ("valid", "same"):
        raise CannotSay("its channels come first, or it pads in a way of its own")
    return chain.add(
        "SeparableConv",
        given.tensor("input"),
        given.operand("depthwise_filter"),
        given.operand("pointwise_filter"),
        strides=_even(given.plain("strides", 1)),
        padding=padding,
        data_format="channels_last",
        dilation_rate=_even(given.plain("dilations", 1)),
    )


def pool_of_any_kind(chain: Chain, call: Call) -> Result:
    """tf.nn.pool, which tells of the axes in the middle only."""
    given = Given(call, "input window_shape pooling_type strides padding data_format dilations")
    kinds = {"MAX": "MaxPool", "AVG": "AveragePool"}
    kind = kinds.get(str(given.plain("pooling_type")))
    if kind is None or given.plain("dilations") not in (None, 1, [1, 1]):
        raise CannotSay("it leaves pixels out")
    return chain.add(
        kind,
        given.tensor("input"),
        pool_size=given.plain("window_shape"),
        strides=given.plain("strides") or 1,
        padding=str(given.plain("padding", "valid")).lower(),
        data_format="channels_last",
    )


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


def _middle(sizes: Plain, fewest: int = 4) -> Plain:
    """[1, 2, 2, 1] is [2, 2]."""
    return sizes[1:-1] if isinstance(sizes, list) and len(sizes) >= fewest else sizes


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


def normalized_across_channels(chain: Chain, call: Call) -> Result:
    """tf.nn.local_response_normalization: by the squares of channels near each, as in AlexNet."""
    given = Given(call, "input depth_radius bias alpha beta")
    x, radius = given.tensor("input"), given.whole("depth_radius", 5)
    n_near = 2 * radius + 1
    margins: list[Plain] = [[0, 0], [0, 0], [0, 0], [radius, radius], [0, 0]]
    squares = chain.add("ExpandDims", chain.add("Square", x), axis=-1)
    padded = chain.add("Pad", squares, pad_width=margins)
    means = chain.add(
        "AveragePool",
        padded,
        pool_size=[1, 1, n_near],
        strides=[1, 1, 1],
        padding="valid",
        data_format="channels_last",
    )
    near = chain.add("Squeeze", means, axis=-1)
    weight = n_near * given.number("alpha", 1.0)
    sums = chain.add("Add", chain.add("Multiply", near, weight), given.number("bias", 1.0))
    return chain.add("Divide", x, chain.add("Power", sums, given.number("beta", 0.5)))


def turned(chain: Chain, call: Call) -> Result:
    """tf.image.rot90: to the left, so many times."""
    given = Given(call, "image k")
    times = given.whole("k", 1) % 4
    if times % 2 == 0:  # of which Keras 3.15 takes height for width all the same
        axes: Plain = [-3, -2]
        x = given.tensor("image")
        return chain.add("Flip", x, axis=axes) if times else x
    return chain.add("Rot90", given.tensor("image"), k=times, axes=[-3, -2])


def upright(chain: Chain, call: Call) -> Result:
    """tf.image.transpose: rows for columns."""
    return chain.add("Swapaxes", Given(call, "image").tensor("image"), axis1=-3, axis2=-2)
