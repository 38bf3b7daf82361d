"""Entries of a zip archive that is damaged: by its list of contents, or by what stands before each.

A zip file ends with its list of contents, so one that was cut short has none. But each entry
begins with a description of its own, and the entries follow each other.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Generator, Iterator, Mapping
from contextlib import suppress

import msgspec

from h5viewer.errors import CannotRead
from h5viewer.formats.scratch import Scratch, not_as_written
from h5viewer.formats.source import ByteRange, Source
from h5viewer.formats.zip_entries import LARGEST_INFLATED, ZIP_ERRORS
from h5viewer.names import visible

_HEADER = b"PK\x03\x04"
_DESCRIPTION = 30  # bytes of the fixed part
_STATED_LATER = 0x08  # flag: sizes and checksum stand behind the entry
_ENCRYPTED = 0x01
_UTF8 = 0x800
_MOST_ENTRIES = 100_000
_PIECE = 4 << 20
_WINDOW = 1 << 20  # bytes looked through for the next entry at a time


class FoundEntry(msgspec.Struct):
    """An entry, as far as it was found."""

    info: zipfile.ZipInfo
    start: int  # of its stored bytes in the source
    n_left: int  # of them

    @property
    def is_cut(self) -> bool:
        """True when some of its stored bytes are missing."""
        return self.n_left < self.info.compress_size

    @property
    def is_stored(self) -> bool:
        """True when it is not compressed."""
        return self.info.compress_type == zipfile.ZIP_STORED


def find_entries(source: Source) -> tuple[list[FoundEntry], bool]:
    """What is there, in the order of the file; and whether the list of contents was readable."""
    try:
        with zipfile.ZipFile(io.BufferedReader(ByteRange(source))) as archive:
            infos = sorted(archive.NameToInfo.values(), key=lambda info: info.header_offset)
        listed = [_by_list(source, info) for info in infos[:_MOST_ENTRIES]]
        return [entry for entry in listed if entry is not None], True
    except (*ZIP_ERRORS, MemoryError):
        return _walked(source), False


def _by_list(source: Source, info: zipfile.ZipInfo) -> FoundEntry | None:
    head = source.read_at(info.header_offset, _DESCRIPTION)
    if len(head) < _DESCRIPTION:
        return None
    n_name, n_extra = struct.unpack_from("<2H", head, 26)
    if not head.startswith(_HEADER):  # its own description is damaged; sizes are listed, too
        n_name, n_extra = len(info.orig_filename.encode()), 0
    start = info.header_offset + _DESCRIPTION + n_name + n_extra
    return FoundEntry(info, start, max(0, min(info.compress_size, source.size - start)))


def _walked(source: Source) -> list[FoundEntry]:
    found: dict[str, FoundEntry] = {}
    at = 0
    while at < source.size and len(found) < _MOST_ENTRIES:
        entry = _described(source, at)
        if entry is None:
            next_at = _next_header(source, at + 1)
            if next_at is None:
                break
            at = next_at
            continue
        found[entry.info.filename] = entry  # the last of several with one name counts
        at = max(at + 1, entry.start + entry.n_left)
    return list(found.values())


def _described(source: Source, at: int) -> FoundEntry | None:
    """The entry that begins at a place; None: none does."""
    head = source.read_at(at, _DESCRIPTION)
    if len(head) < _DESCRIPTION or not head.startswith(_HEADER):
        return None
    flags, method = struct.unpack_from("<HH", head, 6)
    checksum, stored, size = struct.unpack_from("<3I", head, 14)
    n_name, n_extra = struct.unpack_from("<2H", head, 26)
    rest = source.read_at(at + _DESCRIPTION, n_name + n_extra)
    if len(rest) < n_name + n_extra or not n_name:
        return None
    name = rest[:n_name].decode("utf-8" if flags & _UTF8 else "cp437", "replace")
    info = zipfile.ZipInfo(name)
    info.flag_bits, info.compress_type, info.CRC = flags, method, checksum
    info.header_offset = at
    size, stored = _large_sizes(rest[n_name:], size, stored)
    start = at + _DESCRIPTION + n_name + n_extra
    if flags & _STATED_LATER and not stored:
        stop = _next_header(source, start) or source.size
        stored = size = stop - start  # no more is known: the checksum cannot be compared
        info.CRC = -1
    info.compress_size, info.file_size = stored, size
    return FoundEntry(info, start, max(0, min(stored, source.size - start)))


def _large_sizes(extra: bytes, size: int, stored: int) -> tuple[int, int]:
    """Sizes that four bytes cannot hold stand in a field of their own."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        at += 4
        if kind == 1:
            wide = list(struct.unpack_from(f"<{length // 8}Q", extra.ljust(at + length, b"\0"), at))
            if size == 0xFFFFFFFF and wide:
                size = wide.pop(0)
            if stored == 0xFFFFFFFF and wide:
                stored = wide.pop(0)
        at += length
    return size, stored


