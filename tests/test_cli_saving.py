"""`h5v convert`, `h5v export` and `h5v salvage`: from the command to the file in place."""

from __future__ import annotations

import json
import os
from importlib.util import find_spec
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5viewer.cli import run


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.h5"
    with h5py.File(path, "w") as file:
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = [b"dense", b"late"]
        for name in ("dense", "late"):
            group = weights.create_group(name)
            group.attrs["weight_names"] = [f"{name}/kernel:0"]
            group[f"{name}/kernel:0"] = np.arange(12000.0).reshape(30, 400)
    return path


def test_weights_go_to_npz_in_one_line(
    model: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    target = tmp_path / "weights.npz"
    assert run(["convert", str(model), "-o", str(target)]) == 0
    assert capfdbinary.readouterr().out.endswith(b"; 2 weights verified identical\n")
    with np.load(target) as found:
        assert found["late/kernel"].tolist() == np.arange(12000.0).reshape(30, 400).tolist()


def test_help_lists_the_endings_a_line_each(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert run(["convert", "--help"]) == 0
    lines = capfdbinary.readouterr().out.decode().splitlines()
    for ending in (".h5, .keras", ".weights.h5", ".weights.json", ".npz, .safetensors", ".onnx"):
        assert [line for line in lines if line.startswith(f"  {ending} ")], ending


def test_a_dataset_goes_to_csv_and_json_says_so(
    model: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    target = tmp_path / "part.csv"
    path = "/model_weights/dense/dense/kernel:0"
    asked = ["export", str(model), path, "-o", str(target), "--part", "1, 3:6", "--json"]
    assert run(asked) == 0
    said = json.loads(capfdbinary.readouterr().out)
    assert list(said) == ["target", "bytes_before", "bytes_after", "weights", "verified", "notes"]
    assert target.read_text() == "403.0\n404.0\n405.0\n"
    assert run(asked) == 1  # it exists
    assert run([*asked[:-2], "1,x"]) == 2


def test_a_cut_file_is_salvaged_and_says_what_is_lost(
    model: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    os.truncate(model, model.stat().st_size - 40_000)
    assert run(["info", str(model)]) == 1  # as HDF5 does, it refuses to open it
    capfdbinary.readouterr()
    assert run(["salvage", str(model), "-o", str(tmp_path / "new.h5")]) == 0
    said = capfdbinary.readouterr().out.decode()
    assert "1 weight verified identical" in said
    assert "Lost: /model_weights/late" in said
    with h5py.File(tmp_path / "new.h5") as file:
        assert file["model_weights"].attrs["layer_names"].tolist() == [b"dense"]
        assert b"late" in file["salvage_report"][0, 0]


def test_nothing_is_left_where_it_is_refused(
    model: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    before = set(tmp_path.iterdir())
    assert run(["export", str(model), "/nowhere", "-o", str(tmp_path / "x.npy")]) == 1
    assert run(["convert", str(model), "-o", str(tmp_path / "x.weird")]) == 2
    assert run(["salvage", str(model), "-o", str(model), "--force"]) == 1
    assert b"opened file" in capfdbinary.readouterr().err
    assert set(tmp_path.iterdir()) == before


@pytest.mark.skipif(find_spec("tf2onnx") is not None, reason="the exporter is installed")
def test_onnx_without_its_exporter_is_one_sentence(
    model: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["convert", str(model), "-o", str(tmp_path / "x.onnx")]) == 1
    assert b"pip install tf2onnx" in capfdbinary.readouterr().err
