"""Checkpoints of TensorFlow: weights by their names, the optimizer's variables beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from checkpoint_files import write_bundle
from decoding import opened, run

from h5viewer.names import plain
from h5viewer.nodes import WeightMeaning
from h5viewer.operations.meaning import read_meaning
from h5viewer.operations.network import Network, known_network
from h5viewer.requests import ReadMeaning

VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
KERNEL, BIAS = np.zeros((3, 2), np.float32), np.zeros(2, np.float32)


def _network(path: Path) -> Network:
    return opened(path, lambda container: run(known_network(container))[0])


def _meaning(path: Path, *node: str) -> WeightMeaning:
    asked = ReadMeaning(document=str(path), node=tuple(name.encode() for name in node))
    return opened(path, lambda container: run(read_meaning(asked, container))[0])


def _pairs(network: Network) -> list[tuple[str, str]]:
    assert network.optimizer is not None
    return [(slot.kind, plain(b"/".join(slot.weight or ()))) for slot in network.optimizer.slots]


def test_slots_of_tensorflow_2_stand_below_their_weight(tmp_path: Path) -> None:
    """FC/kernel/.OPTIMIZER_SLOT/optimizer/rms."""
    path = write_bundle(
        tmp_path / "ckpt",
        {
            f"FC/bias{VALUE}": BIAS,
            f"FC/kernel{VALUE}": KERNEL,
            f"FC/kernel/.OPTIMIZER_SLOT/optimizer/rms{VALUE}": KERNEL,
            f"optimizer/iter{VALUE}": np.int64(3),
            f"optimizer/learning_rate{VALUE}": np.float32(0.1),
        },
    )
    network = _network(path)
    assert _pairs(network) == [("velocity", f"FC/kernel{VALUE}")]
    assert network.optimizer is not None
    assert [slot.kind for slot in network.optimizer.own] == ["iterations", "learning_rate"]
    found = _meaning(path, "FC", f"kernel{VALUE}")
    assert (found.layer, found.title, found.axes) == ("FC", "Kernel", ("in", "out"))
    assert "state" in found.views


def test_slots_of_tensorflow_1_are_counted(tmp_path: Path) -> None:
    """w/Adam is the momentum, w/Adam_1 the variance; beta1_power is the optimizer's own."""
    path = write_bundle(
        tmp_path / "model.ckpt",
        {
            "beta1_power": np.float32(0.5),
            "one/Adam": KERNEL,
            "one/Adam_1": KERNEL,
            "one": KERNEL,
            "two": BIAS,
        },
    )
    network = _network(path)
    assert _pairs(network) == [("momentum", "one"), ("velocity", "one")]
    assert network.optimizer is not None
    assert network.optimizer.optimizer == "Adam"
    assert [slot.title for slot in network.optimizer.own] == ["beta1_power"]
    assert [layer.name for layer in network.layers] == ["one", "two"]


@pytest.mark.parametrize(
    ("words", "kinds", "optimizer"),
    [
        (("Momentum",), ("momentum",), "Momentum"),
        (("Adagrad",), ("accumulator",), "Adagrad"),
        (("Adadelta", "Adadelta_1"), ("accumulated_grad", "accumulated_delta_var"), "Adadelta"),
        (("Ftrl", "Ftrl_1"), ("accumulator", "linear"), "Ftrl"),
        (("RMSProp", "RMSProp_1"), ("velocity", "momentum"), "RMSProp"),
        (
            ("RMSProp", "RMSProp_1", "RMSProp_2"),
            ("velocity", "average_gradient", "momentum"),
            "RMSProp",
        ),
        (("ProximalAdagrad",), ("accumulator",), "ProximalAdagrad"),
        (("AdagradDA", "AdagradDA_1"), ("gradient_accumulator", "accumulator"), "AdagradDA"),
        (("AdamW", "AdamW_1"), ("momentum", "velocity"), "AdamW"),
        (("Nadam", "Nadam_1"), ("momentum", "velocity"), "Nadam"),
        (("AdaMax", "AdaMax_1"), ("momentum", "norm"), "AdaMax"),
        (("adam_m", "adam_v"), ("momentum", "velocity"), "AdamWeightDecay"),
    ],
)
def test_every_optimizer_of_tensorflow_1_is_known_by_its_slots(
    words: tuple[str, ...], kinds: tuple[str, ...], optimizer: str, tmp_path: Path
) -> None:
    """As its own Saver wrote them; the last are BERT's."""
    named = {f"fc/w/{word}": KERNEL for word in words}
    stored = {"fc/w": KERNEL, "global_step": np.int64(3), **named}
    network = _network(write_bundle(tmp_path / "model.ckpt", stored))
    assert _pairs(network) == [(kind, "fc/w") for kind in kinds]
    assert network.optimizer is not None
    assert network.optimizer.optimizer == optimizer
    assert [slot.kind for slot in network.optimizer.own] == ["iterations"]
    assert [layer.name for layer in network.layers] == ["fc"]


def test_a_name_like_a_slots_without_its_weight_is_a_weight(tmp_path: Path) -> None:
    """A variable somebody called Adam."""
    network = _network(write_bundle(tmp_path / "model.ckpt", {"net/Adam": KERNEL}))
    assert network.optimizer is None
    assert [layer.name for layer in network.layers] == ["net"]


def test_lstm_cells_of_a_checkpoint_have_gates(tmp_path: Path) -> None:
    """By the shapes of kernel and recurrent kernel."""
    variables = {
        f"L/cell/kernel{VALUE}": np.zeros((4, 8), np.float32),
        f"L/cell/recurrent_kernel{VALUE}": np.zeros((2, 8), np.float32),
        f"L/cell/bias{VALUE}": np.zeros(8, np.float32),
    }
    path = write_bundle(tmp_path / "ckpt", variables)
    assert [part.name for part in _meaning(path, "L", "cell", f"bias{VALUE}").parts] == [
        "input gate",
        "forget gate",
        "candidate",
        "output gate",
    ]
