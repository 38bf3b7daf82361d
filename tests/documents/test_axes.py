"""Axes of a dataset are found as its file states them: dimension scales, NeXus old and new."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from decoding import opened, run

from h5viewer import requests
from h5viewer.names import parse_path
from h5viewer.nodes import Appearance, AxisScale, Relations
from h5viewer.operations.appearance import read_appearance, read_relations


def appearance(path: Path, node: str) -> Appearance:
    asked = requests.ReadAppearance(document=str(path), node=parse_path(node))
    return opened(path, lambda container: run(read_appearance(asked, container))[0])


def relations(path: Path, node: str) -> list[tuple[str, str]]:
    asked = requests.ReadRelations(document=str(path), node=parse_path(node))
    found: Relations = opened(path, lambda container: run(read_relations(asked, container))[0])
    return [(each.what, "/" + b"/".join(each.target).decode()) for each in found.relations]


def numbers(scale: AxisScale) -> list[float] | None:
    return None if scale.values is None else scale.values.values.tolist()


@pytest.fixture
def scaled(tmp_path: Path) -> Path:
    path = tmp_path / "scaled.h5"
    with h5py.File(path, "w") as file:
        file["t"] = np.array([0.5, 1.0, 4.0])
        file["t"].make_scale("time")
        file["t"].attrs["units"] = "s"
        file["t"].attrs["long_name"] = "Time since start (s)"
        file["nothing"] = np.zeros(4)
        file["nothing"].make_scale("This is a netCDF dimension but not a netCDF variable.    4")
        data = file.create_dataset("data", data=np.zeros((3, 4, 2)))
        data.dims[0].attach_scale(file["t"])
        data.dims[1].attach_scale(file["nothing"])
        data.dims[2].label = "side"
        data.attrs["units"] = "mV"
        data.attrs["long_name"] = "Voltage"
    return path


def test_dimension_scales_are_axes(scaled: Path) -> None:
    found = appearance(scaled, "data")
    time, nothing, side = found.axes
    assert (time.name, time.title, time.unit) == ("time", "Time since start", "s")
    assert (numbers(time), time.path) == ([0.5, 1.0, 4.0], (b"t",))
    assert (nothing.name, numbers(nothing)) == ("nothing", None)
    assert (side.axis, side.name, side.path) == (2, "side", None)
    assert (found.title, found.unit) == ("Voltage", "mV")


def test_scales_and_data_lead_to_each_other(scaled: Path) -> None:
    assert relations(scaled, "data") == [("Axis 0", "/t")]
    assert relations(scaled, "t") == [("Axis of", "/data")]


def nexus(path: Path, axes: object, **more: object) -> Path:
    with h5py.File(path, "w") as file:
        group = file.create_group("entry/plot")
        file["entry"].attrs["NX_class"] = "NXentry"
        group.attrs["NX_class"] = "NXdata"
        group.attrs["signal"] = "counts"
        group.attrs["axes"] = axes
        group.attrs.update(more)
        group["counts"] = np.zeros((2, 3))
        group["counts_errors"] = np.zeros((2, 3))
        group["other"] = np.zeros((2, 3))
        group["edges"] = np.array([1.0, 2.0, 3.0, 4.0])
        group["angle"] = np.array([10.0, 20.0])
        group["angle"].attrs["units"] = "deg"
        file["elsewhere/x"] = np.array([7.0, 8.0])
        group["linked"] = h5py.SoftLink("/elsewhere/x")
        group["outside"] = h5py.ExternalLink("other.h5", "/x")
    return path


@pytest.mark.parametrize("axes", [["angle", "edges"], "angle:edges", "[angle,edges]"])
def test_nexus_names_its_axes(tmp_path: Path, axes: object) -> None:
    path = nexus(tmp_path / "n.nxs", axes)
    angle, edges = appearance(path, "entry/plot/counts").axes
    assert (angle.name, angle.unit, numbers(angle)) == ("angle", "deg", [10.0, 20.0])
    assert (edges.name, numbers(edges)) == ("edges", [1.0, 2.0, 3.0, 4.0])
    assert len(appearance(path, "entry/plot/counts_errors").axes) == 2
    assert appearance(path, "entry/plot/other").axes == ()


def test_nexus_says_which_dimension_an_axis_belongs_to(tmp_path: Path) -> None:
    path = nexus(tmp_path / "n.nxs", ["edges", "angle"], edges_indices=1, angle_indices=0)
    assert [(each.axis, each.name) for each in appearance(path, "entry/plot/counts").axes] == [
        (0, "angle"),
        (1, "edges"),
    ]


def test_axes_behind_soft_links_are_found_and_those_of_other_files_not(tmp_path: Path) -> None:
    linked, outside = appearance(
        nexus(tmp_path / "n.nxs", ["linked", "outside"]), "entry/plot/counts"
    ).axes
    assert (numbers(linked), linked.path) == ([7.0, 8.0], (b"elsewhere", b"x"))
    assert (outside.name, numbers(outside)) == ("outside", None)


def test_an_axis_of_another_length_is_not_used_and_said(tmp_path: Path) -> None:
    found = appearance(nexus(tmp_path / "n.nxs", ["edges", "angle"]), "entry/plot/counts")
    assert [numbers(each) for each in found.axes] == [None, None]
    assert found.note == "The axis edges has another length than the data; it is not used."


def test_old_nexus_numbers_its_axes(tmp_path: Path) -> None:
    path = tmp_path / "old.nxs"
    with h5py.File(path, "w") as file:
        group = file.create_group("data")
        group["counts"] = np.zeros((2, 3))
        group["counts"].attrs["signal"] = 1
        for number, (name, length) in enumerate((("y", 2), ("x", 3)), start=1):
            group[name] = np.arange(float(length))
            group[name].attrs["axis"] = number
    assert [each.name for each in appearance(path, "data/counts").axes] == ["y", "x"]


def test_the_default_plot_is_found_from_the_file_down(tmp_path: Path) -> None:
    path = nexus(tmp_path / "n.nxs", ["angle", "edges"])
    for node in ("", "entry", "entry/plot"):
        assert relations(path, node) == [("Default plot", "/entry/plot/counts")]
    with h5py.File(path, "r+") as file:
        file["entry"].create_group("first").attrs["signal"] = "missing"
        file["entry"].attrs["default"] = "first"
    assert relations(path, "") == []


def test_a_default_that_leads_to_itself_has_an_end(tmp_path: Path) -> None:
    path = tmp_path / "loop.nxs"
    with h5py.File(path, "w") as file:
        file["a"] = h5py.SoftLink("/")
        file.attrs["default"] = "a"
    assert relations(path, "") == []


def test_names_of_rows_are_labels(tmp_path: Path) -> None:
    path = tmp_path / "names.h5"
    with h5py.File(path, "w") as file:
        file["names"] = np.array([b"<b>one</b>", b"two"])
        file["names"].make_scale("names")
        file["data"] = np.zeros(2)
        file["data"].dims[0].attach_scale(file["names"])
    (axis,) = appearance(path, "data").axes
    assert axis.labels == ("<b>one</b>", "two")


def kept_by_pandas(path: Path, index: object, kind: str) -> Path:
    """A file as `DataFrame.to_hdf(…, format="fixed")` writes it, and a series beside it."""
    with h5py.File(path, "w") as file:
        frame, series = file.create_group("frame"), file.create_group("series")
        frame.attrs["pandas_type"], series.attrs["pandas_type"] = b"frame", b"series"
        frame["axis1"] = series["index"] = index
        frame["block0_items"] = [b"speed", b"wind"]
        frame["block0_values"], frame["block1_values"] = np.zeros((3, 2)), np.zeros((3, 1))
        series["values"] = np.zeros(3)
        frame["block0_items"].attrs.update(kind=b"string", name=b"N.", transposed=True)
        frame["axis1"].attrs.update(kind=kind.encode(), name=b"N.", transposed=True)
        series["index"].attrs["kind"] = kind.encode()
    return path


def test_columns_of_pandas_have_their_names(tmp_path: Path) -> None:
    path = kept_by_pandas(tmp_path / "kept.h5", np.array([3, 5, 8]), "integer")
    rows, columns = appearance(path, "frame/block0_values").axes
    assert (rows.name, numbers(rows)) == ("index", [3, 5, 8])
    assert (columns.name, columns.labels) == ("column", ("speed", "wind"))
    (rows,) = appearance(path, "series/values").axes
    assert (rows.name, numbers(rows)) == ("index", [3, 5, 8])
    _, columns = appearance(path, "frame/block1_values").axes  # names on several levels
    assert (columns.name, columns.labels, columns.values) == ("column", (), None)


def test_nanoseconds_of_pandas_are_no_coordinates(tmp_path: Path) -> None:
    path = kept_by_pandas(tmp_path / "kept.h5", np.arange(3) * 10**18, "datetime64")
    rows, columns = appearance(path, "frame/block0_values").axes
    assert (rows.name, numbers(rows), columns.labels) == ("index", None, ("speed", "wind"))


def test_damaged_lists_of_axes_are_no_failure(tmp_path: Path) -> None:
    path = tmp_path / "odd.h5"
    with h5py.File(path, "w") as file:
        file["data"] = np.zeros((2, 2))
        file["data"].attrs["DIMENSION_LIST"] = "none"
        file["data"].attrs["DIMENSION_LABELS"] = 5
        file["data"].attrs["axes"] = [1.5, 2.5]
        file["data"].attrs["CLASS"] = np.zeros(3)
    assert appearance(path, "data") == Appearance()


def test_the_axes_of_real_files(corpus: Path) -> None:
    (dakota,) = (corpus / "hdf5_data").glob("*database_3*")
    row = "methods/test_method_id/execution:1/row_result"
    assert [each.labels[0] for each in appearance(dakota, row).axes] == ["a", "do"]
    (chopper,) = (corpus / "hdf5_data").glob("nexpy*")
    angle, flight = appearance(chopper, "entry/data/data").axes
    assert (angle.unit, flight.unit) == ("degrees", "microseconds")
    assert len(numbers(flight) or ()) == 751
    assert relations(chopper, "") == [("Default plot", "/entry/data/data")]
