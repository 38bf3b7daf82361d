"""Every element type has a name, also those numpy has no word for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from h5py import h5a, h5d, h5s, h5t

from h5viewer.formats.container import Container
from h5viewer.formats.hdf5_types import describe_type
from h5viewer.nodes import Dataset

Opener = Callable[[Path], Container]


def _integer(bits: int, n_bytes: int) -> h5t.TypeID:
    kind = h5t.STD_I32LE.copy()
    kind.set_precision(bits)
    kind.set_size(n_bytes)
    return kind


def _float(n_bytes: int, exponent: int, mantissa: int) -> h5t.TypeID:
    kind = h5t.IEEE_F32LE.copy()
    kind.set_fields(exponent + mantissa, mantissa, exponent, 0, mantissa)
    kind.set_precision(1 + exponent + mantissa)
    kind.set_size(n_bytes)
    kind.set_ebias(2 ** (exponent - 1) - 1)
    return kind


def _opaque(n_bytes: int, tag: bytes) -> h5t.TypeID:
    kind = h5t.create(h5t.OPAQUE, n_bytes)
    kind.set_tag(tag)
    return kind


@pytest.mark.parametrize(
    ("stored", "kind", "text"),
    [
        (np.dtype("<f4"), "float", "float32"),
        (np.dtype(">f8"), "float", "big-endian float64"),
        (np.dtype("<f2"), "float", "float16"),
        (np.dtype("i1"), "int", "int8"),
        (np.dtype(">u8"), "uint", "big-endian uint64"),
        (np.dtype("?"), "bool", "bool"),
        (np.dtype("<c8"), "complex", "complex64"),
        (np.dtype(">c16"), "complex", "big-endian complex128"),
        (np.dtype("S5"), "string", "string (5 bytes, ASCII)"),
        (h5py.string_dtype(), "string", "string (variable length, UTF-8)"),
        (h5py.string_dtype("ascii", 1), "string", "string (1 byte, ASCII)"),
        (h5py.vlen_dtype(np.int16), "vlen", "variable-length list of int16"),
        (h5py.ref_dtype, "reference", "object reference"),
        (h5py.regionref_dtype, "reference", "region reference"),
        (h5py.enum_dtype({"B": 2, "A": 1}), "enum", "enum {A = 1, B = 2}"),
        (np.dtype([("x", "<f4"), ("y", "S2")]), "compound",
         "compound {x: float32, y: string (2 bytes, ASCII)}"),
        (np.dtype([("r", "<f4"), ("i", "<f8")]), "compound", "compound {r: float32, i: float64}"),
        (np.dtype([("m", "<i2", (2, 3))]), "compound", "compound {m: array of 2×3 int16}"),
        (np.dtype("V3"), "opaque", "opaque, 3 bytes"),
    ],
)  # fmt: skip
def test_types_that_numpy_knows(stored: np.dtype, kind: str, text: str) -> None:  # type: ignore[type-arg]
    named = describe_type(h5t.py_create(stored, logical=True))
    assert (named.kind, named.text) == (kind, text)


@pytest.mark.parametrize(
    ("stored", "kind", "text", "itemsize"),
    [
        (_integer(24, 3), "int", "24-bit integer", 3),
        (_integer(12, 2), "int", "12-bit integer in 2 bytes", 2),
        (_float(2, 8, 7), "bfloat16", "bfloat16", 2),
        (_float(1, 4, 3), "float", "float8 (e4m3)", 1),
        (_float(3, 8, 15), "float", "24-bit float", 3),
        (h5t.UNIX_D64LE, "time", "time of 64 bits", 8),
        (h5t.STD_B16BE, "uint", "big-endian bit field of 16 bits", 2),
        (_opaque(2, b""), "bfloat16", "bfloat16", 2),
        (_opaque(5, b"photo"), "opaque", "opaque, 5 bytes (photo)", 5),
        (h5t.vlen_create(h5t.UNIX_D32BE), "vlen", "variable-length list of time of 32 bits", 16),
    ],
)
def test_types_that_numpy_lacks(stored: h5t.TypeID, kind: str, text: str, itemsize: int) -> None:
    named = describe_type(stored)
    assert (named.kind, named.text, named.itemsize) == (kind, text, itemsize)


def test_absurdly_nested_types_have_a_name_too() -> None:
    kind = h5t.STD_I32LE
    for _ in range(30):
        kind = h5t.vlen_create(kind)
    assert describe_type(kind).text.endswith("type nested too deeply")


def test_a_compound_of_a_thousand_fields_is_cut() -> None:
    stored = np.dtype([(f"field {n}", "<f4") for n in range(1000)])
    text = describe_type(h5t.py_create(stored)).text
    assert len(text) < 400
    assert text.endswith(", …}")


@pytest.mark.parametrize("marked", [True, False])
def test_bfloat16_of_keras_with_and_without_its_mark(
    opened: Opener, tmp_path: Path, marked: bool
) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        made = file.create_dataset("w", data=np.zeros(3, "u2").view("V2"))
        if marked:
            made.attrs["dtype"] = "bfloat16"
    node = opened(tmp_path / "a.h5").describe((b"w",))
    assert isinstance(node, Dataset)
    assert (node.dtype.text, node.dtype.itemsize, node.declared_bytes) == ("bfloat16", 2, 6)


def test_two_opaque_bytes_marked_otherwise_stay_opaque(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("w", data=np.zeros(3, "u2").view("V2")).attrs["dtype"] = "pair"
    node = opened(tmp_path / "a.h5").describe((b"w",))
    assert isinstance(node, Dataset)
    assert node.dtype.kind == "opaque"


def test_types_h5py_refuses_are_listed(opened: Opener, tmp_path: Path) -> None:
    """`Dataset.dtype` raises TypeError for both."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        space = h5s.create_simple((4,))
        h5d.create(file.id, b"t", h5t.UNIX_D32LE, space)
        h5a.create(h5d.create(file.id, b"n", _integer(24, 3), space), b"a", h5t.UNIX_D32LE, space)
    container = opened(tmp_path / "a.h5")
    texts = {path: node.dtype.text for path, node in container.walk()}  # type: ignore[union-attr]
    assert texts == {(b"t",): "time of 32 bits", (b"n",): "24-bit integer"}
    (attribute,) = container.attributes((b"n",), 0, 10).attributes
    assert (attribute.dtype.kind, attribute.is_complete) == ("time", False)
