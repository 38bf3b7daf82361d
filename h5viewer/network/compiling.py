"""Compiling a repaired network as its file states: loss, metrics and optimizer, by name.

As in `load_model`, it can be left out. What comes from the file is matched against lists of
names and numbers; nothing of it is imported or called.
"""

from __future__ import annotations

import math
from typing import Any

import keras

from h5viewer.documents.json_text import is_list, is_table, table

_OPTIMIZERS = {
    name.lower(): name
    for name in (
        "SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "Nadam", "Ftrl",
        "Adafactor", "Lion", "Lamb",
    )
}  # fmt: skip
_SETTINGS = {
    "learning_rate": "learning_rate", "lr": "learning_rate", "momentum": "momentum",
    "nesterov": "nesterov", "rho": "rho", "beta_1": "beta_1", "beta_2": "beta_2",
    "epsilon": "epsilon", "amsgrad": "amsgrad", "centered": "centered",
    "weight_decay": "weight_decay", "clipnorm": "clipnorm", "clipvalue": "clipvalue",
    "global_clipnorm": "global_clipnorm",
}  # fmt: skip
_OLD_NAMES = {
    "mse": "mean_squared_error", "mae": "mean_absolute_error", "acc": "accuracy",
    "mape": "mean_absolute_percentage_error", "msle": "mean_squared_logarithmic_error",
    "kullback_leibler_divergence": "kl_divergence", "kld": "kl_divergence",
    "logcosh": "log_cosh", "huber_loss": "huber",
}  # fmt: skip
_LOSSES = (
    "categorical_crossentropy", "sparse_categorical_crossentropy", "binary_crossentropy",
    "mean_squared_error", "mean_absolute_error", "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error", "huber", "log_cosh", "kl_divergence", "poisson", "hinge",
    "squared_hinge", "categorical_hinge", "cosine_similarity", "binary_focal_crossentropy",
    "categorical_focal_crossentropy",
)  # fmt: skip
_METRICS = (
    *_LOSSES, "accuracy", "binary_accuracy", "categorical_accuracy",
    "sparse_categorical_accuracy", "top_k_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
)  # fmt: skip


def compile_as_stated(model: Any, stated: object) -> str:
    """Give a network the loss and the optimizer of its training configuration.

    Returns:
        What was done, as a sentence; "" where the file states nothing that Keras has.
    """
    training = table(stated)
    names = [str(name) for name in getattr(model, "output_names", ())]
    losses = _of_each(training.get("loss"), names)
    optimizer = _optimizer(training.get("optimizer_config", training.get("optimizer")))
    if optimizer is None or not losses or None in losses:
        return ""
    metrics = [_named(each, _METRICS) for each in _flat(training.get("metrics"))]
    known = [each for each in dict.fromkeys(metrics) if each is not None]
    one = len(names) <= 1
    model.compile(
        optimizer=optimizer,
        loss=losses[0] if one else losses,
        metrics=known if one else None,
    )
    shown = " and ".join(str(loss).replace("_", " ") for loss in dict.fromkeys(losses))
    return f"It is compiled as the file states: {type(optimizer).__name__}, {shown}."


def _of_each(stated: object, names: list[str]) -> list[str | None]:
    """The loss of each output."""
    if is_list(stated):
        found: list[object] = list(stated)
    elif is_table(stated) and "class_name" not in stated:
        found = [stated.get(name) for name in names]
    else:
        found = [stated] * max(1, len(names))
    return [_named(each, _LOSSES) for each in found] if len(found) == max(1, len(names)) else []


def _named(stated: object, known: tuple[str, ...]) -> str | None:
    """A loss or a metric by its name; None: Keras has none such."""
    if is_table(stated):
        config = table(stated.get("config"))
        if config.get("from_logits") is True:
            return None  # a name alone would not say so
        stated = config.get("fn") or stated.get("class_name")
        if stated in ("MeanMetricWrapper", "function"):
            stated = config.get("name")
    if not isinstance(stated, str):
        return None
    name = stated if stated == stated.lower() else _in_snake_case(stated)
    name = _OLD_NAMES.get(name, name)
    return name if name in known else None


def _in_snake_case(name: str) -> str:
    letters = [f"_{each.lower()}" if each.isupper() else each for each in name]
    return "".join(letters).lstrip("_").replace("k_l_", "kl_")


def _flat(stated: object) -> list[object]:
    """Metrics of one output, however deep they lie in lists."""
    found: list[object] = []
    waiting = [stated]
    while waiting and len(found) < 100:
        each = waiting.pop(0)
        if is_list(each):
            waiting += each
        elif each is not None:
            found.append(each)
    return found


def _optimizer(stated: object) -> Any:
    """With the settings it had, without its state; None: Keras has no such optimizer."""
    if isinstance(stated, str):
        stated = {"class_name": stated}
    name = str(table(stated).get("class_name")).rpartition(">")[2]
    name = _OPTIMIZERS.get(name.lower(), "")
    if not name:
        return None
    settings: dict[str, float | bool] = {}
    for key, value in table(table(stated).get("config")).items():
        own = _SETTINGS.get(key)
        if is_table(value):  # a schedule of learning rates
            value = table(value.get("config")).get("initial_learning_rate")
        if own and isinstance(value, (int, float)) and math.isfinite(value):
            settings[own] = value
    made = getattr(keras.optimizers, name)
    while True:
        try:
            return made(**settings)
        except (TypeError, ValueError):  # a setting of another Keras
            if not settings:
                return None
            settings.popitem()
