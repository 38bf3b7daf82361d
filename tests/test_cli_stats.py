"""`h5v stats` as a user runs it."""

from __future__ import annotations

import csv
import json
from functools import partial
from pathlib import Path

import h5py
import msgspec
import numpy as np
import pytest
from h5v_process import h5v
from json_shape import checked_refusal
from small_files import make_keras_h5


class Weight(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """No key may be missing: none has a default."""

    layer: str
    name: str
    path: str
    shape: list[int] | None
    dtype: str
    bytes: int
    min: float | None
    max: float | None
    mean: float | None
    std: float | None
    norm: float | None
    zeros: int | None
    nan: int | None
    inf: int | None


class Answer(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    weights: list[Weight]


stats = partial(h5v, "stats")


def test_json_has_every_weight_in_the_documented_shape(tmp_path: Path) -> None:
    path = make_keras_h5(tmp_path / "model.h5")
    done = stats(path, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    weights = msgspec.json.decode(done.stdout, type=Answer).weights
    assert [(each.layer, each.name) for each in weights] == [
        ("conv", "kernel"),
        ("conv", "bias"),
        ("dense", "kernel"),
        ("dense", "bias"),
    ]
    with h5py.File(path) as file:
        for each in weights:
            values = file[each.path][()]
            assert (each.min, each.max) == (values.min(), values.max())
            assert each.norm == pytest.approx(np.linalg.norm(values.astype("f8")))
    assert len(json.loads(stats(path, "--json", "--optimizer").stdout)["weights"]) == 6


def test_csv_has_a_line_a_weight(tmp_path: Path) -> None:
    rows = list(
        csv.DictReader(stats(make_keras_h5(tmp_path / "m.h5"), "--csv").stdout.splitlines())
    )
    assert [row["shape"] for row in rows] == ["(3, 3, 3, 4)", "(4,)", "(4, 2)", "(2,)"]


def test_the_table_marks_what_is_not_read_and_says_why(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["fine"] = [1.0, np.nan]
        file.create_dataset("away", (5,), "f4", external=[("elsewhere.bin", 0, 20)])
    done = stats(tmp_path / "a.h5")
    assert done.returncode == 0
    assert "fine" in done.stdout
    assert "away: The data is in another file" in done.stdout
    as_json = stats(tmp_path / "a.h5", "--json")
    assert "another file" in as_json.stderr  # the reason does not disturb the JSON
    assert msgspec.json.decode(as_json.stdout, type=Answer).weights[0].zeros is None


def test_a_file_that_is_refused_ends_with_1(tmp_path: Path) -> None:
    (tmp_path / "a.h5").write_bytes(b"")
    done = stats(tmp_path / "a.h5", "--csv")
    assert (done.returncode, done.stdout) == (1, "")
    assert "is empty" in done.stderr


def test_json_and_csv_together_are_wrong_usage(tmp_path: Path) -> None:
    assert stats(tmp_path / "a.h5", "--json", "--csv").returncode == 2


@pytest.mark.parametrize("command", ["info", "stats", "check", "diff"])
def test_a_refused_file_is_the_same_json_for_every_command(tmp_path: Path, command: str) -> None:
    """And one sentence beside it, for whoever reads along."""
    path = tmp_path / "page.h5"
    path.write_text("<html>not found</html>")
    files = [path, path] if command == "diff" else [path]
    done = h5v(command, *files, "--json")
    error = checked_refusal(done.stdout).error
    assert "page.h5" in error.message
    assert done.stderr.startswith(error.message)
    assert done.returncode == (2 if command in ("check", "diff") else 1)
