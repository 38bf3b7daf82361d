"""`h5v cut`, `freeze`, `rename`, `edit`: one line, one object, one sentence, never the source."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from export_cases import make_archive, make_network

from h5viewer.cli import run

KERNEL = "/model_weights/dense_1/case/dense_1/kernel"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return make_network(tmp_path / "model.h5", 8)


def test_edit_tells_changed_weights_from_identical_ones(
    model: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    before = model.read_bytes()
    (tmp_path / "names.txt").write_text("cat\ndog\n", encoding="utf-8")
    (tmp_path / "bias.txt").write_text("1\t2\t3\t4\t5\t6\t7\t8\n", encoding="utf-8")
    bias = KERNEL.replace("kernel", "bias")
    asked = [
        "edit", str(model), "-o", str(tmp_path / "new.h5"), "--weight", KERNEL, "x * 2",
        "--table", bias, str(tmp_path / "bias.txt"), "--element", bias, "-1", "0",
        "--set-attribute", "/", "backend", "jax", "--rename", "dense_0", "head",
        "--class-names", str(tmp_path / "names.txt"),
    ]  # fmt: skip
    assert run(asked) == 0
    said = capfdbinary.readouterr().out.decode().splitlines()
    assert said[0].startswith("new.h5: ")
    assert said[0].endswith("; 6 weights verified identical, 2 weights changed")
    with h5py.File(model) as old, h5py.File(tmp_path / "new.h5") as new:
        assert np.array_equal(new[KERNEL][()], old[KERNEL][()] * 2)
        assert new[bias][()].tolist() == [1, 2, 3, 4, 5, 6, 7, 0]
        assert new.attrs["backend"] == "jax"
        assert list(new.attrs["class_names"]) == ["cat", "dog"]
        assert "head" in new["model_weights"]
        assert "optimizer_weights" in new
    assert model.read_bytes() == before


def test_cut_freeze_and_rename_say_what_they_did(
    model: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for asked, said in (
        (["cut", "--at", "dense_1", "-o", str(tmp_path / "cut.keras")], "2 layers"),
        (
            ["freeze", "--layer", "dense_*", "-o", str(tmp_path / "frozen.h5")],
            "4 layers are frozen",
        ),
        (
            ["rename", "--layer", "dense_1", "b", "-o", str(tmp_path / "named.h5")],
            "“dense_1” is “b”",
        ),
    ):
        assert run([asked[0], str(model), *asked[1:], "--json"]) == 0
        found = json.loads(capfdbinary.readouterr().out)
        assert said in " ".join(found["notes"])
        assert found["weights"] == found["verified"] > 0
        assert Path(found["target"]).stat().st_size == found["bytes_after"]


@pytest.mark.parametrize(
    ("asked", "code", "sentence"),
    [
        (["cut", "--at", "dens_1"], 1, "no layer “dens_1”"),
        (["freeze", "--layer", "conv*"], 1, "no layer “conv*”"),
        (["rename", "--layer", "dense_1", "dense_2"], 1, "Two layers"),
        (["edit", "--weight", KERNEL, "x.size"], 1, "cannot be used in an expression"),
        (["edit", "--element", KERNEL, "a", "1"], 2, "is no index"),
        (["edit", "--table", KERNEL, "nothing.txt"], 1, "nothing.txt cannot be read"),
        (["edit"], 2, "Say what to change"),
        (["freeze"], 2, "Say which layers"),
    ],
)
def test_refusals_are_one_sentence_and_leave_no_file(
    model: Path,
    tmp_path: Path,
    asked: list[str],
    code: int,
    sentence: str,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    target = tmp_path / "new.h5"
    assert run([asked[0], str(model), *asked[1:], "-o", str(target)]) == code
    assert sentence in capfdbinary.readouterr().err.decode()
    assert [path.name for path in tmp_path.iterdir()] == ["model.h5"]


def test_a_layer_whose_weights_alone_are_listed_is_not_renamed(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """As Hugging Face writes large networks: there is no list of layers to name it in."""
    path = tmp_path / "tf_model-00001-of-00002.h5"
    with h5py.File(path, "w") as file:
        file["bert/dense/kernel:0"] = np.ones((2, 2), "f4")
        file.attrs["layer_names"] = [b"bert/dense/kernel:0"]
    asked = ["rename", str(path), "--layer", "bert", "b", "-o", str(tmp_path / "new.h5")]
    assert run(asked) != 0
    assert "lists weights of “bert”, not the layer" in capfdbinary.readouterr().err.decode()
    assert not (tmp_path / "new.h5").exists()


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["strip"], "new.keras"),
        (["strip"], "new.weights.h5"),
        (["merge", "--average"], "new.weights.h5"),
        (["edit", "--weight", KERNEL, "x * 2"], "new.keras"),
    ],
)
def test_a_copy_is_not_given_a_name_by_which_keras_could_not_load_it(
    model: Path,
    tmp_path: Path,
    command: list[str],
    name: str,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    others = [str(make_network(tmp_path / "other.h5", 8, seed=1))] if command[0] == "merge" else []
    before = sorted(tmp_path.iterdir())
    assert run([*command, str(model), *others, "-o", str(tmp_path / name)]) == 1
    said = capfdbinary.readouterr().err.decode()
    assert said.startswith(f"model.h5 is a legacy HDF5 file, and so would be {name}, which Keras")
    assert said.endswith("ends in .h5, and convert that file afterwards.\n")
    assert sorted(tmp_path.iterdir()) == before


def test_an_archive_is_not_copied_under_the_name_of_an_hdf5_file(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    archive = make_archive(tmp_path / "model.keras", 8)
    assert run(["strip", str(archive), "-o", str(tmp_path / "new.h5")]) == 1
    assert b"so would be new.h5" in capfdbinary.readouterr().err
    assert run(["strip", str(archive), "-o", str(tmp_path / "new.backup")]) == 0
