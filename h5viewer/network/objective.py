"""What an output is judged by: which loss, and what counts as right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

import keras
import msgspec
import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray

from h5viewer.documents.json_text import is_list, is_table, table
from h5viewer.network.outputs import without_one_place
from h5viewer.network.recording import source_of
from h5viewer.nodes import NetworkOutput

Family = Literal["classes", "yes-no", "labels", "numbers"]
"""One of several classes, one yes or no, several labels at once, or numbers."""

Compare = Callable[[NDArray[Any], NDArray[Any]], Any]
"""(true, answered) → one number for each answer, the last axis gone."""

_CLASSES: tuple[Family, ...] = ("classes",)
_SQUASHED: tuple[Family, ...] = ("classes", "yes-no", "labels")
_ALL: tuple[Family, ...] = (*_SQUASHED, "numbers")


class Loss(msgspec.Struct, frozen=True):
    """One row of the table of losses."""

    title: str  # for people
    compare: Compare
    families: tuple[Family, ...]
    arguments: tuple[str, ...] = ()  # of `compare`, numbers that a configuration states
    is_of_shares: bool = False  # of each class, not of bare scores


_losses = keras.losses
_SMOOTHED = ("label_smoothing",)
_FOCUSED = ("alpha", "gamma", "label_smoothing", "apply_class_balancing")
_CROSS_ENTROPY = Loss(
    "categorical cross-entropy", _losses.categorical_crossentropy, _CLASSES, _SMOOTHED, True
)
_BINARY = Loss(
    "binary cross-entropy", _losses.binary_crossentropy, _SQUASHED, _SMOOTHED, is_of_shares=True
)
_DIVERGENCE = Loss(
    "Kullback-Leibler divergence", _losses.kl_divergence, ("classes", "numbers"), (), True
)
_HUBER = Loss("Huber loss", _losses.huber, _ALL, ("delta",))
_SQUARED = Loss("mean squared error", _losses.mean_squared_error, _ALL)
_LOSSES: dict[str, Loss] = {
    "categoricalcrossentropy": _CROSS_ENTROPY,
    "sparsecategoricalcrossentropy": _CROSS_ENTROPY,
    "binarycrossentropy": replace(_BINARY, families=_ALL),  # of pictures from 0 to 1, too
    "meansquarederror": _SQUARED,
    "mse": _SQUARED,
    "meanabsoluteerror": Loss("mean absolute error", _losses.mean_absolute_error, _ALL),
    "mae": Loss("mean absolute error", _losses.mean_absolute_error, _ALL),
    "meanabsolutepercentageerror": Loss(
        "mean absolute percentage error", _losses.mean_absolute_percentage_error, ("numbers",)
    ),
    "mape": Loss(
        "mean absolute percentage error", _losses.mean_absolute_percentage_error, ("numbers",)
    ),
    "meansquaredlogarithmicerror": Loss(
        "mean squared logarithmic error", _losses.mean_squared_logarithmic_error, ("numbers",)
    ),
    "msle": Loss(
        "mean squared logarithmic error", _losses.mean_squared_logarithmic_error, ("numbers",)
    ),
    "huber": _HUBER,
    "huberloss": _HUBER,
    "logcosh": Loss("logarithm of the hyperbolic cosine", _losses.log_cosh, ("numbers",)),
    "kullbackleiblerdivergence": _DIVERGENCE,
    "kldivergence": _DIVERGENCE,
    "poisson": Loss("Poisson loss", _losses.poisson, _ALL),
    "categoricalhinge": Loss("categorical hinge", _losses.categorical_hinge, _CLASSES),
    "hinge": Loss("hinge", _losses.hinge, _ALL),
    "squaredhinge": Loss("squared hinge", _losses.squared_hinge, _ALL),
    "cosinesimilarity": Loss("cosine similarity", _losses.cosine_similarity, _ALL),
    "binaryfocalcrossentropy": Loss(
        "binary focal cross-entropy", _losses.binary_focal_crossentropy, _SQUASHED, _FOCUSED, True
    ),
    "categoricalfocalcrossentropy": Loss(
        "categorical focal cross-entropy",
        _losses.categorical_focal_crossentropy,
        _CLASSES,
        _FOCUSED[:3],
        True,
    ),
}
"""By the name in a training configuration, in small letters without `_`."""

_OF_FAMILY: dict[Family, Loss] = {
    "classes": _CROSS_ENTROPY,
    "yes-no": _BINARY,
    "labels": _BINARY,
    "numbers": _SQUARED,
}


class Objective(msgspec.Struct, frozen=True):
    """How the answers of one output are judged.

    `shape`: of one answer, without the batch axis, and without the axes of a single place; None
    where it depends on the input.
    """

    family: Family
    shape: tuple[int | None, ...]
    is_logits: bool
    loss: Loss
    note: str = ""  # a sentence about the loss, where the file stated another one

    @property
    def n_classes(self) -> int:
        """How many classes or labels there are to choose from; 2 for yes or no."""
        if self.family == "yes-no":
            return 2
        return (self.shape[-1] or 0) if self.shape and self.family != "numbers" else 0

    def of_one_place(self, answers: NDArray[Any]) -> NDArray[Any]:
        """Answers (n, 1, 1, …) without these axes, as `shape` is."""
        axes = range(1, answers.ndim - len(self.shape))
        return answers.squeeze(tuple(axes)) if len(self.shape) == 1 else answers

    def probabilities(self, answers: NDArray[Any]) -> NDArray[np.float32]:
        """Answers as probabilities where they are logits, else as they are."""
        numbers = answers.astype(np.float32)
        if not self.is_logits:
            return numbers
        powers = np.exp(numbers - numbers.max(axis=-1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)

    def losses(self, true: NDArray[np.float32], answers: NDArray[Any]) -> NDArray[np.float64]:
        """The loss of each sample, the mean over its positions.

        Args:
            true, answers: (n, …) as the network puts them out.
        """
        scores = answers.astype(np.float32)
        given = self.probabilities(answers) if self.loss.is_of_shares else scores
        each = np.asarray(self.loss.compare(true, given), np.float64)
        return np.asarray(each.reshape(len(true), -1).mean(axis=1), np.float64)


def objective_of(model: Any, output: NetworkOutput, number: int, stated: object) -> Objective:
    """Judge an output by what it is, and by the loss that the file states where that fits.

    Args:
        number: which of the outputs.
        stated: `loss` of the training configuration as parsed; None: the file has none.
    """
    shape = without_one_place(tuple(model.outputs[number].shape)[1:] or (1,))
    squashing = output.squash or _squashing(model.outputs[number])
    family = _family(output, shape, squashing)
    named, settings = _stated(stated, output.name, number)
    loss, note = _OF_FAMILY[family], ""
    wanted = _LOSSES.get(named.lower().replace("_", ""))
    if wanted is not None and family in wanted.families:
        loss = _set(wanted, settings)
    elif named:
        note = f"The file names the loss {named}; here the loss is {loss.title}."
    return Objective(family, shape, family == "classes" and squashing != "softmax", loss, note)


def _family(output: NetworkOutput, shape: tuple[int | None, ...], squashing: str) -> Family:
    if squashing == "softmax" and shape[-1] != 1:
        return "classes"
    if squashing == "sigmoid" and output.kind != "picture":
        return "yes-no" if shape[-1] == 1 else "labels"
    return "classes" if output.kind == "logits" and (shape[-1] or 0) > 1 else "numbers"


def _squashing(tensor: Any) -> str:
    """What the last layer that computes anything ends with: "softmax", "sigmoid" or ""."""
    operation = source_of(tensor)
    operation = getattr(operation, "layer", operation)  # TimeDistributed
    kind = type(operation).__name__.lower()
    if kind in ("softmax", "sigmoid"):
        return kind
    name = getattr(getattr(operation, "activation", None), "__name__", "")
    return name if name in ("softmax", "sigmoid") else ""


def _set(loss: Loss, settings: Mapping[str, object]) -> Loss:
    """A loss with the numbers that a configuration states for it."""
    known = {name: settings[name] for name in loss.arguments if name in settings}
    numbers = {name: each for name, each in known.items() if _are_numbers(each)}
    return replace(loss, compare=partial(loss.compare, **numbers)) if numbers else loss


def _are_numbers(value: object) -> bool:
    """A number, or one for each class."""
    return all(isinstance(each, int | float) for each in (value if is_list(value) else [value]))


def _stated(stated: object, output: str, number: int) -> tuple[str, Mapping[str, object]]:
    """Name and settings of the loss that a training configuration states for one output."""
    if is_list(stated):
        stated = stated[number] if number < len(stated) else None
    if is_table(stated) and "class_name" not in stated:
        stated = stated.get(output)
    settings: Mapping[str, object] = {}
    if is_table(stated):
        settings = table(stated.get("config"))
        inner = stated.get("config") if not settings else settings.get("name")
        stated = inner if stated.get("class_name") == "function" else stated.get("class_name")
    return (stated[:100] if isinstance(stated, str) else ""), settings
