"""Networks of layers one after the other."""

from __future__ import annotations

from collections.abc import Mapping

from h5viewer.documents.compatibility.calls import Tensor
from h5viewer.documents.compatibility.composite import Sketch
from h5viewer.documents.compatibility.inputs import first_input, input_layer
from h5viewer.documents.compatibility.merging import begins_with_merge, branches
from h5viewer.documents.compatibility.naming import Names, place_of
from h5viewer.documents.compatibility.place import MODELS_MODULE, Made, Place, RepairLayer, Work
from h5viewer.documents.json_text import table


def sequential(
    config: Mapping[str, object],
    entries: list[object],
    place: Place,
    work: Work,
    repair_layer: RepairLayer,
) -> Made | None:
    """The network; None: nothing can be made of it."""
    if begins_with_merge(entries):
        return _after_merge(entries, place, work, repair_layer)
    names = Names(work)
    made: list[dict[str, object]] = []
    stated = first_input(config, entries)
    begins_with_input = table(entries[0]).get("class_name") == "InputLayer"
    if stated is not None and not begins_with_input:
        wanted = f"{place.new_name}_input"
        made.append(input_layer(stated, names.new(wanted)).written())
        _tell_of_input(entries[0], place, work)
    elif stated is None:
        work.findings.add(
            place.name if place.key else "",
            "It does not say what it is fed: it was saved before it had seen any data, so it has "
            "no weights either.",
        )
    for i, entry in enumerate(entries):
        for each in _in_order(repair_layer(entry, place_of(entry, place, i, names), work)):
            if i and each.class_name == "InputLayer":
                continue
            made.append(each.written())
    new: dict[str, object] = {"name": place.new_name, "layers": made}
    return Made("Sequential", new, MODELS_MODULE, is_network=True)


def _tell_of_input(first: object, place: Place, work: Work) -> None:
    """Keras 3 takes `batch_input_shape` for a shape without the batch."""
    config = table(table(first).get("config"))
    if "batch_input_shape" in config and work.generation < 3:
        work.findings.add(
            place.name if place.key else "",
            "Its first layer states the size of the input with the batch, which Keras 3 misreads.",
            "Stated by an input layer of its own.",
        )


def _in_order(made: Made | None) -> list[Made]:
    return [] if made is None else [*made.before, made, *made.after]


def _after_merge(
    entries: list[object], place: Place, work: Work, repair_layer: RepairLayer
) -> Made | None:
    """Keras 1: several networks joined, then layers one after the other."""
    names = Names(work)
    sketch = Sketch(place.new_name)
    first = place_of(entries[0], place, 0, names)
    found = branches(sketch, entries[0], first, work)
    merged = repair_layer({**table(entries[0]), "layers": None}, first, work)
    if found is None or merged is None:
        return None
    tensors, functional = found
    tensor: Tensor = sketch.add(merged, tensors)
    for after in merged.after:
        tensor = sketch.add(after, tensor)
    for i, entry in enumerate(entries[1:], 1):
        made = repair_layer(entry, place_of(entry, place, i, names), work)
        for each in _in_order(made):
            if each.class_name == "Functional":
                functional.add(each.name)
            tensor = sketch.add(each, tensor)
    work.findings.add(
        place.name if place.key else "",
        "Its layers follow on several networks that are joined, which Keras 3 does not write so.",
        "Built as a network with several inputs.",
    )
    return sketch.made(tensor, counts_from_1=sorted(functional), is_network=True)
