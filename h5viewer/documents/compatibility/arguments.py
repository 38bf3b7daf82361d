"""Arguments of a built-in layer, written anew: what Keras 3 takes, what it took before.

`SILENT` arguments changed nothing about an answer and Keras 3 takes them without a word;
`DROPPED` ones it refuses.
"""

from __future__ import annotations

from h5viewer.documents.compatibility import catalogue, objects
from h5viewer.documents.compatibility.place import Place, Work
from h5viewer.documents.compatibility.values import (
    NotPlain,
    is_empty,
    named_object,
    plain_value,
)
from h5viewer.documents.json_text import compact, is_table, table
from h5viewer.names import plain, visible

Config = dict[str, object]

COMMON = frozenset(
    [
        "name",
        "trainable",
        "dtype",
        "activity_regularizer",
        "batch_input_shape",
        "input_shape",
        "input_dtype",
        "batch_shape",
        "_batch_input_shape",
        "autocast",
        "dynamic",
        "input_spec",
        "build_config",
    ]
)
"""Arguments every layer had; those of inputs are read where a network begins."""

_RENAMED: dict[str, dict[str, str]] = {
    "LeakyReLU": {"alpha": "negative_slope"},
    "CategoryEncoding": {"max_tokens": "num_tokens"},
    "Discretization": {"bins": "bin_boundaries"},
}

_ANY = object()
_NO_EFFECT: dict[str, object] = {  # argument: the value with which it has none
    "time_major": False, "implementation": _ANY, "input_length": _ANY, "groups": 1,
    "query_shape": _ANY, "key_shape": _ANY, "value_shape": _ANY, "noise_shape": _ANY,
    "virtual_batch_size": None, "fused": _ANY, "adjustment": None, "reverse_state_order": False,
    "unit_forget_bias": _ANY, "zero_output_for_mask": _ANY, "seed": _ANY, "unroll": _ANY,
    "return_runtime": _ANY, "causal": False, "stateful": False, "sparse": False, "ragged": False,
    "has_input_vocabulary": _ANY, "vocabulary_size": _ANY, "max_values": None,
    "use_bias": _ANY, "units": _ANY, "filters": _ANY, "input_dim": _ANY,
    "kernel_size": _ANY, "name": _ANY, "dropout": _ANY, "batch_size": _ANY, "type_spec": _ANY,
}  # fmt: skip
SILENT = frozenset(
    {"implementation", "input_length", "unit_forget_bias", "input_dim", "lora_rank", "lora_alpha"}
)

_RECENT = frozenset(
    [
        "renorm",
        "renorm_clipping",
        "renorm_momentum",
        "use_gate",
        "sliding_window",
        "flash_attention",
        "quantization_config",
        "oov_method",
        "epsilon_",
        "pad_to_aspect_ratio",
        "use_cudnn",
    ]
)
"""Arguments newer than Keras 3.0, left out where they are off: an older one loads the rest."""

BARE = frozenset({"Discretization", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D",
                   "HashedCrossing"})  # fmt: skip
"""Layers that take nothing of every layer but name and dtype."""

_VOCABULARIES = frozenset({"vocabulary", "idf_weights"})
_FUNCTIONS = frozenset({"activation", "recurrent_activation"})
_DEFAULT_ACTIVATION = {"recurrent_activation": "sigmoid"}


def of_every_layer(config: Config, place: Place, work: Work) -> Config:
    """Name, trainable, dtype, activity regularizer."""
    made: Config = {"name": place.new_name}
    if isinstance(config.get("trainable"), bool):
        made["trainable"] = config["trainable"]
    stated = config.get("dtype")
    if stated not in (None, "infer"):
        policy = objects.policy(stated)
        if policy is not None:
            made["dtype"] = policy
        if is_table(stated) and _is_refused_policy(stated):
            work.findings.add(
                place.name,
                "Its number type is written as older Keras did, as a “Policy”.",
                f"Built as {policy}." if policy else "Built as float32.",
            )
        elif policy is None:
            work.findings.add(
                place.name,
                f"Its number type {_shown(stated)} is not known.",
                "Built as float32; the answer may differ.",
            )
    return made


