"""Which files are one run of training, what its numbers count, and what they say."""

from __future__ import annotations

import math
import os
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import cast

from msgspec.structs import replace

from h5viewer.checkpoint_files import STATE, located, read_state
from h5viewer.nodes import Metric, MetricCurve, Series, SeriesStep
from h5viewer.nodes.series import Unit
from h5viewer.picture_files import in_natural_order, is_folder
from h5viewer.series.counting import (
    EDGES,
    Group,
    counts_beside,
    epoch_column,
    goes_on,
    is_setting,
    is_whole,
    other_unit_of,
    unit_of,
    varying_columns,
    without_counting_word,
    without_unit,
)
from h5viewer.series.members import (
    MOST_FILES,
    Member,
    facts_of,
    is_step_folder,
    members_in,
    members_of,
    step_of,
)
from h5viewer.series.metrics import UNNAMED, direction_of, is_metric, metric_at_end, named_by_logs
from h5viewer.series.numbered_names import NumberedName
from h5viewer.series.patterns import alike
from h5viewer.series.training_logs import curves_beside, logs_of
from h5viewer.series.whole_files import is_whole as is_whole_file
from h5viewer.series.whole_files import left_alone

MOST_STEPS = 10_000
"""Of a run that are shown; the newest."""

_FOLDERS = frozenset("/\\")
_MANY = 10_000  # epochs that nobody trains for: steps, where no word says what is counted
_MOST_FOLDERS = 50  # in which runs are looked for
_LARGEST_WHOLE = 100  # of a metric without a name: percent; larger ones count something


def runs_in(folder: str) -> tuple[Series, ...]:
    """The runs whose files lie in a folder, the one with the most files first."""
    folder = str(Path(folder).absolute())
    whole: list[Member] = []
    left: list[Member] = []
    for member in members_in(folder):
        is_done = member.has_all_parts and is_whole_file(member.document)
        (whole if is_done else left).append(member)
    return series_of(whole, folder, left_alone(left))


def runs_below(folder: str) -> tuple[Series, ...]:
    """The runs in the folders that a folder holds: `training_1/cp-0001.h5`, `training_2/…`."""
    try:
        with os.scandir(folder) as entries:
            inside = [each.path for each in islice(entries, MOST_FILES) if is_folder(each)]
    except OSError:
        return ()  # gone, or it may not be listed
    below = in_natural_order(inside)[:_MOST_FOLDERS]
    return tuple(run for each in below for run in runs_in(each))


def runs_of(paths: Sequence[str]) -> tuple[Series, ...]:
    """The runs that these files make up; files may be in folders of their own (`trial_0003/…`).

    A part of a checkpoint stands for all of it.
    """
    folders = {str(Path(path).parent) for path in paths}
    if len(folders) == 1:
        folder = folders.pop()
        wanted = set(paths)
        members = [each for each in members_in(folder) if not wanted.isdisjoint(each.files)]
        return series_of([each for each in members if each.has_all_parts], folder)
    try:
        folder = os.path.commonpath(folders)
    except ValueError:  # none, or on two drives
        return ()
    facts = [found for path in paths if (found := facts_of(path)) is not None]
    members = members_of(facts, folder)
    return series_of([each for each in members if each.has_all_parts], folder)


def run_around(path: str) -> Series | None:
    """The run that a file, or a part of a checkpoint, is one step of; None: it stands alone."""
    folder = Path(path).parent
    found = runs_in(str(folder))
    if is_step_folder(folder.name):
        found += runs_in(str(folder.parent))
    return next((run for run in found if any(path in step.files for step in run.steps)), None)


