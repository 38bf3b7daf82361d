"""Keras architectures with the weights of TensorFlow checkpoints: what goes where, and why."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from checkpoint_files import object_message, write_bundle
from merged import answer_here, merge_here, plan_here
from test_combine import dense, request_of, write_architecture

from h5viewer.errors import CannotRead
from h5viewer.nodes import WeightMatches
from h5viewer.operations.combine import match_weights
from h5viewer.requests import MatchWeights

VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"


def numbers(shape: tuple[int, ...], first: float) -> np.ndarray:
    return (first + np.arange(np.prod(shape))).reshape(shape).astype("f4")


def matched(architecture: Path, index: Path, *pairs: tuple[str, str]) -> WeightMatches:
    request = MatchWeights(document=str(architecture), other=str(index), pairs=pairs)
    found = answer_here(match_weights, request)
    assert isinstance(found, WeightMatches)
    return found


def told(found: WeightMatches) -> list[tuple[str, str, str]]:
    return [(match.layer, match.source, match.basis) for match in found.matches]


def kernels(target: Path) -> dict[str, np.ndarray]:
    """First row of each kernel of an .h5 that was written."""
    with h5py.File(target) as file:
        found: dict[str, np.ndarray] = {}

        def see(name: str, node: object) -> None:
            if isinstance(node, h5py.Dataset) and name.endswith("kernel"):
                found[name.split("/")[1]] = node[()]

        file["model_weights"].visititems(lambda name, node: see(f"x/{name}", node))
    return found


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """Two layers of the same shapes, which only order or names can tell apart."""
    return write_architecture(tmp_path / "a.json", dense("one", 3), dense("two", 3))


def as_objects(path: Path, names: tuple[str, str], *, with_slots: bool = False) -> Path:
    """A Sequential of two layers, listed as Keras 2 does; names are of the program's run."""
    keys = [f"layer_with_weights-{n}/{word}{VALUE}" for n in (0, 1) for word in ("kernel", "bias")]
    full = [f"{name}/{word}" for name in names for word in ("kernel", "bias")]
    objects = [
        object_message({"layer_with_weights-1": 2, "layer_with_weights-0": 1, "optimizer": 7}),
        object_message({"kernel": 3, "bias": 4}),
        object_message({"kernel": 5, "bias": 6}),
        *(object_message({}, key, name) for key, name in zip(keys, full, strict=True)),
        object_message({}, slots=((3, "m", 8),)),
        object_message({}, f"slot{VALUE}", "Adam/m"),
    ]
    stored = {keys[0]: numbers((3, 3), 0), keys[1]: numbers((3,), 0)}
    stored |= {keys[2]: numbers((3, 3), 100), keys[3]: numbers((3,), 100)}
    if with_slots:
        stored[f"slot{VALUE}"] = numbers((3, 3), 900)
    return write_bundle(path, stored, tuple(objects))


def test_layers_of_one_order_are_matched_whatever_they_are_called(
    two: Path, tmp_path: Path
) -> None:
    """Numbers in names go on from one run of a program to the next: "dense_8"."""
    index = as_objects(tmp_path / "c", ("dense_8", "dense_9"), with_slots=True)
    assert told(matched(two, index)) == [
        ("one", "dense_8", "graph"), ("two", "dense_9", "graph"),
    ]  # fmt: skip
    target = tmp_path / "made.h5"
    done = merge_here(request_of(two, index, target))
    assert done.n_identical == 4
    assert "Left out: 1 variable of the optimizer." in done.notes
    found = kernels(target)
    assert (found["one"][0, 0], found["two"][0, 0]) == (0, 100)


def test_names_that_tell_every_layer_count_more_than_their_order(two: Path, tmp_path: Path) -> None:
    index = as_objects(tmp_path / "c", ("m/two", "m/one"))
    assert told(matched(two, index)) == [
        ("one", "m/one", "name"), ("two", "m/two", "name"),
    ]  # fmt: skip


def test_scopes_of_tensorflow_1_are_matched_by_name(two: Path, tmp_path: Path) -> None:
    stored = {}
    for at, name in enumerate(("two", "one")):
        stored[f"net/{name}/weights"] = numbers((3, 3), 100 * at)
        stored[f"net/{name}/weights/Adam"] = numbers((3, 3), 900)
        stored[f"net/{name}/biases"] = numbers((3,), 100 * at)
    index = write_bundle(tmp_path / "m", stored)
    found = matched(two, index)
    assert told(found) == [("one", "net/one", "name"), ("two", "net/two", "name")]
    assert {source.name for source in found.sources} == {"net/one", "net/two"}
    target = tmp_path / "made.h5"
    merge_here(request_of(two, index, target))
    assert kernels(target)["one"][0, 0] == 100


