"""Which arguments of a layer differ between two files, whatever Keras wrote them.

What does not count as a difference:

- where Keras keeps a class ("module", "registered_name"), and `build_config`
- `batch_input_shape` of Keras 2 and `batch_shape` of Keras 3: one argument, and where only
  one file states it, as the first layer's or as an InputLayer's, none; LeakyReLU's `alpha`
  and `negative_slope`; the axis 3 and the axes [3]
- a type policy and its name; a function of Keras and its name; tuples and lists
- `GlorotUniform` and the other names of `VarianceScaling`, which older files write out
- an argument that only one file states, with the value that Keras has for it by itself:
  null, false (unless it is true by itself), or as listed in `_BY_ITSELF`
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.json_text import compact, is_list, is_table, table
from h5viewer.nodes import ChangedArgument

_LONGEST = 20_000  # characters of a value that cross the pipe
_DEEPEST = 100  # levels of a value that are put in order before it is compared
_NOT_ARGUMENTS = frozenset(
    {"name", "layers", "layer", "input_layers", "output_layers", "build_input_shape"}
)
_INPUT = "batch_shape"
_SAME_NAME = {"batch_input_shape": "batch_shape", "keep_dims": "keepdims"}
_SAME_CLASS = {"Model": "Functional", "BatchNormalizationV1": "BatchNormalization"}
_TRUE_BY_ITSELF = frozenset({"trainable", "use_bias", "center", "scale", "unit_forget_bias"})
_BY_ITSELF: dict[str, object] = {
    "trainable": True, "groups": 1, "interpolation": "nearest", "implementation": 2,
    "reset_after": True, "use_cudnn": "auto", "flash_attention": "auto", "dtype": "float32",
    "data_format": "channels_last", "batch_size": None, "lora_alpha": None, "name": None,
    "merge_mode": "concat", "time_major": False, "zero_output_for_mask": False,
    "dilation_rate": [1, 1], "renorm_momentum": 0.99, "function_type": "function",
}  # fmt: skip
_SCALING: dict[str, tuple[float, str, str]] = {
    "GlorotUniform": (1, "fan_avg", "uniform"),
    "GlorotNormal": (1, "fan_avg", "truncated_normal"),
    "HeUniform": (2, "fan_in", "uniform"),
    "HeNormal": (2, "fan_in", "truncated_normal"),
    "LecunUniform": (1, "fan_in", "uniform"),
    "LecunNormal": (1, "fan_in", "truncated_normal"),
}
_WRAPPED = frozenset(
    {"module", "class_name", "config", "registered_name", "build_config", "shared_object_id"}
)


def changed_arguments(
    a: DeclaredLayer, b: DeclaredLayer, a_of: Mapping[str, str]
) -> tuple[ChangedArgument, ...]:
    """What differs between two layers that are a pair; of models without what is inside.

    Args:
        a_of: names of B's layers as A calls the layers they are paired with: what feeds a
            layer is the same when only its name changed.
    """
    inputs_b = [a_of.get(name, name) for name in b.inputs]
    if a is b and list(a.inputs) == inputs_b:  # of two files with one configuration
        return ()
    changed = _changed("name", a.name, b.name)
    changed += _changed("class_name", _class(a.class_name), _class(b.class_name))
    if list(a.inputs) != inputs_b:
        changed.append(ChangedArgument(name="inputs", a=_text(list(a.inputs)), b=_text(inputs_b)))
    config_a, config_b = _arguments(a), _arguments(b)
    is_stated_once = (_INPUT in config_a) != (_INPUT in config_b)
    if is_stated_once and a.class_name != "InputLayer":
        for config in (config_a, config_b):
            config.pop(_INPUT, None)
    for name in dict.fromkeys((*config_a, *config_b)):
        if name in config_a and name in config_b:
            changed += _changed(name, config_a[name], config_b[name])
        elif name in config_a and not _is_by_itself(name, config_a[name]):
            changed.append(ChangedArgument(name=name, a=_text(config_a[name]), b=None))
        elif name in config_b and not _is_by_itself(name, config_b[name]):
            changed.append(ChangedArgument(name=name, a=None, b=_text(config_b[name])))
    return tuple(changed)


def canonical(value: object, depth: int = 0) -> object:
    """The same value for everything that means the same to Keras."""
    if depth > _DEEPEST:
        return _text(value)
    if is_list(value):
        return [canonical(each, depth + 1) for each in value]
    if not is_table(value):
        return value
    class_name, config = value.get("class_name"), value.get("config")
    if class_name == "__tuple__" and is_list(value.get("items")):
        return canonical(value["items"], depth + 1)
    if not isinstance(class_name, str) or not set(value) <= _WRAPPED:
        return {name: canonical(each, depth + 1) for name, each in value.items()}
    if class_name == "function" and isinstance(config, str):
        return config
    if class_name in ("DTypePolicy", "Policy", "PolicyV1"):
        return table(config).get("name", class_name)
    return _object(class_name, table(canonical(config, depth + 1)))


def _object(class_name: str, config: dict[str, object]) -> object:
    """An initializer, regularizer, constraint …: its class and what is not so by itself."""
    if class_name in _SCALING:
        scale, mode, distribution = _SCALING[class_name]
        config = config | {"scale": scale, "mode": mode, "distribution": distribution}
        class_name = "VarianceScaling"
    if class_name == "VarianceScaling" and config.get("distribution") == "normal":
        config = config | {"distribution": "truncated_normal"}  # Keras 2.2 said it this way
    stated = {name: each for name, each in config.items() if not _is_by_itself(name, each)}
    return {"class_name": class_name, "config": stated}


def _arguments(layer: DeclaredLayer) -> dict[str, object]:
    found = {
        _SAME_NAME.get(name, name): canonical(value)
        for name, value in layer.config.items()
        if name not in _NOT_ARGUMENTS
    }
    if layer.class_name == "LeakyReLU" and "alpha" in found:
        found["negative_slope"] = found.pop("alpha")
    axis = found.get("axis")
    if is_list(axis) and len(axis) == 1:
        found["axis"] = axis[0]
    return found


def _changed(name: str, a: object, b: object) -> list[ChangedArgument]:
    return [] if _are_alike(a, b) else [ChangedArgument(name=name, a=_text(a), b=_text(b))]


def _are_alike(a: object, b: object) -> bool:
    """1 and 1.0 are, 1 and true are not."""
    waiting: list[tuple[object, object]] = [(a, b)]
    while waiting:
        x, y = waiting.pop()
        if is_table(x) and is_table(y):
            names = {*x, *y}
            if any(_lone(name, x, y) for name in names):
                return False
            waiting += [(x[name], y[name]) for name in names if name in x and name in y]
        elif is_list(x) and is_list(y):
            if len(x) != len(y):
                return False
            waiting += zip(x, y, strict=True)
        elif isinstance(x, bool) != isinstance(y, bool) or x != y:
            return False
    return True


def _lone(name: str, x: Mapping[str, object], y: Mapping[str, object]) -> bool:
    """True when one of both states it, and otherwise than Keras itself."""
    if (name in x) == (name in y):
        return False
    return not _is_by_itself(name, x.get(name, y.get(name)))


def _is_by_itself(name: str, value: object) -> bool:
    if value is None:
        return True
    if value is False:
        return name not in _TRUE_BY_ITSELF
    return name in _BY_ITSELF and _BY_ITSELF[name] == value


def _class(name: str) -> str:
    return _SAME_CLASS.get(name, name)


def _text(value: object) -> str:
    """JSON; a value that is too long or deep for it is cut, and then a text."""
    try:
        text = json.dumps(value, ensure_ascii=True)
    except RecursionError:
        text = ""
    return text if 0 < len(text) <= _LONGEST else json.dumps(compact(value, _LONGEST))
