"""The table of all weights: every row, numbers as NumPy's, one pass, whatever is in the way."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import psutil
import pytest
from answering import everything
from small_files import make_datasets, make_keras_archive, make_keras_h5

from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import WeightRow, WeightRows, WeightSummaries, WeightSummary, WeightTable
from h5viewer.operations import weight_table
from h5viewer.operations.table import OPERATIONS
from h5viewer.requests import Progress, TabulateWeights
from h5viewer.workers.pool import Pool, ask

MB = 1_000_000


def table_of(path: Path, **wishes: Any) -> dict[str, tuple[WeightRow, WeightSummary]]:
    """Each weight with its numbers, by "layer/name"."""
    parts, result = parts_of(path, **wishes)
    rows = [row for part in parts if isinstance(part, WeightRows) for row in part.rows]
    summaries = {
        each.row: each
        for part in parts
        if isinstance(part, WeightSummaries)
        for each in part.summaries
    }
    assert result.n_rows == len(rows)
    assert sorted(summaries) == list(range(len(rows)))
    return {f"{row.layer}/{row.name}": (row, summaries[n]) for n, row in enumerate(rows)}


def parts_of(path: Path, **wishes: Any) -> tuple[list[Any], WeightTable]:
    return everything(path, TabulateWeights(document=str(path), **wishes))


def write(path: Path, **arrays: Any) -> Path:
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values
    return path


DTYPES = ("f2", "f4", "f8", ">f4", ">f8", "i1", "u1", "<i2", ">u2", "i4", "u4", "i8", "u8", "?")


@pytest.mark.parametrize("dtype", DTYPES)
def test_numbers_are_numpys_for_every_type(tmp_path: Path, dtype: str) -> None:
    random = np.random.default_rng(1)
    values = (random.standard_normal((40, 50)) * 30).astype(dtype)
    values[3, 4:9] = 0
    _, summary = table_of(write(tmp_path / "a.h5", x=values))["/x"]
    assert_same(summary, values)


def assert_same(summary: WeightSummary, values: np.ndarray) -> None:
    exact = values.astype(np.float64).reshape(-1)
    finite = exact[np.isfinite(exact)]
    assert summary.minimum == finite.min()
    assert summary.maximum == finite.max()
    assert summary.mean == pytest.approx(finite.mean(), rel=1e-12, abs=1e-13 * finite.std())
    assert summary.std == pytest.approx(finite.std(), rel=1e-12)
    assert summary.norm == pytest.approx(np.linalg.norm(finite), rel=1e-12)
    assert summary.n_zero == np.count_nonzero(finite == 0)
    assert summary.n_nan == np.count_nonzero(np.isnan(exact))
    assert summary.n_infinite == np.count_nonzero(np.isinf(exact))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"chunks": (300, 100)},
        {"chunks": (300, 100), "compression": 4, "shuffle": True, "fletcher32": True},
        {"chunks": (7, 900), "compression": "lzf"},
    ],
)
def test_large_weights_are_read_in_pieces_with_the_same_numbers(
    tmp_path: Path, options: dict[str, Any]
) -> None:
    values = np.random.default_rng(2).standard_normal((3000, 900)).astype("f4")
    values[17, 5], values[2999, 899], values[1000, 3] = np.nan, -np.inf, np.inf
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", data=values, **options)
    _, summary = table_of(tmp_path / "a.h5")["/x"]
    assert_same(summary, values)


def test_the_mean_of_large_numbers_close_together_keeps_its_digits(tmp_path: Path) -> None:
    """E[x²] − E[x]² would leave no digit here."""
    values = 1e9 + np.random.default_rng(3).standard_normal(300_000)
    _, summary = table_of(write(tmp_path / "a.h5", x=values))["/x"]
    assert summary.std == pytest.approx(values.std(), rel=1e-6)


def test_squares_beyond_a_float_do_not_overflow(tmp_path: Path) -> None:
    _, summary = table_of(write(tmp_path / "a.h5", x=np.array([3e200, 4e200])))["/x"]
    assert summary.norm == pytest.approx(5e200)
    assert summary.std == pytest.approx(5e199)


def test_bfloat16_is_read_as_numbers(tmp_path: Path) -> None:
    numbers = np.array([1.5, -2.0, 0.0, np.nan], "f4")
    halves = (numbers.view("u4") >> 16).astype("<u2").view("V2")
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = halves
        file["x"].attrs["dtype"] = "bfloat16"
    row, summary = table_of(tmp_path / "a.h5")["/x"]
    assert row.dtype == "bfloat16"
    assert (summary.minimum, summary.maximum, summary.n_zero, summary.n_nan) == (-2.0, 1.5, 1, 1)


def test_complex_numbers_count_by_magnitude(tmp_path: Path) -> None:
    _, summary = table_of(write(tmp_path / "a.h5", x=np.array([3 + 4j, 0])))["/x"]
    assert (summary.minimum, summary.maximum, summary.norm, summary.n_zero) == (0.0, 5.0, 5.0, 1)


def test_a_weight_without_a_finite_value_has_no_numbers(tmp_path: Path) -> None:
    table = table_of(
        write(tmp_path / "a.h5", nan=np.full(5, np.nan), empty=np.zeros((0, 3)), one=np.float32(2))
    )
    for name in ("/nan", "/empty"):
        _, summary = table[name]
        numbers = (summary.minimum, summary.maximum, summary.mean, summary.std, summary.norm)
        assert all(math.isnan(value) for value in numbers)
        assert summary.bins == ()
        assert not summary.reason
    assert table["/nan"][1].n_nan == 5
    assert (table["/one"][1].minimum, table["/one"][1].std) == (2.0, 0.0)


def test_the_histogram_of_a_small_weight_counts_every_value(tmp_path: Path) -> None:
    values = np.random.default_rng(4).standard_normal(16_000)
    _, summary = table_of(write(tmp_path / "a.h5", x=values))["/x"]
    assert list(summary.bins) == np.histogram(values, 32)[0].tolist()


def test_the_histogram_of_a_large_weight_samples_all_columns(tmp_path: Path) -> None:
    """A step that divides the row's length would see a few columns only."""
    values = np.tile(np.arange(512, dtype="f4"), (2048, 1))
    _, summary = table_of(write(tmp_path / "a.h5", x=values))["/x"]
    assert sum(summary.bins) == pytest.approx(16_384, rel=0.1)
    assert min(summary.bins) > 0.8 * max(summary.bins)


