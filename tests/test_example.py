"""The example is a real, trained network of the promised size, with all that belongs to it."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
from drawing import CLASSES, draw_many, png
from numpy.typing import NDArray

from h5viewer.shipped import resource

SHAPES = resource("example/shapes.h5")
CHECKPOINTS = sorted(resource("example/checkpoints").iterdir())
PICTURES = sorted(resource("example/pictures").iterdir())
LABELS = resource("example/labels.txt").read_text("utf-8").split()


def test_example_is_small() -> None:
    """Everybody downloads it with the wheel."""
    assert SHAPES.stat().st_size <= 1_000_000
    assert sum(file.stat().st_size for file in CHECKPOINTS) <= 1_600_000
    assert sum(file.stat().st_size for file in PICTURES) <= 250_000


def test_example_is_a_whole_trained_network() -> None:
    """Architecture, weights and the optimizer's state, in the legacy format."""
    with h5py.File(SHAPES) as file:
        config = json.loads(file.attrs["model_config"])
        assert file["model_weights/edges/edges/kernel"].shape == (3, 3, 3, 16)
        n_steps = file["optimizer_weights/adam/iteration"][()]
        assert n_steps == 8 * -(-6000 // 64), "epochs times batches"
        moments = file["optimizer_weights/adam/edges_kernel_velocity"][()]
        assert np.count_nonzero(moments) == moments.size
    classes = {layer["class_name"] for layer in config["config"]["layers"]}
    assert classes >= {"Conv2D", "BatchNormalization", "Add", "Dropout", "Dense"}


def test_labels_fit_the_outputs() -> None:
    """One name for each score of the network."""
    with h5py.File(SHAPES) as file:
        assert file["model_weights/classes/classes/bias"].shape == (len(LABELS),)
    assert tuple(LABELS) == CLASSES


def test_checkpoints_are_named_as_model_checkpoint_names_them() -> None:
    """Epoch by epoch, and the last one is the example itself."""
    names = [re.fullmatch(r"shapes\.(\d\d)-(\d\.\d{3})\.h5", file.name) for file in CHECKPOINTS]
    assert [int(name[1]) for name in names if name] == list(range(1, 9))
    with h5py.File(CHECKPOINTS[-1]) as last, h5py.File(SHAPES) as example:
        kernel = "model_weights/edges/edges/kernel"
        assert np.array_equal(last[kernel], example[kernel])
        assert "optimizer_weights" not in last


def test_checkpoints_differ() -> None:
    """Each epoch moved the weights."""
    kernels = []
    for checkpoint in CHECKPOINTS:
        with h5py.File(checkpoint) as file:
            kernels.append(file["model_weights/edges/edges/kernel"][()].tobytes())
    assert len(set(kernels)) == len(CHECKPOINTS)


def test_pictures_are_those_the_script_draws() -> None:
    """Same seed, same pixels: what is shipped can be made again."""
    pixels, labels = draw_many(3, seed=4)
    for label, name in enumerate(CLASSES):
        for number, picture in enumerate(pixels[labels == label], start=1):
            shipped = resource(f"example/pictures/{name}-{number}.png").read_bytes()
            assert struct.unpack(">II", shipped[16:24]) == (64, 64)
            difference = np.abs(_pixels(shipped) - picture.astype(int)).max()
            assert difference <= 1, f"{name}-{number}"  # processors round otherwise
            assert np.array_equal(_pixels(png(picture)), picture)


def test_network_names_the_pictures_rightly(tmp_path: Path) -> None:
    """The accuracy in README.txt is true of the shipped files. Keras runs in its own process."""
    if _python("import tensorflow").returncode != 0:
        pytest.skip("tensorflow is not installed")
    code = f"""
import sys
import zlib
sys.path.insert(0, {str(Path(__file__).parents[1] / "packaging" / "example")!r})
import keras
from drawing import draw_many
network = keras.models.load_model({str(SHAPES)!r})
for n, seed in ((3, 4), (200, 3)):
    pixels, labels = draw_many(n, seed)
    print((network.predict(pixels, verbose=0).argmax(axis=1) == labels).mean())
"""
    done = _python(code)
    assert done.returncode == 0, done.stderr
    pictures, unseen = (float(line) for line in done.stdout.split())
    text = resource("example/README.txt").read_text("utf-8")
    assert f"{100 * pictures:.1f} % of the 18 in pictures/" in text
    stated = re.search(r"([\d.]+) % of 1,200 further pictures", text)
    assert stated
    assert unseen >= 0.97
    assert 100 * unseen == pytest.approx(
        float(stated[1]), abs=0.3
    )  # other processors round otherwise


def _python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=110)


def _pixels(data: bytes) -> NDArray[np.int64]:
    """What a PNG that `drawing.png` wrote shows: (64, 64, 3)."""
    at = data.index(b"IDAT")
    (length,) = struct.unpack(">I", data[at - 4 : at])
    rows = np.frombuffer(zlib.decompress(data[at + 4 : at + 4 + length]), np.uint8)
    return rows.reshape(64, 1 + 64 * 3)[:, 1:].reshape(64, 64, 3).astype(np.int64)
