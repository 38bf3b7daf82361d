"""What the weights of Keras' layers are: role, meaning of each axis, expected sizes.

A class's roles stand in the order in which Keras stores them (trainable first), so they
name the numbered variables of `.weights.h5` files and check the named ones of older files.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.json_text import is_list, table, whole_number
from h5viewer.documents.stored_names import canonical_role

Sizes = tuple[int | None, ...]
Config = dict[str, object]

SPATIAL = {
    0: (),
    1: ("kernel length",),
    2: ("kernel height", "kernel width"),
    3: ("kernel depth", "kernel height", "kernel width"),
}


class Role(msgspec.Struct, frozen=True):
    """One weight of a layer; `sizes` has None where the configuration does not say."""

    name: str
    axes: tuple[str, ...]
    sizes: Sizes
    trainable: bool = True
    is_optional: bool = False  # stored only by some versions or settings
    is_copy: bool = False  # another layer's weight, stored a second time


def first_roles(known: list[Role] | None, n_stored: int) -> list[Role] | None:
    """The roles of `n_stored` numbered variables; None where their number does not fit."""
    if known is None or len(known) < n_stored:
        return None
    left_out = known[n_stored:]
    if all(role.is_optional for role in left_out):
        return known[:n_stored]
    is_without_bias = n_stored == 1 and known[0].name.endswith("kernel")
    return known[:1] if is_without_bias and len(known) == 2 else None


def roles_of(layer: DeclaredLayer) -> list[Role] | None:
    """The weights that a declared layer has; None for classes that are not Keras' own."""
    return None if layer.custom_name is not None else roles(layer.class_name, layer.config)


def roles(class_name: str, config: Config) -> list[Role] | None:
    """The weights that a layer of this class has; None: the class is not known."""
    # early tf.keras: BatchNormalizationV1, LSTMV2
    base = class_name[:-2] if class_name.endswith(("V1", "V2")) else class_name
    if base in _QUANTIZED and quantization_mode(config) is not None:
        return _quantized(base, config)
    make = _MAKERS.get(base)
    if make is not None:
        found = make(config)
        return _with_adapters(found, config) if found and base in ADAPTED else found
    return [] if base in _WITHOUT_WEIGHTS else None


def is_known_class(class_name: str | None) -> bool:
    """True for classes whose weights are stored in a known order."""
    return class_name in _MAKERS or class_name in _MADE_OF_LAYERS


def fits(names: list[str], known: list[Role]) -> bool:
    """True when these stored names are, in order, what a layer of that class has."""
    if len(names) != len(known):
        return False
    return all(
        canonical_role(name) in (role.name, "kernel" if "kernel" in role.name else role.name)
        for name, role in zip(names, known, strict=True)
    )


def class_of_group(name: str) -> str | None:
    """The class that Keras would call `name` by itself: "dense_2" → "Dense"."""
    return _BY_SNAKE_CASE.get(re.sub(r"_\d+$", "", name))


def snake_case(class_name: str) -> str:
    """Keras' own rule for group names: "Conv2DTranspose" → "conv2d_transpose".

    Source: keras/src/utils/naming.py, to_snake_case.
    """
    name = re.sub(r"\W+", "", _IN_CODE.get(class_name, class_name))
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()


def quantization_mode(config: Config) -> str | None:
    """What Keras 3 states in a layer's dtype: "int8", "int4" ...; None: not quantized."""
    mode = _stated_mode(config)
    return None if mode is None else mode.partition("/")[0]


def _stated_mode(config: Config) -> str | None:
    """With the size of its blocks, where there are blocks: "int4/128"."""
    policy = config.get("dtype")
    if isinstance(policy, str) and "_from_" in policy:
        return policy.partition("_from_")[0]
    if str(table(policy).get("class_name")) not in _QUANTIZED_POLICIES:
        return None
    mode = table(table(policy).get("config")).get("mode")
    return mode if isinstance(mode, str) else None


