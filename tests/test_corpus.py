"""Real files: each is opened or refused as its line in the corpus' catalogue says.

Facts are asserted against the catalogue (layers, classes, optimizer, input shapes, number
of datasets) and against what h5py, zipfile and json say about the same file here.
"""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import pytest
from decoding import Decoded, decoded, every, opened, run, weights_of
from json_shape import checked_answer, checked_refusal

from h5viewer import summary
from h5viewer.checkpoint_files import document_path
from h5viewer.errors import CannotOpen, H5ViewerError
from h5viewer.nodes import Layer
from h5viewer.operations.survey import survey_nodes
from h5viewer.requests import SurveyNodes

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
_ROW = re.compile(r"^\| `(?P<file>[^`]+)` \| (?P<rest>.*) \|$")
_WHOLE_MODELS = ("functional (HDF5)", "sequential (HDF5)")
_ARCHIVES = ("functional (.keras zip)", "sequential (.keras zip)")
# AnnData has groups that look like Keras' to the catalogue's own heuristic.
_NO_KERAS = "scverse__anndata__adata.h5ad"


@dataclass(frozen=True)
class Line:
    """One row of the catalogue."""

    path: Path
    writer: str
    kind: str
    layers: str
    optimizer: str
    notable: str

    @property
    def n_datasets(self) -> int | None:
        found = re.search(r"(\d+) datasets", self.notable)
        return int(found[1]) if found else None

    @property
    def is_keras(self) -> bool:
        kinds = (*_WHOLE_MODELS, *_ARCHIVES, "weights only", "weights only (.weights.h5)")
        return self.kind in kinds and self.path.name != _NO_KERAS


def _catalogue() -> list[Line]:
    if not CORPUS.is_dir():
        return []
    lines, folder = [], CORPUS
    for row in (CORPUS / "CATALOG.md").read_text("utf-8").splitlines():
        heading = re.search(r"^## .*\(`(\w+)/`\)", row)
        folder = CORPUS / heading[1] if heading else folder
        match = _ROW.match(row)
        if match and (folder / match["file"]).is_file():
            cells = match["rest"].split(" | ")
            if len(cells) == 9:
                writer, kind, layers, optimizer, notable = cells[4:]
                lines.append(Line(folder / match["file"], writer, kind, layers, optimizer, notable))
    return lines


LINES = _catalogue()
KERAS = [line for line in LINES if line.is_keras]
MODELS = [line for line in KERAS if line.kind in _WHOLE_MODELS + _ARCHIVES]
OTHERS = [line for line in LINES if not line.is_keras and not line.kind.startswith("PNG")]
pytestmark = pytest.mark.skipif(not LINES, reason="corpus is not there")
_read: dict[Path, Decoded] = {}


def read(line: Line) -> Decoded:
    """Each file is decoded once."""
    if line.path not in _read:
        _read[line.path] = decoded(line.path)
    return _read[line.path]


def each(lines: list[Line]) -> Any:
    return pytest.mark.parametrize("line", lines, ids=[line.path.name for line in lines])


def test_the_catalogue_is_understood() -> None:
    """Its counts, so that no row is skipped in silence."""
    assert len(MODELS) == 53 + 12  # in HDF5; archives and misnamed HDF5 of `keras_v3`
    assert len(KERAS) == 65 + 26 + 4  # legacy weights; `.weights.h5`
    assert len(LINES) == 224


# ------------------------------------------------------- against the catalogue


@each(KERAS)
def test_the_kind_is_recognised(line: Line) -> None:
    kinds = {"weights only": "keras-h5-weights", "weights only (.weights.h5)": "keras-weights"}
    kinds |= dict.fromkeys(_WHOLE_MODELS, "keras-h5") | dict.fromkeys(_ARCHIVES, "keras-archive")
    document = read(line).document
    assert document.format == kinds[line.kind]
    version = re.match(r"keras (\S+)", line.writer)
    assert document.keras_version == (version[1] if version else None)
    backend = re.search(r" / (tensorflow|theano)", line.writer)
    assert document.backend == (backend[1] if backend else None)


@each([line for line in KERAS if line.layers != "-"])
def test_layers_are_counted(line: Line) -> None:
    stated = re.match(r"(\d+)(?: \((\d+) with nested\))?$", line.layers)
    assert stated
    file = read(line)
    assert file.architecture.n_layers == len(file.layers) == int(stated[1])
    if line in MODELS:
        assert len(list(every(file.layers))) == int(stated[2] or stated[1])


@each(MODELS)
def test_classes_are_those_declared(line: Line) -> None:
    """The catalogue counts classes: "Conv2Dx3, Dense"; a wrapped one as "Wrapper>Class"."""
    stated = _stated_classes(line.notable)
    met = Counter(_classes(read(line).layers))
    assert stated
    assert met == stated


