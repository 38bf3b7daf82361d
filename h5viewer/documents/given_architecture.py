"""An architecture from beside a file that holds weights alone: read, and held against them."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator

from h5viewer.documents.architecture import Decoder
from h5viewer.documents.compatibility.told_code import put_out_by_code
from h5viewer.documents.compatibility.writer import written_by
from h5viewer.documents.config_text import config_text
from h5viewer.documents.declared import Declaration, every_layer
from h5viewer.documents.document import find_places
from h5viewer.documents.json_text import parse, table
from h5viewer.documents.keras_config import counted, reading
from h5viewer.documents.shapes.network import work_out
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import visible
from h5viewer.nodes import Code, Finding, Layer, Text, Weight
from h5viewer.requests import CodeFile, Progress

WEIGHTS_ONLY = ("keras-h5-weights", "keras-weights")
"""Formats that hold no architecture."""


def stated_by(container: Container) -> Text:
    """The configuration of a whole model, with who wrote it, as `to_json` writes both.

    Raises:
        CannotRead: it has none, or it is damaged.
    """
    places = find_places(container)
    text = config_text(container, places)
    if text is None or not text.is_complete or not text.text.lstrip().startswith("{"):
        raise CannotRead(f"{container.source.name} holds no architecture.")
    version, backend = written_by(container, places)
    head = json.dumps({"keras_version": version, "backend": backend})[:-1]
    whole = f"{head}, {text.text.lstrip()[1:]}"
    return Text(text=whole, total=len(whole), is_complete=True)


def parse_given(given: CodeFile) -> object:
    """The configuration in a file that the user gave.

    Raises:
        CannotRead: it is no JSON.
    """
    name = visible(given.name)
    config = parse(_text(given.text), name)
    # json.dump(model.to_json()) makes a text of a text
    return parse(_text(config), name) if isinstance(config, str) else config


def no_architecture(name: str) -> CannotRead:
    """What is said of weights without a network."""
    return CannotRead(
        f"{name} holds weights and no architecture.",
        hint="Give the file that the network's layers are stated in: the whole model, or JSON.",
    )


def writer_of(
    config: object, version: str | None, backend: str | None
) -> tuple[str | None, str | None]:
    """Version and backend: of the weights, else as the architecture states them."""
    stated = [table(config).get(name) for name in ("keras_version", "backend")]
    texts = [each if isinstance(each, str) else None for each in stated]
    return version or texts[0], backend or texts[1]


def taken_from(given: CodeFile) -> Finding:
    """What is said of a network that was put together from two files."""
    return Finding(
        layer="",
        message="The file holds weights and no architecture.",
        repair=f"The layers are taken from {visible(given.name)}.",
    )


def code_in(config: object) -> Generator[Progress, None, tuple[Code, ...]]:
    """Python code of the layers of a configuration."""
    declaration: Declaration = yield from counted(reading(config))
    return tuple(code for layer in every_layer(declaration.layers) for code in layer.code)


def fits(container: Container, config: object) -> Generator[Progress, None, bool]:
    """Whether the weights of a file are those of a network, each and all of them.

    Layers are known by name (of Keras 3's `.weights.h5` by their class and number), weights
    by their shape; no value is read.
    """
    declaration: Declaration = yield from counted(reading(config))
    if not declaration.is_understood:
        return False
    model = table(table(config).get("config"))
    for done in work_out(declaration.layers, model, put_out_by_code):
        yield Progress(done=done, unit="layers")
    decoder = Decoder(container, declaration)
    n_weights, is_alike = 0, True
    for part in decoder.decode():
        if isinstance(part, Progress):
            yield part
            continue
        for layer in part.layers:
            weights = list(_weights(layer))
            n_weights += len(weights)
            is_alike = is_alike and not any(weight.problem for weight in weights)
    return is_alike and n_weights > 0 and not decoder.n_left_out


def _weights(layer: Layer) -> Iterator[Weight]:
    yield from layer.weights
    for inner in layer.layers:
        yield from _weights(inner)


def _text(text: str) -> Text:
    return Text(text=text, total=len(text), is_complete=True)
