"""Loss, metrics and optimizer in a few words; their JSON is as free as Keras users are."""

from __future__ import annotations

import json
from typing import Any

from h5viewer import wording
from h5viewer.names import visible
from h5viewer.nodes import Text, Training

_MAX_PARSED = 50_000  # characters
_MAX_NAMES = 6
_MAX_DEPTH = 8
_NOTHING = ("", "null", "[]", "{}")
_RATES = ("learning_rate", "lr")


def loss_words(training: Training) -> str:
    """`categorical_crossentropy`; several losses one after the other."""
    return _words(_parsed(training.loss))


def metrics_words(training: Training) -> str:
    """`accuracy, mae`; empty when there are none."""
    return _words(_parsed(training.metrics))


def optimizer_words(training: Training) -> str:
    """`Adam, learning rate 0.001`; empty when the file names none."""
    if training.optimizer_class is None:
        return ""
    words = visible(training.optimizer_class.rsplit(">", 1)[-1], 80)
    config = _parsed(training.optimizer_config)
    rate = None
    if isinstance(config, dict):
        rate = next((config[key] for key in _RATES if key in config), None)
    if isinstance(rate, int | float) and not isinstance(rate, bool):
        return f"{words}, learning rate {_words(rate)}"
    schedule = _words(rate)
    return f"{words}, learning rate by {schedule}" if schedule else words


def state_words(training: Training) -> str:
    """`152 variables, 624 kB`; empty when no state is stored."""
    if not training.n_variables:
        return ""
    variables = wording.plural(training.n_variables, "variable")
    return f"{variables}, {wording.bytes_text(training.state_bytes)}"


def settings_text(training: Training) -> Text:
    """Everything said about training as one JSON text."""
    entries = {
        "loss": training.loss,
        "metrics": training.metrics,
        "optimizer": json.dumps(training.optimizer_class),
        "optimizer settings": training.optimizer_config,
    }
    body = ", ".join(
        f"{json.dumps(name)}: {text if _is_json(text) else json.dumps(text)}"
        for name, text in entries.items()
        if text not in _NOTHING
    )
    whole = f"{{{body}}}"
    return Text(text=whole, total=len(whole), is_complete=True, language="json")


def _words(value: Any, depth: int = 0) -> str:
    if depth > _MAX_DEPTH:
        return "…"
    match value:
        case None | "":
            return ""
        case str():
            return visible(value, 80)
        case list():
            words = [_words(entry, depth + 1) for entry in value]
            return _some(list(dict.fromkeys(filter(None, words))))
        case {"class_name": str() as name}:
            return visible(_own_name(value) or name, 80)
        case dict():
            return _some(
                [
                    f"{visible(str(key), 40)}: {_words(entry, depth + 1)}"
                    for key, entry in value.items()
                ]
            )
        case float():
            return f"{value:.4g}"
        case _:
            return visible(json.dumps(value), 40)


def _some(words: list[str]) -> str:
    more = len(words) - _MAX_NAMES
    shown = ", ".join(words[:_MAX_NAMES])
    return f"{shown} and {more} more" if more > 0 else shown


def _own_name(value: dict[str, Any]) -> str:
    """Keras 3 keeps functions as objects: `{"class_name": "function", "config": "mse"}`."""
    config = value.get("config")
    if isinstance(config, str):
        return config
    if isinstance(config, dict) and value["class_name"] == "MeanMetricWrapper":
        name = config.get("name")
        return name if isinstance(name, str) else ""
    return ""


def _parsed(text: str) -> Any:
    """The value, or the text itself where it is no JSON or absurdly long."""
    if len(text) > _MAX_PARSED:
        return f"{wording.count_text(len(text))} characters"
    if not text:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
