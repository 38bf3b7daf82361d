"""The network of a document: configuration and stored weights brought together."""

from __future__ import annotations

from collections.abc import Generator, Iterator

from h5viewer.documents.assignment import Assignments
from h5viewer.documents.code import custom_class, find_code
from h5viewer.documents.declared import Declaration, DeclaredLayer, every_layer
from h5viewer.documents.document import ARCHIVED_WEIGHTS, CONFIG, Places, find_places
from h5viewer.documents.file_rows import rows_of_groups, rows_of_states
from h5viewer.documents.graph import check_circles, check_names
from h5viewer.documents.json_text import LONGEST, is_table, parse, pretty
from h5viewer.documents.keras_config import PIECE, find_entry, reading
from h5viewer.documents.legacy_matching import LegacyMatching
from h5viewer.documents.legacy_weights import read_layers
from h5viewer.documents.rows import Rows
from h5viewer.documents.saved_state import SavedState, read_states
from h5viewer.documents.state_matching import match_states
from h5viewer.documents.stored import StoredLayer, group_at
from h5viewer.documents.training import read_training
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import NodePath
from h5viewer.nodes import Architecture, Code, Entry, Layer, Layers, Problem, Text
from h5viewer.requests import Progress

Decoding = Generator[Progress | Layers, None, Architecture]
MOST_PROBLEMS = 500
_LONGEST_SHOWN = 1_000_000  # characters of one layer's configuration


def decode(container: Container) -> Decoding:
    """Layers in parts of PIECE, then totals, training, code and problems."""
    yield Progress(done=0, unit="layers")
    places = find_places(container)
    problems: list[Problem] = []
    config = _parsed_config(container, places, problems)
    declaration = Declaration()
    if config is not None:
        declaration = yield from _counting(reading(config))
        problems += declaration.problems
        problems += check_names(declaration.layers) + check_circles(declaration.layers)
    if declaration.is_understood:
        maker = _from_declaration(container, places, declaration, problems)
    else:
        maker = _from_file(container, places, problems)
    result = yield from maker
    rows, n_layers, code = result
    code += _code_outside_layers(config)
    training = read_training(
        container, _training_config(container, places, config, problems), places.optimizer
    )
    problems += rows.problems + _missing(rows)
    return Architecture(
        class_name=declaration.class_name,
        name=declaration.name,
        n_layers=n_layers,
        parameters=rows.parameters,
        training=training,
        code=tuple(dict.fromkeys(code)),
        problems=_bounded(problems),
        inputs=declaration.inputs,
        outputs=declaration.outputs,
    )


def find_layer(container: Container, key: tuple[int, ...]) -> Text:
    """The configuration of one layer as JSON; empty where the file has none for it.

    Raises:
        CannotRead: the configuration as a whole cannot be parsed.
    """
    text = _config_text(container, find_places(container))
    entry = None if text is None else find_entry(parse(text, "The configuration"), key)
    if entry is None:
        return Text(text="", total=0, is_complete=True)
    return pretty(entry, _LONGEST_SHOWN)


# ------------------------------------------------------------------ configuration


def _config_text(container: Container, places: Places) -> Text | None:
    """The configuration as the file states it; None: it has none.

    Raises:
        CannotRead: it is damaged or too large.
    """
    if places.format == "keras-archive":
        if not isinstance(container.describe((CONFIG,)), Entry):
            return None
        return container.entry_text((CONFIG,), LONGEST)
    return container.attribute_text(places.model, b"model_config", LONGEST)


def _parsed_config(container: Container, places: Places, problems: list[Problem]) -> object:
    where = "config.json" if places.format == "keras-archive" else "model_config"
    try:
        text = _config_text(container, places)
        if text is None:
            if places.format == "keras-h5":
                problems.append(Problem(where=where, message="The file has no configuration."))
            return None
        return parse(text, "The configuration")
    except CannotRead as error:
        problems.append(Problem(where=where, message=error.message))
        return None


def _training_config(
    container: Container, places: Places, config: object, problems: list[Problem]
) -> object:
    if places.format == "keras-archive":
        return config.get("compile_config") if is_table(config) else None
    if places.format != "keras-h5":
        return None
    try:
        text = container.attribute_text(places.model, b"training_config", LONGEST)
        return None if text is None else parse(text, "The training configuration")
    except CannotRead as error:
        problems.append(Problem(where="training_config", message=error.message))
        return None


# ------------------------------------------------------------------------- layers

_Made = Generator[Progress | Layers, None, tuple[Rows, int, list[Code]]]


