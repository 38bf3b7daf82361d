"""NumPy's `.npy` files, read without NumPy's own reader.

To that one a header is a Python literal of any depth, and values may be pickled objects.

Source: numpy.lib.format, versions 1.0 to 3.0 of the format.
"""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead

_MAGIC = b"\x93NUMPY"
_LONGEST_HEADER = 65_536
_MOST_AXES = 8
_DESCR = re.compile(r"'descr': *'([<>|=]?[buif][1248])'")
_ORDER = re.compile(r"'fortran_order': *(True|False)")
_SHAPE = re.compile(r"'shape': *\(([0-9, L]*)\)")


def is_npy(data: bytes) -> bool:
    """Whether it starts like one."""
    return data.startswith(_MAGIC)


def read_npy(data: bytes, shown: str) -> NDArray[Any]:
    """The numbers; `shown` names the file in sentences.

    Raises:
        CannotRead: objects, records, text; damage; fewer bytes than the shape asks for.
    """
    start, header = _header(data, shown)
    descr, order, shape = (each.search(header) for each in (_DESCR, _ORDER, _SHAPE))
    if order is None or shape is None:
        raise CannotRead(f"{shown} has a damaged header.", hint="Save it again with numpy.save.")
    if descr is None:
        raise CannotRead(
            f"{shown} holds something else than plain numbers.",
            hint="Save the numbers alone with numpy.save.",
        )
    dtype = np.dtype(descr[1])
    sizes = [part.strip(" L") for part in shape[1].split(",")]
    axes = tuple(int(size) for size in sizes if size and len(size) < 19)
    needed = math.prod(axes) * dtype.itemsize
    if len(axes) > _MOST_AXES or needed > len(data) - start:
        raise CannotRead(
            f"{shown} is cut short: its header promises {needed:,} bytes of numbers, "
            f"{len(data) - start:,} follow.",
            hint="The copy or download is probably incomplete; fetch it again.",
        )
    flat = np.frombuffer(data, dtype, count=math.prod(axes), offset=start)
    values = flat.reshape(axes, order="F" if order[1] == "True" else "C")
    return values.astype(dtype.newbyteorder("="), copy=False)


def _header(data: bytes, shown: str) -> tuple[int, str]:
    """Where the numbers start, and what stands before them."""
    width = 2 if data[6:7] == b"\x01" else 4
    length = int.from_bytes(data[8 : 8 + width], "little")
    start = 8 + width + length
    if data[6:7] not in (b"\x01", b"\x02", b"\x03") or length > _LONGEST_HEADER:
        raise CannotRead(f"{shown} has a damaged header.", hint="Save it again with numpy.save.")
    if len(data) < start:
        raise CannotRead(
            f"{shown} is cut short: it ends within its header.",
            hint="The copy or download is probably incomplete; fetch it again.",
        )
    return start, data[8 + width : start].decode("latin-1").replace('"', "'")
