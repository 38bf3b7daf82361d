"""Augmentation does what Keras' ImageDataGenerator does, by numbers that it gave."""

from __future__ import annotations

import numpy as np
import pytest

from h5viewer.documents.augmentation import Change, augmented, changed, drawn
from h5viewer.nodes.picture_sets import Augmentation, FillMode

PICTURE = (np.arange(25) * 37 % 256).reshape(5, 5, 1).astype("f4")

# keras 3.15 with scipy 1.17: ImageDataGenerator(fill_mode=..., cval=99).apply_transform(PICTURE,
# theta=25, tx=1.2, ty=-0.7, shear=12, zx=1.3, zy=0.8, channel_shift_intensity=40, flip_horizontal)
EXPECTED: dict[FillMode, tuple[tuple[float, ...], ...]] = {
    "constant": (
        (139.00, 139.00, 139.00, 153.99, 139.00),
        (139.00, 139.00, 103.49, 90.81, 103.22),
        (139.00, 139.00, 169.98, 110.41, 185.05),
        (139.00, 139.00, 185.05, 185.05, 185.05),
        (139.00, 166.46, 161.87, 157.28, 152.70),
    ),
    "nearest": (
        (67.75, 106.75, 145.76, 153.99, 113.63),
        (107.54, 61.39, 103.49, 90.81, 103.22),
        (186.67, 124.09, 169.98, 110.41, 186.67),
        (186.67, 186.67, 186.67, 186.67, 186.67),
        (160.00, 166.46, 161.87, 157.28, 152.70),
    ),
    "reflect": (
        (182.34, 106.72, 145.76, 153.99, 113.63),
        (193.20, 68.43, 103.49, 90.81, 103.22),
        (193.20, 124.09, 169.98, 110.41, 193.20),
        (178.10, 193.20, 193.20, 193.20, 193.20),
        (160.00, 166.46, 161.87, 157.28, 152.70),
    ),
    "wrap": (
        (185.05, 156.26, 162.87, 153.99, 121.40),
        (185.05, 185.05, 103.49, 90.81, 103.22),
        (149.39, 144.81, 169.98, 110.41, 185.05),
        (86.22, 96.01, 185.05, 185.05, 185.05),
        (114.88, 166.46, 161.87, 157.28, 152.70),
    ),
}

ALL = Augmentation(
    rotation=30,
    width_shift=0.2,
    height_shift=0.3,
    shear=10,
    zoom_low=0.8,
    zoom_high=1.3,
    brightness_low=0.6,
    brightness_high=1.4,
    channel_shift=20,
    horizontal_flip=True,
    vertical_flip=True,
)


@pytest.mark.parametrize("mode", EXPECTED)
def test_a_change_gives_the_numbers_that_keras_gives(mode: FillMode) -> None:
    change = Change(
        angle=25, right=1.2, down=-0.7, shear=12, zoom_columns=1.3, zoom_rows=0.8,
        channel_shift=40, flips_columns=True,
    )  # fmt: skip
    made = changed(PICTURE, change, mode, 99)
    np.testing.assert_allclose(made[..., 0], EXPECTED[mode], atol=0.01)


def test_no_change_leaves_every_number() -> None:
    made = augmented(PICTURE, Augmentation(), (3, 1))
    assert made.dtype == np.float32
    np.testing.assert_array_equal(made, PICTURE)


def test_a_half_turn_of_an_oblong_picture_turns_it_about_its_middle() -> None:
    picture = np.random.default_rng(0).uniform(0, 255, (5, 9, 3)).astype("f4")
    made = changed(picture, Change(angle=180), "constant")
    np.testing.assert_allclose(made, picture[::-1, ::-1], atol=0.01)


