"""Findings in batch normalisations: variances that are none, channels without a signal."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h5viewer.documents.health import kinds
from h5viewer.documents.health import thresholds as limits
from h5viewer.documents.health.kinds import of_weight
from h5viewer.documents.health.measured import Measured
from h5viewer.documents.health.subject import Subject
from h5viewer.documents.health.units import gravity_of
from h5viewer.nodes import Gravity, HealthFinding
from h5viewer.wording import count_text, plural

_DEFAULT_EPSILON = 1e-3  # keras/src/layers/normalization/batch_normalization.py


def moving_variance(measured: Measured) -> Iterator[HealthFinding]:
    """Negative, or so small that the channel was constant."""
    subject, values = measured.subject, measured.sample
    if subject.role != "moving_variance" or values is None or not values.size:
        return
    channels = plural(values.size, "channel")
    n_negative = int(np.count_nonzero(values < limits.VARIANCE_NEGATIVE.value))
    lowest = measured.counted.low
    if n_negative:
        message = (
            f"The variance of {count_text(n_negative)} of {channels} is negative; "
            f"the lowest is {lowest:.4g}."
        )
        gravity: Gravity = "serious" if lowest <= -_epsilon(subject) else "warning"
        yield of_weight(
            kinds.VARIANCE_NEGATIVE, gravity, subject, lowest, limits.VARIANCE_NEGATIVE, message
        )
    small = (values >= 0) & (values < limits.VARIANCE_SMALL.value)
    n_small = int(np.count_nonzero(small))
    if n_small:
        smallest = float(values[small].min())
        message = (
            f"The variance of {count_text(n_small)} of {channels} is nearly zero; "
            f"the smallest is {smallest:.3g}."
        )
        yield of_weight(
            kinds.VARIANCE_SMALL,
            gravity_of(n_small, values.size),
            subject,
            smallest,
            limits.VARIANCE_SMALL,
            message,
        )


def _epsilon(subject: Subject) -> float:
    """What the layer adds to the variance before it takes the root."""
    stated = subject.declared.config.get("epsilon") if subject.declared is not None else None
    return float(stated) if isinstance(stated, int | float) else _DEFAULT_EPSILON
