"""A network of any file that holds one, in Keras 3's own terms, without Keras; no value is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from msgspec.structs import replace

from h5viewer.documents.collecting import without_collecting
from h5viewer.documents.compatibility import CODE_CLASS, Repair
from h5viewer.documents.compatibility import repair as repaired
from h5viewer.documents.compatibility.writer import written_by
from h5viewer.documents.config_text import parsed_config
from h5viewer.documents.declared import Declaration
from h5viewer.documents.document import find_places
from h5viewer.documents.json_text import is_list, is_table, table
from h5viewer.documents.keras_objects import Held, network, stored_layers
from h5viewer.documents.network_size import require_few_layers
from h5viewer.documents.new_network import GivenValues, NewLayer, NewNetwork, NewWeight
from h5viewer.documents.wanted_shapes import wanted_shapes
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import visible
from h5viewer.nodes import Problem, Shape
from h5viewer.operations import Operation
from h5viewer.operations.stored_network import assigned, declared_in
from h5viewer.operations.vocabularies import (
    FREQUENCIES,
    frequencies_in,
    give_vocabularies,
    without_words,
)
from h5viewer.operations.weight_places import Path, WeightPlaces, find
from h5viewer.requests import Progress
from h5viewer.wording import names_text, plural


def read_network(container: Container) -> Operation[NewNetwork]:
    """Configuration, repaired for Keras 3 where that is needed, and all weights.

    Raises:
        CannotRead: there is no network in it, it holds code, or weights are missing.
    """
    new, repair = yield from read_repaired(container)
    return replace(new, notes=(*repair_notes(repair), *new.notes))


def read_repaired(
    container: Container, *, with_code: bool = False
) -> Operation[tuple[NewNetwork, Repair]]:
    """The same, and what was repaired, which its notes do not say.

    Args:
        container: of a file that holds a network.
        with_code: layers that are code may be in it; `refuse_code` is for what is made of it.

    Raises:
        CannotRead: as `read_network`.
    """
    yield Progress(done=0, unit="layers")
    places, name = find_places(container), container.source.name
    version, backend = written_by(container, places)
    stated = stated_config(container)
    repair = repaired(stated, version=version, backend=backend)
    config = require_config(repair, name)
    if not with_code:
        refuse_code(config, name)
    yield Progress(done=0, unit="layers")
    declaration = yield from declared_in(stated)  # takes it apart: nobody needs it any more
    del stated
    give_vocabularies(container, places, declaration.layers, repair)
    wordless = tuple(without_words(declaration.layers, repair))
    yield Progress(done=0, unit="layers")
    with without_collecting():
        held = network(config)
    yield Progress(done=0, unit="layers")
    finding, warnings = yield from place_weights(container, declaration, repair, held)
    _give_frequencies(held, config, finding)
    yield Progress(done=0, unit="layers")
    layers = tuple(_layers(held, finding))
    _require_all(layers, held, name)
    yield Progress(done=len(layers), unit="layers")
    if not repair.custom:  # what layers of other classes put out is not known
        _require_shapes(layers, (yield from wanted_shapes(config, held)))
    return NewNetwork(config, layers, (*warnings, *wordless)), repair


def place_weights(
    container: Container,
    declaration: Declaration,
    repair: Repair,
    held: Held,
    *,
    is_lenient: bool = False,
) -> Operation[tuple[WeightPlaces, tuple[str, ...]]]:
    """What a file stores in the places of a network, perhaps declared elsewhere; and warnings.

    Args:
        container: holds the weights.
        declaration: of the configuration before it was repaired.
        repair: what became of that.
        held: what Keras makes of it.
        is_lenient: leave out what is stored for a layer and is not what the layer has.

    Raises:
        CannotRead: without `is_lenient`, there is such a layer.
    """
    weighty = _with_weights(held, repair)
    places = find_places(container)
    stored = yield from assigned(container, places, declaration, weighty)
    finding = WeightPlaces(container, held, is_numbered=places.is_numbered, is_lenient=is_lenient)
    for n_done in finding.give(repair.layers, stored.assignments):
        yield Progress(done=n_done, unit="layers")
    return finding, stored.warnings


def require_writable(repair: Repair, name: str) -> dict[str, object]:
    """The repaired configuration, when plain Keras can open it.

    Raises:
        CannotRead: it cannot, or only by running code that the file holds.
    """
    config = require_config(repair, name)
    refuse_code(config, name)
    return config


def require_config(repair: Repair, name: str) -> dict[str, object]:
    """The repaired configuration, which may hold code.

    Raises:
        CannotRead: there is none.
    """
    hopeless = next((each.message for each in repair.findings if not each.repair), "")
    if repair.config is None or hopeless:
        raise CannotRead(f"No network could be made of {name}. {hopeless}".rstrip())
    return repair.config


_NO_COPY = "A copy without code cannot answer alike, so none is written."


def refuse_code(config: object, name: str, hint: str = _NO_COPY) -> None:
    """Raise for a configuration that plain Keras does not open.

    Raises:
        CannotRead: a layer of it is code.
    """
    layer = next(_code_in(config), None)
    if layer is not None:
        raise CannotRead(
            f"{name} holds Python code in “{visible(layer)}”, which plain Keras refuses to open in "
            "any file.",
            hint=hint,
        )


def stated_config(container: Container) -> object:
    """The configuration as the file states it.

    Raises:
        CannotRead: it states none, or one of too many layers.
    """
    places = find_places(container)
    problems: list[Problem] = []
    config = parsed_config(container, places, problems)
    name = container.source.name
    if config is None and places.format in ("keras-h5-weights", "keras-weights"):
        raise CannotRead(
            f"{name} holds weights and no architecture.",
            hint="Combine it with the architecture that was written beside it.",
        )
    if config is None:
        reason = problems[0].message if problems else ""
        raise CannotRead(f"{name} declares no network. {reason}".rstrip())
    require_few_layers(config, name)
    return config


def _code_in(value: object) -> Iterator[str]:
    """Names of layers that are code."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if is_table(each):
            if each.get("class_name") == CODE_CLASS:
                yield str(each.get("name") or table(each.get("config")).get("name") or "")
            waiting.extend(each.values())
        elif is_list(each):
            waiting.extend(each)


