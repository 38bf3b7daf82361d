"""Which layers take which weights, as a JSON file that can be edited and read again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.nodes import WeightMatches

Pairs = tuple[tuple[str, str], ...]

_LARGEST = 64 << 20  # bytes


def text_of(found: WeightMatches, architecture: str, weights: str) -> str:
    """The match of two files, by their names; null: a layer that takes none."""
    told = {
        "architecture": architecture,
        "weights": weights,
        "pairs": {match.layer: match.source or None for match in found.matches},
    }
    return json.dumps(told, indent=2, ensure_ascii=True) + "\n"


def read_pairs(path: str) -> Pairs:
    """The pairs of such a file, or of what `h5v merge --json` printed.

    Raises:
        CannotRead: it is none.
    """
    name = visible(Path(path).name)
    try:
        if not Path(path).is_file() or Path(path).stat().st_size > _LARGEST:
            raise CannotRead(f"{name} is no file of pairs.")
        value = json.loads(Path(path).read_bytes())
    except OSError as error:
        raise CannotRead(f"{name} cannot be read.", details=str(error)) from error
    except (ValueError, RecursionError) as error:
        raise CannotRead(f"{name} is no readable JSON.", details=str(error)) from error
    pairs = _pairs(value)
    if pairs is None:
        raise CannotRead(
            f"{name} does not say which layers take which weights.",
            hint='It is a JSON object: {"pairs": {"layer": "source"}}.',
        )
    return pairs


def _pairs(value: Any) -> Pairs | None:
    if not isinstance(value, dict):
        return None
    found = value.get("pairs", value)
    matches = value.get("matches")
    if isinstance(matches, list):
        rows = [each for each in matches if isinstance(each, dict)]
        found = {each.get("layer"): each.get("source") for each in rows}
    if not isinstance(found, dict) or not all(_is_pair(*item) for item in found.items()):
        return None
    return tuple((layer, source or "") for layer, source in found.items())


def _is_pair(layer: object, source: object) -> bool:
    return isinstance(layer, str) and (source is None or isinstance(source, str))
