"""The class names that a file keeps, one a line."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import Notice, PlainLabel
from h5viewer.gui.node_text import document_name
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import Document, Labels
from h5viewer.requests import ReadStoredNames, SetClassNames
from h5viewer.wording import plural
from h5viewer.workers.pool import Pool

_NONE = "This file keeps no class names; those you write become an attribute of it."


class ClassNamesEditor(QDialog):
    """A text with one name a line.

    Signals:
        chosen(SetClassNames): what the copy is to keep.
    """

    chosen = Signal(object)

    def __init__(self, pool: Pool, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Class names")
        self.setAccessibleName("Class names")
        self._reading = Latest(pool, self)
        self._notice = Notice()
        self._where = PlainLabel("Reading the names…", wrap=True, role="muted")
        self._names = QPlainTextEdit()
        self._names.setAccessibleName("Class names, one a line")
        self._names.setPlaceholderText("One name a line, in the order of the outputs")
        self._names.setToolTip("One name a line, in the order of the outputs")
        self._names.setEnabled(False)
        self._count = PlainLabel(role="muted")
        self._use = QPushButton("Add to the changes")
        self._arrange(document)
        self._names.textChanged.connect(self._allow)
        self._reading.ask(
            ReadStoredNames(document=document.path), self._show, on_failure=self._fail
        )
        self._allow()

    @property
    def names(self) -> tuple[str, ...]:
        """As they stand in the text; empty lines at its end are none."""
        return tuple(self._names.toPlainText().rstrip("\n").split("\n"))

    def _show(self, labels: Labels) -> None:
        where = f"Kept in the attribute {visible(labels.source, 80)}." if labels.names else _NONE
        self._where.set_text(where)
        self._names.setPlainText("\n".join(name.replace("\n", " ") for name in labels.names))
        self._names.setEnabled(True)
        self._names.setFocus()

    def _fail(self, error: H5ViewerError) -> None:
        self._notice.show_error(error)

    def _allow(self) -> None:
        has_names = bool(self._names.toPlainText().strip())
        self._count.set_text(plural(len(self.names), "name") if has_names else "")
        self._use.setEnabled(has_names)

    def _take(self) -> None:
        self.chosen.emit(SetClassNames(names=self.names))
        self.accept()

    def _arrange(self, document: Document) -> None:
        heading = PlainLabel(document_name(document))
        heading.setFont(theme.scaled_font(1.15))
        self._use.setProperty("role", "primary")
        self._use.setToolTip("They wait with other changes until you save a copy")
        self._use.setAccessibleName("Add to the changes")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self._use, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.button(buttons.StandardButton.Cancel).setToolTip("Close; nothing changes (Esc)")
        buttons.accepted.connect(self._take)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_XL] * 4)
        column.setSpacing(theme.SPACE_M)
        for part in (heading, self._where, self._notice):
            column.addWidget(part)
        column.addWidget(self._names, 1)
        column.addWidget(self._count)
        column.addWidget(buttons)
        self.resize(460, 480)
