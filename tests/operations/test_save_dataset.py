"""One dataset as .npy, CSV and PNG: the stored values come back."""

from __future__ import annotations

import csv
import struct
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from exported import export_here, plan_here
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from h5viewer.errors import CannotRead, CannotWrite
from h5viewer.formats import consecutive
from h5viewer.operations import dataset_png
from h5viewer.requests import SaveDataset


def read_png(path: Path) -> np.ndarray:
    """A reader of our own, straight from the format's description."""
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    at, packed = 8, b""
    facts = (0, 0, 0, 0)
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", data, at + 8 + length)[0] == zlib.crc32(kind + body)
        facts = struct.unpack_from(">IIBB", body) if kind == b"IHDR" else facts
        packed += body if kind == b"IDAT" else b""
        at += 12 + length
    columns, rows, depth, colours = facts
    channels = {0: 1, 2: 3, 6: 4}[colours]
    width = channels * depth // 8
    lines = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(rows, 1 + columns * width)
    found = np.zeros((rows, columns * width), np.uint8)
    for number, line in enumerate(lines):
        above = found[number - 1] if number else np.zeros(columns * width, np.uint8)
        for n in range(columns * width):
            left = found[number, n - width] if n >= width else 0
            found[number, n] = (int(line[1 + n]) + (0, int(left), int(above[n]))[line[0]]) % 256
    shape = (rows, columns, channels) if channels > 1 else (rows, columns)
    return found.view(">u2" if depth == 16 else "u1").reshape(shape)


@pytest.fixture
def document(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    with h5py.File(tmp_path / "data.h5", "w") as file:
        file["line"] = np.array([0.1, 1e300, -np.inf, np.nan, 5e-324, -0.0])
        file["plane"] = rng.normal(size=(7, 9)).astype(">f4")
        cube = rng.integers(-9, 9, (5, 6, 7))
        file.create_dataset("cube", data=cube, chunks=(2, 3, 4), compression="gzip")
        file["records"] = np.array(
            [(1, 2.5, b"x"), (-2, -1, b"=y")], [("n", "i4"), ("v", "f4"), ("t", "S3")]
        )
        words = ["eins", '=1,"2"', "drei\nvier", ""]
        file.create_dataset("words", data=words, dtype=h5py.string_dtype())
        lists = file.create_dataset("lists", (2,), h5py.vlen_dtype("i4"))
        lists[0], lists[1] = [1, 2], [3]
        file["pixels"] = np.add.outer(np.arange(20), 7 * np.arange(30)).astype("u1")
        file["deep"] = rng.integers(0, 65536, (20, 30), dtype="u2")
        file["colours"] = rng.integers(0, 256, (4, 12, 9, 3), dtype="u1")
        file["half"] = np.array([0x3F81, 0xC000], "<u2").view("V2")
        file["half"].attrs["dtype"] = "bfloat16"
        file["nothing"] = np.zeros((0, 3))
        file["one"] = np.float32(0.1)
        kinds = h5py.enum_dtype({"RED": 0, "GREEN": 1})
        file.create_dataset("kinds", data=np.array([0, 1, 1]), dtype=kinds)
    return tmp_path / "data.h5"


def save(document: Path, name: str, target: Path, **options: object) -> tuple[str, ...]:
    request = SaveDataset(
        document=str(document), target=str(target), node=(name.encode(),), **options
    )
    return export_here(request).notes


@pytest.mark.parametrize("name", ["line", "plane", "cube", "records", "nothing", "one", "pixels"])
def test_npy_gives_the_stored_values_back(document: Path, tmp_path: Path, name: str) -> None:
    save(document, name, tmp_path / "out.npy")
    with h5py.File(document) as file:
        expected = file[name][()]
    found = np.load(tmp_path / "out.npy", mmap_mode=None if name == "nothing" else "r")
    assert found.shape == expected.shape
    assert found.tobytes() == expected.astype(found.dtype).tobytes()


def test_npy_of_text_and_of_what_it_cannot_hold(document: Path, tmp_path: Path) -> None:
    save(document, "words", tmp_path / "out.npy")
    assert np.load(tmp_path / "out.npy").tolist() == ["eins", '=1,"2"', "drei\nvier", ""]
    assert any("bfloat16" in note for note in save(document, "half", tmp_path / "half.npy"))
    assert np.load(tmp_path / "half.npy").view("u4").tolist() == [0x3F810000, 0xC0000000]
    assert any("1 = GREEN" in note for note in save(document, "kinds", tmp_path / "kinds.npy"))
    with pytest.raises(CannotRead, match=r"which \.npy files cannot hold"):
        save(document, "lists", tmp_path / "lists.npy")


def test_a_part_and_a_turned_part(document: Path, tmp_path: Path) -> None:
    with h5py.File(document) as file:
        cube = file["cube"][()]
    selection = ((1, 4), 2, (0, -1))
    save(document, "cube", tmp_path / "a.npy", selection=selection)
    assert np.load(tmp_path / "a.npy").tolist() == cube[1:4, 2].tolist()
    save(document, "cube", tmp_path / "b.npy", selection=selection, is_turned=True)
    assert np.load(tmp_path / "b.npy").tolist() == cube[1:4, 2].T.tolist()
    save(document, "cube", tmp_path / "c.csv", selection=selection, is_turned=True)
    assert np.loadtxt(tmp_path / "c.csv", delimiter=",").tolist() == cube[1:4, 2].T.tolist()
    for wrong in (((0, 9), 0, 0), (1, 2), (0, 7, 0)):
        with pytest.raises(CannotRead):
            save(document, "cube", tmp_path / "d.npy", selection=wrong)


def test_blocks_lie_behind_each_other_however_the_chunks_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consecutive, "_SLAB", 2000)
    monkeypatch.setattr(consecutive, "PIECE", 300)
    monkeypatch.setattr(consecutive, "_AT_ONCE", 100)
    values = np.arange(9 * 10 * 11).reshape(9, 10, 11)
    with h5py.File(tmp_path / "many.h5", "w") as file:
        for n, chunks in enumerate([(9, 1, 1), (1, 10, 11), (4, 4, 4), (9, 10, 11), (2, 10, 3)]):
            file.create_dataset(str(n), data=values, chunks=chunks)
        file["5"] = values
    for n in range(6):
        save(tmp_path / "many.h5", str(n), tmp_path / "out.npy")
        assert np.array_equal(np.load(tmp_path / "out.npy"), values)
        save(tmp_path / "many.h5", str(n), tmp_path / "out.csv")
        rows = list(csv.reader((tmp_path / "out.csv").read_text().splitlines()))[1:]
        assert [[int(cell) for cell in row[2:]] for row in rows] == values.reshape(90, 11).tolist()


