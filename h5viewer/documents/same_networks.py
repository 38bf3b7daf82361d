"""Files with one architecture: which weights of all of them are the same weight.

Layers of equal names are the same layer. Where the names differ, as they do when one program
builds a network twice, the layers are taken in their order, which the same program gives them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from h5viewer.documents.arguments import changed_arguments
from h5viewer.documents.compared import Compared
from h5viewer.documents.stored_names import canonical_role
from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.nodes import Layer, Weight
from h5viewer.wording import plural, shape_text

_ONLY_TRAINING = (
    "_initializer", "_regularizer", "_constraint", "init", "initializer",
)  # fmt: skip
_WITHOUT_WEIGHTS = frozenset(
    {"name", "trainable", "rate", "p", "seed", "noise_shape", "build_config", "momentum",
     "recurrent_dropout", "dropout", "sparse", "ragged", "optional", "use_cudnn", "unroll",
     "implementation", "input_dtype", "batch_size"}
)  # fmt: skip
"""Arguments that may differ: what the weights mean stays the same."""

_ONE = "Only files with one architecture can be averaged."


class SameWeight(msgspec.Struct, frozen=True):
    """One weight of the network as each file stores it."""

    layer: str
    weights: tuple[Weight, ...]  # of the files, in their order


def same_weights(sides: Sequence[Compared], names: Sequence[str]) -> Iterator[SameWeight]:
    """The stored weights of the first file with those of the others.

    Args:
        sides: the files.
        names: what they are called.

    Raises:
        CannotRead: one of them has another architecture; says where.
    """
    check_same_layers(sides, names)
    pairs = [
        dict(_Pair(sides[0], sides[number], names[0], names[number]).weights())
        for number in range(1, len(sides))
    ]
    for layer in _every(sides[0].layers):
        for weight in layer.weights:
            if weight.path is not None:
                others = (found[layer.key, weight.path] for found in pairs)
                yield SameWeight(layer.name, (weight, *others))


def check_same_layers(sides: Sequence[Compared], names: Sequence[str]) -> None:
    """Raise when the architectures differ in more than names.

    Raises:
        CannotRead: one of them does; says where.
    """
    for number in range(1, len(sides)):
        _Pair(sides[0], sides[number], names[0], names[number]).check_layers()


def _every(layers: Sequence[Layer]) -> Iterator[Layer]:
    waiting = list(reversed(layers))
    while waiting:
        layer = waiting.pop()
        yield layer
        waiting += reversed(layer.layers)


class _Pair:
    """The first file and another one."""

    def __init__(self, a: Compared, b: Compared, name_a: str, name_b: str) -> None:
        self._a = a
        self._b = b
        self._name_a = name_a
        self._name_b = name_b

    def check_layers(self) -> None:
        """Raise when the architectures differ in more than names.

        Raises:
            CannotRead: they do.
        """
        declared_a, declared_b = self._a.declared(), self._b.declared()
        pairs = list(self._layers())
        names = {b.name: a.name for a, b in pairs}
        for a, b in pairs:
            if a.key not in declared_a or b.key not in declared_b:
                continue
            for changed in changed_arguments(declared_a[a.key], declared_b[b.key], names):
                if not _may_differ(changed.name):
                    raise self._refusal(
                        f"The layer {visible(a.name, 60)} has another value of "
                        f"{visible(changed.name, 60)} in {self._name_b} than in {self._name_a}."
                    )

    def weights(self) -> Iterator[tuple[tuple[tuple[int, ...], object], Weight]]:
        """Weights of the other file, by the layer and the path of the same in the first."""
        for a, b in self._layers():
            of_a = [weight for weight in a.weights if weight.path is not None]
            of_b = [weight for weight in b.weights if weight.path is not None]
            for weight_a, weight_b in self._paired(a, of_a, of_b):
                yield (a.key, weight_a.path), weight_b

    def _layers(self) -> Iterator[tuple[Layer, Layer]]:
        waiting: list[tuple[Sequence[Layer], Sequence[Layer]]]
        waiting = [(self._a.layers, self._b.layers)]
        while waiting:
            of_a, of_b = waiting.pop()
            level_a, level_b = _with_content(of_a), _with_content(of_b)
            if len(level_a) != len(level_b):  # Keras 2 lists no inputs in a Sequential
                level_a, level_b = _without_inputs(level_a), _without_inputs(level_b)
            for a, b in self._level(level_a, level_b):
                yield a, b
                waiting.append((a.layers, b.layers))

    def _level(self, of_a: list[Layer], of_b: list[Layer]) -> Iterator[tuple[Layer, Layer]]:
        if len(of_a) != len(of_b):
            raise self._refusal(
                f"{self._name_b} has {plural(len(of_b), 'layer')} where {self._name_a} has "
                f"{len(of_a):,}."
            )
        by_name = {layer.name: layer for layer in of_b}
        has_same_names = set(by_name) == {layer.name for layer in of_a} and len(by_name) == len(
            of_a
        )
        for number, a in enumerate(of_a):
            b = by_name[a.name] if has_same_names else of_b[number]
            if a.class_name is not None and b.class_name not in (a.class_name, None):
                raise self._refusal(
                    f"The layer {visible(a.name, 60)} of {self._name_a} is of the class "
                    f"{visible(a.class_name, 60)}, {visible(b.name, 60)} of {self._name_b} in its "
                    f"place of the class {visible(b.class_name or '', 60)}."
                )
            yield a, b

    def _paired(
        self, layer: Layer, of_a: list[Weight], of_b: list[Weight]
    ) -> Iterator[tuple[Weight, Weight]]:
        if len(of_a) != len(of_b):
            raise self._refusal(
                f"The layer {visible(layer.name, 60)} has {plural(len(of_a), 'weight')} in "
                f"{self._name_a} and {len(of_b):,} in {self._name_b}."
            )
        roles_b = {canonical_role(weight.name): weight for weight in of_b}
        roles_a = [canonical_role(weight.name) for weight in of_a]
        has_same_roles = len(roles_b) == len(of_b) and set(roles_a) == set(roles_b)
        for number, weight in enumerate(of_a):
            other = roles_b[roles_a[number]] if has_same_roles else of_b[number]
            if weight.shape != other.shape:
                raise self._refusal(
                    f"{visible(layer.name, 60)}/{visible(weight.name, 60)} is "
                    f"{shape_text(weight.shape)} in {self._name_a} and "
                    f"{shape_text(other.shape)} in {self._name_b}."
                )
            yield weight, other

    def _refusal(self, message: str) -> CannotRead:
        return CannotRead(message, hint=_ONE)


def _with_content(layers: Sequence[Layer]) -> list[Layer]:
    """Declared layers; of files that declare none those that have weights."""
    return [layer for layer in layers if layer.class_name or layer.weights or layer.layers]


def _without_inputs(layers: list[Layer]) -> list[Layer]:
    return [layer for layer in layers if layer.class_name != "InputLayer"]


def _may_differ(argument: str) -> bool:
    return argument in _WITHOUT_WEIGHTS or argument.endswith(_ONLY_TRAINING)
