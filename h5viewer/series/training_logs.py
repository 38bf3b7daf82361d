"""What a training script wrote beside its files: CSVLogger's sheets, histories as JSON.

Small texts of strangers, read within bounds: rows are numbers or are left out.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from h5viewer.nodes import MetricCurve, Series
from h5viewer.series.metrics import direction_of, is_metric

_LARGEST = 16 << 20  # bytes that are read of a file
_MOST_FILES = 8  # of one run
_MOST_KEPT = 1000  # fewer than a folder has would all be read at each look
_MOST_NAMES = 20_000  # of the folder that are looked at
_MOST_ROWS = 100_000
_MOST_CURVES = 60
_SUFFIXES = (".csv", ".tsv", ".log", ".json", ".jsonl")
_NAMED = re.compile(r"hist|log|metric|train|result|progress|epoch|curve|report", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+|\d+")
_COUNTS = ("epoch", "epochs", "step", "steps", "global_step", "iteration", "iter")

_Curves = dict[str, list[tuple[float, float]]]


def logs_of(folder: str, names: Iterable[str]) -> dict[str, list[str]]:
    """The files in a folder that may tell metrics, by the runs that are called so.

    A file belongs to the run that tells the most of its own words in it, as `fold2_log` does, or
    to several that tell as many.
    """
    words = {name: _words(name) for name in names}
    logs: dict[str, list[str]] = {name: [] for name in words}
    if not words:
        return logs
    common = frozenset.intersection(*words.values())
    for path in _candidates(folder):
        told = _words(Path(path).stem) | common
        n_told = {name: len(own - common) for name, own in words.items() if own <= told}
        most = max(n_told.values(), default=0)
        for name in words:
            if n_told.get(name, 0) == most and len(logs[name]) < _MOST_FILES:
                logs[name].append(path)
    return logs


def curves_beside(run: Series, logs: Sequence[str]) -> list[MetricCurve]:
    """The metrics that these files tell, by the run's numbers; of versions and hours none."""
    found: list[MetricCurve] = []
    if run.unit not in ("epoch", "step"):
        return found
    for path in logs:
        for name, points in _known(path).items():
            if len(found) < _MOST_CURVES and points:
                found.append(_curve(run, name, points, Path(path).name))
    return found


def _curve(
    run: Series, name: str, points: Sequence[tuple[float, float]], source: str
) -> MetricCurve:
    offset = _offset(run, name, points)
    return MetricCurve(
        name=name,
        points=tuple((number + offset, value) for number, value in points),
        direction=direction_of(name, [value for _, value in points]),
        source=source,
    )


def _offset(run: Series, name: str, points: Sequence[tuple[float, float]]) -> int:
    """CSVLogger counts epochs from 0 on, ModelCheckpoint from 1 since Keras 2.1.

    Where names state the same metric the values themselves tell.
    """
    if run.unit != "epoch" or not points or min(number for number, _ in points) != 0:
        return 0
    by_number = dict(points)
    misses = {}
    for offset in (1, 0):
        pairs = [
            (metric.value, by_number.get(step.number - offset))
            for step in run.steps
            for metric in step.metrics
            if step.number is not None and name in (metric.name, f"val_{metric.name}")
        ]
        known = [abs(a - b) for a, b in pairs if b is not None and math.isfinite(a - b)]
        misses[offset] = sum(known) / len(known) if known else math.inf
    if min(misses.values()) < math.inf and misses[0] != misses[1]:
        return min(misses, key=lambda offset: misses[offset])
    return 0 if any(step.number == 0 for step in run.steps) else 1


def _words(name: str) -> frozenset[str]:
    return frozenset(word.lstrip("0") or "0" for word in _WORD.findall(name.lower()))


