"""Without tensorflow the program starts and works; its own process never needs it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from h5viewer.shipped import resource

# A finder before all others that refuses what must not be needed, also in worker processes.
BLOCKER = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None

sys.meta_path.insert(0, Absent())
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """In which every interpreter believes that tensorflow is not installed."""
    (tmp_path / "sitecustomize.py").write_text(BLOCKER)
    return os.environ | {"PYTHONPATH": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}


def test_tensorflow_is_blocked_here(environment: dict[str, str]) -> None:
    """Else the tests below would prove nothing."""
    done = _python("-c", "import tensorflow", environment=environment)
    assert done.returncode == 1
    assert "No module named 'tensorflow'" in done.stderr


def test_window_opens_the_example(environment: dict[str, str], tmp_path: Path) -> None:
    """And draws it."""
    picture = tmp_path / "window.png"
    example = resource("example/shapes.h5")
    arguments = ("-m", "h5viewer", "--screenshot", str(picture), str(example))
    done = _python(*arguments, environment=environment)
    assert done.returncode == 0, done.stderr
    assert picture.stat().st_size > 20_000


def test_terminal_opens_the_example(environment: dict[str, str]) -> None:
    """With its layers."""
    code = "from h5viewer.cli import main; main()"
    arguments = ("-c", code, "info", str(resource("example/shapes.h5")))
    done = _python(*arguments, environment=environment)
    assert done.returncode == 0, done.stderr
    assert "BatchNormalization" in done.stdout


def _python(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=110)
