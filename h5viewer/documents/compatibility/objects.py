"""Objects inside a layer's arguments: activations, initializers and the like, dtype policies.

Each is written anew from a list of known names; what is not on it has no object of ours.
"""

from __future__ import annotations

from h5viewer.documents.compatibility.values import NotPlain, Plain, named_object, plain_value
from h5viewer.documents.json_text import is_table, table

ACTIVATIONS = frozenset(
    [
        "celu",
        "elu",
        "exponential",
        "gelu",
        "glu",
        "hard_shrink",
        "hard_sigmoid",
        "hard_silu",
        "hard_swish",
        "hard_tanh",
        "leaky_relu",
        "linear",
        "log_sigmoid",
        "log_softmax",
        "mish",
        "relu",
        "relu6",
        "selu",
        "sigmoid",
        "silu",
        "soft_shrink",
        "softmax",
        "softplus",
        "softsign",
        "sparse_plus",
        "sparse_sigmoid",
        "sparsemax",
        "squareplus",
        "swish",
        "tanh",
        "tanh_shrink",
        "threshold",
    ]
)
"""Functions of `keras.activations`."""

_OTHER_ACTIVATIONS = {
    "softmax_v2": "softmax",  # tf.nn's functions, by the names they were saved under
    "softplus_v2": "softplus",
    "log_softmax_v2": "log_softmax",
    "swish_v2": "swish",
    "swish_impl": "swish",
    "identity": "linear",
    "hardsigmoid": "hard_sigmoid",
    "exp": "exponential",
}

_INITIALIZERS = {
    "Zeros": "", "Ones": "", "Constant": "value", "Identity": "gain", "Orthogonal": "gain seed",
    "RandomNormal": "mean stddev seed", "RandomUniform": "minval maxval seed",
    "TruncatedNormal": "mean stddev seed", "VarianceScaling": "scale mode distribution seed",
    "GlorotNormal": "seed", "GlorotUniform": "seed", "HeNormal": "seed", "HeUniform": "seed",
    "LecunNormal": "seed", "LecunUniform": "seed",
}  # fmt: skip
_REGULARIZERS = {"L1": "l1", "L2": "l2", "L1L2": "l1 l2", "OrthogonalRegularizer": "factor mode"}
_CONSTRAINTS = {
    "MaxNorm": "max_value axis", "MinMaxNorm": "min_value max_value rate axis", "NonNeg": "",
    "UnitNorm": "axis",
}  # fmt: skip
_KINDS = {
    "initializer": ("keras.initializers", _INITIALIZERS),
    "regularizer": ("keras.regularizers", _REGULARIZERS),
    "constraint": ("keras.constraints", _CONSTRAINTS),
}
_OF_TODAY = {"OrthogonalInitializer": "Orthogonal", "IdentityInitializer": "Identity"}

DTYPES = frozenset(
    [
        "bool",
        "int8",
        "uint8",
        "int16",
        "uint16",
        "int32",
        "uint32",
        "int64",
        "uint64",
        "float16",
        "bfloat16",
        "float32",
        "float64",
        "string",
        "complex64",
        "complex128",
        "half",
        "double",
        "single",
    ]
)
_POLICIES = frozenset({"mixed_float16", "mixed_bfloat16"})
_POLICY_CLASSES = (
    "Policy", "PolicyV1", "DTypePolicy", "FloatDTypePolicy", "QuantizedDTypePolicy",
    "QuantizedFloat8DTypePolicy", "Int4DTypePolicy", "GPTQDTypePolicy", "AWQDTypePolicy",
)  # fmt: skip
_QUANTIZED = frozenset({"int8", "float8", "int4", "gptq", "awq"})


def activation(value: object) -> str | None:
    """The name of a function of `keras.activations`; None: it is none of them."""
    found = named_object(value)
    if found is None:
        return "linear" if value is None else None
    name, _ = found
    if name == "function" and is_table(value):  # {"class_name": "function", "config": "relu"}
        config = value.get("config")
        name = config if isinstance(config, str) else ""
    name = _OTHER_ACTIVATIONS.get(name, name)
    return name if name in ACTIVATIONS else None


def described(kind: str, value: object) -> dict[str, object] | str | None:
    """An initializer, regularizer or constraint, written anew; None: none, or not known."""
    module, known = _KINDS[kind]
    found = named_object(value)
    if found is None:
        return None
    name = _OF_TODAY.get(found[0], found[0])
    name = name if name in known else "".join(part.title() for part in name.split("_"))
    if name not in known:
        return None
    config: dict[str, Plain] = {}
    for key in known[name].split():
        try:
            if key in found[1]:
                config[key] = plain_value(found[1][key])
        except NotPlain:  # a seed generator; the numbers of a stored network are what they are
            continue
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


def _is_quantized(mode: str) -> bool:
    """A kind of quantization; "int4/128" with the size of its blocks."""
    return mode.partition("/")[0] in _QUANTIZED


def policy(value: object) -> str | None:
    """The name of a dtype policy Keras 3 knows; None: none is stated, or it is not known."""
    if is_table(value):
        if value.get("class_name") not in _POLICY_CLASSES:
            return None
        config = table(value.get("config"))
        mode, source = config.get("mode"), config.get("source_name")
        if isinstance(mode, str) and _is_quantized(mode) and isinstance(source, str):
            return f"{mode}_from_{source}" if source in DTYPES | _POLICIES else None
        value = config.get("name")
    if not isinstance(value, str):
        return None
    value = {"half": "float16", "single": "float32", "double": "float64"}.get(value, value)
    mode, _, source = value.partition("_from_")
    if source:
        return value if _is_quantized(mode) and source in DTYPES | _POLICIES else None
    return value if value in DTYPES | _POLICIES else None
