"""Grad-CAM: where in a layer's maps the answer comes from.

Source: Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based
Localization", ICCV 2017: maps weighted by the mean gradient of the class score, negative
sums cut off.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.network.recording import (
    as_taken,
    before_activation,
    flat,
    forget,
    recorded,
    source_of,
)


def maps_and_gradient(
    model: Any, batches: list[NDArray[Any]], operation: Any, output: int, index: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What a layer puts out for a sample, and how the score of a class changes with it.

    The score is that before softmax or sigmoid, summed over the positions of an output that
    has one answer a place.

    Raises:
        CannotRead: the layer is not on the way to this output, or the backend has no gradients.
    """
    if keras.backend.backend() != "tensorflow":
        raise CannotRead(
            "Class-activation maps need TensorFlow as the backend.",
            hint="Choose occlusion instead.",
        )
    forget(model)
    with ExitStack() as stack:
        stack.enter_context(before_activation(source_of(model.outputs[output])))
        tape = stack.enter_context(tf.GradientTape(watch_accessed_variables=False))
        outputs = stack.enter_context(recorded(operation, lambda made: tape.watch(flat(made)[0])))
        answers = flat(model(as_taken(model, batches), training=False))
        score = tf.reduce_sum(tf.cast(answers[output], tf.float32)[..., index])
    if not outputs:
        raise CannotRead("That layer is not used for the answer.", hint="Choose another layer.")
    maps = flat(outputs[-1])[0]
    gradient = tape.gradient(score, maps)
    if gradient is None:
        raise CannotRead(
            "The answer does not depend on that layer.", hint="Choose another layer or output."
        )
    return (
        np.asarray(tf.cast(maps, tf.float32))[0],
        np.asarray(tf.convert_to_tensor(tf.cast(gradient, tf.float32)))[0],
    )


def class_activation(
    maps: NDArray[np.float32], gradient: NDArray[np.float32], *, channels_first: bool
) -> NDArray[np.float32]:
    """How much each place of a layer's maps speaks for the class.

    Args:
        maps, gradient: (rows, columns, channels), or channels first; of a signal (steps,
            channels), of a volume (slices, rows, columns, channels).

    Returns:
        The places without the channels, 0 … 1; all 0 where nothing speaks for the class.
    """
    if channels_first:
        maps, gradient = np.moveaxis(maps, 0, -1), np.moveaxis(gradient, 0, -1)
    weights = gradient.mean(axis=tuple(range(gradient.ndim - 1)), dtype=np.float64)
    heat = np.maximum(maps.astype(np.float64) @ weights, 0.0)
    heat = np.where(np.isfinite(heat), heat, 0.0)
    largest = heat.max(initial=0.0)
    return (heat / largest if largest > 0 else heat).astype(np.float32)


def resized(heat: NDArray[np.float32], rows: int, columns: int) -> NDArray[np.float32]:
    """A map in another size, linear between the centres of its places."""
    lines = _weights(heat.shape[0], rows)
    across = _weights(heat.shape[1], columns)
    return (lines @ heat.astype(np.float64) @ across.T).astype(np.float32)


def _weights(n: int, wanted: int) -> NDArray[np.float64]:
    """(wanted, n): how much of each old place goes into each new one."""
    at = np.clip((np.arange(wanted) + 0.5) * n / wanted - 0.5, 0, n - 1)
    low = np.floor(at).astype(int)
    high = np.minimum(low + 1, n - 1)
    weights = np.zeros((wanted, n))
    weights[np.arange(wanted), low] += 1 - (at - low)
    weights[np.arange(wanted), high] += at - low
    return weights
