"""Weights, health and pictures through the files of a run."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from checkpoint_files import write_bundle
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.container import Unopened
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import (
    Part,
    SeriesHealth,
    SeriesSurvey,
    SeriesWeight,
    SeriesWeights,
    StepChecked,
    StepPlane,
    WeightCourse,
    WeightCourses,
)
from h5viewer.operations import drift
from h5viewer.operations.table import OPERATIONS
from h5viewer.requests import CheckSeries, Cut, Progress, ReadSeriesPlane, SurveySeries
from h5viewer.workers.pool import Pool, ask

Weights = dict[str, NDArray[Any]]
"""By layer/name."""


def write(path: Path, weights: Weights, **options: Any) -> Path:
    """A file of weights as tf.keras writes it."""
    layers: dict[str, list[str]] = {}
    for name in weights:
        layers.setdefault(name.split("/")[0], []).append(name)
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array(list(layers), dtype="S")
        file.attrs["backend"] = b"tensorflow"
        file.attrs["keras_version"] = b"2.9.0"
        for layer, names in layers.items():
            group = file.create_group(layer)
            group.attrs["weight_names"] = np.array([f"{name}:0" for name in names], dtype="S")
            for name in names:
                group.create_dataset(f"{name}:0", data=weights[name], **options)
    return path


def asked(paths: Sequence[Path], kind: type, **wishes: Any) -> tuple[list[Any], Any]:
    """All parts and the result, as a worker asks."""
    with ExitStack() as stack:
        sources = [stack.enter_context(Source(str(path))) for path in paths]
        request = kind(document=str(paths[0]), others=tuple(map(str, paths[1:])), **wishes)
        files = [Unopened(source, partial(open_container, source)) for source in sources]
        steps = OPERATIONS[kind](request, *files)
        parts = []
        while True:
            try:
                part = next(steps)
            except StopIteration as end:
                return parts, end.value
            if not isinstance(part, Progress):
                parts.append(part)


def surveyed(
    paths: Sequence[Path],
) -> tuple[dict[str, SeriesWeight], dict[str, WeightCourse], SeriesSurvey]:
    """Rows and courses by layer/name."""
    parts, result = asked(paths, SurveySeries)
    rows = [row for part in parts if isinstance(part, SeriesWeights) for row in part.weights]
    courses = [each for part in parts if isinstance(part, WeightCourses) for each in part.courses]
    assert [course.row for course in courses] == list(range(len(rows)))
    names = [f"{row.layer}/{row.name}" for row in rows]
    return dict(zip(names, rows, strict=True)), dict(zip(names, courses, strict=True)), result


def run_of(n_steps: int, n: int = 300) -> list[Weights]:
    random = np.random.default_rng(1)
    kernel, bias = random.standard_normal((n, 40)), random.standard_normal(40)
    found = []
    for _ in range(n_steps):
        kernel = kernel + 0.01 * random.standard_normal(kernel.shape)
        bias = bias * 0.9
        found.append({"dense/kernel": kernel.astype("f4"), "dense/bias": bias.astype("f4")})
    return found


def check(course: WeightCourse, values: Sequence[NDArray[Any]], relative: float = 2e-6) -> None:
    """A course is what numpy says in double precision."""
    exact = [value.astype(np.float64) for value in values]

    def norms(others: Sequence[NDArray[Any]]) -> list[float]:
        return [float(np.linalg.norm(a - b)) for a, b in zip(exact, others, strict=True)]

    near = partial(pytest.approx, rel=relative, abs=1e-12)
    assert course.reason == ""
    assert list(course.norms) == near([np.linalg.norm(value) for value in exact])
    for mean, value in zip(course.means, exact, strict=True):
        assert mean == pytest.approx(value.mean(), abs=1e-6 * value.std())
    assert list(course.stds) == near([value.std() for value in exact])
    assert list(course.minima) == [value.min() for value in exact]
    assert list(course.maxima) == [value.max() for value in exact]
    assert list(course.from_first) == near(norms([exact[0]] * len(exact)))
    assert list(course.from_previous) == near(norms([exact[0], *exact[:-1]]))
    assert list(course.from_last) == near(norms([exact[-1]] * len(exact)))


@pytest.mark.parametrize(
    "options", [{}, {"compression": "gzip"}, {"chunks": True, "shuffle": True}], ids=str
)
@pytest.mark.parametrize("n", [300, 6000])  # one piece, several
def test_numbers_are_those_of_numpy(tmp_path: Path, n: int, options: dict[str, Any]) -> None:
    run = run_of(4, n)
    paths = [
        write(tmp_path / f"w-{step}.h5", weights, **options) for step, weights in enumerate(run)
    ]
    rows, courses, result = surveyed(paths)
    for name, course in courses.items():
        check(course, [weights[name] for weights in run])
    assert rows["dense/kernel"].shape == (n, 40)
    assert result.n_bytes == 4 * 4 * (40 * n + 40)
    assert result.problems == ()


@pytest.mark.parametrize("dtype", ["f8", "f2", ">f4", "i4"])
def test_other_types_are_followed_too(tmp_path: Path, dtype: str) -> None:
    values = [(100 * weights["dense/kernel"]).astype(dtype) for weights in run_of(3)]
    paths = [
        write(tmp_path / f"w-{step}.h5", {"dense/kernel": value})
        for step, value in enumerate(values)
    ]
    _, courses, _ = surveyed(paths)
    check(courses["dense/kernel"], values)


@pytest.mark.parametrize("factor", [1e-25, 1e25])
def test_tiny_and_huge_numbers_have_norms(tmp_path: Path, factor: float) -> None:
    """Their squares are no numbers of 32 bits."""
    values = [(weights["dense/kernel"] * factor).astype("f4") for weights in run_of(3)]
    paths = [
        write(tmp_path / f"w-{step}.h5", {"dense/kernel": value})
        for step, value in enumerate(values)
    ]
    _, courses, _ = surveyed(paths)
    assert courses["dense/kernel"].from_first[2] == pytest.approx(
        np.linalg.norm(values[2].astype("f8") - values[0]), rel=1e-5, abs=0
    )


def test_spread_far_from_zero_keeps_its_digits() -> None:
    """A variance around 1 that hardly differs: what batch normalisations learn."""
    values = (1 + 1e-4 * np.random.default_rng(0).standard_normal(50_000)).astype("f4")
    sums = drift.follow([True], lambda _step, _room: values)
    std = np.sqrt(sums[0, drift.SCATTER] / values.size)
    assert std == pytest.approx(values.astype("f8").std(), rel=1e-4)


def test_numbers_that_are_none_are_counted_and_left_out(tmp_path: Path) -> None:
    run = run_of(3)
    run[1]["dense/kernel"][:2, :2] = np.nan
    run[1]["dense/bias"][:] = np.inf
    paths = [write(tmp_path / f"w-{step}.h5", weights) for step, weights in enumerate(run)]
    _, courses, _ = surveyed(paths)
    kernel, bias = courses["dense/kernel"], courses["dense/bias"]
    assert kernel.n_not_finite == (0, 4, 0)
    finite = np.isfinite(run[1]["dense/kernel"])
    apart = (run[2]["dense/kernel"].astype("f8") - run[1]["dense/kernel"])[finite]
    assert kernel.from_previous[2] == pytest.approx(np.linalg.norm(apart), rel=2e-6)
    assert bias.n_not_finite == (0, 40, 0)
    assert np.isnan([bias.norms[1], bias.means[1], bias.minima[1]]).all()


def test_layers_that_got_other_numbers_are_the_same_weights(tmp_path: Path) -> None:
    run = run_of(3)
    paths = [
        write(
            tmp_path / f"w-{step}.h5",
            {name.replace("dense", f"dense_{step}"): value for name, value in weights.items()},
        )
        for step, weights in enumerate(run)
    ]
    rows, courses, _ = surveyed(paths)
    check(courses["dense_0/kernel"], [weights["dense/kernel"] for weights in run])
    assert rows["dense_0/kernel"].paths[2] == (b"dense_2", b"dense_2", b"kernel:0")


def test_weight_that_a_file_lacks_costs_its_step_only(tmp_path: Path) -> None:
    run = run_of(4)
    del run[2]["dense/bias"]
    run[1]["dense/bias"] = np.zeros(7, "f4")  # another shape
    paths = [write(tmp_path / f"w-{step}.h5", weights) for step, weights in enumerate(run)]
    rows, courses, _ = surveyed(paths)
    assert [path is None for path in rows["dense/bias"].paths] == [False, True, True, False]
    bias = courses["dense/bias"]
    assert np.isnan(bias.norms).tolist() == [False, True, True, False]
    apart = np.linalg.norm(run[3]["dense/bias"].astype("f8") - run[0]["dense/bias"])
    assert bias.from_previous[3] == pytest.approx(
        apart, rel=2e-6
    )  # from the one before that has it
    check(courses["dense/kernel"], [weights["dense/kernel"] for weights in run])


def test_damaged_file_is_told_and_left_out(tmp_path: Path) -> None:
    run = run_of(3)
    paths = [write(tmp_path / f"w-{step}.h5", weights) for step, weights in enumerate(run)]
    os.truncate(paths[1], 3000)
    _, courses, result = surveyed(paths)
    (problem,) = result.problems
    assert "w-1.h5" in problem
    kernel = courses["dense/kernel"]
    assert np.isnan(kernel.norms).tolist() == [False, True, False]
    with pytest.raises(CannotRead, match=r"w-1\.h5"):
        asked([paths[1], paths[1]], SurveySeries)


def test_checkpoints_of_tensorflow_are_a_run(tmp_path: Path) -> None:
    values = [weights["dense/kernel"] for weights in run_of(3)]
    paths = [
        write_bundle(tmp_path / f"cp-{step}", {"dense/kernel": value})
        for step, value in enumerate(values)
    ]
    _, courses, _ = surveyed(paths)
    check(courses["dense/kernel"], values)


def test_a_confined_worker_opens_the_files_by_itself(tmp_path: Path, pool: Pool) -> None:
    run = run_of(4)
    paths = [
        write(tmp_path / f"w-{step}.h5", weights, **({"compression": 1} if step == 2 else {}))
        for step, weights in enumerate(run)
    ]
    os.truncate(paths[1], 3000)
    first, *others = map(str, paths)
    courses: list[WeightCourse] = []

    def keep(part: Part) -> None:
        if isinstance(part, WeightCourses):
            courses.extend(part.courses)

    found = ask(pool, SurveySeries(document=first, others=tuple(others)), keep)
    assert isinstance(found, SeriesSurvey)
    assert len(found.problems) == 1
    apart = np.linalg.norm(run[3]["dense/kernel"].astype("f8") - run[0]["dense/kernel"])
    assert courses[0].from_first[3] == pytest.approx(apart, rel=2e-6)
    assert np.isnan(courses[0].norms).tolist() == [False, True, False, False]


def test_health_says_since_when(tmp_path: Path) -> None:
    run = run_of(4)
    for weights in run[2:]:
        weights["dense/bias"][3] = np.nan
    paths = [write(tmp_path / f"w-{step}.h5", weights) for step, weights in enumerate(run)]
    os.truncate(paths[1], 3000)
    parts, result = asked(paths, CheckSeries)
    assert isinstance(result, SeriesHealth)
    worst = result.findings[0]
    assert (worst.gravity, worst.kind, worst.layer, worst.steps) == (
        "serious", "nan", "dense", (2, 3),
    )  # fmt: skip
    told = [part for part in parts if isinstance(part, StepChecked)]
    assert tuple(told) == result.steps
    assert [step.n_serious for step in told] == [0, 0, 1, 1]
    assert [bool(step.problem) for step in told] == [False, True, False, False]


def test_picture_of_a_weight_comes_for_every_step_that_is_asked_for(tmp_path: Path) -> None:
    run = run_of(3)
    paths = [write(tmp_path / f"w-{step}.h5", weights) for step, weights in enumerate(run)]
    rows, _, _ = surveyed(paths)
    nodes = [path or () for path in rows["dense/kernel"].paths]
    nodes[1] = ()
    parts, last = asked(
        paths, ReadSeriesPlane, nodes=tuple(nodes), steps=(2, 1, 0), cut=Cut(rows=0, columns=1)
    )
    found = [*parts, last]
    assert all(isinstance(each, StepPlane) for each in found)
    assert [each.step for each in found] == [2, 1, 0]
    assert np.array_equal(found[0].plane.values.values, run[2]["dense/kernel"])
    assert np.array_equal(found[2].plane.values.values, run[0]["dense/kernel"])
    assert found[1].plane is None
    assert found[1].reason == "This file does not have the weight."
    with pytest.raises(CannotRead):
        asked(paths, ReadSeriesPlane, nodes=tuple(nodes), steps=(3,), cut=Cut(rows=0, columns=1))
