"""One layer: built in, an operation, code, or a class only its author has."""

from __future__ import annotations

from h5viewer.documents.compatibility import catalogue
from h5viewer.documents.compatibility.arguments import of_every_layer, of_layer
from h5viewer.documents.compatibility.inputs import input_layer
from h5viewer.documents.compatibility.inputs import of_layer as stated_input
from h5viewer.documents.compatibility.place import Made, Place, Work
from h5viewer.documents.declared import is_of_keras
from h5viewer.documents.json_text import table
from h5viewer.names import plain, visible

Entry = dict[str, object]


def layer(entry: Entry, place: Place, work: Work) -> Made | None:
    """What becomes of one layer; None: nothing can."""
    class_name = plain(str(entry["class_name"]))
    config = table(entry.get("config"))
    if is_foreign(entry):
        return unknown(entry, place, work)
    if class_name == "InputLayer":
        return _input(entry, place, work)
    name = catalogue.known_name(class_name)
    if name is None:
        return unknown(entry, place, work)
    return Made(catalogue.public_name(name), of_layer(name, config, place, work))


def is_foreign(entry: Entry) -> bool:
    """True when the file says that its class is not Keras' own."""
    module = entry.get("module", "keras")
    if isinstance(module, str):
        return not is_of_keras(module.partition(".")[0]) and module != "builtins"
    registered = entry.get("registered_name")
    return (
        isinstance(registered, str)
        and ">" in registered
        and not is_of_keras(registered.partition(">")[0].lower())
    )


def unknown(entry: Entry, place: Place, work: Work) -> Made | None:
    """A layer of a class that Keras does not have: left to the user, or passed through."""
    registered = entry.get("registered_name")
    name = plain(registered if isinstance(registered, str) else str(entry["class_name"]))
    config = table(entry.get("config"))
    if name in work.pass_through:
        work.findings.add(
            place.name,
            f"Its class {visible(name)} is not part of Keras.",
            "Replaced by a layer that changes nothing, as you asked.",
        )
        made = of_every_layer(config, place, work)
        return Made("Identity", {"name": made["name"]}, takers=())
    work.findings.ask(
        place.name,
        f"Its class {visible(name)} is not part of Keras, and the file does not hold it.",
        "Name the Python file that defines it, or let a layer that changes nothing stand in.",
        "class",
        name,
    )
    work.custom.add(name)
    return Made(name, {"name": place.new_name}, module=None, registered_name=name)


def _input(entry: Entry, place: Place, work: Work) -> Made | None:
    stated = stated_input(entry)
    if stated is None:
        work.findings.add(place.name, "This input does not say what shape it takes.")
        return None
    return input_layer(stated, place.new_name)
