"""What came of salvaging an HDF5 file: what is lost and why, and what was saved."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import msgspec
from h5py import h5d, h5g, h5z
from isal import isal_zlib

from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.hdf5_raw import has_objects
from h5viewer.formats.hdf5_stored_pieces import objects_checksum, stored_pieces
from h5viewer.formats.hdf5_verifying import object_boxes
from h5viewer.formats.scratch import not_as_written
from h5viewer.names import NodePath, path_text, visible

DAMAGES = (*HDF5_ERRORS, MemoryError, CannotRead)

BEYOND = "It lies behind the end of what is left of the file."
DESCRIPTION = "Its description is damaged."
VALUES = "Its stored values are damaged: they do not pass the checks the file has of them."
OVERWRITTEN = "Its values look overwritten, and the checksum of the entry is wrong."
UNFOLDS = "It unfolds to a hundred times what is stored; it was not checked."
NAMES_FOUND = "Its list of names is damaged: what could still be told to belong there was saved."
NAMES = "Its list of names is damaged: what is missing from it cannot be named."
_CHECKING = (h5z.FILTER_DEFLATE, h5z.FILTER_FLETCHER32)

ROOT = "Its description is damaged: its attributes and its list of names are lost."
ABSENT = "It is listed, but nothing is stored under this name."


def reason_of(error: BaseException) -> str:
    """Why something is lost, where this was raised."""
    if isinstance(error, H5ViewerError):
        return error.message.partition("; ")[0].rstrip(".") + "."
    return DESCRIPTION


class Lost(msgspec.Struct, frozen=True):
    """Something that was not saved."""

    path: NodePath
    reason: str
    attribute: bytes | None = None

    def once_more(self, saved: Collection[NodePath]) -> Lost:
        """The same when other things have been found again, with these paths."""
        is_found = self.reason == NAMES and any(
            path[: len(self.path)] == self.path and path != self.path for path in saved
        )
        return Lost(self.path, NAMES_FOUND, self.attribute) if is_found else self

    @property
    def where(self) -> str:
        """As people write it."""
        return path_text(self.path) + (
            "" if self.attribute is None else f" (attribute {visible(self.attribute, 100)})"
        )


class Salvaged(msgspec.Struct):
    """What came of it so far."""

    lost: list[Lost] = []
    checksums: dict[NodePath, int] = {}  # of the datasets that were saved
    n_bytes: int = 0  # stored, of them

    n_found_again: int = 0  # of them, that no list of names led to
    n_unchecked: int = 0  # of them, whose values have no checksum in the file

    @property
    def n_datasets(self) -> int:
        """That were saved."""
        return len(self.checksums)

    def is_doubtful(self, *, is_cut: bool) -> bool:
        """True where bytes are wrong, so that values without a checksum may be, too.

        What is missing from a file that is cut short says nothing of what is left.
        """
        reasons = {each.reason for each in self.lost} - {ABSENT, UNFOLDS}
        return bool(self.n_unchecked and (VALUES in reasons if is_cut else reasons))


def is_checked(dsid: h5d.DatasetID) -> bool:
    """Whether the file tells when the values of a dataset are damaged."""
    plist = dsid.get_create_plist()
    filters = {plist.get_filter(i)[0] for i in range(plist.get_nfilters())}
    return not dsid.get_storage_size() or not filters.isdisjoint(_CHECKING)


def compare_salvaged(found: Salvaged, written: h5g.GroupID, name: str) -> Iterator[int]:
    """Read every saved dataset back; yields bytes.

    Raises:
        CannotWrite: one is not what had been written.
    """
    for path, checksum in found.checksums.items():
        try:
            dsid = h5d.open(written, b"/".join(path))
            if has_objects(dsid.get_type()):
                read = 0
                for values in object_boxes(dsid):
                    read = objects_checksum(values, read)
                    yield 16 * int(values.size)
            else:
                read = 0
                for piece in stored_pieces(dsid):
                    read = isal_zlib.crc32(piece, read)
                    yield len(piece)
        except DAMAGES as error:
            raise not_as_written(name, path_text(path), str(error)) from error
        if read != checksum:
            raise not_as_written(name, path_text(path))
