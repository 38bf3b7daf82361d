"""What is opened together, as runs and as what is left.

Waits for disks: for threads, which also load the modules that know runs (0.007 s of the start).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from h5viewer.checkpoint_files import document_path
from h5viewer.nodes import Series
from h5viewer.picture_files import holds_pictures

FEWEST = 3
"""Files of a run, for files to be one: two are rather opened to be compared."""

_MOST_ALONE = 30  # files of no run that a folder stands for: as many as are told apart in the tree


class FoundRun(msgspec.Struct, frozen=True):
    """`is_whole`: with all files in its folder that belong to it, so that new ones do, too."""

    series: Series
    is_whole: bool


class Found(msgspec.Struct, frozen=True):
    """What paths are."""

    runs: tuple[FoundRun, ...] = ()
    others: tuple[str, ...] = ()  # of no run: to be opened one by one
    pictures: str = ""  # a folder of pictures, where nothing else was to be opened


def find_runs(paths: Sequence[str]) -> Found:
    """Folders as the runs in them, several files as the runs they make up."""
    runs: list[FoundRun] = []
    files: list[str] = []
    for path in paths:
        found, few = _in_folder(path) if Path(path).is_dir() else ((), [])
        runs += [FoundRun(series, is_whole=True) for series in found]
        if not found:
            files += few or [path]
    together = _together(files)
    runs += [FoundRun(run, _is_whole(run)) for run in together]
    taken = {path for run in together for step in run.steps for path in step.files}
    if not runs and len(paths) == 1 and _is_of_pictures(paths[0]):
        return Found(pictures=paths[0])
    return Found(tuple(runs), tuple(path for path in files if path not in taken))


def holds_run(path: str) -> bool:
    """A folder in which training left its files, whatever pictures it drew there."""
    from h5viewer.series import Following

    found = Following(path).look() if Path(path).is_dir() else ()
    return any(len(series.steps) >= FEWEST for series in found)


def _is_of_pictures(path: str) -> bool:
    """A folder of pictures, and not of a checkpoint."""
    is_folder = Path(path).is_dir() and document_path(path) == path
    return is_folder and holds_pictures(path)


def _in_folder(path: str) -> tuple[tuple[Series, ...], list[str]]:
    """The runs in a folder; where there is none, those in the folders that it holds.

    And a few models that are no run, as the first of a training that has just begun.
    """
    from h5viewer.series import Following, runs_below

    following = Following(path)
    runs = following.look() or runs_below(path)
    alone = [step.document for step in following.others]
    is_few = len(alone) <= _MOST_ALONE and document_path(path) == path
    return runs, alone if is_few else []


def _together(files: Sequence[str]) -> list[Series]:
    """Runs of files in one folder; else of all, as each step may have a folder of its own."""
    from h5viewer.series import runs_of

    by_folder: dict[str, list[str]] = {}
    for path in files:
        by_folder.setdefault(str(Path(path).parent), []).append(path)
    several = [inside for inside in by_folder.values() if len(inside) >= FEWEST]
    runs = [run for inside in several for run in runs_of(inside)]
    found = [run for run in runs if len(run.steps) >= FEWEST]
    if not found and len(by_folder) > 1 and len(files) >= FEWEST:
        found = [run for run in runs_of(files) if len(run.steps) >= FEWEST]
    return found


def find_siblings(path: str) -> Series | None:
    """The run around a file that was opened alone; None: there is none to speak of."""
    from h5viewer.series import run_around

    run = run_around(path)
    return run if run is not None and len(run.steps) >= FEWEST else None


def find_rest(documents: Sequence[str]) -> Series | None:
    """What is left of a run after files went; None: fewer than two."""
    from h5viewer.series import runs_of

    found = runs_of([path for path in documents if Path(path).exists()])
    return max(found, key=lambda run: len(run.steps), default=None)


def _is_whole(run: Series) -> bool:
    from h5viewer.series import run_around

    around = run_around(run.steps[0].document)
    return around is not None and len(around.steps) == len(run.steps)
