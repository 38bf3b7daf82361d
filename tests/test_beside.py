"""Files beside a model that may hold class names are found by their names, likeliest first."""

from __future__ import annotations

from pathlib import Path

import pytest

from h5viewer import beside
from h5viewer.errors import CannotRead
from h5viewer.nodes import Labels, Recipe, SavedRecipe
from h5viewer.requests import ReadLabels, ReadRecipe
from h5viewer.workers.pool import Pool, ask


def test_files_of_class_names_are_ranked(tmp_path: Path) -> None:
    for name in (
        "model.h5", "model_labels.json", "labels.txt", "class_indices.json", "other_classes.csv",
        "coco.names", "requirements.txt", "README.txt", "photo.png", "model.h5.recipe.json",
        "notes.txt", "_darknet.labels", "signature.json", "pet_label_map.pbtxt",
        "lb.pickle", "label_encoder.pkl", "classes.npy", "weights.npy", "history.pkl",
    ):  # fmt: skip
        (tmp_path / name).touch()
    found = [Path(path).name for path in beside.label_files(str(tmp_path / "model.h5"))]
    assert found[:3] == ["model_labels.json", "labels.txt", "class_indices.json"]
    assert set(found[3:]) == {
        "signature.json", "coco.names", "other_classes.csv", "_darknet.labels",
        "pet_label_map.pbtxt", "lb.pickle", "label_encoder.pkl", "classes.npy",
    }  # fmt: skip


def test_folder_that_cannot_be_listed_has_no_names(tmp_path: Path) -> None:
    assert beside.label_files(str(tmp_path / "gone" / "model.h5")) == ()
    assert beside.saved_recipe(str(tmp_path / "model.h5")) is None


def test_class_folders_are_in_the_order_of_keras(tmp_path: Path) -> None:
    for name in ("zebra", "Ant", "bee", ".hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "list.txt").touch()
    (tmp_path / "circle").symlink_to("circle")
    assert beside.class_folders(str(tmp_path)) == ("Ant", "bee", "zebra")


def test_class_names_are_those_of_class_folders(tmp_path: Path) -> None:
    for name in ("data_2/b", "data_2/a", "train/a", "database/c", "test"):
        (tmp_path / name).mkdir(parents=True)
    found = beside.labels_of_folders(str(tmp_path / "model.h5"))
    assert found == (
        Labels(names=("a", "b"), source="the folders in data_2"),
        Labels(names=("a",), source="the folders in train"),
    )
    with pytest.raises(CannotRead, match="test has no folders"):
        beside.class_labels(str(tmp_path / "test"))
    with pytest.raises(CannotRead, match="gone cannot be looked into"):
        beside.class_labels(str(tmp_path / "gone"))


def test_worker_reads_names_and_recipes_of_text_files(tmp_path: Path, pool: Pool) -> None:
    model = tmp_path / "model.h5"
    saved = SavedRecipe(recipe=Recipe(name="unit", factor=1 / 255), labels=("a", "b"))
    Path(beside.recipe_path(str(model))).write_text(beside.recipe_text(saved), "utf-8")
    path = beside.saved_recipe(str(model))
    assert path is not None
    assert ask(pool, ReadRecipe(document=path)) == saved
    labels = tmp_path / "labels.txt"
    labels.write_bytes("Käse\nBrot\n".encode("latin-1"))
    assert ask(pool, ReadLabels(document=str(labels))) == Labels(
        names=("Käse", "Brot"), source="labels.txt"
    )


def test_files_that_may_state_layers_are_json_first_and_alike_in_name(tmp_path: Path) -> None:
    for name in (
        "net_weights.h5", "other.h5", "net.h5", "net.keras", "net_arch.json", "classes.json",
        "history.json", "net.png", "net_weights.h5.recipe.json",
    ):  # fmt: skip
        (tmp_path / name).touch()
    (tmp_path / "folder.keras").mkdir()
    found = beside.architecture_files(str(tmp_path / "net_weights.h5"))
    assert [Path(path).name for path in found] == [
        "net_arch.json", "classes.json", "net.h5", "net.keras", "other.h5",
    ]  # fmt: skip
