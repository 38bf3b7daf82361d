"""The network of a document: configuration and stored weights brought together."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from itertools import islice

from h5viewer.documents.assignment import Assignments
from h5viewer.documents.checkpoint_network import read_checkpoint
from h5viewer.documents.code import MOST_TOLD, bounded, find_code
from h5viewer.documents.collecting import without_collecting
from h5viewer.documents.compatibility.told_code import put_out_by_code, with_computed
from h5viewer.documents.config_text import parsed_config, parsed_training
from h5viewer.documents.declared import Declaration, DeclaredLayer, every_layer
from h5viewer.documents.document import find_places, lists_weights
from h5viewer.documents.file_rows import rows_of_groups, rows_of_states
from h5viewer.documents.graph import check_circles, check_names
from h5viewer.documents.json_text import is_table, table
from h5viewer.documents.keras_config import PIECE, counted, reading
from h5viewer.documents.legacy_matching import LegacyMatching
from h5viewer.documents.legacy_weights import read_layers, unlisted_datasets
from h5viewer.documents.named_weights import rows_of_names
from h5viewer.documents.rows import Rows
from h5viewer.documents.saved_state import SavedState, read_states
from h5viewer.documents.shapes.network import cost_of, work_out
from h5viewer.documents.state_matching import match_states
from h5viewer.documents.stored import StoredLayer, group_at, is_listed
from h5viewer.documents.training import read_training
from h5viewer.formats.container import Container
from h5viewer.formats.tf_checkpoint import CheckpointContainer
from h5viewer.names import NodePath, path_text, plain
from h5viewer.nodes import (
    Architecture,
    Code,
    Group,
    Layer,
    Layers,
    Link,
    ParameterCount,
    Problem,
    Unreadable,
)
from h5viewer.requests import Progress
from h5viewer.wording import plural

MOST_PROBLEMS = 500


class Decoder:
    """Decodes one document: layers in parts, then totals, training, code and problems."""

    def __init__(
        self,
        container: Container,
        declared_by: Declaration | None = None,
        *,
        is_same: bool = False,
    ) -> None:
        """Nothing is read yet.

        Args:
            declared_by: another file's configuration, for a file of weights that has none.
            is_same: the file has one of its own, which says the very same.
        """
        self._is_same = is_same
        self.declaration = declared_by or Declaration()
        self._container = container
        self._places = find_places(container)
        self._problems: list[Problem] = []
        self._code: list[Code] = []
        self.n_left_out = 0  # weights stored for no declared layer
        self._listed: list[NodePath] = []  # datasets that the file's own lists name

    def decode(self) -> Generator[Progress | Layers, None, Architecture]:
        """Work between the yields; the layers come in parts of PIECE."""
        with without_collecting():
            return (yield from self._decode())

    def _decode(self) -> Generator[Progress | Layers, None, Architecture]:
        yield Progress(done=0, unit="layers")
        if isinstance(self._container, CheckpointContainer):
            return (yield from _groups_of(self._container))
        if lists_weights(self._container, self._places):
            return (yield from _named_groups_of(self._container))
        if not self._places.has_network:
            return Architecture(class_name=None, name=None, n_layers=0, parameters=ParameterCount())
        config = None
        if not self._is_same:
            config = parsed_config(self._container, self._places, self._problems)
        if config is not None:
            self.declaration = yield from self._declaration(config)
        declaration = self.declaration
        if declaration.is_understood:
            rows = yield from self._rows_of(declaration)
        else:
            rows = yield from self._rows_of_file()
        self._find_code_outside_layers(config)
        training = read_training(
            self._container,
            parsed_training(self._container, self._places, config, self._problems),
            self._places.optimizer,
        )
        self._problems += rows.problems + _missing(rows)
        yield from self._report_unlisted()
        return Architecture(
            class_name=declaration.class_name,
            name=declaration.name,
            n_layers=len(declaration.layers) or rows.n_layers,
            parameters=rows.parameters,
            cost=cost_of(declaration.layers),
            training=training,
            code=bounded(self._code),
            problems=_bounded(self._problems),
            inputs=declaration.inputs,
            outputs=declaration.outputs,
        )

    def _declaration(self, config: object) -> Generator[Progress, None, Declaration]:
        declaration = yield from counted(reading(config))
        self._problems += declaration.problems
        networks = [layer for layer in every_layer(declaration.layers) if layer.is_network]
        for layers in (declaration.layers, *(network.layers for network in networks)):
            self._problems += check_names(layers) + check_circles(layers)
        model = table(table(config).get("config"))
        for done in work_out(declaration.layers, model, put_out_by_code):
            yield Progress(done=done, unit="layers")
        coded = (each for each in every_layer(declaration.layers) if each.class_name == "Lambda")
        for layer in islice(coded, MOST_TOLD):
            layer.code = with_computed(layer.code, layer.config, layer.input_shapes)
        return declaration

    # ----------------------------------------------------------------- layers

    def _rows_of(self, declaration: Declaration) -> Generator[Progress | Layers, None, Rows]:
        """The declared layers, each with its weights."""
        assignments = yield from self._assignments(declaration)
        self._problems += assignments.problems
        self.n_left_out = assignments.n_left_out + sum(
            len(assignment.weights) for _, assignment in assignments.extra
        )
        rows = Rows(assignments)
        made: list[Layer] = []
        for declared in declaration.layers:
            self._take_code(declared)
            made.append(rows.layer(declared, is_trained=declaration.is_trained))
            if len(made) == PIECE:
                yield Layers(layers=tuple(made))
                made = []
        n_declared = len(declaration.layers)
        for i, (name, assignment) in enumerate(assignments.extra):
            made.append(rows.extra(name, assignment, (n_declared + i,)))
        yield Layers(layers=tuple(made))
        return rows

    def _rows_of_file(self) -> Generator[Progress | Layers, None, Rows]:
        """Layers as the file lists their weights: no configuration says more."""
        rows = Rows(Assignments())
        layers: Iterator[Layer] = iter(())
        if not self._places.is_numbered:
            layers = rows_of_groups(rows, self._stored_layers([]))
        else:
            state = yield from self._saved_state()
            if state is not None:
                layers = rows_of_states(rows, state)
        yield from _in_pieces(layers)
        return rows

    def _assignments(self, declaration: Declaration) -> Generator[Progress, None, Assignments]:
        if self._places.is_numbered:
            state = yield from self._saved_state()
            return Assignments() if state is None else match_states(declaration, state)
        matching = LegacyMatching(declaration)
        names = [layer.name for layer in declaration.layers]
        for i, layer in enumerate(self._stored_layers(names)):
            matching.take(layer)
            if i % 50 == 49:
                yield Progress(done=i, unit="layers")
        return matching.found

    def _stored_layers(self, declared: list[str]) -> Iterator[StoredLayer]:
        if not self._has_weights():
            return
        root = self._places.weights
        for layer in read_layers(self._container, root, declared, self._problems):
            self._listed += [weight.path for weight in layer.weights if weight.path is not None]
            yield layer

    def _has_weights(self) -> bool:
        """False: there is no group of weights; a problem says what is in its place."""
        root = self._places.weights
        node = self._container.describe(root)
        if isinstance(node, Group) or not root:
            return True
        name = plain(root[-1])
        if not is_listed(self._container, root):
            message = f"No {name} is found in this file; no weights are shown."
        elif isinstance(node, Unreadable):
            message = f"{node.reason} No weights are shown."
        else:
            what = "a link, which is not followed" if isinstance(node, Link) else "no group"
            message = f"{name} is {what}; no weights are shown."
        self._problems.append(Problem(where=path_text(root), message=message))
        return False

    def _saved_state(self) -> Generator[Progress, None, SavedState | None]:
        if not self._has_weights():
            return None
        for item in read_states(self._container, self._places.weights, self._problems):
            if isinstance(item, SavedState):
                return item
            yield Progress(done=item, unit="groups")
        return None

    # --------------------------------------------------------- code, leftovers

    def _take_code(self, declared: DeclaredLayer) -> None:
        for layer in every_layer([declared]) if declared.layers else (declared,):
            if layer.code:
                self._code += layer.code
                self._note_foreign(layer)

    def _find_code_outside_layers(self, config: object) -> None:
        """Code in what surrounds the layers: the model's own class, its compile settings."""
        if not is_table(config):
            return
        around = {key: value for key, value in config.items() if key != "config"}
        found = find_code(DeclaredLayer("", "", (), {}), around)
        self._code += found
        for name in (name for each in found if each.kind == "module" for name in each.names):
            message = f"The model names {name}, which is not part of Keras: shown, not imported."
            self._problems.append(Problem(where="", message=message, severity="note"))

    def _note_foreign(self, layer: DeclaredLayer) -> None:
        foreign = [name for each in layer.code if each.kind == "module" for name in each.names]
        if layer.registered_name and layer.registered_name == layer.custom_name:
            message = f"Its class {layer.custom_name} is not part of Keras: shown, not imported."
            self._problems.append(Problem(where=layer.name, message=message, severity="note"))
        elif foreign:
            message = f"It names {foreign[0]}, which is not part of Keras: shown, not imported."
            layer.problem = layer.problem or message
            self._problems.append(Problem(where=layer.name, message=message))

    def _report_unlisted(self) -> Generator[Progress, None, None]:
        """Stored datasets that no list of the file names, by the group they are in."""
        root = self._places.weights
        if self._places.is_numbered or (root and group_at(self._container, root) is None):
            return
        counted: dict[NodePath, int] = {}
        for dataset in unlisted_datasets(self._container, root, self._listed):
            if dataset is None:
                yield Progress(done=0, unit="")
                continue
            group = dataset.path[: len(root) + 1]
            counted[group] = counted.get(group, 0) + 1
        for group, n in counted.items():
            what = plural(n, "dataset")
            message = f"Left out of the totals: {what} here that no list of weights names."
            self._problems.append(Problem(where=path_text(group), message=message, severity="note"))


