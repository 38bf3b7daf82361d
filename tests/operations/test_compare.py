"""Two files compared: layers, arguments, weights, the sentence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from comparing import Compared, compared
from small_files import make_keras_archive, make_keras_h5, make_weights_h5

HEAD = "model_weights/dense/dense"
KERNEL = "model_weights/conv/conv/kernel:0"


def changed(path: Path, name: str, change: Callable[[h5py.File], None]) -> Path:
    """A copy of a file with something changed."""
    copy = path.parent / name
    shutil.copy(path, copy)
    with h5py.File(copy, "r+") as file:
        change(file)
    return copy


def reconfigured(path: Path, name: str, change: Callable[[dict[str, Any]], None]) -> Path:
    """A copy with another configuration."""

    def rewrite(file: h5py.File) -> None:
        config = json.loads(file.attrs["model_config"])
        change(config["config"])
        file.attrs["model_config"] = json.dumps(config)

    return changed(path, name, rewrite)


def states(found: Compared) -> dict[str, str]:
    return {f"{each.layer_a or each.layer_b}/{(each.a or each.b).name}": each.state
            for each in found.weights}  # fmt: skip


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_keras_h5(tmp_path / "a.h5")


# ------------------------------------------------------------------------ weights


def test_a_file_is_identical_to_its_copy_and_to_itself(model: Path, tmp_path: Path) -> None:
    copy = tmp_path / "b.h5"
    shutil.copy(model, copy)
    for other in (copy, model):
        found = compared(model, other)
        assert {each.state for each in found.weights} == {"identical"}
        assert {each.state for each in found.layers} == {"same"}
        summary = "All 4 weights are identical. The architectures are the same."
        assert found.result.summary == summary


def test_a_configuration_read_once_for_both_gives_the_rows_of_one_read_twice(model: Path) -> None:
    def retrain(file: h5py.File) -> None:
        file[f"{HEAD}/bias:0"][...] += 1

    def indent(file: h5py.File) -> None:
        retrain(file)
        file.attrs["model_config"] = json.dumps(json.loads(file.attrs["model_config"]), indent=1)

    same = compared(model, changed(model, "same.h5", retrain))
    other = compared(model, changed(model, "other.h5", indent))
    assert same.layers == other.layers
    assert states(same) == states(other)
    assert same.result.summary == other.result.summary


def test_a_retrained_head_is_told(model: Path) -> None:
    def retrain(file: h5py.File) -> None:
        for name in ("kernel:0", "bias:0"):
            file[f"{HEAD}/{name}"][...] += 0.25

    found = compared(model, changed(model, "b.h5", retrain))
    assert states(found) == {
        "conv/kernel": "identical",
        "conv/bias": "identical",
        "dense/kernel": "changed",
        "dense/bias": "changed",
    }
    assert found.result.summary == (
        "2 of 4 weights are identical; the classifier head was retrained. "
        "The architectures are the same."
    )
    kernel = found.weights[2]
    assert (kernel.n_different, kernel.n_elements) == (8, 8)
    assert kernel.max_difference == pytest.approx(0.25)


def test_relative_and_cosine_count_the_parts_that_are_the_same(tmp_path: Path) -> None:
    a = np.ones((4, 1 << 20), "f4")  # four boxes
    b = a.copy()
    b[2] = 3
    for name, values in (("a.h5", a), ("b.h5", b)):
        with h5py.File(tmp_path / name, "w") as file:
            file["x"] = values
    (pair,) = compared(tmp_path / "a.h5", tmp_path / "b.h5").weights
    assert pair.n_different == 1 << 20
    assert pair.relative == pytest.approx(np.sqrt(4 / 4))
    assert pair.cosine == pytest.approx(6 / np.sqrt(4 * 12))


def test_it_is_known_where_a_kernel_differs_most(tmp_path: Path) -> None:
    a = np.zeros((3, 3, 64, 1024), "f4")  # three boxes
    b = a.copy()
    b[0, 1, 5, 9], b[2, 0, 63, 1000], b[1, 1, 1, 1] = 1, -2, np.nan
    for name, values in (("a.h5", a), ("b.h5", b)):
        with h5py.File(tmp_path / name, "w") as file:
            file["x"] = values
    (pair,) = compared(tmp_path / "a.h5", tmp_path / "b.h5").weights
    assert pair.largest_at == (2, 0, 63, 1000)


def test_another_shape_and_weights_of_one_file_are_told(model: Path) -> None:
    def reshape(file: h5py.File) -> None:
        for name, shape in (("kernel:0", (4, 5)), ("bias:0", (5,))):
            del file[f"{HEAD}/{name}"]
            file[f"{HEAD}/{name}"] = np.zeros(shape, "f4")

    other = changed(model, "b.h5", reshape)
    found = compared(model, other)
    assert [each.state for each in found.weights] == ["identical", "identical", "shape", "shape"]
    assert "the classifier head was replaced" in found.result.summary


def test_equal_numbers_are_identical_in_any_type_and_layout(model: Path) -> None:
    def rewrite(file: h5py.File) -> None:
        values = file[KERNEL][...]
        del file[KERNEL]
        file.create_dataset(
            KERNEL, data=values.astype(">f8"), chunks=(1, 2, 3, 4), compression="gzip"
        )

    found = compared(model, changed(model, "b.h5", rewrite))
    assert set(states(found).values()) == {"identical"}


def test_a_damaged_weight_is_told_and_the_others_are_compared(model: Path) -> None:
    def compress(file: h5py.File) -> None:
        values = file[KERNEL][...]
        del file[KERNEL]
        file.create_dataset(KERNEL, data=values, chunks=values.shape, compression="gzip")
        place = file[KERNEL].id.get_chunk_info(0)
        compress.place = place.byte_offset, place.size  # type: ignore[attr-defined]

    other = changed(model, "b.h5", compress)
    start, size = compress.place  # type: ignore[attr-defined]
    data = bytearray(other.read_bytes())
    data[start : start + size] = b"\xff" * size
    other.write_bytes(data)
    found = compared(model, other)
    assert [each.state for each in found.weights] == ["unreadable"] + ["identical"] * 3
    assert "damaged" in found.weights[0].problem
    assert "1 could not be read" in found.result.summary
    assert found.result.problems


# ------------------------------------------------------------------------- layers


def test_changed_arguments_are_told_with_both_values(model: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["layers"][0]["config"]["strides"] = [2, 2]
        config["layers"][2]["config"]["activation"] = "sigmoid"

    found = compared(model, reconfigured(model, "b.h5", change))
    told = {(each.a.name, c.name): (c.a, c.b) for each in found.layers for c in each.arguments}
    assert told == {
        ("conv", "strides"): ("[1, 1]", "[2, 2]"),
        ("dense", "activation"): ('"softmax"', '"sigmoid"'),
    }
    assert found.result.summary.endswith("Of the layers, 2 changed.")


def test_added_and_removed_layers_stand_where_they_belong(model: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        drop = {"class_name": "Dropout", "config": {"name": "drop", "rate": 0.5}}
        config["layers"].insert(1, drop)

    other = reconfigured(model, "b.h5", change)
    rows = [(each.a and each.a.name, each.b and each.b.name, each.state)
            for each in compared(model, other).layers]  # fmt: skip
    assert rows[:3] == [
        ("conv", "conv", "same"),
        (None, "drop", "added"),
        ("pool", "pool", "changed"),  # it is fed by another layer
    ]
    back = [each.state for each in compared(other, model).layers]
    assert back == ["same", "removed", "changed", "same"]


def test_a_renamed_layer_is_found_by_its_shapes(model: Path) -> None:
    def change(config: dict[str, Any]) -> None:
        config["layers"][0]["config"]["name"] = "edges"

    renamed = reconfigured(model, "b.h5", change)
    with h5py.File(renamed, "r+") as file:
        weights = file["model_weights"]
        weights.move("conv", "edges")
        weights.attrs["layer_names"] = np.array(["edges", "pool", "dense"], "S")
    found = compared(model, renamed)
    assert [each.basis for each in found.layers] == ["shape", "name", "name"]
    assert [c.name for each in found.layers for c in each.arguments] == ["name"]
    assert set(states(found).values()) == {"identical"}


def test_the_users_word_comes_first_and_can_part(model: Path) -> None:
    found = compared(model, model, pairs=(((0,), ()), ((), (0,))))
    assert [each.state for each in found.layers] == ["removed", "added", "same", "same"]
    crossed = compared(model, model, pairs=(((0,), (2,)),))
    first = crossed.layers[0]
    assert (first.a.name, first.b.name, first.basis) == ("conv", "dense", "hand")


# ------------------------------------------------------------------ kinds of files


def test_weights_alone_are_those_of_the_other_files_network(tmp_path: Path, model: Path) -> None:
    weights = make_weights_h5(tmp_path / "w.weights.h5")
    for a, b in ((model, weights), (weights, model)):
        found = compared(a, b)
        assert len(found.weights) == 4
        assert not found.result.has_layers
        assert {each.state for each in found.weights} <= {"identical", "changed"}


def test_weights_of_equal_shapes_go_to_the_layers_they_are_of(tmp_path: Path) -> None:
    values = {"embedding": np.full((4, 4), 1.0), "dense": np.full((4, 4), 2.0)}
    layers = [
        {"class_name": "Embedding", "config": {"name": "words", "input_dim": 4, "output_dim": 4}},
        {"class_name": "Dense", "config": {"name": "out", "units": 4, "use_bias": False}},
    ]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        config = {"class_name": "Sequential", "config": {"name": "m", "layers": layers}}
        file.attrs["model_config"] = json.dumps(config)
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = np.array(["words", "out"], "S")
        for name, role, stored in (
            ("words", "embeddings:0", values["embedding"]),
            ("out", "kernel:0", values["dense"]),
        ):
            group = weights.create_group(name)
            group.attrs["weight_names"] = np.array([f"{name}/{role}"], "S")
            group[f"{name}/{role}"] = stored
    with h5py.File(tmp_path / "b.weights.h5", "w") as file:  # groups are named after classes
        for name, stored in values.items():
            file[f"layers/{name}/vars/0"] = stored
    for files in (("a.h5", "b.weights.h5"), ("b.weights.h5", "a.h5")):
        found = compared(*(tmp_path / name for name in files))
        assert [each.state for each in found.weights] == ["identical", "identical"]


def test_a_file_and_an_archive_are_compared_whatever_their_layouts(
    tmp_path: Path, model: Path
) -> None:
    found = compared(model, make_keras_archive(tmp_path / "b.keras"))
    assert found.result.has_layers
    assert states(found) == {
        "conv/kernel": "only_a",
        "conv/bias": "only_a",
        "dense/kernel": "changed",
        "dense/bias": "changed",
    }


def test_plain_files_are_compared_by_path(tmp_path: Path) -> None:
    for name, extra in (("a.h5", "only_a"), ("b.h5", "only_b")):
        with h5py.File(tmp_path / name, "w") as file:
            file["data/x"] = np.arange(6.0)
            file["data/words"] = ["one", "two"]
            file["data/scalar"] = 1.5 if name == "a.h5" else 2.5
            file[extra] = np.arange(6.0)
            file["nothing"] = h5py.Empty("f4")
    found = compared(tmp_path / "a.h5", tmp_path / "b.h5")
    assert found.layers == []
    assert {each.a.name if each.a else each.b.name: each.state for each in found.weights} == {
        "x": "identical",
        "words": "identical",
        "scalar": "changed",
        "only_a": "only_a",
        "only_b": "only_b",
        "nothing": "identical",
    }
    assert found.result.summary == (
        "3 of 6 datasets are identical; 1 changed; 1 is only in A; 1 is only in B."
    )


def test_weights_of_pytorch_are_compared_by_layers_however_they_lie(tmp_path: Path) -> None:
    """Flat or in groups; a wrapped network has one name more before all."""
    names = {"conv.weight": (4, 3, 3, 3), "conv.bias": (4,), "fc.weight": (2, 4), "fc.bias": (2,)}
    with h5py.File(tmp_path / "a.h5", "w") as a, h5py.File(tmp_path / "b.h5", "w") as b:
        for name, shape in names.items():
            a[f"module.{name}"] = b[name.replace(".", "/")] = np.ones(shape)
        b["fc/bias"][:] = 3
    found = compared(tmp_path / "a.h5", tmp_path / "b.h5")
    assert [each for each, state in states(found).items() if state == "changed"] == ["fc/bias"]
    assert "the last layer, fc, was retrained" in found.result.summary


def test_a_bomb_is_not_read(tmp_path: Path) -> None:
    for name in ("a.h5", "b.h5"):
        with h5py.File(tmp_path / name, "w") as file:
            file.create_dataset("x", (1 << 40,), "f8", chunks=(1 << 16,))
    (pair,) = compared(tmp_path / "a.h5", tmp_path / "b.h5").weights
    assert pair.state == "unreadable"


def test_real_checkpoints_of_one_training_have_the_same_architecture(corpus: Path) -> None:
    pattern = "oarriaga__face_classification__fer2013_mini_XCEPTION.*"
    first, last = sorted((corpus / "keras_h5").glob(pattern))[::4][:2]
    found = compared(first, last)
    assert {each.state for each in found.layers} == {"same"}
    assert len(found.weights) == 80
    assert {each.state for each in found.weights} == {"changed"}
