"""Keras 1: its arguments by the names they have had since Keras 2.

Source: keras 2.0 to 2.2, legacy/interfaces.py; keras 1.2.2, layers/.
"""

from __future__ import annotations

from h5viewer.documents.compatibility.arguments import Config
from h5viewer.documents.compatibility.catalogue import known_name
from h5viewer.documents.compatibility.place import Place, Work
from h5viewer.documents.compatibility.values import whole, wholes
from h5viewer.documents.json_text import is_list, is_table
from h5viewer.names import visible

CLASSES = {
    "Convolution1D": "Conv1D", "Convolution2D": "Conv2D", "Convolution3D": "Conv3D",
    "AtrousConvolution1D": "Conv1D", "AtrousConvolution2D": "Conv2D", "AtrousConv1D": "Conv1D",
    "AtrousConv2D": "Conv2D", "Deconvolution2D": "Conv2DTranspose", "Deconv2D": "Conv2DTranspose",
    "SeparableConvolution2D": "SeparableConv2D", "TimeDistributedDense": "Dense",
}  # fmt: skip
"""Classes that have another name now."""

_EVERYWHERE = {
    "init": "kernel_initializer", "inner_init": "recurrent_initializer",
    "W_regularizer": "kernel_regularizer", "U_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer", "W_constraint": "kernel_constraint",
    "U_constraint": "recurrent_constraint", "b_constraint": "bias_constraint",
    "bias": "use_bias", "nb_filter": "filters", "filter_length": "kernel_size",
    "subsample": "strides", "subsample_length": "strides", "border_mode": "padding",
    "dim_ordering": "data_format", "atrous_rate": "dilation_rate", "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout", "inner_activation": "recurrent_activation",
    "beta_init": "beta_initializer", "gamma_init": "gamma_initializer",
    "depthwise_init": "depthwise_initializer", "pointwise_init": "pointwise_initializer",
}  # fmt: skip
_OF_CLASS = {
    "Dense": {"output_dim": "units"},
    "LSTM": {"output_dim": "units"},
    "GRU": {"output_dim": "units"},
    "SimpleRNN": {"output_dim": "units"},
    "Embedding": {
        "init": "embeddings_initializer",
        "W_regularizer": "embeddings_regularizer",
        "W_constraint": "embeddings_constraint",
    },
    "Dropout": {"p": "rate"},
    "GaussianDropout": {"p": "rate"},
    "AlphaDropout": {"p": "rate"},
    "SpatialDropout1D": {"p": "rate"},
    "SpatialDropout2D": {"p": "rate"},
    "SpatialDropout3D": {"p": "rate"},
    "GaussianNoise": {"sigma": "stddev"},
    "MaxPooling1D": {"pool_length": "pool_size", "stride": "strides"},
    "AveragePooling1D": {"pool_length": "pool_size", "stride": "strides"},
    "UpSampling1D": {"length": "size"},
    "PReLU": {"init": "alpha_initializer"},
}
_WITHOUT_EFFECT = frozenset(
    {"input_dtype", "consume_less", "forget_bias_init", "weights", "dropout", "mode",
     "W_learning_rate_multiplier", "b_learning_rate_multiplier", "learning_rate_multiplier",
     "output_dim", "input_length", "input_dim", "cache_enabled", "trainable_weights"}
)  # fmt: skip
_SIZES = {
    "Conv2D": ("nb_row", "nb_col"), "Conv2DTranspose": ("nb_row", "nb_col"),
    "SeparableConv2D": ("nb_row", "nb_col"), "ConvLSTM2D": ("nb_row", "nb_col"),
    "LocallyConnected2D": ("nb_row", "nb_col"),
    "Conv3D": ("kernel_dim1", "kernel_dim2", "kernel_dim3"),
}  # fmt: skip
_FORMATS = {"th": "channels_first", "tf": "channels_last"}
_WITH_FORMAT = (
    "Conv2D", "Conv3D", "Conv2DTranspose", "SeparableConv2D", "MaxPooling2D", "MaxPooling3D",
    "AveragePooling2D", "AveragePooling3D", "UpSampling2D", "UpSampling3D", "ZeroPadding2D",
    "ZeroPadding3D", "Cropping2D", "Cropping3D", "ConvLSTM2D", "GlobalMaxPooling2D",
    "GlobalAveragePooling2D", "GlobalMaxPooling3D", "GlobalAveragePooling3D",
)  # fmt: skip


