"""What is written of checkpoints is read by TensorFlow, and predicts what it did before."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(find_spec("tensorflow") is None, reason="needs TensorFlow")

SCRIPT = Path(__file__).parents[1] / "checkpoints_restored.py"
CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus" / "tf_ckpt"


def test_tensorflow_restores_what_was_written(tmp_path: Path) -> None:
    """One network here; by hand all of them."""
    given = [str(path).removesuffix(".index") for path in sorted(CORPUS.rglob("*.index"))]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(tmp_path), "functional", *given],
        capture_output=True,
        timeout=120,
        check=False,
        env=environment,
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    n_stripped = int(done.stdout.split()[-3])
    assert n_stripped >= (4 if given else 1)
