"""What lies beside a model: class names, a saved recipe, folders of classes, an architecture.

Files are found by their names alone; a worker reads them (`ReadLabels`, `ReadRecipe`,
`FitArchitecture`).
These functions wait for disks.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from h5viewer.errors import CannotRead
from h5viewer.names import visible
from h5viewer.nodes import Labels, SavedRecipe
from h5viewer.picture_files import is_folder

SUFFIXES = (
    ".txt", ".json", ".names", ".csv", ".tsv", ".labels", ".pbtxt", ".yaml", ".yml", ".npy",
    ".pkl", ".pickle", ".joblib",
)  # fmt: skip
"""Of files that may hold class names."""

RECIPE_SUFFIX = ".recipe.json"

_MOST_NAMES = 20_000  # of a folder that are looked at
_MOST_FILES = 12  # that are read
_MOST_CLASSES = 10_000
_OF_CLASS_FOLDERS = frozenset(
    (
        "train", "training", "test", "testing", "val", "valid", "validation", "data", "dataset",
        "images", "pictures", "classes",
    )
)  # fmt: skip
_WITH_LAYERS = (".json", ".keras", ".h5", ".hdf5")
_MOST_ARCHITECTURES = 5  # of each kind that are read
_LARGEST_MODEL = 4 << 30  # bytes; only its configuration is read
_EXACT = (
    "labels.txt", "class_names.txt", "class_names.json", "class_indices.json", "classes.txt",
    "labels.json", "labels.csv", "classes.json", "class_names.csv", "classes.csv",
    "signature.json", "data.yaml", "lb.pickle", "lb.pkl", "le.pickle", "le.pkl",
)  # fmt: skip
_WORDS = (
    "label",
    "class",
    "categor",
    "emotion",
    "names",
    "map",
    "vocab",
    "breed",
    "species",
    "encoder",
)
_NO_NAMES = re.compile(r"require|readme|license|config|metric|history|\.recipe\.json$")


def recipe_path(model: str) -> str:
    """Where a recipe for a model is saved: `model.h5.recipe.json`."""
    return model + RECIPE_SUFFIX


def saved_recipe(model: str) -> str | None:
    """The recipe that was saved beside it; None: there is none."""
    path = recipe_path(model)
    return path if Path(path).is_file() else None


def recipe_text(saved: SavedRecipe) -> str:
    """What is written there; `documents.saved_recipe` reads it."""
    recipe = msgspec.to_builtins(saved.recipe)
    recipe.pop("type", None)
    value = {"h5viewer": "recipe", "recipe": recipe, "labels": saved.labels}
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def label_files(model: str) -> tuple[str, ...]:
    """Files in its folder that may hold class names, the likeliest first.

    One that shares its name with the model comes first, then usual names, then those that
    speak of labels or classes. Whether it has as many names as classes decides its reader.
    """
    path = Path(model)
    ranked = sorted(
        (rank, name)
        for name in _names_in(path.parent)
        if (rank := _rank(name, path.stem.lower())) is not None
    )
    return tuple(str(path.parent / name) for _, name in ranked[:_MOST_FILES])


def architecture_files(model: str) -> tuple[str, ...]:
    """Files in its folder that may state the layers of a file of weights, the likeliest first.

    JSON files before whole models, each by how much of the name they share. Whether they are
    of the same layers decides their reader.
    """
    path = Path(model)
    stem = path.name.lower().partition(".")[0]
    ranked = sorted(
        (not name.lower().endswith(".json"), -_n_shared(name.lower(), stem), name)
        for name in _names_in(path.parent)
        if name.lower().endswith(_WITH_LAYERS)
        and name != path.name
        and not _NO_NAMES.search(name.lower())
        and _size(path.parent / name) <= _LARGEST_MODEL
    )
    json_files = [each for each in ranked if not each[0]][:_MOST_ARCHITECTURES]
    models = [each for each in ranked if each[0]][:_MOST_ARCHITECTURES]
    return tuple(str(path.parent / name) for *_, name in (*json_files, *models))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size if path.is_file() else _LARGEST_MODEL + 1
    except OSError:
        return _LARGEST_MODEL + 1


def _rank(name: str, stem: str) -> tuple[int, int] | None:
    """How likely a file holds the names of the model's classes, lower is likelier."""
    low = name.lower()
    if not low.endswith(SUFFIXES) or _NO_NAMES.search(low):
        return None
    shared = _n_shared(low, stem)
    speaks = any(word in low[shared:] for word in _WORDS)
    if low.startswith(stem) and (speaks or low.endswith(".names")):
        return 0, -shared
    if low in _EXACT:
        return 1, _EXACT.index(low)
    if low.endswith(".names") or speaks:
        return 2, -shared
    return (3, -shared) if low.startswith(stem) and low.endswith(".txt") else None


def _n_shared(first: str, second: str) -> int:
    """Characters that both begin with."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(first), len(second)))


def class_folders(folder: str) -> tuple[str, ...]:
    """Names of the folders in a folder, as classes: in the order Keras gives them indices."""
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.startswith(".") and is_folder(entry):
                found.append(entry.name)
            if len(found) >= _MOST_CLASSES:
                break
    return tuple(sorted(found))


def class_labels(folder: str) -> Labels:
    """The names of the folders in a folder, as class names.

    Raises:
        CannotRead: it cannot be listed, or has no folders.
    """
    name = visible(Path(folder).name)
    try:
        names = class_folders(folder)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise CannotRead(f"{name} cannot be looked into: {why}.") from error
    if not names:
        raise CannotRead(f"{name} has no folders: each would be a class.")
    return Labels(names=names, source=f"the folders in {Path(folder).name}")


def labels_of_folders(model: str) -> tuple[Labels, ...]:
    """Class names from folders of class folders that lie beside a model, by their usual names."""
    found: list[Labels] = []
    for name in sorted(_names_in(Path(model).parent)):
        words = set(re.split(r"[\W_\d]+", name.lower()))
        if words & _OF_CLASS_FOLDERS and len(found) < _MOST_FILES:
            with suppress(CannotRead):
                found.append(class_labels(str(Path(model).parent / name)))
    return tuple(found)


def _names_in(folder: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            for i, entry in enumerate(entries):
                if i >= _MOST_NAMES:
                    return
                yield entry.name
    except OSError:
        return  # a folder that cannot be listed has no class names for us
