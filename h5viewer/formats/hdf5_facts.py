"""Facts about one dataset, asked so that no other file is opened and nothing is read."""

from __future__ import annotations

import math
from typing import Literal

from h5py import h5d, h5p, h5s, h5z

from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.formats.hdf5_mapping import mapping_obstacle, source_texts
from h5viewer.formats.hdf5_types import describe_type
from h5viewer.names import NodePath, visible
from h5viewer.nodes import Dataset, DType, Filter, Obstacle, Shape
from h5viewer.wording import bytes_text

MIB = 1 << 20
AUTOMATIC_CHUNK = 64 * MIB  # one element of a compressed dataset costs a whole chunk
LARGEST_CHUNK = 512 * MIB
_MAX_SOURCES = 20
_UNLIMITED = 2**64 - 1

# https://github.com/HDFGroup/hdf5_plugins/blob/master/docs/RegisteredFilterPlugins.md
_FILTERS = {
    1: "gzip", 2: "shuffle", 3: "checksum (Fletcher32)", 4: "szip", 5: "n-bit",
    6: "scale-offset", 257: "hzip", 258: "fpzip", 305: "LZO", 307: "bzip2", 32000: "LZF",
    32001: "Blosc", 32002: "MAFISC", 32003: "Snappy", 32004: "LZ4", 32005: "APAX", 32006: "CBF",
    32007: "JPEG-XR", 32008: "Bitshuffle", 32009: "SPDP", 32010: "LPC-Rice", 32011: "CCSDS-123",
    32012: "JPEG-LS", 32013: "ZFP", 32014: "fpzip", 32015: "Zstandard", 32016: "B³D",
    32017: "SZ", 32018: "FCIDECOMP", 32019: "JPEG", 32020: "VBZ", 32021: "FAPEC",
    32022: "BitGroom", 32023: "Granular BitRound", 32024: "SZ3", 32025: "Delta-Rice",
    32026: "Blosc2", 32027: "FLAC", 32028: "SPERR", 32029: "TERSE/PROLIX", 32030: "FFmpeg",
}  # fmt: skip

Layout = Literal["contiguous", "chunked", "compact", "virtual", "external", "other"]


def dataset_facts(
    path: NodePath,
    dsid: h5d.DatasetID,
    *,
    attribute_dtype: str = "",
    n_attributes: int = 0,
    same_as: NodePath | None = None,
) -> Dataset:
    """All that is known of a dataset without its values.

    Raises:
        one of HDF5_ERRORS: its header is damaged.
    """
    dtype = describe_type(dsid.get_type(), attribute_dtype)
    # `get_offset` is quicker and says "contiguous", but a forged file has both an address and
    # data in another file, which is then what HDF5 reads.
    creation = dsid.get_create_plist()
    layout = _layout(creation)
    shape, max_shape = _shape(dsid, creation, layout)
    chunks = tuple(creation.get_chunk()) if layout == "chunked" else None
    filters = _filters(creation)
    sources = _sources(creation, layout)
    return Dataset(
        path=path,
        dtype=dtype,
        shape=shape,
        max_shape=max_shape,
        layout=layout,
        chunks=chunks,
        filters=filters,
        # Of a virtual dataset this would open the sources.
        stored_bytes=0 if layout == "virtual" else dsid.get_storage_size(),
        sources=sources,
        n_attributes=n_attributes,
        obstacle=_obstacle(dtype, creation, layout, chunks, filters),
        same_as=same_as,
    )


def _layout(creation: h5p.PropDCID) -> Layout:
    if creation.get_external_count() > 0:
        return "external"
    names: dict[int, Layout] = {
        h5d.COMPACT: "compact",
        h5d.CONTIGUOUS: "contiguous",
        h5d.CHUNKED: "chunked",
        h5d.VIRTUAL: "virtual",
    }
    return names.get(creation.get_layout(), "other")


def _shape(
    dsid: h5d.DatasetID, creation: h5p.PropDCID, layout: Layout
) -> tuple[Shape | None, tuple[int | None, ...] | None]:
    if layout == "virtual":
        # Asking a virtual dataset opens its sources where its extent is unlimited
        # (formats.md, section 4); the mapping states the extent too.
        if creation.get_virtual_count() == 0:
            return None, None
        return _extent(creation.get_virtual_vspace(0))
    return _extent(dsid.get_space())


def _extent(space: h5s.SpaceID) -> tuple[Shape | None, tuple[int | None, ...] | None]:
    if space.get_simple_extent_type() == 2:  # H5S_NULL: no constant of h5py names it
        return None, None
    largest = space.get_simple_extent_dims(True)
    max_shape = tuple(None if n in (-1, _UNLIMITED) else int(n) for n in largest)
    shape = tuple(int(n) for n in space.get_simple_extent_dims())
    return shape, None if max_shape == shape else max_shape


def _filters(creation: h5p.PropDCID) -> tuple[Filter, ...]:
    steps = []
    for index in range(creation.get_nfilters()):
        number, _, values, stored_name = creation.get_filter(index)
        known = _FILTERS.get(number) or visible(stored_name, 60)
        if number == 1 and values:
            known = f"gzip {values[0]}"
        elif number > 255:
            known = f"{known} (filter {number})" if known else f"filter {number}"
        try:
            available = bool(h5z.filter_avail(number))
        except HDF5_ERRORS:
            available = False
        steps.append(Filter(id=number, name=known or f"filter {number}", available=available))
    return tuple(steps)


def _sources(creation: h5p.PropDCID, layout: Layout) -> tuple[str, ...]:
    """Where the data would be; shown as text, never opened."""
    if layout == "external":
        count = creation.get_external_count()
        names = [visible(creation.get_external(i)[0]) for i in range(min(count, _MAX_SOURCES))]
        more = [f"and {count - _MAX_SOURCES} more"] if count > _MAX_SOURCES else []
        return tuple(names + more)
    return tuple(source_texts(creation)) if layout == "virtual" else ()


def _obstacle(
    dtype: DType,
    creation: h5p.PropDCID,
    layout: Layout,
    chunks: Shape | None,
    filters: tuple[Filter, ...],
) -> Obstacle | None:
    """Why the values are not read by themselves; the most final reason first."""
    if layout == "external":
        source = visible(creation.get_external(0)[0])
        return Obstacle(
            reason=f"The data is in another file ({source}), which is not opened.",
            can_insist=False,
        )
    if layout == "virtual" and (refusal := mapping_obstacle(creation)) is not None:
        return refusal
    if missing := [step.name for step in filters if not step.available]:
        return Obstacle(
            reason=f"The data is compressed with {' and '.join(missing)}, which is not built in.",
            can_insist=False,
        )
    if dtype.kind == "unreadable":
        return Obstacle(reason=f"The element type is unreadable: {dtype.text}.", can_insist=False)
    if dtype.itemsize > AUTOMATIC_CHUNK:
        return Obstacle(
            reason=f"One element holds {bytes_text(dtype.itemsize)}.",
            can_insist=dtype.itemsize <= LARGEST_CHUNK,
        )
    chunk_bytes = math.prod(chunks) * dtype.itemsize if chunks and filters else 0
    if chunk_bytes > AUTOMATIC_CHUNK:
        return Obstacle(
            reason=f"One chunk holds {bytes_text(chunk_bytes)} when decompressed.",
            can_insist=chunk_bytes <= LARGEST_CHUNK,
        )
    return None