def _stated_classes(notable: str) -> Counter[str]:
    """The last part of the notes that is nothing but class names with counts."""
    for part in reversed(notable.split("; ")):
        words = part.split(", ")
        matches = [re.fullmatch(r"([A-Z][A-Za-z0-9>]*?)(?:x(\d+))?", word) for word in words]
        if all(matches):
            return Counter({match[1]: int(match[2] or 1) for match in matches if match})
    return Counter()


def _classes(layers: Any, wrapper: str = "") -> list[str]:
    found = []
    for layer in layers:
        found.append(f"{wrapper}{layer.class_name}")
        inside = f"{layer.class_name}>" if _is_wrapper(layer) else ""
        found += _classes(layer.layers, inside)
    return found


def _is_wrapper(layer: Layer) -> bool:
    return layer.class_name in ("TimeDistributed", "Bidirectional")


@each([line for line in MODELS if "(" in line.optimizer])
def test_the_optimizer_is_named(line: Line) -> None:
    stated = re.search(r"\((.+)\)", line.optimizer)
    training = read(line).architecture.training
    assert stated
    assert training is not None
    assert training.optimizer_class == stated[1]
    assert (training.n_variables > 0) == line.optimizer.startswith("yes")


@each([line for line in KERAS if line.optimizer == "no"])
def test_files_without_optimizer_state_have_none(line: Line) -> None:
    training = read(line).architecture.training
    assert training is None or training.n_variables == 0


@each([line for line in MODELS if "; in [" in line.notable])
def test_the_input_shape_is_stated(line: Line) -> None:
    stated = re.search(r"; in (\[.*?\])", line.notable)
    assert stated
    shape = tuple(json.loads(stated[1].replace("?", "null")))
    file = read(line)
    first = file.layers[0]
    if first.class_name == "InputLayer":
        assert shape in [x.output_shape for x in file.layers if x.class_name == "InputLayer"]
    else:  # old Sequential models state it in their first layer, as its input
        assert first.output_shape is not None or first.has_code


@each([line for line in KERAS if line.n_datasets is not None])
def test_every_dataset_is_accounted_for(line: Line) -> None:
    """Weights of layers and optimizer state are all the file holds."""
    file = read(line)
    training = file.architecture.training
    n_state = training.n_variables if training else 0
    n_other = _count_datasets(line.path, ("metrics", "compile_metrics"), "seed_generator")
    assert len(weights_of(file.layers)) + n_state + n_other == line.n_datasets


# ------------------------------------------- against the file, read independently


@each(KERAS)
def test_parameters_are_the_numbers_stored(line: Line) -> None:
    """Every number under the weights' group, optimizer and seeds left out."""
    file = read(line)
    stored = _stored_weights(line.path)
    assert {weight.path: weight.shape for weight in weights_of(file.layers)} == stored
    total = sum(math.prod(shape) for shape in stored.values())
    parameters = file.architecture.parameters
    assert parameters.total == total
    assert parameters.trainable + parameters.non_trainable == total
    assert sum(layer.n_parameters for layer in file.layers) == total


@each(MODELS)
def test_what_is_not_trained_follows_from_names_and_flags(line: Line) -> None:
    """Moving statistics, integers and weights of layers declared not trainable."""
    file = read(line)
    fixed = 0
    for layer in every(file.layers):
        for weight in layer.weights:
            is_fixed = "moving_" in weight.name or "running_" in weight.name
            is_fixed = is_fixed or not weight.dtype.startswith("float") or layer.trainable is False
            fixed += math.prod(weight.shape or ()) if is_fixed else 0
    assert file.architecture.parameters.non_trainable == fixed


@each(KERAS)
def test_the_layers_order_is_the_files(line: Line) -> None:
    """Names as the configuration, or the list of layers, gives them."""
    config = _config(line.path)
    if config is None:
        return
    inner = config["config"]
    entries = inner if isinstance(inner, list) else inner["layers"]
    names = [entry.get("name") or entry["config"]["name"] for entry in entries]
    assert [layer.name for layer in read(line).layers] == names


@each(KERAS)
def test_connections_name_layers(line: Line) -> None:
    """Inputs exist, and only inputs of the network have none."""
    file = read(line)
    names = {layer.name for layer in file.layers}
    for i, layer in enumerate(file.layers):
        assert set(layer.inputs) <= names
        if layer.class_name not in (None, "InputLayer") and i:
            assert layer.inputs


@each(KERAS)
def test_good_files_have_no_warnings(line: Line) -> None:
    file = read(line)
    assert not [problem for problem in file.document.problems if problem.severity == "warning"]
    assert not [problem for problem in file.architecture.problems if problem.severity == "warning"]


@each(KERAS)
def test_axes_have_one_name_each(line: Line) -> None:
    for weight in weights_of(read(line).layers):
        assert weight.axes == () or len(weight.axes) == len(weight.shape or ())


