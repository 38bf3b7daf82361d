"""Counts are exact, moments sound, histograms complete; the absurd is refused in words."""

from __future__ import annotations

import math
from pathlib import Path

import h5py
import numpy as np
import pytest
from answering import answer, answer_in_parts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import h5viewer.operations.statistics as statistics
from h5viewer.errors import CannotRead, TooLarge
from h5viewer.nodes import Statistics
from h5viewer.requests import Cut, ReadStatistics

SPECIAL = st.sampled_from([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e-45, -1e-40, 2.5, -3.0, 3e38])


def write(path: Path, values: np.ndarray, **options: object) -> Path:
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=values, **options)
    return path


def assert_describes(found: Statistics, values: np.ndarray) -> None:
    exact = values.astype(np.float64)
    finite = exact[np.isfinite(exact)]
    assert found.is_complete
    assert (found.count, found.total) == (values.size, values.size)
    assert found.n_nan == np.isnan(exact).sum()
    assert found.n_positive_infinity == (exact == np.inf).sum()
    assert found.n_negative_infinity == (exact == -np.inf).sum()
    assert found.n_zero == (exact == 0).sum()
    if values.dtype.kind == "f":
        tiny = np.finfo(values.dtype).smallest_normal
        assert found.n_denormal == ((np.abs(finite) < tiny) & (finite != 0)).sum()
    assert sum(found.bin_counts) == finite.size
    if finite.size:
        assert (found.minimum, found.maximum) == (finite.min(), finite.max())
        scale = max(1e-300, float(np.abs(finite).max()) * 1e-12)
        assert found.mean == pytest.approx(finite.mean(), rel=1e-9, abs=scale)
        assert found.std == pytest.approx(finite.std(), rel=1e-6, abs=scale)
        edges = np.array(found.bin_edges)
        assert (np.diff(edges) > 0).all()
        assert edges[0] <= finite.min()
        assert finite.max() <= edges[-1]
        assert list(found.bin_counts) == np.histogram(finite, edges)[0].tolist()
    else:
        assert math.isnan(found.minimum)
        assert math.isnan(found.mean)
        assert found.bin_edges == found.bin_counts == ()


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(
    values=arrays(np.float32, st.integers(1, 200), elements=SPECIAL),
    chunk=st.none() | st.integers(1, 50),
    n_bins=st.integers(1, 40),
)
def test_special_numbers_are_counted(
    values: np.ndarray, chunk: int | None, n_bins: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    chunks = None if chunk is None else (min(chunk, values.size),)
    path = write(tmp_path_factory.mktemp("special") / "a.h5", values, chunks=chunks)
    assert_describes(answer(path, ReadStatistics, n_bins=n_bins), values)


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f4", "f8", "u1", "i2", "i8", "u8", "?"])
def test_every_type_of_number(tmp_path: Path, dtype: str) -> None:
    values = (np.random.default_rng(0).random((30, 40)) * 3).astype(dtype)
    path = write(tmp_path / "a.h5", values, chunks=(7, 9), compression=1)
    assert_describes(answer(path, ReadStatistics), values)


def test_complex_numbers_count_by_magnitude(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", np.array([3 + 4j, 0, complex(np.nan, 1)], "c8"))
    found = answer(path, ReadStatistics)
    assert (found.minimum, found.maximum, found.n_zero, found.n_nan) == (0, 5, 1, 1)


@pytest.mark.parametrize(
    "values",
    [[2.5], [0.0, -0.0], [-1.7e308, 1.7e308, 1e-300], [1, 1 + 2**-52], [1e20] * 3, [5e-324]],
    ids=["one", "zeros", "widest span", "narrowest span", "constant", "denormal"],
)
def test_extreme_ranges_have_a_histogram(tmp_path: Path, values: list[float]) -> None:
    found = answer(write(tmp_path / "a.h5", np.array(values)), ReadStatistics)
    assert sum(found.bin_counts) == len(values)
    assert (np.diff(found.bin_edges) > 0).all()
    assert found.bin_edges[0] <= min(values) <= max(values) <= found.bin_edges[-1]
    assert math.isfinite(found.mean)
    assert math.isfinite(found.std)


def test_only_the_cut_is_counted(tmp_path: Path) -> None:
    values = np.arange(60.0).reshape(3, 4, 5)
    path = write(tmp_path / "a.h5", values, chunks=(2, 2, 2))
    plane = answer(path, ReadStatistics, cut=Cut(rows=2, columns=0, index=(0, 3, 0)))
    assert_describes(plane, values[:, 3, :])
    line = answer(path, ReadStatistics, cut=Cut(columns=1, index=(2, 0, 4)))
    assert_describes(line, values[2, :, 4])
    assert_describes(answer(path, ReadStatistics, cut=Cut()), values)


def test_scalars_and_nothing(tmp_path: Path) -> None:
    assert_describes(answer(write(tmp_path / "a.h5", np.float64(2)), ReadStatistics), np.array(2.0))
    assert answer(write(tmp_path / "b.h5", np.zeros((5, 0, 3))), ReadStatistics).count == 0


def test_parts_tell_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for pause in ("_NEXT_PART", "_YIELD"):
        monkeypatch.setattr(statistics, pause, 0.0)
    monkeypatch.setattr(statistics, "_BOX", 10_000)
    values = np.random.default_rng(0).normal(size=(300, 500))
    path = write(tmp_path / "a.h5", values, chunks=(100, 100))
    parts, found = answer_in_parts(path, ReadStatistics)
    assert len(parts) == 15
    counts = [part.count for part in parts]
    assert counts == sorted(counts)
    assert counts[0] < values.size
    assert not any(part.is_complete for part in parts)
    assert all(sum(part.bin_counts) == part.count for part in parts)
    assert_describes(found, values)


def test_large_datasets_are_counted_without_keeping_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The histogram then comes from fine bins; no value is lost."""
    monkeypatch.setattr(statistics, "_KEPT", 0)
    values = np.random.default_rng(0).normal(size=200_000).astype("f4")
    path = write(tmp_path / "a.h5", values, chunks=(10_000,))
    found = answer(path, ReadStatistics, n_bins=64)
    expected = np.histogram(values, np.array(found.bin_edges))[0]
    assert sum(found.bin_counts) == values.size
    assert np.abs(np.array(found.bin_counts) - expected).max() <= 0.03 * expected.max()


@pytest.mark.parametrize("chunks", [None, (65536,)])
def test_absurd_sizes_are_refused_with_the_exact_size(
    tmp_path: Path, chunks: tuple[int] | None
) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", (10**15,), "f4", chunks=chunks)
    for insist in (False, True):
        with pytest.raises(TooLarge, match="1,000,000,000,000,000 elements"):
            answer(tmp_path / "a.h5", ReadStatistics, insist=insist)


def test_texts_have_no_statistics(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="no numbers"):
        answer(write(tmp_path / "a.h5", np.array([b"text"])), ReadStatistics)
