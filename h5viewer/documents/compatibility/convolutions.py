"""Layers with a kernel: what their stored arrays need, and their activation.

Keras 1 stored kernels of "th" networks as (filters, stack, rows, columns); Theano convolves, so
that its kernels are those of the others backwards.
Source: keras 2.2.4, engine/saving.py, `preprocess_weights_for_loading`.
"""

from __future__ import annotations

from h5viewer.documents.compatibility.arguments import Config
from h5viewer.documents.compatibility.layout import Flip, Reshape, Scale, Step, Transpose
from h5viewer.documents.compatibility.place import Made, Place, Work
from h5viewer.documents.compatibility.recurrent import HARD_SIGMOID, tell_of_hard_sigmoid
from h5viewer.documents.compatibility.values import whole
from h5viewer.documents.json_text import is_list

_FLIPPED: dict[str, tuple[int, ...]] = {  # the axes of rows and columns in Keras 3's order
    "Conv1D": (0,), "Conv2D": (0, 1), "Conv3D": (0, 1, 2), "Conv2DTranspose": (0, 1),
}  # fmt: skip
_SCALED: dict[str, tuple[int, ...]] = {  # stored arrays that what is activated is linear in
    "Dense": (0, 1), "EinsumDense": (0, 1), "Conv1D": (0, 1), "Conv2D": (0, 1), "Conv3D": (0, 1),
    "Conv1DTranspose": (0, 1), "Conv2DTranspose": (0, 1), "Conv3DTranspose": (0, 1),
    "DepthwiseConv1D": (0, 1), "DepthwiseConv2D": (0, 1),
    "SeparableConv1D": (1, 2), "SeparableConv2D": (1, 2),
}  # fmt: skip


def finish(class_name: str, made: Made, config: Config, place: Place, work: Work) -> None:
    """Give a layer the steps its stored arrays need."""
    if work.generation == 1:
        made.steps += _from_keras_1(class_name, made, config)
    if work.is_theano and class_name in _FLIPPED:
        if work.generation > 1 and class_name == "Conv2D":
            made.steps += _from_older_weights(made, work)
        made.steps += (Flip(0, _FLIPPED[class_name]),)
        work.findings.add(
            place.name,
            "Theano stored its kernels backwards.",
            "They are turned around.",
        )
    is_hard = made.config.get("activation") == "hard_sigmoid"
    if is_hard and work.generation < 3 and class_name in _SCALED:
        tell_of_hard_sigmoid(place, work)
        arrays = _SCALED[class_name]
        if config.get("use_bias") is False:
            arrays = arrays[:1]
        made.steps += tuple(Scale(at, (HARD_SIGMOID,)) for at in arrays)


def _from_older_weights(made: Made, work: Work) -> tuple[Step, ...]:
    """Weights of Keras 1 for an architecture that a later one states, known by their shape.

    A Dense behind a Flatten of channels last would need its rows in another order.
    """
    if work.mixes_axes and made.config.get("data_format") != "channels_first":
        return ()
    filters = whole(made.config, "filters")
    sizes = made.config.get("kernel_size")
    height, width = sizes if is_list(sizes) and len(sizes) == 2 else (sizes, sizes)
    if filters is None or filters == height:
        return ()  # then a kernel has one shape in either order
    if not isinstance(height, int) or not isinstance(width, int):
        return ()
    return (Transpose(0, (2, 3, 1, 0), where=((0, filters), (2, height), (3, width))),)


def _from_keras_1(class_name: str, made: Made, config: Config) -> tuple[Step, ...]:
    is_first = made.config.get("data_format") == "channels_first"
    match class_name:
        case "Conv1D":
            filters = whole(config, "filters") or -1
            length = whole(config, "kernel_size") or -1
            # Keras 1.0 and 1.1: (filters, stack, length, 1); 1.2: (length, 1, stack, filters)
            old = ((0, filters), (2, length), (3, 1))
            return (
                Transpose(0, (2, 3, 1, 0), where=old),
                Reshape(0, (length, -1, filters)),
            )
        case "Conv2D" if is_first:
            return (Transpose(0, (2, 3, 1, 0)),)
        case "Conv2DTranspose":
            return (Transpose(0, (2, 3, 0, 1) if is_first else (0, 1, 3, 2)),)
        case "Conv3D" if is_first:
            return (Transpose(0, (2, 3, 4, 1, 0)),)
        case "SeparableConv2D" if is_first:
            return (Transpose(0, (2, 3, 1, 0)), Transpose(1, (2, 3, 1, 0)))
        case _:
            return ()
