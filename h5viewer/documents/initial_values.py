"""The numbers that a weight begins with before any training, as its initializer says.

Where a configuration names no initializer of Keras' own, what most layers have: small random
numbers for kernels, zeros for biases and means, ones for scales and variances.
Source: keras/src/initializers/random_initializers.py.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.json_text import is_table, table
from h5viewer.documents.new_network import PIECE
from h5viewer.nodes import Shape

_DTYPE = "float32"
_SCALING = {
    "GlorotUniform": (1.0, "fan_avg", "uniform"),
    "GlorotNormal": (1.0, "fan_avg", "truncated_normal"),
    "HeUniform": (2.0, "fan_in", "uniform"),
    "HeNormal": (2.0, "fan_in", "truncated_normal"),
    "LecunUniform": (1.0, "fan_in", "uniform"),
    "LecunNormal": (1.0, "fan_in", "truncated_normal"),
}
_ONES = ("gamma", "moving_variance", "variance", "scale")
_TRUNCATED = 0.87962566103423978  # standard deviation of a normal distribution cut at 2
_LEAST = 1 << 24
"""Bytes; larger orthogonal matrices would take long, and begin as random ones."""


class _Random:
    """Random numbers of a seed; importing NumPy's would hold every export up for 45 ms."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def uniform(self, n: int) -> NDArray[Any]:
        """From 0 to below 1."""
        bits = np.frombuffer(self._random.randbytes(8 * n), "<u8")
        values: NDArray[Any] = (bits >> np.uint64(11)) * 2.0**-53
        return values

    def normal(self, n: int) -> NDArray[Any]:
        """Of mean 0 and standard deviation 1, by Box and Muller."""
        far: NDArray[Any] = np.sqrt(-2 * np.log1p(-self.uniform(n)))
        values: NDArray[Any] = far * np.cos(2 * np.pi * self.uniform(n))
        return values


