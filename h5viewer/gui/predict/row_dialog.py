"""Chooses a row of a dataset of an open file, as what a network is given."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.combo_box import ComboBox
from h5viewer.gui.controls.form import Form
from h5viewer.gui.controls.notices import Notice, PlainLabel
from h5viewer.gui.controls.number_boxes import indent
from h5viewer.gui.node_text import document_name
from h5viewer.gui.predict.given import Given
from h5viewer.gui.predict.input_words import takes
from h5viewer.gui.task import Latest
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Dataset, Document, NetworkInput, Nodes, Paths, Row
from h5viewer.requests import DescribeNodes, ReadRow, SearchNames
from h5viewer.wording import plural, shape_text
from h5viewer.workers.pool import Pool

_MOST_NODES = 2000  # of a file that are looked at
_MOST_ROWS = 2**31 - 1  # of a spin box
_LETTERS = 24  # of a name, at the least
_KINDS = ("bool", "int", "uint", "float")


class RowDialog(QDialog):
    """File, dataset, row; the row is read before the dialog closes.

    Signals:
        given(Given): the numbers of the row.
    """

    given = Signal(object)

    def __init__(
        self,
        pool: Pool,
        documents: Sequence[Document],
        wanted: NetworkInput,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Row of a dataset")
        self.setAccessibleName("Row of a dataset")
        self._shape = wanted.shape[1:]
        self._asking = Latest(pool, self)
        self._paths: list[NodePath] = []
        self._nodes: list[Dataset] = []
        self._files = ComboBox("File", "One of the open files", _LETTERS)
        for document in documents:
            self._files.addItem(document_name(document), document.path)
        self._datasets = ComboBox(
            "Dataset", "Its datasets of numbers; those that fit come first", _LETTERS
        )
        self._row = QSpinBox()
        self._row.setGroupSeparatorShown(True)
        indent(self._row)
        self._row.setAccessibleName("Row")
        self._row.setToolTip("Position on the first axis of the dataset, from 0")
        self._count = PlainLabel(role="muted")
        self._failure = Notice()
        self._arrange(wanted)
        self._files.currentIndexChanged.connect(lambda _: self._list())
        self._datasets.currentIndexChanged.connect(lambda _: self._fit_row())
        self._list()

    def take(self) -> None:
        """Read the row, give it, close."""
        path = self._datasets.currentData()
        if path is None:
            return
        row = self._row.value()
        name = f"Row {row:,} of {visible(path_text(path), 80)}"
        self._asking.ask(
            ReadRow(document=self._files.currentData(), node=path, row=row),
            lambda found: self._give(name, found),
            on_failure=self._fail,
        )

    def _give(self, name: str, row: Row) -> None:
        self.given.emit(Given(name=name, values=row.values))
        self.accept()

    def _fail(self, error: H5ViewerError) -> None:
        self._failure.show_error(error)

    # Datasets of the file

    def _list(self) -> None:
        self._datasets.clear()
        self._failure.clear()
        self._paths, self._nodes = [], []
        document = self._files.currentData()
        if document:
            request = SearchNames(document=document, text="*", limit=_MOST_NODES)
            self._asking.ask(request, lambda _: self._describe(document), self._keep, self._fail)

    def _describe(self, document: str) -> None:
        request = DescribeNodes(document=document, nodes=tuple(self._paths))
        self._asking.ask(request, lambda _: self._offer(), self._keep, self._fail)

    def _keep(self, part: object) -> None:
        if isinstance(part, Paths):
            self._paths += part.paths
        elif isinstance(part, Nodes):
            found = [each for each in part.nodes if isinstance(each, Dataset) and each.shape]
            self._nodes += [each for each in found if each.dtype.kind in _KINDS]

    def _offer(self) -> None:
        self._nodes.sort(key=lambda each: not self._fits(each))  # stable: else in their order
        for dataset in self._nodes:
            text = f"{visible(path_text(dataset.path), 120)}  ·  {shape_text(dataset.shape)}"
            self._datasets.addItem(text, dataset.path)
        if not self._nodes:
            self._count.set_text("This file holds no datasets of numbers.")
        self._fit_row()

    def _fits(self, dataset: Dataset) -> bool:
        """Whether its rows have as many axes and lengths as the input takes."""
        row = (dataset.shape or ())[1:]
        return len(row) == len(self._shape) and all(
            wanted in (None, length) for wanted, length in zip(self._shape, row, strict=True)
        )

    def _fit_row(self) -> None:
        at = self._datasets.currentIndex()
        count = (self._nodes[at].shape or (0,))[0] if 0 <= at < len(self._nodes) else 0
        self._row.setRange(0, max(0, min(count, _MOST_ROWS) - 1))
        self._use.setEnabled(bool(count))
        if self._nodes:
            self._count.set_text(f"of {plural(count, 'row')}")

    def _arrange(self, wanted: NetworkInput) -> None:
        form = Form()
        form.setHorizontalSpacing(theme.SPACE_XL)
        form.setVerticalSpacing(theme.SPACE_M)
        form.add("File", self._files)
        form.add("Dataset", self._datasets)
        form.add("Row", self._row)
        form.add("", self._count)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._use = buttons.addButton("Use this row", QDialogButtonBox.ButtonRole.AcceptRole)
        self._use.setProperty("role", "primary")
        self._use.setEnabled(False)
        buttons.accepted.connect(self.take)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_XL] * 4)
        column.setSpacing(theme.SPACE_L)
        what = f"The input takes {takes(wanted)}. Files of other data can be opened first."
        column.addWidget(PlainLabel(what, wrap=True, role="muted"))
        column.addLayout(form)
        column.addWidget(self._failure)
        column.addWidget(buttons)
        self.setMinimumWidth(520)
