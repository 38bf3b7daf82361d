"""`h5v dataset python` and `augment`: a program on the screen, a longer data set in a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

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
