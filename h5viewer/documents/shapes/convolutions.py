"""Convolutions: plain, strided, dilated, depthwise, separable, transposed, local.

Source of the lengths: keras/src/ops/operation_utils.py, compute_conv_output_shape;
keras/src/backend/common/backend_utils.py, _get_output_shape_given_tf_padding.
"""

from __future__ import annotations

from h5viewer.documents.shapes.axes import (
    Config,
    Fed,
    Made,
    Rule,
    ShapeUnknown,
    as_list,
    is_channels_first,
    join_image,
    one,
    plus,
    size,
    sizes,
    split_image,
    text,
    times,
)

Spatial = tuple[int | None, ...]


def slid(length: int | None, window: int, step: int, padding: str, dilation: int = 1) -> int | None:
    """Places of a window that slides over an axis of this length.

    Raises:
        ShapeUnknown: the window is larger than the axis, or the padding has no such name.
    """
    if length is None:
        return None
    reach = (window - 1) * dilation + 1
    if padding in ("same", "causal"):
        return -(-length // step)
    if padding == "full":
        return -(-(length + reach - 1) // step)
    if padding != "valid":
        raise ShapeUnknown("Its padding has a name that is not known.")
    if length < reach:
        raise ShapeUnknown(f"Its window of {reach} is larger than its input of {length}.")
    return (length - reach) // step + 1


def padding_of(config: Config) -> str:
    """`padding`, in Keras 1 `border_mode`."""
    return text(config, "padding", "border_mode", default="valid").lower()


def kernel_of(config: Config, rank: int) -> tuple[int, ...]:
    """`kernel_size`, in Keras 1 one argument an axis."""
    if "kernel_size" in config:
        return sizes(config, "kernel_size", rank)
    names = {
        1: ("filter_length",),
        2: ("nb_row", "nb_col"),
        3: ("kernel_dim1", "kernel_dim2", "kernel_dim3"),
    }
    return tuple(size(config, name, least=1) for name in names[rank])


def steps_of(config: Config, rank: int) -> tuple[int, ...]:
    """`strides`, in Keras 1 `subsample` or `subsample_length`."""
    for name in ("strides", "subsample", "subsample_length"):
        if config.get(name) is not None:
            return sizes(config, name, rank)
    return (1,) * rank


def dilation_of(config: Config, rank: int) -> tuple[int, ...]:
    """`dilation_rate`, in Keras 1 `atrous_rate`."""
    name = "atrous_rate" if config.get("atrous_rate") is not None else "dilation_rate"
    return sizes(config, name, rank, default=1)


def filters_of(config: Config) -> int:
    """`filters`, in Keras 1 `nb_filter`."""
    return size(config, "filters", "nb_filter")


def _slid_over(config: Config, spatial: Spatial, rank: int) -> Spatial:
    padding = padding_of(config)
    every = zip(
        spatial,
        kernel_of(config, rank),
        steps_of(config, rank),
        dilation_of(config, rank),
        strict=True,
    )
    return tuple(slid(length, k, step, padding, rate) for length, k, step, rate in every)


def convolution(rank: int) -> Rule:
    """One multiply-add for each weight of a kernel at each of the places it is put."""

    def rule(config: Config, fed: Fed) -> Made:
        shape, first = fed.of_rank(rank + 2), is_channels_first(config)
        spatial, channels = split_image(shape, first=first)
        filters = filters_of(config)
        made = _slid_over(config, spatial, rank)
        n_in = channels_a_group(config, channels)
        cost = times(*made, filters, *kernel_of(config, rank), n_in)
        return one(join_image(shape[0], made, filters, first=first), cost)

    return rule


def channels_a_group(config: Config, channels: int | None) -> int | None:
    """Channels that each kernel sees."""
    groups = size(config, "groups", default=1, least=1)
    if channels is not None and channels % groups:
        raise ShapeUnknown(f"Its {channels} channels cannot be split into {groups} groups.")
    return None if channels is None else channels // groups


def depthwise(rank: int) -> Rule:
    """One multiply-add for each weight of a channel's kernels at each of their places."""

    def rule(config: Config, fed: Fed) -> Made:
        shape, first = fed.of_rank(rank + 2), is_channels_first(config)
        spatial, channels = split_image(shape, first=first)
        made = _slid_over(config, spatial, rank)
        filters = times(channels, size(config, "depth_multiplier", default=1, least=1))
        cost = times(*made, filters, *kernel_of(config, rank))
        return one(join_image(shape[0], made, filters, first=first), cost)

    return rule


def separable(rank: int) -> Rule:
    """The depthwise convolution, then every channel of it with every filter."""

    def rule(config: Config, fed: Fed) -> Made:
        shape, first = fed.of_rank(rank + 2), is_channels_first(config)
        spatial, channels = split_image(shape, first=first)
        made = _slid_over(config, spatial, rank)
        filters = filters_of(config)
        middle = times(channels, size(config, "depth_multiplier", default=1, least=1))
        deep = times(*made, middle, *kernel_of(config, rank))
        cost = plus(deep, times(*made, middle, filters))
        return one(join_image(shape[0], made, filters, first=first), cost)

    return rule


def local(rank: int) -> Rule:
    """As a convolution: each place has a kernel of its own."""

    def rule(config: Config, fed: Fed) -> Made:
        shape, first = fed.of_rank(rank + 2), is_channels_first(config)
        spatial, channels = split_image(shape, first=first)
        made, filters = _slid_over(config, spatial, rank), filters_of(config)
        cost = times(*made, filters, *kernel_of(config, rank), channels)
        return one(join_image(shape[0], made, filters, first=first), cost)

    return rule


def transposed(rank: int) -> Rule:
    """One multiply-add for each weight of the kernel at each place of the input."""

    def rule(config: Config, fed: Fed) -> Made:
        shape, first = fed.of_rank(rank + 2), is_channels_first(config)
        spatial, channels = split_image(shape, first=first)
        filters, kernel = filters_of(config), kernel_of(config, rank)
        more: tuple[int | None, ...] = (None,) * rank
        if config.get("output_padding") is not None:
            more = sizes(config, "output_padding", rank, least=0)
        steps, rates = steps_of(config, rank), dilation_of(config, rank)
        padding = padding_of(config)
        every = zip(spatial, kernel, steps, rates, more, strict=True)
        made = tuple(_spread(n, k, step, rate, m, padding) for n, k, step, rate, m in every)
        cost = times(*spatial, filters, *kernel, channels)
        return one(join_image(shape[0], made, filters, first=first), cost)

    return rule


def _spread(
    length: int | None, window: int, step: int, dilation: int, more: int | None, padding: str
) -> int | None:
    """Length that a transposed convolution makes of this one; `more`: its output padding."""
    if length is None:
        return None
    reach = (window - 1) * dilation + 1
    if padding not in ("valid", "same"):
        raise ShapeUnknown("Its padding has a name that is not known.")
    if more is None:
        return length * step + (max(reach - step, 0) if padding == "valid" else 0)
    around = reach // 2 if padding == "same" else 0
    return (length - 1) * step + reach - 2 * around + more


def stated_transposed(config: Config, fed: Fed) -> Made:
    """Keras 1 Deconvolution2D states its output, without arithmetic; its batch may be None."""
    shape, first = fed.of_rank(4), is_channels_first(config)
    spatial, channels = split_image(shape, first=first)
    stated = as_list(config.get("output_shape")) or []
    made = sizes({"output_shape": stated[1:]}, "output_shape", 3)
    cost = times(*spatial, filters_of(config), *kernel_of(config, 2), channels)
    return one((shape[0], *made), cost)


def upsampled(rank: int) -> Rule:
    """Every axis repeated."""

    def rule(config: Config, fed: Fed) -> Made:
        shape, first = fed.of_rank(rank + 2), is_channels_first(config)
        name = next((each for each in ("size", "length") if each in config), "size")
        factors = sizes(config, name, rank, default=2)
        spatial, channels = split_image(shape, first=first)
        made = [None if n is None else n * by for n, by in zip(spatial, factors, strict=True)]
        return one(join_image(shape[0], made, channels, first=first))

    return rule


def spectrogram(config: Config, fed: Fed) -> Made:
    """STFTSpectrogram: frames that slide over the signal, half their frequencies kept.

    Source: keras/src/layers/preprocessing/stft_spectrogram.py, compute_output_shape.
    """
    shape, first = fed.of_rank(3), is_channels_first(config)
    (length,), channels = split_image(shape, first=first)
    frame = size(config, "frame_length", default=256, least=1)
    step = size(config, "frame_step", default=max(frame // 2, 1), least=1)
    n_fft = size(config, "fft_length", default=1 << (frame - 1).bit_length(), least=1)
    frequencies = (n_fft // 2 + 1) * (2 if config.get("mode") == "stft" else 1)
    frames = slid(length, frame, step, padding_of(config))
    cost = times(frames, frame, frequencies, channels)
    if config.get("expand_dims") is True:
        wide = (shape[0], channels, frames, frequencies)
        return one(wide if first else (shape[0], frames, frequencies, channels), cost)
    together = times(channels, frequencies)
    return one(join_image(shape[0], (frames,), together, first=first), cost)


def mel_spectrogram(config: Config, fed: Fed) -> Made:
    """MelSpectrogram: (batch, mel bins, frames)."""
    shape = fed.one()
    step = size(config, "sequence_stride", default=256, least=1)
    bins = size(config, "num_mel_bins", default=128)
    length = shape[-1] if shape else None
    frames = None if length is None else (length + step + 1) // step
    return one((*shape[:-1], bins, frames), None)
