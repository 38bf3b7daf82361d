"""What speaks for a recipe counts as far as it goes: not what was frozen or fits nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from asking_networks import answered, opened

from h5viewer.network.evidence.architectures import known_architecture
from h5viewer.network.evidence.clues import about, in_words
from h5viewer.network.evidence.deeper_memory import deeper_memory
from h5viewer.network.evidence.later_statistics import later_statistics
from h5viewer.network.evidence.scenes import scenes
from h5viewer.network.loaded import loaded
from h5viewer.network.loading import load_network
from h5viewer.network.recipes import CAFFE, RAW, STANDARD, SYMMETRIC, UNIT, to_batch
from h5viewer.nodes import LoadedNetwork, NetworkInput, Recipe
from h5viewer.requests import Consent, LoadNetwork

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

L = keras.layers
SIDE = 32
TARGET = NetworkInput(
    name="x",
    shape=(None, SIDE, SIDE, 3),
    dtype="float32",
    kind="picture",
    layout="rows-columns-channels",
    rows=SIDE,
    columns=SIDE,
    channels=3,
)


def batch_by(recipe: Recipe) -> np.ndarray:
    return np.concatenate([to_batch(scene, recipe, TARGET) for scene in scenes()])


def told(path: Path) -> LoadedNetwork:
    with opened(path) as (container,):
        found, _, _ = answered(load_network(LoadNetwork(document=str(path)), container))
    assert isinstance(found, LoadedNetwork)
    return found


def normalized(remembered: Recipe, *more: Any, trainable: bool = True) -> Any:
    """A convolution and a batch normalization that remembers pixels by a recipe."""
    keras.utils.set_random_seed(3)
    convolution = L.Conv2D(12, 3, padding="same", trainable=trainable)
    norm = L.BatchNormalization(trainable=trainable)
    layers = [convolution, norm, L.Activation("relu"), L.GlobalAveragePooling2D(), *more]
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), *layers, L.Dense(2, "softmax")])
    outputs = np.asarray(convolution(batch_by(remembered)))
    norm.moving_mean.assign(outputs.mean(axis=(0, 1, 2)))
    norm.moving_variance.assign(outputs.var(axis=(0, 1, 2)))
    return model


def trained(model: Any, recipe: Recipe, steps: int) -> Any:
    model.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy")
    batch = batch_by(recipe)
    for _ in range(steps):
        model.train_on_batch(batch, np.arange(len(batch)) % 2)
    return model


def test_what_a_frozen_base_remembers_gives_way_to_what_was_trained(tmp_path: Path) -> None:
    """Its statistics are those of another training, by −1 to 1; this one was by 0 to 255."""
    model = normalized(SYMMETRIC, L.Dense(6), trainable=False)
    trained(model, RAW, 6).save(tmp_path / "a.keras")
    found = told(tmp_path / "a.keras")
    assert found.recipes[0].name == "raw"
    frozen = [each for each in found.evidence if "left as it was" in each.message]
    assert [each.recipe for each in frozen] == ["symmetric"]
    assert frozen[0].weight < 0.5


def blotches() -> list[np.ndarray]:
    """Coloured pictures of another sort than those that are made up for the network."""
    patches = np.random.default_rng(7).integers(0, 256, (20, 4, 4, 3), np.uint8)
    return list(patches.repeat(SIDE // 4, axis=1).repeat(SIDE // 4, axis=2))


def bent(recipe: Recipe, *, trainable: bool = True) -> Any:
    """A batch normalization behind an activation alone remembers pixels by a recipe."""
    keras.utils.set_random_seed(5)
    first = L.Conv2D(16, 3, activation="relu")
    norm = L.BatchNormalization(trainable=trainable)
    layers = [first, norm, L.GlobalAveragePooling2D(), L.Dense(2, "softmax")]
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), *layers])
    batch = np.concatenate([to_batch(picture, recipe, TARGET) for picture in blotches()])
    outputs = np.asarray(first(batch))
    norm.moving_mean.assign(outputs.mean(axis=(0, 1, 2)))
    norm.moving_variance.assign(outputs.var(axis=(0, 1, 2)))
    return model


@pytest.mark.parametrize("recipe", [UNIT, RAW, SYMMETRIC, CAFFE], ids=lambda each: each.name)
def test_statistics_behind_an_activation_tell_the_scale_without_an_optimizer(
    recipe: Recipe, tmp_path: Path
) -> None:
    """−1 to 1 and ImageNet's means were found by Probe alone."""
    bent(recipe).save(tmp_path / "a.keras")
    found = told(tmp_path / "a.keras")
    assert found.recipes[0].name == recipe.name
    (clue,) = [each for each in found.evidence if "remembers numbers as" in each.message]
    assert clue.recipe == recipe.name


def test_statistics_of_a_frozen_layer_are_those_of_another_training() -> None:
    assert later_statistics(bent(SYMMETRIC, trainable=False), TARGET, None) == []


