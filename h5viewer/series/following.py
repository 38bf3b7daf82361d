"""The runs in a folder again and again, while training goes on.

A file that was written to is left alone until two looks find the same bytes' count and time,
and its own bytes say that it is whole.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from h5viewer.nodes import Series, SeriesStep
from h5viewer.series.members import Member, members_in, step_of
from h5viewer.series.runs import series_of
from h5viewer.series.whole_files import is_whole, left_alone

_Look = tuple[int, float]
"""Bytes and time of all files of one saved state."""


class Following:
    """Looks at a folder when it is asked to; belongs to one thread."""

    def __init__(self, folder: str, *, is_whole: Callable[[str], bool] = is_whole) -> None:
        """Nothing is looked at yet.

        Args:
            folder: where the files are.
            is_whole: whether a file was written to its end.
        """
        self.folder = str(Path(folder).absolute())
        self._is_whole = is_whole
        self._seen: dict[str, _Look] = {}
        self._known: dict[str, _Look] = {}  # those that were found whole
        self._has_looked = False
        self.others: tuple[SeriesStep, ...] = ()
        """Whole files that were in no run when it was last looked."""

    def look(self) -> tuple[Series, ...]:
        """The runs as they are now, of whole files alone; notes say what is left alone."""
        members = members_in(self.folder)
        whole: list[Member] = []
        left: list[Member] = []
        for member in members:
            (whole if self._is_settled(member) else left).append(member)
        self._seen = {_key(member): _look(member) for member in members}
        self._has_looked = True
        runs = series_of(whole, self.folder, left_alone(left))
        in_runs = {step.document for run in runs for step in run.steps}
        self.others = tuple(step_of(member) for member in whole if member.document not in in_runs)
        return runs

    def _is_settled(self, member: Member) -> bool:
        key, look = _key(member), _look(member)
        if self._known.get(key) == look:
            return True
        if self._has_looked and self._seen.get(key) != look:
            return False  # new or written to since
        if not member.has_all_parts or not self._is_whole(member.document):
            return False
        self._known[key] = look
        return True


def _key(member: Member) -> str:
    return f"{member.stem}\0{member.suffix}"


def _look(member: Member) -> _Look:
    return member.n_bytes, member.mtime
