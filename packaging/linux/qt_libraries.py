"""The system libraries that Qt needs on Linux: which are missing, and how to get them.

Wheels of PySide6 bring Qt, but not the libraries of the system around it. As root on
Debian or Ubuntu they are installed; else one sentence says which packages carry them.
Runs before PySide6 can be imported, so it needs the standard library alone.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable

# What Qt's libraries and plugins name in their headers (a test compares), and tried on bare
# installations of Debian 12 and 13.
DRAWING = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libbrotlidec.so.1": "libbrotli1",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libzstd.so.1": "libzstd1",
    "libX11.so.6": "libx11-6",
}
X11 = {
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libX11-xcb.so.1": "libx11-xcb1",
}
WAYLAND = {
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
}


def main() -> int:
    """Make the libraries that draw without a display present, or say what to install."""
    return ensure(DRAWING)


def needed(environment: dict[str, str]) -> dict[str, str]:
    """The libraries a window needs on the display that `environment` names."""
    if environment.get("WAYLAND_DISPLAY"):
        return DRAWING | WAYLAND
    return DRAWING | X11 if environment.get("DISPLAY") else DRAWING


def ensure(libraries: dict[str, str]) -> int:
    """Install what is missing, as root on Debian; else say so. Returns an exit code."""
    if not sys.platform.startswith("linux") or not (lacking := missing(libraries)):
        return 0
    packages = sorted({libraries[library] for library in lacking})
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing system libraries for Qt: {' '.join(packages)}", flush=True)
        if _apt_get(packages) and not missing(libraries):
            return 0
    print(explanation(lacking, packages), file=sys.stderr)
    return 1


def missing(
    libraries: Iterable[str], load: Callable[[str], object] = ctypes.CDLL
) -> tuple[str, ...]:
    """Those of `libraries` that the dynamic linker cannot load."""
    return tuple(library for library in libraries if not _can_load(library, load))


def explanation(lacking: Iterable[str], packages: Iterable[str]) -> str:
    """What the user reads when libraries are missing."""
    return (
        "Qt, which draws the window, needs system libraries that are missing here:\n"
        f"    {', '.join(lacking)}\n"
        "On Debian and Ubuntu, this installs them:\n"
        f"    sudo apt-get install {' '.join(packages)}"
    )


def _can_load(library: str, load: Callable[[str], object]) -> bool:
    try:
        load(library)
    except OSError:
        return False
    return True


def _apt_get(packages: list[str]) -> bool:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    patient = ["--quiet", "--option", "DPkg::Lock::Timeout=300"]  # something else is installed now
    update = ["apt-get", "update", *patient]
    install = ["apt-get", "install", *patient, "--yes", "--no-install-recommends", *packages]
    return all(subprocess.run(each, env=environment).returncode == 0 for each in (update, install))


if __name__ == "__main__":
    sys.exit(main())
