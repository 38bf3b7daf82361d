"""Which weights a layer must have, with their shapes, from its configuration and its inputs.

Names and order are those of `documents.roles`; this adds the sizes that depend on what the
layer is fed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.json_text import table
from h5viewer.documents.roles import Role, quantization_mode, roles, roles_of
from h5viewer.documents.shapes import recurrent
from h5viewer.documents.shapes.axes import (
    Axes,
    Config,
    Fed,
    ShapeUnknown,
    as_list,
    as_size,
    axes_of,
    axis_of,
    is_channels_first,
    size,
    split_image,
    times,
)
from h5viewer.documents.shapes.composed import composed_weights
from h5viewer.documents.shapes.convolutions import channels_a_group, filters_of, kernel_of
from h5viewer.documents.shapes.einsum import equation_of, sizes_of
from h5viewer.documents.shapes.rules import RULES

Finder = Callable[[Config, Fed], dict[str, Axes]]


class ExpectedWeight(NamedTuple):
    """One weight; `shape` None: not known; a size in it None: that one is not known."""

    name: str  # as in `documents.roles`: "kernel", "bias", "gamma", "moving_mean" ...
    shape: Axes | None
    trainable: bool = True
    is_optional: bool = False  # stored only by some versions or settings


def expected_weights(
    layer: DeclaredLayer, input_shapes: Sequence[Axes | None] | None = None
) -> list[ExpectedWeight] | None:
    """The weights of a layer of one of Keras' own classes; None: the class is not known.

    `input_shapes` None: those that `network.work_out` has noted on the layer.
    """
    known = roles_of(layer)
    if known is None:
        fed = Fed((layer.input_shapes if input_shapes is None else input_shapes) or (None,))
        parts = None if layer.custom_name else _of_parts(layer.class_name, layer.config, fed)
        return None if parts is None else [ExpectedWeight(*part) for part in parts]
    shapes = shapes_of(layer, known, input_shapes)
    return [
        ExpectedWeight(role.name, shape, role.trainable, role.is_optional or role.is_copy)
        for role, shape in zip(known, shapes, strict=True)
    ]


def shapes_of(
    layer: DeclaredLayer, known: Sequence[Role], input_shapes: Sequence[Axes | None] | None = None
) -> list[Axes | None]:
    """The shape of each of these weights of the layer; None where nothing is known of it."""
    fed = Fed((layer.input_shapes if input_shapes is None else input_shapes) or (None,))
    found = _found(layer.class_name, layer.config, fed)
    return [found.get(role.name, role.sizes or None) for role in known]


def _of_parts(class_name: str, config: Config, fed: Fed) -> list[tuple[str, Axes | None]] | None:
    known = roles(class_name, config)
    if known is None:
        return composed_weights(class_name, config, fed, _of_parts)
    found = _found(class_name, config, fed)
    return [(role.name, found.get(role.name, role.sizes or None)) for role in known]


def _found(class_name: str, config: Config, fed: Fed) -> dict[str, Axes]:
    find = _FINDERS.get(class_name)
    policy = str(table(config.get("dtype")).get("class_name"))
    if find is None or "Quantized" in policy or quantization_mode(config) is not None:
        return {}
    try:
        return find(config, fed)
    except ShapeUnknown:
        return {}


def _dense(config: Config, fed: Fed) -> dict[str, Axes]:
    shape, units = fed.one(), size(config, "units", "output_dim")
    return {"kernel": (shape[-1] if shape else None, units), "bias": (units,)}


def _convolution(rank: int) -> Finder:
    def find(config: Config, fed: Fed) -> dict[str, Axes]:
        shape, filters = fed.of_rank(rank + 2), filters_of(config)
        channels = split_image(shape, first=is_channels_first(config))[1]
        n_in, kernel = channels_a_group(config, channels), kernel_of(config, rank)
        if config.get("dim_ordering") == "th":  # Keras 1
            return {"kernel": (filters, n_in, *kernel), "bias": (filters,)}
        return {"kernel": (*kernel, n_in, filters), "bias": (filters,)}

    return find


def _transposed(rank: int) -> Finder:
    def find(config: Config, fed: Fed) -> dict[str, Axes]:
        shape, filters = fed.of_rank(rank + 2), filters_of(config)
        channels = split_image(shape, first=is_channels_first(config))[1]
        return {"kernel": (*kernel_of(config, rank), filters, channels), "bias": (filters,)}

    return find


def _depthwise(rank: int) -> Finder:
    def find(config: Config, fed: Fed) -> dict[str, Axes]:
        shape = fed.of_rank(rank + 2)
        channels = split_image(shape, first=is_channels_first(config))[1]
        multiplier = size(config, "depth_multiplier", default=1)
        kernel = (*kernel_of(config, rank), channels, multiplier)
        return {"depthwise_kernel": kernel, "bias": (times(channels, multiplier),)}

    return find


def _separable(rank: int) -> Finder:
    def find(config: Config, fed: Fed) -> dict[str, Axes]:
        shape, filters = fed.of_rank(rank + 2), filters_of(config)
        channels = split_image(shape, first=is_channels_first(config))[1]
        multiplier = size(config, "depth_multiplier", default=1)
        return {
            "depthwise_kernel": (*kernel_of(config, rank), channels, multiplier),
            "pointwise_kernel": (*(1,) * rank, times(channels, multiplier), filters),
            "bias": (filters,),
        }

    return find


def _local(rank: int) -> Finder:
    def find(config: Config, fed: Fed) -> dict[str, Axes]:
        if config.get("implementation", 1) != 1:
            return {}
        shape, filters, first = fed.of_rank(rank + 2), filters_of(config), is_channels_first(config)
        made = RULES[f"LocallyConnected{rank}D"](config, fed).shapes[0]
        places = split_image(made, first=first)[0] if made is not None else (None,) * rank
        channels = split_image(shape, first=first)[1]
        kernel = (times(*places), times(*kernel_of(config, rank), channels), filters)
        return {"kernel": kernel, "bias": (*places, filters)}

    return find


def _recurrent(class_name: str) -> Finder:
    gates = recurrent.GATES[class_name]
    rank = 2 if class_name.endswith("Cell") else 3

    def find(config: Config, fed: Fed) -> dict[str, Axes]:
        shape, units = fed.of_rank(rank), size(config, "units", "output_dim")
        return {"kernel": (shape[-1], gates * units), "recurrent_kernel": (units, gates * units)}

    return find


def _convolutional_lstm(rank: int) -> Finder:
    def find(config: Config, fed: Fed) -> dict[str, Axes]:
        shape, filters = fed.of_rank(rank + 3), filters_of(config)
        channels = shape[2] if is_channels_first(config) else shape[-1]
        kernel = kernel_of(config, rank)
        return {
            "kernel": (*kernel, channels, 4 * filters),
            "recurrent_kernel": (*kernel, filters, 4 * filters),
            "bias": (4 * filters,),
        }

    return find


def _one_axis(*names: str) -> Finder:
    """One number for each place of `axis`."""

    def find(config: Config, fed: Fed) -> dict[str, Axes]:
        shape, axis = fed.one(), config.get("axis", -1)
        stated = as_list(axis)
        places = axes_of(axis, len(shape)) if stated is not None else (axis_of(axis, len(shape)),)
        return dict.fromkeys(names, tuple(shape[place] for place in places))

    return find


def _batch_normalization(config: Config, fed: Fed) -> dict[str, Axes]:
    found = _one_axis("gamma", "beta", "moving_mean", "moving_variance")(config, fed)
    return found if all(len(shape) == 1 for shape in found.values()) else {}


def _normalization(config: Config, fed: Fed) -> dict[str, Axes]:
    if config.get("axis", -1) is None:
        return {"mean": (), "variance": (), "count": ()}
    return {**_one_axis("mean", "variance")(config, fed), "count": ()}


def _prelu(config: Config, fed: Fed) -> dict[str, Axes]:
    shape = list(fed.one())
    shared = as_list(config.get("shared_axes")) or []
    for each in shared[: len(shape)]:
        shape[axis_of(each, len(shape))] = 1
    return {"alpha": tuple(shape[1:])}


def _attention(_: Config, __: Fed) -> dict[str, Axes]:
    return {"scale": (), "concat_score_weight": ()}


def _additive_attention(_: Config, fed: Fed) -> dict[str, Axes]:
    return {"scale": fed.all()[0][-1:]}


def _einsum_dense(config: Config, fed: Fed) -> dict[str, Axes]:
    shape = fed.one()
    inputs, output = equation_of(config.get("equation"))
    if len(inputs) != 2:
        return {}
    stated = as_list(config.get("output_shape"))
    stated = [config.get("output_shape")] if stated is None else stated
    sizes = sizes_of(inputs[0], shape, output, tuple(as_size(each) for each in stated))
    found: dict[str, Axes] = {"kernel": tuple(sizes.get(letter) for letter in inputs[1])}
    axes = config.get("bias_axes")
    if isinstance(axes, str) and axes and set(axes) <= set(output):
        rest = output[min(output.index(letter) for letter in axes) :]
        found["bias"] = tuple(sizes.get(letter) if letter in axes else 1 for letter in rest)
    return found


def _over_time(config: Config, fed: Fed) -> dict[str, Axes]:
    inner, shape = table(config.get("layer")), fed.one()
    class_name = inner.get("class_name")
    if not isinstance(class_name, str) or class_name == "TimeDistributed":
        return {}
    return _found(class_name, table(inner.get("config")), Fed(((*shape[:1], *shape[2:]),)))


_FINDERS: dict[str, Finder] = {
    "Dense": _dense, "TimeDistributedDense": _dense,
    **{f"Conv{n}D": _convolution(n) for n in (1, 2, 3)},
    **{f"Convolution{n}D": _convolution(n) for n in (2, 3)},
    "AtrousConvolution2D": _convolution(2),
    **{f"Conv{n}DTranspose": _transposed(n) for n in (1, 2, 3)},
    **{f"DepthwiseConv{n}D": _depthwise(n) for n in (1, 2)},
    **{f"SeparableConv{n}D": _separable(n) for n in (1, 2)},
    **{f"LocallyConnected{n}D": _local(n) for n in (1, 2)},
    **{name: _recurrent(name) for name in recurrent.GATES},
    **{f"ConvLSTM{n}D": _convolutional_lstm(n) for n in (1, 2, 3)},
    "BatchNormalization": _batch_normalization, "SyncBatchNormalization": _batch_normalization,
    "LayerNormalization": _one_axis("gamma", "beta"),
    "GroupNormalization": _one_axis("gamma", "beta"), "RMSNormalization": _one_axis("scale"),
    "Normalization": _normalization, "PReLU": _prelu, "Attention": _attention,
    "AdditiveAttention": _additive_attention, "EinsumDense": _einsum_dense,
    "TimeDistributed": _over_time,
}  # fmt: skip
