"""`python -m tests.network.merge_sweep [FILE…]`: merge whole models, compare what they answer.

Without files: those of the corpus beside the repository. Each network is merged with a sibling
of the same architecture, whose weights are those of the file times random numbers from 0.9 to 1.1.
What plain Keras answers from the result is compared with what the mathematics says of the answers
that the program's own loader gives of both files, by the largest answer:

- average: of the network whose weights are the mean of both (where plain Keras does not open the
  file, nor does it open a mean in the same layout, which the own loader then opens; marked *)
- ensemble: the mean of both answers; all outputs side by side
- chain: twice the answer plus one, by a second network that does just that
- combine: the sibling's answer, of the file's architecture as JSON with the sibling's weights, once
  from the whole sibling and once from a file of its weights alone
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

import h5py
import numpy as np
from asking_networks import answered, opened, whole_model
from merged import merge_here
from sweep import CORPUS, answers_of, models

from h5viewer.errors import H5ViewerError
from h5viewer.formats.scratch import Scratch
from h5viewer.network.loader import load
from h5viewer.network.random_samples import largest_difference, random_batches
from h5viewer.operations.network_reading import read_network
from h5viewer.operations.network_writing import write_network
from h5viewer.requests import (
    AverageNetworks,
    ChainNetworks,
    CombineNetwork,
    Consent,
    JoinNetworks,
)

CLOSE = 1e-5
FORMS = ("h5", "keras")


@dataclass
class Row:
    """What became of one file."""

    file: str
    outcome: str = ""
    differences: dict[str, float | str] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Everything that could be made answers as it should."""
        found = self.differences.values()
        return bool(found) and all(isinstance(each, float) and each <= CLOSE for each in found)

    def __str__(self) -> str:
        shown = [
            f"{name} {each:.0e}" if isinstance(each, float) else f"{name} [{each[:160]}]"
            for name, each in self.differences.items()
        ]
        return " | ".join([f"{self.file[:58]:58}", *shown, self.outcome])


def swept(path: Path, folder: Path) -> Row | None:
    """Merge and compare; None: no whole model."""
    row = Row(path.name)
    with whole_model(path) as container:
        if container is None:
            return None
    suffix = ".keras" if zipfile.is_zipfile(path) else ".h5"
    own = folder / f"own{suffix}"
    shutil.copy(path, own)
    sibling = folder / f"sibling{suffix}"
    write_sibling(path, sibling)
    try:
        first, second = loaded(own), loaded(sibling)
    except H5ViewerError as error:
        row.outcome = f"not loaded: {error.message}"
        return row
    samples = random_batches(first)
    answers = [answers_of(each, samples) for each in (first, second)]
    for name, work in _works(own, sibling, first, second, answers, samples, folder):
        try:
            row.differences[name] = work()
        except H5ViewerError as error:
            row.differences[name] = error.message
        except Exception as error:  # noqa: BLE001 - the table says what it was
            row.differences[name] = f"!! {type(error).__name__}: {str(error).strip()[:100]}"
    return row


def _works(
    own: Path,
    sibling: Path,
    first: Any,
    second: Any,
    answers: list[list[Any]],
    samples: list[Any],
    folder: Path,
) -> Iterator[tuple[str, Callable[[], float]]]:
    both = {"document": str(own), "others": (str(sibling),)}

    def average() -> float:
        target = folder / f"mean{own.suffix}"
        merge_here(AverageNetworks(target=str(target), **both))
        weights = [each.get_weights() for each in (first, second)]
        expected = loaded(own)
        expected.set_weights(
            [
                (np.asarray(a, "f8") + b) / 2 if np.asarray(a).dtype.kind == "f" else a
                for a, b in zip(*weights, strict=True)
            ]
        )
        found = opened_plain(target) if opens_plainly(own) else loaded(target)
        return largest_difference(answers_of(found, samples), answers_of(expected, samples))

    def joined(how: str, form: str) -> float:
        target = folder / f"joined.{form}"
        merge_here(JoinNetworks(target=str(target), how=how, **both))
        if how == "mean":
            expected = [(a.astype("f8") + b) / 2 for a, b in zip(*answers, strict=True)]
        else:
            expected = [np.concatenate([a, b], -1) for a, b in zip(*answers, strict=True)]
        return largest_difference(answers_of(opened_plain(target), samples), expected)

    def chained(form: str) -> float:
        target, after = folder / f"chain.{form}", folder / "after.h5"
        write_twice_plus_one(after, [each.shape for each in first.outputs])
        merge_here(ChainNetworks(document=str(own), others=(str(after),), target=str(target)))
        expected = [2 * each.astype("f8") + 1 for each in answers[0]]
        return largest_difference(answers_of(opened_plain(target), samples), expected)

    def combined(weights: Callable[[], Path], form: str) -> float:
        target, architecture = folder / f"combined.{form}", folder / "own.json"
        with opened(own) as containers:
            new, _, _ = answered(read_network(containers[0]))
        architecture.write_text(json.dumps(new.config))
        request = CombineNetwork(
            document=str(architecture), others=(str(weights()),), target=str(target)
        )
        merge_here(request)
        return largest_difference(answers_of(opened_plain(target), samples), answers[1])

    def alone() -> Path:
        target = folder / "sibling.weights.h5"
        with opened(sibling) as containers:
            new, _, _ = answered(read_network(containers[0]))
            fd = os.open(target, os.O_RDWR | os.O_CREAT | os.O_TRUNC)
            answered(write_network(new, Scratch(fd), "weights.h5", target.name))
            os.close(fd)
        return target

    yield f"average{'' if opens_plainly(own) else '*'}", average
    for form in FORMS:
        yield f"mean {form}", lambda form=form: joined("mean", form)
    yield "beside keras", lambda: joined("concatenate", "keras")
    for form in FORMS:
        yield f"chain {form}", lambda form=form: chained(form)
    yield "whole weights h5", lambda: combined(lambda: sibling, "h5")
    yield "weights alone keras", lambda: combined(alone, "keras")


