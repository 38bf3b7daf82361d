"""Sorted tables of keys and values, as TensorFlow's checkpoints and LevelDB use them.

Layout (formats.md, section 1.5): blocks of entries, an index block that says where each is,
and in the last 48 bytes where the index is. Wrong checksums are noted, not fatal: what is
readable is shown.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator

import msgspec

from h5viewer.formats.crc32c import masked_crc32c
from h5viewer.formats.protobuf import Malformed, fields, read_varint
from h5viewer.formats.snappy import decompress
from h5viewer.formats.source import Source

MAGIC = bytes.fromhex("57fb808b247547db")
_FOOTER = 48
_LARGEST_BLOCK = 1 << 30
_LARGEST_INFLATED = 64 << 20
_LARGEST_KEY = 64 << 10
_MOST_KEY_BYTES = 64 << 20  # shared beginnings could unfold 1 MB to gigabytes


class Handle(msgspec.Struct, frozen=True):
    """Where a block is."""

    offset: int
    size: int


class Table:
    """One table. Blocks are read when asked for."""

    def __init__(self, source: Source) -> None:
        """Read the index.

        Raises:
            Malformed: no table, or cut short.
        """
        self._source = source
        self.has_wrong_checksum = False  # of any block read so far
        footer = source.read_at(max(0, source.size - _FOOTER), _FOOTER)
        if len(footer) < _FOOTER or not footer.endswith(MAGIC):
            raise Malformed("the end of the table is missing")
        at = 0
        for _ in range(2):  # an unused block, then the index
            offset, at = read_varint(footer, at)
            size, at = read_varint(footer, at)
        self._handles: list[Handle] = []
        self._last_keys: list[bytes] = []
        for key, value in self._entries(Handle(offset, size)):
            start, next_at = read_varint(value, 0)
            length, _ = read_varint(value, next_at)
            self._handles.append(Handle(start, length))
            self._last_keys.append(key)

    def entries(self) -> Iterator[tuple[bytes, bytes]]:
        """All keys with their values, in order.

        Raises:
            Malformed: a block is damaged; the entries before it have come.
        """
        for handle in self._handles:
            yield from self._entries(handle)

    def starting_with(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        """The entries whose keys start so; reads only the blocks that may hold them.

        Raises:
            Malformed: a block is damaged.
        """
        for number in range(bisect_left(self._last_keys, prefix), len(self._handles)):
            for key, value in self._entries(self._handles[number]):
                if key.startswith(prefix):
                    yield key, value
                elif key > prefix:
                    return

    def _entries(self, handle: Handle) -> Iterator[tuple[bytes, bytes]]:
        block = self._block(handle)
        n_restarts = int.from_bytes(block[-4:], "little")
        end = len(block) - 4 - 4 * n_restarts
        if len(block) < 4 or end < 0:
            raise Malformed("a block is too short for its list of restarts")
        at, key, n_key_bytes = 0, b"", 0
        while at < end:
            n_shared, at = read_varint(block, at)
            n_own, at = read_varint(block, at)
            n_value, at = read_varint(block, at)
            if n_shared > len(key) or at + n_own + n_value > end:
                raise Malformed("an entry reaches beyond its block")
            key = key[:n_shared] + block[at : at + n_own]
            n_key_bytes += len(key)
            if len(key) > _LARGEST_KEY or n_key_bytes > _MOST_KEY_BYTES:
                raise Malformed("the names are absurdly long")
            at += n_own
            yield key, block[at : at + n_value]
            at += n_value

    def _block(self, handle: Handle) -> bytes:
        if handle.size > _LARGEST_BLOCK or handle.offset + handle.size + 5 > self._source.size:
            raise Malformed("a block reaches beyond the file")
        data = self._source.read_at(handle.offset, handle.size + 5)
        if len(data) < handle.size + 5:
            raise Malformed("a block reaches beyond the file")
        content, kind = data[: handle.size], data[handle.size]
        (stated,) = struct.unpack("<I", data[-4:])
        if masked_crc32c(memoryview(data)[:-4]) != stated:
            self.has_wrong_checksum = True
        if kind == 0:
            return content
        if kind == 1:
            return decompress(content, _LARGEST_INFLATED)
        raise Malformed(f"a block is compressed in an unknown way ({kind})")


def is_table(source: Source) -> bool:
    """True for a file that ends like a table, or begins like the index of a checkpoint."""
    if source.size >= _FOOTER and source.read_at(source.size - len(MAGIC), 8) == MAGIC:
        return True
    return is_index_start(source.read_at(0, 64))


def is_index_start(head: bytes) -> bool:
    """True for the first entry of an index: the empty key with the number of data files."""
    if not head.startswith(b"\0\0") or len(head) < 8 or head[2] > 32:
        return False
    try:  # nothing shared, no key, then a header: 1 number of files, 3 version
        header = dict(fields(head[3 : 3 + head[2]]))
    except Malformed:
        return False
    return isinstance(header.get(1), int) and isinstance(header.get(3), bytes)
