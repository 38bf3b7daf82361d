"""Files in elements, and datasets of one picture each, are data sets: found, counted, labelled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import h5py
import msgspec
import numpy as np
import pytest
from answering import everything
from loose_files import (
    BYTES,
    claim,
    picture_file,
    pixels_of,
    png_bomb,
    write_lists,
    write_opaque,
    write_rows,
    write_texts,
)
from pictured import classes_of, find, only, scenes

from h5viewer.documents import picture_words
from h5viewer.errors import CannotRead, H5ViewerError
from h5viewer.formats import hdf5
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.names import NodePath
from h5viewer.nodes import Augmentation, PictureSet
from h5viewer.operations import picture_sets
from h5viewer.operations.loose_reading import LoosePictures
from h5viewer.requests import (
    CheckPictures,
    FindPictureSets,
    FitPictureSet,
    PreviewAugmentation,
    ReadMeanPictures,
)

LABELS = np.arange(20) % 3
PNGS = [picture_file(n) for n in range(20)]

Write = Callable[..., Path]


@pytest.mark.parametrize("write", [write_lists, write_opaque, write_texts, write_rows])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "BMP", "GIF"])
def test_files_in_elements_are_a_data_set_with_labels(
    tmp_path: Path, write: Write, kind: str
) -> None:
    files = [picture_file(n, kind) for n in range(20)]
    path = write(tmp_path / "a.h5", files, labels=LABELS, class_names=[b"cat", b"dog", b"owl"])
    found = only(path)
    assert (found.storage, found.encoding, found.n_pictures) == ("elements", kind, 20)
    assert (found.layout.height, found.layout.width, found.are_alike) == (30, 40, True)
    assert (found.labels, found.label_names) == ((b"labels",), ("cat", "dog", "owl"))
    classes, _ = classes_of(path, found)
    assert classes == LABELS.tolist()


def test_elements_along_a_second_axis_count_as_well(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        lists = file.create_dataset("images", (20, 1), BYTES)
        for index, each in enumerate(PNGS):
            lists[index, 0] = np.frombuffer(each, np.uint8)
    assert only(path).n_pictures == 20


def test_many_texts_before_them_do_not_hide_them(tmp_path: Path) -> None:
    texts = {f"a{n}": np.array([b"some words"] * 30, dtype="S300") for n in range(30)}
    words = {f"b{n}": ["some words"] * 30 for n in range(30)}
    assert only(write_lists(tmp_path / "a.h5", PNGS, **texts, **words)).n_pictures == 20


def test_a_set_that_is_gone_is_refused_in_a_sentence(tmp_path: Path) -> None:
    path = write_lists(tmp_path / "a.h5", PNGS)
    gone = msgspec.structs.replace(only(path), node=(b"gone",))
    with pytest.raises(CannotRead, match="/gone is not there"):
        everything(path, FitPictureSet(document=str(path), wanted=gone))


def test_sizes_that_differ_are_said(tmp_path: Path) -> None:
    files = [picture_file(n, width=40 + n) for n in range(20)]
    found = only(write_lists(tmp_path / "a.h5", files))
    assert not found.are_alike
    assert "They have different sizes." in found.notes


def test_files_of_several_kinds_are_said(tmp_path: Path) -> None:
    files = [picture_file(n, "JPEG" if n % 4 else "PNG") for n in range(20)]
    assert only(write_lists(tmp_path / "a.h5", files)).encoding in ("PNG or JPEG", "JPEG or PNG")


def test_broken_ones_among_them_do_not_hide_the_others(tmp_path: Path) -> None:
    files = [b"", png_bomb(), b"no picture", PNGS[0][:20], *PNGS]
    path = claim(write_lists(tmp_path / "a.h5", files), {12: 0xFFFFFFFF, 13: 200 << 20})
    found = find(path)
    assert [each.n_pictures for each in found.sets] == [24]
    assert found.problems == ()


def test_nothing_is_taken_for_files_that_only_begin_like_some(tmp_path: Path) -> None:
    path = write_lists(tmp_path / "a.h5", [b"\xff\xd8\xff" + bytes(200)] * 20)
    assert find(path).sets == ()
    assert find(path).problems[0].startswith("/images holds 20 JPEG files, not pixels.")


# ------------------------------------------------------------------ a dataset a picture


def _write_group(path: Path, name: str, pictures: Sequence[np.ndarray]) -> Path:
    with h5py.File(path, "w") as file:
        for index, each in enumerate(pictures):
            file[name.format(index)] = each
        file["labels"] = np.arange(len(pictures)) % 3
    return path


def test_datasets_of_one_picture_each_are_one_data_set(tmp_path: Path) -> None:
    pictures = [pixels_of(n, width=40 + n) for n in range(20)]
    path = _write_group(tmp_path / "a.h5", "images/{}.jpg", pictures)
    found = only(path)
    assert (found.node, found.storage, found.encoding) == ((b"images",), "members", "")
    assert (found.n_pictures, found.are_alike) == (20, False)
    classes, _ = classes_of(path, found)
    assert classes == (np.arange(20) % 3).tolist()


def test_each_in_a_group_of_its_own_with_what_belongs_to_it(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for n in range(20):
            file[f"train/{n}/image"], file[f"train/{n}/mask"] = pixels_of(n), pixels_of(n)[..., 1]
            file[f"train/{n}/id"] = n
        file["targets"] = LABELS
    images, masks = find(path).sets
    assert (images.node, images.member, images.n_pictures) == ((b"train",), b"image", 20)
    assert (masks.node, masks.member, images.labels) == ((b"train",), b"mask", (b"targets",))


@pytest.mark.parametrize("n_each", [3, 12])
def test_groups_of_pictures_beside_each_other_are_classes(tmp_path: Path, n_each: int) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for n, name in enumerate(["owl", "cat", "dog"]):
            for at in range(n_each):
                file[f"train/{name}/{at}"] = pixels_of(10 * n + at)
        file["notes"] = np.arange(5)
    found = only(path)
    assert (found.n_pictures, found.has_classes) == (3 * n_each, True)
    assert (found.labels, found.label_names) == ((b"train",), ("cat", "dog", "owl"))
    classes, counts = classes_of(path, found)
    assert classes == [n for n in range(3) for _ in range(n_each)]
    assert counts.counts == (n_each, n_each, n_each)
    for labels in (None, (b"train",)):
        request = FitPictureSet(document=str(path), wanted=_with_labels(found, labels))
        (again,) = everything(path, request)[1].sets
        assert again.label_names == (found.label_names if labels else ())


def test_groups_that_are_splits_are_no_classes(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for n in range(10):
            file[f"train/{n}"], file[f"test/{n}"] = pixels_of(n), pixels_of(n)
    assert [each.split for each in find(path).sets] == ["test", "training"]


def test_more_datasets_than_are_looked_at_are_there_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("h5viewer.operations.picture_sets._MOST_NODES", 20)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for n in range(50):
            file[f"images/{n}.jpg"] = pixels_of(n)
        file["labels"] = np.arange(50) % 3
    found = only(path)
    assert (found.n_pictures, found.labels) == (50, (b"labels",))


def test_other_questions_are_heard_while_very_many_names_are_gone_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_sets, "_MOST_NODES", 20)
    monkeypatch.setattr(hdf5, "FIRST_BATCH", 100)
    monkeypatch.setattr(hdf5, "BATCH", 100)
    n_asked = 0

    def means_labels(path: NodePath) -> bool:
        nonlocal n_asked
        n_asked += 1
        return picture_words.means_labels(path)

    monkeypatch.setattr(picture_sets, "means_labels", means_labels)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for n in range(1000):
            file.create_group(f"{n}")
        file["0/values"] = file["labels"] = np.arange(1000)
    most = 0
    with closing(Source(str(path))) as source, closing(open_container(source)) as container:
        for _ in picture_sets.find_picture_sets(FindPictureSets(document=str(path)), container):
            most, n_asked = max(most, n_asked), 0
    assert 0 < most <= 100


def test_datasets_of_one_file_each_are_one_data_set(tmp_path: Path) -> None:
    files = [np.frombuffer(picture_file(n, "JPEG"), np.uint8) for n in range(20)]
    found = only(_write_group(tmp_path / "a.h5", "images/{}", files))
    assert (found.node, found.storage, found.encoding) == ((b"images",), "members", "JPEG")


def test_what_stands_among_them_and_is_no_picture_is_left_out(tmp_path: Path) -> None:
    path = _write_group(tmp_path / "a.h5", "{}.png", [pixels_of(n) for n in range(20)])
    with h5py.File(path, "r+") as file:
        file["notes"] = "hello"
        file.create_group("more")
    found = only(path)
    assert (found.node, found.n_pictures) == ((), 20)
    assert set(found.left_out) == {b"labels", b"notes", b"more"}


def test_noise_in_a_group_is_not_taken_for_pictures(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    blocks = [rng.integers(0, 256, (40, 40), "u1") for _ in range(20)]
    assert find(_write_group(tmp_path / "a.h5", "blocks/{}", blocks)).sets == ()


# ------------------------------------------------------------------ what is done with them


def test_other_labels_can_be_chosen(tmp_path: Path) -> None:
    path = write_lists(tmp_path / "a.h5", PNGS, labels=LABELS, species=LABELS[::-1])
    found = only(path)
    for labels in ((b"species",), None):
        _, fitted = everything(
            path,
            FitPictureSet(document=str(path), wanted=_with_labels(found, labels)),
        )
        assert fitted.sets[0].labels == labels
        assert fitted.sets[0].n_pictures == 20


def _with_labels(pictures: PictureSet, labels: tuple[bytes, ...] | None) -> PictureSet:
    return msgspec.structs.replace(pictures, labels=labels)


def test_labels_of_another_length_are_refused(tmp_path: Path) -> None:
    path = write_lists(tmp_path / "a.h5", PNGS, few=LABELS[:5])
    wanted = _with_labels(only(path), (b"few",))
    with pytest.raises(CannotRead, match="one label for each of 20 pictures"):
        everything(path, FitPictureSet(document=str(path), wanted=wanted))


@pytest.mark.parametrize("kind", [ReadMeanPictures, PreviewAugmentation])
def test_what_needs_one_dataset_says_so_in_a_sentence(tmp_path: Path, kind: type) -> None:
    path = write_lists(tmp_path / "a.h5", PNGS)
    about = {"document": str(path), "pictures": only(path)}
    if kind is PreviewAugmentation:
        about |= {"indices": (0,), "augmentation": Augmentation()}
    with pytest.raises(H5ViewerError) as refusal:
        everything(path, kind(**about))
    assert refusal.value.message.startswith("The pictures of /images stand as 20 PNG files: ")


def test_a_check_leaves_them_out_and_says_so(tmp_path: Path) -> None:
    path = write_lists(tmp_path / "a.h5", PNGS)
    with pytest.raises(CannotRead, match="holds no data set of pictures that can be") as refusal:
        everything(path, CheckPictures(document=str(path)))
    assert "stand as 20 PNG files" in refusal.value.hint
    with h5py.File(path, "r+") as file:
        file["x"] = np.stack([pixels_of(n) for n in range(20)])
    _, report = everything(path, CheckPictures(document=str(path)))
    assert [each.node for each in report.sets] == [(b"x",)]
    assert any("stand as 20 PNG files" in each for each in report.limits)


def test_what_matlab_turned_round_is_turned_back_and_not_paired_by_position(tmp_path: Path) -> None:
    """Cells of an array lie in #refs#, in an order that is not that of the labels."""
    pictures = scenes(12, 24, 20)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for n, picture in enumerate(pictures):
            file[f"#refs#/{n}"] = picture.T
            file[f"#refs#/{n}"].attrs["MATLAB_class"] = np.bytes_("uint8")
        file["labels"] = np.arange(12.0) % 3
    found = only(tmp_path / "a.h5")
    assert (found.layout.height, found.layout.width, found.layout.channels) == (24, 20, 3)
    assert found.labels is None
    with Source(str(tmp_path / "a.h5")) as source, closing(open_container(source)) as container:
        np.testing.assert_array_equal(LoosePictures(container, found).one(3), pictures[3])