def test_shifts_move_rows_by_the_height_and_columns_by_the_width() -> None:
    wide = Augmentation(width_shift=0.5)
    high = Augmentation(height_shift=0.5)
    changes = [drawn(wide, 10, 40, (n,)) for n in range(50)]
    assert max(abs(each.right) for each in changes) > 15
    assert not any(each.down for each in changes)
    changes = [drawn(high, 10, 40, (n,)) for n in range(50)]
    assert 3 < max(abs(each.down) for each in changes) <= 5
    picture = np.zeros((4, 4, 1), "f4")
    picture[1, 2] = 9
    assert changed(picture, Change(right=1), "constant")[1, 1, 0] == 9
    assert changed(picture, Change(down=-1), "constant")[2, 2, 0] == 9


def test_wrapped_pictures_lie_over_each_other_by_one_pixel() -> None:
    """As in scipy.ndimage, whose numbers these are."""
    row = np.arange(4, dtype="f4").reshape(1, 4, 1)
    for shift, wanted in ((-3, [3, 1, 2, 0]), (-0.5, [2.5, 0.5, 1.5, 2.5]), (2, [2, 3, 1, 2])):
        made = changed(row, Change(right=shift), "wrap")
        np.testing.assert_allclose(made[0, :, 0], wanted)


def test_brightness_multiplies_and_stays_between_black_and_white() -> None:
    made = changed(PICTURE, Change(brightness=2))
    np.testing.assert_array_equal(made, np.minimum(PICTURE * 2, 255))


def test_brightness_makes_nothing_transparent() -> None:
    picture = np.random.default_rng(0).uniform(0, 255, (5, 5, 4)).astype("f4")
    made = changed(picture, Change(brightness=0.5))
    np.testing.assert_array_equal(made[..., 3], picture[..., 3])
    np.testing.assert_array_equal(made[..., :3], picture[..., :3] / 2)


def test_a_channel_shift_stays_within_the_range_of_the_picture() -> None:
    made = changed(PICTURE, Change(channel_shift=-1000))
    assert (made == PICTURE.min()).all()


def test_chance_depends_on_the_seed_alone() -> None:
    picture = np.random.default_rng(1).uniform(0, 255, (8, 8, 3)).astype("f4")
    first = augmented(picture, ALL, (1, 5, 0))
    np.testing.assert_array_equal(first, augmented(picture, ALL, (1, 5, 0)))
    assert not np.array_equal(first, augmented(picture, ALL, (1, 5, 1)))
    assert not np.array_equal(first, augmented(picture, ALL, (2, 5, 0)))


def test_what_is_drawn_stays_within_what_was_asked_for_and_fills_it() -> None:
    changes = [drawn(ALL, 10, 20, (n,)) for n in range(400)]
    ranges = {
        "angle": (-30, 30),
        "down": (-3, 3),
        "right": (-4, 4),
        "shear": (-10, 10),
        "zoom_rows": (0.8, 1.3),
        "zoom_columns": (0.8, 1.3),
        "channel_shift": (-20, 20),
        "brightness": (0.6, 1.4),
    }
    for name, (low, high) in ranges.items():
        values = [getattr(each, name) for each in changes]
        assert low <= min(values) < low + 0.1 * (high - low), name
        assert high - 0.1 * (high - low) < max(values) <= high, name
    for name in ("flips_columns", "flips_rows"):
        share = sum(getattr(each, name) for each in changes) / len(changes)
        assert 0.4 < share < 0.6, name


def test_settings_do_not_disturb_each_other() -> None:
    """A slider that is moved changes its own part of the picture alone."""
    turned = drawn(Augmentation(rotation=30), 8, 8, (4,))
    both = drawn(Augmentation(rotation=30, shear=10, horizontal_flip=True), 8, 8, (4,))
    assert turned.angle == both.angle


@pytest.mark.parametrize("mode", EXPECTED)
def test_pictures_of_one_pixel_and_far_shifts_give_numbers(mode: FillMode) -> None:
    for shape in ((1, 1, 3), (1, 7, 1), (6, 1, 2)):
        picture = np.full(shape, 7, "f4")
        made = changed(picture, Change(angle=33, right=1e6, down=-1e6, zoom_rows=3), mode, 7)
        assert made.shape == shape
        np.testing.assert_allclose(made, 7, atol=1e-3)
