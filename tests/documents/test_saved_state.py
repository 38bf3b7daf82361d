"""Numbered variables of `.weights.h5` and `.keras` reach the declared layers."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from decoding import (
    decoded,
    functional,
    layer_entry,
    sequential,
    weights_of,
    write_archive,
    write_states,
)

from h5viewer.documents.roles import snake_case


def dense(name: str, units: int = 3, **config: object) -> dict[str, object]:
    return layer_entry("Dense", name, units=units, **config)


def variables(
    *groups: str, shapes: tuple[tuple[int, ...], ...] = ((4, 3), (3,))
) -> dict[str, tuple[int, ...]]:
    return {f"{g}/vars/{i}": shape for g in groups for i, shape in enumerate(shapes)}


@pytest.mark.parametrize(
    ("class_name", "group"),
    [
        ("Dense", "dense"),
        ("Conv2DTranspose", "conv2d_transpose"),
        ("BatchNormalization", "batch_normalization"),
        ("LSTM", "lstm"),
        ("PReLU", "p_re_lu"),
        ("QDense", "q_dense"),
        ("TFOpLambda", "tf_op_lambda"),
        ("UpSampling2D", "up_sampling2d"),
    ],
)
def test_groups_are_named_by_keras_own_rule(class_name: str, group: str) -> None:
    assert snake_case(class_name) == group


def test_the_class_counter_follows_the_models_order(tmp_path: Path) -> None:
    """The group dense_1 is the second Dense, whatever its name."""
    config = sequential(dense("dense_9"), layer_entry("ReLU", "r"), dense("dense", 2))
    shapes = variables("layers/dense") | variables("layers/dense_1", shapes=((3, 2), (2,)))
    file = decoded(write_archive(tmp_path / "m.keras", config, shapes))
    assert file.layer("dense_9").weights[0].shape == (4, 3)
    assert file.layer("dense").weights[0].path == (
        b"model.weights.h5", b"layers", b"dense_1", b"vars", b"0",
    )  # fmt: skip
    assert [weight.name for weight in file.layer("dense").weights] == ["kernel", "bias"]
    assert not file.messages


def test_stored_names_win_over_the_counter(tmp_path: Path) -> None:
    config = sequential(dense("a"), dense("b"))
    names = {"layers/dense/vars": "b", "layers/dense_1/vars": "a"}
    shapes = variables("layers/dense", "layers/dense_1")
    file = decoded(write_archive(tmp_path / "m.keras", config, shapes, names))
    path = file.layer("a").weights[0].path
    assert path is not None
    assert b"dense_1" in path


def test_names_used_twice_fall_back_to_the_counter(tmp_path: Path) -> None:
    config = sequential(dense("a"), dense("b"))
    names = {f"layers/{group}/vars": "a" for group in ("dense", "dense_1", "dense_2")}
    shapes = variables("layers/dense", "layers/dense_1", "layers/dense_2")
    file = decoded(write_archive(tmp_path / "m.keras", config, shapes, names))
    assert [layer.n_parameters for layer in file.layers] == [15, 15]
    assert "2 weights stored here" in file.about("layers/dense_2")[0].message


def test_operations_do_not_count_as_layers(tmp_path: Path) -> None:
    operation = {"class_name": "Add", "module": "keras.src.ops.numpy", "name": "add"}
    operation |= {"config": {"name": "add"}, "inbound_nodes": []}
    real = layer_entry("Add", "sum") | {"module": "keras.layers"}
    shapes = {"layers/add/vars/0": (2,)}
    file = decoded(write_archive(tmp_path / "m.keras", functional(operation, real), shapes))
    assert file.layer("add").weights == ()
    assert len(file.layer("sum").weights) == 1


def test_files_of_tensorflow_2_12_are_read(tmp_path: Path) -> None:
    shapes = variables("_layer_checkpoint_dependencies/dense")
    file = decoded(write_archive(tmp_path / "m.keras", sequential(dense("d")), shapes))
    assert file.layer("d").n_parameters == 15


def test_numbers_sort_as_numbers(tmp_path: Path) -> None:
    config = sequential(layer_entry("Mystery", "m"))
    shapes = {f"layers/mystery/vars/{i}": (i + 1,) for i in range(12)}
    file = decoded(write_archive(tmp_path / "m.keras", config, shapes))
    assert [weight.shape for weight in file.layer("m").weights] == [(i + 1,) for i in range(12)]


def test_nested_models_and_cells_are_walked(tmp_path: Path) -> None:
    inner = sequential(dense("d"), sequential(dense("d"), name="deep"), name="inner")
    wrapped = layer_entry("TimeDistributed", "td", layer=dense("w"))
    lstm = layer_entry("LSTM", "lstm", units=2)
    config = sequential(inner, wrapped, lstm, layer_entry("Bidirectional", "bi", layer=lstm))
    cell = ((3, 8), (2, 8), (8,))
    shapes = (
        variables(
            "layers/sequential/layers/dense",
            "layers/sequential/layers/sequential/layers/dense",
            "layers/time_distributed/layer",
        )
        | variables("layers/lstm/cell", shapes=cell)
        | variables("layers/bidirectional/forward_layer/cell", shapes=cell)
        | variables("layers/bidirectional/backward_layer/cell", shapes=cell)
    )
    file = decoded(write_archive(tmp_path / "m.keras", config, shapes))
    assert file.layer("inner").n_parameters == 30
    assert file.layer("deep").layers[0].n_parameters == 15
    assert [weight.name for weight in file.layer("w").weights] == ["kernel", "bias"]
    recurrent = file.layer("lstm").weights
    assert [weight.name for weight in recurrent] == ["kernel", "recurrent_kernel", "bias"]
    assert recurrent[1].axes == ("hidden", "gates")
    both = {weight.name for weight in file.layer("bi").weights}
    assert "forward_layer/cell/recurrent_kernel" in both
    assert len(both) == 6
    assert not file.messages


def test_everything_inside_a_custom_layer_belongs_to_it(tmp_path: Path) -> None:
    config = sequential(layer_entry("Block", "block"))
    shapes = (
        variables("layers/block/att/query_dense", shapes=((8, 2, 4), (2, 4)))
        | variables("layers/block/ffn/layers/dense", "layers/block/ffn/layers/dense_1")
        | {"layers/block/vars/0": (8,)}
    )
    file = decoded(write_archive(tmp_path / "m.keras", config, shapes))
    names = {weight.name: weight for weight in file.layer("block").weights}
    assert "ffn/layers/dense_1/kernel" in names
    assert names["att/query_dense/kernel"].axes == ("in", "head", "dimension")
    assert names["0"].shape == (8,)


def test_optimizer_metrics_and_seeds_are_no_weights(tmp_path: Path) -> None:
    config = sequential(dense("d"), layer_entry("Dropout", "drop"))
    shapes = variables("layers/dense", "optimizer") | {
        "layers/dropout/seed_generator/vars/0": (2,),
        "metrics/mean/vars/0": (),
        "optimizer/vars/2": (4, 3),
    }
    file = decoded(write_archive(tmp_path / "m.keras", config, shapes))
    assert len(weights_of(file.layers)) == 2
    assert file.architecture.training is not None
    assert file.architecture.training.n_variables == 3
    assert file.architecture.training.state_bytes == 4 * (12 + 3 + 12)
    assert not file.messages


def test_a_layer_without_its_group_misses_its_weights(tmp_path: Path) -> None:
    config = sequential(dense("a"), layer_entry("Conv2D", "c", filters=2, kernel_size=[1, 1]))
    file = decoded(write_archive(tmp_path / "m.keras", config, variables("layers/dense")))
    assert file.layer("c").problem == "Its weights are missing from the file."
    assert [weight.path for weight in file.layer("c").weights] == [None, None]


def test_quantized_weights_have_their_names(tmp_path: Path) -> None:
    policy = {"class_name": "QuantizedDTypePolicy", "config": {"mode": "int8"}}
    config = sequential(dense("d", 3, dtype=policy))
    shapes = variables("layers/dense", shapes=((4, 3), (3,), (3,)))
    file = decoded(write_archive(tmp_path / "m.keras", config, shapes))
    assert [(weight.name, weight.trainable) for weight in file.layer("d").weights] == [
        ("kernel", False),
        ("bias", True),
        ("kernel_scale", False),
    ]


def test_the_weights_file_alone_lists_its_layers(tmp_path: Path) -> None:
    path = tmp_path / "x.weights.h5"
    shapes = variables("layers/dense", "layers/sequential/layers/dense_1", "optimizer")
    write_states(path, shapes, {"layers/dense/vars": "first", "vars": "net"})
    file = decoded(path)
    assert file.document.format == "keras-weights"
    assert [(layer.name, layer.class_name) for layer in file.layers] == [
        ("first", None),
        ("sequential", None),
    ]
    assert file.layers[1].layers[0].name == "dense_1"
    assert file.layers[0].weights[0].axes == ("in", "out")
    assert file.architecture.parameters.total == 30


def test_models_with_attributes_instead_of_layers_are_listed(tmp_path: Path) -> None:
    """A subclassed model: `self.encoder`, `self.head`, a variable of its own."""
    path = tmp_path / "x.weights.h5"
    shapes = variables("encoder/layers/dense", "head") | {"vars/0": (5,)}
    write_states(path, shapes, {})
    file = decoded(path)
    assert [layer.name for layer in file.layers] == ["encoder", "head", "(model)"]
    assert file.architecture.parameters.total == 35


def test_a_layers_group_alone_is_no_keras_file(tmp_path: Path) -> None:
    """AnnData files have a group of that name, too."""
    path = tmp_path / "x.h5ad"
    with h5py.File(path, "w") as file:
        file["layers/counts/data"] = np.ones(3)
        file["var/names"] = np.ones(3)
    assert decoded(path).document.format == "hdf5"


def test_bfloat16_counts_as_numbers(tmp_path: Path) -> None:
    path = tmp_path / "x.weights.h5"
    with h5py.File(path, "w") as file:
        variable = file.create_dataset("layers/dense/vars/0", (4, 3), "V2")
        variable.attrs["dtype"] = "bfloat16"
    file_read = decoded(path)
    assert file_read.architecture.parameters.total == 12
    assert "bfloat16" in file_read.layers[0].weights[0].dtype


def test_custom_classes_are_not_taken_for_keras_own(tmp_path: Path) -> None:
    """A Dense of somebody's package may store what it likes."""
    custom = dense("d", 3) | {"registered_name": "mine>Dense", "module": "mine.layers"}
    shapes = variables("layers/dense", shapes=((7, 9), (2,)))
    file = decoded(write_archive(tmp_path / "m.keras", sequential(custom), shapes))
    assert file.layer("d").problem == ""
    assert [weight.name for weight in file.layer("d").weights] == ["0", "1"]


def test_a_link_in_a_weights_place_leaves_the_others_in_theirs(tmp_path: Path) -> None:
    path = tmp_path / "m.weights.h5"
    write_states(path, variables("layers/dense"), {})
    with h5py.File(path, "r+") as file:
        del file["layers/dense/vars/0"]
        file["layers/dense/vars/0"] = h5py.ExternalLink("other.h5", "/")
        file["layers/far"] = h5py.ExternalLink("other.h5", "/")
    file = decoded(path)
    kernel, bias = file.layers[0].weights
    assert (kernel.path, bias.name, bias.shape) == (None, "bias", (3,))
    assert "not followed" in kernel.problem
    assert file.about("/layers/far")
