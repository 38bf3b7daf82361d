"""Weights that no list names are known by the names that programs give them, and by shapes."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from decoding import Decoded, decoded

from h5viewer.nodes import Layer

Shapes = dict[str, tuple[int, ...]]

NORM: Shapes = {
    "weight": (8,), "bias": (8,), "running_mean": (8,), "running_var": (8,),
}  # fmt: skip
TORCH: Shapes = {
    "conv1.weight": (8, 3, 7, 5),
    **{f"bn1.{name}": shape for name, shape in NORM.items()},
    "layer1.0.conv1.weight": (8, 8, 3, 3),
    "layer1.0.conv1.bias": (8,),
    "layer1.1.conv1.weight": (8, 8, 3, 3),
    "embed.weight": (20, 8),
    "fc.weight": (10, 8),
    "fc.bias": (10,),
}


def written(path: Path, shapes: Shapes) -> Decoded:
    with h5py.File(path, "w") as file:
        for name, shape in shapes.items():
            file[name] = np.ones(shape, "f4")
    return decoded(path)


def names(layers: list[Layer] | tuple[Layer, ...]) -> list[str]:
    return [layer.name for layer in layers]


def test_a_state_dict_of_pytorch_is_layers_with_their_weights(tmp_path: Path) -> None:
    file = written(tmp_path / "resnet.h5", TORCH)
    assert file.document.lists_weights
    assert file.document.title == "Weights (HDF5)"
    assert names(file.layers) == ["bn1", "conv1", "embed", "fc", "layer1"]
    assert [weight.name for weight in file.layer("fc").weights] == ["bias", "weight"]
    assert names(file.layer("layer1").layers) == ["0/conv1", "1/conv1"]
    total = sum(int(np.prod(shape)) for shape in TORCH.values())
    assert file.architecture.parameters.total == total
    assert file.architecture.parameters.non_trainable == 16


def test_biases_tell_that_pytorch_puts_outputs_first(tmp_path: Path) -> None:
    file = written(tmp_path / "resnet.h5", TORCH)
    axes = {layer.name: layer.weights[-1].axes for layer in file.layers[:4]}
    assert axes["fc"] == ("out", "in")
    assert axes["conv1"] == ("out", "in", "kernel height", "kernel width")
    assert axes["embed"] == ()


def test_a_convolution_that_embeds_patches_is_one_as_others_are(tmp_path: Path) -> None:
    shapes: Shapes = {
        "patch_embed.proj.weight": (6, 3, 4, 4),
        "fc.weight": (10, 6),
        "fc.bias": (10,),
    }
    (projection,) = written(tmp_path / "vit.h5", shapes).layer("proj").weights
    assert projection.axes == ("out", "in", "kernel height", "kernel width")


def test_a_dictionary_of_numpy_arrays_is_layers_as_well(tmp_path: Path) -> None:
    shapes = {f"net/layer_{i}/{n}": s for i in (2, 10) for n, s in (("W", (4, 3)), ("b", (3,)))}
    file = written(tmp_path / "mlp.h5", shapes)
    assert names(file.layers) == ["layer_2", "layer_10"]
    assert file.layers[0].weights[0].axes == ("in", "out")


def test_the_same_in_groups_and_behind_a_common_name_is_the_same(tmp_path: Path) -> None:
    flat = written(tmp_path / "flat.h5", {f"module.{name}": s for name, s in TORCH.items()})
    nested = written(tmp_path / "nested.h5", {n.replace(".", "/"): s for n, s in TORCH.items()})
    for file in (flat, nested):
        assert names(file.layers) == ["bn1", "conv1", "embed", "fc", "layer1"]


@pytest.mark.parametrize(
    "shapes",
    [
        {"events/weight": (100,), "events/energy": (100,), "events/time": (100,)},
        {"a/weight": (100, 3), "a/bias": (7,)},
        {"detector/bias": (64,), "detector/frames": (9, 64, 64)},
        {"fc.weight": (4, 3), "fc.bias": (4,), "image": (64, 64), "mask": (64, 64)},
        {"x": (3,)},
        {},
    ],
)
def test_measurements_are_not_taken_for_weights(tmp_path: Path, shapes: Shapes) -> None:
    file = written(tmp_path / "data.h5", shapes)
    assert not file.document.lists_weights
    assert file.document.title == "HDF5 file"
    assert not file.layers
