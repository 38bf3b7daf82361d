"""A worker that holds two files: opened, confined, refused, ended."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from small_files import make_keras_h5

from h5viewer.errors import CannotOpen, CannotRead
from h5viewer.nodes import Comparison
from h5viewer.requests import CompareFiles
from h5viewer.workers.pool import Pool, ask


def compare(pool: Pool, a: Path, b: Path) -> Comparison:
    found = ask(pool, CompareFiles(document=str(a), other=str(b)))
    assert isinstance(found, Comparison)
    return found


def served(pool: Pool) -> list[tuple[str, ...]]:
    return [info.documents for info in pool.workers if info.documents]


def test_one_worker_serves_both_files(pool: Pool, keras_h5: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.h5"
    shutil.copy(keras_h5, other)
    assert compare(pool, keras_h5, other).summary.startswith("All 4 weights")
    assert compare(pool, keras_h5, other).summary.startswith("All 4 weights")
    assert served(pool) == [(str(keras_h5), str(other))]


def test_names_that_are_no_utf8_are_compared(pool: Pool, keras_h5: Path, tmp_path: Path) -> None:
    odd = os.fsdecode(os.fsencode(tmp_path) + b"/\xff.h5")
    try:
        shutil.copy(keras_h5, odd)
    except OSError:
        pytest.skip("no such names here")
    found = ask(pool, CompareFiles(document=odd, other=odd))
    assert isinstance(found, Comparison)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_refused_file_is_named_whichever_it_is(
    pool: Pool, keras_h5: Path, tmp_path: Path, is_first: bool
) -> None:
    bad = tmp_path / "damaged.h5"
    bad.write_bytes(keras_h5.read_bytes()[:3000])
    files = (bad, keras_h5) if is_first else (keras_h5, bad)
    with pytest.raises(CannotOpen, match=r"damaged\.h5"):
        compare(pool, *files)
    with pytest.raises(CannotOpen, match=r"absent\.h5"):
        compare(pool, keras_h5, tmp_path / "absent.h5")


def test_closing_either_file_ends_their_worker(pool: Pool, keras_h5: Path, tmp_path: Path) -> None:
    other = make_keras_h5(tmp_path / "other.h5")
    for closed in (keras_h5, other):
        compare(pool, keras_h5, other)
        pool.forget(str(closed))
        until = time.monotonic() + 20
        while served(pool) and time.monotonic() < until:
            time.sleep(0.01)
        assert served(pool) == []


def test_a_file_that_changes_is_told_until_it_is_read_anew(
    pool: Pool, keras_h5: Path, tmp_path: Path
) -> None:
    other = make_keras_h5(tmp_path / "other.h5")
    compare(pool, keras_h5, other)
    with h5py.File(other, "r+") as file:
        file["model_weights/dense/dense/bias:0"][...] = np.ones(2)
    with pytest.raises(CannotRead, match=r"other\.h5 changed on disk"):
        compare(pool, keras_h5, other)
    pool.forget(str(other))
    assert compare(pool, keras_h5, other).summary.startswith("3 of 4 weights")
