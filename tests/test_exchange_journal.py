"""What becomes of exchanges that a killed program left: put back, never anything else touched."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path

import pytest

from h5viewer.exchange_journal import SUFFIX, Journal, put_abandoned_back
from h5viewer.scratch_file import SUFFIX as PART
from h5viewer.scratch_file import remove_abandoned


def number_of(path: Path) -> list[int]:
    facts = path.stat()
    return [facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns]


def moves_in(folder: Path) -> list[tuple[Path, Path]]:
    """Two files that are to be replaced, one that is to be made."""
    (folder / "data").write_bytes(b"old data")
    (folder / "index").write_bytes(b"old index")
    for name in ("data", "more", "index"):
        (folder / f"new {name}").write_bytes(b"new")
    return [(folder / f"new {name}", folder / name) for name in ("data", "more", "index")]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_what_a_program_that_runs_exchanges_is_left_alone(tmp_path: Path) -> None:
    moves = moves_in(tmp_path)
    journal = Journal(moves, PART)
    journal.keep_old()
    moves[0][0].replace(moves[0][1])
    before = contents(tmp_path)
    remove_abandoned(tmp_path)
    assert contents(tmp_path) == before
    journal.close()
    remove_abandoned(tmp_path)
    assert contents(tmp_path) == {
        "data": b"old data",
        "index": b"old index",
        "new index": b"new",
        "new more": b"new",
    }


def test_what_came_to_be_meanwhile_stays(tmp_path: Path) -> None:
    moves = moves_in(tmp_path)
    journal = Journal(moves, PART)
    journal.keep_old()
    for path, target in moves:
        path.replace(target)
    for name in ("index", "more"):
        (tmp_path / name).unlink()
        (tmp_path / name).write_bytes(b"of somebody else")
    journal.close()
    remove_abandoned(tmp_path)
    assert contents(tmp_path) == {
        "data": b"old data",
        "index": b"of somebody else",
        "more": b"of somebody else",
    }


def test_disks_without_second_names_keep_the_old_files_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    moves = moves_in(tmp_path)
    journal = Journal(moves, PART)
    journal.keep_old()
    moves[0][0].replace(moves[0][1])
    journal.put_back()
    assert (tmp_path / "data").read_bytes() == b"old data"
    assert (tmp_path / "index").read_bytes() == b"old index"
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize("name", ["victim", "../outside/victim", "..", ""])
def test_a_journal_of_a_stranger_removes_and_moves_nothing(name: str, tmp_path: Path) -> None:
    """It may come along in a downloaded folder; the numbers of files it cannot know."""
    folder, outside = tmp_path / "folder", tmp_path / "outside"
    for each in (folder, outside):
        each.mkdir()
        (each / "victim").write_bytes(b"precious")
    (folder / "kept").write_bytes(b"evil")
    known = number_of(outside / "victim") if "/" in name else [1, 2, 3, 4]
    move = {"target": text(name), "new": known, "kept": text("kept")}
    moves = [{**move, "old": None}, {**move, "old": number_of(folder / "kept")}]
    (folder / f".stranger{SUFFIX}").write_text(json.dumps(moves))
    remove_abandoned(folder)
    assert contents(folder) == {"victim": b"precious", "kept": b"evil"}
    assert contents(outside) == {"victim": b"precious"}


def text(name: str) -> str:
    return b64encode(name.encode()).decode()


@pytest.mark.parametrize("written", ["", "[", "7", '[{"target": 1}]', "[" * 100_000])
def test_a_journal_that_was_not_written_whole_goes(written: str, tmp_path: Path) -> None:
    (tmp_path / f".half{SUFFIX}").write_text(written)
    assert put_abandoned_back(tmp_path) == set()
    assert contents(tmp_path) == {}
