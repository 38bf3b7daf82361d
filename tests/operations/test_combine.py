"""Architecture and weights of two files: which layer takes which, what the others begin with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from merged import answer_here, merge_here, plan_here
from small_files import make_keras_archive, make_keras_h5, make_weights_h5

from h5viewer.documents.initial_values import initial_values
from h5viewer.errors import CannotRead, CannotWrite, H5ViewerError
from h5viewer.nodes import WeightMatches
from h5viewer.operations.combine import match_weights
from h5viewer.requests import CombineNetwork, MatchWeights


def dense(name: str, units: int, **more: Any) -> dict[str, Any]:
    return {"class_name": "Dense", "config": {"name": name, "units": units, **more}}


def write_architecture(path: Path, *layers: dict[str, Any], version: str = "3.9.0") -> Path:
    first = {"class_name": "InputLayer", "config": {"name": "first", "batch_shape": [None, 3]}}
    config = {"name": "made", "layers": [first, *layers]}
    whole = {"class_name": "Sequential", "config": config, "keras_version": version}
    path.write_text(json.dumps(whole))
    return path


def write_weights(path: Path, **shapes: tuple[int, ...]) -> Path:
    """Dense layers of these sizes, as a legacy file of weights; kernels count from 0."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array(list(shapes), dtype="S")
        file.attrs["keras_version"] = "3.9.0"
        for number, (name, shape) in enumerate(shapes.items()):
            group = file.create_group(name)
            group.attrs["weight_names"] = np.array([b"x/kernel", b"x/bias"], dtype="S")
            group["x/kernel"] = np.full(shape, number, "f4")
            group["x/bias"] = np.full(shape[1], 10 + number, "f4")
    return path


def matches(a: Path, b: Path, *pairs: tuple[str, str]) -> WeightMatches:
    found = answer_here(match_weights, MatchWeights(document=str(a), other=str(b), pairs=pairs))
    assert isinstance(found, WeightMatches)
    return found


def told(found: WeightMatches) -> list[tuple[str, str, str]]:
    return [(match.layer, match.source, match.basis) for match in found.matches]


def request_of(a: Path, b: Path, target: Path, **more: Any) -> CombineNetwork:
    return CombineNetwork(document=str(a), others=(str(b),), target=str(target), **more)


def kernel(path: Path, name: str) -> Any:
    with h5py.File(path) as file:
        return file[f"model_weights/{name}/{name}/kernel"][...]


@pytest.fixture
def architecture(tmp_path: Path) -> Path:
    return write_architecture(tmp_path / "net.json", dense("a", 4), dense("b", 4), dense("head", 2))


def test_layers_take_the_weights_of_their_names(architecture: Path, tmp_path: Path) -> None:
    weights = write_weights(tmp_path / "w.h5", a=(3, 4), b=(4, 4), head=(4, 2))
    found = matches(architecture, weights)
    assert told(found) == [(name, name, "name") for name in ("a", "b", "head")]
    assert not found.keeps_values
    done = merge_here(request_of(architecture, weights, tmp_path / "new.h5"))
    assert done.n_weights == done.n_identical == 6
    assert [kernel(tmp_path / "new.h5", name)[0, 0] for name in ("a", "b", "head")] == [0, 1, 2]
    assert done.notes == ("All 3 layers with weights take those of w.h5.",)


def test_of_those_left_over_shapes_and_order_decide(architecture: Path, tmp_path: Path) -> None:
    weights = write_weights(tmp_path / "w.h5", b=(4, 4), x=(3, 4), y=(4, 5), z=(4, 2))
    found = matches(architecture, weights)
    assert told(found) == [("a", "x", "shape"), ("b", "b", "name"), ("head", "z", "shape")]
    done = merge_here(request_of(architecture, weights, tmp_path / "new.h5"))
    assert "Not used of w.h5: y." in done.notes
    assert any("in their order: a, head." in note for note in done.notes)


def test_the_users_pairs_come_first(architecture: Path, tmp_path: Path) -> None:
    weights = write_weights(tmp_path / "w.h5", a=(3, 4), b=(4, 4), head=(4, 2), c=(4, 4))
    pairs = (("b", "c"), ("head", ""))
    found = matches(architecture, weights, *pairs)
    assert told(found) == [("a", "a", "name"), ("b", "c", "hand"), ("head", "", "hand")]
    done = merge_here(request_of(architecture, weights, tmp_path / "new.h5", pairs=pairs))
    assert kernel(tmp_path / "new.h5", "b")[0, 0] == 3
    assert "2 of 3 layers with weights take those of w.h5; the others begin anew: head." in (
        done.notes
    )


