"""A whole network: its layers repaired one by one, its connections written anew."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from h5viewer.documents.compatibility import layers
from h5viewer.documents.compatibility.calls import Call, Tensor, call_of, written
from h5viewer.documents.compatibility.catalogue import MODELS
from h5viewer.documents.compatibility.inputs import first_input, input_layer
from h5viewer.documents.compatibility.layout import LayerRepair, Taker
from h5viewer.documents.compatibility.place import FUNCTIONAL_MODULE, MODELS_MODULE, Made, Place, Work
from h5viewer.documents.compatibility.values import NotPlain
from h5viewer.documents.json_text import is_list, is_table, kind, table
from h5viewer.documents.references import Reference
from h5viewer.names import plain, visible

DEEPEST = 32
_SCOPE = re.compile(r"[^A-Za-z0-9_.\-]")


class NotANetwork(Exception):
    """The configuration lists no layers; the reason has been told."""


def network(value: object, place: Place, work: Work) -> Made:
    """A Sequential or Functional network with everything in it.

    Raises:
        NotANetwork: nothing can be made of it.
    """
    class_name, config = table(value).get("class_name"), table(value).get("config")
    if len(place.key) >= DEEPEST:
        raise _refused(place, work, "Networks are nested too deeply in it.")
    entries = config.get("layers") if is_table(config) else config
    if not is_list(entries):
        raise _refused(place, work, f"Its list of layers is {kind(entries)}.")
    if not entries:
        raise _refused(place, work, "It lists no layers.")
    if class_name not in MODELS and not is_functional(class_name, config):
        raise _refused(place, work, "It is no network of layers.")
    if is_functional(class_name, config):
        return Functional(table(config), entries, place, work).made()
    return sequential(table(config), entries, place, work)


def is_functional(class_name: object, config: object) -> bool:
    """True when the layers state their connections."""
    if not is_table(config):
        return False
    if "input_layers" in config or "output_layers" in config:
        return True
    listed = config.get("layers")
    if class_name == "Sequential" or not is_list(listed):
        return False
    return any("inbound_nodes" in table(each) for each in listed)


def is_network(entry: object) -> bool:
    """True when an entry among the layers is a network of its own."""
    class_name, config = table(entry).get("class_name"), table(entry).get("config")
    if isinstance(class_name, str) and class_name in MODELS:
        return True
    return is_table(config) and is_list(config.get("layers"))


def sequential(
    config: Mapping[str, object], entries: list[object], place: Place, work: Work
) -> Made:
    """Layers one after the other; what goes in is stated first."""
    names = Names(work)
    made: list[dict[str, object]] = []
    stated = first_input(config, entries)
    begins_with_input = table(entries[0]).get("class_name") == "InputLayer"
    if stated is not None and not begins_with_input:
        made.append(input_layer(stated, names.new("input_layer", "")).written())
    for i, entry in enumerate(entries):
        inner = _place_of(entry, place, i, names)
        found = layer(entry, inner, work)
        if found is not None and not (i and found.class_name == "InputLayer"):
            made.append(found.written())
    new: dict[str, object] = {"name": place.new_name, "layers": made}
    return Made("Sequential", new, MODELS_MODULE, is_network=True)


def layer(entry: object, place: Place, work: Work) -> Made | None:
    """One layer, and its row in the table of layers; None: nothing can be made of it."""
    if not is_table(entry) or not isinstance(entry.get("class_name"), str):
        what = kind(entry) if not is_table(entry) else "one without a class"
        work.findings.add(place.name, f"This entry of the configuration is {what}, not a layer.")
        return None
    try:
        made = (
            network(entry, place, work) if is_network(entry) else layers.layer(entry, place, work)
        )
    except NotANetwork:
        return None
    if made is None:
        return None
    if made.takers is None:
        takers: tuple[Taker, ...] = () if made.is_network else (Taker(place.path),)
    else:
        takers = tuple(Taker((*place.path, *path), takes) for path, takes in made.takers)
    work.layers[place.key] = LayerRepair(
        key=place.key,
        name=place.name,
        class_name=plain(str(entry["class_name"])),
        path=place.path,
        steps=made.steps,
        takers=takers,
    )
    return made


class Names:
    """Names of the layers of one network, as Keras 3 and TensorFlow take them, each once."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._taken: set[str] = set()

    def new(self, wanted: str, told_as: str) -> str:
        """A name nobody has yet; a change is told about the layer `told_as`."""
        name = _SCOPE.sub("_", wanted) or "layer"
        if name[0] in "_-":
            name = f"l{name}"
        if name != wanted and told_as:
            self._work.findings.add(
                told_as,
                "Its name holds characters that Keras 3 refuses in names.",
                f"Called “{visible(name)}” in memory.",
            )
        free, n = name, 1
        while free in self._taken:
            free, n = f"{name}_{n}", n + 1
        if free != name and told_as:
            self._work.findings.add(
                told_as,
                "Another layer of this network has the same name.",
                f"This one is called “{visible(free)}” in memory.",
            )
        self._taken.add(free)
        return free


