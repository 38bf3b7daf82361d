"""All weights of a file as NumPy's `.npz`, as safetensors or as plain HDF5, bit for bit.

What a weight is called in the new file is safe and unique; an index there says what it is
called in the document and where it stands.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from fnmatch import fnmatchcase
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from h5viewer.documents.document import find_places, lists_weights
from h5viewer.documents.new_network import NewWeight
from h5viewer.documents.safe_names import SafeNames
from h5viewer.documents.saved_state import NOT_WEIGHTS
from h5viewer.documents.stored import datasets_below, group_at
from h5viewer.documents.weight_rows import ListedWeight, joined_names, listed_weights
from h5viewer.errors import CannotRead, CannotWrite
from h5viewer.formats.boxes import whole
from h5viewer.formats.checked_writing import CheckedWriting
from h5viewer.formats.consecutive import consecutive
from h5viewer.formats.container import Container, StoredArray
from h5viewer.formats.hdf5_new import NewHdf5
from h5viewer.formats.npy_writing import as_bytes, npy_header
from h5viewer.formats.safetensors_writing import (
    LONGEST_HEADER,
    NAMES,
    Tensor,
    safetensors_header,
)
from h5viewer.formats.scratch import Scratch
from h5viewer.formats.zip_writing import ZipWriting
from h5viewer.names import NodePath, path_text, plain, visible
from h5viewer.nodes import Dataset, Exported, ExportPart, ExportPlan, Shape
from h5viewer.operations import Operation
from h5viewer.operations.cuts import named, refuse_unfolding
from h5viewer.operations.kept_training import has_state
from h5viewer.operations.network_writing import Item, Writing, write_arrays
from h5viewer.operations.stored_values import StoredValues
from h5viewer.requests import Progress, SaveWeights
from h5viewer.wording import names_text, plural

Kind = Literal["npz", "safetensors", "h5"]
_ENDINGS: dict[Kind, tuple[str, ...]] = {
    "npz": (".npz",), "safetensors": (".safetensors",), "h5": (".h5", ".hdf5"),
}  # fmt: skip
INDEX = "index.json"
_ENTRY = 300  # bytes that a zip archive or a header needs of each weight, about


class NamedWeight(msgspec.Struct, frozen=True):
    """One weight on its way."""

    safe: str
    layer: str
    name: str
    path: NodePath
    shape: Shape
    dtype: str  # NumPy's name, or "bfloat16"
    stored: np.dtype[Any]  # of an element in the new file

    @property
    def n_bytes(self) -> int:
        """Of its elements in the new file."""
        n_elements = 1
        for length in self.shape:
            n_elements *= length
        return n_elements * self.stored.itemsize


def plan_save_weights(request: SaveWeights, container: Container) -> Operation[ExportPlan]:
    """What would go in.

    Raises:
        CannotRead, CannotWrite: as `save_weights`.
    """
    weights, notes = yield from _chosen(request, container)
    size = sum(weight.n_bytes + _ENTRY for weight in weights)
    return ExportPlan(
        kept=(ExportPart(name="weights", n_bytes=size, n_items=len(weights)),),
        left_out=tuple(_left_out(request, container)),
        bytes_before=container.source.size_with_companions,
        bytes_after=size,
        is_estimate=True,
        notes=notes,
    )


def _left_out(request: SaveWeights, container: Container) -> Iterator[ExportPart]:
    places = find_places(container)
    if request.layers:
        yield ExportPart(name="weights of other layers", n_bytes=0)
    if places.format in ("keras-h5", "keras-archive"):
        yield ExportPart(name="architecture", n_bytes=0)
    if not request.with_state and has_state(container):
        yield ExportPart(name="optimizer state", n_bytes=0)


def save_weights(
    request: SaveWeights, container: Container, scratch: Scratch
) -> Operation[Exported]:
    """Write, read back, compare.

    Raises:
        CannotRead: no weights, or one that is damaged or that the format cannot hold.
        CannotWrite: the disk refuses, or what was read back is not what was written.
    """
    weights, notes = yield from _chosen(request, container)
    write = {"npz": _write_npz, "safetensors": _write_safetensors, "h5": _write_hdf5}
    yield from write[_kind_of(request.target)](weights, container, scratch, request.target)
    container.source.check_unchanged()
    return Exported(
        bytes_before=container.source.size_with_companions,
        bytes_after=scratch.size,
        n_weights=len(weights),
        n_identical=len(weights),
        notes=notes,
    )


def _kind_of(target: str) -> Kind:
    for kind, endings in _ENDINGS.items():
        if target.lower().endswith(endings):
            return kind
    raise CannotWrite(
        f"{target} does not say how the weights are to be written.",
        hint="Choose a name that ends in .npz, .safetensors or .h5.",
    )


# -------------------------------------------------------------------- which weights


def _chosen(
    request: SaveWeights, container: Container
) -> Generator[Progress, None, tuple[list[NamedWeight], tuple[str, ...]]]:
    kind = _kind_of(request.target)
    names = SafeNames(INDEX)
    weights: list[NamedWeight] = []
    met: set[NodePath] = set()
    left_out: list[str] = []
    is_named = lists_weights(container, find_places(container))
    for listed in _every_weight(container, with_state=request.with_state):
        if listed is None or not _is_wanted(listed, request.layers):
            yield Progress(done=len(weights), unit="weights")
            continue
        facts = container.array(listed.path).facts
        if facts.same_as in met or listed.path in met:
            continue
        met.add(listed.path)
        if not facts.dtype.is_numeric or facts.shape is None:
            left_out.append(named(facts))
            continue
        refuse_unfolding(facts)
        if is_named:  # PyTorch looks for "conv1.weight", which is conv1's weight in a table
            layer, _, name = joined_names(listed.path).rpartition("/")
            listed = ListedWeight(layer, name, listed.path)
        true_name = _joined(listed.layer, listed.name)
        dtype = _dtype_name(container.array(listed.path))
        _refuse_dtype(dtype, facts, kind)
        weights.append(
            NamedWeight(
                names.new(true_name), listed.layer, listed.name, listed.path, facts.shape, dtype,
                _stored_dtype(dtype, kind),
            )
        )  # fmt: skip
    if not weights:
        raise _no_weights(request, container)
    return weights, tuple(_notes(weights, left_out, kind))


def _every_weight(container: Container, *, with_state: bool) -> Iterator[ListedWeight | None]:
    """The weights of all layers, then what else the file keeps among them."""
    met: set[NodePath] = set()
    for listed in listed_weights(container, with_state=with_state):
        if listed is not None:
            met.add(listed.path)
        yield listed
    places = find_places(container)
    if not places.has_network or group_at(container, places.weights) is None:
        return
    n_outside = len(places.weights)
    for dataset in datasets_below(container, places.weights):
        path, inside = dataset.path, dataset.path[n_outside:]
        is_state = path[: len(places.optimizer)] == places.optimizer
        is_other = places.is_numbered and plain(inside[0]) in NOT_WEIGHTS
        if path not in met and not is_state and not is_other and dataset.dtype.is_numeric:
            layer, _, name = joined_names(inside).rpartition("/")
            yield ListedWeight(layer, name, path)


def _is_wanted(listed: ListedWeight, patterns: tuple[str, ...]) -> bool:
    """True where a pattern matches the layer's name, with or without the models around it.

    Or where it matches the weight's own name behind the layer's: "conv1/kernel".
    """
    layer = listed.layer
    names = {layer, layer.rpartition("/")[2], _joined(layer, listed.name)}
    return not patterns or any(fnmatchcase(name, pattern) for name in names for pattern in patterns)


def _joined(layer: str, name: str) -> str:
    return f"{layer}/{name}" if layer else name


def _no_weights(request: SaveWeights, container: Container) -> CannotRead:
    name = container.source.name
    if request.layers:
        asked = names_text([visible(pattern, 60) for pattern in request.layers])
        return CannotRead(
            f"{name} has no layer with weights that is called {asked}.",
            hint="The Architecture view lists its layers.",
        )
    return CannotRead(f"{name} holds no weights that could be saved.")


def _dtype_name(array: StoredArray) -> str:
    """NumPy's name of the elements as they are read, without reading any."""
    if array.facts.dtype.kind == "bfloat16":
        return "bfloat16"
    nothing = tuple(slice(0, 0) for _ in array.facts.shape or ())
    return str(array.read(nothing).dtype)


