"""Layers that multiply the last axis by a matrix, and look-ups in one."""

from __future__ import annotations

from h5viewer.documents.shapes.axes import (
    MOST_AXES,
    Config,
    Fed,
    Made,
    ShapeUnknown,
    as_list,
    as_size,
    one,
    size,
    times,
)
from h5viewer.documents.shapes.einsum import equation_of, multiplied


def dense(config: Config, fed: Fed) -> Made:
    """One multiply-add for each weight, at each place of the axes before the last."""
    shape = fed.one()
    if len(shape) < 2:
        raise ShapeUnknown(f"It takes inputs of 2 axes or more and is fed {len(shape)}.")
    units = size(config, "units", "output_dim")
    return one((*shape[:-1], units), times(*shape[1:], units))


def maxout_dense(config: Config, fed: Fed) -> Made:
    """Keras 1: `nb_feature` dense layers, of which the largest answer counts."""
    shape, units = fed.of_rank(2), size(config, "output_dim")
    cost = times(shape[1], units, size(config, "nb_feature", default=4))
    return one((shape[0], units), cost)


def highway(_: Config, fed: Fed) -> Made:
    """Keras 1: two dense layers as wide as the input."""
    shape = fed.of_rank(2)
    return one(shape, times(2, shape[1], shape[1]))


def embedding(config: Config, fed: Fed) -> Made:
    """A look-up: nothing is multiplied."""
    units = size(config, "output_dim")
    shape = fed.shapes[0] if fed.shapes else None
    if shape is None:
        raise ShapeUnknown("The shape of its input is not known.")
    length = config.get("input_length")
    stated = as_list(length) if as_list(length) is not None else [length]
    if stated is not None and len(stated) == len(shape) - 1 <= MOST_AXES:
        inner = [
            as_size(said) if known is None else known
            for said, known in zip(stated, shape[1:], strict=True)
        ]
        shape = (shape[0], *inner)
    return one((*shape, units))


def reversible_embedding(config: Config, fed: Fed) -> Made:
    """Keras 3: forwards a look-up, backwards (`reverse`) a dense layer."""
    if fed.kwargs.get("reverse") is not True:
        return embedding(config, fed)
    shape, tokens = fed.one(), size(config, "input_dim")
    return one((*shape[:-1], tokens), times(*shape[1:], tokens))


def einsum_dense(config: Config, fed: Fed) -> Made:
    """One multiply-add for each combination of all letters of the equation.

    `output_shape` gives the sizes of the letters of the output, without the batch.
    """
    shape = fed.one()
    inputs, output = equation_of(config.get("equation"))
    if len(inputs) != 2:
        raise ShapeUnknown("Its equation does not have two inputs.")
    stated = as_list(config.get("output_shape"))
    if stated is None:
        stated = [config.get("output_shape")]
    return multiplied([shape, None], inputs, output, tuple(as_size(each) for each in stated))
