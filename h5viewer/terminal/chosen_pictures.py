"""Data sets of pictures in a file: which one is meant."""

from __future__ import annotations

from pathlib import Path

from h5viewer.errors import CannotRead
from h5viewer.names import parse_path, path_text, visible
from h5viewer.nodes import PictureSet, PictureSets
from h5viewer.requests import FindOtherLabels, FindPictureSets
from h5viewer.terminal.files import worker
from h5viewer.wording import only_looked_at

_MOST_NAMED = 10


def chosen_set(
    path: str, node: str | None, *, takes_loose: bool = False
) -> tuple[PictureSet, tuple[PictureSet, ...]]:
    """The pictures at `node`, or those to train on; and all in the file.

    Args:
        path: of the file.
        node: as the user wrote it.
        takes_loose: also pictures that stand each by itself.

    Raises:
        CannotRead: there are none, or none there, or only loose ones.
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
    fitting = tuple(each for each in found.sets if takes_loose or not each.is_loose)
    if node is None:
        training = [each for each in fitting if each.split == "training"]
        meant = (*training, *fitting, *found.sets)[0]
    else:
        wanted = parse_path(node)
        named = [each for each in found.sets if wanted in (each.node, each.place)]
        if not named:
            raise CannotRead(
                f"{visible(node, 80)} is no data set of pictures in {name}.",
                hint=f"There are: {_names(fitting or found.sets)}.",
            )
        meant = min(named, key=lambda each: each.place != wanted)
    if meant.is_loose and not takes_loose:
        raise CannotRead(only_looked_at(meant))
    return meant, fitting


def labelled_by(path: str, pictures: PictureSet) -> PictureSet:
    """The set with the labels that another file holds: those that fit best.

    Raises:
        CannotRead: it holds none.
    """
    from h5viewer.workers.pool import ask

    with worker() as pool:
        found = ask(pool, FindOtherLabels(document=path, pictures=pictures, is_chosen=True))
    assert isinstance(found, PictureSets)
    return found.sets[0]


def _names(sets: tuple[PictureSet, ...]) -> str:
    return ", ".join(visible(path_text(each.place), 60) for each in sets[:_MOST_NAMED])
