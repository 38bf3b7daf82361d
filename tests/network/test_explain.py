"""Activations and explanations of networks that were saved and loaded again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from asking_networks import answered, opened  # noqa: E402

from h5viewer.errors import CannotRead  # noqa: E402
from h5viewer.network.explain import explain_prediction, read_activations  # noqa: E402
from h5viewer.network.recipes import RAW  # noqa: E402
from h5viewer.nodes import Array  # noqa: E402
from h5viewer.requests import ExplainPrediction, Feed, ReadActivations  # noqa: E402

# Keras 3.15 copies its variables in a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ROWS, COLUMNS = 16, 16
PICTURE = np.random.default_rng(3).integers(0, 255, (ROWS, COLUMNS, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its class 1 is how bright the red of rows 4, 5 and columns 8, 9 is; class 0 is always 0.

    Layers: input, nested model (input, convolution that keeps red, mean of 2 x 2), a
    layer that picks the place, softmax.
    """
    inputs = keras.Input((ROWS, COLUMNS, 3), name="picture")
    red = keras.layers.Conv2D(1, 1, use_bias=False, name="red")
    inner = keras.Sequential(
        [keras.Input((ROWS, COLUMNS, 3)), red, keras.layers.AveragePooling2D(2, name="halves")],
        name="inner",
    )
    flat = keras.layers.Flatten(name="flat")(inner(inputs))
    pick = keras.layers.Dense(2, use_bias=False, activation="softmax", name="pick")
    model = keras.Model(inputs, pick(flat))
    red.set_weights([np.array([1.0, 0, 0], np.float32).reshape(1, 1, 3, 1)])
    kernel = np.zeros((ROWS // 2 * COLUMNS // 2, 2), np.float32)
    kernel[2 * (COLUMNS // 2) + 4, 1] = 0.01  # rows 4, 5 and columns 8, 9
    pick.set_weights([kernel])
    path = tmp_path_factory.mktemp("networks") / "place.keras"
    model.save(path)
    return path


def feeds(picture: np.ndarray = PICTURE) -> tuple[Feed, ...]:
    return (Feed(name="picture", values=Array.of(picture)),)


def activations(path: Path, **asked):
    request = ReadActivations(document=str(path), feeds=feeds(), recipe=RAW, **asked)
    with opened(path) as (container,):
        return answered(read_activations(request, container))[0]


def explained(path: Path, picture: np.ndarray = PICTURE, **asked):
    request = ExplainPrediction(document=str(path), feeds=feeds(picture), recipe=RAW, **asked)
    with opened(path) as (container,):
        return answered(explain_prediction(request, container))


def test_a_layer_inside_a_nested_model_shows_its_maps(network: Path) -> None:
    found = activations(network, layer=(1, 1))
    assert (found.layer, found.shape, found.n_channels) == ("red", (ROWS, COLUMNS, 1), 1)
    np.testing.assert_allclose(found.maps.values[0], PICTURE[..., 0], atol=1e-3)


def test_a_nested_model_shows_what_it_puts_out(network: Path) -> None:
    found = activations(network, layer=(1,))
    red = PICTURE[..., 0].astype(float)
    halves = red.reshape(ROWS // 2, 2, COLUMNS // 2, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(found.maps.values[0], halves, atol=1e-3)


def test_the_input_shows_what_the_network_sees(network: Path) -> None:
    found = activations(network, layer=(0,))
    assert found.maps.shape == (3, ROWS, COLUMNS)
    np.testing.assert_allclose(found.maps.values, PICTURE.transpose(2, 0, 1))


def test_maps_come_a_page_at_a_time(network: Path) -> None:
    found = activations(network, layer=(0,), start=1, count=1)
    assert (found.start, found.n_channels, found.maps.shape) == (1, 3, (1, ROWS, COLUMNS))
    np.testing.assert_allclose(found.maps.values[0], PICTURE[..., 1])


def test_a_layer_of_plain_numbers_shows_a_line(network: Path) -> None:
    found = activations(network, layer=(3,))
    assert (found.maps, found.shape) == (None, (2,))
    brightness = PICTURE[4:6, 8:10, 0].mean() * 0.01
    expected = np.exp([0, brightness]) / np.exp([0, brightness]).sum()
    np.testing.assert_allclose(found.values.values, expected, rtol=1e-5)


def test_the_input_of_a_nested_model_shows_what_that_is_fed(network: Path) -> None:
    found = activations(network, layer=(1, 0))
    np.testing.assert_allclose(found.maps.values, PICTURE.transpose(2, 0, 1))


@pytest.fixture(scope="module")
def recurrent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sequence through a recurrent layer, and a dense layer at each step."""
    inputs = keras.Input((4, 2))
    steps = keras.layers.SimpleRNN(
        3, activation="linear", recurrent_initializer="zeros", return_sequences=True
    )
    each = keras.layers.TimeDistributed(keras.layers.Dense(1, kernel_initializer="ones"))
    model = keras.Model(inputs, each(steps(inputs)))
    steps.set_weights([np.array([[1.0, 0, 2], [0, 1, 0]]), np.zeros((3, 3)), np.zeros(3)])
    path = tmp_path_factory.mktemp("networks") / "steps.keras"
    model.save(path)
    return path


def test_layers_of_a_recurrent_network_show_a_map_of_steps(recurrent: Path) -> None:
    values = np.arange(8, dtype=np.float32).reshape(4, 2)
    sequence = (Feed(values=Array.of(values)),)
    request = ReadActivations(document=str(recurrent), feeds=sequence, layer=(1,))
    with opened(recurrent) as (container,):
        steps = answered(read_activations(request, container))[0]
        request = ReadActivations(document=str(recurrent), feeds=sequence, layer=(2,))
        each = answered(read_activations(request, container))[0]
    expected = values @ np.array([[1.0, 0, 2], [0, 1, 0]])
    assert (steps.shape, steps.n_channels) == ((4, 3), 1)
    np.testing.assert_allclose(steps.maps.values[0], expected, rtol=1e-6)
    np.testing.assert_allclose(each.maps.values[0, :, 0], expected.sum(axis=1), rtol=1e-6)


def test_networks_for_batches_of_one_size_are_explained_for_one_picture(tmp_path: Path) -> None:
    """Stateful, they begin anew each time."""
    path = tmp_path / "four.keras"
    pictures = keras.Input((ROWS, COLUMNS, 3), batch_size=4)
    mean = keras.initializers.Constant(1 / 1000)  # raw pictures would saturate the gates
    maps = keras.layers.Conv2D(2, 1, kernel_initializer=mean, name="maps")(pictures)
    steps = keras.ops.reshape(maps, (4, ROWS, COLUMNS * 2))
    recurrent = keras.layers.LSTM(3, stateful=True)
    model = keras.Model(pictures, keras.layers.Softmax()(recurrent(steps)))
    brighter = np.zeros((COLUMNS * 2, 12), np.float32)
    brighter[:, 6] = 0.01  # unit 0 grows with every place
    recurrent.set_weights([brighter, *recurrent.get_weights()[1:]])
    model.save(path)
    expected = keras.Model(pictures, maps)(np.repeat(PICTURE[None], 4, axis=0))[0]
    request = ExplainPrediction(document=str(path), feeds=feeds(), recipe=RAW, index=0)
    with opened(path) as (container,):
        heats = [answered(explain_prediction(request, container))[0].heat for _ in range(2)]
    assert heats[0].values.any()
    np.testing.assert_allclose(heats[1].values, heats[0].values, atol=1e-5)
    shown = activations(path, layer=(1,))
    np.testing.assert_allclose(shown.maps.values, np.moveaxis(expected, -1, 0), rtol=1e-4)


def test_an_unknown_layer_is_said(network: Path) -> None:
    with pytest.raises(CannotRead, match="not in the loaded network"):
        activations(network, layer=(9,))


def test_class_activation_of_the_last_layer_with_places(network: Path) -> None:
    found, _, _ = explained(network, index=1)
    assert (found.layer, found.index, found.heat.shape) == ("halves", 1, (ROWS, COLUMNS))
    # one map, of which the class gets more from everywhere: the map itself is the heat
    red = PICTURE[..., 0].astype(float)
    halves = red.reshape(ROWS // 2, 2, COLUMNS // 2, 2).mean(axis=(1, 3))
    heat = found.heat.values
    assert np.corrcoef(heat[1::2, 1::2].ravel(), halves.ravel())[0, 1] > 0.8
    assert heat.max() <= 1.0 and heat.min() >= 0.0  # noqa: PT018


def test_nothing_speaks_for_a_class_that_sees_nothing(network: Path) -> None:
    found, _, _ = explained(network, index=0)
    assert not found.heat.values.any()


def test_channels_before_rows_are_explained_as_channels_after_them(tmp_path: Path) -> None:
    first = "channels_first"
    inputs = keras.Input((1, ROWS, COLUMNS))
    copies = keras.layers.Conv2D(2, 1, use_bias=False, data_format=first)
    maps = keras.layers.Activation("relu", name="maps")(copies(inputs))
    mean = keras.layers.GlobalAveragePooling2D(data_format=first)(maps)
    answer = keras.layers.Dense(2, use_bias=False, activation="softmax")
    model = keras.Model(inputs, answer(mean))
    copies.set_weights([np.array([1.0, -1.0], np.float32).reshape(1, 1, 1, 2)])
    answer.set_weights([np.array([[0.01, 0.0], [0.0, 0.01]], np.float32)])
    path = tmp_path / "first.keras"
    model.save(path)
    grey = PICTURE[..., :1].repeat(3, axis=2)
    found, _, _ = explained(path, grey, index=0)
    assert found.layer == "maps"
    np.testing.assert_allclose(found.heat.values, grey[..., 0] / grey.max(), atol=1e-2)
    request = ReadActivations(document=str(path), feeds=feeds(grey), recipe=RAW, layer=(2,))
    with opened(path) as (container,):
        shown = answered(read_activations(request, container))[0]
    assert shown.maps.shape == (2, ROWS, COLUMNS)
    np.testing.assert_allclose(shown.maps.values[0], grey[..., 0], atol=1)


def test_occlusion_is_the_drop_worked_out_by_hand(network: Path) -> None:
    picture = np.full((ROWS, COLUMNS, 3), 10, np.uint8)
    picture[4:6, 8:10] = 250
    found, _, n_told = explained(network, picture, method="occlusion")
    assert (found.index, found.layer) == (1, "")
    assert found.score == pytest.approx(1 / (1 + np.exp(-2.5)), rel=1e-5)
    assert n_told > 3
    # The odds are exp of a hundredth of the mean red at the place; patches are 2 x 2, one apart.
    mean = picture[..., 0].mean()
    total, count = np.zeros((ROWS, COLUMNS)), np.zeros((ROWS, COLUMNS))
    for row in range(ROWS - 1):
        for column in range(COLUMNS - 1):
            covered = picture[..., 0].astype(float)
            covered[row : row + 2, column : column + 2] = mean
            drop = (250 - covered[4:6, 8:10].mean()) / 100
            total[row : row + 2, column : column + 2] += drop
            count[row : row + 2, column : column + 2] += 1
    np.testing.assert_allclose(found.heat.values, total / count, atol=1e-4)
    assert found.lowest == pytest.approx(1 / (1 + np.exp(-mean / 100)), rel=1e-4)


def test_occlusion_can_be_stopped_on_its_way(network: Path) -> None:
    request = ExplainPrediction(
        document=str(network), feeds=feeds(), recipe=RAW, method="occlusion"
    )
    with opened(network) as (container,):
        work = explain_prediction(request, container)
        assert any(told.unit == "places" for told in work)
        work.close()
        assert explained(network)[0].index in (0, 1)  # the network answers as before


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"output": 1}, "no such output"),
        ({"index": 2}, "no such class"),
        ({"layer": (3,)}, "no rows and columns"),
    ],
)
def test_what_cannot_be_explained_is_said(network: Path, asked, sentence) -> None:
    with pytest.raises(CannotRead, match=sentence):
        explained(network, **asked)