def _refuse_dtype(dtype: str, facts: Dataset, kind: Kind) -> None:
    if kind == "safetensors" and dtype not in NAMES:
        raise CannotRead(
            f"{named(facts)} is {facts.dtype.text}, which safetensors files cannot hold.",
            hint="Choose a name that ends in .npz.",
        )


def _stored_dtype(dtype: str, kind: Kind) -> np.dtype[Any]:
    if dtype == "bfloat16":
        return np.dtype("<f4" if kind == "npz" else "<u2")
    return np.dtype(dtype).newbyteorder("<")


def _notes(weights: list[NamedWeight], left_out: list[str], kind: Kind) -> Iterator[str]:
    if kind == "npz" and any(weight.dtype == "bfloat16" for weight in weights):
        yield "NumPy has no bfloat16: such weights are stored as float32, which holds them exactly."
    if left_out:
        yield f"Left out, as they are no numbers: {names_text(left_out, 5)}."
    renamed = sum(weight.safe != _true_name(weight) for weight in weights)
    if renamed:
        be = "has a name" if renamed == 1 else "have names"
        yield (
            f"{plural(renamed, 'weight')} {be} that not every program can use; the index in the "
            "file says what they are called."
        )


def _true_name(weight: NamedWeight) -> str:
    return _joined(weight.layer, weight.name)


