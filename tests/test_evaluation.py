"""Evaluations put together and written down; datasets guessed; folders as classes."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from h5viewer.errors import CannotRead
from h5viewer.evaluation import (
    MOST_SHOWN,
    confusion_pieces,
    guessed_pair,
    guessed_sources,
    matrix,
    mistake_pieces,
    shown_classes,
    to_json,
    together,
)
from h5viewer.labelled_pictures import (
    LabelledPicture,
    class_indices,
    labelled_pictures,
    requests_of,
    thinned,
)
from h5viewer.nodes import Dataset, DType, Evaluation, Mistake, NetworkInput
from h5viewer.requests import EvaluateNetwork, Feed

NAMES = ("cat", "=dog")


def an_evaluation(**facts: object) -> Evaluation:
    found: dict[str, object] = {
        "samples": 4,
        "loss": 0.5,
        "loss_name": "categorical cross-entropy",
        "accuracy": 0.75,
        "n_classes": 2,
        "pairs": ((0, 0, 2), (1, 0, 1), (1, 1, 1)),
        "mistakes": (Mistake(row=3, name="a.png", true=1, predicted=0, score=0.9),),
        "notes": ("One thing.",),
    }
    return Evaluation(**found | facts)  # type: ignore[arg-type]


def test_evaluations_of_parts_add_up() -> None:
    other = an_evaluation(
        samples=1,
        loss=2.5,
        accuracy=0.0,
        pairs=((1, 0, 1),),
        mistakes=(Mistake(row=0, name="b.png", true=1, predicted=0, score=0.95),),
        notes=("One thing.", "Another."),
    )
    found = together([an_evaluation(), other], total=6, notes=["First."])
    assert (found.samples, found.total, found.is_complete) == (5, 6, True)
    assert found.loss == pytest.approx((4 * 0.5 + 2.5) / 5)
    assert found.accuracy == pytest.approx(3 / 5)
    assert matrix(found) == ((2, 0), (2, 1))
    assert [(each.name, each.row) for each in found.mistakes] == [("b.png", 4), ("a.png", 3)]
    assert found.notes == ("First.", "One thing.", "Another.")


def test_many_notes_are_told_by_their_number() -> None:
    found = together([an_evaluation()], total=4, notes=[f"Note {at}." for at in range(30)])
    assert len(found.notes) == 13
    assert found.notes[-1] == "And 19 more notes."


def test_json_has_the_promised_fields() -> None:
    found = json.loads(to_json(an_evaluation(loss=float("nan"))))
    assert found["samples"] == 4
    assert found["loss"] is None
    assert found["accuracy"] == 0.75
    assert found["confusion"] == [[2, 0], [1, 1]]
    assert found["mistakes"] == [
        {"row": 3, "score": 0.9, "picture": "a.png", "true": 1, "predicted": 0}
    ]


def test_csv_has_the_matrix_and_no_formula() -> None:
    lines = list(
        csv.reader("".join(confusion_pieces(an_evaluation(), NAMES.__getitem__)).splitlines())
    )
    assert lines == [["true \\ predicted", "cat", "'=dog"], ["cat", "2", "0"], ["'=dog", "1", "1"]]
    mistakes = list(csv.reader("".join(mistake_pieces(an_evaluation(), str)).splitlines()))
    assert mistakes[1] == ["3", "a.png", "1", "0", "0.9"]


def test_of_many_classes_those_with_most_mistakes_are_drawn() -> None:
    n = MOST_SHOWN + 50
    pairs = (*((index, index, 1) for index in range(n)), (3, 140, 7), (149, 2, 1))
    found = an_evaluation(n_classes=n, pairs=pairs)
    assert {2, 3, 140, 149} <= set(shown_classes(found))
    assert len(shown_classes(found)) <= MOST_SHOWN
    assert matrix(found, (3, 140)) == ((1, 7), (0, 1))


def dataset(path: str, *shape: int, kind: str = "uint") -> Dataset:
    dtype = DType(kind=kind, text=kind, itemsize=1)  # type: ignore[arg-type]
    return Dataset(
        path=tuple(part.encode() for part in path.split("/")), dtype=dtype, shape=shape
    )  # fmt: skip


@pytest.mark.parametrize(
    ("datasets", "wanted"),
    [
        (
            [dataset("train_set_x", 209, 64, 64, 3), dataset("train_set_y", 209),
             dataset("list_classes", 2)],
            ("train_set_x", "train_set_y"),
        ),
        (
            [dataset("y_train", 60), dataset("x_train", 60, 64, 64, 3),
             dataset("x_test", 10, 64, 64, 3), dataset("y_test", 10)],
            ("x_test", "y_test"),
        ),
        ([dataset("a", 9, 64, 64, 3), dataset("b", 9)], ("a", "b")),
        (
            [dataset("images", 9, 64, 64, 3), dataset("labels", 9, kind="string")],
            ("images", "labels"),
        ),
    ],
)  # fmt: skip
def test_samples_and_labels_are_guessed_by_name_and_shape(datasets, wanted) -> None:
    found = guessed_pair(datasets, (64, 64, 3))
    assert found == tuple((name.encode(),) for name in wanted)


def test_a_dataset_is_guessed_for_each_input_by_its_name() -> None:
    inputs = [
        NetworkInput(name=name, shape=(None, 8), dtype="float32", kind="values")
        for name in ("left", "right")
    ]
    datasets = [dataset("right", 9, 8), dataset("other", 9, 8), dataset("left", 9, 8),
                dataset("y", 9), dataset("right_too", 8, 8)]  # fmt: skip
    assert guessed_sources(datasets, inputs) == (((b"left",), (b"right",)), (b"y",))
    assert guessed_sources(datasets[2:], inputs) is None
    assert guessed_sources(datasets, ()) is None


def test_nothing_is_guessed_where_nothing_fits() -> None:
    assert guessed_pair([dataset("a", 9, 4), dataset("b", 8)], (4,)) is None


def test_weights_are_not_taken_for_samples() -> None:
    """Of a model's own file: a kernel has as many axes as pictures, and nothing else of them."""
    weights = [dataset("6", 3, 3, 16, 32), dataset("2", 3, 3, 3, 16)]
    assert guessed_pair(weights, (64, 64, 3)) is None
    assert guessed_pair([dataset("a", 9, 28, 28, 3), dataset("b", 9)], (64, 64, 3)) is not None
    assert guessed_pair([dataset("a", 9, 28, 28, 3), dataset("b", 9)], (None, None, 3)) is not None