def test_a_row_longer_than_a_block_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consecutive, "_SLAB", 800)
    values = np.arange(3 * 1000).reshape(3, 1000)
    with h5py.File(tmp_path / "wide.h5", "w") as file:
        file["v"] = values
        file.create_dataset("w", data=values.astype("S"), chunks=(1, 100))
    save(tmp_path / "wide.h5", "v", tmp_path / "out.csv")
    assert np.array_equal(np.loadtxt(tmp_path / "out.csv", delimiter=","), values)
    save(tmp_path / "wide.h5", "w", tmp_path / "out.csv")
    assert np.array_equal(np.loadtxt(tmp_path / "out.csv", delimiter=","), values)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(bits=st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=20))
def test_floats_come_back_from_csv_exactly(tmp_path: Path, bits: list[int]) -> None:
    with h5py.File(tmp_path / "bits.h5", "w") as file:
        file["f8"] = np.array(bits, "u8").view("f8")
        file["f4"] = np.array([n & 0xFFFFFFFF for n in bits], "u4").view("f4")
        file["f2"] = np.array([n & 0xFFFF for n in bits], "u2").view("f2")
    for name in ("f8", "f4", "f2"):
        save(tmp_path / "bits.h5", name, tmp_path / "out.csv")
        with h5py.File(tmp_path / "bits.h5") as file:
            stored = file[name][()]
        found = [np.dtype(name).type(line) for line in (tmp_path / "out.csv").read_text().split()]
        np.testing.assert_array_equal(np.array(found), stored)
        assert np.array_equal(np.signbit(found), np.signbit(stored)) or np.isnan(stored).any()


