"""Every optimizer's state of the real files is matched, or said to be in doubt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from decoding import every, opened, run

from h5viewer.documents.roles import is_known_class
from h5viewer.errors import CannotOpen
from h5viewer.formats.container import Container
from h5viewer.names import NodePath
from h5viewer.operations.network import Network, known_network

FOLDERS = ("keras_h5", "keras_weights", "keras_v3")
ENDINGS = (".h5", ".hdf5", ".keras")
N_WITH_STATE = 54
"""Files of the catalogue with a group of optimizer variables."""


def _trained_files(corpus: Path) -> list[Path]:
    files = [path for folder in FOLDERS for path in sorted((corpus / folder).rglob("*"))]
    return [path for path in files if path.suffix in ENDINGS]


def test_all_variables_of_all_optimizers_are_matched(corpus: Path) -> None:
    """With the shape of their weight; in doubt only where a custom layer hides the order."""
    n_found = 0
    for path in _trained_files(corpus):
        try:
            n_found += opened(path, lambda container, path=path: _check(container, path.name))
        except CannotOpen:
            continue  # a trap of the catalogue
    assert n_found == N_WITH_STATE


def _check(container: Container, name: str) -> bool:
    network: Network = run(known_network(container))[0]
    state = network.optimizer
    if state is None:
        return False
    shapes = {
        weight.path: weight.shape for layer in every(network.layers) for weight in layer.weights
    }
    for slot in state.slots:
        assert slot.weight in shapes, name
        if slot.kind != "placeholder":
            assert slot.shape == shapes[slot.weight], name
    pairs = [(slot.kind, slot.weight) for slot in state.slots]
    assert len(set(pairs)) == len(pairs), f"{name}: a weight has two variables of one kind"
    if state.unmatched:
        assert state.problem, name
        assert _hides_its_order(network), f"{name}: {state.unmatched}"
    _check_numbers(container, network, name)
    return True


def _hides_its_order(network: Network) -> bool:
    return network.places.is_numbered and any(
        layer.weights and not is_known_class(layer.class_name) for layer in every(network.layers)
    )


def _check_numbers(container: Container, network: Network, name: str) -> None:
    """Variances are never negative; where one is zero there was no gradient, so no momentum."""
    state = network.optimizer
    assert state is not None
    by_weight: dict[NodePath | None, dict[str, np.ndarray[Any, Any]]] = {}
    for slot in state.slots:
        if slot.kind in ("momentum", "velocity"):
            values = _values(container, slot.path)
            by_weight.setdefault(slot.weight, {})[slot.kind] = values
    for kept in by_weight.values():
        if "velocity" in kept:
            assert (kept["velocity"] >= 0).all(), name
        if len(kept) == 2:
            is_still = kept["velocity"] == 0
            # squares of gradients below 1e-19 are lost in float32
            assert (np.abs(kept["momentum"][is_still]) < 1e-15).all(), name


def _values(container: Container, path: NodePath) -> np.ndarray[Any, Any]:
    array = container.array(path)
    box = tuple(slice(0, length) for length in array.facts.shape or ())
    return np.asarray(array.read(box), np.float64)


@pytest.mark.parametrize(
    ("file", "kinds"),
    [
        ("keras_h5/EN10__KerasMNIST__TFKeras.h5", {"accumulated_grad", "accumulated_delta_var"}),
        ("keras_h5/Bigwode__Autoencoder__siamese.h5", {"momentum", "velocity", "velocity_hat"}),
        ("keras_h5/IlkinIsfandiyar__FirstAi-__final_model.h5", {"momentum"}),
        ("keras_h5/binbreaze__VAE__model_vae.h5", {"velocity"}),
    ],
)
def test_the_kinds_are_those_of_the_optimizer(corpus: Path, file: str, kinds: set[str]) -> None:
    """Adadelta, AMSGrad, SGD with momentum, RMSprop."""
    network: Network = opened(corpus / file, lambda container: run(known_network(container))[0])
    assert network.optimizer is not None
    assert {slot.kind for slot in network.optimizer.slots} == kinds
