"""Shapes through a whole network: layer by layer, call by call, model inside model."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple

from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.shapes import recurrent
from h5viewer.documents.shapes.attention import OF_HEADS, in_order
from h5viewer.documents.shapes.axes import (
    MOST_AXES,
    NOT_FED,
    Axes,
    Config,
    Fed,
    Made,
    Rule,
    ShapeUnknown,
    bounded,
    n_values,
    plus,
    times,
)
from h5viewer.documents.shapes.graph_calls import Graph, Shapes
from h5viewer.documents.shapes.operations import MULTIPLYING as MULTIPLYING_OPERATIONS
from h5viewer.documents.shapes.operations import OPERATIONS
from h5viewer.documents.shapes.rules import KEEPING, MULTIPLYING, RULES
from h5viewer.documents.shapes.tensorflow import is_multiplying, is_multiplying_node
from h5viewer.documents.stated_shapes import as_shape, input_shape
from h5viewer.nodes import Cost, OutputShape

PIECE = 500  # layers between two yields
_MOST_OUTPUTS = 10_000
_MOST_READ = 1000  # times that code is looked at: each takes a millisecond or more

_CUSTOM = "Its class is not one of Keras' own."
_STRANGE = "Its class is not one whose output shape is known."
_NO_LAYER = "The layer inside it is not understood."
_NO_END = "What it puts out is not understood."


class Outcome(NamedTuple):
    """What one call of a layer comes to."""

    shapes: Shapes
    multiply_adds: int | None = 0
    n_values: int | None = 0
    note: str = ""


_TOO_MANY = Outcome(
    (None,), None, None, "The layers of this file call each other too often to be followed."
)


OfCode = Callable[[Config, Sequence[Axes | None]], Made | None]
"""What the code of a Lambda layer puts out, by its configuration and what it is fed, if known."""


def work_out(
    layers: Sequence[DeclaredLayer], config: Config, of_code: OfCode = lambda *_: None
) -> Generator[int, None, Outcome]:
    """Give every layer its shapes, multiply-adds and values; yields how many are done.

    Args:
        layers: of the network.
        config: that of the model: it says where a network begins and ends.
        of_code: asked where a Lambda layer does not declare what it puts out.
    """
    n_stated = sum(1 + len(layer.calls) + len(layer.layers) for layer in layers)
    walk = _Walk(100_000 + 20 * n_stated, of_code)
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
    """Follows calls; `left` bounds the work beyond looking at each layer once.

    Models can call each other 2^32 times, and one layer can split a tensor into thousands.
    """

    def __init__(self, left: int, of_code: OfCode) -> None:
        self._left = left
        self._of_code = of_code
        self._by_code: dict[tuple[int, tuple[Axes | None, ...]], Made | None] = {}
        self._known: dict[tuple[int, tuple[Axes | None, ...]], Outcome] = {}
        self._unchanged: dict[Axes | None, Outcome] = {}
        self._of_keras: dict[tuple[str | None, str | None, str], bool] = {}

    def network(
        self, layers: Sequence[DeclaredLayer], config: Config, fed: Shapes | None, *, record: bool
    ) -> Generator[int, None, Outcome]:
        """All layers of one model; `fed` None: what its own input layers state."""
        if not record:
            self._left -= len(layers)
            if self._left < 0:
                return _TOO_MANY
        if any(layer.calls for layer in layers) or "input_layers" in config:
            return (yield from self._functional(layers, config, fed, record=record))
        return (yield from self._sequential(layers, config, fed, record=record))

    # -------------------------------------------------------------- sequential

    def _sequential(
        self, layers: Sequence[DeclaredLayer], config: Config, fed: Shapes | None, *, record: bool
    ) -> Generator[int, None, Outcome]:
        cost: int | None = 0
        values: int | None = 0
        is_first = fed is None  # what an input layer in it puts out, nothing else does
        if fed is None:
            built = as_shape(config.get("build_input_shape"))
            fed = None if built is None else (built,)
        before: DeclaredLayer | None = None
        for i, layer in enumerate(layers):
            if fed is None or fed[0] is None:
                stated = self._stated(layer, before, record=record)
                fed = fed if stated is None else (stated,)
            is_fed = fed is not None and not (is_first and layer.class_name == "InputLayer")
            outcome = self._call(layer, Fed(fed or (None,)), is_fed=is_fed, record=record)
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
        self, layers: Sequence[DeclaredLayer], config: Config, fed: Shapes | None, *, record: bool
    ) -> Generator[int, None, Outcome]:
        graph = Graph(layers, config)
        given = dict(zip(graph.inputs, fed, strict=False)) if fed is not None else {}
        cost: int | None = 0
        values: int | None = 0
        for n_done, (layer, i, shapes) in enumerate(graph.calls()):
            if shapes is not None and layer.class_name in KEEPING and self._is_of_keras(layer):
                outcome = self._kept(shapes)
            elif not layer.calls and given.get(layer.name) is not None:
                shapes = (given[layer.name],)
                outcome = Outcome(shapes)
            else:
                fed_now = graph.fed(layer, i) if shapes is None else Fed(shapes)
                is_fed, is_first, shapes = bool(layer.calls), i == 0, fed_now.shapes
                outcome = self._call(layer, fed_now, is_fed=is_fed, record=record and is_first)
                if fed_now.kwargs and layer.class_name in OF_HEADS:
                    shapes = in_order(fed_now)
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
        self._left -= 0 if record else 1 + len(fed.shapes)
        outcome = self._called(layer, fed, is_fed=is_fed, record=record)
        self._left -= len(outcome.shapes) - 1
        is_allowed = self._left >= 0 or (record and len(outcome.shapes) == 1)
        return outcome if is_allowed else _TOO_MANY

    def _called(self, layer: DeclaredLayer, fed: Fed, *, is_fed: bool, record: bool) -> Outcome:
        if layer.class_name == "InputLayer":
            return _given(layer, fed, is_fed=is_fed)
        if not self._is_of_keras(layer):
            if layer.is_operation:
                return _ruled(layer, OPERATIONS, MULTIPLYING_OPERATIONS, fed)
            if not layer.is_network:
                return Outcome((None,), None, None, _CUSTOM)
        if layer.layers:
            return self._outer(layer, fed, is_fed=is_fed, record=record)
        outcome = _ruled(layer, RULES, MULTIPLYING, fed)
        if layer.class_name == "Lambda" and outcome.shapes == (None,):
            return self._lambda(layer, fed, outcome)
        return outcome

    def _lambda(self, layer: DeclaredLayer, fed: Fed, unknown: Outcome) -> Outcome:
        """A Lambda layer that does not declare what it puts out."""
        key = (id(layer), tuple(fed.shapes))
        if key not in self._by_code and len(self._by_code) < _MOST_READ:
            self._by_code[key] = self._of_code(layer.config, fed.shapes)
        made = self._by_code.get(key)
        if made is None or None in made.shapes:
            return unknown
        return Outcome(made.shapes, made.multiply_adds, n_values(made.shapes))

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

    def _kept(self, shapes: Shapes) -> Outcome:
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
    if fed.shapes[0] is not None:
        return Outcome(fed.shapes, 0, 0 if is_fed else n_values(fed.shapes))
    shapes = _several(layer.output_shape)
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


def _write(layer: DeclaredLayer, fed: Shapes, outcome: Outcome, *, is_first: bool = True) -> None:
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


def _finished(work: Generator[int, None, Outcome]) -> Outcome:
    while True:
        try:
            next(work)
        except StopIteration as end:
            outcome: Outcome = end.value
            return outcome
