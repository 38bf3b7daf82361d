"""A picture dropped on the window, beside the same network in a bare script of Keras.

A picture that is dragged over the window is answered before it is let go, unless that is at once:
the time from the drop is that of showing the answer. One that is chosen or pasted has all the way
to go. The bare script imports Keras, loads the file, opens the picture with Pillow and predicts; a
bare call is `predict_on_batch` of the loaded network, without the picture's decoding, after as
long a pause as ours: right after another call it takes two thirds of the time. Ours and the
floors take turns, the middle of three counts. What the processor did says more on a busy
machine: a worker is nicer than other programs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.benchmarks.rows import Row

_TURNS = 3
_STALL_MS = 50
PAUSE = 0.3  # seconds between drops

_MAKE = """
import sys
import keras
from keras import layers

def convolution(x, filters, size, strides=1, depthwise=False):
    if depthwise:
        x = layers.DepthwiseConv2D(size, strides, "same", use_bias=False)(x)
    else:
        x = layers.Conv2D(filters, size, strides, "same", use_bias=False)(x)
    return layers.ReLU(6.0)(layers.BatchNormalization()(x))

def mobilenet():
    inputs = keras.Input((224, 224, 3))
    x = convolution(inputs, 32, 3, 2)
    sizes = [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2)]
    for filters, strides in [*sizes, *[(512, 1)] * 5, (1024, 2), (1024, 1)]:
        x = convolution(convolution(x, 0, 3, strides, depthwise=True), filters, 1)
    return inputs, x

def resnet():
    inputs = keras.Input((224, 224, 3))
    x = layers.MaxPooling2D(3, 2, "same")(convolution(inputs, 64, 7, 2))
    for filters, n_blocks, strides in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
        for block in range(n_blocks):
            y = convolution(x, filters, 1, strides if block == 0 else 1)
            y = convolution(convolution(y, filters, 3), 4 * filters, 1)
            if block == 0:
                x = convolution(x, 4 * filters, 1, strides)
            x = layers.Add()([x, y])
    return inputs, x

inputs, x = {"mobilenet": mobilenet, "resnet": resnet}[sys.argv[1]]()
x = layers.Dense(1000, activation="softmax")(layers.GlobalAveragePooling2D()(x))
keras.Model(inputs, x).save(sys.argv[2])
"""

_BARE = """
import json, os, sys, time
started = float(sys.argv[1])
import keras
import numpy as np
from PIL import Image
model = keras.saving.load_model(sys.argv[2])
def read():
    with Image.open(sys.argv[3]) as picture:
        return np.asarray(picture.convert("RGB").resize((224, 224)), "f4")[None] / 255
model.predict_on_batch(read())
first, first_cpu = time.monotonic() - started, time.process_time()
os.nice(5)  # as a worker: whatever else runs slows both alike
calls, reads = [], []
before = time.process_time()
for _ in range(30):
    time.sleep(float(sys.argv[4]))  # as a user does: at once again, caches are still warm
    began = time.perf_counter()
    batch = read()
    reads.append(time.perf_counter() - began)
    began = time.perf_counter()
    model.predict_on_batch(batch)
    calls.append(time.perf_counter() - began)
cpu = (time.process_time() - before) / len(calls)
figures = {"first": first, "first_cpu": first_cpu, "both_cpu": cpu}
figures |= {"call": sorted(calls)[15], "read": sorted(reads)[15]}
print(json.dumps(figures))
"""


def rows(folder: Path, scale: float) -> Iterator[Row]:
    """First answer, next answers, longest stall; a small network and a middling one."""
    photo = picture(folder)
    for name, title in (("mobilenet", "MobileNet, 17 MB"), ("resnet", "ResNet-50, 100 MB")):
        path = network(folder, name)
        ours, floor = _turns([str(path), str(photo)])
        what = f"{title}: first drop to answer / bare script"
        yield Row(what, ours["first"], floor["first"], 1.1)
        yield Row(f"{title}: ... of the processor", ours["first_cpu"], floor["first_cpu"])
        what = f"{title}: next drop to answer / bare call"
        yield Row(what, ours["next"], floor["call"], 1.15)
        yield Row(f"{title}: ... chosen, not dragged", ours["chosen"], floor["call"])
        both = floor["read"] + floor["call"]
        what = f"{title}: ... chosen / picture by Pillow and call"
        yield Row(what, ours["chosen"], both)
        yield Row(f"{title}: ... of the processor", ours["next_cpu"], floor["both_cpu"])
        yield Row(f"{title}: ... the network alone", ours["alone"], floor["call"])
        yield Row(f"{title}: longest stall", ours["stall_ms"], limit=_STALL_MS, unit="ms")
        yield Row(f"{title}: memory of its worker", ours["worker_mib"], unit="MiB")


def network(folder: Path, name: str) -> Path:
    """An untrained network for pictures of 224 x 224, in the form of today's Keras."""
    path = folder / f"{name}.keras"
    if not path.exists():
        print(f"(writing {path.name})", file=sys.stderr)
        _run([sys.executable, "-c", _MAKE, name, str(path)])
    return path


def picture(folder: Path) -> Path:
    """A JPEG of 800 x 600."""
    import numpy as np
    from PIL import Image

    path = folder / "picture.jpg"
    if not path.exists():
        y, x = np.mgrid[0:600, 0:800]
        waves = [np.sin(x / 50) * 100 + 128, np.cos(y / 40) * 100 + 128, (x + y) % 256]
        Image.fromarray(np.stack(waves, axis=-1).astype(np.uint8)).save(path, quality=90)
    return path


def _turns(files: list[str]) -> tuple[dict[str, float], dict[str, float]]:
    ours, floor = [], []
    for _ in range(_TURNS):
        ours.append(_measured([sys.executable, "-m", "tests.benchmarks.predict_probe", *files]))
        started = str(time.monotonic())
        floor.append(_measured([sys.executable, "-c", _BARE, started, *files, str(PAUSE)]))
    return _middle(ours), _middle(floor)


def _middle(turns: list[dict[str, float]]) -> dict[str, float]:
    return {key: median(turn[key] for turn in turns) for key in turns[0]}


def _measured(command: list[str]) -> dict[str, float]:
    figures: dict[str, float] = json.loads(_run(command).splitlines()[-1])
    return figures


def _run(command: list[str]) -> str:
    environment = {
        "QT_QPA_PLATFORM": "offscreen",
        **os.environ,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "KERAS_HOME": os.devnull + "/keras",
    }
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-4000:])
    return done.stdout
