"""The optimizer's state of a checkpoint, kept for Keras 3 or left out with a reason."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from checkpoint_files import object_message, write_bundle
from merged import answer_here, merge_here, plan_here
from test_combine import dense, request_of, write_architecture
from test_combine_checkpoint import VALUE, numbers

from h5viewer.errors import CannotRead
from h5viewer.nodes import WeightMatches
from h5viewer.operations.combine import match_weights
from h5viewer.requests import CombineNetwork, MatchWeights


@pytest.fixture
def one(tmp_path: Path) -> Path:
    return write_architecture(tmp_path / "a.json", dense("one", 3))


def by_names(path: Path, *words: str, **settings: float) -> Path:
    """As TensorFlow 1 saves: each slot's name is its weight's and a word."""
    stored = {"one/kernel": numbers((3, 3), 0), "one/bias": numbers((3,), 0)}
    for number, word in enumerate(words, start=1):
        stored[f"one/kernel/{word}"] = numbers((3, 3), 100 * number)
        stored[f"one/bias/{word}"] = numbers((3,), 100 * number)
    stored |= {name: np.array(value, "f4") for name, value in settings.items()}
    return write_bundle(path, stored)


def by_objects(path: Path, settings: dict[str, float], *words: str, n_slots: int = 2) -> Path:
    """As tf.keras saved until 2.10: slots are named beside the objects."""
    names = [f"optimizer/{name}{VALUE}" for name in settings]
    slots = [(2 + of, word) for word in words for of in range(n_slots)]
    first = 5 + len(settings)
    children = {name: 5 + at for at, name in enumerate(settings)}
    kept = tuple((of, word, first + at) for at, (of, word) in enumerate(slots))
    objects = [
        object_message({"layer_with_weights-0": 1, "optimizer": 4}),
        object_message({"kernel": 2, "bias": 3}),
        object_message({}, f"k{VALUE}", "one/kernel"),
        object_message({}, f"b{VALUE}", "one/bias"),
        object_message(children, slots=kept),
        *(
            object_message({}, key, f"mine/{name}")
            for key, name in zip(names, settings, strict=True)
        ),
        *(object_message({}, f"s{at}{VALUE}", "x") for at in range(len(slots))),
    ]
    stored = {f"k{VALUE}": numbers((3, 3), 0), f"b{VALUE}": numbers((3,), 0)}
    stored |= {
        key: np.array(settings[name], "f4") for key, name in zip(names, settings, strict=True)
    }
    for at, (of, _) in enumerate(slots):
        stored[f"s{at}{VALUE}"] = numbers((3, 3) if of == 2 else (3,), 100 * (at + 1))
    return write_bundle(path, stored, tuple(objects))


def keeping(architecture: Path, index: Path, target: Path) -> CombineNetwork:
    return CombineNetwork(
        document=str(architecture), others=(str(index),), target=str(target), with_state=True
    )


def state_of(target: Path) -> tuple[dict[str, object], list[np.ndarray]]:
    """Settings and variables of the optimizer in an archive."""
    with zipfile.ZipFile(target) as archive:
        config = json.loads(archive.read("config.json"))["compile_config"]["optimizer"]
        with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
            stored = file["optimizer/vars"]
            variables = [stored[str(at)][()] for at in range(len(stored))]
    return {"class": config["class_name"], **config["config"]}, variables


def first_of(variables: list[np.ndarray]) -> list[float]:
    return [float(np.asarray(each).reshape(-1)[0]) for each in variables]


def test_adam_of_tensorflow_1_is_kept(one: Path, tmp_path: Path) -> None:
    """How often it stepped is told by the power of its second factor."""
    powers = {"beta1_power": 0.9**201, "beta2_power": 0.999**201}
    index = by_names(tmp_path / "c", "Adam", "Adam_1", **powers)
    target = tmp_path / "made.keras"
    done = merge_here(keeping(one, index, target))
    settings, variables = state_of(target)
    assert settings["class"] == "Adam"
    assert first_of(variables) == [200, pytest.approx(0.001), 100, 200, 100, 200]
    assert [each.shape for each in variables] == [(), (), (3, 3), (3, 3), (3,), (3,)]
    assert "Kept of the optimizer: Adam after 200 steps, for 2 weights." in done.notes
    assert any("learning_rate 0.001" in note for note in done.notes)


def test_settings_of_the_checkpoint_are_kept(one: Path, tmp_path: Path) -> None:
    told = {"iter": 40.0, "learning_rate": 0.25, "beta_1": 0.8, "beta_2": 0.99, "decay": 0.0}
    index = by_objects(tmp_path / "c", told, "m", "v")
    target = tmp_path / "made.keras"
    merge_here(keeping(one, index, target))
    settings, variables = state_of(target)
    assert (settings["beta_1"], settings["beta_2"], settings["learning_rate"]) == (0.8, 0.99, 0.25)
    assert first_of(variables) == [40, 0.25, 100, 300, 200, 400]


def test_kinds_come_one_after_the_other_for_rmsprop(one: Path, tmp_path: Path) -> None:
    told = {"iter": 7.0, "learning_rate": 0.5, "rho": 0.8, "momentum": 0.6}
    index = by_objects(tmp_path / "c", told, "momentum", "rms")
    target = tmp_path / "made.keras"
    merge_here(keeping(one, index, target))
    settings, variables = state_of(target)
    assert (settings["class"], settings["momentum"], settings["rho"]) == ("RMSprop", 0.6, 0.8)
    assert first_of(variables) == [7, 0.5, 300, 400, 100, 200]


def test_momentum_that_rmsprop_of_tensorflow_1_need_not_have_is_not_kept(
    one: Path, tmp_path: Path
) -> None:
    """It writes one whether or not it was told to use it."""
    index = by_names(tmp_path / "c", "RMSProp", "RMSProp_1", global_step=3.0)
    target = tmp_path / "made.keras"
    merge_here(keeping(one, index, target))
    settings, variables = state_of(target)
    assert "momentum" not in settings
    assert first_of(variables) == [3, pytest.approx(0.001), 100, 100]


def test_the_mean_gradient_of_a_centred_rmsprop_of_tensorflow_1_is_its_second(
    one: Path, tmp_path: Path
) -> None:
    index = by_names(tmp_path / "c", "RMSProp", "RMSProp_1", "RMSProp_2", global_step=3.0)
    target = tmp_path / "made.keras"
    merge_here(keeping(one, index, target))
    settings, variables = state_of(target)
    assert settings["centered"] is True
    assert "momentum" not in settings
    assert first_of(variables) == [3, pytest.approx(0.001), 100, 100, 200, 200]


def test_settings_that_no_optimizer_has_are_not_taken(one: Path, tmp_path: Path) -> None:
    told = {"iter": -5.0, "learning_rate": float("nan"), "momentum": 7.0}
    index = by_objects(tmp_path / "c", told, "momentum")
    target = tmp_path / "made.keras"
    merge_here(keeping(one, index, target))
    settings, variables = state_of(target)
    assert (settings["learning_rate"], settings["momentum"]) == (0.01, 0.9)
    assert first_of(variables)[0] == 0


def test_a_weight_without_slots_begins_anew(one: Path, tmp_path: Path) -> None:
    told = {"iter": 7.0, "learning_rate": 0.5, "momentum": 0.6}
    index = by_objects(tmp_path / "c", told, "momentum", n_slots=1)
    target = tmp_path / "made.keras"
    done = merge_here(keeping(one, index, target))
    settings, variables = state_of(target)
    assert settings["class"] == "SGD"
    assert first_of(variables) == [7, 0.5, 100, 0]
    assert any("begins anew for 1 weight" in note for note in done.notes)


def test_state_is_left_out_unless_it_is_wanted(one: Path, tmp_path: Path) -> None:
    index = by_names(tmp_path / "c", "Adam", "Adam_1")
    target = tmp_path / "made.keras"
    done = merge_here(request_of(one, index, target))
    assert "Left out: 4 variables of the optimizer." in done.notes
    with zipfile.ZipFile(target) as archive:
        assert "compile_config" not in json.loads(archive.read("config.json"))


def test_state_is_planned_as_kept(one: Path, tmp_path: Path) -> None:
    index = by_names(tmp_path / "c", "Adam", "Adam_1")
    plan = plan_here(keeping(one, index, tmp_path / "made.keras"))
    assert [part.name for part in plan.kept][-1] == "optimizer state"
    assert not plan.left_out


def test_h5_is_refused_as_keras_reads_no_state_from_it(one: Path, tmp_path: Path) -> None:
    index = by_names(tmp_path / "c", "Adam", "Adam_1")
    with pytest.raises(CannotRead, match=r"reads none from \.h5"):
        merge_here(keeping(one, index, tmp_path / "made.h5"))


@pytest.mark.parametrize("words", [("Momentum",), ("Adadelta", "Adadelta_1"), ("Ftrl", "Ftrl_1")])
def test_what_keras_would_read_otherwise_is_not_kept(
    one: Path, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """MomentumOptimizer multiplies by the learning rate later than Keras does."""
    index = by_names(tmp_path / "c", *words)
    request = MatchWeights(document=str(one), other=str(index))
    found = answer_here(match_weights, request)
    assert isinstance(found, WeightMatches)
    assert (found.state, bool(found.state_problem)) == ("", True)
    with pytest.raises(CannotRead, match="cannot be kept"):
        merge_here(keeping(one, index, tmp_path / "made.keras"))


def test_an_optimizer_of_another_name_is_told_by_what_it_keeps(one: Path, tmp_path: Path) -> None:
    index = by_objects(tmp_path / "c", {"iter": 7.0, "learning_rate": 0.5}, "m", "v")
    done = merge_here(keeping(one, index, tmp_path / "made.keras"))
    assert any("taken for Adam" in note for note in done.notes)


def test_the_match_says_what_could_be_kept(one: Path, tmp_path: Path) -> None:
    index = by_names(tmp_path / "c", "Adam", "Adam_1", global_step=12.0)
    found = answer_here(match_weights, MatchWeights(document=str(one), other=str(index)))
    assert (found.state, found.state_problem) == ("Adam after 12 steps, for 2 weights", "")
