"""What every panel of the main area is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from h5viewer.evaluation import Samples
from h5viewer.gui.selection import Selection
from h5viewer.names import NodePath
from h5viewer.nodes import Document
from h5viewer.requests import AnyChange
from h5viewer.workers.pool import Pool


class Panel(QWidget):
    """Shows one selection at a time; asks files through tasks given to `pool`.

    Signals:
        node_requested(document path: str, NodePath, axes: tuple[str, ...]): the user wants to
            go to that node; the window selects it in the tree and shows it.
        status_changed(str): a short, quiet text for the status line (value under the cursor).
        axes_learnt(document path: str, AxisMeanings): what axes of datasets mean; the window
            gives it to whoever shows them.
        panel_requested(title: str): the user wants to see the same selection in that panel.
        layer_requested(key: tuple[int, ...]): the user wants to see that layer of it.
        output_requested(key: tuple[int, ...]): ... and what it makes of a picture.
        save_wanted(ExportRequest): the user wants to save what is shown, a dataset or pictures;
            the request has no target yet.
        open_wanted: the user wants to open a file to compare with the one that is shown.
        changes_made(document path: str, changes: Sequence[AnyChange]): the user changed something,
            which is to wait until a copy is saved.
        wish_made(Wish): the user wants layers cut, frozen or renamed, in a copy.
        pictures_requested(document path: str, NodePath, indices: tuple[int, ...], words: str): the
            user wants to see these pictures of a data set; `words` say which they are.
        predict_wanted(document path: str, paths: list[str]): the network of that document is to
            answer to these files.
        evaluation_wanted(Samples): a network is to be judged by samples of this file.
    """

    node_requested = Signal(str, object, object)
    status_changed = Signal(str)
    axes_learnt = Signal(str, object)
    panel_requested = Signal(str)
    layer_requested = Signal(object)
    output_requested = Signal(object)
    save_wanted = Signal(object)
    open_wanted = Signal()
    wish_made = Signal(object)
    changes_made = Signal(str, object)
    pictures_requested = Signal(str, object, object, str)
    predict_wanted = Signal(str, list)
    evaluation_wanted = Signal(object)

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pool = pool

    def show_selection(self, selection: Selection) -> None:
        """Show `selection`, abandoning what was asked for before. Called while visible."""
        raise NotImplementedError

    def show_layer(self, key: tuple[int, ...]) -> None:
        """Go to a layer of the selected document, as soon as it is known."""

    def take_pictures(self, paths: Sequence[str]) -> None:
        """Files that were dropped for the selected document, by their absolute paths."""

    def expect_picture(self, path: str) -> None:
        """A file is dragged over the window: `take_pictures` may come next with it."""

    def show_pictures(self, node: NodePath, indices: Sequence[int], words: str) -> None:
        """Show these pictures of a data set of the selected document; none: all."""

    def evaluate_on(self, samples: Samples) -> None:
        """Say how good the network is on these, as soon as it is there."""

    def paste(self) -> None:
        """Take what the clipboard holds."""

    def save_repaired(self) -> None:
        """Save the network of the selected document so that plain Keras 3 loads it."""

    def show_documents(self, documents: Sequence[Document], partners: dict[str, str]) -> None:
        """These files are open now; told whenever that changes, also while hidden.

        `partners`: which file each was last compared with, by their paths; who learns of
        another one writes it there.
        """

    def show_changes(self, document: str, changes: Sequence[AnyChange]) -> None:
        """These wait to be saved in a copy of a file; told whenever that changes."""

    def clear(self) -> None:
        """Forget the selection: cancel tasks, free data."""
        raise NotImplementedError

    def prepare(self) -> Iterator[None]:
        """Make, ahead of its first use, what the constructor left for later; a step a turn."""
        yield from ()