def _missing(rows: Rows) -> list[Problem]:
    absent = rows.n_expected - rows.n_stored
    if not absent:
        return []
    message = (
        f"{absent:,} of {rows.n_expected:,} weights are missing from the file; the numbers of "
        f"parameters count the {rows.n_stored:,} that are stored."
    )
    return [Problem(where="", message=message)]


def _bounded(problems: list[Problem]) -> tuple[Problem, ...]:
    unique = list(dict.fromkeys(problems))
    if len(unique) <= MOST_PROBLEMS:
        return tuple(unique)
    more = Problem(where="", message=f"{len(unique) - MOST_PROBLEMS} more problems are not listed.")
    return (*unique[:MOST_PROBLEMS], more)


def _in_pieces(layers: Iterable[Layer]) -> Iterator[Layers]:
    made: list[Layer] = []
    for layer in layers:
        made.append(layer)
        if len(made) == PIECE:
            yield Layers(layers=tuple(made))
            made = []
    yield Layers(layers=tuple(made))


def _named_groups_of(container: Container) -> Generator[Progress | Layers, None, Architecture]:
    """The weights of a file that lists none, by their names."""
    rows = Rows(Assignments())
    yield from _in_pieces(rows_of_names(rows, container))
    return Architecture(
        class_name=None, name=None, n_layers=rows.n_layers, parameters=rows.parameters
    )


def _groups_of(container: CheckpointContainer) -> Generator[Progress | Layers, None, Architecture]:
    """The weights of a checkpoint, which declares no layers, by what holds them."""
    found = read_checkpoint(container)
    yield from _in_pieces(found.layers)
    return Architecture(
        class_name=None, name=None, n_layers=len(found.layers), parameters=found.parameters
    )