def of_layer(class_name: str, config: Config, place: Place, work: Work) -> Config:
    """Everything a built-in layer takes, from a configuration of Keras 2 or 3."""
    kind = catalogue.LAYERS[class_name]
    made = of_every_layer(config, place, work)
    left_out: list[str] = []
    if class_name in BARE:
        if "trainable" in made and work.generation < 3:
            left_out.append("trainable")
        made.pop("trainable", None)
    elif regularizer := objects.described("regularizer", config.get("activity_regularizer")):
        made["activity_regularizer"] = regularizer
    for key, value in config.items():
        if key in COMMON and key not in kind.arguments:
            continue
        new = _RENAMED.get(class_name, {}).get(key, key)
        role, _, suffix = key.rpartition("_")
        if role in kind.roles and suffix in ("initializer", "regularizer", "constraint"):
            if described := objects.described(suffix, value):
                made[key] = described
        elif new not in kind.arguments:
            left_out += _unknown(class_name, key, value, place, work)
        elif not (key in _RECENT and is_empty(value)):
            _take(made, new, value, place, work)
    if left_out:
        work.findings.add(place.name, *_left_out(left_out, class_name))
    return made


def _take(made: Config, key: str, value: object, place: Place, work: Work) -> None:
    if key in _FUNCTIONS:
        made[key] = function_of(value, place, work)
    elif key == "quantization_config":
        _take_quantization(made, value, place, work)
    elif key in _VOCABULARIES and isinstance(value, str):
        work.findings.add(
            place.name,
            "Its vocabulary is not in the network's configuration: it is the name of another file, "
            "which is not opened.",
        )
    else:
        try:
            made[key] = plain_value(value)
        except NotPlain:
            work.findings.add(
                place.name, f"Its argument “{visible(key)}” is no number, text or list.", ""
            )


def _take_quantization(made: Config, value: object, place: Place, work: Work) -> None:
    """Keras builds plain quantized layers from the policy alone."""
    policy = str(made.get("dtype", ""))
    if not is_empty(value) and not policy.startswith(
        ("int8_from_", "float8_from_", "int4_from_", "int4/")
    ):
        work.findings.add(
            place.name,
            "Its weights are quantized in a way that cannot be built from what the file states.",
        )


def function_of(value: object, place: Place, work: Work) -> str | dict[str, object]:
    """An activation function by name; an unknown one is asked for."""
    name = objects.activation(value)
    if name is not None:
        return name
    name = _stranger(value)
    if name in work.pass_through:
        message = f"Its activation function {visible(name)} is not one that Keras has."
        repair = "Left out, as you asked: the answer differs from that of the whole network."
        work.findings.add(place.name, message, repair)
        return "linear"
    work.findings.ask(
        place.name,
        f"Its activation function {visible(name)} is not one that Keras has.",
        "Name the Python file that defines it, or leave it out.",
        "class",
        name,
    )
    work.functions.add(name)
    return {"module": None, "class_name": "function", "config": name, "registered_name": name}


def _stranger(value: object) -> str:
    """The name under which the user has to bring a function or class."""
    found = named_object(value)
    if found is None:
        return _shown(value)
    config = table(value).get("config")
    if found[0] == "function" and isinstance(config, str):
        return plain(config)
    return found[0]


def _unknown(class_name: str, key: str, value: object, place: Place, work: Work) -> list[str]:
    """An argument that Keras 3 refuses: itself when it changes nothing, else a finding."""
    if key in SILENT:
        return []
    harmless = _NO_EFFECT.get(key)
    has_none = key in _NO_EFFECT and (harmless is _ANY or value == harmless)
    is_inherited = key.endswith(("_initializer", "_regularizer", "_constraint"))
    if has_none or is_inherited or is_empty(value) or class_name in catalogue.RANDOM:
        return [key]
    work.findings.add(
        place.name,
        f"Its argument “{visible(key)}” ({_shown(value)}) is one that Keras 3 does not know.",
        "Left out: the answer may differ from what the network gave where it was made.",
    )
    return []


def _left_out(keys: list[str], class_name: str) -> tuple[str, str]:
    shown = ", ".join(f"“{visible(plain(key))}”" for key in keys)
    if len(keys) == 1:
        message = f"Its argument {shown} is one that {class_name} of Keras 3 does not take."
        return message, "Left out: it changes nothing about the answer."
    message = f"Its arguments {shown} are ones that {class_name} of Keras 3 does not take."
    return message, "Left out: they change nothing about the answer."


def _is_refused_policy(stated: dict[str, object]) -> bool:
    return stated.get("class_name") in ("Policy", "PolicyV1", "FloatDTypePolicy")


def _shown(value: object) -> str:
    return visible(compact(value, 80), 80)
