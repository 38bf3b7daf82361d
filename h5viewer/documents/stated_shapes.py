"""Output shapes that a configuration states; none is inferred."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h5viewer.documents.json_text import is_list, is_table, whole_number
from h5viewer.nodes import OutputShape

if TYPE_CHECKING:
    from h5viewer.documents.declared import DeclaredLayer

_LARGEST = 2**53  # larger sizes are no shapes, and JSON readers lose them
_NOT_STATED = (None,)
"""What is written where a shape must be stated and is not known, as by this program."""


def as_shape(value: object) -> tuple[int | None, ...] | None:
    """A list of sizes, the batch axis and unknown ones as None; None: it is no shape."""
    if is_table(value):  # some writers wrote tuples as {"class_name": "__tuple__", "items"}
        value = value.get("items")
    if not is_list(value) or len(value) > 64:
        return None
    sizes = [whole_number(size) for size in value]
    for size, stated in zip(sizes, value, strict=True):
        if (size is None and stated is not None) or (size is not None and not 0 <= size < _LARGEST):
            return None
    return tuple(sizes)


def input_shape(config: dict[str, object]) -> OutputShape | None:
    """What an input layer states: `batch_shape` (Keras 3) or `batch_input_shape`."""
    for key in ("batch_shape", "batch_input_shape"):
        if key in config:
            shape = as_shape(config[key])
            if shape is None and is_list(config[key]):
                return _several(config[key])
            return shape
    shape = as_shape(config.get("input_shape"))
    return None if shape is None else (None, *shape)


def state_shapes(layers: list[DeclaredLayer]) -> None:
    """Give each layer the shape that Keras 3 consumers state about their inputs."""
    by_name = {layer.name: layer for layer in layers}
    stated: dict[str, dict[tuple[int, int], tuple[int | None, ...]]] = {}
    for layer in layers:
        for call in layer.calls:
            for reference in call:
                shape = None if reference.shape is None else as_shape(reference.shape)
                if shape not in (None, _NOT_STATED):
                    tensors = stated.setdefault(reference.layer, {})
                    tensors[reference.node, reference.tensor] = shape
    for name, tensors in stated.items():
        producer = by_name.get(name)
        if producer is not None and producer.output_shape is None:
            producer.output_shape = _of_first_call(tensors)


def _of_first_call(tensors: dict[tuple[int, int], tuple[int | None, ...]]) -> OutputShape | None:
    first = min(node for node, _ in tensors)
    shapes = [tensors[key] for key in sorted(tensors) if key[0] == first]
    return shapes[0] if len(shapes) == 1 else tuple(shapes)


def _several(value: object) -> OutputShape | None:
    shapes = [as_shape(each) for each in value] if is_list(value) else []
    return tuple(shapes) if shapes and all(shape is not None for shape in shapes) else None
