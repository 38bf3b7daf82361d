"""What is kept of an optimizer is what Keras 3 trains on with."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs TensorFlow")

SCRIPT = Path(__file__).parents[1] / "training_continued.py"


def test_keras_trains_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    """One optimizer here; by hand all of them."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path), "RMSprop with all"],
        capture_output=True,
        timeout=110,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert done.stdout.decode().strip() == "RMSprop with all"
