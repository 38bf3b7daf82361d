"""TensorFlow checkpoints, old and new, without TensorFlow."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from checkpoint_files import (
    FLOAT,
    STRING,
    bundle_entry,
    field,
    object_message,
    shape_message,
    slice_message,
    table,
    varint,
    write_bundle,
)

from h5viewer.documents.document import describe
from h5viewer.errors import CannotOpen, CannotRead
from h5viewer.formats.boxes import whole
from h5viewer.formats.container import Container
from h5viewer.formats.crc32c import Crc32c, crc32c, masked_crc32c
from h5viewer.formats.ordered_code import encode_name, encode_slice
from h5viewer.formats.protobuf import Malformed
from h5viewer.formats.snappy import decompress
from h5viewer.formats.source import Source
from h5viewer.nodes import Dataset, Group, Unreadable

Opener = Callable[[Path], Container]

HEADER = (b"", field(1, 1) + field(3, field(1, 1)))


def _values(container: Container, name: str) -> np.ndarray:  # type: ignore[type-arg]
    path = (name.encode(),)
    node = container.describe(path)
    assert isinstance(node, Dataset)
    assert node.shape is not None
    return container.array(path).read(whole(node.shape))


@pytest.mark.parametrize("options", [{}, {"per_block": 1}, {"kind": 1}])
def test_variables_with_their_values(
    opened: Opener, tmp_path: Path, options: dict[str, int]
) -> None:
    stored = {
        "conv/kernel": np.arange(24, dtype="<f4").reshape(2, 3, 4),
        "conv/kernel/Adam": np.ones((2, 3, 4), "<f8"),
        "half": np.array([1.5, np.nan], "<f2"),
        "flags": np.array([True, False]),
        "step": np.array(7, "<i8"),
        "none": np.zeros((0, 3), "<i4"),
    }
    container = opened(write_bundle(tmp_path / "model.ckpt", stored, **options))
    assert (container.format_hint, container.problems) == ("tf-checkpoint", ())
    nodes = {path: node for path, node in container.walk() if isinstance(node, Dataset)}
    assert [b"/".join(path).decode() for path in nodes] == sorted(stored)
    for name, values in stored.items():
        node = container.describe((name.encode(),))
        assert isinstance(node, Dataset)
        assert (node.shape, node.dtype.text) == (values.shape, values.dtype.name)
        assert node.stored_bytes == values.nbytes
        assert np.array_equal(_values(container, name), values, equal_nan=values.dtype.kind == "f")
    array = container.array((b"conv", b"kernel"))  # the same name as people write it
    ((_, part),) = array.read_many(iter([(slice(1, 2), slice(0, 2), slice(3, 4))]))
    assert part.tolist() == [[[15.0], [19.0]]]


def test_variables_stand_in_their_scopes_and_slots_beside_them(
    opened: Opener, tmp_path: Path
) -> None:
    """However a path is cut, it leads to the same variable; the key is one such path."""
    value, one = "/.ATTRIBUTES/VARIABLE_VALUE", np.zeros(1, "<f4")
    names = {
        "net/conv10/w": "/net/conv10/w",
        "net/conv2/w": "/net/conv2/w",
        "net/conv2/w/Adam": "/net/conv2/w/Adam",
        "net/conv2/w/Adam/of": "/net/conv2/w/Adam/of",
        "alone": "/alone",
        f"new/kernel{value}": f"/new/kernel{value}",
        f"new/kernel/.OPTIMIZER_SLOT/optimizer/m{value}": "",
        "new/.ATTRIBUTES/OBJECT_CONFIG_JSON": "",
        "/odd//name": "",
    }
    container = opened(write_bundle(tmp_path / "a", dict.fromkeys(names, one)))
    assert next(container.child_names(())) == [b"/odd//name", b"alone", b"net", b"new"]
    assert next(container.child_names((b"net",))) == [b"conv2", b"conv10"]
    beside = [b"w", b"w/Adam", b"w/Adam/of"]
    assert next(container.child_names((b"net", b"conv2"))) == beside
    kernel = f"kernel{value}".encode()
    slot = f"kernel/.OPTIMIZER_SLOT/optimizer/m{value}".encode()
    config = b".ATTRIBUTES/OBJECT_CONFIG_JSON"
    assert next(container.child_names((b"new",))) == [config, kernel, slot]
    walked = [(path, node) for path, node in container.walk() if isinstance(node, Dataset)]
    assert {b"/".join(path).decode() for path, _ in walked} == set(names)
    for path, _ in walked:
        assert isinstance(container.describe((b"/".join(path),)), Dataset)
        assert isinstance(container.describe(tuple(b"/".join(path).split(b"/"))), Dataset)
    assert container.describe((b"net",)) == Group(path=(b"net",), n_children=2)
    with pytest.raises(CannotRead, match="holds no other variables"):
        next(container.child_names((b"alone",)))


def test_files_beside_the_index_are_opened_at_once(tmp_path: Path) -> None:
    """A confined worker opens nothing later; only the checkpoint's own files count."""
    index = write_bundle(tmp_path / "a", {"x": np.zeros(3, "<f4")})
    (tmp_path / "a.data-00000-of-00001.bak").touch()
    (tmp_path / "b.data-00000-of-00001").touch()
    with Source(str(index)) as source:
        assert list(source.companions) == [".data-00000-of-00001"]
        source.check_unchanged()
        (tmp_path / "a.data-00000-of-00001").write_bytes(b"more than there was before")
        with pytest.raises(CannotRead, match="changed on disk"):
            source.check_unchanged()


