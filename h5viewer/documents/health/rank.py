"""How many directions a kernel really uses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.health import kinds
from h5viewer.documents.health import thresholds as limits
from h5viewer.documents.health.alikeness import directions
from h5viewer.documents.health.kinds import of_weight
from h5viewer.documents.health.measured import Measured
from h5viewer.documents.health.units import is_dead
from h5viewer.nodes import HealthFinding
from h5viewer.wording import plural

Matrix = NDArray[Any]

MOST_SIDE = 512
"""Rows or columns of the matrix whose singular values are computed; more are thinned."""

_MOST_ROWS = 4096
_FEWEST = 16  # full rank, before a low one means anything


def low_rank(measured: Measured) -> Iterator[HealthFinding]:
    """Effective rank of the kernel as a matrix (values of a unit, units)."""
    kept, subject = measured.kept, measured.subject
    if kept is None or subject.is_depthwise or measured.counted.rms == 0:
        return
    alive = ~is_dead(measured)
    matrix = looked_at(kept if alive.all() else kept[:, alive])
    if matrix is None:
        return
    matrix = directions(matrix)  # else one strong unit would hide the others
    if participation(matrix) >= limits.RANK_SHARE.value:
        return
    part, full = rank_share(matrix), min(matrix.shape)
    if part >= limits.RANK_SHARE.value:
        return
    message = (
        f"Its effective rank is {part * full:.1f} of {full}, {100 * part:.1f} % "
        f"({plural(subject.n_units, subject.unit_word)})."
    )
    yield of_weight(kinds.LOW_RANK, "warning", subject, part, limits.RANK_SHARE, message)


def looked_at(matrix: Matrix) -> Matrix | None:
    """The matrix, or of a large one a part: rows and columns spread evenly, largest value 1.

    None: it is too small to tell, zero, or holds what is no number.
    """
    rows, columns = matrix.shape
    if min(rows, columns) < _FEWEST:
        return None
    longest, shortest = (_MOST_ROWS, MOST_SIDE) if rows > columns else (MOST_SIDE, _MOST_ROWS)
    part = matrix[:: -(-rows // longest), :: -(-columns // shortest)]
    largest = float(np.abs(part).max())
    return part / largest if largest > 0 and math.isfinite(largest) else None


def participation(matrix: Matrix) -> float:
    """(sum of s^2)^2 / sum of s^4, as a share of the full rank: never above `rank_share`.

    It takes no singular values (0.1 of the time), and rules out nearly every kernel: entropies
    fall with their order, and with the power of what they are of (Renyi 1961).
    """
    gram = _gram(matrix.astype(np.float32))
    ratio = float(np.trace(gram)) ** 2 / float(np.einsum("ij,ij->", gram, gram))
    return float(ratio / min(matrix.shape))


def rank_share(matrix: Matrix) -> float:
    """Effective rank as a share of the full rank.

    exp(entropy of the singular values divided by their sum), Roy & Vetterli 2007.
    """
    values = np.sqrt(np.clip(np.linalg.eigvalsh(_gram(matrix.astype(np.float64))), 0, None))
    shares = values[values > values.max() * 1e-7] / values.sum()
    entropy = float(-(shares * np.log(shares)).sum())
    return float(math.exp(entropy) / min(matrix.shape))


def _gram(matrix: Matrix) -> Matrix:
    is_tall = matrix.shape[0] >= matrix.shape[1]
    gram: Matrix = matrix.T @ matrix if is_tall else matrix @ matrix.T
    return gram
