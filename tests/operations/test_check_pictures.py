"""The report on data sets of pictures: planted faults are found, each once, and nothing else."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from decoding import run
from faulty_pictures import PLANTED, Content, Planted, classes, pictures, plant, softened
from numpy.typing import NDArray

from h5viewer.errors import CannotRead
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import PictureReport
from h5viewer.operations import check_pictures as check_operation
from h5viewer.operations.check_pictures import check_pictures
from h5viewer.requests import CheckPictures

CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "hdf5_data"
CATS = "ramakris__coursera-deeplearning__{}_catvnoncat.h5"


def checked(*paths: Path) -> PictureReport:
    with ExitStack() as stack:
        sources = [stack.enter_context(Source(str(path))) for path in paths]
        containers = [stack.enter_context(closing(open_container(each))) for each in sources]
        names = [str(path) for path in paths]
        request = CheckPictures(document=names[0], others=tuple(names[1:]))
        return run(check_pictures(request, *containers))[0]


def kinds(report: PictureReport) -> list[str]:
    return [finding.kind for finding in report.findings]


@pytest.mark.parametrize("planted", PLANTED, ids=lambda each: each.name)
def test_planted_fault_is_found_once_and_nothing_else(planted: Planted, tmp_path: Path) -> None:
    content = Content()
    planted.plant(content)
    report = checked(content.write(tmp_path / "set.h5"))
    assert kinds(report) == [planted.kind], [each.message for each in report.findings]
    found = report.findings[0]
    assert found.severity == planted.severity
    assert found.set_index == planted.set_index
    assert found.indices == planted.indices
    if planted.value is not None:
        assert found.value == planted.value


def test_marks_of_several_classes_are_judged_each_by_itself(tmp_path: Path) -> None:
    marks = np.random.default_rng(5).random((100, 5)) < 0.4
    marks[:, 3] = False
    marks[:, 4] = np.arange(100) == 9
    x = pictures(100)
    x[50], x[60] = x[9], x[10]  # the one with another label, the other with the same
    marks[60] = marks[10]
    marks[50], marks[9, :2] = False, (True, False)
    with h5py.File(tmp_path / "set.h5", "w") as file:
        file["x_train"], file["y_train"] = x, marks
        file["x_test"], file["y_test"] = pictures(40, seed=1), np.eye(3, 5)[np.arange(40) % 3]
        file["y_test"][::2] = [1, 1, 0, 0, 0]
        file["class_names"] = [b"old", b"worn", b"torn", b"wet", b"burnt"]
    report = checked(tmp_path / "set.h5")
    found = {(each.kind, report.sets[each.set_index].split): each for each in report.findings}
    assert set(found) == {
        ("conflicting-labels", "training"), ("exact-duplicates", "training"),
        ("empty-class", "training"), ("empty-class", "test"), ("class-balance", "training"),
    }  # fmt: skip
    assert "9 is old" in found["conflicting-labels", "training"].message
    assert "50 is nothing" in found["conflicting-labels", "training"].message
    assert found["exact-duplicates", "training"].indices == (60,)
    assert "1 class has no picture: wet." in found["empty-class", "training"].message
    assert "burnt is right in 99" in found["class-balance", "training"].message
    counts = dict(zip(report.sets, report.counts, strict=True))
    (trained,) = (own for each, own in counts.items() if each.split == "training")
    assert trained.counts == tuple(marks.sum(axis=0).tolist())
    assert trained.n_without == (~marks.any(axis=1)).sum()


def test_a_row_that_marks_no_classes_is_found_among_those_that_do(tmp_path: Path) -> None:
    marks = (np.random.default_rng(1).random((60, 6)) < 0.4).astype("f4")
    marks[7, 2] = 5
    with h5py.File(tmp_path / "set.h5", "w") as file:
        file["images"], file["labels"] = pictures(60), marks
    (found,) = checked(tmp_path / "set.h5").findings
    assert (found.kind, found.indices) == ("labels-out-of-range", (7,))
    assert "1 picture has labels other than 0 and 1" in found.message


def test_faults_of_several_kinds_are_found_once_each(tmp_path: Path) -> None:
    names = ("leak", "repeated", "nearly-repeated", "disputed", "blank", "beyond", "exchanged")
    report = checked(plant(Content(), *names).write(tmp_path / "set.h5"))
    assert sorted(kinds(report)) == sorted(each.kind for each in PLANTED if each.name in names)


def arranged(x: NDArray[Any], axes: str) -> NDArray[Any]:
    order = ["nhwc".index(axis) for axis in axes]
    return x.transpose(order + [axis for axis in range(4) if axis not in order]).reshape(
        [x.shape[axis] for axis in order]
    )


@pytest.mark.parametrize("axes", ["nhwc", "nchw", "hwcn", "ncwh"])
@pytest.mark.parametrize("dtype", ["u1", "f4", ">f4", "f2"])
def test_every_layout_and_type_gives_the_same_findings(
    axes: str, dtype: str, tmp_path: Path
) -> None:
    x, y = pictures(60), classes(60)
    x[10], y[10] = x[50], y[50]
    x[31] = softened(x[7])
    x[20] = 40
    kept = (x / 255 if dtype != "u1" else x).astype(dtype)
    with h5py.File(tmp_path / "set.h5", "w") as file:
        if axes == "ncwh":
            file.create_dataset("images", data=arranged(kept, axes)).attrs["MATLAB_class"] = (
                np.bytes_("uint8")
            )
        else:
            file["images"] = arranged(kept, axes)
        file["labels"] = y
    report = checked(tmp_path / "set.h5")
    assert report.sets[0].layout.axes == axes
    found = {finding.kind: finding for finding in report.findings}
    assert set(found) == {"blank", "exact-duplicates", "near-duplicates"}
    assert found["blank"].indices == (20,)
    assert (found["exact-duplicates"].indices, found["exact-duplicates"].others) == (
        (50,),
        ((0, 10),),
    )
    assert (found["near-duplicates"].indices, found["near-duplicates"].others) == ((31,), ((0, 7),))


@pytest.mark.parametrize("chunks", [(1, 32, 32, 3), (7, 32, 32, 3), (80, 32, 32, 1), (9, 5, 7, 2)])
def test_chunks_that_cut_pictures_change_nothing(chunks: tuple[int, ...], tmp_path: Path) -> None:
    content = plant(Content(storage={"chunks": chunks, "compression": "gzip"}), "leak")
    content.x[60] = content.x[8]
    content.y[60] = content.y[8]
    report = checked(content.write(tmp_path / "set.h5"))
    assert {each.kind: each.indices for each in report.findings} == {
        "leakage": (3, 9),
        "exact-duplicates": (60,),
    }


def test_leakage_between_files_names_both_pictures(tmp_path: Path) -> None:
    content = Content()
    x_test, y_test = content.x_test, content.y_test
    content.x_test = content.y_test = None
    first = content.write(tmp_path / "a.h5")
    x_test[5] = content.x[17]
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["test_set_x"], file["test_set_y"] = x_test, y_test
    report = checked(first, tmp_path / "b.h5")
    assert kinds(report) == ["leakage"]
    assert report.files == ("a.h5", "b.h5")
    found = report.findings[0]
    assert (found.set_index, found.indices, found.others) == (1, (5,), ((0, 17),))


def test_leak_says_how_many_have_another_label(tmp_path: Path) -> None:
    content = Content()
    content.x_test[3] = content.x[70]
    content.y_test[3] = (content.y[70] + 1) % 4
    report = checked(content.write(tmp_path / "set.h5"))
    assert kinds(report) == ["leakage"]
    assert "1 has another label there" in report.findings[0].message


def test_leak_into_a_set_of_several_classes_says_how_many_have_another_label(
    tmp_path: Path,
) -> None:
    content = Content(names=())
    marks = np.random.default_rng(2).random((24, 4)) < 0.5
    marks[:3] = [[1, 1, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0]]
    content.x_test[:3] = content.x[[70, 5, 9]]
    content.y[[70, 5, 9]] = 0, 3, 1
    content.y_test = marks
    report = checked(content.write(tmp_path / "set.h5"))
    (leak,) = (each for each in report.findings if each.kind == "leakage")
    assert leak.indices == (0, 1, 2)
    assert "1 has another label there" in leak.message


@pytest.mark.parametrize(("place", "kinds_found"), [("places", []), ("set", ["length-mismatch"])])
def test_columns_of_a_table_about_something_else_are_no_labels_too_many(
    place: str, kinds_found: list[str], tmp_path: Path
) -> None:
    table = np.zeros(90, [("x", "f8"), ("y", "f8")])
    with h5py.File(tmp_path / "set.h5", "w") as file:
        file["set/images"], file[f"{place}/corners"] = pictures(60), table
    assert kinds(checked(tmp_path / "set.h5")) == kinds_found


def test_leak_is_found_although_red_and_blue_are_exchanged(tmp_path: Path) -> None:
    report = checked(plant(Content(), "leak", "exchanged").write(tmp_path / "set.h5"))
    assert [(each.kind, each.indices) for each in report.findings] == [
        ("bgr", ()),
        ("leakage", (3, 9)),
    ]
    assert "nearly" in report.findings[1].message


def test_colours_tell_pictures_of_one_shape_apart(tmp_path: Path) -> None:
    """A red stain is no copy of a blue one of the same brightness."""
    x = pictures(40)
    grey = pictures(1, channels=1, seed=9)[0].astype(float)
    x[3] = grey * [0.2, 0.3, 1.0]
    x[4] = grey * [1.0, 0.3, 0.2]
    content = Content(x=x, y=classes(40), x_test=None, y_test=None)
    assert kinds(checked(content.write(tmp_path / "set.h5"))) == []


def test_the_same_pictures_in_another_type_are_one_set(tmp_path: Path) -> None:
    x = pictures(40)
    with h5py.File(tmp_path / "set.h5", "w") as file:
        file["images"] = x
        file["images_scaled"] = x.astype("f4") / 255
    report = checked(tmp_path / "set.h5")
    assert kinds(report) == ["same-set"]
    assert report.findings[0].value == 40


def test_a_film_is_no_more_work_than_its_length(tmp_path: Path) -> None:
    """Thousands of pictures that are all alike: each is found, with one partner."""
    frame = pictures(1)[0].astype(float)
    noise = np.random.default_rng(0).normal(0, 2, (600, *frame.shape))
    content = Content(
        x=np.clip(frame + noise, 0, 255).astype(np.uint8), y=classes(600), x_test=None, y_test=None
    )
    report = checked(content.write(tmp_path / "set.h5"))
    assert kinds(report) == ["near-duplicates"]
    assert report.findings[0].value == 599


@pytest.mark.parametrize("ground", [255, 0])
def test_icons_of_one_outline_are_no_repeats_of_each_other(ground: int, tmp_path: Path) -> None:
    """Blocks of a game, before one ground: what is drawn on them tells them apart."""
    x = pictures(80)
    x[:12] = ground
    x[:12, 6:26, 6:26] = 0.5 * pictures(12, 20, seed=2) + (0 if ground else 127)
    x[41] = softened(x[8])
    report = checked(Content(x=x, x_test=None, y_test=None).write(tmp_path / "set.h5"))
    assert [(each.kind, each.indices) for each in report.findings] == [("near-duplicates", (41,))]


def test_more_than_can_be_kept_are_looked_at_in_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_operation, "MOST_PICTURES", 60)
    content = plant(Content(), "blank")  # one of them is number 60
    report = checked(content.write(tmp_path / "set.h5"))
    assert [(each.kind, each.indices) for each in report.findings] == [("blank", (20, 21, 33))]
    assert report.limits == ("Only the first 60 pictures were looked at.",)


def test_set_that_is_there_many_times_is_told_once_each(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "set.h5", "w") as file:
        for number in range(4):
            file[f"copy_{number}/images"] = pictures(20, 16)
        file["test/images"] = np.concatenate([pictures(20, 16)[:1], pictures(11, 16, seed=1)])
    report = checked(tmp_path / "set.h5")
    assert [(each.kind, each.set_index) for each in report.findings] == [
        ("leakage", 4),
        ("same-set", 1),
        ("same-set", 2),
        ("same-set", 3),
    ]


def test_set_of_blank_pictures_is_blank_and_no_more(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "set.h5", "w") as file:
        file["images"], file["labels"] = np.zeros((40, 16, 16, 3), "u1"), classes(40)
    assert kinds(checked(tmp_path / "set.h5")) == ["blank"]


@pytest.mark.parametrize("form", ["index", "one-hot"])
def test_numbers_of_many_classes_are_no_mistakes(form: str, tmp_path: Path) -> None:
    y = np.random.default_rng(0).permutation(40) * 400
    with h5py.File(tmp_path / "set.h5", "w") as file:
        file["images"] = pictures(40, 16)
        file["labels"] = y if form == "index" else (np.arange(16_000) == y[:, None]).astype("u1")
    report = checked(tmp_path / "set.h5")
    assert [(each.kind, each.severity) for each in report.findings] == [("empty-class", "note")]
    assert sum(report.counts[0].counts) == 40


def test_labels_that_are_nan_have_no_class(tmp_path: Path) -> None:
    content = Content(x_test=None, y_test=None)
    content.y = content.y.astype("f4")
    content.y[7] = np.nan
    report = checked(content.write(tmp_path / "set.h5"))
    assert [(each.kind, each.indices) for each in report.findings] == [
        ("labels-out-of-range", (7,))
    ]
    assert "0 to 3 (NaN)" in report.findings[0].message


def test_texts_of_many_pictures_are_their_labels(tmp_path: Path) -> None:
    """More than HDF5's strings are read at once."""
    x = np.random.default_rng(0).integers(0, 256, (25_000, 8, 8), "u1")
    with h5py.File(tmp_path / "set.h5", "w") as file:
        file["images"], file["labels"] = x, [f"class {n % 4}" for n in range(len(x))]
    report = checked(tmp_path / "set.h5")
    assert kinds(report) == []
    assert report.counts[0].counts == (6250, 6250, 6250, 6250)


