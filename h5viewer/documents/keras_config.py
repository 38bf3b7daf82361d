"""A model's configuration, in every dialect from Keras 1 to Keras 3, without Keras.

    Keras 1      Sequential: `config` is a list; `Merge` with `layers` inside
    Keras 2      `config` is a table with `layers`; nodes [[["a", 0, 0, {}]]]
    tf.keras     "Functional"; TFOpLambda nodes with one bracket less
    Keras 3      nodes {"args", "kwargs"}; operations listed among the layers

What is understood is shown; what is not becomes a sentence. See formats.md, section 1.2.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Mapping
from typing import TypeVar

from h5viewer.documents.code import find_code
from h5viewer.documents.declared import NETWORKS, Declaration, DeclaredLayer
from h5viewer.documents.json_text import is_list, is_table, kind, table, whole_number
from h5viewer.documents.references import (
    end_references,
    node_arguments,
    node_references,
    plain_references,
)
from h5viewer.documents.stated_shapes import as_shape, input_shape, state_shapes
from h5viewer.names import plain
from h5viewer.nodes import Code, Problem
from h5viewer.requests import Progress

T = TypeVar("T")
Reading = Generator[int, None, T]
"""Work that yields how far it is."""

PIECE = 200  # layers between two yields
DEEPEST = 32  # levels of nested models; Keras itself gives up earlier
MOST_LAYERS = 1_000_000
_WRAPPED = "layer"  # Bidirectional states a `backward_layer` as well, a mirror of it


def counted(work: Reading[T]) -> Generator[Progress, None, T]:
    """The same work, which tells how many layers are done."""
    while True:
        try:
            yield Progress(done=next(work), unit="layers")
        except StopIteration as end:
            result: T = end.value
            return result


class Reader:
    """Reads one configuration; collects what cannot be understood."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def model(self, value: object) -> Reading[Declaration]:
        """The whole configuration. `is_understood` False: it is no model at all."""
        if not is_table(value):
            self._complain("", f"The configuration is not understood: it is {kind(value)}.")
            return Declaration(problems=self.problems)
        class_name, config = value.get("class_name"), value.get("config")
        if not isinstance(class_name, str):
            self._complain(
                "", f"The class of the model is not understood: it is {kind(class_name)}."
            )
        read = Declaration(
            class_name=_optional_text(class_name),
            name=self._model_name(config),
            is_trained=table(config).get("trainable") is not False,
            problems=self.problems,
        )
        if not is_table(config) and not is_list(config):
            self._complain("", f"The configuration is not understood: it is {kind(config)}.")
            return read
        entries = self._entries(config, "")
        if entries is None:
            return read
        read.is_understood = True
        is_functional = _is_functional(class_name, config)
        read.layers = yield from self._layers(entries, (), is_functional=is_functional)
        if is_table(config):
            read.inputs = self._ends(config, "input_layers")
            read.outputs = self._ends(config, "output_layers")
        return read

    # ------------------------------------------------------------------- rows

    def _layers(
        self, entries: list[object], key: tuple[int, ...], *, is_functional: bool
    ) -> Reading[list[DeclaredLayer]]:
        """Takes the entries out of their list: of 100,000 layers they are 100 MB of memory."""
        names = [_layer_name(entry, key, i) for i, entry in enumerate(entries[:MOST_LAYERS])]
        among = {name: name for name in names} if is_functional else None
        layers: list[DeclaredLayer] = []
        for i, name in enumerate(names):
            entry, entries[i] = entries[i], None
            layer = self._layer(entry, (*key, i), name, among)
            if i and not is_functional:
                layer.inputs = (names[i - 1],)
            layers.append(layer)
            if i % PIECE == PIECE - 1:
                yield i
        state_shapes(layers)
        return layers

    def _layer(
        self,
        entry: object,
        key: tuple[int, ...],
        name: str,
        among: Mapping[str, str] | None = None,
    ) -> DeclaredLayer:
        """One layer with those inside it; `among` these it states its connections, if any."""
        if not is_table(entry):
            layer = DeclaredLayer(name, "", key, {})
            self._blame(layer, f"This entry of the configuration is {kind(entry)}, not a layer.")
            layer.code = find_code(layer, entry)
            return layer
        config, class_name = entry.get("config"), entry.get("class_name")
        layer = DeclaredLayer(
            name,
            sys.intern(plain(class_name)) if isinstance(class_name, str) else "",
            key,
            table(config),
            module=_optional_text(entry.get("module")),
            registered_name=_optional_text(entry.get("registered_name")),
            shared_id=whole_number(entry.get("shared_object_id")),
        )
        self._check_entry(layer, entry)
        layer.output_shape = input_shape(layer.config) if _states_input(layer) else None
        if "build_config" in entry:
            layer.built = as_shape(table(entry["build_config"]).get("input_shape"))
        layer.layers = self._inner_layers(layer, config)
        nodes = entry.get("inbound_nodes", [])
        is_plain = among is not None and self._connect(layer, nodes, among)
        below = _wrapped_entries(config) if layer.layers else []
        layer.code = find_code(layer, entry, [*below, nodes] if is_plain else below)
        return layer

    def _check_entry(self, layer: DeclaredLayer, entry: dict[str, object]) -> None:
        class_name, config, name = entry.get("class_name"), entry.get("config"), entry.get("name")
        if not isinstance(class_name, str):
            what = kind(class_name)
            self._blame(layer, f"The class of this layer is not understood: it is {what}.")
        elif not is_table(config) and class_name not in NETWORKS and class_name != "function":
            self._blame(layer, f"The configuration of this layer is {kind(config)}, not a table.")
        elif name is not None and not isinstance(name, str):
            self._blame(layer, f"The name of this layer is {kind(name)}, not a text.")
        elif layer.name.startswith("(layer ") and layer.name == _unnamed(layer.key):
            self._blame(layer, "This layer has no name.")

    def _inner_layers(self, layer: DeclaredLayer, config: object) -> list[DeclaredLayer]:
        """Rows below a layer: a nested model's layers, a wrapper's layer, Merge's branches."""
        if len(layer.key) >= DEEPEST:
            self._blame(layer, "Models are nested too deeply here to be listed.")
            return []
        if _is_network(layer.class_name, config):
            entries = self._entries(config, layer.name) or []
            is_functional = _is_functional(layer.class_name, config)
            return finished(self._layers(entries, layer.key, is_functional=is_functional))
        return [
            self._layer(entry, (*layer.key, i), _layer_name(entry, layer.key, i))
            for i, entry in enumerate(_wrapped_entries(config))
        ]

    def _entries(self, config: object, where: str) -> list[object] | None:
        """The list of layers in a model's configuration."""
        what = "The configuration of this model" if where else "The configuration"
        layers = _listed(config)
        if is_list(layers):
            return layers
        if not is_table(config):
            self._complain(where, f"{what} is not understood: it is {kind(config)}.")
        elif "layers" in config:
            self._complain(where, f"{what} is not understood: its layers are {kind(layers)}.")
        else:
            self._complain(where, f"{what} lists no layers.", "note")
        return None

    # ------------------------------------------------------------ connections

    def _connect(self, layer: DeclaredLayer, nodes: object, among: Mapping[str, str]) -> bool:
        """True when its nodes are nothing but references."""
        if not is_list(nodes):
            self._blame(layer, f"The connections of this layer are {kind(nodes)}, not a list.")
            return False
        is_plain = True
        for node in nodes:
            references = plain_references(node)
            if references is None:
                is_plain = False
                references = node_references(node, among)
                _note_arguments(layer, node, among)
            if references is None:
                self._blame(layer, "A connection of this layer is not understood.")
            else:
                layer.calls.append(references)
        inputs = dict.fromkeys(each.layer for call in layer.calls for each in call)
        layer.inputs = tuple(among.get(name, name) for name in inputs)  # one text, not 100,000
        if unknown := [name for name in inputs if name not in among]:
            self._blame(layer, f"This layer is fed by {_list(unknown)}, not declared here.")
        return is_plain

    def _ends(self, config: dict[str, object], key: str) -> tuple[str, ...]:
        references = end_references(config.get(key))
        if references is None:
            what = "inputs" if key == "input_layers" else "outputs"
            self._complain("", f"The {what} of the model are not understood.")
            return ()
        return tuple(dict.fromkeys(reference.layer for reference in references))

    # --------------------------------------------------------------- problems

    def _model_name(self, config: object) -> str | None:
        if not is_table(config) or config.get("name") is None:
            return None
        name = config["name"]
        if isinstance(name, str):
            return plain(name)
        self._complain("", f"The name of the model is not understood: it is {kind(name)}.")
        return None

    def _blame(self, layer: DeclaredLayer, message: str) -> None:
        layer.problem = layer.problem or message
        self._complain(layer.name, message)

    def _complain(self, where: str, message: str, severity: str = "warning") -> None:
        severe = "note" if severity == "note" else "warning"
        self.problems.append(Problem(where=where, message=message, severity=severe))  # type: ignore[arg-type]


