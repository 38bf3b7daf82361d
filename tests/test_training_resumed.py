"""Going on with training: what is said of a file, and lines that Python takes."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from checkpoint_files import write_bundle
from small_files import make_keras_h5, make_weights_h5

from h5viewer.cli import run
from h5viewer.nodes import SavedTraining
from h5viewer.resuming import resuming

KERAS = {"format": "keras-h5", "has_architecture": True, "optimizer": "Adam", "is_compiled": True}


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


def test_a_file_of_something_else_is_refused(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(3)
    assert run(["resume", str(path)]) == 1
    assert capfdbinary.readouterr().err.decode().startswith("data.h5 is no Keras model")
