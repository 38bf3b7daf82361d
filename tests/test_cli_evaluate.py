"""`h5v evaluate` as a user runs it."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import h5py
import numpy as np
import pytest
from h5v_process import h5v
from PIL import Image
from small_files import make_keras_h5

evaluate = partial(h5v, "evaluate", timeout=110)


def test_json_of_two_datasets_whose_names_are_guessed(tmp_path: Path) -> None:
    pytest.importorskip("keras")
    model, data = make_keras_h5(tmp_path / "model.h5"), tmp_path / "data.h5"
    with h5py.File(data, "w") as file:
        file["x"] = np.random.default_rng(0).integers(0, 255, (6, 8, 8, 3)).astype(np.uint8)
        file["y"] = [0, 1, 0, 1, 0, 1]
    done = evaluate(model, data, "--json", "--limit", 5)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["samples"] == 5
    assert set(found) >= {"samples", "loss", "accuracy", "confusion"}
    assert [sum(row) for row in found["confusion"]] == [3, 2]
    right = found["confusion"][0][0] + found["confusion"][1][1]
    assert found["accuracy"] == right / 5
    assert "Samples are /x, labels are /y." in done.stderr


def test_labels_may_lie_in_another_file(tmp_path: Path) -> None:
    """Of shape (n, 1, 1, 1), as PatchCamelyon has them."""
    pytest.importorskip("keras")
    model, data, labels = (tmp_path / name for name in ("model.h5", "x.h5", "y.h5"))
    make_keras_h5(model)
    with h5py.File(data, "w") as file:
        file["x"] = np.random.default_rng(0).integers(0, 255, (6, 8, 8, 3)).astype(np.uint8)
    with h5py.File(labels, "w") as file:
        file["y"] = np.array([0, 1, 0, 1, 1, 1], "u1").reshape(6, 1, 1, 1)
    done = evaluate(model, data, "--y-file", labels, "--json")
    assert done.returncode == 0, done.stderr
    assert [sum(row) for row in json.loads(done.stdout)["confusion"]] == [2, 4]
    assert "Samples are /x, labels are /y of y.h5." in done.stderr


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_of_several_numbers_it_is_told_how_far_off_they_are(tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    model, data = tmp_path / "model.keras", tmp_path / "data.h5"
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, "linear", False)])
    network.set_weights([np.eye(2)])
    network.save(model)
    with h5py.File(data, "w") as file:
        file["x"] = np.zeros((1, 2), "f4")
        file["y"] = np.array([[1, 0.5]], "f4")
    done = evaluate(model, data)
    assert done.returncode == 0, done.stderr
    assert "row 0: off by 0.75\n" in done.stdout


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_folders_of_classes_judge_the_output_that_says_a_class(tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    inputs = keras.Input((8, 8, 3))
    means = keras.layers.GlobalAveragePooling2D()(inputs)
    box = keras.layers.Dense(4, name="box")(means)
    red_or_blue = keras.layers.Dense(2, "softmax", name="colour")
    model = keras.Model(inputs, [box, red_or_blue(means)])
    red_or_blue.set_weights([np.array([[9, 0], [0, 0], [0, 9]]), np.zeros(2)])
    model.save(tmp_path / "model.keras")
    for name, colour in (("0", (255, 0, 0)), ("1", (0, 0, 255))):
        (tmp_path / "data" / name).mkdir(parents=True)
        Image.new("RGB", (8, 8), colour).save(tmp_path / "data" / name / "one.png")
    done = evaluate(tmp_path / "model.keras", tmp_path / "data", "--json", "--recipe", "unit")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["accuracy"], found["confusion"]) == (1.0, [[1, 0], [0, 1]])


def test_half_of_the_datasets_is_wrong_usage() -> None:
    done = evaluate("model.h5", "data.h5", "--x", "/x")
    assert done.returncode == 2
    assert "both --x and --y" in done.stderr
