"""`h5v dataset build`: a few lines, one object, one sentence."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from h5viewer.cli import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    for at in range(20):
        path = tmp_path / "pets" / ("cat", "dog")[at % 2] / f"{at}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(path)
    (tmp_path / "pets" / "dog" / "broken.jpg").write_bytes(b"no")
    return tmp_path / "pets"


def test_lines_say_what_went_in_and_json_the_same(
    folder: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    target = tmp_path / "pets.h5"
    command = ["dataset", "build", str(folder), "-o", str(target), "--split", "60/20/20"]
    assert run(command) == 0
    lines = capfdbinary.readouterr().out.decode().splitlines()
    assert lines[0].startswith("pets.h5: 20 pictures in 2 classes, ")
    assert lines[1:5] == [
        "13 training, 4 validation, 3 test",
        "  cat: 10",
        "  dog: 10",
        "1 file left out:",
    ]
    assert lines[5] == (
        "  dog/broken.jpg: It is no picture that can be read, or its beginning is damaged."
    )
    assert run([*command, "--force", "--json"]) == 0
    found = json.loads(capfdbinary.readouterr().out)
    assert found["samples"] == 20
    assert found["splits"] == {"training": 13, "validation": 4, "test": 3}
    assert found["classes"] == {"cat": 10, "dog": 10}
    assert found["bytes_after"] == target.stat().st_size
    assert [each["name"] for each in found["skipped"]] == ["dog/broken.jpg"]
    with h5py.File(target) as file:
        assert file["train/images"].shape == (13, 8, 8, 3)


def test_all_choices_reach_the_file(folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "pets.h5"
    table = tmp_path / "labels.csv"
    table.write_text("file,label\n" + "".join(f"{at}.png,{'ab'[at < 5]}\n" for at in range(10)))
    command = (
        f"dataset build {folder} -o {target} --size 6x4 --fit pad --color grey --dtype float32 "
        "--split 1/1 --seed 5 --no-stratify --no-shuffle --names x,y --channels-first --chunk 2 "
        f"--compress gzip --labels {table} --on-error skip"
    )
    assert run(command.split()) == 0
    with h5py.File(target) as file:
        images = file["train/x"]
        assert (images.shape, images.dtype) == ((5, 1, 4, 6), np.float32)
        assert (images.chunks, images.compression) == ((2, 1, 4, 6), "gzip")
        assert sorted([*file["train/y"], *file["validation/y"]]) == [0] * 5 + [1] * 5
        assert list(file["train/names"]) == sorted(
            file["train/names"], key=lambda name: (name.split(b"/")[0], int(name[4:-4]))
        )
        said = json.loads(file.attrs["recipe"])
    assert (said["seed"], said["is_stratified"], said["is_shuffled"]) == (5, False, False)
    command = f"dataset build {folder} -o {target} --force --labels *#/{{class}} --layout keras"
    assert run(command.split()) == 1  # no name fits
    assert (
        run(["dataset", "build", str(folder), "-o", str(target), "--force", "--labels", "none"])
        == 0
    )
    with h5py.File(target) as file:
        assert set(file) == {"images", "names"}


def test_refusals_are_one_sentence(
    folder: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    target = tmp_path / "pets.h5"
    stop = ["dataset", "build", str(folder), "-o", str(target), "--on-error", "stop", "--json"]
    assert run(stop) == 1
    heard = capfdbinary.readouterr()
    message = json.loads(heard.out)["error"]["message"]
    assert message.startswith(
        "dog/broken.jpg cannot be stored, so nothing was saved: it is no picture that can be read"
    )
    assert b"nothing was saved" in heard.err
    assert run(["dataset", "build", str(tmp_path / "gone"), "-o", str(target)]) == 1
    assert b"gone does not exist." in capfdbinary.readouterr().err
    (tmp_path / "empty").mkdir()
    assert run(["dataset", "build", str(tmp_path / "empty"), "-o", str(target)]) == 1
    assert b"empty holds no pictures." in capfdbinary.readouterr().err
    assert not target.exists()


@pytest.mark.parametrize(
    "option",
    ["--size 0x4", "--size 4y4", "--split 0/0", "--split a", "--split 1/1/1/1", "--names a",
     "--names a,a", "--names a,b --layout keras", "--labels missing.csv", "--chunk 0", "--seed -1"],
)  # fmt: skip
def test_choices_without_sense_are_wrong_usage(option: str, folder: Path, tmp_path: Path) -> None:
    command = ["dataset", "build", str(folder), "-o", str(tmp_path / "a.h5"), *option.split()]
    assert run(command) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="links")
def test_links_that_lead_out_stop_it_but_not_pictures_without_a_class(
    folder: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (folder / "dog" / "broken.jpg").unlink()
    (folder / "cat" / "0.png").rename(folder / "no class.png")
    command = ["dataset", "build", str(folder), "-o", str(tmp_path / "a.h5"), "--on-error", "stop"]
    assert run(command) == 0
    (folder / "cat" / "out.png").symlink_to(tmp_path / "elsewhere.png")
    assert run([*command, "--force"]) == 1
    assert b"cat/out.png cannot be stored, so nothing was saved" in capfdbinary.readouterr().err


def test_a_left_out_picture_is_named_once(
    folder: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (folder / "cat" / "empty.png").write_bytes(b"")
    np.save(folder / "cat" / "wave.npy", np.zeros(3))
    command = ["dataset", "build", str(folder), "-o", str(tmp_path / "pets.h5"), "--json"]
    assert run(command) == 0
    found = json.loads(capfdbinary.readouterr().out)["skipped"]
    assert sorted(each["reason"].partition(",")[0].partition(":")[0] for each in found) == [
        "It holds numbers of the shape (3",
        "It is empty.",
        "It is no picture that can be read",
    ]


def test_a_folder_of_which_nothing_can_be_read_names_one_that_cannot(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    (tmp_path / "pets" / "cat").mkdir(parents=True)
    (tmp_path / "pets" / "cat" / "broken.png").write_bytes(b"no")
    assert run(["dataset", "build", str(tmp_path / "pets"), "-o", str(tmp_path / "a.h5")]) == 1
    said = capfdbinary.readouterr().err.decode()
    assert "No picture in pets can be read. cat/broken.png is no picture that" in said


@pytest.mark.skipif(sys.platform != "linux", reason="paths are UTF-8 elsewhere")
def test_a_folder_whose_path_is_no_utf_8_is_built(folder: Path, tmp_path: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xffpets"))
    folder.rename(odd)
    target = tmp_path / "pets.h5"
    assert run(["dataset", "build", str(odd), "-o", str(target)]) == 0
    with h5py.File(target) as file:
        assert len(file["images"]) == 20
