"""What crosses the pipes between the program and a worker process, and how.

A frame is its length (4 bytes, little-endian) and a msgpack value; both ends decode into
the types below and refuse anything else. A worker has parsed a stranger's file: nothing
it says is trusted to be more than one of these values.

The documents' paths are bytes in `Serve` and empty everywhere else: a file name need not
be UTF-8, and each end knows them.
"""

from __future__ import annotations

import struct
from typing import BinaryIO, Generic, TypeVar

import msgspec

from h5viewer.errors import Failure
from h5viewer.nodes import Identity, Part, Result
from h5viewer.requests import Progress, Request

MAX_FRAME = 256 << 20
"""Longest frame in bytes; the largest pictures and texts anyone asks for are a tenth."""

_LENGTH = struct.Struct("<I")


class _Message(msgspec.Struct, frozen=True, tag=True):
    pass


# ---------------------------------------------------------------- to a worker


class Serve(_Message, frozen=True):
    """Open these files, confine yourself, answer requests about them from now on."""

    documents: tuple[bytes, ...]  # os.fsencode of the absolute paths
    memory: int  # bytes of address growth
    step_seconds: float  # the kernel ends the worker when a step takes much longer
    identities: tuple[Identity | None, ...] = ()  # refuse files that are no longer these


class Lent(msgspec.Struct, frozen=True):
    """A file that the worker gets for one request, as `lending` passes it."""

    document: bytes  # as in `Serve`
    identity: Identity | None  # refuse it when it is no longer this
    handle: int = 0  # of Windows
    error: int = 0  # why the system did not open it; nothing was passed then


class Ask(_Message, frozen=True):
    """Answer `request`; everything said about it carries `id`."""

    id: int
    request: Request
    lent: tuple[Lent, ...] = ()  # the last of the request's documents


class Cancel(_Message, frozen=True):
    """Close the operation; `Closed` confirms it."""

    id: int


Order = Serve | Ask | Cancel


# -------------------------------------------------------------- from a worker


class Starting(_Message, frozen=True):
    """It takes long until everything is imported; what to say meanwhile."""

    text: str


class Ready(_Message, frozen=True):
    """Everything is imported."""

    libraries: tuple[tuple[str, str], ...] = ()  # that read files here: name and version


class Serving(_Message, frozen=True):
    """The files are open, the worker confined."""

    identities: tuple[Identity, ...]


class Refused(_Message, frozen=True):
    """A file cannot even be opened, or a library is missing; the worker ends."""

    failure: Failure


class Stepping(_Message, frozen=True):
    """The following work, until the next message of this kind, is for `id`."""

    id: int


class Progressed(_Message, frozen=True):
    """How far the operation is."""

    id: int
    progress: Progress


class Delivered(_Message, frozen=True):
    """A part of the answer."""

    id: int
    part: Part


class Finished(_Message, frozen=True):
    """The result."""

    id: int
    result: Result


class Failed(_Message, frozen=True):
    """The operation ended with an error."""

    id: int
    failure: Failure


class Closed(_Message, frozen=True):
    """The operation was cancelled and has cleaned up."""

    id: int


Report = (
    Starting
    | Ready
    | Serving
    | Refused
    | Stepping
    | Progressed
    | Delivered
    | Finished
    | Failed
    | Closed
)


# --------------------------------------------------------------------- frames

T = TypeVar("T")


class FrameTooLong(ValueError):
    """A message longer than MAX_FRAME."""


class Reader(Generic[T]):
    """Messages of one direction, out of an unbuffered binary file."""

    def __init__(self, file: BinaryIO, kind: type[T]) -> None:
        self._file = file
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(kind)

    def read(self) -> T | None:
        """The next message; None at the end of the file.

        Raises:
            msgspec.MsgspecError: no message of this direction.
            FrameTooLong: the frame announces more than MAX_FRAME.
        """
        head = self._exactly(_LENGTH.size)
        if head is None:
            return None
        (length,) = _LENGTH.unpack(head)
        if length > MAX_FRAME:
            raise FrameTooLong(f"a frame of {length} bytes")
        body = self._exactly(length)
        return None if body is None else self._decoder.decode(body)

    def _exactly(self, length: int) -> bytearray | None:
        buffer = bytearray(length)
        rest = memoryview(buffer)
        while rest:
            n_read = self._file.readinto(rest)  # type: ignore[attr-defined]
            if not n_read:
                return None
            rest = rest[n_read:]
        return buffer


_encoder = msgspec.msgpack.Encoder()


def frame(message: Order | Report) -> bytearray:
    """The message as it goes through a pipe.

    Raises:
        FrameTooLong: it is longer than MAX_FRAME.
        UnicodeEncodeError, OverflowError: it holds what msgpack cannot.
    """
    buffer = bytearray(_LENGTH.size)
    _encoder.encode_into(message, buffer, _LENGTH.size)  # one copy of a picture, not two
    length = len(buffer) - _LENGTH.size
    if length > MAX_FRAME:
        raise FrameTooLong(f"a frame of {length} bytes")
    _LENGTH.pack_into(buffer, 0, length)
    return buffer


def write(file: BinaryIO, data: bytes | bytearray) -> None:
    """All of `data` into an unbuffered binary file."""
    rest = memoryview(data)
    while rest:
        n_written = file.write(rest)
        rest = rest[n_written:]
