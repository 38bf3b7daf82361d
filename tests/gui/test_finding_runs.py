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


NAMES = (
    "aaron", "bilal", "chen", "dora", "emil", "fatou", "grace", "hugo", "ines", "jonas", "kofi",
    "lena", "milan", "nadia", "otto", "priya", "quinn", "rosa",
)  # fmt: skip


@pytest.mark.parametrize("n_each", [1, 2])
def test_a_folder_of_models_opens_them_all_unless_they_are_too_many_to_be_meant(
    n_each: int, tmp_path: Path
) -> None:
    paths = [str(tmp_path / f"{name}{'_net' * n}.h5") for name in NAMES for n in range(n_each)]
    for path in paths:
        Path(path).write_bytes(b"x")
    found = find_runs([str(tmp_path)])
    assert found.runs == ()
    assert sorted(found.others) == (sorted(paths) if n_each == 1 else [str(tmp_path)])
