"""Views of a data set that are made before they are looked at, a step a turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject

from h5viewer.gui.gallery import (  # noqa: F401  # with the panel, in the thread that imports it
    augment_view,
    check_view,
    means_view,
)
from h5viewer.gui.gallery.set_view import VIEWS, SetView, ViewKind
from h5viewer.gui.turns import Turns
from h5viewer.workers.pool import Pool

_REST = 500  # milliseconds: the gallery has its turn


class ViewsAhead(QObject):
    """Asks `is_made` before it begins with one, and before it gives it to `keep`."""

    def __init__(
        self,
        pool: Pool,
        is_made: Callable[[str], bool],
        keep: Callable[[str, SetView], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._pool = pool
        self._is_made = is_made
        self._keep = keep
        self._has_begun = False
        self._turns = Turns(self)

    def begin(self) -> None:
        """Make those that are not there; a second call changes nothing."""
        if not self._has_begun:
            self._has_begun = True
            self._turns.begin(self._make_all(), rest=_REST)

    def _make_all(self) -> Iterator[None]:
        for kind in VIEWS:
            if not self._is_made(kind.title):
                yield from self._make(kind)

    def _make(self, kind: ViewKind) -> Iterator[None]:
        view = kind.create(self._pool)
        yield
        yield from view.make()
        if self._is_made(kind.title):  # the user was quicker
            view.deleteLater()
        else:
            self._keep(kind.title, view)
        yield
