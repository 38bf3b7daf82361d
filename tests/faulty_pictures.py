"""Data sets of pictures without a fault, and the same with one planted in each: for the report.

`python tests/faulty_pictures.py FOLDER` writes them all into a folder, to be looked at.
`PLANTED` says of each fault what the report has to find: kind, how many, which pictures.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

N_CLASSES = 4
NAMES = ("ant", "bee", "cat", "dog")


def pictures(n: int, side: int = 32, channels: int = 3, seed: int = 0) -> NDArray[np.uint8]:
    """Soft stains with grain, each picture other ones; the colours of earth more often."""
    random = np.random.default_rng(seed)
    coarse = random.uniform(0, 1, (n, 6, 6, channels))
    places = np.linspace(0, 5, side)
    left = np.clip(places.astype(int), 0, 4)
    share = (places - left)[:, None]
    weights = np.zeros((side, 6))
    weights[np.arange(side), left] = 1 - share[:, 0]
    weights[np.arange(side), left + 1] += share[:, 0]
    rows = np.tensordot(weights, coarse, (1, 1))  # row, picture, coarse column, channel
    stains = np.tensordot(weights, rows, (1, 2)).transpose(2, 1, 0, 3)
    if channels == 3:
        stains *= np.array([1.0, 0.75, 0.4])
    grain = 0.03 * random.standard_normal(stains.shape, np.float32)
    return np.clip(255 * (0.05 + 0.9 * stains + grain), 0, 255).astype(np.uint8)


def classes(n: int, seed: int = 0) -> NDArray[np.int64]:
    """As many of each, in no order."""
    return np.random.default_rng(seed).permutation(np.arange(n) % N_CLASSES)


@dataclass
class Content:
    """What a file is made of; a fault changes it."""

    x: NDArray[Any] = field(default_factory=lambda: pictures(80))
    y: NDArray[Any] | None = field(default_factory=lambda: classes(80))
    x_test: NDArray[Any] | None = field(default_factory=lambda: pictures(24, seed=1))
    y_test: NDArray[Any] | None = field(default_factory=lambda: classes(24, seed=1))
    names: tuple[str, ...] = NAMES
    storage: dict[str, Any] = field(default_factory=dict)

    def write(self, path: Path) -> Path:
        """As Keras' examples lay out their files."""
        with h5py.File(path, "w") as file:
            file.create_dataset("train_set_x", data=self.x, **self.storage)
            if self.y is not None:
                file["train_set_y"] = self.y
            if self.x_test is not None:
                file["test_set_x"] = self.x_test
            if self.y_test is not None:
                file["test_set_y"] = self.y_test
            if self.names:
                file["list_classes"] = np.array(self.names, "S")
        return path


@dataclass(frozen=True)
class Planted:
    """One fault, and what has to be found: in which of both sets, which pictures."""

    name: str
    plant: Callable[[Content], None]
    kind: str
    value: float | None
    indices: tuple[int, ...] = ()
    set_index: int = 1  # in the order of the file: test_set_x, train_set_x
    severity: str = "warning"


