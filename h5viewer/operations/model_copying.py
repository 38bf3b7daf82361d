"""A model file copied with some of it left out or stored otherwise, read back and compared.

Everything else stays as it is stored: groups, attributes, split lists, filters, types.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import closing

import msgspec

from h5viewer.documents.document import ARCHIVED_WEIGHTS, Places
from h5viewer.documents.saved_state import NOT_WEIGHTS
from h5viewer.errors import CannotRead
from h5viewer.formats.archive_copying import ArchiveCopying, compare_entries, last_of_each
from h5viewer.formats.container import Container
from h5viewer.formats.hdf5 import Hdf5Container
from h5viewer.formats.hdf5_copying import Copying, IsLeftOut, RewritingOf
from h5viewer.formats.hdf5_differences import AS_IS, Differences
from h5viewer.formats.hdf5_verifying import Verified, Verifying
from h5viewer.formats.hdf5_writing import created_like, opened_again
from h5viewer.formats.keras_archive import KerasArchive
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.sharded_weights import ShardedWeights
from h5viewer.names import NodePath, plain
from h5viewer.nodes import Dataset, Group, Node
from h5viewer.operations import Operation
from h5viewer.requests import Progress

_WAIT = 0.02  # seconds between two looks at the disk


class Inside(msgspec.Struct, frozen=True):
    """What a path is, inside the HDF5 file that holds the weights of a model."""

    places: Places

    @property
    def _prefix(self) -> int:
        return 1 if self.places.format == "keras-archive" else 0

    @property
    def optimizer(self) -> NodePath:
        """The group of the optimizer's state."""
        return self.places.optimizer[self._prefix :]

    def is_weight(self, path: NodePath) -> bool:
        """True for a weight of the network."""
        inside = self.places.weights[self._prefix :]
        if path[: len(inside)] != inside or path[: len(self.optimizer)] == self.optimizer:
            return False
        is_other = self.places.is_numbered and path[:1] and plain(path[0]) in NOT_WEIGHTS
        return not is_other


class Changes(msgspec.Struct, frozen=True):
    """What is not as in the document; paths are inside the HDF5 file that holds the weights."""

    is_left_out: IsLeftOut
    is_weight: IsLeftOut  # counted
    rewriting_of: RewritingOf
    entries: Mapping[str, bytes] = {}  # of an archive, by their names
    n_bytes: int = 0  # that are written, for the bar
    differences: Differences = AS_IS  # names and attributes


def copy_model(
    container: Container, scratch: Scratch, changes: Changes, name: str
) -> Operation[Verified]:
    """Copy, read back, compare.

    Args:
        container: an HDF5 file or an archive.
        name: of the target.

    Raises:
        CannotRead: something cannot be copied.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    scratch.truncate(0)
    scratch.start_flushing()
    if isinstance(container, KerasArchive):
        found = yield from _copy_archive(container, scratch, changes, name)
    else:
        assert isinstance(container, Hdf5Container)
        found = yield from _copy_hdf5(container, scratch, changes, name)
        yield from _copy_user_block(container, scratch, name)
    while not scratch.is_flushed(_WAIT):
        yield Progress(done=0, text="Waiting for the disk…")
    scratch.check(name)
    container.source.check_unchanged()  # else it is a mixture
    return found


def require_one_file(container: Container) -> None:
    """Raise for what cannot be copied with changes, as it is made of several files.

    Raises:
        CannotRead: it is Keras' index of split weights.
    """
    if isinstance(container, ShardedWeights):
        raise CannotRead(
            f"{container.source.name} is an index of several files, of which no changed copy can "
            "be written.",
            hint="Combine them with their architecture first: that makes one file.",
        )


def state_bytes(places: Places, container: Container) -> Operation[int]:
    """Stored bytes of the optimizer's state, which is in a model file or is not."""
    path, total = places.optimizer, 0
    if isinstance(container.describe(path), Group):
        for n_done, (_, node) in enumerate(_below(container, path)):
            total += node.stored_bytes if isinstance(node, Dataset) else 0
            if n_done % 200 == 0:
                yield Progress(done=0, text="Looking into the file…")
    return total


def _below(container: Container, path: NodePath) -> Iterator[tuple[NodePath, Node]]:
    if isinstance(container, KerasArchive):
        return container.tree(path[0]).walk_below(path)
    assert isinstance(container, Hdf5Container)
    return container.walk_below(path)


def _copy_hdf5(
    container: Hdf5Container, scratch: Scratch, changes: Changes, name: str
) -> Operation[Verified]:
    """The HDF5 file, into the scratch file from its start on."""
    total = 2 * max(1, changes.n_bytes)
    done = 0
    left_out, rewriting_of = changes.is_left_out, changes.rewriting_of
    with created_like(container.root, scratch) as root:
        stored = container.stored
        copying = Copying(
            container.root, root, left_out, rewriting_of, stored, scratch, changes.differences
        )
        for n_bytes in copying.run():
            scratch.check(name)
            done += n_bytes
            yield Progress(done=done, total=total, unit="bytes", text="Writing…")
    scratch.check(name)
    with opened_again(scratch) as root:
        verifying = Verifying(
            container.root,
            root,
            left_out,
            rewriting_of,
            changes.is_weight,
            name,
            container.stored,
            scratch,
            changes.differences,
        )
        for n_bytes in verifying.run():
            done += n_bytes
            yield Progress(done=done, total=total, unit="bytes", text="Reading back…")
    return verifying.found


def _copy_user_block(container: Hdf5Container, scratch: Scratch, name: str) -> Operation[None]:
    """What stands in front of the HDF5 file, which the library leaves empty."""
    length = container.user_block
    scratch.seek(0)
    for start in range(0, length, 1 << 20):
        scratch.write(container.source.read_at(start, min(1 << 20, length - start)))
        scratch.check(name)
        yield Progress(done=start, total=length, unit="bytes")


def _copy_archive(
    container: KerasArchive, scratch: Scratch, changes: Changes, name: str
) -> Operation[Verified]:
    tree = container.tree(ARCHIVED_WEIGHTS)
    changed = dict(changes.entries)
    weights = plain(ARCHIVED_WEIGHTS)
    copying = ArchiveCopying(container.archive, scratch)
    found = Verified()
    for info in last_of_each(container.archive):
        if info.filename == weights:
            made, part = copying.begin_like(info)
            found = yield from _copy_hdf5(tree, part, changes, name)
            for _ in copying.end(made, part):
                yield Progress(done=0, text="Reading back…")
        elif info.filename in changed:
            copying.rewrite(info, changed[info.filename])
        else:
            for n_bytes in _checked(copying.copy(info), scratch, name):
                yield Progress(done=n_bytes, unit="bytes", text="Writing…")
    copying.close()
    scratch.check(name)
    for n_bytes in compare_entries(container.archive, scratch, changed, weights, name):
        yield Progress(done=n_bytes, unit="bytes", text="Reading back…")
    return found


def _checked(pieces: Generator[int, None, None], scratch: Scratch, name: str) -> Iterator[int]:
    with closing(pieces):  # not at some later moment, when the scratch file may be closed
        for n_bytes in pieces:
            scratch.check(name)
            yield n_bytes
