"""Zip archives of files made here (`.npz` is one of arrays), each with a checksum to compare."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from isal import isal_zlib

from h5viewer.formats.archive_writing import NewZip
from h5viewer.formats.scratch import Scratch, not_as_written
from h5viewer.formats.zip_entries import ZIP_ERRORS

_LARGE = 1 << 30  # bytes beyond which sizes are stated in 8 bytes
_PIECE = 4 << 20


class ZipWriting:
    """One archive on its way: uncompressed, entry by entry."""

    def __init__(self, scratch: Scratch, name: str) -> None:
        """Begin an empty archive, which is to be called `name`."""
        scratch.truncate(0)
        scratch.seek(0)
        self._scratch = scratch
        self._name = name
        self._archive = NewZip(scratch)
        self._checksums: dict[str, int] = {}

    def add(self, entry: str, n_bytes: int, pieces: Iterator[bytes | memoryview]) -> Iterator[int]:
        """Write an entry of about `n_bytes`; yields bytes.

        Raises:
            CannotWrite: the disk is full, or refuses.
        """
        checksum = 0
        with self._archive.open(
            zipfile.ZipInfo(entry), "w", force_zip64=n_bytes > _LARGE
        ) as stream:
            for piece in pieces:
                stream.write(piece)
                self._scratch.check(self._name)
                checksum = isal_zlib.crc32(piece, checksum)
                yield len(piece)
        self._checksums[entry] = checksum

    def close(self) -> None:
        """Write the list of contents.

        Raises:
            CannotWrite: the disk is full, or refuses.
        """
        self._archive.close()
        self._scratch.check(self._name)

    def read_back(self) -> Iterator[int]:
        """Read every entry again and compare; yields bytes.

        Raises:
            CannotWrite: it is not the same.
        """
        try:
            with zipfile.ZipFile(self._scratch) as written:
                if set(written.namelist()) != set(self._checksums):
                    raise not_as_written(self._name)
                for entry, checksum in self._checksums.items():
                    found = 0
                    with written.open(entry) as stream:
                        while piece := stream.read(_PIECE):
                            found = isal_zlib.crc32(piece, found)
                            yield len(piece)
                    if found != checksum:
                        raise not_as_written(self._name)
        except ZIP_ERRORS as error:
            raise not_as_written(self._name, details=str(error)) from error
