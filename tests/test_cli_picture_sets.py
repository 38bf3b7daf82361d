"""`h5v info` says which datasets are pictures, of which classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import msgspec
import numpy as np
import pytest
from h5v_process import h5v
from json_shape import DataSet, checked_answer


def info(*arguments: object) -> str:
    return h5v("info", *arguments, check=True).stdout


def write(path: Path, **datasets: Any) -> Path:
    with h5py.File(path, "w") as file:
        for name, values in datasets.items():
            file[name] = values
        file.attrs["class_names"] = ["cat", "\x1b[31mdog"]
    return path


def test_sets_and_classes_are_counted(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (12, 16, 20, 3), "u1")
    labels = np.array([0, 1, 1, 1, 0, 5, 0, 0, 0, 1, 1, -1])
    path = write(tmp_path / "a.h5", x_train=pixels, y_train=labels % 2, x_test=pixels[:5])
    answer = checked_answer(info(path, "--json"))
    assert [msgspec.structs.asdict(each) for each in answer.data_sets] == [
        {
            "path": "/x_test", "split": "test", "pictures": 5, "height": 16, "width": 20,
            "channels": 3, "dtype": "uint8", "labels": None, "classes": {}, "unlabelled": 5,
        },
        {
            "path": "/x_train", "split": "training", "pictures": 12, "height": 16, "width": 20,
            "channels": 3, "dtype": "uint8", "labels": "/y_train",
            "classes": {"cat": 5, "\x1b[31mdog": 7}, "unlabelled": 0,
        },
    ]  # fmt: skip
    text = info(path)
    assert "2 data sets of pictures" in text
    assert "/x_train  12 pictures, 16 × 20 RGB, uint8  training" in text
    assert "/y_train: cat (5), \\x1b[31mdog (7)" in text
    assert "no labels found" in text
    assert "\x1b" not in text


def test_labels_that_are_damaged_are_a_problem(tmp_path: Path) -> None:
    """The rest of the file is told all the same."""
    pixels = np.zeros((2000, 8, 8), "u1")
    path = write(tmp_path / "a.h5", images=pixels)
    with h5py.File(path, "r+") as file:
        labels = file.create_dataset(
            "labels", data=np.arange(2000) % 2, chunks=(1000,), compression="gzip"
        )
        labels.id.write_direct_chunk((1000,), b"no deflated bytes")
    answer = checked_answer(info(path, "--json"))
    assert [each.labels for each in answer.data_sets] == [None]
    assert answer.data_sets[0].unlabelled == 2000


def test_other_files_have_none(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", table=np.arange(12.0))
    assert checked_answer(info(path, "--json")).data_sets == []
    assert "picture" not in info(path)


def test_the_data_sets_of_the_corpus(corpus: Path) -> None:
    names = {
        "ramakris__coursera-deeplearning__train_catvnoncat.h5": ("training", 137, 72),
        "ramakris__coursera-deeplearning__test_catvnoncat.h5": ("test", 17, 33),
    }
    for name, (split, n_others, n_cats) in names.items():
        path = corpus / "hdf5_data" / name
        if not path.exists():
            pytest.skip("no such file in the corpus")
        (found,) = checked_answer(info(path, "--json")).data_sets
        assert isinstance(found, DataSet)
        assert (found.split, found.height, found.width, found.channels) == (split, 64, 64, 3)
        assert found.classes == {"non-cat": n_others, "cat": n_cats}