def test_masks_may_be_blank_and_alike(tmp_path: Path) -> None:
    content = Content(x_test=None, y_test=None)
    content.write(tmp_path / "set.h5")
    masks = np.zeros((80, 32, 32), np.uint8)
    masks[1::2, 8:16, 8:16] = 255
    with h5py.File(tmp_path / "set.h5", "r+") as file:
        file["train_masks"] = masks
    report = checked(tmp_path / "set.h5")
    assert len(report.sets) == 2
    assert kinds(report) == []


def test_damaged_set_is_told_and_the_others_are_looked_at(tmp_path: Path) -> None:
    content = plant(Content(storage={"chunks": (8, 32, 32, 3), "compression": "gzip"}), "blank")
    path = content.write(tmp_path / "set.h5")
    with h5py.File(path) as file:
        place = file["train_set_x"].id.get_chunk_info(3)
        test = file["test_set_x"].id.get_offset()
    assert test is not None
    with path.open("r+b") as stream:
        stream.seek(place.byte_offset)
        stream.write(b"\xff" * place.size)
    report = checked(path)
    assert kinds(report) == ["unreadable"]
    assert report.findings[0].set_index == 1
    assert report.counts[0].counts == (6, 6, 6, 6)


def test_file_without_pictures_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "none.h5", "w") as file:
        file["numbers"] = np.arange(10)
    with pytest.raises(CannotRead, match=r"none\.h5 holds no data set of pictures"):
        checked(tmp_path / "none.h5")


