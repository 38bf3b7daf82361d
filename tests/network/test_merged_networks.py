"""What plain Keras answers from merged files is what the mathematics says."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from merged import merge_here, plan_here

from h5viewer.errors import CannotRead
from h5viewer.requests import (
    AverageNetworks,
    ChainNetworks,
    CombineNetwork,
    FreezeLayers,
    JoinNetworks,
)

keras = pytest.importorskip("keras")
layers = keras.layers
pytestmark = pytest.mark.filterwarnings("ignore")  # Keras on its old form and NumPy


def classifier(width: int) -> Any:
    model = keras.Sequential(
        [
            layers.Input((6, 6, 2)),
            layers.Conv2D(width, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(4, activation="softmax"),
        ]
    )
    return shaken(model, width)


def functional() -> Any:
    taken = keras.Input((6, 6, 2), name="picture")
    shared = layers.Dense(3)
    both = layers.Add()([shared(taken), shared(layers.ReLU()(taken))])
    given = layers.Dense(4)(layers.Flatten()(both))
    return shaken(keras.Model(taken, given), 3)


def two_ends(seed: int) -> Any:
    a, b = keras.Input((5,), name="a"), keras.Input((3,), name="b")
    joined = layers.Concatenate()([layers.Dense(4)(a), b])
    outputs = [layers.Dense(2, name="x")(joined), layers.Dense(3, name="y")(joined)]
    return shaken(keras.Model([a, b], outputs), seed)


def shaken(model: Any, seed: int) -> Any:
    random = np.random.default_rng(seed)
    model.set_weights([random.uniform(0.1, 1, each.shape) for each in model.get_weights()])
    return model


def saved(folder: Path, *models: Any, ending: str = "keras") -> list[Path]:
    paths = [folder / f"part{number}.{ending}" for number in range(len(models))]
    for path, model in zip(paths, models, strict=True):
        model.save(path)
    return paths


def merge(kind: Any, paths: list[Path], target: Path, **more: Any) -> Any:
    first, *others = map(str, paths)
    merge_here(kind(document=first, others=tuple(others), target=str(target), **more))
    return keras.saving.load_model(target, compile=False)


def answers(model: Any, *arrays: Any) -> list[Any]:
    found = model(arrays[0] if len(arrays) == 1 else list(arrays))
    return [np.asarray(each) for each in (found if isinstance(found, list) else [found])]


PICTURES = np.random.default_rng(0).normal(size=(3, 6, 6, 2)).astype("f4")


@pytest.mark.parametrize("ending", ["h5", "keras"])
def test_a_mean_of_weights_is_the_network_with_them(ending: str, tmp_path: Path) -> None:
    models = [classifier(4), classifier(4)]
    shaken(models[1], 9)
    paths = saved(tmp_path, *models, ending=ending)
    found = merge(AverageNetworks, paths, tmp_path / f"new.{ending}", shares=(1.0, 3.0))
    expected = classifier(4)
    pairs = zip(models[0].get_weights(), models[1].get_weights(), strict=True)
    expected.set_weights([(a.astype("f8") + 3 * b) / 4 for a, b in pairs])
    assert np.allclose(answers(found, PICTURES)[0], answers(expected, PICTURES)[0], atol=1e-6)


@pytest.mark.parametrize("ending", ["h5", "keras"])
def test_files_of_different_forms_have_a_mean_too(ending: str, tmp_path: Path) -> None:
    models = [classifier(4), classifier(4), classifier(4)]
    for seed, model in enumerate(models):
        shaken(model, seed)
    paths = [tmp_path / "a.h5", tmp_path / "b.keras", tmp_path / "c.keras"]
    for path, model in zip(paths, models, strict=True):
        model.save(path)
    found = merge(AverageNetworks, paths, tmp_path / f"new.{ending}", decay=0.5)
    expected = classifier(4)
    triples = zip(*(model.get_weights() for model in models), strict=True)
    expected.set_weights([(a.astype("f8") + b + 2 * c) / 4 for a, b, c in triples])
    assert np.allclose(answers(found, PICTURES)[0], answers(expected, PICTURES)[0], atol=1e-6)


@pytest.mark.parametrize("ending", ["h5", "keras"])
@pytest.mark.parametrize("shares", [(), (1.0, 3.0, 0.5)])
def test_an_ensemble_answers_with_the_mean(
    ending: str, shares: tuple[float, ...], tmp_path: Path
) -> None:
    models = [classifier(3), functional(), classifier(5)]
    paths = saved(tmp_path, *models, ending=ending)
    found = merge(JoinNetworks, paths, tmp_path / f"new.{ending}", shares=shares)
    each = [answers(model, PICTURES)[0] for model in models]
    expected = np.average(each, axis=0, weights=shares or None)
    assert np.allclose(answers(found, PICTURES)[0], expected, atol=1e-6)


def test_an_ensemble_puts_all_outputs_side_by_side(tmp_path: Path) -> None:
    models = [two_ends(1), two_ends(2)]
    paths = saved(tmp_path, *models)
    found = merge(JoinNetworks, paths, tmp_path / "new.keras", how="concatenate")
    arrays = np.ones((2, 5), "f4"), np.ones((2, 3), "f4")
    each = [answers(model, *arrays) for model in models]
    for n, given in enumerate(answers(found, *arrays)):
        assert np.allclose(given, np.concatenate([each[0][n], each[1][n]], -1), atol=1e-6)


@pytest.mark.parametrize("ending", ["h5", "keras"])
def test_a_chain_answers_with_the_composition(ending: str, tmp_path: Path) -> None:
    head = shaken(keras.Sequential([layers.Input((4,)), layers.Dense(3)]), 5)
    last = shaken(keras.Sequential([layers.Input((None,)), layers.Activation("tanh")]), 6)
    models = [functional(), head, last]
    found = merge(
        ChainNetworks, saved(tmp_path, *models, ending=ending), tmp_path / f"new.{ending}"
    )
    expected = PICTURES
    for model in models:
        expected = answers(model, expected)[0]
    assert np.allclose(answers(found, PICTURES)[0], expected, atol=1e-6)


def test_a_network_merged_with_itself_and_merged_again(tmp_path: Path) -> None:
    """Names never clash, also not with those of an earlier merging."""
    model = functional()
    path = saved(tmp_path, model)[0]
    target = tmp_path / "new.keras"
    merge(JoinNetworks, [path, path], target)
    found = merge(JoinNetworks, [target, path, target], tmp_path / "again.keras")
    assert np.allclose(answers(found, PICTURES)[0], answers(model, PICTURES)[0], atol=1e-6)


@pytest.mark.parametrize("ending", ["h5", "keras"])
def test_members_are_called_as_they_take_it_and_named_after_what_differs(
    ending: str, tmp_path: Path
) -> None:
    paths = [tmp_path / f"net.{epoch}-0.5.{ending}" for epoch in ("01", "12")]
    for path in paths:
        functional().save(path)
    target = tmp_path / f"both.{ending}"
    merge(JoinNetworks, paths, target)
    new = keras.saving.load_model(target)
    assert {"net_01_0_5", "net_12_0_5"} <= {layer.name for layer in new.layers}
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="[\\s\\S]*structure of `inputs`")
        new.predict(np.zeros((1, 6, 6, 2), "float32"), verbose=0)


def test_quantized_networks_have_no_mean_in_another_form_either(tmp_path: Path) -> None:
    models = [keras.Sequential([layers.Input((8,)), layers.Dense(4)]) for _ in range(2)]
    for model in models:
        model.quantize("int8")
    paths = saved(tmp_path, *models, ending="h5")
    with pytest.raises(CannotRead, match=r"/kernel of part0.h5 is stored as int8"):
        merge(AverageNetworks, paths, tmp_path / "new.keras")
    assert not (tmp_path / "new.keras").exists()


def test_what_is_written_anew_says_what_became_of_training_and_statistics(tmp_path: Path) -> None:
    models = [classifier(4), classifier(4)]
    for model in models:
        model.compile("adam", "mse")
        model.fit(PICTURES, np.zeros((3, 4)), verbose=0)
    first, second = map(str, saved(tmp_path, *models, ending="h5"))
    left_out = "Optimizer state is left out; further training begins by compiling the network."
    target = str(tmp_path / "new.keras")
    mean = AverageNetworks(document=first, others=(second,), target=target)
    for request in (
        mean,
        CombineNetwork(document=first, others=(second,), target=target),
        FreezeLayers(document=first, target=target, frozen=("conv*",)),
    ):
        plan, done = plan_here(request), merge_here(request)
        assert plan.notes == done.notes
        assert left_out in done.notes
    told = merge_here(mean).notes
    assert any("2 running means and variances" in note for note in told)
    assert not any("cannot be averaged" in note for note in told)