def test_a_pair_that_does_not_fit_says_why_and_is_not_written(
    architecture: Path, tmp_path: Path
) -> None:
    weights = write_weights(tmp_path / "w.h5", a=(3, 4), b=(4, 4), head=(4, 2))
    why = r"Its kernel is \(4, 4\), in “a” \(3, 4\)\."
    problem = matches(architecture, weights, ("b", "a")).matches[1].problem
    assert problem == why.replace("\\", "")
    for run in (plan_here, merge_here):
        with pytest.raises(CannotRead, match=f"“b” cannot take the weights of “a”. {why}"):
            run(request_of(architecture, weights, tmp_path / "new.h5", pairs=(("b", "a"),)))


@pytest.mark.parametrize("pair", [("nothing", "a"), ("a", "nothing")])
def test_pairs_of_unknown_names_are_refused(
    pair: tuple[str, str], architecture: Path, tmp_path: Path
) -> None:
    weights = write_weights(tmp_path / "w.h5", a=(3, 4))
    with pytest.raises(CannotRead, match="has no layer “nothing”"):
        matches(architecture, weights, pair)


def test_layers_of_json_without_a_match_begin_by_their_initializers(tmp_path: Path) -> None:
    ones = {"class_name": "Ones", "config": {}}
    architecture = write_architecture(
        tmp_path / "net.json", dense("a", 4), dense("head", 2, bias_initializer=ones)
    )
    weights = write_weights(tmp_path / "w.h5", a=(3, 4))
    merge_here(request_of(architecture, weights, tmp_path / "new.h5"))
    begun = kernel(tmp_path / "new.h5", "head")
    assert begun.shape == (4, 2)
    assert 0 < np.abs(begun).max() <= 1, "Glorot: up to the root of 6 / (4 + 2)"
    with h5py.File(tmp_path / "new.h5") as file:
        assert file["model_weights/head/head/bias"][...].tolist() == [1, 1]


def test_layers_of_a_model_without_a_match_keep_their_values(tmp_path: Path) -> None:
    model = make_keras_h5(tmp_path / "model.h5")
    weights = write_weights(tmp_path / "w.h5", dense=(4, 2))
    found = matches(model, weights)
    assert found.keeps_values
    assert told(found) == [("conv", "", ""), ("dense", "dense", "name")]
    plan = plan_here(request_of(model, weights, tmp_path / "new.h5"))
    assert [part.name for part in plan.kept] == ["weights of w.h5", "weights kept"]
    done = merge_here(request_of(model, weights, tmp_path / "new.h5"))
    assert done.notes == plan.notes
    with h5py.File(model) as old:
        assert np.array_equal(
            kernel(tmp_path / "new.h5", "conv"), old["model_weights/conv/conv/kernel:0"][...]
        )
    assert (kernel(tmp_path / "new.h5", "dense") == 0).all()


def test_weights_of_every_kind_of_file_are_taken(tmp_path: Path) -> None:
    model = make_keras_h5(tmp_path / "model.h5")
    other = make_keras_h5(tmp_path / "other.h5")
    with h5py.File(other, "r+") as file:
        file["model_weights/dense/dense/bias:0"][...] = 7
    alone = make_weights_h5(tmp_path / "alone.h5")
    numbered = tmp_path / "x.weights.h5"
    with h5py.File(numbered, "w") as file:
        for group, kernel_shape, n in (("conv2d", (3, 3, 3, 4), 4), ("dense", (4, 2), 2)):
            file[f"layers/{group}/vars/0"] = np.ones(kernel_shape, "f4")
            file[f"layers/{group}/vars/1"] = np.ones(n, "f4")
    for weights in (other, alone, numbered):
        found = matches(model, weights)
        assert all(match.source and not match.problem for match in found.matches), weights.name
        done = merge_here(request_of(model, weights, tmp_path / "new.keras"))
        assert done.n_weights == 4


def test_weights_without_an_architecture_are_planned_for(tmp_path: Path) -> None:
    weights = tmp_path / "x.weights.h5"
    with h5py.File(weights, "w") as file:
        file["layers/dense/vars/0"], file["layers/dense/vars/1"] = np.ones((3, 2)), np.ones(2)
    architecture = write_architecture(tmp_path / "a.json", dense("dense", 2))
    plan = plan_here(request_of(architecture, weights, tmp_path / "new.keras"))
    assert plan.kept
    assert not plan.left_out


