"""How the file is laid out: names of datasets, axes, chunks, compression, broken pictures."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.data_sets.fields import combo, form, in_a_row, number
from h5viewer.nodes import DataSetRecipe

_MOST_IN_CHUNK = 100_000
_NAMES_ROW = 1


class StorageChoice(QWidget):
    """Signals: changed, something else was chosen."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layout = combo(
            "Datasets",
            "What the datasets are called that programs read",
            (
                ("Pictures and labels", "images"),
                ("train_set_x, train_set_y, list_classes", "keras"),
            ),
        )
        self._images = _name("images", "Name of the dataset of pictures")
        self._labels = _name("labels", "Name of the dataset of labels")
        self._axes = combo(
            "Axes",
            "Keras and TensorFlow take channels last, PyTorch takes them first",
            (
                ("Rows, columns, channels", False),
                ("Channels, rows, columns", True),
            ),
        )
        self._chunk = number(
            "Pictures in a chunk",
            "What is read at once: few suit random batches, many suit reading in order",
            0,
            _MOST_IN_CHUNK,
            0,
        )
        self._chunk.setSpecialValueText("As suits random batches")
        self._compression = combo(
            "Compression",
            "Photographs hardly get shorter, drawings do; random batches are read more slowly",
            (("None", ""), ("gzip", "gzip"), ("lzf, for Python only", "lzf")),
        )
        self._unreadable = combo(
            "Broken pictures",
            "What is done about pictures that cannot be read",
            (("Leave them out, list them", "skip"), ("Stop, write nothing", "stop")),
        )
        self._rows = rows = form(self)
        rows.add("Datasets", self._layout)
        rows.add("Names", in_a_row(self._images, PlainLabel("and"), self._labels))
        rows.add("Axes", self._axes)
        rows.add("In a chunk", self._chunk)
        rows.add("Compression", self._compression)
        rows.add("Broken pictures", self._unreadable)
        self._layout.currentIndexChanged.connect(self._show_names)
        for box in (self._layout, self._axes, self._compression, self._unreadable):
            box.currentIndexChanged.connect(self.changed)
        for field in (self._images, self._labels):
            field.textChanged.connect(self.changed)
        self._chunk.valueChanged.connect(self.changed)

    @property
    def stops(self) -> bool:
        """A broken picture ends the job."""
        return bool(self._unreadable.currentData() == "stop")

    def words_against(self) -> str:
        """A name is missing."""
        if self._layout.currentData() == "images" and not all(map(str.strip, self._names)):
            return "Give the datasets of pictures and labels a name."
        return ""

    def applied(self, recipe: DataSetRecipe) -> DataSetRecipe:
        """The recipe with what was chosen here."""
        return msgspec.structs.replace(
            recipe,
            layout=self._layout.currentData(),
            dataset_names=self._names,
            is_channels_first=self._axes.currentData(),
            chunk=self._chunk.value(),
            compression=self._compression.currentData(),
            on_unreadable=self._unreadable.currentData(),
        )

    @property
    def _names(self) -> tuple[str, str]:
        return self._images.text().strip(), self._labels.text().strip()

    def _show_names(self) -> None:
        self._rows.setRowVisible(_NAMES_ROW, self._layout.currentData() == "images")


def _name(text: str, tooltip: str) -> QLineEdit:
    field = QLineEdit(text, maxLength=200)
    field.setAccessibleName(tooltip)
    field.setToolTip(tooltip)
    return field
