"""What optimizers keep for each weight, and what they have called it over the years."""

from __future__ import annotations

from h5viewer.names import NodePath, visible
from h5viewer.nodes import Shape, Slot

_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"  # how TensorFlow 2 ends the names of variables

MEANINGS: dict[str, tuple[str, str]] = {
    "momentum": ("Momentum", "running mean of the gradient"),
    "velocity": ("Variance", "running mean of the squared gradient"),
    "velocity_hat": ("Largest variance", "largest variance met so far (AMSGrad)"),
    "average_gradient": ("Mean gradient", "running mean of the gradient (centred RMSprop)"),
    "accumulator": ("Sum of squares", "sum of all squared gradients"),
    "accumulated_grad": ("Variance", "running mean of the squared gradient"),
    "accumulated_delta_var": ("Variance of updates", "running mean of the squared updates"),
    "linear": ("Linear term", "what FTRL subtracts the gradients in"),
    "norm": ("Infinity norm", "decaying maximum of the gradient's magnitude"),
    "row": ("Row variance", "squared gradients, averaged over the columns"),
    "column": ("Column variance", "squared gradients, averaged over the rows"),
    "average": ("Moving average", "moving average of the weight itself"),
    "gradient_accumulator": ("Gathered gradient", "gradient gathered over several steps"),
    "placeholder": ("Placeholder", "not used: stored in place of a largest variance"),
    # of a file that does not name its optimizer
    "first": ("First variable", "the momentum, if the optimizer was Adam or SGD"),
    "second": ("Second variable", "the variance, if the optimizer was Adam"),
    "third": ("Third variable", "kept besides the first two"),
    "iterations": ("Iterations", "steps of training so far"),
    "learning_rate": ("Learning rate", "size of a step"),
    "other": ("Other", "what the optimizer keeps for itself"),
}
"""Title and meaning of each kind of variable."""

WORDS: dict[str, str] = {
    "m": "momentum", "momentum": "momentum", "v": "velocity", "velocity": "velocity",
    "vhat": "velocity_hat", "velocity_hat": "velocity_hat", "rms": "velocity",
    "mg": "average_gradient", "average_gradient": "average_gradient",
    "accumulator": "accumulator", "accum_grad": "accumulated_grad",
    "accumulated_grad": "accumulated_grad", "accum_var": "accumulated_delta_var",
    "accumulated_delta_var": "accumulated_delta_var", "linear": "linear", "u": "norm",
    "norm": "norm", "r": "row", "c": "column", "average": "average",
    "gradient_accumulator": "gradient_accumulator",
}  # fmt: skip
"""Kinds by the words that names of variables hold."""

CLASSES = {
    "adam": "momentum", "adam_1": "velocity", "rmsprop": "velocity", "rmsprop_1": "momentum",
    "rmsprop_2": "momentum", "momentum": "momentum", "adagrad": "accumulator",
    "adadelta": "accumulated_grad", "adadelta_1": "accumulated_delta_var", "ftrl": "accumulator",
    "ftrl_1": "linear", "proximaladagrad": "accumulator", "adagradda": "gradient_accumulator",
    "adagradda_1": "accumulator", "exponentialmovingaverage": "average",
    "adamw": "momentum", "adamw_1": "velocity", "nadam": "momentum", "nadam_1": "velocity",
    "adamax": "momentum", "adamax_1": "norm", "lazyadam": "momentum", "lazyadam_1": "velocity",
    "adam_m": "momentum", "adam_v": "velocity", "lamb_m": "momentum", "lamb_v": "velocity",
}  # fmt: skip
"""TensorFlow 1 ends names with the optimizer's; its second slot is counted (tf.train, tf.contrib).
BERT and ALBERT name theirs by themselves (`adam_m`)."""

_ITERATIONS = ("iteration", "iter", "iterations", "global_step")
_RATES = ("learning_rate", "lr", "current_learning_rate")

_SERIES: dict[str, tuple[tuple[str, ...], ...]] = {
    "adam": (("momentum", "velocity"), ("momentum", "velocity", "velocity_hat")),
    "adamw": (("momentum", "velocity"), ("momentum", "velocity", "velocity_hat")),
    "nadam": (("momentum", "velocity"),),
    "lamb": (("momentum", "velocity"),),
    "adamax": (("momentum", "norm"),),
    "sgd": (("momentum",),),
    "lion": (("momentum",),),
    "rmsprop": (
        ("velocity",), ("velocity", "momentum"), ("velocity", "average_gradient"),
        ("velocity", "momentum", "average_gradient"),
    ),
    "adagrad": (("accumulator",),),
    "adadelta": (("accumulated_grad", "accumulated_delta_var"),),
    "ftrl": (("accumulator", "linear"),),
}  # fmt: skip


def series_of(optimizer: str | None, settings: dict[str, object]) -> list[tuple[str, ...]]:
    """What an optimizer may keep for each weight, the likelier first.

    Source: `build` and `get_updates` of keras/optimizers, Keras 1.2 to 3.15.
    """
    name = (optimizer or "").rpartition(">")[2].lower().replace("_", "")
    known = list(_SERIES.get(name, ()))
    if name == "rmsprop" and settings.get("centered") is True:
        known.sort(key=lambda series: "average_gradient" not in series)
    if not optimizer:  # a file of weights alone
        known = [("first", "second"), ("first",), ("first", "second", "third")]
    return known


def made_slot(
    kind: str, path: NodePath, shape: Shape, name: str, weight: NodePath | None = None
) -> Slot:
    """The variable `name` of this kind; one of no known kind goes by its own name."""
    title, meaning = MEANINGS[kind]
    own = name.removesuffix(_VALUE).rpartition("/")[2].removesuffix(":0")
    if kind == "other" and own and not own.isdigit():
        title = visible(own, 60)
    return Slot(kind=kind, title=title, meaning=meaning, path=path, shape=shape, weight=weight)


def own_kind(name: str) -> str:
    """The kind of a variable that belongs to no weight, by its name."""
    last = name.rpartition("/")[2].rpartition(":")[0] or name.rpartition("/")[2]
    stem = last.rstrip("0123456789").rstrip("_").lower()
    if stem in _ITERATIONS:
        return "iterations"
    return "learning_rate" if stem in _RATES else "other"
