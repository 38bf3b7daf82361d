"""What is remembered comes back; what is damaged becomes a default."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from h5viewer.gui import settings_store
from h5viewer.gui.settings import (
    DEFAULT_MEMORY,
    DEFAULT_NETWORK_MEMORY,
    MOST_RECENT,
    SMALLEST_MEMORY,
    Settings,
)
from h5viewer.gui.settings_store import SettingsStore


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "settings.json"


def opened(file: Path) -> Settings:
    """As a later start finds them."""
    settings_store.wait_until_written()
    settings_store.store_of.cache_clear()
    return Settings(file)


def test_choices_survive_a_restart(file: Path) -> None:
    """Theme, limit, folder, geometry."""
    settings = opened(file)
    settings.theme = "dark"
    settings.memory_limit = 5 << 30
    settings.network_memory = 9 << 30
    settings.starts_network_ahead = True
    settings.folder = "/data/ä"
    settings.keep_bytes("geometry", QByteArray(b"\x00\x01\xff"))
    again = opened(file)
    assert again.theme == "dark"
    assert again.memory_limit == 5 << 30
    assert again.network_memory == 9 << 30
    assert again.starts_network_ahead
    assert again.folder == "/data/ä"
    assert again.bytes_of("geometry") == QByteArray(b"\x00\x01\xff")


def test_recent_files_are_few_unique_and_newest_first(file: Path) -> None:
    """The eleventh pushes out the first; a file opened again moves up."""
    settings = opened(file)
    for number in range(MOST_RECENT + 1):
        settings.add_recent(f"/{number}.h5")
    settings.add_recent("/5.h5")
    assert settings.recent[0] == "/5.h5"
    assert len(settings.recent) == MOST_RECENT
    assert "/0.h5" not in settings.recent
    settings.forget_recent("/5.h5")
    assert "/5.h5" not in settings.recent
    settings.forget_recent()
    assert settings.recent == []


def test_a_list_of_one_comes_back_as_a_list(file: Path) -> None:
    """With a comma in it."""
    opened(file).add_recent("/a, b.h5")
    assert opened(file).recent == ["/a, b.h5"]


@pytest.mark.parametrize(
    "text",
    [
        '{"theme": 7, "memory_limit": "much", "network_memory": [], "starts_network_ahead": 7,'
        ' "recent": {"a": 1}, "geometry": "\u00e4"}',
        '{"memory_limit": 1e999, "recent": [1, null, ""], "geometry": 3}',
        "[]",
        "[" * 100_000,
        "\x00",
    ],
)
def test_damaged_settings_are_defaults(file: Path, text: str) -> None:
    """A broken file of settings never stops the program."""
    file.parent.mkdir()
    file.write_text(text, "utf-8")
    settings = opened(file)
    assert settings.theme == "system"
    assert settings.memory_limit == DEFAULT_MEMORY
    assert settings.network_memory == DEFAULT_NETWORK_MEMORY
    assert not settings.starts_network_ahead
    assert settings.recent == []
    assert settings.bytes_of("geometry").isEmpty()


def test_limit_is_never_too_small_to_work(file: Path) -> None:
    """A limit of one byte would only ever produce errors."""
    settings = opened(file)
    settings.memory_limit = 1
    assert settings.memory_limit == SMALLEST_MEMORY


def test_the_window_does_not_wait_for_the_disk(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program may keep it busy for seconds."""
    is_free = threading.Event()
    monkeypatch.setattr(os, "fsync", lambda _: is_free.wait(20))
    settings = Settings(file)
    settings.add_recent("/a.h5")
    settings.add_recent("/b.h5")
    assert Settings(file).recent == ["/b.h5", "/a.h5"]
    assert not file.exists()
    is_free.set()
    assert opened(file).recent == ["/b.h5", "/a.h5"]


def test_what_several_doors_keep_is_all_there(file: Path) -> None:
    """The window has one and some of its panels."""
    window, panel = Settings(file), Settings(file)
    window.add_recent("/a.h5")
    panel.layer_view = "graph"
    window.theme = "dark"
    for door in (panel, opened(file)):
        assert door.recent == ["/a.h5"]
        assert door.layer_view == "graph"
        assert door.theme == "dark"


def test_what_two_programs_keep_is_all_there(file: Path) -> None:
    """Where a second start could not find the first."""
    one, other = SettingsStore(file), SettingsStore(file)
    one.keep("recent", ["/a.h5"])
    other.keep("layer_view", "graph")
    one.keep("theme", "dark")
    again = opened(file)
    assert again.recent == ["/a.h5"]
    assert again.layer_view == "graph"
    assert again.theme == "dark"


def test_much_is_remembered(file: Path) -> None:
    """Consents hold the Python files that they are for."""
    opened(file).keep_text("consents", "x" * 3_000_000)
    assert len(opened(file).text_of("consents")) == 3_000_000


def test_a_home_that_may_not_be_written_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    settings = opened(tmp_path / "file" / "settings.json")
    settings.theme = "dark"
    settings_store.wait_until_written()
    assert settings.theme == "dark"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file"]
