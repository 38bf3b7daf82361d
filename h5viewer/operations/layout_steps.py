"""The arithmetic of layouts: arrays as a file stores them to arrays as Keras 3 wants them.

What has to be done to the arrays of one layer stands in `documents.compatibility.layout`;
here is how. A step gets the list that the step before it made.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.compatibility.layout import (
    AddProduct,
    Blocks,
    CudnnKernel,
    CudnnRecurrentKernel,
    DivideBy,
    EachHalf,
    Flip,
    Join,
    Pick,
    Reshape,
    Scale,
    Step,
    SumHalves,
    Transpose,
)

Arrays = list[NDArray[Any]]


def converted(arrays: Arrays, steps: Iterable[Step]) -> Arrays:
    """The arrays after all steps.

    Raises:
        ValueError, IndexError: they do not have the shapes, or the number, that the steps need.
    """
    for step in steps:
        arrays = _after(arrays, step)
    return arrays


def _after(arrays: Arrays, step: Step) -> Arrays:
    match step:
        case Pick(order):
            return [arrays[i] for i in order if i < len(arrays)]
        case Join(groups, axis):
            if len(arrays) != sum(map(len, groups)):
                return arrays  # joined already
            return [np.concatenate([arrays[i] for i in group], axis=axis) for group in groups]
        case DivideBy(at, by):
            divided = arrays[at] / arrays[by].reshape(-1)[0]
            return [divided if i == at else each for i, each in enumerate(arrays) if i != by]
        case AddProduct(at, one, other, factor):
            if len(arrays) <= max(at, one, other):
                return arrays  # added already
            added = factor * (arrays[one].astype(np.float32) @ arrays[other].astype(np.float32))
            left = [each for i, each in enumerate(arrays) if i not in (at, one, other)]
            return [(arrays[at] + added).astype(arrays[at].dtype), *left]
        case EachHalf(steps, backward):
            half, second = len(arrays) // 2, steps if backward is None else backward
            return [*converted(arrays[:half], steps), *converted(arrays[half:], second)]
        case _:
            return [_changed(each, step) if i == step.at else each for i, each in enumerate(arrays)]


def _changed(array: NDArray[Any], step: Step) -> NDArray[Any]:
    match step:
        case Transpose(_, axes, where):
            fits = array.ndim == len(axes) and all(array.shape[i] == n for i, n in where)
            return array.transpose(axes) if fits else array
        case Flip(_, axes):
            return np.flip(array, axes)
        case Reshape(_, shape):
            return array.reshape(shape)
        case Blocks(_, order):
            blocks = np.split(array, len(order), axis=-1)
            return np.concatenate([blocks[i] for i in order], axis=-1)
        case Scale(_, factors):
            blocks = np.split(array, len(factors), axis=-1)
            scaled = [block * factor for block, factor in zip(blocks, factors, strict=True)]
            return np.concatenate(scaled, axis=-1).astype(array.dtype, copy=False)
        case CudnnKernel(_, n):
            blocks = np.split(array, n, axis=-1)
            turned = [block.T.reshape(block.shape, order="F") for block in blocks]
            return np.concatenate(turned, axis=-1)
        case CudnnRecurrentKernel(_, n):
            return np.concatenate([block.T for block in np.split(array, n, axis=-1)], axis=-1)
        case SumHalves():
            first, second = np.split(array, 2, axis=-1)
            summed: NDArray[Any] = first + second
            return summed
        case _:
            raise ValueError(f"{type(step).__name__} is no step for a single array.")