def _candidates(folder: str) -> list[str]:
    """Sheets and logs first by name; whether they hold metrics shows when they are read."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, _MOST_NAMES):
                if entry.name.lower().endswith(_SUFFIXES) and _NAMED.search(entry.name):
                    found.append(entry.path)
    except OSError:
        return []
    return sorted(found)


def _known(path: str) -> _Curves:
    try:
        facts = Path(path).stat()
        return _read(path, facts.st_size, facts.st_mtime_ns)
    except OSError:  # now: the next look may be lucky
        return {}


@lru_cache(maxsize=_MOST_KEPT)
def _read(path: str, _size: int, _mtime_ns: int) -> _Curves:
    """Once for each state of a file: runs are looked at every second."""
    with Path(path).open("rb") as file:
        text = file.read(_LARGEST).decode("utf-8-sig", "replace")
    if path.lower().endswith((".json", ".jsonl")):
        return _of_json(text)
    return _of_sheet(text)


# ---------------------------------------------------------------------- sheets


def _of_sheet(text: str) -> _Curves:
    """A heading and a row an epoch; the last one may be half written."""
    heading = text.partition("\n")[0]
    separator = max(",;\t", key=heading.count)
    whole = text if text.endswith("\n") else text.rpartition("\n")[0]
    rows = csv.reader(io.StringIO(whole), delimiter=separator)
    try:
        names = [name.strip() for name in next(rows, [])]
        return _of_rows(dict(zip(names, row, strict=False)) for row in islice(rows, _MOST_ROWS))
    except csv.Error:
        return {}


def _of_rows(rows: Iterable[Mapping[str, Any]]) -> _Curves:
    """Rows by their epoch; without one by their order. A row for each epoch and metric stays."""
    found: dict[str, dict[float, float]] = {}
    has_metrics = False
    for place, row in enumerate(rows):
        count = next((name for name in row if name.lower() in _COUNTS), None)
        number = _number(row[count]) if count is not None else float(place)
        if number is None or not math.isfinite(number):
            continue
        for name, cell in row.items():
            value = _number(cell)
            if name and name != count and value is not None:
                has_metrics = has_metrics or is_metric(name)
                found.setdefault(name, {})[number] = value
    if not has_metrics:
        return {}
    return {name: sorted(points.items()) for name, points in found.items()}


def _number(cell: object) -> float | None:
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, int | float):
        return float(cell)
    if not isinstance(cell, str) or not cell.strip():
        return None
    try:
        return float(cell)
    except ValueError:
        return None


# ------------------------------------------------------------------------ JSON


def _of_json(text: str) -> _Curves:
    """`history.history` as it is, inside another object, or an object a line."""
    try:
        value = json.loads(text)
    except RecursionError:
        return {}
    except ValueError:
        return _of_rows(_objects(text))
    if isinstance(value, list):
        return _of_rows(row for row in value[:_MOST_ROWS] if isinstance(row, dict))
    if not isinstance(value, dict):
        return {}
    for inner in (value.get("history"), value):
        if isinstance(inner, dict) and (curves := _of_lists(inner, value.get("epoch"))):
            return curves
    return {}


def _of_lists(lists: Mapping[str, Any], epochs: object) -> _Curves:
    columns = {
        name: found
        for name, values in lists.items()
        if (found := _listed(values)) is not None and name.lower() not in _COUNTS
    }
    lengths = {len(values) for values in columns.values()}
    if not columns or not any(map(is_metric, columns)):
        return {}
    counts = epochs if isinstance(epochs, list) else range(max(lengths))
    rows = (
        {
            "epoch": number,
            **{name: values[n] for name, values in columns.items() if n < len(values)},
        }
        for n, number in enumerate(islice(counts, _MOST_ROWS))
    )
    return _of_rows(rows)


def _listed(values: object) -> list[Any] | None:
    """A list, also as pandas writes a column: `{"0": 0.5, "1": 0.4}`; None: it is none."""
    if isinstance(values, dict) and values and all(map(str.isdecimal, values)):
        return [values[key] for key in sorted(values, key=int)]
    return values if isinstance(values, list) else None


def _objects(text: str) -> Iterator[dict[str, Any]]:
    for line in islice(text.splitlines(), _MOST_ROWS):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value
