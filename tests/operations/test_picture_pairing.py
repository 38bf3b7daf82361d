"""Labels of pictures, and names of their classes, are found in all the forms that people store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import msgspec
import numpy as np
import pytest
from answering import everything
from pictured import LABELS, RNG, SCENES, classes_of, find, only, write

from h5viewer.errors import CannotRead
from h5viewer.nodes import PictureLabels, PictureSet
from h5viewer.requests import FitPictureSet, ReadOnePicture, ReadPictureLabels


@pytest.mark.parametrize(
    ("labels", "form"),
    [
        (LABELS, "index"),
        (LABELS[:, None], "index"),
        (LABELS[None], "index"),
        (LABELS.astype("f4"), "index"),
        (LABELS.astype("u1"), "index"),
        (np.eye(3)[LABELS], "one-hot"),
        (np.eye(3, dtype="u1")[LABELS].T, "one-hot"),
        (np.eye(3, dtype=bool)[LABELS], "one-hot"),
        (np.array([b"cat", b"dog", b"owl"])[LABELS], "text"),
        ([["cat", "dog", "owl"][n] for n in LABELS], "text"),
    ],
)
def test_labels_of_every_form_are_read(tmp_path: Path, labels: Any, form: str) -> None:
    path = write(tmp_path / "a.h5", images=SCENES, labels=labels)
    pictures = only(path)
    assert (pictures.labels, pictures.label_form) == ((b"labels",), form)
    names = ("cat", "dog", "owl") if form == "text" else ("0", "1", "2")
    assert pictures.label_names == names
    classes, counts = classes_of(path, pictures)
    assert classes == LABELS.tolist()
    assert counts.names == names
    assert counts.counts == tuple(np.bincount(LABELS).tolist())
    assert counts.n_without == 0


def test_long_labels_come_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("h5viewer.documents.picture_labels._MOST", 7)
    path = write(tmp_path / "a.h5", images=SCENES, labels=LABELS)
    assert classes_of(path, only(path))[0] == LABELS.tolist()


def test_texts_of_many_pictures_are_read(tmp_path: Path) -> None:
    """More than HDF5's strings are read at once."""
    labels = [f"class {n % 3}" for n in range(50_000)]
    path = write(tmp_path / "a.h5", images=np.zeros((50_000, 8, 8), "u1"), labels=labels)
    pictures = only(path)
    assert pictures.label_names == ("class 0", "class 1", "class 2")
    assert classes_of(path, pictures)[0] == [n % 3 for n in range(50_000)]


def test_names_come_from_a_list_beside_the_labels(tmp_path: Path) -> None:
    listed = np.array([b"a", b"b\xff", b"c"])
    path = write(tmp_path / "a.h5", train_set_x=SCENES, train_set_y=LABELS, list_classes=listed)
    pictures = only(path)
    assert pictures.label_names == ("a", "b\\xff", "c")
    assert pictures.names_from == "list_classes"


@pytest.mark.parametrize("where", ["/", "labels", "images"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("class_names", ["a", "b", "c"]),
        ("classes", json.dumps(["a", "b", "c"])),
        ("class_indices", json.dumps({"c": 2, "a": 0, "b": 1})),
    ],
)
def test_names_come_from_attributes(tmp_path: Path, where: str, name: str, value: Any) -> None:
    path = write(tmp_path / "a.h5", images=SCENES, labels=LABELS)
    with h5py.File(path, "r+") as file:
        file[where].attrs[name] = value
    pictures = only(path)
    assert pictures.label_names == ("a", "b", "c")
    assert pictures.names_from == f"attribute {name} of /{where.strip('/')}"


