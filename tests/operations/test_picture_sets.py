"""Data sets of pictures are found as people store them; other numbers are not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from pictured import LABELS, SCENES, classes_of, digits, find, only, scenes, write


@pytest.mark.parametrize(
    ("stored", "axes", "is_flat"),
    [
        (SCENES, "nhwc", False),
        (SCENES.transpose(0, 3, 1, 2), "nchw", False),
        (SCENES.transpose(1, 2, 3, 0), "hwcn", False),
        (SCENES.transpose(3, 2, 1, 0), "cwhn", False),
        (SCENES[..., 0], "nhw", False),
        (SCENES[..., :1], "nhwc", False),
        (scenes(30, 24, 24).reshape(30, -1), "nhwc", True),
        (scenes(30, 24, 24).transpose(0, 3, 1, 2).reshape(30, -1), "nchw", True),
        (scenes(30, 24, 24).reshape(30, -1).T, "hwcn", True),
        (digits(30).reshape(30, -1), "nhw", True),
    ],
)
@pytest.mark.parametrize("scaled", ["bytes", "fractions", "signed", "standardised", "float16"])
def test_layouts_are_recognized(
    tmp_path: Path, stored: np.ndarray, axes: str, is_flat: bool, scaled: str
) -> None:
    values, low, high = {
        "bytes": lambda: (stored, 0, 255),
        "fractions": lambda: ((stored / 255).astype("f4"), 0, 1),
        "signed": lambda: (stored / 127.5 - 1, -1, 1),
        "standardised": lambda: ((stored - stored.mean()) / stored.std(), None, None),
        "float16": lambda: (stored.astype("f2"), 0, 255),
    }[scaled]()
    pictures = only(write(tmp_path / "a.h5", x_train=values, y_train=LABELS))
    # columns before rows looks the same: MATLAB's order comes out turned, and can be changed
    assert pictures.layout.axes in (axes, axes.translate(str.maketrans("hw", "wh")))
    assert pictures.layout.is_flat == is_flat
    assert pictures.n_pictures == 30
    assert pictures.labels == (b"y_train",)
    assert pictures.split == "training"
    if low is not None:
        assert (pictures.layout.low, pictures.layout.high) == (low, high)
    else:
        assert pictures.layout.low < pictures.layout.high


@pytest.mark.parametrize("strange", [np.nan, np.inf, -np.inf, 1e300, -1e39])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_a_few_strange_numbers_spoil_nothing(tmp_path: Path, strange: float, dtype: str) -> None:
    with np.errstate(over="ignore"):
        values = (SCENES / 255).astype("f8")
        values[:, 5:7, 5] = strange
        path = write(tmp_path / "a.h5", x=values.astype(dtype), y=LABELS)
    layout = only(path).layout
    assert (layout.axes, round(layout.low, 1)) == ("nhwc", 0)
    assert 0.7 < layout.high <= 1


def test_noisy_pictures_are_pictures(tmp_path: Path) -> None:
    noise = np.random.default_rng(5).normal(scale=50, size=SCENES.shape)
    values = (SCENES + noise).clip(0, 255) / 255
    assert only(write(tmp_path / "a.h5", values=values)).layout.axes == "nhwc"


def test_labels_say_which_axis_the_pictures_are_on(tmp_path: Path) -> None:
    grey = scenes(40, 40, 30, 1)[..., 0]
    assert only(write(tmp_path / "a.h5", x=grey, y=np.arange(40) % 2)).layout.axes == "nhw"
    assert only(write(tmp_path / "b.h5", x=grey, y=np.arange(30) % 2)).layout.axes == "hwn"


def test_matlab_is_turned(tmp_path: Path) -> None:
    """What MATLAB has as rows x columns x channels x pictures stands the other way round."""
    path = write(tmp_path / "a.h5", X=SCENES.transpose(0, 3, 2, 1), y=LABELS[None] + 1)
    with h5py.File(path, "r+") as file:
        file["X"].attrs["MATLAB_class"] = np.bytes_("uint8")
    pictures = only(path)
    assert pictures.layout.axes == "ncwh"
    assert (pictures.layout.height, pictures.layout.width) == (24, 20)
    assert pictures.first_label == 1
    assert pictures.label_names == ("1", "2", "3")
    assert classes_of(path, pictures)[0] == LABELS.tolist()


def test_flat_pictures_need_not_be_square(tmp_path: Path) -> None:
    faces = scenes(40, 50, 37, 1)
    pictures = only(write(tmp_path / "a.h5", faces=faces.reshape(40, -1), target=np.arange(40) % 5))
    assert {pictures.layout.height, pictures.layout.width} == {50, 37}


@pytest.mark.parametrize(
    ("values", "low", "high"),
    [
        (SCENES // 128, 0, 1),
        (SCENES * 0, 0, 255),
        (SCENES // 16, 0, 15),
        (SCENES > 90, 0, 1),
        (SCENES.astype("u2") * 16, 0, 4095),
        (SCENES.astype("u2") * 257, 0, 65_535),
        (SCENES.astype("i8"), 0, 255),
        (SCENES.astype("i2") - 128, -128, 127),
    ],
)
def test_black_and_white_follow_the_values(
    tmp_path: Path, values: np.ndarray, low: float, high: float
) -> None:
    layout = only(write(tmp_path / "a.h5", images=values, labels=LABELS)).layout
    assert (layout.low, layout.high) == (low, high)


def others() -> Iterator[tuple[str, dict[str, Any]]]:
    rng = np.random.default_rng(3)
    yield (
        "kernels of a network",
        {
            "conv1__weight": rng.normal(size=(64, 3, 11, 11)).astype("f4"),
            "a__0": rng.normal(size=(11, 11, 3, 96)).astype("f4"),
            "b__0": rng.normal(size=(3, 3, 64, 64)).astype("f4"),
            "c__0": rng.normal(size=(512, 512, 3, 3)).astype("f4"),
            "d": rng.normal(size=(784, 128)).astype("f4"),
        },
    )
    smooth = scenes(64, 11, 11) / 255 - 0.4  # as first kernels are
    yield "smooth kernels", {"conv1__w": smooth, "features__0": smooth}
    yield (
        "vectors of features",
        {
            "features": np.abs(rng.normal(size=(300, 1024))).astype("f4"),
            "labels": rng.integers(0, 5, 300),
        },
    )
    yield (
        "curves",
        {
            "x": np.sin(np.arange(784) / 100 + rng.uniform(0, 6, (300, 1))),
            "y": rng.integers(0, 2, 300),
        },
    )
    yield (
        "walks",
        {
            "x": np.cumsum(rng.normal(size=(300, 784)), axis=1).astype("f4"),
            "y": rng.integers(0, 2, 300),
        },
    )
    yield "words", {"x": rng.integers(0, 9999, (300, 400)), "y": rng.integers(0, 2, 300)}
    yield (
        "words, one-hot",
        {
            "x": np.eye(64, dtype="u1")[rng.integers(0, 64, (300, 50))],
            "y": rng.integers(0, 2, 300),
        },
    )
    yield "a table", {"data": np.arange(100 * 64).reshape(100, 64) % 251}
    yield "one picture", {"image": scenes(1, 40, 60, 3)[0]}
    yield "one picture in planes", {"image": scenes(1, 40, 60, 3)[0].transpose(2, 0, 1)}
    stripes = np.sin(np.arange(1024) * 2 * np.pi / 32) * 100 + 120
    yield (
        "rows of one striped picture",
        {"data": (stripes + rng.normal(scale=2, size=(200, 1))).astype("u1")},
    )
    yield "nothing in it", {"images": np.zeros((0, 28, 28), "u1")}
    yield (
        "a field of one smooth surface",
        {"data": (np.add.outer(np.arange(200), np.arange(64)) / 4).astype("u1")},
    )


@pytest.mark.parametrize(("what", "datasets"), list(others()), ids=lambda each: str(each)[:30])
def test_other_numbers_are_no_pictures(tmp_path: Path, what: str, datasets: dict[str, Any]) -> None:
    assert find(write(tmp_path / "a.h5", **datasets)).sets == (), what


def test_networks_have_no_pictures(tmp_path: Path) -> None:
    """Not even in what a layer of a Keras file keeps."""
    path = write(tmp_path / "a.h5", model_weights__images=SCENES)
    with h5py.File(path, "r+") as file:
        file.attrs["model_config"] = "{}"
    assert find(path).sets == ()


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        images = file.create_dataset(
            "images", data=SCENES, chunks=(30, 24, 20, 3), compression="gzip"
        )
        images.id.write_direct_chunk((0, 0, 0, 0), b"no deflated bytes")
        file["x_test"] = SCENES
    found = find(path)
    assert [each.node for each in found.sets] == [(b"x_test",)]
    assert len(found.problems) == 1
    assert "images" in found.problems[0]
