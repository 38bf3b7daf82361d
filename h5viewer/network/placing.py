"""Sets the weights of a built network from what a file stores, one at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from typing import Any

import keras
from numpy.typing import NDArray

from h5viewer.documents.assignment import Assignments, NamedWeight
from h5viewer.documents.compatibility import LayerRepair, Taker
from h5viewer.documents.stored_names import canonical_role
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.names import visible
from h5viewer.network.building import Built
from h5viewer.network.classes import KERAS_ERRORS, one_line
from h5viewer.network.held_objects import in_order_of, owners_of
from h5viewer.operations.layout_steps import converted
from h5viewer.operations.stored_arrays import read_whole
from h5viewer.operations.weight_places import weights_of
from h5viewer.requests import Progress
from h5viewer.wording import plural

Key = tuple[int, ...]


class Placing:
    """Gives stored weights to the layers of one network; collects what did not fit."""

    def __init__(self, container: Container, built: Built, stored: Assignments) -> None:
        self._container = container
        self._built = built
        self._stored = stored
        self._set: set[int] = set()  # identities of variables
        self._n_done = self._total = 0
        self.warnings: list[str] = []

    def place(self, repairs: Mapping[Key, LayerRepair]) -> Generator[Progress, None, None]:
        """Set every weight that the file stores."""
        found = weights_of(repairs, self._stored)
        self._total = sum(len(weights) for _, weights in found)
        for repair, weights in found:
            if repair.takers:
                yield from self._place_layer(repair, weights)
        for repair, weights in found:
            model = self._built.layers.get(repair.path)
            if not repair.takers and isinstance(model, keras.Model):
                yield from self._place_in_network(repair, model, weights)
        self._tell_of_initial_values(repairs.values())

    def _place_layer(
        self, repair: LayerRepair, weights: list[NamedWeight]
    ) -> Generator[Progress, None, None]:
        problem, n_before = "", self._n_done
        try:
            if repair.steps or len(repair.takers) != 1 or repair.takers[0].takes is not None:
                layer = self._built.layers.get(repair.path)
                ordered = in_order_of(_targets(layer), layer, weights) if layer else weights
                arrays = converted([self._read(each) for each in ordered], repair.steps)
                for taker in repair.takers:
                    layer = self._layer(taker)
                    taken = taker.takes if taker.takes is not None else range(len(arrays))
                    self._assign(_targets(layer), [arrays[i] for i in taken])
            else:
                layer = self._layer(repair.takers[0])
                yield from self._stream(layer, weights)
            _finalize(self._layer(taker) for taker in repair.takers)
        except CannotRead as error:
            problem = error.message
        except KERAS_ERRORS as error:
            problem = one_line(error)
        if problem:
            self.warnings.append(_not_set(repair, problem))
        yield self._progress(n_before + len(weights) - self._n_done)

    def _place_in_network(
        self, repair: LayerRepair, model: Any, weights: list[NamedWeight]
    ) -> Generator[Progress, None, None]:
        """What could be given to no single layer of a nested network: in Keras' order of all."""
        try:
            left = [each for each in _targets(model) if id(each) not in self._set]
            for variable, weight in _pairs(left, weights):
                self._set_stored(variable, weight)
                yield self._progress(1)
        except CannotRead as error:
            self.warnings.append(_not_set(repair, error.message))

    def _stream(self, layer: Any, weights: list[NamedWeight]) -> Generator[Progress, None, None]:
        """Arrays as they are, one in memory at a time."""
        owners = owners_of(layer, weights)
        if owners is None:
            for variable, weight in _pairs(_targets(layer), weights):
                self._set_stored(variable, weight)
                yield self._progress(1)
            return
        for owner in owners:
            if owner.reads_by_itself:
                values = {str(i): self._read(each) for i, each in owner.weights.items()}
                owner.layer.load_own_variables(values)
                self._set.update(id(each) for each in owner.variables)
            else:
                for i, weight in owner.weights.items():
                    self._set_stored(owner.variables[i], weight)
                    yield self._progress(1)

    def _set_stored(self, variable: Any, weight: NamedWeight) -> None:
        shape = weight.weight.shape
        if shape is not None and tuple(variable.shape) != tuple(shape):  # before it is read
            raise CannotRead(
                f"“{visible(weight.name)}” is stored as {_times(shape)}, the network wants "
                f"{_times(tuple(variable.shape))}."
            )
        self._set_one(variable, self._read(weight))

    def _assign(self, variables: list[Any], arrays: list[NDArray[Any]]) -> None:
        _require_as_many(variables, arrays)
        for variable, array in zip(variables, arrays, strict=True):
            if tuple(variable.shape) != array.shape:
                raise CannotRead(
                    f"“{visible(variable.name)}” comes out as {_times(array.shape)}, the network "
                    f"wants {_times(tuple(variable.shape))}."
                )
            self._set_one(variable, array)

    def _set_one(self, variable: Any, values: NDArray[Any]) -> None:
        variable.assign(values)
        self._set.add(id(variable))

    def _read(self, weight: NamedWeight) -> NDArray[Any]:
        if weight.weight.path is None:
            raise CannotRead(f"“{visible(weight.name)}”: {weight.weight.problem}")
        return read_whole(self._container, weight.weight.path)

    def _layer(self, taker: Taker) -> Any:
        layer = self._built.layers.get(taker.path)
        if layer is None:
            raise CannotRead("it is not part of the network that was built.")
        return layer

    def _progress(self, n: int) -> Progress:
        self._n_done = min(self._n_done + n, self._total)
        return Progress(done=self._n_done, total=self._total, unit="weights")

    def _tell_of_initial_values(self, repairs: Iterable[LayerRepair]) -> None:
        left = [each for each in self._built.model.weights if id(each) not in self._set]
        if not left:
            return
        missing = {id(each) for each in left}
        names = [
            repair.name
            for repair in repairs
            for taker in repair.takers
            if any(id(each) in missing for each in self._weights(taker))
        ]
        named = ", ".join(f"“{visible(name)}”" for name in names[:3])
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        of = f" of {named}{more}" if named else ""
        self.warnings.append(
            f"{plural(len(left), 'weight')}{of} could not be set from the file and stay as in an "
            "untrained network: the answers mean nothing."
        )

    def _weights(self, taker: Taker) -> list[Any]:
        return list(getattr(self._built.layers.get(taker.path), "weights", ()))


def _not_set(repair: LayerRepair, problem: str) -> str:
    return f"The weights of “{visible(repair.name)}” are not set: {problem}"


def _targets(layer: Any) -> list[Any]:
    """The variables of a layer in the order of legacy files."""
    return [*layer.trainable_weights, *layer.non_trainable_weights]


def _pairs(variables: list[Any], weights: list[NamedWeight]) -> list[tuple[Any, NamedWeight]]:
    """Each variable with its stored weight: by order, or by name where some are not stored."""
    if len(variables) != len(weights):
        by_name = {canonical_role(weight.name): weight for weight in weights}
        weights = [by_name[each.name] for each in variables if each.name in by_name]
    _require_as_many(variables, weights)
    return list(zip(variables, weights, strict=True))


def _require_as_many(variables: list[Any], stored: Sequence[object]) -> None:
    if len(variables) != len(stored):
        raise CannotRead(
            f"the file stores {plural(len(stored), 'array')} for it, Keras wants {len(variables)}."
        )


def _finalize(layers: Iterable[Any]) -> None:
    for layer in layers:
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(str(size) for size in shape) or "a single number"
