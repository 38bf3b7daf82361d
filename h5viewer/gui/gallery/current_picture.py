"""The picture that is looked at: read in full whenever it is another one."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from h5viewer.gui.gallery.picture_files import image_of_one
from h5viewer.gui.gallery.set_view import ShownSet
from h5viewer.gui.task import Latest
from h5viewer.nodes import OnePicture
from h5viewer.requests import ReadOnePicture
from h5viewer.workers.pool import Pool


class CurrentPicture(QObject):
    """Holds the newest.

    Signals:
        read(OnePicture): `image` is it as it is drawn.
        failed(H5ViewerError)
    """

    read = Signal(object)
    failed = Signal(object)

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asking = Latest(pool, self)
        self.image = QImage()  # null while it is being read

    def look_at(self, shown: ShownSet, index: int) -> None:
        """Read another one."""
        self.image = QImage()
        self._asking.ask(
            ReadOnePicture(document=shown.document, pictures=shown.pictures, index=index),
            self._take,
            on_failure=self.failed.emit,
        )

    def clear(self) -> None:
        """Stop reading, hold none."""
        self._asking.cancel()
        self.image = QImage()

    def _take(self, picture: OnePicture) -> None:
        self.image = image_of_one(picture)
        self.read.emit(picture)
