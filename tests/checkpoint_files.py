"""TensorFlow checkpoints that tests write themselves, without TensorFlow."""

from __future__ import annotations

import struct
from bisect import bisect_left
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.formats.crc32c import masked_crc32c
from h5viewer.formats.source import Source
from h5viewer.formats.tf_checkpoint import CheckpointContainer, open_checkpoint

FLOAT, STRING = 1, 7
_NUMBERS = {"float32": 1, "float64": 2, "int32": 3, "uint8": 4, "int16": 5, "int64": 9, "bool": 10,
            "float16": 19}  # fmt: skip


def varint(number: int) -> bytes:
    number &= 2**64 - 1
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number: int, value: int | bytes, *, fixed: bool = False) -> bytes:
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    if fixed:
        return varint(number << 3 | 5) + struct.pack("<I", value)
    return varint(number << 3) + varint(value)


def shape_message(shape: tuple[int, ...]) -> bytes:
    return b"".join(field(2, field(1, length)) for length in shape)


def slice_message(*extents: tuple[int, int] | None) -> bytes:
    """(start, length) of each axis; None: all of it."""
    parts = [b"" if axis is None else field(1, axis[0]) + field(2, axis[1]) for axis in extents]
    return b"".join(field(1, part) for part in parts)


def table(entries: list[tuple[bytes, bytes]], *, kind: int = 0, per_block: int = 100) -> bytes:
    """A table; `kind` 1 packs its blocks as Snappy literals."""
    out = b""

    def add(block: bytes, kind: int) -> bytes:
        nonlocal out
        if kind == 1:
            block = _as_snappy(block)
        handle = varint(len(out)) + varint(len(block))
        out += block + bytes([kind]) + struct.pack("<I", masked_crc32c(block + bytes([kind])))
        return handle

    index = []
    for at in range(0, len(entries), per_block):
        part = entries[at : at + per_block]
        index.append((part[-1][0], add(_block(part), kind)))
    footer = add(_block([]), 0) + add(_block(index), kind)
    return out + footer.ljust(40, b"\0") + bytes.fromhex("57fb808b247547db")


def bundle_entry(
    kind: int, shape: tuple[int, ...], offset: int, data: bytes, *, shard: int = 0
) -> bytes:
    place = field(3, shard) + field(4, offset) + field(5, len(data))
    crc = field(6, masked_crc32c(data), fixed=True)
    return field(1, kind) + field(2, shape_message(shape)) + place + crc


def object_message(
    children: dict[str, int],
    key: str = "",
    full_name: str = "",
    slots: tuple[tuple[int, str, int], ...] = (),
) -> bytes:
    """One object of a TrackableObjectGraph: names and numbers of what it holds, its value."""
    out = b"".join(
        field(1, field(1, number) + field(2, name.encode())) for name, number in children.items()
    )
    if key:
        names = field(1, b"VARIABLE_VALUE") + field(2, full_name.encode())
        out += field(2, names + field(3, key.encode()))
    for owner, word, number in slots:
        out += field(3, field(1, owner) + field(2, word.encode()) + field(3, number))
    return field(1, out)


def write_bundle(
    prefix: Path,
    variables: dict[str, NDArray[np.generic]],
    objects: tuple[bytes, ...] = (),
    **options: int,
) -> Path:
    """`prefix.index` and one data file; `objects`: messages of an object graph."""
    data = b""
    entries = [(b"", field(1, 1) + field(3, field(1, 1)))]
    for name, values in sorted(variables.items()):
        stored = values.tobytes()
        entry = bundle_entry(_NUMBERS[values.dtype.name], values.shape, len(data), stored)
        entries.append((name.encode(), entry))
        data += stored
    if objects:
        message = b"".join(objects)
        lengths = struct.pack("<I", len(message))
        stored = varint(len(message)) + struct.pack("<I", masked_crc32c(lengths)) + message
        crc = masked_crc32c(lengths + struct.pack("<I", masked_crc32c(lengths)) + message)
        place = field(4, len(data)) + field(5, len(stored)) + field(6, crc, fixed=True)
        entries.append((b"_CHECKPOINTABLE_OBJECT_GRAPH", field(1, STRING) + field(2, b"") + place))
        entries.sort()
        data += stored
    Path(f"{prefix}.data-00000-of-00001").write_bytes(data)
    index = Path(f"{prefix}.index")
    index.write_bytes(table(entries, **options))
    return index


def checkpoint(index: Path) -> CheckpointContainer:
    """One that was written."""
    return open_checkpoint(Source(str(index)))


def values(index: Path) -> dict[str, NDArray[Any]]:
    """All that a sound checkpoint holds, by its keys."""
    container = checkpoint(index)
    assert container.problems == ()  # checksums among them
    found: dict[str, NDArray[Any]] = {}
    for key, variable in container.variables.items():
        box = tuple(slice(0, n) for n in variable.shape)
        found[key.decode()] = container.array(container.path_of(key)).read(box)
    return found


def _block(entries: list[tuple[bytes, bytes]]) -> bytes:
    body, last = b"", b""
    for key, value in entries:
        lengths = range(1, len(key) + 1)
        shared = bisect_left(lengths, True, key=lambda n: not last.startswith(key[:n]))
        own = key[shared:]
        body += varint(shared) + varint(len(own)) + varint(len(value)) + own + value
        last = key
    return body + struct.pack("<II", 0, 1)


def _as_snappy(block: bytes) -> bytes:
    out = varint(len(block))
    for at in range(0, len(block), 60):
        part = block[at : at + 60]
        out += bytes([(len(part) - 1) << 2]) + part
    return out
