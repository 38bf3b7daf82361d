"""New zip archives: entries stored as they are, as Keras and NumPy write them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

from h5viewer.formats.scratch import Scratch


def archive(entries: Mapping[str, bytes | memoryview]) -> io.BytesIO:
    """A zip archive with these entries, uncompressed."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as file:
        for name, data in entries.items():
            with file.open(name, "w", force_zip64=len(data) > 1 << 30) as entry:
                entry.write(data)
    whole.seek(0)
    return whole


class NewZip(zipfile.ZipFile):
    """An archive on its way to a scratch file, stored; given up, it writes nothing more."""

    def __init__(self, scratch: Scratch) -> None:
        super().__init__(scratch, "w", zipfile.ZIP_STORED, allowZip64=True)

    def __del__(self) -> None:
        """Python's would write the list of contents, and complain of a file that is closed."""
