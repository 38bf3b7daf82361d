"""What can be chosen of exports that ask for little or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit

from h5viewer.gui.export.options import Options
from h5viewer.nodes import Document
from h5viewer.onnx_exporting import OnnxExport
from h5viewer.requests import (
    ConvertNetwork,
    Export,
    SaveArchitecture,
    SaveDataset,
    SaveWeights,
)

_TYPING = 300  # milliseconds without a key until typed patterns are looked at


class NoOptions(Options):
    """Nothing to choose."""

    def __init__(self, make: Callable[[str], Export]) -> None:
        super().__init__()
        self._make = make

    def request(self, target: str) -> Export:
        """What to do."""
        return self._make(target)


class ConvertOptions(Options):
    """Of weights in several files, how long those may be."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document.path
        self._longest = QComboBox()
        for gigabytes in (1, 2, 5, 10):
            self._longest.addItem(f"{gigabytes} GB", gigabytes * 10**9)
        self._longest.setCurrentIndex(2)
        self._longest.setAccessibleName("Longest file")
        self._longest.setToolTip("Weights beside the index are put into files of this length")
        self._longest.currentIndexChanged.connect(self.changed)
        self.form.add("Longest file", self._longest)
        self.show_ending("")

    def request(self, target: str) -> ConvertNetwork:
        """What to do."""
        shard_size = self._longest.currentData()
        return ConvertNetwork(document=self._document, target=target, shard_size=shard_size)

    def show_ending(self, ending: str) -> None:
        """An index says that there are several."""
        self.form.setRowVisible(0, ending == ".weights.json")


class OnnxOptions(Options):
    """Nothing to choose; planned as a conversion, which reads the same network."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document.path

    def request(self, target: str) -> ConvertNetwork:
        """Another form of the network: its weights are as long."""
        return ConvertNetwork(document=self._document, target=f"{target}.keras")

    def job(self, target: str) -> OnnxExport:
        """What to do."""
        return OnnxExport(self._document, target)


class WeightsOptions(Options):
    """Of which layers."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document.path
        self._layers = QLineEdit()
        self._layers.setPlaceholderText("All")
        self._layers.setAccessibleName("Layers")
        self._layers.setToolTip(
            "Names of layers or weights, apart by commas; * stands for any letters"
        )
        self._typing = QTimer(self, singleShot=True, interval=_TYPING)
        self._typing.timeout.connect(self.changed)
        self._layers.textChanged.connect(lambda: self._typing.start())
        self.form.add("Layers", self._layers)
        self._state = QCheckBox("With what the optimizer keeps for them")
        self._state.setToolTip("Momenta and the like, which only further training needs")
        self._state.setAccessibleName("With what the optimizer keeps for them")
        self._state.toggled.connect(self.changed)
        self.form.add("", self._state)

    def request(self, target: str) -> SaveWeights:
        """What to do."""
        typed = (name.strip() for name in self._layers.text().split(","))
        layers = tuple(name for name in typed if name)
        with_state = self._state.isChecked()
        return SaveWeights(
            document=self._document, target=target, layers=layers, with_state=with_state
        )


class ArchitectureOptions(Options):
    """As it is stored, or as plain Keras 3 takes it."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document.path
        self._repaired = QCheckBox("In the form of Keras 3")
        self._repaired.setToolTip("With the repairs that files of older versions need")
        self._repaired.setAccessibleName("In the form of Keras 3")
        self._repaired.toggled.connect(self.changed)
        self.form.addRow(self._repaired)

    def request(self, target: str) -> SaveArchitecture:
        """What to do."""
        is_repaired = self._repaired.isChecked()
        return SaveArchitecture(document=self._document, target=target, is_repaired=is_repaired)


class DatasetOptions(Options):
    """All of it, or the cut that is drawn."""

    def __init__(self, shown: SaveDataset) -> None:
        """Begin with all of it.

        Args:
            shown: the cut that is drawn, in its colours; without a `selection` there is no choice.
        """
        super().__init__()
        self._shown = shown
        self._extent = QComboBox()
        self._extent.addItem("The whole dataset", False)
        self._extent.addItem("Only what is drawn", True)
        self._extent.setAccessibleName("What of it")
        self._extent.setToolTip("All values, or those of the cut that is drawn")
        self._extent.currentIndexChanged.connect(self.changed)
        self.form.add("Values", self._extent)
        self.form.setRowVisible(0, bool(shown.selection))

    def request(self, target: str) -> SaveDataset:
        """What to do."""
        wanted = msgspec.structs.replace(self._shown, target=target)
        if self._extent.currentData():
            return wanted
        return msgspec.structs.replace(wanted, selection=(), is_turned=False)


def suggested_word(names: Sequence[str]) -> str:
    """The last two names of a path as part of a file's name: `dense kernel`."""
    words = [name.removesuffix(":0") for name in names[-2:]]
    joined = " ".join(words if len(set(words)) > 1 else words[-1:])
    kept = "".join(letter if letter.isalnum() or letter in " -_." else "_" for letter in joined)
    return kept.strip(" .")[:60] or "dataset"
