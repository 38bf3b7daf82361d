"""In which order legacy files list the weights of a class that nobody knows."""

from __future__ import annotations

import pytest

from h5viewer.documents.own_class import reordered


@pytest.mark.parametrize("resting", ["sn_u", "vector_u", "moving_mean", "kernel_scale", "variance"])
def test_what_is_never_trained_comes_last_once_its_layer_is_trained(resting: str) -> None:
    names = ["conv/kernel:0", f"conv/{resting}:0", "conv/bias:0"]
    assert reordered("conv", names, is_trained=True) == [0, 2, 1]