def _quantized(base: str, config: Config) -> list[Role] | None:
    """Integers with a scale; int4 packs two in a byte, so no size is expected.

    Source: keras/src/layers/core/dense.py, variable_serialization_spec (3.15).
    """
    if quantization_mode(config) not in ("int8", "int4"):
        return None
    kernel = "embeddings" if base == "Embedding" else "kernel"
    found = [Role(kernel, (), (), trainable=False)]
    without = {"Embedding": True, "EinsumDense": not config.get("bias_axes")}
    if not without.get(base, config.get("use_bias") is False):
        found.append(Role("bias", (), ()))
    found.append(Role(f"{kernel}_scale", (), (), trainable=False))
    more = (f"{kernel}_zero", "g_idx")
    is_optional = not (_stated_mode(config) or "").partition("/")[2].isdecimal()
    return found + [Role(name, (), (), False, is_optional) for name in more]


def has_bias(class_name: str, config: Config) -> bool:
    """Whether a layer with a kernel adds anything to its product."""
    return any(role.name == "bias" for role in roles(class_name, config) or ())


def _with_adapters(found: list[Role], config: Config) -> list[Role]:
    """With LoRA the kernel rests; archives hold it with what the adapters add, and not those."""
    if not whole_number(config.get("lora_rank")):
        return found
    kernel, *others = found
    names = (f"lora_{kernel.name}_a", f"lora_{kernel.name}_b")
    adapters = [Role(name, (), (), is_optional=True) for name in names]
    return [replace(kernel, trainable=False), *others, *adapters]


def _spectral(_: Config) -> list[Role]:
    """Keras 3 stores the wrapped layer's kernel once more."""
    return [Role("kernel", (), (), is_copy=True), Role("vector_u", (), (), trainable=False)]


def _size(config: Config, *keys: str) -> int | None:
    for key in keys:
        size = whole_number(config.get(key))
        if size is not None:
            return size
    return None


def _with_bias(config: Config, weights: list[Role], size: int | None) -> list[Role]:
    if config.get("use_bias", config.get("bias")) is False:
        return weights
    return [*weights, Role("bias", ("out",), (size,))]


def _dense(config: Config) -> list[Role]:
    units = _size(config, "units", "output_dim")
    return _with_bias(config, [Role("kernel", ("in", "out"), (None, units))], units)


def _kernel_sizes(config: Config, rank: int) -> Sizes:
    stated = config.get("kernel_size")
    if is_list(stated) and len(stated) == rank:
        return tuple(whole_number(size) for size in stated)
    if rank == 2 and "nb_row" in config:  # Keras 1
        return (_size(config, "nb_row"), _size(config, "nb_col"))
    size = whole_number(stated)
    return (size,) * rank if size is not None else (None,) * rank


def _conv(
    rank: int, *, is_transposed: bool = False, is_keras_1: bool = False
) -> Callable[[Config], list[Role]]:
    ends = ("out", "in") if is_transposed else ("in", "out")

    def make(config: Config) -> list[Role]:
        filters = _size(config, "filters", "nb_filter")
        around = (filters, None) if is_transposed else (None, filters)
        kernel = Role("kernel", SPATIAL[rank] + ends, _kernel_sizes(config, rank) + around)
        if is_keras_1 and config.get("dim_ordering") not in ("th", "tf"):
            return _with_bias(config, [Role("kernel", (), ())], filters)
        if config.get("dim_ordering") == "th":  # Keras 1: (filters, stack, rows, columns)
            sizes = (filters, None, *_kernel_sizes(config, rank))
            kernel = Role("kernel", ("out", "in", *SPATIAL[rank]), sizes)
        return _with_bias(config, [kernel], filters)

    return make


def _old_conv1d(config: Config) -> list[Role]:
    # Keras 1 stores it with a dummy axis whose place depends on the backend.
    return _with_bias(config, [Role("kernel", (), ())], _size(config, "nb_filter"))


def _depthwise(rank: int) -> Callable[[Config], list[Role]]:
    def make(config: Config) -> list[Role]:
        axes = (*SPATIAL[rank], "in", "multiplier")
        sizes = (*_kernel_sizes(config, rank), None, _size(config, "depth_multiplier"))
        return _with_bias(config, [Role("depthwise_kernel", axes, sizes)], None)

    return make


