"""The variables of Keras' own layers, by class: names, order, and places in archives.

Written from keras 3.15.1, which `tests/documents/test_keras_objects.py` compares it with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from h5viewer.documents.compatibility.catalogue import LAYERS, OF_APPLICATIONS, known_name
from h5viewer.documents.json_text import is_list, is_table, table
from h5viewer.documents.keras_objects.held import Held, Part, Variable, numbered
from h5viewer.documents.roles import quantization_mode, roles

Config = dict[str, object]
OfEntry = Callable[[object], Held]
"""What says which object a layer's configuration, with its class, stands for."""

Found = tuple[tuple[Variable, ...], tuple[Part, ...]]
_GATES = ("LSTM", "GRU", "SimpleRNN", "ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D")
_RENORM = ("moving_stddev", "renorm_mean", "renorm_stddev")
WITH_WORDS = ("StringLookup", "IntegerLookup", "TextVectorization")
"""Layers with a table of words, which archives keep apart."""


def held_by(class_name: str, config: Config, inner: OfEntry) -> Held:
    """The object that a layer of this class is; `inner` says it of layers inside it."""
    name, is_trainable = str(config.get("name") or ""), config.get("trainable") is not False
    known = known_name(class_name)
    if known is None and class_name not in OF_APPLICATIONS:
        return Held(class_name, name, trainable=is_trainable, is_known=False)
    found = _found(known or class_name, config, inner)
    if found is None:
        return Held(known or class_name, name, trainable=is_trainable, is_known=False)
    return Held(known or class_name, name, *found, trainable=is_trainable)


def _found(class_name: str, config: Config, inner: OfEntry) -> Found | None:
    make = _PARTS.get(class_name)
    if make is not None:
        own = _OWN.get(class_name, _nothing)
        return tuple(own(config)), tuple(make(config, inner))
    if class_name in _GATES:
        cell = Held(f"{class_name}Cell", "", _of_roles(class_name, config) or ())
        return (), (Part("cell", cell),)
    if class_name == "SpectralNormalization":
        layer = inner(config.get("layer"))
        names = [each.name for each in layer.variables]
        kept = Variable(names[0] if names else "kernel", "0", is_kept_by_legacy=False)
        state = Variable("vector_u", "1", trainable=False)
        return (kept, state), (Part("layer", layer),)
    variables = _of_roles(class_name, config)
    return None if variables is None else (variables, ())


def _of_roles(class_name: str, config: Config) -> tuple[Variable, ...] | None:
    """Those of a layer that holds no other ones; None: not known."""
    own = _OWN.get(class_name)
    if own is not None:
        return tuple(own(config))
    if quantization_mode(config) is not None:
        return _quantized(class_name, config)
    known = roles(class_name, config)
    if known is None:
        return () if class_name in LAYERS else None
    return tuple(
        Variable("kernel" if each.name == "depthwise_kernel" and class_name.startswith("Depthwise")
                 else each.name, str(i), each.trainable)
        for i, each in enumerate(known)
    )  # fmt: skip


def _quantized(class_name: str, config: Config) -> tuple[Variable, ...] | None:
    """Archives keep these in an order of their own; legacy files what is trained first."""
    known = roles(class_name, config)
    if known is None or quantization_mode(config) not in ("int8", "int4"):
        return None
    stored = [
        Variable(each.name, str(i), each.trainable)
        for i, each in enumerate(known)
        if not each.is_optional
    ]
    return tuple(sorted(stored, key=lambda each: not each.trainable))


def _batch_normalization(config: Config) -> Iterator[Variable]:
    for i, role in enumerate(roles("BatchNormalization", config) or ()):
        yield Variable(role.name, str(i), role.trainable)
    if config.get("renorm") is True:
        n_before = len(roles("BatchNormalization", config) or ())
        for i, name in enumerate(_RENORM):
            yield Variable(name, str(n_before + i), trainable=False)


