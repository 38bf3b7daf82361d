"""What goes into a network: shapes stated by an input layer or by the first layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from h5viewer.documents.compatibility import objects
from h5viewer.documents.compatibility.place import Made
from h5viewer.documents.compatibility.values import whole
from h5viewer.documents.json_text import is_list, is_table, table
from h5viewer.documents.stated_shapes import as_shape

_DEEPEST = 32


class Stated(NamedTuple):
    """The input of a network: shape with the batch axis, type of its numbers."""

    shape: tuple[int | None, ...]
    dtype: str | None = None


def input_layer(stated: Stated, name: str) -> Made:
    """An input layer of Keras 3."""
    config: dict[str, object] = {"name": name, "batch_shape": list(stated.shape)}
    if stated.dtype is not None:
        config["dtype"] = stated.dtype
    return Made("InputLayer", config)


def first_input(config: Mapping[str, object], entries: list[object]) -> Stated | None:
    """What a sequential network takes; None: nothing says so."""
    found = of_layer(entries[0]) if entries else None
    if found is not None:
        return found
    for key in ("build_input_shape", "batch_input_shape"):
        shape = as_shape(config.get(key))
        if shape:
            return Stated(shape)
    return None


def of_layer(entry: object, depth: int = 0) -> Stated | None:
    """What a layer says it is fed: its own arguments, or those of the first layer inside it."""
    config = table(entry).get("config")
    if depth > _DEEPEST:
        return None
    listed = config if is_list(config) else table(config).get("layers")
    if is_list(listed) and listed:
        ends = table(config).get("input_layers")
        if ends is None or len(listed) == 1 or table(listed[0]).get("class_name") == "InputLayer":
            return of_layer(listed[0], depth + 1)
        return None
    own = _stated(table(config))
    inner = table(config).get("layer")
    return own if own is not None or not is_table(inner) else _of_wrapped(entry, inner, depth)


def _of_wrapped(entry: object, inner: object, depth: int) -> Stated | None:
    """Bidirectional is fed what its layer is fed; others are not."""
    if table(entry).get("class_name") != "Bidirectional":
        return None
    return of_layer(inner, depth + 1)


def _stated(config: Mapping[str, object]) -> Stated | None:
    dtype = objects.policy(config.get("input_dtype") or config.get("dtype"))
    if dtype is not None and (dtype.startswith("mixed_") or "_from_" in dtype):
        dtype = None
    for key in ("batch_shape", "batch_input_shape"):
        shape = as_shape(config.get(key))
        if shape:
            return Stated(shape, dtype)
    shape = as_shape(config.get("input_shape"))
    if shape is not None:
        return Stated((None, *shape), dtype)
    wide = whole(config, "input_dim")
    if wide is None or ("output_dim" in config and "embeddings_initializer" in config):
        return None
    length = config.get("input_length")
    if "input_length" in config:
        return Stated((None, length if isinstance(length, int) else None, wide), dtype)
    return Stated((None, wide), dtype)
