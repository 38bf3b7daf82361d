"""What the clipboard holds for a network: files that were copied, or a picture."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject
from PySide6.QtGui import QGuiApplication, QImage

from h5viewer.errors import CannotRead
from h5viewer.gui.dropped_files import local_files
from h5viewer.gui.errand import Errand
from h5viewer.gui.predict.given import Given, files
from h5viewer.picture_files import MOST_BYTES, sort_out

_NAME = "Picture from the clipboard"
_ENCODED = ("image/png", "image/jpeg", "image/webp", "image/tiff", "image/bmp")
"""Kinds that are sent on as they are; anything else Qt has drawn is made a PNG."""

_QUICK = 100  # of QImage.save's quality: a PNG that is hardly compressed, in a tenth of the time


def take(parent: QObject) -> Errand | CannotRead:
    """An errand that ends with a list of `Given`; or why there is none."""
    mime = QGuiApplication.clipboard().mimeData()
    paths = local_files(mime)
    if paths:
        return Errand(partial(_from_files, paths), parent)
    for kind in _ENCODED:
        if mime.hasFormat(kind):
            data = bytes(mime.data(kind).data())
            if 0 < len(data) <= MOST_BYTES:
                return Errand(partial(_as_it_is, data), parent)
    image = QGuiApplication.clipboard().image() if mime.hasImage() else QImage()
    if image.isNull():
        return CannotRead("The clipboard holds no picture.", hint="Copy one, then paste again.")
    return Errand(partial(_encoded, image), parent)


def _as_it_is(data: bytes) -> list[Given]:
    return [Given(name=_NAME, data=data)]


def _from_files(paths: list[str]) -> list[Given]:
    pictures = sort_out(paths).pictures
    if not pictures:
        raise CannotRead("The files in the clipboard are no pictures.", hint="Copy others.")
    return files(pictures)


def _encoded(image: QImage) -> list[Given]:
    target = QByteArray()
    buffer = QBuffer(target)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG", _QUICK):  # type: ignore[call-overload]
        raise CannotRead("The picture in the clipboard cannot be used.", hint="Save it first.")
    return [Given(name=_NAME, data=bytes(target.data()))]
