"""One picture in full, and means of all and of each class: the stored numbers, however kept."""

from __future__ import annotations

from pathlib import Path

import h5py
import msgspec
import numpy as np
import pytest
from answering import everything
from pictured import only, pictures_of
from pictured import write_pictures as write

from h5viewer.documents.picture_layouts import drawn
from h5viewer.errors import TooLarge
from h5viewer.nodes import MeanPictures, OnePicture, PictureSet
from h5viewer.operations import one_picture, picture_means
from h5viewer.operations.picture_thumbnails import reduced
from h5viewer.requests import ReadMeanPictures, ReadOnePicture, ReadPictureLabels
from h5viewer.workers import messages

# ----------------------------------------------------------------------- one picture


def one(path: Path, pictures: PictureSet, index: int) -> OnePicture:
    request = ReadOnePicture(document=str(path), pictures=pictures, index=index)
    result: OnePicture = everything(path, request)[1]
    return result


def test_one_picture_tells_its_numbers(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(5, 20, 30, 3)).astype("f4")
    values[2, :2, :2] = np.nan
    values[2, 3, 3] = np.inf
    found_in = write(tmp_path / "a.h5", values, "nchw")
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["labels"] = np.array([0, 1, 1, 9, -7])
        file["names"] = np.array([b"a.png", b"b.png", b"\xffc.png", b"d", b""])
    layout = msgspec.structs.replace(found_in.layout, low=-2.0, high=2.0)
    found_in = msgspec.structs.replace(
        found_in, layout=layout, labels=(b"labels",), label_form="index",
        label_names=("cat", "dog"), sources=(b"names",),
    )  # fmt: skip
    found = one(tmp_path / "a.h5", found_in, 2)
    finite = values[2][np.isfinite(values[2])]
    assert (found.minimum, found.maximum) == (finite.min(), finite.max())
    assert found.mean == pytest.approx(finite.mean(dtype="f8"))
    assert found.n_nan == 12
    assert np.array_equal(found.pixels.values, drawn(values[2:3], layout)[0])
    assert (found.label, found.label_text, found.source) == (1, "dog", "\\xffc.png")
    out = one(tmp_path / "a.h5", found_in, 3)
    assert (out.label, out.label_text) == (-1, "9")
    assert one(tmp_path / "a.h5", found_in, 4).label_text == "-7"


def test_all_parts_of_a_picture_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_picture, "_PIECE", 300)
    values = np.random.default_rng(0).normal(size=(2, 40, 20, 3))
    values[1, 3, 3, 0], values[1, 20, 9, 1], values[1, 39, 0] = -50, 60, np.nan
    found_in = write(tmp_path / "a.h5", values, chunks=(1, 7, 9, 2))
    found = one(tmp_path / "a.h5", found_in, 1)
    assert (found.minimum, found.maximum, found.n_nan) == (-50, 60, 3)
    assert found.mean == pytest.approx(np.nanmean(values[1]))


def test_a_picture_without_a_number_is_black(tmp_path: Path) -> None:
    found_in = write(tmp_path / "a.h5", np.full((2, 9, 9, 3), np.nan))
    found = one(tmp_path / "a.h5", found_in, 1)
    assert np.isnan([found.minimum, found.maximum]).all()
    assert found.n_nan == 9 * 9 * 3
    assert not found.pixels.values.any()


def test_a_large_picture_comes_reduced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_picture, "LONGEST_SIDE", 10)
    found_in = write(tmp_path / "a.h5", pictures_of(2, 40, 20))
    found = one(tmp_path / "a.h5", found_in, 0)
    assert found.pixels.shape == (10, 5, 3)
    assert found.maximum == pictures_of(2, 40, 20)[0].max()


def test_a_picture_that_costs_the_whole_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_picture, "READ_BUDGET", 100)
    found_in = write(tmp_path / "a.h5", pictures_of(2, 40, 20))
    with pytest.raises(TooLarge):
        one(tmp_path / "a.h5", found_in, 0)


# ----------------------------------------------------------------------------- means


def means(path: Path, pictures: PictureSet) -> list[MeanPictures]:
    request = ReadMeanPictures(document=str(path), pictures=pictures)
    told, result = everything(path, request)
    return [part for part in told if isinstance(part, MeanPictures)] + [result]


@pytest.mark.parametrize("axes", ["nhwc", "hwcn"])
@pytest.mark.parametrize("dtype", ["u1", "f4"])
def test_means_are_of_all_and_of_each_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, axes: str, dtype: str
) -> None:
    monkeypatch.setattr(picture_means, "_GROUP", 10_000)
    pictures = pictures_of(300, 10, 12).astype(dtype)
    found_in = write(tmp_path / "a.h5", pictures, axes)
    labels = np.random.default_rng(1).integers(-1, 4, 300)  # −1 and 3 have no name
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["labels"] = labels
    found_in = msgspec.structs.replace(
        found_in, labels=(b"labels",), label_form="index", label_names=("a", "b", "c")
    )
    *parts, last = means(tmp_path / "a.h5", found_in)
    assert last.n_read == last.n_pictures == 300
    assert np.allclose(last.mean.values, pictures.mean(axis=0), rtol=1e-5)
    for number in range(3):
        own = pictures[labels == number].mean(axis=0)
        assert np.allclose(last.class_means.values[number], own, rtol=1e-5)
    counts = [part.n_read for part in parts]
    assert counts == sorted(set(counts))
    assert len(parts) > 3


