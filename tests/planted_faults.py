"""Healthy trained networks, and the same with one fault planted in each: for the report.

`python tests/planted_faults.py FOLDER` writes them all into a folder, to be looked at.
`PLANTED` says of each fault what the report has to find: kind, layer, weight.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import h5py
import numpy as np

from h5viewer.shipped import resource

KERNEL = "model_weights/{0}/{0}/kernel"
N_TOKENS, WIDTH = 200, 24


@dataclass(frozen=True)
class Planted:
    """One fault in one of the networks, and what has to be found."""

    base: Callable[[Path], None]
    plant: Callable[[h5py.File], None]
    kind: str
    layer: str | None
    weight: str | None = None

    def write(self, path: Path) -> None:
        """The network with the fault."""
        self.base(path)
        with h5py.File(path, "r+") as file:
            self.plant(file)


def pictures_network(path: Path) -> None:
    """The shipped example: convolutions with batch normalisation, and its optimizer."""
    shutil.copyfile(resource("example/shapes.h5"), path)


def words_network(path: Path) -> None:
    """Word vectors, their mean and a dense layer, trained here on sentences of two moods."""
    embeddings, kernel, bias = train_words()
    layers = {"words": {"embeddings": embeddings}, "mood": {"kernel": kernel, "bias": bias}}
    entries = [
        {"class_name": "Embedding",
         "config": {"name": "words", "input_dim": N_TOKENS, "output_dim": WIDTH}},
        {"class_name": "GlobalAveragePooling1D", "config": {"name": "mean"}},
        {"class_name": "Dense", "config": {"name": "mood", "units": 2, "activation": "softmax"}},
    ]  # fmt: skip
    config = {"class_name": "Sequential", "config": {"name": "moods", "layers": entries}}
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config)
        file.attrs["keras_version"] = "2.9.0"
        root = file.create_group("model_weights")
        root.attrs["layer_names"] = [b"words", b"mean", b"mood"]
        for layer in ("words", "mean", "mood"):
            group = root.create_group(layer)
            weights = layers.get(layer, {})
            group.attrs["weight_names"] = np.array(
                [f"{layer}/{name}:0".encode() for name in weights], "S"
            )
            for name, values in weights.items():
                group[f"{layer}/{name}:0"] = values.astype(np.float32)


@cache
def train_words(n_seen: int = N_TOKENS) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Gradient descent on sentences of 8 of the first `n_seen` words; even words are glad."""
    random = np.random.default_rng(5)
    embeddings = random.uniform(-0.05, 0.05, (N_TOKENS, WIDTH))
    limit = np.sqrt(6 / (WIDTH + 2))
    kernel, bias = random.uniform(-limit, limit, (WIDTH, 2)), np.zeros(2)
    for _ in range(400):
        words = random.integers(0, n_seen, (64, 8))
        glad = (words % 2 == 0).mean(axis=1) + random.normal(0, 0.05, 64) > 0.45
        mean = embeddings[words].mean(axis=1)
        scores = np.exp(mean @ kernel + bias)
        error = scores / scores.sum(axis=1, keepdims=True) - np.eye(2)[glad.astype(int)]
        back = error @ kernel.T
        kernel -= 0.5 * mean.T @ error / 64
        bias -= 0.5 * error.mean(axis=0)
        np.add.at(embeddings, words, -0.5 * back[:, None, :] / 8)
    return embeddings, kernel, bias


def change(where: str, how: Callable[[np.ndarray], np.ndarray | None]) -> Callable[..., None]:
    """Change the values of one dataset, in place or anew."""

    def plant(file: h5py.File) -> None:
        values = file[where][()]
        changed = how(values)
        values = values if changed is None else changed
        del file[where]
        file[where] = values

    return plant


def put(*place: object, value: float) -> Callable[[np.ndarray], None]:
    """Set one element, or one slice."""

    def how(values: np.ndarray) -> None:
        values[place] = value

    return how


def repeat_a_filter(kernel: np.ndarray) -> None:
    """Filter 7 becomes twice filter 2."""
    kernel[..., 7] = 2 * kernel[..., 2]


def strengthen_a_filter(kernel: np.ndarray) -> None:
    """One of 32."""
    kernel[..., 3] *= 200


