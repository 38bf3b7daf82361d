"""Layers around other layers: Bidirectional, TimeDistributed, RNN over cells, Pipeline."""

from __future__ import annotations

from msgspec.structs import replace

from h5viewer.documents.compatibility.arguments import Config, of_every_layer, of_layer
from h5viewer.documents.compatibility.findings import Findings
from h5viewer.documents.compatibility.layout import EachHalf, Scale
from h5viewer.documents.compatibility.naming import Names, place_of
from h5viewer.documents.compatibility.place import Made, Place, Work, add_row, as_one
from h5viewer.documents.json_text import is_list, is_table, table
from h5viewer.names import plain

WRAPPERS = frozenset({"Bidirectional", "TimeDistributed", "SpectralNormalization"})


def wrapper(class_name: str, config: Config, place: Place, work: Work) -> Made | None:
    """A layer that holds another one."""
    inner = _inside(config.get("layer"), place, work, (*place.key, 0))
    if inner is None:
        work.findings.add(place.name, "The layer inside it is not understood.")
        return None
    outer = {key: value for key, value in config.items() if key not in ("layer", "backward_layer")}
    made = Made(class_name, of_layer(class_name, outer, place, work))
    made.config["layer"] = inner.written()
    if class_name == "Bidirectional":
        backward = _backward(config, place, work)
        if backward is not None:
            made.config["backward_layer"] = backward.written()
        second = inner.steps if backward is None else backward.steps
        if inner.steps or second:
            made.steps = (EachHalf(inner.steps, None if second == inner.steps else second),)
        return made
    made.steps = inner.steps
    if inner.is_network:
        made.takers = ()
    elif inner.takers is not None:
        made.takers = tuple(((inner.name, *path), takes) for path, takes in inner.takers)
    return made


def _backward(config: Config, place: Place, work: Work) -> Made | None:
    """The mirror of the layer, where the file states it; what is said of both is said once."""
    stated = config.get("backward_layer")
    if not is_table(stated):
        return None
    return _inside(stated, place, replace(work, findings=Findings()), None)


def _inside(entry: object, place: Place, work: Work, key: tuple[int, ...] | None) -> Made | None:
    if not is_table(entry):
        return None
    name = table(entry.get("config")).get("name")
    name = plain(name) if isinstance(name, str) else "layer"
    new = name.replace("/", "_") or "layer"
    inner = Place(key or (), place.name if key is None else name, (*place.path, new))
    made = work.inner(entry, inner, work)
    return None if made is None else as_one(made)


def over_cells(config: Config, place: Place, work: Work) -> Made | None:
    """`RNN` over one cell or several."""
    stated = config.get("cell")
    outer = {key: value for key, value in config.items() if key not in ("cell", "num_constants")}
    made = Made("RNN", of_layer("RNN", outer, place, work))
    if is_list(stated):
        stated = {"class_name": "StackedRNNCells", "config": {"cells": stated}}
    cell = _inside(stated, place, work, (*place.key, 0))
    if cell is None:
        work.findings.add(place.name, "The cell inside it is not understood.")
        return None
    made.config["cell"] = cell.written()
    made.steps = cell.steps
    return made


def pipeline(config: Config, place: Place, work: Work) -> Made | None:
    """`Pipeline`: layers of preprocessing, one after the other."""
    entries = config.get("layers")
    names = Names(work)
    layers: list[dict[str, object]] = []
    for i, entry in enumerate(entries if is_list(entries) else ()):
        inner = place_of(entry, place, i, names)
        made = work.inner(entry, inner, work)
        if made is None or not is_table(entry):
            work.findings.add(place.name, "The layers inside it are not understood.")
            return None
        one = as_one(made)
        add_row(plain(str(entry["class_name"])), one, inner, work)
        layers.append({**one.written(), **_build_config(entry)})
    return Made("Pipeline", {"name": place.new_name, "layers": layers}, is_network=True)


def _build_config(entry: dict[str, object]) -> dict[str, object]:
    """What Keras builds a layer by; a Pipeline has it built while it is called, which is too late.

    Of Normalization numbers are made then that cannot be used outside.
    """
    shape = table(entry.get("build_config")).get("input_shape")
    if not is_list(shape) or not all(each is None or type(each) is int for each in shape):
        return {}
    return {"build_config": {"input_shape": shape}}


def stacked_cells(config: Config, place: Place, work: Work) -> Made | None:
    """`StackedRNNCells`: the cells of one step."""
    cells = config.get("cells")
    made = Made("StackedRNNCells", of_every_layer(config, place, work))
    listed = [
        _inside(cell, place, work, (*place.key, i))
        for i, cell in enumerate(cells if is_list(cells) else ())
    ]
    found = [cell.written() for cell in listed if cell is not None]
    if not found or len(found) != len(listed):
        work.findings.add(place.name, "The cells inside it are not understood.")
        return None
    made.config["cells"] = found
    n = 0
    for cell in listed:
        if cell is not None:
            made.steps += tuple(
                replace(step, at=step.at + n) for step in cell.steps if isinstance(step, Scale)
            )
            n += 2 if cell.config.get("use_bias") is False else 3
    return made