def loaded(path: Path) -> Any:
    """By the program's own loader."""
    with opened(path) as containers:
        network, _, _ = answered(load(containers[0], Consent()))
        return network.model


def opened_plain(path: Path) -> Any:
    """By Keras alone."""
    import keras

    return keras.saving.load_model(path, compile=False, safe_mode=True)


def opens_plainly(path: Path) -> bool:
    """Whether Keras alone opens it."""
    try:
        opened_plain(path)
    except Exception:  # noqa: BLE001 - whatever Keras says of an old file
        return False
    return True


def write_sibling(path: Path, target: Path) -> None:
    """The same file with other weights."""
    shutil.copy(path, target)
    if not zipfile.is_zipfile(path):
        with h5py.File(target, "r+") as file:
            shake(file)
        return
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    inner = target.with_suffix(".inner")
    inner.write_bytes(entries["model.weights.h5"])
    with h5py.File(inner, "r+") as file:
        shake(file)
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, inner.read_bytes() if name == "model.weights.h5" else data)


def shake(file: h5py.File) -> None:
    """Multiply all floating-point weights by random numbers from 0.9 to 1.1."""
    random = np.random.default_rng(5)

    def change(name: str, node: Any) -> None:
        is_state = name.startswith(("optimizer_weights", "optimizer/"))
        if isinstance(node, h5py.Dataset) and node.dtype.kind == "f" and not is_state:
            node[...] = (node[...] * random.uniform(0.9, 1.1, node.shape)).astype(node.dtype)

    file.visititems(change)


def write_twice_plus_one(path: Path, shapes: list[Any]) -> None:
    """A network with as many inputs that puts out each of them times two plus one."""
    layers: list[dict[str, Any]] = []
    for number, shape in enumerate(shapes):
        name = f"in_{number}"
        config = {"name": name, "batch_shape": list(shape), "dtype": "float32"}
        layers.append(_entry("InputLayer", config, []))
        tensor = {"class_name": "__keras_tensor__"}
        tensor["config"] = {"shape": [None], "dtype": "float32", "keras_history": [name, 0, 0]}
        config = {"name": f"out_{number}", "scale": 2.0, "offset": 1.0}
        layers.append(_entry("Rescaling", config, [{"args": [tensor], "kwargs": {}}]))
    ends = {
        key: [[f"{word}_{number}", 0, 0] for number in range(len(shapes))]
        for key, word in (("input_layers", "in"), ("output_layers", "out"))
    }
    config = {"name": "twice", "layers": layers, **ends}
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Functional", "config": config})
        file.attrs["keras_version"] = "3.9.0"
        file.create_group("model_weights").attrs["layer_names"] = np.array([], dtype="S1")


def _entry(class_name: str, config: dict[str, Any], nodes: list[Any]) -> dict[str, Any]:
    named = {"class_name": class_name, "config": config, "name": config["name"]}
    return {"module": "keras.layers", **named, "registered_name": None, "inbound_nodes": nodes}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    files = parser.parse_args().files or list(models(CORPUS))
    rows = []
    for path in files:
        with tempfile.TemporaryDirectory() as folder:
            row = swept(path, Path(folder))
        if row is not None:
            rows.append(row)
            print(row, flush=True)
        gc.collect()
    n_made = sum(bool(row.differences) for row in rows)
    print(f"{sum(row.holds for row in rows)} of {n_made} answer as they should in every form")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
