"""The JSON of `h5v info --json`, exactly as the README documents it: `from json_shape import ...`.

Every key is there, no other is, and each value has its type.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Axis = int | None | list[int | None]


class Exact(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """No key may be missing: none has a default."""


class File(Exact, frozen=True):
    path: str
    bytes: int
    format: Literal[
        "hdf5",
        "keras-h5",
        "keras-h5-weights",
        "keras-archive",
        "keras-weights",
        "tf-checkpoint",
        "tf-graph",
    ]
    keras_version: str | None
    backend: str | None


class Weight(Exact, frozen=True):
    name: str
    path: str | None
    shape: list[int] | None
    dtype: str


class Layer(Exact, frozen=True):
    name: str
    class_name: str | None
    parameters: int
    trainable: bool | None
    inputs: list[str]
    output_shape: list[Axis] | None
    flops: int | None
    weights: list[Weight]
    layers: list[Layer]


class Parameters(Exact, frozen=True):
    total: int
    trainable: int
    non_trainable: int


class Architecture(Exact, frozen=True):
    class_name: str | None
    name: str | None
    layers: list[Layer]
    parameters: Parameters
    flops: int | None


class Optimizer(Exact, frozen=True):
    class_name: str
    config: Any


class OptimizerState(Exact, frozen=True):
    variables: int
    bytes: int


class Training(Exact, frozen=True):
    loss: Any
    metrics: Any
    optimizer: Optimizer | None
    optimizer_state: OptimizerState


class Code(Exact, frozen=True):
    layer: str
    kind: str
    computes: str | None
    names: list[str]


class DataSet(Exact, frozen=True):
    path: str
    split: Literal["training", "validation", "test"] | None
    pictures: int
    height: int
    width: int
    channels: int
    dtype: str
    labels: str | None
    classes: dict[str, int]
    unlabelled: int


class Problem(Exact, frozen=True):
    where: str
    message: str


class Answer(Exact, frozen=True):
    """Of a file that was opened."""

    file: File
    architecture: Architecture | None
    training: Training | None
    code: list[Code]
    data_sets: list[DataSet]
    problems: list[Problem]


class Reason(Exact, frozen=True):
    message: str
    hint: str


class Refusal(Exact, frozen=True):
    """Of a file that was refused."""

    error: Reason


def checked_answer(text: str) -> Answer:
    """The answer, if it has the documented shape and adds up.

    Raises:
        msgspec.ValidationError: a key is missing, another is there, a value has another type.
    """
    answer = msgspec.json.decode(text, type=Answer)
    if answer.architecture is not None:
        parameters = answer.architecture.parameters
        assert parameters.total == parameters.trainable + parameters.non_trainable
        assert min(parameters.trainable, parameters.non_trainable) >= 0
    if answer.file.format.endswith("weights") and answer.architecture is not None:
        assert {layer.class_name for layer in answer.architecture.layers} <= {None}
    for each in answer.data_sets:
        assert each.pictures == sum(each.classes.values()) + each.unlabelled
    for problem in answer.problems:
        assert problem.message.endswith("."), problem.message
    assert len(set(answer.problems)) == len(answer.problems)
    return answer


def checked_refusal(text: str) -> Refusal:
    """The refusal, if it has the documented shape: a sentence, and perhaps what to do.

    Raises:
        msgspec.ValidationError: a key is missing, another is there, a value has another type.
    """
    refusal = msgspec.json.decode(text, type=Refusal)
    assert refusal.error.message.endswith(".")
    assert "\n" not in refusal.error.message
    assert refusal.error.hint == "" or refusal.error.hint.endswith(".")
    return refusal