def test_a_folder_that_was_moved_is_noticed(opened: Opener, tmp_path: Path) -> None:
    """TensorFlow 1 wrote whole paths, and finds nothing where they lead no more."""
    index = write_bundle(tmp_path / "m-2", {"x": np.zeros(3, "<f4")})
    state = tmp_path / "checkpoint"
    state.write_text('model_checkpoint_path: "m-2"\nall_model_checkpoint_paths: "m-1"\n')
    assert opened(index).problems == ()
    state.write_text('model_checkpoint_path: "/home/she/run/m-2"\n')
    container = opened(state)
    assert container.source.path == str(index)
    (problem,) = container.problems
    assert problem.message.startswith(
        "The file checkpoint names 1 checkpoint in another folder (/home/she/run/m-2), but it lies"
    )


def test_size_of_a_checkpoint_counts_its_data(opened: Opener, tmp_path: Path) -> None:
    """The index alone, a hundredth of it, says nothing of how large the checkpoint is."""
    index = write_bundle(tmp_path / "a", {"x": np.zeros(3000, "<f4")})
    document = describe(opened(index))
    assert document.identity.size == index.stat().st_size
    assert document.size == index.stat().st_size + 12_000


def test_an_index_that_is_cut_short_is_refused(opened: Opener, tmp_path: Path) -> None:
    index = write_bundle(tmp_path / "a", {"x": np.zeros(3, "<f4")})
    data = index.read_bytes()
    for length in (20, len(data) // 2, len(data) - 1):
        index.write_bytes(data[:length])
        with pytest.raises(CannotOpen, match=f"index that is cut short: .* {length} bytes"):
            opened(index)


def test_wrong_checksums_are_named_and_the_rest_is_shown(opened: Opener, tmp_path: Path) -> None:
    stored = {"layer/kernel": np.arange(6, dtype="<f4"), "layer/a": np.arange(3, dtype="<f4")}
    index = write_bundle(tmp_path / "a", stored)
    index.write_bytes(index.read_bytes().replace(b"kernel", b"Kernel"))
    shard = tmp_path / "a.data-00000-of-00001"
    data = bytearray(shard.read_bytes())
    data[-1] ^= 255
    shard.write_bytes(data)
    container = opened(index)
    assert list(container.walk_names()) == [[(b"layer",), (b"layer", b"Kernel"), (b"layer", b"a")]]
    names, values = container.problems
    assert "a.index is wrong" in names.message
    assert (values.where, "checksum" in values.message) == ("layer/Kernel", True)
    assert _values(container, "layer/a").tolist() == [0, 1, 2]


def test_a_missing_data_file_is_named(opened: Opener, tmp_path: Path) -> None:
    index = write_bundle(tmp_path / "a", {"x": np.zeros(3, "<f4")})
    (tmp_path / "a.data-00000-of-00001").unlink()
    container = opened(index)
    node = container.describe((b"x",))
    assert isinstance(node, Dataset)
    assert node.obstacle is not None
    assert "a.data-00000-of-00001, which is not beside" in node.obstacle.reason
    assert "a.data-00000-of-00001" in container.problems[0].message
    with pytest.raises(CannotRead, match="not beside"):
        container.array((b"x",)).read((slice(0, 3),))


def test_a_data_file_that_is_cut_short_leaves_the_rest(opened: Opener, tmp_path: Path) -> None:
    index = write_bundle(
        tmp_path / "a", {"a": np.arange(3, dtype="<f4"), "b": np.arange(3, dtype="<f4")}
    )
    shard = tmp_path / "a.data-00000-of-00001"
    shard.write_bytes(shard.read_bytes()[:20])
    container = opened(index)
    assert _values(container, "a").tolist() == [0, 1, 2]
    node = container.describe((b"b",))
    assert isinstance(node, Dataset)
    assert node.obstacle is not None
    assert "only 20 bytes" in node.obstacle.reason
    (problem,) = container.problems
    assert problem.message == (
        "a.data-00000-of-00001 is cut short: the values of 1 variable are not in it."
    )


def test_strings_and_variables_in_parts(opened: Opener, tmp_path: Path) -> None:
    texts = [b"a", b"", "größe".encode()]
    lengths = struct.pack("<3I", *map(len, texts))
    check = struct.pack("<I", masked_crc32c(lengths))
    strings = b"".join(map(varint, map(len, texts))) + check + b"".join(texts)
    left, right = np.arange(6, dtype="<f4"), np.arange(6, 10, dtype="<f4")
    parts = {slice_message(None, (0, 3)): left, slice_message(None, (3, 2)): right}
    data = strings + left.tobytes() + right.tobytes()
    whole_entry = field(1, FLOAT) + field(2, shape_message((2, 5)))
    entries = [HEADER]
    offset = len(strings)
    for message, values in parts.items():
        entry = bundle_entry(FLOAT, (2, values.size // 2), offset, values.tobytes())
        entries.append((encode_slice(b"parted", message), entry))
        offset += values.nbytes
    entries.append((b"parted", whole_entry + b"".join(field(7, message) for message in parts)))
    place = field(4, 0) + field(5, len(strings))
    stated = masked_crc32c(lengths + check + b"".join(texts))
    entries.append((b"words", field(1, STRING) + field(2, shape_message((3,))) + place
                    + field(6, stated, fixed=True)))  # fmt: skip
    (tmp_path / "a.index").write_bytes(table(sorted(entries)))
    (tmp_path / "a.data-00000-of-00001").write_bytes(data)
    container = opened(tmp_path / "a.index")
    assert container.problems == ()
    assert [path for path, _ in container.walk()] == [(b"parted",), (b"words",)]
    assert _values(container, "words").tolist() == texts
    assert _values(container, "parted").tolist() == [[0, 1, 2, 6, 7], [3, 4, 5, 8, 9]]


def test_absurd_entries_are_unreadable_one_by_one(opened: Opener, tmp_path: Path) -> None:
    index = write_bundle(tmp_path / "a", {})
    size = 2**64 - 1
    entries = [
        HEADER,
        (b"axes", field(1, 1) + field(2, shape_message((1,) * 40)) + field(5, 4)),
        (b"big", field(1, 1) + field(2, shape_message((2**62, 2**62))) + field(5, 4)),
        (b"far", field(1, 1) + field(2, shape_message((1,))) + field(4, size) + field(5, 4)),
        (b"negative", field(1, 1) + field(2, shape_message((-5,))) + field(5, 4)),
        (b"noise", b"\xff" * 9),
        (b"other", field(1, 21) + field(2, shape_message((1,))) + field(5, 4)),
        (b"short", field(1, 1) + field(2, shape_message((9,))) + field(5, 4)),
    ]
    index.write_bytes(table(entries))
    container = opened(index)
    nodes = {path[0]: node for path, node in container.walk()}
    unreadable = {name for name, node in nodes.items() if isinstance(node, Unreadable)}
    assert unreadable == {b"axes", b"negative", b"noise"}
    told = {problem.where for problem in container.problems if problem.where}
    assert told == {"axes", "negative", "noise"}
    for name in nodes.keys() - unreadable:
        node = nodes[name]
        assert isinstance(node, Dataset)
        assert node.obstacle is not None
        with pytest.raises(CannotRead):
            container.array((name,)).read(whole(node.shape or ()))
    big = nodes[b"big"]
    assert isinstance(big, Dataset)
    assert big.n_elements == 2**124


def test_a_table_of_the_old_kind(opened: Opener, tmp_path: Path) -> None:
    def listed(name: bytes, kind: int, shape: tuple[int, ...]) -> bytes:
        return field(1, field(1, name) + field(2, shape_message(shape)) + field(3, kind))

    def part(name: bytes, extents: bytes, numbers: bytes) -> tuple[bytes, bytes]:
        saved = field(1, name) + field(2, extents) + field(3, numbers)
        return encode_slice(name, extents), field(2, saved)

    floats = np.arange(6, dtype="<f4")
    entries = [
        (b"", field(1, listed(b"w", 1, (2, 3)) + listed(b"n", 9, (3,)) + listed(b"h", 19, (2,)))),
        part(b"h", slice_message(None), field(13, varint(0x3C00) + varint(0xC000))),
        part(b"n", slice_message(None), field(10, b"".join(map(varint, (1, -2, 300))))),
        part(b"w", slice_message((0, 1), None), field(5, floats[:3].tobytes())),
        part(b"w", slice_message((1, 1), None), field(5, floats[3:].tobytes())),
    ]
    path = tmp_path / "model.ckpt"
    path.write_bytes(table(sorted(entries), per_block=1))
    container = opened(path)
    assert [path for path, _ in container.walk()] == [(b"h",), (b"n",), (b"w",)]
    assert _values(container, "w").tolist() == floats.reshape(2, 3).tolist()
    assert _values(container, "n").tolist() == [1, -2, 300]
    assert _values(container, "h").tolist() == [1.0, -2.0]


def test_names_that_unfold_absurdly_end_the_list(opened: Opener, tmp_path: Path) -> None:
    """Each entry shares 60,000 letters with the one before: three bytes of file."""
    stem = b"n" * 60_000
    entry = bundle_entry(FLOAT, (1,), 0, b"\0" * 4)
    entries = [HEADER, *((stem + b"%06d" % n, entry) for n in range(3000))]
    (tmp_path / "a.index").write_bytes(table(entries, per_block=10**6))
    container = opened(tmp_path / "a.index")
    assert "damaged after" in container.problems[0].message
    assert sum(1 for _ in container.walk()) < 3000


def test_another_table_is_no_checkpoint(opened: Opener, tmp_path: Path) -> None:
    (tmp_path / "000005.ldb").write_bytes(table([(b"key", b"value")]))
    with pytest.raises(CannotOpen, match="no checkpoint"):
        opened(tmp_path / "000005.ldb")


@pytest.mark.parametrize("size", [0, 1, 3, 511, 512, 513, 4096, (1 << 20) + 3])
def test_checksums_are_those_of_the_plain_definition(size: int) -> None:
    data = np.random.default_rng(size).bytes(size)
    state = 0xFFFFFFFF
    for byte in data:
        state ^= byte
        for _ in range(8):
            state = (state >> 1) ^ (0x82F63B78 if state & 1 else 0)
    assert crc32c(data) == crc32c(memoryview(data)) == state ^ 0xFFFFFFFF
    checksum = Crc32c()
    for piece in (data[: size // 3], data[size // 3 :]):
        checksum.add(piece)
    assert checksum.plain == state ^ 0xFFFFFFFF


def test_checksum_of_the_standard_text() -> None:
    assert crc32c(b"123456789") == 0xE3069283


def test_names_of_parts_escape_what_ends_a_name() -> None:
    assert encode_name(b"a\0b\xffc") == b"\0a\0\xffb\xff\0c\0\x01"
    key = encode_slice(b"w", slice_message((0, 64), (8191, 8192), None))
    assert key == b"\0w\0\x01\x01\x03\x80\xc0\x40\xdf\xff\xe0\x20\x00\x80\x7f"


def test_snappy_copies_and_limits() -> None:
    # "abcd" as a literal, then 6 more letters from 4 back, which overlap what they make.
    assert decompress(b"\x0a\x0cabcd" + bytes([2 << 2 | 1, 4]), 100) == b"abcdabcdab"
    for damaged in (b"\x0a\x0cabcd\x09\x05", b"\x05\x0cabcd", b"\xff\xff\xff\xff\x0f", b"\x80"):
        with pytest.raises(Malformed):
            decompress(damaged, 100)


# ------------------------------------------------------------------- corpus


def test_real_checkpoints_open_with_sound_checksums(opened: Opener, corpus: Path) -> None:
    """As many variables as the catalogue counts, every value readable."""
    catalogue = (corpus / "CATALOG.md").read_text()
    n_files = 0
    for path in sorted((corpus / "tf_ckpt").rglob("*")):
        name = path.relative_to(corpus / "tf_ckpt").as_posix()
        counted = re.search(
            rf"^\| `{re.escape(name)}` .*(?:V2 index|single table\)) \| (\d+) ", catalogue, re.M
        )
        if counted is None:
            continue
        n_files += 1
        container = opened(path)
        assert container.problems == ()
        nodes = {path: node for path, node in container.walk() if isinstance(node, Dataset)}
        assert len(nodes) == int(counted[1])
        for node_path, node in nodes.items():
            assert node.obstacle is None
            values = container.array(node_path).read(whole(node.shape or ()))
            assert values.shape == node.shape
    assert n_files == 11


def test_every_file_of_a_checkpoint_opens_it(opened: Opener, corpus: Path) -> None:
    """Whichever of them is named; the folder, and the prefix that TensorFlow speaks of, too."""
    n_named = 0
    for index in (corpus / "tf_ckpt").rglob("*.index"):
        beside = [
            path
            for path in index.parent.iterdir()
            if path.name.startswith(f"{index.stem}.") and path.suffix != ".index"
        ]
        for path in (*beside, index.with_suffix("")):
            n_named += 1
            assert opened(path).source.path == str(index)
    assert n_named == 23
    for state in (corpus / "tf_ckpt").rglob("checkpoint"):
        latest = opened(state).source.path
        assert opened(state.parent).source.path == latest
        assert Path(latest).suffix == ".index"


def test_damaged_checkpoints_raise_nothing_but_our_errors(opened: Opener, tmp_path: Path) -> None:
    """Every byte of a small index, changed in three ways."""
    stored = {"a/b": np.arange(4, dtype="<f4"), "c": np.ones((2, 2), "<i4")}
    index = write_bundle(tmp_path / "a", stored)
    data = index.read_bytes()
    n_opened = 0
    for at in range(len(data)):
        for value in (0, 255, data[at] ^ 1):
            changed = bytearray(data)
            changed[at] = value
            index.write_bytes(changed)
            try:
                container = opened(index)
            except CannotOpen:
                continue
            n_opened += 1
            for path, node in container.walk():
                if isinstance(node, Dataset) and node.n_elements < 10**6:
                    try:
                        container.array(path).read(whole(node.shape or ()))
                    except CannotRead:
                        continue
    assert n_opened > len(data)


def test_slot_is_shown_though_its_variable_is_lost(opened: Opener, tmp_path: Path) -> None:
    """Its key in the list of objects was damaged."""
    end = "/.ATTRIBUTES/VARIABLE_VALUE"
    objects = (
        object_message({"kernel": 1, "optimizer": 2}),
        object_message({}, f"kErnel{end}", "kernel"),
        object_message({"m": 3}, slots=((1, "m", 3),)),
        object_message({}, f"optimizer/m{end}", "kernel/m"),
    )
    stored = {f"kernel{end}": np.ones(2, "<f4"), f"optimizer/m{end}": np.zeros(2, "<f4")}
    container = opened(write_bundle(tmp_path / "a", stored, objects))
    found = {each.path: each for _, each in container.walk() if isinstance(each, Dataset)}
    (slot,) = (path for path in found if path[-1].endswith(b"/m"))
    told = {each.name: each.text for each in container.attributes(slot, 0, 9).attributes}
    assert told[b"kept for"] == f"kErnel{end}"


def test_shards_of_the_old_kind_are_one_checkpoint(opened: Opener, tmp_path: Path) -> None:
    """Each lists what it holds; a variable may have its parts in several."""

    def shard(start: int, *names: bytes) -> bytes:
        extents = slice_message((start, 1), None)
        listed = [
            field(1, name) + field(2, shape_message((2, 3))) + field(3, FLOAT) for name in names
        ]
        numbers = np.arange(3 * start, 3 * start + 3, dtype="<f4").tobytes()
        parts = [
            (encode_slice(name, extents), field(2, field(1, name) + field(2, extents)
                                                + field(3, field(5, numbers))))
            for name in names
        ]  # fmt: skip
        return table([(b"", field(1, b"".join(field(1, each) for each in listed))), *parts])

    first, second = (tmp_path / f"m-7-0000{at}-of-00002" for at in range(2))
    first.write_bytes(shard(0, b"w"))
    second.write_bytes(shard(1, b"w"))
    container = opened(tmp_path / "m-7")
    assert container.source.path == str(first)
    assert container.problems == ()
    assert _values(container, "w").tolist() == [[0, 1, 2], [3, 4, 5]]
    second.write_bytes(b"nothing of it")
    container = opened(first)
    assert "m-7-00001-of-00002 is damaged" in container.problems[0].message
    second.unlink()
    container = opened(first)
    assert container.problems[0].message.startswith("1 shard of this checkpoint is not beside")
    with pytest.raises(CannotRead, match="damaged"):
        _values(container, "w")