def test_weights_of_a_network_carry_their_layers(tmp_path: Path) -> None:
    archived = table_of(make_keras_archive(tmp_path / "model.keras"))
    assert list(archived) == ["dense/kernel", "dense/bias"]
    table = table_of(make_keras_h5(tmp_path / "model.h5"))
    assert list(table) == ["conv/kernel", "conv/bias", "dense/kernel", "dense/bias"]
    assert sum(row.n_bytes for row, _ in table.values()) == 4 * 122
    assert table["conv/kernel"][0].axes[-1]


def test_the_optimizers_state_comes_when_it_is_asked_for(tmp_path: Path) -> None:
    path = make_keras_h5(tmp_path / "model.h5")
    rows = [row for row, _ in table_of(path, with_state=True).values()]
    assert [row.is_state for row in rows[:4]] == [False] * 4
    assert [(row.layer, row.is_state) for row in rows[4:]] == [("optimizer", True)] * len(rows[4:])
    assert len(rows) > 4


def test_every_dataset_of_numbers_is_a_weight_of_plain_hdf5(tmp_path: Path) -> None:
    with h5py.File(make_datasets(tmp_path / "a.h5"), "a") as file:
        file["deep/er/x"] = [1.0]
        file["deep/words"] = ["no", "number"]
        file["deep/again"] = file["deep/er/x"]
    table = table_of(tmp_path / "a.h5")
    assert "deep/er/x" in table or "deep/again" in table
    assert not ("deep/er/x" in table and "deep/again" in table)  # one object, one row
    assert "deep/words" not in table


def test_numbers_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name in ("z", "m", "a"):  # allocated in this order, listed in the other
            file[name] = np.arange(1000.0)
    parts, _ = parts_of(tmp_path / "a.h5")
    rows = [row.name for part in parts if isinstance(part, WeightRows) for row in part.rows]
    numbers = [
        each.row for part in parts if isinstance(part, WeightSummaries) for each in part.summaries
    ]
    assert rows == ["a", "m", "z"]
    assert [rows[n] for n in numbers] == ["z", "m", "a"]


