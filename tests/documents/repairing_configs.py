"""Configurations as each Keras wrote them, and what every repaired one must keep to."""

from __future__ import annotations

from typing import Any

from h5viewer.documents.compatibility import CODE_CLASS, Repair, repair
from h5viewer.documents.compatibility.catalogue import LAYERS, public_name
from h5viewer.documents.compatibility.operations import OPERATIONS

Table = dict[str, Any]

_BUILT_IN = {public_name(name) for name in LAYERS} | {"InputLayer"}
_VALUES = {"__keras_tensor__", "__numpy__", "__slice__", "__ellipsis__"}
_OBJECTS = {"keras.initializers", "keras.regularizers", "keras.constraints"}


def layer(class_name: str, name: str, **config: Any) -> Table:
    """One entry of a configuration."""
    return {"class_name": class_name, "config": {"name": name, **config}}


def sequential(*layers: Table, **config: Any) -> Table:
    """As Keras 2.2.4 and later write it."""
    return {"class_name": "Sequential", "config": {"name": "net", "layers": list(layers), **config}}


def functional(*layers: tuple[Table, Any], outputs: Any = None, shape: Any = (4,)) -> Table:
    """As tf.keras writes it: each layer with its nodes, "x" being the input."""
    first = layer("InputLayer", "x", batch_input_shape=[None, *shape], dtype="float32")
    entries = [{**first, "name": "x", "inbound_nodes": []}]
    for entry, nodes in layers:
        entries.append({**entry, "name": entry["config"]["name"], "inbound_nodes": nodes})
    last = outputs or [[entries[-1]["name"], 0, 0]]
    config = {"name": "net", "layers": entries, "input_layers": [["x", 0, 0]]}
    return {"class_name": "Functional", "config": {**config, "output_layers": last}}


def repaired(config: object, version: str | None = "2.15.0", **options: Any) -> Repair:
    """The repair, every object of which is one that may be built."""
    found = repair(config, version=version, backend=options.pop("backend", None), **options)
    strangers = [each for each in objects(found.config) if not _may_be_built(each, found)]
    assert strangers == []
    return found


def objects(value: object) -> list[Table]:
    """Every table with a class in a configuration."""
    found, waiting = [], [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            found += [each] if "class_name" in each else []
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
        else:
            assert each is None or isinstance(each, str | int | float), each
    return found


def layer_of(found: Repair, name: str) -> Table:
    """The configuration of a layer of the result."""
    (made,) = [each for each in objects(found.config) if _config(each).get("name") == name]
    return _config(made)


def classes(found: Repair) -> list[str]:
    """Classes of the layers of the result, in order."""
    assert found.config is not None
    return [each["class_name"] for each in found.config["config"]["layers"]]  # type: ignore[index]


def messages(found: Repair) -> list[str]:
    """What is told of the file."""
    return [finding.message for finding in found.findings]


def _config(made: Table) -> Table:
    return made["config"] if isinstance(made["config"], dict) else {}


def _may_be_built(made: Table, found: Repair) -> bool:
    name, module = made["class_name"], made.get("module")
    if module == "keras.layers":
        return name in _BUILT_IN
    if module in ("keras", "keras.src.models.functional"):
        return name in ("Sequential", "Functional")
    if module is None:
        own = {CODE_CLASS, *found.custom, *(["function"] if found.functions else [])}
        return name in _VALUES or name in own or bool(found.custom)
    return module in _OBJECTS or OPERATIONS.get(name, ("",))[0] == module
