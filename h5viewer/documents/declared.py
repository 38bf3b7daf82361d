"""What a configuration declares, before any weight is looked at."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from h5viewer.documents.references import Arguments, Reference
from h5viewer.nodes import Code, OutputShape, Problem

_KERAS = frozenset(
    {"keras", "tf_keras", "tensorflow", "keras_core", "keras_hub", "keras_nlp", "keras_cv"}
)
NETWORKS = frozenset({"Sequential", "Functional", "Model", "Network", "Graph"})
"""Classes whose configuration lists layers."""


def is_of_keras(package: str) -> bool:
    """True for the packages of the Keras family."""
    return package in _KERAS


class DeclaredLayer(msgspec.Struct):
    """One layer as the configuration states it; `config` is the author's, of any content."""

    name: str
    class_name: str
    key: tuple[int, ...]
    config: dict[str, object]
    module: str | None = None
    registered_name: str | None = None
    shared_id: int | None = None  # stated by Keras 3 for an object that stands elsewhere, too
    calls: list[list[Reference]] = []  # one a node
    arguments: dict[int, Arguments] | None = None  # of calls that take more than tensors
    inputs: tuple[str, ...] = ()
    output_shape: OutputShape | None = None  # stated, then worked out (documents.shapes)
    input_shapes: Sequence[tuple[int | None, ...] | None] = ()  # of the first call
    built: tuple[int | None, ...] | None = None  # what it was fed when Keras built it
    multiply_adds: int | None = None  # of all calls, for one sample
    n_values: int | None = None  # put out by all calls, for one sample
    shape_note: str = ""  # why the output shape is not known
    layers: Sequence[DeclaredLayer] = ()
    problem: str = ""
    code: tuple[Code, ...] = ()  # without that of the layers inside it

    @property
    def has_code(self) -> bool:
        """True when it contains Python code, or names some."""
        return bool(self.code) and any(each.kind != "module" for each in self.code)

    @property
    def is_network(self) -> bool:
        """True when it is a model used as a layer."""
        return bool(self.layers) and not self.is_wrapper

    @property
    def is_wrapper(self) -> bool:
        """True for TimeDistributed, Bidirectional ...: its `layer` is a row below it."""
        return "layer" in self.config and "layers" not in self.config

    @property
    def is_operation(self) -> bool:
        """True for a Keras 3 operation (ops.relu): listed among layers, saved with none."""
        return self.module is not None and self.module.startswith(("keras.src.ops", "keras.ops"))

    @property
    def custom_name(self) -> str | None:
        """Name of a class that is not Keras' own, as the file registers it."""
        for name in (self.registered_name, self.class_name):
            if name and ">" in name and not is_of_keras(name.partition(">")[0].lower()):
                return name
        if self.module is not None and not is_of_keras(self.module.partition(".")[0]):
            return f"{self.module}.{self.class_name}"
        return None

    @property
    def trainable(self) -> bool | None:
        """As stated; None: not stated."""
        value = self.config.get("trainable")
        return value if isinstance(value, bool) else None


class Declaration(msgspec.Struct):
    """A whole configuration."""

    class_name: str | None = None
    name: str | None = None
    is_trained: bool = True
    layers: list[DeclaredLayer] = []
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    problems: list[Problem] = []
    is_understood: bool = False  # False: nothing in it could be read as a model


def every_layer(layers: Sequence[DeclaredLayer]) -> list[DeclaredLayer]:
    """All layers with the nested ones, each before those inside it."""
    found: list[DeclaredLayer] = []
    waiting = list(reversed(layers))
    while waiting:
        layer = waiting.pop()
        found.append(layer)
        waiting.extend(reversed(layer.layers))
    return found
