"""`h5v dataset python`, `augment`, `pictures`: a program, a longer data set, pictures as files."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from PIL import Image

from h5viewer.cli import run

N = 12


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two sets, the one to train on second."""
    path = tmp_path / "data.h5"
    random = np.random.default_rng(0)
    y, x = np.mgrid[:16, :16]
    smooth = (np.sin((x + y) / 5 + random.uniform(0, 6, (N, 1, 1))) * 100 + 120).astype("u1")
    pixels = np.repeat(smooth[..., None], 3, axis=3)
    with h5py.File(path, "w") as file:
        file["test_set_x"], file["test_set_y"] = pixels[:5], np.arange(5) % 2
        file["train_set_x"], file["train_set_y"] = pixels, np.arange(N) % 2
        file["list_classes"] = np.array([b"cat", b"dog"])
    return path


def said(capfdbinary: pytest.CaptureFixture[bytes]) -> str:
    return capfdbinary.readouterr().out.decode()


def test_the_program_reads_this_file_with_the_pictures_to_train_on(
    data: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["dataset", "python", str(data), "--batch", "7", "--workers", "3"]) == 0
    text = said(capfdbinary)
    compile(text, "copied.py", "exec")
    assert f"FILE = {json.dumps(str(data))}" in text
    assert 'CLASSES = ["cat", "dog"]' in text
    assert 'train = Pictures("train_set_x", "train_set_y", workers=3)' in text
    assert 'validation = Pictures("test_set_x", "test_set_y", shuffle=False, workers=3)' in text
    assert "batch_size=7" in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--rotation", "36"], "keras.layers.RandomRotation(0.1,"),
        (["--flip", "both", "--as", "generator"], "vertical_flip=True"),
        (["--zoom", "1.2", "0.8", "--as", "tf.data"], "keras.layers.RandomZoom((-0.2, 0.2)"),
        (["--brightness", "0.5", "2", "--as", "generator"], "brightness_range=(0.5, 2)"),
        (["--width-shift", "0.1", "--height-shift", "0.2"], "RandomTranslation(0.2, 0.1,"),
        (["--fill", "constant", "--fill-value", "51", "--rotation", "9"], "fill_value=0.2"),
        (["--shear", "9", "--channel-shift", "51"], "RandomBrightness(0.2,"),
        (["--as", "tf.data"], "tf.data.Dataset"),
        (["--set", "/test_set_x"], 'test = Pictures("test_set_x"'),
    ],
)
def test_what_is_asked_for_is_in_the_program(
    options: list[str], found: str, data: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert run(["dataset", "python", str(data), *options]) == 0
    text = said(capfdbinary)
    compile(text, "copied.py", "exec")
    assert found in text


@pytest.mark.parametrize(
    "options",
    [
        ["--as", "dataset", "--rotation", "5"],
        ["--as", "layers"],
        ["--as", "generator"],
        ["--rotation", "181"],
        ["--zoom", "0", "1"],
    ],
)
def test_what_does_not_go_together_is_wrong_usage(options: list[str], data: Path) -> None:
    assert run(["dataset", "python", str(data), *options]) == 2


def test_augmented_pictures_are_written_with_their_labels(
    data: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    target = tmp_path / "more.h5"
    command = ["dataset", "augment", str(data), "-o", str(target), "--flip", "horizontal"]
    assert run([*command, "--copies", "2", "--rotation", "10"]) == 0
    text = said(capfdbinary)
    assert text.startswith("more.h5: ")
    assert "12 pictures as they are, then 24 changed at random." in text
    with h5py.File(data) as before, h5py.File(target) as after:
        np.testing.assert_array_equal(after["train_set_x"][:N], before["train_set_x"][()])
        assert len(after["train_set_x"]) == 3 * N
        assert len(after["train_set_y"]) == 3 * N
        np.testing.assert_array_equal(after["test_set_x"][()], before["test_set_x"][()])
    assert run(command) == 1  # it exists
    capfdbinary.readouterr()
    options = ["--force", "--json", "--only-changed", "--set", "/test_set_x", "--seed", "4"]
    assert run([*command, *options]) == 0
    found: dict[str, Any] = json.loads(said(capfdbinary))
    assert found["bytes_after"] == target.stat().st_size
    assert any("5 pictures changed" in note for note in found["notes"])
    with h5py.File(target) as file:
        assert len(file["test_set_x"]) == 5
        assert len(file["train_set_x"]) == N


def test_refusals_name_the_sets_that_there_are(
    data: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    command = ["dataset", "augment", str(data), "-o", str(tmp_path / "new.h5"), "--json"]
    assert run([*command, "--rotation", "5", "--set", "/nothing"]) == 1
    error = json.loads(said(capfdbinary))["error"]
    assert "/nothing is no data set of pictures" in error["message"]
    assert "/train_set_x" in error["hint"]
    assert run(command) == 2  # nothing would change
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = np.arange(5)
    assert run(["dataset", "python", str(tmp_path / "other.h5")]) == 1
    assert b"No dataset of other.h5 looks like pictures" in capfdbinary.readouterr().err
    assert not (tmp_path / "new.h5").exists()


def test_pictures_are_saved_as_they_are_with_a_folder_for_each_class(
    data: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    target = tmp_path / "some.zip"
    assert run(["dataset", "pictures", str(data), "-o", str(target)]) == 0
    assert said(capfdbinary).startswith("some.zip")
    with h5py.File(data) as file, zipfile.ZipFile(target) as archive:
        names = [f"{('cat', 'dog')[at % 2]}/{at:02}.png" for at in range(N)]
        assert sorted(archive.namelist()) == sorted(names)
        for at, name in enumerate(names):
            stored = np.asarray(Image.open(io.BytesIO(archive.read(name))))
            np.testing.assert_array_equal(stored, file["train_set_x"][at])


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--class", "dog"], [1, 3, 5, 7, 9, 11]),
        (["--class", "1", "--class", "cat"], list(range(N))),
        (["--indices", "0,7, 3:5,10:"], [0, 3, 4, 7, 10, 11]),
        (["--indices", ":4", "--class", "cat"], [0, 2]),
        (["--set", "/test_set_x", "--class", "dog"], [1, 3]),
    ],
)
def test_pictures_are_chosen_by_class_and_position(
    options: list[str], found: list[int], data: Path, tmp_path: Path
) -> None:
    target = tmp_path / "some.zip"
    assert run(["dataset", "pictures", str(data), "-o", str(target), *options]) == 0
    with zipfile.ZipFile(target) as archive:
        assert sorted(int(Path(name).stem) for name in archive.namelist()) == found


def test_one_picture_is_a_png(
    data: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    target = tmp_path / "one.png"
    command = ["dataset", "pictures", str(data), "-o", str(target), "--json"]
    assert run([*command, "--indices", "3"]) == 0
    assert json.loads(said(capfdbinary))["bytes_after"] == target.stat().st_size
    with h5py.File(data) as file:
        np.testing.assert_array_equal(np.asarray(Image.open(target)), file["train_set_x"][3])
    assert run([*command, "--indices", "3"]) == 1  # it exists
    assert run([*command, "--indices", "3,4", "--force"]) == 1
    assert "one picture" in json.loads(said(capfdbinary).splitlines()[-1])["error"]["message"]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--class", "bird"], 1, b"There is no class bird. There are: cat, dog."),
        (["--class", "2"], 1, b"There is no class 2."),
        (["--indices", "12"], 1, b"There is no picture 12: the set has 12 pictures, from 0 on."),
        (["--indices", "5:13"], 1, b"There is no picture 12"),
        (["--indices", "5:5"], 1, b"None of the pictures"),
        (["--indices", "1", "--class", "cat"], 1, b"None of the pictures"),
        (["--indices", "-1"], 2, b"0,7,10:20"),
        (["--indices", "a"], 2, b"0,7,10:20"),
        (["--set", "/nothing"], 1, b"/nothing is no data set of pictures"),
    ],
)
def test_pictures_that_are_not_there_are_refused_in_a_sentence(
    options: list[str],
    code: int,
    words: bytes,
    data: Path,
    tmp_path: Path,
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    target = tmp_path / "some.zip"
    assert run(["dataset", "pictures", str(data), "-o", str(target), *options]) == code
    assert words in capfdbinary.readouterr().err
    assert not target.exists()


def test_labels_may_lie_in_another_file(
    data: Path, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    labels, target = tmp_path / "y.h5", tmp_path / "some.zip"
    with h5py.File(labels, "w") as file:
        file["y"] = np.array([b"ant", b"bee", b"cow"])[np.arange(N) % 3]
    chosen = ["--labels", str(labels)]
    command = ["dataset", "pictures", str(data), *chosen, "-o", str(target)]
    assert run([*command, "--class", "bee"]) == 0
    assert zipfile.ZipFile(target).namelist() == [f"bee/{n:02}.png" for n in range(1, N, 3)]
    capfdbinary.readouterr()
    assert run(["dataset", "python", str(data), *chosen]) == 0
    text = said(capfdbinary)
    compile(text, "copied.py", "exec")
    assert f"LABELS = {json.dumps(str(labels))}" in text
    assert 'train = Pictures("train_set_x", "y", workers=2)' in text


def test_several_classes_in_another_file_leave_no_folders_of_the_own(
    data: Path, tmp_path: Path
) -> None:
    labels, target = tmp_path / "y.h5", tmp_path / "some.zip"
    with h5py.File(labels, "w") as file:
        file["y"] = np.stack([np.arange(N) % 2, np.arange(N) % 3 > 0], axis=1).astype("u1")
    chosen = ["--labels", str(labels), "--indices", "0:2", "-o", str(target)]
    assert run(["dataset", "pictures", str(data), *chosen]) == 0
    assert zipfile.ZipFile(target).namelist() == ["00.png", "01.png"]
