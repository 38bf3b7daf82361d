"""Data sets as they are handed about: what a person would say of them is what is guessed."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np
import pytest
from faulty_pictures import pictures as spread
from pictured import SCENES, digits, find, only, scenes, write

N = len(SCENES)
CLASSES = np.arange(N) % 5
SQUARES = scenes(N, 32, 32)
GREY = SQUARES[..., 0]
RNG = np.random.default_rng(4)


class Wild(NamedTuple):
    """A file, and what a person says of its first pictures."""

    what: str
    datasets: dict[str, Any]
    node: str
    axes: str
    size: tuple[int, int, int]
    labels: str | None = None
    form: str = ""
    n_classes: int = 0
    first_label: int = 0


def _small(strokes: np.ndarray, side: int) -> np.ndarray:
    """Digits that fill their frame, as those of the post do."""
    cut = strokes[:, 2 : 2 + side, 6 : 6 + side].astype("f4") / 255
    return (cut + np.roll(cut, 1, 1) + np.roll(cut, 1, 2) + np.roll(cut, 2, 2)) / 4


WILD = [
    Wild(
        "faces, names of attributes beside the numbers of persons",
        {
            "images": SQUARES,
            "identity": CLASSES,
            "attribute_names": np.array([f"has {n}".encode() for n in range(12)]),
        },
        "images", "nhwc", (32, 32, 3), "identity", "index", 5,
    ),
    Wild(
        "drawings, the word for each called its name",
        {"images": GREY.reshape(N, -1), "names": np.array([b"cat", b"dog", b"eye"])[CLASSES % 3]},
        "images", "nhw", (32, 32, 1), "names", "text", 3,
    ),
    Wild(
        "captions: where those of each picture begin and end is no class",
        {
            "images": SQUARES.transpose(0, 3, 1, 2),
            "labels": RNG.integers(0, 900, (5 * N, 16)),
            "label_start_ix": np.arange(1, 5 * N, 5).astype("u4"),
        },
        "images", "nchw", (32, 32, 3),
    ),
    Wild(
        "three planes of colour in a row, which below each other are smooth as well",
        {
            "data": np.concatenate([GREY // 4 + n for n in (0, 60, 120)], 1).reshape(N, -1),
            "labels": CLASSES,
        },
        "data", "nchw", (32, 32, 3), "labels", "index", 5,
    ),
    Wild(
        "three planes that show nothing alike, but do not go on where the next begins",
        {"data": spread(N).transpose(0, 3, 1, 2).reshape(N, -1), "labels": CLASSES},
        "data", "nchw", (32, 32, 3), "labels", "index", 5,
    ),
    Wild(
        "how far away, beside colours",
        {"rgb": SQUARES, "depth": GREY / np.float32(25)},
        "depth", "nhw", (32, 32, 1),
    ),
    Wild(
        "patches of tissue, labels with four axes",
        {"x": SQUARES, "y": CLASSES.reshape(-1, 1, 1, 1).astype("u1")},
        "x", "nhwc", (32, 32, 3), "y", "index", 5,
    ),
    Wild(
        "Caffe: pixels less their mean, labels of floats with four axes",
        {
            "data": SQUARES.transpose(0, 3, 1, 2) - np.float32([104, 117, 123])[:, None, None],
            "label": CLASSES.reshape(-1, 1, 1, 1).astype("f4"),
        },
        "data", "nchw", (32, 32, 3), "label", "index", 5,
    ),
    Wild(
        "galaxies, labels among measured values",
        {
            "images": SQUARES,
            "ans": CLASSES.astype("u1"),
            "dec": RNG.uniform(-90, 90, N),
            "pxscale": np.full(N, 0.26),
        },
        "images", "nhwc", (32, 32, 3), "ans", "index", 5,
    ),
    Wild(
        "dishes, one-hot in bits",
        {
            "images": (GREY / 127.5 - 1).astype("f4")[..., None],
            "category": np.eye(5, dtype=bool)[CLASSES],
            "category_names": np.array([b"cake", b"fish", b"pie", b"soup", b"tart"]),
        },
        "images", "nhwc", (32, 32, 1), "category", "one-hot", 5,
    ),
    Wild(
        "digits of letters, flat, in groups, some alike",
        {
            "train__data": _small(np.repeat(digits(N // 3), 3, axis=0), 16).reshape(N, -1),
            "train__target": CLASSES,
        },
        "train/data", "nhw", (16, 16, 1), "train/target", "index", 5,
    ),
    Wild(
        "faces of a MATLAB file, flat, one a column",
        {
            "fea": GREY.transpose(0, 2, 1).reshape(N, -1).T.astype("f8"),
            "gnd": CLASSES[None].astype("f8") + 1,
        },
        "fea", "hwn", (32, 32, 1), "gnd", "index", 5, 1,
    ),
    Wild(
        "frames a robot saw: that it was done is no class",
        {
            "data__demo_0__obs__agentview_image": SQUARES,
            "data__demo_0__dones": (np.arange(N) == N - 1).astype("i8"),
            "data__demo_0__rewards": (np.arange(N) == N - 1) * 1.0,
            "data__demo_0__actions": RNG.uniform(-1, 1, (N, 7)),
            "data__demo_1__grasped": np.arange(N) % 2,
        },
        "data/demo_0/obs/agentview_image", "nhwc", (32, 32, 3),
    ),
    Wild(
        "tomography in Hounsfield units",
        {"images": (GREY.astype("i2") * 16 - 1024), "labels": CLASSES},
        "images", "nhw", (32, 32, 1), "labels", "index", 5,
    ),
    Wild(
        "the same in fractions",
        {"images": GREY.astype("f4") * 16 - 1024, "labels": CLASSES},
        "images", "nhw", (32, 32, 1), "labels", "index", 5,
    ),
    Wild(
        "light of stars, with gaps",
        {"image": np.where(GREY[0, 0, 0] == GREY, np.nan, GREY.astype("f4") ** 2 - 100)},
        "image", "nhw", (32, 32, 1),
    ),
    Wild(
        "ten bands of a satellite",
        {
            "sen2": np.concatenate([SQUARES, SQUARES, SQUARES, SQUARES[..., :1]], 3) / 800,
            "label": np.eye(5)[CLASSES],
        },
        "sen2", "nhwc", (32, 32, 10), "label", "one-hot", 5,
    ),
    Wild(
        "what is to be made sharp, and how: both pictures",
        {
            "data": (GREY / 255).astype("f4")[:, None] * np.float32(0.9),
            "label": (GREY / 255).astype("f4")[:, None, 6:27, 6:27],
        },
        "data", "nchw", (32, 32, 1),
    ),
]  # fmt: skip


@pytest.mark.parametrize("wild", WILD, ids=lambda each: each.what)
def test_pictures_and_labels_are_what_a_person_says(tmp_path: Path, wild: Wild) -> None:
    found = find(write(tmp_path / "a.h5", **wild.datasets)).sets
    pictures = next(each for each in found if b"/".join(each.node).decode() == wild.node)
    layout = pictures.layout
    assert layout.axes in (wild.axes, wild.axes.translate(str.maketrans("hw", "wh")))
    assert (layout.height, layout.width, layout.channels) == wild.size
    labels = None if pictures.labels is None else b"/".join(pictures.labels).decode()
    assert (labels, pictures.label_form) == (wild.labels, wild.form)
    assert len(pictures.label_names) == wild.n_classes
    assert pictures.first_label == wild.first_label


def test_pictures_that_are_targets_are_no_labels(tmp_path: Path) -> None:
    found = find(write(tmp_path / "a.h5", **WILD[-1].datasets)).sets
    assert [(each.node, each.labels) for each in found] == [((b"data",), None), ((b"label",), None)]


def test_a_square_of_labels_is_a_map_not_one_for_each(tmp_path: Path) -> None:
    """One picture in many bands, and what lies where: 32 are not those along an axis."""
    bands = np.stack([GREY[0] * (0.5 + n / 60) for n in range(30)], 2).astype("f4")
    assert find(write(tmp_path / "a.h5", cube=bands, gt=GREY[0] // 40)).sets == ()


def test_few_numbers_of_things_are_seen(tmp_path: Path) -> None:
    found = find(write(tmp_path / "a.h5", images=SQUARES, masks=GREY // 5)).sets
    assert found[1].layout.high == 63


def test_a_set_without_pictures_is_told(tmp_path: Path) -> None:
    found = find(write(tmp_path / "a.h5", images=np.zeros((0, 32, 32, 3), "u1")))
    assert found.sets == ()
    assert found.problems == ("/images is empty: it has room for pictures, but holds none.",)


def test_channels_no_screen_shows_are_told(tmp_path: Path) -> None:
    pictures = only(write(tmp_path / "a.h5", **WILD[-2].datasets))
    assert "Of its 10 channels the first three are drawn." in pictures.notes


def test_cameras_that_use_a_part_of_16_bits_are_seen(tmp_path: Path) -> None:
    for factor, high in ((16, 4095), (60, int(GREY.max()) * 60), (257, 65_535)):
        values = GREY.astype("u2") * factor
        layout = only(write(tmp_path / "a.h5", images=values, labels=CLASSES)).layout
        assert (layout.low, layout.high) == (0, pytest.approx(high, rel=0.2))


def test_bytes_that_lost_their_bright_half_are_told(tmp_path: Path) -> None:
    told = only(write(tmp_path / "a.h5", train_img=SQUARES.view("i1"), train_labels=CLASSES))
    assert any("negative" in note for note in told.notes)
    shifted = (SQUARES.astype("i2") - 128).astype("i1")
    kept = only(write(tmp_path / "b.h5", train_img=shifted, train_labels=CLASSES))
    assert not any("negative" in note for note in kept.notes)


def test_faint_values_are_seen(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", images=GREY * 1e-6, labels=CLASSES)
    assert only(path).layout.high == pytest.approx(GREY.max() * 1e-6)


def test_maps_of_pixels_come_after_pictures(tmp_path: Path) -> None:
    near = (GREY / 32).astype("f4")
    path = write(tmp_path / "a.h5", depths=near, images=SQUARES, instances=GREY // 32)
    assert [each.node[-1] for each in find(path).sets] == [b"images", b"depths", b"instances"]


@pytest.mark.parametrize(
    ("stored", "high"),
    [((GREY // 16).astype("f8"), 15), ((GREY / 32).astype("f4"), GREY.max() / 32)],
)
def test_fractions_of_few_steps_are_seen(tmp_path: Path, stored: np.ndarray, high: float) -> None:
    """Depths in metres, digits of sixteen greys: of 255 they would be black."""
    layout = only(write(tmp_path / "a.h5", images=stored, labels=CLASSES)).layout
    assert (layout.low, layout.high) == (0, high)


T = np.arange(N)
ACROSS = np.arange(32) / 32


def _waves(speed: float) -> np.ndarray:
    phase = T[:, None, None] * speed
    return np.sin(6 * ACROSS + phase) * np.cos(5 * ACROSS[:, None] - phase)


def _graphs() -> np.ndarray:
    ties = RNG.random((N, 40, 40)) < 0.2
    return (ties | ties.transpose(0, 2, 1)).astype("u1")


PLAIN: dict[str, dict[str, Any]] = {
    "simulations": {"0000__data": _waves(0.2)[..., None].astype("f4"), "0000__grid__t": T},
    "boards": {"x": (RNG.random((N, 19, 19, 17)) < 0.2).astype("u1"), "y": CLASSES},
    "correlations": {"cov": np.exp(-np.abs(np.subtract.outer(T, T)) / (2.0 + T[:, None, None]))},
    "neighbours in graphs": {
        "adj": _graphs(),
        "y": RNG.normal(size=N),
    },
    "clouds of points": {
        "data": RNG.uniform(-1, 1, (N, 512, 3)).astype("f4"),
        "label": CLASSES[:, None].astype("u1"),
        "faceId": RNG.integers(0, 9999, (N, 512)),
    },
    "classes alone": {"fine_labels": CLASSES[:, None].astype("u1"), "coarse_labels": CLASSES},
    "volumes, flat": {
        "X_train": (RNG.random((N, 4096)) ** 8).round(2),
        "y_train": CLASSES,
    },
    "maps of features": {"features": np.maximum(0, RNG.normal(size=(N, 64, 14, 14)))},
}


@pytest.mark.parametrize("what", PLAIN)
def test_measured_and_computed_numbers_are_no_pictures(tmp_path: Path, what: str) -> None:
    assert find(write(tmp_path / "a.h5", **PLAIN[what])).sets == ()


def test_numbers_called_x_are_not_complained_about(tmp_path: Path) -> None:
    noise = RNG.normal(size=(N, 32, 40))
    assert find(write(tmp_path / "a.h5", x_train=noise, y_train=CLASSES)).problems == ()
    (problem,) = find(write(tmp_path / "b.h5", images=noise, labels=CLASSES * 1.5)).problems
    assert problem == "/images has the shape of pictures, but not their values."


def test_fields_over_coordinates_are_no_pictures(tmp_path: Path) -> None:
    field = (_waves(0.1) + 1) / 2
    field /= field.max()
    path = write(tmp_path / "a.h5", tp=field, time=T, latitude=ACROSS, longitude=ACROSS)
    assert only(path).node == (b"tp",)
    with h5py.File(path, "r+") as file:
        for axis, name in enumerate(("time", "latitude", "longitude")):
            file[name].make_scale(name)
            file["tp"].dims[axis].attach_scale(file[name])
    assert find(path).sets == ()


@pytest.mark.parametrize(
    ("means", "is_bgr"), [((104, 117, 123), True), ((123.7, 116.8, 103.9), False)]
)
def test_means_taken_off_tell_that_blue_is_first(
    tmp_path: Path, means: tuple[float, ...], is_bgr: bool
) -> None:
    pictures = np.where(SQUARES < 12, 0, SQUARES) - np.float32(means)
    found = only(write(tmp_path / "a.h5", data=pictures.transpose(0, 3, 1, 2), label=CLASSES))
    assert found.layout.is_bgr == is_bgr
    assert any("Caffe" in note for note in found.notes) == is_bgr


def test_three_numbers_beside_a_colour_picture_are_not_its_labels(tmp_path: Path) -> None:
    assert find(write(tmp_path / "a.h5", image=SQUARES[0], label=np.eye(3)[1])).sets == ()
