"""ExportOnnx: the loaded network as an ONNX model, by the exporter that Keras itself uses.

Keras' `model.export` writes to a path, which the worker cannot; here the same steps are taken,
and the model stays in memory. What comes out is checked by the `onnx` package and, where that
is quick, asked the same as the network.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from h5viewer.errors import CannotRead, NotInstalled
from h5viewer.formats.container import Container
from h5viewer.network.classes import KERAS_ERRORS, one_line
from h5viewer.network.loaded import loaded
from h5viewer.network.random_samples import largest_difference, random_batches
from h5viewer.network.recording import flat
from h5viewer.nodes import Exported, FileBytes
from h5viewer.operations import Operation
from h5viewer.requests import ExportOnnx, Progress
from h5viewer.wording import NEEDS_ONNX

_PIECE = 4 << 20  # bytes
_LARGEST = 2_000_000_000
"""Bytes of one ONNX file: what protobuf can hold."""

_ASKED = 20_000_000
"""Bytes of a model that is asked, by the slow reference that comes with the package."""

_LARGEST_DIFFERENCE = 1e-3
"""Relative, between the answers: more is another network."""


def require_exporter() -> None:
    """Look whether the exporter is installed, without loading it.

    Raises:
        NotInstalled: the hint says how to get it.
    """
    for module in ("tf2onnx", "onnx"):
        if find_spec(module) is None:
            message, hint = NEEDS_ONNX
            raise NotInstalled(message, hint=hint, details=f"No module named {module}")


def export_onnx(request: ExportOnnx, container: Container) -> Operation[Exported]:
    """Convert, check, hand over.

    Raises:
        NotInstalled: the exporter is not there.
        CannotRead: it cannot convert this network, or what it made answers otherwise.
    """
    require_exporter()
    network = yield from loaded(container, request.consent)
    name = container.source.name
    yield Progress(done=0, text="Converting to ONNX…")
    batches = random_batches(network.model)
    answers = _answers(network.model, batches)
    try:
        model = _converted(network.model)
    except (*KERAS_ERRORS, AttributeError, KeyError, AssertionError) as error:
        raise CannotRead(
            f"The network of {name} cannot be converted to ONNX: {one_line(error)}",
            details=str(error),
        ) from error
    if model.ByteSize() > _LARGEST:
        raise CannotRead(f"The network of {name} is too large for one ONNX file, by its format.")
    yield Progress(done=0, text="Checking it…")
    data: bytes = model.SerializeToString()
    notes = [*network.warnings, *_checked(model, data, batches, answers, name)]
    for start in range(0, len(data), _PIECE):
        yield FileBytes(data=data[start : start + _PIECE])
        yield Progress(done=start, total=len(data), unit="bytes")
    n_weights = len(network.model.weights)
    return Exported(
        bytes_before=container.source.size,
        bytes_after=len(data),
        n_weights=0,
        n_identical=0,
        notes=(*notes, f"Made of {n_weights} weights; opset {model.opset_import[0].version}."),
    )


def _converted(model: Any) -> Any:
    """The steps of `keras.src.export.onnx.export_onnx`, without a path."""
    from keras.src.export import export_utils, onnx
    from keras.src.export.tf2onnx_lib import patch_tf2onnx
    from tf2onnx import convert

    signature = keras.tree.map_structure(
        export_utils.make_tf_tensor_spec, export_utils.get_input_signature(model)
    )
    function = onnx.get_concrete_fn(model, signature)
    patch_tf2onnx()  # it was written for NumPy 1
    made, _ = convert.from_function(function, signature)
    return made


def _checked(
    model: Any,
    data: bytes,
    batches: list[NDArray[Any]],
    answers: list[NDArray[Any]],
    name: str,
) -> list[str]:
    """What was found out; sentences.

    Raises:
        CannotRead: it is no right model, or answers otherwise.
    """
    import onnx
    from onnx.reference import ReferenceEvaluator

    try:
        onnx.checker.check_model(data)
    except onnx.checker.ValidationError as error:
        raise CannotRead(
            f"The exporter made no right ONNX model of {name}; nothing was written.",
            details=str(error),
        ) from error
    if len(data) > _ASKED:
        return ["The model is too large to be asked here; its form was checked only."]
    inputs = dict(zip([each.name for each in model.graph.input], batches, strict=False))
    try:
        found = ReferenceEvaluator(model).run(None, inputs)
    except (NotImplementedError, RuntimeError, TypeError, ValueError, KeyError) as error:
        return [f"Its answers could not be compared, its form was checked only: {one_line(error)}"]
    difference = largest_difference([np.asarray(each) for each in found], answers)
    if not difference <= _LARGEST_DIFFERENCE:
        raise CannotRead(
            f"The ONNX model of {name} would answer differently from the network itself "
            f"(by {difference:.2g}); it is not written."
        )
    return ["It was asked the same as the network, and answers alike."]


def _answers(model: Any, batches: list[NDArray[Any]]) -> list[NDArray[Any]]:
    """Also marks the network as one that was called, which the exporter wants."""
    tensors = [tf.convert_to_tensor(batch) for batch in batches]
    answers = model(tensors if len(tensors) > 1 else tensors[0], training=False)
    return [keras.ops.convert_to_numpy(each) for each in flat(answers)]