def _separable(rank: int) -> Callable[[Config], list[Role]]:
    def make(config: Config) -> list[Role]:
        filters = _size(config, "filters", "nb_filter")
        multiplier = _size(config, "depth_multiplier")
        depthwise = (*_kernel_sizes(config, rank), None, multiplier)
        kernels = [
            Role("depthwise_kernel", (*SPATIAL[rank], "in", "multiplier"), depthwise),
            Role("pointwise_kernel", (*SPATIAL[rank], "in", "out"), (*(1,) * rank, None, filters)),
        ]
        return _with_bias(config, kernels, filters)

    return make


def _embedding(config: Config) -> list[Role]:
    sizes = (_size(config, "input_dim"), _size(config, "output_dim"))
    return [Role("embeddings", ("token", "dimension"), sizes)]


def _recurrent(n_gates: int, *, is_cudnn: bool = False) -> Callable[[Config], list[Role]]:
    gates = "gates" if n_gates > 1 else "out"

    def make(config: Config) -> list[Role]:
        units = _size(config, "units", "output_dim")
        wide = None if units is None else n_gates * units
        weights = [
            Role("kernel", ("in", gates), (None, wide)),
            Role("recurrent_kernel", ("hidden", gates), (units, wide)),
        ]
        if config.get("use_bias") is False:
            return weights
        if is_cudnn:
            both = None if wide is None else 2 * wide
            return [*weights, Role("bias", ("input and recurrent gates",), (both,))]
        if n_gates == 3 and config.get("reset_after") is True:
            return [*weights, Role("bias", ("input, recurrent", gates), (2, wide))]
        return [*weights, Role("bias", (gates,), (wide,))]

    return make


def _conv_lstm(rank: int) -> Callable[[Config], list[Role]]:
    def make(config: Config) -> list[Role]:
        filters = _size(config, "filters")
        wide = None if filters is None else 4 * filters
        kernel = _kernel_sizes(config, rank)
        weights = [
            Role("kernel", (*SPATIAL[rank], "in", "gates"), (*kernel, None, wide)),
            Role("recurrent_kernel", (*SPATIAL[rank], "hidden", "gates"), (*kernel, filters, wide)),
        ]
        if config.get("use_bias") is False:
            return weights
        return [*weights, Role("bias", ("gates",), (wide,))]

    return make


def _scale_and_centre(config: Config) -> list[Role]:
    found = []
    if config.get("scale") is not False or config.get("rms_scaling") is True:
        found.append(Role("gamma", (), ()))
    if config.get("center") is not False and config.get("rms_scaling") is not True:
        found.append(Role("beta", (), ()))
    return found


def _batch_normalization(config: Config) -> list[Role]:
    learnt = [Role(role.name, ("channel",), (None,)) for role in _scale_and_centre(config)]
    moving = ("moving_mean", "moving_variance")
    return learnt + [Role(name, ("channel",), (None,), trainable=False) for name in moving]


def _fixed(*names: str, trainable: bool = True) -> Callable[[Config], list[Role]]:
    def make(_: Config) -> list[Role]:
        return [Role(name, (), (), trainable) for name in names]

    return make


def _local(config: Config) -> list[Role]:
    return _with_bias(config, [Role("kernel", (), ())], None)[:1] + (
        [] if config.get("use_bias") is False else [Role("bias", (), ())]
    )


def _attention(config: Config) -> list[Role]:
    found = [Role("scale", (), ())] if config.get("use_scale") is True else []
    is_concatenating = config.get("score_mode") == "concat"
    return [*found, Role("concat_score_weight", (), ())] if is_concatenating else found


def _additive_attention(config: Config) -> list[Role]:
    return [] if config.get("use_scale") is False else [Role("scale", (), ())]


def _einsum_dense(config: Config) -> list[Role]:
    has_bias = config.get("bias_axes") is not None
    return [Role("kernel", (), ()), *([Role("bias", (), ())] if has_bias else [])]


def _wrapped(config: Config) -> list[Role] | None:
    inner = table(config.get("layer"))
    class_name = inner.get("class_name")
    if not isinstance(class_name, str):
        return None
    return roles(class_name, table(inner.get("config")))


