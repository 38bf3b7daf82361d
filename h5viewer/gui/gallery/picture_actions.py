"""What is done with chosen pictures: copied, dragged away, given to a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QMimeData, QObject, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDrag, QGuiApplication, QImage, QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from h5viewer.gui.gallery.picture_files import PictureFiles
from h5viewer.gui.gallery.picture_menu import fill_networks, picture_menu
from h5viewer.gui.gallery.set_view import ShownSet
from h5viewer.nodes import Document
from h5viewer.workers.pool import Pool


class Chosen(msgspec.Struct, frozen=True):
    """Pictures of a set: the indices of the first ones, how many there are, one of them whole."""

    shown: ShownSet
    indices: Sequence[int]  # `MOST` at most
    count: int
    image: QImage  # of the current one; null: not read yet
    thumbnail: QImage | None


class PictureActions(QObject):
    """Asks `chosen` at the time; None: no picture is chosen.

    Signals:
        predict_wanted(document path: str, paths: list[str]): the network of that document is to
            answer to these files.
        told(str): for the status line.
        failed(H5ViewerError)
    """

    predict_wanted = Signal(str, list)
    told = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        pool: Pool,
        parent: QWidget,
        chosen: Callable[[], Chosen | None],
        label: Callable[[int], str],
    ) -> None:
        super().__init__(parent)
        self._owner = parent
        self._chosen = chosen
        self._label = label
        self._networks: tuple[Document, ...] = ()
        self._files = PictureFiles(pool, self)
        self._files.failed.connect(self.failed)

    @property
    def has_networks(self) -> bool:
        """Whether there is one to ask."""
        return bool(self._networks)

    def show_documents(self, documents: Sequence[Document]) -> None:
        """Networks among them can be asked."""
        self._networks = tuple(each for each in documents if each.has_architecture)

    def fill_networks(self, menu: QMenu) -> None:
        """An action for each network."""
        fill_networks(menu, self._networks, self.predict)

    def cancel(self) -> None:
        """What is under way is not wanted any more."""
        self._files.cancel()

    def copy(self) -> None:
        """The current picture into the clipboard."""
        chosen = self._chosen()
        if chosen is not None and not chosen.image.isNull():
            QGuiApplication.clipboard().setImage(chosen.image)
            self.told.emit("The picture was copied")

    def predict(self, network: Document) -> None:
        """Let a network answer to the chosen pictures, `MOST` at most."""
        chosen = self._chosen()
        if chosen is not None:
            self._files.make(
                chosen.shown,
                chosen.indices,
                self._label,
                lambda paths: self.predict_wanted.emit(network.path, paths),
            )

    def open_menu(
        self, place: QPoint, open_large: Callable[[], None], save: Callable[[], None]
    ) -> None:
        """All of it, at a place of the screen."""
        chosen = self._chosen()
        if chosen is not None:
            menu = picture_menu(
                self._owner,
                chosen.count,
                self._networks,
                open_large=open_large,
                copy=self.copy,
                save=save,
                predict=self.predict,
            )
            menu.popup(place)

    def drag(self) -> None:
        """Make files of the chosen pictures, then drag them: nothing for who has let go."""
        chosen = self._chosen()
        if chosen is not None:
            self._files.make(
                chosen.shown,
                chosen.indices,
                self._label,
                lambda paths: self._begin_drag(chosen, paths),
            )

    def _begin_drag(self, chosen: Chosen, paths: list[str]) -> None:
        if not QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton:
            return
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(path) for path in paths])
        if chosen.count == 1 and not chosen.image.isNull():
            mime.setImageData(chosen.image)
        drag = QDrag(self._owner)
        drag.setMimeData(mime)
        if chosen.thumbnail is not None:
            drag.setPixmap(QPixmap.fromImage(chosen.thumbnail))
        drag.exec(Qt.DropAction.CopyAction)
