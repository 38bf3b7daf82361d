"""Labels in other files: looked for in those that are open, or in one that the user chooses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath

from PySide6.QtCore import QObject, Signal

from h5viewer.errors import H5ViewerError
from h5viewer.gui.task import Latest
from h5viewer.names import path_text, visible
from h5viewer.nodes import Document, OtherLabels, PictureSet, PictureSets
from h5viewer.requests import FindOtherLabels
from h5viewer.workers.pool import Pool

_MOST_FILES = 12  # that are looked through


class LabelOffers(QObject):
    """Nothing that is found is taken before the user says so.

    Signals:
        changed: more was found, or another set is asked about.
    """

    changed = Signal()

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._looking = Latest(pool, self)
        self._choosing = Latest(pool, self)
        self._about: tuple[object, ...] = ()
        self.found: tuple[OtherLabels, ...] = ()

    def look(self, document: str, pictures: PictureSet, documents: Sequence[Document]) -> None:
        """Look in the other open files, those called most like this one first."""
        paths = [
            each.path
            for each in documents
            if each.format == "hdf5" and not each.has_architecture and each.path != document
        ]
        paths.sort(key=lambda path: -_n_alike(path, document))
        del paths[_MOST_FILES:]
        about = (document, pictures.place, pictures.n_pictures, *paths)
        if about != self._about:
            self.clear()
            self._about = about
            self._look_in(paths, pictures)

    def clear(self) -> None:
        """Stop looking; nothing is found."""
        self._looking.cancel()
        self._choosing.cancel()
        self._about = ()
        self.found = ()
        self.changed.emit()

    def choose(
        self,
        path: str,
        pictures: PictureSet,
        on_found: Callable[[OtherLabels], None],
        on_failure: Callable[[H5ViewerError], None],
    ) -> None:
        """The labels in a file that the user chose; those that fit best are taken."""

        def take(result: PictureSets) -> None:
            self._add(path, result)
            on_found(OtherLabels(document=path, pictures=result.sets[0]))

        self._choosing.ask(
            FindOtherLabels(document=path, pictures=pictures, is_chosen=True),
            take,
            on_failure=on_failure,
        )

    def _look_in(self, paths: list[str], pictures: PictureSet) -> None:
        """One file after the other: few have any."""
        if not paths:
            return
        path, *others = paths

        def take(result: PictureSets) -> None:
            self._add(path, result)
            self._look_in(others, pictures)

        self._looking.ask(
            FindOtherLabels(document=path, pictures=pictures),
            take,
            on_failure=lambda _: self._look_in(others, pictures),
        )

    def _add(self, path: str, result: PictureSets) -> None:
        new = (OtherLabels(document=path, pictures=each) for each in result.sets)
        self.found += tuple(each for each in new if each not in self.found)
        self.changed.emit()


def _n_alike(one: str, other: str) -> int:
    """Characters that two paths begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))


def labels_text(labels: OtherLabels) -> str:
    """Which they are: the dataset and the name of its file."""
    node = visible(path_text(labels.pictures.labels or ()), 60)
    return f"{node} of {visible(PurePath(labels.document).name, 80)}"
