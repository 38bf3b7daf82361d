"""Pictures that no gallery shows are at least told of, once and in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from pictured import SCENES, find, write
from test_check_pictures import checked

from h5viewer.errors import CannotRead

BYTES = h5py.vlen_dtype(np.uint8)
JPEG = np.frombuffer(b"\xff\xd8\xff\xe0\0\x10JFIF" + bytes(300), np.uint8)
NOISE = np.random.default_rng(0).integers(0, 256, (30, 24, 20), "u1")
PNG = np.frombuffer(b"\x89PNG\r\n\x1a\n" + bytes(300), np.uint8)


def _listed(path: Path, name: str, elements: list[Any]) -> Path:
    with h5py.File(path, "w") as file:
        lists = file.create_dataset(name, (len(elements),), BYTES)
        for index, each in enumerate(elements):
            lists[index] = each
    return path


@pytest.mark.parametrize(("content", "kind"), [(JPEG, "JPEG"), (PNG, "PNG")])
def test_files_in_lists_are_told(tmp_path: Path, content: np.ndarray, kind: str) -> None:
    path = _listed(tmp_path / "a.h5", "encoded", [content[: 200 + n] for n in range(30)])
    found = find(path)
    assert found.sets == ()
    assert len(found.problems) == 1
    assert found.problems[0].startswith(f"/encoded holds 30 {kind} files, not pixels.")


def test_files_that_are_filled_up_are_told(tmp_path: Path) -> None:
    found = find(write(tmp_path / "a.h5", images=np.stack([JPEG] * 20), labels=np.arange(20) % 3))
    assert found.sets == ()
    assert [each.startswith("/images holds 20 JPEG files") for each in found.problems] == [True]


def test_pixels_in_lists_are_told(tmp_path: Path) -> None:
    pixels = [each[: 10 + n % 5].reshape(-1) for n, each in enumerate(SCENES)]
    (problem,) = find(_listed(tmp_path / "a.h5", "image_features", pixels)).problems
    assert problem.startswith("/image_features holds 30 pictures of different sizes")


@pytest.mark.parametrize(
    "name", ["blocks/{}", "{}/data", "train/{}/part", "train/class_{class_}/{}"]
)
def test_datasets_that_may_be_one_picture_each_are_told_together(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for n, each in enumerate(NOISE):
            file[name.format(n, class_=n % 2)] = each
            file[f"targets/{n}"] = n % 2
    found = find(path)
    assert found.sets == ()
    (problem,) = found.problems
    assert problem.startswith("30 pictures stand each in a dataset of its own, /")


def test_more_datasets_than_are_looked_at_are_not_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("h5viewer.operations.picture_sets._MOST_NODES", 20)
    path = write(tmp_path / "a.h5", **{str(n): each for n, each in enumerate(NOISE)})
    (problem,) = find(path).problems
    assert problem.startswith("At least 20 pictures stand each in a dataset of its own, /0")


@pytest.mark.parametrize("stored", [JPEG, np.bytes_(JPEG.tobytes()), np.void(JPEG.tobytes())])
def test_files_in_datasets_of_their_own_are_told(tmp_path: Path, stored: Any) -> None:
    path = write(tmp_path / "a.h5", **{f"ISIC_{n:04}": stored for n in range(12)})
    (problem,) = find(path).problems
    assert problem.startswith("12 pictures stand each as a file of its own, /ISIC_0000 for one.")


def test_films_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", videos=SCENES.reshape(5, 6, 24, 20, 3), labels=np.arange(5))
    (problem,) = find(path).problems
    assert problem.startswith("/videos holds 5 films of 6 pictures")


def test_other_lists_and_many_other_datasets_are_not(tmp_path: Path) -> None:
    path = _listed(tmp_path / "a.h5", "events", [np.arange(200, dtype="u1")] * 9)
    with h5py.File(path, "r+") as file:
        for n in range(20):
            file[f"fields/{n}"] = np.zeros((40, 40))
            file[f"layer/kernel_{n}"] = np.zeros((40, 40), "f4")
            file[f"curves/{n}"] = np.arange(200, dtype="u1")
            file[f"texts/{n}"] = np.bytes_(b"a" * 400)
        for n in range(5):
            file[f"few/{n}.jpg"] = SCENES[n]
    assert find(path).problems == ()


def test_sets_that_are_shown_are_not_told_again(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for n in range(9):
            file[f"{n}/images"], file[f"{n}/labels"] = SCENES[:4, ..., 0], [0, 1, 0, 1]
    found = find(path)
    assert (len(found.sets), found.problems) == (9, ())


def test_who_asks_for_a_report_is_told_why_there_is_none(tmp_path: Path) -> None:
    path = _listed(tmp_path / "a.h5", "encoded", [JPEG] * 9)
    with pytest.raises(CannotRead) as refusal:
        checked(path)
    assert "/encoded holds 9 JPEG files" in refusal.value.hint