def test_batch_normalization_that_hardly_moved_counts_for_little(tmp_path: Path) -> None:
    model = normalized(RAW)
    model.layers[1].momentum = 0.999
    trained(model, UNIT, 3).save(tmp_path / "a.keras")
    (clue,) = [each for each in told(tmp_path / "a.keras").evidence if "Batch" in each.message]
    assert "after no more than 3 steps" in clue.message
    assert clue.weight < 0.01


def test_statistics_of_a_network_that_was_compiled_anew_and_saved_count_in_full(
    tmp_path: Path,
) -> None:
    """Its optimizer counted no step: they are those of the training before."""
    model = normalized(RAW)
    model.compile("adam", "sparse_categorical_crossentropy")
    model.save(tmp_path / "a.keras")
    found = told(tmp_path / "a.keras")
    assert found.recipes[0].name == "raw"
    (clue,) = [each for each in found.evidence if "Batch" in each.message]
    assert clue.weight > 0.5
    assert "steps" not in clue.message


@pytest.mark.parametrize("recipe", [UNIT, RAW, SYMMETRIC])
def test_few_steps_of_training_tell_the_scale(recipe: Recipe, tmp_path: Path) -> None:
    """More than half of what it keeps is the mean of 0 and the variance of 1 it began with."""
    layers = [L.BatchNormalization(), L.Conv2D(4, 3), L.Flatten(), L.Dense(2, "softmax")]
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), *layers])
    trained(model, recipe, 60).save(tmp_path / "a.keras")
    found = told(tmp_path / "a.keras")
    assert found.recipes[0].name == recipe.name
    (clue,) = [each for each in found.evidence if "Batch" in each.message]
    assert clue.recipe == recipe.name


@pytest.mark.parametrize("recipe", [UNIT, RAW])
def test_known_network_that_was_trained_anew_for_few_steps_is_fed_as_it_was(
    recipe: Recipe, tmp_path: Path
) -> None:
    """200 steps bring batch normalization of this momentum a fifth of the way from 0 and 1."""
    shape = (SIDE, SIDE, 3)
    keras.utils.set_random_seed(4)
    base = keras.applications.MobileNetV2(shape, 0.35, include_top=False, weights=None)
    model = keras.Sequential([base, L.GlobalAveragePooling2D(), L.Dense(2, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    model.optimizer.iterations.assign(200)
    norm = base.get_layer("bn_Conv1")
    outputs = np.asarray(base.get_layer("Conv1")(batch_by(recipe)))
    reached = 1 - norm.momentum**200
    norm.moving_mean.assign(reached * outputs.mean(axis=(0, 1, 2)))
    norm.moving_variance.assign(1 - reached + reached * outputs.var(axis=(0, 1, 2)))
    model.save(tmp_path / "a.keras")
    found = told(tmp_path / "a.keras")
    assert found.recipes[0].name == recipe.name
    assert any("MobileNet V2" in each.message for each in found.evidence)


def test_scaling_of_each_channel_by_itself_is_found(tmp_path: Path) -> None:
    """As `Normalization.adapt` makes it; shades of grey come in another order at each channel."""
    norm = L.Normalization(mean=(118.0, 110.0, 95.0), variance=(3000.0, 5200.0, 4100.0))
    layers = [norm, L.Conv2D(2, 3), L.Flatten(), L.Dense(2, "softmax")]
    keras.Sequential([keras.Input((SIDE, SIDE, 3)), *layers]).save(tmp_path / "a.keras")
    found = told(tmp_path / "a.keras")
    assert found.recipes[0].name == "raw"
    assert "itself turns pixels" in found.evidence[0].message


def test_scaling_before_a_padded_rim_is_found(tmp_path: Path) -> None:
    """ResNet and DenseNet pad first: their rim was taken for the middle, so nothing was seen."""
    layers = [L.Rescaling(1 / 127.5, -1), L.ZeroPadding2D(3), L.Conv2D(4, 7, 2, name="conv1_conv")]
    named = [L.Conv2D(4, 1, name="conv2_block1_1_conv"), L.Flatten(), L.Dense(2, "softmax")]
    keras.Sequential([keras.Input((SIDE, SIDE, 3)), *layers, *named]).save(tmp_path / "a.keras")
    found = told(tmp_path / "a.keras")
    assert found.recipes[0].name == "raw"
    assert [each.message for each in found.evidence] == [
        "The network itself turns pixels from 0 to 255 into −1 to 1 before its first layer."
    ]


@pytest.mark.parametrize(
    ("name", "scale"),
    [
        ("MobileNetV3Small", "symmetric"),
        ("EfficientNetV2B0", "symmetric"),
        ("ConvNeXtTiny", "torch"),
    ],
)
def test_known_network_without_its_own_scaling_is_fed_as_its_authors_do(
    name: str, scale: str
) -> None:
    """Source: keras.applications, what is said of `include_preprocessing`."""
    make = getattr(keras.applications, name)
    base = make(
        include_preprocessing=False, include_top=False, weights=None, input_shape=(64, 64, 3)
    )
    layers = [keras.Input((64, 64, 3)), base, L.GlobalAveragePooling2D(), L.Dense(2)]
    (clue,) = known_architecture(keras.Sequential(layers), 2)
    assert clue.votes == {scale: 1.0}


def test_standardized_pictures_are_remembered_and_named(tmp_path: Path) -> None:
    model = normalized(STANDARD)
    model.save(tmp_path / "a.keras")
    (clue,) = [each for each in told(tmp_path / "a.keras").evidence if "Batch" in each.message]
    assert "each picture's own mean and deviation" in clue.message


def test_memory_that_fits_no_scale_is_no_evidence(tmp_path: Path) -> None:
    """Here pixels were twenty times as large as any scale makes them."""
    small = keras.initializers.RandomNormal(stddev=0.02, seed=1)
    base = L.Conv2D(8, 3, trainable=False, kernel_initializer=small)
    layers = [base, L.GlobalAveragePooling2D(), L.Dense(6), L.Dense(2, "softmax")]
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), *layers])
    path = tmp_path / "a.keras"
    trained(model, Recipe(factor=20.0), 4).save(path)
    with opened(path) as (container,):
        network, _, _ = answered(loaded(container, Consent()))
        clues, _, _ = answered(deeper_memory(container, network, TARGET))
    assert clues == []


