"""Pictures of a set as files for other programs and for networks, gone with the window."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from h5viewer.errors import CannotWrite, H5ViewerError
from h5viewer.gui.controls.byte_image import byte_image
from h5viewer.gui.errand import Errand
from h5viewer.gui.gallery.set_view import ShownSet
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import OnePicture
from h5viewer.requests import ReadOnePicture
from h5viewer.workers.pool import Pool

MOST = 64
"""Pictures at once."""

_QUICK = 80  # of QImage.save's quality: a PNG that is little compressed

_folders: list[TemporaryDirectory[str]] = []
"""One, made when it is first needed and gone with the program: who took files may read late."""


class PictureFiles(QObject):
    """Reads pictures one by one, then writes them in a thread.

    Signals:
        failed(H5ViewerError)
    """

    failed = Signal(object)

    def __init__(self, pool: Pool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._asking = Latest(pool, self)
        self._writing: Errand | None = None

    def make(
        self,
        shown: ShownSet,
        indices: Sequence[int],
        label: Callable[[int], str],
        made: Callable[[list[str]], None],
    ) -> None:
        """Have `made` called with the files of these, `MOST` at most; an older wish is dropped."""
        self.cancel()
        self._read(shown, list(indices[:MOST]), label, made, [])

    def cancel(self) -> None:
        """Nothing is wanted any more."""
        self._asking.cancel()
        if self._writing is not None:
            self._writing.forget()
            self._writing = None

    def _read(
        self,
        shown: ShownSet,
        left: list[int],
        label: Callable[[int], str],
        made: Callable[[list[str]], None],
        found: list[tuple[str, QImage]],
    ) -> None:
        if not left:
            self._write(found, made)
            return
        index = left.pop(0)

        def take(picture: OnePicture) -> None:
            name = file_name(shown, index, label(index))
            found.append((name, image_of_one(picture)))
            self._read(shown, left, label, made, found)

        self._asking.ask(
            ReadOnePicture(document=shown.document, pictures=shown.pictures, index=index),
            take,
            on_failure=self.failed.emit,
        )

    def _write(self, found: list[tuple[str, QImage]], made: Callable[[list[str]], None]) -> None:
        def finish(paths: list[str]) -> None:
            self._writing = None
            made(paths)

        def fail(error: H5ViewerError) -> None:
            self._writing = None
            self.failed.emit(error)

        self._writing = Errand(partial(_write_all, found), self)
        self._writing.done.connect(finish)
        self._writing.failed.connect(fail)


def image_of_one(picture: OnePicture) -> QImage:
    """As it is drawn."""
    return byte_image(picture.pixels.values.view("uint8"))


def file_name(shown: ShownSet, index: int, label: str) -> str:
    """What a picture is called as a file: file, data set, index, label."""
    node = shown.pictures.node
    where = [visible(Path(shown.document).stem, 60), visible(node[-1], 40) if node else ""]
    parts = [*where, str(index), visible(label, 40)]
    whole = " ".join(part for part in parts if part)
    return re.sub(r"[^\w .()+=,-]", "_", whole).strip(" .") + ".png"


def _write_all(found: list[tuple[str, QImage]]) -> list[str]:
    paths = []
    try:
        if not _folders:
            _folders.append(TemporaryDirectory(prefix="h5viewer-pictures-"))
        for name, image in found:
            path = str(Path(_folders[0].name) / name)
            if not image.save(path, "PNG", _QUICK):  # type: ignore[call-overload]
                raise CannotWrite(f"{name} cannot be written.", hint="The disk may be full.")
            paths.append(path)
    except OSError as error:
        raise CannotWrite("The picture cannot be written.", details=str(error)) from error
    return paths
