"""Shapes through a whole network: layer by layer, call by call, model inside model.

Keras 2 numbers the calls of a nested model from 1 when it has an input layer of its own, so
calls of models are matched from the last reference backwards.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import NamedTuple

from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.json_text import is_list, is_table
from h5viewer.documents.references import Arguments, Reference, end_references
from h5viewer.documents.shapes import recurrent
from h5viewer.documents.shapes.axes import (
    MOST_AXES,
    NOT_FED,
    Axes,
    Config,
    Fed,
    Rule,
    ShapeUnknown,
    Tensor,
    bounded,
    n_values,
    plus,
    times,
)
from h5viewer.documents.shapes.operations import MULTIPLYING as MULTIPLYING_OPERATIONS
from h5viewer.documents.shapes.operations import OPERATIONS
from h5viewer.documents.shapes.rules import KEEPING, MULTIPLYING, RULES
from h5viewer.documents.shapes.tensorflow import is_multiplying, is_multiplying_node
from h5viewer.documents.stated_shapes import as_shape, input_shape
from h5viewer.nodes import Cost, OutputShape

PIECE = 500  # layers between two yields
_Shapes = Sequence[Axes | None]
_MOST_OUTPUTS = 10_000

_CUSTOM = "Its class is not one of Keras' own."
_STRANGE = "Its class is not one whose output shape is known."
_TOO_MANY = "The models in this file call each other too often to be followed."
_NO_LAYER = "The layer inside it is not understood."
_NO_END = "What it puts out is not understood."


class Outcome(NamedTuple):
    """What one call of a layer comes to."""

    shapes: _Shapes
    multiply_adds: int | None = 0
    n_values: int | None = 0
    note: str = ""


def work_out(layers: Sequence[DeclaredLayer], config: Config) -> Generator[int, None, Outcome]:
    """Give every layer its shapes, multiply-adds and values; yields how many are done.

    `config` is that of the model: it says where a network begins and ends.
    """
    walk = _Walk(10_000 + 10 * sum(1 + len(layer.layers) for layer in layers))
    return (yield from walk.network(layers, config, None, record=True))


def cost_of(layers: Sequence[DeclaredLayer]) -> Cost | None:
    """What one sample costs in all these layers; None: there are none."""
    counted = [layer.multiply_adds for layer in layers if layer.multiply_adds is not None]
    known = [layer.n_values for layer in layers if layer.n_values is not None]
    cost, n_known = bounded(sum(counted)), bounded(4 * sum(known))
    if not layers or cost is None or n_known is None:
        return None
    return Cost(
        multiply_adds=cost,
        n_uncounted=len(layers) - len(counted),
        activation_bytes=n_known,
        n_unshaped=len(layers) - len(known),
    )


class _Walk:
    """Follows calls; `left` bounds how many, against models that call each other 2^32 times."""

    def __init__(self, left: int) -> None:
        self._left = left
        self._known: dict[tuple[int, tuple[Axes | None, ...]], Outcome] = {}
        self._unchanged: dict[Axes | None, Outcome] = {}
        self._of_keras: dict[tuple[str | None, str | None, str], bool] = {}

    def network(
        self, layers: Sequence[DeclaredLayer], config: Config, fed: _Shapes | None, *, record: bool
    ) -> Generator[int, None, Outcome]:
        """All layers of one model; `fed` None: what its own input layers state."""
        if any(layer.calls for layer in layers) or "input_layers" in config:
            return (yield from self._functional(layers, config, fed, record=record))
        return (yield from self._sequential(layers, config, fed, record=record))

    # -------------------------------------------------------------- sequential

    def _sequential(
        self, layers: Sequence[DeclaredLayer], config: Config, fed: _Shapes | None, *, record: bool
    ) -> Generator[int, None, Outcome]:
        cost: int | None = 0
        values: int | None = 0
        if fed is None:
            built = as_shape(config.get("build_input_shape"))
            fed = None if built is None else (built,)
        before: DeclaredLayer | None = None
        for i, layer in enumerate(layers):
            if fed is None or fed[0] is None:
                stated = self._stated(layer, before, record=record)
                fed = fed if stated is None else (stated,)
            outcome = self._call(layer, Fed(fed or (None,)), is_fed=fed is not None, record=record)
            if record:
                _write(layer, fed or (), outcome)
            fed, before = outcome.shapes, layer
            cost, values = plus(cost, outcome.multiply_adds), plus(values, outcome.n_values)
            if i % PIECE == PIECE - 1:
                yield PIECE
        return Outcome(fed or (None,), cost, values)

    def _stated(
        self, layer: DeclaredLayer, before: DeclaredLayer | None, *, record: bool
    ) -> Axes | None:
        """What a layer says it is fed; then that is what the layer before it puts out."""
        stated = layer.built if layer.built is not None else _single(input_shape(layer.config))
        if stated is None and not layer.layers:
            length = layer.config.get("input_dim") if layer.class_name != "Embedding" else None
            stated = as_shape([None, length]) if length is not None else None
        if before is not None and record and stated is not None and before.output_shape is None:
            before.output_shape = stated
        return stated

    # -------------------------------------------------------------- functional

    def _functional(
        self, layers: Sequence[DeclaredLayer], config: Config, fed: _Shapes | None, *, record: bool
    ) -> Generator[int, None, Outcome]:
        graph = _Graph(layers, config)
        given = dict(zip(graph.inputs, fed, strict=False)) if fed is not None else {}
        cost: int | None = 0
        values: int | None = 0
        for n_done, (layer, i) in enumerate(graph.calls()):
            shapes = graph.single(layer, i) if layer.class_name in KEEPING else None
            if shapes is not None and self._is_of_keras(layer):
                outcome = self._kept(shapes)
            elif not layer.calls and given.get(layer.name) is not None:
                shapes = (given[layer.name],)
                outcome = Outcome(shapes)
            else:
                fed_now = graph.fed(layer, i)
                is_fed, is_first, shapes = bool(layer.calls), i == 0, fed_now.shapes
                outcome = self._call(layer, fed_now, is_fed=is_fed, record=record and is_first)
            if record:
                _write(layer, shapes, outcome, is_first=i == 0)
            graph.set(layer, i, outcome.shapes)
            if outcome.multiply_adds != 0:
                cost = plus(cost, outcome.multiply_adds)
            values = plus(values, outcome.n_values)
            if n_done % PIECE == PIECE - 1:
                yield PIECE
        return Outcome(graph.outputs(), cost, values)

    # ------------------------------------------------------------------- calls

    def _call(self, layer: DeclaredLayer, fed: Fed, *, is_fed: bool, record: bool) -> Outcome:
        """One call of one layer."""
        self._left -= 1
        if self._left < 0:
            return Outcome((None,), None, None, _TOO_MANY)
        if layer.class_name == "InputLayer":
            return _given(layer, fed, is_fed=is_fed)
        if not self._is_of_keras(layer):
            if layer.is_operation:
                return _ruled(layer, OPERATIONS, MULTIPLYING_OPERATIONS, fed)
            if not layer.is_network:
                return Outcome((None,), None, None, _CUSTOM)
        if layer.layers:
            return self._outer(layer, fed, is_fed=is_fed, record=record)
        return _ruled(layer, RULES, MULTIPLYING, fed)

    def _is_of_keras(self, layer: DeclaredLayer) -> bool:
        """False for operations and for classes that are not Keras' own."""
        if layer.module is None and layer.registered_name is None:
            return True
        key = (layer.module, layer.registered_name, layer.class_name)
        found = self._of_keras.get(key)
        if found is None:
            found = not layer.is_operation and layer.custom_name is None
            self._of_keras[key] = found
        return found

    def _kept(self, shapes: _Shapes) -> Outcome:
        """A layer that puts out what it is fed."""
        found = self._unchanged.get(shapes[0])
        if found is None:
            found = self._unchanged[shapes[0]] = Outcome(shapes, 0, n_values(shapes))
        return found

    def _outer(self, layer: DeclaredLayer, fed: Fed, *, is_fed: bool, record: bool) -> Outcome:
        """A layer with layers inside it; what a model makes of the same shapes is kept."""
        key = (id(layer), tuple(fed.shapes))
        known = None if record else self._known.get(key)
        if known is not None:
            return known
        try:
            if layer.class_name == "Merge":
                outcome = self._merge(layer, record=record)
            elif layer.is_wrapper:
                outcome = self._wrapper(layer, fed, record=record)
            else:
                shapes = fed.shapes if is_fed and fed.shapes[0] is not None else None
                work = self.network(layer.layers, layer.config, shapes, record=record)
                outcome = _finished(work)
        except ShapeUnknown as why:
            outcome = Outcome((None,), None, None, str(why))
        self._known[key] = outcome
        return outcome

    def _merge(self, layer: DeclaredLayer, *, record: bool) -> Outcome:
        """Keras 1: the branches are models with inputs of their own."""
        cost: int | None = 0
        values: int | None = 0
        shapes: list[Axes | None] = []
        for branch in layer.layers:
            made = self._call(branch, Fed((None,)), is_fed=False, record=record)
            if record:
                _write(branch, (), made)
            shapes += made.shapes[:1]
            cost, values = plus(cost, made.multiply_adds), plus(values, made.n_values)
        outcome = _ruled(layer, RULES, MULTIPLYING, Fed(shapes))
        together = plus(cost, outcome.multiply_adds), plus(values, outcome.n_values)
        return Outcome(outcome.shapes, *together, outcome.note)

    def _wrapper(self, layer: DeclaredLayer, fed: Fed, *, record: bool) -> Outcome:
        inner = layer.layers[0]
        match layer.class_name:
            case "TimeDistributed":
                shape = fed.shapes[0] if fed.shapes else None
                if shape is not None and len(shape) < 3:
                    raise ShapeUnknown("It takes inputs of 3 axes or more.")
                step = None if shape is None else (shape[0], *shape[2:])
                made = self._inside(inner, Fed((step,)), record=record)
                return _over_time(made, shape)
            case "Bidirectional":
                made = self._inside(inner, fed, record=record)
                if made.note:
                    raise ShapeUnknown(made.note)
                mode = layer.config.get("merge_mode", "concat")
                n_states = len(made.shapes) - 1
                if n_states > _MOST_OUTPUTS:
                    raise ShapeUnknown(_NO_LAYER)
                shapes = recurrent.merged_directions(mode, made.shapes, n_states)
                return Outcome(shapes, times(2, made.multiply_adds), n_values(shapes))
            case "SpectralNormalization" | "WeightNormalization" | "Wrapper":
                return self._inside(inner, fed, record=record)
        raise ShapeUnknown(_STRANGE)

    def _inside(self, inner: DeclaredLayer, fed: Fed, *, record: bool) -> Outcome:
        made = self._call(inner, fed, is_fed=True, record=record)
        if record:
            _write(inner, fed.shapes, made)
        return made


