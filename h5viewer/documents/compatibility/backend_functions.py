"""Functions of Keras' old backend as code calls them (`K.sum`), named as TensorFlow's are.

Those that do otherwise than their namesakes get the arguments that make them alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

from h5viewer.documents.compatibility.told_values import bare
from h5viewer.documents.json_text import is_list
from h5viewer.documents.straight_code import NotStraight

Naming = Callable[[list[object], dict[str, object]], str]
"""The function of the table; the arguments are made to fit it."""

_ALIKE = (
    "abs all any batch_flatten cast clip concatenate cos cumprod cumsum equal exp expand_dims "
    "flatten gather greater greater_equal identity l2_normalize less less_equal log logsumexp max "
    "maximum mean min minimum not_equal one_hot ones_like permute_dimensions pow prod "
    "random_normal random_uniform repeat_elements reshape resize_images reverse round shape "
    "sigmoid sign sin softmax softplus softsign sqrt square squeeze stack std stop_gradient sum "
    "tanh tile transpose truncated_normal var zeros_like"
)


_ALIKE_IN_OPS = (
    "abs add all any cast ceil clip cos divide equal exp expand_dims expm1 floor greater "
    "greater_equal less less_equal log log1p logical_and logical_not logical_or logsumexp matmul "
    "max maximum mean min minimum multiply negative not_equal ones_like prod reshape round "
    "rsqrt sigmoid sign silu sin softmax softplus sqrt square squeeze stack std subtract sum "
    "swish tanh tile transpose var where zeros_like"
)


def _same(name: str) -> Naming:
    return lambda _, __: name


def _along_the_last(name: str) -> Naming:
    """Along the last axis, where TensorFlow's is the first."""

    def naming(args: list[object], kwargs: dict[str, object]) -> str:
        if len(args) < 2:
            kwargs.setdefault("axis", -1)
        return name

    return naming


def _plain(name: str) -> Naming:
    """Without the further arguments that it may have."""

    def naming(args: list[object], kwargs: dict[str, object]) -> str:
        if len(args) != 1 or kwargs:
            raise NotStraight
        return name

    return naming


def _along_the_first(name: str) -> Naming:
    """Along the first axis, where TensorFlow's has to be stated."""

    def naming(args: list[object], kwargs: dict[str, object]) -> str:
        if len(args) < 2:
            kwargs.setdefault("axis", 0)
        return name

    return naming


def _with_axis(name: str) -> Naming:
    """With an axis that is stated: without it all numbers count as one row."""

    def naming(args: list[object], kwargs: dict[str, object]) -> str:
        if len(args) < 2 and kwargs.get("axis") is None:
            raise NotStraight
        return name

    return naming


def _at_places(args: list[object], kwargs: dict[str, object]) -> str:
    """ops.split: lists are places to cut at, where TensorFlow's are sizes."""
    parts = bare(args.pop(1) if len(args) > 1 else kwargs.pop("indices_or_sections", None))
    if is_list(parts):
        places = [0, *(each for each in parts if isinstance(each, int))]
        sizes = [last - first for first, last in pairwise(places)]
        if len(sizes) < len(parts) or min(sizes, default=0) < 0:
            raise NotStraight
        parts = [*sizes, -1]
    args.insert(1, parts)
    return "split"


def _one_hot(args: list[object], kwargs: dict[str, object]) -> str:
    """ops.one_hot: (x, num_classes, axis, dtype)."""
    kwargs.update(zip(("axis", "dtype"), args[2:4], strict=False))
    del args[2:4]
    return "one_hot"


_BACKEND: Mapping[str, Naming] = {
    **{name: _same(name) for name in _ALIKE.split()},
    "argmax": _along_the_last("argmax"),
    "argmin": _along_the_last("argmin"),
    "dropout": _same("dropout"),
}
"""By the name in `keras.backend`."""

_OPS: Mapping[str, Naming] = {
    **{name: _same(name) for name in _ALIKE_IN_OPS.split()},
    "absolute": _same("abs"),
    "argmax": _with_axis("argmax"),
    "argmin": _with_axis("argmin"),
    "concatenate": _along_the_first("concatenate"),
    "one_hot": _one_hot,
    "power": _same("pow"),
    "relu": _plain("relu"),
    "split": _at_places,
    "true_divide": _same("divide"),
}
"""By the name in `keras.ops`."""

NAMED: Mapping[str, Mapping[str, Naming]] = {"K": _BACKEND, "ops": _OPS}
"""By the module."""


def _mean(args: list[object], kwargs: dict[str, object]) -> float:
    """Of a normal distribution: (shape, mean)."""
    found = args[1] if len(args) > 1 else kwargs.get("mean", 0.0)
    if isinstance(found, bool) or not isinstance(found, int | float):
        raise NotStraight
    return float(found)


MEANS: Mapping[str, Callable[[list[object], dict[str, object]], float]] = dict.fromkeys(
    ("random.normal", "random.truncated_normal", "random_normal", "truncated_normal"), _mean
)
"""Of what draws numbers at random: their mean."""

NUMBERS: Mapping[str, object] = {"K.epsilon": 1e-7, "K.floatx": "float32"}
"""What functions without arguments give, as Keras is set when nobody sets it otherwise."""
