"""The element type of any HDF5 dataset or attribute, named; never raises.

h5py's own `.dtype` refuses some types (24-bit integers, times, odd floats); this module
asks the low-level type instead and names what numpy has no word for.
"""

from __future__ import annotations

from operator import itemgetter

from h5py import h5t

from h5viewer.formats.hdf5_errors import HDF5_ERRORS
from h5viewer.names import visible
from h5viewer.nodes import DType

_MAX_DEPTH = 8
_MAX_FIELDS = 12
_MAX_MEMBERS = 1000
_COMPLEX = getattr(h5t, "COMPLEX", 11)  # a class of its own since HDF5 2.0

# (exponent bits, mantissa bits) of the floats people know by name.
_FLOATS = {(5, 10): "float16", (8, 23): "float32", (11, 52): "float64", (8, 7): "bfloat16"}

_FLOAT32 = DType(kind="float", text="float32", itemsize=4)


def describe_type(tid: h5t.TypeID, attribute_dtype: str = "") -> DType:
    """Name an HDF5 type.

    Args:
        tid: the type of a dataset or attribute, or a committed one.
        attribute_dtype: the dataset's attribute `dtype`, by which Keras marks bfloat16
            kept as two opaque bytes.
    """
    try:
        if tid.equal(h5t.IEEE_F32LE):
            return _FLOAT32  # nearly every weight; 1 µs instead of 12
        return _describe(tid, attribute_dtype, 0)
    except HDF5_ERRORS:
        return DType(kind="unreadable", text="unreadable type")


def is_bfloat16(tid: h5t.TypeID, attribute_dtype: str = "") -> bool:
    """True for Keras's bfloat16: opaque of two bytes, marked or (legacy files) bare."""
    if tid.get_class() != h5t.OPAQUE or tid.get_size() != 2:
        return False
    # Legacy .h5 files lack the attribute; h5py tags numpy's V2 with "" or "NUMPY:|V2".
    return attribute_dtype in ("bfloat16", "")


def _describe(tid: h5t.TypeID, attribute_dtype: str, depth: int) -> DType:
    if depth > _MAX_DEPTH:
        return DType(kind="unreadable", text="type nested too deeply", itemsize=tid.get_size())
    kind = tid.get_class()
    size = tid.get_size()
    if kind == h5t.INTEGER:
        return _integer(tid)
    if kind == h5t.FLOAT:
        return _float(tid)
    if kind == h5t.STRING:
        return _string(tid)
    if kind == h5t.ENUM:
        return _enum(tid)
    if kind == h5t.COMPOUND:
        return _compound(tid, depth)
    if kind == h5t.ARRAY:
        base = _describe(tid.get_super(), "", depth + 1)
        shape = "×".join(str(n) for n in tid.get_array_dims())
        return DType(kind="array", text=f"array of {shape} {base.text}", itemsize=size)
    if kind == h5t.VLEN:
        base = _describe(tid.get_super(), "", depth + 1)
        return DType(kind="vlen", text=f"variable-length list of {base.text}", itemsize=size)
    if kind == h5t.OPAQUE:
        return _opaque(tid, attribute_dtype)
    if kind == h5t.REFERENCE:
        is_region = tid.equal(h5t.STD_REF_DSETREG)
        what = "region reference" if is_region else "object reference"
        return DType(kind="reference", text=what, itemsize=size)
    if kind == h5t.BITFIELD:
        return DType(kind="uint", text=f"{_order(tid)}bit field of {8 * size} bits", itemsize=size)
    if kind == h5t.TIME:
        return DType(kind="time", text=f"time of {8 * size} bits", itemsize=size)
    if kind == _COMPLEX:
        return DType(kind="complex", text=f"complex{8 * size}", itemsize=size)
    return DType(kind="unreadable", text=f"unknown type (class {kind})", itemsize=size)


def _order(tid: h5t.TypeID) -> str:
    """The byte order with a blank behind it; nothing for little-endian."""
    if tid.get_size() > 1 and tid.get_order() == h5t.ORDER_BE:
        return "big-endian "
    return "VAX-order " if tid.get_order() == h5t.ORDER_VAX else ""


