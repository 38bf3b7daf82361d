"""How many directions a kernel really uses."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from h5viewer.documents.health import kinds
from h5viewer.documents.health import thresholds as limits
from h5viewer.documents.health.kinds import of_weight
from h5viewer.documents.health.measured import Measured
from h5viewer.documents.health.units import is_dead
from h5viewer.nodes import HealthFinding
from h5viewer.wording import plural

MOST_SIDE = 512
"""Rows or columns of the matrix whose singular values are computed; more are thinned."""

_MOST_ROWS = 4096
_FEWEST = 16  # full rank, before a low one means anything


def low_rank(measured: Measured) -> Iterator[HealthFinding]:
    """Effective rank of the kernel as a matrix (values of a unit, units)."""
    kept, subject = measured.kept, measured.subject
    if kept is None or subject.is_depthwise or measured.counted.rms == 0:
        return
    share = rank_share(kept[:, ~is_dead(measured)])
    if share is None or share[0] >= limits.RANK_SHARE.value:
        return
    part, full = share
    message = (
        f"Its effective rank is {part * full:.1f} of {full}, {100 * part:.1f} % "
        f"({plural(subject.n_units, subject.unit_word)})."
    )
    yield of_weight(kinds.LOW_RANK, "warning", subject, part, limits.RANK_SHARE, message)


def rank_share(matrix: np.ndarray) -> tuple[float, int] | None:
    """Effective rank as a share of the full rank, and the full rank; None: too small to tell.

    exp(entropy of the singular values divided by their sum), Roy & Vetterli 2007. Of larger
    matrices a part is looked at, rows and columns spread evenly.
    """
    rows, columns = matrix.shape
    if min(rows, columns) < _FEWEST:
        return None
    longest, shortest = (_MOST_ROWS, MOST_SIDE) if rows > columns else (MOST_SIDE, _MOST_ROWS)
    part = matrix[:: -(-rows // longest), :: -(-columns // shortest)].astype(np.float64)
    if not np.isfinite(part).all():
        return None
    largest = float(np.abs(part).max())
    if largest == 0:
        return None
    part = part / largest
    gram = part.T @ part if part.shape[0] >= part.shape[1] else part @ part.T
    values = np.sqrt(np.clip(np.linalg.eigvalsh(gram), 0, None))
    shares = values[values > values.max() * 1e-7] / values.sum()
    entropy = float(-(shares * np.log(shares)).sum())
    full = min(part.shape)
    return math.exp(entropy) / full, full
