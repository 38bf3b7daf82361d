"""Labels that lie in another file than their pictures: found, read, averaged by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import msgspec
import numpy as np
import pytest
from answering import everything
from pictured import LABELS, SCENES, classes_of, find, only, write

from h5viewer.errors import CannotRead
from h5viewer.nodes import OtherLabels, PictureSet
from h5viewer.requests import FindOtherLabels, ReadMeanPictures

N = len(SCENES)
WORDS = np.array([b"ant", b"bee", b"cat"])[LABELS]


def found_in(path: Path, pictures: PictureSet) -> tuple[PictureSet, ...]:
    request = FindOtherLabels(document=str(path), pictures=pictures)
    sets: tuple[PictureSet, ...] = everything(path, request)[1].sets
    return sets


@pytest.fixture
def pictures(tmp_path: Path) -> PictureSet:
    return only(write(tmp_path / "x.h5", x=SCENES))


@pytest.mark.parametrize(
    ("labels", "form", "names"),
    [
        (LABELS.reshape(N, 1, 1, 1).astype("u1"), "index", ("0", "1", "2")),
        (np.eye(3)[LABELS], "one-hot", ("0", "1", "2")),
        (WORDS, "text", ("ant", "bee", "cat")),
    ],
)
def test_those_of_another_file_are_read_from_there(
    tmp_path: Path, pictures: PictureSet, labels: Any, form: str, names: tuple[str, ...]
) -> None:
    path = write(tmp_path / "y.h5", test_y=labels, ids=np.arange(N), others=np.arange(N + 1))
    (labelled,) = found_in(path, pictures)
    assert (labelled.labels, labelled.label_form, labelled.label_names) == (
        (b"test_y",),
        form,
        names,
    )
    assert labelled.node == pictures.node
    assert classes_of(path, labelled)[0] == LABELS.tolist()


def test_all_that_may_be_meant_are_offered_best_first(tmp_path: Path, pictures: PictureSet) -> None:
    path = write(tmp_path / "y.h5", group=LABELS, x=LABELS, y=LABELS, measured=np.linspace(0, 1, N))
    assert [each.labels for each in found_in(path, pictures)] == [(b"y",), (b"group",), (b"x",)]


def test_a_file_without_any_says_why(tmp_path: Path, pictures: PictureSet) -> None:
    path = write(tmp_path / "short.h5", y=LABELS[:-1])
    with pytest.raises(CannotRead, match=r"short\.h5 holds no labels for 30 pictures"):
        found_in(path, pictures)
    path = write(tmp_path / "boxes.h5", y=np.arange(4 * N).reshape(N, 4))
    with pytest.raises(CannotRead) as refusal:
        found_in(path, pictures)
    assert refusal.value.hint.startswith("/y is no list of labels.")


def test_labels_of_other_pictures_are_taken_only_when_their_file_is_chosen(
    tmp_path: Path, pictures: PictureSet
) -> None:
    path = write(tmp_path / "both.h5", x=SCENES[..., 0].reshape(N, -1), y=LABELS)
    with pytest.raises(CannotRead, match="belong to its own data"):
        found_in(path, pictures)
    request = FindOtherLabels(document=str(path), pictures=pictures, is_chosen=True)
    assert everything(path, request)[1].sets[0].labels == (b"y",)


def test_labels_beside_files_as_many_belong_to_these(tmp_path: Path, pictures: PictureSet) -> None:
    path = write(tmp_path / "b.h5", labels=LABELS)
    assert found_in(path, pictures)
    with h5py.File(path, "r+") as file:
        file.create_dataset("images", (N,), h5py.vlen_dtype(np.uint8))
    with pytest.raises(CannotRead, match="belong to its own data"):
        found_in(path, pictures)


def test_means_of_classes_follow_them(tmp_path: Path) -> None:
    here = write(tmp_path / "both.h5", x=SCENES, y=LABELS)
    own = only(here)
    apart = write(tmp_path / "x.h5", x=SCENES)
    labels = write(tmp_path / "y.h5", y=LABELS)
    pictures = only(apart)
    other = OtherLabels(document=str(labels), pictures=found_in(labels, pictures)[0])
    request = ReadMeanPictures(document=str(apart), pictures=pictures, other_labels=other)
    assert request.documents == (str(apart), str(labels))
    wanted = everything(here, ReadMeanPictures(document=str(here), pictures=own))[1]
    means = everything(apart, request)[1]
    np.testing.assert_array_equal(means.class_means.values, wanted.class_means.values)
    moved = request.about(["/a", "/b"])
    assert moved.documents == ("/a", "/b")
    assert msgspec.structs.replace(moved, other_labels=None).documents == ("/a",)


def test_labels_are_never_taken_unasked(tmp_path: Path) -> None:
    write(tmp_path / "a_y.h5", y=LABELS)
    assert only(write(tmp_path / "a_x.h5", x=SCENES)).labels is None
    assert find(tmp_path / "a_y.h5").sets == ()
