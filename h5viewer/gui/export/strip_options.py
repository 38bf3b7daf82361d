"""What can be chosen when a file is stripped."""

from __future__ import annotations

from typing import cast

from PySide6.QtWidgets import QCheckBox, QComboBox

from h5viewer.gui.export.options import Options
from h5viewer.nodes import Document
from h5viewer.requests import FloatName, StripFile

_COMPRESSIONS: tuple[tuple[str, int | None], ...] = (
    ("As it is", None),
    ("None", 0),
    ("Fast (gzip 1)", 1),
    ("Usual (gzip 4)", 4),
    ("Small (gzip 9)", 9),
)
_FLOATS: tuple[tuple[str, FloatName], ...] = (
    ("As they are", ""),
    ("float16, rounded", "float16"),
    ("bfloat16, rounded", "bfloat16"),
)


class StripOptions(Options):
    """Training configuration, compression, numbers."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document.path
        self._training = QCheckBox("Leave out how it was trained, too")
        self._training.setToolTip("Optimizer, loss and metrics; Keras then loads it uncompiled")
        self._training.setAccessibleName("Leave out how it was trained, too")
        self._gzip = QComboBox()
        for text, level in _COMPRESSIONS:
            self._gzip.addItem(text, level)
        self._gzip.setAccessibleName("Compression")
        self._gzip.setToolTip("How weights are packed; no value changes")
        self._floats = QComboBox()
        for text, name in _FLOATS:
            if name != "bfloat16" or document.format in ("keras-archive", "keras-weights"):
                self._floats.addItem(text, name)
        self._floats.setAccessibleName("Numbers")
        self._floats.setToolTip("Two bytes a weight: half as long, with digits lost")
        self.form.add("Compression", self._gzip)
        self.form.add("Numbers", self._floats)
        self.form.add("", self._training)
        for row in range(self.form.rowCount()):  # checkpoints have nothing to choose
            self.form.setRowVisible(row, document.format != "tf-checkpoint")
        self._training.toggled.connect(self.changed)
        self._gzip.currentIndexChanged.connect(self.changed)
        self._floats.currentIndexChanged.connect(self.changed)

    def request(self, target: str) -> StripFile:
        """What to do."""
        return StripFile(
            document=self._document,
            target=target,
            training_config=self._training.isChecked(),
            gzip=self._level(),
            shuffle=bool(self._level()),
            floats=self._float_name(),
        )

    def _level(self) -> int | None:
        return cast("int | None", self._gzip.currentData())

    def _float_name(self) -> FloatName:
        return cast("FloatName", self._floats.currentData())
