"""What every view of a data set of pictures is, and the table of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from h5viewer.gui.panels import find
from h5viewer.names import NodePath
from h5viewer.nodes import Document, OtherLabels, PictureSet, with_labels_of
from h5viewer.workers.pool import Pool

MOST_CHOSEN = 10_000
"""Pictures that a view is told of when more are chosen."""


class ShownSet(msgspec.Struct, frozen=True):
    """The data set on view, as it is guessed or as the user changed it."""

    document: str  # absolute path
    pictures: PictureSet
    others: tuple[PictureSet, ...] = ()  # of the same file, in its order
    other_labels: OtherLabels | None = None  # that the user took from another file

    @property
    def place(self) -> tuple[str, NodePath]:
        """Which set it is, however it is read."""
        return self.document, self.pictures.node

    @property
    def labelled(self) -> PictureSet:
        """The set with its labels, wherever they are."""
        other = self.other_labels
        return self.pictures if other is None else with_labels_of(other.pictures, self.pictures)

    @property
    def labels_document(self) -> str:
        """The file that they are in."""
        return self.document if self.other_labels is None else self.other_labels.document


class SetView(QWidget):
    """One tab of the panel: shows one data set at a time; reads when it is looked at.

    Signals:
        status_changed(str): a short, quiet text for the status line.
        pictures_wanted(document path: str, NodePath, indices: tuple[int, ...], words: str): the
            user wants to see these of a set in the gallery; `words` say which they are.
        class_wanted(int): the user wants to see the pictures of a class, by its index; −2: all.
        chosen_changed(tuple[int, ...]): other pictures are chosen; told by the gallery.
        save_wanted(ExportRequest): the user wants a new file; the request has no target yet.
        predict_wanted(document path: str, paths: list[str]): the network of that document is to
            answer to these files.
    """

    status_changed = Signal(str)
    pictures_wanted = Signal(str, object, object, str)
    class_wanted = Signal(int)
    chosen_changed = Signal(object)
    save_wanted = Signal(object)
    predict_wanted = Signal(str, list)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pool = pool

    def make(self) -> Iterator[None]:
        """Make, a step a turn, what the constructor left; before that nothing else is called."""
        yield from ()

    def show_set(self, shown: ShownSet) -> None:
        """Show this set, or the same read otherwise. Called while visible."""
        raise NotImplementedError

    def show_chosen(self, indices: tuple[int, ...]) -> None:
        """These are chosen in the gallery, the first `MOST_CHOSEN`; told while visible."""

    def show_documents(self, documents: Sequence[Document]) -> None:
        """These files are open now; also told while hidden."""

    def clear(self) -> None:
        """Stop asking, free the data: no set is shown any more, or another one comes."""
        raise NotImplementedError


class ViewKind(msgspec.Struct, frozen=True):
    """One row of the table. `where` is "module:class"; it is made when first shown."""

    title: str
    icon: str  # name of an icon in resources/icons
    tooltip: str
    where: str
    needs_array: bool = True  # False: also for pictures that stand each by itself

    def create(self, pool: Pool) -> SetView:
        """A new view of this kind."""
        return cast("SetView", find(self.where)(pool))


VIEWS: tuple[ViewKind, ...] = (
    ViewKind(
        "Gallery",
        "dataset",
        "All pictures, by class",
        "h5viewer.gui.gallery.gallery_view:GalleryView",
        needs_array=False,
    ),
    ViewKind(
        "Means",
        "sigma",
        "The mean picture of the set and of each class",
        "h5viewer.gui.gallery.means_view:MeansView",
    ),
    ViewKind(
        "Check",
        "check",
        "Duplicates, leakage, blank pictures, wrong labels, slow chunks",
        "h5viewer.gui.gallery.check_view:CheckView",
    ),
    ViewKind(
        "Augment",
        "sliders",
        "What random changes make of the pictures; as Python, as a longer data set",
        "h5viewer.gui.gallery.augment_view:AugmentView",
    ),
)
"""The tabs of the panel, in their order."""