def series_of(
    members: Sequence[Member], folder: str, notes: tuple[str, ...] = ()
) -> tuple[Series, ...]:
    """The runs that these saved states make up, the one with the most first."""
    runs = [
        run
        for group in alike(members)
        for part in _parted(group)
        if (run := _run(part, folder)) is not None
    ]
    runs.sort(key=lambda run: (-len(run.steps), run.name, run.steps[0].mtime))
    names = told_apart([run.name for run in runs])
    named = [replace(run, name=name, notes=notes) for run, name in zip(runs, names, strict=True)]
    logs = logs_of(folder, names)
    return tuple(named_by_logs(run, curves_beside(run, logs[run.name])) for run in named)


def _parted(group: Group) -> Iterator[Group]:
    """Runs with one pattern of names, as `fold1-07` and `fold2-07` are two."""
    column = epoch_column(group)
    if column is None:
        return
    numbers = [name.numbers[column].whole for _, name in group]
    is_once = len(set(numbers)) == len(numbers)
    others = _dividing(group, column, is_once=is_once)
    if others:
        parts: dict[tuple[str, ...], Group] = defaultdict(list)
        for member, name in group:
            parts[tuple(name.numbers[each].text for each in others)].append((member, name))
        yield from parts.values()
    elif is_once:
        yield group
    else:
        yield from _begun_again(group, column)


def _dividing(group: Group, column: int, *, is_once: bool) -> list[int]:
    """The numbers that say which run a file is of; `is_once`: no number that counts is repeated."""
    _, first = group[0]
    varying = [each for each in varying_columns(group) if not counts_beside(group, column, each)]
    shared = [
        each
        for each in varying
        if each != column
        and min(Counter(name.numbers[each].text for _, name in group).values()) > 1
        and not metric_at_end(first.texts[each])
    ]
    if is_once:
        told = [each for each in shared if each < column and not is_setting(first, each)]
        return [] if goes_on(group, told, column) else told
    return [
        each
        for each in varying
        if each != column
        and (
            is_whole(group, each) or (each in shared and (each < column or is_setting(first, each)))
        )
    ]


def _begun_again(group: Group, column: int) -> Iterator[Group]:
    """Trainings into one folder, one after the other: each begins at the first number again."""
    numbers = {member.document: name.numbers[column].whole for member, name in group}
    parts: list[Group] = []
    for member, name in sorted(group, key=lambda pair: (pair[0].mtime, numbers[pair[0].document])):
        last = numbers[parts[-1][-1][0].document] if parts else math.inf
        if numbers[member.document] <= last:
            parts.append([])
        parts[-1].append((member, name))
    first = min(numbers.values())
    is_told = all(numbers[part[0][0].document] == first and len(part) > 1 for part in parts)
    yield from parts if is_told else [group]  # dates say nothing of files that were copied


def _run(group: Group, folder: str) -> Series | None:
    column = epoch_column(group)
    if column is None or len(group) < 2:
        return None
    labels = _metric_columns(group, column)
    _, name = group[0]
    beside = [each for each in range(len(name.numbers)) if counts_beside(group, column, each)]
    order = [column, *(each for each in beside if each != column)]
    group = sorted(group, key=lambda pair: _order(pair, order))[-MOST_STEPS:]
    steps = [_step(member, name, column, labels) for member, name in group]
    curves = _curves(steps, list(labels.values()))
    is_large = any(name.numbers[column].factor > 1 for _, name in group)
    is_large = is_large or (steps[-1].number or 0) >= _MANY
    unit = other_unit_of(name, column) or unit_of(name, column)
    return Series(
        name=_name(group) or Path(folder).name,
        folder=folder,
        steps=tuple(steps),
        curves=tuple(curves),
        unit=cast("Unit", unit or ("step" if is_large else "epoch")),
        latest=_latest(steps, folder),
    )


def _order(pair: tuple[Member, NumberedName], columns: Sequence[int]) -> tuple[list[int], float]:
    """By the number that counts, then by others that do, as of batches in an epoch."""
    member, name = pair
    numbers = [name.numbers[each] for each in columns]
    return [number.whole for number in numbers if number.is_whole], member.mtime