def _from_declaration(
    container: Container, places: Places, declaration: Declaration, problems: list[Problem]
) -> _Made:
    assignments = yield from _assignments(container, places, declaration, problems)
    problems += assignments.problems
    code: list[Code] = []
    code_keys: set[tuple[int, ...]] = set()
    rows = Rows(assignments, code_keys)
    made: list[Layer] = []
    for declared in declaration.layers:
        for layer in every_layer([declared]):
            found = find_code(layer)
            code += found
            if any(each.kind != "module" for each in found):
                code_keys.add(layer.key)
            _note_foreign(layer, found, problems)
        made.append(rows.layer(declared, is_trained=declaration.is_trained))
        if len(made) == PIECE:
            yield Layers(layers=tuple(made))
            made = []
    n_layers = len(declaration.layers)
    for i, (name, assignment) in enumerate(assignments.extra):
        made.append(rows.extra(name, assignment, (n_layers + i,)))
    yield Layers(layers=tuple(made))
    return rows, n_layers, code


def _assignments(
    container: Container, places: Places, declaration: Declaration, problems: list[Problem]
) -> Generator[Progress, None, Assignments]:
    if not places.is_numbered:
        matching = LegacyMatching(declaration)
        names = [layer.name for layer in declaration.layers]
        stored = _stored_layers(container, places.weights, names, problems)
        for i, layer in enumerate(stored):
            matching.take(layer)
            if i % 50 == 49:
                yield Progress(done=i, unit="layers")
        return matching.found
    state = yield from _saved_state(container, places, problems)
    return Assignments() if state is None else match_states(declaration, state)


def _from_file(container: Container, places: Places, problems: list[Problem]) -> _Made:
    """Layers as the file lists their weights: no configuration says more."""
    rows = Rows(Assignments(), set())
    n_layers = 0
    made: list[Layer] = []
    for layer in (yield from _file_layers(container, places, rows, problems)):
        made.append(layer)
        n_layers += 1
        if len(made) == PIECE:
            yield Layers(layers=tuple(made))
            made = []
    yield Layers(layers=tuple(made))
    return rows, n_layers, []


def _file_layers(
    container: Container, places: Places, rows: Rows, problems: list[Problem]
) -> Generator[Progress, None, Iterator[Layer]]:
    if not places.is_numbered:
        return rows_of_groups(rows, _stored_layers(container, places.weights, [], problems))
    state = yield from _saved_state(container, places, problems)
    return iter(()) if state is None else rows_of_states(rows, state)


def _stored_layers(
    container: Container, root: NodePath, declared: list[str], problems: list[Problem]
) -> Iterator[StoredLayer]:
    if root and group_at(container, root) is None:
        return iter(())
    return read_layers(container, root, declared, problems)


def _saved_state(
    container: Container, places: Places, problems: list[Problem]
) -> Generator[Progress, None, SavedState | None]:
    if places.weights and group_at(container, places.weights) is None:
        message = f"This archive has no {ARCHIVED_WEIGHTS.decode()} that can be read."
        problems.append(Problem(where=ARCHIVED_WEIGHTS.decode(), message=message))
        return None
    for item in read_states(container, places.weights):
        if isinstance(item, SavedState):
            return item
        yield Progress(done=item, unit="groups")
    return None


def _counting(work: Generator[int, None, Declaration]) -> Generator[Progress, None, Declaration]:
    while True:
        try:
            yield Progress(done=next(work), unit="layers")
        except StopIteration as end:
            declaration: Declaration = end.value
            return declaration


# ------------------------------------------------------------------ code, problems


def _code_outside_layers(config: object) -> list[Code]:
    """Code in what surrounds the layers: the model's own class, its compile settings."""
    if not is_table(config):
        return []
    around = {key: value for key, value in config.items() if key != "config"}
    return find_code(DeclaredLayer("", "", (), around, {}))


def _note_foreign(layer: DeclaredLayer, found: list[Code], problems: list[Problem]) -> None:
    foreign = [name for each in found if each.kind == "module" for name in each.names]
    if not foreign:
        return
    custom = custom_class(layer)
    if custom is not None:
        message = f"Its class {custom} is not part of Keras: shown, not imported."
        problems.append(Problem(where=layer.name, message=message, severity="note"))
        return
    message = f"It names {foreign[0]}, which is not part of Keras: shown, not imported."
    layer.problem = layer.problem or message
    problems.append(Problem(where=layer.name, message=message))


def _missing(rows: Rows) -> list[Problem]:
    absent = rows.n_expected - rows.n_stored
    if not absent:
        return []
    message = (
        f"{absent} of {rows.n_expected} weights are missing from the file; the numbers of "
        f"parameters count the {rows.n_stored} that are stored."
    )
    return [Problem(where="", message=message)]


def _bounded(problems: list[Problem]) -> tuple[Problem, ...]:
    unique = list(dict.fromkeys(problems))
    if len(unique) <= MOST_PROBLEMS:
        return tuple(unique)
    more = Problem(where="", message=f"{len(unique) - MOST_PROBLEMS} more problems are not listed.")
    return (*unique[:MOST_PROBLEMS], more)
