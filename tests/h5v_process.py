"""`h5v` in a process of its own, as a user runs it: `from h5v_process import h5v`."""

from __future__ import annotations

import subprocess
import sys
from typing import Any


def command_line(*arguments: object) -> list[str]:
    """The words that start it."""
    return [sys.executable, "-m", "h5viewer.cli", *map(str, arguments)]


def h5v(
    *arguments: object, timeout: float = 60, **options: Any
) -> subprocess.CompletedProcess[str]:
    """What it said and how it ended."""
    return subprocess.run(
        command_line(*arguments), capture_output=True, encoding="utf-8", timeout=timeout, **options
    )