@pytest.mark.parametrize(
    ("folders", "labels", "n_classes", "indices", "words"),
    [
        (("Stop", "give_way"), ("give way", "turn", "stop"), 3, (2, 0), "by their names"),
        (("0", "14", "3"), (), 43, (0, 14, 3), "numbers"),
        (("cat", "dog"), (), 2, (0, 1), "alphabetical order: 0 is cat, 1 is dog."),
        (("cat", "dog"), ("one", "two"), 2, (0, 1), "alphabetical"),
    ],
)
def test_folders_become_classes(folders, labels, n_classes, indices, words) -> None:
    found, note = class_indices(folders, labels, n_classes)
    assert found == indices
    assert words in note


@pytest.mark.parametrize(
    ("folders", "labels", "n_classes", "sentence"),
    [
        (("cat", "cow"), ("cat", "dog"), 2, "cow has the name of no class"),
        (("cat", "dog", "cow"), (), 2, "3 folders, but the network knows 2 classes"),
        (("0", "7"), (), 3, "2 folders"),
    ],
)
def test_folders_that_are_no_classes_are_refused(folders, labels, n_classes, sentence) -> None:
    with pytest.raises(CannotRead, match=sentence):
        class_indices(folders, labels, n_classes)


def a_folder(tmp_path: Path) -> Path:
    for name, count in (("a", 3), ("b", 2)):
        (tmp_path / name).mkdir()
        for at in range(count):
            (tmp_path / name / f"{at}.png").write_bytes(b"\x89PNG\r\n" + bytes(at + 1))
    (tmp_path / "b" / "notes.txt").write_text("no picture")
    return tmp_path


def test_pictures_of_class_folders_are_read_a_request_at_a_time(tmp_path: Path) -> None:
    found = labelled_pictures(str(a_folder(tmp_path)), (), 2)
    assert [(Path(each.path).name, each.index) for each in found.pictures] == [
        ("0.png", 0), ("1.png", 0), ("2.png", 0), ("0.png", 1), ("1.png", 1),
    ]  # fmt: skip
    (tmp_path / "a" / "1.png").unlink()
    (read,) = requests_of(found.pictures)
    assert [(feed.name, index) for feed, index in read.samples] == [
        ("a/0.png", 0), ("a/2.png", 0), ("b/0.png", 1), ("b/1.png", 1),
    ]  # fmt: skip
    assert len(read.refusals) == 1
    assert "1.png" in read.refusals[0]
    part = read.part_of(EvaluateNetwork(document="/m.h5", limit=9))
    assert (len(part.samples), part.more_samples, part.limit) == (4, (), 0)


def picture_input(name: str = "photo") -> NetworkInput:
    return NetworkInput(name=name, shape=(None, 8, 8, 3), dtype="float32", kind="picture")


FACTS = NetworkInput(name="facts", shape=(None, 4), dtype="float32", kind="values")