class InitialValues(msgspec.Struct, frozen=True):
    """Numbers that are made when they are asked for, the same each time."""

    shape: Shape
    initializer: str
    arguments: Mapping[str, object]
    seed: int
    has_forget_gate: bool = False  # the second quarter is ones: the bias of an LSTM

    @property
    def dtype(self) -> str:
        """As Keras makes variables."""
        return _DTYPE

    def pieces(self) -> Iterator[NDArray[Any]]:
        """Blocks in C order."""
        n_left, random = math.prod(self.shape), _Random(self.seed)
        if self._is_orthogonal:
            yield self._orthogonal(random)
            return
        if self.has_forget_gate:
            yield self._forgetting()
            return
        while n_left:
            n = min(n_left, PIECE // 4)
            yield self._numbers(n, random).astype(_DTYPE)
            n_left -= n

    @property
    def _is_orthogonal(self) -> bool:
        return (
            self.initializer == "Orthogonal"
            and len(self.shape) >= 2
            and (4 * math.prod(self.shape) <= _LEAST)
        )

    def _numbers(self, n: int, random: _Random) -> NDArray[Any]:
        name = self.initializer
        if name in ("Zeros", "Ones", "Constant"):
            value = {"Zeros": 0.0, "Ones": 1.0}.get(name, self._number("value", 0.0))
            return np.full(n, value)
        if name == "RandomUniform":
            low, high = self._number("minval", -0.05), self._number("maxval", 0.05)
            return low + (high - low) * random.uniform(n)
        if name in ("RandomNormal", "TruncatedNormal"):
            mean, deviation = self._number("mean", 0.0), self._number("stddev", 0.05)
            return mean + deviation * _normal(random, n, is_cut=name == "TruncatedNormal")
        scale, mode, distribution = self._scaling()
        fan_in, fan_out = fans(self.shape)
        fan = {"fan_in": fan_in, "fan_out": fan_out}.get(mode, (fan_in + fan_out) / 2)
        variance = scale / max(1.0, fan)
        if distribution == "uniform":
            limit = math.sqrt(3 * variance)
            return limit * (2 * random.uniform(n) - 1)
        is_cut = distribution != "untruncated_normal"
        deviation = math.sqrt(variance) / (_TRUNCATED if is_cut else 1)
        return deviation * _normal(random, n, is_cut=is_cut)

    def _scaling(self) -> tuple[float, str, str]:
        if self.initializer in _SCALING:
            return _SCALING[self.initializer]
        mode, how = self.arguments.get("mode"), self.arguments.get("distribution")
        return (
            abs(self._number("scale", 1.0)),
            mode if isinstance(mode, str) else "fan_in",
            how if isinstance(how, str) else "truncated_normal",
        )

    def _orthogonal(self, random: _Random) -> NDArray[Any]:
        rows, columns = math.prod(self.shape[:-1]), self.shape[-1]
        tall = random.normal(rows * columns)
        q, r = np.linalg.qr(tall.reshape(max(rows, columns), min(rows, columns)))
        q *= np.sign(np.diag(r))
        values = q if rows >= columns else q.T
        return (self._number("gain", 1.0) * values).astype(_DTYPE).reshape(-1)

    def _forgetting(self) -> NDArray[Any]:
        values = np.zeros(self.shape, _DTYPE)
        quarter = values.shape[-1] // 4
        values[..., quarter : 2 * quarter] = 1
        return values.reshape(-1)

    def _number(self, name: str, default: float) -> float:
        value = self.arguments.get(name)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number and math.isfinite(value) else default  # type: ignore[arg-type]


def initial_values(
    class_name: str, config: Mapping[str, object], name: str, shape: Shape, seed: int
) -> InitialValues:
    """What a weight of a layer begins with.

    Args:
        class_name: of the layer.
        config: its arguments.
        name: of the weight in the layer: "kernel", "forward_layer/cell/bias".
    """
    role = name.rpartition("/")[2]
    stated = _stated(config, role)
    has_forget_gate = (
        role == "bias" and "LSTM" in _inner_class(class_name, config) and len(shape) == 1
    )
    if stated is None:
        return InitialValues(shape, _usual(role), {}, seed, has_forget_gate)
    arguments = table(stated.get("config"))
    return InitialValues(shape, str(stated["class_name"]), arguments, seed, has_forget_gate)


def fans(shape: Shape) -> tuple[float, float]:
    """How many numbers come together in one output, and go out from one input."""
    if len(shape) < 2:
        size = float(shape[0]) if shape else 1.0
        return size, size
    field = math.prod(shape[:-2])
    return float(field * shape[-2]), float(field * shape[-1])


def _normal(random: _Random, n: int, *, is_cut: bool) -> NDArray[Any]:
    values = random.normal(n)
    while is_cut and (far := np.abs(values) > 2).any():
        values[far] = random.normal(int(far.sum()))
    return values


_KNOWN = frozenset(
    {*_SCALING, "VarianceScaling", "Zeros", "Ones", "Constant", "RandomUniform", "RandomNormal",
     "TruncatedNormal", "Orthogonal"}
)  # fmt: skip


def _stated(config: Mapping[str, object], role: str) -> dict[str, object] | None:
    """The initializer of a weight, in the layer or in what it wraps."""
    wrapped = [config.get("layer"), config.get("cell")]
    for holder in (config, *(table(table(each).get("config")) for each in wrapped)):
        for name in (f"{role}_initializer", f"{role.removesuffix('_kernel')}_initializer"):
            found = holder.get(name)
            if is_table(found) and found.get("class_name") in _KNOWN:
                return found
    return None


def _inner_class(class_name: str, config: Mapping[str, object]) -> str:
    inner = table(config.get("layer")).get("class_name")
    return inner if isinstance(inner, str) else class_name


def _usual(role: str) -> str:
    if role in _ONES:
        return "Ones"
    if role == "embeddings":
        return "RandomUniform"
    return "GlorotUniform" if role.endswith("kernel") else "Zeros"
