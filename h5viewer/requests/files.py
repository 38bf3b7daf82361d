"""What can be asked of a file without a framework."""

from __future__ import annotations

import msgspec

from h5viewer.names import NodePath
from h5viewer.requests.base import FileRequest, PairRequest


class OpenDocument(FileRequest, frozen=True, kw_only=True):
    """Recognise the file by its content."""


class ListChildren(FileRequest, frozen=True, kw_only=True):
    """Names of a group's children, in natural order, in parts."""

    node: NodePath = ()


class DescribeNodes(FileRequest, frozen=True, kw_only=True):
    """Facts about these nodes, in parts of the same order."""

    nodes: tuple[NodePath, ...]


class SearchNames(FileRequest, frozen=True, kw_only=True):
    """Paths whose last name contains `text` (case ignored; `*` and `?` as wildcards)."""

    text: str
    limit: int = 10_000


class SurveyNodes(FileRequest, frozen=True, kw_only=True):
    """What is odd about single nodes: links, data of other files, bombs, damage."""

    most_nodes: int = 20_000  # looked at


class ReadAttributes(FileRequest, frozen=True, kw_only=True):
    """A page of a node's attributes."""

    node: NodePath = ()
    start: int = 0
    count: int = 200


class ReadAttributeText(FileRequest, frozen=True, kw_only=True):
    """One attribute's value as text, up to `limit` characters."""

    node: NodePath
    name: bytes
    limit: int = 1_000_000


class ReadEntryText(FileRequest, frozen=True, kw_only=True):
    """An archive entry as text, up to `limit` characters."""

    node: NodePath
    limit: int = 1_000_000


class Cut(msgspec.Struct, frozen=True, kw_only=True):
    """A 1-D or 2-D cut of a dataset.

    `rows` and `columns` are axis numbers (`rows` None: a 1-D cut along `columns`; both
    None: a scalar, or everything for statistics); `index` has one position an axis, those
    of `rows` and `columns` are ignored.
    """

    rows: int | None = None
    columns: int | None = None
    index: tuple[int, ...] = ()


class ReadPlane(FileRequest, frozen=True, kw_only=True):
    """A 2-D cut as a picture of at most `max_rows` x `max_columns` pixels.

    First a sampled picture where the whole takes long, then better ones, the sharp one
    as the result. `region` = (row start, row stop, column start, column stop), None: all.
    """

    node: NodePath
    cut: Cut
    region: tuple[int, int, int, int] | None = None
    max_rows: int = 1024
    max_columns: int = 1024
    insist: bool = False  # the user's word, for datasets with an obstacle


class ReadRow(FileRequest, frozen=True, kw_only=True):
    """All numbers at one position of a dataset's first axis, exactly as they are stored."""

    node: NodePath
    row: int


class ReadLine(FileRequest, frozen=True, kw_only=True):
    """A 1-D cut in at most `max_bins` bins. `region` = (start, stop), None: all."""

    node: NodePath
    cut: Cut
    region: tuple[int, int] | None = None
    max_bins: int = 4096
    insist: bool = False


class ReadCells(FileRequest, frozen=True, kw_only=True):
    """A page of values as text; scalars are 1 x 1, compounds one column a field."""

    node: NodePath
    cut: Cut
    row_start: int = 0
    row_count: int = 100
    column_start: int = 0
    column_count: int = 30
    insist: bool = False


class ReadStatistics(FileRequest, frozen=True, kw_only=True):
    """Statistics and histogram of a cut, or of the whole dataset (`cut` None)."""

    node: NodePath
    cut: Cut | None = None
    n_bins: int = 128
    insist: bool = False


class DecodeArchitecture(FileRequest, frozen=True, kw_only=True):
    """Layers, weights, training state and problems, from the file alone."""

    of_graph: bool = False
    """Of a checkpoint with its graph: operations with their variables, no groups of weights."""


class ReadLayer(FileRequest, frozen=True, kw_only=True):
    """One layer's configuration."""

    key: tuple[int, ...]


class TabulateWeights(FileRequest, frozen=True, kw_only=True):
    """Every stored weight with its numbers, in one pass over the file.

    First come all rows without numbers, then the numbers in the order of the file. Of plain
    HDF5 and of checkpoints every dataset of numbers counts as a weight.
    """

    with_state: bool = False  # of the optimizer, too