def test_names_come_from_the_type(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["images"] = SCENES
        members = h5py.enum_dtype({"owl": 2, "cat": 0}, basetype="u1")
        file.create_dataset("labels", data=LABELS.astype("u1"), dtype=members)
    assert only(path).label_names == ("cat", "1", "owl")


def test_too_few_names_are_filled_up(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", {"class_names": ["a", "b"]}, images=SCENES, labels=LABELS)
    assert only(path).label_names == ("0", "1", "2")  # those are of something else
    listed = np.array([b"a", b"b", b"c", b"d"])
    path = write(tmp_path / "b.h5", images=SCENES, labels=LABELS, class_names=listed)
    assert only(path).label_names == ("a", "b", "c", "d")


@pytest.mark.parametrize("missing", [0, -1, np.nan])
@pytest.mark.parametrize("called", ["labels", "attrs", "tags"])
def test_a_picture_may_be_in_several_classes(
    tmp_path: Path, called: str, missing: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("h5viewer.documents.picture_labels._MOST", 7)
    names = [f"mark {n}" for n in range(11)]
    marks = RNG.random((30, 11)) < 0.3
    marks[3] = False
    path = write(
        tmp_path / "a.h5", images=SCENES, **{called: np.where(marks, 1, missing)}, label_names=names
    )
    pictures = only(path)
    assert (pictures.labels, pictures.label_form) == ((called.encode(),), "several")
    assert pictures.label_names == tuple(names)
    told, counts = everything(path, ReadPictureLabels(document=str(path), pictures=pictures))
    parts = [part for part in told if isinstance(part, PictureLabels)]
    found = [np.unpackbits(part.marks.values, axis=1, count=11) for part in parts if part.marks]
    assert np.array_equal(np.concatenate(found), marks)
    assert counts.counts == tuple(marks.sum(axis=0).tolist())
    assert counts.n_without == (~marks.any(axis=1)).sum() >= 1
    for index in (0, 3):
        request = ReadOnePicture(document=str(path), pictures=pictures, index=index)
        own = np.flatnonzero(marks[index]).tolist()
        assert everything(path, request)[1].label_text == ", ".join(names[n] for n in own)


@pytest.mark.parametrize("wrong", [5, 0.5, np.inf])
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_row_that_says_no_class_hides_none_of_the_others(
    tmp_path: Path, wrong: float, share: float
) -> None:
    """Of one class each, of several."""
    marks = np.eye(4)[np.arange(30) % 4]
    marks[: int(30 * (share - 0.1)), 1] = 1
    form = "several" if share > 0.1 else "one-hot"
    expected = marks.sum(axis=0) - marks[7]
    marks[7, 2] = wrong
    path = write(tmp_path / "a.h5", images=SCENES, labels=marks)
    found = only(path)
    assert found.label_form == form
    assert found.notes[-1] == "1 row of labels says no class."
    classes, counts = classes_of(path, found)
    assert counts.counts == tuple(expected.astype(int).tolist())
    assert classes[7] == -1
    assert only(write(tmp_path / "b.h5", images=SCENES, values=marks)).labels is None


def test_more_names_than_columns_are_classes_without_pictures(tmp_path: Path) -> None:
    marks = RNG.random((30, 3)) < 0.5
    names = ["a", "b", "c", "d", "e"]
    path = write(tmp_path / "a.h5", images=SCENES, labels=marks.astype("u1"), class_names=names)
    pictures = only(path)
    assert (pictures.label_form, pictures.label_names) == ("several", tuple(names))
    counts = classes_of(path, pictures)[1].counts
    assert counts == (*marks.sum(axis=0).tolist(), 0, 0)


def test_marks_that_are_called_otherwise_are_only_offered(tmp_path: Path) -> None:
    """Switches, actions, bits of a hash."""
    marks = (RNG.random((30, 8)) < 0.5).astype("u1")
    path = write(tmp_path / "a.h5", images=SCENES, code=marks)
    pictures = only(path)
    assert pictures.labels is None
    chosen = fit(path, changed(pictures, labels=(b"code",)))
    assert chosen.label_form == "several"


def test_a_few_pictures_of_many_classes_have_their_names(tmp_path: Path) -> None:
    """The first pictures of CIFAR-100, with all its names."""
    names = {
        f"{each}_label_names": np.array([f"{each} {n}" for n in range(count)], "S")
        for each, count in (("coarse", 20), ("fine", 5 * len(SCENES)))
    }
    path = write(tmp_path / "a.h5", data=SCENES, coarse_labels=LABELS, fine_labels=LABELS, **names)
    assert only(path).label_names[:2] == ("fine 0", "fine 1")


def test_as_many_pictures_as_classes_have_their_names(tmp_path: Path) -> None:
    """The test split of a small data set; a text for each picture is no list of classes."""
    names = np.array([b"ant", b"bee", b"cat"])
    path = write(
        tmp_path / "a.h5", test_set_x=SCENES[:3], test_set_y=np.array([2, 0, 1]), list_classes=names
    )
    assert only(path).label_names == ("ant", "bee", "cat")
    path = write(tmp_path / "b.h5", images=SCENES[:3], labels=np.array([2, 0, 1]), names=names)
    assert only(path).label_names == ("0", "1", "2")


def test_of_coarse_and_fine_labels_the_fine_ones_are_taken(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", data=SCENES, coarse_labels=LABELS // 2, fine_labels=LABELS)
    pictures = only(path)
    assert pictures.labels == (b"fine_labels",)
    assert pictures.label_nodes == ((b"coarse_labels",),)


@pytest.mark.parametrize("odd", [0, 4])
def test_labels_that_count_from_one_do_so_though_one_is_wrong(tmp_path: Path, odd: int) -> None:
    labels = LABELS + 1
    labels[5] = odd
    path = write(tmp_path / "a.h5", x=SCENES, y=labels, class_names=[b"ant", b"bee", b"cat"])
    found = only(path)
    assert (found.first_label, found.label_names) == (1, ("ant", "bee", "cat"))
    classes, counts = classes_of(path, found)
    assert (classes[5], counts.n_without) == (-1, 1)
    assert "1 label is beyond the names in class_names." in found.notes


def test_a_label_beyond_its_own_type_is_none(tmp_path: Path) -> None:
    labels = LABELS.astype("i1")
    labels[5] = 7
    path = write(tmp_path / "a.h5", images=SCENES)
    with h5py.File(path, "r+") as file:
        kinds = h5py.enum_dtype({"cat": 0, "dog": 1, "owl": 2}, basetype="i1")
        file.create_dataset("labels", data=labels, dtype=kinds)
    found = only(path)
    assert found.label_names == ("cat", "dog", "owl")
    assert classes_of(path, found)[0][5] == -1


def test_an_empty_text_is_no_class(tmp_path: Path) -> None:
    labels = [["cat", "dog", "owl"][n] for n in LABELS]
    labels[5] = ""
    path = write(tmp_path / "a.h5", images=SCENES, labels=labels)
    found = only(path)
    assert found.label_names == ("cat", "dog", "owl")
    classes, counts = classes_of(path, found)
    assert (classes[5], counts.n_without) == (-1, 1)
    assert only(write(tmp_path / "b.h5", images=SCENES, labels=[""] * 30)).labels is None


@pytest.mark.parametrize("text", ['{"ant": 0, "bee": 1, "cat": 2}', "ant, bee, cat"])
def test_names_come_from_a_text_beside_the_labels(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "a.h5", x=SCENES, y=LABELS, label_map=text, about_labels="by hand")
    found = only(path)
    assert (found.label_names, found.names_from) == (("ant", "bee", "cat"), "label_map")


def test_names_may_be_called_as_labels_are(tmp_path: Path) -> None:
    names = [b"angry", b"happy", b"sad"]
    path = write(tmp_path / "a.h5", x=SCENES, y=LABELS, emotions=names)
    assert only(path).label_names == ("angry", "happy", "sad")
    path = write(tmp_path / "b.h5", x=SCENES, y=LABELS, emotions=[*names, b"calm"])
    assert only(path).label_names == ("0", "1", "2"), "not as many"


def test_labels_are_a_column_of_a_table(tmp_path: Path) -> None:
    table = np.zeros(30, [("file", "S8"), ("age", "f4"), ("species", h5py.string_dtype())])
    table["species"] = np.array(["cat", "dog", "owl"], object)[LABELS]
    table["file"] = [f"{each}.png".encode() for each in range(30)]
    table["age"] = RNG.random(30)
    path = write(tmp_path / "a.h5", images=SCENES, meta__table=table)
    pictures = only(path)
    assert pictures.labels == (b"meta", b"table", b"species")
    assert pictures.are_labels_column
    assert pictures.label_names == ("cat", "dog", "owl")
    assert pictures.sources == (b"meta", b"table", b"file")
    assert classes_of(path, pictures)[0] == LABELS.tolist()
    request = ReadOnePicture(document=str(path), pictures=pictures, index=7)
    found = everything(path, request)[1]
    assert (found.label_text, found.source) == (["cat", "dog", "owl"][LABELS[7]], "7.png")


def test_splits_keep_their_own_labels(tmp_path: Path) -> None:
    """All splits are as long as each other, and every one finds its own."""
    names = ("train", "val", "test")
    datasets = {f"{split}__{what}": values for split in names for what, values in (
        ("images", SCENES), ("labels", LABELS),
    )}  # fmt: skip
    found = find(write(tmp_path / "a.h5", **datasets)).sets
    assert {(each.node[0], each.labels) for each in found} == {
        (split.encode(), (split.encode(), b"labels")) for split in names
    }
    assert {each.split for each in found} == {"training", "validation", "test"}


def test_labels_of_another_split_are_none(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x_train=SCENES, y_test=LABELS)
    pictures = only(path)
    assert (pictures.labels, pictures.label_nodes) == (None, ())


def test_numbers_that_are_called_otherwise_are_labels_only_when_few_differ(tmp_path: Path) -> None:
    few = np.arange(30) % 3
    path = write(tmp_path / "a.h5", images=SCENES, serial=np.arange(30), weights=few, kind=few)
    pictures = only(path)
    assert (pictures.labels, pictures.label_nodes) == ((b"kind",), ())


def test_file_names_and_measured_values_are_no_labels(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.h5",
        images=SCENES,
        file_names=[f"{n}.png" for n in range(30)],
        ids=np.arange(30),
        target=RNG.normal(size=30),
    )
    pictures = only(path)
    assert pictures.labels is None
    assert pictures.sources == (b"file_names",)
    assert any("target" in note for note in pictures.notes)


def test_no_labels_are_no_labels(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", images=SCENES)
    pictures = only(path)
    classes, counts = classes_of(path, pictures)
    assert (pictures.labels, classes, counts.names, counts.n_without) == (None, [], (), 30)


# ------------------------------------------------------------- what the file says of itself

OUR_RECIPE = {
    "h5viewer": "data set", "axes": "nchw", "range": [0, 1], "layout": "images",
    "dataset_names": ["noise", "ids"],
}  # fmt: skip


def own_file(path: Path, **changes: Any) -> Path:
    """Pictures, labels and sizes that nobody would take for such."""
    noise = RNG.random((30, 3, 6, 4)).astype("f4")
    recipe = json.dumps(OUR_RECIPE | changes)
    return write(path, {"recipe": recipe}, noise=noise, ids=np.arange(30) % 9, y=LABELS)


def test_a_data_set_of_ours_is_known_by_its_recipe(tmp_path: Path) -> None:
    pictures = only(own_file(tmp_path / "a.h5"))
    layout = pictures.layout
    assert (layout.axes, layout.height, layout.width, layout.channels) == ("nchw", 6, 4, 3)
    assert (layout.low, layout.high) == (0, 1)
    assert pictures.labels == (b"ids",)


@pytest.mark.parametrize(
    "changes",
    [
        {"h5viewer": "other"}, {"axes": "nhw"}, {"axes": "nnnn"}, {"axes": 5}, {"range": [1, 0]},
        {"range": ["0", 1]}, {"range": [0, 10**400]}, {"range": [0]}, {"dataset_names": ["noise"]},
        {"dataset_names": [1, 2]}, {"dataset_names": "no"},
    ],
)  # fmt: skip
def test_a_recipe_that_cannot_be_is_not_believed(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert find(own_file(tmp_path / "a.h5", **changes)).sets == ()


def test_a_recipe_that_is_no_json_is_not_believed(tmp_path: Path) -> None:
    for number, text in enumerate(("", "[" * 100_000, "[1]", "null")):
        path = write(tmp_path / f"{number}.h5", {"recipe": text[:60_000]}, images=SCENES)
        assert len(find(path).sets) == 1


# ------------------------------------------------------------------------- choices


def changed(pictures: PictureSet, **changes: Any) -> PictureSet:
    layout = {key: changes.pop(key) for key in list(changes) if hasattr(pictures.layout, key)}
    return msgspec.structs.replace(
        pictures, layout=msgspec.structs.replace(pictures.layout, **layout), **changes
    )


def fit(path: Path, wanted: PictureSet) -> PictureSet:
    return everything(path, FitPictureSet(document=str(path), wanted=wanted))[1].sets[0]


def test_a_chosen_layout_is_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", images=SCENES, labels=LABELS)
    pictures = only(path)
    wanted = changed(pictures, axes="nwhc", height=20, width=24, is_bgr=True, low=3.0, high=9.0)
    found = fit(path, wanted)
    assert found.layout == wanted.layout
    assert pictures.layout.axes in [each.axes for each in found.layouts]
    assert found.labels == (b"labels",)


def test_a_range_that_is_none_is_looked_up(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", images=SCENES / 255)
    found = fit(path, changed(only(path), low=0.0, high=0.0))
    assert (found.layout.low, found.layout.high) == (0, 1)


def test_other_labels_and_none_can_be_chosen(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.h5",
        images=SCENES,
        labels=LABELS,
        fold=np.arange(30) % 5,
        ids=np.arange(30),
    )
    pictures = only(path)
    assert pictures.label_nodes == ((b"fold",),)
    found = fit(path, changed(pictures, labels=(b"fold",)))
    assert (found.labels, found.label_names) == ((b"fold",), ("0", "1", "2", "3", "4"))
    assert (b"labels",) in found.label_nodes
    found = fit(path, changed(pictures, labels=(b"ids",)))  # the user's word goes
    assert len(found.label_names) == 30
    found = fit(path, changed(pictures, labels=None))
    assert (found.labels, found.label_form, found.label_names) == (None, "", ())


@pytest.mark.parametrize(
    "changes",
    [
        {"axes": "nchw"},
        {"axes": "nhw", "channels": 1},
        {"height": 0},
        {"is_flat": True},
        {"node": (b"labels",)},
        {"node": (b"absent",)},
        {"labels": (b"images",)},
        {"labels": (b"absent",)},
        {"labels": (b"short",)},
    ],
)
def test_choices_that_do_not_fit_are_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    path = write(tmp_path / "a.h5", images=SCENES, labels=LABELS, short=LABELS[:7])
    with pytest.raises(CannotRead):
        fit(path, changed(only(path), **changes))


def test_labels_of_another_file_are_refused(tmp_path: Path) -> None:
    """A set that was found in another file is no reason to read what is not there."""
    pictures = only(write(tmp_path / "a.h5", images=SCENES, labels=LABELS))
    path = write(tmp_path / "b.h5", images=SCENES[:9], labels=LABELS)
    with pytest.raises(CannotRead):
        everything(path, ReadPictureLabels(document=str(path), pictures=changed(
            pictures, n_pictures=9
        )))  # fmt: skip


def test_a_label_beyond_the_names_leaves_the_others_their_names(tmp_path: Path) -> None:
    labels = LABELS.copy()
    labels[5] = 200
    named = {"class_names": [b"ant", b"bee", b"cat"]}
    path = write(tmp_path / "a.h5", x=SCENES, y=labels, **named)
    found = only(path)
    assert found.label_names == ("ant", "bee", "cat")
    assert found.notes[-1] == "1 label is beyond the names in class_names."
    classes, counts = classes_of(path, found)
    assert classes[5] == -1
    assert counts.n_without == 1
    labels[6:9] = 7
    found = only(write(tmp_path / "b.h5", x=SCENES, y=labels, **named))
    assert found.names_from == "", "too many: these are no names of theirs"
