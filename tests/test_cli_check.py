"""`h5v check` as a user runs it: findings, exit codes, JSON."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from h5v_process import h5v
from planted_faults import PLANTED, pictures_network
from small_files import make_datasets, make_keras_h5

check = partial(h5v, "check")


def faulty(name: str, folder: Path) -> Path:
    path = folder / "faulty.h5"
    PLANTED[name].write(path)
    return path


def test_a_healthy_network_is_called_healthy(tmp_path: Path) -> None:
    pictures_network(tmp_path / "shapes.h5")
    done = check(tmp_path / "shapes.h5")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "shapes.h5 Healthy: 29 weights in 12 layers looked at, nothing found."
    )


def test_something_serious_ends_with_1(tmp_path: Path) -> None:
    done = check(faulty("one NaN", tmp_path))
    assert (done.returncode, done.stderr) == (1, "")
    assert "serious  sides / kernel: 1 of 6,912 values is NaN." in done.stdout.splitlines()


def test_a_warning_ends_with_0(tmp_path: Path) -> None:
    assert check(faulty("an old head", tmp_path)).returncode == 0


def test_json_has_exactly_the_documented_shape(tmp_path: Path) -> None:
    done = check("--json", faulty("one NaN", tmp_path))
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(done.stdout) == {
        "findings": [
            {
                "severity": "serious",
                "kind": "nan",
                "layer": "sides",
                "weight": "kernel",
                "value": 1,
                "threshold": 0,
                "message": "1 of 6,912 values is NaN.",
            }
        ]
    }


def test_trouble_ends_with_2_and_one_sentence(tmp_path: Path) -> None:
    done = check("--json", tmp_path / "nowhere.h5")
    assert done.returncode == 2
    assert list(json.loads(done.stdout)) == ["error"]
    assert done.stderr.startswith("nowhere.h5 ")


def test_a_file_without_a_network_is_trouble(tmp_path: Path) -> None:
    done = check(make_datasets(tmp_path / "datasets.h5"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "holds no network" in done.stderr


def test_wrong_usage_ends_with_2(tmp_path: Path) -> None:
    assert check().returncode == 2
    assert check("--jsn", make_keras_h5(tmp_path / "model.h5")).returncode == 2
