"""References are shown by where they lead, with a path that is exact; never to another file."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from decoding import opened

from h5viewer import requests
from h5viewer.formats.hdf5_references import ReferenceNames
from h5viewer.nodes import Cells, Dataset
from h5viewer.operations.cells import read_cells
from h5viewer.requests import Cut

LINE = Cut(rows=0, index=(0,))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "r.h5"
    with h5py.File(path, "w") as made:
        made["a/x"] = np.arange(20.0).reshape(4, 5)
        made["b"] = made["a/x"]  # another name of the same object
        name = b"caf\xe9"  # no UTF-8
        made.create_group(name)
        x = made["a/x"]
        refs = [x.ref, made[name].ref, made.ref, h5py.Reference()]
        made.create_dataset("refs", data=np.array(refs, h5py.ref_dtype), dtype=h5py.ref_dtype)
        regions = [x.regionref[1:3, ::2], x.regionref[...], x.regionref[0, [1, 3]]]
        made.create_dataset("regions", data=regions, dtype=h5py.regionref_dtype)
        made.attrs["one"] = x.ref
        lists = np.empty(2, object)
        lists[0] = np.array([x.ref], h5py.ref_dtype)
        lists[1] = np.array([made.ref, x.ref], h5py.ref_dtype)
        made.attrs.create("lists", lists, dtype=h5py.vlen_dtype(h5py.ref_dtype))
        record = np.dtype([("at", h5py.ref_dtype), ("axis", "i4")])
        made.attrs["records"] = np.array([(x.ref, 1)], record)
        made.attrs["number"] = 5
    return path


def cells(path: Path, name: bytes, cut: Cut = LINE) -> Cells:
    asked = requests.ReadCells(document=str(path), node=(name,), cut=cut)

    def read(container: object) -> Cells:
        operation = read_cells(asked, container)  # type: ignore[arg-type]
        while True:
            try:
                next(operation)
            except StopIteration as end:
                return end.value

    return opened(path, read)


def test_cells_say_where_references_lead(file: Path) -> None:
    found = cells(file, b"refs")
    assert [row[0] for row in found.text] == ["→ /a/x", "→ /caf\\xe9", "→ /", "→ nothing"]
    assert found.targets == ((0, 0, (b"a", b"x")), (1, 0, (b"caf\xe9",)), (2, 0, ()))


def test_regions_say_what_they_select(file: Path) -> None:
    found = cells(file, b"regions")
    assert [row[0] for row in found.text] == [
        "→ /a/x [1:3, 0:5:2]",
        "→ /a/x [all]",
        "→ /a/x [0, 1:4:2]",
    ]
    assert found.targets[0] == (0, 0, (b"a", b"x"))


def test_attributes_say_where_references_lead(file: Path) -> None:
    page = opened(file, lambda container: container.attributes((), 0, 10))
    told = {each.name: (each.text, each.targets) for each in page.attributes}
    assert told[b"one"] == ("→ /a/x", ((b"a", b"x"),))
    assert told[b"lists"] == ("[[→ /a/x], [→ /, → /a/x]]", ((b"a", b"x"), ()))
    assert told[b"records"] == ("[(→ /a/x, 1)]", ((b"a", b"x"),))
    assert told[b"number"] == ("5", ())


def test_targets_of_an_attribute_stand_by_element(file: Path) -> None:
    def targets(name: bytes) -> object:
        return opened(file, lambda container: container.attribute_targets((), name, 10))

    assert targets(b"lists") == [[(b"a", b"x")], [(), (b"a", b"x")]]
    assert targets(b"one") == [[(b"a", b"x")]]
    assert targets(b"number") is None
    assert targets(b"none") is None


def test_an_enormous_list_of_references_is_named_in_part(tmp_path: Path) -> None:
    path = tmp_path / "many.h5"
    with h5py.File(path, "w") as made:
        made["x"] = 1
        many = np.empty(1, object)
        many[0] = np.full(300_000, made["x"].ref, h5py.ref_dtype)
        made.create_dataset("many", data=many, dtype=h5py.vlen_dtype(h5py.ref_dtype))
        replaced = ReferenceNames(made["x"].id)
        values = np.full(300_000, made["x"].ref, h5py.ref_dtype)
        replaced.replace(values)
    named = [isinstance(value, str) for value in values]
    assert named[0]
    assert 10_000 < sum(named) < 100_000
    assert cells(path, b"many").text[0][0].startswith("[→ /x, → /x")


def test_a_reference_to_nothing_is_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "gone.h5"
    with h5py.File(path, "w") as made:
        made["x"] = 1
        made["refs"] = np.array([made["x"].ref], h5py.ref_dtype)
        address = h5py.h5o.get_info(made["x"].id).addr.to_bytes(8, "little")
        del made["x"]
    data = path.read_bytes()
    path.write_bytes(data.replace(address, (len(data) * 2).to_bytes(8, "little")))
    (text,) = cells(path, b"refs").text[0]
    assert text == "→ an object that is not there"


def test_references_of_matlab_lead_to_its_hidden_group(corpus: Path) -> None:
    (path,) = (corpus / "hdf5_data").glob("PyTables__PyTables__test_ref_array2*")
    found = cells(path, b"var", Cut(rows=0, columns=1, index=(0, 0)))
    assert found.targets
    assert all(target[:1] == (b"#refs#",) for _, _, target in found.targets)


def test_parts_of_a_virtual_dataset_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "v.h5"
    with h5py.File(path, "w", libver="latest") as made:
        made["x"] = np.arange(20.0)
        layout = h5py.VirtualLayout((3, 10), "f8")
        layout[0] = h5py.VirtualSource(".", "x", (20,))[:10]
        layout[2, ::2] = h5py.VirtualSource("other.h5", "/scan/data", (5,))
        made.create_virtual_dataset("v", layout)
    node = opened(path, lambda container: container.describe((b"v",)))
    assert isinstance(node, Dataset)
    assert node.sources == (
        "this file : x  [0:10] → [0, 0:10]",
        "other.h5 : /scan/data  [all] → [2, 0:9:2]",
    )