def test_weights_of_one_shape_go_where_their_names_say(tmp_path: Path) -> None:
    norm = {
        "class_name": "BatchNormalization",
        "config": {"name": "bn", "axis": -1},
    }
    architecture = write_architecture(tmp_path / "a.json", norm)
    names = ("moving_variance", "beta", "gamma", "moving_mean")
    stored = {f"scope/bn/{name}": numbers((3,), 10 * at) for at, name in enumerate(names)}
    index = write_bundle(tmp_path / "m", stored)
    target = tmp_path / "made.h5"
    merge_here(request_of(architecture, index, target))
    with h5py.File(target) as file:
        group = file["model_weights/bn"]
        listed = [name.decode() for name in group.attrs["weight_names"]]
        found = {name.rpartition("/")[2]: group[name][0] for name in listed}
    assert found == {"gamma": 20, "beta": 10, "moving_mean": 30, "moving_variance": 0}


def test_variables_without_names_are_put_together_by_shape_and_order(
    two: Path, tmp_path: Path
) -> None:
    shapes = [(3, 3), (3,), (3, 3), (3,), (7,)]
    stored = {
        f"Variable_{at}" if at else "Variable": numbers(shape, 100 * at)
        for at, shape in enumerate(shapes)
    }
    index = write_bundle(tmp_path / "m", stored)
    found = matched(two, index)
    assert told(found) == [
        ("one", "Variable + Variable_1", "shape"),
        ("two", "Variable_2 + Variable_3", "shape"),
    ]
    assert "Variable_4" in {source.name for source in found.sources}
    turned = matched(two, index, ("one", "Variable_2 + Variable_1"))
    assert told(turned)[0] == ("one", "Variable_2 + Variable_1", "hand")
    assert "Variable_2" not in told(turned)[1][1]
    target = tmp_path / "made.h5"
    merge_here(request_of(two, index, target, pairs=(("one", "Variable_2 + Variable_1"),)))
    assert kernels(target)["one"][0, 0] == 200


def test_words_as_w_and_b_belong_together(two: Path, tmp_path: Path) -> None:
    stored = {"one_b": numbers((3,), 1), "one_W": numbers((3, 3), 2)}
    stored |= {"b2": numbers((3,), 3), "W2": numbers((3, 3), 4)}
    found = matched(two, write_bundle(tmp_path / "m", stored))
    assert told(found) == [("one", "one", "name"), ("two", "W2 + b2", "shape")]


def test_the_plan_says_what_begins_anew(two: Path, tmp_path: Path) -> None:
    stored = {"one/kernel": numbers((3, 3), 0), "one/bias": numbers((3,), 0)}
    index = write_bundle(tmp_path / "m", stored)
    plan = plan_here(request_of(two, index, tmp_path / "made.h5"))
    assert [part.name for part in plan.kept] == ["weights of m.index", "weights that begin anew"]
    beside = index.with_name("m.data-00000-of-00001")
    before = sum(path.stat().st_size for path in (two, index, beside))
    assert plan.bytes_before == before
    assert merge_here(request_of(two, index, tmp_path / "made.h5")).bytes_before == before


def test_nothing_that_fits_is_one_sentence(two: Path, tmp_path: Path) -> None:
    index = write_bundle(tmp_path / "m", {"x/kernel": numbers((5, 5), 0)})
    with pytest.raises(CannotRead, match="neither names nor shapes"):
        plan_here(request_of(two, index, tmp_path / "made.h5"))
    with pytest.raises(CannotRead, match="has no layer"):
        matched(two, index, ("one", "nobody + x/kernel"))


def test_a_long_chain_of_objects_and_one_that_holds_itself_come_to_an_end(
    two: Path, tmp_path: Path
) -> None:
    weight = f"w{VALUE}"
    n = 50_000
    objects = [object_message({"next_one": at + 1, "again": at}) for at in range(n)]
    objects += [object_message({"kernel": n + 1}), object_message({}, weight, "deep/kernel")]
    objects[0] = object_message({"next_one": 1, "near": n + 2})
    objects += [object_message({"kernel": n + 3}), object_message({}, f"v{VALUE}", "near/kernel")]
    stored = {weight: numbers((3, 3), 0), f"v{VALUE}": numbers((3, 3), 1)}
    index = write_bundle(tmp_path / "m", stored, tuple(objects))
    assert [source.name for source in matched(two, index).sources] == ["near"]
