"""A `.keras` archive in memory: entries stored as they are, as Keras writes them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping


def archive(entries: Mapping[str, bytes | memoryview]) -> io.BytesIO:
    """A zip archive with these entries, uncompressed."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as file:
        for name, data in entries.items():
            with file.open(name, "w", force_zip64=len(data) > 1 << 30) as entry:
                entry.write(data)
    whole.seek(0)
    return whole
