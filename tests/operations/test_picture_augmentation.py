"""Pictures of a data set are shown as an augmentation would change them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from answering import everything

from h5viewer.documents.augmentation import augmented
from h5viewer.errors import CannotRead
from h5viewer.nodes import Augmentation, PictureLayout, PictureSet, Thumbnails
from h5viewer.requests import PreviewAugmentation
from h5viewer.workers.pool import Pool, ask

N, ROWS, COLUMNS = 9, 8, 10
TURNED = Augmentation(rotation=40, horizontal_flip=True, zoom_low=0.8, zoom_high=1.2)


def pixels() -> Any:
    """(n, rows, columns, 3)."""
    return np.random.default_rng(0).integers(0, 256, (N, ROWS, COLUMNS, 3), "u1")


def a_set(values: Any, axes: str = "nhwc", **facts: Any) -> PictureSet:
    layout = PictureLayout(
        axes=axes, height=ROWS, width=COLUMNS, channels=3 if "c" in axes else 1, **facts
    )
    dtype = str(values.dtype)
    return PictureSet(node=(b"x",), shape=values.shape, dtype=dtype, layout=layout, n_pictures=N)


def preview(folder: Path, values: Any, wanted: PictureSet, **asked: Any) -> Thumbnails:
    path = folder / "data.h5"
    with h5py.File(path, "w") as file:
        file["x"] = values
    facts = {"indices": (4, 1), "augmentation": TURNED, "copies": 2, **asked}
    _, found = everything(path, PreviewAugmentation(document=str(path), pictures=wanted, **facts))
    assert isinstance(found, Thumbnails)
    return found


def test_each_picture_comes_as_it_is_and_then_changed(tmp_path: Path) -> None:
    values = pixels()
    found = preview(tmp_path, values, a_set(values), seed=3)
    assert found.indices == (4, 4, 4, 1, 1, 1)
    shown = found.pixels.values
    np.testing.assert_array_equal(shown[0], values[4])
    np.testing.assert_array_equal(shown[3], values[1])
    for at, index, copy in ((1, 4, 0), (2, 4, 1), (4, 1, 0), (5, 1, 1)):
        made = augmented(values[index].astype("f4"), TURNED, (3, index, copy))
        np.testing.assert_array_equal(shown[at], np.rint(made).clip(0, 255))


@pytest.mark.parametrize(
    ("low", "high", "dtype"), [(0, 1, "f4"), (-1, 1, "f8"), (0, 65535, "u2"), (0, 255, "f2")]
)
def test_numbers_of_any_range_are_changed_alike(
    low: float, high: float, dtype: str, tmp_path: Path
) -> None:
    bright = Augmentation(brightness_low=0.5, brightness_high=0.5)
    values = (pixels() / 255 * (high - low) + low).astype(dtype)
    found = preview(tmp_path, values, a_set(values, low=low, high=high), augmentation=bright)
    shown = found.pixels.values.astype(int)
    assert np.abs(shown[0] - pixels()[4].astype(int)).max() <= 1
    assert np.abs(shown[1] - pixels()[4] / 2).max() <= 1


def test_other_layouts_and_orders_of_colours_are_shown_upright(tmp_path: Path) -> None:
    values = pixels()
    turned = values.transpose(1, 2, 3, 0)[..., ::-1, :]  # hwcn, blue first
    there = preview(tmp_path, turned, a_set(turned, "hwcn", is_bgr=True))
    here = preview(tmp_path, values, a_set(values))
    np.testing.assert_array_equal(there.pixels.values, here.pixels.values)
    grey = preview(tmp_path, values[..., 0], a_set(values[..., 0], "nhw"))
    assert grey.pixels.values.shape == (6, ROWS, COLUMNS)


def test_large_pictures_are_made_small_before(tmp_path: Path) -> None:
    values = pixels()
    found = preview(tmp_path, values, a_set(values), side=5)
    assert found.pixels.values.shape == (6, 4, 5, 3)


def test_damaged_numbers_are_drawn(tmp_path: Path) -> None:
    values = pixels().astype("f4")
    values[4, 0, 0] = np.nan
    values[4, 1, 1] = np.inf
    every = Augmentation(
        rotation=20, shear=5, channel_shift=9, brightness_low=0.5, brightness_high=2
    )
    assert preview(tmp_path, values, a_set(values), augmentation=every).indices[0] == 4


@pytest.mark.parametrize(
    "asked",
    [
        {"indices": (N,)},
        {"indices": (-1,)},
        {"copies": -1},
        {"copies": 100_000},
        {"side": 0},
        {"augmentation": Augmentation(rotation=float("nan"))},
        {"augmentation": Augmentation(rotation=181)},
        {"augmentation": Augmentation(zoom_low=0, zoom_high=1)},
        {"augmentation": Augmentation(zoom_low=2, zoom_high=1)},
        {"augmentation": Augmentation(brightness_low=2)},
        {"augmentation": Augmentation(width_shift=1.5)},
    ],
)
def test_what_means_nothing_is_refused(asked: Any, tmp_path: Path) -> None:
    values = pixels()
    with pytest.raises(CannotRead):
        preview(tmp_path, values, a_set(values), **asked)


def test_a_confined_worker_answers(tmp_path: Path, pool: Pool) -> None:
    """Where nothing can be imported any more, random numbers neither."""
    values = pixels()
    path = tmp_path / "data.h5"
    with h5py.File(path, "w") as file:
        file["x"] = values
    request = PreviewAugmentation(
        document=str(path), pictures=a_set(values), indices=(2,), augmentation=TURNED, copies=3
    )
    found = ask(pool, request)
    assert isinstance(found, Thumbnails)
    assert found.indices == (2, 2, 2, 2)
