"""The calls of layers that state their connections, and which can be followed next.

Keras 2 numbers the calls of a nested model from 1 when it has an input layer of its own, so
calls of models are matched from the last reference backwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.json_text import is_list, is_table
from h5viewer.documents.references import Arguments, Reference, end_references
from h5viewer.documents.shapes.axes import Axes, Config, Fed, Tensor
from h5viewer.documents.stated_shapes import as_shape

Shapes = Sequence[Axes | None]
"""One for each tensor that a call puts out."""
Call = tuple[DeclaredLayer, int, Shapes | None]
"""A layer, the number of its call, perhaps what that is fed."""
_Waiting = dict[tuple[str, int], list[tuple[DeclaredLayer, int]]]
_MOST_OUTPUTS = 10_000


class Graph:
    """Layers that state their connections: which call can be followed next."""

    def __init__(self, layers: Sequence[DeclaredLayer], config: Config) -> None:
        self._layers = layers
        self._ends = end_references(config.get("output_layers")) or []
        starts = end_references(config.get("input_layers")) or []
        self.inputs = [reference.layer for reference in starts]
        self._made: dict[tuple[str, int], Shapes] = {}
        self._first = self._first_calls()
        # Keras 3 counts the calls of nested networks from 1 where the whole one ends alone
        self._from_0 = {
            reference.layer
            for each in layers for call in each.calls for reference in call
            if reference.node == 0
        }  # fmt: skip

    def calls(self) -> Iterator[Call]:
        """Every call once, after those it is fed by; what waits for nothing known comes last.

        The shapes are those that the call is fed where it takes one tensor, of known shape,
        and nothing else: most layers are of this kind, and this is the quick way for them.
        """
        made, first = self._made, self._first
        waiting: _Waiting = {}
        for layer in self._layers:
            calls = layer.calls
            if len(calls) == 1 and len(calls[0]) == 1 and not layer.arguments:
                name, node, tensor, _ = calls[0][0]
                shapes = made.get((name, node)) if name not in first else None
                if (
                    shapes is not None
                    and tensor == 0
                    and len(shapes) == 1
                    and shapes[0] is not None
                ):
                    yield layer, 0, shapes
                    if waiting:
                        yield from self._freed(layer, waiting)
                    continue
            if not calls:
                yield layer, 0, None
            for i, call in enumerate(calls):
                missing = self._missing(call)
                if missing is not None:
                    waiting.setdefault(missing, []).append((layer, i))
                    continue
                yield layer, i, None
            if waiting:
                yield from self._freed(layer, waiting)
        for late, i in [each for found in waiting.values() for each in found]:
            if (late.name, i) not in made:
                yield late, i, None

    def _freed(self, layer: DeclaredLayer, waiting: _Waiting) -> Iterator[Call]:
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
                    yield late, i, None
                    ready.append((late.name, i))

    def _missing(self, call: Sequence[Reference]) -> tuple[str, int] | None:
        for reference in call:
            key = self._key(reference[0], reference[1])
            if key not in self._made:
                return key
        return None

    def _key(self, name: str, node: int) -> tuple[str, int]:
        """A layer and the number of its call, counted from 0."""
        return (name, node - 1 if name in self._first and name not in self._from_0 else node)

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
        made = self._made.get(self._key(name, node))
        shape = made[tensor] if made is not None and tensor < len(made) else None
        return as_shape(stated) if shape is None and stated is not None else shape

    def set(self, layer: DeclaredLayer, i: int, shapes: Shapes) -> None:
        """Remember what a call puts out."""
        self._made[layer.name, i] = shapes

    def outputs(self) -> Shapes:
        """What the model puts out."""
        self._from_0.clear()
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
