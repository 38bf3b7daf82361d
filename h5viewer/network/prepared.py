"""A loaded network made ready to be asked: what it takes, what it says, how it is called."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras
import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.config_text import parsed_config, parsed_training
from h5viewer.documents.document import find_places
from h5viewer.documents.json_text import is_list, is_table, table
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.network.classes import FRAMEWORK_ERROR, KERAS_ERRORS, one_line
from h5viewer.network.evidence.weighing import Weighed, weigh
from h5viewer.network.inputs import describe_inputs
from h5viewer.network.loader import Network
from h5viewer.network.outputs import describe_outputs, squashed
from h5viewer.network.recording import as_taken, flat, going_on
from h5viewer.nodes import NetworkInput, NetworkOutput, Problem, Recipe
from h5viewer.operations import Operation
from h5viewer.requests import Progress

_MOST_SIZES = 8  # of samples that a network is compiled for: some megabytes each
_KEY, _PACE = "prepared network", "seconds of an answer"

Batches = Sequence[NDArray[Any]]
Call = Callable[[Batches], list[NDArray[Any]]]
Shape = tuple[int | None, ...]


class Prepared(msgspec.Struct, frozen=True):
    """What is known of a loaded network; made once and kept beside it."""

    network: Network
    inputs: tuple[NetworkInput, ...]
    outputs: tuple[NetworkOutput, ...]
    weighed: Weighed
    call: Call

    @property
    def recipe(self) -> Recipe:
        """The one that the evidence speaks for."""
        return self.weighed.recipes[0]


def prepared(container: Container, network: Network) -> Operation[Prepared]:
    """What is known of the network, worked out at the first question."""
    kept = container.source.kept.get(_KEY)
    if isinstance(kept, Prepared) and kept.network is network:
        return kept
    inputs = describe_inputs(network.model)
    outputs = describe_outputs(network.model, inputs, _purposes(container, network.model))
    weighed = yield from weigh(container, network, inputs, outputs)
    yield Progress(done=0, text="Compiling the network…")
    found = Prepared(network, inputs, outputs, weighed, calling(network.model, outputs))
    started = time.perf_counter()
    _rehearse(found)
    keep_pace(container, time.perf_counter() - started)
    container.source.kept[_KEY] = found
    return found


def pace(container: Container) -> float:
    """Seconds that the network took for its last answer."""
    return float(container.source.kept.get(_PACE, 0.0))


def keep_pace(container: Container, seconds: float) -> None:
    """It answered once more."""
    container.source.kept[_PACE] = seconds


def _rehearse(known: Prepared) -> None:
    """Ask it about zeros: the framework finishes compiling when it is first asked.

    The user waits for the network, not for the first answer, whose time then is the network's.
    """
    shapes = [(1, *tensor.shape[1:]) for tensor in flat(known.network.model.inputs)]
    if not any(None in shape for shape in shapes):
        known.call([np.zeros(shape, np.float32) for shape in shapes])


def calling(model: Any, outputs: Sequence[NetworkOutput]) -> Call:
    """A function from one batch an input to one array an output, compiled here and now.

    As fast as Keras' own `predict_on_batch`, without its callbacks and its data adapter.

    Raises:
        CannotRead: code of a layer fails; so may the function.
    """
    with _answering():
        run = _compiled(model)

    stateful = going_on(model)

    def ask(batches: Batches) -> list[NDArray[Any]]:
        for layer in stateful:
            layer.reset_state()
        tensors = [
            keras.ops.convert_to_tensor(batch, dtype=tensor.dtype)
            for batch, tensor in zip(batches, flat(model.inputs), strict=True)
        ]
        with _answering():
            answers = run(tensors if len(tensors) > 1 else tensors[0])
        arrays = [np.asarray(keras.ops.convert_to_numpy(each)) for each in flat(answers)]
        return [squashed(each, output.squash) for each, output in zip(arrays, outputs, strict=True)]

    size = flat(model.inputs)[0].shape[0]
    return ask if size is None else partial(_by_batches_of, size, ask)


def _by_batches_of(size: int, ask: Call, batches: Batches) -> list[NDArray[Any]]:
    """The answers of a network that takes so many samples at once, no more and no fewer.

    What is missing from the last ones is the last sample, once more.
    """
    n = len(batches[0])
    answers = []
    for start in range(0, n, size):
        at = np.minimum(np.arange(start, start + size), n - 1)
        answers.append(ask([np.asarray(batch)[at] for batch in batches]))
    return [np.concatenate(each)[:n] for each in zip(*answers, strict=True)]


def _compiled(model: Any) -> Callable[[Any], Any]:
    def run(tensors: Any) -> Any:
        return model(as_taken(model, flat(tensors)), training=False)

    if keras.backend.backend() != "tensorflow":
        return run
    inputs = flat(model.inputs)
    if any(None in tensor.shape[1:] for tensor in inputs):
        return _OfAnySize(run, inputs)
    return _traced(run, inputs, [tuple(tensor.shape[1:]) for tensor in inputs])


def _traced(
    run: Callable[[Any], Any], inputs: Sequence[Any], sizes: Sequence[Shape]
) -> Callable[[Any], Any]:
    """The function for samples of these sizes, compiled here and now.

    For any size of a batch: made-up pictures come by the dozen, the user's one by one, and
    compiling took 0.4 s of the first answer of a MobileNet. It runs as fast.
    """
    import tensorflow as tf

    specs = [
        tf.TensorSpec((tensor.shape[0], *size), tensor.dtype)
        for tensor, size in zip(inputs, sizes, strict=True)
    ]
    signature = [specs if len(specs) > 1 else specs[0]]
    compiled: Any = tf.function(run, autograph=False, input_signature=signature)
    compiled.get_concrete_function()
    return compiled  # type: ignore[no-any-return]


class _OfAnySize:
    """A network whose input may have any size: compiled for one that comes again.

    Not for all sizes at once: then Keras' TimeDistributed takes as many steps as there are
    samples, and UpSampling2D between pixels fails.
    """

    def __init__(self, run: Callable[[Any], Any], inputs: Sequence[Any]) -> None:
        self._run, self._inputs = run, inputs
        self._known: dict[tuple[Shape, ...], Callable[[Any], Any]] = {}

    def __call__(self, tensors: Any) -> Any:
        sizes = tuple(tuple(tensor.shape[1:]) for tensor in flat(tensors))
        known = self._known.pop(sizes, None)
        if known is self._run:
            known = _traced(self._run, self._inputs, sizes)
        while len(self._known) >= _MOST_SIZES:
            del self._known[next(iter(self._known))]
        self._known[sizes] = known or self._run
        return self._known[sizes](tensors)


@contextmanager
def _answering() -> Iterator[None]:
    """What a layer raises, as a sentence; `guarded` knows what the framework raises."""
    try:
        yield
    except (MemoryError, FRAMEWORK_ERROR):
        raise
    except KERAS_ERRORS as error:
        raise CannotRead(
            f"The network cannot answer: {one_line(error)}",
            hint="Code of one of its layers may not fit what it is given.",
            details=str(error)[:4000],
        ) from error


def _purposes(container: Container, model: Any) -> tuple[str, ...]:
    """Loss and metrics it was trained with, as JSON: one text an output; empty: not known."""
    problems: list[Problem] = []  # told with the architecture
    places = find_places(container)
    config = parsed_config(container, places, problems)
    training = table(parsed_training(container, places, config, problems))
    loss, metrics = training.get("loss"), json.dumps(training.get("metrics"))
    if loss is None:
        return ()
    names = list(getattr(model, "output_names", ()))
    if is_list(loss):
        return tuple(json.dumps(each) for each in loss[:100])
    if is_table(loss) and "class_name" not in loss and any(name in loss for name in names):
        return tuple(json.dumps(loss.get(name)) for name in names)
    return (json.dumps(loss) + (metrics if len(names) <= 1 else ""),)
