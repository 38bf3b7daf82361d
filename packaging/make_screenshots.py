"""Draw the pictures of the README with the program itself: `make screenshots`."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "resources" / "screenshots"
EXAMPLE = "resources/example/shapes.h5"
KERNEL = "/model_weights/figures/figures/kernel"

PICTURES: dict[str, list[str]] = {
    "architecture": [EXAMPLE],
    "layer": ["--select", "/model_weights/figures", EXAMPLE],
    "array": ["--select", KERNEL, "--panel", "Array", EXAMPLE],
    "values": ["--select", KERNEL, "--panel", "Values", EXAMPLE],
    "details": ["--select", KERNEL, "--panel", "Details", EXAMPLE],
    "welcome-dark": ["--theme", "dark"],
}


def main() -> int:
    """Each picture by a start of its own; returns an exit code."""
    FOLDER.mkdir(exist_ok=True)
    for name, arguments in PICTURES.items():
        theme = [] if "--theme" in arguments else ["--theme", "light"]
        command = [sys.executable, "-m", "h5viewer", "--size", "1280x800", *theme]
        command += ["--screenshot", str(FOLDER / f"{name}.png"), *arguments]
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
        if code := subprocess.run(command, cwd=ROOT, env=environment).returncode:
            return code
        print(f"{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
