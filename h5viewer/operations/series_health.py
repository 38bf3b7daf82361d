"""The health of a run: the report of every file, and since when what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing

from h5viewer.errors import H5ViewerError
from h5viewer.formats.container import Unopened
from h5viewer.nodes import (
    FindingCourse,
    HealthFinding,
    HealthReport,
    SeriesHealth,
    StepChecked,
)
from h5viewer.nodes.health import Gravity
from h5viewer.operations import Operation
from h5viewer.operations.health import check_health
from h5viewer.requests import CheckHealth, CheckSeries, Progress

MOST_COURSES = 2000
"""Findings that are told; the gravest."""

_GRAVITIES: tuple[Gravity, ...] = ("serious", "warning", "note")

_What = tuple[str, str, str]
"""Kind, layer, weight."""


def check_series(request: CheckSeries, *files: Unopened) -> Operation[SeriesHealth]:
    """File by file, each closed before the next is opened; one that is damaged is told as such."""
    found: dict[_What, list[tuple[int, HealthFinding]]] = {}
    steps: list[StepChecked] = []
    for step, file in enumerate(files):
        try:
            report = yield from _report(request, file, step, len(files))
        except H5ViewerError as error:
            checked = StepChecked(
                step=step, n_serious=0, n_warnings=0, n_notes=0, problem=error.message
            )
        else:
            checked = _checked(step, report.findings)
            for finding in report.findings:
                what = (finding.kind, finding.layer, finding.weight)
                found.setdefault(what, []).append((step, finding))
        steps.append(checked)
        yield checked
    courses = sorted((_course(each) for each in found.values()), key=_rank)
    return SeriesHealth(steps=tuple(steps), findings=tuple(courses[:MOST_COURSES]))


def _report(
    request: CheckSeries, file: Unopened, step: int, n_steps: int
) -> Operation[HealthReport]:
    with closing(file.open()) as container:
        operation = check_health(CheckHealth(document=request.document), container)
        while True:
            try:
                part = next(operation)
            except StopIteration as end:
                report: HealthReport = end.value
                return report
            if isinstance(part, Progress):
                yield Progress(done=step, total=n_steps, unit="files")


def _checked(step: int, findings: Sequence[HealthFinding]) -> StepChecked:
    counts = Counter(finding.gravity for finding in findings)
    return StepChecked(
        step=step,
        n_serious=counts["serious"],
        n_warnings=counts["warning"],
        n_notes=counts["note"],
    )


def _course(found: Sequence[tuple[int, HealthFinding]]) -> FindingCourse:
    by_step = dict(found)  # of several in one step the last
    gravest = min(
        (finding for _, finding in found), key=lambda each: _GRAVITIES.index(each.gravity)
    )
    return FindingCourse(
        gravity=gravest.gravity,
        kind=gravest.kind,
        title=gravest.title,
        layer=gravest.layer,
        weight=gravest.weight,
        steps=tuple(by_step),
        messages=(found[0][1].message, found[-1][1].message),
    )


def _rank(course: FindingCourse) -> tuple[int, int, int, str]:
    return (_GRAVITIES.index(course.gravity), course.steps[0], -len(course.steps), course.layer)
