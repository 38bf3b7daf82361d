"""Small dialogs that make one change: another value of an attribute, a weight by an expression."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.task import Latest
from h5viewer.names import NodePath, path_text, visible
from h5viewer.nodes import Attribute, ChangePreview
from h5viewer.requests import AnyChange, ComputeWeight, PreviewChange, SetAttribute
from h5viewer.wording import shape_text
from h5viewer.workers.pool import Pool

_PREVIEW_HEIGHT = 104  # pixels: two values and two lines below, so that nothing jumps
_TYPING = 250  # milliseconds without a key until a change is tried
_HELP = "x is what the dataset holds. For example:"
_EXAMPLES = "x * 0.5    clip(x, -1, 1)    where(isnan(x), 0, x)    x[3] = 0"


class ChangeDialog(QDialog):
    """A field of a subclass, and below it what the change would do.

    Signals:
        chosen(AnyChange): it is to wait with the others.
    """

    chosen = Signal(object)

    def __init__(
        self, pool: Pool, document: str, before: Sequence[AnyChange], title: str, heading: str,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self._document = document
        self._before = tuple(before)
        self._trying = Latest(pool, self)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING)
        self._typing.timeout.connect(self._try)
        self._view = _PreviewView()
        self._add = QPushButton("Add to the changes")
        self.body = QVBoxLayout()
        self._arrange(heading)

    def change(self) -> AnyChange | None:
        """What the field says; None: nothing yet."""
        raise NotImplementedError

    def try_soon(self) -> None:
        """The field says something else."""
        self._trying.cancel()
        self._add.setEnabled(False)
        self._view.clear()
        self._typing.start()

    def _try(self) -> None:
        change = self.change()
        if change is not None:
            request = PreviewChange(document=self._document, change=change, before=self._before)
            self._trying.ask(request, self._show, on_failure=self._fail)

    def _show(self, preview: ChangePreview) -> None:
        self._view.show_preview(preview)
        self._add.setEnabled(not preview.refusal)

    def _fail(self, error: H5ViewerError) -> None:
        self._view.show_refusal(error.message, error.hint)

    def _take(self) -> None:
        change = self.change()
        if change is not None and self._add.isEnabled():
            self.chosen.emit(change)
            self.accept()

    def _arrange(self, heading: str) -> None:
        head = PlainLabel(heading)
        head.setFont(theme.scaled_font(1.15))
        self._add.setProperty("role", "primary")
        self._add.setToolTip("It waits with other changes until you save a copy")
        self._add.setAccessibleName("Add to the changes")
        self._add.setEnabled(False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self._add, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.button(buttons.StandardButton.Cancel).setToolTip("Close; nothing changes (Esc)")
        buttons.accepted.connect(self._take)
        buttons.rejected.connect(self.reject)
        self.body.setSpacing(theme.SPACE_S)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_XL] * 4)
        column.setSpacing(theme.SPACE_M)
        column.addWidget(head)
        column.addLayout(self.body, 1)
        column.addWidget(self._view)
        column.addWidget(buttons)
        self.setMinimumWidth(540)


class ExpressionDialog(ChangeDialog):
    """All values of a dataset, computed from what they are."""

    def __init__(
        self,
        pool: Pool,
        document: str,
        path: NodePath,
        before: Sequence[AnyChange],
        parent: QWidget | None = None,
    ) -> None:
        heading = visible(path_text(path), 200)
        super().__init__(pool, document, before, "Change values", heading, parent)
        self._path = path
        self._field = QLineEdit(placeholderText="x * 0.5")
        self._field.setAccessibleName("Expression")
        self._field.setToolTip("How each value is computed from what it is")
        self._field.setFont(theme.monospace())
        self.body.addWidget(PlainLabel("Each value x becomes"))
        self.body.addWidget(self._field)
        examples = PlainLabel(_EXAMPLES, role="muted")
        examples.setFont(theme.monospace())
        self.body.addWidget(PlainLabel(_HELP, role="muted"))
        self.body.addWidget(examples)
        self._field.textChanged.connect(self.try_soon)
        self._field.setFocus()

    def change(self) -> AnyChange | None:
        """By the expression."""
        text = self._field.text().strip()
        return ComputeWeight(path=self._path, expression=text) if text else None


class AttributeDialog(ChangeDialog):
    """Another value of one attribute."""

    def __init__(
        self,
        pool: Pool,
        document: str,
        path: NodePath,
        attribute: Attribute,
        text: str,
        before: Sequence[AnyChange],
        parent: QWidget | None = None,
    ) -> None:
        heading = visible(attribute.name, 120)
        super().__init__(pool, document, before, "Change attribute", heading, parent)
        self._path = path
        self._name = attribute.name
        kind = visible(attribute.dtype.text, 80)
        shape = f", {shape_text(attribute.shape)}: one value a line" if attribute.shape else ""
        self._field = _ValueField()
        self._field.setObjectName("attribute value")
        self._field.setPlainText(text)
        self._field.setAccessibleName("Value")
        self._field.setToolTip("The value that the copy is to have (Ctrl+Enter adds it)")
        self._field.setFont(theme.monospace())
        self._field.done.connect(self._take)
        self.body.addWidget(PlainLabel(f"{kind}{shape}", role="muted"))
        self.body.addWidget(self._field, 1)
        self._field.textChanged.connect(self.try_soon)
        self._field.setFocus()
        self._field.selectAll()

    def change(self) -> AnyChange | None:
        """The text as it stands."""
        return SetAttribute(path=self._path, name=self._name, text=self._field.toPlainText())


class _ValueField(QPlainTextEdit):
    """Ctrl+Enter is done."""

    done = Signal()

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter alone begins a new line."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.done.emit()
        else:
            super().keyPressEvent(event)


class _PreviewView(QFrame):
    """Old, new, notes; or why not."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._old, self._new = PlainLabel(role="muted"), PlainLabel()
        self._notes = PlainLabel(wrap=True, role="muted")
        self._refusal = PlainLabel(wrap=True, role="error")
        self._rows = QWidget()
        form = QFormLayout(self._rows)
        form.setContentsMargins(0, 0, 0, 0)
        form.setHorizontalSpacing(theme.SPACE_XL)
        form.setFieldGrowthPolicy(form.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.setMinimumHeight(_PREVIEW_HEIGHT)
        form.addRow(PlainLabel("In the file", role="muted"), self._old)
        form.addRow(PlainLabel("In the copy", role="muted"), self._new)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_M] * 4)
        column.setSpacing(theme.SPACE_S)
        for part in (self._rows, self._notes, self._refusal):
            column.addWidget(part)
        column.addStretch(1)
        self.clear()

    def clear(self) -> None:
        """Nothing is known."""
        self._show("—", "—", "", "")

    def show_preview(self, preview: ChangePreview) -> None:
        """What it would do."""
        if preview.refusal:
            self.show_refusal(preview.refusal, preview.hint)
        else:
            notes = " ".join(preview.notes)
            self._show(visible(preview.old, 300), visible(preview.new, 300), notes, "")

    def show_refusal(self, message: str, hint: str) -> None:
        """Why it cannot be done."""
        self._show("", "", "", " ".join(filter(None, (message, hint))))

    def _show(self, old: str, new: str, notes: str, refusal: str) -> None:
        for label, text in (
            (self._old, old), (self._new, new), (self._notes, notes), (self._refusal, refusal),
        ):  # fmt: skip
            label.set_text(text)
        self._rows.setVisible(not refusal)
        self._notes.setVisible(bool(notes))
        self._refusal.setVisible(bool(refusal))
