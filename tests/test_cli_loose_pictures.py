"""What the terminal says of pictures that stand each by itself is what the window says."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import h5py
import numpy as np
import pytest
from h5v_process import h5v
from loose_files import picture_file, pixels_of, write_lists

N = 20


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    files = [picture_file(n, "JPEG", width=40 + n) for n in range(N)]
    return write_lists(tmp_path / "a.h5", files, labels=np.arange(N) % 2, class_names=["a", "b"])


def test_info_says_what_they_are_and_how_many_of_which_class(lists: Path) -> None:
    told = h5v("info", lists, check=True).stdout
    assert "/images  20 pictures, JPEG files of different sizes" in told
    assert "/labels: a (10), b (10)" in told
    (found,) = json.loads(h5v("info", lists, "--json", check=True).stdout)["data_sets"]
    assert (found["path"], found["pictures"], found["encoding"]) == ("/images", N, "JPEG")
    assert (found["height"], found["width"], found["channels"]) == (None, None, 3)
    assert found["classes"] == {"a": 10, "b": 10}


def test_info_says_which_datasets_of_groups_are_pictures(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for n in range(N):
            file[f"{n}/image"] = pixels_of(n)
            file[f"{n}/id"] = n
    told = h5v("info", path, check=True).stdout
    assert "/…/image  20 pictures, datasets of 30 × 40, uint8" in told


def test_they_are_saved_as_png_by_class(lists: Path) -> None:
    target = lists.with_name("some.zip")
    h5v("dataset", "pictures", lists, "-o", target, "--class", "b", "--indices", "0:6", check=True)
    assert zipfile.ZipFile(target).namelist() == ["b/01.png", "b/03.png", "b/05.png"]


@pytest.mark.parametrize(
    "command",
    [
        ("dataset", "check", "FILE"),
        ("dataset", "python", "FILE"),
        ("dataset", "python", "FILE", "--set", "/images"),
        ("dataset", "augment", "FILE", "-o", "b.h5", "--flip", "both"),
    ],
)
def test_other_commands_refuse_in_a_sentence(lists: Path, command: tuple[str, ...]) -> None:
    words = [str(lists) if each == "FILE" else each for each in command]
    words = [str(lists.with_name(each)) if each == "b.h5" else each for each in words]
    done = h5v(*words)
    assert done.returncode != 0
    assert "stand as 20 JPEG files: they can be looked at and saved" in " ".join(
        done.stderr.split()
    )
    assert not lists.with_name("b.h5").exists()


def test_evaluating_a_network_on_them_refuses_in_a_sentence(lists: Path) -> None:
    network = Path(__file__).parents[1] / "resources" / "example" / "shapes.h5"
    done = h5v("evaluate", network, lists, "--x", "/images", "--y", "/labels")
    assert done.returncode != 0
    assert "/images holds no numbers, so it cannot be fed to the network." in done.stderr