def flatten(kernel: np.ndarray) -> np.ndarray:
    """Two directions only, units all around the circle between them."""
    random = np.random.default_rng(3)
    rows, columns = kernel.shape
    angles = np.arange(columns) * 2 * np.pi / columns
    flat = random.normal(size=(rows, 2)) @ np.stack([np.cos(angles), np.sin(angles)])
    return (flat * kernel.std() / flat.std()).astype(np.float32)


def shrink_most(kernel: np.ndarray) -> np.ndarray:
    """Seven of ten values far below what float16 holds."""
    is_small = np.random.default_rng(4).random(kernel.shape) < 0.7
    return np.where(is_small, kernel * 1e-8, kernel).astype(np.float32)


def begin_anew(file: h5py.File) -> None:
    """The layer `features` as Keras makes it."""
    kernel = file[KERNEL.format("features")]
    limit = np.sqrt(6 / sum(kernel.shape))
    kernel[:] = np.random.default_rng(6).uniform(-limit, limit, kernel.shape)
    file["model_weights/features/features/bias"][:] = 0


def freeze(file: h5py.File) -> None:
    """Switch training off for one layer."""
    config = json.loads(file.attrs["model_config"])
    layer = next(each for each in config["config"]["layers"] if each["config"]["name"] == "sides")
    layer["config"]["trainable"] = False
    file.attrs["model_config"] = json.dumps(config)


def lose_a_bias(file: h5py.File) -> None:
    """The list still names it."""
    del file["model_weights/classes/classes/bias"]


def forget_a_gamma(file: h5py.File) -> None:
    """Neither stored nor listed."""
    group = file["model_weights/parts_norm"]
    names = [name if isinstance(name, bytes) else name.encode()
             for name in group.attrs["weight_names"]]  # fmt: skip
    group.attrs["weight_names"] = np.array([name for name in names if b"gamma" not in name], "S")
    del group["parts_norm/gamma"]


def leave_an_old_head(file: h5py.File) -> None:
    """A layer that the configuration does not have any more."""
    weights = file["model_weights"]
    names = [name.encode() if isinstance(name, str) else name
             for name in weights.attrs["layer_names"]]  # fmt: skip
    weights.attrs["layer_names"] = np.array([*names, b"old_head"], "S")
    group = weights.create_group("old_head")
    group.attrs["weight_names"] = np.array([b"old_head/kernel"], "S")
    group["old_head/kernel"] = np.random.default_rng(7).normal(0, 0.3, (32, 9)).astype("f4")


def swap_a_statistic(file: h5py.File) -> None:
    """A moving mean for one channel more than the layer has."""
    where = "model_weights/parts_norm/parts_norm/moving_mean"
    change(where, lambda values: np.append(values, values[:1]))(file)


def damage(file: h5py.File) -> None:
    """A compressed chunk that cannot be inflated."""
    where = KERNEL.format("sides")
    values = file[where][()]
    del file[where]
    dataset = file.create_dataset(where, data=values, chunks=values.shape, compression="gzip")
    dataset.id.write_direct_chunk((0,) * values.ndim, b"no deflate stream" * 20)


def resize_a_momentum(file: h5py.File) -> None:
    """State of a head that had seven classes."""
    where = "optimizer_weights/adam/classes_kernel_momentum"
    change(where, lambda values: np.append(values, values[:, :1], axis=1))(file)


def lose_a_velocity(file: h5py.File) -> None:
    """The second of the two arrays that Adam keeps for a weight."""
    del file["optimizer_weights/adam/sides_kernel_velocity"]


def forget_words(file: h5py.File) -> None:
    """Forty words that no sentence ever had."""
    embeddings, kernel, bias = train_words(N_TOKENS - 40)
    file["model_weights/words/words/embeddings:0"][:] = embeddings
    file["model_weights/mood/mood/kernel:0"][:] = kernel
    file["model_weights/mood/mood/bias:0"][:] = bias


def levels(kernel: np.ndarray) -> np.ndarray:
    """Sixteen steps."""
    step = np.abs(kernel).max() / 8
    return (np.round(kernel / step) * step).astype(np.float32)


SIDES = KERNEL.format("sides")
NORM = "model_weights/parts_norm/parts_norm/{}"
WORDS = "model_weights/words/words/embeddings:0"
BASES = {"pictures": pictures_network, "words": words_network}
_P, _W = pictures_network, words_network

