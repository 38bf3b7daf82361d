"""The Export dialog: what, how, where; it says what will be before it begins."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import PlainLabel
from h5viewer.gui.errand import Errand
from h5viewer.gui.export.exports import ExportKind, Options, exports_for
from h5viewer.gui.export.plan_view import PlanView
from h5viewer.gui.node_text import document_name
from h5viewer.gui.task import Latest
from h5viewer.names import visible
from h5viewer.nodes import Document, ExportPlan
from h5viewer.requests import PlanExport
from h5viewer.workers.pool import Pool

_TYPING = 150  # milliseconds until a typed target is looked at
_NO_NAME = "Give the new file a name."


class ExportDialog(QDialog):
    """One export of one document; closed when it begins.

    Signals:
        wanted(request: Export, may_replace: bool): begin.
    """

    wanted = Signal(object, bool)

    def __init__(self, pool: Pool, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._asking = Latest(pool, self)
        self._plan: ExportPlan | None = None
        self._exists = self._is_known = False
        self._looking: Errand | None = None
        self.setWindowTitle("Export")
        self.setAccessibleName("Export")
        self._kinds = QComboBox()
        for kind in exports_for(document):
            self._kinds.addItem(kind.title, kind)
        self._kinds.setAccessibleName("What to export")
        self._kinds.setToolTip("What is written")
        self._explanation = PlainLabel(wrap=True, role="muted")
        self._place = QVBoxLayout()
        self._options: Options
        self._view = PlanView()
        self._target = QLineEdit()
        self._target.setAccessibleName("Name of the new file")
        self._target.setToolTip("Where the new file goes")
        self._choose = QPushButton("Choose…")
        self._choose.setToolTip("Choose a folder and a name")
        self._choose.setAccessibleName("Choose a folder and a name")
        self._choose.setAutoDefault(False)
        self._warning = PlainLabel(wrap=True, role="warning")
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._begin = QPushButton("Export")
        self._begin.setProperty("role", "primary")
        self._begin.setToolTip("Begin; the window can be used meanwhile")
        self._begin.setAccessibleName("Export")
        self._begin.setDefault(True)
        self._buttons.addButton(self._begin, QDialogButtonBox.ButtonRole.AcceptRole)
        self._typing = QTimer(self, singleShot=True, interval=_TYPING)
        self._arrange()
        self._connect()
        self._show_kind()

    @property
    def kind(self) -> ExportKind:
        """The chosen row of the table."""
        kind: ExportKind = self._kinds.currentData()
        return kind

    @property
    def target(self) -> str:
        """Absolute path, as it was typed or chosen; "" for none."""
        typed = self._target.text().strip()
        if not typed or typed.endswith(("/", os.sep)):
            return ""
        beside = Path(self._document.path).parent
        return os.path.abspath(beside / Path(typed).expanduser())  # noqa: PTH100  # links stay

    # -------------------------------------------------------------- placing

    def _arrange(self) -> None:
        title = PlainLabel(document_name(self._document))
        title.setFont(theme.scaled_font(1.15))
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self._target, 1)
        row.addWidget(self._choose)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE_XL] * 4)
        column.setSpacing(theme.SPACE_M)
        column.addWidget(title)
        column.addWidget(self._kinds)
        column.addWidget(self._explanation)
        column.addLayout(self._place)
        column.addWidget(self._view)
        column.addWidget(PlainLabel("New file"))
        column.addLayout(row)
        column.addWidget(self._warning)
        column.addStretch(1)
        column.addWidget(self._buttons)
        self.setMinimumWidth(560)

    def _connect(self) -> None:
        self._kinds.currentIndexChanged.connect(self._show_kind)
        self._choose.clicked.connect(self._choose_target)
        self._target.textChanged.connect(self._wait_for_target)
        self._typing.timeout.connect(self._look_at_target)
        self._buttons.accepted.connect(self._start)
        self._buttons.rejected.connect(self.reject)

    # --------------------------------------------------------------- asking

    def _show_kind(self) -> None:
        while (item := self._place.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.deleteLater()
        self._options = self.kind.make_options(self._document)
        self._options.changed.connect(self._ask)
        self._place.addWidget(self._options.widget())
        self._explanation.set_text(self.kind.explanation)
        self._target.setText(str(self.kind.suggestion(self._document.path)))
        self._ask()

    def _ask(self) -> None:
        self._plan = None
        self._view.show_waiting()
        self._allow()
        export = self._options.request(self._document.path, self.target)
        request = PlanExport(document=export.document, export=export)
        self._asking.ask(request, self._show_plan, on_failure=self._show_refusal)

    def _show_plan(self, plan: ExportPlan) -> None:
        self._plan = plan
        self._view.show_plan(plan)
        self._look_at_target()  # its disk may be too small

    def _show_refusal(self, error: H5ViewerError) -> None:
        self._view.show_refusal(error)
        self._allow()

    # --------------------------------------------------------------- target

    def _choose_target(self) -> None:
        suffix = Path(self._document.path).suffix
        name, _ = QFileDialog.getSaveFileName(
            self, "New file", self.target or str(Path(self._document.path).parent),
            f"The same kind (*{suffix});;All files (*)",
            options=QFileDialog.Option.DontConfirmOverwrite,  # the dialog says so itself
        )  # fmt: skip
        if name:
            self._target.setText(name)

    def _wait_for_target(self) -> None:
        """Nothing is known of a new name: it must not be replaced on the word for another."""
        self._exists, self._is_known = False, False
        self._allow()
        self._typing.start()

    def _look_at_target(self) -> None:
        """In a thread: a share that is gone answers after a minute."""
        target = self.target
        if self._looking is not None:
            self._looking.forget()
        self._looking = Errand(lambda: _facts(target), self)
        self._looking.done.connect(self._show_target)

    def _show_target(self, facts: tuple[int | None, bool]) -> None:
        self._looking = None
        free, self._exists = facts
        self._is_known = True
        self._view.show_free(free, self._plan.bytes_after if self._plan else 0)
        self._allow()

    def _allow(self) -> None:
        target = self.target
        is_source = bool(target) and target == self._document.path
        warning = ""
        if not target:
            warning = _NO_NAME
        elif is_source:
            warning = "This is the opened file itself; choose another name."
        elif self._exists:
            warning = f"{visible(Path(target).name)} exists and will be replaced."
        self._warning.set_text(warning)
        self._begin.setText("Replace" if self._exists and not is_source else "Export")
        is_ready = self._plan is not None and self._is_known
        self._begin.setEnabled(is_ready and bool(target) and not is_source)

    def _start(self) -> None:
        if not self._begin.isEnabled():
            return
        request = self._options.request(self._document.path, self.target)
        self.wanted.emit(request, self._exists)
        self.accept()


def _facts(target: str) -> tuple[int | None, bool]:
    """Free bytes where the target would be, and whether there is one already."""
    try:
        free = shutil.disk_usage(Path(target).parent).free if target else None
    except OSError:
        free = None
    return free, bool(target) and os.path.lexists(target)
