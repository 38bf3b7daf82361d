"""Write `pinned.txt` anew: one version of every package, for each Python that is named.

    make pin PYTHONS="python3.11 python3.12 python3.13"

Each interpreter asks pip what it would install today; where they differ, the line gets
an environment marker. The file holds names and versions only, no address.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
PINNED = ROOT / "packaging" / "pinned.txt"
BUILD = ("hatchling", "editables")
HEADING = """\
# The versions that `make run` and `make test` install and CI tests with.
# Written by `make pin`; pip reads it as a constraints file.
"""


def main() -> None:
    """Ask every interpreter named on the command line, then merge."""
    resolved = {_python_version(python): _resolve(python) for python in sys.argv[1:]}
    PINNED.write_text(HEADING + "".join(f"{line}\n" for line in merge(resolved)), "utf-8")


def merge(resolved: dict[str, dict[str, str]]) -> list[str]:
    """One line a package, or one a Python version where they differ.

    Args:
        resolved: Python version ("3.11") to package name to package version.
    """
    lines = []
    for name in sorted(set().union(*resolved.values())):
        pythons: dict[str, list[str]] = defaultdict(list)
        for python, versions in resolved.items():
            if name in versions:
                pythons[versions[name]].append(python)
        if len(pythons) == 1:
            lines.append(f"{name}=={next(iter(pythons))}")
            continue
        for version, of in pythons.items():
            marker = " or ".join(f"python_version == '{python}'" for python in of)
            lines.append(f"{name}=={version} ; {marker}")
    return lines


def _python_version(python: str) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.run(
        [python, "-c", code], check=True, capture_output=True, text=True
    ).stdout.strip()


def _resolve(python: str) -> dict[str, str]:
    """What a fresh environment of this interpreter would get: name to version."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)
        pip = [f"{folder}/bin/python", "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--upgrade", "pip"], check=True)
        report = Path(folder, "report.json")
        asked = [f"{ROOT}[predict,test,develop]", *BUILD]
        subprocess.run(
            [*pip, "--dry-run", "--ignore-installed", "--report", report, *asked], check=True
        )
        found = json.loads(report.read_text("utf-8"))["install"]
    versions = {item["metadata"]["name"].lower(): item["metadata"]["version"] for item in found}
    del versions["h5viewer"]
    return versions


if __name__ == "__main__":
    main()
