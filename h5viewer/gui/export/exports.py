"""The table of exports: which a file offers, which not and why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from h5viewer.errors import NotInstalled
from h5viewer.gui.export.options import Options
from h5viewer.gui.export.small_options import (
    ArchitectureOptions,
    ConvertOptions,
    DatasetOptions,
    NoOptions,
    OnnxOptions,
    WeightsOptions,
    suggested_word,
)
from h5viewer.gui.export.strip_options import StripOptions
from h5viewer.names import visible
from h5viewer.nodes import Document
from h5viewer.onnx_exporting import require_exporter
from h5viewer.requests import SalvageFile, SaveDataset

Endings = tuple[tuple[str, str], ...]
"""How the new file may be stored: ending of its name, words."""


class Offer(msgspec.Struct, frozen=True):
    """An export of one file. With a `refusal` it is shown, and why it cannot be chosen."""

    title: str
    words: str
    icon: str
    suggestion: Path
    make_options: Callable[[], Options]
    endings: Endings = ()
    refusal: str = ""


class ExportKind(msgspec.Struct, frozen=True):
    """One row of the table."""

    title: str
    words: str
    icon: str
    suggestion: Callable[[Path], Path]
    make_options: Callable[[Document], Options]
    refusal: Callable[[Document], str]  # "": it can be made
    endings: Callable[[Path], Endings] = lambda _: ()
    of_checkpoint: Callable[[Path], Path] | None = None  # another suggestion for those

    def offer(self, document: Document) -> Offer:
        """The same of one file."""
        path = Path(document.path)
        suggestion = self.suggestion(path)
        if self.of_checkpoint is not None and document.format == "tf-checkpoint":
            path = suggestion = self.of_checkpoint(path)
        return Offer(
            self.title,
            self.words,
            self.icon,
            suggestion,
            lambda: self.make_options(document),
            self.endings(path),
            self.refusal(document),
        )


def suffix_of(path: Path) -> str:
    """What a file's name ends in; `.weights.h5` is one ending."""
    return ".weights.h5" if path.name.lower().endswith(".weights.h5") else path.suffix


def beside(path: Path, word: str) -> Path:
    """A name beside the file that is not its own: `a.h5` → `a stripped.h5`."""
    suffix = suffix_of(path)
    return path.with_name(f"{path.name.removesuffix(suffix)} {word}{suffix}")


def named(path: Path, ending: str) -> Path:
    """The file's name with another ending, which is not its own name."""
    stem = path.name.removesuffix(suffix_of(path))
    other = path.with_name(stem + ending)
    return other if other.name != path.name else path.with_name(f"{stem} new{ending}")


def _as_it_is(path: Path) -> Endings:
    """Stored as the file is, and so called as it is."""
    suffix = suffix_of(path)
    return ((suffix, f"As it is ({suffix})"),) if suffix else ()


def _no_network(document: Document) -> str:
    if document.has_architecture:
        return ""
    return "There is no Keras network in this file."


def _no_architecture(document: Document) -> str:
    if document.format in ("keras-weights", "keras-h5-weights", "tf-checkpoint"):
        return "This file holds weights only; File ▸ Merge… gives them an architecture."
    return _no_network(document)


def _no_exporter(document: Document) -> str:
    against = _no_architecture(document)
    if against:
        return against
    try:
        require_exporter()
    except NotInstalled as error:
        return f"{error.message} {error.hint}."
    return ""


def _no_weights(document: Document) -> str:
    return "" if document.format == "tf-checkpoint" else _no_network(document)


def _no_listed_weights(document: Document) -> str:
    return "" if document.lists_weights else _no_weights(document)


_MODELS = (".weights.h5", ".h5", ".hdf5", ".hdf", ".he5", ".keras")


def _stripped_checkpoint(path: Path) -> Path:
    """A checkpoint of whatever age becomes one with an index."""
    return path.with_name(f"{path.name.removesuffix('.index')} stripped.index")


