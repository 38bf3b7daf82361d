"""What can be chosen of one export."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from h5viewer.gui import theme
from h5viewer.gui.controls.form import Form
from h5viewer.onnx_exporting import OnnxExport
from h5viewer.requests import Export


class Options(QWidget):
    """Fields in a form; whoever inherits fills it.

    Signals:
        changed: something else was chosen.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.form = Form(self)
        self.form.setContentsMargins(0, 0, 0, 0)
        self.form.setHorizontalSpacing(theme.SPACE_XL)
        self.form.setVerticalSpacing(theme.SPACE_S)

    def request(self, target: str) -> Export:
        """What to do, for its plan at least."""
        raise NotImplementedError

    def job(self, target: str) -> Export | OnnxExport:
        """What is put into the queue: mostly the request."""
        return self.request(target)

    def show_ending(self, ending: str) -> None:
        """The new file's name ends in this: offer what belongs to it."""
