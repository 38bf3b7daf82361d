"""What the window says about whole files: refused, changed on disk, gone, not to be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from h5viewer.errors import CannotRead, Damaged, H5ViewerError, TooLarge, WorkerLost
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import Notice, Severity
from h5viewer.names import visible
from h5viewer.nodes import Document

Kind = Literal["refused", "failed", "changed", "vanished", "advice", "run", "state", "incomplete"]
Paths = tuple[str, ...]

_MOST = 4
"""Notices at once; what more files have in common is said in one."""

_SALVAGE = "Save what is whole…"
_RUN = "Show the run"
_CORRECT = "Save corrected copy…"

_TOGETHER: dict[Kind, str] = {
    "refused": "{} files cannot be opened.",
    "failed": "{} files cannot be read in full.",
    "changed": "{} files changed on disk.",
    "vanished": "{} files were moved or deleted.",
    "advice": "{} notes.",
    "run": "{} files are each one of a run of training.",
    "state": "{} files name checkpoints elsewhere.",
    "incomplete": "{} checkpoints are not whole.",
}


class _Words(msgspec.Struct, frozen=True):
    """What is said about one file, or about several alike."""

    kind: Kind
    message: str
    hint: str = ""
    details: str = ""
    action: str = ""

    @property
    def severity(self) -> Severity:
        if self.kind in ("advice", "run", "state"):
            return "note"
        return "error" if self.kind in ("refused", "failed") else "warning"

    @property
    def in_full(self) -> str:
        return "\n    ".join(
            line for line in (self.message, self.hint, *self.details.splitlines()) if line
        )


class FileNotices(QWidget):
    """Notices one below the other, at most one about each file; each can be closed.

    Signals:
        retry_wanted(path: str): open or reload the file.
        salvage_wanted(path: str): save what is whole of it.
        run_wanted(path: str): show the run that it is one file of.
        correct_wanted(path: str): copy a list of checkpoints, with where they are today.
    """

    retry_wanted = Signal(str)
    salvage_wanted = Signal(str)
    run_wanted = Signal(str)
    correct_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said: dict[str, _Words] = {}  # by file, the newest last
        self._notices: dict[Paths, Notice] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(*[theme.SPACE_S] * 4)
        self._column.setSpacing(theme.SPACE_XS)
        self.hide()

    @property
    def messages(self) -> list[str]:
        """The sentences shown."""
        return [notice.message for notice in self._notices.values()]

    def show_refused(self, path: str, error: H5ViewerError) -> None:
        """A file could not be opened; what is refused for its content would be so again."""
        action = "Try again" if isinstance(error, WorkerLost) else ""
        action = _SALVAGE if isinstance(error, Damaged) else action
        self._say(path, _Words("refused", error.message, error.hint, error.details, action))

    def show_failed(self, path: str, error: H5ViewerError) -> None:
        """Part of an open file could not be read."""
        is_damage = isinstance(error, CannotRead) and not isinstance(error, TooLarge)
        action = _SALVAGE if is_damage and "changed on disk" not in error.message else "Reload"
        self._say(path, _Words("failed", error.message, error.hint, error.details, action))

    def show_changed(self, path: str) -> None:
        """Other bytes stand on disk than those read."""
        message = f"{visible(Path(path).name)} changed on disk."
        self._say(path, _Words("changed", message, "What you see is from before.", "", "Reload"))

    def show_vanished(self, path: str) -> None:
        """The file is no longer where it was."""
        message = f"{visible(Path(path).name)} was moved or deleted."
        hint = "What is open can be looked at until you close it."
        self._say(path, _Words("vanished", message, hint))

    def show_advice(self, message: str, hint: str) -> None:
        """Nothing went wrong, but something has to be done first; about no file."""
        self._say("", _Words("advice", message, hint))

    def show_run(self, path: str, message: str) -> None:
        """The file has siblings, which together are a run of training."""
        known = self._said.get(path)
        if known is None or known.kind != "incomplete":
            self._say(path, _Words("run", message, "", "", _RUN))

    def show_state(self, path: str, message: str, hint: str) -> None:
        """A list of checkpoints says that they are elsewhere."""
        self._say(path, _Words("state", message, hint, "", _CORRECT))

    def show_opened(self, document: Document) -> None:
        """What was said before is over; of a checkpoint files may be cut short, or not there."""
        self.clear(document.path)
        of_files = [each for each in document.problems if not each.where]
        said = [each.message for each in of_files if each.severity == "warning"]
        if document.format == "tf-checkpoint" and said:
            details = "\n".join(said[1:])
            self._say(document.path, _Words("incomplete", said[0], "", details, _SALVAGE))

    def clear(self, path: str) -> None:
        """Take away what was said about a file, and advice that may have been followed."""
        self._forget((path, ""))

    # -------------------------------------------------------------------- private

    def _say(self, path: str, words: _Words) -> None:
        self._said.pop(path, None)
        self._said[path] = words
        self._remove([paths for paths in self._notices if path in paths])
        self._show()

    def _forget(self, paths: Paths) -> None:
        for path in paths:
            self._said.pop(path, None)
        self._show()

    def _show(self) -> None:
        """Make the notices that are not there, and take those away that are no longer so."""
        wanted = dict(self._wanted())
        self._remove([paths for paths in self._notices if paths not in wanted])
        for paths, words in wanted.items():
            if paths not in self._notices:
                self._make(paths, words)
        self.setVisible(bool(self._notices))

    def _wanted(self) -> Iterator[tuple[Paths, _Words]]:
        by_kind: dict[Kind, list[str]] = {}
        for path, words in self._said.items():
            by_kind.setdefault(words.kind, []).append(path)
        gathers = len(self._said) > _MOST
        for kind, paths in by_kind.items():
            if gathers and len(paths) > 1:
                yield tuple(paths), self._together(kind, paths)
            else:
                yield from (((path,), self._said[path]) for path in paths)

    def _together(self, kind: Kind, paths: list[str]) -> _Words:
        said = [self._said[path] for path in paths]
        hints = {words.hint for words in said}
        return _Words(
            kind,
            _TOGETHER[kind].format(f"{len(paths):,}"),
            hints.pop() if len(hints) == 1 else "",
            "\n".join(words.in_full for words in said),
            next((words.action for words in said if words.action not in ("", _SALVAGE)), ""),
        )

    def _make(self, paths: Paths, words: _Words) -> None:
        notice = self._notices[paths] = Notice(closable=True)
        notice.dismissed.connect(lambda: self._forget(paths))
        acts = {_SALVAGE: self._salvage, _RUN: self._show_run, _CORRECT: self._correct}
        act = acts.get(words.action, self._retry)
        notice.action_requested.connect(lambda: act(paths))
        self._column.addWidget(notice)
        notice.show_text(
            words.message,
            hint=words.hint,
            severity=words.severity,
            details=words.details,
            action=words.action,
        )

    def _salvage(self, paths: Paths) -> None:
        self.salvage_wanted.emit(paths[0])  # never said of several at once

    def _correct(self, paths: Paths) -> None:
        for path in paths:
            self.correct_wanted.emit(path)

    def _show_run(self, paths: Paths) -> None:
        for path in paths:  # files of one run ask for it once
            if path in self._said:
                self.run_wanted.emit(path)

    def _retry(self, paths: Paths) -> None:
        """Only those that may come to something else."""
        for path in paths:
            if path in self._said and self._said[path].action not in ("", _SALVAGE):
                self.retry_wanted.emit(path)

    def _remove(self, gone: list[Paths]) -> None:
        for paths in gone:
            notice = self._notices.pop(paths)
            self._column.removeWidget(notice)
            notice.hide()
            notice.deleteLater()
