"""How to train on from a file: what it holds, whether that is all, and the Python lines."""

from __future__ import annotations

import json
import re

import msgspec

from h5viewer.names import visible
from h5viewer.nodes import SavedTraining
from h5viewer.wording import count_text, plural

_SHARD = re.compile(r"-\d{5}(?=-of-\d{5}$)")
_MORE_EPOCHS = 10
_SHORT = {
    "mse": "mean_squared_error", "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error", "msle": "mean_squared_logarithmic_error",
}  # fmt: skip
"""Names that Keras 3 writes into `.h5` and does not find when it reads them."""


class Resuming(msgspec.Struct, frozen=True):
    """What a card or the terminal says."""

    facts: tuple[tuple[str, str], ...]  # "Optimizer", "Adam"
    goes_on: bool  # training goes on as if it had not stopped
    words: str  # one sentence that says so, or what is missing
    lines: tuple[str, ...]  # Python


def resuming(saved: SavedTraining, path: str, epoch: int | None = None) -> Resuming:
    """What there is to know.

    Args:
        saved: what the file holds.
        path: absolute, of the file that was asked about.
        epoch: how many epochs it has behind it; None: not known.
    """
    goes_on, words = _verdict(saved)
    return Resuming(tuple(_facts(saved, epoch)), goes_on, words, tuple(_lines(saved, path, epoch)))


def _facts(saved: SavedTraining, epoch: int | None) -> list[tuple[str, str]]:
    state = plural(saved.n_state, "variable") if saved.n_state else "not in the file"
    found = [("Optimizer", visible(saved.optimizer or "not stated", 60)), ("Its state", state)]
    if saved.learning_rate is not None:
        found.append(("Learning rate", f"{saved.learning_rate:.6g}"))
    if saved.iterations is not None:
        found.append(("Steps so far", count_text(int(saved.iterations))))
    if epoch is not None:
        found.append(("Epochs so far", count_text(epoch)))
    return found


def _verdict(saved: SavedTraining) -> tuple[bool, str]:
    if saved.checkpoint:
        if saved.n_state:
            return True, (
                "Training goes on as if it had not stopped, once your program has built the "
                "same network and optimizer."
            )
        return False, (
            "It holds weights without the state of an optimizer: training can go on from these "
            "weights, but not as if it had not stopped."
        )
    if saved.has_architecture and saved.is_compiled and saved.n_state:
        if not _is_of_older_keras(saved):
            return True, "Training goes on as if it had not stopped."
        return True, (
            f"With {_older_keras(saved)} wrote it, training goes on as if it had not stopped; "
            "Keras 3 does not read the state of its optimizer."
        )
    if not saved.has_architecture:
        if saved.n_state:
            return True, (
                "Training goes on as if it had not stopped, once your program has built and "
                "compiled the same network."
            )
        return False, (
            "It holds weights only: training can go on from them, but not as if it had not "
            "stopped, as the optimizer begins anew."
        )
    missing = "the state of its optimizer" if saved.is_compiled else "how it was trained"
    return False, (
        f"It holds the network without {missing}: training can go on, but not as if it had not "
        "stopped, as the optimizer begins anew."
    )


def _lines(saved: SavedTraining, path: str, epoch: int | None) -> list[str]:
    epochs = ("...", "...") if epoch is None else (str(epoch), str(epoch + _MORE_EPOCHS))
    fit = f"model.fit(x, y, initial_epoch={epochs[0]}, epochs={epochs[1]})"
    if saved.checkpoint:
        is_of_objects = saved.checkpoint == "objects"
        return [*_of_checkpoint(saved, path), fit] if is_of_objects else _of_session(path)
    name = _python(path)
    compiled = f"model.compile(optimizer={_optimizer(saved)}, loss=...)"
    if not saved.has_architecture:
        return [
            "import keras",
            "",
            "model = ...  # built as it was when the file was saved",
            compiled,
            f"model.load_weights({name})",
            fit,
        ]
    load = f"model = keras.models.load_model({name})"
    if not saved.is_compiled:
        return ["import keras", "", load, compiled, fit]
    if _is_of_older_keras(saved):
        return [f"import keras  # {_older_keras(saved)} wrote the file", "", load, fit]
    if saved.format == "keras-h5":
        return [*_of_hdf5(saved, name), fit]
    return ["import keras", "", load, fit]


