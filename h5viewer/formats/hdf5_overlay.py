"""A root group of our own over a damaged HDF5 file, with a link to each object asked for.

HDF5 opens objects by name only. Where the names are lost, it is shown a group behind the end of
the file that leads to the objects' addresses, and a superblock that says this is the root.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from h5viewer.formats.hdf5_superblock import Superblock
from h5viewer.formats.hdf5_swmr import lookup3

MOST_LINKS = 60_000
"""Messages that one header of the first version counts."""

_UNDEFINED = b"\xff" * 8
_LINK_INFO, _GROUP_INFO, _LINK = 0x02, 0x0A, 0x06
_TWO_BYTES = 0x01  # flag: how the length of the name is stored


def name_of(number: int) -> bytes:
    """What the link to an object is called."""
    return str(number).encode()


def overlay(
    superblock: Superblock, head: bytes, end: int, addresses: Sequence[int]
) -> dict[int, bytes]:
    """What is to be seen instead of what is in the file, by position.

    Args:
        superblock: of the file.
        head: its first 96 bytes, from the signature on.
        end: a position behind everything, from where the group is shown.
        addresses: of the objects that it leads to.

    Raises:
        ValueError: addresses of another size than eight bytes.
    """
    address = end - superblock.offset
    group = _group(addresses)
    return {
        superblock.offset: _superblock(superblock, head, address, address + len(group)),
        end: group,
    }


def _superblock(superblock: Superblock, head: bytes, root: int, end: int) -> bytes:
    made = bytearray(head)
    if superblock.version in (0, 1):
        if head[13] != 8:
            raise ValueError(head[13])
        at = 24 + 4 * superblock.version
        struct.pack_into("<Q", made, at, superblock.offset)
        struct.pack_into("<Q", made, at + 16, superblock.offset + end)
        # the root's entry: name, header, and nothing that is kept of it elsewhere
        struct.pack_into("<QQII16x", made, at + 32, 0, root, 0, 0)
        return bytes(made[: at + 32 + 40])
    if head[9] != 8:
        raise ValueError(head[9])
    struct.pack_into("<Q", made, 12, superblock.offset)
    struct.pack_into("<Q", made, 28, superblock.offset + end)
    struct.pack_into("<Q", made, 36, root)
    made[11] = 0  # marks of a writer that has it open
    struct.pack_into("<I", made, 44, lookup3(bytes(made[:44])))
    return bytes(made[:48])


def _group(addresses: Sequence[int]) -> bytes:
    found = [
        _message(_LINK_INFO, b"\0\0" + 2 * _UNDEFINED),
        _message(_GROUP_INFO, b"\0\0"),
    ]
    for number, address in enumerate(addresses[:MOST_LINKS]):
        name = name_of(number)
        link = struct.pack("<BBH", 1, _TWO_BYTES, len(name)) + name + struct.pack("<Q", address)
        found.append(_message(_LINK, link))
    body = b"".join(found)
    return struct.pack("<BxHII4x", 1, len(found), 1, len(body)) + body


def _message(kind: int, data: bytes) -> bytes:
    data += b"\0" * (-len(data) % 8)
    return struct.pack("<HHB3x", kind, len(data), 0) + data
