"""Weights as .npz and safetensors: bit for bit, under safe names, with the true ones beside."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import h5py
import numpy as np
import pytest
from exported import export_here, plan_here

from h5viewer.documents.safe_names import SafeNames
from h5viewer.errors import CannotRead, CannotWrite
from h5viewer.requests import SaveWeights

DTYPES = {"F32": "<f4", "F16": "<f2", "F64": "<f8", "BF16": "<u2", "I32": "<i4", "BOOL": "?"}


def read_safetensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """A reader of our own, straight from the format's description."""
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__")
    body, end, found = data[8 + length :], 0, {}
    for name, facts in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        start, stop = facts["data_offsets"]
        assert start == end  # no holes
        end = stop
        dtype = np.dtype(DTYPES[facts["dtype"]])
        assert (8 + length + start) % dtype.itemsize == 0
        found[name] = np.frombuffer(body[start:stop], dtype).reshape(facts["shape"])
    assert end == len(body)
    return found, metadata


def write_weights(path: Path) -> dict[str, np.ndarray]:
    """A file of weights with names and types of all kinds; what is in it."""
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(40, 30)).astype("f4")
    kernel[0, :3] = np.frombuffer(struct.pack("<3I", 0x7FC12345, 0xFF800000, 1), "f4")
    stored = {
        "dense/kernel:0": kernel,
        "dense/bias:0": np.arange(30, dtype="f2"),
        "Dense/bias:0": np.array(3.5, ">f8"),
        "strange/../x y:0": np.array([True, False]),
        "empty/kernel:0": np.zeros((0, 4), "f4"),
        "half/kernel:0": np.array([0x3F81, 0x7FC1, 0xC000], "<u2"),
    }
    with h5py.File(path, "w") as file:
        for layer in ("dense", "Dense", "strange", "empty", "half"):
            names = [name for name in stored if name.startswith(f"{layer}/")]
            group = file.create_group(layer)
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name in names:
                inside = group.require_group(name.rpartition("/")[0].replace("..", "dots"))
                chunks = (
                    {"chunks": (7, 11), "compression": "gzip"} if name == "dense/kernel:0" else {}
                )
                value = stored[name]
                if layer == "half":
                    value = value.view("V2")
                made = inside.create_dataset(name.rpartition("/")[2], data=value, **chunks)
                if layer == "half":
                    made.attrs["dtype"] = "bfloat16"
        del file["strange"].attrs["weight_names"]
        file["strange"].attrs["weight_names"] = [b"strange/dots/x y:0"]
        file.attrs["layer_names"] = [b"dense", b"Dense", b"strange", b"empty", b"half"]
    return stored


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    write_weights(tmp_path / "model.h5")
    return tmp_path / "model.h5"


def save(path: Path, target: Path, **options: object) -> tuple[str, ...]:
    done = export_here(SaveWeights(document=str(path), target=str(target), **options))
    assert done.n_weights == done.n_identical
    return done.notes


def test_npz_holds_all_weights_bit_for_bit(weights: Path, tmp_path: Path) -> None:
    stored = write_weights(tmp_path / "again.h5")
    notes = save(weights, tmp_path / "out.npz")
    with np.load(tmp_path / "out.npz") as found:
        index = json.loads(found["index.json"])
        assert set(found) == {*index, "index.json"}
        assert found["dense/kernel"].tobytes() == stored["dense/kernel:0"].tobytes()
        assert found["dense/bias"].dtype == np.float16
        assert found["Dense/bias_2"] == 3.5  # not over dense/bias where case does not count
        assert found["strange/x_y"].tolist() == [True, False]
        assert found["empty/kernel"].shape == (0, 4)
        widened = found["half/kernel"]
        assert (widened.view("u4") >> 16).tolist() == stored["half/kernel:0"].tolist()
    assert index["Dense/bias_2"] == {
        "layer": "Dense", "name": "bias", "path": "/Dense/Dense/bias:0", "dtype": "float64",
    }  # fmt: skip
    assert any("bfloat16" in note for note in notes)