def of_today(class_name: str, config: Config, place: Place, work: Work) -> tuple[str, Config]:
    """Class and arguments as Keras 2 has them, and a sentence about what was renamed."""
    name = CLASSES.get(class_name, class_name)
    if name != class_name and known_name(class_name) is None:
        work.findings.add(
            place.name,
            f"Keras 3 has no layer {class_name}.",
            f"Built as {name}, which is the same.",
        )
    renamed: dict[str, str] = {}
    made: Config = {}
    names = {**_EVERYWHERE, **_OF_CLASS.get(name, {})}
    for key, value in config.items():
        new = names.get(key)
        if new is not None and new not in config:
            made[new] = value
            renamed[key] = new
        elif not (key in _WITHOUT_EFFECT and not _has_meaning(name, key)):
            made[key] = value
    _join_sizes(name, made, renamed)
    _translate_values(name, made, place, work)
    if shown := [f"{visible(old)} → {new}" for old, new in renamed.items()]:
        work.findings.add(
            place.name,
            "Its arguments have the names of Keras 1.",
            f"Read by the names of today: {', '.join(shown)}.",
        )
    return name, made


def _has_meaning(name: str, key: str) -> bool:
    """True for an argument that is without effect elsewhere."""
    if key == "input_length" or key == "input_dtype":
        return True  # where a network begins
    if key in ("input_dim", "output_dim") and name in ("Embedding", "MaxoutDense", "Highway"):
        return True
    if key == "mode":
        return name in ("BatchNormalization", "Merge")
    return key == "dropout" and name in ("LSTM", "GRU", "SimpleRNN")


def _join_sizes(name: str, made: Config, renamed: dict[str, str]) -> None:
    keys = _SIZES.get(name, ())
    sizes = [whole(made, key) for key in keys]
    if keys and None not in sizes:
        made["kernel_size"] = sizes
        renamed[", ".join(keys)] = "kernel_size"
        for key in keys:
            del made[key]


def _translate_values(name: str, made: Config, place: Place, work: Work) -> None:
    stated = made.get("data_format")
    if isinstance(stated, str):
        made["data_format"] = _FORMATS.get(stated, stated)
    if stated == "default" or (stated is None and name in _WITH_FORMAT):
        made["data_format"] = "channels_first" if work.is_theano else "channels_last"
    if made.get("padding") == "full":
        work.findings.add(place.name, "Its padding “full” is none that Keras 3 has.")
    if name == "Conv1D" and made.get("padding") == "causal":
        made["data_format"] = "channels_last"
    if name in ("ZeroPadding2D", "ZeroPadding1D", "Cropping1D"):
        _pair_up(name, made)
    if name == "Flatten":
        made.setdefault("data_format", "channels_last")  # Keras 1 never moved axes here
    if name == "LSTM" and "recurrent_activation" not in made:
        made["recurrent_activation"] = "hard_sigmoid"


def _pair_up(name: str, made: Config) -> None:
    """Keras 1: [top, bottom, left, right], or a table of them, where pairs are wanted."""
    padding = made.get("padding")
    if is_table(padding):
        sides = [whole(padding, f"{side}_pad") or 0 for side in ("top", "bottom", "left", "right")]
        if name == "ZeroPadding1D":
            sides = [whole(padding, f"{side}_pad") or 0 for side in ("left", "right")]
        made["padding"] = sides if name == "ZeroPadding1D" else [sides[:2], sides[2:]]
    elif is_list(padding) and name == "ZeroPadding2D":
        found = wholes(padding)
        if found is not None and len(found) == 4:
            made["padding"] = [list(found[:2]), list(found[2:])]