PLANTED = {
    "one NaN": Planted(_P, change(SIDES, put(1, 1, 3, 5, value=np.nan)), "nan", "sides", "kernel"),
    "one infinity": Planted(
        _P, change(NORM.format("gamma"), put(3, value=np.inf)), "infinite", "parts_norm", "gamma"
    ),
    "a dead filter": Planted(
        _P, change(SIDES, put(..., 3, value=0)), "dead_units", "sides", "kernel"
    ),
    "a filter that decayed": Planted(
        _P, change(SIDES, put(..., 3, value=1e-20)), "dead_units", "sides", "kernel"
    ),
    "a constant filter": Planted(
        _P, change(SIDES, put(..., 3, value=0.02)), "constant_units", "sides", "kernel"
    ),
    "a filter twice": Planted(
        _P, change(SIDES, repeat_a_filter), "duplicate_units", "sides", "kernel"
    ),
    "a kernel 1,000 times as strong": Planted(
        _P, change(SIDES, lambda values: values * 1000), "weight_scale", "sides", "kernel"
    ),
    "a kernel 1,000 times as weak": Planted(
        _P, change(SIDES, lambda values: values / 1000), "weight_scale", "sides", "kernel"
    ),
    "a strong dense layer": Planted(
        _P, change(KERNEL.format("classes"), lambda values: values * 500),
        "weight_scale", "classes", "kernel",
    ),
    "a filter 200 times as strong": Planted(
        _P, change(SIDES, strengthen_a_filter), "unit_scale", "sides", "kernel"
    ),
    "a bias of 5,000": Planted(
        _P, change("model_weights/classes/classes/bias", put(2, value=5000)),
        "large_values", "classes", "bias",
    ),
    "a negative variance": Planted(
        _P, change(NORM.format("moving_variance"), put(4, value=-0.5)),
        "variance_negative", "parts_norm", "moving_variance",
    ),
    "a channel without a signal": Planted(
        _P, change(NORM.format("moving_variance"), put(4, value=1e-14)),
        "variance_small", "parts_norm", "moving_variance",
    ),
    "a layer made anew": Planted(_P, begin_anew, "untrained", "features"),
    "a frozen layer": Planted(_P, freeze, "frozen", "sides"),
    "a missing bias": Planted(_P, lose_a_bias, "missing_weights", "classes"),
    "a gamma that nobody lists": Planted(
        _P, forget_a_gamma, "missing_weights", "parts_norm"
    ),
    "an old head": Planted(_P, leave_an_old_head, "left_over_weights", "old_head"),
    "a statistic too long": Planted(
        _P, swap_a_statistic, "shape_mismatch", "parts_norm", "moving_mean"
    ),
    "a damaged kernel": Planted(_P, damage, "unreadable", "sides", "kernel"),
    "too large for float16": Planted(
        _P, change(NORM.format("beta"), put(0, value=7e4)),
        "float16_overflow", "parts_norm", "beta",
    ),
    "too small for float16": Planted(
        _P, change(SIDES, shrink_most), "float16_underflow", "sides", "kernel"
    ),
    "two directions only": Planted(
        _P, change(KERNEL.format("features"), flatten), "low_rank", "features", "kernel"
    ),
    "sixteen levels": Planted(_P, change(SIDES, levels), "few_values", "sides", "kernel"),
    "a momentum of another shape": Planted(_P, resize_a_momentum, "optimizer_shapes", None),
    "a lost velocity": Planted(_P, lose_a_velocity, "optimizer_shapes", None),
    "a velocity of NaN": Planted(
        _P, change("optimizer_weights/adam/sides_kernel_velocity", put(0, 0, 1, 1, value=np.nan)),
        "optimizer_values", None,
    ),
    "words never met": Planted(_W, forget_words, "untrained_rows", "words", "embeddings"),
    "words of zeros": Planted(
        _W, change(WORDS, put(slice(20, 45), value=0)), "untrained_rows", "words", "embeddings"
    ),
}  # fmt: skip


def main(folder: Path) -> None:
    """Write the healthy networks and every fault."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, base in BASES.items():
        base(folder / f"healthy {name}.h5")
    for name, planted in PLANTED.items():
        planted.write(folder / f"{name}.h5")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
