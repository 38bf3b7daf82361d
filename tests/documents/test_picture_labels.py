"""Labels in all the forms that people store them in; and what is no label."""

from __future__ import annotations

import numpy as np
import pytest

from h5viewer.documents.picture_labels import LabelFacts, classes_of, label_shape
from h5viewer.documents.picture_words import (
    means_labels,
    means_other,
    means_pictures,
    means_weights,
    split_of,
    words,
)


@pytest.mark.parametrize("shape", [(6,), (6, 1), (1, 6), (6, 4), (4, 6)])
def test_labels_stand_along_either_axis(shape: tuple[int, ...]) -> None:
    found = label_shape(shape, 6)
    assert found is not None
    assert found.length == 6
    values = np.arange(int(np.prod(shape))).reshape(shape)
    rows = found.rows(values[found.box(2, 5)])
    assert len(rows) == 3
    assert rows.shape == ((3,) if 4 not in shape else (3, 4))
    expected = values if shape[0] == 6 else values.T
    assert np.array_equal(rows, expected[2:5].reshape(rows.shape))


@pytest.mark.parametrize("shape", [None, (), (5,), (6, 2, 2), (6, 0), (5, 5), (200_000, 6)])
def test_other_shapes_hold_no_labels(shape: tuple[int, ...] | None) -> None:
    assert label_shape(shape, 6) is None


def facts_of(*parts: np.ndarray) -> LabelFacts:
    facts = LabelFacts()
    for part in parts:
        facts.add(part)
    return facts


@pytest.mark.parametrize(
    ("parts", "form", "least", "greatest"),
    [
        ([np.array([3, 1]), np.array([7])], "index", 1, 7),
        ([np.array([0.0, 2.0])], "index", 0, 2),
        ([np.array([True, False])], "index", 0, 1),
        ([np.eye(4)], "one-hot", 0, 3),
        ([np.eye(4, dtype=bool)], "one-hot", 0, 3),
        ([np.array([[0.9, 0.1], [0.0, 0.0]])], "one-hot", 0, 1),
        ([np.array([[1, 1], [0, 1]])], "several", 0, 1),
        ([np.array([[-1, 1, 1], [1, -1, -1]])], "several", 0, 2),
        ([np.array([[np.nan, 1, 1], [np.nan, 0, -1]])], "several", 0, 2),
        ([np.eye(3), np.ones((2, 3))], "several", 0, 2),
        ([np.append(np.eye(30), np.ones((1, 30)), axis=0)], "one-hot", 0, 29),  # one mistake
    ],
)
def test_the_form_is_seen(parts: list[np.ndarray], form: str, least: int, greatest: int) -> None:
    facts = facts_of(*parts)
    assert not facts.why_not
    assert (facts.form, facts.least, facts.greatest) == (form, least, greatest)


@pytest.mark.parametrize(
    "values",
    [
        np.array([0.5, 1.0]),
        np.array([np.nan, np.nan]),
        np.array([-5, 3]),
        np.array([10**9]),
        np.array([[1, 1], [0, 2]]),
        np.array([[-1.0, 2.0]]),
        np.array([[0.9, 0.1], [1.0, 1.0]]),
        np.array([1j]),
    ],
)
def test_measured_values_and_mistakes_are_no_labels(values: np.ndarray) -> None:
    assert facts_of(values).why_not


def test_texts_are_classes() -> None:
    facts = facts_of(np.array([b"cat", b"dog\0"], "S4"), np.array(["cat", "owl"], object))
    assert facts.form == "text"
    assert facts.texts == {"cat", "dog", "owl"}


@pytest.mark.parametrize(
    ("rows", "form", "first", "classes"),
    [
        (np.array([0, 2, 3, -1, 2**62]), "index", 0, [0, 2, -1, -1, -1]),
        (np.array([1, 3, 4, 0]), "index", 1, [0, 2, -1, -1]),
        (np.array([2**63], np.uint64), "index", 0, [-1]),
        (np.array([-128, 2], np.int8), "index", 1, [-1, 1]),
        (np.array([1.0, np.nan, 0.5, 1e300, -np.inf]), "index", 0, [1, -1, -1, -1, -1]),
        (np.array([1.0, np.nan]), "index", 1, [0, -1]),
        (np.array([True, False]), "index", 0, [1, 0]),
        (np.array([[0, 1, 0], [0, 0, 0], [np.nan, 0.1, 0.9]]), "one-hot", 0, [1, -1, 2]),
        (np.array([[1, 1, 0], [2, 0, 0], [0.5, 0, 0], [2, -1, 0]]), "one-hot", 0, [-1] * 4),
        (np.array([b"b", b"zz", b"a"], "S2"), "text", 0, [1, -1, 0]),
        (np.array(["b", "\udcff"], object), "text", 0, [1, -1]),
    ],
)
def test_what_is_out_of_range_has_no_class(
    rows: np.ndarray, form: str, first: int, classes: list[int]
) -> None:
    found = classes_of(rows, form, first, 3, {"a": 0, "b": 1, "c": 2})  # type: ignore[arg-type]
    assert found.dtype == np.int32
    assert found.tolist() == classes


@pytest.mark.parametrize(
    ("path", "split"),
    [
        ("x_train", "training"), ("XTrain", "training"), ("trainX", "training"),
        ("train_set_x", "training"), ("xtrain", "training"), ("train/images", "training"),
        ("X_val", "validation"), ("images_valid", "validation"), ("dev/x", "validation"),
        ("test_set_x", "test"), ("TestImages", "test"), ("train/x_test", "test"),
        ("images", ""), ("strain", ""), ("contest", ""), ("greatest/x", ""),
    ],
)  # fmt: skip
def test_names_say_the_split(path: str, split: str) -> None:
    assert split_of(tuple(part.encode() for part in path.split("/"))) == split


def test_names_say_what_a_dataset_is() -> None:
    def path(text: str) -> tuple[bytes, ...]:
        return tuple(part.encode() for part in text.split("/"))

    assert all(means_pictures(path(name)) for name in ("images", "x_train", "train_set_x", "X"))
    assert not any(means_pictures(path(name)) for name in ("labels", "class_images", "yx"))
    assert all(means_labels(path(name)) for name in ("y", "y_train", "train_set_y", "ClassLabel"))
    assert not any(means_labels(path(name)) for name in ("days", "ids", "x"))
    assert all(means_other(path(name)) for name in ("file_names", "ids", "bbox"))
    assert not means_other(path("class_ids"))
    assert all(means_weights(path(name)) for name in ("conv1/0", "block/kernel:0", "dense_2/w"))
    assert words(b"\xff_Train") == ("xff", "train")
