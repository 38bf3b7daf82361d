"""Which files are one run of training, what its numbers count, and what they say."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from h5viewer.checkpoint_files import STATE, located, read_state
from h5viewer.nodes import Metric, MetricCurve, Series, SeriesStep
from h5viewer.series.members import Member, facts_of, members_in, members_of, step_of
from h5viewer.series.metrics import UNNAMED, direction_of, is_metric, metric_at_end, named_by_logs
from h5viewer.series.numbered_names import NumberedName, cut_at_numbers
from h5viewer.series.training_logs import curves_beside
from h5viewer.series.whole_files import is_whole, left_alone

MOST_STEPS = 10_000
"""Of a run that are shown; the newest."""

_EPOCH = re.compile(r"(?:^|[^a-z])(?:epochs?|ep|e)[-_=:. ]*$", re.IGNORECASE)
_STEP = re.compile(
    r"(?:^|[^a-z])(?:global_?steps?|steps?|iter(?:ations?|s)?|it|batch|updates?|"
    r"ckpt|checkpoint)[-_=:. ]*$",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"^[-_ ]?(?:th_?)?(epochs?|ep|steps?|iter(?:ations?|s)?)(?![a-z])", re.IGNORECASE
)
_EDGES = "-_.=:@ ()[]{}/\\"


def runs_in(folder: str) -> tuple[Series, ...]:
    """The runs whose files lie in a folder, the one with the most files first."""
    folder = str(Path(folder).absolute())
    whole: list[Member] = []
    left: list[Member] = []
    for member in members_in(folder):
        is_done = member.has_all_parts and is_whole(member.document)
        (whole if is_done else left).append(member)
    return series_of(whole, folder, left_alone(left))


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
    found = runs_in(str(Path(path).parent))
    return next((run for run in found if any(path in step.files for step in run.steps)), None)


def series_of(
    members: Sequence[Member], folder: str, notes: tuple[str, ...] = ()
) -> tuple[Series, ...]:
    """The runs that these saved states make up, the one with the most first."""
    groups: dict[tuple[tuple[str, ...], str], list[tuple[Member, NumberedName]]]
    groups = defaultdict(list)
    for member in members:
        name = cut_at_numbers(member.stem)
        if name.numbers:
            groups[tuple(map(str.lower, name.texts)), member.suffix].append((member, name))
    runs = [
        run
        for group in groups.values()
        for part in _parted(group)
        if (run := _run(part, folder)) is not None
    ]
    runs.sort(key=lambda run: (-len(run.steps), run.name))
    return tuple(replace(run, notes=notes) for run in runs)


_Group = list[tuple[Member, NumberedName]]


def _parted(group: _Group) -> Iterator[_Group]:
    """Runs with one pattern of names, as `fold1-07` and `fold2-07` are two."""
    column = _epoch_column(group)
    if column is None:
        return
    numbers = [int(name.numbers[column].text) for _, name in group]
    others = [each for each in _varying(group) if each != column]
    others = [each for each in others if _is_whole(group, each)]
    if len(set(numbers)) == len(numbers) or not others:
        yield group
        return
    parts: dict[tuple[str, ...], _Group] = defaultdict(list)
    for member, name in group:
        parts[tuple(name.numbers[each].text for each in others)].append((member, name))
    yield from parts.values()


def _run(group: _Group, folder: str) -> Series | None:
    column = _epoch_column(group)
    if column is None or len(group) < 2:
        return None
    labels = _metric_columns(group, column)
    steps = sorted(
        (_step(member, name, column, labels) for member, name in group),
        key=lambda step: (step.number or 0, step.mtime),
    )[-MOST_STEPS:]
    curves = _curves(steps, list(labels.values()))
    _, name = group[0]
    unit = _unit(name, column)
    run = Series(
        name=_name(group) or Path(folder).name,
        folder=folder,
        steps=tuple(steps),
        curves=tuple(curves),
        unit="step" if unit == "step" else "epoch",
        latest=_latest(steps, folder),
    )
    return named_by_logs(run, curves_beside(run))


def _step(member: Member, name: NumberedName, column: int, labels: dict[int, str]) -> SeriesStep:
    metrics = tuple(
        Metric(name=label, value=name.numbers[each].value) for each, label in labels.items()
    )
    return step_of(member, int(name.numbers[column].text), metrics)


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


# --------------------------------------------------------------- which number


def _varying(group: _Group) -> list[int]:
    _, first = group[0]
    return [
        each
        for each in range(len(first.numbers))
        if len({name.numbers[each].text for _, name in group}) > 1
    ]


def _is_whole(group: _Group, column: int) -> bool:
    return all(name.numbers[column].is_whole for _, name in group)


def _counts(group: _Group, column: int) -> bool:
    """Whether a number may count: zeros fill it up to one width, not 012 and 0256."""
    texts = [name.numbers[column].text for _, name in group]
    return len({len(text) for text in texts if len(text) > 1 and text.startswith("0")}) <= 1


def _epoch_column(group: _Group) -> int | None:
    """The number that counts; None: none does."""
    whole = [each for each in _varying(group) if _is_whole(group, each) and _counts(group, each)]
    if not whole:
        return None
    _, name = group[0]
    for unit in ("epoch", "step"):
        labelled = [each for each in whole if _unit(name, each) == unit]
        if labelled:
            return labelled[0]
    for each in whole:
        if len({name.numbers[each].text for _, name in group}) == len(group):
            return each
    return whole[-1]


def _unit(name: NumberedName, column: int) -> str:
    """By the words around a number: "epoch", "step" or "", which is unknown."""
    after = _AFTER.match(name.texts[column + 1])
    if after is not None:
        return "epoch" if after[1].lower().startswith("ep") else "step"
    before = name.texts[column]
    if _EPOCH.search(before):
        return "epoch"
    return "step" if _STEP.search(before) else ""


def _metric_columns(group: _Group, column: int) -> dict[int, str]:
    """What each other number is called: all after the epoch, before it those with a name."""
    _, name = group[0]
    varying = set(_varying(group))
    found: dict[int, str] = {}
    for each in range(len(name.numbers)):
        if each == column or (each not in varying and _is_whole(group, each)):
            continue
        label = _label(name, each, varying | {column} | set(found))
        if each < column and not label:
            continue
        found[each] = label
    if not all(found.values()):
        found = _labels_behind(name, list(found)) or found
    return dict(zip(found, _distinct(list(found.values())), strict=True))


def _label(name: NumberedName, column: int, numbers: set[int]) -> str:
    """The words before a number, with constant numbers in them: `top5_acc`."""
    text = name.texts[column]
    each = column - 1
    while each >= 0 and each not in numbers and name.numbers[each].is_whole:
        text = f"{name.texts[each]}{name.numbers[each].text}{text}"
        each -= 1
    after = _AFTER.match(text)
    text = text[after.end() :] if after is not None and each >= 0 else text
    if each < 0:  # the name of the run is before it, too
        return metric_at_end(text)
    return text.strip(_EDGES)


def _labels_behind(name: NumberedName, columns: Sequence[int]) -> dict[int, str]:
    """The words behind each number where all are metrics: `0.81acc`."""
    labels = {each: name.texts[each + 1].strip(_EDGES) for each in columns}
    return labels if all(map(is_metric, labels.values())) else {}


def _distinct(labels: Sequence[str]) -> Iterator[str]:
    met: dict[str, int] = {}
    for label in labels:
        word = label or UNNAMED
        met[word] = met.get(word, 0) + 1
        yield word if met[word] == 1 else f"{word} {met[word]}"


def _name(group: _Group) -> str:
    """What is before the first number that varies, without the words for it."""
    _, name = group[0]
    text = name.texts[0]
    for each in range(min(_varying(group), default=0)):
        text += name.numbers[each].text + name.texts[each + 1]
    metric = metric_at_end(text)
    text = text.rstrip(_EDGES)
    text = text.removesuffix(metric) if metric else text
    if _EPOCH.fullmatch(text):
        return ""
    for words in (_EPOCH, _STEP):
        found = words.search(text)
        if found is not None and found.start() > 0:
            text = text[: found.start() + 1]
    return text.strip(_EDGES)


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
