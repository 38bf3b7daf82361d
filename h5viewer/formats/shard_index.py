"""Keras' index of weights in several files: which files it names, and which groups are in which.

Source: keras/src/saving/saving_lib.py, ShardedH5IOStore.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from h5viewer.names import NodePath, parse_path

LONGEST = 16 << 20
"""Bytes of an index that are read: 200,000 groups."""

MOST_FILES = 500
"""Files that an index may name: all are held open while it is."""

_DEEPEST = 60  # names of a group's path

_OF_KERAS = re.compile(r"[^/\\:\0]*_\d{5,}\.weights\.h5", re.IGNORECASE)
"""How Keras names them: a stranger's index opens nothing else of a folder."""


def read_weight_map(data: bytes) -> dict[NodePath, tuple[str, ...]]:
    """The files of each group that holds variables; {}: this is no such index.

    Files lie beside the index and are called as Keras calls them; other names are left out.
    """
    if data.lstrip()[:1] != b"{" or b'"weight_map"' not in data:
        return {}
    try:
        index = json.loads(data.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        return {}
    places = index.get("weight_map") if isinstance(index, dict) else None
    if not isinstance(places, dict):
        return {}
    found = {parse_path(place): _files(named) for place, named in places.items()}
    return {place: files for place, files in found.items() if files and len(place) <= _DEEPEST}


def files_named(weight_map: Mapping[NodePath, tuple[str, ...]]) -> list[str]:
    """All files, in the order in which they are first named."""
    return list(dict.fromkeys(file for files in weight_map.values() for file in files))


def _files(named: object) -> tuple[str, ...]:
    listed = named if isinstance(named, list) else [named]
    return tuple(name for name in listed if isinstance(name, str) and _OF_KERAS.fullmatch(name))
