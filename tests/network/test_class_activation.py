"""Grad-CAM against references worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from h5viewer.errors import CannotRead  # noqa: E402
from h5viewer.network.class_activation import (  # noqa: E402
    class_activation,
    maps_and_gradient,
    resized,
)
from h5viewer.network.recording import recorded, shapes_of, source_of  # noqa: E402

# Two channels: the picture itself and its negative; classes see one channel's mean each.
KERNEL = np.array([1.0, -1.0], np.float32).reshape(1, 1, 1, 2)
DENSE = np.array([[2.0, 0.0, -1.0], [0.0, 3.0, 0.5]], np.float32)
PICTURE = np.arange(12, dtype=np.float32).reshape(1, 3, 4, 1) - 4


def network(activation: str = "softmax", *, nested: bool = False):
    """Conv2D 1 x 1 (perhaps in a nested model) → mean of each channel → Dense."""
    convolution = keras.layers.Conv2D(2, 1, use_bias=False, name="maps")
    inputs = keras.Input((3, 4, 1))
    if nested:
        inner = keras.Sequential([keras.Input((3, 4, 1)), convolution], name="inner")
        outer = keras.Sequential([keras.Input((3, 4, 1)), inner], name="outer")
        maps = outer(inputs)
    else:
        maps = convolution(inputs)
    mean = keras.layers.GlobalAveragePooling2D()(maps)
    answer = keras.layers.Dense(3, use_bias=False, activation=activation, name="answer")(mean)
    model = keras.Model(inputs, answer)
    convolution.set_weights([KERNEL])
    model.get_layer("answer").set_weights([DENSE])
    return model, convolution


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("activation", ["softmax", "linear", "sigmoid"])
@pytest.mark.parametrize("index", [0, 1, 2])
def test_class_activation_of_a_known_network_is_the_one_worked_out(activation, nested, index):
    model, convolution = network(activation, nested=nested)
    maps, gradient = maps_and_gradient(model, [PICTURE], convolution, 0, index)
    # score before the activation = sum over channels of DENSE[channel, index] * mean(channel)
    expected_gradient = np.broadcast_to(DENSE[:, index] / 12, (3, 4, 2))
    np.testing.assert_allclose(gradient, expected_gradient, rtol=1e-6)
    signed = (DENSE[0, index] - DENSE[1, index]) * PICTURE[0, :, :, 0]
    cut = np.maximum(signed, 0)
    heat = class_activation(maps, gradient, channels_first=False)
    np.testing.assert_allclose(heat, cut / cut.max(), rtol=1e-5)


def test_explaining_leaves_the_network_as_it_was():
    model, convolution = network("softmax", nested=True)
    before = model(PICTURE).numpy()
    maps_and_gradient(model, [PICTURE], convolution, 0, 1)
    np.testing.assert_array_equal(model(PICTURE).numpy(), before)
    assert "call" not in vars(convolution)
    assert model.get_layer("answer").activation is keras.activations.softmax


def test_a_network_that_fails_while_explained_is_left_as_it_was():
    model, convolution = network("softmax")
    with pytest.raises(ValueError, match=r"incompatible|expected"):
        maps_and_gradient(model, [PICTURE[:, :2]], convolution, 0, 1)
    assert "call" not in vars(convolution)
    assert model.get_layer("answer").activation is keras.activations.softmax


def test_channels_first_maps_give_the_same_places():
    maps = np.random.default_rng(1).normal(size=(3, 4, 2)).astype(np.float32)
    gradient = np.random.default_rng(2).normal(size=(3, 4, 2)).astype(np.float32)
    np.testing.assert_allclose(
        class_activation(
            np.moveaxis(maps, -1, 0), np.moveaxis(gradient, -1, 0), channels_first=True
        ),
        class_activation(maps, gradient, channels_first=False),
        rtol=1e-6,
    )


def test_nothing_that_speaks_for_a_class_is_no_heat_anywhere():
    maps = np.ones((2, 2, 1), np.float32)
    heat = class_activation(maps, -maps, channels_first=False)
    np.testing.assert_array_equal(heat, np.zeros((2, 2)))


def test_a_layer_without_influence_is_named_in_a_sentence():
    inputs = keras.Input((3, 4, 1))
    used = keras.layers.Conv2D(1, 1)(inputs)
    unused = keras.layers.Conv2D(1, 1, name="aside")
    side = unused(inputs)
    one = keras.layers.GlobalAveragePooling2D()(used)
    model = keras.Model(inputs, [one, side])
    with pytest.raises(CannotRead, match="does not depend"):
        maps_and_gradient(model, [PICTURE], unused, 0, 0)


def test_a_map_grows_linearly_between_its_places():
    small = np.array([[0.0, 1.0], [2.0, 3.0]], np.float32)
    large = resized(small, 4, 4)
    # worked out by hand: centres of the new places lie at -0.25, 0.25, 0.75, 1.25, cut off at 0, 1
    rows = np.array([0.0, 0.25, 0.75, 1.0])
    np.testing.assert_allclose(large, 2 * rows[:, None] + rows[None, :], atol=1e-6)
    np.testing.assert_allclose(resized(small, 2, 2), small)


def test_layers_are_recorded_inside_nested_models_and_wrappers():
    inner = keras.layers.Dense(3, name="each")
    wrapper = keras.layers.TimeDistributed(inner)
    inputs = keras.Input((5, 2))
    model = keras.Model(inputs, keras.layers.Flatten()(wrapper(inputs)))
    with shapes_of({(1,): wrapper, (1, 0): inner}) as seen, recorded(wrapper) as outputs:
        model(np.ones((1, 5, 2), np.float32))
    assert ((1,), (1, 5, 3)) in seen
    assert len(outputs) == 1


def test_scores_before_softmax_are_taken_though_a_reshape_follows_it():
    model, convolution = network("softmax")
    shaped = keras.Model(model.input, keras.layers.Reshape((1, 3))(model.output))
    _, expected = maps_and_gradient(model, [PICTURE], convolution, 0, 1)
    _, gradient = maps_and_gradient(shaped, [PICTURE], convolution, 0, 1)
    np.testing.assert_array_equal(gradient, expected)


def test_the_source_of_an_answer_is_found_in_nested_models():
    last = keras.layers.Dense(2, activation="softmax")
    inner = keras.Sequential([keras.Input((4,)), last])
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.Sequential([keras.Input((4,)), inner])(inputs))
    assert source_of(model.outputs[0]) is last
