"""`h5v strip`: one line, one object, one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5viewer.cli import run


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.h5"
    with h5py.File(path, "w") as file:
        file["model_weights/dense/kernel:0"] = np.ones((30, 30), "f4")
        file["optimizer_weights/m"] = np.zeros((300, 600), "f4")
    return path


def test_one_line_says_what_was_done_and_json_the_same(
    model: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    target = tmp_path / "small.h5"
    assert run(["strip", str(model), "-o", str(target)]) == 0
    said = capfdbinary.readouterr().out.decode()
    assert said.startswith("small.h5: ")
    assert said.endswith("; 1 weight verified identical\n")
    assert run(["strip", str(model), "-o", str(target), "--force", "--json"]) == 0
    found = json.loads(capfdbinary.readouterr().out)
    assert list(found) == ["target", "bytes_before", "bytes_after", "weights", "verified", "notes"]
    assert (found["weights"], found["verified"]) == (1, 1)
    assert found["bytes_before"] == model.stat().st_size
    assert found["bytes_after"] == target.stat().st_size


def test_what_exists_and_the_source_are_not_replaced(
    model: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    before = model.read_bytes()
    (tmp_path / "old.h5").write_bytes(b"old")
    assert run(["strip", str(model), "-o", str(tmp_path / "old.h5")]) == 1
    assert b"With --force it would be." in capfdbinary.readouterr().err
    assert run(["strip", str(model), "-o", str(model), "--force", "--json"]) == 1
    heard = capfdbinary.readouterr()
    assert "opened file" in json.loads(heard.out)["error"]["message"]
    assert (tmp_path / "old.h5").read_bytes() == b"old"
    assert model.read_bytes() == before


def test_shuffle_without_compression_is_wrong_usage(model: Path, tmp_path: Path) -> None:
    assert run(["strip", str(model), "-o", str(tmp_path / "new.h5"), "--shuffle"]) == 2
    assert not (tmp_path / "new.h5").exists()
