"""NumPy's `.npy`: a header, then the elements; and `.npz`, a zip archive of such files."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from h5viewer.errors import CannotWrite
from h5viewer.formats.archive_writing import NewZip
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.zip_entries import ZIP_ERRORS
from h5viewer.nodes import Shape

_LARGE = 1 << 30  # bytes beyond which sizes are stated in 8 bytes
_PIECE = 4 << 20
_ALIGNED = 64  # bytes: where the elements begin, so that they can be mapped
_SHORT = 65_000  # characters that two bytes can count


def npy_header(dtype: np.dtype[Any], shape: Shape, *, is_turned: bool = False) -> bytes:
    """What stands before the elements.

    Args:
        dtype: as stored, little-endian.
        shape: of the array that NumPy makes of it.
        is_turned: the first axis of the shape is the one that runs fastest.
    """
    facts = {
        "descr": np.lib.format.dtype_to_descr(dtype),
        "fortran_order": is_turned,
        "shape": tuple(int(n) for n in shape),
    }
    text = repr(facts)
    is_latin = text.isascii()
    version = (1, 0) if is_latin and len(text) < _SHORT else (2, 0) if is_latin else (3, 0)
    start = 10 if version == (1, 0) else 12
    encoded = text.encode()
    encoded += b" " * (-(start + len(encoded) + 1) % _ALIGNED) + b"\n"
    length = struct.pack("<H" if version == (1, 0) else "<I", len(encoded))
    return b"\x93NUMPY" + bytes(version) + length + encoded


def stored_form(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The same type in little-endian order, without what h5py keeps beside it."""
    if dtype.names is not None:
        fields = [(name, stored_form(dtype[name])) for name in dtype.names]
        return np.dtype(fields)
    if dtype.subdtype is not None:
        return np.dtype((stored_form(dtype.subdtype[0]), dtype.shape))
    return np.dtype(dtype.newbyteorder("<").str)


def as_bytes(values: NDArray[Any], dtype: np.dtype[Any]) -> memoryview:
    """The elements in C order as they are to be stored; without a copy where they are so."""
    stored = np.ascontiguousarray(values, dtype=dtype)
    return stored.reshape(-1).view(np.uint8).data if stored.size else memoryview(b"")


class NpzWriting:
    """One `.npz` on its way: uncompressed, entry by entry."""

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
        refusal = CannotWrite(
            f"{self._name} was not saved: read back, it was not what had been written.",
            hint="The disk may be damaged. Try another disk.",
        )
        try:
            with zipfile.ZipFile(self._scratch) as written:
                if set(written.namelist()) != set(self._checksums):
                    raise refusal
                for entry, checksum in self._checksums.items():
                    found = 0
                    with written.open(entry) as stream:
                        while piece := stream.read(_PIECE):
                            found = isal_zlib.crc32(piece, found)
                            yield len(piece)
                    if found != checksum:
                        raise refusal
        except ZIP_ERRORS as error:
            refusal.details = str(error)
            raise refusal from error
