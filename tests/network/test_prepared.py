"""What a loaded network takes and says, and which recipe its file speaks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from asking_networks import answered, opened

from h5viewer.network.evidence.architectures import known_architecture
from h5viewer.network.evidence.scenes import scenes
from h5viewer.network.evidence.strokes import drawn_digits
from h5viewer.network.inputs import describe_inputs
from h5viewer.network.loaded import loaded
from h5viewer.network.loading import load_network
from h5viewer.network.outputs import answer, describe_outputs
from h5viewer.network.prepared import prepared
from h5viewer.network.recipes import CAFFE, RAW, SYMMETRIC, TORCH, UNIT, on_dark, to_batch
from h5viewer.nodes import LoadedNetwork, NetworkInput, NetworkOutput, Recipe
from h5viewer.requests import Consent, LoadNetwork

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

L = keras.layers


def model_of(shape: tuple[int | None, ...], *layers: Any) -> Any:
    return keras.Sequential([keras.Input(shape), *layers])


def saved(model: Any, path: Path) -> LoadedNetwork:
    """What is told of it after it was saved and loaded."""
    model.save(path)
    with opened(path) as (container,):
        found, _, _ = answered(load_network(LoadNetwork(document=str(path)), container))
    assert isinstance(found, LoadedNetwork)
    return found


# ------------------------------------------------------------------------------ inputs


@pytest.mark.parametrize(
    ("shape", "layers", "kind", "layout", "sizes"),
    [
        ((28, 28, 1), (L.Flatten(),), "picture", "rows-columns-channels", (28, 28, 1)),
        ((None, None, 3), (L.Conv2D(1, 3),), "picture", "rows-columns-channels", (0, 0, 3)),
        ((3, 32, 48), (L.Flatten(),), "picture", "channels-rows-columns", (32, 48, 3)),
        ((28, 28), (L.Flatten(),), "picture", "rows-columns", (28, 28, 1)),
        ((28, 28), (L.LSTM(2),), "picture", "rows-columns", (28, 28, 1)),
        ((784,), (L.Dense(2),), "picture", "flat", (28, 28, 1)),
        ((3072,), (L.Dense(2),), "picture", "flat", (32, 32, 3)),
        ((16, 16), (L.Conv1D(2, 3),), "values", "", (0, 0, 0)),
        ((28, 28), (L.Conv1D(2, 3),), "picture", "rows-columns", (28, 28, 1)),
        # What the network makes of it first says more than its size.
        ((64,), (L.Reshape((8, 8, 1)),), "picture", "flat", (8, 8, 1)),
        ((3072,), (L.Reshape((48, 64, 1)),), "picture", "flat", (48, 64, 1)),
        ((3072,), (L.Reshape((3, 32, 32)),), "picture", "flat-channels-first", (32, 32, 3)),
        ((1800,), (L.Rescaling(0.1), L.Reshape((20, 30, 3))), "picture", "flat", (20, 30, 3)),
        ((20, 30), (L.Reshape((20, 30, 1)),), "picture", "rows-columns", (20, 30, 1)),
        # Sensors, each step of which is no row of pixels.
        ((128, 9), (L.Reshape((128, 9, 1)), L.Conv2D(2, 3)), "values", "", (0, 0, 0)),
        ((1152,), (L.Reshape((128, 9, 1)), L.Conv2D(2, 3)), "values", "", (0, 0, 0)),
        ((784,), (L.Reshape((28, 28)), L.Flatten()), "picture", "flat", (28, 28, 1)),
        ((600,), (L.Reshape((20, 30, 1)), L.TimeDistributed(L.Flatten())), "values", "", (0, 0, 0)),
        ((10, 10), (L.LSTM(2),), "values", "", (0, 0, 0)),
        ((60, 1), (L.LSTM(2),), "values", "", (0, 0, 0)),
        ((13,), (L.Dense(2),), "values", "", (0, 0, 0)),
        ((20,), (L.Embedding(9, 2),), "indices", "", (0, 0, 0)),
    ],
)
def test_inputs_are_known_by_shape_and_by_who_takes_them(
    shape: tuple[int | None, ...],
    layers: tuple[Any, ...],
    kind: str,
    layout: str,
    sizes: tuple[int, int, int],
) -> None:
    (found,) = describe_inputs(model_of(shape, *layers))
    assert (found.kind, found.layout) == (kind, layout)
    assert (found.rows, found.columns, found.channels) == sizes
    assert found.shape == (None, *shape)


# ----------------------------------------------------------------------------- outputs


def kind_of(model: Any, *purposes: str) -> tuple[str, int]:
    (found,) = describe_outputs(model, describe_inputs(model), purposes)
    return found.kind, found.n_classes


_BINARY_LOGITS = '{"class_name": "BinaryCrossentropy", "config": {"from_logits": true}}'
_SPARSE_LOGITS = '{"class_name": "SparseCategoricalCrossentropy", "config": {"from_logits": true}}'
PLACE = (L.GlobalAveragePooling2D(keepdims=True),)
PICTURE, TABLE, VOLUME = (32, 32, 3), (9,), (8, 16, 16, 1)


@pytest.mark.parametrize(
    ("shape", "layers", "purpose", "expected"),
    [
        (TABLE, (L.Dense(4, activation="softmax"),), "", ("softmax", 4)),
        (TABLE, (L.Dense(4), L.Softmax()), "", ("softmax", 4)),
        (TABLE, (L.Dense(4), L.Activation("softmax"), L.Dropout(0.1)), "", ("softmax", 4)),
        (TABLE, (L.Dense(1, activation="sigmoid"),), "", ("sigmoid", 1)),
        (TABLE, (L.Dense(5, activation="sigmoid"),), '"binary_crossentropy"', ("sigmoid", 5)),
        (TABLE, (L.Dense(1, activation="sigmoid"),), '"mse"', ("regression", 0)),
        (TABLE, (L.Dense(4),), '"SparseCategoricalCrossentropy"', ("logits", 4)),
        (TABLE, (L.Dense(1),), _BINARY_LOGITS, ("sigmoid", 1)),
        (TABLE, (L.Dense(4),), _BINARY_LOGITS, ("sigmoid", 4)),
        (TABLE, (L.Dense(4),), _SPARSE_LOGITS, ("logits", 4)),
        (PICTURE, (L.Conv2D(3, 1),), _SPARSE_LOGITS, ("mask", 3)),
        (PICTURE, (L.Conv2D(1, 1),), _BINARY_LOGITS, ("mask", 0)),
        (TABLE, (L.Dense(1),), '"mean_squared_error"', ("regression", 0)),
        (TABLE, (L.Dense(3),), '"mae"', ("regression", 0)),
        (TABLE, (L.Dense(64),), "", ("vector", 0)),
        (PICTURE, (L.Flatten(), L.Dense(10)), "", ("logits", 10)),
        (PICTURE, (L.Flatten(), L.Dense(10, activation="log_softmax")), "", ("logits", 10)),
        (PICTURE, (L.Flatten(), L.Dense(10), L.UnitNormalization()), "", ("vector", 0)),
        (PICTURE, (L.Flatten(), L.Dense(64, name="face_embedding")), "", ("vector", 0)),
        (PICTURE, (L.Flatten(), L.Dense(4, name="box")), "", ("regression", 0)),
        (
            PICTURE,
            (L.Flatten(), L.Dense(4, name="box_kinds")),
            '"categorical_crossentropy"',
            ("logits", 4),
        ),
        (PICTURE, (L.Flatten(), L.Dense(1)), "", ("regression", 0)),
        (PICTURE, (L.Conv2D(3, 3, padding="same", activation="sigmoid"),), "", ("picture", 0)),
        (PICTURE, (L.Conv2D(1, 3, padding="same", activation="sigmoid"),), "", ("mask", 0)),
        (PICTURE, (L.Conv2D(7, 3, padding="same", activation="softmax"),), "", ("mask", 7)),
        (PICTURE, (L.Conv2D(3, 3, padding="same", activation="tanh"),), "", ("picture", 0)),
        (PICTURE, (L.Conv2D(1, 1),), '"dice_loss"', ("mask", 0)),
        (PICTURE, (L.Conv2D(8, 3),), "", ("vector", 0)),
        (PICTURE, (*PLACE, L.Conv2D(7, 1, activation="softmax")), "", ("softmax", 7)),
        (PICTURE, (*PLACE, L.Conv2D(1, 1, activation="sigmoid")), "", ("sigmoid", 1)),
        (PICTURE, (*PLACE, L.Conv2D(9, 1)), _SPARSE_LOGITS, ("softmax", 9)),
        (PICTURE, (*PLACE, L.ReLU()), "", ("vector", 0)),
        (TABLE, (L.Dense(4), L.Softmax(), L.Reshape((1, 4))), "", ("softmax", 4)),
        (VOLUME, (L.Conv3D(1, 3, activation="sigmoid"),), "", ("mask", 0)),
        (VOLUME, (L.Conv3D(4, 3, activation="softmax"),), "", ("mask", 4)),
        (VOLUME, (L.Conv3D(1, 3),), "", ("picture", 0)),
        ((784,), (L.Dense(784, activation="sigmoid"),), "", ("picture", 0)),
        ((7, 2), (L.LSTM(3, return_sequences=True),), "", ("sequence", 0)),
        ((7, 2), (L.TimeDistributed(L.Dense(5, activation="softmax")),), "", ("sequence", 5)),
    ],
)
def test_outputs_are_known_by_last_layers_shapes_and_loss(
    shape: tuple[int, ...], layers: tuple[Any, ...], purpose: str, expected: tuple[str, int]
) -> None:
    model = model_of(shape, *layers)
    assert kind_of(model, *([purpose] if purpose else [])) == expected


def test_outputs_of_a_nested_model_are_known_by_its_own_last_layer() -> None:
    inner = model_of((6,), L.Dense(3, activation="softmax"))
    inputs = keras.Input((6,))
    assert kind_of(keras.Model(inputs, inner(inputs))) == ("softmax", 3)


def test_several_outputs_are_each_what_they_are() -> None:
    inputs = keras.Input(TABLE)
    model = keras.Model(
        inputs,
        {
            "age": L.Dense(1, name="age")(inputs),
            "sort": L.Dense(3, activation="softmax", name="sort")(inputs),
        },
    )
    found = describe_outputs(model, describe_inputs(model))
    assert [(each.name, each.kind) for each in found] == [
        ("age", "regression"),
        ("sort", "softmax"),
    ]


def test_logits_are_answered_as_probabilities_best_first() -> None:
    output = NetworkOutput(name="y", shape=(None, 3), kind="logits", n_classes=3)
    found = answer(np.array([0.0, 2.0, 1.0], np.float32), output, top=2)
    powers = np.exp([0.0, 2.0, 1.0])
    assert [score.index for score in found.top] == [1, 2]
    assert found.top[0].score == pytest.approx(powers[1] / powers.sum())


def test_answer_of_nan_is_last_and_large_ones_are_bounded() -> None:
    output = NetworkOutput(name="y", shape=(None, 3), kind="softmax", n_classes=3)
    found = answer(np.array([np.nan, 0.2, 0.1], np.float32), output, top=0)
    assert [score.index for score in found.top] == [1, 2, 0]
    picture = NetworkOutput(name="y", shape=(None, 3000, 10, 3), kind="picture")
    values = answer(np.zeros((3000, 10, 3), np.float32), picture, top=0).values
    assert values is not None
    assert values.shape == (1000, 4, 3)


# ---------------------------------------------------------------------------- evidence


def colour_batch(recipe: Recipe) -> np.ndarray:
    target = NetworkInput(
        name="x",
        shape=(None, 32, 32, 3),
        dtype="float32",
        kind="picture",
        layout="rows-columns-channels",
        rows=32,
        columns=32,
        channels=3,
    )
    return np.concatenate([to_batch(scene, recipe, target) for scene in scenes()])


@pytest.mark.parametrize("recipe", [UNIT, RAW, SYMMETRIC, CAFFE, TORCH], ids=lambda each: each.name)
def test_batch_normalization_tells_the_recipe(tmp_path: Path, recipe: Recipe) -> None:
    """Moving means and variances are those of the pictures it was trained on."""
    keras.utils.set_random_seed(3)
    convolution = L.Conv2D(12, 3, padding="same")
    model = model_of(
        (32, 32, 3), convolution, L.BatchNormalization(), L.Flatten(), L.Dense(2, "softmax")
    )
    outputs = np.asarray(convolution(colour_batch(recipe)))
    model.layers[1].moving_mean.assign(outputs.mean(axis=(0, 1, 2)))
    model.layers[1].moving_variance.assign(outputs.var(axis=(0, 1, 2)))
    found = saved(model, tmp_path / "a.keras")
    assert found.recipes[0].name == recipe.name
    assert found.evidence[0].recipe == recipe.name
    assert "Batch normalization" in found.evidence[0].message


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (L.Rescaling(1 / 255), "raw"),
        (L.Rescaling(1 / 127.5, offset=-1), "raw"),
        (L.Rescaling(2.0, offset=-1), "unit"),
        (L.Normalization(mean=120.0, variance=4000.0, axis=None), "raw"),
        (L.Normalization(mean=0.45, variance=0.06, axis=None), "unit"),
    ],
    ids=["255", "127", "twice", "pixels", "shares"],
)
def test_scaling_inside_the_network_tells_what_it_was_made_for(
    tmp_path: Path, layer: Any, expected: str
) -> None:
    model = model_of((16, 16, 3), layer, L.Conv2D(2, 3), L.Flatten(), L.Dense(2, "softmax"))
    found = saved(model, tmp_path / "a.keras")
    assert found.recipes[0].name == expected
    assert "itself" in found.evidence[0].message
    assert found.evidence[0].weight == 1


def test_scaling_inside_a_network_that_compares_two_pictures_tells_it_too(tmp_path: Path) -> None:
    pictures = [keras.Input((16, 16, 3), name=name) for name in ("left", "right")]
    shared = model_of((16, 16, 3), L.Rescaling(1 / 255), L.Conv2D(2, 3), L.Flatten())
    both = L.Concatenate()([shared(each) for each in pictures])
    model = keras.Model(pictures, L.Dense(2, "softmax")(both))
    found = saved(model, tmp_path / "a.keras")
    assert found.recipes[0].name == "raw"
    assert "itself" in found.evidence[0].message


def test_scaling_of_the_picture_is_found_beside_numbers_and_words(tmp_path: Path) -> None:
    """... which go through layers that have learnt before the picture does."""
    facts, words = keras.Input((4,), name="facts"), keras.Input((6,), dtype="int32", name="words")
    picture = keras.Input((16, 16, 3), name="picture")
    parts = [
        L.Dense(3)(facts),
        L.Flatten()(L.Embedding(50, 2)(words)),
        L.GlobalAveragePooling2D()(L.Conv2D(4, 3)(L.Rescaling(1 / 255)(picture))),
    ]
    model = keras.Model([facts, words, picture], L.Dense(2, "softmax")(L.Concatenate()(parts)))
    found = saved(model, tmp_path / "a.keras")
    assert found.recipes[0].name == "raw"
    assert "itself" in found.evidence[0].message


def trained(recipe: Recipe, optimizer: Any) -> Any:
    """A few steps on scenes and their mirror images, told apart by colour."""
    keras.utils.set_random_seed(5)
    model = model_of(
        (32, 32, 3), L.Conv2D(8, 3, activation="relu"), L.Flatten(), L.Dense(2, "softmax")
    )
    model.compile(optimizer, "sparse_categorical_crossentropy")
    batch = colour_batch(recipe)
    for _ in range(12):
        model.train_on_batch(batch, np.arange(len(batch)) % 2)
    return model


@pytest.mark.parametrize(
    ("recipe", "optimizer", "name"),
    [
        (UNIT, lambda: keras.optimizers.Adam(), "a.h5"),
        (RAW, lambda: keras.optimizers.RMSprop(1e-5), "a.keras"),
    ],
    ids=["unit", "raw"],
)
def test_memory_of_the_optimizer_tells_the_size_of_pixels(
    tmp_path: Path, recipe: Recipe, optimizer: Callable[[], Any], name: str
) -> None:
    found = saved(trained(recipe, optimizer()), tmp_path / name)
    assert found.recipes[0].name == recipe.name
    assert any("optimizer remembers" in each.message for each in found.evidence)


@pytest.mark.parametrize("recipe", [UNIT, RAW], ids=lambda each: each.name)
def test_memory_behind_a_frozen_base_tells_it_too(tmp_path: Path, recipe: Recipe) -> None:
    """Of a network of which only the last layer was trained."""
    keras.utils.set_random_seed(5)
    base = L.Conv2D(8, 3, activation="relu", trainable=False)
    model = model_of(
        (32, 32, 3), base, L.GlobalAveragePooling2D(), L.Dense(6), L.Dense(2, "softmax")
    )
    model.compile(keras.optimizers.Adam(1e-4), "sparse_categorical_crossentropy")
    batch = colour_batch(recipe)
    for _ in range(6):
        model.train_on_batch(batch, np.arange(len(batch)) % 2)
    found = saved(model, tmp_path / "a.keras")
    assert found.recipes[0].name == recipe.name
    assert any("gradients of “dense" in each.message for each in found.evidence)


def reader(recipe: Recipe, *, is_dark: bool) -> Any:
    """A network that compares a picture with the twenty drawn digits."""
    target = NetworkInput(
        name="x",
        shape=(None, 28, 28, 1),
        dtype="float32",
        kind="picture",
        layout="rows-columns-channels",
        rows=28,
        columns=28,
        channels=1,
    )
    rows = [to_batch(pixels, on_dark(UNIT), target).ravel() for _, pixels in drawn_digits()]
    templates = np.stack(rows) - np.mean(rows, axis=0)
    templates /= np.linalg.norm(templates, axis=1, keepdims=True)
    kernel = 2.0 * (templates[:10] + templates[10:]).T
    bias = np.zeros(10) if is_dark else kernel.sum(axis=0)
    kernel = kernel * (1 if is_dark else -1) / (recipe.factor * 255)
    model = model_of((28, 28, 1), L.Flatten(), L.Dense(10, "softmax"))
    model.layers[1].set_weights([kernel, bias])
    return model


@pytest.mark.parametrize(
    ("recipe", "is_dark", "expected"),
    [(UNIT, True, "unit-on-dark"), (RAW, True, "raw-on-dark"), (UNIT, False, "unit-on-light")],
)
def test_network_of_digits_tells_how_it_wants_them(
    tmp_path: Path, recipe: Recipe, is_dark: bool, expected: str
) -> None:
    found = saved(reader(recipe, is_dark=is_dark), tmp_path / "a.keras")
    assert found.recipes[0].name == expected
    assert found.recipes[0].fitting == "drawing"
    assert any("drawn digits when they are" in each.message for each in found.evidence)


@pytest.mark.parametrize(
    ("names", "title", "scale"),
    [
        (("block1_conv1", "block3_conv3", "block5_conv3", "block5_pool"), "VGG", "caffe"),
        (("conv1_conv", "conv2_block1_1_conv", "conv2_block1_0_conv"), "ResNet", "caffe"),
        (
            ("conv1_conv", "conv2_block1_1_conv", "conv2_block1_preact_bn", "post_bn"),
            "ResNet V2",
            "symmetric",
        ),
        (
            ("conv1_conv", "conv2_block1_0_bn", "conv2_block1_1_conv", "pool2_conv", "pool4_conv"),
            "DenseNet",
            "torch",
        ),
        (("block_1_expand", "block_16_project", "Conv_1"), "MobileNet V2", "symmetric"),
    ],
)
def test_known_architecture_is_named(names: tuple[str, ...], title: str, scale: str) -> None:
    inside = keras.Sequential([keras.Input((2,)), *(L.Dense(1, name=name) for name in names)])
    model = keras.Sequential([keras.Input((2,)), inside, L.Dense(2)])
    (clue,) = known_architecture(model, 1000)
    assert clue.votes == {scale: 1.0}
    assert f"those of {title} with" in clue.message
    (fine_tuned,) = known_architecture(model, 5)
    assert fine_tuned.weight < clue.weight


def test_other_networks_are_no_known_architecture() -> None:
    assert list(known_architecture(model_of((3,), L.Dense(2)), 1000)) == []


def test_network_of_numbers_has_no_recipe_to_choose(tmp_path: Path) -> None:
    found = saved(model_of((4,), L.Dense(3, "softmax")), tmp_path / "a.h5")
    assert [recipe.name for recipe in found.recipes] == ["raw"]
    assert found.evidence == ()


def test_imagenet_names_are_offered_for_a_thousand_classes(tmp_path: Path) -> None:
    model = model_of(
        (8, 8, 3), L.Conv2D(1, 3), L.GlobalAveragePooling2D(), L.Dense(1000, "softmax")
    )
    found = saved(model, tmp_path / "a.keras")
    assert len(found.labels) == 1000
    assert (found.labels[0], found.labels[281], found.labels[999]) == (
        "tench",
        "tabby",
        "toilet tissue",
    )
    assert found.labels_are_guessed
    assert "ImageNet" in found.labels_source


def test_bare_score_is_told_as_the_share_that_its_loss_makes_of_it(tmp_path: Path) -> None:
    """As in TensorFlow's tutorial on transfer: one bare score says yes or no."""
    model = model_of((4,), L.Dense(1))
    model.compile(loss=keras.losses.BinaryCrossentropy(from_logits=True))
    path = tmp_path / "a.keras"
    model.save(path)
    numbers = np.array([[1.0, -2.0, 0.5, 3.0]], np.float32)
    with opened(path) as (container,):
        network, _, _ = answered(loaded(container, Consent()))
        known, _, _ = answered(prepared(container, network))
    assert [(each.kind, each.squash) for each in known.outputs] == [("sigmoid", "sigmoid")]
    bare = float(np.asarray(model(numbers))[0, 0])
    assert float(known.call([numbers])[0][0, 0]) == pytest.approx(1 / (1 + np.exp(-bare)))
