"""A repaired copy is compiled as its file states, where Keras has what it names."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

keras = pytest.importorskip("keras")

from asking_networks import answered, opened  # noqa: E402
from small_files import make_keras_h5  # noqa: E402

from h5viewer.network import repairing  # noqa: E402
from h5viewer.network.compiling import compile_as_stated  # noqa: E402
from h5viewer.nodes import Repaired  # noqa: E402
from h5viewer.requests import RepairNetwork  # noqa: E402

# Keras 3.15 copies its variables in a way that NumPy 2 warns of.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    # it was compiled and never trained: Keras says so when it opens what it wrote itself
    pytest.mark.filterwarnings("ignore:Skipping variable loading:UserWarning"),
]

ADAM = {"class_name": "Adam", "config": {"lr": 0.5, "decay": 0.1, "beta_1": 0.8}}


def compiled(stated: object, n_outputs: int = 1) -> Any:
    inputs = keras.Input((2,))
    outputs = [keras.layers.Dense(2, name=f"out{i}")(inputs) for i in range(n_outputs)]
    model = keras.Model(inputs, outputs[0] if n_outputs == 1 else outputs)
    model.said = compile_as_stated(model, stated)
    return model


@pytest.mark.parametrize(
    ("loss", "known"),
    [
        ("mse", "mean_squared_error"),
        ("binary_crossentropy", "binary_crossentropy"),
        ({"class_name": "SparseCategoricalCrossentropy", "config": {}},
         "sparse_categorical_crossentropy"),
        ({"class_name": "function", "config": {"name": "huber_loss"}}, "huber"),
        (["mae"], "mean_absolute_error"),
        ({"out0": "mse"}, "mean_squared_error"),
    ],
)  # fmt: skip
def test_loss_and_optimizer_are_those_of_the_file(loss: object, known: str) -> None:
    model = compiled({"loss": loss, "optimizer_config": ADAM, "metrics": [["acc", "own"]]})
    assert model.loss in (known, [known])
    assert float(model.optimizer.learning_rate) == 0.5
    assert model.optimizer.beta_1 == 0.8
    assert model.get_compile_config()["metrics"] == ["accuracy"]
    assert model.said.startswith("It is compiled as the file states: Adam, ")


@pytest.mark.parametrize(
    "stated",
    [
        None,
        {"loss": "mse"},
        {"loss": "my_loss", "optimizer_config": ADAM},
        {"loss": "mse", "optimizer_config": {"class_name": "os.system", "config": {}}},
        {"loss": {"class_name": "BinaryCrossentropy", "config": {"own": 1}},
         "optimizer_config": ADAM},
        {"loss": {"class_name": "Huber", "config": {"delta": "os"}}, "optimizer_config": ADAM},
        {"loss": "mse", "optimizer_config": ADAM, "loss_weights": ["os"]},
        {"loss": {"class_name": "BinaryCrossentropy", "config": {"axis": float("inf")}},
         "optimizer_config": ADAM},
    ],
)  # fmt: skip
def test_what_keras_does_not_have_by_name_is_left_out_and_that_is_said(stated: object) -> None:
    model = compiled(stated)
    assert not model.compiled
    assert model.said == (
        "It is not compiled: Keras has no such loss or optimizer as the file states."
        if stated
        else ""
    )


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}),
        ("CategoricalCrossentropy", {"label_smoothing": 0.1, "reduction": "sum"}),
        ("SparseCategoricalCrossentropy", {"from_logits": True, "ignore_class": None}),
        ("BinaryFocalCrossentropy", {"gamma": 3.0, "alpha": 0.5, "reduction": "auto", "name": "b"}),
    ],
)
def test_losses_keep_the_numbers_that_the_file_states(name: str, settings: dict[str, Any]) -> None:
    stated = {"class_name": name, "config": settings}
    model = compiled({"loss": stated, "optimizer_config": ADAM})
    made = model.loss.get_config()
    kept = {key: value for key, value in settings.items() if key not in ("name", "fn")}
    kept = {key: value for key, value in kept.items() if value not in (None, "auto")}
    assert type(model.loss).__name__ == name
    assert {key: made[key] for key in kept} == pytest.approx(kept)
    assert model.said.startswith("It is compiled as the file states: Adam, ")


def test_losses_of_several_outputs_keep_their_weights() -> None:
    stated = {
        "loss": ["mse", "mae"],
        "optimizer_config": ADAM,
        "loss_weights": {"out1": 3, "out0": 1},
    }
    model = compiled(stated, 2)
    assert model.get_compile_config()["loss_weights"] == [1, 3]


def test_schedules_and_scaled_losses_are_told_and_undone() -> None:
    rate = {"class_name": "ExponentialDecay", "config": {"initial_learning_rate": 0.25}}
    inner = {"class_name": "Adam", "config": {"learning_rate": rate}}
    scaled = {"class_name": "LossScaleOptimizer", "config": {"inner_optimizer": inner}}
    model = compiled({"loss": "mse", "optimizer_config": inner})
    assert float(model.optimizer.learning_rate) == 0.25
    assert model.said.endswith("Of its schedule of learning rates the first is kept.")
    model = compiled({"loss": "mse", "optimizer_config": scaled})
    assert type(model.optimizer).__name__ == "Adam"


def test_each_of_several_outputs_has_its_loss() -> None:
    model = compiled({"loss": {"out1": "mae", "out0": "mse"}, "optimizer": "sgd"}, 2)
    assert list(model.loss) == ["mean_squared_error", "mean_absolute_error"]
    assert not compiled({"loss": ["mse"], "optimizer": "sgd"}, 2).compiled


@pytest.mark.parametrize("compiles", [True, False])
def test_repaired_copy_is_compiled_unless_it_is_not_to_be(tmp_path: Path, compiles: bool) -> None:
    path = make_keras_h5(tmp_path / "model.h5")
    request = RepairNetwork(document=str(path), compiles=compiles)
    with opened(path) as (container,):
        done, parts, _ = answered(repairing.repair_network(request, container))
    assert isinstance(done, Repaired)
    data = io.BytesIO(b"".join(part.data for part in parts))
    model = repairing.opened_by_keras(data, compiles=True)
    assert model.compiled == compiles
    assert bool(done.training) == compiles
    assert done.n_bytes == len(data.getvalue())
    if compiles:
        assert done.training.endswith("Adam, categorical crossentropy.")
