"""What speaks for an answer to signals and volumes, and by layers that have steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from asking_networks import answered, opened  # noqa: E402

from h5viewer.errors import CannotRead  # noqa: E402
from h5viewer.network.explain import explain_prediction  # noqa: E402
from h5viewer.network.places import laid_out, picture_of  # noqa: E402
from h5viewer.network.recipes import RAW  # noqa: E402
from h5viewer.nodes import Array, Explanation  # noqa: E402
from h5viewer.requests import ExplainPrediction, Feed  # noqa: E402

# Keras 3.15 copies its variables in a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

L = keras.layers


def explained(path: Path, layers: list[Any], sample: np.ndarray, **asked: Any) -> Explanation:
    """Of a network whose class 1 is the mean of what its layers give."""
    inputs = keras.Input(sample.shape)
    outputs = inputs
    for layer in layers:
        outputs = layer(outputs)
        for weight in layer.weights:
            weight.assign(np.ones(weight.shape))
    last = L.Dense(2, use_bias=False, name="last")
    model = keras.Model(inputs, last(L.Flatten()(outputs)))
    last.kernel.assign(np.repeat([[0.0, 0.1]], last.kernel.shape[0], axis=0))
    model.save(path)
    feeds = (Feed(name="sample", values=Array.of(sample)),)
    request = ExplainPrediction(document=str(path), feeds=feeds, recipe=RAW, index=1, **asked)
    with opened(path) as (container,):
        found = answered(explain_prediction(request, container))[0]
    assert isinstance(found, Explanation)
    return found


def test_steps_of_a_signal_that_speak_for_a_class_are_lit(tmp_path: Path) -> None:
    signal = np.zeros((40, 2), np.float32)
    signal[30] = 5
    found = explained(tmp_path / "a.keras", [L.Conv1D(3, 1, use_bias=False, name="c")], signal)
    assert found.layer == "c"
    assert found.heat.shape == (6, 40)  # each of the two numbers is three rows high
    assert np.argwhere(found.heat.values == 1).tolist() == [[row, 30] for row in range(6)]
    assert not found.heat.values[:, :29].any()
    assert found.picture is not None
    assert found.picture.values[:, :, 0].argmax(axis=1).tolist() == [30] * 6


def test_steps_of_a_signal_are_covered(tmp_path: Path) -> None:
    signal = np.zeros((40, 2), np.float32)
    signal[30] = 5
    layer = L.Conv1D(3, 1, use_bias=False)
    found = explained(tmp_path / "a.keras", [layer], signal, method="occlusion")
    assert found.heat.shape == (6, 40)
    heat = found.heat.values
    assert (heat[:, 30] == heat.max()).all()
    assert heat[:, :20].max() < heat[:, 30].min()


def test_slices_of_a_volume_that_speak_for_a_class_are_lit(tmp_path: Path) -> None:
    volume = np.zeros((4, 6, 8, 1), np.float32)
    volume[2, 1, 5] = 1
    layer = L.Conv3D(2, 1, use_bias=False, name="c")
    found = explained(tmp_path / "a.keras", [layer], volume)
    assert found.heat.shape == (6, 8)
    assert np.argwhere(found.heat.values == 1).tolist() == [[1, 5]]
    assert found.heat.values.sum() == 1
    with pytest.raises(CannotRead, match="Places of a volume cannot be covered"):
        explained(tmp_path / "b.keras", [layer], volume, method="occlusion")


def test_patches_of_a_picture_are_laid_where_they_were(tmp_path: Path) -> None:
    picture = np.zeros((16, 16, 3), np.uint8)
    picture[4:8, 12:] = 200
    layers = [L.Conv2D(2, 4, strides=4, use_bias=False), L.Reshape((16, 2)),
              L.Conv1D(2, 1, use_bias=False, name="tokens")]  # fmt: skip
    found = explained(tmp_path / "a.keras", layers, picture, layer=(3,))
    assert found.layer == "tokens"
    assert found.picture is None
    assert found.heat.shape == (16, 16)
    assert found.heat.values[4:8, 12:].min() > 0.3
    assert not found.heat.values[:2].any()


@pytest.mark.parametrize(
    ("n", "rows", "columns", "lit"),
    [
        (17, 8, 8, (slice(2, 4), slice(2, 4))),  # 4 x 4 patches behind a token of the class
        (8, 4, 8, (slice(2, 4), slice(2, 4))),  # 2 x 4
        (5, 5, 9, (slice(5, 6), slice(0, 9))),  # rows
    ],
)
def test_steps_of_a_picture_are_its_patches_or_its_rows(
    n: int, rows: int, columns: int, lit: tuple[slice, slice]
) -> None:
    heat = np.zeros(n, np.float32)
    heat[{17: 6, 8: 5, 5: 4}[n]] = 1
    found = laid_out(heat, rows, columns, has_steps=False).values
    down, across = np.unravel_index(found.argmax(), found.shape)
    if n == 5:
        assert down == rows - 1
        assert (found[-1] == 1).all()
    else:
        assert lit[0].start <= down < lit[0].stop
        assert lit[1].start <= across < lit[1].stop


def test_constant_and_missing_numbers_are_drawn() -> None:
    signal = np.array([[1.0, np.nan], [1.0, 3.0]])
    assert picture_of(signal).values[:, :, 0].tolist() == [[0, 0], [0, 255]]
