"""Real files of the corpus answer as Keras, or Keras 2, answered: see sweep.py."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

keras = pytest.importorskip("keras")

from keras_files import answers, loaded  # noqa: E402

from h5viewer.network.random_samples import random_batches  # noqa: E402

# Keras 3.15 copies its variables in a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

ANSWERS = json.loads((Path(__file__).parent / "corpus_answers.json").read_text("utf-8"))
CLOSE = 1e-4
SLOW = ("bilstm_model", "gru_model", "vww_96", "mini_XCEPTION", "_siamese")
"""Left to the sweep: seconds each, or one of a series."""

QUICK = sorted(name for name in ANSWERS if not any(part in name for part in SLOW))


def found(corpus: Path, name: str) -> Path:
    return next(path for path in (corpus / "keras_h5" / name, corpus / "keras_v3" / name)
                if path.exists())  # fmt: skip


@pytest.mark.parametrize("name", QUICK)
def test_a_real_network_answers_as_keras_did(name: str, corpus: Path) -> None:
    network = loaded(found(corpus, name))
    assert network.warnings == ()
    given = answers(network.model, random_batches(network.model))
    for ours, theirs in zip(given, ANSWERS[name]["outputs"], strict=True):
        largest = max(1e-6, float(np.abs(ours).max()))
        assert np.abs(ours.ravel()[: len(theirs)] - theirs).max() <= CLOSE * largest


def test_a_transformer_that_keras_cannot_open_answers_as_computed_by_hand(corpus: Path) -> None:
    """Keras 3 wrote its additions as operations, which its own loader takes for layers."""
    path = corpus / "keras_h5" / "WenzhiMichael__AIfinance__transformer_model.h5"
    network = loaded(path)
    assert network.warnings == ()
    batches = random_batches(network.model)
    (ours,) = answers(network.model, batches)
    with h5py.File(path) as file:
        expected = [transformed(file["model_weights"], sample) for sample in batches[0]]
    assert ours == pytest.approx(np.stack(expected), rel=CLOSE)


def transformed(weights: h5py.Group, x: np.ndarray) -> np.ndarray:
    """What the 24 layers of that file compute for one sample, (60, 1)."""

    def of(layer: str, *names: str) -> list[np.ndarray]:
        return [np.asarray(weights[layer][layer][name], np.float64) for name in names]

    def dense(x: np.ndarray, layer: str) -> np.ndarray:
        kernel, bias = of(layer, "kernel", "bias")
        return x @ kernel + bias

    def normalized(x: np.ndarray, layer: str) -> np.ndarray:
        gamma, beta = of(layer, "gamma", "beta")
        centred = x - x.mean(-1, keepdims=True)
        return gamma * centred / np.sqrt(centred.var(-1, keepdims=True) + 1e-6) + beta

    def attended(x: np.ndarray, layer: str) -> np.ndarray:
        query, key, value = (
            np.einsum("td,dhe->hte", x, kernel) + bias[:, None]
            for kernel, bias in (of(layer, f"{n}/kernel", f"{n}/bias")
                                 for n in ("query", "key", "value"))
        )  # fmt: skip
        scores = np.exp(query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1]))
        heads = scores / scores.sum(-1, keepdims=True) @ value
        kernel, bias = of(layer, "attention_output/kernel", "attention_output/bias")
        return np.einsum("hte,hed->td", heads, kernel) + bias

    for block in ("", "_1"):
        first, second = ("", "_1") if block == "" else ("_2", "_3")
        x = normalized(
            attended(x, f"multi_head_attention{block}") + x, f"layer_normalization{first}"
        )
        inner = ("dense", "dense_1") if block == "" else ("dense_2", "dense_3")
        x = normalized(x + dense(np.maximum(dense(x, inner[0]), 0), inner[1]),
                       f"layer_normalization{second}")  # fmt: skip
    return dense(np.maximum(dense(x.mean(0), "dense_4"), 0), "dense_5")