def _step(member: Member, name: NumberedName, column: int, labels: dict[int, str]) -> SeriesStep:
    metrics = tuple(
        Metric(name=label, value=name.numbers[each].value) for each, label in labels.items()
    )
    return step_of(member, name.numbers[column].whole, metrics)


def _curves(steps: Sequence[SeriesStep], names: Sequence[str]) -> Iterator[MetricCurve]:
    for place, name in enumerate(names):
        points = tuple((float(step.number or 0), step.metrics[place].value) for step in steps)
        yield MetricCurve(
            name=name,
            points=points,
            direction=direction_of(
                "" if name.startswith(UNNAMED) else name, [value for _, value in points]
            ),
        )


# ------------------------------------------------------------ what they say


def _metric_columns(group: Group, column: int) -> dict[int, str]:
    """What each other number is called: all after the epoch, before it those with a name."""
    _, name = group[0]
    varying = set(varying_columns(group))
    found: dict[int, str] = {}
    for each in range(len(name.numbers)):
        counts = each == column or counts_beside(group, column, each)
        if not _may_be_metric(group, each, varies=each in varying and not counts):
            continue
        label = _label(name, each, varying | {column} | set(found))
        if each < column and not label and name.texts[each]:
            continue
        found[each] = label
    if not all(found.values()):
        found = _labels_behind(name, list(found)) or found
    found = {each: label for each, label in found.items() if label or _is_small(group, each)}
    labels = [label or UNNAMED for label in found.values()]
    return dict(zip(found, told_apart(labels), strict=True))


def _may_be_metric(group: Group, column: int, *, varies: bool) -> bool:
    """Not for dates, what counts, and whole numbers that are the same in all names."""
    if any(name.numbers[column].is_time for _, name in group):
        return False
    return varies or not is_whole(group, column)


def _is_small(group: Group, column: int) -> bool:
    """False for whole numbers that are too large for what is not called a metric."""
    values = [name.numbers[column].value for _, name in group]
    return not is_whole(group, column) or max(values) <= _LARGEST_WHOLE


def _label(name: NumberedName, column: int, numbers: set[int]) -> str:
    """The words before a number, with constant numbers in them: `top5_acc`."""
    text = without_unit(name, column)
    each = column - 1
    while each >= 0 and each not in numbers and name.numbers[each].is_whole:
        text = f"{without_unit(name, each)}{name.numbers[each].text}{text}"
        each -= 1
    if each < 0 or not _FOLDERS.isdisjoint(text):  # the name of the run is before it, too
        return metric_at_end(text)
    return text.strip(EDGES)


def _labels_behind(name: NumberedName, columns: Sequence[int]) -> dict[int, str]:
    """The words behind each number where all are metrics: `0.81acc`."""
    labels = {each: name.texts[each + 1].strip(EDGES) for each in columns}
    return labels if all(map(is_metric, labels.values())) else {}


def told_apart(names: Sequence[str]) -> list[str]:
    """Names with a number behind those that were there before."""
    met: dict[str, int] = {}
    told = []
    for name in names:
        met[name] = met.get(name, 0) + 1
        told.append(name if met[name] == 1 else f"{name} {met[name]}")
    return told


def _name(group: Group) -> str:
    """What is before the first number that varies, without the words for it."""
    _, name = group[0]
    text = name.texts[0]
    for each in range(min(varying_columns(group), default=0)):
        text += name.numbers[each].text + name.texts[each + 1]
    metric = metric_at_end(text)
    text = text.rstrip(EDGES)
    return without_counting_word(text.removesuffix(metric) if metric else text)


def _latest(steps: Sequence[SeriesStep], folder: str) -> int:
    """The step that the state file beside checkpoints names; else that with the largest number."""
    last = len(steps) - 1
    if not steps[last].document.endswith(".index"):
        return last
    state = read_state(str(Path(folder) / STATE))
    if state is None:
        return last
    named = {each.written: each.document for each in located(state, folder)}
    wanted = named.get(state.latest)
    return next((place for place, step in enumerate(steps) if step.document == wanted), last)
