"""Layers whose weights are out of scale beside layers of their kind."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

import msgspec

from h5viewer.documents.health import kinds
from h5viewer.documents.health import thresholds as limits
from h5viewer.documents.health.kinds import of_weight
from h5viewer.documents.health.measured import Measured
from h5viewer.documents.health.subject import Subject
from h5viewer.nodes import HealthFinding

_FEWEST = 3  # of a kind, before one can be out of line


class Scale(msgspec.Struct, frozen=True):
    """How strong a kernel is: root mean square times sqrt(fan in)."""

    subject: Subject
    gain: float


def scale_of(measured: Measured) -> Scale | None:
    """Of kernels that are neither zero nor empty."""
    subject = measured.subject
    is_kernel = subject.is_matrix and "token" not in subject.weight.axes
    return Scale(subject, measured.gain) if is_kernel and measured.gain > 0 else None


def out_of_scale(scales: Sequence[Scale]) -> Iterator[HealthFinding]:
    """Beside the median of like kernels; of all, where there are too few alike."""
    alike: dict[tuple[str, int], list[Scale]] = {}
    for scale in scales:
        alike.setdefault((scale.subject.role, len(scale.subject.shape)), []).append(scale)
    for group in alike.values():
        others = group if len(group) >= _FEWEST else scales
        if len(others) < _FEWEST:
            continue
        median = statistics.median(scale.gain for scale in others)
        for scale in group:
            yield from _judged(scale, median, len(others), is_alike=others is group)


def _judged(scale: Scale, median: float, n: int, *, is_alike: bool) -> Iterator[HealthFinding]:
    ratio = scale.gain / median
    limit = limits.SCALE_RATIO.value
    if 1 / limit <= ratio <= limit:
        return
    times = f"{ratio:,.0f} times" if ratio > 1 else f"1/{1 / ratio:,.0f} of"
    kernels = f"{n} kernels of its kind" if is_alike else f"all {n} kernels"
    message = f"Its scale is {scale.gain:.3g}, {times} the median of {kernels} here ({median:.3g})."
    yield of_weight(
        kinds.WEIGHT_SCALE, "warning", scale.subject, ratio, limits.SCALE_RATIO, message
    )
