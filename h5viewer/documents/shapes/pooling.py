"""Pooling: windows, whole axes, and a stated number of windows."""

from __future__ import annotations

from h5viewer.documents.shapes.axes import (
    Config,
    Fed,
    Made,
    Rule,
    ShapeUnknown,
    is_channels_first,
    is_true,
    join_image,
    one,
    sizes,
    split_image,
)
from h5viewer.documents.shapes.convolutions import padding_of, slid


def pooled(rank: int) -> Rule:
    """The places of a window; without `strides` it moves by its own size."""

    def rule(config: Config, fed: Fed) -> Made:
        shape, first = fed.of_rank(rank + 2), is_channels_first(config)
        name = "pool_length" if "pool_length" in config else "pool_size"  # Keras 1
        window = sizes(config, name, rank, default=2)
        names = [each for each in ("strides", "stride") if config.get(each) is not None]
        steps = sizes(config, names[0], rank) if names else window
        padding = padding_of(config)
        if padding not in ("valid", "same"):
            raise ShapeUnknown("Its padding has a name that is not known.")
        spatial, channels = split_image(shape, first=first)
        every = zip(spatial, window, steps, strict=True)
        made = [slid(length, w, step, padding) for length, w, step in every]
        return one(join_image(shape[0], made, channels, first=first))

    return rule


def pooled_globally(rank: int) -> Rule:
    """Channels alone, or with axes of length 1 (`keepdims`)."""

    def rule(config: Config, fed: Fed) -> Made:
        shape, first = fed.of_rank(rank + 2), is_channels_first(config)
        channels = split_image(shape, first=first)[1]
        if is_true(config, "keepdims"):
            return one(join_image(shape[0], (1,) * rank, channels, first=first))
        return one((shape[0], channels))

    return rule


def pooled_to(rank: int) -> Rule:
    """AdaptiveAveragePooling and AdaptiveMaxPooling state how long each axis becomes."""

    def rule(config: Config, fed: Fed) -> Made:
        shape, first = fed.of_rank(rank + 2), is_channels_first(config)
        channels = split_image(shape, first=first)[1]
        made = sizes(config, "output_size", rank)
        return one(join_image(shape[0], made, channels, first=first))

    return rule