def _integer(tid: h5t.TypeID) -> DType:
    size = tid.get_size()
    is_signed = tid.get_sign() != h5t.SGN_NONE
    bits = tid.get_precision()
    if bits == 8 * size and size in (1, 2, 4, 8):
        text = f"{'int' if is_signed else 'uint'}{bits}"
    else:  # 24-bit audio, packed sensor values
        stored = "" if bits == 8 * size else f" in {size} bytes"
        text = f"{'' if is_signed else 'unsigned '}{bits}-bit integer{stored}"
    return DType(kind="int" if is_signed else "uint", text=_order(tid) + text, itemsize=size)


def _float(tid: h5t.TypeID) -> DType:
    size = tid.get_size()
    _, _, exponent_bits, _, mantissa_bits = tid.get_fields()
    name = _FLOATS.get((exponent_bits, mantissa_bits))
    if name is None or (name != "bfloat16" and 8 * size != int(name[5:])):
        name = f"{tid.get_precision()}-bit float"
        if mantissa_bits in (63, 64) and exponent_bits == 15:
            name = "80-bit float (long double)"
        elif exponent_bits == 15 and mantissa_bits == 112:
            name = "float128"
        elif tid.get_precision() == 8:
            name = f"float8 (e{exponent_bits}m{mantissa_bits})"
    kind = "bfloat16" if name == "bfloat16" else "float"
    return DType(kind=kind, text=_order(tid) + name, itemsize=size)  # type: ignore[arg-type]


def _string(tid: h5t.TypeID) -> DType:
    encoding = "UTF-8" if tid.get_cset() == h5t.CSET_UTF8 else "ASCII"
    if tid.is_variable_str():
        return DType(
            kind="string", text=f"string (variable length, {encoding})", itemsize=tid.get_size()
        )
    size = tid.get_size()
    plural = "" if size == 1 else "s"
    return DType(kind="string", text=f"string ({size} byte{plural}, {encoding})", itemsize=size)


def _enum(tid: h5t.TypeID) -> DType:
    size = tid.get_size()
    n_members = tid.get_nmembers()
    members = [
        (visible(tid.get_member_name(index)), tid.get_member_value(index))
        for index in range(min(n_members, _MAX_MEMBERS))
    ]
    members.sort(key=itemgetter(1))
    if n_members == 2 and {(name.upper(), value) for name, value in members} == {
        ("FALSE", 0),
        ("TRUE", 1),
    }:
        return DType(kind="bool", text="bool", itemsize=size)
    listed = ", ".join(f"{name} = {value}" for name, value in members[:_MAX_FIELDS])
    more = ", …" if n_members > _MAX_FIELDS else ""
    return DType(kind="enum", text=f"enum {{{listed}{more}}}", itemsize=size)


def _compound(tid: h5t.TypeID, depth: int) -> DType:
    size = tid.get_size()
    n_members = tid.get_nmembers()
    names = [tid.get_member_name(index) for index in range(min(n_members, _MAX_FIELDS))]
    fields = [
        _describe(tid.get_member_type(index), "", depth + 1)
        for index in range(min(n_members, _MAX_FIELDS))
    ]
    if _is_complex(names, fields) and n_members == 2:
        order = "big-endian " if fields[0].text.startswith("big-endian") else ""
        return DType(kind="complex", text=f"{order}complex{8 * size}", itemsize=size)
    listed = ", ".join(f"{visible(n)}: {f.text}" for n, f in zip(names, fields, strict=True))
    more = ", …" if n_members > _MAX_FIELDS else ""
    return DType(kind="compound", text=f"compound {{{listed}{more}}}", itemsize=size)


def _is_complex(names: list[bytes], fields: list[DType]) -> bool:
    """True for h5py's complex numbers: a pair of equal floats called r and i."""
    return names == [b"r", b"i"] and fields[0] == fields[1] and fields[0].kind == "float"


def _opaque(tid: h5t.TypeID, attribute_dtype: str) -> DType:
    size = tid.get_size()
    if is_bfloat16(tid, attribute_dtype):
        return DType(kind="bfloat16", text="bfloat16", itemsize=2)
    tag = visible(tid.get_tag(), 60)
    plural = "" if size == 1 else "s"
    named = f" ({tag})" if tag else ""
    return DType(kind="opaque", text=f"opaque, {size} byte{plural}{named}", itemsize=size)
