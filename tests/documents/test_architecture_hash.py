"""What a recipe is remembered for: the same for every training of one architecture."""

from __future__ import annotations

from typing import Any

from h5viewer.documents.architecture_hash import architecture_hash


def network(first: str, second: str, *, units: int = 3, seed: int = 1) -> dict[str, Any]:
    """Two layers, the second called on the first, as Keras 2 writes them."""
    dense = {"name": second, "units": units, "kernel_initializer": {"config": {"seed": seed}}}
    return {
        "class_name": "Functional",
        "config": {
            "name": f"of_{first}",
            "layers": [
                {"class_name": "InputLayer", "name": first, "config": {"name": first}},
                {
                    "class_name": "Dense",
                    "name": second,
                    "config": dense,
                    "inbound_nodes": [[[first, 0, 0, {}]]],
                },
            ],
            "output_layers": [[second, 0, 0]],
        },
    }


def test_names_and_seeds_make_no_difference() -> None:
    assert architecture_hash(network("a", "b")) == architecture_hash(
        network('quoted "x" \\', "dense_17", seed=2)
    )


def test_sizes_and_connections_do() -> None:
    known = architecture_hash(network("a", "b"))
    assert architecture_hash(network("a", "b", units=4)) != known
    turned = network("a", "b")
    turned["config"]["output_layers"] = [["a", 0, 0]]
    assert architecture_hash(turned) != known
