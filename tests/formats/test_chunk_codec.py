"""Chunks decode as HDF5 decodes them, and nothing else decodes."""

from __future__ import annotations

import io
import zlib

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h5viewer.formats.chunk_codec import ChunkCodec, Undecodable, is_plain
from h5viewer.formats.hdf5_direct import ChunkReader

DTYPES = ["u1", "i2", ">i2", "f2", "f4", ">f4", "f8", "i8", "c8", "c16"]


def stored_chunk(values: np.ndarray, **options: object) -> tuple[ChunkCodec, bytes, int]:
    with h5py.File(io.BytesIO(), "w") as file:
        dataset = file.create_dataset("x", data=values, chunks=values.shape, **options)
        plist = dataset.id.get_create_plist()
        filters = tuple(plist.get_filter(i)[0] for i in range(plist.get_nfilters()))
        mask, stored = dataset.id.read_direct_chunk((0,) * values.ndim)
        return ChunkCodec(values.shape, values.dtype, filters), stored, mask


@settings(deadline=None)
@given(
    dtype=st.sampled_from(DTYPES),
    size=st.integers(1, 300),
    gzip=st.sampled_from([None, 1, 9]),
    shuffle=st.booleans(),
    fletcher32=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_plain_pipeline_gives_the_stored_bytes(
    dtype: str, size: int, gzip: int | None, shuffle: bool, fletcher32: bool, seed: int
) -> None:
    n_bytes = size * np.dtype(dtype).itemsize
    values = np.random.default_rng(seed).integers(0, 256, n_bytes, np.uint8).view(dtype)
    options = {"compression": gzip, "shuffle": shuffle, "fletcher32": fletcher32}
    codec, stored, mask = stored_chunk(values, **options)
    assert is_plain(codec.filters)
    decoded = codec.decode(stored, mask)
    assert decoded.dtype == values.dtype
    assert decoded.tobytes() == values.tobytes()


def test_filters_that_were_skipped_are_skipped() -> None:
    values = np.arange(10, dtype="f4")
    codec = ChunkCodec((10,), values.dtype, (2, 1))
    assert codec.decode(values.tobytes(), 0b11).tolist() == values.tolist()
    assert codec.decode(zlib.compress(values.tobytes()), 0b01).tolist() == values.tolist()


@pytest.mark.parametrize("change", [0, 5, -1])
def test_a_changed_byte_is_found_by_the_checksum(change: int) -> None:
    codec, stored, mask = stored_chunk(np.arange(99, dtype="u1"), fletcher32=True)
    damaged = bytearray(stored)
    damaged[change] ^= 0x10
    with pytest.raises(Undecodable):
        codec.decode(bytes(damaged), mask)


@pytest.mark.parametrize(
    "stored",
    [b"", b"no zlib stream", zlib.compress(b"short"), zlib.compress(bytes(40))[:-1]],
    ids=["empty", "garbage", "too short", "cut"],
)
def test_unexpected_streams_are_refused(stored: bytes) -> None:
    with pytest.raises(Undecodable):
        ChunkCodec((10,), np.dtype("f4"), (1,)).decode(stored, 0)


def test_a_bomb_is_not_unpacked() -> None:
    """Of 64 MB of zeros in 64 kB no more than the chunk is ever in memory."""
    import tracemalloc

    bomb = zlib.compress(bytes(64 << 20), 9)
    tracemalloc.start()
    with pytest.raises(Undecodable):
        ChunkCodec((10,), np.dtype("f4"), (1,)).decode(bomb, 0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize("filters", [(1, 1), (32000,), (2, 1, 4), (6,)])
def test_unusual_pipelines_are_left_to_hdf5(filters: tuple[int, ...]) -> None:
    assert not is_plain(filters)


@pytest.mark.parametrize("error", [OSError, ValueError, MemoryError, SystemError])
def test_a_chunk_that_was_never_written_is_left_to_hdf5(error: type[Exception]) -> None:
    """In whatever words h5py refuses it, which depend on what lay in its memory."""

    class Unwritten:
        def read_direct_chunk(self, _: object) -> object:
            raise error

    codec = ChunkCodec(chunk=(4,), dtype=np.dtype("f4"), filters=())
    with pytest.raises(Undecodable):
        ChunkReader(Unwritten(), codec).prepare((slice(0, 4),))  # type: ignore[arg-type]
