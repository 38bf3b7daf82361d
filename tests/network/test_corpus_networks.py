"""Real files of the corpus answer as Keras, or Keras 2, answered: see sweep.py."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest

keras = pytest.importorskip("keras")

from keras_files import answers, loaded  # noqa: E402
from old_files import correlate  # noqa: E402

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


def test_a_driving_network_of_keras_1_answers_as_computed_by_hand(corpus: Path) -> None:
    """Its first layer is Python code, which only divides and subtracts: read, not run."""
    path = corpus / "keras_h5" / "naokishibuya__car-behavioral-cloning__model.h5"
    network = loaded(path)
    assert network.warnings == ()
    (batch,) = random_batches(network.model, 1)
    (ours,) = answers(network.model, [127.5 + 100 * batch])
    x = (127.5 + 100 * batch[0].astype(np.float64)) / 127.5 - 1
    with h5py.File(path) as file:
        for number in range(1, 6):
            kernel, bias = of_keras_1(file, f"convolution2d_{number}")
            step = 2 if number < 4 else 1
            x = elu(correlate(x, kernel)[::step, ::step] + bias)
        x = x.ravel()
        for number in range(1, 5):
            kernel, bias = of_keras_1(file, f"dense_{number}")
            x = x @ kernel + bias if number == 4 else elu(x @ kernel + bias)
    assert ours[0] == pytest.approx(x, rel=CLOSE)


def test_a_merging_network_of_keras_1_answers_as_computed_by_hand(corpus: Path) -> None:
    path = corpus / "keras_h5" / "MichaelHopf__CarND-Behavioral-Cloning-P3__model.hdf5"
    network = loaded(path)
    assert network.warnings == ()
    (batch,) = random_batches(network.model, 1)
    (ours,) = answers(network.model, [127.5 + 100 * batch])
    with h5py.File(path) as file:

        def convolved(x: np.ndarray, number: int) -> np.ndarray:
            kernel, bias = of_keras_1(file, f"convolution2d_{number}")
            around = [(size // 2, size // 2) for size in kernel.shape[:2]]
            return np.maximum(correlate(np.pad(x, [*around, (0, 0)]), kernel) + bias, 0)

        def normalized(x: np.ndarray, number: int) -> np.ndarray:
            group = file[f"model_weights/batchnormalization_{number}"]
            gamma, beta, mean, variance = (
                np.asarray(group[f"batchnormalization_{number}_{name}:0"], np.float64)
                for name in ("gamma", "beta", "running_mean", "running_std")
            )
            return gamma * (x - mean) / np.sqrt(variance + 0.001) + beta

        x = -((127.5 + 100 * batch[0].astype(np.float64))[80:140] / 127.5 - 1)
        x = largest_of(largest_of(x, 2, 2), 1, 4)
        x = np.concatenate([convolved(x, number) for number in (181, 182, 183)], axis=-1)
        x = normalized(largest_of(x, 2, 2), 73)
        x = normalized(largest_of(convolved(x, 184), 2, 2), 74)
        x = convolved(x, 185).ravel()
        for number in (109, 110, 111):
            kernel, bias = of_keras_1(file, f"dense_{number}")
            x = x @ kernel + bias if number == 111 else np.maximum(x @ kernel + bias, 0)
    assert ours[0] == pytest.approx(x, rel=CLOSE)


def of_keras_1(file: h5py.File, layer: str) -> list[np.ndarray]:
    """Kernel and bias."""
    return [
        np.asarray(file[f"model_weights/{layer}/{layer}_{kind}:0"], np.float64) for kind in "Wb"
    ]


def elu(x: np.ndarray) -> np.ndarray:
    return np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1)


def largest_of(x: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """The largest of each window, what is left over at the ends left out."""
    height, width = x.shape[0] // rows, x.shape[1] // columns
    cut = x[: height * rows, : width * columns]
    return cut.reshape(height, rows, width, columns, -1).max((1, 3))
