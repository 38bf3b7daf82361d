"""Health: one pass over all weights when the tab is opened, findings as they come."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import PurePath

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from h5viewer import health_report
from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.column import line
from h5viewer.gui.controls.notices import Busy, EmptyState, Notice
from h5viewer.gui.controls.turning_splitter import TurningSplitter
from h5viewer.gui.health.finding_item_model import FindingItemModel
from h5viewer.gui.health.finding_side import FindingSide, target
from h5viewer.gui.health.finding_table import FindingTable
from h5viewer.gui.health.health_header import HealthHeader
from h5viewer.gui.panel import Panel
from h5viewer.gui.panels import LAYERS
from h5viewer.gui.selection import Selection
from h5viewer.gui.task import Latest
from h5viewer.names import plain, visible
from h5viewer.nodes import Document, HealthFinding, HealthFindings, HealthReport, Identity
from h5viewer.requests import CheckHealth
from h5viewer.workers.pool import Pool

_MOST_KEPT = 8
"""Reports kept for coming back."""

_NEXT_LOOK = 200  # milliseconds between changes of the list while findings come
_MOST_COMING = 1_000  # findings listed before the report has ranked them
_NARROW = 760  # pixels; below, the explanation stands under the list


class HealthPanel(Panel):
    """The report of one document at a time; finished ones are kept."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._document: Document | None = None
        self._report: HealthReport | None = None
        self._kept: OrderedDict[tuple[str, Identity], HealthReport] = OrderedDict()
        self._checking = Latest(pool, self)
        self._coming: list[HealthFinding] = []  # not shown yet
        self._next_look = QTimer(self, singleShot=True, interval=_NEXT_LOOK)
        self._next_look.timeout.connect(self._show_coming)
        self._header = HealthHeader()
        self._busy = Busy("Reading values…")
        self._failure = Notice()
        self._model = FindingItemModel(self)
        self._table = FindingTable(self._model)
        self._side = FindingSide()
        self._empty = EmptyState("check")
        self._pages = QStackedWidget()
        self._splitter = TurningSplitter(_NARROW, beside=(640, 320), below=(300, 260))
        self._arrange()
        self._connect()

    # Panel

    def show_selection(self, selection: Selection) -> None:
        """The report of the selected document; it is made when there is none yet."""
        self._checking.cancel()
        self._document = selection.document
        listed = selection.document.has_architecture or selection.document.lists_weights
        self._side.has_layers = listed
        kept = self._kept.get(_key(selection.document))
        if kept is None:
            self._check()
        else:
            self._show_report(kept)

    def clear(self) -> None:
        """Stop looking, forget what is shown."""
        self._checking.cancel()
        self._forget_coming()
        self._document = self._report = None
        self._model.show_findings([])
        self._side.show_finding(None)

    # Looking

    def _check(self) -> None:
        if self._document is None:
            return
        self._report = None
        self._failure.clear()
        self._forget_coming()
        self._model.show_findings([])
        self._side.show_finding(None)
        self._header.say("search", "muted", "Looking at the weights…")
        self._checking.ask(
            CheckHealth(document=self._document.path),
            self._finish,
            on_part=self._add,
            on_failure=self._fail,
            on_progress=self._busy.show_progress,
        )
        self._show_page()

    def _add(self, part: HealthFindings) -> None:
        self._coming += part.findings
        if not self._next_look.isActive():
            self._next_look.start()

    def _show_coming(self) -> None:
        """What has come since the last time; one by one would be slow."""
        room = max(0, _MOST_COMING - len(self._model.findings))
        self._model.add_findings(self._coming[:room])
        self._coming.clear()
        so_far = health_report.counted(self._model.findings)
        self._header.say("search", "muted", f"Looking… {so_far} so far")
        self._show_page()

    def _finish(self, report: HealthReport) -> None:
        if self._document is None:
            return
        self._kept[_key(self._document)] = report
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        self._show_report(report)

    def _fail(self, error: H5ViewerError) -> None:
        self._failure.show_error(error, action="Try again")
        self._stopped("The check ended early")

    def _cancel(self) -> None:
        self._checking.cancel()
        self._header.focus_again()  # from the button that goes
        self._stopped("Stopped before the end")

    def _forget_coming(self) -> None:
        self._next_look.stop()
        self._coming.clear()

    def _stopped(self, what: str) -> None:
        self._next_look.stop()
        self._show_coming()
        so_far = health_report.counted(self._model.findings) or "nothing found"
        self._header.say("pause", "muted", f"{what}: {so_far} until then.")
        self._show_page()

    # Showing

    def _show_report(self, report: HealthReport) -> None:
        self._report = report
        self._forget_coming()
        self._failure.clear()
        self._model.show_findings(report.findings)
        icon, role = _picture(report)
        self._header.say(icon, role, health_report.sentence(report), health_report.scope(report))
        self._show_page()
        self._table.begin()

    def _show_page(self) -> None:
        """The list, or what an empty one means."""
        if self._model.rowCount():
            self._pages.setCurrentWidget(self._splitter)
            return
        if self._report is None:
            text = "" if self._checking.is_waiting else "Check again looks at all weights."
            self._empty.show_text("search", "Nothing found so far", text)
        elif self._report.n_weights:
            text = "No NaN, no dead or repeated units, scales in line, everything in its place."
            self._empty.show_text("check", "This network looks healthy", text)
        else:
            self._empty.show_text("weights", "No weights", "This file stores none to look at.")
        self._pages.setCurrentWidget(self._empty)

    # Going elsewhere

    def _go_to(self, finding: HealthFinding) -> None:
        """To the weight; of what concerns a whole layer, to that layer."""
        match target(finding, has_layers=self._side.has_layers):
            case "layer":
                self.layer_requested.emit(finding.key)
            case "layers":
                self.panel_requested.emit(LAYERS)
            case "node" if self._document is not None:
                self.node_requested.emit(self._document.path, finding.path, finding.axes)

    def _copy(self) -> None:
        if self._document is None:
            return
        name = visible(PurePath(self._document.path).name)
        report = self._report or HealthReport(
            n_weights=0, n_layers=0, n_bytes=0, findings=tuple(self._model.findings)
        )
        QGuiApplication.clipboard().setText(plain(health_report.text(name, report)))
        self.status_changed.emit("The report is in the clipboard.")

    # Building

    def _connect(self) -> None:
        self._checking.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._cancel)
        self._failure.action_requested.connect(self._check)
        self._header.again_wanted.connect(self._check)
        self._header.copy_wanted.connect(self._copy)
        self._table.finding_chosen.connect(self._side.show_finding)
        self._table.kind_chosen.connect(self._side.show_kind)
        self._table.place_wanted.connect(self._go_to)
        self._side.place_wanted.connect(self._go_to)

    def _arrange(self) -> None:
        self._splitter.addWidget(self._table)
        self._splitter.addWidget(self._side)
        self._splitter.setStretchFactor(0, 2)
        self._splitter.setStretchFactor(1, 1)
        self._splitter.share()
        self._pages.addWidget(self._splitter)
        self._pages.addWidget(self._empty)
        failure = QVBoxLayout()
        failure.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_M, theme.SPACE_S)
        failure.addWidget(self._failure)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._header)
        column.addLayout(failure)
        column.addWidget(self._busy)
        column.addWidget(line())
        column.addWidget(self._pages, 1)


def _key(document: Document) -> tuple[str, Identity]:
    return document.path, document.identity


def _picture(report: HealthReport) -> tuple[str, theme.Role]:
    if health_report.count(report.findings, "serious"):
        return "error", "error"
    if not health_report.is_healthy(report.findings):
        return "warning", "warning"
    return ("check", "success") if report.n_weights else ("info", "muted")
