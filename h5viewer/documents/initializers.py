"""What a layer's initializer draws its weights from, as numbers to compare with.

Source: keras/src/initializers (compute_fans, VarianceScaling), keras 1.2 initializations.py.
"""

from __future__ import annotations

import math

from h5viewer.documents.json_text import is_table, table
from h5viewer.names import plain
from h5viewer.nodes import Expected, Shape

_TRUNCATED = 0.87962566103423978  # standard deviation of a normal distribution cut at ±2
_SCALINGS = {  # scale, which fan, truncated normal or uniform
    "glorotuniform": (1.0, "fan_avg", "uniform"),
    "glorotnormal": (1.0, "fan_avg", "truncated_normal"),
    "heuniform": (2.0, "fan_in", "uniform"),
    "henormal": (2.0, "fan_in", "truncated_normal"),
    "lecununiform": (1.0, "fan_in", "uniform"),
    "lecunnormal": (1.0, "fan_in", "truncated_normal"),
}
_ALIASES = {
    "uniform": "randomuniform", "normal": "randomnormal", "zero": "zeros", "one": "ones",
    "kaimingnormal": "henormal", "kaiminguniform": "heuniform",
}  # fmt: skip


def fans(shape: Shape, axes: tuple[str, ...] = ()) -> tuple[int, int]:
    """Numbers going into one output and out of one input, as Keras counts them.

    Keras takes the last two axes whatever they mean; where the file is of the old Theano
    order (out, in, height, width), the named axes decide, as Keras 1 did.
    """
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    if axes[:2] == ("out", "in"):
        window = math.prod(shape[2:])
        return shape[1] * window, shape[0] * window
    window = math.prod(shape[:-2])
    return shape[-2] * window, shape[-1] * window


def expected(initializer: object, shape: Shape, axes: tuple[str, ...] = ()) -> Expected | None:
    """What a weight of this shape is drawn from; None: not stated, or not Keras' own."""
    name, config = _named(initializer)
    key = name.lower().replace("_", "").removesuffix("v1").removesuffix("v2")
    key = _ALIASES.get(key, key)
    if key in _SCALINGS:
        return _scaled(name, *_SCALINGS[key], fans(shape, axes))
    if key == "variancescaling":
        mode, distribution = config.get("mode", "fan_in"), config.get("distribution", "normal")
        return _scaled(
            name, _number(config, "scale", 1.0), str(mode), str(distribution), fans(shape, axes)
        )
    return _plain(name, key, config, shape)


def _plain(name: str, key: str, config: dict[str, object], shape: Shape) -> Expected | None:
    mean = _number(config, "mean", 0.0)
    match key:
        case "randomuniform":
            low = _number(config, "minval", -0.05)
            return _uniform(name, low, _number(config, "maxval", 0.05))
        case "randomnormal":
            return _normal(name, mean, abs(_number(config, "stddev", 0.05)))
        case "truncatednormal":
            return _truncated(name, mean, abs(_number(config, "stddev", 0.05)))
        case "zeros" | "ones" | "constant":
            value = {"zeros": 0.0, "ones": 1.0}.get(key, _number(config, "value", 0.0))
            return Expected(
                name=name, kind="constant", mean=value, low=value, high=value,
                text=f"{value:g} everywhere",
            )  # fmt: skip
        case "orthogonal" | "orthogonalinitializer" if len(shape) >= 2:
            rows, columns = math.prod(shape[:-1]), shape[-1]
            gain = _number(config, "gain", 1.1 if "initializer" in key else 1.0)
            std = abs(gain) / math.sqrt(max(rows, columns, 1))
            return _normal(name, 0.0, std, f"an orthogonal matrix: nearly normal, {_spread(std)}")
        case "identity":
            return Expected(name=name, kind="other", text="the identity matrix")
    return None


def _named(initializer: object) -> tuple[str, dict[str, object]]:
    if isinstance(initializer, str):
        return plain(initializer), {}
    if is_table(initializer) and isinstance(initializer.get("class_name"), str):
        return plain(str(initializer["class_name"])), table(initializer.get("config"))
    return "", {}


def _number(config: dict[str, object], key: str, default: float) -> float:
    value = config.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return default
    try:
        number = float(value)
    except OverflowError:
        return default
    return number if math.isfinite(number) else default


def _scaled(
    name: str, scale: float, mode: str, distribution: str, both: tuple[int, int]
) -> Expected:
    by_mode = {"fan_in": both[0], "fan_out": both[1], "fan_avg": sum(both) / 2}
    scale = abs(scale) / max(1.0, by_mode.get(mode, both[0]))
    if distribution == "uniform":
        limit = math.sqrt(3 * scale)
        return _uniform(name, -limit, limit)
    if distribution == "untruncated_normal":
        return _normal(name, 0.0, math.sqrt(scale))
    return _truncated(name, 0.0, math.sqrt(scale) / _TRUNCATED)


def _uniform(name: str, low: float, high: float) -> Expected:
    low, high = min(low, high), max(low, high)
    return Expected(
        name=name, kind="uniform", mean=(low + high) / 2, std=(high - low) / math.sqrt(12),
        low=low, high=high, text=f"uniform between {_minus(low)} and {_minus(high)}",
    )  # fmt: skip


def _normal(name: str, mean: float, std: float, text: str = "") -> Expected:
    text = text or f"normal around {_minus(mean)}, {_spread(std)}"
    return Expected(name=name, kind="normal", mean=mean, std=std, text=text)


def _truncated(name: str, mean: float, wide: float) -> Expected:
    """Cut at twice `wide`, which is the standard deviation before cutting."""
    std = wide * _TRUNCATED
    text = f"normal around {_minus(mean)}, {_spread(std)}, none beyond ±{2 * wide:.3g}"
    return Expected(
        name=name, kind="truncated", mean=mean, std=std,
        low=mean - 2 * wide, high=mean + 2 * wide, text=text,
    )  # fmt: skip


def _spread(std: float) -> str:
    return f"standard deviation {std:.3g}"


def _minus(number: float) -> str:
    return f"{number:.3g}".replace("-", "−")
