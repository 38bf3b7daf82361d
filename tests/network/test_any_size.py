"""Networks whose input may have any size answer as Keras does, whichever sizes come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from h5viewer.network import prepared
from h5viewer.network.inputs import describe_inputs
from h5viewer.network.outputs import describe_outputs
from h5viewer.network.prepared import calling
from h5viewer.network.recipes import RAW, UNIT, to_batch

L = keras.layers
Shape = tuple[int | None, ...]

NETWORKS: dict[str, tuple[Shape, Callable[[], Any]]] = {
    "steps over time": ((None, 4), lambda: L.TimeDistributed(L.Dense(2))),
    "pictures over time": ((None, 8, 8, 3), lambda: L.TimeDistributed(L.Conv2D(2, 3))),
    "larger between pixels": ((None, None, 3), lambda: L.UpSampling2D(2, interpolation="bilinear")),
    "a grid of means": ((None, None, 3), lambda: L.AdaptiveAveragePooling2D(2)),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_samples_of_any_size_are_answered_as_by_keras(name: str) -> None:
    shape, layer = NETWORKS[name]
    inputs = keras.Input(shape)
    model = keras.Model(inputs, layer()(inputs))
    call = calling(model, describe_outputs(model, describe_inputs(model)))
    random = np.random.default_rng(0)
    for free in (6, 9, 6, 9, 6):  # compiled when it comes again
        sample = random.random((2, *(free if size is None else size for size in shape)), np.float32)
        (answer,) = call([sample])
        assert answer == pytest.approx(np.asarray(model(sample)), abs=1e-6)


def test_many_sizes_do_not_stay_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    traced = prepared._traced
    monkeypatch.setattr(
        prepared,
        "_traced",
        lambda run, inputs, sizes: made.append(sizes) or traced(run, inputs, sizes),
    )
    inputs = keras.Input((None, 2))
    model = keras.Model(inputs, L.Dense(1)(inputs))
    call = calling(model, describe_outputs(model, describe_inputs(model)))
    for free in range(1, 2 * prepared._MOST_SIZES):
        call([np.zeros((1, free, 2), np.float32)])
    assert made == []
    for _ in range(3):
        call([np.zeros((1, free, 2), np.float32)])
    assert made == [((free, 2),)]
    call([np.zeros((1, 1, 2), np.float32)])
    assert len(made) == 1  # forgotten meanwhile


def test_samples_of_a_network_of_fixed_batches_are_answered_however_many_there_are() -> None:
    inputs = keras.Input((2,), batch_size=4)
    model = keras.Model(inputs, L.Dense(1)(inputs))
    call = calling(model, describe_outputs(model, describe_inputs(model)))
    rows = np.random.default_rng(0).random((10, 2)).astype(np.float32)
    expected = np.concatenate([np.asarray(model(rows[at])) for at in (slice(0, 4), slice(4, 8))])
    for n in (1, 4, 8, 10):
        (found,) = call([rows[:n]])
        assert found.shape == (n, 1)
        assert found[:8] == pytest.approx(expected[: min(n, 8)], abs=1e-6)


def _fed(model: Any, rows: int, columns: int) -> Any:
    picture = np.random.default_rng(0).integers(0, 256, (rows, columns, 3), np.uint8)
    return picture, to_batch(picture, RAW, describe_inputs(model)[0])


def _halved(inputs: Any) -> Any:
    return L.MaxPooling2D()(L.Conv2D(2, 3, padding="same")(inputs))


def test_a_network_of_any_size_gets_the_picture_as_it_is() -> None:
    inputs = keras.Input((None, None, 3))
    for made in (
        L.GlobalAveragePooling2D()(_halved(_halved(inputs))),
        L.Flatten()(L.Resizing(6, 6)(inputs)),
    ):
        picture, batch = _fed(keras.Model(inputs, L.Dense(2)(made)), 50, 41)
        assert np.array_equal(batch[0], picture)


def test_a_network_that_enlarges_pictures_twice_answers_twice_their_size() -> None:
    layers = [L.Conv2D(4, 3, padding="same"), L.UpSampling2D(2), L.Conv2D(1, 3, padding="same")]
    model = keras.Sequential([keras.Input((None, None, 1)), *layers])
    picture = np.zeros((48, 50, 3), np.uint8)
    batch = to_batch(picture, UNIT, describe_inputs(model)[0])
    assert model(batch).shape == (1, 96, 100, 1)


def test_a_tiny_picture_is_enlarged_to_what_a_network_can_halve() -> None:
    inputs = keras.Input((None, None, 3))
    x = inputs
    for _ in range(5):
        x = _halved(x)
    model = keras.Model(inputs, L.GlobalMaxPooling2D()(x))
    assert describe_inputs(model)[0].smallest_side == 32
    assert _fed(model, 20, 45)[1].shape == (1, 32, 45, 3)


@pytest.mark.parametrize("is_nested", [False, True])
@pytest.mark.parametrize("join", [L.Concatenate, L.Add])
def test_a_network_that_joins_what_it_halved_gets_sizes_it_can_halve(
    join: Any, is_nested: bool
) -> None:
    inputs = keras.Input((None, None, 3))
    deeper = L.Conv2D(3, 1)(L.UpSampling2D()(_halved(inputs)))
    model = keras.Model(inputs, join()([inputs, deeper]))
    if is_nested:
        model = keras.Sequential([keras.Input((None, None, 3)), model, L.Conv2D(1, 1)])
    assert _fed(model, 51, 70)[1].shape == (1, 64, 64, 3)
    assert model(_fed(model, 51, 70)[1]).shape[1:3] == (64, 64)


def test_a_mask_that_odd_sizes_would_cut_lies_on_the_whole_picture() -> None:
    inputs = keras.Input((None, None, 3))
    model = keras.Model(inputs, L.UpSampling2D()(_halved(inputs)))
    assert _fed(model, 51, 70)[1].shape == (1, 64, 64, 3)