def test_csv_of_records_text_and_more_axes(document: Path, tmp_path: Path) -> None:
    def lines(name: str) -> list[list[str]]:
        save(document, name, tmp_path / "out.csv")
        with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.reader(file))

    assert lines("records") == [["n", "v", "t"], ["1", "2.5", "x"], ["-2", "-1.0", "'=y"]]
    assert lines("words") == [["eins"], ['\'=1,"2"'], ["drei\nvier"], []]
    assert lines("lists") == [["[1, 2]"], ["[3]"]]
    assert lines("kinds") == [["RED"], ["GREEN"], ["GREEN"]]
    assert lines("one") == [["0.1"]]
    cube = lines("cube")
    assert cube[0] == ["axis 0", "axis 1", "0", "1", "2", "3", "4", "5", "6"]
    assert len(cube) == 31
    assert cube[-1][:2] == ["4", "5"]


def test_pictures_of_bytes_and_of_16_bits_are_exact(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dataset_png, "_BAND", 100)  # a few rows at a time
    target = tmp_path / "out.png"
    with h5py.File(document) as file:
        assert save(document, "pixels", target) == ()
        assert np.array_equal(read_png(target), file["pixels"][()])
        save(document, "deep", target)
        assert np.array_equal(read_png(target), file["deep"][()])
        save(document, "deep", target, is_turned=True)
        assert np.array_equal(read_png(target), file["deep"][()].T)
        save(document, "colours", target, selection=(2, (0, -1), (0, -1), (0, -1)))
        assert np.array_equal(read_png(target), file["colours"][2])


def test_other_numbers_are_spread_over_greys_and_the_range_is_said(
    document: Path, tmp_path: Path
) -> None:
    (note,) = save(document, "plane", tmp_path / "out.png")
    found = read_png(tmp_path / "out.png")
    with h5py.File(document) as file:
        plane = file["plane"][()]
    assert f"from {plane.min():.6g} (black) to {plane.max():.6g} (white)" in note
    assert found[np.unravel_index(plane.argmin(), plane.shape)] == 0
    assert found[np.unravel_index(plane.argmax(), plane.shape)] == 255
    (note,) = save(document, "line", tmp_path / "out.png")
    assert "2 values are no finite number" in note


def test_colours_and_levels_of_the_window_are_used(document: Path, tmp_path: Path) -> None:
    table = np.stack([np.arange(256), 255 - np.arange(256), np.full(256, 7)], 1).astype(np.uint8)
    colours = table.tobytes() + bytes([9, 9, 9])
    save(document, "plane", tmp_path / "out.png", colours=colours, low=-1.0, high=1.0)
    with h5py.File(document) as file:
        plane = file["plane"][()].astype("f8")
    places = np.clip((plane + 1) / 2 * 256, 0, 255).astype(int)
    assert np.array_equal(read_png(tmp_path / "out.png"), table[places])
    with pytest.raises(CannotRead, match="not 256"):
        save(document, "plane", tmp_path / "out.png", colours=b"abc")
    with pytest.raises(CannotRead, match="no range of numbers"):
        save(document, "plane", tmp_path / "out.png", low=2.0, high=1.0)


def test_what_has_no_such_form_is_refused(document: Path, tmp_path: Path) -> None:
    for name, ending, said in (
        ("cube", "png", "a picture has two"),
        ("words", "png", "holds no numbers"),
        ("nothing", "png", "no elements"),
        ("absent", "npy", "no object"),
    ):
        with pytest.raises(CannotRead, match=said):
            save(document, name, tmp_path / f"out.{ending}")
    request = SaveDataset(document=str(document), target=str(tmp_path / "x.txt"), node=(b"line",))
    with pytest.raises(CannotWrite, match=r"x\.txt does not say how"):
        plan_here(request)


def test_the_plan_knows_the_size_of_npy(document: Path, tmp_path: Path) -> None:
    request = SaveDataset(document=str(document), target=str(tmp_path / "x.npy"), node=(b"cube",))
    plan = plan_here(request)
    export_here(request)
    assert plan.bytes_after == (tmp_path / "x.npy").stat().st_size