def _with_weights(held: Held, repair: Repair) -> set[int]:
    """Positions of the top-level layers that have weights."""
    found = set()
    for key, row in repair.layers.items():
        ways = [row.path, *(taker.path for taker in row.takers)]
        at = [each for each in (find(held, way) for way in ways) if each is not None]
        if any(not each.held.is_known or each.places() for each in at):
            found.add(key[0])
    return found


def _layers(held: Held, finding: WeightPlaces) -> Iterator[NewLayer]:
    for path, _, layer in stored_layers(held):
        weights = tuple(weights_at(path, layer, finding))
        if weights:
            yield NewLayer(path, layer.class_name, weights)


def weights_at(path: Path, layer: Held, finding: WeightPlaces) -> Iterator[NewWeight]:
    """The weights of one layer that values were found for."""
    for name, place, loose in finding.loose.get(path, ()):
        yield NewWeight(name, loose.shape, loose.dtype, trainable=True, values=loose, place=place)
    for slot in layer.slots():
        values = finding.values.get((path, slot.place))
        if values is None and not slot.variable.is_kept_by_legacy:  # a second copy of the first
            values = finding.values.get((path, "layer/vars/0"))
        if values is not None:
            variable = slot.variable
            yield NewWeight(
                slot.name, values.shape, values.dtype, variable.trainable, values, slot.place,
                variable.is_kept_by_legacy,
            )  # fmt: skip


def _require_all(layers: tuple[NewLayer, ...], held: Held, name: str) -> None:
    given = {layer.path: {weight.place for weight in layer.weights} for layer in layers}
    for path, _, layer in stored_layers(held):
        wanted = [slot for slot in layer.slots() if slot.variable.is_kept_by_legacy]
        missing = [slot.name for slot in wanted if slot.place not in given.get(path, set())]
        if missing:
            raise CannotRead(
                f"{name} stores no values for {plural(len(missing), 'weight')} of "
                f"“{visible(path[-1])}”: {', '.join(missing[:3])}."
            )


def _require_shapes(layers: tuple[NewLayer, ...], shapes: Mapping[tuple[Path, str], Shape]) -> None:
    for layer in layers:
        for weight in layer.weights:
            wanted = shapes.get((layer.path, weight.place), weight.shape)
            if wanted != weight.shape:
                raise CannotRead(
                    f"The weights of “{visible(layer.path[-1])}” cannot be used: “{weight.name}” "
                    f"is stored as {_times(weight.shape)}, the network wants {_times(wanted)}."
                )


def _times(shape: Shape) -> str:
    return " × ".join(str(size) for size in shape) or "a single number"


def _give_frequencies(held: Held, config: Mapping[str, object], finding: WeightPlaces) -> None:
    for path, _, layer in stored_layers(held):
        for slot in layer.slots():
            if slot.variable.key == FREQUENCIES:
                array = np.array(frequencies_in(config, path), "float32")
                finding.values[path, slot.place] = GivenValues(array)


def repair_notes(repair: Repair) -> Iterator[str]:
    """What was repaired, in a sentence or two; `h5v doctor` lists all of it."""
    layers = {each.layer for each in repair.findings if each.repair and not each.needs}
    if layers:
        n_layers = len(layers - {""})
        what = plural(n_layers, "of its layers", "of its layers") if n_layers else "it as it is"
        yield f"Keras 3 would refuse or misread {what}: repaired, as h5v doctor lists."
    for what, many, names in (
        ("class", "classes", repair.custom),
        ("activation", "activations", repair.functions),
    ):
        if names:
            is_one = len(names) == 1
            shown = names_text([visible(name) for name in sorted(names)])
            known = f"{what if is_one else many} {shown} {'is' if is_one else 'are'} known"
            yield f"Keras opens it only where the {known}."
