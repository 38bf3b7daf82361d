"""How the numbers of a set are read as pictures, and which are the labels: shown, changeable."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel
from h5viewer.gui.controls.notices import Notice
from h5viewer.gui.controls.number_boxes import indent
from h5viewer.gui.gallery.other_labels import labels_text
from h5viewer.gui.gallery.set_words import layout_text
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import OtherLabels, PictureLayout, PictureSet

_ORDERS = {
    3: ("nhw", "nwh", "hwn", "whn"),
    4: ("nhwc", "nchw", "nwhc", "ncwh", "hwcn", "whcn", "cwhn", "chwn"),
}
_FILE = "file"  # the item that leads to a dialog
_Labels = NodePath | OtherLabels | None
_MOST_SIDE = 99_999
_MOST_VALUE = 1e300


class ReadingChoice(QFrame):
    """A strip that folds out; whatever is changed is asked for at once.

    Signals:
        wanted(PictureSet): the set as the user wants it read; it may not fit.
        other_labels_wanted(OtherLabels | None): the user wants the labels of another file, or none.
        file_wanted: the user wants to choose the file that the labels are in.
    """

    wanted = Signal(object)
    other_labels_wanted = Signal(object)
    file_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: PictureSet | None = None
        self._other_labels: OtherLabels | None = None
        self._offers: tuple[OtherLabels, ...] = ()
        self._layout = _box("Layout", "Which axis is what, and how large a picture is")
        self._labels = _box("Labels", "The dataset that says what is in each picture")
        self._sides = [_count(name) for name in ("Rows", "Columns", "Channels")]
        self._bgr = QCheckBox("Blue first")
        self._bgr.setAccessibleName("Blue first")
        self._bgr.setToolTip("Colours are stored as blue, green, red, as OpenCV reads them")
        self._low = _value("Black", "The number that is drawn black")
        self._high = _value("White", "The number that is drawn white")
        self._notes = PlainLabel(role="muted", wrap=True)
        self._refusal = Notice()
        self._arrange()
        self._layout.activated.connect(lambda _: self._take_layout())
        self._labels.activated.connect(lambda _: self._take_labels())
        self._bgr.clicked.connect(lambda _: self._tell())
        for side in self._sides:
            side.valueChanged.connect(lambda _: self._tell())
        for value in (self._low, self._high):
            value.valueChanged.connect(lambda _: self._tell())

    def show_set(self, pictures: PictureSet, other_labels: OtherLabels | None = None) -> None:
        """Show how it is read now."""
        self._pictures = pictures
        self._other_labels = other_labels
        self._refusal.clear()
        for part in self._of_arrays:
            part.setVisible(not pictures.is_loose)
        for part in self._of_numbers:
            part.setVisible(not pictures.encoding)
        with QSignalBlocker(self._layout):
            self._layout.clear()
            for each in _layouts(pictures):
                self._layout.addItem(layout_text(each), each)
            self._layout.setCurrentIndex(0)
        self._show_labels()
        self._show_layout(pictures.layout)
        notes = [visible(note, 300) for note in pictures.notes]
        labelled = pictures if other_labels is None else other_labels.pictures
        if labelled.names_from:
            notes.append(f"Classes are named by {visible(labelled.names_from, 120)}.")
        self._notes.set_text("  ".join(notes))
        self._notes.setVisible(bool(notes))

    def show_offers(self, offers: Sequence[OtherLabels]) -> None:
        """These are in other open files."""
        self._offers = tuple(offers)
        if self._pictures is not None:
            self._show_labels()

    def show_refusal(self, error: H5ViewerError) -> None:
        """What was wanted does not fit; the set is read as before."""
        self._refusal.show_error(error)

    @property
    def refusal(self) -> str:
        """Why what was wanted does not fit; "": it does."""
        return "" if self._refusal.isHidden() else self._refusal.message

    def _show_labels(self) -> None:
        """None, those of the file, those of other files, the way to any file."""
        pictures, present = self._pictures, self._other_labels
        if pictures is None:
            return
        texts: list[tuple[str, _Labels]] = [("None", None)]
        texts += [(visible(path_text(node), 120), node) for node in _label_nodes(pictures)]
        elsewhere = [present] if present is not None and present not in self._offers else []
        texts += [(labels_text(each), each) for each in (*elsewhere, *self._offers)]
        with QSignalBlocker(self._labels):
            self._labels.clear()
            for text, labels in texts:
                self._labels.addItem(text, labels)
            wanted = pictures.labels if present is None else present
            self._labels.setCurrentIndex([labels for _, labels in texts].index(wanted))
            self._labels.insertSeparator(self._labels.count())
            self._labels.addItem("From a file…", _FILE)

    def _take_labels(self) -> None:
        if self._labels.currentData() == _FILE:
            self._show_labels()
            self.file_wanted.emit()
        else:
            self._tell()

    def _show_layout(self, layout: PictureLayout) -> None:
        sizes = (layout.height, layout.width, layout.channels)
        for side, size in zip(self._sides, sizes, strict=True):
            with QSignalBlocker(side):
                side.setValue(size)
        self._flat.setVisible(layout.is_flat)
        for box, value in ((self._low, layout.low), (self._high, layout.high)):
            with QSignalBlocker(box):
                box.setValue(value)
        self._bgr.setChecked(layout.is_bgr)
        self._bgr.setEnabled(layout.channels >= 3)

    def _take_layout(self) -> None:
        layout: PictureLayout = self._layout.currentData()
        self._show_layout(layout)
        self._tell()

    def _tell(self) -> None:
        if self._pictures is None:
            return
        layout: PictureLayout = self._layout.currentData()
        if layout.is_flat:
            height, width, channels = (side.value() for side in self._sides)
            changed = {"height": height, "width": width, "channels": channels}
            layout = msgspec.structs.replace(layout, **changed, axes=_axes(layout.axes, channels))
        layout = msgspec.structs.replace(
            layout,
            is_bgr=self._bgr.isChecked() and layout.channels >= 3,
            low=self._low.value(),
            high=self._high.value(),
        )
        chosen: _Labels = self._labels.currentData()
        other = chosen if isinstance(chosen, OtherLabels) else None
        labels = None if isinstance(chosen, OtherLabels) else chosen
        is_same_other = other == self._other_labels
        if (layout, labels) != (self._pictures.layout, self._pictures.labels):
            self.wanted.emit(msgspec.structs.replace(self._pictures, layout=layout, labels=labels))
        if not is_same_other:
            self.other_labels_wanted.emit(other)

    def _arrange(self) -> None:
        self._flat = QWidget()
        flat = QHBoxLayout(self._flat)
        flat.setContentsMargins(0, 0, 0, 0)
        flat.setSpacing(theme.SPACE_S)
        for side in self._sides:
            flat.addWidget(_name(side.accessibleName()))
            flat.addWidget(side)
        flat.addStretch(1)
        numbers = QWidget()
        values = QHBoxLayout(numbers)
        values.setContentsMargins(0, 0, 0, 0)
        values.setSpacing(theme.SPACE_S)
        for box in (self._low, self._high):
            values.addWidget(_name(box.accessibleName()))
            values.addWidget(box)
        values.addWidget(self._bgr)
        values.addStretch(1)
        form = QGridLayout()
        form.setHorizontalSpacing(theme.SPACE_M)
        form.setVerticalSpacing(theme.SPACE_S)
        form.setColumnStretch(1, 1)
        rows: Sequence[tuple[str, QWidget]] = (("Layout", self._layout), ("Labels", self._labels))
        names = [_name(name) for name, _ in rows]
        for at, (_, part) in enumerate(rows):
            form.addWidget(names[at], 2 * at, 0)
            form.addWidget(part, 2 * at, 1)
        form.addWidget(self._flat, 1, 1)
        values_name = _name("Values")
        form.addWidget(values_name, 3, 0)
        form.addWidget(numbers, 3, 1)
        self._of_arrays: tuple[QWidget, ...] = (names[0], self._layout)
        self._of_numbers: tuple[QWidget, ...] = (values_name, numbers)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_M)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(form)
        column.addWidget(self._notes)
        column.addWidget(self._refusal)


def _layouts(pictures: PictureSet) -> list[PictureLayout]:
    """The present one, those that were guessed, and whatever order of axes there is."""
    present = pictures.layout
    found = [present, *pictures.layouts]
    if not present.is_flat:
        for axes in _ORDERS.get(len(pictures.shape), ()):
            sizes = dict(zip(axes, pictures.shape, strict=True))
            found.append(
                msgspec.structs.replace(
                    present,
                    axes=axes,
                    height=sizes["h"],
                    width=sizes["w"],
                    channels=sizes.get("c", 1),
                )
            )
    kept: dict[tuple[object, ...], PictureLayout] = {}
    for each in found:
        key = (each.axes, each.height, each.width, each.channels, each.is_flat)
        kept.setdefault(key, each)
    return list(kept.values())


def _label_nodes(pictures: PictureSet) -> list[tuple[bytes, ...]]:
    found = list(pictures.label_nodes)
    if pictures.labels is not None and pictures.labels not in found:
        found.insert(0, pictures.labels)
    return found


def _axes(axes: str, channels: int) -> str:
    """Those of flat pictures with or without colours."""
    if channels > 1 and "c" not in axes:
        return axes.replace("hw", "hwc").replace("wh", "whc")
    return axes if channels > 1 else axes.replace("c", "")


def _name(text: str) -> PlainLabel:
    """Beside a field; never cut."""
    label = PlainLabel(text, role="muted")
    label.setMinimumWidth(label.sizeHint().width())
    return label


def _box(name: str, tooltip: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(tooltip)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(12)
    return box


def _count(name: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(1, _MOST_SIDE)
    box.setFixedWidth(78)
    box.setKeyboardTracking(False)
    box.setAccessibleName(name)
    box.setToolTip(f"{name} of a picture; together they must make as many numbers as are stored")
    indent(box)
    return box


def _value(name: str, tooltip: str) -> QDoubleSpinBox:
    box = _Value()
    box.setRange(-_MOST_VALUE, _MOST_VALUE)
    box.setDecimals(6)
    box.setKeyboardTracking(False)
    box.setAccessibleName(name)
    box.setToolTip(tooltip)
    indent(box)
    box.setFixedWidth(96)
    return box


class _Value(QDoubleSpinBox):
    """As few digits as say it."""

    # Qt overrides

    def textFromValue(self, value: float) -> str:  # noqa: N802
        """Without zeros at the end."""
        return f"{value:.6g}"
