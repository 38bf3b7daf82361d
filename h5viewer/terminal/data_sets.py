"""Data sets made of folders of pictures: told in a few lines or as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from h5viewer.exporting import result_sentence
from h5viewer.names import visible
from h5viewer.nodes import DataSetBuilt, Exported, FolderClass, SkippedPicture
from h5viewer.wording import count_text, plural

_MOST_CLASSES = 20
_MOST_SKIPPED = 20


def lines(target: str, done: Exported) -> Iterator[str]:
    """What was written, of what, and what was left out."""
    yield result_sentence(visible(Path(target).name), done)
    if done.data_set is not None:
        yield from _counts(done.data_set)
        yield from _left_out(done.data_set.skipped, done.data_set.n_skipped)
    yield from done.notes


def to_json(target: str, done: Exported) -> dict[str, Any]:
    """The same as an object."""
    made = done.data_set or DataSetBuilt(classes=(), n_training=0, n_validation=0, n_test=0)
    return {
        "target": target,
        "bytes_after": done.bytes_after,
        "samples": made.n_pictures,
        "splits": {
            "training": made.n_training,
            "validation": made.n_validation,
            "test": made.n_test,
        },
        "classes": {each.name: each.n_pictures for each in made.classes},
        "skipped": [{"name": each.name, "reason": each.reason} for each in made.skipped],
        "n_skipped": made.n_skipped,
        "notes": list(done.notes),
    }


def _counts(made: DataSetBuilt) -> Iterator[str]:
    splits = (made.n_training, made.n_validation, made.n_test)
    names = ("training", "validation", "test")
    if made.n_training != made.n_pictures:
        parts = [f"{count_text(n)} {name}" for n, name in zip(splits, names, strict=True) if n]
        yield ", ".join(parts)
    yield from _classes(made.classes)


def _classes(classes: Sequence[FolderClass]) -> Iterator[str]:
    for each in classes[:_MOST_CLASSES]:
        yield f"  {visible(each.name, 60)}: {count_text(each.n_pictures)}"
    if len(classes) > _MOST_CLASSES:
        yield f"  and {plural(len(classes) - _MOST_CLASSES, 'class', 'classes')} more"


def _left_out(skipped: Sequence[SkippedPicture], n_skipped: int) -> Iterator[str]:
    if not n_skipped:
        return
    yield f"{plural(n_skipped, 'file')} left out:"
    for each in skipped[:_MOST_SKIPPED]:
        yield f"  {visible(each.name)}: {visible(each.reason)}"
    if n_skipped > _MOST_SKIPPED:
        yield f"  and {count_text(n_skipped - _MOST_SKIPPED)} more"
