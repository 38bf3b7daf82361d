"""Check: what is wrong with the data sets of a file, or of several that belong together."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import PurePath

import numpy as np
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from h5viewer import picture_report
from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.labels import PlainLabel, show_name
from h5viewer.gui.controls.notices import Busy, EmptyState, Notice
from h5viewer.gui.controls.tool_button import push_button
from h5viewer.gui.controls.turning_splitter import TurningSplitter
from h5viewer.gui.gallery.finding_list import FindingList
from h5viewer.gui.gallery.finding_pictures import FindingPictures
from h5viewer.gui.gallery.set_view import SetView, ShownSet
from h5viewer.gui.task import Latest
from h5viewer.names import plain
from h5viewer.nodes import Document, Identity, PictureReport, PictureSet
from h5viewer.requests import CheckPictures
from h5viewer.wording import bytes_text
from h5viewer.workers.pool import Pool

_UNASKED = 1 << 30  # bytes that are read when the view is opened; more only when asked for
_MOST_KEPT = 4  # reports kept for coming back
_NARROW = 760  # pixels; below, the pictures stand under the list

_Key = tuple[tuple[str, Identity | None], ...]


class CheckView(SetView):
    """One report of a document at a time; finished ones are kept until the file changes."""

    def __init__(self, pool: Pool, parent: QWidget | None = None) -> None:
        super().__init__(pool, parent)
        self._shown: ShownSet | None = None
        self._documents: tuple[Document, ...] = ()
        self._others: dict[str, tuple[str, ...]] = {}  # chosen for each document
        self._kept: OrderedDict[_Key, PictureReport] = OrderedDict()
        self._checking = Latest(pool, self)
        self.report: PictureReport | None = None
        self._sentence = PlainLabel(wrap=True)
        self._limits = PlainLabel(wrap=True, role="muted")
        self._busy = Busy("Reading…")
        self.notice = Notice()
        self.together = QPushButton()
        self._menu = QMenu(self)
        self._copy = push_button("Copy", "Copy the whole report as text")
        self._again = push_button("Check again", "Look at all pictures anew")
        self.findings = FindingList()
        self.pictures = FindingPictures(pool)
        self.empty = EmptyState("check")
        self._splitter = TurningSplitter(_NARROW, beside=(360, 540), below=(200, 300))
        self._pages = QStackedWidget()
        self._arrange()
        self._connect()

    # SetView

    def show_set(self, shown: ShownSet) -> None:
        """The report of the file that the set is in; it is made when there is none yet."""
        before = self._shown
        is_same = before is not None and (before.document, before.labels_document) == (
            shown.document,
            shown.labels_document,
        )
        if is_same and (self.report is not None or self._checking.is_waiting):
            self._shown = shown
            return
        self._shown = shown
        self._offer_others()
        self._begin(is_asked=False)

    def show_documents(self, documents: Sequence[Document]) -> None:
        """Others may be looked at together with the one on view."""
        self._documents = tuple(documents)
        paths = {document.path for document in documents}
        self._others = {
            path: tuple(other for other in others if other in paths)
            for path, others in self._others.items()
            if path in paths
        }
        self._offer_others()

    def clear(self) -> None:
        """Stop looking, forget what is shown."""
        self._shown = None
        self._forget()

    # Looking

    @property
    def _files(self) -> tuple[str, ...]:
        """The document on view, those chosen with it, and the one with its labels."""
        shown = self._shown
        if shown is None:
            return ()
        files = (shown.document, *self._others.get(shown.document, ()))
        return files if shown.labels_document in files else (*files, shown.labels_document)

    def _begin(self, *, is_asked: bool) -> None:
        """Show what is known, or look; at very much only when the user asks for it."""
        shown = self._shown
        if shown is None:
            return
        kept = self._kept.get(self._key())
        if kept is not None and not is_asked:
            self._show_report(kept)
            return
        self._forget()
        sets = (shown.pictures, *shown.others)
        n_bytes = sum(_n_bytes(each) for each in sets if not each.is_loose)
        if n_bytes > _UNASKED and not is_asked:
            self._show_empty(
                "search",
                "Look for duplicates, leakage, blank pictures, wrong labels",
                "All pictures have to be read once.",
                button=f"Check {bytes_text(n_bytes)}",
            )
            return
        self._show_empty(
            "search", "Looking at all pictures…", "Each is read once and compared with all others."
        )
        files = self._files
        self._checking.ask(
            CheckPictures(document=files[0], others=files[1:]),
            self._finish,
            on_failure=self._fail,
            on_progress=self._busy.show_progress,
        )

    def _forget(self) -> None:
        """Stop looking; nothing was found."""
        self._checking.cancel()
        self.report = None
        self.findings.show_report(None)
        self.pictures.clear()
        self.notice.clear()
        self._say("", ())

    def _finish(self, report: object) -> None:
        if not isinstance(report, PictureReport) or self._shown is None:
            return
        self._kept[self._key()] = report
        if len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        self._show_report(report)

    def _fail(self, error: H5ViewerError) -> None:
        self.notice.show_error(error, action="Try again")
        self._stopped("The check ended early.")

    def _cancel(self) -> None:
        self._checking.cancel()
        self._again.setFocus()  # from the button that goes
        self._stopped("Stopped before the end.")

    def _stopped(self, what: str) -> None:
        self._say(what, ())
        self._show_empty("search", what, "Check again looks at all pictures.")

    def _key(self) -> _Key:
        known = {document.path: document.identity for document in self._documents}
        return tuple((path, known.get(path)) for path in self._files)

    # Showing

    def _show_report(self, report: PictureReport) -> None:
        self.report = report
        self._say(picture_report.sentence(report), report.limits)
        files = self._files
        sets = [
            ShownSet(files[number], pictures)
            for number, pictures in zip(report.documents, report.sets, strict=True)
        ]
        self.pictures.show_report(report, sets)
        self.findings.show_report(report)
        if report.findings:
            self._pages.setCurrentWidget(self._splitter)
            self.findings.setFocus()
            return
        self._show_empty(
            "check",
            "Nothing found",
            "No picture twice, none blank, labels in range and in balance, chunks that suit "
            "random batches.",
        )

    def _show_empty(self, icon: str, title: str, text: str, *, button: str = "") -> None:
        self.empty.show_text(icon, title, text, button=button)
        self._pages.setCurrentWidget(self.empty)

    def _say(self, sentence: str, limits: Sequence[str]) -> None:
        self._sentence.set_text(sentence)
        self._limits.set_text(" ".join(limits))
        self._limits.setVisible(bool(limits))
        self._copy.setEnabled(self.report is not None)

    def _offer_others(self) -> None:
        """The other open files, to be ticked."""
        self._menu.clear()
        shown = self._shown
        for document in self._documents:
            if shown is None or document.path == shown.document:
                continue
            action = QAction(show_name(PurePath(document.path).name, 60), self._menu)
            action.setCheckable(True)
            action.setChecked(document.path in self._files)
            action.toggled.connect(lambda on, path=document.path: self._choose(path, is_on=on))
            self._menu.addAction(action)
        self.together.setEnabled(bool(self._menu.actions()))
        self._say_together()
        self.together.setToolTip(
            "Look for pictures that this file and other open ones share"
            if self._menu.actions()
            else "Open the file of another split to look for pictures that both share"
        )

    def _choose(self, path: str, *, is_on: bool) -> None:
        if self._shown is None:
            return
        own = self._shown.document
        others = [other for other in self._others.get(own, ()) if other != path]
        self._others[own] = (*others, path) if is_on else tuple(others)
        self._say_together()
        self._begin(is_asked=is_on)

    def _say_together(self) -> None:
        n_more = len(self._files[1:])
        self.together.setText(f"With {n_more} more" if n_more else "With other files")

    # Going elsewhere

    def _show_pictures(self, number: int, indices: tuple[int, ...]) -> None:
        report, row = self.report, self.findings.currentRow()
        if report is None or not 0 <= row < len(report.findings):
            return
        words = picture_report.title(report.findings[row])
        document = self._files[report.documents[number]]
        self.pictures_wanted.emit(document, report.sets[number].node, indices, words)

    def _copy_report(self) -> None:
        if self.report is not None:
            QGuiApplication.clipboard().setText(plain(picture_report.text(self.report)))
            self.status_changed.emit("The report is in the clipboard.")

    # Building

    def _connect(self) -> None:
        self._checking.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._cancel)
        self.notice.action_requested.connect(lambda: self._begin(is_asked=True))
        self.empty.activated.connect(lambda: self._begin(is_asked=True))
        self._again.clicked.connect(lambda: self._begin(is_asked=True))
        self._copy.clicked.connect(self._copy_report)
        self.findings.finding_chosen.connect(self.pictures.show_finding)
        self.findings.itemActivated.connect(lambda _: self.pictures.grid.setFocus())
        self.pictures.pictures_wanted.connect(self._show_pictures)
        self.pictures.pointed.connect(self.status_changed)

    def _arrange(self) -> None:
        self._say_together()
        self.together.setAccessibleName("Check together with other files")
        self.together.setMenu(self._menu)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._sentence)
        texts.addWidget(self._limits)
        row = QHBoxLayout()
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_S, theme.SPACE_S)
        row.setSpacing(theme.SPACE_S)
        row.addLayout(texts, 1)
        for part in (self._busy, self.together, self._copy, self._again):
            row.addWidget(part)
        self._splitter.addWidget(self.findings)
        self._splitter.addWidget(self.pictures)
        self._splitter.share()
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._splitter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.notice)
        column.addWidget(self._pages, 1)


def _n_bytes(pictures: PictureSet) -> int:
    try:
        itemsize = np.dtype(pictures.dtype).itemsize
    except TypeError:  # bfloat16, an enumeration
        itemsize = 2
    return math.prod(pictures.shape) * itemsize
