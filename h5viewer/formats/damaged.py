"""A file that is opened however damaged it is, to save what is whole of it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from h5py import h5f, h5fd, h5g, h5p

from h5viewer.errors import CannotOpen
from h5viewer.formats.bounded_memory import bounded_memory
from h5viewer.formats.damaged_stream import DamagedStream, ReadInto
from h5viewer.formats.hdf5_errors import HDF5_ERRORS, reason
from h5viewer.formats.hdf5_links import address_of
from h5viewer.formats.hdf5_overlay import overlay
from h5viewer.formats.hdf5_superblock import Superblock, find_superblock
from h5viewer.formats.keras_archive import is_zip
from h5viewer.formats.lookalike import refusal
from h5viewer.formats.shard_index import files_named
from h5viewer.formats.source import Source
from h5viewer.formats.tf_checkpoint import CheckpointContainer, open_checkpoint
from h5viewer.formats.tf_table import is_table
from h5viewer.formats.zip_salvaging import FoundEntry, find_entries
from h5viewer.names import visible

_HEAD = 96  # bytes of any superblock
_MOST_MEMORY = 2 << 30  # bytes that HDF5 may take for one damaged structure


class DamagedTree:
    """One HDF5 file, or one in an archive."""

    def __init__(
        self,
        read_into: ReadInto,
        left: int,
        superblock: Superblock,
        addresses: Sequence[int] | None = None,
    ) -> None:
        """Open what is left.

        Args:
            read_into: reads what is left.
            left: bytes of it.
            superblock: how it begins.
            addresses: where objects are that the root should lead to, instead of its own.

        Raises:
            one of HDF5_ERRORS: nothing can be found in it.
        """
        self.base = superblock.offset
        self.left = left
        self.is_root_lost = False
        self.is_known_damaged = False  # a checksum over all of it is wrong
        self.outer = 0  # where it begins in the file on the disk
        self._read_into = read_into
        self._superblock = superblock
        length = max(left, superblock.offset + (superblock.end or 0))
        patches: dict[int, bytes] = {}
        if addresses is not None:
            head = DamagedStream(read_into, left, left).read_at(superblock.offset, _HEAD)
            patches = overlay(
                superblock, head.ljust(_HEAD, b"\0"), length + (-length % 8), addresses
            )
            length = max(start + len(data) for start, data in patches.items())
        self.stream = DamagedStream(read_into, left, length, patches)
        access = h5p.create(h5p.FILE_ACCESS)
        access.set_fclose_degree(h5f.CLOSE_STRONG)
        access.set_fileobj_driver(h5fd.fileobj_driver, self.stream)
        with bounded_memory(_MOST_MEMORY):
            self._file = h5f.open(b"damaged", h5f.ACC_RDONLY, access)
        try:
            self.root = h5g.open(self._file, b"/")
        except HDF5_ERRORS:
            self._file.close()
            raise

    @property
    def is_cut(self) -> bool:
        """Whether its end is missing."""
        return self.left < self.base + (self._superblock.end or 0)

    @property
    def root_address(self) -> int:
        """Where HDF5 counts the root's description to be; -1: it is not known."""
        return -1 if self.is_root_lost else address_of(self.root)

    def found_again(self, addresses: Sequence[int]) -> DamagedTree:
        """The same file with a root that leads to these objects, by `hdf5_overlay.name_of`.

        Raises:
            one of HDF5_ERRORS: that cannot be done.
        """
        return DamagedTree(self._read_into, self.left, self._superblock, addresses)

    def close(self) -> None:
        """Release the library's handles."""
        self._file.close()


class Damaged(msgspec.Struct):
    """One of the three kinds; `tree` of an HDF5 file, `entries` of an archive."""

    source: Source
    tree: DamagedTree | None = None
    entries: list[FoundEntry] = []
    checkpoint: CheckpointContainer | None = None
    is_listed: bool = True  # the archive's list of contents was readable

    def close(self) -> None:
        """Release the library's handles; the source stays open."""
        if self.tree is not None:
            self.tree.close()
        if self.checkpoint is not None:
            self.checkpoint.close()


def open_damaged(source: Source) -> Damaged:
    """Open what is left of a file.

    Raises:
        CannotOpen: it was never one that is read, or nothing in it can be found.
    """
    if is_zip(source):
        entries, is_listed = find_entries(source)
        if not entries:
            raise CannotOpen(f"Nothing that is whole can be found in {source.name}.")
        return Damaged(source, entries=entries, is_listed=is_listed)
    if is_table(source):
        return Damaged(source, checkpoint=open_checkpoint(source))
    superblock = find_superblock(source)
    if superblock is None and source.weight_map:
        shown = visible(files_named(source.weight_map)[0], 100)
        raise CannotOpen(
            f"{source.name} only lists in which files weights are.",
            hint=f"Salvage the one of them that is damaged, such as {shown}.",
        )
    if superblock is None:
        raise refusal(source)
    return Damaged(source, tree=open_tree(source.name, source.read_into, source.size))


def open_tree(name: str, read_into: ReadInto, left: int) -> DamagedTree:
    """An HDF5 file of which `left` bytes can be read.

    Raises:
        CannotOpen: nothing in it can be found.
    """
    superblock = _superblock(read_into, left)
    if superblock is None:
        raise CannotOpen(f"Nothing can be found in {visible(name, 100)}: its beginning is damaged.")
    try:
        return DamagedTree(read_into, left, superblock)
    except (*HDF5_ERRORS, MemoryError) as error:
        return _without_root(name, read_into, left, superblock, error)


def _without_root(
    name: str, read_into: ReadInto, left: int, superblock: Superblock, error: BaseException
) -> DamagedTree:
    """The file with an empty root, so that its objects can be looked for.

    Raises:
        CannotOpen: not even that.
    """
    try:
        tree = DamagedTree(read_into, left, superblock, ())
    except (*HDF5_ERRORS, MemoryError):
        raise CannotOpen(
            f"Nothing can be found in {visible(name, 100)}: its beginning is damaged.",
            details=reason(error),
        ) from error
    tree.is_root_lost = True
    return tree


class _Bytes:
    """As much of a source as `find_superblock` asks for."""

    def __init__(self, read_into: ReadInto, size: int) -> None:
        self._read_into = read_into
        self.size = size

    def read_at(self, start: int, length: int) -> bytes:
        """Up to `length` bytes."""
        buffer = bytearray(max(0, min(length, self.size - start)))
        return bytes(buffer[: self._read_into(start, memoryview(buffer))]) if buffer else b""


def _superblock(read_into: ReadInto, left: int) -> Superblock | None:
    return find_superblock(_Bytes(read_into, left))
