"""Confined workers answer all about pictures: nothing is imported, or opened, any more by then."""

from __future__ import annotations

import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from pictured import LABELS, SCENES, digits

from h5viewer.exporting import export
from h5viewer.nodes import (
    ClassCounts,
    MeanPictures,
    OnePicture,
    PictureLabels,
    PictureSet,
    PictureSets,
    Thumbnails,
)
from h5viewer.requests import (
    FindPictureSets,
    FitPictureSet,
    ReadMeanPictures,
    ReadOnePicture,
    ReadPictureLabels,
    ReadThumbnails,
    SavePictures,
)
from h5viewer.workers.pool import Pool, ask


@pytest.fixture
def document(tmp_path: Path) -> str:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset(
            "train/images", data=SCENES, chunks=(8, 24, 20, 3), compression="gzip", shuffle=True
        )
        file["train/labels"] = [["cat", "dog", "owl"][n] for n in LABELS]
        file["test/x"] = (digits(30).reshape(30, -1) - 40.0) / 70
        members = h5py.enum_dtype({"a": 0, "b": 1, "c": 2}, basetype="u1")
        file.create_dataset("test/y", data=LABELS.astype("u1"), dtype=members)
        dataset = file["train/images"]
        assert isinstance(dataset, h5py.Dataset)
        dataset.id.write_direct_chunk((16, 0, 0, 0), b"no deflated bytes")
    return str(path)


def test_every_question_is_answered(document: str, pool: Pool) -> None:
    found = ask(pool, FindPictureSets(document=document))
    assert isinstance(found, PictureSets)
    test, train = found.sets
    assert test.layout.is_flat
    assert (test.label_names, train.label_names) == (("a", "b", "c"), ("cat", "dog", "owl"))
    for pictures in found.sets:
        _ask_about(document, pool, pictures, n_lost=8 if pictures is train else 0)


def _ask_about(document: str, pool: Pool, pictures: PictureSet, n_lost: int) -> None:
    about = {"document": document, "pictures": pictures}
    fitted = ask(pool, FitPictureSet(document=document, wanted=pictures))
    assert isinstance(fitted, PictureSets)
    assert fitted.sets[0].label_names == pictures.label_names
    small = ask(pool, ReadThumbnails(**about, indices=tuple(range(30)), side=16))
    assert isinstance(small, Thumbnails)
    assert (len(small.indices), len(small.unreadable)) == (30 - n_lost, n_lost)
    parts: list[object] = []
    counts = ask(pool, ReadPictureLabels(**about), parts.append)
    assert isinstance(counts, ClassCounts)
    assert counts.counts == tuple(np.bincount(LABELS).tolist())
    classes = [part.classes.values for part in parts if isinstance(part, PictureLabels)]
    assert np.concatenate(classes).tolist() == LABELS.tolist()
    one = ask(pool, ReadOnePicture(**about, index=3))
    assert isinstance(one, OnePicture)
    assert one.label == LABELS[3]
    if not n_lost:
        means = ask(pool, ReadMeanPictures(**about))
        assert isinstance(means, MeanPictures)
        assert means.n_read == 30


def test_pictures_are_saved(document: str, tmp_path: Path) -> None:
    pool = Pool(keep_spare=False)
    try:
        found = ask(pool, FindPictureSets(document=document))
        assert isinstance(found, PictureSets)
        target = tmp_path / "all.zip"
        request = SavePictures(
            document=document,
            target=str(target),
            pictures=found.sets[1],
            indices=tuple(range(30)),
        )
        done = export(pool, request)
    finally:
        pool.close()
    assert done.notes == ("8 pictures are damaged and not in the archive.",)
    names = zipfile.ZipFile(target).namelist()
    assert len(names) == 22
    assert {name.partition("/")[0] for name in names} == {"cat", "dog", "owl"}
