"""A `.keras` archive written anew, entry by entry, and compared with what it was made of."""

from __future__ import annotations

import zipfile
from collections.abc import Generator, Iterator

from h5viewer.errors import CannotRead
from h5viewer.formats.archive_new import LARGE, NewArchive
from h5viewer.formats.scratch import Scratch, not_as_written
from h5viewer.formats.zip_entries import ZIP_ERRORS
from h5viewer.names import visible

_PIECE = 4 << 20  # bytes


class ArchiveCopying(NewArchive):
    """One archive on its way from the entries of another to a scratch file."""

    def __init__(self, source: zipfile.ZipFile, scratch: Scratch) -> None:
        super().__init__(scratch)
        self._source = source

    def copy(self, info: zipfile.ZipInfo) -> Generator[int, None, None]:
        """An entry as it is; yields bytes."""
        try:
            with (
                self._source.open(info) as stream,
                self._target.open(_like(info), "w", force_zip64=_is_large(info)) as entry,
            ):
                while piece := stream.read(_PIECE):
                    entry.write(piece)
                    yield len(piece)
        except ZIP_ERRORS as error:
            raise _refusal(info) from error

    def rewrite(self, info: zipfile.ZipInfo, data: bytes) -> None:
        """An entry with other content."""
        self.write(_like(info), data)

    def begin_like(self, info: zipfile.ZipInfo) -> tuple[zipfile.ZipInfo, Scratch]:
        """Room for an entry that is written in any order; to be ended with `end`."""
        return self.begin(_like(info), info.file_size)


def compare_entries(
    source: zipfile.ZipFile, scratch: Scratch, others: dict[str, bytes], rewritten: str, name: str
) -> Iterator[int]:
    """Read the new archive back; yields bytes that are what was promised.

    Args:
        source: what it was made of.
        scratch: where it was written.
        others: content of the entries that were changed.
        rewritten: the HDF5 file in it, of which only the checksum is compared here.
        name: what the archive is to be called.

    Raises:
        CannotWrite: something is not what was promised.
    """
    try:
        with zipfile.ZipFile(scratch) as written:
            for info in last_of_each(source):
                for n_bytes in _compare(source, written, info, others, rewritten):
                    if n_bytes is None:
                        raise not_as_written(name, info.filename)
                    yield n_bytes
    except ZIP_ERRORS as error:
        raise not_as_written(name, details=str(error)) from error


def last_of_each(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The entries in the order of the file; of several with one name the last, which counts."""
    return sorted(archive.NameToInfo.values(), key=lambda info: info.header_offset)


def _compare(
    source: zipfile.ZipFile,
    written: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    others: dict[str, bytes],
    rewritten: str,
) -> Iterator[int | None]:
    if info.filename in others:
        data = written.read(info.filename)
        yield len(data) if data == others[info.filename] else None
        return
    with written.open(info.filename) as second:
        if info.filename == rewritten:
            while piece := second.read(_PIECE):  # zipfile compares the checksum at the end
                yield len(piece)
            return
        with source.open(info) as first:
            while True:
                pieces = first.read(_PIECE), second.read(_PIECE)
                yield len(pieces[0]) if pieces[0] == pieces[1] else None
                if not pieces[0]:
                    return


def _like(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(info.filename, info.date_time)
    made.compress_type = zipfile.ZIP_STORED
    made.external_attr = info.external_attr
    made.create_system = info.create_system
    made.comment = info.comment
    return made


def _is_large(info: zipfile.ZipInfo) -> bool:
    return info.file_size > LARGE


def _refusal(info: zipfile.ZipInfo) -> CannotRead:
    return CannotRead(f"{visible(info.filename, 100)} cannot be read from the archive.")
