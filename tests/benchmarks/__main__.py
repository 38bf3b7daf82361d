"""`python -m tests.benchmarks`: measure what the program promises, beside its floors.

A benchmark is a module of this folder with a `Benchmark`, and one line in BENCHMARKS.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import (
    check_pictures,
    checkpoints,
    compare,
    data_sets,
    gallery,
    graph,
    merge,
    pictures,
    predict,
    reading,
    series,
    statistics,
    strip,
    window,
)
from tests.benchmarks.rows import Benchmark, Row

BENCHMARKS: dict[str, Benchmark] = {
    "check_pictures": check_pictures.rows,
    "checkpoints": checkpoints.rows,
    "compare": compare.rows,
    "data_sets": data_sets.rows,
    "gallery": gallery.rows,
    "graph": graph.rows,
    "merge": merge.rows,
    "pictures": pictures.rows,
    "predict": predict.rows,
    "reading": reading.rows,
    "series": series.rows,
    "statistics": statistics.rows,
    "strip": strip.rows,
    "window": window.rows,
}

_FORMAT = "{:<60} {:>10} {:>10} {:>7} {:>9}  {}"


def main() -> int:
    """Print the table; 1 when a limit is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}")
    parser.add_argument("--folder", type=Path, help="where the files are kept for the next run")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="size of the files, 1: as promised"
    )
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(BENCHMARKS):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory(prefix="h5viewer-benchmarks-") as temporary:
        folder = chosen.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print(_FORMAT.format("", "ours", "floor", "ratio", "limit", ""))
        kept = [
            _print(row).holds
            for name in chosen.names or BENCHMARKS
            for row in BENCHMARKS[name](folder, chosen.scale)
        ]
    return int(False in kept)


def _print(row: Row) -> Row:
    def shown(value: float | None, unit: str) -> str:
        return "" if value is None else f"{value:.3g} {unit}".rstrip()

    limit_unit = row.unit if row.ratio is None else "×"
    verdict = {True: "kept", False: "NOT KEPT", None: ""}[row.holds]
    print(
        _FORMAT.format(
            row.name,
            shown(row.ours, row.unit),
            shown(row.floor, row.unit),
            shown(row.ratio, ""),
            shown(row.limit, limit_unit),
            verdict,
        ),
        flush=True,
    )
    return row


if __name__ == "__main__":
    sys.exit(main())
