"""Findings in single values: NaN, infinity, what float16 cannot hold, few levels."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h5viewer.documents.health import kinds
from h5viewer.documents.health import thresholds as limits
from h5viewer.documents.health.kinds import of_weight
from h5viewer.documents.health.measured import Measured
from h5viewer.nodes import HealthFinding
from h5viewer.wording import count_text, share_text

_ENOUGH = 1000  # values, before few different ones mean anything


def not_finite(measured: Measured) -> Iterator[HealthFinding]:
    """NaN and infinity."""
    counted = measured.counted
    total = count_text(counted.count)
    for kind, n, what in (
        (kinds.NAN, counted.n_nan, "NaN"),
        (kinds.INFINITE, counted.n_infinite, "infinite"),
    ):
        if n > limits.NOT_FINITE.value:
            verb = "is" if n == 1 else "are"
            message = f"{count_text(n)} of {total} values {verb} {what}."
            yield of_weight(kind, "serious", measured.subject, n, limits.NOT_FINITE, message)


def float16(measured: Measured) -> Iterator[HealthFinding]:
    """What 16-bit floats turn into infinity or zero."""
    counted, subject = measured.counted, measured.subject
    if counted.n_overflow:
        limit = limits.FLOAT16_LARGEST
        message = (
            f"{count_text(counted.n_overflow)} of {count_text(counted.count)} values are beyond "
            f"±{limit.value:,.0f}; the largest is {counted.largest:.4g}."
        )
        yield of_weight(kinds.FLOAT16_OVERFLOW, "warning", subject, counted.largest, limit, message)
    n_not_zero = counted.n_finite - counted.n_zero
    if subject.is_matrix and n_not_zero >= _ENOUGH:
        share = counted.n_lost / n_not_zero
        if share > limits.FLOAT16_LOST.value:
            message = (
                f"{share_text(counted.n_lost, n_not_zero)} of the values that are not zero are "
                "below 0.00000003, zero in 16-bit floats."
            )
            yield of_weight(
                kinds.FLOAT16_LOST, "note", subject, share, limits.FLOAT16_LOST, message
            )


def large_values(measured: Measured) -> Iterator[HealthFinding]:
    """Weights that are learnt and beyond any usual size, if float16 could still hold them."""
    counted, subject = measured.counted, measured.subject
    is_learnt = subject.is_matrix or subject.role in ("bias", "gamma", "beta")
    if is_learnt and limits.LARGE.value < counted.largest <= limits.FLOAT16_LARGEST.value:
        message = f"The largest value is {counted.largest:,.6g}."
        yield of_weight(
            kinds.LARGE_VALUES, "warning", subject, counted.largest, limits.LARGE, message
        )


def few_values(measured: Measured) -> Iterator[HealthFinding]:
    """Kernels that hold a few levels only."""
    sample, subject = measured.sample, measured.subject
    if not subject.is_matrix or sample is None or sample.size < _ENOUGH:
        return
    if measured.counted.low == measured.counted.high:
        return  # constant: said elsewhere
    n_levels = int(np.unique(sample[:_MOST_SORTED]).size)
    n_looked_at = min(sample.size, _MOST_SORTED)
    if n_levels <= min(limits.FEW_VALUES.value, n_looked_at / 4):
        message = (
            f"Only {count_text(n_levels)} different values among {count_text(n_looked_at)} "
            "looked at."
        )
        yield of_weight(kinds.FEW_VALUES, "note", subject, n_levels, limits.FEW_VALUES, message)


_MOST_SORTED = 50_000
