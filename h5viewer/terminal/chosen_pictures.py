"""Data sets of pictures in a file: which one is meant."""

from __future__ import annotations

from pathlib import Path

from h5viewer.errors import CannotRead
from h5viewer.names import parse_path, path_text, visible
from h5viewer.nodes import PictureSet, PictureSets
from h5viewer.requests import FindPictureSets
from h5viewer.terminal.files import worker

_MOST_NAMED = 10


def chosen_set(path: str, node: str | None) -> tuple[PictureSet, tuple[PictureSet, ...]]:
    """The pictures at `node`, or those to train on; and all in the file.

    Raises:
        CannotRead: there are none, or none there.
    """
    from h5viewer.workers.pool import ask

    with worker() as pool:
        found = ask(pool, FindPictureSets(document=path))
    assert isinstance(found, PictureSets)
    name = visible(Path(path).name)
    if not found.sets:
        raise CannotRead(
            f"No dataset of {name} looks like pictures.",
            hint=" ".join(found.problems[:3]),
        )
    if node is None:
        training = [each for each in found.sets if each.split == "training"]
        return (training or list(found.sets))[0], found.sets
    for each in found.sets:
        if each.node == parse_path(node):
            return each, found.sets
    there = ", ".join(visible(path_text(each.node), 60) for each in found.sets[:_MOST_NAMED])
    raise CannotRead(
        f"{visible(node, 80)} is no data set of pictures in {name}.", hint=f"There are: {there}."
    )
