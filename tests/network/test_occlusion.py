"""Occlusion maps of networks that look at known places."""

from __future__ import annotations

import numpy as np
import pytest

from h5viewer.network.occlusion import Drops, Pixels, covered, patches, strengths
from h5viewer.nodes import NetworkInput

SHAPES = {
    "rows-columns-channels": (1, 16, 24, 3),
    "channels-rows-columns": (1, 3, 16, 24),
    "rows-columns": (1, 16, 24),
    "flat": (1, 384),
}


def an_input(layout: str) -> NetworkInput:
    return NetworkInput(
        name="input",
        shape=(None, *SHAPES[layout][1:]),
        dtype="float32",
        kind="picture",
        layout=layout,
        rows=16,
        columns=24,
        channels=SHAPES[layout][-1] if layout == "rows-columns-channels" else 1,
    )


def heat_of(layout: str, place: tuple[int, int]) -> np.ndarray:
    """Occlusion of a network that looks at one pixel only: its score is that pixel's sum."""
    values = np.random.default_rng(0).uniform(0, 1, SHAPES[layout]).astype(np.float32)
    pixels = Pixels.of(an_input(layout), values)
    pixels.as_picture(values)[:, place[0], place[1]] = 5
    drops = Drops.nothing(pixels.rows, pixels.columns)
    before = pixels.as_picture(values)[0, place[0], place[1]].sum()
    for part, batch in covered(values, pixels, patches(pixels.rows, pixels.columns)):
        scores = pixels.as_picture(batch)[:, place[0], place[1]].sum(axis=-1)
        drops.add(part, before - scores[: len(part)])
    return drops.heat


def test_places_are_covered_by_the_mean_of_each_channel() -> None:
    values = np.zeros(SHAPES["rows-columns-channels"], np.float32)
    values[..., 0], values[..., 2] = 1, 7
    pixels = Pixels.of(an_input("rows-columns-channels"), values)
    for _, batch in covered(values, pixels, patches(16, 24)):
        assert (batch == values).all()  # a picture of one colour stays as it is


@pytest.mark.parametrize("layout", SHAPES)
@pytest.mark.parametrize("place", [(0, 0), (7, 12), (15, 23)])
def test_a_network_that_looks_at_one_place_is_hot_there_and_cold_elsewhere(layout, place):
    heat = heat_of(layout, place)
    assert heat.shape == (16, 24)
    assert heat[place] == heat.max() > 3
    # patches are 2 x 3 and touch the pixel only from next to it
    rows, columns = np.indices(heat.shape)
    far = (abs(rows - place[0]) >= 2) | (abs(columns - place[1]) >= 3)
    np.testing.assert_array_equal(heat[far], 0)


@pytest.mark.parametrize("side", [1, 2, 7, 28, 32, 224, 1000])
def test_every_pixel_is_covered_by_patches_inside_the_picture(side):
    seen = np.zeros((side, side), int)
    places = patches(side, side)
    for patch in places:
        assert 0 <= patch.rows.start < patch.rows.stop <= side
        assert 0 <= patch.columns.start < patch.columns.stop <= side
        seen[patch.rows, patch.columns] += 1
    assert seen.min() >= 1
    assert len(places) <= 20 * 20


def test_batches_of_large_pictures_stay_small():
    values = np.zeros((1, 1024, 1024, 3), np.float32)
    pixels = Pixels(1024, 1024, "rows-columns-channels")
    _, batch = next(covered(values, pixels, patches(1024, 1024)))
    assert batch.nbytes <= 4 * values.nbytes


def test_the_sample_itself_is_not_changed():
    values = np.random.default_rng(0).uniform(0, 1, (1, 16, 24, 3)).astype(np.float32)
    kept = values.copy()
    list(covered(values, Pixels(16, 24, "rows-columns-channels"), patches(16, 24)))
    np.testing.assert_array_equal(values, kept)


def test_of_probabilities_the_odds_count_even_where_float32_is_sure() -> None:
    softmax = np.array([[1.0, 1e-20, 1e-21]], np.float32)
    assert strengths(softmax, "softmax", 0)[0] == pytest.approx(-np.log(1.1e-20), rel=1e-5)
    assert strengths(np.array([[0.8]]), "sigmoid", 0)[0] == pytest.approx(np.log(4))
    assert strengths(np.array([[3.0, 4.0]]), "regression", 1)[0] == 4.0


def test_where_there_is_an_answer_a_place_their_mean_counts() -> None:
    answers = np.zeros((2, 4, 5, 3))
    answers[1, ..., 2] = 6
    np.testing.assert_allclose(strengths(answers, "mask", 2), [0, 6])