def _of_hdf5(saved: SavedTraining, name: str) -> list[str]:
    """Keras 3 gives a network from `.h5` an optimizer without variables, which refuses to train."""
    has_state = bool(saved.n_state)
    short = [f'"{word}": keras.losses.{_SHORT[word]}' for word in saved.objective if word in _SHORT]
    objects = f", custom_objects={{{', '.join(short)}}}" if short else ""
    state = [
        "optimizer.build(model.trainable_variables)",
        "with h5py.File(path) as file:  # Keras 3 does not read what it wrote here",
        '    state = file["optimizer_weights"]',
        "    names = [name for part in state.attrs.values() for name in part]",
        "    for variable, name in zip(optimizer.variables, names, strict=True):",
        "        variable.assign(state[name][()])",
    ]
    return [
        *(["import h5py"] if has_state else []),
        "import keras",
        "",
        f"path = {name}",
        f"model = keras.models.load_model(path{objects})",
        "optimizer = type(model.optimizer).from_config(model.optimizer.get_config())",
        *(state if has_state else []),
        "model.optimizer = optimizer",
    ]


def _is_of_older_keras(saved: SavedTraining) -> bool:
    """True where Keras 3 cannot go on: HDF5 files tell no version before 1.2."""
    if saved.keras_version is None:
        return saved.format == "keras-h5"
    return saved.keras_version.startswith(("0.", "1.", "2."))


def _older_keras(saved: SavedTraining) -> str:
    version = re.match(r"[\w.+-]*", saved.keras_version or "")
    return f"Keras {version[0]}, which" if version and version[0] else "the Keras that"


def _of_checkpoint(saved: SavedTraining, path: str) -> list[str]:
    """Objects are found by the names that they were saved under."""
    prefix = _prefix(path)
    if any(name.startswith(("layer-", "layer_with_weights-")) for name in saved.roots):
        return [
            "import tf_keras  # Keras 2; for Keras 3: h5v merge --architecture ... --weights ...",
            "",
            "model = ...  # built and compiled as it was when the checkpoint was saved",
            f"model.load_weights({prefix})",
        ]
    names = [name for name in saved.roots if name in ("model", "net", "network", "optimizer")]
    given = ", ".join(
        f"{name}={'model.optimizer' if name == 'optimizer' else 'model'}" for name in names
    )
    is_network = not names or names == ["optimizer"]
    return [
        "import tensorflow as tf",
        "",
        "model = ...  # built and compiled as it was when the checkpoint was saved",
        f"checkpoint = tf.train.Checkpoint({'model' if is_network else given})",
        f"checkpoint.restore({prefix})",
    ]


def _of_session(path: str) -> list[str]:
    prefix = _prefix(path)
    return [
        "import tensorflow as tf",
        "",
        "...  # build the same graph as before, with its optimizer",
        "saver = tf.compat.v1.train.Saver()",
        "with tf.compat.v1.Session() as session:",
        f"    saver.restore(session, {prefix})",
        "    ...  # your training loop",
    ]


def _prefix(path: str) -> str:
    """A checkpoint as TensorFlow restores it: without `.index`, old ones with all their shards."""
    return _python(_SHARD.sub("-?????", path).removesuffix(".index"))


def _optimizer(saved: SavedTraining) -> str:
    """As Keras takes it by name; "..." where the file does not say."""
    name = re.sub(r"_\d+$", "", (saved.optimizer or "").rpartition(">")[2]).lower()
    return f'"{name}"' if name.isidentifier() else "..."


def _python(path: str) -> str:
    """A path as a literal of Python, whole: where the program will run is not known."""
    return json.dumps(path, ensure_ascii=False) if path.isprintable() else repr(path)