def _salvaged(path: Path) -> Path:
    """Beside the file; what is whole of a checkpoint becomes HDF5."""
    is_model = suffix_of(path).lower() in _MODELS
    return beside(path if is_model else path.with_name(f"{path.name}.h5"), "salvaged")


_SALVAGE = (
    "What is still whole",
    "Of a file that is cut short or damaged, with a list of what is lost.",
    "reload",
)

EXPORTS: Sequence[ExportKind] = (
    ExportKind(
        "Without optimizer state",
        "All it takes to predict and to be looked at, without what only further training needs.",
        "training",
        lambda path: beside(path, "stripped"),
        StripOptions,
        _no_weights,
        _as_it_is,
        _stripped_checkpoint,
    ),
    ExportKind(
        "For plain Keras 3",
        "The network as .keras, .h5 or .weights.h5, with the repairs that old files need.",
        "swap",
        lambda path: named(path, ".h5" if path.suffix == ".keras" else ".keras"),
        ConvertOptions,
        _no_architecture,
        lambda _: (
            (".keras", "Keras archive (.keras)"),
            (".weights.h5", "Weights only (.weights.h5)"),
            (".h5", "HDF5 (.h5)"),
            (".weights.json", "Split weights (.weights.json)"),
        ),
    ),
    ExportKind(
        "Weights for other programs",
        "All weights under their true names, as NumPy arrays, safetensors or plain HDF5.",
        "weights",
        lambda path: named(path, ".npz"),
        WeightsOptions,
        _no_listed_weights,
        lambda _: (
            (".npz", "NumPy arrays (.npz)"),
            (".safetensors", "Safetensors (.safetensors)"),
            (".h5", "Plain HDF5 (.h5)"),
        ),
    ),
    ExportKind(
        "Architecture",
        "The network's layers and their settings as JSON, without weights.",
        "json",
        lambda path: named(path, ".json"),
        ArchitectureOptions,
        _no_architecture,
        lambda _: ((".json", "JSON (.json)"),),
    ),
    ExportKind(
        "ONNX",
        "The network for other frameworks, by the exporter of Keras.",
        "network",
        lambda path: named(path, ".onnx"),
        OnnxOptions,
        _no_exporter,
        lambda _: ((".onnx", "ONNX (.onnx)"),),
    ),
    ExportKind(
        "Values of a dataset",
        "",
        "dataset",
        lambda path: path,
        lambda document: _salvage_options(document.path),
        lambda _: "In the menu of its row in the tree, and beside its picture: Save dataset as…",
    ),
    ExportKind(
        *_SALVAGE,
        _salvaged,
        lambda document: _salvage_options(document.path),
        lambda _: "",
        lambda path: _as_it_is(_salvaged(path)),
    ),
)


def offers_for(document: Document) -> list[Offer]:
    """All rows of the table, for this file."""
    return [kind.offer(document) for kind in EXPORTS]


def salvage_offer(path: Path) -> Offer:
    """What is still whole of a file that cannot even be opened."""
    target = _salvaged(path)
    title, _, icon = _SALVAGE
    words = "All that can be read goes in, with a list of what is lost."
    return Offer(title, words, icon, target, lambda: _salvage_options(str(path)), _as_it_is(target))


def dataset_offer(shown: SaveDataset) -> Offer:
    """The values of one dataset; of the cut that is drawn, if one is."""
    path = Path(shown.document)
    word = suggested_word([visible(name) for name in shown.node])
    return Offer(
        "Values of a dataset",
        "As a NumPy array, a sheet of numbers or a picture.",
        "dataset",
        path.with_name(f"{path.name.removesuffix(suffix_of(path))} {word}.npy"),
        lambda: DatasetOptions(shown),
        (
            (".npy", "NumPy array (.npy)"),
            (".csv", "Sheet of numbers (.csv)"),
            (".png", "Picture (.png)"),
        ),
    )


def _salvage_options(path: str) -> Options:
    return NoOptions(lambda target: SalvageFile(document=path, target=target))
