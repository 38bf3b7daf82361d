"""Which class and which split a picture has: by folders, names, tables."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from decoding import run

from h5viewer.data_sets.patterns import Pattern, guessed
from h5viewer.data_sets.planning import Plan, planned
from h5viewer.data_sets.splitting import bounds, shared_out, shuffled
from h5viewer.errors import CannotRead
from h5viewer.formats.folder import Folder
from h5viewer.formats.plain_text import PlainText
from h5viewer.formats.source import Source
from h5viewer.nodes import DataSetRecipe

SIZED = {"width": 8, "height": 8}


def plan_of(folder: Path, names: Sequence[str], table: str | None = None, **recipe: object) -> Plan:
    """The plan of a folder with empty files of these names: nothing is decoded for it."""
    for name in names:
        (folder / "f" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "f" / name).touch()
    with ExitStack() as stack:
        given = None
        if table is not None:
            (folder / "t.csv").write_text(table, "utf-8")
            source = stack.enter_context(Source(str(folder / "t.csv"), is_member=True))
            given = PlainText(source)
        wanted = DataSetRecipe(**(SIZED | recipe))  # type: ignore[arg-type]
        return run(planned(Folder(str(folder / "f")), given, wanted))[0]


def labels(plan: Plan) -> dict[str, str]:
    members = [each for inside in plan.members.values() for each in inside]
    return {
        each.name: plan.classes[each.class_index] if plan.has_labels else "" for each in members
    }


# -------------------------------------------------------------------- folders


def test_folders_are_classes_in_the_order_of_keras(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ["b/1.png", "a/deep/2.png", "C/3.png"])
    assert plan.classes == ("C", "a", "b")
    assert labels(plan) == {"b/1.png": "b", "a/deep/2.png": "a", "C/3.png": "C"}


def test_folders_that_are_numbers_are_in_their_order(tmp_path: Path) -> None:
    assert plan_of(tmp_path, ["10/a.png", "2/a.png", "0/a.png"]).classes == ("0", "2", "10")


def test_folders_say_the_splits(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path,
        ["Train/a/1.png", "Train/b/2.png", "val/a/1.png", "test/b/9.png"],
        shares=(1, 1, 1),
    )
    assert plan.has_split_folders
    assert plan.classes == ("a", "b")
    assert {split: {each.name for each in inside} for split, inside in plan.members.items()} == {
        "training": {"Train/a/1.png", "Train/b/2.png"},
        "validation": {"val/a/1.png"},
        "test": {"test/b/9.png"},
    }
    assert any("do not count" in note for note in plan.notes)


def test_splits_may_lie_in_the_folder_of_each_class(tmp_path: Path) -> None:
    names = [f"{label}/{split}/1.png" for label in ("cat", "dog") for split in ("train", "test")]
    plan = plan_of(tmp_path, names)
    assert plan.classes == ("cat", "dog")
    assert {
        split: sorted((each.name, each.class_index) for each in inside)
        for split, inside in plan.members.items()
    } == {
        "training": [("cat/train/1.png", 0), ("dog/train/1.png", 1)],
        "test": [("cat/test/1.png", 0), ("dog/test/1.png", 1)],
    }


def test_a_class_called_test_is_a_class_beside_others(tmp_path: Path) -> None:
    assert plan_of(tmp_path, ["test/1.png", "exam/1.png"]).classes == ("exam", "test")


@pytest.mark.parametrize(
    "names",
    [
        ["chest/train/cat/1.png", "chest/train/dog/2.png", "chest/val/cat/3.png"],
        ["train_set/train_set/cat/1.png", "train_set/train_set/dog/2.png", "val/val/cat/3.png"],
        ["seg_train/seg_train/cat/1.png", "seg_train/seg_train/dog/2.png", "seg_val/cat/3.png"],
        ["train/images/cat/1.png", "train/images/dog/2.png", "validation/images/cat/3.png"],
    ],
)
def test_splits_and_classes_are_found_however_folders_lie_around_them(
    names: list[str], tmp_path: Path
) -> None:
    plan = plan_of(tmp_path, names)
    assert {key: len(inside) for key, inside in plan.members.items()} == {
        "training": 2,
        "validation": 1,
    }
    assert labels(plan) == dict(zip(names, ["cat", "dog", "cat"], strict=True))


def test_a_folder_around_the_classes_is_passed_over(tmp_path: Path) -> None:
    names = ["pets/images/cat/7.png", "pets/images/dog/8.png"]
    assert plan_of(tmp_path, names).classes == ("cat", "dog")
    asked = plan_of(tmp_path, names, labels="names", pattern="pets/{class}/*")
    assert asked.classes == ("images",)


def test_a_folder_alone_is_the_class_that_was_asked_for(tmp_path: Path) -> None:
    assert plan_of(tmp_path, ["cat/7.png", "cat/8.png"], labels="folders").classes == ("cat",)


def test_what_lies_beside_train_and_test_is_no_class(tmp_path: Path) -> None:
    names = ["seg_train/cat/1.png", "seg_train/dog/2.png", "seg_test/dog/3.png"]
    plan = plan_of(tmp_path, [*names, "seg_pred/4.png", "5.png"])
    assert plan.classes == ("cat", "dog")
    assert sorted(labels(plan)) == sorted(names)
    assert {each.name for each in plan.skipped.first} == {"seg_pred/4.png", "5.png"}


def test_folders_of_splits_without_classes_are_no_classes(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ["train_images/7.png", "train_images/8.png", "test_images/9.png"])
    assert not plan.has_labels
    assert set(plan.members) == {"training", "test"}


def test_what_lies_outside_of_the_folders_is_left_out(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ["a/1.png", "b/1.png", "alone.png", ".hidden/x.png", "a/._1.png"])
    assert set(labels(plan)) == {"a/1.png", "b/1.png"}
    assert [each.name for each in plan.skipped.first] == ["alone.png"]


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_links_count_when_they_stay_inside(tmp_path: Path) -> None:
    plan_of(tmp_path, ["a/1.png", "b/1.png"])
    (tmp_path / "out.png").touch()
    (tmp_path / "f" / "a" / "inside.png").symlink_to("1.png")
    (tmp_path / "f" / "a" / "outside.png").symlink_to("../../out.png")
    (tmp_path / "f" / "a" / "nowhere.png").symlink_to("gone.png")
    (tmp_path / "f" / "b" / "round").symlink_to("..")
    plan = plan_of(tmp_path, [])
    assert set(labels(plan)) == {"a/1.png", "b/1.png", "a/inside.png"}
    assert {each.name for each in plan.skipped.first} == {
        "a/outside.png", "a/nowhere.png", "b/round",
    }  # fmt: skip


# ---------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("pattern", "name", "wanted"),
    [
        ("{class}_#", "x/great_pyrenees_33.jpg", "great_pyrenees"),
        ("{class}.*", "cat.0.jpg", "cat"),
        ("{class}_*.jpg", "a_b_c.JPG", "a"),
        ("*_{class}_*", "0001_dog_x.png", "dog"),
        ("#-{class}", "12-red fox.png", "red fox"),
        ("{class}/*", "lions/1.png", "lions"),
        ("*/{class}/*", "zoo/lions/1.png", "lions"),
        ("img?_{class}", "img3_cat.png", "cat"),
        ("*_{class}", "a_b_c.png", "b_c"),
        ("{class}_#", "nothing.png", None),
        ("{class}#", "cat120.png", "cat"),
        ("{class}#", "120.png", None),
        ("{class}_*.jpg", "a_b.png", None),
        ("{class} (#)", "tab\n\t (2).png", "tab"),
    ],
)
def test_patterns(pattern: str, name: str, wanted: str | None) -> None:
    assert Pattern(pattern).class_of(name) == wanted


@pytest.mark.parametrize("pattern", ["", "*_#", "{class}_{class}", "{class}" + "*" * 600])
def test_patterns_that_say_no_class_are_refused(pattern: str) -> None:
    with pytest.raises(CannotRead, match="where the class stands"):
        Pattern(pattern)


def test_no_pattern_takes_long() -> None:
    """Every name that a disk can hold is looked at once, or as often as it is long."""
    pattern = Pattern("*a*a*a*a*a*a*a*a*{class}*a*a*a*a*a*a*b#")
    assert pattern.class_of("a" * 250 + ".png") is None


@pytest.mark.parametrize(
    ("names", "wanted"),
    [
        (["cat.0.jpg", "cat.1.jpg", "dog.0.jpg", "dog.1.jpg"], "{class}.#"),
        ([f"{each}_{n}.jpg" for each in ("great_dane", "pug") for n in range(3)], "{class}_#"),
        (["IMG_001.jpg", "IMG_002.jpg", "IMG_003.jpg"], ""),
        ([f"{n:04}.png" for n in range(9)], ""),
        ([f"{n}.png" for n in range(1, 1500)], ""),
        ([f"{each}{n}.png" for each in ("cat", "dog") for n in range(9)], "{class}#"),
        (["a.png", "b.png", "c.png", "d.png"], ""),
    ],
)
def test_usual_names_are_recognised(names: list[str], wanted: str) -> None:
    assert guessed(names) == wanted


def test_a_flat_folder_is_labelled_by_its_names(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ["cat.0.jpg", "cat.1.jpg", "dog.0.jpg", "dog.1.jpg"])
    assert plan.classes == ("cat", "dog")
    assert (plan.recipe.labels, plan.recipe.pattern) == ("names", "{class}.#")


def test_names_that_say_nothing_are_no_classes(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ["one/a.png", "one/b.png"])
    assert not plan.has_labels
    assert plan.n_pictures == 2
    with pytest.raises(CannotRead, match="do not say their classes"):
        plan_of(tmp_path, [], labels="names")


# --------------------------------------------------------------------- tables


@pytest.mark.parametrize(
    "table",
    [
        "filename,label\na.png,cat\nsub/b.png,dog\nc.png,cat\n",
        "id;breed\r\na;cat\r\nb;dog\r\nc;cat\r\n",
        "\n\r\nfile,label\na,cat\n\nb,dog\nc,cat\n\n",
        "cat\ta.png\ndog\tb.png\ncat\tc.png\n",
        '\ufeff"label","other","file"\n"cat","x","./a.png"\n"dog","y","sub\\b.png"\n"cat","z","c.png"',
    ],
    ids=["paths", "stems", "blank lines", "no titles", "quoted"],
)
def test_tables_of_all_kinds(table: str, tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ["a.png", "sub/b.png", "c.png", "d.png"], table)
    assert labels(plan) == {"a.png": "cat", "sub/b.png": "dog", "c.png": "cat"}
    assert [(each.name, each.reason) for each in plan.skipped.first] == [
        ("d.png", "It is not in t.csv.")
    ]


@pytest.mark.parametrize(
    "table",
    [
        "file,label\nA.PNG,cat\nSUB/b.jpg,dog\n",
        "file,label\nC:\\data\\f\\a.png,cat\nC:\\data\\f\\sub\\b.png,dog\n",
        "file,label\nf/a.jpeg,cat\nf/sub/b.jpeg,dog\n",
        "a.png   cat\nsub/b.png dog\n",
    ],
    ids=["case and ending", "folders of Windows", "the folder itself", "blanks"],
)
def test_a_table_made_elsewhere_labels_these_pictures(table: str, tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ["a.png", "sub/b.png"], table)
    assert labels(plan) == {"a.png": "cat", "sub/b.png": "dog"}


def test_names_with_accents_are_found_in_a_table_of_another_system(tmp_path: Path) -> None:
    apart = "Ba\u0308r/ju\u0308nger.png"  # as macOS writes it
    plan = plan_of(tmp_path, [apart, "b.png"], "file,label\nBär/jünger.png,1\nb.png,2\n")
    assert labels(plan) == {apart: "1", "b.png": "2"}


def test_a_name_that_fits_goes_before_one_that_nearly_does(tmp_path: Path) -> None:
    table = "file,label\nimages/a.jpg,cat\nx/b.jpg,dog\ny/b.jpg,cat\n"
    plan = plan_of(tmp_path, ["images/a.jpg", "masks/images/a.png", "b.png"], table)
    assert labels(plan) == {"images/a.jpg": "cat"}


def test_classes_are_the_titles_of_columns_with_a_single_one(tmp_path: Path) -> None:
    table = "image,age,MEL,NV,BCC\na,50,0.0,1.0,0.0\nb,60,1.0,0.0,0.0\nc,0,0.0,0.0,1.0\n"
    plan = plan_of(tmp_path, ["a.jpg", "b.jpg", "c.jpg"], table)
    assert labels(plan) == {"a.jpg": "NV", "b.jpg": "MEL", "c.jpg": "BCC"}
    assert any("“image” and “MEL” to “BCC”" in note for note in plan.notes)


def test_numbers_of_rows_and_of_cases_are_no_classes(tmp_path: Path) -> None:
    table = "lesion,image_id,dx\nH1,a,nv\nH2,b,mel\nH3,c,nv\nH4,d,mel\n"
    plan = plan_of(tmp_path, ["a.jpg", "b.jpg", "c.jpg", "d.jpg"], table)
    assert plan.classes == ("mel", "nv")


def test_a_table_says_the_splits(tmp_path: Path) -> None:
    table = "image,class,split\na.png,x,train\nb.png,y,test\nc.png,x,valid\ngone.png,x,train\n"
    plan = plan_of(tmp_path, ["a.png", "b.png", "c.png"], table)
    assert [(split, inside[0].name) for split, inside in plan.members.items()] == [
        ("training", "a.png"), ("validation", "c.png"), ("test", "b.png"),
    ]  # fmt: skip
    assert any("1 picture that the folder does not have" in note for note in plan.notes)


def test_a_picture_to_which_a_table_gives_no_class_is_told_so(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ["a.png", "x/b.png", "c.png"], "file,label\na.png,1\nb, \n")
    assert [(each.name, each.reason) for each in plan.skipped.first] == [
        ("c.png", "It is not in t.csv."),
        ("x/b.png", "It has no class in t.csv."),
    ]


def test_what_a_table_has_in_another_split_is_not_trained_on(tmp_path: Path) -> None:
    table = "image,class,split\na.png,x,train\nb.png,y,holdout\nc.png,x,test\nd.png,y,\n"
    plan = plan_of(tmp_path, ["a.png", "b.png", "c.png", "d.png"], table)
    assert {split: [each.name for each in inside] for split, inside in plan.members.items()} == {
        "training": ["a.png", "d.png"],
        "test": ["c.png"],
    }
    assert [(each.name, each.reason) for each in plan.skipped.first] == [
        ("b.png", "t.csv has it in “holdout”, which is no training, validation or test.")
    ]


def test_a_column_that_names_no_split_at_all_is_none(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ["a.png", "b.png"], "image,class,fold\na.png,x,0\nb.png,y,1\n")
    assert plan.n_pictures == 2


def test_a_name_that_means_two_pictures_labels_none(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ["x/a.png", "y/a.png", "b.png"], "file,label\na.png,1\nb.png,2\n")
    assert labels(plan) == {"b.png": "2"}
    assert plan.skipped.count == 2


def test_a_picture_with_several_classes_has_none_of_them(tmp_path: Path) -> None:
    """A row for each thing in it, as tables for detection have."""
    table = "file,label\na.png,cat\nb.png,dog\na.png,dog\nb.png,dog\nc.png,cat\n"
    plan = plan_of(tmp_path, ["a.png", "b.png", "c.png"], table)
    assert labels(plan) == {"b.png": "dog", "c.png": "cat"}
    assert plan.skipped.first[0].reason == "It has several classes in t.csv."


@pytest.mark.parametrize("table", ["", "x,y\n1,2\n", "file\na.png\n", '"a.png,cat\n'])
def test_tables_without_names_or_classes_are_refused(table: str, tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match=r"t\.csv"):
        plan_of(tmp_path, ["a.png", "b.png"], table)


# --------------------------------------------------------------------- splits


def test_each_class_is_split_by_itself() -> None:
    names = [f"{at}.png" for at in range(1000)]
    classes = [0] * 900 + [1] * 100
    splits = shared_out(names, classes, (8, 1, 1), 3, is_stratified=True)
    rare = [split for split, each in zip(splits, classes, strict=True) if each]
    assert [rare.count(split) for split in ("training", "validation", "test")] == [80, 10, 10]
    other = shared_out(names, classes, (8, 1, 1), 4, is_stratified=True)
    assert other != splits
    assert shared_out(names, classes, (8, 1, 1), 3, is_stratified=True) == splits
    loose = shared_out(names, classes, (8, 1, 1), 3, is_stratified=False)
    assert [loose.count(split) for split in ("training", "validation", "test")] == [800, 100, 100]
    loose_rare = [split for split, each in zip(loose, classes, strict=True) if each]
    assert loose_rare.count("training") != 80


def test_bounds_are_rounded_and_whole() -> None:
    assert bounds(10, (80, 10, 10)) == (8, 9)
    assert bounds(3, (100, 0, 0)) == (3, 3)
    assert bounds(1, (1, 1, 1)) == (0, 1)
    assert bounds(7, (0, 0, 5)) == (0, 0)
    assert bounds(7, (80, 10, 10)) == (6, 6)


def test_order_is_that_of_the_names_or_shuffled(tmp_path: Path) -> None:
    names = [f"a/{at}.png" for at in range(12)] + ["b/1.png"]
    plan = plan_of(tmp_path, names, is_shuffled=False)
    assert [each.name for each in plan.members["training"]] == names
    mixed = [each.name for each in plan_of(tmp_path, []).members["training"]]
    assert sorted(mixed) == sorted(names)
    assert mixed == shuffled(names, 0) != names


# --------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "recipe",
    [
        {"width": 9000},
        {"width": -1},
        {"shares": (0, 0, 0)},
        {"shares": (-1, 2, 1)},
        {"dataset_names": ("a", "a")},
        {"dataset_names": ("a/b", "c")},
        {"dataset_names": ("names", "c")},
        {"chunk": 10**9},
    ],
)
def test_recipes_without_sense_are_refused(recipe: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(CannotRead):
        plan_of(tmp_path, ["a/1.png", "b/1.png"], **recipe)


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotRead, match="holds no pictures"):
        plan_of(tmp_path, ["a/readme.txt"])
    with pytest.raises(CannotRead, match="has a class"):
        plan_of(tmp_path, ["x.png"], labels="folders")


def test_a_folder_is_looked_through_once_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every choice in the window asks again; the next worker begins anew in any case."""
    plan_of(tmp_path, ["a/1.png", "b/1.png"])
    folder, recipe = Folder(str(tmp_path / "f")), DataSetRecipe()
    now = [100.0]
    monkeypatch.setattr("h5viewer.data_sets.listing.time.monotonic", lambda: now[0])

    def count() -> int:
        return run(planned(folder, None, recipe))[0].n_pictures

    assert count() == 2
    (tmp_path / "f" / "a" / "2.png").touch()
    assert count() == 2
    now[0] += 60
    assert count() == 3