def test_safetensors_keeps_types_and_has_no_holes(weights: Path, tmp_path: Path) -> None:
    stored = write_weights(tmp_path / "again.h5")
    save(weights, tmp_path / "out.safetensors")
    found, metadata = read_safetensors(tmp_path / "out.safetensors")
    assert found["half/kernel"].tolist() == stored["half/kernel:0"].tolist()
    assert found["dense/kernel"].tobytes() == stored["dense/kernel:0"].tobytes()
    assert found["dense/bias"].dtype == np.float16
    assert json.loads(metadata["names"])["strange/x_y"]["path"] == "/strange/strange/dots/x y:0"


def test_the_package_reads_what_was_written(weights: Path, tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.numpy")
    save(weights, tmp_path / "out.safetensors", layers=("dense", "Dense", "empty"))
    found = safetensors.load_file(tmp_path / "out.safetensors")
    assert sorted(found) == ["Dense/bias_2", "dense/bias", "dense/kernel", "empty/kernel"]


def test_layers_are_chosen_by_patterns(weights: Path, tmp_path: Path) -> None:
    save(weights, tmp_path / "out.npz", layers=("d*",))
    with np.load(tmp_path / "out.npz") as found:
        assert {name for name in found if name != "index.json"} == {"dense/kernel", "dense/bias"}
    with pytest.raises(CannotRead, match=r"no layer with weights that is called conv\*"):
        save(weights, tmp_path / "none.npz", layers=("conv*",))


def test_other_endings_and_other_types_are_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "complex.h5", "w") as file:
        file["c"] = np.array([1 + 2j])
    with pytest.raises(CannotWrite, match=r"out\.txt does not say"):
        save(tmp_path / "complex.h5", tmp_path / "out.txt")
    with pytest.raises(CannotRead, match="safetensors files cannot hold"):
        save(tmp_path / "complex.h5", tmp_path / "out.safetensors")
    save(tmp_path / "complex.h5", tmp_path / "out.npz")
    assert np.load(tmp_path / "out.npz")["c"].tolist() == [1 + 2j]


def test_weights_that_unfold_are_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "bomb.h5", "w") as file:
        file.create_dataset("w", (1 << 30,), "f4", chunks=(1 << 16,))
    with pytest.raises(CannotRead, match="would unfold"):
        save(tmp_path / "bomb.h5", tmp_path / "out.npz")


def test_the_plan_refuses_the_same_and_knows_the_size(weights: Path, tmp_path: Path) -> None:
    plan = plan_here(SaveWeights(document=str(weights), target=str(tmp_path / "out.npz")))
    save(weights, tmp_path / "out.npz")
    assert plan.kept[0].n_items == 6
    assert abs(plan.bytes_after - (tmp_path / "out.npz").stat().st_size) < 4000
    with pytest.raises(CannotWrite):
        plan_here(SaveWeights(document=str(weights), target=str(tmp_path / "out.txt")))


def test_names_are_safe_unique_and_stay_where_they_are_both() -> None:
    names = SafeNames("index.json")
    assert names.new("dense/kernel") == "dense/kernel"
    assert names.new("Dense/Kernel") == "Dense/Kernel_2"
    assert names.new("dense/kernel") == "dense/kernel_3"  # _2 differs by case alone
    strange = names.new("../../etc/pass wd")
    assert ".." not in strange.split("/")
    assert names.new("") == "unnamed"
    assert names.new("con") == "_con"
    assert names.new("index.json") != "index.json"
    many = [names.new("w") for _ in range(500)]
    assert len({each.casefold() for each in many}) == 500
    assert all(len(part) <= 90 for part in names.new("x" * 5000 + "/y").split("/"))


def test_weights_of_pytorch_keep_the_names_that_it_looks_for(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "state.h5", "w") as file:
        file["module.fc.weight"], file["module.fc.bias"] = np.ones((3, 4), "f4"), np.ones(3, "f4")
    target = tmp_path / "state.npz"
    done = export_here(SaveWeights(document=str(tmp_path / "state.h5"), target=str(target)))
    assert done.notes == ()
    with np.load(target) as found:
        assert {"module.fc.weight", "module.fc.bias"} <= set(found)
