"""Builds a folder that runs without Python: `make freeze`, then `dist/h5viewer/h5viewer`.

The window starts its workers as `h5viewer --worker`, so one program is both. TensorFlow
stays outside: it is larger than all the rest. Needs PyInstaller (GPL with an exception for
what it builds; it is a tool here, nothing of ours is linked with it).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import PyInstaller.__main__  # type: ignore[import-untyped,import-not-found,unused-ignore]

ROOT = Path(__file__).resolve().parent.parent

# Modules that their packages import from compiled code, where PyInstaller does not see it.
_HIDDEN = ("h5viewer", "h5py", "isal", "google_crc32c")
_LEFT_OUT = ("tensorflow", "keras", "setuptools", "pkg_resources", "tkinter")


def main() -> None:
    """Build into dist/."""
    arguments = ["--noconfirm", "--onedir", "--windowed", "--name", "h5viewer"]
    arguments += ["--distpath", str(ROOT / "dist"), "--workpath", str(ROOT / "build" / "frozen")]
    arguments += ["--specpath", str(ROOT / "build" / "frozen")]
    arguments += [f"--collect-submodules={name}" for name in _HIDDEN]
    arguments += [f"--exclude-module={name}" for name in _LEFT_OUT]
    for source in sorted((ROOT / "resources").iterdir()):
        if source.name != "screenshots":  # as in the wheel
            folder = Path("h5viewer/resources") / (source.name if source.is_dir() else "")
            arguments += ["--add-data", f"{source}{os.pathsep}{folder}"]
    PyInstaller.__main__.run([*arguments, str(ROOT / "h5viewer" / "__main__.py")])
    sys.stdout.write(f"{ROOT / 'dist' / 'h5viewer'} holds the program.\n")


if __name__ == "__main__":
    main()
