"""Values come back as they were stored, whatever the layout, and never at any price."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.boxes import whole
from h5viewer.formats.container import StoredArray
from h5viewer.formats.hdf5_array import Hdf5Array
from h5viewer.formats.hdf5_direct import ChunkReader, RangeReader, direct_reader
from h5viewer.formats.hdf5_facts import dataset_facts
from h5viewer.formats.source import ByteRange, Source
from h5viewer.formats.table import open_container
from h5viewer.names import parse_path


@contextmanager
def stored(path: Path, name: str = "x") -> Iterator[StoredArray]:
    with Source(str(path)) as source:
        container = open_container(source)
        try:
            yield container.array(parse_path(name))
        finally:
            container.close()


def gathered(array: StoredArray, n_bytes: int = 1 << 20, **options: Any) -> np.ndarray:
    """All values, through threads and boxes."""
    region = whole(array.facts.shape or ())
    result: np.ndarray | None = None
    for box, values in array.read_many(array.boxes(region, n_bytes), **options):
        if result is None:
            result = np.zeros(array.facts.shape or (), values.dtype)
        result[box] = values
    assert result is not None
    return result


def assert_same(array: StoredArray, expected: np.ndarray, n_bytes: int = 1 << 20) -> None:
    native = expected.astype(expected.dtype.newbyteorder("="))
    for values in (array.read(whole(expected.shape)), gathered(array, n_bytes)):
        assert values.dtype == native.dtype
        assert values.dtype.isnative
        assert values.shape == native.shape
        assert values.tobytes() == native.tobytes()


LAYOUTS: dict[str, dict[str, Any]] = {
    "contiguous": {},
    "chunked": {"chunks": (70, 90)},
    "gzip": {"chunks": (70, 90), "compression": 4},
    "shuffle and gzip": {"chunks": (70, 90), "compression": 1, "shuffle": True},
    "everything plain": {"chunks": (64, 128), "compression": 9, "shuffle": True}
    | {"fletcher32": True},
    "fletcher32": {"chunks": (70, 90), "fletcher32": True},
    "lzf": {"chunks": (70, 90), "compression": "lzf"},
    "one chunk": {"chunks": (200, 300)},
    "chunk larger than data": {"chunks": (256, 512), "maxshape": (None, None)},
    "growing rows": {"chunks": (70, 90), "maxshape": (None, 300), "compression": 4},
    "growing both": {"chunks": (70, 90), "maxshape": (None, None), "compression": 4},
    "tiny chunks": {"chunks": (3, 5)},
}
DTYPES = ["f4", ">f4", "f8", ">i2", "u1", "i8", "?", "f2", "c8", ">c16"]


def random_values(dtype: str, shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    if dtype == "?":
        return random.integers(0, 2, shape).astype(bool)
    return (random.normal(size=shape) * 100).astype(dtype)


@pytest.mark.parametrize("libver", ["earliest", "latest"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_read_as_stored(tmp_path: Path, layout: str, libver: str) -> None:
    """Old and new chunk indexes: B-trees, single chunk, implicit, fixed and extensible arrays."""
    with h5py.File(tmp_path / "a.h5", "w", libver=libver) as file:
        for dtype in DTYPES:
            values = random_values(dtype, (200, 300))
            file.create_dataset(dtype, data=values, **LAYOUTS[layout])
    for dtype in DTYPES:
        with stored(tmp_path / "a.h5", dtype) as array:
            assert_same(array, random_values(dtype, (200, 300)))


@pytest.mark.parametrize(
    ("layout", "reader"),
    [
        ("contiguous", RangeReader),
        ("chunked", ChunkReader),
        ("everything plain", ChunkReader),
        ("lzf", type(None)),
        ("tiny chunks", type(None)),
    ],
)
def test_plain_pipelines_are_read_around_the_library(
    tmp_path: Path, layout: str, reader: type
) -> None:
    """Otherwise the tests above would prove nothing about the fast ways."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=random_values("f4", (200, 300)), **LAYOUTS[layout])
    with Source(str(tmp_path / "a.h5")) as source, h5py.File(ByteRange(source), "r") as file:
        dsid = file["x"].id
        facts = dataset_facts((b"x",), dsid)
        assert type(direct_reader(dsid, facts, source, 0)) is reader


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_region_of_any_rank_equals_the_slice(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    shape = tuple(data.draw(st.lists(st.integers(1, 40), min_size=1, max_size=4)))
    chunks = data.draw(st.none() | st.tuples(*[st.integers(1, n) for n in shape]))
    compression = None if chunks is None else data.draw(st.sampled_from([None, 1]))
    values = random_values("f4", shape)
    path = tmp_path_factory.mktemp("region") / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, chunks=chunks, compression=compression)
    region = tuple(
        slice(start, data.draw(st.integers(start + 1, n)))
        for n in shape
        for start in [data.draw(st.integers(0, n - 1))]
    )
    result = np.full(shape, np.nan, "f4")
    with stored(path) as array:
        assert array.read(region).tobytes() == values[region].tobytes()
        boxes = array.boxes(region, data.draw(st.sampled_from([1, 1000, 1 << 20])))
        for box, part in array.read_many(boxes):
            result[box] = part
        assert result[region].tobytes() == values[region].tobytes()
        assert array.cost(region) >= values[region].nbytes


