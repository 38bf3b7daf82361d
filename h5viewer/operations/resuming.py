"""ReadTraining: what a file holds that further training can begin with."""

from __future__ import annotations

import json
import math
import re

from h5viewer.documents.checkpoint_parts import checkpoint_parts
from h5viewer.documents.document import keras_versions
from h5viewer.documents.json_text import table
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.names import plain
from h5viewer.nodes import OptimizerState, SavedTraining, Slot
from h5viewer.operations import Operation
from h5viewer.operations.network import Network, known_network
from h5viewer.requests import ReadTraining

_STEPS = ("iterations", "iteration", "iter", "_iterations", "global_step")
_RATES = ("learning_rate", "_learning_rate", "lr", "current_learning_rate")
_SCOPES = {
    "adam": "Adam", "adam_w": "AdamW", "nadam": "Nadam", "adamax": "Adamax", "lamb": "Lamb",
    "sgd": "SGD", "rm_sprop": "RMSprop", "lion": "Lion", "adagrad": "Adagrad", "muon": "Muon",
    "adadelta": "Adadelta", "ftrl": "Ftrl", "adafactor": "Adafactor",
}  # fmt: skip
"""What Keras 3 calls its optimizers in checkpoints where nobody gave them a name: classes."""


def read_training(request: ReadTraining, container: Container) -> Operation[SavedTraining]:
    """Optimizer, its state, steps and learning rate as far as the file has them.

    Raises:
        CannotRead: it holds nothing of a training.
    """
    del request
    network = yield from known_network(container)
    if network.places.format == "hdf5":
        raise CannotRead(
            f"{container.source.name} is no Keras model, no file of its weights and no checkpoint, "
            "so no training can go on from it."
        )
    if isinstance(container, CheckpointContainer):
        return _of_checkpoint(container, network)
    training, state = network.training, network.optimizer or OptimizerState(optimizer=None)
    stated = table(_parsed(training.optimizer_config)) if training else {}
    rate = single_number(container, state.own, "learning_rate")
    return SavedTraining(
        format=network.places.format,
        keras_version=keras_versions(container, network.places, [])[0],
        has_architecture=any(layer.class_name for layer in network.layers),
        optimizer=(training.optimizer_class if training else None) or state.optimizer,
        is_compiled=training is not None and bool(training.optimizer_class),
        objective=_words(f"{training.loss} {training.metrics}") if training else (),
        n_state=len(state.slots) or (training.n_variables if training else 0),
        iterations=single_number(container, state.own, "iterations"),
        learning_rate=rate if rate is not None else _number(stated, "learning_rate", "lr"),
    )


def _words(text: str) -> tuple[str, ...]:
    """The words of a text, each once."""
    return tuple(dict.fromkeys(re.findall(r"\w+", text)))[:100]


def _of_checkpoint(container: CheckpointContainer, network: Network) -> SavedTraining:
    parts = checkpoint_parts(container)
    state = network.optimizer
    settings = {plain(name).removesuffix("/.ATTRIBUTES/VARIABLE_VALUE"): name for name in
                parts.settings}  # fmt: skip
    last = {name.rpartition("/")[2]: key for name, key in settings.items()}
    for key in parts.variables:  # TensorFlow 1 counts beside its optimizer
        last.setdefault(plain(key), key)
    roots: tuple[str, ...] = ()
    if parts.graph is not None and parts.graph.objects:
        roots = tuple(plain(name) for name, _ in parts.graph.objects[0].children)
    return SavedTraining(
        format="tf-checkpoint",
        has_architecture=False,
        optimizer=_SCOPES.get(state.optimizer or "", state.optimizer) if state else None,
        n_state=len(parts.slots) or (len(parts.settings) if parts.graph else 0),
        iterations=_named(container, last, _STEPS),
        learning_rate=_named(container, last, _RATES),
        checkpoint="names" if parts.graph is None else "objects",
        roots=roots[:100],
    )


def _named(
    container: CheckpointContainer, keys: dict[str, bytes], names: tuple[str, ...]
) -> float | None:
    key = next((keys[name] for name in names if name in keys), None)
    if key is None or container.variables[key].shape:
        return None
    return _scalar(container, container.path_of(key))


def single_number(container: Container, own: tuple[Slot, ...], kind: str) -> float | None:
    """What an optimizer keeps of that kind: "iterations", "learning_rate"; None: nothing."""
    slot = next((slot for slot in own if slot.kind == kind and slot.shape == ()), None)
    return None if slot is None else _scalar(container, slot.path)


def _scalar(container: Container, path: tuple[bytes, ...]) -> float | None:
    try:
        value = float(container.array(path).read(()))
    except (CannotRead, TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None


def _parsed(text: str) -> object:
    try:
        return json.loads(text) if text else None
    except (ValueError, RecursionError):  # it was shortened
        return None


def _number(stated: dict[str, object], *names: str) -> float | None:
    for name in names:
        value = stated.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    return None
