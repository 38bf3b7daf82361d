"""`.keras` archives: read in place, inflated within limits, never unpacked."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

import h5py
import numpy as np
import pytest

from h5viewer.errors import CannotOpen, CannotRead
from h5viewer.formats import zip_entries
from h5viewer.formats.container import Container
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import Dataset, Entry, Group, Unreadable

Opener = Callable[[Path], Container]
WEIGHTS = b"model.weights.h5"
KERNEL = (WEIGHTS, b"layers", b"dense", b"vars", b"0")


def _weights(**options: object) -> bytes:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", **options) as file:
        file["layers/dense/vars/0"] = np.arange(12, dtype="f4").reshape(3, 4)
        file["layers/dense"].attrs["name"] = "first"
    return buffer.getvalue()


def _archive(
    path: Path, entries: dict[str, bytes | str] | None = None, how: int = zipfile.ZIP_STORED
) -> Path:
    entries = {"config.json": '{"class_name": "Model"}', "metadata.json": "{}",
               "model.weights.h5": _weights()} if entries is None else entries  # fmt: skip
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
def test_weights_inside_are_a_tree(opened: Opener, tmp_path: Path, how: int) -> None:
    container = opened(_archive(tmp_path / "a.keras", how=how))
    assert container.format_hint == "keras-archive"
    (names,) = container.child_names(())
    assert names == [b"config.json", b"metadata.json", WEIGHTS]
    nodes = dict(container.walk())
    assert list(nodes)[2:] == [KERNEL[:length] for length in range(1, 6)]
    kernel = nodes[KERNEL]
    assert isinstance(kernel, Dataset)
    assert (kernel.path, kernel.shape) == (KERNEL, (3, 4))
    assert container.describe(KERNEL) == kernel
    assert isinstance(container.describe((WEIGHTS,)), Group)
    assert list(container.child_names(KERNEL[:2])) == [[b"dense"]]
    assert container.attribute_strings(KERNEL[:3], b"name", 1) == ["first"]
    assert container.attributes((), 0, 10).total == 0
    values = container.array(KERNEL).read((slice(0, 3), slice(0, 4)))
    assert values.tolist() == np.arange(12).reshape(3, 4).tolist()
    assert [path for batch in container.walk_names() for path in batch] == list(nodes)


def test_only_the_archive_is_touched(opened: Opener, tmp_path: Path) -> None:
    path = _archive(tmp_path / "a.keras", how=zipfile.ZIP_DEFLATED)
    before = path.read_bytes(), path.stat().st_mtime_ns
    list(opened(path).walk())
    assert os.listdir(tmp_path) == ["a.keras"]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_a_user_block_inside_an_archive(opened: Opener, tmp_path: Path) -> None:
    path = _archive(tmp_path / "a.keras", {"model.weights.h5": _weights(userblock_size=512)})
    values = opened(path).array(KERNEL).read((slice(0, 1), slice(0, 2)))
    assert values.tolist() == [[0.0, 1.0]]


def test_compressed_weights_are_inflated_once(tmp_path: Path) -> None:
    path = _archive(tmp_path / "a.keras", how=zipfile.ZIP_DEFLATED)
    kept = []
    with Source(str(path)) as source:
        for _ in range(2):
            container = open_container(source)
            assert isinstance(container.describe(KERNEL), Dataset)
            container.close()
            kept.append(source.kept["inflated"][1])
    assert kept[0] == _weights()
    assert kept[0] is kept[1]


def test_the_list_of_contents_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker opens the container for each request; 100,000 entries take a second."""
    opened_with: list[object] = []

    class Counted(zipfile.ZipFile):
        def __init__(self, file: IO[bytes]) -> None:
            opened_with.append(file)
            super().__init__(file)

    path = _archive(tmp_path / "a.keras")
    monkeypatch.setattr(zipfile, "ZipFile", Counted)
    with Source(str(path)) as source:
        for _ in range(3):
            container = open_container(source)
            assert isinstance(container.describe(KERNEL), Dataset)
            container.close()
    assert len(opened_with) == 1


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_an_archive_of_many_weights_files_is_walked_with_few_open(tmp_path: Path, how: int) -> None:
    files: dict[str, bytes | str] = {f"w{n}.h5": _weights() for n in range(40)}
    path = _archive(tmp_path / "a.keras", files, how)
    before = h5py.h5f.get_obj_count(h5py.h5f.OBJ_ALL, h5py.h5f.OBJ_FILE)
    with Source(str(path)) as source:
        container = open_container(source)
        most = 0
        for _ in container.walk():
            now = h5py.h5f.get_obj_count(h5py.h5f.OBJ_ALL, h5py.h5f.OBJ_FILE)
            most = max(most, now - before)
        container.close()
    assert most == (1 if how == zipfile.ZIP_DEFLATED else 16)
    assert h5py.h5f.get_obj_count(h5py.h5f.OBJ_ALL, h5py.h5f.OBJ_FILE) == before


