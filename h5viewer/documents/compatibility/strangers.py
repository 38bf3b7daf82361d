"""Layers of classes that Keras does not have: left to the user, or passed through."""

from __future__ import annotations

from h5viewer.documents.compatibility import catalogue, objects
from h5viewer.documents.compatibility.arguments import Config, of_every_layer
from h5viewer.documents.compatibility.place import Made, Place, Work
from h5viewer.documents.compatibility.values import NotPlain, is_wrapped_list, plain_value
from h5viewer.documents.json_text import is_list, is_table, table
from h5viewer.names import plain, visible

_DEEPEST = 12


def unknown(entry: Config, place: Place, work: Work) -> Made:
    """A layer that only its author can build."""
    registered = entry.get("registered_name")
    name = plain(registered if isinstance(registered, str) else str(entry["class_name"]))
    config = table(entry.get("config"))
    if name in work.pass_through:
        work.findings.add(
            place.name,
            f"Its class {visible(name)} is not part of Keras.",
            "Replaced by a layer that changes nothing, as you asked: the answer differs from that "
            "of the whole network.",
        )
        return Made("Identity", {"name": place.new_name}, takers=())
    work.findings.ask(
        place.name,
        f"Its class {visible(name)} is not part of Keras, and the file does not hold it.",
        "Name the Python file that defines it, or let a layer that changes nothing stand in.",
        "class",
        name,
    )
    work.custom.add(name)
    made = _arguments(config, place, work, 0)
    for key in ("activity_regularizer", "batch_input_shape", "dtype"):
        made.pop(key, None)
    made.update(of_every_layer(config, place, work))
    return Made(name, made, module=None, registered_name=name)


def _arguments(config: Config, place: Place, work: Work, depth: int) -> Config:
    """Arguments of a stranger's class; none of them may look like an object of its own."""
    return {
        plain(key): _given(value, place, work, depth)
        for key, value in config.items()
        if key not in ("class_name", "module", "registered_name")
    }


def _given(value: object, place: Place, work: Work, depth: int) -> object:
    """An argument of a stranger's class: plain values, and objects of Keras written anew."""
    if depth > _DEEPEST:
        return None
    if is_table(value) and isinstance(value.get("class_name"), str):
        return _object(value, place, work, depth)
    if is_table(value):
        return {plain(key): _given(each, place, work, depth + 1) for key, each in value.items()}
    if is_list(value):
        return [_given(each, place, work, depth + 1) for each in value]
    return _plain(value)


def _object(value: dict[str, object], place: Place, work: Work, depth: int) -> object:
    """What Keras has, written anew; anything else without the module the file names for it."""
    if is_wrapped_list(value):
        return _plain(value)
    for kind in ("initializer", "regularizer", "constraint"):
        if found := objects.described(kind, value):
            return found
    if policy := objects.policy(value):
        return policy
    if function := objects.activation(value):
        return function
    class_name, config = plain(str(value["class_name"])), table(value.get("config"))
    if catalogue.known_name(class_name) is not None:
        name = config.get("name")
        new = plain(name) if isinstance(name, str) else "layer"
        made = work.inner(value, Place((), place.name, (*place.path, new)), work)
        return None if made is None else made.written()
    registered = value.get("registered_name")
    return {
        "module": None,
        "class_name": class_name,
        "config": _arguments(config, place, work, depth + 1),
        "registered_name": plain(registered) if isinstance(registered, str) else class_name,
    }


def _plain(value: object) -> object:
    try:
        return plain_value(value)
    except NotPlain:
        return None
