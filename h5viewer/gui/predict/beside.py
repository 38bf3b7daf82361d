"""Finds what lies beside a model: its recipe, the names of its classes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import cast

from PySide6.QtCore import QObject, Signal

from h5viewer.beside import label_files, labels_of_folders, saved_recipe
from h5viewer.gui.errand import Errand
from h5viewer.gui.task import Latest
from h5viewer.nodes import Labels, SavedRecipe
from h5viewer.requests import ReadLabels, ReadRecipe
from h5viewer.workers.pool import Pool

_MOST_READ = 4
"""Files that are read for names; each has a worker of its own for a moment."""


class Beside(QObject):
    """Looks into the folder in a thread, reads in workers, tells what fits.

    Signals:
        found(SavedRecipe | None, Labels | None): once, however little there is.
    """

    found = Signal(object, object)

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = pool
        self._looking: Errand | None = None
        self._reading = Latest(pool, self)
        self._all_counts: frozenset[int] = frozenset()  # of classes, of any output
        self._counts: frozenset[int] = frozenset()  # that one output alone has
        self._recipe: SavedRecipe | None = None
        self._files: list[str] = []
        self._folders: Sequence[Labels] = ()  # names of class folders

    def begin(self, model: str, counts: Sequence[int], nameable: frozenset[int]) -> None:
        """Look beside `model`.

        Args:
            counts: how many names the user may have saved with the recipe.
            nameable: how many names fit that only happen to be there.
        """
        self.cancel()
        self._recipe, self._all_counts, self._counts = None, frozenset(counts), nameable
        self._looking = Errand(partial(_look, model), self)
        self._looking.done.connect(lambda looked: self._read(*cast("_Look", looked)))

    def cancel(self) -> None:
        """Tell nothing."""
        if self._looking is not None:
            self._looking.forget()
            self._looking = None
        self._reading.cancel()

    def _read(self, recipe: str | None, files: Sequence[str], folders: Sequence[Labels]) -> None:
        self._looking = None
        self._folders = folders
        self._files = list(files[:_MOST_READ]) if self._counts else []
        if recipe is None:
            self._read_names()
            return
        self._reading.ask(
            ReadRecipe(document=recipe),
            partial(self._take_recipe, recipe),
            on_failure=lambda _: self._take_recipe(recipe, None),  # as good as absent
        )

    def _take_recipe(self, path: str, recipe: SavedRecipe | None) -> None:
        self._pool.forget(path)
        self._recipe = recipe
        if recipe is not None and len(recipe.labels) in self._all_counts:
            self._tell(Labels(names=recipe.labels))
        else:
            self._read_names()

    def _read_names(self) -> None:
        if not self._files:
            fitting = (each for each in self._folders if len(each.names) in self._counts)
            self._tell(next(fitting, None))
            return
        path = self._files.pop(0)
        self._reading.ask(
            ReadLabels(document=path),
            partial(self._take_names, path),
            on_failure=lambda _: self._take_names(path, None),
        )

    def _take_names(self, path: str, labels: Labels | None) -> None:
        self._pool.forget(path)
        if labels is not None and len(labels.names) in self._counts:
            self._tell(labels)
        else:
            self._read_names()

    def _tell(self, labels: Labels | None) -> None:
        self.found.emit(self._recipe, labels)


_Look = tuple[str | None, tuple[str, ...], tuple[Labels, ...]]


def _look(model: str) -> _Look:
    return saved_recipe(model), label_files(model), labels_of_folders(model)
