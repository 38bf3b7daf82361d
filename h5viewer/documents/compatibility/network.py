"""A whole network: which kind it is, and its layers with their rows in the table of layers."""

from __future__ import annotations

from h5viewer.documents.compatibility import layers
from h5viewer.documents.compatibility.catalogue import MODELS, known_name
from h5viewer.documents.compatibility.functional import EndsNotUnderstood, Functional
from h5viewer.documents.compatibility.place import Made, Place, Work, add_row
from h5viewer.documents.compatibility.sequential import sequential
from h5viewer.documents.json_text import is_list, is_table, kind, table
from h5viewer.names import plain, visible

DEEPEST = 32


def network(value: object, place: Place, work: Work) -> Made | None:
    """A Sequential or Functional network with everything in it; None: nothing can be made of it."""
    class_name, config = table(value).get("class_name"), table(value).get("config")
    entries = config.get("layers") if is_table(config) else config
    _tell_of_module(value, place, work)
    if len(place.key) >= DEEPEST:
        why = "Networks are nested too deeply in it."
    elif not is_list(entries) and is_table(value) and _is_own_class(value):
        name = str(value.get("registered_name") or class_name)
        why = (
            f"Its class {visible(name, 80)} is not part of Keras: which layers it has, and how "
            "they are connected, is in Python code that the file does not hold."
        )
    elif not is_list(entries):
        why = f"Its list of layers is {kind(entries)}."
    elif not entries:
        why = "It lists no layers."
    elif is_functional(class_name, config):
        try:
            return Functional(table(config), entries, place, work, layer).made()
        except EndsNotUnderstood as error:
            if not str(error):  # a layer was lost, which has been told
                return None
            why = f"The {error} of the network are not understood."
    elif class_name not in MODELS:
        why = "It is no network of layers."
    else:
        return _sequential(config, entries, place, work)
    work.findings.add(place.name if place.key else "", why)
    return None


def _is_own_class(value: dict[str, object]) -> bool:
    """True for a class of the author's; legacy files give no more of it than its name."""
    name = value.get("class_name")
    is_stranger = isinstance(name, str) and name not in MODELS and known_name(name) is None
    return layers.is_foreign(value) or is_stranger


def _tell_of_module(value: object, place: Place, work: Work) -> None:
    module = table(value).get("module")
    if isinstance(module, str) and ".engine" in module:
        work.findings.add(
            place.name if place.key else "",
            "It names the place in Keras 2 where networks were defined, which is gone.",
            "Built as a network of Keras 3.",
        )


def _sequential(config: object, entries: list[object], place: Place, work: Work) -> Made | None:
    if is_list(config) and not place.key:
        work.findings.add(
            "",
            "Its layers are listed as early Keras did, without a name for the network.",
            "Read as a network of today.",
        )
    return sequential(table(config), entries, place, work, layer)


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
    return is_functional(class_name, config)


def layer(entry: object, place: Place, work: Work) -> Made | None:
    """One layer, and its row in the table of layers; None: nothing can be made of it."""
    made = layer_inside(entry, place, work)
    if made is not None and is_table(entry):
        add_row(plain(str(entry["class_name"])), made, place, work)
    return made


def layer_inside(entry: object, place: Place, work: Work) -> Made | None:
    """One layer, without a row of its own; those of a network have theirs."""
    if len(place.path) > 2 * DEEPEST:
        work.findings.add(place.name, "Layers are nested too deeply in it.")
        return None
    if not is_table(entry) or not isinstance(entry.get("class_name"), str):
        what = "one without a class" if is_table(entry) else kind(entry)
        work.findings.add(place.name, f"This entry of the configuration is {what}, not a layer.")
        return None
    return network(entry, place, work) if is_network(entry) else layers.layer(entry, place, work)
