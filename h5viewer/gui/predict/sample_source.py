"""Where the samples of an evaluation come from: two datasets of an open file, or a folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QSpinBox,
    QWidget,
)

from h5viewer.evaluation import Samples, guessed_apart, guessed_sources
from h5viewer.gui import theme
from h5viewer.gui.controls.combo_box import ComboBox
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.controls.number_boxes import indent
from h5viewer.gui.node_text import document_name, plain_tooltip
from h5viewer.gui.task import Latest
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Dataset, Document, NetworkInput, Nodes, Paths
from h5viewer.requests import DescribeNodes, SearchNames
from h5viewer.wording import shape_text
from h5viewer.workers.pool import Pool

_MOST_NODES = 2000  # of a file that are looked at
_FOLDER = "\0folder"  # no path has a zero byte
_WIDEST_LABEL = 90
_BOX_HEIGHT = 28
_MOST = 1_000_000_000


class Source(msgspec.Struct, frozen=True):
    """What was chosen: `folder`, or datasets of `document`."""

    document: str = ""
    x: tuple[NodePath, ...] = ()  # one for each input
    y: NodePath = ()
    y_document: str = ""  # that `y` is in, where it is another one
    folder: str = ""
    limit: int = 0  # samples; 0: all

    @property
    def is_whole(self) -> bool:
        """True when there is something to evaluate on."""
        return bool(self.folder or (self.x and all(self.x) and self.y))


class _Datasets(QObject):
    """The datasets of one file.

    Signals:
        listed: they are known, or another file is asked.
    """

    listed = Signal()

    def __init__(self, pool: Pool, parent: QObject) -> None:
        super().__init__(parent)
        self._asking = Latest(pool, self)
        self._paths: list[NodePath] = []
        self.document = ""
        self.nodes: list[Dataset] = []

    def list_of(self, document: str) -> None:
        """Those of this file; "": none."""
        self._asking.cancel()
        self.document = document
        self._paths, self.nodes = [], []
        self.listed.emit()
        if document:
            request = SearchNames(document=document, text="*", limit=_MOST_NODES)
            self._asking.ask(request, lambda _: self._describe(), self._keep)

    def _describe(self) -> None:
        request = DescribeNodes(document=self.document, nodes=tuple(self._paths))
        self._asking.ask(request, lambda _: self.listed.emit(), self._keep)

    def _keep(self, part: object) -> None:
        if isinstance(part, Paths):
            self._paths += part.paths
        elif isinstance(part, Nodes):
            self.nodes += [node for node in part.nodes if isinstance(node, Dataset) and node.shape]


class SampleSource(QWidget):
    """A file with its datasets, or a folder; x and y are guessed by names and shapes.

    Labels may be in another open file.

    Signals:
        changed: something else is chosen.
    """

    changed = Signal()

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples = _Datasets(pool, self)
        self._labels = _Datasets(pool, self)  # of another file, where the labels are in one
        self._documents: tuple[Document, ...] = ()
        self._inputs: Sequence[NetworkInput] = ()
        self._folder = ""
        self._wanted: Samples | None = None  # datasets chosen elsewhere
        self._places = _box("Samples from", "The file or the folder that the samples are in")
        self._xs: list[ComboBox] = []  # one for each input
        self._y = _box("Labels", "The dataset that says what each sample is")
        self._y_places = _box("Labels from", "The file that the labels are in")
        self._limit = QSpinBox()
        self._limit.setRange(0, _MOST)
        self._limit.setSpecialValueText("all")
        self._limit.setGroupSeparatorShown(True)
        self._limit.setFixedWidth(90)
        indent(self._limit)
        self._limit.setAccessibleName("How many samples")
        self._limit.setToolTip("The first samples only; 0: all of them")
        self._arrange()
        self._places.activated.connect(self._choose_place)
        self._y.activated.connect(lambda _at: self.changed.emit())
        self._y_places.activated.connect(
            lambda _at: self._labels.list_of(self._y_places.currentData())
        )
        for each in (self._samples, self._labels):
            each.listed.connect(self._offer_datasets)

    @property
    def source(self) -> Source:
        """What is chosen."""
        limit = self._limit.value()
        if self._folder:
            return Source(folder=self._folder, limit=limit)
        x = tuple(box.currentData() or () for box in self._xs)
        return Source(
            document=self._listed,
            x=x,
            y=self._y.currentData() or (),
            y_document=self._labels.document,
            limit=limit,
        )

    @property
    def _listed(self) -> str:
        """The document whose datasets are offered."""
        return self._samples.document

    def show_documents(self, documents: Sequence[Document], shown: str) -> None:
        """Offer these files; `shown`: that of the network, which may hold samples itself."""
        paths = tuple(document.path for document in documents)
        if paths == tuple(document.path for document in self._documents) and self._listed:
            return
        self._documents = tuple(documents)
        self._offer_places()
        if self._folder or self._listed in paths:
            return
        others = [path for path in paths if path != shown]
        self._list((others or list(paths) or [""])[0])

    def show_inputs(self, inputs: Sequence[NetworkInput]) -> None:
        """A dataset for each; guess by what the network takes."""
        if inputs == self._inputs and self._xs:
            return
        self._inputs = inputs
        for box in self._xs:
            self._rows.removeRow(box)
        self._xs = []
        for each in inputs:
            name = visible(each.name, 40) if len(inputs) > 1 else "Samples"
            box = _box(name, "The dataset of the samples: a row each")
            box.activated.connect(lambda _at: self.changed.emit())
            self._xs.append(box)
            self._rows.insertRow(len(self._xs), _label(name), box)
        self._show_rows()
        self._offer_datasets()

    def choose(self, wanted: Samples) -> None:
        """Samples are these datasets of an open file."""
        self._folder = ""
        self._wanted = wanted
        self._list(wanted.document, wanted.y_document)

    def choose_folder(self, folder: str) -> None:
        """Samples are the pictures in the folders of this one."""
        self._folder = folder
        self._offer_places()
        self.changed.emit()

    def _offer_places(self) -> None:
        self._places.clear()
        for document in self._documents:
            self._places.addItem(document_name(document), document.path)
            tip = plain_tooltip(visible(document.path, 400))
            self._places.setItemData(self._places.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        if self._folder:
            self._places.addItem(
                theme.icon("folder", "muted"), visible(Path(self._folder).name, 80), self._folder
            )
        self._places.insertSeparator(self._places.count())
        self._places.addItem(
            theme.icon("folder-open", "muted"), "Folder of class folders…", _FOLDER
        )
        self._places.setCurrentIndex(self._places.findData(self._folder or self._listed))
        self._offer_label_places()
        self._show_rows()

    def _offer_label_places(self) -> None:
        """The same file, other files of data, the one that was chosen elsewhere."""
        paths = [
            each.path
            for each in self._documents
            if each.format == "hdf5" and not each.has_architecture and each.path != self._listed
        ]
        if self._labels.document and self._labels.document not in paths:
            paths.append(self._labels.document)
        self._y_places.clear()
        self._y_places.addItem("Same file", "")
        for path in paths:
            self._y_places.addItem(visible(Path(path).name, 80), path)
        self._y_places.setCurrentIndex(self._y_places.findData(self._labels.document))
        self._y_places.setVisible(bool(paths))

    def _show_rows(self) -> None:
        """A folder has no datasets."""
        for row in (*self._xs, self._y_row):
            self._rows.setRowVisible(row, not self._folder)

    def _choose_place(self, at: int) -> None:
        chosen = self._places.itemData(at)
        if chosen == _FOLDER:
            self._places.setCurrentIndex(self._places.findData(self._folder or self._listed))
            self._ask_for_folder()
        elif chosen != self._folder:
            self._folder = ""
            self._list(str(chosen))

    def _ask_for_folder(self) -> None:
        dialog = QFileDialog(self, "Choose a folder that has a folder of pictures for each class")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        if dialog.exec() and dialog.selectedFiles():
            self.choose_folder(dialog.selectedFiles()[0])
        dialog.deleteLater()

    # Datasets of a file

    def _list(self, document: str, y_document: str = "") -> None:
        if y_document or self._labels.document:
            self._labels.list_of(y_document)
        self._samples.list_of(document)
        self._offer_places()

    def _offer_datasets(self) -> None:
        boxes = (*self._xs, self._y)
        samples, labels = self._samples.nodes, self._labels.nodes
        are_apart = bool(self._labels.document)
        for box in boxes:
            box.clear()
            for dataset in labels if are_apart and box is self._y else samples:
                text = f"{visible(path_text(dataset.path), 120)}  ·  {shape_text(dataset.shape)}"
                box.addItem(text, dataset.path)
        found = guessed_sources(samples, self._inputs)
        if are_apart:
            found = guessed_apart(samples, labels, self._inputs)
        for box, path in zip(boxes, (*found[0], found[1]) if found else (), strict=False):
            box.setCurrentIndex(_at(box, path))
        if found is None:
            for box in boxes:
                box.setCurrentIndex(-1)
        wanted = self._wanted
        if wanted is not None and (wanted.document, wanted.y_document) == (
            self._listed,
            self._labels.document,
        ):
            if self._y.count() and _at(self._y, wanted.y) < 0:  # a column of a table
                self._y.addItem(visible(path_text(wanted.y), 120), wanted.y)
            for box, path in (*((box, wanted.x) for box in self._xs[:1]), (self._y, wanted.y)):
                if (at := _at(box, path)) >= 0:
                    box.setCurrentIndex(at)
        self.changed.emit()

    def _arrange(self) -> None:
        first = QHBoxLayout()
        first.setSpacing(theme.SPACE_S)
        first.addWidget(self._places, 1)
        first.addWidget(_label("Take"))
        first.addWidget(self._limit)
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(theme.SPACE_S)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self._rows.addRow(_label("From"), first)
        self._y_row = QWidget()
        labels = QHBoxLayout(self._y_row)
        labels.setContentsMargins(0, 0, 0, 0)
        labels.setSpacing(theme.SPACE_S)
        labels.addWidget(self._y, 2)
        labels.addWidget(self._y_places, 1)
        self._rows.addRow(_label("Labels"), self._y_row)


def _label(text: str) -> PlainLabel:
    """Names beside boxes; only long ones of inputs are cut off."""
    made = PlainLabel(text, role="muted")
    made.setFixedWidth(min(made.sizeHint().width(), _WIDEST_LABEL))
    made.setMinimumHeight(_BOX_HEIGHT)  # a form puts it at the top of its row
    return made


def _at(box: ComboBox, path: NodePath) -> int:
    """Where a dataset stands; -1: nowhere. `findData` would take equal tuples for different."""
    return next((at for at in range(box.count()) if box.itemData(at) == path), -1)


def _box(name: str, tooltip: str) -> ComboBox:
    box = ComboBox(name, tooltip, 6)
    box.setPlaceholderText("Choose one")
    return box
