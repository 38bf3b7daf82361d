"""What is remembered comes back; what is damaged becomes a default."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QSettings

from h5viewer.gui.settings import (
    DEFAULT_MEMORY,
    DEFAULT_NETWORK_MEMORY,
    MOST_RECENT,
    SMALLEST_MEMORY,
    Settings,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.ini"


def opened(file: Path) -> Settings:
    """As a later start finds them."""
    return Settings(QSettings(str(file), QSettings.Format.IniFormat))


def test_choices_survive_a_restart(file: Path) -> None:
    """Theme, limit, folder, geometry."""
    settings = opened(file)
    settings.theme = "dark"
    settings.memory_limit = 5 << 30
    settings.network_memory = 9 << 30
    settings.starts_network_ahead = True
    settings.folder = "/data/ä"
    settings.keep_bytes("geometry", QByteArray(b"\x00\x01\xff"))
    settings._store.sync()
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
    """Qt reads a list of one as a bare text."""
    opened(file).add_recent("/a, b.h5")
    assert opened(file).recent == ["/a, b.h5"]


@pytest.mark.parametrize(
    "text",
    [
        "theme=7\nmemory_limit=much\nnetwork_memory=x\nstarts_network_ahead=7\nrecent=@Invalid()\ngeometry=3",
        "\x00[[",
    ],
)
def test_damaged_settings_are_defaults(file: Path, text: str) -> None:
    """A broken file of settings never stops the program."""
    file.write_text(f"[General]\n{text}\n", "utf-8")
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