def test_scales_that_are_as_likely_are_named_together() -> None:
    assert in_words({"unit": 0.9, "raw": 0.05, "symmetric": 0.05}) == "0 to 1"
    words = in_words({"unit": 0.2, "standard": 0.7, "torch": 0.1})
    assert words == (
        "each picture's own mean and deviation (perhaps 0 to 1 or ImageNet mean and deviation)"
    )


def test_numbers_are_told_without_powers_of_ten() -> None:
    assert [about(each) for each in (114.2, 0.4321, 2048.0)] == ["110", "0.43", "2,000"]


def test_standardized_picture_is_that_of_tensorflow() -> None:
    import tensorflow as tf

    picture = scenes()[0][:SIDE, :SIDE]
    theirs = tf.image.per_image_standardization(picture.astype(np.float32))
    assert to_batch(picture, STANDARD, TARGET)[0] == pytest.approx(np.asarray(theirs), abs=1e-4)
    flat = np.full((SIDE, SIDE, 3), 77, np.uint8)
    assert not to_batch(flat, STANDARD, TARGET).any()


@pytest.mark.parametrize(
    "first",
    [
        lambda: L.LSTM(16),
        lambda: L.GRU(16),
        lambda: L.GRU(16, reset_after=False),
        lambda: L.SimpleRNN(16),
        lambda: L.Bidirectional(L.LSTM(16)),
    ],
    ids=["LSTM", "GRU", "GRU of before", "SimpleRNN", "Bidirectional"],
)
@pytest.mark.parametrize("recipe", [UNIT, RAW])
def test_rows_of_a_picture_read_one_after_the_other_tell_the_scale(
    first: Any, recipe: Recipe, tmp_path: Path
) -> None:
    keras.utils.set_random_seed(2)
    model = keras.Sequential([keras.Input((96, 96)), first(), L.Dense(2, "softmax")])
    model.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy")
    batch = np.stack([scene[..., 1] for scene in scenes()]) * recipe.factor
    for _ in range(6):
        model.train_on_batch(batch, np.arange(len(batch)) % 2)
    model.save(tmp_path / "a.keras")
    found = told(tmp_path / "a.keras")
    assert found.recipes[0].name == recipe.name
    assert "gradients of the first layer" in found.evidence[0].message


def test_patches_of_any_colours_are_no_photographs_and_tell_their_deviation_all_the_same(
    tmp_path: Path,
) -> None:
    """Their channels have nothing in common: taken for photographs they come to another one."""
    keras.utils.set_random_seed(3)
    convolution = L.Conv2D(32, 3, padding="valid")
    norm = L.BatchNormalization()
    layers = [convolution, norm, L.Activation("relu"), L.GlobalAveragePooling2D(), L.Dense(2)]
    model = keras.Sequential([keras.Input((SIDE, SIDE, 3)), *layers])
    # Filters that have learnt edges hardly see what is the same all around.
    kernel = np.random.default_rng(5).normal(size=(3, 3, 3, 32))
    kernel -= 0.9 * kernel.mean(axis=(0, 1), keepdims=True)
    convolution.set_weights([kernel, np.zeros(32)])
    batch = np.concatenate([to_batch(each, STANDARD, TARGET) for each in blotches()])
    outputs = np.asarray(convolution(batch))
    norm.moving_mean.assign(outputs.mean(axis=(0, 1, 2)))
    norm.moving_variance.assign(outputs.var(axis=(0, 1, 2)))
    model.save(tmp_path / "a.keras")
    found = told(tmp_path / "a.keras")
    (clue,) = [each for each in found.evidence if "Batch" in each.message]
    deviation = float(clue.message.split("deviation ")[1].split(",")[0])
    assert 0.85 < deviation < 1.15
    assert found.recipes[0].name in ("standard", "torch")
