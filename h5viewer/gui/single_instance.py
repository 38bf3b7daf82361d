"""One window a user: a second start hands its files to the first and ends."""

from __future__ import annotations

import getpass
import hashlib
import os
import sys
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_WAIT = 1500
"""Milliseconds for the first window to answer; a busy one still does."""

_LONGEST = 1 << 20
"""Bytes of one message; more is no list of files."""


class Handover(msgspec.Struct, frozen=True):
    """What the second start tells the first: absolute paths, as bytes."""

    paths: tuple[bytes, ...]
    activation_token: str = ""  # lets the first window come to the front on Wayland


class SingleInstance(QObject):
    """The first window's ear.

    The socket lives in the user's own runtime folder and can be opened by the user only;
    a message is a list of paths, which are opened like dropped files.

    Signals:
        files_handed_over(paths: tuple[str, ...], activation token: str)
    """

    files_handed_over = Signal(tuple, str)

    def __init__(self, parent: QObject | None = None, *, name: str = "") -> None:
        super().__init__(parent)
        self._name = name or _socket_name()
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._accept)

    def listen(self) -> bool:
        """Become the first; False when the socket cannot be had, which only costs comfort."""
        if self._server.listen(self._name):
            return True
        # left by a crash, as nobody answered when this start asked
        QLocalServer.removeServer(self._name)
        return self._server.listen(self._name)

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    def _accept(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(lambda socket=socket: self._read(socket))
            socket.disconnected.connect(socket.deleteLater)
            self._read(socket)

    def _read(self, socket: QLocalSocket) -> None:
        if socket.bytesAvailable() > _LONGEST:
            socket.abort()
            return
        # a line of JSON: the end of line ends the message
        message = bytes(socket.peek(_LONGEST).data())
        if not message.endswith(b"\n"):
            return
        socket.readAll()
        try:
            handover = msgspec.json.decode(message, type=Handover)
        except msgspec.DecodeError:
            socket.abort()
            return
        socket.write(b"ok")
        socket.flush()  # the files may keep the window busy
        socket.disconnectFromServer()
        paths = tuple(os.fsdecode(path) for path in handover.paths)
        self.files_handed_over.emit(paths, handover.activation_token)


def hand_over(paths: list[str], *, name: str = "") -> bool:
    """Give absolute paths to the window that is open; False when there is none."""
    socket = QLocalSocket()
    socket.connectToServer(name or _socket_name())
    if not socket.waitForConnected(_WAIT):
        return False
    token = os.environ.get("XDG_ACTIVATION_TOKEN", "")
    handover = Handover(tuple(os.fsencode(path) for path in paths), token)
    socket.write(msgspec.json.encode(handover) + b"\n")
    answered = socket.waitForReadyRead(_WAIT)
    socket.abort()
    return answered


def _socket_name() -> str:
    """A name for this user: in the runtime folder, which is closed to others."""
    whose = getpass.getuser() if sys.platform == "win32" else str(os.getuid())
    mark = hashlib.sha256(f"{whose} {Path.home()}".encode()).hexdigest()[:12]
    name = f"h5viewer-{mark}"
    if sys.platform == "win32":  # a named pipe has no folder
        return name
    folder = os.environ.get("XDG_RUNTIME_DIR", "")
    if not folder:
        kind = QStandardPaths.StandardLocation.GenericCacheLocation
        own = Path(QStandardPaths.writableLocation(kind), "h5viewer")
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = str(own)
    return str(Path(folder) / name)
