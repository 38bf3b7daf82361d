"""Layers in which every weight is as its initializer left it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from h5viewer.documents.health import kinds
from h5viewer.documents.health import thresholds as limits
from h5viewer.documents.health.initializers import fit_of
from h5viewer.documents.health.kinds import of_layer, of_place
from h5viewer.documents.health.measured import Measured
from h5viewer.nodes import HealthFinding, Layer
from h5viewer.wording import plural

_FEWEST = 16  # random values, before they mean anything

# configuration keys (Keras 3 and 2, Keras 1) and what Keras draws by default
_DRAWN = {
    "kernel": (("kernel_initializer", "init"), "glorot_uniform"),
    "recurrent_kernel": (("recurrent_initializer", "inner_init"), "orthogonal"),
    "depthwise_kernel": (("depthwise_initializer", "kernel_initializer"), "glorot_uniform"),
    "pointwise_kernel": (("pointwise_initializer", "kernel_initializer"), "glorot_uniform"),
    "embeddings": (("embeddings_initializer", "init"), "random_uniform"),
}
_CONSTANT = {
    "bias": (("bias_initializer",), "zeros"),
    "gamma": (("gamma_initializer",), "ones"),
    "beta": (("beta_initializer",), "zeros"),
    "moving_mean": (("moving_mean_initializer",), "zeros"),
    "moving_variance": (("moving_variance_initializer",), "ones"),
    "alpha": (("alpha_initializer",), "zeros"),
}


class Start(msgspec.Struct, frozen=True):
    """How one weight compares with what its initializer leaves."""

    where: str
    layer: Layer
    is_random: bool
    n_values: int
    is_at_start: bool
    statistic: float = 0.0
    initializer: str = ""
    is_frozen: bool = False
    is_stated: bool = False  # the configuration names the initializer


def start_of(measured: Measured) -> Start | None:
    """None: nothing is known of how this weight begins."""
    subject = measured.subject
    role, config = subject.role, subject.declared.config if subject.declared else {}
    role = "depthwise_kernel" if subject.is_depthwise else role  # Keras 3 calls it "kernel"
    is_random = role in _DRAWN
    keys, default = _DRAWN.get(role) or _CONSTANT.get(role) or ((), "")
    if not keys:
        return None
    stated = next((config[key] for key in keys if key in config), None)
    fit = fit_of(measured, stated, default)
    is_at_start = fit is not None and fit.statistic < limits.UNTRAINED.value
    if role == "bias" and not is_at_start:
        is_at_start = _has_forget_gate_at_one(measured)
    return Start(
        where=subject.where,
        layer=subject.layer,
        is_random=is_random,
        n_values=measured.counted.count,
        is_at_start=is_at_start,
        statistic=fit.statistic if fit is not None else 0.0,
        initializer=fit.name if fit is not None else "",
        is_frozen=subject.is_frozen,
        is_stated=stated is not None,
    )


def untrained(starts: Sequence[Start]) -> Iterator[HealthFinding]:
    """Layer by layer where others were trained; in one sentence where none was."""
    by_layer: dict[tuple[int, ...], list[Start]] = {}
    for start in starts:
        by_layer.setdefault(start.layer.key, []).append(start)
    fresh = [group for group in by_layer.values() if _is_fresh(group)]
    if not fresh:
        return
    if not any(_is_trained(group) for group in by_layer.values()):
        layers = plural(len(fresh), "layer")
        message = (
            f"The network looks freshly made: the weights of {layers} are as the initializers "
            f"leave them ({_distance(max(fresh, key=_worst))})."
        )
        worst = max(_worst(group) for group in fresh)
        yield of_place(kinds.UNTRAINED, "note", "", None, worst, limits.UNTRAINED, message)
        return
    for group in fresh:
        frozen = "It is frozen. " if group[0].is_frozen else ""
        n = len(group)
        what = "Its one weight is" if n == 1 else f"Its {plural(n, 'weight')} are"
        how = "its initializer leaves it" if n == 1 else "their initializers leave them"
        message = f"{frozen}{what} as {how}; other layers were trained ({_distance(group)})."
        yield of_layer(
            kinds.UNTRAINED,
            "warning",
            group[0].where,
            group[0].layer,
            _worst(group),
            limits.UNTRAINED,
            message,
        )


def _is_fresh(group: list[Start]) -> bool:
    """Everything is as it starts, and that is enough to be no chance."""
    if not all(start.is_at_start for start in group):
        return False
    n_random = sum(start.n_values for start in group if start.is_random)
    n_constant = sum(start.n_values for start in group if not start.is_random)
    if not n_constant:
        return n_random >= limits.KERNEL_ALONE.value
    return n_random >= _FEWEST or n_constant >= 2 * _FEWEST


def _is_trained(group: list[Start]) -> bool:
    """What starts as a constant has moved; or, without that, kernels of a stated initializer.

    A kernel alone that does not fit says little: its initializer may be somebody's own.
    """
    constants = [start for start in group if not start.is_random]
    if constants:
        return not all(start.is_at_start for start in constants)
    return not all(start.is_at_start or not start.is_stated for start in group)


def _worst(group: list[Start]) -> float:
    return max(start.statistic for start in group)


def _distance(group: list[Start]) -> str:
    drawn = next((start for start in group if start.is_random and start.initializer), None)
    name = f"{drawn.initializer}, " if drawn is not None else ""
    return f"{name}distance {_worst(group):.2f}"


def _has_forget_gate_at_one(measured: Measured) -> bool:
    """An LSTM's bias as `unit_forget_bias` starts it: 0, 1, 0, 0 for the four gates."""
    sample, counted = measured.sample, measured.counted
    n = counted.count
    if sample is None or sample.size != n or n % 4 or "gates" not in measured.subject.weight.axes:
        return False
    gates = sample.reshape(4, -1)
    return bool((gates[1] == 1).all()) and not gates[[0, 2, 3]].any()
