"""The Merge dialog: which files, what is made of them, what comes of it, where it goes."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from h5viewer.errors import H5ViewerError
from h5viewer.gui import theme
from h5viewer.gui.controls.notices import Busy, Notice, PlainLabel
from h5viewer.gui.controls.pages import Pages
from h5viewer.gui.drop_overlay import DropOverlay
from h5viewer.gui.export.exports import suffix_of
from h5viewer.gui.export.target_choice import HDF5, KERAS, WHOLE_NETWORKS
from h5viewer.gui.export.writing_dialog import WritingDialog
from h5viewer.gui.merge.combine_options import CombineOptions
from h5viewer.gui.merge.kind_choice import KindChoice
from h5viewer.gui.merge.member_table import MemberTable
from h5viewer.gui.merge.merge_options import (
    AverageOptions,
    ChainOptions,
    EnsembleOptions,
    MergeOptions,
)
from h5viewer.gui.task import Latest
from h5viewer.nodes import MergeChoices, MergeKind, MergeMember
from h5viewer.requests import Export, PlanMerge
from h5viewer.workers.pool import Pool

_NUMBER = re.compile(r"[0-9]{1,18}")
_STOPPED = "The files were not looked into to the end."
_OPTIONS: dict[MergeKind, Callable[[Pool], MergeOptions]] = {
    "average": lambda _: AverageOptions(),
    "ensemble": lambda _: EnsembleOptions(),
    "chain": lambda _: ChainOptions(),
    "combine": CombineOptions,
}
_NAMES: dict[MergeKind, str] = {
    "average": "average",
    "ensemble": "ensemble",
    "chain": "chain",
    "combine": "combined",
}


class MergeDialog(WritingDialog):
    """Several files in, one out."""

    def __init__(
        self, pool: Pool, paths: Sequence[str], folder: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(pool, "Merge", "Merge files", "Merge", parent)
        self._folder = folder
        self._looked: tuple[str, ...] = ()  # files that `_members` are known of
        self._members: tuple[MergeMember, ...] = ()
        self._files = MemberTable()
        self._files.ask_in(folder)
        self._notice = Notice()
        self._busy = Busy("Looking into the files…")
        self._kinds = KindChoice()
        self._options: dict[MergeKind, MergeOptions] = {}  # made when first chosen
        self._how = PlainLabel("How")
        self._pages = Pages()
        self._blank = QWidget()
        self._planning = Latest(pool, self)
        self._fill_body()
        self._connect()
        self._offered = WHOLE_NETWORKS
        self.suggest_target(self._suggestion(), (), WHOLE_NETWORKS)
        self._files.add(in_series_order(paths))
        if not paths:
            self._look()

    def export_to(self, target: str) -> Export | None:
        """What the chosen kind comes to."""
        kind = self._kinds.kind
        if kind is None or self.words_against():
            return None
        return self._of(kind).export(self._files.paths, self._files.shares, target)

    def words_against(self) -> str:
        """Files are missing, or do not go together."""
        if len(self._files.paths) < 2:
            return "Add at least two files; they can be dropped here."
        if self._looked != self._files.paths:
            return self._notice.message or "Looking into the files…"
        if self._kinds.kind is None:
            return "Nothing can be made of these files; the reasons stand beside each kind."
        return self._of(self._kinds.kind).words_against()

    # -------------------------------------------------------------- private

    def _look(self) -> None:
        """Ask what the files allow."""
        paths = self._files.paths
        self._looked, self._members = (), ()
        self._notice.clear()
        if len(paths) < 2:
            self._kinds.allow_none("Add a second file." if paths else "Add two files.")
        if not paths:
            self._planning.cancel()
        else:
            self._planning.ask(
                PlanMerge(document=paths[0], others=paths[1:]),
                lambda choices: self._show_choices(paths, choices),
                on_failure=self._fail,
                on_progress=self._busy.show_progress,
            )
        self._suggest()
        self.plan_anew()

    def _show_choices(self, paths: tuple[str, ...], choices: MergeChoices) -> None:
        self._files.describe(paths, choices.members)
        self._looked, self._members = paths, choices.members
        if len(paths) > 1:
            self._kinds.allow(choices.choices)

    def _fail(self, error: H5ViewerError) -> None:
        self._notice.show_error(error)
        self._kinds.allow_none("One of the files cannot be used.")

    def _stop(self) -> None:
        self._planning.cancel()
        self._notice.show_text(_STOPPED, severity="warning", action="Look again")
        self._kinds.allow_none(_STOPPED)

    def _show_kind(self) -> None:
        kind = self._kinds.kind
        options = self._of(kind) if kind is not None else None
        self._pages.setCurrentWidget(options.widget() if options is not None else self._blank)
        self._how.setVisible(options is not None)
        self._files.show_shares(options is not None and options.uses_shares)
        if options is not None and self._looked:
            options.show_members(self._looked, self._members)
        self._suggest()
        self.plan_anew()

    def _suggest(self) -> None:
        """Another name, and how what is made of these files may be stored."""
        paths, endings = self._files.paths, self._endings
        if endings == self._offered:
            self.target.suggest(self._suggestion(), paths)
        else:
            self._offered = endings
            self.suggest_target(self._suggestion(), paths, endings)

    @property
    def _endings(self) -> tuple[tuple[str, str], ...]:
        """The mean of weights alone is weights alone."""
        is_mean = self._kinds.kind == "average" and bool(self._members)
        if is_mean and not self._members[0].has_architecture:
            suffix = suffix_of(Path(self._files.paths[0]))
            return ((suffix, f"Weights alone ({suffix})"),)
        return WHOLE_NETWORKS

    def _take_options(self) -> None:
        kind = self._kinds.kind
        if kind is not None:
            self._files.show_shares(self._of(kind).uses_shares)
        self.plan_anew()

    def _of(self, kind: MergeKind) -> MergeOptions:
        if kind not in self._options:
            options = self._options[kind] = _OPTIONS[kind](self.pool)
            options.changed.connect(self._take_options)
            self._pages.addWidget(options.widget())
        return self._options[kind]

    def _suggestion(self) -> Path:
        """Beside the first file, stored as that is."""
        paths = self._files.paths
        name = _NAMES.get(self._kinds.kind or "average", "merged")
        folder = Path(paths[0]).parent if paths else Path(self._folder or Path.home())
        is_hdf5 = bool(paths) and paths[0].lower().endswith((".h5", ".hdf5"))
        ending = HDF5[0] if is_hdf5 else KERAS[0]
        if self._endings != WHOLE_NETWORKS:
            ending = self._endings[0][0]
        return folder / f"{name}{ending}"

    def _add(self, paths: list[str]) -> None:
        whole = [os.path.abspath(path) for path in paths]  # noqa: PTH100  # links stay
        self._files.add(in_series_order(whole))

    def _connect(self) -> None:
        self._files.files_changed.connect(self._look)
        self._files.shares_changed.connect(self.plan_anew)
        self._kinds.kind_changed.connect(self._show_kind)
        self._planning.busy_changed.connect(self._busy.set_busy)
        self._busy.cancelled.connect(self._stop)
        self._notice.action_requested.connect(self._look)
        DropOverlay(self, lambda _: "Drop to add").files_dropped.connect(self._add)

    def _fill_body(self) -> None:
        self._kinds.setFixedWidth(330)
        self._pages.addWidget(self._blank)
        self._pages.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._how.hide()
        self._files.show_shares(False)
        self._files.setMinimumHeight(110)
        choice = QVBoxLayout()
        choice.setSpacing(theme.SPACE_S)
        choice.addWidget(PlainLabel("What to make of them"))
        choice.addWidget(self._kinds)
        choice.addStretch(1)
        how = QVBoxLayout()
        how.setSpacing(theme.SPACE_S)
        how.addWidget(self._how)
        how.addWidget(self._pages, 1)
        self.place_plan(how)
        both = QHBoxLayout()
        both.setSpacing(theme.SPACE_XL)
        both.addLayout(choice)
        both.addLayout(how, 1)
        self.body.addWidget(self._files, 1)
        self.body.addWidget(self._notice)
        self.body.addWidget(self._busy)
        self.body.addLayout(both, 2)
        self.resize(940, 660)


def in_series_order(paths: Sequence[str]) -> Sequence[str]:
    """Checkpoints of a series, whose names differ in numbers only, by these; others as they are."""
    names = [Path(path).name for path in paths]
    if len({_NUMBER.sub("", name) for name in names}) != 1:
        return paths
    return sorted(paths, key=lambda path: [int(n) for n in _NUMBER.findall(Path(path).name)])
