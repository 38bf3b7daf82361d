"""Decompression of Snappy blocks, which tables of TensorFlow and LevelDB may hold.

Format: github.com/google/snappy/blob/main/format_description.txt. TensorFlow itself
writes its tables uncompressed, so speed does not matter here.
"""

from __future__ import annotations

from h5viewer.formats.protobuf import Malformed, read_varint


def decompress(data: bytes, limit: int) -> bytes:
    """The decompressed block.

    Raises:
        Malformed: damaged, or more than `limit` bytes.
    """
    length, at = read_varint(data, 0)
    if length > limit:
        raise Malformed(f"compressed block of {length} bytes")
    out = bytearray()
    while at < len(data):
        tag = data[at]
        at += 1
        if tag & 3 == 0:
            at = _copy_literal(data, at, tag >> 2, out)
        else:
            at = _copy_earlier(data, at, tag, out)
        if len(out) > length:
            raise Malformed("compressed block holds more than it states")
    if len(out) != length:
        raise Malformed("compressed block holds less than it states")
    return bytes(out)


def _copy_literal(data: bytes, at: int, size: int, out: bytearray) -> int:
    if size >= 60:  # the size itself follows in 1 to 4 bytes
        n_bytes = size - 59
        size = int.from_bytes(data[at : at + n_bytes], "little")
        at += n_bytes
    out += data[at : at + size + 1]
    return at + size + 1


def _copy_earlier(data: bytes, at: int, tag: int, out: bytearray) -> int:
    if tag & 3 == 1:
        length, n_bytes, high = 4 + (tag >> 2 & 7), 1, tag >> 5
    else:
        length, n_bytes, high = 1 + (tag >> 2), 2 if tag & 3 == 2 else 4, 0
    offset = int.from_bytes(data[at : at + n_bytes], "little") | high << 8
    if not 0 < offset <= len(out):
        raise Malformed("compressed block refers to before its start")
    for _ in range(length):  # source and target may overlap: that is how runs are written
        out.append(out[-offset])
    return at + n_bytes
