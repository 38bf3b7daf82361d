"""Where this Python's own modules are: what a worker that predicts may still read."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from pathlib import Path

import h5viewer


def python_folders() -> list[str]:
    """Absolute paths of folders: the standard library, what is installed, h5viewer itself.

    Not all of `sys.path`: an installation for development adds folders with a user's work.
    """
    package = Path(h5viewer.__file__).resolve().parent
    resources = package.parent / "resources"  # of a checkout
    found = [str(package), str(resources)]
    if getattr(sys, "frozen", False):
        return [*found, str(getattr(sys, "_MEIPASS", Path(sys.executable).parent))]
    paths = sysconfig.get_paths()
    found += [paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    found += site.getsitepackages()
    if site.ENABLE_USER_SITE:
        found.append(site.getusersitepackages())
    found += filter(_is_narrow, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    return list(dict.fromkeys(found))


def _is_narrow(folder: str) -> bool:
    """Whether a folder of PYTHONPATH is one for modules, not one with all that a user has."""
    home = Path(os.path.expanduser("~")).resolve()  # noqa: PTH111 - never fails
    return bool(folder) and not home.is_relative_to(Path(folder).resolve())
