"""A recipe turns pixels into the numbers and the layout that a network was trained with."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace
from PIL import Image

from h5viewer.errors import CannotRead
from h5viewer.network.drawings import is_drawing, is_light
from h5viewer.network.evidence.strokes import drawn_digits
from h5viewer.network.feeds import sample_of
from h5viewer.network.occlusion import Pixels
from h5viewer.network.recipes import (
    CAFFE,
    RAW,
    SYMMETRIC,
    TORCH,
    UNIT,
    inverted,
    on_dark,
    on_light,
    recipes_that_fit,
    to_batch,
)
from h5viewer.network.rows import feeder_of
from h5viewer.nodes import NetworkInput, Recipe

COLOUR = (200, 100, 50)


def picture_input(
    rows: int = 4, columns: int = 6, channels: int = 3, layout: str = ""
) -> NetworkInput:
    layout = layout or "rows-columns-channels"
    shape = {
        "rows-columns-channels": (None, rows or None, columns or None, channels),
        "channels-rows-columns": (None, channels, rows, columns),
        "rows-columns": (None, rows, columns),
        "flat": (None, rows * columns * channels),
        "flat-channels-first": (None, rows * columns * channels),
    }[layout]
    return NetworkInput(
        name="x",
        shape=shape,
        dtype="float32",
        kind="picture",
        layout=layout,  # type: ignore[arg-type]
        rows=rows,
        columns=columns,
        channels=channels,
    )


def plain(colour: tuple[int, int, int] = COLOUR, rows: int = 4, columns: int = 6) -> np.ndarray:
    pixels = np.zeros((rows, columns, 3), np.uint8)
    pixels[:] = colour
    return pixels


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        (RAW, (200, 100, 50)),
        (UNIT, (200 / 255, 100 / 255, 50 / 255)),
        (SYMMETRIC, (200 / 127.5 - 1, 100 / 127.5 - 1, 50 / 127.5 - 1)),
        (CAFFE, (50 - 103.939, 100 - 116.779, 200 - 123.68)),
        (
            TORCH,
            (
                (200 / 255 - 0.485) / 0.229,
                (100 / 255 - 0.456) / 0.224,
                (50 / 255 - 0.406) / 0.225,
            ),
        ),
        (inverted(UNIT), (55 / 255, 155 / 255, 205 / 255)),
        (Recipe(name="own", mean=(10.0,), std=(2.0,)), (95, 45, 20)),
        (Recipe(name="own", mean=(1.0, 2.0, 3.0), std=(1.0, 2.0, 4.0)), (199, 49, 11.75)),
    ],
)
def test_recipe_gives_the_numbers_it_is_known_for(
    recipe: Recipe, expected: tuple[float, ...]
) -> None:
    batch = to_batch(plain(), recipe, picture_input())
    assert batch.shape == (1, 4, 6, 3)
    assert batch.dtype == np.float32
    assert batch[0, 2, 3] == pytest.approx(expected, rel=1e-5)


def test_three_modes_are_those_of_keras_applications() -> None:
    from keras.src.applications.imagenet_utils import preprocess_input

    pixels = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
    for recipe, mode in ((CAFFE, "caffe"), (SYMMETRIC, "tf"), (TORCH, "torch")):
        theirs = preprocess_input(
            pixels[None].astype(np.float32), data_format="channels_last", mode=mode
        )
        assert to_batch(pixels, recipe, picture_input()) == pytest.approx(theirs, abs=1e-4)


@pytest.mark.parametrize(
    ("layout", "channels", "shape"),
    [
        ("rows-columns-channels", 1, (1, 4, 6, 1)),
        ("rows-columns-channels", 4, (1, 4, 6, 4)),
        ("channels-rows-columns", 3, (1, 3, 4, 6)),
        ("channels-rows-columns", 1, (1, 1, 4, 6)),
        ("rows-columns", 1, (1, 4, 6)),
        ("flat", 1, (1, 24)),
        ("flat", 3, (1, 72)),
    ],
)
def test_batch_has_the_layout_of_the_input(
    layout: str, channels: int, shape: tuple[int, ...]
) -> None:
    target = picture_input(channels=channels, layout=layout)
    assert to_batch(plain(), RAW, target).shape == shape


def test_channels_first_keeps_each_channel_whole() -> None:
    batch = to_batch(plain(), RAW, picture_input(layout="channels-rows-columns"))
    assert [float(batch[0, i].mean()) for i in range(3)] == list(COLOUR)


def test_flat_runs_row_by_row_with_channels_last() -> None:
    pixels = np.arange(72, dtype=np.uint8).reshape(4, 6, 3)
    batch = to_batch(pixels, RAW, picture_input(layout="flat"))
    assert batch[0].tolist() == list(range(72))


def test_flat_with_channels_first_runs_channel_by_channel() -> None:
    """As the rows of CIFAR-10 do; of a data set they are turned back."""
    pixels = np.random.default_rng(1).integers(0, 256, (2, 4, 6, 3), np.uint8)
    target = picture_input(layout="flat-channels-first")
    rows = pixels.transpose(0, 3, 1, 2).reshape(2, -1)
    assert to_batch(pixels[0], RAW, target)[0].tolist() == rows[0].tolist()
    feeder = feeder_of(target, target.shape[1:], rows, RAW, "x")
    assert feeder.batch(rows, "x").tolist() == rows.tolist()
    thumbnail = feeder.thumbnail(rows[1])
    assert thumbnail is not None
    assert thumbnail.values.tolist() == pixels[1].tolist()
    row_of = sample_of(rows[0], target, "a")
    assert row_of.pixels is not None
    assert row_of.pixels.tolist() == pixels[0].tolist()
    seen = Pixels.of(target, rows).as_picture(rows)
    assert seen.tolist() == pixels.tolist()


def test_one_channel_is_the_luminance() -> None:
    batch = to_batch(plain(), RAW, picture_input(channels=1))
    assert float(batch[0, 0, 0, 0]) == pytest.approx(0.299 * 200 + 0.587 * 100 + 0.114 * 50)


def test_alpha_channel_is_opaque() -> None:
    batch = to_batch(plain(), UNIT, picture_input(channels=4))
    assert float(batch[0, 0, 0, 3]) == 1


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        (UNIT, (200 / 255, 100 / 255, 50 / 255, 40 / 255)),
        (SYMMETRIC, (200 / 127.5 - 1, 100 / 127.5 - 1, 50 / 127.5 - 1, 40 / 127.5 - 1)),
        (CAFFE, (50 - 103.939, 100 - 116.779, 200 - 123.68, 40)),
        (inverted(RAW), (55, 155, 205, 40)),
    ],
)
def test_alpha_of_the_picture_is_scaled_with_its_colours(
    recipe: Recipe, expected: tuple[float, ...]
) -> None:
    clear = np.concatenate([plain(rows=8), np.full((8, 6, 1), 40, np.uint8)], axis=2)
    batch = to_batch(clear, recipe, picture_input(channels=4))
    assert batch.shape == (1, 4, 6, 4)
    assert batch[0, 0, 0].tolist() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("n_channels", [2, 4])
def test_channels_of_a_data_set_are_fed_as_many_as_they_are(n_channels: int) -> None:
    """The fourth was taken for opaque alpha, the second for the first once more."""
    target = picture_input(channels=n_channels)
    rows = np.random.default_rng(3).integers(0, 256, (3, 4, 6, n_channels), np.uint8)
    feeder = feeder_of(target, target.shape[1:], rows, UNIT, "x")
    assert np.allclose(feeder.batch(rows, "x"), rows / 255)


def halves(rows: int, columns: int) -> np.ndarray:
    """Black at the left, white at the right."""
    pixels = np.zeros((rows, columns, 3), np.uint8)
    pixels[:, columns // 2 :] = 255
    return pixels


def test_fittings_stretch_crop_and_pad() -> None:
    target = picture_input(rows=8, columns=8)
    wide = halves(10, 40)
    stretched = to_batch(wide, RAW, target)[0, :, :, 0]
    assert stretched[4].tolist() == [0] * 4 + [255] * 4
    cropped = to_batch(wide, replace(RAW, fitting="crop"), target)[0, :, :, 0]
    assert cropped[0].tolist() == cropped[7].tolist() == [0] * 4 + [255] * 4
    red = plain((255, 0, 0), 10, 40)
    padded = to_batch(red, replace(RAW, fitting="pad"), target)[0]
    assert (padded == (255, 0, 0)).all()  # on its own plain background
    padded = to_batch(wide, replace(RAW, fitting="pad"), target)[0, :, :, 0]
    assert padded[0].max() == 0
    assert padded[4].tolist() == [0] * 4 + [255] * 4


def test_bilinear_is_that_of_tensorflow() -> None:
    import tensorflow as tf

    pixels = np.random.default_rng(1).integers(0, 256, (21, 17, 3), np.uint8)
    theirs = tf.image.resize(pixels.astype(np.float32), (8, 12)).numpy()
    ours = to_batch(pixels, RAW, picture_input(rows=8, columns=12))[0]
    assert np.abs(ours - theirs).max() <= 1  # Pillow's pixels are whole numbers


def test_far_larger_pictures_are_averaged_first() -> None:
    chequers = (np.indices((256, 256)).sum(axis=0) % 2 * 255).astype(np.uint8)
    pixels = np.repeat(chequers[:, :, None], 3, axis=2)
    batch = to_batch(pixels, RAW, picture_input(rows=8, columns=8))
    assert np.abs(batch - 127.5).max() < 3


def test_nearest_takes_pixels_as_they_are() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (30, 30, 3), np.uint8)
    batch = to_batch(pixels, replace(RAW, filter="nearest"), picture_input(rows=7, columns=7))
    known = {tuple(pixel) for pixel in pixels.reshape(-1, 3).tolist()}
    assert {tuple(map(int, pixel)) for pixel in batch[0].reshape(-1, 3).tolist()} <= known


def test_input_of_any_size_gets_about_the_pictures_own() -> None:
    free = picture_input(rows=0, columns=0)
    assert to_batch(plain(rows=100, columns=70), RAW, free).shape == (1, 96, 64, 3)
    assert to_batch(plain(rows=3000, columns=1500), RAW, free).shape == (1, 1024, 512, 3)


def test_input_of_numbers_takes_no_picture() -> None:
    numbers = NetworkInput(name="x", shape=(None, 12), dtype="float32", kind="values")
    with pytest.raises(CannotRead, match="takes numbers"):
        to_batch(plain(), RAW, numbers)


def test_every_recipe_that_fits_has_a_name_of_its_own() -> None:
    for channels in (1, 3):
        recipes = recipes_that_fit(picture_input(channels=channels))
        assert len({recipe.name for recipe in recipes}) == len(recipes) >= 6


# ---------------------------------------------------------------------------- drawings


def drawing(ink: int, paper: int, rows: int = 60, columns: int = 90) -> np.ndarray:
    """A thin upright bar, right of the middle."""
    pixels = plain((paper, paper, paper), rows, columns)
    pixels[10:50, 60:64] = ink
    return pixels


def test_drawings_and_their_background_are_seen() -> None:
    assert is_drawing(drawing(0, 255))
    assert is_light(drawing(0, 255))
    assert is_drawing(drawing(255, 0))
    assert not is_light(drawing(255, 0))
    noise = np.asarray(Image.effect_noise((50, 50), 120).convert("RGB"))
    assert not is_drawing(noise)
    assert not is_drawing(plain(rows=20, columns=20))


@pytest.mark.parametrize(("ink", "paper"), [(0, 255), (255, 0), (40, 200)])
def test_drawing_comes_light_on_dark_whatever_it_is(ink: int, paper: int) -> None:
    target = picture_input(rows=28, columns=28, channels=1)
    seen = to_batch(drawing(ink, paper), on_dark(UNIT), target)[0, :, :, 0]
    assert seen.max() == 1
    assert seen[0].max() == seen[:, 0].max() == 0
    other = to_batch(drawing(ink, paper), on_light(UNIT), target)[0, :, :, 0]
    assert np.abs(other - (1 - seen)).max() < 1e-6


def test_drawing_is_fitted_and_centred_as_in_mnist() -> None:
    target = picture_input(rows=28, columns=28, channels=1)
    seen = to_batch(drawing(0, 255), on_dark(RAW), target)[0, :, :, 0]
    rows, columns = np.nonzero(seen > 100)
    assert 18 <= rows.max() - rows.min() + 1 <= 21
    assert abs(rows.mean() - 13.5) < 1
    assert abs(columns.mean() - 13.5) < 1


@pytest.mark.parametrize("n_channels", [1, 3])
def test_drawings_of_a_data_set_are_fitted_as_pictures_are(n_channels: int) -> None:
    """Stored in grey, too, which has as many channels as the network."""
    target, pixels = picture_input(rows=28, columns=28, channels=1), drawing(0, 255)
    rows = pixels[None, :, :, :n_channels]
    feeder = feeder_of(target, target.shape[1:], rows, on_dark(RAW), "x")
    expected = to_batch(pixels, on_dark(RAW), target)
    assert np.abs(feeder.batch(rows, "x") - expected).max() <= 1


def test_thin_line_does_not_fade_when_it_is_made_small() -> None:
    pixels = plain((255, 255, 255), 400, 400)
    pixels[40:360, 200:202] = 0
    seen = to_batch(pixels, on_dark(RAW), picture_input(rows=28, columns=28, channels=1))
    assert seen.max() == 255
    assert 15 <= np.count_nonzero(seen > 120) <= 60


def test_photograph_is_not_taken_for_a_drawing() -> None:
    """Without a plain background it is fitted whole."""
    gradient = np.repeat(np.linspace(0, 255, 56).astype(np.uint8)[None], 56, axis=0)
    pixels = np.repeat(gradient[:, :, None], 3, axis=2)
    target = picture_input(rows=28, columns=28, channels=1)
    seen = to_batch(pixels, on_dark(RAW), target)[0, :, :, 0]
    assert seen[0, 0] < 10
    assert seen[0, 27] > 245


def test_drawn_digits_are_twenty_different_drawings() -> None:
    digits = drawn_digits()
    assert [digit for digit, _ in digits] == [*range(10)] * 2
    assert len({pixels.tobytes() for _, pixels in digits}) == 20
    assert all(is_drawing(pixels) and not is_light(pixels) for _, pixels in digits)


def test_picture_that_is_as_mnist_has_them_stays_as_it_is() -> None:
    """Pixel by pixel: fitting it anew would give other scores than the data set's own picture."""
    target = picture_input(rows=28, columns=28, channels=1)
    pixels = plain((0, 0, 0), 28, 28)
    pixels[4:24, 12:16] = 230
    pixels[12:16, 8:20] = 180
    seen = to_batch(pixels, on_dark(RAW), target)[0, :, :, 0]
    assert np.array_equal(np.rint(seen), pixels[:, :, 0])
    moved = np.roll(pixels, 4, axis=1)
    assert not np.array_equal(to_batch(moved, on_dark(RAW), target)[0, :, :, 0], moved[:, :, 0])
