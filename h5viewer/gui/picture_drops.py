"""What is dropped on the window: models are opened, pictures go to the network on view.

A folder of them can become a data set where no network is open.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import msgspec
from PySide6.QtCore import QObject, Signal

from h5viewer.gui.errand import Errand
from h5viewer.gui.navigation import Navigation
from h5viewer.gui.node_text import document_name
from h5viewer.gui.open_documents import OpenDocuments
from h5viewer.gui.selection import Selection
from h5viewer.gui.series.finding_runs import holds_run
from h5viewer.nodes import Document
from h5viewer.picture_files import MOST_PICTURES, Dropped, has_picture_name, sort_out

_NO_NETWORK = "A picture needs a network to answer to it."
_OPEN_FIRST = "Open a model file, then drop the picture again; or drop both together."


class PictureDrops(QObject):
    """Sorts what was dropped in a thread: looking into folders may take long.

    Signals:
        open_wanted(paths: list[str]): these are no pictures.
        pictures_given(paths: tuple[str, ...]): for the document that is shown now.
        picture_expected(path: str): it may soon be given to the document that is shown.
        folder_given(path: str): it holds pictures, and no network is open.
        advice_given(sentence: str, hint: str): there is nothing to give pictures to.
    """

    open_wanted = Signal(list)
    pictures_given = Signal(tuple)
    picture_expected = Signal(str)
    folder_given = Signal(str)
    advice_given = Signal(str, str)

    def __init__(
        self, documents: OpenDocuments, navigation: Navigation, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._documents = documents
        self._navigation = navigation
        self._for_next: tuple[str, ...] = ()  # dropped together with models that are opening
        self._for_this: dict[str, tuple[str, ...]] = {}  # by path of one that has been opened
        self._last_network = ""  # path of the one that was looked at last
        navigation.arrived.connect(self._note_network)
        documents.opened.connect(self._adopt)
        documents.chosen_again.connect(self._give_to_open)
        documents.waiting_changed.connect(self._note_waiting)
        self._is_opening = False

    def take(self, paths: Sequence[str]) -> None:
        """Open what is to be opened, and give pictures to the network."""
        errand = Errand(partial(_sorted_out, tuple(paths)), self)
        errand.done.connect(self._deal_out)

    def expect(self, paths: Sequence[str]) -> None:
        """These are dragged over the window."""
        is_for_shown = self._shown is not None and self.network is self._shown
        if len(paths) == 1 and has_picture_name(paths[0]) and is_for_shown:
            self.picture_expected.emit(paths[0])

    def words(self, paths: Sequence[str]) -> str:
        """What a drop of these would do, from their names alone."""
        are_pictures = [has_picture_name(path) for path in paths]
        if not any(are_pictures):
            return "Drop to open"
        if not all(are_pictures):
            return "Drop to open, and to ask the network"
        network = self.network
        if network is None:
            return "Open a network first"
        if network is self._shown:
            return "Drop to see what the network answers"
        return f"Drop to see what {document_name(network)} answers"

    @property
    def network(self) -> Document | None:
        """The document that is shown, if it declares a network; else the one looked at last."""
        shown = self._shown
        if shown is not None and shown.has_architecture:
            return shown
        last = self._documents.get(self._last_network)
        if last is not None:
            return last
        return next((each for each in self._documents.documents if each.has_architecture), None)

    @property
    def _shown(self) -> Document | None:
        here = self._navigation.here
        return None if here is None else self._documents.get(here.document)

    def give_to(self, document: Document) -> bool:
        """Give a new document what was dropped with it. False: there was nothing."""
        pictures = self._for_this.pop(document.path, ())
        if pictures:
            self._give(document, pictures)
        return bool(pictures)

    def give_to_open(self, path: str, pictures: Sequence[str]) -> None:
        """Give pictures to the network of a document that is open."""
        document = self._documents.get(path)
        if document is not None:
            self._give(document, tuple(pictures))

    def on_shown(self, call: Callable[[], None]) -> None:
        """Call with the network shown as a whole; or say that it is none."""
        network = self._shown if self._shown is not None and self._shown.has_architecture else None
        if network is None:
            self._advise()
        else:
            self._navigation.go(network.path, ())
            call()

    def _deal_out(self, dropped: Dropped) -> None:
        if dropped.others:
            self._for_next = dropped.pictures
            self.open_wanted.emit(list(dropped.others))
            self._give_rest()
        elif dropped.pictures:
            network = self.network
            if network is not None:
                self._give(network, dropped.pictures)
            elif dropped.folder:
                self.folder_given.emit(dropped.folder)
                return
            else:
                self._advise()
        if dropped.is_cut:
            self.advice_given.emit(
                f"Only the first {MOST_PICTURES:,} pictures are taken.",
                "Drop the others afterwards.",
            )

    def _note_network(self, selection: Selection) -> None:
        if selection.document.has_architecture:
            self._last_network = selection.document.path

    def _adopt(self, document: Document) -> None:
        """The first network that was dropped with pictures gets them."""
        if self._for_next and document.has_architecture:
            self._for_this = {document.path: self._for_next}
            self._for_next = ()

    def _give_to_open(self, document: Document) -> None:
        """One that was open already was dropped with pictures."""
        if self._for_next and document.has_architecture:
            pictures, self._for_next = self._for_next, ()
            self._give(document, pictures)

    def _give(self, document: Document, pictures: tuple[str, ...]) -> None:
        self._navigation.go(document.path, ())
        self.pictures_given.emit(pictures)

    def _note_waiting(self, waiting: tuple[str, ...]) -> None:
        self._is_opening = bool(waiting)
        self._give_rest()

    def _give_rest(self) -> None:
        """Nothing that was opened with the pictures has a network."""
        if self._is_opening or not self._for_next:
            return
        pictures, self._for_next = self._for_next, ()
        network = self.network
        if network is not None:
            self._give(network, pictures)
        else:
            self._advise()

    def _advise(self) -> None:
        document = self._shown
        if document is None:
            self.advice_given.emit(_NO_NETWORK, _OPEN_FIRST)
        else:
            name = document_name(document)
            self.advice_given.emit(
                f"{name} declares no network that could answer to a picture.",
                "Open the whole model: one that was saved with its architecture.",
            )


def _sorted_out(paths: tuple[str, ...]) -> Dropped:
    """Curves and samples in the folder of a run are not what is asked about."""
    runs = tuple(filter(holds_run, paths))
    dropped = sort_out(path for path in paths if path not in runs)
    return msgspec.structs.replace(dropped, others=(*runs, *dropped.others))
