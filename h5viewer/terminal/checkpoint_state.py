"""`h5v state`: what a `checkpoint` file names, and where that is today."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from h5viewer.names import plain, visible
from h5viewer.state_file import FoundState


def lines(found: FoundState) -> Iterator[str]:
    """For people: oldest first."""
    for named in found.kept:
        shown = visible(named.written)
        latest = "  latest" if named.written == found.state.latest else ""
        if named.document is None:
            where = "  not in this folder"
        else:
            where = f"  moved: {visible(Path(named.document).name)}" if named.was_moved else ""
        yield f"{shown}{latest}{where}"


def to_json(found: FoundState) -> dict[str, Any]:
    """For programs."""
    return {
        "latest": plain(found.state.latest),
        "kept": [
            {
                "written": plain(named.written),
                "file": None if named.document is None else plain(Path(named.document).name),
                "was_moved": named.was_moved,
            }
            for named in found.kept
        ],
    }
