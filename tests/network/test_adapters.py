"""Networks trained by adapters (LoRA): what Keras merges when it answers is merged here, too."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

keras = pytest.importorskip("keras")

from exported import export_here  # noqa: E402
from keras_files import answers, difference, loaded  # noqa: E402
from merged import plan_here  # noqa: E402

from h5viewer.network.random_samples import largest_difference, random_batches  # noqa: E402
from h5viewer.requests import (  # noqa: E402
    AverageNetworks,
    ConvertNetwork,
    FreezeLayers,
    RenameLayers,
)

L = keras.layers

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5:UserWarning"),
]

CLOSE = 1e-5


def adapted(*, trainable: bool = True) -> Any:
    """Each kind of layer that takes adapters, with ones that have learnt something."""
    inputs = keras.Input((6,), dtype="int32")
    x = L.Embedding(9, 4, name="words")(inputs)
    x = L.Conv1D(5, 2, name="pairs")(x)
    x = L.EinsumDense("abc,cd->abd", (None, 4), name="turned")(x)
    model = keras.Model(inputs, L.Dense(3, name="end")(L.Dense(4, name="wide")(x)))
    for name, rank, alpha in (("words", 2, 4), ("pairs", 2, 2), ("turned", 3, 1), ("wide", 2, 6)):
        model.get_layer(name).enable_lora(rank, lora_alpha=alpha)
    for variable in model.weights:
        variable.assign(keras.random.uniform(variable.shape, -1, 1, seed=len(variable.path)))
    model.trainable = trainable
    return model


@pytest.mark.parametrize("trainable", [True, False])
@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_a_network_with_adapters_answers_as_it_did(
    suffix: str, trainable: bool, tmp_path: Path
) -> None:
    model = adapted(trainable=trainable)
    path = tmp_path / f"adapted.{suffix}"
    model.save(path)
    network = loaded(path)
    assert difference(network, model) < CLOSE
    told = {finding.layer: finding for finding in network.findings}
    assert set(told) == {"words", "pairs", "turned", "wide"}
    assert "LoRA, rank 3" in told["turned"].message
    assert "answers the same" in told["turned"].repair


@pytest.mark.parametrize("suffix", ["h5", "keras"])
def test_adapters_go_into_the_weights_of_what_is_written(suffix: str, tmp_path: Path) -> None:
    model = adapted()
    source, target = tmp_path / f"adapted.{suffix}", tmp_path / "new.h5"
    model.save(source)
    for request in (
        ConvertNetwork(document=str(source), target=str(target)),
        FreezeLayers(document=str(source), target=str(target), frozen=("wide",)),
    ):
        export_here(request)
        new = keras.saving.load_model(target, compile=False)
        batches = random_batches(model)
        assert largest_difference(answers(new, batches), answers(model, batches)) < CLOSE


def test_a_mean_says_whether_adapters_are_averaged_or_added_before(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("one.h5", "two.h5")]
    for path in paths:
        adapted().save(path)
    for suffix, said in (("h5", "averaged each by itself"), ("keras", "before the mean is taken")):
        request = AverageNetworks(
            document=str(paths[0]), others=(str(paths[1]),), target=str(tmp_path / f"new.{suffix}")
        )
        told = [note for note in plan_here(request).notes if "(LoRA) of 4 layers" in note]
        assert len(told) == 1
        assert said in told[0]


def test_adapters_of_an_archive_stay_where_a_layer_is_only_renamed(tmp_path: Path) -> None:
    model = adapted()
    source, target = tmp_path / "adapted.keras", tmp_path / "new.keras"
    model.save(source)
    names = (("wide", "broad"), ("words", "terms"))
    done = export_here(RenameLayers(document=str(source), target=str(target), names=names))
    assert not any("repaired" in note for note in done.notes)
    new = keras.saving.load_model(target, compile=False)
    assert new.get_layer("broad").lora_rank == 2
    assert len(new.trainable_weights) == len(model.trainable_weights)
    batches = random_batches(model)
    assert largest_difference(answers(new, batches), answers(model, batches)) < CLOSE
