"""A file that changes on disk is told of, once; one that is only read is not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from h5viewer.gui.file_watch import FileWatch, Look


@pytest.fixture
def watch(qtbot: QtBot) -> Iterator[FileWatch]:
    watch = FileWatch(interval=0.01)
    yield watch
    watch.close()


def begin(watch: FileWatch, path: Path) -> None:
    facts = path.stat()
    watch.watch(str(path), Look(facts.st_ino, facts.st_size, facts.st_mtime_ns))


def test_rewritten_file_is_told_once(qtbot: QtBot, watch: FileWatch, tmp_path: Path) -> None:
    """A training script writes on and on; the user hears of it once."""
    path = tmp_path / "a.h5"
    path.write_bytes(b"one")
    heard: list[str] = []
    watch.changed.connect(heard.append)
    begin(watch, path)
    path.write_bytes(b"second")
    qtbot.waitUntil(lambda: heard == [str(path)])
    path.write_bytes(b"and a third")
    other = tmp_path / "b.h5"
    other.write_bytes(b"one")
    begin(watch, other)
    other.unlink()
    with qtbot.waitSignal(watch.vanished):  # by now the first was looked at again
        pass
    assert heard == [str(path)]


def test_replaced_file_of_same_size_and_time_is_told(
    qtbot: QtBot, watch: FileWatch, tmp_path: Path
) -> None:
    """Another file under the same name is another file."""
    path, other = tmp_path / "a.h5", tmp_path / "b.h5"
    path.write_bytes(b"one")
    other.write_bytes(b"two")
    facts = path.stat()
    os.utime(other, ns=(facts.st_atime_ns, facts.st_mtime_ns))
    begin(watch, path)
    with qtbot.waitSignal(watch.changed) as heard:
        other.replace(path)
    assert heard.args == [str(path)]


def test_forgotten_file_is_not_told(qtbot: QtBot, watch: FileWatch, tmp_path: Path) -> None:
    """What was closed may change as it likes."""
    path, other = tmp_path / "a.h5", tmp_path / "b.h5"
    for each in (path, other):
        each.write_bytes(b"one")
        begin(watch, each)
    heard: list[str] = []
    watch.vanished.connect(heard.append)
    watch.forget(str(path))
    path.unlink()
    other.unlink()
    qtbot.waitUntil(lambda: bool(heard))
    assert heard == [str(other)]