def name_of(entry: object, key: tuple[int, ...]) -> str:
    """As in the architecture: stated beside or inside the configuration."""
    if is_table(entry):
        for name in (entry.get("name"), table(entry.get("config")).get("name")):
            if isinstance(name, str):
                return plain(name)
    return f"(layer {'.'.join(str(position + 1) for position in key)})"


def _place_of(entry: object, place: Place, i: int, names: Names) -> Place:
    key = (*place.key, i)
    name = name_of(entry, key)
    is_stated = not name.startswith("(layer ")
    new = names.new(name if is_stated else f"layer_{i + 1}", name if is_stated else "")
    above = place.path if place.key else ()
    return Place(key, name, (*above, new))


def _refused(place: Place, work: Work, message: str) -> NotANetwork:
    work.findings.add(place.name if place.key else "", message)
    return NotANetwork()


@dataclass
class Row:
    """A layer of a functional network on its way: what was made of it, and its calls."""

    place: Place
    made: Made
    calls: list[Call]
    results: list[Tensor | None]  # per call, where its output comes from, when not from itself


class Functional:
    """Layers that state what they are fed."""

    def __init__(
        self, config: Mapping[str, object], entries: list[object], place: Place, work: Work
    ) -> None:
        self._config, self._entries = config, entries
        self._place, self._work = place, work
        self._names = Names(work)
        self._rows: dict[str, Row] = {}
        self._written: list[dict[str, object]] = []

    def made(self) -> Made:
        """The network.

        Raises:
            NotANetwork: its inputs or outputs are not understood.
        """
        declared = {name_of(entry, (i,)) for i, entry in enumerate(self._entries)}
        for i, entry in enumerate(self._entries):
            self._add(entry, i, declared)
        listed = [self._entry(row) for row in self._rows.values()]
        new: dict[str, object] = {
            "name": self._place.new_name,
            "layers": [each for each in listed if each is not None],
            "input_layers": self._ends("input_layers"),
            "output_layers": self._ends("output_layers"),
        }
        return Made("Functional", new, FUNCTIONAL_MODULE, is_network=True)

    def _add(self, entry: object, i: int, declared: set[str]) -> None:
        place = _place_of(entry, self._place, i, self._names)
        nodes = table(entry).get("inbound_nodes")
        calls = [call_of(node, declared) for node in nodes] if is_list(nodes) else []
        made = layer(entry, place, self._work)
        if made is None:
            return
        if None in calls:
            self._work.findings.add(place.name, "A connection of this layer is not understood.")
        understood = [call for call in calls if call is not None]
        row = Row(place, made, understood, [None] * len(understood))
        self._rows.setdefault(place.name, row)

    def _entry(self, row: Row) -> dict[str, object] | None:
        nodes = []
        for call in row.calls:
            try:
                args, kwargs = written(call.args, self._tensor), written(call.kwargs, self._tensor)
            except NotPlain:
                message = "A call of this layer takes something that is no tensor and no number."
                self._work.findings.add(row.place.name, message)
                continue
            except KeyError as missing:
                self._work.findings.add(
                    row.place.name,
                    f"It is fed by “{visible(str(missing.args[0]))}”, which is not "
                    "among the layers of the network.",
                )
                continue
            nodes.append({"args": args, "kwargs": kwargs})
        return {**row.made.written(), "name": row.place.new_name, "inbound_nodes": nodes}

    def _tensor(self, reference: Reference | Tensor) -> Tensor:
        if isinstance(reference, Tensor):
            return reference
        row = self._rows[reference.layer]
        n = max(len(row.calls), 1)
        return Tensor(row.place.new_name, call_index(row, reference.node, n), reference.tensor)

    def _ends(self, key: str) -> object:
        """Inputs or outputs of the network, in the structure they are stated in."""
        stated = call_of(self._config.get(key), ())
        try:
            if stated is None or not stated.references():
                raise NotPlain
            found = self._end(stated.args[0])
        except (NotPlain, KeyError) as error:
            what = "inputs" if key == "input_layers" else "outputs"
            raise _refused(
                self._place, self._work, f"The {what} of the network are not understood."
            ) from error
        return found

    def _end(self, value: object) -> object:
        if isinstance(value, Reference):
            tensor = self._tensor(value)
            row = self._rows[value.layer]
            # Keras counts a functional network's own outputs as its first call, here alone
            offset = 1 if row.made.class_name == "Functional" else 0
            return [tensor.layer, tensor.call + offset, tensor.index]
        if is_list(value):
            return [self._end(each) for each in value]
        if is_table(value):
            return {key: self._end(each) for key, each in value.items()}
        raise NotPlain


def call_index(row: Row, node: int, n: int) -> int:
    """Which call of a layer a reference means: networks used as layers were counted from 1."""
    if row.made.is_network and node:
        node -= 1
    return min(node, n - 1)