def test_entries_are_texts_with_sizes(opened: Opener, tmp_path: Path) -> None:
    config = '{"class_name": "Größe"}'
    entries: dict[str, bytes | str] = {
        "config.json": config,
        "assets/vocabulary.txt": "a\nb\n",
        "assets/raw": b"\0\1",
    }
    container = opened(_archive(tmp_path / "a.keras", entries, zipfile.ZIP_DEFLATED))
    node = container.describe((b"config.json",))
    assert isinstance(node, Entry)
    assert (node.kind, node.n_bytes, node.note) == ("json", len(config.encode()), "")
    text = container.entry_text((b"config.json",), 1000)
    assert (text.text, text.is_complete, text.language) == (config, True, "json")
    part = container.entry_text((b"assets/vocabulary.txt",), 2)
    assert (part.text, part.total, part.is_complete, part.language) == ("a\n", 4, False, "plain")
    with pytest.raises(CannotRead, match="binary"):
        container.entry_text((b"assets/raw",), 10)
    with pytest.raises(CannotRead):
        container.entry_text((b"absent",), 10)


@pytest.mark.parametrize(
    "name", ["../../evil", "/etc/evil", "assets/../../evil", "C:\\evil", "..\\evil", "\\evil"]
)
def test_names_that_leave_the_archive_are_only_text(
    opened: Opener, tmp_path: Path, name: str
) -> None:
    path = _archive(tmp_path / "a.keras", {"config.json": "{}", name: "boo"})
    container = opened(path)
    node = container.describe((name.encode(),))
    assert isinstance(node, Entry)
    assert "leaves the archive" in node.note
    assert container.entry_text((name.encode(),), 10).text == "boo"
    assert [problem.where for problem in container.problems] == [name]
    assert os.listdir(tmp_path) == ["a.keras"]


def test_a_symbolic_link_is_shown_not_followed(opened: Opener, tmp_path: Path) -> None:
    path = _archive(tmp_path / "a.keras", {"config.json": "{}"})
    link = zipfile.ZipInfo("assets/link")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    container = opened(path)
    node = container.describe((b"assets/link",))
    assert isinstance(node, Entry)
    assert (node.kind, node.note) == ("link", "a symbolic link to /etc/passwd")
    assert container.entry_text((b"assets/link",), 100).text == "/etc/passwd"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_entry_listed_twice_says_so(opened: Opener, tmp_path: Path) -> None:
    path = _archive(tmp_path / "a.keras")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("config.json", '{"class_name": "Other"}')
    container = opened(path)
    (names,) = container.child_names(())
    assert names.count(b"config.json") == 1
    node = container.describe((b"config.json",))
    assert isinstance(node, Entry)
    assert node.note == "listed twice, of which the last counts"
    assert container.problems[0].where == "config.json"
    assert "Other" in container.entry_text((b"config.json",), 100).text


# ----------------------------------------------------------------- refusals


def test_a_bomb_is_refused_with_both_sizes(opened: Opener, tmp_path: Path) -> None:
    entries: dict[str, bytes | str] = {"config.json": "{}", "assets/x": b"\0" * (100 << 20)}
    path = _archive(tmp_path / "a.keras", entries, zipfile.ZIP_DEFLATED)
    with pytest.raises(CannotOpen, match=r"declares 105 MB .* stores only 10\d kB"):
        opened(path)


def test_many_small_bombs_are_refused_too(opened: Opener, tmp_path: Path) -> None:
    entries: dict[str, bytes | str] = {f"assets/{n}": b"\0" * (1 << 20) for n in range(80)}
    path = _archive(tmp_path / "a.keras", {"config.json": "{}"} | entries, zipfile.ZIP_DEFLATED)
    with pytest.raises(CannotOpen, match=r"declares 83\.9 MB"):
        opened(path)


