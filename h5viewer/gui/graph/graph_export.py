"""Saving the graph as SVG or PNG, and copying it, while the window answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter
from PySide6.QtWidgets import QFileDialog, QWidget

from h5viewer.errors import CannotWrite
from h5viewer.file_writing import write_whole
from h5viewer.gui.graph.graph_bar import COPY, PNG, SVG
from h5viewer.gui.graph.graph_scene import GraphScene
from h5viewer.gui.graph.picture_export import picture_steps, svg_pieces
from h5viewer.gui.saving import TextSaving
from h5viewer.names import visible
from h5viewer.targets import is_same

_FILTERS = {SVG: "SVG drawing (*.svg)", PNG: "PNG picture (*.png)"}


class GraphExport(QObject):
    """One export at a time; a newer one takes the place of an older one.

    Signals:
        done(str): a sentence. failed(CannotWrite).
    """

    done = Signal(str)
    failed = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._steps: Iterator[QImage | None] = iter(())
        self._target: Path | None = None
        self._turn = QTimer(self, interval=0)
        self._turn.timeout.connect(self._step)

    def begin(self, kind: str, scene: GraphScene, opened: str) -> None:
        """Ask for a name, then save; or copy."""
        if kind == COPY:
            self.copy(scene)
            return
        suggestion = Path(opened).with_name(f"{Path(opened).stem} graph.{kind}")
        name, _ = QFileDialog.getSaveFileName(
            self._window, "Save the graph", str(suggestion), _FILTERS[kind]
        )
        if name:
            self.save_as(Path(name), kind, scene, opened)

    def save_as(self, target: Path, kind: str, scene: GraphScene, opened: str) -> None:
        """Save as SVG or PNG; `opened` is the document on view, which stays as it is."""
        if kind == SVG:
            saving = TextSaving(target, svg_pieces(scene), opened, self)
            saving.saved.connect(lambda path: self._say_saved(path))
            saving.failed.connect(self.failed)
        elif is_same(target, Path(opened)):
            name = visible(target.name)
            sentence = f"{name} is the file that is shown; it was not replaced."
            self.failed.emit(CannotWrite(sentence, hint="Choose another name."))
        else:
            self._start(scene, target)

    def copy(self, scene: GraphScene) -> None:
        """Put the picture into the clipboard."""
        self._start(scene, None)

    def stop(self) -> None:
        """Give up what is under way."""
        self._turn.stop()
        self._steps = iter(())

    def _start(self, scene: GraphScene, target: Path | None) -> None:
        self._target = target
        self._steps = picture_steps(scene)
        self._turn.start()

    def _step(self) -> None:
        try:
            image = next(self._steps)
        except StopIteration:
            self._turn.stop()
            return
        if image is None:
            return
        self._turn.stop()
        if self._target is None:
            QGuiApplication.clipboard().setImage(image)
            self.done.emit(f"The graph is copied as a picture{_how_small(image)}.")
        else:
            self._write(image, self._target)

    def _write(self, image: QImage, target: Path) -> None:
        """Whole or not at all."""
        buffer = QBuffer()
        buffer.open(QBuffer.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"png")).write(image)
        try:
            write_whole(target, bytes(buffer.data().data()))
        except CannotWrite as error:
            self.failed.emit(error)
            return
        small = _how_small(image)
        more = " An SVG keeps every letter." if small else ""
        self.done.emit(f"The graph is saved in {visible(target.name)}{small}.{more}")

    def _say_saved(self, target: Path) -> None:
        self.done.emit(f"The graph is saved in {visible(target.name)}.")


def _how_small(image: QImage) -> str:
    """What is said of a picture too small for its texts."""
    scale = image.devicePixelRatio()
    return f", at {scale:.0%} of its size" if scale < 0.9 else ""
