"""Loss, metrics, optimizer and its stored state, from either generation."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from decoding import decoded, layer_entry, sequential, write_archive, write_legacy

from h5viewer.nodes import Training

CONFIG = sequential(layer_entry("Dense", "d"))


def training(path: Path) -> Training:
    found = decoded(path).architecture.training
    assert found is not None
    return found


def test_a_legacy_file_tells_how_it_was_trained(tmp_path: Path) -> None:
    def add(file: h5py.File) -> None:
        settings = {"learning_rate": 0.01}
        file.attrs["training_config"] = json.dumps(
            {
                "loss": "mse",
                "metrics": [["accuracy"]],
                "optimizer_config": {"class_name": "Custom>Adam", "config": settings},
            }
        )
        file["optimizer_weights/Adam/iterations:0"] = np.int64(3)
        file["optimizer_weights/Adam/d/kernel/m:0"] = np.zeros((4, 3), "f4")

    found = training(write_legacy(tmp_path / "m.h5", CONFIG, {"d": {}}, more=add))
    assert (found.loss, found.metrics) == ("mse", '[["accuracy"]]')
    assert found.optimizer_class == "Custom>Adam"
    assert json.loads(found.optimizer_config) == {"learning_rate": 0.01}
    assert (found.n_variables, found.state_bytes) == (2, 8 + 48)


def test_an_archive_tells_how_it_was_trained(tmp_path: Path) -> None:
    compiled = {"optimizer": {"class_name": "SGD", "config": {"name": "s"}}, "loss": {"y": "mae"}}
    shapes = {"layers/dense/vars/0": (4, 3), "optimizer/vars/0": (2,)}
    path = write_archive(tmp_path / "m.keras", CONFIG | {"compile_config": compiled}, shapes)
    found = training(path)
    assert (found.optimizer_class, found.loss) == ("SGD", '{"y": "mae"}')
    assert (found.n_variables, found.state_bytes) == (1, 8)


def test_an_optimizer_may_be_a_name(tmp_path: Path) -> None:
    config = CONFIG | {"compile_config": {"optimizer": "adam", "loss": "mse"}}
    path = write_archive(tmp_path / "m.keras", config, {"layers/dense/vars/0": (4, 3)})
    assert training(path).optimizer_class == "adam"


def test_models_never_compiled_have_no_training(tmp_path: Path) -> None:
    assert decoded(write_legacy(tmp_path / "m.h5", CONFIG, {"d": {}})).architecture.training is None


@pytest.mark.parametrize("text", ["[1]", "{oops", '{"optimizer_config": [1], "loss": [[{}]]}', "1"])
def test_strange_training_settings_do_no_harm(tmp_path: Path, text: str) -> None:
    def add(file: h5py.File) -> None:
        file.attrs["training_config"] = text

    file = decoded(write_legacy(tmp_path / "m.h5", CONFIG, {"d": {}}, more=add))
    assert file.architecture.n_layers == 1
    found = file.architecture.training
    assert found is None or found.optimizer_class is None
