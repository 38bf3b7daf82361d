"""Keras' index of weights in several files: one tree, and nothing from outside of its folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

from h5viewer.documents.document import describe
from h5viewer.errors import CannotOpen, CannotRead
from h5viewer.formats.container import Container
from h5viewer.formats.source import Source
from h5viewer.formats.table import open_container
from h5viewer.nodes import Dataset, Group, Unreadable
from h5viewer.operations.average import plan_average
from h5viewer.operations.strip import plan_strip
from h5viewer.requests import AverageNetworks, StripFile

VARS = (b"layers", b"dense", b"vars")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A layer whose bias is in another file than its kernel, and one that is in the second."""
    for number, names in enumerate((["dense/vars/0"], ["dense/vars/1", "end/vars/0"])):
        with h5py.File(tmp_path / f"m_{number:05}.weights.h5", "w") as file:
            for name in names:
                file[f"layers/{name}"] = np.full(3, float(name[-1]) + 10 * number, "f4")
            file["layers/dense/vars"].attrs["name"] = "first"
    return write_index(tmp_path / "m.weights.json", ["m_00000.weights.h5", "m_00001.weights.h5"])


def write_index(path: Path, of_dense: list[str]) -> Path:
    places = {"/layers/dense/vars": of_dense, "/layers/end/vars": of_dense[-1]}
    path.write_text(json.dumps({"metadata": {"total_size": 36}, "weight_map": places}))
    return path


@pytest.fixture
def container(index: Path) -> Iterator[Container]:
    with Source(str(index)) as source:
        yield open_container(source)


def test_all_files_are_one_tree(container: Container) -> None:
    walked = dict(container.walk())
    names = ["", "/dense", "/dense/vars", "/dense/vars/0", "/dense/vars/1"]
    names += ["/end", "/end/vars", "/end/vars/0"]
    assert [b"/".join(path).decode() for path in walked] == [f"layers{name}" for name in names]
    assert [path for batch in container.walk_names() for path in batch] == list(walked)
    group = walked[VARS]
    assert isinstance(group, Group)
    assert (group.n_children, group.n_attributes) == (2, 1)
    for path, node in walked.items():
        if isinstance(node, Group):
            assert [len(batch) for batch in container.child_names(path)] == [node.n_children]
    assert container.attribute_text(VARS, b"name", 9).text == "first"  # type: ignore[union-attr]
    kernel, bias = (container.array((*VARS, name)) for name in (b"0", b"1"))
    assert kernel.read((slice(0, 3),)).tolist() == [0, 0, 0]
    assert bias.read((slice(0, 3),)).tolist() == [11, 11, 11]
    assert sum(1 for each in container.occupancy() if each.purpose == "values") == 3
    document = describe(container)
    assert document.format == "keras-weights"
    assert document.data_bytes > 1000
    assert not document.problems
    with pytest.raises(CannotRead):
        container.array(VARS)
    with pytest.raises(CannotRead):
        list(container.child_names((*VARS, b"0")))


def test_an_object_with_several_names_is_walked_over_once(index: Path) -> None:
    with h5py.File(index.parent / "m_00001.weights.h5", "r+") as file:
        end = file["layers/end/vars"]
        end["1"] = end["0"]
        end["again"] = end
        file["aside"] = np.zeros(3, "f4")  # its first name is in no group of the index
        end["one"] = end["two"] = file["aside"]
    with Source(str(index)) as source:
        container = open_container(source)
        below = (b"layers", b"end", b"vars")
        walked = [path[3] for path, _ in container.walk() if path[:3] == below and len(path) > 3]
        assert walked == [b"0", b"one"]
        named = [path[3] for batch in container.walk_names() for path in batch
                 if path[:3] == below and len(path) > 3]  # fmt: skip
        assert named == [b"0", b"1", b"again", b"one", b"two"]


def test_a_file_that_is_lost_is_told_and_the_others_stay(index: Path) -> None:
    (index.parent / "m_00001.weights.h5").unlink()
    with Source(str(index)) as source:
        container = open_container(source)
        assert [problem.where for problem in container.problems] == ["m_00001.weights.h5"]
        assert isinstance(container.describe((*VARS, b"0")), Dataset)
        assert isinstance(container.describe((*VARS, b"1")), Unreadable)


@pytest.mark.parametrize(
    "name", ["../m_00000.weights.h5", "/etc/passwd", "a\\b_00000.weights.h5", "diary.h5", 3]
)
def test_nothing_is_opened_but_parts_beside_it(index: Path, name: str) -> None:
    (index.parent / "sub").mkdir()
    moved = index.parent / "sub" / "m.weights.json"
    moved.write_text(json.dumps({"weight_map": {"/layers/dense/vars": name}}))
    with Source(str(moved)) as source:
        assert not source.companions
        with pytest.raises(CannotOpen, match="JSON"):
            open_container(source)


def test_no_changed_copy_is_made_of_several_files(container: Container) -> None:
    name = container.source.path
    for plan in (
        plan_strip(StripFile(document=name, target="a.weights.h5"), container),
        plan_average(
            AverageNetworks(document=name, others=(name,), target="a.weights.h5"),
            container,
            container,
        ),
    ):
        with pytest.raises(CannotRead, match="index of several files"):
            list(plan)


@pytest.mark.parametrize("way", ["backbone/layers/dense", "wrapper/layer/layers/dense"])
def test_networks_in_networks_are_weights_of_keras_too(tmp_path: Path, way: str) -> None:
    with h5py.File(tmp_path / "m_00000.weights.h5", "w") as file:
        file[f"layers/{way}/vars/0"] = np.ones(3, "f4")
    index = tmp_path / "m.weights.json"
    named = {f"/layers/{way}/vars": "m_00000.weights.h5"}
    index.write_text(json.dumps({"metadata": {"total_size": 12}, "weight_map": named}))
    with Source(str(index)) as source:
        assert describe(open_container(source)).format == "keras-weights"
