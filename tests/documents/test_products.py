"""Files of known programs and conventions are called by their names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from decoding import opened

from h5viewer.documents.document import describe


def title(path: Path) -> str:
    return opened(path, describe).title


def made(path: Path, write: Callable[[h5py.File], object], **options: object) -> Path:
    with h5py.File(path, "w", **options) as file:
        write(file)
    return path


def mark(**attributes: object) -> Callable[[h5py.File], None]:
    return lambda file: file.attrs.update(attributes)


def dimension(file: h5py.File) -> None:
    scale = file.create_dataset("lat", data=np.zeros(3))
    scale.make_scale("This is a netCDF dimension but not a netCDF variable.         3")


def nexus(file: h5py.File) -> None:
    file.create_group("scan").attrs["NX_class"] = "NXentry"


def old_anndata(file: h5py.File) -> None:
    file["X"] = np.zeros((2, 2))
    for name in ("obs", "var"):
        file.create_group(name).attrs["_index"] = "index"


def loom(file: h5py.File) -> None:
    file["matrix"] = np.zeros((2, 2))
    file.create_group("row_attrs")
    file.create_group("col_attrs")


def ten_x(file: h5py.File) -> None:
    for name in ("barcodes", "data", "indices", "indptr", "shape"):
        file[f"matrix/{name}"] = np.zeros(2)


def pandas(file: h5py.File) -> None:
    file.attrs["PYTABLES_FORMAT_VERSION"] = b"2.1"
    file.create_group("frame").attrs["pandas_type"] = b"frame_table"


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (mark(_NCProperties="version=2,netcdf=4.9"), "NetCDF-4 file"),
        (dimension, "NetCDF-4 file"),
        (nexus, "NeXus file"),
        (mark(NX_class="NXroot"), "NeXus file"),
        (mark(**{"encoding-type": "anndata"}), "AnnData file (.h5ad)"),
        (old_anndata, "AnnData file (.h5ad)"),
        (loom, "Loom file"),
        (ten_x, "10x Genomics file"),
        (pandas, "PyTables file of pandas"),
        (mark(PYTABLES_FORMAT_VERSION=b"2.1"), "PyTables file"),
        (mark(nwb_version="2.6.0"), "NWB file"),
        (mark(openPMD="1.1.0"), "openPMD file"),
        (lambda file: file.create_group("HDFEOS"), "HDF-EOS5 file"),
        (mark(title="my own data"), "HDF5 file"),
        (lambda file: file.create_dataset("X", data=1), "HDF5 file"),
    ],
)
def test_a_file_is_called_what_it_is(
    tmp_path: Path, write: Callable[[h5py.File], object], expected: str
) -> None:
    assert title(made(tmp_path / "f.h5", write)) == expected


def test_matlab_is_told_by_its_user_block(tmp_path: Path) -> None:
    path = made(tmp_path / "f.mat", mark(), userblock_size=512)
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64")
    assert title(path) == "MATLAB 7.3 file"


def test_a_full_root_is_not_listed_for_its_name(tmp_path: Path) -> None:
    """Attributes of the root still tell; its children are not looked at."""

    def full(file: h5py.File) -> None:
        nexus(file)
        for number in range(2001):
            file.create_group(f"g{number}")

    assert title(made(tmp_path / "f.h5", full)) == "HDF5 file"


def test_real_files_are_called_what_they_are(corpus: Path) -> None:
    folder = corpus / "hdf5_data"
    for start, expected in (
        ("JuliaIO__MAT.jl__cell", "MATLAB 7.3 file"),
        ("PyTables__PyTables__test_ref_array2", "MATLAB 7.3 file"),
        ("PyTables__PyTables__python3", "PyTables file"),
        ("nexpy__nexpy__chopper", "NeXus file"),
        ("scverse__anndata__adata", "AnnData file (.h5ad)"),
        ("HDFGroup__hdfview__hdf5_test", "HDF5 file"),
    ):
        (path,) = folder.glob(f"{start}*")
        assert title(path) == expected