def _next_header(source: Source, start: int) -> int | None:
    """Where the next description might begin."""
    while start < source.size:
        window = source.read_at(start, _WINDOW + 3)
        found = window.find(_HEADER)
        if found >= 0:
            return start + found
        if len(window) <= 3:
            return None
        start += len(window) - 3
    return None


def entry_bytes(source: Source, entry: FoundEntry) -> bytes:
    """A small entry as a whole, if it is right.

    Raises:
        CannotRead: cut short, damaged, encrypted, too large.
    """
    shown = visible(entry.info.filename, 100)
    if entry.is_cut:
        raise CannotRead(f"{shown} is cut short.")
    data = inflated(source, entry)
    if len(data) != entry.info.file_size and entry.info.CRC >= 0:
        raise CannotRead(f"{shown} is damaged: it does not have the size the archive states.")
    if entry.info.CRC >= 0 and zlib.crc32(data) != entry.info.CRC:
        raise CannotRead(f"{shown} is damaged: its checksum is wrong.")
    return data


def inflated(source: Source, entry: FoundEntry) -> bytes:
    """As much of an entry as can be unpacked.

    Raises:
        CannotRead: encrypted, packed in an unknown way, or too large.
    """
    shown = visible(entry.info.filename, 100)
    if entry.info.flag_bits & _ENCRYPTED:
        raise CannotRead(f"{shown} is encrypted.")
    if max(entry.n_left, entry.info.file_size) > LARGEST_INFLATED:
        raise CannotRead(f"{shown} is too large to be unpacked.")
    stored = source.read_at(entry.start, entry.n_left)
    if entry.is_stored:
        return stored
    if entry.info.compress_type != zipfile.ZIP_DEFLATED:
        raise CannotRead(f"{shown} is packed in a way that is not known here.")
    unpacking, found = zlib.decompressobj(-15), io.BytesIO()
    with suppress(zlib.error):  # what came before the damage is right, as far as it goes
        for at in range(0, len(stored), _PIECE):
            left = LARGEST_INFLATED - found.tell()
            found.write(unpacking.decompress(stored[at : at + _PIECE], max(1, left)))
            if left <= 0:
                break
    return found.getvalue()


def is_right(source: Source, entry: FoundEntry) -> Generator[int, None, bool | None]:
    """Whether an entry has the checksum that was stated; None: none was, or it is cut.

    Yields bytes.
    """
    if entry.is_cut or entry.info.CRC < 0:
        return None
    if not entry.is_stored:
        data = inflated(source, entry)
        return len(data) == entry.info.file_size and zlib.crc32(data) == entry.info.CRC
    checksum, at, stop = 0, entry.start, entry.start + entry.n_left
    while at < stop:
        piece = source.read_at(at, min(_PIECE, stop - at))
        if not piece:
            return False
        checksum = zlib.crc32(piece, checksum)
        at += len(piece)
        yield len(piece)
    return checksum == entry.info.CRC


def compare_contents(scratch: Scratch, contents: Mapping[str, bytes], name: str) -> Iterator[int]:
    """Read a new archive back; yields bytes.

    Args:
        scratch: where it was written.
        contents: what must be in it; of other entries the checksums are compared.
        name: what the archive is to be called.

    Raises:
        CannotWrite: it is not what was written.
    """
    try:
        with zipfile.ZipFile(scratch) as written:
            for entry, data in contents.items():
                if written.read(entry) != data:
                    raise not_as_written(name)
            for info in written.infolist():
                with written.open(info) as stream:  # which compares the checksum at the end
                    while piece := stream.read(_PIECE):
                        yield len(piece)
    except (*ZIP_ERRORS, KeyError) as error:
        raise not_as_written(name, details=str(error)) from error
