"""A pool without workers: a function of each kind of request answers it, or lets it wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from h5viewer.nodes import (
    Answer,
    Array,
    Diagnosis,
    Document,
    Evidence,
    Group,
    Identity,
    LoadedNetwork,
    NetworkInput,
    NetworkOutput,
    Prediction,
    Recipe,
    Score,
)
from h5viewer.requests import DiagnoseNetwork, LoadNetwork, Predict, Request

WAIT = object()
"""The request waits until `AnsweringPool.release`."""

UNIT = Recipe(name="unit", title="0 to 1", factor=1 / 255)
RAW = Recipe(name="raw", title="0 to 255")
PIXELS = Array.of(np.full((4, 4, 3), 128, np.uint8))


class _Job:
    def __init__(self, listener: Any) -> None:
        self._listener = listener
        self.is_over = False

    def end(self, outcome: object) -> None:
        if not self.is_over:
            self.is_over = True
            self._listener.ended(outcome)

    def cancel(self) -> None:
        self.end(None)


class AnsweringPool:
    """`answers[type]` gives the result, an error, (parts, result) or WAIT."""

    def __init__(self, **answers: Callable[[Any], object]) -> None:
        self.answers: dict[str, Callable[[Any], object]] = {
            "DiagnoseNetwork": lambda _: Diagnosis(findings=(), loads=True),
            "LoadNetwork": lambda _: network(),
            "Predict": lambda _: prediction(),
            **answers,
        }
        self.asked: list[Request] = []
        self.forgotten: list[str] = []
        self._waiting: list[tuple[_Job, Any]] = []

    def submit(self, request: Request, listener: Any) -> _Job:
        self.asked.append(request)
        job = _Job(listener)
        self._answer(job, listener, self.answers[type(request).__name__](request))
        return job

    def warm_network(self, document: str = "") -> None:
        pass

    def forget(self, path: str) -> None:
        self.forgotten.append(path)

    def release(self, outcome: object) -> None:
        """The oldest request that waits comes to this."""
        job, listener = self._waiting.pop(0)
        self._answer(job, listener, outcome)

    def of(self, kind: type) -> list[Any]:
        """What was asked of this kind."""
        return [request for request in self.asked if isinstance(request, kind)]

    @property
    def predictions(self) -> list[Predict]:
        return self.of(Predict)

    @property
    def loadings(self) -> list[LoadNetwork]:
        return self.of(LoadNetwork)

    @property
    def diagnoses(self) -> list[DiagnoseNetwork]:
        return self.of(DiagnoseNetwork)

    def _answer(self, job: _Job, listener: Any, outcome: Any) -> None:
        if isinstance(outcome, tuple):
            parts, outcome = outcome
            for part in parts:
                listener.delivered(part)
        if outcome is WAIT:
            self._waiting.append((job, listener))
        else:
            job.end(outcome)


def document(path: str = "/models/digits.h5", *, inode: int = 1) -> Document:
    return Document(
        path=path,
        format="keras-h5",
        identity=Identity(device=1, inode=inode, size=10, mtime_ns=0),
        root=Group(path=()),
        has_architecture=True,
    )


def network(**changes: Any) -> LoadedNetwork:
    known: dict[str, Any] = {
        "inputs": (picture_input(),),
        "outputs": (NetworkOutput(name="digit", shape=(None, 3), kind="softmax", n_classes=3),),
        "recipes": (UNIT, RAW),
        "evidence": (Evidence(recipe="unit", message="A layer says 0 to 1.", weight=0.9),),
        "architecture_hash": "a1",
    }
    return LoadedNetwork(**(known | changes))


def picture_input(name: str = "picture") -> NetworkInput:
    return NetworkInput(
        name=name, shape=(None, 4, 4, 3), dtype="float32", kind="picture",
        layout="rows-columns-channels", rows=4, columns=4, channels=3,
    )  # fmt: skip


def numbers_input(name: str = "numbers") -> NetworkInput:
    return NetworkInput(name=name, shape=(None, 4), dtype="float32", kind="values")


def softmax(*shares: float, name: str = "digit") -> Answer:
    best = sorted(range(len(shares)), key=lambda index: -shares[index])
    return Answer(
        name=name,
        kind="softmax",
        shape=(len(shares),),
        top=tuple(Score(index=index, score=shares[index]) for index in best),
    )


def prediction(*answers: Answer, **changes: Any) -> Prediction:
    known: dict[str, Any] = {
        "answers": answers or (softmax(0.1, 0.7, 0.2),),
        "recipe": UNIT,
        "seconds": 0.012,
        "pictures": (PIXELS,),
        "seen": (PIXELS,),
        "ranges": ((0.0, 1.0),),
    }
    return Prediction(**(known | changes))