class _Graph:
    """Layers that state their connections: which call can be followed next."""

    def __init__(self, layers: Sequence[DeclaredLayer], config: Config) -> None:
        self._layers = layers
        self._ends = end_references(config.get("output_layers")) or []
        starts = end_references(config.get("input_layers")) or []
        self.inputs = [reference.layer for reference in starts]
        self._made: dict[tuple[str, int], _Shapes] = {}
        self._first = self._first_calls()

    def calls(self) -> Iterator[tuple[DeclaredLayer, int]]:
        """Every call once, after those it is fed by; what waits for nothing known comes last."""
        made = self._made
        waiting: dict[tuple[str, int], list[tuple[DeclaredLayer, int]]] = {}
        for layer in self._layers:
            if not layer.calls:
                yield layer, 0
                continue
            for i, call in enumerate(layer.calls):
                missing = self._missing(call)
                if missing is not None:
                    waiting.setdefault(missing, []).append((layer, i))
                    continue
                yield layer, i
            if waiting:
                yield from self._freed(layer, waiting)
        for late in [each for found in waiting.values() for each in found]:
            if (late[0].name, late[1]) not in made:
                yield late

    def _freed(
        self,
        layer: DeclaredLayer,
        waiting: dict[tuple[str, int], list[tuple[DeclaredLayer, int]]],
    ) -> Iterator[tuple[DeclaredLayer, int]]:
        """Calls that waited for this layer, and those that waited for them."""
        ready = [(layer.name, i) for i in range(max(len(layer.calls), 1))]
        while ready:
            key = ready.pop()
            if key not in self._made:
                continue
            for late, i in waiting.pop(key, ()):
                missing = self._missing(late.calls[i])
                if missing is not None:
                    waiting.setdefault(missing, []).append((late, i))
                else:
                    yield late, i
                    ready.append((late.name, i))

    def _missing(self, call: Sequence[Reference]) -> tuple[str, int] | None:
        made, first = self._made, self._first
        for reference in call:
            key = (reference[0], reference[1])
            if key not in made:
                key = (key[0], key[1] - first.get(key[0], 0))
                if key not in made:
                    return key
        return None

    def fed(self, layer: DeclaredLayer, i: int) -> Fed:
        """The shapes of one call's tensors, and its other arguments."""
        if not layer.calls:
            return Fed((None,))
        arguments = layer.arguments.get(i) if layer.arguments else None
        if arguments is None:
            call = layer.calls[i]
            if len(call) == 1:
                return Fed((self._shape(call[0]),))
            return Fed([self._shape(reference) for reference in call])
        return self._with_arguments(arguments)

    def single(self, layer: DeclaredLayer, i: int) -> _Shapes | None:
        """The one known shape that a call without other arguments is fed; None: it is another.

        Half of the layers of real networks are of this kind; it is the quick way.
        """
        if not layer.calls or layer.arguments:
            return None
        call = layer.calls[i]
        if len(call) != 1:
            return None
        made = self._made.get((call[0][0], call[0][1]))
        return made if made is not None and len(made) == 1 and made[0] is not None else None

    def _with_arguments(self, arguments: Arguments) -> Fed:
        args = [self._resolved(value) for value in arguments.args]
        kwargs = {name: self._resolved(value) for name, value in arguments.kwargs.items()}
        shapes = [each.shape for each in _tensors(args)]
        return Fed(shapes or [each.shape for each in _tensors(list(kwargs.values()))], args, kwargs)

    def _resolved(self, value: object) -> object:
        if isinstance(value, Reference):
            return Tensor(self._shape(value))
        if is_list(value):
            return [self._resolved(each) for each in value]
        return {k: self._resolved(v) for k, v in value.items()} if is_table(value) else value

    def _shape(self, reference: Reference) -> Axes | None:
        name, node, tensor, stated = reference
        made = self._made.get((name, node - self._first[name] if name in self._first else node))
        shape = made[tensor] if made is not None and tensor < len(made) else None
        return as_shape(stated) if shape is None and stated is not None else shape

    def set(self, layer: DeclaredLayer, i: int, shapes: _Shapes) -> None:
        """Remember what a call puts out."""
        self._made[layer.name, i] = shapes

    def outputs(self) -> _Shapes:
        """What the model puts out."""
        shapes = [self._shape(reference) for reference in self._ends[:_MOST_OUTPUTS]]
        if not shapes and self._layers:
            last = self._layers[-1]
            shapes = list(self._made.get((last.name, 0), (None,)))
        return shapes or (None,)

    def _first_calls(self) -> dict[str, int]:
        """The number that Keras gives to the first call, of models that count from 1."""
        n_calls = {layer.name: len(layer.calls) for layer in self._layers if layer.is_network}
        if not n_calls:
            return {}
        last: dict[str, int] = {}
        for references in (self._ends, *(call for each in self._layers for call in each.calls)):
            for reference in references:
                if reference.layer in n_calls:
                    last[reference.layer] = max(last.get(reference.layer, 0), reference.node)
        return {name: 1 for name, node in last.items() if 0 < n_calls[name] <= node}


