"""Layers that prepare data: pictures, categories, texts."""

from __future__ import annotations

from h5viewer.documents.shapes.axes import (
    Axes,
    Config,
    Fed,
    Made,
    ShapeUnknown,
    as_list,
    is_channels_first,
    is_true,
    one,
    size,
    text,
)

_NOT_STORED = "How many tokens there are is not stated in its configuration."


def resized(config: Config, fed: Fed) -> Made:
    """Resizing, CenterCrop, RandomCrop: pictures of stated height and width."""
    shape = fed.one()
    if len(shape) not in (3, 4):
        raise ShapeUnknown(f"It takes inputs of 3 or 4 axes and is fed {len(shape)}.")
    place = len(shape) - (2 if is_channels_first(config) else 3)
    made = list(shape)
    made[place : place + 2] = size(config, "height"), size(config, "width")
    return one(made)


def of_any_height(config: Config, fed: Fed) -> Made:
    """RandomHeight of Keras 2: another height at each call."""
    return one(_left_open(config, fed.one(), 3))


def of_any_width(config: Config, fed: Fed) -> Made:
    """RandomWidth of Keras 2."""
    return one(_left_open(config, fed.one(), 2))


def _left_open(config: Config, shape: Axes, from_end: int) -> Axes:
    if len(shape) not in (3, 4):
        raise ShapeUnknown(f"It takes inputs of 3 or 4 axes and is fed {len(shape)}.")
    place = len(shape) - (from_end - 1 if is_channels_first(config) else from_end)
    return (*shape[:place], None, *shape[place + 1 :])


def encoded(config: Config, fed: Fed) -> Made:
    """CategoryEncoding."""
    mode = text(config, "output_mode", default="multi_hot")
    return one(_coded(fed.one(), mode, size(config, "num_tokens", "max_tokens")))


def hashed(config: Config, fed: Fed) -> Made:
    """Hashing."""
    mode = text(config, "output_mode", default="int")
    shape = fed.one()
    return one(shape if mode == "int" else _coded(shape, mode, size(config, "num_bins")))


def crossed(config: Config, fed: Fed) -> Made:
    """HashedCrossing: one number for two inputs of equal shape."""
    mode = text(config, "output_mode", default="int")
    shape = fed.all()[0]
    return one(shape if mode == "int" else _coded(shape, mode, size(config, "num_bins")))


def discretized(config: Config, fed: Fed) -> Made:
    """Discretization: one bin more than there are boundaries."""
    mode, shape = text(config, "output_mode", default="int"), fed.one()
    if mode == "int":
        return one(shape)
    boundaries = as_list(config.get("bin_boundaries"))
    bins = len(boundaries) + 1 if boundaries else size(config, "num_bins")
    return one(_coded(shape, mode, bins))


def looked_up(config: Config, fed: Fed) -> Made:
    """StringLookup and IntegerLookup."""
    mode, shape = text(config, "output_mode", default="int"), fed.one()
    return one(shape if mode == "int" else _coded(shape, mode, _vocabulary(config)))


def vectorized(config: Config, fed: Fed) -> Made:
    """TextVectorization: (batch, tokens), or one column a token."""
    shape = fed.one()
    batch = shape[0] if shape else None
    mode = text(config, "output_mode", default="int")
    if mode == "int":
        length = config.get("output_sequence_length")
        return one((batch, None if length is None else size(config, "output_sequence_length")))
    return one((batch, _vocabulary(config)))


def _coded(shape: Axes, mode: str, depth: int | None) -> Axes:
    """One column for each category; only "one_hot" keeps the values of a row apart."""
    if mode == "one_hot" and not (len(shape) > 1 and shape[-1] == 1):
        return (*shape, depth)
    if mode not in ("one_hot", "multi_hot", "count", "tf_idf", "tf-idf", "binary"):
        raise ShapeUnknown("Its “output_mode” has a name that is not known.")
    return (*shape[:-1], depth) if len(shape) > 1 else (*shape, depth)


def _vocabulary(config: Config) -> int:
    """Tokens that a look-up tells apart."""
    if is_true(config, "pad_to_max_tokens") and config.get("max_tokens") is not None:
        return size(config, "max_tokens")
    words = as_list(config.get("vocabulary"))
    if words is not None:
        n_other = size(config, "num_oov_indices", default=1)
        more = 1 if config.get("mask_token") is not None and _is_int(config) else 0
        other = config.get("oov_token", "[UNK]")
        if n_other and words[more : more + n_other] == [other] * n_other:
            return len(words)  # Keras lists them with the words, too
        return len(words) + n_other + more
    if config.get("vocabulary_size") is not None:
        return size(config, "vocabulary_size")
    raise ShapeUnknown(_NOT_STORED)


def _is_int(config: Config) -> bool:
    return config.get("output_mode", "int") == "int"
