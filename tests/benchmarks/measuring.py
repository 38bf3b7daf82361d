"""Measurements that take turns, each in a process of its own: the middle of them counts."""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median

_MB = 1_000_000


def in_turns(module: str, *measurements: tuple[str, Path], n_turns: int) -> list[dict[str, float]]:
    """The middle of each figure; the first turn warms the files up and does not count.

    Args:
        module: run as a program with the name of a measurement and a path; prints its figures
            as a JSON object.
    """
    found: list[list[dict[str, float]]] = [[] for _ in measurements]
    for turn in range(n_turns + 1):
        for figures, (what, path) in zip(found, measurements, strict=True):
            done = subprocess.run(
                [sys.executable, "-m", module, what, str(path)],
                check=True,
                capture_output=True,
                text=True,
                env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},  # as a worker has it
            )
            if turn:
                figures.append(json.loads(done.stdout))
    return [{key: median(turn[key] for turn in figures) for key in figures[0]} for figures in found]


def peak_mb() -> float:
    """Of this program; what getrusage says may be of the process it was started from."""
    status = Path("/proc/self/status")
    if status.exists():
        kib = int(re.search(r"VmHWM:\s*(\d+)", status.read_text("ascii"))[1])  # type: ignore[index]
    else:
        kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kib * 1024 / _MB