def reading(value: object) -> Reading[Declaration]:
    """What `model_config` or `config.json` declares; numbers of layers read come before it."""
    return Reader().model(value)


def finished(work: Reading[T]) -> T:
    """The result of a reading that nobody waits for."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: T = end.value
            return result


def find_entry(value: object, key: tuple[int, ...]) -> object:
    """The entry of the configuration that a layer's key points to; None: no such layer."""
    entries = _listed(table(value).get("config"))
    entry: object = None
    for position in key:
        if not is_list(entries) or not 0 <= position < len(entries):
            return None
        entry = entries[position]
        entries = inner_entries(entry)
    return entry


def inner_entries(entry: object) -> object:
    """The entries of the layers inside a layer, as its configuration has them."""
    class_name, config = table(entry).get("class_name"), table(entry).get("config")
    return _listed(config) if _is_network(class_name, config) else _wrapped_entries(config)


def entry_code(entry: object) -> tuple[Code, ...]:
    """Code in a layer's entry; that of the layers inside it is theirs."""
    config, class_name = table(entry).get("config"), table(entry).get("class_name")
    name = class_name if isinstance(class_name, str) else ""
    inner = inner_entries(entry)
    layer = DeclaredLayer(_layer_name(entry, (), 0), name, (), table(config))
    return find_code(layer, entry, inner if is_list(inner) else ())


