"""Folders and tables among what was dropped, and the tables that lie in a folder.

These functions wait for disks: they are for threads (`gui.errand`).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import msgspec

from h5viewer.gui.data_sets.label_choice import TABLES
from h5viewer.picture_files import in_natural_order

_MOST_ENTRIES = 100_000  # of a folder that are looked at
_MOST_TABLES = 20
_SURE = (".csv", ".tsv")  # a .txt is mostly something else


class Dropped(msgspec.Struct, frozen=True):
    """The first folder and the first table; "": none."""

    folder: str = ""
    table: str = ""


def sort_dropped(paths: Sequence[str]) -> Dropped:
    """What of these can be used."""
    folders = [path for path in paths if Path(path).is_dir()]
    tables = [path for path in paths if path.lower().endswith(TABLES) and Path(path).is_file()]
    return Dropped(*(next(iter(each), "") for each in (folders, tables)))


def tables_in(folder: str) -> list[str]:
    """Tables that lie beside the pictures."""
    try:
        with os.scandir(folder) as entries:
            found = [
                each.path
                for each in islice(entries, _MOST_ENTRIES)
                if each.name.lower().endswith(_SURE) and not each.name.startswith(".")
            ]
    except OSError:
        return []  # whoever looks through the folder says why
    return in_natural_order(found)[:_MOST_TABLES]
