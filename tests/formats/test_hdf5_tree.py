"""The tree of an HDF5 file: what is in it, what it looks like, what is never followed."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
from h5py import h5g, h5s, h5t

from h5viewer.errors import CannotOpen, CannotRead
from h5viewer.formats import hdf5
from h5viewer.formats.container import Container
from h5viewer.formats.hdf5_links import link_names
from h5viewer.formats.hdf5_swmr import lookup3
from h5viewer.formats.table import open_container
from h5viewer.names import NodePath
from h5viewer.nodes import Dataset, Group, Link, NamedType, Unreadable

Opener = Callable[[Path], Container]


def _names(container: Container, path: NodePath = ()) -> list[bytes]:
    return [name for batch in container.child_names(path) for name in batch]


def _make_nested(path: Path, depth: int) -> Path:
    with h5py.File(path, "w") as file:
        group = file.id
        for _ in range(depth):
            group = h5g.create(group, b"g")
        h5py.h5d.create(group, b"end", h5t.NATIVE_INT32, h5s.create(h5s.SCALAR))
    return path


def test_facts_of_datasets(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = np.zeros((6, 4), ">f8")
        made = file.create_dataset("d", data=data, chunks=(3, 2), compression="gzip", shuffle=True,
                                   maxshape=(None, 4))  # fmt: skip
        made.attrs["unit"] = "m"
    node = opened(tmp_path / "a.h5").describe((b"d",))
    assert isinstance(node, Dataset)
    assert (node.shape, node.max_shape, node.chunks) == ((6, 4), (None, 4), (3, 2))
    assert (node.dtype.text, node.dtype.itemsize) == ("big-endian float64", 8)
    assert [step.name for step in node.filters] == ["shuffle", "gzip 4"]
    assert (node.layout, node.n_attributes, node.obstacle) == ("chunked", 1, None)
    assert 0 < node.stored_bytes < node.declared_bytes == 192


def test_empty_and_scalar_spaces_are_told_apart(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["scalar"] = 1.5
        file["null"] = h5py.Empty("f4")
        file["none"] = np.zeros((0, 3))
        file.create_dataset("d32", data=np.zeros((1,) * 31 + (2,)))
    container = opened(tmp_path / "a.h5")
    shapes = {name: container.describe((name,)).shape for name in _names(container)}  # type: ignore[union-attr]
    assert shapes == {b"scalar": (), b"null": None, b"none": (0, 3), b"d32": (1,) * 31 + (2,)}


def test_numbers_beyond_64_bits_are_exact(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        space = h5s.create_simple((2**62, 2**62))
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_chunk((1, 1024))
        h5py.h5d.create(file.id, b"huge", h5t.NATIVE_FLOAT, space, creation)
    node = opened(tmp_path / "a.h5").describe((b"huge",))
    assert isinstance(node, Dataset)
    assert (node.n_elements, node.declared_bytes, node.stored_bytes) == (2**124, 2**126, 0)


def test_links_are_shown_with_their_targets(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["group/data"] = 1
        file["good"] = h5py.SoftLink("/group/data")
        file["group/near"] = h5py.SoftLink("./data")
        file["chain"] = h5py.SoftLink("good")
        file["loop"] = h5py.SoftLink("/pool")
        file["pool"] = h5py.SoftLink("/loop")
        file["dangling"] = h5py.SoftLink("/no/such")
        file["out"] = h5py.ExternalLink("other.h5", "/x")
        file["through"] = h5py.SoftLink("/out/y")
    container = opened(tmp_path / "a.h5")
    links = {
        path: (node.kind, node.file, node.target, node.broken)
        for path, node in container.walk()
        if isinstance(node, Link)
    }
    assert links == {
        (b"good",): ("soft", None, "/group/data", False),
        (b"group", b"near"): ("soft", None, "./data", False),
        (b"chain",): ("soft", None, "good", False),
        (b"loop",): ("soft", None, "/pool", True),
        (b"pool",): ("soft", None, "/loop", True),
        (b"dangling",): ("soft", None, "/no/such", True),
        (b"out",): ("external", "other.h5", "/x", False),
        (b"through",): ("soft", None, "/out/y", True),
    }


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a FIFO as a trap")
@pytest.mark.timeout(20)
def test_nothing_opens_another_file(opened: Opener, tmp_path: Path) -> None:
    """The other file is a FIFO: whoever opens it waits for ever."""
    trap = tmp_path / "trap"
    os.mkfifo(trap)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["out"] = h5py.ExternalLink(str(trap), "/x")
        file["soft"] = h5py.SoftLink("/out/x")
        file.create_dataset("raw", (8,), "u1", external=[(str(trap), 0, 8)])
        layout = h5py.VirtualLayout((4,), "f8", maxshape=(None,))
        source = h5py.VirtualSource(str(trap), "x", (4,), maxshape=(None,))
        layout[: h5s.UNLIMITED] = source[: h5s.UNLIMITED]
        file.create_virtual_dataset("virtual", layout)
    container = opened(tmp_path / "a.h5")
    nodes = {path[-1]: node for path, node in container.walk()}
    assert sorted(path[-1] for batch in container.walk_names() for path in batch) == sorted(nodes)
    for name in (b"raw", b"virtual"):
        node = nodes[name]
        assert isinstance(node, Dataset)
        assert node.obstacle is not None
        assert not node.obstacle.can_insist
        assert str(trap) in node.sources[0]
        assert trap.name in node.obstacle.reason
    with pytest.raises(CannotRead):
        container.attributes((b"out",), 0, 10)
    with pytest.raises(CannotRead):
        list(container.child_names((b"soft", b"x")))
    assert isinstance(container.describe((b"out", b"x")), Unreadable)


def test_cycles_end_and_each_object_counts_once(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file.create_group("group")
        group["data"] = np.arange(3)
        group["self"] = group
        group["top"] = file["/"]
        file["twice"] = group["data"]
    container = opened(tmp_path / "a.h5")
    assert [path for path, _ in container.walk()] == [(b"group",), (b"group", b"data")]
    names = [path for batch in container.walk_names() for path in batch]
    assert len(names) == len(set(names)) == 5
    same = {path: container.describe(path).same_as for path in names}  # type: ignore[union-attr]
    assert same == {
        (b"group",): None,
        (b"twice",): (b"group", b"data"),
        (b"group", b"data"): None,
        (b"group", b"self"): (b"group",),
        (b"group", b"top"): (),
    }
    deep = (b"group", b"self", b"self", b"top", b"group", b"data")
    node = container.describe(deep)
    assert isinstance(node, Dataset)
    assert node.same_as == (b"group", b"data")


def test_twenty_thousand_nested_groups(opened: Opener, tmp_path: Path) -> None:
    container = opened(_make_nested(tmp_path / "deep.h5", 20_000))
    bottom = (b"g",) * 20_000
    assert sum(len(batch) for batch in container.walk_names()) == 20_001
    assert isinstance(container.describe((*bottom, b"end")), Dataset)
    assert _names(container, bottom) == [b"end"]
    assert _names(container, bottom[:-1]) == [b"g"]
    assert isinstance(container.describe(bottom[:1500]), Group)
    assert sum(1 for _ in container.walk()) == 1000  # where walking with facts ends


def test_names_that_are_no_text_are_exact(opened: Opener, tmp_path: Path) -> None:
    strange = [b"caf\xe9", b"..", b"a" * 60_000, b"line\nbreak", b"<img src=x>", b"%s"]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name in strange:
            h5g.create(h5g.create(file.id, name), b"inside")
    container = opened(tmp_path / "a.h5")
    assert sorted(_names(container)) == sorted(strange)
    for name in strange:
        assert isinstance(container.describe((name,)), Group)
        assert _names(container, (name,)) == [b"inside"]


def test_a_name_that_means_a_path_is_not_resolved(opened: Opener, tmp_path: Path) -> None:
    """A forged name with a slash would make HDF5 walk, over links of any kind."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["aXb"] = 1
        file["a/b"] = 2
    bytes_of_file = (tmp_path / "a.h5").read_bytes().replace(b"aXb\0", b"a/b\0")
    (tmp_path / "a.h5").write_bytes(bytes_of_file)
    container = opened(tmp_path / "a.h5")
    assert b"a/b" in _names(container)
    assert isinstance(container.describe((b"a/b",)), Unreadable)
    with pytest.raises(CannotRead):
        container.attributes((b"a/b",), 0, 10)


