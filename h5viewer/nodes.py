"""What a document holds, as plain frozen values.

The window and the terminal show these; workers make them. Every value is a msgspec
struct with a tag, so it crosses a pipe typed and validated. Sizes that can exceed
64 bits (a shape declared by a stranger) are computed, never sent.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

import msgspec

from h5viewer.names import NodePath

if TYPE_CHECKING:  # the window opens 0.1 s earlier without numpy
    import numpy as np
    from numpy.typing import NDArray

Format = Literal[
    "hdf5", "keras-h5", "keras-h5-weights", "keras-archive", "keras-weights", "tf-checkpoint"
]
Severity = Literal["note", "warning"]
Shape = tuple[int, ...]
OutputShape = tuple[int | tuple[int | None, ...] | None, ...]
"""A shape with the batch axis as None; of several outputs: one shape each."""


class Value(msgspec.Struct, frozen=True, tag=True, kw_only=True, gc=False):
    """Base of everything sent from a worker.

    gc=False: values hold no cycles, and with 100,000 layers in the window the collector
    would otherwise stop it for 80 ms at a time (measured) to find that out.
    """


# ------------------------------------------------------------------ documents


class Problem(Value, frozen=True, kw_only=True):
    """Something in the file that cannot be understood, and where."""

    where: str  # a layer name, a path, an entry; "" for the file itself
    message: str
    severity: Severity = "warning"


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
    problems: tuple[Problem, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of the file, and of those that belong to it."""
        return self.identity.size + self.data_bytes


# ---------------------------------------------------------------------- nodes


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


# ----------------------------------------------------------------- attributes


class Attribute(Value, frozen=True, kw_only=True):
    """One attribute with an excerpt of its value."""

    name: bytes
    dtype: DType
    shape: Shape | None
    n_bytes: int  # stored size of the value
    text: str  # excerpt, or the reason why there is none
    is_complete: bool  # False: `text` is an excerpt or a reason


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


# --------------------------------------------------------------------- values

_ITEM_BYTES = {
    "bool": 1, "int8": 1, "int16": 2, "int32": 4, "int64": 8,
    "uint8": 1, "uint16": 2, "uint32": 4, "uint64": 8,
    "float16": 2, "float32": 4, "float64": 8, "complex64": 8, "complex128": 16,
}  # fmt: skip


class Array(Value, frozen=True, kw_only=True):
    """Numbers on their way through a pipe: little-endian, C order."""

    dtype: Literal[
        "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
        "float16", "float32", "float64", "complex64", "complex128",
    ]  # fmt: skip
    shape: Shape
    data: bytes

    def __post_init__(self) -> None:
        """Refuse a length that does not fit: the sender may have parsed a hostile file."""
        if math.prod(self.shape) * _ITEM_BYTES[self.dtype] != len(self.data):
            raise ValueError("array data does not fit its shape")

    @classmethod
    def of(cls, values: NDArray[np.generic]) -> Array:
        """Pack an array of any byte order."""
        import numpy as np

        packed = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
        # ascontiguousarray makes scalars 1-D
        return cls(dtype=values.dtype.name, shape=values.shape, data=packed.tobytes())  # type: ignore[arg-type]

    @property
    def values(self) -> NDArray[np.generic]:
        """The numbers, read-only, without a copy."""
        import numpy as np

        dtype = np.dtype(self.dtype).newbyteorder("<")
        return np.frombuffer(self.data, dtype).reshape(self.shape)


class Plane(Value, frozen=True, kw_only=True):
    """A picture of a 2-D cut: pixel (i, j) stands for a block of `step` elements.

    A block is shown by its element farthest from the centre of the data (zero for signed
    data), so a single extreme or NaN never disappears in an overview.
    """

    values: Array  # (rows, columns)
    row_start: int  # element coordinates of pixel (0, 0)
    column_start: int
    row_step: int  # elements a pixel
    column_step: int
    n_rows: int  # elements covered
    n_columns: int
    is_sharp: bool  # False: sampled, a better one follows


