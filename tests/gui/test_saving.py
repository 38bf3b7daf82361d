"""Saving text: whole or not at all, and never over the file on view."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from h5viewer.errors import CannotWrite
from h5viewer.gui.saving import writing


def save(target: Path, pieces: list[str], opened: str = "") -> None:
    for _ in writing(target, pieces, opened):
        pass


def test_the_target_is_replaced_as_a_whole(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    target.write_text("old")
    steps = writing(target, ["new ", "é\ud800\n"], "")
    next(steps)
    assert target.read_text() == "old"
    for _ in steps:
        pass
    assert target.read_bytes() == b"new \xc3\xa9\\ud800\n"
    assert list(tmp_path.iterdir()) == [target]


def test_giving_up_half_way_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    target.write_text("old")
    steps = writing(target, ["new", "er"], "")
    next(steps)
    steps.close()
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.parametrize("way", ["itself", "link", "other spelling"])
def test_the_opened_file_is_refused_by_every_name(tmp_path: Path, way: str) -> None:
    opened = tmp_path / "model.h5"
    opened.write_bytes(b"weights")
    targets = {
        "itself": opened,
        "link": tmp_path / "link.csv",
        "other spelling": tmp_path / "." / "model.h5",
    }
    if way == "link":
        os.link(opened, targets[way])
    with pytest.raises(CannotWrite, match="was not replaced"):
        save(targets[way], ["text"], str(opened))
    assert opened.read_bytes() == b"weights"


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match=r"table\.csv was not saved: no such file"):
        save(tmp_path / "nowhere" / "table.csv", ["text"])


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_a_saved_file_has_the_rights_of_a_new_file(tmp_path: Path) -> None:
    save(tmp_path / "table.csv", ["text"])
    (tmp_path / "plain").write_text("text")
    assert (tmp_path / "table.csv").stat().st_mode == (tmp_path / "plain").stat().st_mode
