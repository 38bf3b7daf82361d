"""A new HDF5 file that begins as another one does: superblock, user block, root group."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from h5py import h5f, h5fd, h5g, h5i, h5p

from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.scratch import Scratch

_LOWEST = {0: h5f.LIBVER_EARLIEST, 1: h5f.LIBVER_EARLIEST, 2: h5f.LIBVER_V18}
"""Oldest version of the format to be used, by that of the superblock."""


@contextmanager
def created_like(source: h5g.GroupID, scratch: Scratch) -> Iterator[h5g.GroupID]:
    """The root of an empty file with the properties of the file that `source` is the root of.

    After the block it is closed; whether all of it reached the disk says `scratch.check`.
    """
    file = h5f.create(b"scratch", h5f.ACC_TRUNC, _creation(source), _access(source, scratch))
    try:
        yield h5g.open(file, b"/")
    finally:
        with suppress(*HDF5_ERRORS):  # the disk refused, which `scratch` knows
            file.close()


@contextmanager
def opened_again(scratch: Scratch) -> Iterator[h5g.GroupID]:
    """The root of what was written, for reading."""
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fclose_degree(h5f.CLOSE_STRONG)
    access.set_fileobj_driver(h5fd.fileobj_driver, scratch)
    file = h5f.open(b"scratch", h5f.ACC_RDONLY, access)
    try:
        yield h5g.open(file, b"/")
    finally:
        file.close()


def creation_like(group: h5g.GroupID) -> h5p.PropGCID:
    """How to make a group like this one.

    Its own list is no such thing: of a group that keeps its names apart, as one with creation
    order does from nine on, it says where they lie, which is in another file.
    """
    own = group.get_create_plist()
    creation = h5p.create(h5p.GROUP_CREATE)
    creation.set_link_creation_order(own.get_link_creation_order())
    creation.set_attr_creation_order(own.get_attr_creation_order())
    creation.set_attr_phase_change(*own.get_attr_phase_change())
    creation.set_obj_track_times(own.get_obj_track_times())
    return creation


def _creation(root: h5g.GroupID) -> h5p.PropFCID:
    file = h5i.get_file_id(root)
    creation = file.get_create_plist()
    group = root.get_create_plist()  # of the root it is part of the file's
    creation.set_link_creation_order(group.get_link_creation_order())
    creation.set_attr_creation_order(group.get_attr_creation_order())
    return creation


def _access(root: h5g.GroupID, scratch: Scratch) -> h5p.PropFAID:
    version = h5i.get_file_id(root).get_create_plist().get_version()[0]
    access = h5p.create(h5p.FILE_ACCESS)
    access.set_fclose_degree(h5f.CLOSE_STRONG)
    access.set_libver_bounds(_LOWEST.get(version, h5f.LIBVER_V110), h5f.LIBVER_LATEST)
    # What is put beside HDF5 into a dataset's place must not be overwritten by what it had kept.
    access.set_sieve_buf_size(0)
    access.set_fileobj_driver(h5fd.fileobj_driver, scratch)
    return access
