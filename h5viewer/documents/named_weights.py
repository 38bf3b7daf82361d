"""Weights that a program keeps under names of its own: "conv1.weight", "layer_0/W".

So are state dicts of PyTorch written to HDF5, and dictionaries of NumPy arrays. No list says
what belongs together: names do. A file counts as such where most names are those of weights
and shapes agree that they are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from h5viewer.documents.assignment import Assignment, with_roles
from h5viewer.documents.roles import SPATIAL, Role
from h5viewer.documents.rows import Rows
from h5viewer.documents.stored import StoredWeight, group_at, stored_weight
from h5viewer.documents.stored_names import without_output
from h5viewer.formats.container import Container
from h5viewer.names import NodePath, n_shared, plain
from h5viewer.nodes import Dataset, Layer, Shape

_MOST_LISTED = 5_000  # names of one group; a root of 200,000 takes 0.2 s
_MOST_LOOKED_AT = 300  # names that decide
_MOST_WEIGHTS = 50_000
_ENOUGH = 3  # matrices, where none has a bias
_ROLES = re.compile(
    r"weights?|kernels?|bias(es)?|[WwbBU]|gamma|beta|running_(mean|var|std)|embeddings?"
    r"|moving_(mean|variance)|num_batches_tracked|(recurrent|depthwise|pointwise)_kernel"
    r"|(weight|bias)_(ih|hh)(_l\d+(_reverse)?)?|in_proj_(weight|bias)|lora_\w*[abAB]"
)
_MATRICES = re.compile(r"weights?|kernels?|[Ww]|lora_\w*[abAB]")
_BIASES = re.compile(r"bias(es)?|[bB]")
_EMBEDDINGS = re.compile(r"emb|^w[tp]e$")  # of GPT: token and position
_DOT = re.compile(r"(?<=[A-Za-z0-9])\.(?=\w)")  # "layer_._0" is one name of Hugging Face


def holds_named_weights(container: Container) -> bool:
    """True for an HDF5 file whose names and shapes are those of weights."""
    root = group_at(container, ())
    if root is None or root.n_children is None or root.n_children > _MOST_LISTED:
        return False
    paths = list(islice(_names(container), _MOST_LOOKED_AT))
    above = {path[:-1] for path in paths}
    called = [path for path in paths if _ROLES.fullmatch(_parts(path)[-1])]
    others = [path for path in paths if path not in above and path not in set(called)]
    if not called or len(others) > len(called):
        return False
    n_others = sum(isinstance(container.describe(path), Dataset) for path in others)
    return 3 * n_others <= len(called) and _are_weights(container, called)


def rows_of_names(rows: Rows, container: Container) -> Iterator[Layer]:
    """A row for each first part of a name, without what all names begin with."""
    found: list[tuple[list[str], Dataset]] = []
    for path, node in container.walk():
        if isinstance(node, Dataset) and node.same_as is None and node.dtype.is_numeric:
            found.append((_parts(path), node))
            if len(found) == _MOST_WEIGHTS:
                break
    start = n_shared(parts[:-2] for parts, _ in found)
    layers: dict[str, list[StoredWeight]] = {}
    for parts, node in found:
        weights = layers.setdefault(parts[start], [])
        weights.append(stored_weight("/".join(parts[start:]), node))
    are_outputs_first = _Pairs(found).are_outputs_first
    for number, (name, weights) in enumerate(layers.items()):
        named = with_roles(weights, None, name)
        for each in named:
            each.name = each.weight.name.partition("/")[2] or name
            if are_outputs_first:
                each.role = each.role or _by_outputs(each.weight)
        yield rows.extra(name, Assignment(named), (number,))


def _by_outputs(weight: StoredWeight) -> Role | None:
    """The axes of a matrix as PyTorch stores it; those of embeddings are others."""
    shape = weight.shape or ()
    *owner, role = weight.name.split("/")
    if not _MATRICES.fullmatch(role) or not 2 <= len(shape) <= 5 or "lora" in role:
        return None
    if len(shape) == 2 and any(_EMBEDDINGS.search(name.lower()) for name in owner):
        return None
    return Role(role, ("out", "in", *SPATIAL.get(len(shape) - 2, ())), shape)


def _names(container: Container) -> Iterator[NodePath]:
    for paths in container.walk_names():
        yield from paths


def _parts(path: NodePath) -> list[str]:
    """The names on the way to a dataset, and what the dots in its own keep apart."""
    *above, last = (plain(name) for name in path)
    return [*above, *_DOT.split(without_output(last))]


def _are_weights(container: Container, paths: list[NodePath]) -> bool:
    """True where a bias is as long as its matrix has rows or columns, or there are matrices."""
    nodes = ((_parts(path), container.describe(path)) for path in paths)
    pairs = _Pairs((parts, node) for parts, node in nodes if isinstance(node, Dataset))
    return pairs.is_any_fitting or len(pairs.matrices) >= _ENOUGH


class _Pairs:
    """Matrices and biases by what holds them."""

    def __init__(self, nodes: Iterable[tuple[list[str], Dataset]]) -> None:
        self.matrices: dict[tuple[str, ...], Shape] = {}
        lengths: dict[tuple[str, ...], int] = {}
        for (*owner, role), node in nodes:
            shape = node.shape or ()
            if node.dtype.kind not in ("float", "bfloat16"):
                continue
            if _MATRICES.fullmatch(role) and 2 <= len(shape) <= 5:
                self.matrices[tuple(owner)] = shape
            elif _BIASES.fullmatch(role) and shape and math.prod(shape) == max(shape):
                lengths[tuple(owner)] = max(shape)
        self._pairs = [
            (self.matrices[each], n) for each, n in lengths.items() if each in self.matrices
        ]

    @property
    def is_any_fitting(self) -> bool:
        """True where a bias is as long as an axis of its matrix."""
        return any(length in shape for shape, length in self._pairs)

    @property
    def are_outputs_first(self) -> bool:
        """True where biases tell that the first axis of matrices is what they put out."""
        is_told = any(shape[0] == length != shape[1] for shape, length in self._pairs)
        return is_told and all(shape[0] == length for shape, length in self._pairs)