_QUANTIZED = frozenset({"Dense", "EinsumDense", "Embedding"})
_QUANTIZED_POLICIES = (
    "QuantizedDTypePolicy", "QuantizedFloat8DTypePolicy", "Int4DTypePolicy",
)  # fmt: skip
ADAPTED = _QUANTIZED | {"Conv1D", "Conv2D", "Conv3D"}
"""Layers of Keras 3 that `enable_lora` gives adapters."""

_MAKERS: dict[str, Callable[[Config], list[Role] | None]] = {
    "Dense": _dense, "TimeDistributedDense": _dense, "EinsumDense": _einsum_dense,
    "Conv1D": _conv(1), "Conv2D": _conv(2), "Conv3D": _conv(3),
    "Convolution1D": _old_conv1d, "Convolution2D": _conv(2, is_keras_1=True),
    "Convolution3D": _conv(3, is_keras_1=True), "AtrousConvolution2D": _conv(2, is_keras_1=True),
    "Conv1DTranspose": _conv(1, is_transposed=True),
    "Conv2DTranspose": _conv(2, is_transposed=True),
    "Conv3DTranspose": _conv(3, is_transposed=True),
    "DepthwiseConv1D": _depthwise(1), "DepthwiseConv2D": _depthwise(2),
    "SeparableConv1D": _separable(1), "SeparableConv2D": _separable(2),
    "SeparableConvolution2D": _separable(2),
    "LocallyConnected1D": _local, "LocallyConnected2D": _local,
    "Embedding": _embedding,
    "LSTM": _recurrent(4), "GRU": _recurrent(3), "SimpleRNN": _recurrent(1),
    "LSTMCell": _recurrent(4), "GRUCell": _recurrent(3), "SimpleRNNCell": _recurrent(1),
    "CuDNNLSTM": _recurrent(4, is_cudnn=True), "CuDNNGRU": _recurrent(3, is_cudnn=True),
    "ConvLSTM1D": _conv_lstm(1), "ConvLSTM2D": _conv_lstm(2), "ConvLSTM3D": _conv_lstm(3),
    "BatchNormalization": _batch_normalization, "SyncBatchNormalization": _batch_normalization,
    "LayerNormalization": _scale_and_centre, "GroupNormalization": _scale_and_centre,
    "RMSNormalization": _fixed("scale"),
    "Normalization": _fixed("mean", "variance", "count", trainable=False),
    "PReLU": _fixed("alpha"), "SpectralNormalization": _spectral,
    "Attention": _attention, "AdditiveAttention": _additive_attention,
    "TimeDistributed": _wrapped,
}  # fmt: skip

# As files call it: as Keras' code does
_IN_CODE = {"GroupQueryAttention": "GroupedQueryAttention"}

# Keras' own, made of other layers: query, key, value, output; forward, backward
_MADE_OF_LAYERS = frozenset({
    "MultiHeadAttention", "GroupedQueryAttention", "GroupQueryAttention", "Bidirectional",
})  # fmt: skip

_WITHOUT_WEIGHTS = frozenset({
    "Activation", "ActivityRegularization", "Add", "AlphaDropout", "Average",
    "AveragePooling1D", "AveragePooling2D", "AveragePooling3D", "CategoryEncoding",
    "CenterCrop", "Concatenate", "Cropping1D", "Cropping2D", "Cropping3D", "Dot", "Dropout",
    "ELU", "Flatten", "GaussianDropout", "GaussianNoise", "GlobalAveragePooling1D",
    "GlobalAveragePooling2D", "GlobalAveragePooling3D", "GlobalMaxPooling1D",
    "GlobalMaxPooling2D", "GlobalMaxPooling3D", "Input", "InputLayer", "Lambda", "LeakyReLU",
    "Masking", "MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "Maximum", "Merge", "Minimum",
    "Multiply", "Permute", "ReLU", "RepeatVector", "Rescaling", "Reshape", "Resizing",
    "Softmax", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "Subtract",
    "TFOpLambda", "SlicingOpLambda", "ThresholdedReLU", "UnitNormalization", "UpSampling1D",
    "UpSampling2D", "UpSampling3D", "ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D",
    "Identity",
})  # fmt: skip

_BY_SNAKE_CASE = {snake_case(name): name for name in (*_MAKERS, *_WITHOUT_WEIGHTS)}