class Line(Value, frozen=True, kw_only=True):
    """A 1-D cut: every bin of `step` elements by its lowest and highest element."""

    low: Array  # (bins,)
    high: Array  # (bins,)
    start: int
    step: int
    n_elements: int
    is_sharp: bool


class Cells(Value, frozen=True, kw_only=True):
    """A page of values as text: numbers in their shortest exact form."""

    row_start: int
    column_start: int
    n_rows: int  # of the whole cut
    n_columns: int
    headings: tuple[str, ...] = ()  # field names of a compound, else empty
    text: tuple[tuple[str, ...], ...]


class Statistics(Value, frozen=True, kw_only=True):
    """Of the elements read so far; min … std over finite values (NaN when there is none)."""

    count: int
    total: int  # elements of the whole cut
    minimum: float
    maximum: float
    mean: float
    std: float  # population standard deviation
    n_nan: int
    n_positive_infinity: int
    n_negative_infinity: int
    n_zero: int
    n_denormal: int
    bin_edges: tuple[float, ...]  # n + 1
    bin_counts: tuple[int, ...]  # n
    is_complete: bool = True


# --------------------------------------------------------------- architecture


class Weight(Value, frozen=True, kw_only=True):
    """One stored (or promised) weight of a layer."""

    name: str
    path: NodePath | None  # None: the layer names it, the file lacks it
    shape: Shape | None
    dtype: str
    axes: tuple[str, ...] = ()  # "kernel height", "kernel width", "in", "out"; () unknown
    trainable: bool | None = None
    problem: str = ""

    @property
    def n_parameters(self) -> int:
        """Elements stored in the file; 0 for a missing weight."""
        return 0 if self.path is None or self.shape is None else math.prod(self.shape)


class Layer(Value, frozen=True, kw_only=True):
    """A declared layer, or (weights-only files) a group of weights: `class_name` None."""

    name: str
    class_name: str | None
    key: tuple[int, ...]  # position in the architecture: (3,) or nested (3, 1)
    n_parameters: int = 0  # stored; of a nested model: of all its layers
    trainable: bool | None = None
    inputs: tuple[str, ...] = ()
    output_shape: OutputShape | None = None
    weights: tuple[Weight, ...] = ()
    layers: tuple[Layer, ...] = ()
    has_code: bool = False  # contains Python code, not executed
    problem: str = ""  # a sentence; shown beside the layer


class Layers(Value, frozen=True, kw_only=True):
    """Part of an architecture's top-level layers, in order."""

    layers: tuple[Layer, ...]


class ParameterCount(Value, frozen=True, kw_only=True):
    """As `model.summary()` totals them, from the stored weights; shared ones count once."""

    total: int = 0
    trainable: int = 0
    non_trainable: int = 0


class Code(Value, frozen=True, kw_only=True):
    """Python code or references found in the configuration: shown, never run."""

    layer: str
    kind: str  # "lambda", "function", "module"
    names: tuple[str, ...] = ()


class Training(Value, frozen=True, kw_only=True):
    """What `training_config` / `compile_config` and the optimizer group say."""

    loss: str  # JSON
    metrics: str  # JSON
    optimizer_class: str | None
    optimizer_config: str  # JSON; "" when there is no optimizer
    n_variables: int = 0
    state_bytes: int = 0


class Architecture(Value, frozen=True, kw_only=True):
    """What follows the last `Layers` part."""

    class_name: str | None
    name: str | None
    n_layers: int
    parameters: ParameterCount
    training: Training | None = None
    code: tuple[Code, ...] = ()
    problems: tuple[Problem, ...] = ()
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()


class LayerDetails(Value, frozen=True, kw_only=True):
    """One layer's configuration as it stands in the file."""

    key: tuple[int, ...]
    config: Text


Part = Names | Nodes | Paths | Layers | Plane | Line | Statistics
"""What an operation may deliver before it ends."""

Result = (
    Document
    | Nodes
    | Listed
    | Attributes
    | Text
    | Plane
    | Line
    | Cells
    | Statistics
    | Architecture
    | LayerDetails
)
"""What an operation may end with."""
