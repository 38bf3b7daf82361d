"""Data sets of pictures in a file, for `h5v info`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from h5viewer.errors import H5ViewerError
from h5viewer.names import path_text, visible
from h5viewer.nodes import ClassCounts, Document, PictureSet, PictureSets, Problem
from h5viewer.requests import FindPictureSets, ReadPictureLabels
from h5viewer.wording import count_text, kind_text, loose_text, plural
from h5viewer.workers.asking import ask
from h5viewer.workers.pool import Pool

if TYPE_CHECKING:
    from rich.console import Console

_MOST_COUNTED = 50  # sets whose labels are read
_MOST_CLASSES = 20  # that are printed of one

CountedSet = tuple[PictureSet, ClassCounts]


def read_data_sets(pool: Pool, document: Document) -> tuple[list[CountedSet], list[Problem]]:
    """All of a file with the counts of their classes, and what could not be read of them."""
    from h5viewer.terminal import screen

    if document.format != "hdf5":
        return [], []
    found: list[CountedSet] = []
    try:
        with screen.progress("Looking for pictures") as show:
            sets = ask(pool, FindPictureSets(document=document.path), on_progress=show)
    except H5ViewerError as error:
        return [], [Problem(where="", message=error.message)]
    assert isinstance(sets, PictureSets)
    problems = [Problem(where="", message=each, severity="note") for each in sets.problems]
    with screen.progress("Reading labels") as show:
        for pictures in sets.sets[:_MOST_COUNTED]:
            request = ReadPictureLabels(document=document.path, pictures=pictures)
            counts = ClassCounts(names=(), counts=(), n_without=pictures.n_pictures)
            try:
                answer = ask(pool, request, on_progress=show)
            except H5ViewerError as error:
                where = path_text(pictures.labels or pictures.node)
                problems.append(Problem(where=where, message=error.message))
            else:
                assert isinstance(answer, ClassCounts)
                counts = answer
            found.append((pictures, counts))
    return found, problems


def print_data_sets(console: Console, data_sets: Sequence[CountedSet]) -> None:
    """What each is, and how many pictures of which class it has."""
    from rich.text import Text

    if not data_sets:
        return
    console.print(Text(f"{plural(len(data_sets), 'data set')} of pictures", "bold"))
    for pictures, counts in data_sets:
        split = f"  {pictures.split}" if pictures.split else ""
        line = Text("  ").append(visible(path_text(pictures.place)), "bold")
        console.print(line.append(f"  {_facts(pictures)}{split}"))
        console.print(Text(f"    {_labels(pictures, counts)}", "dim"), soft_wrap=False)
        for note in pictures.notes:
            console.print(Text(f"    {visible(note)}", "dim"))


def _facts(pictures: PictureSet) -> str:
    layout = pictures.layout
    if pictures.is_loose:
        dtype = "" if pictures.encoding else f", {pictures.dtype}"
        return f"{plural(pictures.n_pictures, 'picture')}, {loose_text(pictures)}{dtype}"
    size = f"{layout.height:,} × {layout.width:,} {kind_text(layout)}"
    return f"{plural(pictures.n_pictures, 'picture')}, {size}, {pictures.dtype}"


def _labels(pictures: PictureSet, counts: ClassCounts) -> str:
    if pictures.labels is None:
        return "no labels found"
    pairs = [
        f"{visible(name, 60)} ({count_text(count)})"
        for name, count in list(zip(counts.names, counts.counts, strict=True))[:_MOST_CLASSES]
    ]
    if len(counts.names) > _MOST_CLASSES:
        pairs.append(f"… {plural(len(counts.names), 'class', 'classes')} in all")
    if counts.n_without:
        pairs.append(f"without a class ({count_text(counts.n_without)})")
    return f"{visible(path_text(pictures.labels))}: {', '.join(pairs)}"
