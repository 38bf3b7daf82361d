"""Operations and functions for pictures: windows, patches, blocks of pixels, turns, cuts.

Those of Keras 3 state their arguments in their configuration, TensorFlow's in the call; sizes of
windows have four numbers there, as [1, 2, 2, 1].
"""

from __future__ import annotations

from collections.abc import Mapping

from h5viewer.documents.shapes import arrays, convolutions, pooling
from h5viewer.documents.shapes.axes import (
    Axes,
    Config,
    Fed,
    Made,
    Rule,
    ShapeUnknown,
    Tensor,
    as_list,
    axes_of,
    is_channels_first,
    join_image,
    one,
    size,
    sizes,
    split_image,
    times,
    whole,
)
from h5viewer.documents.shapes.given import argument, operands

_SIDES = ("height", "width")
_ARGUMENTS = {"dilation_rate": "dilations"}

# ------------------------------------------------------------------------ Keras 3


def turned(config: Config, fed: Fed) -> Made:
    """Rot90: an odd number of quarter turns swaps two axes."""
    shape = fed.one()
    turns, axes = config.get("k", 1), config.get("axes", [0, 1])
    if not whole(turns, "k") % 2:
        return one(shape)
    a, b = axes_of(axes, len(shape), "axes")
    return one(arrays.swapped(shape, a, b))


def patches(config: Config, fed: Fed) -> Made:
    """ExtractPatches: each patch as one row of numbers."""
    shape, first = fed.of_rank(4), is_channels_first(config)
    spatial, channels = split_image(shape, first=first)
    window = sizes(config, "size", 2)
    stated = config.get("strides") is not None
    steps = sizes(config, "strides", 2) if stated else window
    rates = sizes(config, "dilation_rate", 2, default=1)
    padding = convolutions.padding_of(config)
    every = zip(spatial, window, steps, rates, strict=True)
    made = [convolutions.slid(length, w, step, padding, rate) for length, w, step, rate in every]
    return one(join_image(shape[0], made, times(channels, *window), first=first))


