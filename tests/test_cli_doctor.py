"""`h5v doctor` as a user runs it: findings in words and as JSON, exit codes."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import h5py
from h5v_process import h5v
from small_files import make_datasets

doctor = partial(h5v, "doctor")


def written(path: Path, *layers: dict[str, Any]) -> Path:
    """A file of tf.keras with nothing but its configuration."""
    first = {"class_name": "InputLayer", "config": {"name": "in", "batch_input_shape": [None, 4]}}
    config = {"class_name": "Sequential", "config": {"name": "net", "layers": [first, *layers]}}
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.9.0"
    return path


def dense(name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"name": name, "units": 2, **config}}


def test_a_network_that_needs_no_repair_says_so(tmp_path: Path) -> None:
    done = doctor(written(tmp_path / "plain.h5", dense("out")))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "plain.h5 loads as it is: nothing in it needs a repair.\n"


def test_repairs_are_told_layer_by_layer_and_the_network_loads(tmp_path: Path) -> None:
    path = written(tmp_path / "old.h5", dense("a/b"), dense("c/d"))
    done = doctor(path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "old.h5 loads after 2 repairs, made in memory; the file stays as it is."
    assert "a/b: Its name holds a “/”, which Keras 3 refuses." in lines
    assert "    Called “a_b” in memory." in lines


def test_json_has_exactly_the_documented_shape(tmp_path: Path) -> None:
    path = written(tmp_path / "old.h5", dense("a/b"), {"class_name": "Blur", "config": {}})
    done = doctor("--json", path)
    assert (done.returncode, done.stderr) == (1, "")
    found = json.loads(done.stdout)
    assert found.keys() == {"findings", "loads"}
    assert found["loads"] is False
    assert found["findings"][0] == {
        "layer": "a/b",
        "message": "Its name holds a “/”, which Keras 3 refuses.",
        "repair": "Called “a_b” in memory.",
    }
    assert "Blur is not part of Keras" in found["findings"][1]["message"]


def test_a_repair_is_told_as_json_like_every_export(tmp_path: Path) -> None:
    source, target = written(tmp_path / "old.h5", dense("a")), tmp_path / "new.keras"
    done = h5v("repair", str(source), "-o", str(target), "--json")
    found = json.loads(done.stdout)
    assert list(found) == ["target", "bytes_before", "bytes_after", "weights", "verified", "notes"]
    assert (found["target"], found["bytes_after"]) == (str(target), target.stat().st_size)
    assert found["weights"] == found["verified"] == 2
    again = h5v("repair", str(source), "-o", str(target), "--json")
    assert again.returncode == 1
    assert "exists already" in json.loads(again.stdout)["error"]["message"]


def test_a_file_without_a_network_ends_with_1(tmp_path: Path) -> None:
    make_datasets(tmp_path / "data.h5")
    done = doctor(tmp_path / "data.h5")
    assert done.returncode == 1
    assert "data.h5 declares no network." in done.stderr
    assert done.stdout == ""