def _listed(config: object) -> object:
    return config.get("layers") if is_table(config) else config


def _is_network(class_name: object, config: object) -> bool:
    if isinstance(class_name, str) and class_name in NETWORKS:
        return True
    return is_table(config) and is_list(config.get("layers"))


def _wrapped_entries(config: object) -> list[object]:
    inner = config.get(_WRAPPED) if is_table(config) else None
    return [inner] if is_table(inner) and "class_name" in inner else []


def _is_functional(class_name: object, config: object) -> bool:
    """True when the layers state their connections; a Sequential's follow each other."""
    if not is_table(config):
        return False
    if "input_layers" in config or "output_layers" in config:
        return True
    layers = config.get("layers")
    if class_name == "Sequential" or not is_list(layers):
        return False
    return any("inbound_nodes" in table(layer) for layer in layers)


def _states_input(layer: DeclaredLayer) -> bool:
    return layer.class_name == "InputLayer"


def _layer_name(entry: object, above: tuple[int, ...], i: int) -> str:
    if is_table(entry):
        config = entry.get("config")
        for name in (entry.get("name"), table(config).get("name"), config):
            if isinstance(name, str):
                return plain(name)
    return _unnamed((*above, i))


def _unnamed(key: tuple[int, ...]) -> str:
    return f"(layer {'.'.join(str(position + 1) for position in key)})"


def _note_arguments(layer: DeclaredLayer, node: object, among: Mapping[str, str]) -> None:
    """What the next call of the layer takes beside tensors."""
    arguments = node_arguments(node, among)
    if arguments is not None:
        if layer.arguments is None:
            layer.arguments = {}
        layer.arguments[len(layer.calls)] = arguments


def _optional_text(value: object) -> str | None:
    return plain(value) if isinstance(value, str) else None


def _list(names: list[str]) -> str:
    shown = ", ".join(names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown
