"""`h5v dataset build`: a few lines, one object, one sentence."""

from __future__ import annotations

import json
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
    assert lines[5].startswith("  dog/broken.jpg: broken.jpg is no picture")
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
    assert "dog/broken.jpg cannot be stored" in json.loads(heard.out)["error"]["message"]
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
     "--names a,a", "--labels missing.csv", "--chunk 0", "--seed -1"],
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