def test_chunks_never_written_show_the_fill_value(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        dataset = file.create_dataset("x", (300, 300), "f4", chunks=(100, 100), fillvalue=7)
        dataset[100:200, 100:200] = 1
        file.create_dataset("never", (300, 300), "f4", fillvalue=-2)
    expected = np.full((300, 300), 7, "f4")
    expected[100:200, 100:200] = 1
    with stored(tmp_path / "a.h5") as array:
        assert_same(array, expected)
    with stored(tmp_path / "a.h5", "never") as array:
        assert_same(array, np.full((300, 300), -2, "f4"))


def test_chunks_written_without_the_filter_are_read(tmp_path: Path) -> None:
    """A filter mask says which filters a chunk went past."""
    values = random_values("f4", (200, 200))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        dataset = file.create_dataset(
            "x", (200, 200), "f4", chunks=(100, 200), compression=4, shuffle=True
        )
        dataset[:100] = values[:100]
        dataset.id.write_direct_chunk((100, 0), values[100:].tobytes(), filter_mask=0b11)
    with stored(tmp_path / "a.h5") as array:
        assert_same(array, values)


@pytest.mark.parametrize("chunks", [None, (100, 100)])
@pytest.mark.parametrize("libver", ["earliest", "latest"])
def test_a_user_block_moves_nothing(
    tmp_path: Path, chunks: tuple[int, int] | None, libver: str
) -> None:
    values = random_values("f4", (200, 300))
    with h5py.File(tmp_path / "a.h5", "w", userblock_size=1024, libver=libver) as file:
        file.create_dataset("x", data=values, chunks=chunks, compression=chunks and 4)
        file.create_dataset("never", (200, 300), "f4", fillvalue=3)
    with stored(tmp_path / "a.h5") as array:
        assert_same(array, values)
    with stored(tmp_path / "a.h5", "never") as array:
        assert_same(array, np.full((200, 300), 3, "f4"))


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("chunks", [None, (100, 100)])
def test_values_inside_an_archive_are_the_same(
    tmp_path: Path, how: int, chunks: tuple[int, int] | None
) -> None:
    """A stored member is read in place, a compressed one from memory."""
    values = random_values("f4", (200, 300))
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file.create_dataset("layers/dense/vars/0", data=values, chunks=chunks)
    with zipfile.ZipFile(tmp_path / "m.keras", "w", how) as archive:
        archive.writestr("metadata.json", '{"keras_version": "3.0.0"}')
        archive.writestr("config.json", '{"class_name": "Sequential", "config": {}}')
        archive.write(tmp_path / "w.h5", "model.weights.h5")
    with Source(str(tmp_path / "m.keras")) as source:
        container = open_container(source)
        path = next(path for path, _ in container.walk() if path[-2:] == (b"vars", b"0"))
        assert_same(container.array(path), values)
        container.close()


@pytest.mark.parametrize("shape", [(), (1,), (2,) + (1,) * 30 + (2,), (0,), (5, 0, 3)])
def test_every_rank_from_none_to_32(tmp_path: Path, shape: tuple[int, ...]) -> None:
    values = random_values("f8", shape)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = values
    with stored(tmp_path / "a.h5") as array:
        read = array.read(whole(shape))
        assert read.shape == shape
        assert read.tobytes() == values.tobytes()
        assert sum(1 for _ in array.read_many(array.boxes(whole(shape), 100))) == int(
            0 not in shape
        )


def test_keras_bfloat16_becomes_float32(tmp_path: Path) -> None:
    expected = np.array([1.0, -2.0, 3.5, np.inf, 0.10009765625], "f4")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        halves = (expected.view("u4") >> 16).astype("u2").view("V2")
        file.create_dataset("x", data=halves).attrs["dtype"] = "bfloat16"
        file.create_dataset("legacy", data=np.tile(halves, 4000), chunks=(20000,), compression=4)
    with stored(tmp_path / "a.h5") as array:
        assert_same(array, expected)
    with stored(tmp_path / "a.h5", "legacy") as array:
        assert_same(array, np.tile(expected, 4000))


def test_integers_of_odd_width_are_widened(tmp_path: Path) -> None:
    """24 bits in three bytes, which h5py has no dtype for; 12 bits in two."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, size, bits in (("x", 3, 24), ("y", 2, 12)):
            kind = h5py.h5t.STD_I32LE.copy()
            kind.set_precision(bits)
            kind.set_size(size)
            space = h5py.h5s.create_simple((4,))
            dsid = h5py.h5d.create(file.id, name.encode(), kind, space)
            dsid.write(space, space, np.array([0, 1, -1, 2047], "i4"))
    for name in ("x", "y"):
        with stored(tmp_path / "a.h5", name) as array:
            assert array.read((slice(0, 4),)).tolist() == [0, 1, -1, 2047]
            assert gathered(array).tolist() == [0, 1, -1, 2047]


def test_enums_keep_their_names(tmp_path: Path) -> None:
    kind = h5py.enum_dtype({"RED": 0, "GREEN": 1}, ">i2")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = np.array([0, 1, 1], kind)
    with stored(tmp_path / "a.h5") as array:
        for values in (array.read((slice(0, 3),)), gathered(array)):
            assert values.tolist() == [0, 1, 1]
            assert dict(values.dtype.metadata or {})["enum"] == {"RED": 0, "GREEN": 1}


def test_strings_lists_and_references(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["strings"] = ["one", "", "zwölf"]
        file["fixed"] = np.array([b"ab", b"c"], "S3")
        lists = file.create_dataset("lists", (2,), h5py.vlen_dtype("i4"))
        lists[0] = [1, 2, 3]
        references = file.create_dataset("references", (3,), h5py.ref_dtype)
        references[0] = file["strings"].ref
        file["gone"] = 1
        references[1] = file["gone"].ref
        del file["gone"]
    with stored(tmp_path / "a.h5", "strings") as array:
        assert array.read((slice(0, 3),)).tolist() == [b"one", b"", "zwölf".encode()]
    with stored(tmp_path / "a.h5", "fixed") as array:
        assert array.read((slice(1, 2),)).tolist() == [b"c"]
    with stored(tmp_path / "a.h5", "lists") as array:
        assert [part.tolist() for part in array.read((slice(0, 2),))] == [[1, 2, 3], []]
    with stored(tmp_path / "a.h5", "references") as array:
        texts = array.read((slice(0, 3),)).tolist()
    assert texts[0] == "→ /strings"
    assert texts[1] != "→ /gone"
    assert texts[2] == "→ nothing"


def test_strings_that_unfold_to_too_much_are_refused(tmp_path: Path) -> None:
    """Many elements may share one stored megabyte."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        dataset = file.create_dataset("x", (1000,), h5py.string_dtype())
        dataset[0] = "x" * (1 << 20)
        start = dataset.id.get_offset()
    content = bytearray((tmp_path / "a.h5").read_bytes())
    content[start : start + 16 * 1000] = content[start : start + 16] * 1000
    (tmp_path / "a.h5").write_bytes(content)
    with stored(tmp_path / "a.h5") as array:
        assert len(array.read((slice(998, 999),))[0]) == 1 << 20
        with pytest.raises(TooLarge):
            array.read((slice(0, 1000),))


def test_data_in_other_files_is_never_read(tmp_path: Path) -> None:
    (tmp_path / "secret.bin").write_bytes(bytes(range(64)))
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["secret"] = np.arange(4.0)
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource(str(tmp_path / "other.h5"), "secret", (4,))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        external = [(str(tmp_path / "secret.bin"), 0, 64)]
        file.create_dataset("external", (64,), "u1", external=external)
        file.create_virtual_dataset("virtual", layout, fillvalue=-1)
    for name, length in (("external", 64), ("virtual", 4)):
        with stored(tmp_path / "a.h5", name) as array:
            with pytest.raises(CannotRead, match="not opened"):
                array.read((slice(0, length),), insist=True)
            with pytest.raises(CannotRead, match="not opened"):
                gathered(array, insist=True)


def test_large_chunks_are_read_on_the_users_word_only(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, mib in (("large", 65), ("absurd", 513)):
            chunk = (mib << 20,)
            dataset = file.create_dataset(name, chunk, "u1", chunks=chunk, compression=1)
            del dataset
    with stored(tmp_path / "a.h5", "large") as array:
        with pytest.raises(TooLarge, match=r"68\.2 MB"):
            array.read((slice(0, 1),))
        assert array.read((slice(0, 1),), insist=True).tolist() == [0]
    with stored(tmp_path / "a.h5", "absurd") as array, pytest.raises(CannotRead, match="538 MB"):
        array.read((slice(0, 1),), insist=True)


def test_a_box_larger_than_memory_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", (10**15,), "f4", chunks=(65536,))
    with stored(tmp_path / "a.h5") as array:
        with pytest.raises(TooLarge):
            array.read((slice(0, 10**15),), insist=True)
        assert array.read((slice(10**15 - 2, 10**15),)).tolist() == [0, 0]
        assert array.cost((slice(0, 10**15),)) >= 4 * 10**15


def test_parts_of_large_plain_chunks_are_read_alone(tmp_path: Path) -> None:
    """One chunk may be the whole dataset; without a filter nothing forces anyone to read it."""
    values = random_values("f4", (1500, 1000))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=values, chunks=(1400, 1000))
        file.create_dataset("huge", (40_000, 10_000), "f4", chunks=(40_000, 10_000))
    with stored(tmp_path / "a.h5") as array:
        assert_same(array, values)
    with stored(tmp_path / "a.h5", "huge") as array:
        corner = (slice(39_999, 40_000), slice(9_999, 10_000))
        assert array.cost(corner) < 1 << 20
        assert array.read(corner).tolist() == [[0]]
        assert sum(1 for _ in array.boxes(whole((40_000, 10_000)), 1 << 20)) > 1000


def test_a_disk_that_fails_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise OSError(5, "Input/output error")

    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=random_values("f4", (200, 300)))
    with stored(tmp_path / "a.h5") as array:
        monkeypatch.setattr(Source, "read_into", fail)
        with pytest.raises(CannotRead, match="/x"):
            gathered(array)