def test_weights_larger_than_memory_allows_are_named(
    opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zip_entries, "LARGEST_INFLATED", 100)
    container = opened(_archive(tmp_path / "a.keras", how=zipfile.ZIP_DEFLATED))
    node = container.describe((WEIGHTS,))
    assert isinstance(node, Unreadable)
    assert "at most 100 bytes" in node.reason
    assert container.entry_text((b"config.json",), 100).is_complete


def test_a_declared_size_that_lies_is_noticed(opened: Opener, tmp_path: Path) -> None:
    path = _archive(tmp_path / "a.keras", how=zipfile.ZIP_DEFLATED)
    size = len(_weights())
    data = path.read_bytes()
    assert data.count(size.to_bytes(4, "little")) == 2  # local and central header
    path.write_bytes(data.replace(size.to_bytes(4, "little"), (size // 2).to_bytes(4, "little")))
    node = opened(path).describe((WEIGHTS,))
    assert isinstance(node, Unreadable)


def test_a_stored_size_beyond_the_file_is_noticed(opened: Opener, tmp_path: Path) -> None:
    path = _archive(tmp_path / "a.keras")
    size = len(_weights())
    data = path.read_bytes()
    path.write_bytes(data.replace(size.to_bytes(4, "little"), (size << 8).to_bytes(4, "little")))
    node = opened(path).describe((WEIGHTS,))
    assert isinstance(node, Unreadable)
    assert "size" in node.reason


def test_two_descriptions_that_disagree_are_noticed(opened: Opener, tmp_path: Path) -> None:
    path = _archive(tmp_path / "a.keras")
    data = bytearray(path.read_bytes())
    at = data.find(WEIGHTS)  # the local header comes first
    data[at : at + 5] = b"other"
    path.write_bytes(data)
    node = opened(path).describe((WEIGHTS,))
    assert isinstance(node, Unreadable)
    assert "described twice" in node.reason


def test_an_encrypted_entry_is_named(opened: Opener, tmp_path: Path) -> None:
    path = _archive(tmp_path / "a.keras")
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("model.weights.h5").header_offset
    data[at + 6] |= 1
    path.write_bytes(data)
    node = opened(path).describe((WEIGHTS,))
    assert isinstance(node, Unreadable)
    assert "encrypted" in node.reason


def test_weights_that_are_no_hdf5_leave_the_rest(opened: Opener, tmp_path: Path) -> None:
    entries: dict[str, bytes | str] = {"config.json": "{}", "model.weights.h5": b"nothing"}
    container = opened(_archive(tmp_path / "a.keras", entries))
    nodes = dict(container.walk())
    assert isinstance(nodes[(WEIGHTS,)], Unreadable)
    assert isinstance(nodes[(b"config.json",)], Entry)
    with pytest.raises(CannotRead, match="no readable HDF5"):
        list(container.child_names((WEIGHTS,)))


@pytest.mark.parametrize("keep", [0.3, 0.99])
def test_a_cut_archive_is_refused(opened: Opener, tmp_path: Path, keep: float) -> None:
    path = _archive(tmp_path / "a.keras")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * keep)])
    with pytest.raises(CannotOpen, match="cut short") as caught:
        opened(path)
    assert f"{path.stat().st_size:,} bytes" in caught.value.message


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("archive/data.pkl", "PyTorch"),
        ("weights.npy", "NumPy archive"),
        ("model/saved_model.pb", "SavedModel"),
        ("word/document.xml", "Word"),
        ("xl/workbook.xml", "Excel"),
        ("META-INF/MANIFEST.MF", "Java"),
        ("h5viewer-1.dist-info/METADATA", "wheel"),
        ("holiday.jpg", "holds holiday.jpg"),
    ],
)
def test_archives_of_something_else_are_named(
    opened: Opener, tmp_path: Path, name: str, words: str
) -> None:
    path = _archive(tmp_path / "a.keras", {name: b"x"})
    with pytest.raises(CannotOpen, match=words):
        opened(path)


def test_an_entry_without_a_name_is_an_entry(opened: Opener, tmp_path: Path) -> None:
    """Damage can leave none; Python 3.11 fails when asked whether that is a folder."""
    path = _archive(tmp_path / "m.keras")
    with zipfile.ZipFile(path, "a") as archive, archive.open(zipfile.ZipInfo(""), "w") as entry:
        entry.write(b"text")
    container = opened(path)
    assert isinstance(container.describe((b"",)), Entry)
    assert isinstance(container.describe(KERNEL), Dataset)
