"""What can be chosen of a data set that is written with changed pictures."""

from __future__ import annotations

from pathlib import Path

import msgspec
from PySide6.QtWidgets import QCheckBox, QSpinBox

from h5viewer.gui.controls.number_boxes import indent
from h5viewer.gui.export.exports import Offer, beside, suffix_of
from h5viewer.gui.export.options import Options
from h5viewer.requests import WriteAugmented

_MOST_COPIES = 1000


class AugmentOptions(Options):
    """How many, and whether the others are kept."""

    def __init__(self, wanted: WriteAugmented) -> None:
        super().__init__()
        self._wanted = wanted
        self._copies = QSpinBox()
        self._copies.setRange(1, _MOST_COPIES)
        self._copies.setValue(wanted.copies)
        indent(self._copies)
        self._copies.setAccessibleName("Changed ones of each picture")
        self._copies.setToolTip("Each with other random numbers")
        self._kept = QCheckBox("Keep the pictures as they are, before them")
        self._kept.setChecked(wanted.keeps_originals)
        self._kept.setAccessibleName("Keep the pictures as they are, before them")
        self._kept.setToolTip("Else the new file holds changed pictures only")
        self._copies.valueChanged.connect(self.changed)
        self._kept.toggled.connect(self.changed)
        self.form.add("Copies of each", self._copies)
        self.form.add("", self._kept)

    def request(self, target: str) -> WriteAugmented:
        """What to do."""
        return msgspec.structs.replace(
            self._wanted,
            target=target,
            copies=self._copies.value(),
            keeps_originals=self._kept.isChecked(),
        )


def augmented_offer(wanted: WriteAugmented) -> Offer:
    """A copy of the file with a longer data set."""
    path = Path(wanted.document)
    suffix = suffix_of(path) or ".h5"
    return Offer(
        "Augmented pictures",
        "A copy of the file with pictures that are changed at random, and their labels.",
        "sliders",
        beside(path if path.suffix else path.with_name(f"{path.name}.h5"), "augmented"),
        lambda: AugmentOptions(wanted),
        ((suffix, f"HDF5 ({suffix})"),),
    )
