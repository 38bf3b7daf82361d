"""Objects of an HDF5 file found by what they look like, where its lists of names are damaged.

Groups of the usual kind keep their names in three structures that lie anywhere in the file: a
tree of nodes, the nodes' entries, and a heap with the names. One of them lost, HDF5 finds
nothing of the group; what is left of the others often tells all of it. Only what can belong
to one place is put there. Layout: "HDF5 File Format Specification", sections III.A to III.D.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator

import msgspec

from h5viewer.formats.hdf5_headers import (
    CONTINUATION,
    LINK,
    NoHeader,
    hard_link,
    header_parts,
    messages,
    new_contents,
)
from h5viewer.names import NodePath

ReadAt = Callable[[int, int], bytes]
"""What is left of some bytes, from one of HDF5's addresses on."""

_WINDOW = 8 << 20  # bytes looked through between two yields
_OVERLAP = 16
# version, reserved, number of messages, number of links, size, padding
_HEADER = re.compile(
    rb"\x01\x00[\x00-\xff][\x00-\x0f][\x01-\xff]\x00\x00\x00[\x00-\xff]{3}\x00\x00\x00\x00\x00",
    re.DOTALL,
)
_SPACE, _TYPE, _LAYOUT, _SYMBOLS, _LINKS = 0x01, 0x03, 0x08, 0x11, 0x02
_ENTRY = 40  # bytes of an entry of a node
_MOST_OBJECTS = 200_000
_LONGEST_NAME = 4096
_DEEPEST = 100
FOUND_AGAIN = b"found_again"
"""The group of what was found without a name."""


class _Group(msgspec.Struct):
    """A group by its own description."""

    tree: int
    heap: int
    children: list[tuple[bytes, int]] = []
    is_broken: bool = False  # its tree does not tell where all of its nodes are


class Scan(msgspec.Struct):
    """What was found so far, by address."""

    groups: dict[int, _Group] = {}
    datasets: set[int] = set()
    nodes: dict[int, list[tuple[int, int]]] = {}
    """Entries of each node: where the name is in the heap, and the object."""

    heaps: dict[int, tuple[int, int]] = {}  # where names are, their size


def scan(read_at: ReadAt, left: int) -> Iterator[int | Scan]:
    """Look through all of a file of `left` bytes; yields bytes, at last what was found."""
    found = Scan()
    for start in range(0, left, _WINDOW):
        window = read_at(start, _WINDOW + _OVERLAP)
        _look_for_headers(found, read_at, start, window)
        for signature in (b"SNOD", b"HEAP", b"OHDR"):
            at = window.find(signature)
            while 0 <= at < _WINDOW:
                _take(found, read_at, start + at, signature)
                at = window.find(signature, at + 1)
        yield len(window)
    _name_children(found, read_at)
    yield found


def _look_for_headers(found: Scan, read_at: ReadAt, start: int, window: bytes) -> None:
    for match in _HEADER.finditer(window):
        if match.start() >= _WINDOW or len(found.datasets) + len(found.groups) > _MOST_OBJECTS:
            return
        address = start + match.start()
        try:
            contents = _contents(read_at, address)
        except NoHeader:
            continue
        if _SYMBOLS in contents and len(contents[_SYMBOLS]) >= 16:
            found.groups[address] = _Group(*struct.unpack_from("<QQ", contents[_SYMBOLS]))
        elif {_SPACE, _TYPE, _LAYOUT} <= set(contents):
            found.datasets.add(address)


def _contents(read_at: ReadAt, address: int) -> dict[int, bytes]:
    """The messages of a header by type; of several of one type the first.

    Raises:
        NoHeader: it only looked like one.
    """
    contents: dict[int, bytes] = {}
    for start, length in header_parts(read_at, address)[1:]:
        for kind, data in messages(read_at(start, length)):
            if kind > 0x16:
                raise NoHeader
            contents.setdefault(kind, data)
    contents.pop(CONTINUATION, None)
    return contents


def _take(found: Scan, read_at: ReadAt, at: int, signature: bytes) -> None:
    if signature == b"SNOD":
        entries = _entries(read_at, at)
        if entries:
            found.nodes[at] = entries
        return
    if signature == b"OHDR":
        _take_new(found, read_at, at)
        return
    head = read_at(at, 32)
    if len(head) == 32 and head[4] == 0:
        size, _, address = struct.unpack_from("<3Q", head, 8)
        found.heaps[at] = (address, size)


