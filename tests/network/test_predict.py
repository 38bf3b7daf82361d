"""A picture, an array or a dataset's row goes through the network as its recipe says."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import keras
import numpy as np
import pytest
from asking_networks import answered, opened
from PIL import Image

from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.formats.container import Container
from h5viewer.network.feeds import sample_of
from h5viewer.network.predict import predict
from h5viewer.network.prepared import keep_pace
from h5viewer.nodes import Array, NetworkInput, Prediction, Recipe
from h5viewer.requests import Feed, Predict

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5:UserWarning"),
]

L = keras.layers
UNIT = Recipe(name="unit", factor=1 / 255)


def png(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def npy(values: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


def colour(red: int, green: int, blue: int) -> Feed:
    pixels = np.zeros((9, 7, 3), np.uint8)
    pixels[:] = (red, green, blue)
    return Feed(name="colour.png", picture=png(pixels))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("networks")


@pytest.fixture(scope="module")
def colours(folder: Path) -> Iterator[Container]:
    """Says which channel is brightest; samples are stored beside it."""
    model = keras.Sequential(
        [keras.Input((4, 4, 3)), L.GlobalAveragePooling2D(), L.Dense(3, "softmax")]
    )
    model.layers[-1].set_weights([10 * np.eye(3), np.zeros(3)])
    path = folder / "colours.h5"
    model.save(path)
    with h5py.File(path, "a") as file:
        rows = np.zeros((2, 4, 4, 3), np.uint8)
        rows[0, ..., 1] = rows[1, ..., 2] = 255
        file["samples"] = rows
        file["table"] = np.zeros((2, 5))
    with opened(path) as (container,):
        yield container


def asked(container: Container, *feeds: Feed, **wishes: Any) -> Prediction:
    request = Predict(document=container.source.path, feeds=feeds, **wishes)
    found, _, _ = answered(predict(request, container))
    assert isinstance(found, Prediction)
    return found


def best(found: Prediction) -> int:
    return found.answers[0].top[0].index


def test_answer_is_that_of_the_picture(colours: Container) -> None:
    for index, feed in enumerate((colour(255, 0, 0), colour(0, 255, 0), colour(0, 0, 255))):
        found = asked(colours, feed, recipe=UNIT)
        assert best(found) == index
        assert found.answers[0].top[0].score == pytest.approx(
            float(np.exp(10) / (np.exp(10) + 2)), rel=1e-4
        )
        assert sum(score.score for score in found.answers[0].top) == pytest.approx(1)


def test_prediction_shows_the_picture_and_what_the_network_sees(colours: Container) -> None:
    found = asked(colours, colour(0, 51, 255), recipe=UNIT)
    (picture,), (seen,) = found.pictures, found.seen
    assert picture is not None
    assert seen is not None
    assert picture.shape == (9, 7, 3)
    assert seen.shape == (4, 4, 3)
    assert found.ranges == ((0.0, 1.0),)
    assert found.recipe == UNIT
    assert found.seconds > 0


def test_slow_network_shows_what_it_was_given_before_it_answers(colours: Container) -> None:
    request = Predict(document=colours.source.path, feeds=(colour(9, 200, 9),))
    found, parts, _ = answered(predict(request, colours))
    assert parts == []
    keep_pace(colours, 2.0)
    found, parts, _ = answered(predict(request, colours))
    assert [(part.seen, part.answers) for part in parts] == [(found.seen, ())]


def test_channel_order_of_the_recipe_is_obeyed(colours: Container) -> None:
    swapped = Recipe(name="own", factor=1 / 255, is_bgr=True)
    assert best(asked(colours, colour(255, 0, 0), recipe=swapped)) == 2


def test_probe_gives_the_answers_of_every_recipe(colours: Container) -> None:
    found = asked(colours, colour(9, 0, 0), probe=True)
    names = [each.recipe.name for each in found.probed]
    assert found.recipe.name == names[0]
    assert {"unit", "raw", "symmetric", "caffe", "torch"} <= set(names)
    scores = {each.recipe.name: each.answers[0].top[0].score for each in found.probed}
    assert scores["raw"] > scores["unit"]


def test_rows_of_a_dataset_are_pictures_too(colours: Container) -> None:
    for row, index in ((0, 1), (1, 2)):
        assert best(asked(colours, Feed(node=(b"samples",), row=row), recipe=UNIT)) == index


CHANNELS = np.random.default_rng(0).integers(0, 256, (4, 4, 4), np.uint8)


def channel_means(folder: Path, n_channels: int) -> Path:
    path = folder / f"means-{n_channels}.h5"
    inputs = keras.Input((4, 4, n_channels))
    keras.Model(inputs, L.GlobalAveragePooling2D()(inputs)).save(path)
    return path


def vector(found: Prediction) -> np.ndarray:
    (answer,) = found.answers
    assert answer.values is not None
    return np.asarray(answer.values.values).ravel()


@pytest.mark.parametrize("form", ["PNG", "WEBP", "TIFF", "npy", "large"])
def test_network_of_four_channels_gets_the_transparency_of_a_picture(
    folder: Path, form: str
) -> None:
    pixels = CHANNELS.repeat(3, axis=0).repeat(3, axis=1) if form == "large" else CHANNELS
    buffer = io.BytesIO()
    if form == "npy":
        np.save(buffer, pixels)
    else:
        Image.fromarray(pixels).save(
            buffer, "PNG" if form == "large" else form, **({"lossless": True, "exact": True})
        )
    with opened(channel_means(folder, 4)) as (container,):
        found = asked(container, Feed(name=f"x.{form}", picture=buffer.getvalue()), recipe=UNIT)
    wanted = CHANNELS.mean(axis=(0, 1)) / 255
    assert vector(found) == pytest.approx(wanted, rel=2e-2 if form == "large" else 1e-5)
    (picture,), (seen,) = found.pictures, found.seen
    assert picture is not None
    assert seen is not None
    assert (picture.shape[2], seen.shape) == (3, (4, 4, 3))
    said = "Its transparency is the network's fourth channel."
    assert (said in found.notes) == (form != "npy")


def test_picture_without_transparency_is_opaque_for_a_fourth_channel(folder: Path) -> None:
    with opened(channel_means(folder, 4)) as (container,):
        symmetric = Recipe(name="symmetric", factor=1 / 127.5, mean=(1.0,))
        found = asked(container, colour(255, 0, 51), recipe=symmetric)
    assert vector(found) == pytest.approx([1, -1, -0.6, 1])


@pytest.mark.parametrize("n_channels", [2, 4])
def test_rows_of_as_many_channels_as_the_network_takes_keep_each(
    folder: Path, n_channels: int
) -> None:
    path = channel_means(folder, n_channels)
    with h5py.File(path, "a") as file:
        file["x"] = CHANNELS[None, ..., :n_channels]
    with opened(path) as (container,):
        found = asked(container, Feed(node=(b"x",), row=0), recipe=UNIT)
    assert vector(found) == pytest.approx(CHANNELS[..., :n_channels].mean(axis=(0, 1)) / 255)


@pytest.mark.parametrize(
    ("feed", "words"),
    [
        (Feed(node=(b"samples",), row=2), "no row 2"),
        (Feed(name="row", node=(b"table",), row=0), r"shape \(5,\); the network takes \(4, 4, 3\)"),
        (Feed(name="x.npy", picture=npy(np.zeros((2, 2, 2, 2)))), r"^x\.npy has the shape"),
        (Feed(name="x.png", picture=b"no picture"), r"^x\.png is no picture"),
    ],
)
def test_what_does_not_fit_is_one_sentence(colours: Container, feed: Feed, words: str) -> None:
    with pytest.raises(CannotRead, match=words):
        asked(colours, feed)


def test_number_of_feeds_has_to_be_that_of_the_inputs(colours: Container) -> None:
    with pytest.raises(CannotRead, match="one input, not 2"):
        asked(colours, colour(0, 0, 0), colour(0, 0, 0))


def test_next_prediction_works_after_a_refusal(colours: Container) -> None:
    with pytest.raises(H5ViewerError):
        asked(colours, Feed(name="a.jpg", picture=b"\xff\xd8\xff\xe0" + b"x" * 50))
    assert best(asked(colours, colour(0, 255, 0), recipe=UNIT)) == 1


def test_volumes_and_series_may_leave_out_their_one_channel(folder: Path) -> None:
    for shape in ((5, 6, 7), (9,)):
        path = folder / f"one_channel_{len(shape)}.keras"
        layers = [L.Flatten(), L.Dense(1, kernel_initializer="ones")]
        keras.Sequential([keras.Input((*shape, 1)), *layers]).save(path)
        values = np.random.default_rng(2).normal(size=shape)
        with opened(path) as (container,):
            found = asked(container, Feed(name="a.npy", picture=npy(values)))
        assert found.answers[0].values is not None
        assert found.answers[0].values.values[0] == pytest.approx(values.sum(), abs=1e-4)


@pytest.mark.parametrize("size", [1, 3])
def test_networks_that_go_on_where_they_left_off_answer_each_sample_anew(
    folder: Path, size: int
) -> None:
    """Stateful layers want a batch of a size of their own; the answer is the same each time."""
    path = folder / f"stateful_{size}.keras"
    model = keras.Sequential(
        [keras.Input((6, 3), batch_size=size), L.LSTM(4, stateful=True, bias_initializer="ones")]
    )
    model.save(path)
    sample = np.random.default_rng(1).random((6, 3))
    expected = np.asarray(model(np.repeat(sample[None], size, axis=0)))[0]
    with opened(path) as (container,):
        for _ in range(3):
            found = asked(container, Feed(name="a.npy", picture=npy(sample)))
            assert found.answers[0].values is not None
            assert found.answers[0].values.values == pytest.approx(expected, abs=1e-5)


def test_inputs_in_a_dictionary_of_any_order_are_fed_by_their_names(folder: Path) -> None:
    """Keras takes no list where the keys are in no alphabetic order."""
    picture, numbers = keras.Input((4, 4, 3), name="photo"), keras.Input((2,), name="age")
    mixed = L.Concatenate()([L.GlobalAveragePooling2D()(picture), numbers])
    answers = L.Dense(1, kernel_initializer="ones")(mixed)
    path = folder / "by_name.keras"
    keras.Model({"photo": picture, "age": numbers}, {"risk": answers}).save(path)
    with opened(path) as (container,):
        found = asked(
            container,
            Feed(name="age.npy", picture=npy(np.array([1.0, 2.0]))),
            colour(10, 20, 30),
            recipe=Recipe(name="raw"),
        )
    assert found.answers[0].values is not None
    assert found.answers[0].values.values.ravel() == pytest.approx([63.0])


def test_two_inputs_are_fed_in_their_order(folder: Path) -> None:
    first, second = keras.Input((2,), name="b"), keras.Input((3,), name="a")
    sums = keras.ops.sum(first, axis=1, keepdims=True) * 100 + keras.ops.sum(
        second, axis=1, keepdims=True
    )
    path = folder / "two.keras"
    keras.Model([first, second], L.Dense(1, kernel_initializer="ones")(sums)).save(path)
    with opened(path) as (container,):
        found = asked(
            container,
            Feed(name="b.npy", picture=npy(np.array([1.0, 2.0]))),
            Feed(values=Array.of(np.array([[4.0, 5.0, 6.0]], np.float32))),
        )
    assert found.answers[0].values is not None
    assert found.answers[0].values.values.ravel().tolist() == [315]
    assert found.answers[0].kind == "regression"
    assert found.pictures == (None, None)


def test_signals_and_volumes_come_back_as_they_can_be_drawn(folder: Path) -> None:
    signal, volume = keras.Input((40, 1), name="signal"), keras.Input((6, 9, 9, 1), name="scan")
    parts = [L.GlobalAveragePooling1D()(signal), L.GlobalAveragePooling3D()(volume)]
    path = folder / "drawn.keras"
    keras.Model([signal, volume], L.Dense(1)(L.Concatenate()(parts))).save(path)
    numbers = np.arange(40, dtype=np.float32)[:, None]
    slices = np.arange(6 * 81, dtype=np.float32).reshape(6, 9, 9, 1)
    with opened(path) as (container,):
        feeds = [Feed(values=Array.of(each)) for each in (numbers, slices)]
        found = asked(container, *feeds)
    line, middle = found.pictures
    np.testing.assert_array_equal(line.values, numbers.ravel())
    np.testing.assert_array_equal(middle.values, slices[3])
    assert found.seen == (None, None)


def test_answers_of_nothing_but_nan_are_said(folder: Path) -> None:
    model = keras.Sequential([keras.Input((2,)), L.Dense(2)])
    model.layers[0].set_weights([np.full((2, 2), np.nan), np.zeros(2)])
    path = folder / "nan.keras"
    model.save(path)
    with opened(path) as (container,), pytest.raises(CannotRead, match="NaN"):
        asked(container, Feed(name="x.npy", picture=npy(np.ones(2))))


# ------------------------------------------------------------------- numbers as samples

GREY = NetworkInput(
    name="x",
    shape=(None, 4, 6, 1),
    dtype="float32",
    kind="picture",
    layout="rows-columns-channels",
    rows=4,
    columns=6,
    channels=1,
)


@pytest.mark.parametrize(
    "values",
    [
        np.full((4, 6), 255, np.uint8),
        np.full((4, 6, 1), 255, np.int64),
        np.full((1, 4, 6, 1), 1.0),
        np.full((4, 6), 255.0, np.float32),
        np.ones((4, 6), bool),
        np.full((3, 4, 6), 255, np.uint8),
    ],
)
def test_numbers_from_0_to_255_or_to_1_are_pixels(values: np.ndarray) -> None:
    sample = sample_of(values, GREY, "x")
    assert sample.pixels is not None
    assert sample.pixels.shape == (4, 6, 3)
    assert (sample.pixels == 255).all()


def test_numbers_of_another_range_go_in_as_they_are() -> None:
    values = np.linspace(-1, 1, 24).reshape(4, 6, 1)
    sample = sample_of(values, GREY, "x")
    assert sample.pixels is None
    assert sample.numbers is not None
    assert sample.numbers.shape == (1, 4, 6, 1)
    assert sample.numbers[0] == pytest.approx(values)


def test_picture_of_another_size_and_range_is_stretched_to_pixels() -> None:
    sample = sample_of(np.linspace(-5, 5, 600).reshape(20, 30), GREY, "x")
    assert sample.pixels is not None
    assert (sample.pixels.min(), sample.pixels.max()) == (0, 255)
    assert not sample.is_exact
