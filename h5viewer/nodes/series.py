"""A run of training as the files it left: its steps, its metrics, how weights went through it.

Steps are numbered by their place in the run from 0 on; their epochs are `SeriesStep.number`.
"""

from __future__ import annotations

from typing import Literal

from h5viewer.names import NodePath
from h5viewer.nodes.base import Shape, Value
from h5viewer.nodes.health import Gravity
from h5viewer.nodes.values import Plane

Direction = Literal["min", "max"]
"""Which value of a metric is the best."""

Unit = Literal["epoch", "step", "version", "hour"]
"""What the numbers in the names of files count."""


class Metric(Value, frozen=True, kw_only=True):
    """What the name of a file says of its step."""

    name: str  # "val_acc"; of numbers without a name: "metric", "metric 2"
    value: float


class SeriesStep(Value, frozen=True, kw_only=True):
    """The network as it was saved once."""

    document: str  # absolute path of the file to open; of a checkpoint its index
    files: tuple[str, ...]  # absolute paths of all that belong to it, with `document`
    number: int | None  # the epoch or step; None: its name states none ("weights-best.h5")
    metrics: tuple[Metric, ...] = ()
    n_bytes: int = 0  # of all files
    mtime: float = 0.0  # seconds since 1970, of the newest of them


class MetricCurve(Value, frozen=True, kw_only=True):
    """One metric over the run, by number."""

    name: str
    points: tuple[tuple[float, float], ...]  # epoch or step, value
    direction: Direction | None = None  # guessed from its name and course; None: cannot be
    source: str = ""  # the file it was read from; "": the names of the run's files


class Series(Value, frozen=True, kw_only=True):
    """Files that one run of training left, oldest first.

    `latest` is the place of the step that a `checkpoint` file names, or of the one with the
    largest number.
    """

    name: str  # what the names have in common: "weights", or the folder's name
    folder: str  # absolute
    steps: tuple[SeriesStep, ...]
    curves: tuple[MetricCurve, ...] = ()  # of names first, then of files beside them
    unit: Unit = "epoch"
    latest: int = 0
    notes: tuple[str, ...] = ()  # sentences: "2 files are still being written."


class SeriesWeight(Value, frozen=True, kw_only=True):
    """One weight of the network, in every file of a run."""

    layer: str
    name: str
    shape: Shape
    dtype: str
    paths: tuple[NodePath | None, ...]  # one a step; None: that file has no such weight


class SeriesWeights(Value, frozen=True, kw_only=True):
    """Rows, in the order of the layers; `WeightCourse.row` counts them from 0 on."""

    weights: tuple[SeriesWeight, ...]


class WeightCourse(Value, frozen=True, kw_only=True):
    """How one weight went through the run: a number a step in each list; NaN: there is none.

    Numbers are over finite values; distances are norms of differences, over values that are
    finite in both. Relative to the weight: divided by `norms[0]`.
    """

    row: int
    minima: tuple[float, ...]
    maxima: tuple[float, ...]
    means: tuple[float, ...]
    stds: tuple[float, ...]
    norms: tuple[float, ...]
    n_not_finite: tuple[int, ...]
    from_first: tuple[float, ...]
    from_previous: tuple[float, ...]  # of the first step 0
    from_last: tuple[float, ...]
    reason: str = ""  # why there are no numbers at all: a sentence


class WeightCourses(Value, frozen=True, kw_only=True):
    """Part of the courses; in the end there is one a row."""

    courses: tuple[WeightCourse, ...]


class SeriesSurvey(Value, frozen=True, kw_only=True):
    """What follows the last part."""

    n_weights: int
    n_bytes: int  # of values that were read
    problems: tuple[str, ...] = ()  # files that were left out and why, in sentences


class FindingCourse(Value, frozen=True, kw_only=True):
    """One kind of finding in one weight or layer, over the run."""

    gravity: Gravity  # the gravest of all steps
    kind: str  # as in `HealthFinding`
    title: str
    layer: str
    weight: str
    steps: tuple[int, ...]  # where it was found, ascending
    messages: tuple[str, str]  # of the first of these and of the last


class StepChecked(Value, frozen=True, kw_only=True):
    """A step whose health is known: how many findings of which gravity."""

    step: int
    n_serious: int
    n_warnings: int
    n_notes: int
    problem: str = ""  # why it could not be looked at: a sentence


class SeriesHealth(Value, frozen=True, kw_only=True):
    """The health reports of a run in one: the gravest first, then what began earliest."""

    steps: tuple[StepChecked, ...]
    findings: tuple[FindingCourse, ...] = ()


class StepPlane(Value, frozen=True, kw_only=True):
    """A picture of a weight at one step; `ReadSeriesPlane` brings several, one after the other."""

    step: int
    plane: Plane | None = None
    reason: str = ""  # why there is none: a sentence