def _take_new(found: Scan, read_at: ReadAt, at: int) -> None:
    """A description of the newer kind, which a group's links may be part of."""
    try:
        contents = new_contents(read_at, at)
    except NoHeader:
        return
    kinds = {kind for kind, _ in contents}
    if {_SPACE, _TYPE, _LAYOUT} <= kinds:
        found.datasets.add(at)
    elif _LINKS in kinds:
        links = [hard_link(data) for kind, data in contents if kind == LINK]
        children = [link for link in links if link is not None and b"/" not in link[0]]
        found.groups[at] = _Group(0, 0, children)


def _entries(read_at: ReadAt, at: int) -> list[tuple[int, int]]:
    """As many entries of a node as are left."""
    head = read_at(at, 8)
    if len(head) < 8 or not head.startswith(b"SNOD") or head[4] != 1:
        return []
    (count,) = struct.unpack_from("<H", head, 6)
    data = read_at(at + 8, count * _ENTRY)
    return [
        struct.unpack_from("<QQ", data, start) for start in range(0, len(data) - _ENTRY + 1, _ENTRY)
    ]


# ------------------------------------------------------------------------ names


def _name_children(found: Scan, read_at: ReadAt) -> None:
    """Give every group its children, and every node that no tree leads to its only group."""
    free = set(found.nodes)
    for group in found.groups.values():
        if not group.tree:
            continue
        for at in _nodes_of(group, read_at, group.tree, 0):
            free.discard(at)
            group.children += _named(found, read_at, group.heap, found.nodes.get(at, []))
    broken = [group for group in found.groups.values() if group.is_broken]
    for at in sorted(free):
        fitting = []
        for group in broken:
            children = _named(found, read_at, group.heap, found.nodes[at])
            names = [name for name, _ in children]
            if all(names) and names == sorted(set(names)):
                fitting.append((group, children))
        if len(fitting) == 1:
            fitting[0][0].children += fitting[0][1]


def _nodes_of(group: _Group, read_at: ReadAt, at: int, depth: int) -> Iterator[int]:
    """Addresses of the nodes with entries that a tree leads to."""
    head = read_at(at, 24)
    if len(head) < 24 or not head.startswith(b"TREE") or head[4] != 0 or depth > _DEEPEST:
        group.is_broken = True
        return
    level = head[5]
    (count,) = struct.unpack_from("<H", head, 6)
    data = read_at(at + 24, 8 + 16 * count)
    group.is_broken |= len(data) < 8 + 16 * count
    for start in range(8, len(data) - 7, 16):
        (child,) = struct.unpack_from("<Q", data, start)
        if level:
            yield from _nodes_of(group, read_at, child, depth + 1)
        else:
            yield child


def _named(
    found: Scan, read_at: ReadAt, heap: int, entries: list[tuple[int, int]]
) -> list[tuple[bytes, int]]:
    """Entries with their names; b"" where the heap does not tell."""
    address, size = found.heaps.get(heap, (0, 0))
    return [
        (_name(read_at, address + offset) if address and offset < size else b"", target)
        for offset, target in entries
        if target
    ]


def _name(read_at: ReadAt, at: int) -> bytes:
    data = read_at(at, _LONGEST_NAME)
    name, end, _ = data.partition(b"\0")
    return name if end and b"/" not in name else b""


# ------------------------------------------------------------------------ places


def places(found: Scan, root: int) -> list[tuple[NodePath, int]]:
    """Every object that was found, with its path: those above come first.

    What no group leads to stands under `FOUND_AGAIN`, or directly below the root where it is
    a group.
    """
    placed: dict[int, NodePath] = {}
    if root in found.groups:
        _place(found, root, (), placed)
    led_to = {child for group in found.groups.values() for name, child in group.children if name}
    lonely = [each for each in sorted(found.groups) if each not in led_to and each not in placed]
    for number, address in enumerate(lonely, start=1):
        _place(found, address, (FOUND_AGAIN, str(number).encode()), placed)
    rest = sorted(found.datasets - set(placed))
    for number, address in enumerate(rest, start=len(lonely) + 1):
        placed[address] = (FOUND_AGAIN, str(number).encode())
    placed.pop(root, None)
    return [(path, address) for address, path in placed.items()]


def _place(found: Scan, top: int, path: NodePath, placed: dict[int, NodePath]) -> None:
    """Give an object and all below it their paths."""
    waiting = [(top, path)]
    while waiting:
        address, at = waiting.pop()
        if address in placed:
            continue
        placed[address] = at
        group = found.groups.get(address)
        if group is not None and len(at) < 1000:
            waiting += [(child, (*at, name)) for name, child in group.children if name]
