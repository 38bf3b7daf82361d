"""Weights of layers that are made of other layers: attention heads, cells, both directions.

They stand in the order in which Keras lists them, each named after the part it belongs to.
Sources: keras/src/layers/attention/{multi_head,grouped_query}_attention.py, rnn/bidirectional.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from h5viewer.documents.json_text import table
from h5viewer.documents.roles import roles
from h5viewer.documents.shapes import recurrent
from h5viewer.documents.shapes.attention import given
from h5viewer.documents.shapes.axes import Axes, Config, Fed, ShapeUnknown, as_list, as_size, size

Named = tuple[str, Axes | None]
Finder = Callable[[Config, Fed], Iterator[Named]]
OfLayer = Callable[[str, Config, Fed], list[Named] | None]
"""What finds the weights of the layers that it is made of."""


def composed_weights(
    class_name: str, config: Config, fed: Fed, of_layer: OfLayer
) -> list[Named] | None:
    """Name and shape of each weight; None: no such layer, or not enough is known of it."""
    try:
        if class_name == "Bidirectional":
            return _both_directions(config, fed, of_layer)
        find = _FINDERS.get(class_name)
        return None if find is None else list(find(config, fed))
    except ShapeUnknown:
        return None


def _multi_head(config: Config, fed: Fed) -> Iterator[Named]:
    query, value, key = given(fed)
    heads, wide = size(config, "num_heads"), size(config, "key_dim", "head_dim")
    stated = as_list(config.get("output_shape"))
    if stated is None and config.get("output_shape") is not None:
        stated = [config["output_shape"]]
    ends = tuple(as_size(each) for each in stated) if stated else (query[-1],)
    deep = size(config, "value_dim", default=wide)
    yield from _projection(config, "query", (query[-1],), (heads, wide))
    yield from _projection(config, "key", (key[-1],), (heads, wide))
    yield from _projection(config, "value", (value[-1],), (heads, deep))
    yield from _projection(config, "output", (heads, deep), ends)


def _grouped_query(config: Config, fed: Fed) -> Iterator[Named]:
    query, value, key = given(fed)
    heads, wide = size(config, "num_query_heads"), size(config, "head_dim")
    groups = size(config, "num_key_value_heads")
    yield from _projection(config, "query", (query[-1],), (heads, wide))
    yield from _projection(config, "key", (key[-1],), (groups, wide))
    yield from _projection(config, "value", (value[-1],), (groups, wide))
    yield from _projection(config, "output", (heads, wide), (query[-1],))


def _projection(config: Config, part: str, inside: Axes, ends: Axes) -> Iterator[Named]:
    yield f"{part}/kernel", (*inside, *ends)
    if config.get("use_bias") is not False:
        yield f"{part}/bias", ends


def _cells(config: Config, fed: Fed) -> Iterator[Named]:
    """Each cell is fed what the one before puts out."""
    features = fed.of_rank(3)[2]
    stated = recurrent.cells_of(config.get("cell"))
    for number, (class_name, inner) in enumerate(stated):
        part = "cell" if len(stated) == 1 else f"cell_{number}"
        units = size(inner, "units", "output_dim")
        for role in roles(class_name, inner) or ():
            shape = (features, *role.sizes[1:]) if role.name == "kernel" else role.sizes
            yield f"{part}/{role.name}", shape
        features = units


def _both_directions(config: Config, fed: Fed, of_layer: OfLayer) -> list[Named] | None:
    forward, backward = config.get("layer"), config.get("backward_layer")
    found: list[Named] = []
    for part, layer in (("forward", forward), ("backward", backward or forward)):
        class_name = table(layer).get("class_name")
        if not isinstance(class_name, str) or class_name == "Bidirectional":
            return None
        inner = of_layer(class_name, table(table(layer).get("config")), fed)
        if inner is None:
            return None
        found += [(f"{part}/{name}", shape) for name, shape in inner]
    return found


_FINDERS: dict[str, Finder] = {
    "MultiHeadAttention": _multi_head,
    "GroupQueryAttention": _grouped_query,
    "GroupedQueryAttention": _grouped_query,
    "RNN": _cells,
}
