"""Frames: what goes in comes out; anything else is refused."""

from __future__ import annotations

import io
import typing

import msgspec
import numpy as np
import pytest

from h5viewer import nodes, requests
from h5viewer.errors import Failure
from h5viewer.nodes import Array, Dataset, DType, Identity, Names, Nodes, Plane
from h5viewer.requests import DescribeNodes, Progress
from h5viewer.workers import messages
from h5viewer.workers.messages import FrameTooLong, Reader, frame


def read_back(kind: object, *sent: object) -> list[object]:
    file = io.BytesIO(b"".join(frame(each) for each in sent))  # type: ignore[arg-type]
    reader: Reader[object] = Reader(file, kind)  # type: ignore[arg-type]
    return [reader.read() for _ in sent] + [reader.read()]


def test_orders_and_reports_come_through() -> None:
    identity = Identity(device=1, inode=2**63, size=3, mtime_ns=-4)
    orders = [
        messages.Serve((b"/a/\xff", b"/b"), 1, 2.5, (identity, None)),
        messages.Ask(7, DescribeNodes(document="", nodes=((b"\xff", b"b/"), ()))),
        messages.Cancel(7),
    ]
    assert read_back(messages.Order, *orders) == [*orders, None]
    reports = [
        messages.Ready(),
        messages.Serving((identity,)),
        messages.Stepping(7),
        messages.Progressed(7, Progress(1, 2, "bytes")),
        messages.Delivered(7, Names(names=(b"\xff\x00",))),
        messages.Failed(7, Failure("CannotRead", "a", "b", "c")),
        messages.Closed(7),
    ]
    assert read_back(messages.Report, *reports) == [*reports, None]


def test_every_request_and_every_answer_has_its_own_tag() -> None:
    """A union of two structs with one name could not be told apart."""
    for union in (requests.Request, nodes.Part | nodes.Result, messages.Order, messages.Report):
        names = [kind.__name__ for kind in typing.get_args(union)]
        assert len(names) == len(set(names))


def test_picture_keeps_its_numbers() -> None:
    values = np.array([[np.nan, np.inf, -0.0], [5e-324, 1.5, -1]])
    plane = Plane(
        values=Array.of(values), row_start=0, column_start=0, row_step=1, column_step=1,
        n_rows=2, n_columns=3, is_sharp=True,
    )  # fmt: skip
    (got, _) = read_back(messages.Report, messages.Delivered(1, plane))
    assert isinstance(got, messages.Delivered)
    assert isinstance(got.part, Plane)
    assert got.part.values.values.tobytes() == values.tobytes()


def test_declared_sizes_beyond_64_bits_come_through() -> None:
    dtype = DType(kind="float", text="float64", itemsize=8)
    node = Dataset(path=(b"x",), dtype=dtype, shape=(2**63, 2**62))
    (got, _) = read_back(messages.Report, messages.Delivered(1, Nodes(nodes=(node,))))
    assert isinstance(got, messages.Delivered)
    assert isinstance(got.part, Nodes)
    (back,) = got.part.nodes
    assert isinstance(back, Dataset)
    assert back.declared_bytes == 2**128


@pytest.mark.parametrize(
    "body",
    [b"", b"\xc1", b"\x80", msgspec.msgpack.encode({"type": "Ask"}), b"\x93\x01\x02\x03"],
)
def test_anything_else_is_refused(body: bytes) -> None:
    file = io.BytesIO(len(body).to_bytes(4, "little") + body)
    with pytest.raises(msgspec.MsgspecError):
        Reader(file, messages.Report).read()  # type: ignore[type-var,arg-type]


def test_worker_cannot_answer_with_an_order() -> None:
    with pytest.raises(msgspec.ValidationError):
        read_back(messages.Report, messages.Cancel(1))


def test_array_that_does_not_fit_its_shape_is_refused() -> None:
    good = frame(messages.Delivered(1, _plane_of(2)))
    bad = bytes(good).replace(b"\xa5shape\x92\x02\x02", b"\xa5shape\x92\x02\x03")
    assert bad != bytes(good)
    with pytest.raises(msgspec.ValidationError):
        Reader(io.BytesIO(bad), messages.Report).read()  # type: ignore[type-var,arg-type]


def test_frame_that_announces_gigabytes_is_refused_unread() -> None:
    file = io.BytesIO(b"\xff\xff\xff\xff")
    with pytest.raises(FrameTooLong):
        Reader(file, messages.Report).read()  # type: ignore[type-var,arg-type]


def test_frame_too_long_to_be_read_is_not_written() -> None:
    huge = Names(names=(bytes(messages.MAX_FRAME),))
    with pytest.raises(FrameTooLong):
        frame(messages.Delivered(1, huge))


def test_end_in_the_middle_of_a_frame_is_an_end() -> None:
    whole = bytes(frame(messages.Ready()))
    for length in range(len(whole)):
        assert Reader(io.BytesIO(whole[:length]), messages.Report).read() is None  # type: ignore[type-var,arg-type]


def _plane_of(n: int) -> Plane:
    return Plane(
        values=Array.of(np.zeros((n, n), "u1")), row_start=0, column_start=0, row_step=1,
        column_step=1, n_rows=n, n_columns=n, is_sharp=True,
    )  # fmt: skip
