"""`h5v diff` as a user runs it: output, JSON of exactly the documented shape, exit codes."""

from __future__ import annotations

import json
import shutil
from functools import partial
from pathlib import Path
from typing import Any, Literal

import h5py
import msgspec
import numpy as np
import pytest
from h5v_process import h5v
from small_files import make_keras_h5


class Exact(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """No key may be missing: none has a default."""


class Changed(Exact, frozen=True):
    layer: str
    arguments: dict[str, tuple[Any, Any]]


class Layers(Exact, frozen=True):
    added: list[str]
    removed: list[str]
    changed: list[Changed]


class Weight(Exact, frozen=True):
    a: str | None
    b: str | None
    state: Literal["identical", "changed", "shape", "only_a", "only_b"]
    max_difference: float | None
    relative: float | None
    cosine: float | None


class Diff(Exact, frozen=True):
    layers: Layers
    weights: list[Weight]


diff = partial(h5v, "diff")


def as_json(*arguments: object) -> tuple[int, Diff]:
    done = diff("--json", *arguments)
    return done.returncode, msgspec.json.decode(done.stdout, type=Diff)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_keras_h5(tmp_path / "a.h5")


@pytest.fixture
def other(model: Path) -> Path:
    """One weight and one argument changed, one layer added."""
    copy = model.with_name("b.h5")
    shutil.copy(model, copy)
    with h5py.File(copy, "r+") as file:
        file["model_weights/dense/dense/bias:0"][...] += np.float32(0.5)
        config = json.loads(file.attrs["model_config"])
        config["config"]["layers"][0]["config"]["filters"] = 5
        drop = {"class_name": "Dropout", "config": {"name": "drop", "rate": 0.5}}
        config["config"]["layers"].append(drop)
        file.attrs["model_config"] = json.dumps(config)
    return copy


def test_the_same_files_end_with_0(model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.h5"
    shutil.copy(model, copy)
    done = diff(model, copy)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "All 4 weights are identical. The architectures are the same.\n"
    code, found = as_json(model, copy)
    assert code == 0
    assert found.layers == Layers([], [], [])
    assert [(each.state, each.max_difference, each.relative, each.cosine)
            for each in found.weights] == [("identical", 0, 0, 1)] * 4  # fmt: skip


def test_different_files_end_with_1_and_say_how(model: Path, other: Path) -> None:
    done = diff(model, other)
    assert (done.returncode, done.stderr) == (1, "")
    first, *lines = done.stdout.splitlines()
    assert first == "3 of 4 weights are identical; the classifier head was retrained. " + (
        "Of the layers, 1 changed and 1 added."
    )
    assert any("conv" in line and "filters: 4 → 5" in line for line in lines)
    assert any(line.startswith("added") and "drop" in line for line in lines)
    assert any("dense/bias" in line and "0.5" in line for line in lines)
    assert not any("conv/kernel" in line for line in lines)
    assert any("conv/kernel" in line for line in diff("--all", model, other).stdout.splitlines())


def test_json_has_exactly_the_documented_shape(model: Path, other: Path) -> None:
    code, found = as_json(model, other)
    assert code == 1
    assert found.layers.added == ["drop"]
    assert found.layers.changed == [Changed("conv", {"filters": (4, 5)})]
    bias = found.weights[3]
    assert bias.a == bias.b == "/model_weights/dense/dense/bias:0"
    assert (bias.state, bias.max_difference) == ("changed", pytest.approx(0.5))
    _, back = as_json(other, model)
    assert back.layers.removed == ["drop"]


def test_a_layer_that_moved_is_changed(model: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved.h5"
    shutil.copy(model, moved)
    with h5py.File(moved, "r+") as file:
        config = json.loads(file.attrs["model_config"])
        layers = config["config"]["layers"]
        layers.insert(0, layers.pop())
        file.attrs["model_config"] = json.dumps(config)
    code, found = as_json(model, moved)
    assert code == 1
    places = {each.layer: each.arguments.get("position") for each in found.layers.changed}
    assert places["dense"] == ([2], [0])


@pytest.mark.parametrize("bad", ["absent.h5", "page.h5"])
def test_trouble_ends_with_2_and_one_sentence(model: Path, tmp_path: Path, bad: str) -> None:
    (tmp_path / "page.h5").write_text("<!doctype html><html></html>")
    for files in ((model, tmp_path / bad), (tmp_path / bad, model)):
        done = diff(*files)
        assert (done.returncode, done.stdout) == (2, "")
        assert bad in done.stderr
        assert len(done.stderr.splitlines()) == 1
    refused = diff("--json", model, tmp_path / bad)
    assert refused.returncode == 2
    assert set(json.loads(refused.stdout)["error"]) == {"message", "hint"}


def test_a_weight_that_cannot_be_read_is_trouble(model: Path, tmp_path: Path) -> None:
    path = tmp_path / "damaged.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.ones(1000), chunks=(1000,), compression="gzip")
        file["y"] = 1.0
        place = file["x"].id.get_chunk_info(0)
    whole = tmp_path / "whole.h5"
    shutil.copy(path, whole)
    data = bytearray(path.read_bytes())
    data[place.byte_offset : place.byte_offset + place.size] = b"\xff" * place.size
    path.write_bytes(data)
    done = diff("--json", whole, path)
    assert done.returncode == 2
    assert [each["a"] for each in json.loads(done.stdout)["weights"]] == ["/y"]
    assert "damaged" in done.stderr
