"""Configurations of tf.keras, repaired, built and asked: `from repaired_networks import asked`."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np

from h5viewer.documents.compatibility import Repair, repair
from h5viewer.documents.compatibility.told_code import put_out_by_code
from h5viewer.documents.keras_config import finished as read
from h5viewer.documents.keras_config import reading
from h5viewer.documents.shapes.network import work_out
from h5viewer.network.building import build, finished
from h5viewer.operations.layout_steps import converted

Table = dict[str, Any]


def some(*shape: int) -> np.ndarray:
    """Numbers that are the same in each test, which begins with the same seed."""
    return np.random.uniform(-0.9, 0.9, shape).astype("float32")


def entry(class_name: str, name: str, **config: Any) -> Table:
    return {"class_name": class_name, "config": {"name": name, **config}, "name": name}


def network(entries: list[tuple[Table, Any]], *shapes: tuple[int, ...], **ends: Any) -> Table:
    """A functional network of tf.keras with inputs x, y …"""
    inputs = ["xyz"[i] for i in range(len(shapes))]
    layers = []
    for name, shape in zip(inputs, shapes, strict=True):
        first = entry("InputLayer", name, batch_input_shape=[None, *shape], dtype="float32")
        layers.append({**first, "inbound_nodes": []})
    layers += [{**each, "inbound_nodes": nodes} for each, nodes in entries]
    last = ends.get("outputs", [[entries[-1][0]["name"], 0, 0]])
    starts = [[name, 0, 0] for name in inputs]
    config = {"layers": layers, "input_layers": starts, "output_layers": last, "name": "net"}
    return {"class_name": "Functional", "config": config}


def asked(
    config: Table,
    *samples: np.ndarray,
    version: str = "2.15.0",
    weights: Any = None,
    is_shape_told: bool = True,
) -> Any:
    """What the repaired network says.

    Args:
        weights: those the file stores for its last layer.
        is_shape_told: the shape of the answer is known from the configuration alone.
    """
    found = repair(config, version=version, backend="tensorflow")
    assert found.loads, [each.message for each in found.findings if not each.repair]
    assert found.config is not None
    built = finished(build(found.config))
    if weights is not None:
        _set(built, found, weights)
    given = [sample[None] for sample in samples]
    answer = np.asarray(built.model(given if len(given) > 1 else given[0], training=False))
    for stated in (config, found.config) if is_shape_told else (found.config,):
        made = _declared_shape(stated)
        assert _is_of(made, answer.shape), (stated is config, made, answer.shape)
    return answer[0]


def _is_of(made: tuple[int | None, ...] | None, shape: tuple[int, ...]) -> bool:
    if made is None or len(made) != len(shape):
        return False
    return all(size in (None, found) for size, found in zip(made, shape, strict=True))


def _declared_shape(config: Table) -> Any:
    """What the first output is said to be without Keras."""
    config = deepcopy(config)  # which reading takes apart
    declaration = read(reading(config))
    read(work_out(declaration.layers, config["config"], put_out_by_code))
    first = config["config"]["output_layers"]
    while isinstance(first, list):
        first = first[0]
    (layer,) = (each for each in declaration.layers if each.name == first)
    assert layer.output_shape is not None, (layer.class_name, layer.shape_note)
    return layer.output_shape


def _set(built: Any, found: Repair, weights: list[np.ndarray]) -> None:
    row = found.layers[max(found.layers)]
    arrays = converted(weights, row.steps)
    for taker in row.takers:
        taken = range(len(arrays)) if taker.takes is None else taker.takes
        for variable, i in zip(built.layers[taker.path].weights, taken, strict=True):
            variable.assign(arrays[i])