def test_a_picture_of_several_classes_counts_in_each(tmp_path: Path) -> None:
    pictures = pictures_of(40, 10, 12)
    found_in = write(tmp_path / "a.h5", pictures)
    marks = np.random.default_rng(1).random((40, 3)) < 0.4
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["labels"] = marks
    found_in = msgspec.structs.replace(
        found_in, labels=(b"labels",), label_form="several", label_names=("a", "b", "c")
    )
    last = means(tmp_path / "a.h5", found_in)[-1]
    assert last.n_read == 40
    assert np.allclose(last.mean.values, pictures.mean(axis=0), rtol=1e-5)
    for number in range(3):
        own = pictures[marks[:, number]].mean(axis=0)
        assert np.allclose(last.class_means.values[number], own, rtol=1e-5)


def test_first_means_are_of_pictures_from_everywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_means, "_GROUP", 1000)
    ramp = np.zeros((256, 8, 8, 1), "u1") + np.arange(256, dtype="u1")[:, None, None, None]
    found_in = write(tmp_path / "a.h5", ramp)
    parts = means(tmp_path / "a.h5", found_in)
    early = next(part for part in parts if part.n_read >= 30)
    assert early.n_read < 128
    assert 100 < early.mean.values.mean() < 156


def test_a_class_without_pictures_has_no_mean(tmp_path: Path) -> None:
    found_in = write(tmp_path / "a.h5", pictures_of(5, 9, 9))
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["labels"] = np.zeros(5, int)
    found_in = msgspec.structs.replace(
        found_in, labels=(b"labels",), label_form="index", label_names=("a", "b")
    )
    class_means = means(tmp_path / "a.h5", found_in)[-1].class_means.values
    assert np.isfinite(class_means[0]).all()
    assert np.isnan(class_means[1]).all()


def test_what_is_no_number_counts_as_black(tmp_path: Path) -> None:
    values = np.ones((2, 9, 9, 3), "f4")
    values[0] = np.nan
    found_in = write(tmp_path / "a.h5", values)
    assert means(tmp_path / "a.h5", found_in)[-1].mean.values.mean() == 0.5


def test_many_classes_and_large_pictures_are_reduced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_means, "_MOST_NUMBERS", 5000)
    pictures = pictures_of(20, 40, 40)
    found_in = write(tmp_path / "a.h5", pictures)
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["labels"] = np.arange(20) % 4
    few = msgspec.structs.replace(
        found_in, labels=(b"labels",), label_form="index", label_names=tuple("abcd")
    )
    last = means(tmp_path / "a.h5", few)[-1]
    assert last.class_means.values.size <= 5000
    assert last.class_means.shape[0] == 4
    small = reduced(pictures, max(last.mean.shape[:2])).mean(axis=0)
    assert np.allclose(last.mean.values, small, rtol=1e-5)
    many = msgspec.structs.replace(few, label_names=tuple(str(n) for n in range(500)))
    assert means(tmp_path / "a.h5", many)[-1].class_means.shape[0] == 0


def test_of_a_huge_data_set_a_part_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_means, "READ_BUDGET", 50_000)
    monkeypatch.setattr(picture_means, "_GROUP", 10_000)
    found_in = write(tmp_path / "a.h5", pictures_of(300, 10, 12))
    last = means(tmp_path / "a.h5", found_in)[-1]
    assert 100 < last.n_read < 200
    assert last.n_pictures == 300


def test_answers_cross_the_pipe(tmp_path: Path) -> None:
    """Numbers of NumPy would not."""
    found_in = write(tmp_path / "a.h5", pictures_of(6, 9, 9))
    for answer in (one(tmp_path / "a.h5", found_in, 0), means(tmp_path / "a.h5", found_in)[-1]):
        assert messages.frame(messages.Finished(1, answer))


def test_of_more_pictures_than_anybody_has_some_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither their number nor that of their labels is held in memory."""
    monkeypatch.setattr(picture_means, "READ_BUDGET", 1 << 20)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("images", (10**15, 16, 16), "u1", chunks=(64, 16, 16))
        file.create_dataset("labels", (10**15,), "i8", chunks=(1000,))
    found_in = only(tmp_path / "a.h5")
    assert (found_in.n_pictures, found_in.labels) == (10**15, (b"labels",))
    last = means(tmp_path / "a.h5", found_in)[-1]
    assert 0 < last.n_read < 100_000
    assert last.class_means.shape[0] == 0
    request = ReadPictureLabels(document="", pictures=found_in)
    with pytest.raises(TooLarge):
        everything(tmp_path / "a.h5", request)
