"""How to train on from a file: what it holds, whether that is all, and the Python lines."""

from __future__ import annotations

import json
import re

import msgspec

from h5viewer.names import visible
from h5viewer.nodes import SavedTraining
from h5viewer.wording import count_text, plural

_MORE_EPOCHS = 10


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
        return True, "Training goes on as if it had not stopped."
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
    lines = ["import keras", "", f"model = keras.models.load_model({name})"]
    return [*lines, fit] if saved.is_compiled else [*lines, compiled, fit]


def _of_checkpoint(saved: SavedTraining, path: str) -> list[str]:
    """Objects are found by the names that they were saved under."""
    prefix = _python(path.removesuffix(".index"))
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
    prefix = _python(path.removesuffix(".index"))
    return [
        "import tensorflow as tf",
        "",
        "...  # build the same graph as before, with its optimizer",
        "saver = tf.compat.v1.train.Saver()",
        "with tf.compat.v1.Session() as session:",
        f"    saver.restore(session, {prefix})",
        "    ...  # your training loop",
    ]


def _optimizer(saved: SavedTraining) -> str:
    """As Keras takes it by name; "..." where the file does not say."""
    name = re.sub(r"_\d+$", "", (saved.optimizer or "").rpartition(">")[2]).lower()
    return f'"{name}"' if name.isidentifier() else "..."


def _python(path: str) -> str:
    """A path as a literal of Python, whole: where the program will run is not known."""
    return json.dumps(path, ensure_ascii=False) if path.isprintable() else repr(path)
