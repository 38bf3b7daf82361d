"""Pictures and lines of any cut, sharp in the end, bounded whatever the file declares."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from answering import answer, answer_in_parts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import h5viewer.operations.planes as planes
from h5viewer.errors import CannotRead, TooLarge
from h5viewer.nodes import Line, Plane
from h5viewer.requests import Cut, ReadLine, ReadPlane


def write(path: Path, values: np.ndarray, **options: object) -> Path:
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, **options)
    return path


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_two_axes_of_any_rank(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Small cuts come element for element, rows and columns in the order asked for."""
    shape = tuple(data.draw(st.lists(st.integers(1, 8), min_size=2, max_size=5)))
    values = np.random.default_rng(0).normal(size=shape).astype("f4")
    chunks = data.draw(st.none() | st.tuples(*[st.integers(1, n) for n in shape]))
    path = write(tmp_path_factory.mktemp("axes") / "a.h5", values, chunks=chunks)
    rows, columns = data.draw(st.permutations(range(len(shape))))[:2]
    index = tuple(data.draw(st.integers(0, n - 1)) for n in shape)
    row_start, column_start = (
        data.draw(st.integers(0, shape[rows] - 1)),
        data.draw(st.integers(0, shape[columns] - 1)),
    )
    plane = answer(
        path,
        ReadPlane,
        cut=Cut(rows=rows, columns=columns, index=index),
        region=(row_start, 100, column_start, 100),
    )
    others = tuple(slice(None) if axis in (rows, columns) else n for axis, n in enumerate(index))
    expected = values[others] if rows < columns else values[others].T
    expected = expected[row_start:, column_start:]
    assert plane.is_sharp
    assert (plane.row_start, plane.column_start) == (row_start, column_start)
    assert (plane.row_step, plane.column_step) == (1, 1)
    assert (plane.n_rows, plane.n_columns) == expected.shape
    assert np.array_equal(plane.values.values, expected)


@pytest.mark.parametrize("options", [{}, {"chunks": (64, 64)}, {"chunks": (1, 1000)}])
@pytest.mark.parametrize("is_turned", [False, True])
def test_an_overview_shows_the_farthest_element_of_each_block(
    tmp_path: Path, options: dict, is_turned: bool
) -> None:
    values = np.random.default_rng(0).normal(size=(777, 1000)).astype("f4")
    values[500, 500] = np.nan
    path = write(tmp_path / "a.h5", values, **options)
    rows, columns = (1, 0) if is_turned else (0, 1)
    plane = answer(
        path,
        ReadPlane,
        cut=Cut(rows=rows, columns=columns, index=(0, 0)),
        max_rows=100,
        max_columns=80,
    )
    seen = values.T if is_turned else values
    picture = plane.values.values
    assert picture.shape[0] <= 100
    assert picture.shape[1] <= 80
    for (i, j), pixel in np.ndenumerate(picture):
        block = seen[i * plane.row_step :, j * plane.column_step :]
        block = block[: plane.row_step, : plane.column_step]
        expected = block.flat[np.argmax(np.abs(block))]  # argmax finds NaN first
        assert np.array_equal(pixel, expected, equal_nan=True)


def test_stored_types_arrive(tmp_path: Path) -> None:
    cut = Cut(rows=0, columns=1, index=(0, 0))
    for stored, shown in [
        ("f2", "float16"), (">f4", "float32"), ("?", "bool"), ("u8", "uint64"),
        ("c8", "float64"), (">i2", "int16"),
    ]:  # fmt: skip
        values = np.array([[0, 1], [1, 0]], stored)
        plane = answer(write(tmp_path / "a.h5", values), ReadPlane, cut=cut)
        assert plane.values.dtype == shown
        assert plane.values.values.tolist() == [[0, 1], [1, 0]]


