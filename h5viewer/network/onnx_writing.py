"""ExportOnnx: the loaded network as an ONNX model, by the exporter that Keras itself uses.

What comes out is checked by the `onnx` package and asked the same as the network: by
onnxruntime where it is installed, else by the reference that comes with the package.
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
from h5viewer.network.classes import one_line
from h5viewer.network.loaded import loaded
from h5viewer.network.onnx_conversion import to_onnx
from h5viewer.network.random_samples import largest_difference, random_batches
from h5viewer.network.recording import as_taken, flat
from h5viewer.nodes import Exported, FileBytes
from h5viewer.operations import Operation
from h5viewer.requests import ExportOnnx, Progress
from h5viewer.wording import NEEDS_ONNX

_PIECE = 4 << 20  # bytes
_LARGEST = 2_000_000_000
"""Bytes of one ONNX file: what protobuf can hold."""

_LARGEST_REFERRED, _LARGEST_RUN = 20_000_000, 1_000_000_000
"""Bytes of a model that is asked: by the slow reference of the package, and by onnxruntime."""

_FORM_ONLY = "its form was checked only. With onnxruntime installed it is asked, too."
_FATAL = 4
_REFERENCE_ERRORS = (NotImplementedError, RuntimeError, TypeError, ValueError, KeyError, IndexError)
_Inputs = dict[str, NDArray[Any]]

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
    model = to_onnx(network.model, name)
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

    try:
        onnx.checker.check_model(data, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise CannotRead(
            f"The exporter made no right ONNX model of {name}; nothing was written.",
            details=str(error),
        ) from error
    inputs = {
        given.name: _as_wanted(batch, onnx.helper.tensor_dtype_to_np_dtype(_element(given)))
        for given, batch in zip(model.graph.input, batches, strict=True)
    }
    if find_spec("onnxruntime") is not None:
        if len(data) > _LARGEST_RUN:
            return ["The model is too large to be asked here; its form was checked only."]
        found = _by_onnxruntime(data, inputs, name)
    elif len(data) > _LARGEST_REFERRED:
        return [f"The model is too large to be asked without onnxruntime; {_FORM_ONLY}"]
    else:
        try:
            found = _by_reference(model, inputs)
        except _REFERENCE_ERRORS as error:
            return [f"The reference of onnx cannot run it ({one_line(error)}); {_FORM_ONLY}"]
        if [each.shape for each in found] != [each.shape for each in answers]:
            # onnx 1.23 makes vectors of what its loops give for recurrent layers
            return [f"The reference of onnx runs it wrongly; {_FORM_ONLY}"]
    difference = largest_difference(found, answers)
    if not difference <= _LARGEST_DIFFERENCE:
        raise CannotRead(
            f"The ONNX model of {name} would answer differently from the network itself "
            f"(by {difference:.2g}); it is not written."
        )
    return ["It was asked the same as the network, and answers alike."]


def _element(given: Any) -> int:
    kind: int = given.type.tensor_type.elem_type
    return kind


def _as_wanted(batch: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    return batch if batch.dtype.hasobject else batch.astype(dtype)


def _by_onnxruntime(data: bytes, inputs: _Inputs, name: str) -> list[NDArray[Any]]:
    """What programs that use the model would get.

    Raises:
        CannotRead: it cannot be run.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = _FATAL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    errors: tuple[type[Exception], ...] = (RuntimeError, ValueError, *_errors_of(onnxruntime))
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        return [np.asarray(each) for each in session.run(None, inputs)]
    except errors as error:
        raise CannotRead(
            f"The ONNX model of {name} cannot be run; it is not written.", details=str(error)
        ) from error


def _errors_of(onnxruntime: Any) -> tuple[type[Exception], ...]:
    """Of its own, which have no common class."""
    states = onnxruntime.capi.onnxruntime_pybind11_state
    found = [each for each in vars(states).values() if isinstance(each, type)]
    return tuple(each for each in found if issubclass(each, Exception))


def _by_reference(model: Any, inputs: _Inputs) -> list[NDArray[Any]]:
    from onnx.reference import ReferenceEvaluator

    return [np.asarray(each) for each in ReferenceEvaluator(model).run(None, inputs)]


def _answers(model: Any, batches: list[NDArray[Any]]) -> list[NDArray[Any]]:
    """Also marks the network as one that was called, which the exporter wants."""
    tensors = [tf.convert_to_tensor(batch) for batch in batches]
    answers = model(as_taken(model, tensors), training=False)
    return [keras.ops.convert_to_numpy(each) for each in flat(answers)]
