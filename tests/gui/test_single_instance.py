"""A second start hands its files to the window that is open."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from h5viewer.gui.single_instance import SingleInstance, hand_over


@pytest.fixture
def name(tmp_path: Path) -> str:
    if sys.platform == "win32":
        return f"h5viewer-test-{os.getpid()}"
    return str(tmp_path / "socket")


@pytest.fixture
def first(qtbot: QtBot, name: str) -> Iterator[SingleInstance]:
    instance = SingleInstance(name=name)
    assert instance.listen()
    yield instance
    instance.close()


SECOND = """
import os, sys
from PySide6.QtCore import QCoreApplication
from h5viewer.gui.single_instance import hand_over
application = QCoreApplication([])
sys.exit(0 if hand_over(sys.argv[2:], name=sys.argv[1]) else 3)
"""


def start_second(name: str, paths: list[str]) -> subprocess.Popen[bytes]:
    """Another process that ends with 0 when it was not needed."""
    return subprocess.Popen([sys.executable, "-c", SECOND, name, *paths])


def test_files_of_the_second_start_reach_the_first(
    qtbot: QtBot, first: SingleInstance, name: str
) -> None:
    """Whatever bytes a path is made of; the second is told that it is not needed."""
    paths = ["/a b/ü.h5", "/new\nline.h5", os.fsdecode(b"/\xff.h5")]
    with qtbot.waitSignal(first.files_handed_over) as heard:
        second = start_second(name, paths)
    assert second.wait() == 0
    assert list(heard.args[0]) == paths


def test_without_a_first_the_second_is_the_first(name: str, qtbot: QtBot) -> None:
    """Nobody answers, so a window is opened."""
    assert not hand_over(["/a.h5"], name=name)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes leave nothing behind")
def test_socket_left_by_a_crash_does_not_matter(name: str, qtbot: QtBot) -> None:
    """The file is there, nobody listens: the next start takes it over."""
    import socket

    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(name)
    assert Path(name).exists()
    assert not hand_over(["/a.h5"], name=name)
    instance = SingleInstance(name=name)
    assert instance.listen()
    instance.close()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no mode")
def test_only_the_user_may_speak_to_the_window(first: SingleInstance, name: str) -> None:
    """No permission for group or others."""
    assert stat.S_IMODE(Path(name).stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("message", [b"garbage\n", b'{"paths":[1]}\n', b'{"paths":"/a"}\n'])
def test_nonsense_is_refused(
    qtbot: QtBot, first: SingleInstance, name: str, message: bytes
) -> None:
    """Whatever else speaks to the socket opens nothing and stops nothing."""
    heard: list[object] = []
    first.files_handed_over.connect(lambda *args: heard.append(args))
    socket = QLocalSocket()
    socket.connectToServer(name)
    socket.write(message)
    qtbot.waitUntil(lambda: socket.state() == QLocalSocket.LocalSocketState.UnconnectedState)
    assert heard == []
    with qtbot.waitSignal(first.files_handed_over):
        second = start_second(name, ["/a.h5"])
    assert second.wait() == 0
