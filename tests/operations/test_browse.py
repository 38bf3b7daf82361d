"""Browsing: names first, facts for what is visible, search through everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import h5py
import numpy as np
import pytest
from h5py import h5g

from h5viewer.errors import CannotRead
from h5viewer.formats.container import Container
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.names import NodePath
from h5viewer.nodes import (
    Dataset,
    Entry,
    Group,
    Listed,
    Names,
    Nodes,
    Paths,
    Unreadable,
)
from h5viewer.operations import Operation, browse
from h5viewer.requests import (
    DescribeNodes,
    ListChildren,
    Progress,
    ReadAttributes,
    ReadAttributeText,
    ReadEntryText,
    SearchNames,
)

T = TypeVar("T")


@pytest.fixture
def opened() -> Iterator[Callable[[Path], Container]]:
    containers: list[Container] = []

    def open_file(path: Path) -> Container:
        containers.append(open_container(Source(str(path))))
        return containers[-1]

    yield open_file
    for container in containers:
        container.close()
        container.source.close()


Opener = Callable[[Path], Container]


def _run(operation: Operation[T]) -> tuple[list[object], T]:
    parts: list[object] = []
    while True:
        try:
            parts.append(next(operation))
        except StopIteration as end:
            return parts, end.value


def _search(container: Container, text: str, limit: int = 10_000) -> tuple[list[NodePath], Listed]:
    request = SearchNames(document="", text=text, limit=limit)
    parts, listed = _run(browse.search_names(request, container))
    paths = [path for part in parts if isinstance(part, Paths) for path in part.paths]
    assert listed.count == len(paths)
    return paths, listed


def _wide(path: Path, count: int) -> Path:
    with h5py.File(path, "w") as file:
        group = h5g.create(file.id, b"wide")
        for number in range(count):
            h5g.create(group, b"item %d" % number)
    return path


def test_children_come_in_natural_order_the_first_few_at_once(
    opened: Opener, tmp_path: Path
) -> None:
    container = opened(_wide(tmp_path / "a.h5", 3000))
    request = ListChildren(document="", node=(b"wide",))
    parts, listed = _run(browse.list_children(request, container))
    assert all(isinstance(part, Names) for part in parts)
    names = [name for part in parts if isinstance(part, Names) for name in part.names]
    assert names == [b"item %d" % number for number in range(3000)]
    assert listed == Listed(count=3000)
    assert isinstance(parts[0], Names)
    assert len(parts[0].names) <= 500


def test_facts_come_in_the_order_asked(opened: Opener, tmp_path: Path) -> None:
    container = opened(_wide(tmp_path / "a.h5", 1000))
    asked = tuple((b"wide", b"item %d" % number) for number in reversed(range(1000)))
    asked = (*asked, (b"nowhere",), ())
    parts, listed = _run(browse.describe_nodes(DescribeNodes(document="", nodes=asked), container))
    nodes = [node for part in parts if isinstance(part, Nodes) for node in part.nodes]
    assert tuple(node.path for node in nodes) == asked
    assert listed.count == 1002
    assert len(parts) >= 5
    assert isinstance(nodes[-2], Unreadable)
    assert isinstance(nodes[-1], Group)


def test_search_finds_parts_of_names_in_the_whole_file(opened: Opener, keras_h5: Path) -> None:
    container = opened(keras_h5)
    paths, listed = _search(container, "KERNEL")
    assert {path[-1] for path in paths} == {b"kernel:0"}
    assert len(paths) == 2
    assert not listed.truncated
    assert _search(container, "nothing like it")[0] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("item 1?", 10),
        ("item 1*", 11),
        ("*9", 2),
        ("?tem 1", 1),
        ("item 1", 11),
        ("tem", 20),
        ("[0-9]", 0),
        ("[*", 1),
        ("(", 1),
        (".", 0),
    ],
)
def test_wildcards(opened: Opener, tmp_path: Path, text: str, found: int) -> None:
    path = _wide(tmp_path / "a.h5", 20)
    with h5py.File(path, "r+") as file:
        file.create_group("[x(")
    assert len(_search(opened(path), text)[0]) == found


def test_search_stops_at_its_limit(opened: Opener, tmp_path: Path) -> None:
    container = opened(_wide(tmp_path / "a.h5", 100))
    paths, listed = _search(container, "item", limit=7)
    assert (len(paths), listed.truncated) == (7, True)
    paths, listed = _search(container, "item", limit=100)
    assert (len(paths), listed.truncated) == (100, False)


def test_search_goes_through_weights_in_archives(opened: Opener, keras_archive: Path) -> None:
    container = opened(keras_archive)
    paths, _ = _search(container, "vars")
    assert paths
    assert all(path[0] == b"model.weights.h5" for path in paths)
    for path in paths:
        assert isinstance(container.describe(path), Group)
    entries, _ = _search(container, "config.json")
    assert [type(container.describe(path)) for path in entries] == [Entry]


def test_search_tells_how_far_it_is(
    opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browse, "_PART_SECONDS", 0.0)
    container = opened(_wide(tmp_path / "a.h5", 5000))
    request = SearchNames(document="", text="zzz")
    parts, _ = _run(browse.search_names(request, container))
    seen = [part.done for part in parts if isinstance(part, Progress)]
    assert seen == sorted(seen)
    assert seen[-1] == 5001
    assert len(seen) > 3


def test_a_search_that_is_closed_half_way_leaves_the_file_usable(
    opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(browse, "_PART_SECONDS", 0.0)
    container = opened(_wide(tmp_path / "a.h5", 500))
    operation = browse.search_names(SearchNames(document="", text="item"), container)
    next(operation)
    operation.close()
    assert len(_search(container, "item")[0]) == 500


def test_attributes_and_texts(opened: Opener, tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["d"] = np.arange(3)
        file["d"].attrs["unit"] = "metre"
    container = opened(tmp_path / "a.h5")
    _, page = _run(browse.read_attributes(ReadAttributes(document="", node=(b"d",)), container))
    assert [(a.name, a.text) for a in page.attributes] == [(b"unit", "metre")]
    request = ReadAttributeText(document="", node=(b"d",), name=b"unit", limit=3)
    _, text = _run(browse.read_attribute_text(request, container))
    assert (text.text, text.is_complete) == ("met", False)
    gone = ReadAttributeText(document="", node=(b"d",), name=b"gone")
    with pytest.raises(CannotRead, match="no attribute gone"):
        _run(browse.read_attribute_text(gone, container))
    with pytest.raises(CannotRead):
        _run(browse.read_entry_text(ReadEntryText(document="", node=(b"d",)), container))


def test_entries_of_archives(opened: Opener, keras_archive: Path) -> None:
    container = opened(keras_archive)
    request = ReadEntryText(document="", node=(b"config.json",))
    _, text = _run(browse.read_entry_text(request, container))
    assert text.language == "json"
    assert "class_name" in text.text


def test_every_name_found_by_listing_is_described(opened: Opener, datasets_h5: Path) -> None:
    """What the tree shows by expanding is what a search goes through."""
    container = opened(datasets_h5)
    listed: list[NodePath] = []
    to_do: list[NodePath] = [()]
    while to_do:
        path = to_do.pop()
        request = ListChildren(document="", node=path)
        for part in _run(browse.list_children(request, container))[0]:
            assert isinstance(part, Names)
            for name in part.names:
                listed.append((*path, name))
                node = container.describe(listed[-1])
                if isinstance(node, Group) and node.same_as is None:
                    to_do.append(listed[-1])
    found, _ = _search(container, "")
    assert sorted(found) == sorted(listed)
    assert any(isinstance(container.describe(path), Dataset) for path in listed)