def test_code_is_found_where_the_catalogue_says() -> None:
    met = {line.path.name for line in MODELS for code in read(line).architecture.code
           if code.kind == "lambda"}  # fmt: skip
    stated = {line.path.name for line in MODELS if "Lambda" in _stated_classes(line.notable)}
    assert met == stated


# ----------------------------------------------------------------- other files


TABLES = ("TF checkpoint V2 index", "TF checkpoint V1 (single table)")
DATA = [line for line in OTHERS if line.kind.startswith("HDF5") or line.path.name == _NO_KERAS]
MEMBERS = [line for line in OTHERS if document_path(str(line.path)) != str(line.path)]
CHECKPOINTS = [line for line in OTHERS if line.kind in TABLES and line not in MEMBERS]
FOREIGN = [line for line in OTHERS if line not in DATA + CHECKPOINTS + MEMBERS]


@each(DATA)
def test_other_hdf5_files_open_as_such(line: Line) -> None:
    file = decoded(line.path)
    assert file.document.format == "hdf5"
    assert not file.document.has_architecture


@each(CHECKPOINTS)
def test_checkpoints_open_or_are_called_by_their_name(line: Line) -> None:
    try:
        met = decoded(line.path).document.format
    except CannotOpen as refused:
        met = refused.message
    assert met == "tf-checkpoint" or "TensorFlow checkpoint" in met


@each(MEMBERS)
def test_files_of_checkpoints_open_their_index(line: Line) -> None:
    """And what `h5v info` says of them is what it says of the index."""
    file = decoded(line.path)
    assert file.document.format == "tf-checkpoint"
    assert file.document.path == document_path(str(line.path))
    assert file.layers


def test_all_members_of_checkpoints_are_met() -> None:
    assert len(MEMBERS) == 21


@each(FOREIGN)
def test_other_files_are_refused_in_a_sentence(line: Line) -> None:
    with pytest.raises(CannotOpen) as refused:
        decoded(line.path)
    message = refused.value.message
    assert line.path.name in message
    assert message.endswith(".")
    looks = {
        "Git LFS pointer (text)": "Git LFS pointer",
        "HTML/XML text": "web page",
        "zip (PyTorch)": "PyTorch",
    }
    assert looks.get(line.kind, "") in message


# ---------------------------------------------------------------- what programs get


@each(LINES)
def test_the_json_has_the_documented_shape(line: Line) -> None:
    try:
        file = read(line) if line.is_keras else decoded(line.path)
    except H5ViewerError as error:
        checked_refusal(summary.to_json(summary.refusal(error)))
        return
    surveyed, _ = opened(
        line.path, lambda container: run(survey_nodes(SurveyNodes(document=""), container))
    )
    architecture = file.architecture if file.document.has_architecture else None
    answer = summary.summarize(file.document, file.layers, architecture, surveyed.problems)
    checked = checked_answer(summary.to_json(answer))
    assert checked.file.bytes == Path(document_path(str(line.path))).stat().st_size
    assert (checked.architecture is not None) == line.is_keras


# -------------------------------------------------------------- independent eyes


def _weights_file(path: Path) -> tuple[h5py.File, tuple[bytes, ...]]:
    """The HDF5 file with the weights and the path that it has inside the document."""
    if zipfile.is_zipfile(path):
        inner = zipfile.ZipFile(path).read("model.weights.h5")
        return h5py.File(io.BytesIO(inner), "r"), (b"model.weights.h5",)
    return h5py.File(path, "r"), ()


def _stored_weights(path: Path) -> dict[tuple[bytes, ...], tuple[int, ...]]:
    file, prefix = _weights_file(path)
    found: dict[tuple[bytes, ...], tuple[int, ...]] = {}

    def visit(name: str, node: object) -> None:
        parts = name.split("/")
        is_state = parts[0] in ("optimizer_weights", "optimizer", "metrics", "compile_metrics")
        if isinstance(node, h5py.Dataset) and not is_state and "seed_generator" not in parts:
            found[(*prefix, *(part.encode() for part in parts))] = node.shape

    with file:
        file.visititems(visit)
    return found


def _count_datasets(path: Path, tops: tuple[str, ...], anywhere: str) -> int:
    file, _ = _weights_file(path)
    names: list[list[str]] = []

    def visit(name: str, node: object) -> None:
        if isinstance(node, h5py.Dataset):
            names.append(name.split("/"))

    with file:
        file.visititems(visit)
    return sum(parts[0] in tops or anywhere in parts for parts in names)


def _config(path: Path) -> Any:
    if zipfile.is_zipfile(path):
        return json.loads(zipfile.ZipFile(path).read("config.json"))
    with h5py.File(path, "r") as file:
        text = file.attrs.get("model_config")
    return None if text is None else json.loads(text)


def test_independent_eyes_see_datasets() -> None:
    """The reader above is no empty one."""
    assert sum(len(_stored_weights(line.path)) for line in KERAS) > 2000
