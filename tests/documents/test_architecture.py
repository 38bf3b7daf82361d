"""Totals, trainable flags, parts and single layers of a decoded network."""

from __future__ import annotations

import gc
import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from decoding import (
    configuration,
    decoded,
    functional,
    layer_entry,
    opened,
    sequential,
    write_archive,
    write_legacy,
)
from small_files import make_datasets

from h5viewer import requests
from h5viewer.documents.keras_config import PIECE
from h5viewer.nodes import ParameterCount
from h5viewer.operations.architecture import decode_architecture

DENSE = {"d/kernel:0": (4, 3), "d/bias:0": (3,)}


def test_frozen_layers_and_all_inside_them_are_not_trainable(tmp_path: Path) -> None:
    inner = sequential(layer_entry("Dense", "d", units=3, trainable=True), name="inner")
    inner["config"]["trainable"] = False
    config = sequential(inner, layer_entry("Dense", "e", units=3, trainable=True))
    file = decoded(write_legacy(tmp_path / "m.h5", config, {"inner": DENSE, "e": DENSE}))
    assert [layer.trainable for layer in file.layers] == [False, True]
    assert file.layer("d").trainable is False
    assert file.architecture.parameters == ParameterCount(total=30, trainable=15, non_trainable=15)


def test_a_frozen_model_trains_nothing(tmp_path: Path) -> None:
    config = sequential(layer_entry("Dense", "d", units=3, trainable=True))
    config["config"]["trainable"] = False
    file = decoded(write_legacy(tmp_path / "m.h5", config, {"d": DENSE}))
    assert file.architecture.parameters.trainable == 0


def test_statistics_seeds_and_integers_are_never_trained(tmp_path: Path) -> None:
    config = sequential(layer_entry("BatchNormalization", "b"), layer_entry("Mystery", "m"))
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    stored = {"b": {f"b/{n}:0": (4,) for n in names}, "m": {"m/seed_generator_state": (2,)}}

    def add_integer(file: h5py.File) -> None:
        file["model_weights/m/levels"] = np.ones(6, "i1")
        file["model_weights/m"].attrs["weight_names"] = np.array(
            [b"m/seed_generator_state", b"levels"]
        )

    file = decoded(write_legacy(tmp_path / "m.h5", config, stored, more=add_integer))
    assert file.architecture.parameters == ParameterCount(total=24, trainable=8, non_trainable=16)


def test_a_layer_called_twice_is_one_row(tmp_path: Path) -> None:
    shared = layer_entry("Dense", "d", units=3)
    shared |= {"name": "d", "inbound_nodes": [[["a", 0, 0]], [["b", 0, 0]]]}
    config = functional(layer_entry("InputLayer", "a"), layer_entry("InputLayer", "b"), shared)
    file = decoded(write_legacy(tmp_path / "m.h5", config, {"a": {}, "b": {}, "d": DENSE}))
    assert len(file.layers) == 3
    assert file.architecture.parameters.total == 15


def test_layers_come_in_parts(tmp_path: Path) -> None:
    n_layers = 2 * PIECE + 7
    config = sequential(*[layer_entry("ReLU", f"r{i}") for i in range(n_layers)])
    file = decoded(write_legacy(tmp_path / "m.h5", config, {"r0": {}}))
    assert [len(part.layers) for part in file.parts] == [PIECE, PIECE, 7]
    assert file.architecture.n_layers == n_layers
    assert [layer.key for layer in file.layers] == [(i,) for i in range(n_layers)]


def test_closing_half_way_leaves_the_collector_as_it_was(tmp_path: Path) -> None:
    config = sequential(*[layer_entry("ReLU", f"r{i}") for i in range(2 * PIECE)])
    path = write_legacy(tmp_path / "m.h5", config, {"r0": {}})
    asked = requests.DecodeArchitecture(document=str(path))

    def use(container: object) -> None:
        work = decode_architecture(asked, container)  # type: ignore[arg-type]
        next(work)
        next(work)
        work.close()

    gc.enable()
    try:
        opened(path, use)
        assert gc.isenabled()
    finally:
        gc.disable()  # as it is in all tests


def test_a_layers_configuration_is_found_by_its_key(tmp_path: Path) -> None:
    inner = sequential(layer_entry("Dense", "deep", units=3, odd=[1, {"x": None}]), name="inner")
    config = sequential(layer_entry("ReLU", "r"), inner)
    for path in (
        write_legacy(tmp_path / "m.h5", config, {"r": {}}),
        write_archive(tmp_path / "m.keras", config, {"layers/dense/vars/0": (4, 3)}),
    ):
        found = configuration(path, (1, 0))
        assert found.language == "json"
        assert json.loads(found.text) == inner["config"]["layers"][0]
        assert configuration(path, (5,)).text == ""


def test_weights_alone_have_no_configuration(tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "w.h5", None, {"d": DENSE}, root="/")
    assert configuration(path, (0,)).text == ""


@pytest.mark.parametrize(
    "config",
    ["{oops", "[1, 2]", "[" * 100_000, '{"class_name": "Sequential", "config": null}', '"x"'],
)
def test_unreadable_configurations_leave_the_weights(tmp_path: Path, config: str) -> None:
    def spoil(file: h5py.File) -> None:
        file.attrs["model_config"] = config

    path = write_legacy(tmp_path / "m.h5", {}, {"d": DENSE}, more=spoil)
    file = decoded(path)
    assert [(layer.name, layer.class_name) for layer in file.layers] == [("d", None)]
    assert file.architecture.parameters.total == 15
    assert any("configuration" in message for message in file.messages)


def test_an_archive_without_weights_shows_its_layers(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "m.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(sequential(layer_entry("Dense", "d"))))
    file = decoded(path)
    assert file.layers[0].class_name == "Dense"
    assert file.architecture.parameters.total == 0


def test_shapes_that_no_file_can_hold_are_not_counted(tmp_path: Path) -> None:
    def declare(file: h5py.File) -> None:
        group = file["model_weights/d"]
        del group["d/kernel:0"]
        space = h5py.h5s.create_simple((2**40, 2**40))
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((4, 3))
        h5py.h5d.create(group["d"].id, b"kernel:0", h5py.h5t.IEEE_F32LE, space, plist)

    config = sequential(layer_entry("Dense", "d", units=3))
    file = decoded(write_legacy(tmp_path / "m.h5", config, {"d": DENSE}, more=declare))
    assert file.architecture.parameters.total == 3
    assert "more elements than any file can hold" in file.layer("d").problem


def test_an_endless_list_of_problems_is_cut(tmp_path: Path) -> None:
    config = sequential(*[layer_entry("ReLU", f"r{i}") | {"name": i} for i in range(3000)])
    file = decoded(write_legacy(tmp_path / "m.h5", config, {"r0": {}}))
    assert len(file.architecture.problems) == 501
    assert "more problems are not listed" in file.messages[-1]


def test_files_without_a_network_have_an_empty_one(tmp_path: Path) -> None:
    file = decoded(make_datasets(tmp_path / "d.h5"))
    assert not file.document.has_architecture
    assert file.layers == []
    assert not file.messages
