"""What stands in a file: the document itself, its tree, attributes, texts."""

from __future__ import annotations

import math
from typing import Literal

from h5viewer.names import NodePath
from h5viewer.nodes.base import Problem, Shape, Value

Format = Literal[
    "hdf5",
    "keras-h5",
    "keras-h5-weights",
    "keras-archive",
    "keras-weights",
    "tf-checkpoint",
    "tf-graph",
]


class Identity(Value, frozen=True, kw_only=True):
    """Which bytes were read; differs as soon as the file is replaced or rewritten."""

    device: int
    inode: int
    size: int
    mtime_ns: int


class Document(Value, frozen=True, kw_only=True):
    """One opened file."""

    path: str  # absolute
    format: Format
    identity: Identity
    root: Group
    data_bytes: int = 0  # of the files beside it that belong to it: a checkpoint's values
    keras_version: str | None = None
    backend: str | None = None
    title: str = ""  # one line: "Keras 2.4.0 model (HDF5)"
    has_architecture: bool = False  # worth asking DecodeArchitecture
    lists_weights: bool = False  # so is this: of no network, but named as its weights are
    problems: tuple[Problem, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of the file, and of those that belong to it."""
        return self.identity.size + self.data_bytes

    @property
    def holds_weights(self) -> bool:
        """Whether its datasets are those of a network, which it describes or not."""
        return self.format != "hdf5" or self.lists_weights


class DType(Value, frozen=True, kw_only=True):
    """An element type: `kind` decides how it is shown, `text` is what the user reads."""

    kind: Literal[
        "bool", "int", "uint", "float", "complex", "string", "enum", "compound", "array",
        "vlen", "opaque", "reference", "bfloat16", "time", "unreadable",
    ]  # fmt: skip
    text: str  # "float32", "big-endian float64", "string (variable length)", ...
    itemsize: int = 0  # bytes; 0 when unknown

    @property
    def is_numeric(self) -> bool:
        """True when values can be drawn: real numbers, or complex ones by magnitude."""
        return self.kind in ("bool", "int", "uint", "float", "complex", "enum", "bfloat16")


class Filter(Value, frozen=True, kw_only=True):
    """One step of a dataset's filter pipeline."""

    id: int
    name: str  # "gzip 4", "shuffle", "LZ4 (filter 32004)"
    available: bool


class Obstacle(Value, frozen=True, kw_only=True):
    """Why values are not read by themselves."""

    reason: str  # a sentence for the user
    can_insist: bool  # True: reading on the user's word is possible within the limits


class Group(Value, frozen=True, kw_only=True):
    """A group, or the top level of a document."""

    path: NodePath
    n_children: int | None = None  # None: not counted
    n_attributes: int = 0
    same_as: NodePath | None = None  # another path to the same object, met before


class Dataset(Value, frozen=True, kw_only=True):
    """A dataset or stored tensor."""

    path: NodePath
    dtype: DType
    shape: Shape | None  # None: null dataspace; (): scalar
    max_shape: tuple[int | None, ...] | None = None
    layout: Literal["contiguous", "chunked", "compact", "virtual", "external", "other"] = "other"
    chunks: Shape | None = None
    filters: tuple[Filter, ...] = ()
    stored_bytes: int = 0
    sources: tuple[str, ...] = ()  # virtual and external storage: where the data would be
    n_attributes: int = 0
    obstacle: Obstacle | None = None
    same_as: NodePath | None = None
    is_column: bool = False  # of the table that is at its path without the last name

    @property
    def n_elements(self) -> int:
        """Exact, whatever the file declares."""
        return 0 if self.shape is None else math.prod(self.shape)

    @property
    def declared_bytes(self) -> int:
        """Elements times element size, exact."""
        return self.n_elements * self.dtype.itemsize


class Link(Value, frozen=True, kw_only=True):
    """A link that is shown, never followed."""

    path: NodePath
    kind: Literal["soft", "external", "user-defined"]
    target: str  # path inside the file it names
    file: str | None = None  # external links
    broken: bool = False  # soft links: the target is not in this file, or loops


class NamedType(Value, frozen=True, kw_only=True):
    """A committed datatype."""

    path: NodePath
    dtype: DType
    n_attributes: int = 0


class Entry(Value, frozen=True, kw_only=True):
    """A member of an archive that is no group: text, JSON, a picture, a symbolic link."""

    path: NodePath
    n_bytes: int  # declared, uncompressed
    stored_bytes: int
    kind: Literal["text", "json", "binary", "link", "folder"]
    note: str = ""  # "a path that leaves the archive", "listed twice"


class Unreadable(Value, frozen=True, kw_only=True):
    """An object whose header cannot be read."""

    path: NodePath
    reason: str


Node = Group | Dataset | Link | NamedType | Entry | Unreadable


class Names(Value, frozen=True, kw_only=True):
    """Part of a group's children, in natural order (item 2 before item 10)."""

    names: tuple[bytes, ...]


class Nodes(Value, frozen=True, kw_only=True):
    """Facts about the nodes asked for, in the order asked."""

    nodes: tuple[Node, ...]


class Listed(Value, frozen=True, kw_only=True):
    """A listing or search is complete."""

    count: int
    truncated: bool = False
    problems: tuple[Problem, ...] = ()


class Paths(Value, frozen=True, kw_only=True):
    """Part of a search's findings."""

    paths: tuple[NodePath, ...]


class Attribute(Value, frozen=True, kw_only=True):
    """One attribute with an excerpt of its value."""

    name: bytes
    dtype: DType
    shape: Shape | None
    n_bytes: int  # stored size of the value
    text: str  # excerpt, or the reason why there is none
    is_complete: bool  # False: `text` is an excerpt or a reason
    targets: tuple[NodePath, ...] = ()  # where its references lead, the first few


class Attributes(Value, frozen=True, kw_only=True):
    """A page of a node's attributes."""

    start: int
    total: int
    attributes: tuple[Attribute, ...]


class Text(Value, frozen=True, kw_only=True):
    """A text in full or up to the limit asked for."""

    text: str
    total: int  # characters or bytes of the whole
    is_complete: bool
    language: Literal["plain", "json"] = "plain"
