"""Every real file opens and can be walked to its end, or is refused as its catalogue says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from h5viewer.errors import CannotOpen
from h5viewer.formats.container import Container
from h5viewer.nodes import Dataset, Entry, Group, Link, NamedType, Unreadable

Opener = Callable[[Path], Container]

_FOLDERS = ("keras_h5", "keras_weights", "keras_v3", "hdf5_data")
_REFUSED = {  # the catalogue's kinds that are no HDF5 and no archive
    "Git LFS pointer (text)": "Git LFS pointer",
    "HTML/XML text": "web page",
    "JSON (architecture or labels)": "JSON file",
}
# The catalogue counted once more what a second hard or soft link leads to.
_COUNTED_AGAIN = {"nexpy__nexpy__chopper.nxs": 2, "test_file.hdf5": 1}


def _catalogue(corpus: Path) -> dict[str, dict[str, str]]:
    rows: dict[str, dict[str, str]] = {}
    for line in (corpus / "CATALOG.md").read_text().splitlines():
        if line.startswith("| `") and line.count(" | ") >= 8:
            cells = [cell.strip() for cell in line.strip("| ").split(" | ")]
            rows[cells[0].strip("`")] = {"kind": cells[6], "notable": cells[9]}
    return rows


def _all_files(corpus: Path) -> list[Path]:
    found = [path for folder in _FOLDERS for path in (corpus / folder).rglob("*")]
    return sorted(path for path in found if path.is_file())


def test_every_file_opens_or_is_refused_as_catalogued(opened: Opener, corpus: Path) -> None:
    rows = _catalogue(corpus)
    files = _all_files(corpus)
    assert len(files) > 140
    for path in files:
        row = rows[path.relative_to(corpus / path.relative_to(corpus).parts[0]).as_posix()]
        if row["kind"] in _REFUSED:
            with pytest.raises(CannotOpen, match=_REFUSED[row["kind"]]):
                opened(path)
            continue
        _check_walk(opened(path), path, row)


def _check_walk(container: Container, path: Path, row: dict[str, str]) -> None:
    nodes = dict(container.walk())
    kinds = [type(node) for node in nodes.values()]
    assert Unreadable not in kinds, path.name
    assert set(kinds) <= {Group, Dataset, Link, NamedType, Entry}
    counted = re.search(r"(\d+) datasets", row["notable"])
    if counted and "ERR:" not in row["notable"]:  # there the catalogue's reader gave up
        expected = int(counted[1]) - _COUNTED_AGAIN.get(path.name, 0)
        assert kinds.count(Dataset) == expected, path.name
    for node_path, node in nodes.items():
        assert node.path == node_path
        if isinstance(node, Dataset):
            assert node.dtype.kind != "unreadable", (path.name, node_path)
        if getattr(node, "n_attributes", 0):
            page = container.attributes(node_path, 0, 100)
            assert page.total == node.n_attributes  # type: ignore[union-attr]
            assert len(page.attributes) == min(page.total, 100)
    names = [found for batch in container.walk_names() for found in batch]
    assert set(names) >= set(nodes)


def test_traps_of_the_catalogue(opened: Opener, corpus: Path) -> None:
    data = corpus / "hdf5_data"
    by_name = {path.name: path for path in _all_files(corpus)}
    lfs = by_name["zetane__viewer__Xray_80_whole_f2.h5"]
    with pytest.raises(CannotOpen, match="372,551,756 bytes"):
        opened(lfs)
    marked = opened(data / "jamesmudd__jhdf__test_byteshuffle_compressed_datasets_latest.hdf5")
    assert "did not close" in marked.problems[0].message
    behind = opened(data / "HDFGroup__hdfview__hdfViewBug.h5")
    assert [type(node) for _, node in behind.walk()] == [Dataset]
    old = opened(by_name["98mprice__mario-level-generator__model.keras"])
    assert old.format_hint == "hdf5"
    bzip2 = opened(data / "HDFGroup__hdfview__h5ex_d_bzip2.h5").describe((b"DS1",))
    assert isinstance(bzip2, Dataset)
    assert bzip2.obstacle is not None
    assert "bzip2 (filter 307)" in bzip2.obstacle.reason
    floats = opened(data / "PyTables__PyTables__float.h5")
    texts = {path[-1]: node.dtype.text for path, node in floats.walk()}  # type: ignore[union-attr]
    assert texts[b"float16"] == "float16"
    assert "long double" in texts[b"longdouble"]
    assert texts[b"quadprecision"] == "float128"


def test_pictures_are_refused(opened: Opener, corpus: Path) -> None:
    for path in (corpus / "images").glob("*.png"):
        with pytest.raises(CannotOpen, match="PNG picture"):
            opened(path)
