"""Which optimizer of Keras 3 goes on with what a checkpoint keeps, and how it is set.

Defaults: keras/src/optimizers (adam, rmsprop, sgd), keras 3.15. For all three TensorFlow computes
the same; TensorFlow 1's MomentumOptimizer alone scales otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from h5viewer.documents.checkpoint_slots import StoredSlots
from h5viewer.documents.json_text import is_table
from h5viewer.errors import CannotRead
from h5viewer.names import visible


class Kind(msgspec.Struct, frozen=True):
    """An optimizer of Keras 3."""

    class_name: str
    needed: tuple[str, ...]  # kinds of slots, in turns for each weight
    more: Mapping[str, tuple[str, object]]  # kinds that a setting asks for, all weights after all
    settings: tuple[str, ...]  # that checkpoints may keep


_KINDS = {
    "adam": Kind("Adam", ("momentum", "velocity"), {"velocity_hat": ("amsgrad", True)},
                  ("beta_1", "beta_2", "epsilon")),
    "rmsprop": Kind("RMSprop", ("velocity",),
                     {"momentum": ("momentum", 0.9), "average_gradient": ("centered", True)},
                     ("rho", "momentum", "epsilon")),
    "sgd": Kind("SGD", ("momentum",), {}, ("momentum",)),
}  # fmt: skip
_OTHERS = {
    "momentum", "adamw", "nadam", "adamax", "lamb", "lion", "adagrad", "adadelta", "ftrl",
    "adafactor", "muon",
}  # fmt: skip
_GUESSED = ("adam", "sgd", "rmsprop")  # by what is kept, where nobody names the optimizer
_BETA_2 = 0.999  # of TensorFlow 1's Adam, which keeps its power and not how often it was taken
_UNBOUNDED = ("learning_rate", "epsilon")


def kind_of(slots: StoredSlots, stated: str | None) -> tuple[Kind, bool]:
    """The optimizer, and whether what it keeps is all that tells.

    Raises:
        CannotRead: it is none of those that can be kept.
    """
    kinds = slots.kinds()
    last = (slots.class_name or "").rpartition("/")[2]  # TensorFlow 1: "training/Adam"
    named = last.lower().replace("_", "").rstrip("0123456789")
    for name in (named, (stated or "").lower()):
        if name in _KINDS and _fits(_KINDS[name], kinds):
            return _KINDS[name], False
    if slots.class_name and named in _OTHERS:
        raise CannotRead(
            f"The optimizer “{visible(slots.class_name, 60)}” keeps what Keras 3's Adam, SGD and "
            "RMSprop do not."
        )
    for name in ("rmsprop", *_GUESSED) if "rho" in slots.settings else _GUESSED:
        if _fits(_KINDS[name], kinds):
            return _KINDS[name], True
    raise CannotRead("What the optimizer keeps is not what Keras 3's Adam, SGD or RMSprop keep.")


def _fits(kind: Kind, kinds: Collection[str]) -> bool:
    return set(kind.needed) <= set(kinds) <= {*kind.needed, *kind.more}


def settings_of(
    kind: Kind,
    kept: Collection[str],
    stated: Mapping[str, object],
    of_file: Mapping[str, float],
) -> dict[str, Any]:
    """Settings for Keras: of the checkpoint, else of the architecture's file, else usual ones.

    Args:
        kind: the optimizer.
        kept: kinds of slots.
        stated: in the file of the architecture.
        of_file: single numbers of the checkpoint.
    """
    config: dict[str, Any] = {"name": kind.class_name.lower()}
    config["learning_rate"] = 0.01 if kind.class_name == "SGD" else 0.001
    if kind.class_name == "SGD":
        config["momentum"] = 0.9  # without any Keras makes no room for what is kept
    config |= {name: value for each, (name, value) in kind.more.items() if each in kept}
    for source in (stated, of_file):
        for name in ("learning_rate", *kind.settings):
            value = source.get(name)
            if isinstance(value, int | float) and _is_possible(name, value):
                config[name] = float(f"{value:.7g}")  # 0.9, not 0.8999999761581421 of 32 bits
    return config


def _is_possible(name: str, value: float) -> bool:
    return math.isfinite(value) and 0 <= value <= (math.inf if name in _UNBOUNDED else 1)


def steps_so_far(of_file: Mapping[str, float]) -> int | None:
    """Steps of training so far; None: not known."""
    stated = of_file.get("iterations", math.nan)
    if math.isfinite(stated):
        return max(0, int(stated))
    power = of_file.get("beta2_power", math.nan)
    if 0 < power < 1:
        return max(0, round(math.log(power) / math.log(_BETA_2)) - 1)
    return None


def compiled_with(
    kind: Kind, config: dict[str, Any], compiled: Mapping[str, object]
) -> dict[str, Any]:
    """The compile configuration: this optimizer, and the loss where it is known."""
    optimizer = {
        "module": "keras.optimizers", "class_name": kind.class_name, "config": config,
        "registered_name": None,
    }  # fmt: skip
    return {
        "optimizer": optimizer, "loss": _loss(compiled), "loss_weights": None, "metrics": None,
        "weighted_metrics": None, "run_eagerly": False, "steps_per_execution": 1,
        "jit_compile": False,
    }  # fmt: skip


def _loss(compiled: Mapping[str, object]) -> object:
    """Keras' own, by name or as an object; None: not known, or somebody else's."""
    loss = compiled.get("loss")
    if isinstance(loss, str):
        return loss
    is_own = is_table(loss) and str(loss.get("module")).startswith("keras.losses")
    return loss if is_own else None


def setting_notes(
    kind: Kind,
    config: Mapping[str, object],
    of_file: Mapping[str, float],
    given: Mapping[str, object],
    compiled: Mapping[str, object],
    *,
    is_guessed: bool,
) -> Iterator[str]:
    """What is not as the checkpoint says, because it says nothing."""
    if is_guessed:
        yield f"The optimizer is not named; by what it keeps it is taken for {kind.class_name}."
    names = ("learning_rate", "momentum") if "momentum" in config else ("learning_rate",)
    usual = [
        name
        for name in names
        if name not in given and not _is_possible(name, of_file.get(name, math.nan))
    ]
    if usual:
        told = ", ".join(f"{name} {config[name]}" for name in usual)
        yield f"Not in the checkpoint, so the usual is set: {told}."
    if steps_so_far(of_file) is None:
        yield "How many steps were trained is not in the checkpoint: Keras counts from 0."
    if _loss(compiled) is None:
        yield (
            "The loss is not known. To train on: model.compile(optimizer=model.optimizer, loss=…)."
        )
