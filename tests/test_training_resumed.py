"""Going on with training: what is said of a file, and lines that Python takes."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from checkpoint_files import object_message, write_bundle
from small_files import make_keras_h5, make_weights_h5

from h5viewer.cli import run
from h5viewer.nodes import SavedTraining
from h5viewer.resuming import resuming

KERAS = {
    "format": "keras-archive",
    "keras_version": "3.8.0",
    "has_architecture": True,
    "optimizer": "Adam",
    "is_compiled": True,
}


def saved(**more: object) -> SavedTraining:
    return SavedTraining(**{**KERAS, "n_state": 4, **more})  # type: ignore[arg-type]


def test_a_whole_model_goes_on_as_if_it_had_not_stopped() -> None:
    found = resuming(saved(iterations=1200.0, learning_rate=0.001), "/runs/m-07.h5", 7)
    assert found.goes_on
    assert dict(found.facts) == {
        "Optimizer": "Adam", "Its state": "4 variables", "Learning rate": "0.001",
        "Steps so far": "1,200", "Epochs so far": "7",
    }  # fmt: skip
    assert found.lines[-2:] == (
        'model = keras.models.load_model("/runs/m-07.h5")',
        "model.fit(x, y, initial_epoch=7, epochs=17)",
    )


@pytest.mark.parametrize("version", ["2.0.5", None])
def test_an_older_file_goes_on_with_the_keras_that_wrote_it(version: str | None) -> None:
    found = resuming(saved(format="keras-h5", keras_version=version), "/m.h5")
    told = "Keras 2.0.5, which" if version else "the Keras that"
    assert f"With {told} wrote it, training goes on" in found.words
    assert found.lines[0] == f"import keras  # {told} wrote the file"


@pytest.mark.parametrize("n_state", [4, 0])
def test_the_optimizer_of_an_hdf5_file_is_made_anew(n_state: int) -> None:
    """Keras 3 loads one that refuses to train; `tests/network` runs the lines."""
    found = resuming(saved(format="keras-h5", n_state=n_state), "/m.h5", 2)
    assert ("import h5py" in found.lines) == bool(n_state)
    assert found.lines[-2:] == (
        "model.optimizer = optimizer", "model.fit(x, y, initial_epoch=2, epochs=12)",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"n_state": 0}, "the state of its optimizer"),
        ({"n_state": 0, "is_compiled": False}, "how it was trained"),
        ({"n_state": 0, "has_architecture": False}, "weights only"),
        ({"n_state": 0, "has_architecture": False, "checkpoint": "objects"}, "without the state"),
    ],
)
def test_what_cannot_go_on_says_what_is_missing(more: dict[str, object], word: str) -> None:
    found = resuming(saved(**more), "/m.h5")
    assert not found.goes_on
    assert word in found.words
    assert "not as if it had not" in found.words


@pytest.mark.parametrize("path", ['/a"b.h5', "/a'b.h5", "/a\nb.h5", r"C:\new\m.h5", "/é.h5"])
@pytest.mark.parametrize("checkpoint", ["", "objects", "names"])
@pytest.mark.parametrize("has_architecture", [True, False])
def test_the_lines_are_python_with_the_very_path(
    path: str, checkpoint: str, has_architecture: bool
) -> None:
    made = saved(checkpoint=checkpoint, has_architecture=has_architecture, optimizer='x"(')
    tree = ast.parse("\n".join(resuming(made, path, 3).lines))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert path in texts


def test_objects_are_given_the_names_they_were_saved_under() -> None:
    found = resuming(
        saved(checkpoint="objects", roots=("step", "net", "optimizer")), "/run/ckpt-3.index"
    )
    assert "checkpoint = tf.train.Checkpoint(net=model, optimizer=model.optimizer)" in found.lines
    assert 'checkpoint.restore("/run/ckpt-3")' in found.lines
    old = resuming(saved(checkpoint="objects", roots=("layer-0", "layer_with_weights-0")), "/c")
    assert 'model.load_weights("/c")' in old.lines


def test_short_names_of_losses_are_given_to_keras(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    model = make_keras_h5(tmp_path / "m.h5")
    with h5py.File(model, "r+") as file:
        file.attrs["keras_version"] = "3.8.0"
        training = json.loads(file.attrs["training_config"])
        file.attrs["training_config"] = json.dumps({**training, "loss": "mse"})
    lines = told(capfdbinary, model)["lines"]
    objects = 'custom_objects={"mse": keras.losses.mean_squared_error}'
    assert f"model = keras.models.load_model(path, {objects})" in lines  # type: ignore[operator]


def told(capture: pytest.CaptureFixture[bytes], path: Path) -> dict[str, object]:
    capture.readouterr()
    assert run(["resume", str(path), "--json"]) == 0
    found: dict[str, object] = json.loads(capture.readouterr().out)
    return found


def test_the_terminal_tells_it_of_every_kind_of_file(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    for number in (1, 2):
        model = make_keras_h5(tmp_path / f"weights-0{number}.h5")
    with h5py.File(model, "r+") as file:
        group = file.require_group("optimizer_weights")
        group["training/Adam/iterations:0"] = np.int64(321)
        names = np.array([b"training/Adam/iterations:0"])
        group.attrs["weight_names"] = names
    found = told(capfdbinary, model)
    assert found["facts"]["Epochs so far"] == "2"  # type: ignore[index]
    assert found["facts"]["Steps so far"] == "321"  # type: ignore[index]
    assert "weights only" in str(told(capfdbinary, make_weights_h5(tmp_path / "a.weights.h5")))
    kernel = np.ones((2, 2), "f4")
    step = np.array(40, "i8")
    made = write_bundle(
        tmp_path / "m", {"dense/kernel": kernel, "dense/kernel/Adam": kernel, "global_step": step}
    )
    found = told(capfdbinary, made)
    assert found["goes_on"] is True
    assert found["facts"]["Steps so far"] == "40"  # type: ignore[index]
    assert any("tf.compat.v1.train.Saver()" in line for line in found["lines"])  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["", "m", "m.index", "m.data-00000-of-00001", "checkpoint"])
def test_lines_restore_the_checkpoint_whatever_of_it_was_named(
    name: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """TensorFlow takes its prefix and nothing else."""
    write_bundle(tmp_path / "m", {"w": np.ones(2, "f4")})
    (tmp_path / "checkpoint").write_text('model_checkpoint_path: "m"\n')
    (line,) = (each for each in told(capfdbinary, tmp_path / name)["lines"] if "restore" in each)  # type: ignore[attr-defined]
    assert line.strip() == f"saver.restore(session, {json.dumps(str(tmp_path / 'm'))})"


def test_lines_restore_all_shards_of_an_old_checkpoint() -> None:
    found = resuming(saved(checkpoint="names", has_architecture=False), "/run/m-7-00001-of-00003")
    assert '    saver.restore(session, "/run/m-7-?????-of-00003")' in found.lines


def test_a_file_of_something_else_is_refused(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(3)
    assert run(["resume", str(path)]) == 1
    assert capfdbinary.readouterr().err.decode().startswith("data.h5 is no Keras model")


@pytest.mark.parametrize(
    ("scope", "words"), [("adam_w", "AdamW"), ("rm_sprop", "RMSprop"), ("my_adam", "my_adam")]
)
def test_a_checkpoint_of_keras_3_names_the_class_of_its_optimizer(
    scope: str, words: str, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Only its variables say it, in Python's other way of writing."""
    value = "/.ATTRIBUTES/VARIABLE_VALUE"
    keys = [f"model/kernel{value}", f"optimizer/_iterations{value}", f"optimizer/m{value}"]
    objects = (
        object_message({"model": 1, "optimizer": 2}),
        object_message({"kernel": 3}),
        object_message({"_iterations": 4, "m": 5}, slots=((3, "momentum", 5),)),
        object_message({}, keys[0], "dense/kernel"),
        object_message({}, keys[1], f"{scope}/iteration"),
        object_message({}, keys[2], f"{scope}/dense_kernel_momentum"),
    )
    kernel = np.zeros((2, 2), "f4")
    values = {keys[0]: kernel, keys[1]: np.int64(7), keys[2]: kernel}
    index = write_bundle(tmp_path / "ckpt-1", values, objects)
    assert run(["resume", str(index)]) == 0
    lines = capfdbinary.readouterr().out.decode().splitlines()
    assert lines[0].split() == ["Optimizer", words]
    assert lines[2].split() == ["Steps", "so", "far", "7"]
