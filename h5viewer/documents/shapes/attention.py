"""Attention: the products with weights, and those of queries with keys and with values."""

from __future__ import annotations

from collections.abc import Sequence

from h5viewer.documents.shapes.axes import (
    Axes,
    Config,
    Fed,
    Made,
    ShapeUnknown,
    Tensor,
    as_list,
    as_size,
    is_true,
    one,
    plus,
    product,
    size,
    times,
)

OF_HEADS = frozenset({"MultiHeadAttention", "GroupQueryAttention", "GroupedQueryAttention"})
"""Layers that are called with a query, a value and perhaps a key."""


def attention(_: Config, fed: Fed) -> Made:
    """Attention and AdditiveAttention: [query, value] or [query, value, key]."""
    shapes = fed.all()
    if len(shapes) < 2:
        raise ShapeUnknown("It takes a query and a value.")
    query, value = shapes[0], shapes[1]
    key = shapes[2] if len(shapes) > 2 else value
    if min(len(query), len(value), len(key)) < 3:
        raise ShapeUnknown("It takes inputs of 3 axes or more.")
    scores = (*query[:-1], key[-2])
    cost = plus(times(*scores[1:], query[-1]), times(*scores[1:], value[-1]))
    made = one((*query[:-1], value[-1]), cost)
    if fed.kwargs.get("return_attention_scores") is True:
        return Made((*made.shapes, scores), made.multiply_adds)
    return made


def multi_head(config: Config, fed: Fed) -> Made:
    """Projections of query, key and value, scores, weighted values, output projection.

    Source: keras/src/layers/attention/multi_head_attention.py.
    """
    query, value, key = given(fed)
    heads, wide = size(config, "num_heads"), size(config, "key_dim", "head_dim")
    deep = size(config, "value_dim", default=wide)
    axes = _attended(config, len(query))
    n_query, n_key = product(query[i] for i in axes), product(key[i] for i in axes)
    output = as_list(config.get("output_shape"))
    if output is None and config.get("output_shape") is not None:
        output = [config["output_shape"]]
    ends = tuple(as_size(each) for each in output) if output else (query[-1],)
    around = product(query[i] for i in range(1, len(query) - 1) if i not in axes)
    projected = [
        times(product(query[1:]), heads, wide),
        times(product(key[1:]), heads, wide),
        times(product(value[1:]), heads, deep),
        times(around, heads, n_query, n_key, wide),
        times(around, heads, n_query, n_key, deep),
        times(product(query[1:-1]), heads, deep, *ends),
    ]
    total: int | None = 0
    for each in projected:
        total = plus(total, each)
    made = one((*query[:-1], *ends), total)
    if _returns_scores(fed):
        aside = tuple(query[i] for i in range(1, len(query) - 1) if i not in axes)
        of_axes = (*(query[i] for i in axes), *(key[i] for i in axes))
        return Made((*made.shapes, (query[0], *aside, heads, *of_axes)), made.multiply_adds)
    return made


def grouped_query(config: Config, fed: Fed) -> Made:
    """As `multi_head`, with fewer heads of keys and values than of queries."""
    query, value, key = given(fed)
    heads, wide = size(config, "num_query_heads"), size(config, "head_dim")
    groups = size(config, "num_key_value_heads")
    if len(query) != 3 or len(key) != 3 or len(value) != 3:
        raise ShapeUnknown("It takes inputs of 3 axes.")
    total: int | None = 0
    for each in (
        times(product(query[1:]), heads, wide),
        times(product(key[1:]), groups, wide),
        times(product(value[1:]), groups, wide),
        times(2, heads, query[1], key[1], wide),
        times(query[1], heads, wide, query[2]),
    ):
        total = plus(total, each)
    made = one(query, total)
    if _returns_scores(fed):
        scores = (query[0], heads, query[1], key[1])
        return Made((*made.shapes, scores), made.multiply_adds)
    return made


def in_order(fed: Fed) -> Sequence[Axes | None]:
    """Query, value and key where a call gives some of them by name; else what it gives."""
    try:
        return given(fed)
    except ShapeUnknown:
        return fed.shapes


def given(fed: Fed) -> tuple[Axes, Axes, Axes]:
    """Query, value and key of a call; the key is the value where none is given."""
    places = ("query", "value", "key")
    found: dict[str, Axes] = {}
    for name, shape in zip(places, fed.shapes, strict=False):
        if shape is not None and not fed.args:
            found[name] = shape
    named = [*zip(places, fed.args, strict=False), *fed.kwargs.items()]
    for name, value in named:
        if isinstance(value, Tensor) and value.shape is not None:
            found[name] = value.shape
    if "query" not in found or "value" not in found:
        raise ShapeUnknown("The shapes of its query and value are not known.")
    query, value = found["query"], found["value"]
    key = found.get("key", value)
    if min(len(query), len(value), len(key)) < 3:
        raise ShapeUnknown("It takes inputs of 3 axes or more.")
    if not len(query) == len(value) == len(key):
        raise ShapeUnknown("Its inputs have different numbers of axes.")
    return query, value, key


def _attended(config: Config, rank: int) -> tuple[int, ...]:
    """Axes that attend to each other: all but batch and features, or those stated."""
    stated = as_list(config.get("attention_axes"))
    if stated is None and config.get("attention_axes") is not None:
        stated = [config["attention_axes"]]
    if not stated:
        return tuple(range(1, rank - 1))
    places = []
    for each in stated[:rank]:
        if not isinstance(each, int) or isinstance(each, bool) or not -rank <= each < rank:
            raise ShapeUnknown("Its “attention_axes” are none of its input's axes.")
        places.append(each % rank)
    if not set(places) <= set(range(1, rank - 1)):
        raise ShapeUnknown("Its “attention_axes” are none of its input's inner axes.")
    return tuple(dict.fromkeys(places))


def _returns_scores(fed: Fed) -> bool:
    return is_true(dict(fed.kwargs), "return_attention_scores")
