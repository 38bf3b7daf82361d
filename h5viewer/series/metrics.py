"""Metrics by their names: what is one, and whether more of it is better."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import pairwise

from msgspec.structs import replace

from h5viewer.nodes import Direction, MetricCurve, Series

_MORE = (
    "acc", "accuracy", "auc", "auroc", "auprc", "f1", "fscore", "fbeta", "f_score", "iou", "miou",
    "dice", "precision", "recall", "prec", "rec", "map", "ap", "psnr", "ssim", "score", "reward",
    "return", "r2", "kappa", "bleu", "rouge", "meteor", "cider", "top", "jaccard", "sensitivity",
    "specificity", "similarity", "cosine", "hit", "hits", "ndcg", "mrr", "mcc", "elo", "win",
    "gain", "correlation", "pearson", "spearman", "throughput",
)  # fmt: skip
_LESS = (
    "loss", "error", "err", "mse", "mae", "rmse", "mape", "msle", "rmsle", "perplexity", "ppl",
    "wer", "cer", "fid", "nll", "kl", "hinge", "crossentropy", "entropy", "distance", "dist",
    "cost", "eer", "deviance", "divergence", "squared", "absolute", "logloss", "bce", "ce",
)  # fmt: skip
_NEITHER = (
    "lr", "learning", "momentum", "beta", "decay", "seed", "time", "seconds", "secs", "duration",
    "elapsed", "eta", "timestamp", "epoch", "epochs", "step", "steps", "iter", "iteration",
    "iterations", "batch", "batches", "samples", "size",
)  # fmt: skip
_WORDS = frozenset((*_MORE, *_LESS))
_BEFORE = ("val", "valid", "validation", "train", "training", "test", "dev", "eval", "best", "mean")

_FEW = 3  # values that may agree by chance
UNNAMED = "metric"
"""What a number without a name is called."""


def is_metric(name: str) -> bool:
    """Whether a name is that of a usual metric."""
    return not _WORDS.isdisjoint(_words(name))


def metric_at_end(text: str) -> str:
    """The metric a text ends with: `val_acc` of `best-val_acc`; "" where there is none."""
    words = re.split(r"([^A-Za-z0-9]+)", text.strip("-_.=:@ ()[]{}"))
    if not words or not is_metric(words[-1]):
        return ""
    start = len(words) - 1
    while start >= 2 and (
        words[start - 2].lower() in (*_WORDS, *_BEFORE, "categorical", "binary", "sparse", "top")
        and words[start - 1] == "_"
        and words[start - 2].lower() != "best"
    ):
        start -= 2
    return "".join(words[start:])


def direction_of(name: str, values: Sequence[float] = ()) -> Direction | None:
    """Whether more or less of a metric is better: by its name, else by where training took it.

    Args:
        name: of the metric, "" or `UNNAMED` where it has none.
        values: over the run, in its order.

    Returns:
        None where neither tells.
    """
    words = _words(name)
    if not words.isdisjoint(_LESS):  # first: "top_5_error"
        return "min"
    if not words.isdisjoint(_MORE):
        return "max"
    if not words.isdisjoint(_NEITHER):  # settings and counts go their way whatever is learnt
        return None
    return _course([value for value in values if math.isfinite(value)])


def best_step(run: Series, metric: str, direction: Direction | None = None) -> int | None:
    """The place of the step that is best by a metric, the earliest of several.

    Args:
        run: whose steps are compared.
        metric: as a curve of the run is called; of several of this name the first that has
            values for its steps.
        direction: what is better; None: as the curve says.

    Returns:
        None: no step has a value, or nobody knows what is better.
    """
    for curve in run.curves:
        if curve.name != metric:
            continue
        wanted = direction or curve.direction
        found = values_at_steps(run, curve)
        known = [place for place, value in enumerate(found) if math.isfinite(value)]
        if known and wanted is not None:
            sign = 1 if wanted == "max" else -1
            return max(known, key=lambda place: (sign * found[place], -place))
    return None


def values_at_steps(run: Series, curve: MetricCurve) -> list[float]:
    """The metric of each step, as its own name states it; NaN where there is none.

    Two files may be of one epoch: their names differ in the metric.
    """
    by_number = dict(curve.points)
    values = []
    for step in run.steps:
        own = [] if curve.source else [m.value for m in step.metrics if m.name == curve.name]
        known = math.nan if step.number is None else by_number.get(step.number, math.nan)
        values.append(own[0] if own else known)
    return values


def named_by_logs(run: Series, beside: Sequence[MetricCurve]) -> Series:
    """The run with curves from files beside it, which tell what numbers without a name are.

    `weights-07-0.81.h5` is named after `val_acc` where a log has 0.8104 for epoch 7, and so on.
    """
    names: dict[str, str] = {}
    for curve in run.curves:
        if not curve.name.startswith(UNNAMED):
            continue
        found = [each for each in beside if is_rounded(curve, each)]
        if len(found) == 1:
            names[curve.name] = found[0].name
    if not names:
        return replace(run, curves=(*run.curves, *beside))
    steps = tuple(
        replace(
            step,
            metrics=tuple(
                replace(each, name=names.get(each.name, each.name)) for each in step.metrics
            ),
        )
        for step in run.steps
    )
    directions = {curve.name: curve.direction for curve in beside}
    curves = [
        replace(
            curve,
            name=names.get(curve.name, curve.name),
            direction=directions.get(names.get(curve.name, ""), curve.direction),
        )
        for curve in run.curves
    ]
    return replace(run, steps=steps, curves=(*curves, *beside))


def is_rounded(short: MetricCurve, exact: MetricCurve) -> bool:
    """Whether a file says what names say: three values or more, to the digits that one has."""
    if short.source or not exact.source:
        return False
    by_number = dict(exact.points)
    pairs = [(value, by_number[n]) for n, value in short.points if n in by_number]
    pairs = [(a, b) for a, b in pairs if math.isfinite(a) and math.isfinite(b)]
    n_digits = max((len(f"{a:.12f}".rstrip("0").partition(".")[2]) for a, _ in pairs), default=0)
    return len(pairs) >= _FEW and all(abs(a - b) <= 0.51 * 10.0**-n_digits for a, b in pairs)


def _words(name: str) -> set[str]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    words = set(re.split(r"[\W_]+", spaced.lower()))
    return words | {word.rstrip("0123456789") for word in words} | {name.lower()}


def _course(values: Sequence[float]) -> Direction | None:
    """Training makes it better: up or down, by pairs of steps."""
    if len(values) < 2 or values[0] == values[-1]:
        return None
    half = len(values) // 2
    early, late = sum(values[:half]) / half, sum(values[-half:]) / half
    if early == late:
        ups = sum(later > earlier for earlier, later in pairwise(values))
        return "max" if 2 * ups >= len(values) else "min"
    return "max" if late > early else "min"
