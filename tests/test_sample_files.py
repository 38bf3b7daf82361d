"""Files for a network with several inputs: which input each is for, which make one sample."""

from __future__ import annotations

import pytest

from h5viewer.errors import CannotRead
from h5viewer.nodes import NetworkInput
from h5viewer.sample_files import SampleFile, arranged, placed


def picture(name: str = "picture") -> NetworkInput:
    return NetworkInput(name=name, shape=(None, 8, 8, 3), dtype="float32", kind="picture")


def numbers(name: str = "facts") -> NetworkInput:
    return NetworkInput(name=name, shape=(None, 4), dtype="float32", kind="values")


TWO = [picture("left_eye"), picture("right_eye")]
MIXED = [numbers(), picture()]


@pytest.mark.parametrize(
    ("inputs", "paths", "samples"),
    [
        ([picture()], ["b.png", "a.png"], [("b.png",), ("a.png",)]),
        # by kind, whatever the order; one goes with all
        (MIXED, ["1.png", "2.npy"], [("2.npy", "1.png")]),
        (MIXED, ["1.png", "x.npy", "2.jpg"], [("x.npy", "1.png"), ("x.npy", "2.jpg")]),
        (
            MIXED,
            ["2.npy", "1.npy", "1.png", "2.png"],
            [("2.npy", "2.png"), ("1.npy", "1.png")],
        ),
        # folders of the same names, called like the inputs or not
        (
            TWO,
            ["r/right/1.png", "r/right/2.png", "r/left/2.png", "r/left/1.png"],
            [("r/left/1.png", "r/right/1.png"), ("r/left/2.png", "r/right/2.png")],
        ),
        (
            TWO,
            ["a/1.png", "a/2.png", "b/1.png", "b/2.png"],
            [("a/1.png", "b/1.png"), ("a/2.png", "b/2.png")],
        ),
        # a word of the names
        (
            TWO,
            ["1_left.png", "1_right.png", "2_left.png", "2_right.png"],
            [("1_left.png", "1_right.png"), ("2_left.png", "2_right.png")],
        ),
        (
            TWO,
            ["right07.png", "right08.png", "left07.png", "left08.png"],
            [("left07.png", "right07.png"), ("left08.png", "right08.png")],
        ),
        (
            TWO,
            ["day_a_1.png", "day_a_2.png", "day_b_1.png", "day_b_2.png"],
            [("day_a_1.png", "day_b_1.png"), ("day_a_2.png", "day_b_2.png")],
        ),
        (
            TWO,  # two places could say it: only one has the words of the inputs
            ["cat_left.png", "cat_right.png", "dog_left.png", "dog_right.png"],
            [("cat_left.png", "cat_right.png"), ("dog_left.png", "dog_right.png")],
        ),
        # in the order they were given
        (TWO, ["4.png", "3.png", "2.png", "1.png"], [("4.png", "3.png"), ("2.png", "1.png")]),
        (TWO, ["b.png", "a.png"], [("b.png", "a.png")]),
        (
            TWO,  # nothing says whether colours or animals are the inputs
            ["cat_red.png", "cat_blue.png", "dog_red.png", "dog_blue.png"],
            [("cat_red.png", "cat_blue.png"), ("dog_red.png", "dog_blue.png")],
        ),
        (
            [picture("left"), picture("right"), numbers()],
            ["a/1.png", "a/2.png", "b/1.png", "b/2.png", "c/2.npy", "c/1.npy"],
            [("a/1.png", "b/1.png", "c/1.npy"), ("a/2.png", "b/2.png", "c/2.npy")],
        ),
    ],
)  # fmt: skip
def test_files_make_samples(
    inputs: list[NetworkInput], paths: list[str], samples: list[tuple[str, ...]]
) -> None:
    assert arranged(paths, inputs) == samples


@pytest.mark.parametrize(
    ("inputs", "paths", "words"),
    [
        (MIXED, ["1.png", "2.png"], "there is no file for facts"),
        (MIXED, ["1.npy"], "there is no file for picture"),
        (TWO, ["1.png", "2.png", "3.png"], "3 files cannot be divided"),
        (MIXED, ["1.png", "2.png", "1.npy", "2.npy", "3.npy"], "5 files cannot be divided"),
    ],
)
def test_files_that_make_no_samples_are_told(
    inputs: list[NetworkInput], paths: list[str], words: str
) -> None:
    with pytest.raises(CannotRead, match=words):
        arranged(paths, inputs)


def test_a_few_files_go_where_nothing_is_yet() -> None:
    files = [SampleFile.of("new.png")]
    assert placed(files, TWO) == ({0: [0]}, 0)
    assert placed(files, TWO, taken={0}) == ({1: [0]}, 0)
    assert placed(files, TWO, taken={0, 1}) == ({0: [0]}, 0)


def test_numbers_without_an_input_of_their_own_are_a_picture() -> None:
    assert placed([SampleFile.of("a.npy")], [picture()]) == ({0: [0]}, 0)