def test_weights_of_a_network_that_cannot_be_written_are_taken(
    architecture: Path, tmp_path: Path
) -> None:
    """It does not say what it is fed, or holds code: its weights are what is wanted."""
    other = make_keras_archive(tmp_path / "other.keras")
    assert told(matches(architecture, other))[2] == ("head", "dense", "shape")


def test_a_text_of_a_text_is_json_too(architecture: Path, tmp_path: Path) -> None:
    """`json.dump(model.to_json())`, as many programs write it."""
    twice = tmp_path / "twice.json"
    twice.write_text(json.dumps(architecture.read_text()))
    weights = write_weights(tmp_path / "w.h5", a=(3, 4))
    assert told(matches(twice, weights))[0] == ("a", "a", "name")


def broken(path: Path) -> Path:
    path.write_text('{"class_name": ')
    return path


def no_network(path: Path) -> Path:
    path.write_text('{"some": "thing"}')
    return path


@pytest.mark.parametrize(
    ("make", "sentence"),
    [(broken, "is no readable JSON"), (no_network, "No network could be made of bad.json")],
)
def test_json_that_is_no_architecture_is_refused(make: Any, sentence: str, tmp_path: Path) -> None:
    weights = write_weights(tmp_path / "w.h5", a=(3, 4))
    with pytest.raises(H5ViewerError, match=sentence):
        matches(make(tmp_path / "bad.json"), weights)


def test_what_fits_nowhere_is_refused(architecture: Path, tmp_path: Path) -> None:
    other = write_weights(tmp_path / "other.h5", x=(9, 9))
    target = tmp_path / "new.h5"
    for run in (plan_here, merge_here):
        with pytest.raises(CannotRead, match=r"No layer of net\.json takes weights of other"):
            run(request_of(architecture, other, target))
    with pytest.raises(CannotRead, match=r"net\.json holds an architecture without weights"):
        merge_here(request_of(architecture, architecture, target))
    weights = write_weights(tmp_path / "w.h5", a=(3, 4))
    with pytest.raises(CannotRead, match=r"w\.h5 holds weights and no architecture"):
        merge_here(request_of(weights, weights, target))
    with pytest.raises(CannotWrite, match=r"ends in \.h5 or \.keras"):
        raise_target(architecture, weights, tmp_path / "new.weights.h5")


def raise_target(architecture: Path, weights: Path, target: Path) -> None:
    try:
        merge_here(request_of(architecture, weights, target))
    except CannotWrite as error:
        raise CannotWrite(f"{error.message} {error.hint}") from error


@pytest.mark.parametrize(
    ("class_name", "arguments", "mean", "deviation"),
    [
        ("GlorotUniform", {}, 0, (2 / 300) ** 0.5),
        ("HeNormal", {}, 0, (2 / 100) ** 0.5),
        ("LecunUniform", {}, 0, (1 / 100) ** 0.5),
        ("RandomNormal", {"mean": 1.0, "stddev": 0.5}, 1, 0.5),
        ("RandomUniform", {"minval": 0.0, "maxval": 1.0}, 0.5, (1 / 12) ** 0.5),
        ("VarianceScaling", {"scale": 4.0, "mode": "fan_out"}, 0, (4 / 200) ** 0.5),
        ("Orthogonal", {}, 0, (1 / 200) ** 0.5),
        ("Constant", {"value": 3.0}, 3, 0),
    ],
)
def test_initializers_are_those_of_keras(
    class_name: str, arguments: dict[str, Any], mean: float, deviation: float
) -> None:
    config = {"kernel_initializer": {"class_name": class_name, "config": arguments}}
    made = initial_values("Dense", config, "kernel", (100, 200), seed=1)
    values = np.concatenate(list(made.pieces()))
    assert values.shape == (20_000,)
    assert values.mean() == pytest.approx(mean, abs=0.02)
    assert values.std() == pytest.approx(deviation, rel=0.05)
    assert np.array_equal(values, np.concatenate(list(made.pieces()))), "the same each time"


def test_an_orthogonal_matrix_is_one() -> None:
    config = {"recurrent_initializer": {"class_name": "Orthogonal", "config": {}}}
    made = initial_values("LSTM", config, "cell/recurrent_kernel", (8, 32), seed=1)
    values = np.concatenate(list(made.pieces())).reshape(8, 32)
    assert np.allclose(values @ values.T, np.eye(8), atol=1e-5)
