"""Attributes in pages, their values in excerpts, whatever they would unfold to."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from h5py import h5a, h5s, h5t

from h5viewer.errors import TooLarge
from h5viewer.formats.container import Container
from h5viewer.formats.hdf5_attributes import EXCERPT

Opener = Callable[[Path], Container]


def _texts(container: Container, *path: bytes) -> dict[bytes, str]:
    page = container.attributes(path, 0, 100)
    return {attribute.name: attribute.text for attribute in page.attributes}


def test_every_form_of_text_reads_the_same(opened: Opener, tmp_path: Path) -> None:
    """Variable, fixed, bytes, zero-dimensional array, one-element array."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["variable"] = "tensor"
        file.attrs["fixed"] = np.bytes_("tensor")
        file.attrs["array0d"] = np.array("tensor", dtype=h5py.string_dtype())
        file.attrs.create("array1d", ["tensor"], dtype="S8")
        file.attrs.create("padded", "tensor", dtype=h5py.string_dtype("utf-8", 20))
    container = opened(tmp_path / "a.h5")
    for name in (b"variable", b"fixed", b"array0d", b"array1d", b"padded"):
        text = container.attribute_text((), name, 100)
        assert text is not None
        assert (text.text, text.total, text.is_complete) == ("tensor", 6, True), name


def test_lists_of_strings(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["variable"] = ["dense", "größe"]
        file.attrs["fixed"] = np.array([b"dense", b"conv"])
        file.attrs["none"] = []
        file.attrs["numbers"] = [1, 2]
        file.attrs["one"] = "dense"
        file.attrs.create("bad", np.array([b"caf\xe9"]))
    container = opened(tmp_path / "a.h5")
    assert container.attribute_strings((), b"variable", 10) == ["dense", "größe"]
    assert container.attribute_strings((), b"fixed", 10) == ["dense", "conv"]
    assert container.attribute_strings((), b"fixed", 1) == ["dense"]
    assert container.attribute_strings((), b"none", 10) == []
    assert container.attribute_strings((), b"one", 10) == ["dense"]
    assert container.attribute_strings((), b"bad", 10) == ["caf\\xe9"]
    assert container.attribute_strings((), b"numbers", 10) is None
    assert container.attribute_strings((), b"absent", 10) is None
    assert container.attribute_text((), b"absent", 10) is None


def test_excerpts_of_values(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["number"] = np.float32(0.1)
        file.attrs["matrix"] = np.array([[1, 2], [3, 4]])
        file.attrs["flag"] = True
        file.attrs["empty"] = h5py.Empty("f4")
        file.attrs["none"] = np.zeros((0, 2))
        file.attrs["names"] = ["a", "b"]
        file.attrs["record"] = np.array((1, b"x"), dtype=[("n", "i4"), ("s", "S2")])
        file.attrs["reference"] = file.ref
        file.attrs["kind"] = np.array(1, dtype=h5py.enum_dtype({"A": 1}))
        lists = np.empty(2, object)
        lists[:] = [np.array([1, 2], "i4"), np.array([3], "i4")]
        file.attrs.create("lists", lists, dtype=h5py.vlen_dtype("i4"))
        file.attrs["brain"] = np.array([0x3F80], "u2").view("V2")
    texts = _texts(opened(tmp_path / "a.h5"))
    assert texts == {
        b"brain": "[1.0]",
        b"empty": "empty",
        b"flag": "True",
        b"kind": "1",
        b"lists": "[[1, 2], [3]]",
        b"matrix": "[[1, 2], [3, 4]]",
        b"names": '["a", "b"]',
        b"none": "[]",
        b"number": "0.1",
        b"record": "(1, x)",
        b"reference": "→ /",
    }


def test_large_values_come_as_excerpts_with_their_size(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w", libver="latest") as file:
        file.attrs["numbers"] = np.arange(100_000, dtype="i4")
        file.attrs["text"] = "x" * 100_000
    container = opened(tmp_path / "a.h5")
    numbers, text = container.attributes((), 0, 10).attributes
    assert (numbers.n_bytes, text.n_bytes) == (400_000, 100_000)
    for attribute in (numbers, text):
        assert not attribute.is_complete
        assert 0 < len(attribute.text) <= EXCERPT + 2
    whole = container.attribute_text((), b"text", 200_000)
    assert whole is not None
    assert whole.text == "x" * 100_000
    part = container.attribute_text((), b"text", 10)
    assert part is not None
    assert (part.text, part.total, part.is_complete) == ("x" * 10, 100_000, False)


def test_json_is_recognised(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.attrs["model_config"] = '  {"class_name": "Model"}'
    text = opened(tmp_path / "a.h5").attribute_text((), b"model_config", 100)
    assert text is not None
    assert text.language == "json"


@pytest.mark.parametrize("count", [500, 30_000])
def test_pages_cover_every_attribute_once(opened: Opener, tmp_path: Path, count: int) -> None:
    with h5py.File(tmp_path / "a.h5", "w", libver="latest") as file:
        space = h5s.create(h5s.SCALAR)
        for number in range(count):
            h5a.create(file.id, b"a%d" % number, h5t.NATIVE_INT8, space)
    container = opened(tmp_path / "a.h5")
    step = count // 5
    pages = [container.attributes((), start, step) for start in range(0, count + step, step)]
    names = [attribute.name for page in pages for attribute in page.attributes]
    assert {page.total for page in pages} == {count}
    assert sorted(names) == sorted(b"a%d" % number for number in range(count))
    if count == 500:
        assert names[:3] == [b"a0", b"a1", b"a2"]


@pytest.mark.skipif(sys.platform != "linux", reason="the bound is an address-space limit")
def test_a_list_that_unfolds_to_gigabytes_is_too_large(opened: Opener, tmp_path: Path) -> None:
    """4 MB of file whose 4,000 strings are all the same 4 MB: 16 GB (formats.md, section 4)."""
    path = tmp_path / "bomb.h5"
    length, count = 4 << 20, 4000
    with h5py.File(path, "w") as file:
        names = ["x" * length] + [f"name{number:04}" for number in range(count - 1)]
        file.attrs.create("layer_names", names, dtype=h5py.string_dtype())
        file["data"] = 1
    data = bytearray(path.read_bytes())
    at = data.find(struct.pack("<I", length))
    while data[at + 16 : at + 20] != struct.pack("<I", 8):  # a copy in the heap comes first
        at = data.find(struct.pack("<I", length), at + 1)
        assert at >= 0
    data[at : at + 16 * count] = bytes(data[at : at + 16]) * count
    path.write_bytes(data)

    container = opened(path)
    (attribute,) = container.attributes((), 0, 10).attributes
    assert (attribute.is_complete, attribute.shape) == (False, (count,))
    assert "Too large" in attribute.text
    with pytest.raises(TooLarge):
        container.attribute_strings((), b"layer_names", 10)
    with pytest.raises(TooLarge):
        container.attribute_text((), b"layer_names", 10)
    assert [path for path, _ in container.walk()] == [(b"data",)]


def test_undecodable_names_and_values_are_shown_escaped(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        kind = h5t.C_S1.copy()
        kind.set_size(4)
        made = h5a.create(file.id, b"caf\xe9", kind, h5s.create(h5s.SCALAR))
        made.write(np.array(b"\xe9\xff", "S4"))
    assert _texts(opened(tmp_path / "a.h5")) == {b"caf\xe9": "\\xe9\\xff"}
