"""Shapes of the weights that each layer of a network has, from its configuration alone."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence

from h5viewer.documents.compatibility.told_code import put_out_by_code
from h5viewer.documents.declared import DeclaredLayer
from h5viewer.documents.json_text import table
from h5viewer.documents.keras_config import counted, reading
from h5viewer.documents.keras_objects import Held, Slot, stored_layers
from h5viewer.documents.shapes.expected import ExpectedWeight, expected_weights
from h5viewer.documents.shapes.network import work_out
from h5viewer.documents.transforms.entries import copied
from h5viewer.nodes import Shape
from h5viewer.requests import Progress

Path = tuple[str, ...]


def wanted_shapes(
    network: Mapping[str, object], held: Held
) -> Generator[Progress, None, dict[tuple[Path, str], Shape]]:
    """Shapes by layer and place, of those weights of which all sizes are known.

    Args:
        network: {"class_name": …, "config": …} in Keras 3's form, which stays as it is.
        held: what Keras makes of it.
    """
    declaration = yield from counted(reading(copied(network)))
    for done in work_out(declaration.layers, table(network.get("config")), put_out_by_code):
        yield Progress(done=done, unit="layers")
    declared = dict(_by_path(declaration.layers))
    found: dict[tuple[Path, str], Shape] = {}
    for path, _, layer in stored_layers(held):
        expected = expected_weights(declared[path]) if path in declared else None
        slots = [slot for slot in layer.slots() if slot.variable.is_kept_by_legacy]
        for slot, shape in _paired(slots, expected or []):
            found[path, slot.place] = shape
    return found


def _by_path(
    layers: Sequence[DeclaredLayer], around: Path = ()
) -> Iterator[tuple[Path, DeclaredLayer]]:
    for layer in layers:
        path = (*around, layer.name)
        yield path, layer
        if layer.is_network:
            yield from _by_path(layer.layers, path)


def _paired(
    slots: Sequence[Slot], expected: Sequence[ExpectedWeight]
) -> Iterator[tuple[Slot, Shape]]:
    """Both list a layer's weights as legacy files do."""
    certain = [weight for weight in expected if not weight.is_optional]
    for weights in (expected, certain):
        if len(weights) == len(slots) and all(map(_is_of, weights, slots)):
            for slot, weight in zip(slots, weights, strict=True):
                if weight.shape is not None and None not in weight.shape:
                    yield slot, tuple(int(size) for size in weight.shape if size is not None)
            return


def _is_of(weight: ExpectedWeight, slot: Slot) -> bool:
    """Whether both are called alike; depthwise kernels are just kernels to Keras 3."""
    name = weight.name.rpartition("/")[2]
    return name == slot.variable.name or name.endswith(f"_{slot.variable.name}")