def test_what_cannot_be_read_is_listed_with_the_reason(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["fine"] = [1.0]
        file.create_dataset("bomb", (10**15,), "f4", chunks=(1000,))
        file.create_dataset("away", (5,), "f4", external=[("elsewhere.bin", 0, 20)])
        damaged = file.create_dataset("damaged", (1000,), "f4", chunks=(1000,), compression=4)
        damaged.id.write_direct_chunk((0,), b"no deflate stream")
    table = table_of(tmp_path / "a.h5")
    assert not table["/fine"][1].reason
    assert "unfolds" in table["/bomb"][1].reason
    assert "another file" in table["/away"][1].reason
    assert table["/damaged"][1].reason
    assert math.isnan(table["/bomb"][1].minimum)


def test_data_that_unfolds_is_read_up_to_a_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weight_table, "READ_BUDGET", 8 * (300 << 20))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name in ("a", "b"):
            file.create_dataset(name, (50 << 20,), "f4", chunks=(1 << 20,))  # 200 MB of nothing
    table = table_of(tmp_path / "a.h5")
    assert not table["/a"][1].reason
    assert table["/a"][1].n_zero == 50 << 20
    assert "unfolds" in table["/b"][1].reason


def test_a_full_table_says_how_many_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weight_table, "MOST_ROWS", 3)
    path = write(tmp_path / "a.h5", **{f"x{n}": np.zeros(2) for n in range(5)})
    _, result = parts_of(path)
    assert (result.n_rows, result.n_left_out) == (3, 2)


def test_progress_grows_to_all_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weight_table, "_YIELD", 0.0)
    path = write(tmp_path / "a.h5", x=np.zeros((500, 500)), y=np.zeros((500, 500)))
    told = [
        part for part in parts_of(path)[0] if isinstance(part, Progress) and part.unit == "bytes"
    ]
    assert [part.done for part in told] == sorted(part.done for part in told)
    assert (told[-1].done, told[-1].total) == (4 * MB, 4 * MB)


def test_cancelling_half_way_leaves_the_worker_ready(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=np.zeros((4000, 4000), "f4"))
    with Source(str(path)) as source:
        container = open_container(source)
        steps = OPERATIONS[TabulateWeights](TabulateWeights(document=str(path)), container)
        next(steps)
        next(steps)
        steps.close()
        assert container.array((b"x",)).read((slice(0, 1), slice(0, 3))).tolist() == [[0, 0, 0]]
        container.close()


def test_memory_of_the_worker_does_not_grow_with_the_weight(tmp_path: Path, pool: Pool) -> None:
    """400 MB in one weight; a confined worker reads it without holding it."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("x", (100 * MB,), "f4")
        for start in range(0, 100 * MB, 10 * MB):
            data[start : start + 10 * MB] = 1.5
    peaks: list[int] = []

    def look(_: object) -> None:
        for info in pool.workers:
            if info.document == str(tmp_path / "a.h5"):
                peaks.append(psutil.Process(info.pid).memory_info().rss)

    request = TabulateWeights(document=str(tmp_path / "a.h5"))
    found: list[WeightSummary] = []

    def keep(part: object) -> None:
        look(part)
        if isinstance(part, WeightSummaries):
            found.extend(part.summaries)

    ask(pool, request, keep, look)
    assert found[0].norm == pytest.approx(1.5 * math.sqrt(100 * MB))
    assert peaks
    assert max(peaks) < 200 * MB


def test_a_confined_worker_has_all_it_needs(tmp_path: Path, pool: Pool) -> None:
    path = make_keras_h5(tmp_path / "model.h5")
    with h5py.File(path, "a") as file:
        values = np.random.default_rng(0).standard_normal((900, 900))
        file["model_weights/dense"].create_dataset("big", data=values, compression=1)
        file["model_weights/dense"].attrs["weight_names"] = ["big"]
    found: list[Any] = []
    result = ask(pool, TabulateWeights(document=str(path)), found.append)
    assert isinstance(result, WeightTable)
    assert result.n_rows == 3
    summaries = [
        each for part in found if isinstance(part, WeightSummaries) for each in part.summaries
    ]
    assert max(summary.norm for summary in summaries) == pytest.approx(np.linalg.norm(values))


def test_weights_of_pytorch_stand_by_their_layers(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "state.h5", "w") as file:
        file["block.0.fc.weight"], file["block.0.fc.bias"] = np.ones((3, 4)), np.ones(3)
        file["block.1.fc.weight"], file["block.1.fc.bias"] = np.ones((3, 4)), np.ones(3)
    assert list(table_of(tmp_path / "state.h5")) == [
        "0/fc/bias", "0/fc/weight", "1/fc/bias", "1/fc/weight",
    ]  # fmt: skip