def _normalization(config: Config) -> Iterator[Variable]:
    if config.get("mean") is None:
        for i, name in enumerate(("mean", "variance", "count")):
            yield Variable(name, str(i), trainable=False)


def _reversible(config: Config) -> Iterator[Variable]:
    yield Variable("embeddings", "0")
    if config.get("tie_weights") is False:
        yield Variable("reverse_embeddings", "1")


def _looked_up(config: Config) -> Iterator[Variable]:
    if config.get("output_mode") == "tf_idf":
        yield Variable("idf_weights", "idf_weights", trainable=False, is_kept_by_legacy=False)


def _layer_scale(_: Config) -> Iterator[Variable]:
    yield Variable("gamma", "0")


def _nothing(_: Config) -> Iterator[Variable]:
    yield from ()


_OWN: dict[str, Callable[[Config], Iterator[Variable]]] = {
    "BatchNormalization": _batch_normalization,
    "CustomScaleLayer": _nothing,
    "LayerScale": _layer_scale,
    "Normalization": _normalization,
    "ReversibleEmbedding": _reversible,
    "StochasticDepth": _nothing,
    **dict.fromkeys(WITH_WORDS, _looked_up),
}

# ------------------------------------------------------ layers made of others


def _wrapper(config: Config, inner: OfEntry) -> Iterator[Part]:
    yield Part("layer", inner(config.get("layer")))


def _bidirectional(config: Config, inner: OfEntry) -> Iterator[Part]:
    forward = config.get("layer")
    yield Part("forward_layer", inner(forward))
    yield Part("backward_layer", inner(config.get("backward_layer") or forward))


def _over_cells(config: Config, inner: OfEntry) -> Iterator[Part]:
    yield Part("cell", inner(config.get("cell")))


def _over_words(config: Config, _: OfEntry) -> Iterator[Part]:
    yield Part("_lookup_layer", Held("StringLookup", "", tuple(_looked_up(config))))


def _stacked(config: Config, inner: OfEntry) -> Iterator[Part]:
    cells = config.get("cells")
    listed = cells if is_list(cells) else []
    for part in numbered(inner(each) for each in listed):
        yield Part(f"cells/{part.way}", part.held)


def _pipeline(config: Config, inner: OfEntry) -> Iterator[Part]:
    layers = config.get("layers")
    listed = layers if is_list(layers) else []
    for part in numbered(inner(each) for each in listed):
        yield Part(f"layers/{part.way}", part.held)


def _heads(config: Config, before: str) -> Iterator[Part]:
    """Projections of query, key and value, and the one after the heads."""
    names = ["query_dense", "key_dense", "value_dense", "output_dense"]
    if config.get("use_gate") is True:
        names.insert(2, "gate_dense")
    variables = [Variable("kernel", "0")]
    if config.get("use_bias") is not False:
        variables.append(Variable("bias", "1"))
    for name in names:
        way = f"_{name}" if name == "gate_dense" else f"{before}{name}"
        yield Part(way, Held("EinsumDense", "", tuple(variables)))


_PARTS: dict[str, Callable[[Config, OfEntry], Iterator[Part]]] = {
    "Bidirectional": _bidirectional,
    "GroupQueryAttention": lambda config, _: _heads(config, "_"),
    "GroupedQueryAttention": lambda config, _: _heads(config, "_"),
    "MultiHeadAttention": lambda config, _: _heads(config, ""),
    "Pipeline": _pipeline,
    "RNN": _over_cells,
    "StackedRNNCells": _stacked,
    "TextVectorization": _over_words,
    "TimeDistributed": _wrapper,
}


def class_and_config(entry: object) -> tuple[str, Config] | None:
    """Of a layer's entry; None: it is none."""
    if not is_table(entry) or not isinstance(entry.get("class_name"), str):
        return None
    return str(entry["class_name"]), table(entry.get("config"))