class MeasureBytes(FileRequest, frozen=True, kw_only=True):
    """Where the bytes of the file go: layers, optimizer, attributes, what is left."""


class CheckHealth(FileRequest, frozen=True, kw_only=True):
    """What is wrong with the weights, the gravest first; one pass over the file."""


class LayoutGraph(FileRequest, frozen=True, kw_only=True):
    """The network drawn as a graph: where its boxes and its connections lie.

    Nested models are boxes unless their key is in `unfolded`; runs of equal blocks are one
    box each, unless the key of their first layer is in `opened`.
    """

    unfolded: tuple[tuple[int, ...], ...] = ()
    opened: tuple[tuple[int, ...], ...] = ()
    folds_repeats: bool = True
    width: float = 200.0  # of a box
    height: float = 64.0
    header: float = 26.0  # of a frame around boxes


class CompareFiles(PairRequest, frozen=True, kw_only=True):
    """Layers side by side, then every weight of one file with that of the other.

    Layers are matched by name, then by class, shapes and order. `pairs` come before both:
    keys of layers that the user put together; with a key of () a layer stays alone.
    """

    pairs: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = ()


class ReadDifference(PairRequest, frozen=True, kw_only=True):
    """The cut of a dataset in the other file minus that in the first, as by `ReadPlane`."""

    node: NodePath
    other_node: NodePath
    cut: Cut
    region: tuple[int, int, int, int] | None = None
    max_rows: int = 1024
    max_columns: int = 1024
    insist: bool = False


class ReadMeaning(FileRequest, frozen=True, kw_only=True):
    """What a dataset is to the network: role, gates, initializer, optimizer's variables."""

    node: NodePath


class ReadGallery(FileRequest, frozen=True, kw_only=True):
    """Filters of a convolution as small pictures; axes by number.

    `index` says the position on axes that are neither drawn nor counted.
    """

    node: NodePath
    height: int
    width: int
    filters: int | None = None  # None: one picture
    colours: int | None = None  # the axis of red, green, blue
    index: tuple[int, ...] = ()
    start: int = 0
    count: int = 64


class ReadNorms(FileRequest, frozen=True, kw_only=True):
    """L1, L2 and largest magnitude of each position along one axis."""

    node: NodePath
    axis: int


class ReadSingularValues(FileRequest, frozen=True, kw_only=True):
    """Singular values, the axes `columns` across and all others downwards."""

    node: NodePath
    columns: tuple[int, ...] = ()  # (): the last axis
    axes: tuple[str, ...] = ()  # names, for the sentence about the matrix
    insist: bool = False


class ReadNeighbours(FileRequest, frozen=True, kw_only=True):
    """The rows most similar to one row of a table of vectors."""

    node: NodePath
    row: int
    count: int = 20
    labels: str = ""  # the layer whose vocabulary names the rows


class ReadProjection(FileRequest, frozen=True, kw_only=True):
    """Up to `most` rows of a table of vectors on their two widest directions."""

    node: NodePath
    most: int = 5000
    labels: str = ""


class ReadOrdered(FileRequest, frozen=True, kw_only=True):
    """A matrix with similar rows and columns side by side, or as it is stored."""

    node: NodePath
    sort: bool = True
    max_rows: int = 1024
    max_columns: int = 1024


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a dataset: positions along one axis, perhaps of one row only."""

    path: NodePath
    axis: int | None = None  # None: all of it
    start: int = 0
    stop: int = 0
    row: int | None = None


class ReadParts(FileRequest, frozen=True, kw_only=True):
    """Pictures and numbers of parts of weights: gates, heads, the optimizer's variables."""

    parts: tuple[Block, ...]


class ReadAppearance(FileRequest, frozen=True, kw_only=True):
    """How the file asks for a dataset to be drawn: axes with coordinates, a picture's colours."""

    node: NodePath


class ReadRelations(FileRequest, frozen=True, kw_only=True):
    """Other objects of the file that belong to a node: axes, palettes, default plots."""

    node: NodePath = ()
