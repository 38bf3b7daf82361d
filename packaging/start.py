"""What `make run` does once everything is installed: open the window, or draw it.

Without a display there can be no window; then the program draws what it would show.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "linux"))

import qt_libraries

ROOT = Path(__file__).parents[1]
PICTURE = "h5viewer.png"


def main(files: list[str]) -> int:
    """Returns the program's exit code."""
    environment = dict(os.environ)
    why_not = why_no_window(environment)
    if why_not:
        environment.pop("DISPLAY", None)
        environment.pop("WAYLAND_DISPLAY", None)
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    if code := qt_libraries.ensure(qt_libraries.needed(environment)):
        return code
    if not why_not:
        return _h5viewer(files, environment)
    print(f"{why_not} The window is drawn into {PICTURE} instead.", flush=True)
    return _h5viewer(["--screenshot", PICTURE, *files], environment)


def why_no_window(environment: Mapping[str, str]) -> str:
    """A sentence when no window can be shown, else nothing."""
    if not sys.platform.startswith("linux") or environment.get("QT_QPA_PLATFORM"):
        return ""
    if environment.get("WAYLAND_DISPLAY"):
        return ""
    display = environment.get("DISPLAY", "")
    if not display:
        return "There is no display here."
    return "" if _can_connect(display) else f"The display {display} does not answer."


def _can_connect(display: str) -> bool:
    """Whether an X server answers; Qt would abort the program where none does."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True  # the sentence about missing libraries comes first
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
    try:
        return bool(xcb.xcb_connection_has_error(connection) == 0)
    finally:
        xcb.xcb_disconnect(connection)


def _h5viewer(arguments: list[str], environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "h5viewer", *arguments]
    try:
        return subprocess.run(command, env=environment).returncode
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
