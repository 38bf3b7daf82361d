"""The inner parts of what is saved as one layer are rows below it."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
from decoding import decoded, every, write_legacy, write_states

from h5viewer.nodes import Layer


def outline(layers: list[Layer] | tuple[Layer, ...]) -> list[object]:
    """Names, each followed by what is below it."""
    found: list[object] = []
    for layer in layers:
        found.append(layer.name)
        if layer.layers:
            found.append(outline(layer.layers))
    return found


def test_a_network_saved_as_one_layer_unfolds_into_its_parts(tmp_path: Path) -> None:
    """As Hugging Face saves a BERT: every name leads through objects of the program."""
    within = "tf_bert/bert"
    stored = {
        f"{within}/embeddings/weight:0": (9, 4),
        f"{within}/encoder/layer_._0/attention/self/query/kernel:0": (4, 4),
        f"{within}/encoder/layer_._0/attention/self/query/bias:0": (4,),
        f"{within}/encoder/layer_._0/attention/self/key/kernel:0": (4, 4),
        f"{within}/encoder/layer_._0/output/dense/kernel:0": (4, 4),
        f"{within}/encoder/layer_._1/output/dense/kernel:0": (4, 4),
    }
    file = decoded(write_legacy(tmp_path / "w.h5", None, {"bert": stored}, root="/"))
    assert outline(file.layers) == [
        "bert",
        [
            "embeddings",
            "encoder",
            [
                "layer_._0",
                ["attention/self", ["query", "key"], "output/dense"],
                "layer_._1/output/dense",
            ],
        ],
    ]
    assert file.architecture.n_layers == 1
    query = file.layer("query")
    assert [weight.name for weight in query.weights] == ["kernel", "bias"]
    assert query.key == (0, 1, 0, 0, 0)
    assert query.n_parameters == 20
    assert file.layer("encoder").n_parameters == 68
    assert file.layers[0].n_parameters == file.architecture.parameters.total == 104


def test_layers_inside_a_saved_layer_of_keras_3_are_rows_below_it(tmp_path: Path) -> None:
    path = tmp_path / "w.weights.h5"
    shapes: dict[str, tuple[int, ...]] = {
        "layers/block/vars/0": (3,),
        "layers/block/attention/query_dense/vars/0": (4, 2, 2),
        "layers/block/attention/query_dense/vars/1": (2, 2),
        "layers/block/attention/key_dense/vars/0": (4, 2, 2),
        "layers/block/norm/vars/0": (4,),
    }
    write_states(path, shapes, {})
    file = decoded(path)
    assert outline(file.layers) == ["block", ["attention", ["key_dense", "query_dense"], "norm"]]
    assert file.layers[0].n_parameters == 3 + 20 + 16 + 4


def test_a_name_of_thousands_of_parts_makes_no_thousands_of_rows(tmp_path: Path) -> None:
    deep = "/".join("a" * 3_000)
    stored = {f"{deep}/kernel": (2,), "b/kernel": (2,)}
    file = decoded(write_legacy(tmp_path / "w.h5", None, {"d": stored}, root="/"))
    assert file.architecture.parameters.total == 4
    rows = list(every(file.layers))
    assert len(rows) < 40
    assert any(weight.name.endswith("/a/kernel") for row in rows for weight in row.weights)


def test_projections_of_other_libraries_are_layers_as_others_are(tmp_path: Path) -> None:
    """Keras' own attention keeps heads on an axis; Hugging Face's takes a Dense."""
    stored = {
        "a/self/query/kernel:0": (4, 8), "a/self/query/bias:0": (8,),
        "a/mine/query/kernel:0": (4, 2, 3), "a/mine/query/bias:0": (2, 3),
    }  # fmt: skip
    file = decoded(write_legacy(tmp_path / "w.h5", None, {"a": stored}, root="/"))
    dense, own = (layer.weights for layer in file.layers[0].layers)
    assert [weight.axes for weight in dense] == [("in", "out"), ("out",)]
    assert [weight.axes for weight in own] == [("in", "head", "dimension"), ("head", "dimension")]


def test_weights_that_a_file_lists_instead_of_layers_are_those_of_their_scopes(
    tmp_path: Path,
) -> None:
    """As Hugging Face writes large networks into several files."""
    path = tmp_path / "tf_model-00001-of-00002.h5"
    names = ["bert/embed/weight:0", "bert/layer_._0/query/kernel:0", "cls/bias:0", "scale:0"]
    with h5py.File(path, "w") as file:
        for name in names:
            file[name] = np.ones((4, 4), "f4")
        file.attrs["layer_names"] = [name.encode() for name in names]
    read = decoded(path)
    assert outline(read.layers) == ["bert", ["embed", "layer_._0/query"], "cls", "scale"]
    assert read.architecture.parameters.total == 64
    assert not read.messages