def _ruled(
    layer: DeclaredLayer,
    rules: dict[str, Rule],
    multiplying: frozenset[str],
    fed: Fed,
) -> Outcome:
    rule = rules.get(layer.class_name)
    if rule is None:
        return Outcome((None,), None, None, _STRANGE)
    try:
        made = rule(layer.config, fed)
    except ShapeUnknown as why:
        is_free = layer.class_name not in multiplying
        if layer.class_name == "TensorFlowOpLayer":
            is_free = not is_multiplying_node(layer.config)
        elif "OpLambda" in layer.class_name:
            is_free = not is_multiplying(layer.config)
        return Outcome((None,), 0 if is_free else None, None, str(why))
    return Outcome(made.shapes, made.multiply_adds, n_values(made.shapes))


def _given(layer: DeclaredLayer, fed: Fed, *, is_fed: bool) -> Outcome:
    """An input layer: what it is fed, else what it states."""
    if is_fed and fed.shapes[0] is not None:
        return Outcome(fed.shapes)
    stated = layer.output_shape
    shapes = _several(stated)
    if shapes is None:
        return Outcome((None,), 0, None, "It does not state its shape.")
    return Outcome(shapes, 0, n_values(shapes))


def _over_time(made: Outcome, shape: Axes | None) -> Outcome:
    """The output at each step: the axis of time comes back after the batch."""
    if made.note or any(each is None for each in made.shapes):
        raise ShapeUnknown(made.note or NOT_FED)
    length = None if shape is None else shape[1]
    shapes = [(*each[:1], length, *each[1:]) for each in made.shapes if each is not None]
    if any(len(each) > MOST_AXES for each in shapes):
        raise ShapeUnknown(_NO_LAYER)
    return Outcome(shapes, times(length, made.multiply_adds), times(length, made.n_values))


