"""Writing of checkpoints as TensorFlow has them since 2016: an index and one data file.

What is stored keeps its bytes; variables that were stored in parts become whole, which every
reader takes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.errors import CannotRead, CannotWrite
from h5viewer.formats.crc32c import Crc32c, masked_crc32c
from h5viewer.formats.protobuf import Malformed
from h5viewer.formats.protobuf_writing import field, fixed32, varint
from h5viewer.formats.tf_table_writing import table_pieces
from h5viewer.formats.tf_tensors import Piece, Variable, expected_bytes, is_string
from h5viewer.names import visible

DATA_FILE = ".data-00000-of-00001"
"""What the name of the data file ends in."""

_STRING = 7
_PIECE = 4 << 20  # bytes
_ENTRY = 60  # bytes that the index needs of each variable besides its name, about

Pieces = Iterator[bytes | memoryview]


class NewVariable(msgspec.Struct, frozen=True):
    """A variable on its way."""

    name: bytes
    type_number: int
    shape: tuple[int, ...]
    n_bytes: int
    stated: int | None  # the checksum that its document states; None: none, or of parts
    pieces: Callable[[], Pieces]

    def checksum(self) -> int:
        """The one that the index states; reads the values where the document states none."""
        if self.stated is not None:
            return self.stated
        checksum = Crc32c()
        for piece in self.pieces():
            checksum.add(piece)
        return checksum.masked


def require_index_name(name: str) -> None:
    """Raise for a file that cannot be the index of a checkpoint.

    Raises:
        CannotWrite: its name says so.
    """
    if not name.lower().endswith(".index"):
        raise CannotWrite(
            f"{name} is no name of a checkpoint's index.",
            hint="Choose a name that ends in .index; the values go into a file beside it.",
        )


def estimated_bytes(variables: Sequence[NewVariable]) -> int:
    """Of the values and of their index, about."""
    return sum(each.n_bytes + len(each.name) + _ENTRY for each in variables)


def index_pieces(variables: Sequence[NewVariable], *, is_big_endian: bool) -> Iterator[bytes]:
    """The index of a data file in which these lie one behind the other.

    Args:
        variables: sorted by name.
        is_big_endian: how numbers are stored.
    """
    header = field(1, 1) + (field(2, 1) if is_big_endian else b"") + field(3, field(1, 1))
    entries = [(b"", header)]
    at = 0
    for variable in variables:
        shape = b"".join(field(2, field(1, length)) for length in variable.shape)
        place = (field(4, at) if at else b"") + field(5, variable.n_bytes)
        checksum = fixed32(6, variable.checksum())
        entry = field(1, variable.type_number) + field(2, shape) + place + checksum
        entries.append((variable.name, entry))
        at += variable.n_bytes
    yield from table_pieces(entries)


def copied(variable: Variable) -> NewVariable:
    """A variable with the bytes that a document stores.

    Raises:
        CannotRead: they are not there.
    """
    shown = visible(variable.name, 100)
    if variable.obstacle:
        raise CannotRead(f"{shown} cannot be copied. {variable.obstacle}")
    n_bytes, stated = variable.stored_bytes, None
    pieces: Callable[[], Pieces] = lambda: _streamed(variable.pieces)  # noqa: E731
    if len(variable.pieces) == 1:
        stated = variable.pieces[0].checksum
    elif not _is_tiled(variable) or variable.read:
        if variable.read and is_string(variable.type_number):
            return text_variable(variable.name, variable.shape, _texts(variable))
        n_bytes = expected_bytes(variable) or 0
        pieces = lambda: iter([_joined(variable)])  # noqa: E731
    return NewVariable(variable.name, variable.type_number, variable.shape, n_bytes, stated, pieces)


def text_variable(name: bytes, shape: tuple[int, ...], texts: Sequence[bytes]) -> NewVariable:
    """A variable of strings: their lengths, a checksum of these, then the strings."""
    lengths = np.array([len(each) for each in texts], "<u4").tobytes()
    checksum = masked_crc32c(lengths).to_bytes(4, "little")
    data = b"".join([*(varint(len(each)) for each in texts), checksum, *texts])
    stated = masked_crc32c(b"".join([lengths, checksum, *texts]))
    return NewVariable(name, _STRING, shape, len(data), stated, lambda: iter([data]))


def _streamed(pieces: Sequence[Piece]) -> Pieces:
    for piece in pieces:
        if piece.source is None:
            raise CannotRead("A data file is missing.")
        buffer = memoryview(bytearray(min(_PIECE, piece.n_bytes)))
        for at in range(0, piece.n_bytes, _PIECE):
            part = buffer[: min(_PIECE, piece.n_bytes - at)]
            if piece.source.read_into(piece.start + at, part) < len(part):
                raise CannotRead(
                    f"{piece.source.name} ends before all values are read.",
                    hint="Reload it to see it as it is.",
                )
            yield part


def _is_tiled(variable: Variable) -> bool:
    """True where the parts are rows that lie one behind the other."""
    at = 0
    for piece in variable.pieces:
        if not piece.box or piece.box[0].start != at:
            return False
        at = piece.box[0].stop
        others = zip(piece.box[1:], variable.shape[1:], strict=True)
        if any((part.start, part.stop) != (0, length) for part, length in others):
            return False
    return bool(variable.shape) and at == variable.shape[0]


def _joined(variable: Variable) -> memoryview:
    try:
        values = variable.read() if variable.read else _of_parts(variable)
    except (Malformed, ValueError) as error:
        raise _damaged(variable, error) from error
    return np.ascontiguousarray(values).reshape(-1).view(np.uint8).data


def _of_parts(variable: Variable) -> NDArray[Any]:
    values = np.zeros(variable.shape, variable.dtype)
    for piece in variable.pieces:
        part = values[piece.box]
        data = b"".join(bytes(each) for each in _streamed([piece]))
        values[piece.box] = np.frombuffer(data, values.dtype).reshape(part.shape)
    return values


def _texts(variable: Variable) -> list[bytes]:
    assert variable.read is not None
    try:
        found = variable.read().reshape(-1)
    except (Malformed, ValueError) as error:
        raise _damaged(variable, error) from error
    if len(found) != math.prod(variable.shape):
        raise _damaged(variable, Malformed("a string is missing"))
    return [bytes(each) for each in found]


def _damaged(variable: Variable, error: ValueError) -> CannotRead:
    return CannotRead(
        f"The values of {visible(variable.name, 100)} are damaged and cannot be copied.",
        details=str(error),
    )