@pytest.mark.parametrize("layout", ["gzip", "lzf", "everything plain"])
def test_a_damaged_chunk_names_its_dataset(tmp_path: Path, layout: str) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        values = random_values("f4", (200, 300)).round(-1)  # LZF leaves noise as it is
        dataset = file.create_dataset("x", data=values, **LAYOUTS[layout])
        place = dataset.id.get_chunk_info(4)
    content = bytearray((tmp_path / "a.h5").read_bytes())
    content[place.byte_offset : place.byte_offset + place.size] = b"\xff" * place.size
    (tmp_path / "a.h5").write_bytes(content)
    with stored(tmp_path / "a.h5") as array, pytest.raises(CannotRead, match="/x"):
        gathered(array)


def test_abandoned_reading_leaves_no_thread(tmp_path: Path) -> None:
    import threading

    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=random_values("f4", (2000, 300)), chunks=(70, 90))
    before = set(threading.enumerate())
    with stored(tmp_path / "a.h5") as array:
        parts = array.process(array.boxes(whole((2000, 300)), 1), lambda _, v: float(v.max()))
        next(parts)
        parts.close()
    assert set(threading.enumerate()) == before


def test_work_that_fails_is_heard(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=random_values("f4", (200, 300)), chunks=(70, 90))
    with stored(tmp_path / "a.h5") as array, pytest.raises(ZeroDivisionError):
        list(array.process(array.boxes(whole((200, 300)), 1), lambda box, values: 1 // 0))


def test_an_array_without_a_source_is_read_by_hdf5(tmp_path: Path) -> None:
    values = random_values("f4", (200, 300))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = values
    with h5py.File(tmp_path / "a.h5", "r") as file:
        dsid = file["x"].id
        assert_same(Hdf5Array(dsid, dataset_facts((b"x",), dsid), None, None), values)
