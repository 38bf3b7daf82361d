"""Which program or convention an HDF5 file without a network follows, told by what is in it.

Each row's source is the format's own description: netCDF-4 (NUG, "NetCDF-4 Format"), PyTables
("PyTables File Format"), AnnData ("On-disk format"), Loom ("Specification"), NeXus (manual,
"NXroot"), 10x Genomics ("Feature-barcode matrices, HDF5"), NWB and openPMD (their standards).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from itertools import islice

from h5viewer.documents.stored import children, group_at, has_attribute, text_attribute
from h5viewer.formats.container import Container
from h5viewer.names import NodePath
from h5viewer.nodes import Dataset, Group, Node

_MOST_LISTED = 2000  # names of the root; 200,000 take 0.2 s
_MOST_LOOKED_AT = 30  # of them
_NETCDF_DIMENSION = "This is a netCDF dimension but not a netCDF variable"
_USER_BLOCKS = (
    (b"MATLAB 7.3 MAT-file", "MATLAB 7.3 file"),
    (b"HDF5-based Julia", "Julia JLD file"),
)


def product_title(container: Container) -> str:
    """What to call the file ("NetCDF-4 file"); "" for plain HDF5."""
    head = container.source.read_at(0, 64)
    for start, title in _USER_BLOCKS:
        if head.startswith(start):
            return title
    top = _Top(container)
    return next((title for title, belongs in _PRODUCTS if belongs(top)), "")


class _Top:
    """The root of a file with the first of its children."""

    def __init__(self, container: Container) -> None:
        self.container = container

    @cached_property
    def children(self) -> list[Node]:
        """The first few; none of a root so full that listing its names takes long."""
        root = group_at(self.container, ())
        if root is None or root.n_children is None or root.n_children > _MOST_LISTED:
            return []
        return list(islice(children(self.container, ()), _MOST_LOOKED_AT))

    @property
    def groups(self) -> list[NodePath]:
        """Those that are groups."""
        return [node.path for node in self.children if isinstance(node, Group)]

    @property
    def datasets(self) -> list[NodePath]:
        """Those that are datasets."""
        return [node.path for node in self.children if isinstance(node, Dataset)]

    def has(self, name: str, *paths: NodePath) -> bool:
        """True when one of these objects, by default the root, has an attribute `name`."""
        return any(has_attribute(self.container, path, name) for path in paths or ((),))

    def text(self, name: str, path: NodePath = ()) -> str:
        """A short attribute; "" where there is none."""
        return text_attribute(self.container, path, name) or ""

    def holds(self, group: NodePath, *names: bytes) -> bool:
        """True when a group has all of these, as groups or datasets."""
        nodes = (self.container.describe((*group, name)) for name in names)
        return all(isinstance(node, Group | Dataset) for node in nodes)


def _is_netcdf(top: _Top) -> bool:
    # before netCDF 4.4.1 the root says nothing: dimensions are numbered
    return top.has("_NCProperties") or any(
        top.has("_Netcdf4Dimid", path) or top.text("NAME", path).startswith(_NETCDF_DIMENSION)
        for path in top.datasets
    )


def _is_nexus(top: _Top) -> bool:
    if top.has("NeXus_version") or top.text("NX_class") == "NXroot":
        return True
    return any(top.text("NX_class", path) in ("NXentry", "NXsubentry") for path in top.groups)


def _is_anndata(top: _Top) -> bool:
    if top.text("encoding-type") == "anndata":
        return True
    # before version 0.8 the root says nothing: the tables of observations and variables do
    tables = ((b"obs",), (b"var",))
    marks = ("_index", "encoding-type", "column-order")
    return top.holds((), b"X", b"obs", b"var") and any(top.has(mark, *tables) for mark in marks)


def _is_loom(top: _Top) -> bool:
    return top.has("LOOM_SPEC_VERSION") or top.holds((), b"matrix", b"row_attrs", b"col_attrs")


def _is_10x(top: _Top) -> bool:
    if top.text("filetype") in ("matrix", "molecule_info"):
        return True
    names = (b"barcodes", b"data", b"indices", b"indptr", b"shape")
    return any(top.holds(group, *names) for group in top.groups)


def _is_pandas(top: _Top) -> bool:
    return _is_pytables(top) and any(top.has("pandas_type", path) for path in top.groups)


def _is_pytables(top: _Top) -> bool:
    return top.has("PYTABLES_FORMAT_VERSION")


_PRODUCTS: tuple[tuple[str, Callable[[_Top], bool]], ...] = (
    ("NeXus file", _is_nexus),
    ("AnnData file (.h5ad)", _is_anndata),
    ("Loom file", _is_loom),
    ("10x Genomics file", _is_10x),
    ("NWB file", lambda top: top.has("nwb_version")),
    ("openPMD file", lambda top: top.has("openPMD")),
    ("PyTables file of pandas", _is_pandas),
    ("PyTables file", _is_pytables),
    ("HDF-EOS5 file", lambda top: top.holds((), b"HDFEOS")),
    ("NetCDF-4 file", _is_netcdf),
)
"""What it is called, and how it is told; the narrower first, as many are netCDF too."""
