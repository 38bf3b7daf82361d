"""What can be chosen of exports that ask for little or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QFormLayout, QLineEdit, QVBoxLayout, QWidget

from h5viewer.gui import theme
from h5viewer.nodes import Document
from h5viewer.requests import Export, SaveArchitecture, SaveDataset, SaveWeights

_TYPING = 300  # milliseconds without a key until typed patterns are looked at


class NoOptions(QWidget):
    """Nothing to choose.

    Signals:
        changed: never.
    """

    changed = Signal()

    def __init__(self, make: Callable[[str], Export]) -> None:
        super().__init__()
        self._make = make

    def request(self, target: str) -> Export:
        """What to do."""
        return self._make(target)

    def widget(self) -> QWidget:
        """Itself."""
        return self


class WeightsOptions(QWidget):
    """Of which layers.

    Signals:
        changed: something else was typed.
    """

    changed = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document.path
        self._layers = QLineEdit()
        self._layers.setPlaceholderText("All")
        self._layers.setAccessibleName("Layers")
        self._layers.setToolTip("Names of layers, apart by commas; * stands for any letters")
        self._typing = QTimer(self, singleShot=True, interval=_TYPING)
        self._typing.timeout.connect(self.changed)
        self._layers.textChanged.connect(lambda: self._typing.start())
        form = _form(self)
        form.addRow("Layers", self._layers)

    def request(self, target: str) -> SaveWeights:
        """What to do."""
        typed = (name.strip() for name in self._layers.text().split(","))
        layers = tuple(name for name in typed if name)
        return SaveWeights(document=self._document, target=target, layers=layers)

    def widget(self) -> QWidget:
        """Itself."""
        return self


class ArchitectureOptions(QWidget):
    """As it is stored, or as plain Keras 3 takes it.

    Signals:
        changed: the other was chosen.
    """

    changed = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document.path
        self._repaired = QCheckBox("In the form of Keras 3")
        self._repaired.setToolTip("With the repairs that files of older versions need")
        self._repaired.setAccessibleName("In the form of Keras 3")
        self._repaired.toggled.connect(self.changed)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._repaired)

    def request(self, target: str) -> SaveArchitecture:
        """What to do."""
        is_repaired = self._repaired.isChecked()
        return SaveArchitecture(document=self._document, target=target, is_repaired=is_repaired)

    def widget(self) -> QWidget:
        """Itself."""
        return self


class DatasetOptions(QWidget):
    """All of it, or the cut that is drawn.

    Signals:
        changed: the other was chosen.
    """

    changed = Signal()

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
        form = _form(self)
        form.addRow("Values", self._extent)
        form.setRowVisible(0, bool(shown.selection))

    def request(self, target: str) -> SaveDataset:
        """What to do."""
        wanted = msgspec.structs.replace(self._shown, target=target)
        if self._extent.currentData():
            return wanted
        return msgspec.structs.replace(wanted, selection=(), is_turned=False)

    def widget(self) -> QWidget:
        """Itself."""
        return self


def suggested_word(names: Sequence[str]) -> str:
    """The last two names of a path as part of a file's name: `dense kernel`."""
    words = [name.removesuffix(":0") for name in names[-2:]]
    joined = " ".join(words if len(set(words)) > 1 else words[-1:])
    kept = "".join(letter if letter.isalnum() or letter in " -_." else "_" for letter in joined)
    return kept.strip(" .")[:60] or "dataset"


def _form(whole: QWidget) -> QFormLayout:
    form = QFormLayout(whole)
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(theme.SPACE_XL)
    form.setVerticalSpacing(theme.SPACE_S)
    return form