def of_two_inputs(
    folder: Path, files: str, inputs: list[NetworkInput], offers: list[Feed | None]
) -> tuple[list[tuple[str, ...]], tuple[Feed | None, ...], str]:
    """Samples by the names of their files, what is held, and the note."""
    for name in ("a", "b"):
        for file in files.split():
            path = folder / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"something")
    found = labelled_pictures(str(folder), (), 2, inputs, offers)
    names = [
        tuple(Path(path).relative_to(folder).as_posix() for path in (each.path, *each.more))
        for each in found.pictures
    ]
    return names, found.held, found.note


def test_pictures_of_several_inputs_are_paired_in_each_class(tmp_path: Path) -> None:
    both = [FACTS, picture_input()]
    names, held, _ = of_two_inputs(tmp_path / "1", "1.png 1.npy 2.npy 2.png", both, [None, None])
    assert names[:2] == [("a/1.npy", "a/1.png"), ("a/2.npy", "a/2.png")]
    assert held == (None, None)
    eyes = [picture_input("left"), picture_input("right")]
    names, held, _ = of_two_inputs(tmp_path / "2", "right/1.png left/1.png", eyes, [None, None])
    assert names == [
        ("a/left/1.png", "a/right/1.png"),
        ("b/left/1.png", "b/right/1.png"),
    ]


def test_what_is_offered_goes_with_every_picture(tmp_path: Path) -> None:
    facts = Feed(name="facts.npy", picture=b"x")
    both = [FACTS, picture_input()]
    names, held, note = of_two_inputs(tmp_path / "1", "1.png 2.png", both, [facts, None])
    assert names == [("a/1.png",), ("a/2.png",), ("b/1.png",), ("b/2.png",)]
    assert held == (facts, None)
    assert note.endswith("facts.npy goes with every picture.")
    eyes = [picture_input("left"), picture_input("right")]
    names, held, _ = of_two_inputs(tmp_path / "2", "1.png 2.png 3.png", eyes, [None, facts])
    assert len(names) == 6
    assert held == (None, facts)


def test_pictures_that_do_not_tell_their_inputs_are_refused(tmp_path: Path) -> None:
    facts = Feed(name="facts.npy", picture=b"x")
    eyes = [picture_input("left"), picture_input("right")]
    for offers in ([None, None], [facts, facts]):
        with pytest.raises(CannotRead, match="do not tell which of the 2 inputs"):
            of_two_inputs(tmp_path, "1.png 2.png", eyes, offers)
    with pytest.raises(CannotRead, match="holds nothing for the input facts"):
        of_two_inputs(tmp_path, "1.png", [FACTS, picture_input()], [None, None])
    (tmp_path / "a" / "1.npy").write_bytes(b"x")
    (tmp_path / "a" / "2.npy").write_bytes(b"x")
    with pytest.raises(CannotRead, match="files for different inputs"):
        labelled_pictures(str(tmp_path), (), 2, [FACTS, picture_input()], [facts, None])


def test_all_files_of_a_sample_are_read_or_none(tmp_path: Path) -> None:
    both = [FACTS, picture_input()]
    of_two_inputs(tmp_path, "1.png 1.npy 2.npy 2.png", both, [None, None])
    found = labelled_pictures(str(tmp_path), (), 2, both, [None, None])
    (tmp_path / "a" / "2.png").unlink()
    (read,) = requests_of(found.pictures)
    part = read.part_of(EvaluateNetwork(document="/m.h5", held=found.held))
    assert [feed.name for feed, _ in part.samples] == ["a/1.npy", "b/1.npy", "b/2.npy"]
    assert [feed.name for (feed,) in part.more_samples] == ["1.png", "1.png", "2.png"]
    assert len(read.refusals) == 1


def test_many_pictures_are_several_requests(tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(b"picture")
    pictures = [LabelledPicture(str(tmp_path / "one.png"), 0)] * 600
    assert [len(read.samples) for read in requests_of(pictures)] == [256, 256, 88]


def test_a_limit_takes_pictures_of_all_classes() -> None:
    pictures = [LabelledPicture(str(at), at // 10) for at in range(30)]
    assert [each.index for each in thinned(pictures, 6)] == [0, 0, 1, 1, 2, 2]
    assert len(thinned(pictures, 0)) == 30


@pytest.mark.parametrize(
    ("make", "n_classes", "sentence"),
    [
        (lambda folder: None, 2, "holds no folders"),
        (lambda folder: (folder / "a").mkdir(), 1, "hold no pictures"),
        (lambda folder: None, 0, "does not answer with classes"),
    ],
)
def test_folders_without_classes_are_one_sentence(
    tmp_path: Path, make, n_classes, sentence
) -> None:
    make(tmp_path)
    with pytest.raises(CannotRead, match=sentence):
        labelled_pictures(str(tmp_path), (), n_classes)