# --------------------------------------------------------------------------- writing


def _pieces(weight: NamedWeight, container: Container) -> Iterator[memoryview]:
    array = container.array(weight.path)
    for values in consecutive(array, whole(weight.shape)):
        yield as_bytes(_exact(values, weight), weight.stored)


def _exact(values: NDArray[Any], weight: NamedWeight) -> NDArray[Any]:
    """bfloat16 is read as float32; where it is kept, its two bytes are the upper ones."""
    if weight.dtype != "bfloat16" or weight.stored.kind == "f":
        return values
    return (values.astype(np.float32, copy=False).view(np.uint32) >> np.uint32(16)).astype("<u2")


def _index(weights: list[NamedWeight]) -> str:
    """True names by safe ones, as JSON."""
    found = {
        weight.safe: {
            "layer": plain(weight.layer),
            "name": plain(weight.name),
            "path": path_text(weight.path),
            "dtype": weight.dtype,
        }
        for weight in weights
    }
    return json.dumps(found, ensure_ascii=False)


def _write_npz(
    weights: list[NamedWeight], container: Container, scratch: Scratch, name: str
) -> Operation[None]:
    total, done = 2 * sum(weight.n_bytes for weight in weights), 0
    writing = ZipWriting(scratch, name)
    for weight in weights:
        header = npy_header(weight.stored, weight.shape)
        pieces = _after(header, _pieces(weight, container))
        for n_bytes in writing.add(f"{weight.safe}.npy", weight.n_bytes, pieces):
            done += n_bytes
            yield Progress(done=done, total=total, unit="bytes", text="Writing…")
    index = _index(weights).encode("utf-8", "backslashreplace")
    for _ in writing.add(INDEX, len(index), iter([index])):
        yield Progress(done=done, total=total, unit="bytes", text="Writing…")
    writing.close()
    for n_bytes in writing.read_back():
        done += n_bytes
        yield Progress(done=done, total=total, unit="bytes", text="Reading back…")


def _after(header: bytes, pieces: Iterator[memoryview]) -> Iterator[bytes | memoryview]:
    yield header
    yield from pieces


def _write_safetensors(
    weights: list[NamedWeight], container: Container, scratch: Scratch, name: str
) -> Operation[None]:
    weights = sorted(weights, key=lambda weight: -weight.stored.itemsize)  # so that all are aligned
    tensors = [
        Tensor(weight.safe, weight.dtype, weight.shape, weight.n_bytes) for weight in weights
    ]
    header = safetensors_header(tensors, {"names": _index(weights)})
    if len(header) > LONGEST_HEADER:
        raise CannotWrite(
            f"{name} was not saved: safetensors files cannot list so many weights.",
            hint="Choose a name that ends in .npz.",
        )
    total, done = 2 * sum(tensor.n_bytes for tensor in tensors), 0
    writing = CheckedWriting(scratch, name)
    writing.write(header)
    for weight in weights:
        writing.end_part()
        for piece in _pieces(weight, container):
            writing.write(piece)
            done += len(piece)
            yield Progress(done=done, total=total, unit="bytes", text="Writing…")
    for n_bytes in writing.read_back():
        done += n_bytes
        yield Progress(done=done, total=total, unit="bytes", text="Reading back…")


def _write_hdf5(
    weights: list[NamedWeight], container: Container, scratch: Scratch, name: str
) -> Operation[None]:
    """Groups by layers; the index is an attribute of the root."""
    items = [
        Item(path, _new_weight(weight, container), weight.dtype)
        for path, weight in zip(_free_paths(weights), weights, strict=True)
    ]

    def outline(file: NewHdf5) -> Iterator[None]:
        file.text("", "names", _index(weights))
        yield

    scratch.truncate(0)
    work = Writing(name, 2 * sum(item.n_bytes for item in items))
    yield from write_arrays(items, outline, scratch, work)


def _new_weight(weight: NamedWeight, container: Container) -> NewWeight:
    values = StoredValues(container, weight.path, weight.shape, weight.dtype)
    return NewWeight(weight.name, weight.shape, weight.dtype, True, values, "")


def _free_paths(weights: list[NamedWeight]) -> Iterator[str]:
    """Safe names; one that is also a group for others stands inside it."""
    names = {weight.safe for weight in weights}
    groups = {"/".join(parts[:n]) for parts in (name.split("/") for name in names)
              for n in range(1, len(parts))}  # fmt: skip
    for weight in weights:
        path = weight.safe
        while path in groups or (path != weight.safe and path in names):
            path += "/value"
        yield path
