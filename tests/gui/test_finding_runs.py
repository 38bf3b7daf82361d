"""What a folder that was opened is: its runs, those below it, a few models."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from h5viewer.gui.series.finding_runs import find_runs
from h5viewer.series import members


@pytest.mark.parametrize(
    ("names", "n_runs", "others"),
    [
        (("w-1.h5", "w-2.h5", "w-3.h5"), 1, ()),
        (("first.h5",), 0, ("first.h5",)),
        (("notes.txt",), 0, ("",)),  # the folder itself
    ],
)
def test_a_folder_is_listed_once_to_learn_what_it_is(
    names: tuple[str, ...],
    n_runs: int,
    others: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A network drive takes its time."""
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    listed: list[str] = []
    entries = members._entries

    def counted(folder: str, most: int) -> list[os.DirEntry[str]]:
        listed.append(folder)
        return entries(folder, most)

    monkeypatch.setattr(members, "_entries", counted)
    found = find_runs([str(tmp_path)])
    assert len(found.runs) == n_runs
    assert found.others == tuple(str(tmp_path / name) for name in others)
    assert listed == [str(tmp_path)]
