"""Files of the safetensors format: a length, a JSON header, then the tensors without gaps.

Written here rather than by the `safetensors` package, which wants all tensors in memory.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from h5viewer.nodes import Shape

NAMES = {
    "bool": "BOOL", "uint8": "U8", "int8": "I8", "uint16": "U16", "int16": "I16",
    "uint32": "U32", "int32": "I32", "uint64": "U64", "int64": "I64", "float16": "F16",
    "bfloat16": "BF16", "float32": "F32", "float64": "F64", "complex64": "C64",
}  # fmt: skip
"""Element types of the format, by NumPy's names."""

LONGEST_HEADER = 100_000_000
"""Bytes that readers take."""


class Tensor(NamedTuple):
    """One tensor before its elements are written."""

    name: str
    dtype: str  # a key of NAMES
    shape: Shape
    n_bytes: int


def safetensors_header(tensors: Sequence[Tensor], metadata: Mapping[str, str]) -> bytes:
    """All that stands before the elements, which follow in the order of `tensors`."""
    header: dict[str, object] = {"__metadata__": dict(metadata)}
    at = 0
    for tensor in tensors:
        header[tensor.name] = {
            "dtype": NAMES[tensor.dtype],
            "shape": list(tensor.shape),
            "data_offsets": [at, at + tensor.n_bytes],
        }
        at += tensor.n_bytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # tensors begin at a multiple of eight bytes
    return struct.pack("<Q", len(text)) + text