def softened(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As it looks after it was saved again: a little noise, a little brighter."""
    random = np.random.default_rng(5)
    return np.clip(1.05 * picture + random.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)


def _leak(content: Content) -> None:
    content.x_test[[3, 9]] = content.x[[70, 5]]
    content.y_test[[3, 9]] = content.y[[70, 5]]


def _leak_nearly(content: Content) -> None:
    content.x_test[4] = softened(content.x[11])


def _repeat(content: Content) -> None:
    content.x[40] = content.x[7]
    content.y[40] = content.y[7]


def _repeat_nearly(content: Content) -> None:
    content.x[41] = softened(content.x[8])


def _dispute(content: Content) -> None:
    content.x[42] = content.x[9]
    content.y[42] = (content.y[9] + 1) % N_CLASSES


def _blank(content: Content) -> None:
    content.x[[20, 21, 60]] = 0
    content.x[33] = 255


def _exchange(content: Content) -> None:
    content.x = content.x[..., ::-1]


def _cut_to_bits(content: Content) -> None:
    content.x = (content.x / 255).astype(np.uint8)
    content.x_test = content.y_test = None


def _nan(content: Content) -> None:
    content.x = content.x.astype("f4") / 255
    content.x_test = content.x_test.astype("f4") / 255
    content.x[12, 3, 4, 1] = np.nan
    content.x[50, :2] = np.inf


def _mix_ranges(content: Content) -> None:
    content.x = content.x.astype("f4") / 255
    content.x_test = content.x_test.astype("f4") / 255
    content.x[30:33] *= 255


def _unscaled(content: Content) -> None:
    content.x = content.x.astype("f4")
    content.x_test = None
    content.y_test = None


def _scale_training_only(content: Content) -> None:
    content.x = content.x.astype("f4") / 255


def _wide(content: Content) -> None:
    content.x = content.x / 255
    content.x_test = content.x_test.astype("f4") / 255


def _label_beyond(content: Content) -> None:
    content.y[[2, 77]] = 4


def _label_far_beyond(content: Content) -> None:
    content.names = ()
    content.y[[2, 77]] = 255


def _label_below(content: Content) -> None:
    content.y[[2, 77]] = -1


def _label_far_below(content: Content) -> None:
    content.y[5] = -7


def _from_one(content: Content) -> None:
    content.names = ()
    content.y += 1
    content.x_test = content.y_test = None


def _too_few_labels(content: Content) -> None:
    content.y = content.y[:-1]


def _unbalance(content: Content) -> None:
    content.y = np.where(np.arange(80) % 20 == 3, 1, 0)
    content.names = ("cat", "dog")
    content.x_test = content.y_test = None


def _lose_class(content: Content) -> None:
    content.names = (*NAMES, "eel")
    content.x_test = content.y_test = None


def _new_class(content: Content) -> None:
    content.names = ()
    content.y_test[:6] = 4


def _sort(content: Content) -> None:
    content.y = np.sort(content.y)


def _one_hot_without_one(content: Content) -> None:
    content.y = np.eye(N_CLASSES)[content.y]
    content.y[[6, 13]] = 0


def _alike_names(content: Content) -> None:
    content.y = np.array([NAMES[n] for n in content.y], "S")
    content.y[content.y == b"dog"] = np.where(np.arange(20) % 2, b"dog", b"Dog")
    content.y_test = np.array([NAMES[n] for n in content.y_test], "S")


def _many_in_a_chunk(content: Content) -> None:
    _large(content)
    content.storage = {"chunks": (128, 64, 64, 3)}


def _chunks_of_planes(content: Content) -> None:
    _large(content)
    content.storage = {"chunks": (1, 8, 8, 3)}


def _pack_for_nothing(content: Content) -> None:
    _large(content)
    noise = np.random.default_rng(3).integers(0, 256, content.x.shape, np.uint8)
    content.x = content.x // 2 + noise // 2
    content.storage = {"chunks": (1, 64, 64, 3), "compression": "gzip", "compression_opts": 1}


def _large(content: Content) -> None:
    content.x = pictures(350, side=64)
    content.y = classes(350)
    content.x_test = content.y_test = None


def _grey_as_colour(content: Content) -> None:
    content.x = np.repeat(pictures(80, channels=1), 3, axis=3)
    content.x_test = content.y_test = None


PLANTED = (
    Planted("leak", _leak, "leakage", 2, (3, 9), set_index=0),
    Planted("near-leak", _leak_nearly, "leakage", 1, (4,), set_index=0),
    Planted("repeated", _repeat, "exact-duplicates", 1, (40,)),
    Planted("nearly-repeated", _repeat_nearly, "near-duplicates", 1, (41,), severity="note"),
    Planted("disputed", _dispute, "conflicting-labels", 1, (42,)),
    Planted("blank", _blank, "blank", 4, (20, 21, 33, 60)),
    Planted("exchanged", _exchange, "bgr", None),
    Planted("nan", _nan, "nan", 2, (12, 50)),
    Planted("mixed", _mix_ranges, "mixed-range", 3, (30, 31, 32)),
    Planted("unscaled", _unscaled, "value-range", 255, set_index=0, severity="note"),
    Planted("scaled", _scale_training_only, "other-range", None, set_index=0),
    Planted("float64", _wide, "dtype", 8, severity="note"),
    Planted("beyond", _label_beyond, "labels-out-of-range", 2, (2, 77)),
    Planted("far-beyond", _label_far_beyond, "labels-out-of-range", 2, (2, 77)),
    Planted("below", _label_below, "labels-out-of-range", 2, (2, 77)),
    Planted("far-below", _label_far_below, "labels-out-of-range", 1, (5,)),
    Planted("from-one", _from_one, "labels-from-one", 1, set_index=0, severity="note"),
    Planted("too-few", _too_few_labels, "length-mismatch", -1),
    Planted("unbalanced", _unbalance, "class-balance", 19, set_index=0, severity="note"),
    Planted("lost-class", _lose_class, "empty-class", 1, set_index=0),
    Planted("new-class", _new_class, "unknown-class", 1, set_index=0),
    Planted("sorted", _sort, "sorted-by-class", 4, severity="note"),
    Planted("no-one", _one_hot_without_one, "labels-out-of-range", 2, (6, 13)),
    Planted("alike-names", _alike_names, "similar-names", 2),
    Planted("wide-chunks", _many_in_a_chunk, "slow-batches", None, set_index=0),
    Planted("small-chunks", _chunks_of_planes, "slow-batches", None, set_index=0),
    Planted("packed", _pack_for_nothing, "compression", None, set_index=0, severity="note"),
    Planted("grey", _grey_as_colour, "grey-as-colour", 3, set_index=0, severity="note"),
)
"""Each found once, and nothing else."""


def plant(content: Content, *names: str) -> Content:
    """The same with the faults of these names, one after the other."""
    by_name = {planted.name: planted for planted in PLANTED}
    for name in names:
        by_name[name].plant(content)
    return content


def main() -> None:
    """Write them all."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    Content().write(folder / "without-a-fault.h5")
    for planted in PLANTED:
        plant(Content(), planted.name).write(folder / f"{planted.name}.h5")


if __name__ == "__main__":
    main()
