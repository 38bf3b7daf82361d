"""Shapes, weights and totals against what Keras itself makes of the same configurations.

Keras runs in a process of its own, once for all tests; they are skipped where it is not installed.
tf_keras, the Keras 2 of today, is asked as well where somebody has installed it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from decoding import decoded, opened
from layer_zoo import CASES, KERAS_2, Case, model_of

from h5viewer.documents.config_text import parsed_config
from h5viewer.documents.declared import Declaration, DeclaredLayer
from h5viewer.documents.document import find_places
from h5viewer.documents.keras_config import finished, reading
from h5viewer.documents.shapes.expected import expected_weights
from h5viewer.documents.shapes.network import work_out
from h5viewer.errors import H5ViewerError

JSON = Any
HERE = Path(__file__).parent
CORPUS = HERE.parents[2] / "shared" / "corpus"
KERAS = [name for name in ("keras", "tf_keras") if importlib.util.find_spec(name) is not None]


@dataclass(frozen=True)
class Answers:
    """What one Keras makes of everything that it is asked here."""

    keras: str
    zoo: list[JSON]
    corpus: list[JSON]
    built: list[JSON]


@pytest.fixture(scope="module", params=KERAS or [pytest.param("", marks=pytest.mark.skip)])
def answers(request: pytest.FixtureRequest) -> Answers:
    """One process: importing Keras takes longer than all its answers."""
    zoo = [model_of(case, dialect) for case, dialect in of_dialects(request.param)]
    models = [*zoo, *(model for _, model in models_of_corpus())]
    done = subprocess.run(
        [sys.executable, str(HERE / "keras_shapes.py"), request.param],
        input=json.dumps(models),
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer = json.loads(done.stdout)
    read = answer["read"]
    return Answers(request.param, read[: len(zoo)], read[len(zoo) :], answer["built"])


def worked_out(model: JSON) -> Declaration:
    """The same configuration, by our own rules."""
    model = json.loads(json.dumps(model))  # reading takes it apart
    declaration = finished(reading(model))
    finished(work_out(declaration.layers, model["config"]))
    return declaration


def outputs(layer: DeclaredLayer) -> JSON:
    """One list of sizes for each output, as Keras answers."""
    shape = layer.output_shape
    if shape is None:
        return None
    several = any(isinstance(axis, tuple) for axis in shape)
    return [list(axis or ()) for axis in shape] if several else [list(shape)]


def is_refined(ours: JSON, theirs: JSON) -> bool:
    """Equal wherever Keras says a size."""
    pairs = zip(ours, theirs, strict=True)
    return all(
        len(a) == len(b) and all(size in (None, own) for own, size in zip(a, b, strict=True))
        for a, b in pairs
    )


def mistakes(case: Case, layer: DeclaredLayer, answer: JSON) -> list[str]:
    """Where Keras disagrees about one layer."""
    if "error" in answer:
        return [f"{case.id}: {answer['error'][:200]}"]
    shapes, weights = answer["layers"]["x"]["outputs"][-1], answer["layers"]["x"]["weights"]
    found = []
    ours = outputs(layer)
    if ours is None or not (is_refined(ours, shapes) if case.is_refined else ours == shapes):
        found.append(f"{case.id}: puts out {shapes}, not {ours} {layer.shape_note}")
    expected = expected_weights(layer)
    if expected is None and weights:
        found.append(f"{case.id}: nothing is expected of its weights {weights}")
    if expected is not None and not any(weight.shape is None for weight in expected):
        promised = [list(weight.shape or ()) for weight in expected if not weight.is_optional]
        if promised != weights:
            found.append(f"{case.id}: has weights {weights}, not {promised}")
    return found


def of_dialects(keras: str) -> list[tuple[Case, int]]:
    """What this Keras can read: Keras 3 both dialects, tf_keras its own."""
    if keras == "keras":
        return [(case, dialect) for case in CASES for dialect in case.dialects if dialect != 20]
    # The tables of look-ups are no weights with a shape there.
    known = [case for case in CASES if case.class_name != "TextVectorization"]
    return [(case, 2) for case in known if {2, KERAS_2} & set(case.dialects)]


def test_every_layer_of_the_zoo_is_as_keras_builds_it(answers: Answers) -> None:
    """Output shapes and shapes of weights, in the dialects of Keras 2 and Keras 3."""
    pairs = of_dialects(answers.keras)
    assert len(pairs) > 130
    layers = [worked_out(model_of(case, dialect)).layers[-1] for case, dialect in pairs]
    found = [
        mistake
        for (case, _), layer, answer in zip(pairs, layers, answers.zoo, strict=True)
        for mistake in mistakes(case, layer, answer)
    ]
    assert not found, "\n".join(found)


def test_operations_and_shared_models_are_as_keras_builds_them(answers: Answers) -> None:
    """Networks that Keras itself wrote: operations, models called twice, wrappers."""
    n_compared = 0
    for answer in answers.built:
        for layer in worked_out(answer["config"]).layers:
            calls = answer["layers"].get(layer.name)
            if calls is None:
                assert layer.class_name == "InputLayer"  # of a Sequential, which does not list it
                continue
            assert outputs(layer) == calls[0], (layer.class_name, layer.name, layer.shape_note)
            n_compared += 1
    assert n_compared > 60


@cache
def models_of_corpus() -> list[tuple[Path, JSON]]:
    """Configurations without code of their own; Keras would have to run that."""
    found = []
    for path in sorted([*CORPUS.glob("keras_h5/*"), *CORPUS.glob("keras_v3/*")]):
        try:
            file = decoded(path)
        except H5ViewerError:
            continue
        is_plain = not any(code.kind in ("lambda", "pickle") for code in file.architecture.code)
        if file.architecture.class_name is not None and is_plain:
            config = opened(path, lambda each: parsed_config(each, find_places(each), []))
            found.append((path, config))
    return found


@pytest.mark.skipif(not CORPUS.exists(), reason="the collection of real files is not here")
def test_real_networks_are_as_keras_builds_them(answers: Answers) -> None:
    """Output shapes and parameters of every file of the corpus that this Keras can load."""
    n_loaded = 0
    for (path, _), answer in zip(models_of_corpus(), answers.corpus, strict=True):
        if "error" in answer:
            continue
        n_loaded += 1
        file = decoded(path)
        assert file.architecture.parameters.total == answer["parameters"], path.name
        for layer in file.layers:
            theirs = answer["layers"].get(layer.name)
            if theirs is None:
                assert layer.class_name == "InputLayer", (path.name, layer.name)
                continue
            shape = layer.output_shape
            assert shape is not None, (path.name, layer.name, layer.shape_note)
            is_several = any(isinstance(axis, tuple) for axis in shape)
            ours = [list(axis or ()) for axis in shape] if is_several else [list(shape)]
            assert ours in theirs["outputs"], (path.name, layer.name)
    assert n_loaded >= 25
