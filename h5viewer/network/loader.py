"""Loads a network: configuration → repair → Keras, then the stored weights one by one.

A stranger's file is never handed to Keras' own loader: what Keras gets is a configuration
that was freshly written here, and arrays.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from typing import Any

import msgspec

from h5viewer.documents.compatibility import Repair
from h5viewer.documents.compatibility import repair as repaired
from h5viewer.documents.compatibility.writer import written_by
from h5viewer.documents.config_text import parsed_config
from h5viewer.documents.document import Places, find_places
from h5viewer.documents.given_architecture import (
    WEIGHTS_ONLY,
    no_architecture,
    parse_given,
    taken_from,
    writer_of,
)
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import visible
from h5viewer.network.building import Built, build
from h5viewer.network.custom import own_layers
from h5viewer.network.placing import Placing
from h5viewer.nodes import Problem
from h5viewer.nodes.prediction import Finding
from h5viewer.operations.stored_network import assigned, declared_in
from h5viewer.operations.vocabularies import give_vocabularies
from h5viewer.requests import Consent, Progress

Key = tuple[int, ...]


class Network(msgspec.Struct, frozen=True):
    """A network ready to be asked, and what was done to get it."""

    model: Any  # keras.Model or keras.Sequential, built, with its weights
    layers: Mapping[Key, Any] = {}  # the Keras layer of each row
    findings: tuple[Finding, ...] = ()  # repairs that were made
    warnings: tuple[str, ...] = ()  # weights that are not those of the file, stand-ins
    seconds: float = 0.0  # that loading took
    own_classes: Mapping[str, Any] = {}  # of the user's files, by name


def load(container: Container, consent: Consent) -> Generator[Progress, None, Network]:
    """Build the network of a document and set its weights.

    Raises:
        CannotRead: there is no network in it, or Keras refuses a layer; a sentence says which.
    """
    started = time.monotonic()
    yield Progress(done=0, unit="layers")
    places = find_places(container)
    config = _config(container, places, consent)
    given = consent.architecture if places.format in WEIGHTS_ONLY else None
    version, backend = writer_of(config, *written_by(container, places))
    repair = repaired(
        config,
        version=version,
        backend=backend,
        pass_through=consent.pass_through,
    )
    if repair.config is None:
        raise _without_repair(container.source.name, repair)
    yield Progress(done=0, unit="layers")
    own = yield from own_layers(container, repair, consent)
    declaration = yield from declared_in(_config(container, places, consent))  # taken apart
    give_vocabularies(container, places, declaration.layers, repair)
    try:
        built = yield from build(repair.config, own.makers)
    except CannotRead as error:
        if all(each.repair or each.needs for each in repair.findings):
            raise
        raise _without_repair(container.source.name, repair) from error
    _require_shapes(built.model, container.source.name)
    weighty = _with_weights(built, repair)
    stored = yield from assigned(container, places, declaration, weighty)
    placing = Placing(container, built, stored.assignments)
    yield from placing.place(repair.layers)
    found = {key: built.layers.get(each.path) for key, each in repair.layers.items()}
    return Network(
        model=built.model,
        layers={key: layer for key, layer in found.items() if layer is not None},
        findings=repair.findings if given is None else (taken_from(given), *repair.findings),
        warnings=(*_stand_ins(repair, consent), *stored.warnings, *placing.warnings),
        seconds=time.monotonic() - started,
        own_classes=own.classes,
    )


def _config(container: Container, places: Places, consent: Consent) -> object:
    """The configuration as parsed, or that of the file the user gave for weights without one.

    Raises:
        CannotRead: there is none, or it is damaged.
    """
    given = consent.architecture
    if given is not None and places.format in WEIGHTS_ONLY:
        return parse_given(given)
    problems: list[Problem] = []
    config = parsed_config(container, places, problems)
    if config is None and places.format in WEIGHTS_ONLY:
        raise no_architecture(container.source.name)
    if config is None:
        reason = problems[0].message if problems else ""
        raise CannotRead(f"{container.source.name} declares no network. {reason}".rstrip())
    return config


def _without_repair(name: str, repair: Repair) -> CannotRead:
    """What is beyond repair is why; what comes of it in the building says less."""
    lacking = [each for each in repair.findings if not each.repair]
    found = next((each for each in lacking if not each.needs), lacking[0] if lacking else None)
    layer = "" if found is None or not found.layer else f"“{visible(found.layer)}”: "
    why = "" if found is None else found.message
    return CannotRead(f"No network could be made of {name}. {layer}{why}".rstrip())


def _require_shapes(model: Any, name: str) -> None:
    if not model.built or not getattr(model, "inputs", None):
        raise CannotRead(
            f"The network in {name} does not say what size its input has, so it cannot be asked.",
            hint="It was saved before it had seen any data, so it has no weights either.",
        )


def _stand_ins(repair: Repair, consent: Consent) -> Iterator[str]:
    """What is said of layers that let their input through."""
    wished = set(consent.pass_through)
    names = [
        row.name
        for row in repair.layers.values()
        if wished & {row.name, row.class_name, row.class_name.rpartition(">")[2]}
        or any(wish.rpartition(">")[2] == row.class_name for wish in wished)
    ]
    if names:
        shown = ", ".join(f"“{visible(name)}”" for name in names[:3])
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield (
            f"What stands in for {shown}{more} lets its input through unchanged: the answers are "
            "not those of the whole network."
        )


def _with_weights(built: Built, repair: Repair) -> set[int]:
    """Positions of the top-level layers that have weights."""
    found = set()
    for key, row in repair.layers.items():
        layers = [built.layers.get(row.path), *(built.layers.get(each.path) for each in row.takers)]
        if any(getattr(layer, "weights", ()) for layer in layers):
            found.add(key[0])
    return found
