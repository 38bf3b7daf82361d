"""Networks that answer with pictures tell by these how the ones they get are scaled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from asking_networks import answered, opened

from h5viewer.network.loading import load_network
from h5viewer.nodes import Evidence, LoadedNetwork
from h5viewer.requests import LoadNetwork

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

L = keras.layers


def told(model: Any, path: Path) -> tuple[str, list[Evidence]]:
    """The recipe, and what its answers have to do with it."""
    model.save(path)
    with opened(path) as (container,):
        found, _, _ = answered(load_network(LoadNetwork(document=str(path)), container))
    assert isinstance(found, LoadedNetwork)
    about = ("It answers with pictures", "Made-up pictures come back")
    return found.recipes[0].name, [
        each for each in found.evidence if each.message.startswith(about)
    ]


def answering(*last: Any, channels: int = 3) -> Any:
    keras.utils.set_random_seed(1)
    hidden = L.Conv2D(6, 3, padding="same", activation="relu")
    return keras.Sequential([keras.Input((32, 32, channels)), hidden, *last])


@pytest.mark.parametrize(
    ("activation", "recipe"), [("sigmoid", "unit"), ("hard_sigmoid", "unit"), ("tanh", "symmetric")]
)
@pytest.mark.parametrize("channels", [1, 3])
def test_an_autoencoder_gets_what_its_last_activation_can_say(
    tmp_path: Path, activation: str, recipe: str, channels: int
) -> None:
    last = L.Conv2D(channels, 3, padding="same", activation=activation)
    name, evidence = told(answering(last, channels=channels), tmp_path / "a.keras")
    assert name == recipe
    assert [each.recipe for each in evidence] == [recipe]


def test_pictures_that_come_back_larger_are_scaled_as_those_given(tmp_path: Path) -> None:
    last = (L.UpSampling2D(), L.Conv2D(3, 3, padding="same", activation="tanh"))
    assert told(answering(*last), tmp_path / "a.keras")[0] == "symmetric"


def test_pictures_that_lose_what_is_below_zero_were_not_around_it(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((32, 32, 3)), L.Conv2D(3, 1, activation="relu")])
    model.layers[0].set_weights([np.eye(3)[None, None], np.zeros(3)])
    name, (evidence,) = told(model, tmp_path / "a.keras")
    assert name == "unit"
    assert "0 % of their contrast off when they are scaled so: 0 to 1" in evidence.message
    assert "perhaps 0 to 255" in evidence.message


def test_pictures_that_come_back_however_they_are_scaled_tell_nothing(tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input((32, 32, 3)), L.Conv2D(3, 1)])
    model.layers[0].set_weights([np.eye(3)[None, None], np.zeros(3)])
    assert told(model, tmp_path / "a.keras")[1] == []


@pytest.mark.parametrize("n_masks", [1, 2, 3])
def test_masks_tell_nothing_of_the_pictures_they_are_of(tmp_path: Path, n_masks: int) -> None:
    last = L.Conv2D(n_masks, 1, activation="softmax" if n_masks == 3 else "sigmoid")
    assert told(answering(last), tmp_path / "a.keras")[1] == []


def test_a_mask_without_channels_tells_nothing_of_colours(tmp_path: Path) -> None:
    last = (L.Conv2D(1, 1, activation="sigmoid"), L.Reshape((32, 32)))
    assert told(answering(*last), tmp_path / "a.keras")[1] == []


def test_a_network_that_scales_by_itself_gets_plain_pictures(tmp_path: Path) -> None:
    model = keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            L.Rescaling(1 / 255),
            L.Conv2D(6, 3, padding="same", activation="relu"),
            L.Conv2D(3, 3, padding="same", activation="sigmoid"),
        ]
    )
    name, evidence = told(model, tmp_path / "a.keras")
    assert (name, evidence) == ("raw", [])
