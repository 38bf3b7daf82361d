"""A document as the one JSON object that `h5v info --json` prints; the README documents it."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from h5viewer.errors import H5ViewerError
from h5viewer.names import path_text, plain
from h5viewer.nodes import (
    Architecture,
    ClassCounts,
    Document,
    Layer,
    PictureSet,
    Problem,
    Training,
    Weight,
)

Json = dict[str, Any]

MAX_DEPTH = 100
"""Levels of a configuration's JSON that are passed on as JSON; a deeper one stays text."""

_SURROGATE = re.compile("[\ud800-\udfff]")


def summarize(
    document: Document,
    layers: Sequence[Layer],
    architecture: Architecture | None,
    surveyed: Sequence[Problem] = (),
    data_sets: Sequence[tuple[PictureSet, ClassCounts]] = (),
) -> Json:
    """The object; `architecture` None: the file declares none."""
    problems = all_problems(document, layers, architecture, surveyed)
    return {
        "file": {
            "path": document.path,
            "bytes": document.identity.size,  # of the file at this path alone
            "format": document.format,
            "keras_version": document.keras_version,
            "backend": document.backend,
        },
        "architecture": architecture and _architecture(architecture, layers),
        "training": _training(architecture.training if architecture else None),
        "code": [
            {
                "layer": code.layer,
                "kind": code.kind,
                "computes": code.computes or None,
                "names": list(code.names),
            }
            for code in (architecture.code if architecture else ())
        ],
        "data_sets": [_data_set(pictures, counts) for pictures, counts in data_sets],
        "problems": [_problem(problem) for problem in problems],
    }


def all_problems(
    document: Document,
    layers: Sequence[Layer],
    architecture: Architecture | None,
    surveyed: Sequence[Problem] = (),
) -> list[Problem]:
    """What is wrong with the file, its network, and single layers, weights, nodes; each once."""
    problems = [*document.problems, *(architecture.problems if architecture else ())]
    told = {(problem.where, problem.message) for problem in problems}
    return (
        problems
        + [
            Problem(where=where, message=message)
            for where, message, said in _of_layers(layers)
            if said not in told
        ]
        + [problem for problem in surveyed if (problem.where, problem.message) not in told]
    )


def refusal(error: H5ViewerError) -> Json:
    """The object printed for a file that is refused."""
    return {"error": {"message": error.message, "hint": error.hint}}


def to_json(value: Json, *, indent: int | None = None) -> str:
    r"""Standard JSON that any encoder takes; a lone surrogate becomes the text \udcff."""
    text = json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False)
    return _SURROGATE.sub(lambda match: "\\" + plain(match[0]), text)


def _architecture(architecture: Architecture, layers: Iterable[Layer]) -> Json:
    parameters = architecture.parameters
    return {
        "class_name": architecture.class_name,
        "name": architecture.name,
        "layers": [_layer(layer) for layer in layers],
        "parameters": {
            "total": parameters.total,
            "trainable": parameters.trainable,
            "non_trainable": parameters.non_trainable,
        },
        "flops": _total_flops(architecture),
    }


def _layer(layer: Layer) -> Json:
    # Nested models are at most 32 deep (documents.keras_config).
    return {
        "name": layer.name,
        "class_name": layer.class_name,
        "parameters": layer.n_parameters,
        "trainable": layer.trainable,
        "inputs": list(layer.inputs),
        "output_shape": _shape(layer.output_shape),
        "flops": _flops(layer.multiply_adds),
        "weights": [_weight(weight) for weight in layer.weights],
        "layers": [_layer(inner) for inner in layer.layers],
    }


def _total_flops(architecture: Architecture) -> int | None:
    """None where the count of a single layer is not known: the rest would be no total."""
    cost = architecture.cost
    return None if cost is None or cost.n_uncounted else _flops(cost.multiply_adds)


def _flops(multiply_adds: int | None) -> int | None:
    """Multiplications and additions each for one."""
    return None if multiply_adds is None else 2 * multiply_adds


def _shape(shape: Sequence[Any] | None) -> list[Any] | None:
    if shape is None:
        return None
    return [list(axis) if isinstance(axis, tuple) else axis for axis in shape]


def _weight(weight: Weight) -> Json:
    return {
        "name": weight.name,
        "path": None if weight.path is None else path_text(weight.path),
        "shape": _shape(weight.shape),
        "dtype": weight.dtype,
    }


def _data_set(pictures: PictureSet, counts: ClassCounts) -> Json:
    classes: dict[str, int] = {}
    for name, count in zip(counts.names, counts.counts, strict=True):
        classes[plain(name)] = classes.get(plain(name), 0) + count
    return {
        "path": path_text(pictures.place),
        "split": pictures.split or None,
        "pictures": pictures.n_pictures,
        "height": pictures.layout.height if pictures.are_alike else None,
        "width": pictures.layout.width if pictures.are_alike else None,
        "channels": pictures.layout.channels,
        "dtype": pictures.dtype,
        **({"encoding": pictures.encoding or None} if pictures.is_loose else {}),
        "labels": None if pictures.labels is None else path_text(pictures.labels),
        "classes": classes,
        "unlabelled": counts.n_without,
    }


def _training(training: Training | None) -> Json | None:
    if training is None:
        return None
    optimizer = None
    if training.optimizer_class is not None:
        optimizer = {
            "class_name": training.optimizer_class,
            "config": json_value(training.optimizer_config),
        }
    return {
        "loss": json_value(training.loss),
        "metrics": json_value(training.metrics),
        "optimizer": optimizer,
        "optimizer_state": {"variables": training.n_variables, "bytes": training.state_bytes},
    }


def json_value(text: str) -> Any:
    """What JSON text from the file says; the text itself where JSON has no word for it."""
    if not text:
        return None
    try:
        value = json.loads(text, parse_constant=str, parse_float=_number)
    except (ValueError, RecursionError):  # cut, too deep, or an integer of 5,000 digits
        return text
    return text if _is_deeper(value, MAX_DEPTH) else value


def _is_deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        inner: list[Any] = []
        for each in level:
            if isinstance(each, dict):
                inner += each.values()
            elif isinstance(each, list):
                inner += each
        if not inner:
            return False
        level = inner
    return True


def _number(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text  # 1e999 is valid JSON


def _problem(problem: Problem) -> Json:
    return {"where": problem.where, "message": problem.message}


def _of_layers(layers: Sequence[Layer]) -> Iterator[tuple[str, str, tuple[str, str]]]:
    """Where, what, and how the network's own problems would say it."""
    to_do = list(reversed(layers))
    while to_do:
        layer = to_do.pop()
        if layer.problem:
            yield layer.name, layer.problem, (layer.name, layer.problem)
        for weight in layer.weights:
            if weight.problem and weight.problem not in layer.problem:
                said = f"“{weight.name}”: {weight.problem}"
                yield f"{layer.name}/{weight.name}", weight.problem, (layer.name, said)
        to_do += reversed(layer.layers)