def to_depth(config: Config, fed: Fed) -> Made:
    """SpaceToDepth: the pixels of a block become channels."""
    shape, block = fed.of_rank(4), size(config, "block_size", least=1)
    spatial, channels = split_image(shape, first=is_channels_first(config))
    if any(length is not None and length < block for length in spatial):
        raise ShapeUnknown("Its blocks are larger than its pictures.")
    made = [None if length is None else length // block for length in spatial]
    depth = times(channels, block, block)
    return one(join_image(shape[0], made, depth, first=is_channels_first(config)))


def from_depth(config: Config, fed: Fed) -> Made:
    """DepthToSpace: channels become the pixels of a block."""
    shape, block = fed.of_rank(4), size(config, "block_size", least=1)
    spatial, channels = split_image(shape, first=is_channels_first(config))
    made = [times(length, block) for length in spatial]
    depth = None if channels is None else channels // block**2
    return one(join_image(shape[0], made, depth, first=is_channels_first(config)))


def depthwise(config: Config, fed: Fed) -> Made:
    """DepthwiseConv with a tensor for a kernel."""
    shapes = operands(fed)
    if len(shapes) != 2 or len(shapes[1]) != len(shapes[0]) or len(shapes[0]) not in (3, 4):
        raise ShapeUnknown("It takes pictures and a kernel.")
    rank = len(shapes[0]) - 2
    stated = {
        **config,
        "kernel_size": list(shapes[1][:rank]),
        "depth_multiplier": shapes[1][-1],
    }
    return convolutions.depthwise(rank)(stated, Fed(shapes[:1]))


def resized_by(sign: int, word: str) -> Rule:
    """CropImages (-1, "cropping") and PadImages (1, "padding"): to a size, or by margins."""

    def rule(config: Config, fed: Fed) -> Made:
        shape, first = fed.one(), is_channels_first(config)
        if len(shape) not in (3, 4):
            raise ShapeUnknown("It takes pictures of 3 or 4 axes.")
        place = len(shape) - (2 if first else 3)
        made = list(shape)
        for axis, name, sides in (
            (place, "height", ("top", "bottom")),
            (place + 1, "width", ("left", "right")),
        ):
            target = config.get(f"target_{name}")
            if target is not None:
                made[axis] = whole(target, name)
            else:
                margins = [whole(config.get(f"{side}_{word}"), word) for side in sides]
                length = made[axis]
                made[axis] = None if length is None else length + sign * sum(margins)
        return one(made)

    return rule


# --------------------------------------------------------------------- TensorFlow


def _channels_last(fed: Fed, rank: int = 2) -> Axes:
    if fed.kwargs.get("data_format") not in (None, "NHWC", "NWC", "channels_last"):
        raise ShapeUnknown("Its channels come first.")
    return fed.of_rank(rank + 2)


def _middle(value: object, rank: int) -> object:
    """[1, 2, 2, 1] is [2, 2]."""
    stated = as_list(value)
    return stated[1:-1] if stated is not None and len(stated) == rank + 2 else value


def _window(fed: Fed, names: Mapping[str, tuple[int, str]], rank: int = 2) -> dict[str, object]:
    """Settings under the names of Keras; each has a place and a name in the call."""
    found = {key: argument({}, fed, place, name) for key, (place, name) in names.items()}
    return {key: _middle(value, rank) for key, value in found.items() if value is not None}


def pool(rank: int) -> Rule:
    """tf.nn.max_pool2d(input, ksize, strides, padding)."""

    def rule(_: Config, fed: Fed) -> Made:
        names = {"pool_size": (1, "ksize"), "strides": (2, "strides"), "padding": (3, "padding")}
        return pooling.pooled(rank)(_window(fed, names, rank), Fed([_channels_last(fed, rank)]))

    return rule


def convolution(kind: str, rank: int = 2) -> Rule:
    """tf.nn.conv2d(input, filters, strides, padding); `kind`: "depthwise", or ""."""

    def rule(_: Config, fed: Fed) -> Made:
        shape, kernel = _channels_last(fed, rank), _kernel(fed, rank)
        names = {
            "strides": (2, "strides" if rank == 2 else "stride"),
            "padding": (3, "padding"),
            "dilation_rate": (5, "dilations"),
        }
        config = {**_window(fed, names, rank), "kernel_size": list(kernel[:rank])}
        if kind == "depthwise":
            config["depth_multiplier"] = kernel[-1]
            return convolutions.depthwise(rank)(config, Fed([shape]))
        return convolutions.convolution(rank)({**config, "filters": kernel[-1]}, Fed([shape]))

    return rule


def pool_of_any_kind(_: Config, fed: Fed) -> Made:
    """tf.nn.pool(input, window_shape, pooling_type, strides, padding)."""
    window = as_list(argument({}, fed, 1, "window_shape")) or []
    strides = argument({}, fed, 3, "strides")
    padding = argument({}, fed, 4, "padding")
    rank = len(window)
    config = {
        "pool_size": window,
        "strides": [1] * rank if strides is None else strides,
        "padding": str(padding or "valid").lower(),
    }
    return pooling.pooled(rank)(config, Fed([_channels_last(fed, rank)]))


def separable(_: Config, fed: Fed) -> Made:
    """tf.nn.separable_conv2d(input, depthwise_filter, pointwise_filter, strides, padding)."""
    kernels = [argument({}, fed, 1, "depthwise_filter"), argument({}, fed, 2, "pointwise_filter")]
    if any(isinstance(each, Tensor) for each in kernels):
        raise ShapeUnknown("The shape of its kernel is not known.")
    first, second = map(arrays.shape_of, kernels)
    names = {
        "strides": (3, "strides"),
        "padding": (4, "padding"),
        "dilation_rate": (6, "dilations"),
    }
    config = {**_window(fed, names), "kernel_size": list(first[:2]), "filters": second[-1]}
    return convolutions.convolution(2)(config, Fed([_channels_last(fed)]))


def _kernel(fed: Fed, rank: int) -> Axes:
    stated = argument({}, fed, 1, "filters", "filter")
    shape = stated.shape if isinstance(stated, Tensor) else arrays.shape_of(stated)
    if shape is None or len(shape) != rank + 2 or None in shape:
        raise ShapeUnknown("The shape of its kernel is not known.")
    return shape


def extracted(_: Config, fed: Fed) -> Made:
    """tf.image.extract_patches(images, sizes, strides, rates, padding)."""
    names = {
        "size": (1, "sizes"),
        "strides": (2, "strides"),
        "dilation_rate": (3, "rates"),
        "padding": (4, "padding"),
    }
    return patches(_window(fed, names), fed)


def blocks(rule: Rule) -> Rule:
    """tf.nn.space_to_depth(input, block_size), and back."""

    def by_call(_: Config, fed: Fed) -> Made:
        return rule({"block_size": argument({}, fed, 1, "block_size")}, Fed([_channels_last(fed)]))

    return by_call


def quarter_turned(_: Config, fed: Fed) -> Made:
    """tf.image.rot90(image, k)."""
    k = argument({}, fed, 1, "k")
    return turned({"k": 1 if k is None else k, "axes": [-3, -2]}, fed)


def in_the_middle(_: Config, fed: Fed) -> Made:
    """tf.image.central_crop(image, central_fraction)."""
    shape, fraction = fed.one(), argument({}, fed, 1, "central_fraction")
    if len(shape) not in (3, 4) or not isinstance(fraction, int | float) or not 0 < fraction <= 1:
        raise ShapeUnknown("It takes pictures of 3 or 4 axes.")
    sides = [
        None if side is None else side - 2 * int((side - side * fraction) / 2)
        for side in shape[-3:-1]
    ]
    return one((*shape[:-3], *sides, shape[-1]))


def upright(_: Config, fed: Fed) -> Made:
    """tf.image.transpose: rows for columns."""
    return one(arrays.swapped(fed.one(), -3, -2))


def cut_out(_: Config, fed: Fed) -> Made:
    """tf.image.crop_to_bounding_box(image, offset_height, offset_width, target_…)."""
    shape = fed.one()
    height = argument({}, fed, 3, "target_height")
    width = argument({}, fed, 4, "target_width")
    sides = [whole(each, "target") for each in (height, width)]
    if len(shape) not in (3, 4):
        raise ShapeUnknown("It takes pictures of 3 or 4 axes.")
    return one((*shape[:-3], *sides, shape[-1]))


def framed(_: Config, fed: Fed) -> Made:
    """tf.image.resize_with_pad and resize_with_crop_or_pad(image, target_height, target_width)."""
    shape = fed.one()
    stated = [argument({}, fed, 1 + i, f"target_{side}") for i, side in enumerate(_SIDES)]
    if len(shape) not in (3, 4):
        raise ShapeUnknown("It takes pictures of 3 or 4 axes.")
    return one((*shape[:-3], *(whole(each, "target") for each in stated), shape[-1]))


def with_channels(count: int) -> Rule:
    """tf.image.grayscale_to_rgb, and back."""
    return lambda _, fed: one((*fed.one()[:-1], count))


def enlarged(_: Config, fed: Fed) -> Made:
    """K.resize_images(x, height_factor, width_factor, data_format)."""
    factors = [
        whole(argument({}, fed, place, f"{name}_factor"), name)
        for place, name in ((1, "height"), (2, "width"))
    ]
    data_format = argument({}, fed, 3, "data_format") or "channels_last"
    config = {"size": [*factors], "data_format": data_format}
    return convolutions.upsampled(2)(config, Fed([fed.of_rank(4)]))
