"""The gallery of a million pictures in a window: when they are in sight, what moving about costs.

The files are those of `pictures`, which asks the worker alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.pictures import coloured, grey
from tests.benchmarks.rows import Row

_N_PICTURES = 1_000_000
_WAYS = ("scrolling", "dragging", "jumping")


def rows(folder: Path, scale: float) -> Iterator[Row]:
    """Until pictures are seen, and the longest stall of each way to move."""
    n_pictures = max(1000, int(_N_PICTURES * scale))
    for told, path in (
        (f"{n_pictures:,} of 28 x 28", grey(folder, n_pictures)),
        (f"{n_pictures:,} of 64 x 64, gzip", coloured(folder, n_pictures, side=64, chunk=32)),
    ):
        figures = _probed(path)
        assert figures["pictures"] == n_pictures, figures
        yield Row(f"{told}: first in sight", figures["first"], limit=0.3)
        yield Row(f"{told}: all in sight", figures["all"], limit=0.3)
        for way in ("opening", *_WAYS, "class"):
            stall = figures[f"{way}_ms"]
            yield Row(f"{told}: stall, {way}", stall, limit=50, unit="ms")
        yield Row(f"{told}: a class in sight", figures["class"], limit=0.3)
        missing = 100 * (1 - figures["scrolling_filled"])
        yield Row(f"{told}: not there while scrolling", missing, limit=5, unit="%")


def _probed(path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.gallery_probe", str(path)]
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=True, env=environment
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures
