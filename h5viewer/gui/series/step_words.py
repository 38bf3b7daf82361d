"""How a run and its steps are called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from h5viewer.gui.node_text import folders_apart
from h5viewer.names import visible
from h5viewer.nodes import Series, SeriesStep
from h5viewer.wording import bytes_text, count_text, plural


def run_name(series: Series) -> str:
    """What the files have in common, as a widget may show it."""
    return visible(series.name, 80)


def listed_names(runs: Mapping[int, Series]) -> dict[int, str]:
    """The same of many: of those that are called alike behind a folder, `run_2/w`."""
    names = {key: run_name(series) for key, series in runs.items()}
    folders: dict[str, list[str]] = {}
    for key, name in names.items():
        folders.setdefault(name, []).append(runs[key].folder)
    apart = {name: folders_apart(alike) for name, alike in folders.items()}
    behind = {key: apart[name][runs[key].folder] for key, name in names.items()}
    return {key: f"{behind[key]}/{name}" if behind[key] else name for key, name in names.items()}


def unit_heading(series: Series) -> str:
    """The heading of its numbers: "Epoch" or "Step"."""
    return series.unit.capitalize()


def step_text(series: Series, place: int) -> str:
    """A step: "epoch 12", "step 2,000", or the file's name where it states no number."""
    step = series.steps[place]
    if step.number is None:
        return file_text(series, step)
    return f"{series.unit} {count_text(step.number)}"


def number_text(series: Series, place: int) -> str:
    """The number alone; a dash where the name states none."""
    number = series.steps[place].number
    return "–" if number is None else count_text(number)


def file_text(series: Series, step: SeriesStep) -> str:
    """The name of the file that is opened, with its folder where each step has its own."""
    path, folder = Path(step.document), Path(series.folder)
    return visible(str(path.relative_to(folder)) if folder in path.parents else path.name, 200)


def date_text(step: SeriesStep) -> str:
    """When it was written, in the time of this place."""
    if step.mtime <= 0:
        return ""
    return datetime.fromtimestamp(step.mtime).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def value_text(value: float) -> str:
    """A metric: as many digits as names of files have."""
    return f"{value:.6g}".replace("-", "−")


def run_facts(series: Series) -> list[str]:
    """Short facts, the most telling first."""
    numbers = [step.number for step in series.steps if step.number is not None]
    facts = [plural(len(series.steps), "checkpoint")]
    if numbers:
        first, last = count_text(min(numbers)), count_text(max(numbers))
        facts.append(f"{series.unit} {first}" + (f" to {last}" if first != last else ""))
    facts.append(bytes_text(sum(step.n_bytes for step in series.steps)))
    return facts


def metric_names(series: Series) -> list[str]:
    """Of the names of its files, in their order."""
    names: dict[str, None] = {}
    for step in series.steps:
        names.update(dict.fromkeys(metric.name for metric in step.metrics))
    return list(names)