def _write(layer: DeclaredLayer, fed: _Shapes, outcome: Outcome, *, is_first: bool = True) -> None:
    """Note on the layer what a call of it comes to; shapes are those of its first call."""
    if not is_first:
        layer.multiply_adds = plus(layer.multiply_adds, outcome.multiply_adds)
        layer.n_values = plus(layer.n_values, outcome.n_values)
        return
    shapes = outcome.shapes
    if len(shapes) == 1:
        if shapes[0] is not None:
            layer.output_shape = shapes[0]
    elif any(shape is not None for shape in shapes):
        layer.output_shape = tuple(shapes)
    layer.input_shapes = fed
    layer.multiply_adds = outcome.multiply_adds
    layer.n_values = outcome.n_values
    if layer.output_shape is None:
        layer.shape_note = outcome.note or NOT_FED


def _several(stated: OutputShape | None) -> list[Axes | None] | None:
    """One shape, or the shapes of several outputs."""
    if stated is None:
        return None
    if any(isinstance(each, tuple) for each in stated):
        return [each if isinstance(each, tuple) else None for each in stated]
    return [tuple(each for each in stated if not isinstance(each, tuple))]


def _single(stated: OutputShape | None) -> Axes | None:
    shapes = _several(stated)
    return shapes[0] if shapes else None


def _tensors(values: list[object]) -> list[Tensor]:
    found: list[Tensor] = []
    waiting = values[::-1]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Tensor):
            found.append(value)
        elif is_list(value):
            waiting += value[::-1]
        elif is_table(value):
            waiting += list(value.values())[::-1]
    return found


def _finished(work: Generator[int, None, Outcome]) -> Outcome:
    while True:
        try:
            next(work)
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome
