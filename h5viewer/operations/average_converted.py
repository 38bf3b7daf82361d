"""The mean of files that store their weights in different layouts, written anew as Keras 3 does.

Keras 1 beside Keras 3, an archive beside a legacy file: each weight is read as Keras 3 has it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import replace
from numpy.typing import NDArray

from h5viewer.documents.averaged_values import AveragedValues
from h5viewer.documents.compared import Compared
from h5viewer.documents.compatibility.adapters import has_adapters
from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.document import find_places
from h5viewer.documents.keras_config import counted, reading
from h5viewer.documents.new_network import NewLayer, NewNetwork, NewWeight
from h5viewer.documents.same_networks import check_same_layers
from h5viewer.documents.shares import share_notes, shares_of
from h5viewer.documents.transforms.entries import copied
from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.formats.scratch import Scratch
from h5viewer.names import visible
from h5viewer.nodes import Exported, ExportPart, ExportPlan, Layer
from h5viewer.operations import Operation
from h5viewer.operations.kept_training import training_notes, training_parts
from h5viewer.operations.mean_rules import refused_as_coded, rule_notes
from h5viewer.operations.merge_networks import whole_kind, write_merged
from h5viewer.operations.network_reading import read_repaired, repair_notes
from h5viewer.operations.network_writing import plan_network
from h5viewer.operations.new_files import bytes_of
from h5viewer.operations.not_finite import Averaged
from h5viewer.requests import AverageNetworks
from h5viewer.wording import plural, shape_text

_ANEW = (
    "The files store their weights in different forms, or the new file has another one: the "
    "network is written anew, as Keras 3 writes it."
)
_NUMBERS = ("float", "bfloat")
_CODES = ("int8", "uint8")
_STATISTICS = ("moving_mean", "moving_variance")


def plan_converted(
    request: AverageNetworks, containers: Sequence[Container]
) -> Operation[tuple[ExportPlan, list[Averaged]]]:
    """What would be averaged, and the numbers of each file, or why that cannot be."""
    new = yield from _mean(request, containers)
    outlook = plan_network(new, whole_kind(request.target), request.target)
    n_bytes = bytes_of(new)
    plan = ExportPlan(
        kept=(ExportPart(name="averaged weights", n_bytes=n_bytes, n_items=new.n_weights),),
        left_out=tuple(training_parts(containers)),
        bytes_before=sum(container.source.size for container in containers),
        bytes_after=outlook.n_bytes + outlook.n_around,
        is_estimate=True,
        notes=(*new.notes, *outlook.notes),
    )
    return plan, [Averaged(n_bytes, _averaged(new, n)) for n in range(len(containers))]


def average_converted(
    request: AverageNetworks, containers: Sequence[Container], scratch: Scratch
) -> Operation[Exported]:
    """Write the mean, read it back.

    Raises:
        CannotRead: the files cannot be averaged, or one is damaged.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    new = yield from _mean(request, containers)
    return (yield from write_merged(containers, new, scratch, request.target))


def _mean(request: AverageNetworks, containers: Sequence[Container]) -> Operation[NewNetwork]:
    shares = shares_of(request.shares, request.decay, len(containers))
    names = [container.source.name for container in containers]
    networks: list[NewNetwork] = []
    sides: list[Compared] = []
    n_adapted = 0
    for container in containers:
        network, repair = yield from read_repaired(container)
        networks.append(replace(network, notes=(*repair_notes(repair), *network.notes)))
        if not find_places(container).is_numbered:  # archives hold no adapters
            n_adapted = max(n_adapted, sum(map(has_adapters, repair.layers.values())))
        declaration = yield from counted(reading(copied(networks[-1].config)))
        sides.append(Compared(_bare(declaration.layers), declaration, is_declared=True))
    check_same_layers(sides, names)
    layers = [_in_order_of(networks[0], network) for network in networks]
    averaged = tuple(_layer(of_all, shares, names) for of_all in zip(*layers, strict=True))
    notes = [*share_notes(shares, request.decay, names), _ANEW]
    if n_adapted:
        notes.append(
            f"The adapters (LoRA) of {plural(n_adapted, 'layer')} are added to the kernels before "
            "the mean is taken."
        )
    notes += rule_notes(*_ruled(averaged), names[0])
    notes += training_notes(containers)
    return replace(networks[0], layers=averaged, notes=(*notes, *networks[0].notes))


def _ruled(layers: Sequence[NewLayer]) -> tuple[int, int]:
    """How many statistics were averaged, and how many variables have no mean."""
    of_all = [weight for layer in layers for weight in layer.weights]
    means = [weight for weight in of_all if isinstance(weight.values, AveragedValues)]
    others = [weight for weight in of_all if not isinstance(weight.values, AveragedValues)]
    n_statistics = sum(weight.name in _STATISTICS for weight in means)
    return n_statistics, sum(weight.is_kept_by_legacy for weight in others)


def _averaged(new: NewNetwork, number: int) -> Iterator[NDArray[Any]]:
    """What one of the files brings to the means."""
    for layer in new.layers:
        for weight in layer.weights:
            if isinstance(weight.values, AveragedValues):
                yield from weight.values.sources[number].pieces()


def _bare(layers: Sequence[DeclaredLayer]) -> list[Layer]:
    """Declared layers as rows without weights."""
    return [
        Layer(
            name=layer.name,
            class_name=layer.class_name,
            key=layer.key,
            layers=tuple(_bare(layer.layers)),
        )
        for layer in layers
    ]


def _in_order_of(first: NewNetwork, other: NewNetwork) -> list[NewLayer]:
    """The other network's layers beside those of the first: by path, else in their order."""
    by_path = {layer.path: layer for layer in other.layers}
    if set(by_path) == {layer.path for layer in first.layers}:
        return [by_path[layer.path] for layer in first.layers]
    return list(other.layers)


def _layer(layers: Sequence[NewLayer], shares: tuple[float, ...], names: Sequence[str]) -> NewLayer:
    first = layers[0]
    for name, layer in zip(names, layers, strict=True):
        is_same = layer.class_name == first.class_name and len(layer.weights) == len(first.weights)
        if not is_same:
            raise _other(first, names[0], name)
    weights = zip(*(layer.weights for layer in layers), strict=True)
    return replace(first, weights=tuple(_weights(weights, shares, first, names)))


def _weights(
    weights: Iterator[tuple[NewWeight, ...]],
    shares: tuple[float, ...],
    layer: NewLayer,
    names: Sequence[str],
) -> Iterator[NewWeight]:
    for of_all in weights:
        first = of_all[0]
        for name, weight in zip(names, of_all, strict=True):
            if weight.shape != first.shape:
                shown = visible(f"{layer.path[-1]}/{first.name}", 100)
                raise CannotRead(
                    f"{shown} is {shape_text(first.shape)} in {names[0]} and "
                    f"{shape_text(weight.shape)} in {name}."
                )
            if weight.dtype in _CODES and math.prod(first.shape) > 1:
                raise refused_as_coded(
                    visible(f"{layer.path[-1]}/{first.name}", 100), name, weight.dtype
                )
        if all(weight.dtype.startswith(_NUMBERS) for weight in of_all):
            values = AveragedValues(tuple(weight.values for weight in of_all), shares)
            yield replace(first, values=values)
        else:
            yield first


def _other(layer: NewLayer, first: str, name: str) -> CannotRead:
    return CannotRead(
        f"The layer {visible(layer.path[-1], 60)} of {first} has other weights in {name}.",
        hint="Only files with one architecture can be averaged.",
    )
