"""Where a document keeps its configurations, and their JSON as parsed values."""

from __future__ import annotations

from contextlib import closing

from h5viewer.documents.code import bounded
from h5viewer.documents.compatibility.known_shapes import Shapes
from h5viewer.documents.compatibility.told_code import with_computed
from h5viewer.documents.document import CONFIG, Places, find_places
from h5viewer.documents.graph_operations import graph_of
from h5viewer.documents.json_text import LONGEST, is_table, kind, parse, pretty, table
from h5viewer.documents.keras_config import entry_code, find_entry
from h5viewer.documents.shapes.counting import counting
from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.bounded_memory import bounded_memory
from h5viewer.formats.container import Container
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.formats.tf_graph import read_operations
from h5viewer.nodes import Entry, LayerDetails, Problem, Text
from h5viewer.wording import bytes_text

_MOST_MEMORY = 8 * LONGEST  # what HDF5 takes for a text of LONGEST bytes, and two copies of it
_LONGEST_SHOWN = 1_000_000  # characters of one layer's configuration


def parsed_config(container: Container, places: Places, problems: list[Problem]) -> object:
    """The model's configuration; None: there is none, or a problem says why."""
    where = "config.json" if places.format == "keras-archive" else "model_config"
    try:
        text = config_text(container, places)
        if text is not None:
            config = parse(text, "The configuration")
            if config is None:
                message = "The configuration is not understood: it is empty."
                problems.append(Problem(where=where, message=message))
            return config
        if places.format == "keras-h5":
            problems.append(Problem(where=where, message="The file has no configuration."))
    except CannotRead as error:
        problems.append(Problem(where=where, message=error.message))
    return None


def parsed_training(
    container: Container, places: Places, config: object, problems: list[Problem]
) -> object:
    """`training_config`, or what a `.keras` archive has beside the model; None: neither."""
    if places.format == "keras-archive":
        where, training = "compile_config", table(config).get("compile_config")
    elif places.format == "keras-h5":
        where, training = "training_config", None
        try:
            text = _attribute(container, places, b"training_config", "The training configuration")
            training = None if text is None else parse(text, "The training configuration")
        except CannotRead as error:
            problems.append(Problem(where=where, message=error.message))
    else:
        return None
    if training is not None and not is_table(training):
        message = f"The training configuration is not understood: it is {kind(training)}."
        problems.append(Problem(where=where, message=message))
    return training


def find_layer(container: Container, key: tuple[int, ...]) -> LayerDetails:
    """The configuration of one layer as JSON, empty where the file has none; code in it.

    Raises:
        CannotRead: the configuration as a whole cannot be parsed.
    """
    graph = graph_of(container)
    if graph is not None:
        return _of_operation(graph, key)
    text = config_text(container, find_places(container))
    config = None if text is None else parse(text, "The configuration")
    entry = find_entry(config, key)
    if entry is None:
        return LayerDetails(key=key, config=Text(text="", total=0, is_complete=True))
    shown = pretty(entry, _LONGEST_SHOWN)
    class_name, code = table(entry).get("class_name"), entry_code(entry)
    if class_name == "Lambda":
        fed = Shapes(config).fed_to(key)
        code = with_computed(code, table(table(entry).get("config")), fed)
    return LayerDetails(
        key=key,
        config=shown,
        code=bounded(code),
        counting=counting(class_name) if isinstance(class_name, str) else "",
    )


def _of_operation(source: Source, key: tuple[int, ...]) -> LayerDetails:
    config = Text(text="", total=0, is_complete=True)
    try:
        operations = read_operations(source)
    except CannotRead:  # the graph beside a checkpoint, of which groups of weights are listed
        operations = ()
    if len(key) == 1 and 0 <= key[0] < len(operations):
        config = pretty(operations[key[0]].settings, _LONGEST_SHOWN)
    return LayerDetails(key=key, config=config)


def layer_entry(container: Container, key: tuple[int, ...]) -> dict[str, object]:
    """Class and configuration of one layer as parsed; empty where the file has none for it."""
    try:
        text = config_text(container, find_places(container))
        found = None if text is None else find_entry(parse(text, "The configuration"), key)
    except CannotRead:
        return {}
    return table(found)


def config_text(container: Container, places: Places) -> Text | None:
    """The configuration as the file states it; None: it has none.

    Raises:
        CannotRead: it is damaged or too large.
    """
    if places.format == "keras-archive":
        if not isinstance(container.describe((CONFIG,)), Entry):
            return None
        return container.entry_text((CONFIG,), LONGEST)
    if places.format != "keras-h5":
        return None
    return _attribute(container, places, b"model_config", "The configuration")


def _attribute(container: Container, places: Places, name: bytes, what: str) -> Text | None:
    """Read through a container of its own: HDF5 keeps four times the text until that is closed."""
    with closing(open_container(container.source)) as own, bounded_memory(_MOST_MEMORY):
        try:
            return own.attribute_text(places.model, name, LONGEST)
        except (TooLarge, MemoryError) as error:
            sentence = f"{what} is too large to be read: more than {bytes_text(LONGEST)}."
            raise TooLarge(sentence, details=str(error)) from error
