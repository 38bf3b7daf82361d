"""A new `.keras` archive: entries uncompressed, as Keras writes them.

The HDF5 file in it is written where it stands in the archive, in any order: its size and
checksum are put into its header afterwards.
"""

from __future__ import annotations

import time
import zipfile
from collections.abc import Callable, Iterator

from isal import isal_zlib

from h5viewer.formats.archive_writing import NewZip
from h5viewer.formats.scratch import Scratch

See = Callable[[int, memoryview], None]

LARGE = 1 << 30
"""Bytes of an entry beyond which its sizes are stated in 8 bytes."""


class NewArchive:
    """One archive on its way to a scratch file."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._target = NewZip(scratch)

    def write(self, info: zipfile.ZipInfo | str, data: bytes) -> None:
        """An entry."""
        made = entry_named(info) if isinstance(info, str) else info
        self._target.writestr(made, data)

    def begin(self, info: zipfile.ZipInfo | str, n_bytes: int) -> tuple[zipfile.ZipInfo, Scratch]:
        """Room for an entry of about `n_bytes` that is written in any order; `end` it."""
        made = entry_named(info) if isinstance(info, str) else info
        made.CRC = 0
        made.header_offset = self._target.start_dir
        made.file_size = n_bytes
        self._scratch.seek(made.header_offset)
        self._scratch.write(made.FileHeader(zip64=n_bytes > LARGE))
        return made, self._scratch.part(self._scratch.tell())

    def end(
        self, made: zipfile.ZipInfo, part: Scratch, see: See = lambda *_: None
    ) -> Iterator[int]:
        """State what was written; yields bytes while it is read for the checksum.

        `see` gets what is read, and where in the entry it is.
        """
        is_large = made.file_size > LARGE
        made.file_size = made.compress_size = part.size
        for at, piece in part.pieces():
            made.CRC = isal_zlib.crc32(piece, made.CRC)
            see(at, piece)
            yield len(piece)
        self._scratch.seek(made.header_offset)
        self._scratch.write(made.FileHeader(zip64=is_large))
        # What ZipFile keeps of an entry it has written itself (its _ZipWriteFile.close).
        self._target.filelist.append(made)
        self._target.NameToInfo[made.filename] = made
        self._target.start_dir = part.start - self._scratch.start + made.file_size
        self._scratch.seek(self._target.start_dir)

    def close(self) -> None:
        """Write the list of contents."""
        self._target.close()


def entry_named(name: str) -> zipfile.ZipInfo:
    """An entry of today."""
    made = zipfile.ZipInfo(name, time.localtime()[:6])
    made.compress_type = zipfile.ZIP_STORED
    made.external_attr = 0o600 << 16
    return made