def test_committed_types_are_nodes(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["kind"] = np.dtype("<i2")
        file["kind"].attrs["note"] = 1
    node = opened(tmp_path / "a.h5").describe((b"kind",))
    assert isinstance(node, NamedType)
    assert (node.dtype.text, node.n_attributes) == ("int16", 1)


def test_natural_order_and_a_small_first_batch(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for number in range(1500):
            h5g.create(file.id, b"g%d" % number)
    batches = list(opened(tmp_path / "a.h5").child_names(()))
    assert [name for batch in batches for name in batch] == [b"g%d" % n for n in range(1500)]
    assert len(batches[0]) <= 500


def test_a_long_list_of_names_is_read_once(
    opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each request has a container of its own; unfolding 200,000 rows again takes no 0.2 s."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for number in range(30):
            h5g.create(file.require_group("long").id, b"l%d" % number)
            h5g.create(file.require_group("other").id, b"o%d" % number)
        file.require_group("short/alone")
    expected = {b"short": [b"alone"]}
    expected |= {name: [name[:1] + b"%d" % n for n in range(30)] for name in (b"long", b"other")}
    read: list[h5g.GroupID] = []

    def listed(group: h5g.GroupID) -> list[bytes]:
        read.append(group)
        return link_names(group)

    monkeypatch.setattr(hdf5, "BATCH", 20)
    monkeypatch.setattr(hdf5, "link_names", listed)
    source = opened(tmp_path / "a.h5").source
    for name, n_read in ((b"long", 1), (b"long", 1), (b"short", 2), (b"long", 2), (b"other", 3)):
        container = open_container(source)
        names = _names(container, (name,))
        container.close()
        assert names == expected[name]
        assert len(read) == n_read


def test_what_is_absent_is_said_to_be(opened: Opener, keras_h5: Path) -> None:
    container = opened(keras_h5)
    node = container.describe((b"nowhere",))
    assert isinstance(node, Unreadable)
    assert "nothing of this name" in node.reason
    assert isinstance(container.describe((b"nowhere", b"at", b"all")), Unreadable)
    for ask in (container.attributes, container.attribute_text, container.attribute_strings):
        with pytest.raises(CannotRead):
            ask((b"nowhere",), b"x" if ask != container.attributes else 0, 10)  # type: ignore[operator]


def test_a_damaged_object_leaves_the_rest_readable(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["bad"] = np.arange(4)
        file["good"] = np.arange(4)
        address = h5py.h5o.get_info(file["bad"].id).addr
    data = bytearray((tmp_path / "a.h5").read_bytes())
    data[address : address + 16] = b"\xff" * 16
    (tmp_path / "a.h5").write_bytes(data)
    container = opened(tmp_path / "a.h5")
    nodes = dict(container.walk())
    assert isinstance(nodes[(b"bad",)], Unreadable)
    assert isinstance(nodes[(b"good",)], Dataset)


# ----------------------------------------------------------------- opening


@pytest.mark.parametrize("block", [512, 4096, 65536])
def test_a_user_block_is_no_obstacle(opened: Opener, tmp_path: Path, block: int) -> None:
    with h5py.File(tmp_path / "a.h5", "w", userblock_size=block) as file:
        file["x"] = 1
    assert _names(opened(tmp_path / "a.h5")) == [b"x"]


def test_trailing_bytes_are_no_obstacle(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = 1
    with (tmp_path / "a.h5").open("ab") as raw:
        raw.write(b"\0" * 5000)
    assert _names(opened(tmp_path / "a.h5")) == [b"x"]


@pytest.mark.parametrize("flags", [0b001, 0b101])
def test_a_file_left_by_a_killed_writer_opens_with_a_warning(
    opened: Opener, tmp_path: Path, flags: int
) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver="v110") as file:
        file["x"] = 1
    assert opened(path).problems == ()
    data = bytearray(path.read_bytes())
    assert data[8] == 3
    data[11] = flags
    data[44:48] = struct.pack("<I", lookup3(bytes(data[:44])))
    path.write_bytes(data)
    container = opened(path)
    assert _names(container) == [b"x"]
    assert "did not close" in container.problems[0].message
    assert path.read_bytes() == bytes(data)


@pytest.mark.parametrize("libver", ["earliest", "v110"])
@pytest.mark.parametrize("block", [0, 512])
def test_a_cut_file_is_refused_with_both_sizes(
    opened: Opener, tmp_path: Path, libver: str, block: int
) -> None:
    """At every length, also when hardly the superblock is left."""
    whole = tmp_path / "whole.h5"
    with h5py.File(whole, "w", libver=libver, userblock_size=block) as file:
        file["x"] = np.arange(1000.0)
    size = whole.stat().st_size
    for length in (block + 48, block + 96, block + 512, size // 2, size - 1):
        cut = tmp_path / f"cut-{length}.h5"
        cut.write_bytes(whole.read_bytes()[:length])
        with pytest.raises(CannotOpen) as caught:
            opened(cut)
        assert "cut short" in caught.value.message
        assert f"{length:,} of {size:,}" in caught.value.message


@pytest.mark.parametrize("length", [8, 9, 15, 30, 47])
def test_a_file_cut_in_its_first_line_is_refused(
    opened: Opener, tmp_path: Path, keras_h5: Path, length: int
) -> None:
    cut = tmp_path / "cut.h5"
    cut.write_bytes(keras_h5.read_bytes()[:length])
    with pytest.raises(CannotOpen, match=f"cut short: it ends after {length} bytes"):
        opened(cut)


@pytest.mark.parametrize("block", [0, 512])
def test_a_growing_file_shows_what_is_saved(opened: Opener, tmp_path: Path, block: int) -> None:
    """A SWMR writer leaves the old end in the superblock; HDF5 then stops there."""
    path = tmp_path / "a.h5"
    script = f"""
import h5py, os, numpy as np
file = h5py.File({str(path)!r}, "w", libver="latest", userblock_size={block})
data = file.create_dataset("x", (0, 100), maxshape=(None, 100), chunks=(10, 100))
file.swmr_mode = True
data.resize((500, 100))
data[:] = np.arange(50_000).reshape(500, 100)
data.flush()
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    before = path.read_bytes()
    container = opened(path)
    assert "did not close" in container.problems[0].message
    node = container.describe((b"x",))
    assert isinstance(node, Dataset)
    assert node.shape == (500, 100)
    values = container.array((b"x",)).read((slice(499, 500), slice(98, 100)))
    assert values.tolist() == [[49_998, 49_999]]
    assert path.read_bytes() == before


def test_a_writer_that_died_before_saving_is_named(opened: Opener, tmp_path: Path) -> None:
    script = f"""
import h5py, os
file = h5py.File({str(tmp_path / "a.h5")!r}, "w", libver="latest")
file["x"] = list(range(9999))
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
    with pytest.raises(CannotOpen, match="not closed by the program that wrote it"):
        opened(tmp_path / "a.h5")


def test_a_file_whose_top_is_damaged_still_opens(opened: Opener, corpus: Path) -> None:
    path = corpus / "hdf5_data" / "HDFGroup__hdfview__bug1523_testfile02_corrupt.h5"
    container = opened(path)
    assert container.problems[0].message == f"The list of names in {path.name} is damaged."
    with pytest.raises(CannotRead) as caught:
        list(container.child_names(()))
    # HDF5's own words are for those who ask
    message = f"The list of names in {path.name} is damaged and cannot be read."
    assert caught.value.message == message
    assert "EOA" in caught.value.details
    assert list(container.walk()) == []
