"""One case of every export: files to make it of, and the request.

`test_every_export` runs them in the suite, `killed_exports` by hand, on larger files.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from checkpoint_files import write_bundle
from loose_files import encoded, write_lists
from msgspec.structs import replace
from PIL import Image

from h5viewer import requests
from h5viewer.nodes import Augmentation, DataSetRecipe, PictureLayout, PictureSet
from h5viewer.operations.export_table import EXPORTS
from h5viewer.requests import Export

N_LAYERS = 4


@dataclass(frozen=True)
class Case:
    """`make` writes the documents into a folder, each weight `width` x `width` numbers."""

    kind: type[Any]
    name: str
    suffix: str
    request: Callable[[list[str], str], Export]
    make: Callable[[Path, int], list[Path]]

    def of(self, folder: Path, target: Path, width: int = 96) -> Export:
        """The request, with its documents written."""
        return self.request([str(path) for path in self.make(folder, width)], str(target))


def network_config(width: int) -> dict[str, Any]:
    """A Sequential of Dense layers, as Keras 3 writes it into legacy files."""

    def layer(class_name: str, **config: Any) -> dict[str, Any]:
        return {
            "module": "keras.layers",
            "class_name": class_name,
            "config": {"dtype": "float32", **config},
            "registered_name": None,
        }

    dense = [
        layer(
            "Dense",
            name=f"dense_{number}",
            trainable=True,
            units=width,
            activation="linear",
            use_bias=True,
        )
        for number in range(N_LAYERS)
    ]
    first = layer("InputLayer", name="first", batch_shape=[None, width], sparse=False)
    return {
        "class_name": "Sequential",
        "config": {"name": "case", "trainable": True, "layers": [first, *dense]},
    }


def make_network(path: Path, width: int, seed: int = 0) -> Path:
    """A whole model with the state of its optimizer."""
    rng = np.random.default_rng(seed)
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "3.9.0"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(network_config(width))
        file.attrs["training_config"] = json.dumps({"loss": "mse", "optimizer_config": {}})
        weights = file.create_group("model_weights")
        names = [f"dense_{number}" for number in range(N_LAYERS)]
        weights.attrs["layer_names"] = np.array(["first", *names], dtype="S")
        weights.attrs["backend"] = b"tensorflow"
        weights.attrs["keras_version"] = b"3.9.0"
        weights.create_group("first").attrs["weight_names"] = np.array([], dtype="S1")
        for name in names:
            group = weights.create_group(name)
            stored = [f"case/{name}/kernel", f"case/{name}/bias"]
            group.attrs["weight_names"] = np.array(stored, dtype="S")
            group[stored[0]] = rng.standard_normal((width, width)).astype("f4")
            group[stored[1]] = rng.standard_normal(width).astype("f4")
        file["optimizer_weights/adam/m"] = rng.standard_normal((width, width)).astype("f4")
    return path


def make_archive(path: Path, width: int) -> Path:
    """A `.keras` file of the same layers with the state of its optimizer."""
    rng = np.random.default_rng(0)
    inner = io.BytesIO()
    with h5py.File(inner, "w") as file:
        for number in range(N_LAYERS):
            variables = file.create_group(f"layers/dense{f'_{number}' if number else ''}/vars")
            variables["0"] = rng.standard_normal((width, width)).astype("f4")
            variables["1"] = rng.standard_normal(width).astype("f4")
        file["optimizer/vars/0"] = np.int64(1)
        file["optimizer/vars/1"] = rng.standard_normal((width, width)).astype("f4")
    config = {"module": "keras", "registered_name": None, **network_config(width)}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.9.0"}))
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", inner.getvalue())
    return path


def _archive(folder: Path, width: int) -> list[Path]:
    return [make_archive(folder / "one.keras", width)]


def _network_and_checkpoint(folder: Path, width: int) -> list[Path]:
    return [*_one(folder, width), *make_checkpoint(folder, width)]


def _one(folder: Path, width: int) -> list[Path]:
    return [make_network(folder / "one.h5", width)]


def _two(folder: Path, width: int) -> list[Path]:
    return [make_network(folder / f"{n}.h5", width, seed=n) for n in (1, 2)]


def _damaged(folder: Path, width: int) -> list[Path]:
    """The last weight's bytes are missing."""
    path = make_network(folder / "whole.h5", width)
    data = path.read_bytes()
    short = folder / "damaged.h5"
    short.write_bytes(data[: len(data) * 3 // 4])
    return [short]


def make_checkpoint(folder: Path, width: int, seed: int = 0) -> list[Path]:
    """Weights with what Adam keeps for them, as TensorFlow 1 names it."""
    rng = np.random.default_rng(seed)
    stored = {
        f"dense_{number}/{name}{slot}": rng.standard_normal(shape).astype("f4")
        for number in range(N_LAYERS)
        for name, shape in (("kernel", (width, width)), ("bias", (width,)))
        for slot in ("", "/Adam", "/Adam_1")
    }
    return [write_bundle(folder / f"m-{seed + 1}", stored)]


def _two_checkpoints(folder: Path, width: int) -> list[Path]:
    return [*make_checkpoint(folder, width), *make_checkpoint(folder, width, seed=1)]


def _pictures(folder: Path, width: int) -> list[Path]:
    """Pictures of 16 x 16 with labels."""
    path = folder / "pictures.h5"
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        file["x"] = rng.integers(0, 256, (width, 16, 16, 3), dtype="u1")
        file["y"] = np.arange(width) % 3
    return [path]


def _loose(folder: Path, width: int) -> list[Path]:
    """The same as files."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (width, 16, 16, 3), dtype="u1")
    files = [encoded(Image.fromarray(each)) for each in pixels]
    return [write_lists(folder / "loose.h5", files, "x", y=np.arange(width) % 3)]


def _picture_set(document: str) -> PictureSet:
    with h5py.File(document) as file:
        shape = file["x"].shape
    return PictureSet(
        node=(b"x",),
        shape=shape,
        dtype="uint8",
        layout=PictureLayout(axes="nhwc", height=16, width=16, channels=3),
        n_pictures=shape[0],
        labels=(b"y",),
        label_form="index",
    )


def _save_loose(documents: list[str], target: str) -> Export:
    asked = _save_pictures(documents, target)
    assert isinstance(asked, requests.SavePictures)
    layout = PictureLayout(axes="n", height=16, width=16, channels=3)
    loose = replace(asked.pictures, storage="elements", encoding="PNG", layout=layout)
    return replace(asked, pictures=loose)


def _write_augmented(documents: list[str], target: str) -> Export:
    return requests.WriteAugmented(
        document=documents[0],
        target=target,
        pictures=_picture_set(documents[0]),
        augmentation=Augmentation(rotation=20, horizontal_flip=True),
    )


def _save_pictures(documents: list[str], target: str) -> Export:
    pictures = _picture_set(documents[0])
    n_saved = 1 if target.endswith(".png") else pictures.n_pictures
    return requests.SavePictures(
        document=documents[0], target=target, pictures=pictures, indices=tuple(range(n_saved))
    )


def _folder(folder: Path, width: int) -> list[Path]:
    """Pictures of three classes."""
    pets = folder / "pets"
    rng = np.random.default_rng(0)
    for at in range(60):
        path = pets / f"class {at % 3}" / f"{at}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (width // 2, width // 2, 3), dtype=np.uint8)).save(
            path
        )
    return [pets]


def content(path: Path) -> object:
    """All bytes of a document, which may be a folder."""
    if path.is_dir():
        return {each.name: content(each) for each in path.iterdir()}
    return path.read_bytes()


def _single(
    kind: type[Any],
    name: str,
    suffix: str,
    make: Callable[[Path, int], list[Path]] = _one,
    **options: Any,
) -> Case:
    def request(documents: list[str], target: str) -> Export:
        several = {"others": tuple(documents[1:])} if len(documents) > 1 else {}
        made: Export = kind(document=documents[0], target=target, **several, **options)
        return made

    return Case(kind, name, suffix, request, make)


def _split(documents: list[str], target: str) -> Export:
    """One weight a file, and a bias beside some."""
    longest = Path(documents[0]).stat().st_size // 3
    return requests.ConvertNetwork(document=documents[0], target=target, shard_size=longest)


_KERNEL = (b"model_weights", b"dense_1", b"case", b"dense_1", b"kernel")

_HALVED = requests.ComputeWeight(path=_KERNEL, expression="x * 0.5")

_ALL: tuple[Case, ...] = (
    _single(requests.StripFile, "strip", ".h5"),
    _single(requests.StripFile, "strip-rewritten", ".h5", gzip=1, floats="float16"),
    _single(requests.StripFile, "strip-keras", ".keras", _archive),
    _single(requests.SaveWeights, "weights-h5", ".h5", make_checkpoint, layers=("*",)),
    _single(requests.ConvertNetwork, "convert-keras", ".keras"),
    _single(requests.ConvertNetwork, "convert-h5", ".h5"),
    _single(requests.ConvertNetwork, "convert-weights", ".weights.h5"),
    Case(requests.ConvertNetwork, "convert-shards", ".weights.json", _split, _one),
    _single(requests.StripFile, "strip-checkpoint", ".index", make_checkpoint),
    _single(requests.AverageNetworks, "average", ".h5", _two),
    _single(requests.AverageNetworks, "average-checkpoints", ".index", _two_checkpoints),
    _single(requests.JoinNetworks, "ensemble", ".keras", _two),
    _single(requests.ChainNetworks, "chain", ".h5", _two),
    _single(requests.CombineNetwork, "combine", ".keras", _two),
    _single(requests.CombineNetwork, "checkpoint-h5", ".h5", _network_and_checkpoint),
    _single(requests.CombineNetwork, "checkpoint-keras", ".keras", _network_and_checkpoint),
    _single(requests.SaveWeights, "weights-npz", ".npz"),
    _single(requests.SaveWeights, "weights-safetensors", ".safetensors"),
    _single(requests.SaveDataset, "dataset-npy", ".npy", node=_KERNEL),
    _single(requests.SaveDataset, "dataset-csv", ".csv", node=_KERNEL),
    _single(requests.SaveDataset, "dataset-png", ".png", node=_KERNEL),
    _single(requests.SaveArchitecture, "architecture", ".json"),
    _single(requests.SalvageFile, "salvage", ".h5", _damaged),
    Case(requests.SavePictures, "pictures", ".zip", _save_pictures, _pictures),
    Case(requests.SavePictures, "picture", ".png", _save_pictures, _pictures),
    Case(requests.SavePictures, "loose-pictures", ".zip", _save_loose, _loose),
    Case(requests.WriteAugmented, "augmented", ".h5", _write_augmented, _pictures),
    _single(requests.CutNetwork, "cut", ".keras", layer=("dense_1",)),
    _single(requests.FreezeLayers, "freeze", ".h5", frozen=("dense_0",)),
    _single(requests.RenameLayers, "rename", ".keras", names=(("dense_0", "other"),)),
    _single(
        requests.BuildDataSet, "data-set", ".h5", _folder, recipe=DataSetRecipe(shares=(8, 1, 1))
    ),
    _single(requests.EditFile, "edit", ".h5", changes=(_HALVED,)),
)

CASES = tuple(case for case in _ALL if case.kind in (*EXPORTS, requests.BuildDataSet))

OF_SEVERAL_FILES = ("convert-shards", "strip-checkpoint", "average-checkpoints")
"""Names of the cases that write an index and files beside it."""
