"""Chosen variables of a checkpoint, for programs that read NumPy's arrays or plain HDF5."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from checkpoint_files import write_bundle
from exported import export_here, plan_here

from h5viewer.cli import run
from h5viewer.requests import SaveWeights

STORED = {
    name: np.full((2, 3), at, "f4")
    for at, name in enumerate(
        ["conv1/kernel", "conv1/kernel/Adam", "conv1/bias", "fc/kernel", "fc/kernel/Adam"]
    )
}


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return write_bundle(tmp_path / "m", STORED)


def arrays(path: Path) -> dict[str, float]:
    """Of each array its first number, by its path."""
    found: dict[str, float] = {}

    def see(name: str, node: object) -> None:
        if isinstance(node, h5py.Dataset):
            found[name] = float(node[0, 0])

    with h5py.File(path) as file:
        file.visititems(see)
    return found


@pytest.mark.parametrize(
    ("layers", "with_state", "expected"),
    [
        (("*",), False, {"conv1/kernel": 0, "conv1/bias": 2, "fc/kernel": 3}),
        (("conv*",), False, {"conv1/kernel": 0, "conv1/bias": 2}),
        (("fc/kernel",), False, {"fc/kernel": 3}),
        (("fc*",), True, {"fc/kernel/value": 3, "fc/kernel/Adam": 4}),
    ],
)
def test_layers_and_weights_are_chosen_by_their_names(
    layers: tuple[str, ...],
    with_state: bool,
    expected: dict[str, float],
    index: Path,
    tmp_path: Path,
) -> None:
    target = tmp_path / "some.h5"
    done = export_here(
        SaveWeights(document=str(index), target=str(target), layers=layers, with_state=with_state)
    )
    assert arrays(target) == expected
    assert done.n_identical == len(expected)
    with h5py.File(target) as file:
        names = json.loads(file.attrs["names"])
    assert {f"{each['layer']}/{each['name']}" for each in names.values()} <= set(STORED)


def test_the_plan_says_what_an_optimizer_keeps(index: Path) -> None:
    def left_out(*, with_state: bool) -> list[str]:
        request = SaveWeights(document=str(index), target="w.npz", with_state=with_state)
        return [part.name for part in plan_here(request).left_out]

    assert left_out(with_state=False) == ["optimizer state"]
    assert left_out(with_state=True) == []


def test_the_terminal_asks_for_it(index: Path, tmp_path: Path) -> None:
    some, whole = tmp_path / "some.h5", tmp_path / "whole.npz"
    assert run(["convert", str(index), "-o", str(some), "--layer", "conv1/bias"]) == 0
    assert arrays(some) == {"conv1/bias": 2}
    assert run(["convert", str(index), "-o", str(whole), "--with-state"]) == 0
    with np.load(whole) as file:
        assert len([name for name in file.files if name != "index.json"]) == len(STORED)
    refused = ["convert", str(index), "-o", str(tmp_path / "x.weights.h5"), "--layer", "conv*"]
    assert run(refused) != 0
    assert not (tmp_path / "x.weights.h5").exists()
