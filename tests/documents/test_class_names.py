"""Class names are read as people write them, in the order of their indices."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest

from h5viewer.documents.class_names import parse_names, stored_names
from h5viewer.documents.saved_recipe import parse_recipe
from h5viewer.errors import CannotRead, TooLarge
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container

PETS = ("cat", "dog", "pony")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("labels.txt", "cat\ndog\npony\n"),
        ("labels.txt", "# mine\r\ncat\r\n\r\ndog\r\npony"),
        ("labels.txt", "cat, dog, pony"),
        ("labels.txt", "0 cat\n1 dog\n2 pony\n"),
        ("labels.txt", "2: pony\n0: cat\n1: dog\n"),
        ("labels.txt", "1. cat\n2. dog\n3. pony\n"),
        ("coco.names", "cat\ndog\npony\n"),
        ("labels.txt", "dog\t1\ncat\t0\npony\t2\n"),
        ("labels.txt", "cat: 0\ndog: 1\npony: 2\n"),
        ("labels.txt", "['cat', 'dog', 'pony']"),
        ("labels.txt", "['cat' 'dog'\n 'pony']\n"),
        ("class_indices.txt", "{'dog': 1, 'cat': 0, 'pony': 2}\n"),
        ("class_indices.json", "{0: 'cat', 1: 'dog', 2: 'pony'}"),
        ("classes.csv", "cat,dog,pony\n"),
        ("labels.txt", "n02123045 cat\nn02085620 dog\nn02389026 pony\n"),
        ("class_names.json", '["cat", "dog", "pony"]'),
        ("class_indices.json", '{"dog": 1, "cat": 0, "pony": 2}'),
        ("class_indices.json", '{"0": "cat", "2": "pony", "1": "dog"}'),
        ("index.json", '{"0": ["n02123045", "cat"], "1": ["n1", "dog"], "2": ["n2", "pony"]}'),
        ("config.json", '{"id2label": {"0": "cat", "1": "dog", "2": "pony"}, "x": 3}'),
        ("labels.json", '{"labels": ["cat", "dog", "pony"]}'),
        ("l.json", '[{"id":1,"name":"dog"},{"id":0,"name":"cat"},{"id":2,"name":"pony"}]'),
        ("labels.txt", '{"cat": 0, "dog": 1, "pony": 2}'),
        ("labels.csv", "cat\ndog\npony\n"),
        ("labels.csv", "ClassId,SignName\n0,cat\n1,dog\n2,pony\n"),
        ("labels.csv", "name;id\ndog;1\ncat;0\npony;2\n"),
        ("labels.tsv", "0\tcat\n1\tdog\n2\tpony\n"),
        ("signature.json", '{"doc": "1", "classes": {"Label": ["cat", "dog", "pony"]}}'),
        ("map.pbtxt", "item {\n  id: 1\n  name: 'cat'\n}\nitem { name: \"n02\" id: 2\n"
         "  display_name: \"dog\" }\nitem {\n  id: 3\n  name: 'pony'\n}\n"),
        ("data.yaml", "train: ../train\nnc: 3\nnames: ['cat', 'dog', 'pony']\nother: 1\n"),
        ("data.yaml", "names: [cat,\n  dog,\n  pony]\n"),
        ("data.yaml", "names:  # of mine\n  0: cat\n  1: dog  # old\n  2: pony\n"),
        ("data.yaml", "names: [\n 'cat', # 0\n 'dog', # 1\n 'pony']\n"),
        ("data.yaml", "names:\n- cat\n- 'dog'  # mine\n# old\n- pony\nnc: 3\n"),
        ("data.yaml", "nc: 3\nnames:\n  0: cat\n  1: dog\n  2: pony\n\nroboflow:\n  v: 1\n"),
        ("data.yml", "names: {0: cat, 1: dog, 2: pony}"),
    ],
)  # fmt: skip
def test_names_come_in_the_order_of_their_indices(name: str, text: str) -> None:
    assert parse_names(text, name) == PETS


@pytest.mark.parametrize("name", ["data.yaml", "map.pbtxt"])
def test_settings_are_not_taken_for_names(name: str) -> None:
    with pytest.raises(CannotRead, match="holds no class names"):
        parse_names("train: ../train\nval: ../val\n", name)


def test_names_without_an_end_are_none() -> None:
    with pytest.raises(CannotRead, match="holds no class names"):
        parse_names(f"names: ['{'x' * 200_000}']\n", "data.yaml")


def test_missing_index_has_its_number_for_a_name() -> None:
    assert parse_names('{"0": "cat", "2": "pony"}', "a.json") == ("cat", "1", "pony")


def test_characters_in_quotes_are_names() -> None:
    assert parse_names(repr([" ", "!", "'", '"']), "a.txt") == ("0", "!", "'", '"')


def test_names_that_end_with_numbers_stay_whole() -> None:
    assert parse_names("stop: 14\nyield: 13\n", "a.txt") == ("stop: 14", "yield: 13")
    assert parse_names("Type: 0\nType: 1\n", "a.txt") == ("Type: 0", "Type: 1")


def test_names_that_begin_with_numbers_stay_whole() -> None:
    assert parse_names("30 km/h\n50 km/h\n60 km/h\n", "labels.txt") == (
        "30 km/h", "50 km/h", "60 km/h",
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[1, [2]]",
        '{"a": {"b": 1}}',
        "{}",
        "[" * 5000,
        "[open('x'), 'y']",
        "[" + "-" * 90_000,
    ],
)
def test_what_holds_no_names_is_said(text: str) -> None:
    with pytest.raises(CannotRead, match=r"^a\.json "):
        parse_names(text, "a.json")


def test_far_too_many_names_are_refused() -> None:
    with pytest.raises(TooLarge):
        parse_names("x\n" * 200_000, "labels.txt")


def test_names_stored_in_an_attribute_are_found(tmp_path: Path) -> None:
    for number, value in enumerate(
        (np.array(["cat", "dog", "pony"], "S"), '{"cat":0,"dog":1,"pony":2}')
    ):
        path = tmp_path / f"{number}.h5"
        with h5py.File(path, "w") as file:
            file.attrs["class_names"] = value
            file.create_group("model_weights")
        with Source(str(path)) as source:
            container = open_container(source)
            assert stored_names(container) == (PETS, "class_names")
            container.close()


# ---------------------------------------------------------------------- saved recipes


def test_saved_recipe_comes_back_as_it_was() -> None:
    from h5viewer.beside import recipe_text
    from h5viewer.nodes import Recipe, SavedRecipe

    saved = SavedRecipe(
        recipe=Recipe(name="own", title="mine", factor=0.5, mean=(1.0, 2.0, 3.0), fitting="crop"),
        labels=("çat", "dog"),
    )
    assert parse_recipe(recipe_text(saved), "a.recipe.json") == saved


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"recipe": 3}',
        '{"recipe": {"factor": "large"}}',
        '{"recipe": {"std": [0]}}',
        '{"recipe": {"mean": []}}',
        '{"recipe": {"fitting": "somehow"}}',
        '{"recipe": {"factor": 1e400}}',
    ],
)
def test_recipe_without_sense_is_refused(text: str) -> None:
    with pytest.raises(CannotRead, match=r"a\.json"):
        parse_recipe(text, "a.json")
