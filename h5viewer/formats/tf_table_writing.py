"""Writing of the sorted tables that `tf_table` reads: not compressed, as TensorFlow writes them."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from h5viewer.formats.crc32c import masked_crc32c
from h5viewer.formats.protobuf_writing import varint
from h5viewer.formats.tf_table import MAGIC

_BLOCK = 256 << 10  # bytes; TensorFlow's
_BETWEEN_RESTARTS = 16  # entries, of which each later one leaves out what it shares
_PLAIN = b"\0"  # kind of a block: not compressed

Entry = tuple[bytes, bytes]


def table_pieces(entries: Sequence[Entry]) -> Iterator[bytes]:
    """The table, piece by piece.

    Args:
        entries: keys and values, sorted by key, each key once.
    """
    if any(first[0] >= second[0] for first, second in pairwise(entries)):
        raise ValueError("the keys of a table are sorted, each once")
    at = 0
    index: list[Entry] = []
    for block in _blocks(entries):
        stored = _stored(_content(block, _BETWEEN_RESTARTS))
        index.append((block[-1][0], _handle(at, stored)))
        at += len(stored)
        yield stored
    unused = _stored(_content([], _BETWEEN_RESTARTS))
    listing = _stored(_content(index, 1))
    handles = _handle(at, unused) + _handle(at + len(unused), listing)
    yield unused
    yield listing
    yield handles.ljust(40, b"\0") + MAGIC


def _blocks(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    block: list[Entry] = []
    n_bytes = 0
    for key, value in entries:
        block.append((key, value))
        n_bytes += len(key) + len(value) + 3
        if n_bytes >= _BLOCK:
            yield block
            block, n_bytes = [], 0
    if block:
        yield block


def _content(entries: Sequence[Entry], between: int) -> bytes:
    out = bytearray()
    restarts = []
    last = b""
    for number, (key, value) in enumerate(entries):
        n_shared = 0
        if number % between == 0:
            restarts.append(len(out))
        else:
            n_shared = _shared(last, key)
        out += varint(n_shared) + varint(len(key) - n_shared) + varint(len(value))
        out += key[n_shared:] + value
        last = key
    restarts = restarts or [0]
    return bytes(out) + struct.pack(f"<{len(restarts) + 1}I", *restarts, len(restarts))


def _shared(one: bytes, other: bytes) -> int:
    """How many bytes both begin with."""
    most = min(len(one), len(other))
    return next((n for n in range(most) if one[n] != other[n]), most)


def _stored(content: bytes) -> bytes:
    return content + _PLAIN + struct.pack("<I", masked_crc32c(content + _PLAIN))


def _handle(offset: int, stored: bytes) -> bytes:
    return varint(offset) + varint(len(stored) - 5)  # without its kind and its checksum
