"""Cells of the table of weights in words: numbers, and what is off."""

from __future__ import annotations

import math

from h5viewer import wording
from h5viewer.gui.weights.weight_listing import (
    BYTES,
    LAYER,
    MAX,
    MEAN,
    MIN,
    NAME,
    NORM,
    NOT_FINITE,
    SHAPE,
    STD,
    TYPE,
    ZEROS,
    n_elements,
)
from h5viewer.names import path_text, visible
from h5viewer.nodes import WeightRow, WeightSummary

HEADINGS = (
    "Layer", "Weight", "Shape", "Type", "Size", "Min", "Max", "Mean", "Std", "Norm", "Zeros",
    "NaN, Inf", "Distribution",
)  # fmt: skip

PLAIN_HEADINGS = ("Group", "Dataset", *HEADINGS[2:])
"""Of a file that is no network."""

HEADING_TIPS = (
    "The layer the weight belongs to",
    "The weight's name in its layer",
    "Elements along each axis",
    "Type of the elements",
    "Bytes of the elements, however they are compressed",
    "Smallest finite value; of complex numbers, magnitudes count",
    "Largest finite value",
    "Mean of the finite values",
    "Standard deviation of the finite values",
    "Square root of the sum of the squares (L2 norm)",
    "Values that are exactly zero",
    "Values that are no numbers (NaN) or infinite",
    "Values from Min to Max in 32 equal bars, of large weights a sample; the line marks zero.\n"
    "Sorted by how far Min and Max are apart, in standard deviations.",
)

PLAIN_TIPS = ("The group the dataset is in", "The dataset's name in its group", *HEADING_TIPS[2:])


def cell_text(row: WeightRow, summary: WeightSummary | None, column: int) -> str:
    """What a cell shows; "" where numbers have not come yet."""
    match column:
        case 0:  # LAYER
            return visible(row.layer)
        case 1:  # NAME
            return visible(row.name) or "(no name)"
        case 2:  # SHAPE
            return wording.shape_text(row.shape)
        case 3:  # TYPE
            return visible(row.dtype, 60)
        case 4:  # BYTES
            return wording.bytes_text(row.n_bytes)
    if summary is None:
        return ""
    if summary.reason:
        return "not read" if column == MIN else ""
    return _number_text(row, summary, column)


def remark(row: WeightRow, summary: WeightSummary | None) -> str:
    """What stands instead of a distribution; "" where there is one to draw."""
    if summary is None:
        return ""
    if summary.reason:
        return visible(summary.reason)
    count = n_elements(row)
    if count == 0:
        return "empty"
    if not summary.bins:
        return "no finite value"
    if summary.n_zero == count and count > 1:
        return "all zero"
    if summary.minimum == summary.maximum:
        return "one value" if count == 1 else f"all {number_text(summary.minimum)}"
    return ""


def is_odd(row: WeightRow, summary: WeightSummary | None, column: int) -> bool:
    """True for cells that deserve a second look."""
    if summary is None:
        return False
    if summary.reason:
        return column >= MIN
    if column == NOT_FINITE:
        return bool(summary.n_nan or summary.n_infinite)
    if column >= ZEROS:
        is_all_zero = summary.n_zero == n_elements(row) > 1
        return is_all_zero or (column > NOT_FINITE and not summary.bins)
    return False


def tooltip(row: WeightRow, summary: WeightSummary | None, column: int) -> str:
    """The whole of a cell, and what it means."""
    count = n_elements(row)
    if column in (LAYER, NAME):
        return visible(path_text(row.path))
    if column == SHAPE and row.axes:
        return ", ".join(visible(axis, 60) for axis in row.axes)
    if column in (SHAPE, TYPE):
        return f"{wording.plural(count, 'element')}, {visible(row.dtype, 60)}"
    if column == BYTES:
        return wording.exact_bytes_text(row.n_bytes)
    if summary is None:
        return "Not read yet"
    if summary.reason:
        return visible(summary.reason)
    return _numbers_tooltip(summary, column, count)


def number_text(value: float) -> str:
    """Three significant figures; more before the point, and a dash where there is no value."""
    if math.isnan(value):
        return wording.UNKNOWN
    is_plain = 1000 <= abs(value) < 1e6  # 4,690 says more than 4.69e+03
    return (f"{value:,.0f}" if is_plain else f"{value:.3g}").replace("-", "−")


def _number_text(row: WeightRow, summary: WeightSummary, column: int) -> str:
    match column:
        case 5:  # MIN
            return number_text(summary.minimum)
        case 6:  # MAX
            return number_text(summary.maximum)
        case 7:  # MEAN
            return number_text(summary.mean)
        case 8:  # STD
            return number_text(summary.std)
        case 9:  # NORM
            return number_text(summary.norm)
        case 10:  # ZEROS
            count = n_elements(row)
            is_all = summary.n_zero == count > 1
            return "all" if is_all else wording.count_text(summary.n_zero)
        case 11:  # NOT_FINITE
            return _not_finite_text(summary)
    return remark(row, summary)


def _not_finite_text(summary: WeightSummary) -> str:
    counts = ((summary.n_nan, "NaN"), (summary.n_infinite, "Inf"))
    return ", ".join(f"{wording.count_text(n)} {what}" for n, what in counts if n) or "0"


def _numbers_tooltip(summary: WeightSummary, column: int, count: int) -> str:
    exact = {
        MIN: summary.minimum,
        MAX: summary.maximum,
        MEAN: summary.mean,
        STD: summary.std,
        NORM: summary.norm,
    }
    if column in exact:
        return "No finite value" if math.isnan(exact[column]) else repr(exact[column])
    if column == ZEROS:
        share = wording.share_text(summary.n_zero, count)
        return f"{wording.count_text(summary.n_zero)} of {wording.count_text(count)}, {share}"
    if column == NOT_FINITE:
        n_nan, n_infinite = summary.n_nan, summary.n_infinite
        return f"{wording.count_text(n_nan)} NaN, {wording.count_text(n_infinite)} infinite"
    if not summary.bins:
        return "No finite value"
    sampled = sum(summary.bins)
    how = "every value" if sampled >= count else f"{wording.count_text(sampled)} values"
    low, high = number_text(summary.minimum), number_text(summary.maximum)
    return f"From {low} to {high}; {how} counted"
