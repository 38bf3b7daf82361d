"""The report cries no wolf over what is usual in data sets that are handed about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pictured import scenes, write
from test_check_pictures import checked, kinds

N = 24
SCENES = scenes(N, 32, 32)
CLASSES = np.arange(N) % 4


def test_pixels_of_depth_and_of_objects_are_no_leak(tmp_path: Path) -> None:
    """A depth of each picture looks like the picture."""
    grey = SCENES[..., 0]
    path = write(
        tmp_path / "a.h5", images=grey, depths=grey // 2, labels=grey // 64, instances=grey // 32
    )
    assert kinds(checked(path)) == []


def test_pictures_in_several_sizes_are_no_leak(tmp_path: Path) -> None:
    half = SCENES.reshape(N, 16, 2, 16, 2, 3).mean((2, 4)).astype("u1")
    half[::2] = 255 - half[::2]  # too small to be known again, say
    report = checked(write(tmp_path / "a.h5", data32x32=SCENES, data16x16=half))
    assert kinds(report) == ["same-set"]


def test_a_picture_at_another_place_of_another_set_is_a_leak(tmp_path: Path) -> None:
    other = scenes(2 * N, 32, 32)[N:]
    other[5] = SCENES[6]
    report = checked(write(tmp_path / "a.h5", a=SCENES, b=other))
    assert kinds(report) == ["leakage"]


def test_bright_pictures_are_not_scaled_otherwise(tmp_path: Path) -> None:
    signed = (SCENES / 127.5 - 1).astype("f4")
    signed[3] = 0.6 + 0.4 * SCENES[3] / 255
    assert kinds(checked(write(tmp_path / "a.h5", images=signed, labels=CLASSES))) == []
    signed[3] = SCENES[3] / 255
    signed[3, 0] = 0
    report = checked(write(tmp_path / "b.h5", images=signed, labels=CLASSES))
    assert kinds(report) == ["mixed-range"]
    assert report.findings[0].indices == (3,)


def test_bytes_that_lost_their_bright_half_are_found(tmp_path: Path) -> None:
    report = checked(write(tmp_path / "a.h5", images=SCENES.view("i1"), labels=CLASSES))
    assert kinds(report) == ["dtype"]
    assert "negative" in report.findings[0].message
    shifted = (SCENES.astype("i2") - 128).astype("i1")
    assert kinds(checked(write(tmp_path / "b.h5", images=shifted, labels=CLASSES))) == []


@pytest.mark.parametrize(
    ("dtype", "factor", "told"),
    [("i8", 1, ["an eighth"]), ("u2", 1, ["half"]), ("u2", 16, []), ("u1", 1, [])],
)
def test_bytes_in_wider_numbers_are_told(
    tmp_path: Path, dtype: str, factor: int, told: list[str]
) -> None:
    path = write(tmp_path / "a.h5", images=SCENES.astype(dtype) * factor, labels=CLASSES)
    findings = checked(path).findings
    assert [each.kind for each in findings] == ["dtype"] * len(told)
    assert all(share in each.message for share, each in zip(told, findings, strict=True))


@pytest.mark.parametrize("shape", [(N,), (N, 1, 1, 1)])
def test_labels_may_lie_in_another_file(tmp_path: Path, shape: tuple[int, ...]) -> None:
    one = write(tmp_path / "valid_x.h5", x=SCENES)
    other = write(tmp_path / "valid_y.h5", y=(CLASSES % 2).reshape(shape))
    report = checked(one, other)
    assert report.counts[0].counts == (12, 12)
    assert report.limits == ("The labels of /x are those in /y of valid_y.h5.",)
    assert kinds(report) == []


def test_labels_of_another_split_or_of_two_files_are_not_taken(tmp_path: Path) -> None:
    one = write(tmp_path / "train_x.h5", x=SCENES)
    test = write(tmp_path / "test_y.h5", y=CLASSES)
    assert checked(one, test).counts[0].counts == ()
    first, second = (write(tmp_path / f"{name}.h5", y=CLASSES) for name in "ab")
    assert checked(one, first, second).counts[0].counts == ()
    assert sum(checked(one, first).counts[0].counts) == N


@pytest.mark.parametrize("scale", [(1.0, 1.0, 1.0), (58.4, 57.1, 57.4)])
def test_a_picture_of_one_colour_is_blank(tmp_path: Path, scale: tuple[float, ...]) -> None:
    """Red all over; and black, when each channel has its own mean taken off."""
    pictures = scenes(40, 32, 32)
    pictures[7] = (200, 30, 30)
    pictures[9] = 0
    stored = pictures if scale[0] == 1 else (pictures - np.float32([123, 117, 104])) / scale
    report = checked(write(tmp_path / "a.h5", images=stored.astype(stored.dtype.str[1:])))
    (blank,) = (each for each in report.findings if each.kind == "blank")
    assert blank.indices == (7, 9)


def test_pictures_that_lie_across_a_file_without_chunks_are_said_to_be_slow(tmp_path: Path) -> None:
    pictures = scenes(360, 64, 64)
    path = write(tmp_path / "a.h5", x=pictures.transpose(1, 2, 3, 0), y=np.arange(360) % 4)
    (finding,) = (each for each in checked(path).findings if each.kind == "slow-batches")
    assert "the numbers of each picture lie all over the file" in finding.message
    assert "no data" not in finding.message


def test_classes_that_are_numbers_are_told_from_how_many_they_have(tmp_path: Path) -> None:
    labels = np.repeat([1, 2], [N - 1, 1])
    pictures = SCENES.copy()
    pictures[N - 1] = pictures[0]
    messages = [
        each.message for each in checked(write(tmp_path / "a.h5", x=pictures, y=labels)).findings
    ]
    assert any("23 pictures are of class 1, 1 of class 2: a network" in each for each in messages)
    assert any("picture 0 is class 1, picture 23 is class 2." in each for each in messages)
    path = write(tmp_path / "b.h5", x=pictures, y=np.array([b"", b"cat", b"dog"])[labels])
    messages = [each.message for each in checked(path).findings]
    assert any("23 pictures are of cat, 1 of dog: a network" in each for each in messages)
