"""From a folder to a file: every picture and label as the stated rule has it."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from picture_folders import make_folder
from stated_rule import splits, stored

from h5viewer.exporting import export
from h5viewer.nodes import DataSetBuilt, DataSetRecipe
from h5viewer.requests import BuildDataSet
from h5viewer.workers.pool import Pool

SHARES = (70, 20, 10)
GROUPS = ("train", "validation", "test")
N_PICTURES = 150


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], list[str]]:
    folder = tmp_path_factory.mktemp("pictures") / "pets"
    folder.mkdir()
    return folder, *make_folder(folder, N_PICTURES)


def built(folder: Path, target: Path, recipe: DataSetRecipe, table: str = "") -> DataSetBuilt:
    pool = Pool(keep_spare=False)
    try:
        request = BuildDataSet(document=str(folder), target=str(target), recipe=recipe, table=table)
        done = export(pool, request)
    finally:
        pool.close()
    assert done.data_set is not None
    assert done.bytes_after == target.stat().st_size
    return done.data_set


CHOICES = [
    DataSetRecipe(width=24, height=24, shares=SHARES),
    DataSetRecipe(width=40, height=18, fit="pad", colour="rgba", shares=SHARES, seed=7, chunk=3),
    DataSetRecipe(
        width=16, height=30, fit="crop", colour="grey", shares=SHARES, compression="gzip"
    ),
    DataSetRecipe(
        width=12, height=12, dtype="float32", compression="gzip", shares=SHARES,
        is_channels_first=True, chunk=7,
    ),
    DataSetRecipe(width=9, height=11, compression="lzf", shares=SHARES, chunk=16),
]  # fmt: skip


@pytest.mark.parametrize("recipe", CHOICES, ids=["plain", "pad", "crop", "floats", "lzf"])
def test_pictures_and_labels_are_what_the_rule_gives(
    recipe: DataSetRecipe, folder: tuple[Path, list[str], list[str]], tmp_path: Path
) -> None:
    root, good, broken = folder
    made = built(root, tmp_path / "pets.h5", recipe)
    assert {each.name for each in made.skipped} == set(broken)
    assert made.n_skipped == len(broken)
    check(tmp_path / "pets.h5", root, good, broken, recipe)


def check(
    path: Path, root: Path, good: list[str], broken: list[str], recipe: DataSetRecipe
) -> None:
    """Compare the file with the folder, picture by picture."""
    names = [*good, *broken]  # splits are made before anything is decoded
    expected = splits(names, [name.split("/")[0] for name in names], SHARES, recipe.seed)
    classes = sorted({name.split("/")[0] for name in names})
    with h5py.File(path) as file:
        assert [each.decode() for each in file["class_names"]] == classes
        said = json.loads(file.attrs["recipe"])
        assert (said["width"], said["height"], said["fit"]) == (
            recipe.width, recipe.height, recipe.fit,
        )  # fmt: skip
        for group, wanted in zip(GROUPS, expected, strict=True):
            wanted = [name for name in wanted if name not in broken]
            stored_names = [
                each.decode("utf-8", "surrogateescape") for each in file[group]["names"]
            ]
            assert stored_names == wanted
            assert list(file[group]["labels"]) == [
                classes.index(name.split("/")[0]) for name in wanted
            ]
            assert list(file[group]["labels"].attrs["class_names"]) == classes
            images = file[group]["images"]
            assert images.dtype == recipe.dtype
            assert len(images) == len(wanted)
            for at, name in enumerate(wanted):
                compare(images[at], root / name, recipe)


def compare(found: np.ndarray, path: Path, recipe: DataSetRecipe) -> None:
    rights = stored(path, recipe.width, recipe.height, recipe.fit, recipe.colour)
    if recipe.is_channels_first:
        found = found.transpose(1, 2, 0)
    assert found.shape == rights[0].shape
    if recipe.dtype == "float32":
        rights = tuple(each.astype(np.float32) / np.float32(255) for each in rights)
    assert any(np.array_equal(found, right) for right in rights), path.name


def test_as_keras_has_it(folder: tuple[Path, list[str], list[str]], tmp_path: Path) -> None:
    root, good, _ = folder
    recipe = DataSetRecipe(width=8, height=8, layout="keras", is_shuffled=False)
    built(root, tmp_path / "k.h5", recipe)
    with h5py.File(tmp_path / "k.h5") as file:
        assert set(file) == {"train_set_x", "train_set_y", "train_set_names", "list_classes"}
        assert file["train_set_x"].shape == (len(good), 8, 8, 3)
        assert file["train_set_y"].dtype == np.int64
        assert file["list_classes"][:].dtype.kind == "S"


def test_the_same_folder_makes_the_same_file(
    folder: tuple[Path, list[str], list[str]], tmp_path: Path
) -> None:
    recipe = DataSetRecipe(width=8, height=8, shares=SHARES, compression="gzip")
    for name in ("a.h5", "b.h5"):
        built(folder[0], tmp_path / name, recipe)
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()
