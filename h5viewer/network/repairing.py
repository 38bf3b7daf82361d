"""RepairNetwork: the loaded network as an archive that plain Keras opens, looked at again.

All of it stays in memory: the worker can write nowhere. Keras writes configuration and
weights by its own rules, then opens the archive as everybody else would, in safe mode, and
has to give the same answers.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import keras
from keras.src.saving import saving_lib
from numpy.typing import NDArray

from h5viewer.documents.config_text import parsed_config, parsed_training
from h5viewer.documents.document import find_places
from h5viewer.documents.network_size import require_few_layers
from h5viewer.errors import CannotRead
from h5viewer.formats.archive_writing import archive
from h5viewer.formats.container import Container
from h5viewer.names import visible
from h5viewer.network.classes import KERAS_ERRORS, one_line
from h5viewer.network.compiling import compile_as_stated
from h5viewer.network.loaded import loaded
from h5viewer.network.loader import Network
from h5viewer.network.random_samples import largest_difference, random_batches
from h5viewer.network.recording import as_taken, flat, forget
from h5viewer.nodes import FileBytes, Problem, Repaired
from h5viewer.operations import Operation
from h5viewer.requests import Progress, RepairNetwork

_PIECE = 4 << 20  # bytes
LARGEST_DIFFERENCE = 1e-4
"""Between the answers before and after: more is another network."""


def repair_network(request: RepairNetwork, container: Container) -> Operation[Repaired]:
    """Write, open again, compare, hand over.

    Raises:
        CannotRead: it holds code or too many layers, or plain Keras does not open what it wrote,
            or answers otherwise.
    """
    yield Progress(done=0, unit="layers")
    name = container.source.name
    require_few_layers(parsed_config(container, find_places(container), []), name)
    network = yield from loaded(container, request.consent)
    _require_no_code(network, name)
    yield Progress(done=0, text="Writing the repaired network…")
    try:
        written = as_archive(network.model)
        yield Progress(done=0, text="Opening it with plain Keras…")
        again = opened_by_keras(written, network.own_classes)
    except KERAS_ERRORS as error:
        raise CannotRead(
            f"Keras cannot write the network of {name}: {one_line(error)}", details=str(error)
        ) from error
    yield Progress(done=0, text="Comparing what both answer…")
    difference = difference_between(network.model, again)
    if not difference <= LARGEST_DIFFERENCE:
        raise CannotRead(
            f"The repaired copy of {name} would answer differently from the network itself "
            f"(by {difference:.2g}); it is not written."
        )
    training = ""
    if request.compiles:
        yield Progress(done=0, text="Compiling it as the file states…")
        written, training = _compiled(written, again, container, network.own_classes)
    size = written.getbuffer().nbytes
    for start in range(0, size, _PIECE):
        yield FileBytes(data=written.read(_PIECE))
        yield Progress(done=start, total=size, unit="bytes")
    return Repaired(
        findings=network.findings,
        n_bytes=size,
        largest_difference=difference,
        n_weights=len(network.model.weights),
        warnings=network.warnings,
        training=training,
    )


def _compiled(
    written: io.BytesIO, model: Any, container: Container, own_classes: Mapping[str, Any]
) -> tuple[io.BytesIO, str]:
    """The archive with what the file states of training, and the sentence about it.

    The opened copy is compiled, not the network: that is asked further.
    """
    said = compile_as_stated(model, _training(container))
    if not said:
        return written, ""
    try:
        compiled = as_archive(model)
        opened_by_keras(compiled, own_classes, compiles=True)
    except KERAS_ERRORS:  # what it states is not of this network: the copy does without
        return written, ""
    return compiled, said


def _training(container: Container) -> object:
    problems: list[Problem] = []  # told with the architecture
    places = find_places(container)
    return parsed_training(container, places, parsed_config(container, places, problems), problems)


def as_archive(model: Any) -> io.BytesIO:
    """A `.keras` archive, as Keras writes it, without a look at the disk."""
    config, metadata = saving_lib._serialize_model_as_json(model)
    weights = io.BytesIO()
    store = saving_lib.H5IOStore(weights, mode="w")
    try:
        saving_lib._save_state(
            model, weights_store=store, assets_store=None, inner_path="", visited_saveables=set()
        )
    finally:
        store.close()
    entries = {
        "metadata.json": metadata.encode(),
        "config.json": config.encode(),
        "model.weights.h5": weights.getbuffer(),
    }
    return archive(entries)


def opened_by_keras(
    written: io.BytesIO, own_classes: Mapping[str, Any] | None = None, *, compiles: bool = False
) -> Any:
    """The network that plain Keras makes of an archive, in safe mode."""
    written.seek(0)
    model = saving_lib._load_model_from_fileobj(
        written, custom_objects=dict(own_classes or {}), compile=compiles, safe_mode=True
    )
    written.seek(0)
    return model


def difference_between(first: Any, second: Any) -> float:
    """The largest difference between what two networks answer to random numbers, relative."""
    batches = random_batches(first)
    return largest_difference(_answers(second, batches), _answers(first, batches))


def _answers(model: Any, batches: list[NDArray[Any]]) -> list[NDArray[Any]]:
    """Without compiling anything: each is asked once."""
    forget(model)
    answers = model(as_taken(model, batches), training=False)
    return [keras.ops.convert_to_numpy(each) for each in flat(answers)]


def _require_no_code(network: Network, name: str) -> None:
    layer = next(
        (each for each in network.model._flatten_layers() if isinstance(each, keras.layers.Lambda)),
        None,
    )
    if layer is not None:
        raise CannotRead(
            f"{name} holds Python code in “{visible(layer.name)}”, which plain Keras refuses to "
            "open in any file.",
            hint="A copy without code cannot answer alike, so none is written.",
        )