def test_complex_numbers_are_drawn_by_magnitude(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", np.array([[3 + 4j, 3e38 + 3e38j]], "c8"))
    plane = answer(path, ReadPlane, cut=Cut(rows=0, columns=1, index=(0, 0)))
    magnitudes = plane.values.values[0]
    assert magnitudes[0] == 5
    assert magnitudes[1] == pytest.approx(3e38 * 2**0.5)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is large and every picture is due at once."""
    monkeypatch.setattr(planes, "_SMALL", 0)
    monkeypatch.setattr(planes, "_BOX", 40_000)
    for pause in ("_SAMPLING", "_FIRST_PICTURE", "_NEXT_PICTURE", "_YIELD"):
        monkeypatch.setattr(planes, pause, 0.0)


@pytest.mark.parametrize("few", [4096, 1], ids=["all coarse to fine", "sampled first"])
@pytest.mark.parametrize("options", [{}, {"chunks": (50, 50), "compression": 1}])
@pytest.mark.usefixtures("impatient")
def test_pictures_get_better_until_the_last_is_sharp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict, few: int
) -> None:
    monkeypatch.setattr(planes, "_FEW_CHUNKS", few)
    values = np.random.default_rng(0).normal(size=(400, 500)).astype("f4")
    path = write(tmp_path / "a.h5", values, **options)
    wish = {"cut": Cut(rows=0, columns=1, index=(0, 0)), "max_rows": 40, "max_columns": 40}
    parts, plane = answer_in_parts(path, ReadPlane, **wish)
    assert len(parts) >= 2
    assert all(isinstance(part, Plane) and not part.is_sharp for part in parts)
    assert all(part.values.shape == plane.values.shape for part in parts)
    assert plane.is_sharp
    sharp = plane.values.values
    errors = [float(np.mean(part.values.values != sharp)) for part in parts]
    assert errors[-1] <= errors[0]
    assert all(np.isin(part.values.values, values).all() for part in parts)


@pytest.mark.parametrize("name", ["chunked", "contiguous"])
def test_absurd_sizes_are_sampled_and_say_so(tmp_path: Path, name: str) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        options = {"chunks": (64, 64)} if name == "chunked" else {}
        file.create_dataset("x", (10**8, 10**7), "f4", fillvalue=1.5, **options)
    cut = Cut(rows=0, columns=1, index=(0, 0))
    plane = answer(tmp_path / "a.h5", ReadPlane, cut=cut, max_rows=64, max_columns=64)
    assert not plane.is_sharp
    assert (plane.n_rows, plane.n_columns) == (10**8, 10**7)
    assert (plane.values.values == 1.5).all()
    corner = answer(tmp_path / "a.h5", ReadPlane, cut=cut, region=(10**8 - 9, 10**8, 0, 9))
    assert corner.is_sharp
    assert corner.row_start == 10**8 - 9
    assert corner.values.values.tolist() == [[1.5] * 9] * 9


@pytest.mark.parametrize("shape", [(0, 4), (5, 0, 3), (0,)])
def test_nothing_is_an_empty_picture(tmp_path: Path, shape: tuple[int, ...]) -> None:
    path = write(tmp_path / "a.h5", np.zeros(shape, "f4"))
    columns = len(shape) - 1
    cut = Cut(rows=0 if columns else None, columns=columns, index=(0,) * len(shape))
    plane = answer(path, ReadPlane, cut=cut)
    assert plane.values.values.size == 0
    assert plane.n_rows * plane.n_columns == 0
    assert plane.is_sharp
    line = answer(path, ReadLine, cut=Cut(columns=columns, index=(0,) * len(shape)))
    assert (line.n_elements, line.low.shape, line.high.shape) == (0, (0,), (0,))


def test_scalars_and_32_axes(tmp_path: Path) -> None:
    assert answer(write(tmp_path / "a.h5", np.float32(3.5)), ReadPlane, cut=Cut()).values.values[
        0, 0
    ] == np.float32(3.5)
    shape = (2,) + (1,) * 30 + (3,)
    path = write(tmp_path / "b.h5", np.arange(6.0).reshape(shape))
    plane = answer(path, ReadPlane, cut=Cut(rows=31, columns=0, index=(0,) * 32))
    assert plane.values.values.tolist() == [[0, 3], [1, 4], [2, 5]]


@pytest.mark.parametrize(
    ("cut", "insist"),
    [
        (Cut(rows=0, columns=0, index=(0, 0)), False),
        (Cut(rows=0, columns=2, index=(0, 0)), True),
        (Cut(rows=None, columns=1, index=(9, 0)), False),
        (Cut(rows=None, columns=1, index=(0,)), False),
        (Cut(rows=-1, columns=1, index=(0, 0)), False),
    ],
)
def test_cuts_outside_of_the_dataset_are_refused(tmp_path: Path, cut: Cut, insist: bool) -> None:
    path = write(tmp_path / "a.h5", np.zeros((3, 4)))
    with pytest.raises(CannotRead, match="/x"):
        answer(path, ReadPlane, cut=cut, insist=insist)


def test_texts_are_not_drawn(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", np.array([b"text"]))
    with pytest.raises(CannotRead, match="no numbers"):
        answer(path, ReadPlane, cut=Cut(columns=0, index=(0,)))


def test_an_obstacle_is_told_before_anything_is_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", (65 << 20,), "u1", chunks=(65 << 20,), compression=1)
    cut = Cut(columns=0, index=(0,))
    with pytest.raises(TooLarge, match=r"68\.2 MB"):
        answer(tmp_path / "a.h5", ReadLine, cut=cut)
    line = answer(tmp_path / "a.h5", ReadLine, cut=cut, insist=True, region=(5, 9))
    assert line.low.values.tolist() == [0, 0, 0, 0]


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(
    size=st.integers(1, 5000),
    bins=st.integers(1, 300),
    chunk=st.none() | st.integers(1, 700),
    seed=st.integers(0, 99),
)
def test_a_line_shows_lowest_and_highest_of_every_bin(
    size: int, bins: int, chunk: int | None, seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    values = np.random.default_rng(seed).normal(size=size)
    values[size // 2] = np.nan
    chunks = None if chunk is None else (min(chunk, size),)
    path = write(tmp_path_factory.mktemp("line") / "a.h5", values, chunks=chunks)
    line = answer(path, ReadLine, cut=Cut(columns=0, index=(0,)), max_bins=bins)
    assert isinstance(line, Line)
    assert (line.n_elements, line.start) == (size, 0)
    assert len(line.low.values) <= bins
    blocks = [values[start : start + line.step] for start in range(0, size, line.step)]
    assert np.array_equal(line.low.values, [block.min() for block in blocks], equal_nan=True)
    assert np.array_equal(line.high.values, [block.max() for block in blocks], equal_nan=True)


def test_a_line_along_any_axis(tmp_path: Path) -> None:
    values = np.arange(60.0).reshape(3, 4, 5)
    path = write(tmp_path / "a.h5", values, chunks=(2, 2, 2))
    line = answer(path, ReadLine, cut=Cut(columns=1, index=(2, 0, 3)), region=(1, 3))
    assert line.low.values.tolist() == values[2, 1:3, 3].tolist()
    assert (line.start, line.n_elements) == (1, 2)


@pytest.mark.usefixtures("impatient")
def test_cancelling_at_a_part_is_clean(tmp_path: Path) -> None:
    import threading

    from h5viewer.formats.source import Source
    from h5viewer.formats.table import open_container
    from h5viewer.operations.planes import read_plane

    path = write(tmp_path / "a.h5", np.zeros((400, 500)), chunks=(50, 50))
    before = set(threading.enumerate())
    with Source(str(path)) as source:
        container = open_container(source)
        cut = Cut(rows=0, columns=1, index=(0, 0))
        steps = read_plane(ReadPlane(document=str(path), node=(b"x",), cut=cut), container)
        next(steps)
        steps.close()
        container.close()
    assert set(threading.enumerate()) == before
