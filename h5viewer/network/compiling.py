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
_CLASSES = {"kl_divergence": "KLDivergence"}  # whose names are not those of the functions
_FIRST_RATE = "Of its schedule of learning rates the first is kept."
_LOSS_SETTINGS = (
    "from_logits", "label_smoothing", "delta", "axis", "gamma", "alpha", "apply_class_balancing",
    "ignore_class",
)  # fmt: skip
_SAYING_NOTHING = frozenset({"name", "fn", "dtype", "reduction", "module"})
_METRICS = (
    *_LOSSES, "accuracy", "binary_accuracy", "categorical_accuracy",
    "sparse_categorical_accuracy", "top_k_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
)  # fmt: skip


def compile_as_stated(model: Any, stated: object) -> str:
    """Give a network the loss and the optimizer of its training configuration.

    Returns:
        What was done, or that it was not, as a sentence; "" where the file states nothing.
    """
    training = table(stated)
    if not training:
        return ""
    names = [str(name) for name in getattr(model, "output_names", ())]
    losses = _of_each(training.get("loss"), names)
    optimizer = _optimizer(training.get("optimizer_config", training.get("optimizer")))
    weights = _weights(training.get("loss_weights"), names)
    if optimizer is None or not losses or None in losses or weights is False:
        return "It is not compiled: Keras has no such loss or optimizer as the file states."
    metrics = [_named(each, _METRICS) for each in _flat(training.get("metrics"))]
    known = [each for each in dict.fromkeys(metrics) if each is not None]
    one = len(names) <= 1
    model.compile(
        optimizer=optimizer,
        loss=losses[0] if one else losses,
        loss_weights=weights,
        metrics=known if one else None,
    )
    shown = " and ".join(dict.fromkeys(map(_shown, losses)))
    done = f"It is compiled as the file states: {type(optimizer).__name__}, {shown}."
    return f"{done} {_FIRST_RATE}" if _has_schedule(training) else done


def _has_schedule(training: dict[str, object]) -> bool:
    stated = table(training.get("optimizer_config", training.get("optimizer")))
    config = table(stated.get("config"))
    return is_table(config.get("learning_rate")) or is_table(config.get("lr"))


def _of_each(stated: object, names: list[str]) -> list[Any]:
    """The loss of each output, as Keras takes it; None: it has none such."""
    if is_list(stated):
        found: list[object] = list(stated)
    elif is_table(stated) and "class_name" not in stated:
        found = [stated.get(name) for name in names]
    else:
        found = [stated] * max(1, len(names))
    return [_loss(each) for each in found] if len(found) == max(1, len(names)) else []


def _loss(stated: object) -> Any:
    """By its name, or made with the numbers that the file states; None: Keras has none such."""
    name = _named(stated, _LOSSES)
    settings = table(table(stated).get("config")) if is_table(stated) else {}
    numbers = {key: value for key, value in settings.items() if key in _LOSS_SETTINGS}
    numbers = {key: value for key, value in numbers.items() if value is not None}
    unknown = settings.keys() - {*_LOSS_SETTINGS, *_SAYING_NOTHING}
    is_odd = any(
        not isinstance(value, int | float) or not math.isfinite(value) for value in numbers.values()
    )
    if name is None or unknown or is_odd:
        return None
    if settings.get("reduction") == "sum":
        numbers["reduction"] = "sum"
    if not numbers:
        return name
    made = getattr(keras.losses, _CLASSES.get(name) or name.title().replace("_", ""), None)
    try:
        return None if made is None else made(**numbers)
    except (TypeError, ValueError):
        return None


def _shown(loss: object) -> str:
    return str(getattr(loss, "name", loss)).replace("_", " ")


def _weights(stated: object, names: list[str]) -> list[float] | bool | None:
    """Of the losses of several outputs; None: they count alike. False: they are no numbers."""
    if stated is None or (is_list(stated) and not stated):
        return None
    listed = [stated.get(name) for name in names] if is_table(stated) else stated
    if not is_list(listed) or len(listed) != max(1, len(names)):
        return False
    found = [each for each in listed if isinstance(each, int | float)]
    return found if len(found) == len(listed) else False


def _named(stated: object, known: tuple[str, ...]) -> str | None:
    """A loss or a metric by its name; None: Keras has none such."""
    if is_table(stated):
        config = table(stated.get("config"))
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
    inner = table(table(stated).get("config")).get("inner_optimizer")
    if name == "LossScaleOptimizer" and inner is not None:
        return _optimizer(inner)  # Keras scales the loss by itself where numbers are short
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