def test_cancelled_check_ends_its_threads(tmp_path: Path) -> None:
    path = Content().write(tmp_path / "set.h5")
    with Source(str(path)) as source, closing(open_container(source)) as container:
        operation = check_pictures(CheckPictures(document=str(path)), container)
        for _ in range(6):
            next(operation)
        operation.close()


def test_chunks_that_suit_random_batches_are_no_finding(tmp_path: Path) -> None:
    """As `h5v dataset build --compress gzip` makes them: some pictures, 60 kB together."""
    content = Content(x=pictures(350, 64), y=classes(350), x_test=None, y_test=None)
    content.x //= 4
    content.x *= 4  # so that compression pays
    content.storage = {"chunks": (5, 64, 64, 3), "compression": "gzip", "compression_opts": 1}
    assert kinds(checked(content.write(tmp_path / "set.h5"))) == []


@pytest.mark.skipif(not (CORPUS / CATS.format("train")).exists(), reason="no corpus")
def test_the_course_tests_with_a_picture_that_it_trains_with() -> None:
    """Found by this very check: the two are the same, pixel by pixel."""
    train, test = (CORPUS / CATS.format(name) for name in ("train", "test"))
    report = checked(train, test)
    assert kinds(report) == ["leakage"]
    assert (report.findings[0].indices, report.findings[0].others) == ((17,), ((0, 146),))
    with h5py.File(train) as one, h5py.File(test) as other:
        assert np.array_equal(one["train_set_x"][146], other["test_set_x"][17])
    assert kinds(checked(train)) == kinds(checked(test)) == []
