"""The graph of a network of 1,000 layers, each a box; and 100,000 layers, which are refused.

The floor is the bare call of the layout library with boxes and edges of the same network.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.benchmarks.rows import Row

_N_LAYERS, _TOO_MANY = 1000, 100_000
_BLOCK = 5  # layers; the last of each block adds what its first was fed


def rows(folder: Path, scale: float) -> Iterator[Row]:
    """Until it is drawn, what a frame costs, the longest stall."""
    n_layers = max(20, int(_N_LAYERS * scale))
    figures = _probed(_network(folder, n_layers))
    name = f"graph of {n_layers:,} layers"
    assert figures["boxes"] == n_layers, figures
    yield Row(f"{name}: until drawn", figures["drawn"], limit=2.0)
    yield Row(f"{name}: ... beside the bare layout", figures["drawn"], _bare_layout(n_layers))
    yield Row(f"{name}: a frame while panning", figures["frame_ms"], limit=1000 / 30, unit="ms")
    yield Row(f"{name}: longest stall", 1000 * figures["stall"], limit=50, unit="ms")
    many = max(5000, int(_TOO_MANY * scale))
    figures = _probed(_network(folder, many))
    assert figures["boxes"] == 0, figures
    yield Row(f"{many:,} layers: until the table is offered", figures["drawn"])
    yield Row(f"{many:,} layers: longest stall", 1000 * figures["stall"], limit=50, unit="ms")


def _sources(number: int) -> list[int]:
    """The layers that feed one: the one before, and where a block ends the one it began with."""
    if not number:
        return []
    return [number - 1, *([number - _BLOCK] if number % _BLOCK == 0 else [])]


def _network(folder: Path, n_layers: int) -> Path:
    import h5py

    path = folder / f"graph-{n_layers}.h5"
    if path.exists():
        return path
    layers = [_layer(number) for number in range(n_layers)]
    config = {"name": "net", "layers": layers, "input_layers": [["l0", 0, 0]], "output_layers": []}
    text = json.dumps({"class_name": "Functional", "config": config})
    with h5py.File(path, "w", libver="latest") as file:  # attributes above 64 kB
        file.attrs["model_config"] = text
        file.create_group("model_weights").attrs["layer_names"] = []
    return path


def _layer(number: int) -> dict[str, Any]:
    sources = _sources(number)
    class_name = "InputLayer" if not sources else "Dense" if len(sources) == 1 else "Add"
    config: dict[str, Any] = {"name": f"l{number}"}
    config |= {"batch_input_shape": [None, 64]} if not sources else {"units": 64}
    nodes = [[[f"l{source}", 0, 0, {}] for source in sources]] if sources else []
    return {
        "class_name": class_name, "name": f"l{number}", "config": config, "inbound_nodes": nodes
    }  # fmt: skip


def _probed(path: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.graph_probe", str(path)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=300, check=True, env=_environment()
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _environment() -> dict[str, str]:
    return {"QT_QPA_PLATFORM": "offscreen", **os.environ}


def _bare_layout(n_layers: int) -> float:
    """Seconds of the library alone."""
    import graphlay

    size = {"width": 200.0, "height": 64.0}
    edges = [
        {"source": source, "target": number}
        for number in range(n_layers)
        for source in _sources(number)
    ]
    started = time.monotonic()
    graphlay.layout(
        {"nodes": [{"size": size}] * n_layers, "edges": edges}, options={"direction": "topbottom"}
    )
    return time.monotonic() - started
