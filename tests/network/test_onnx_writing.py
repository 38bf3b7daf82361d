"""A network as ONNX: other programs get the same answers from it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

keras = pytest.importorskip("keras")
onnx = pytest.importorskip("onnx")
pytest.importorskip("tf2onnx")

from asking_networks import answered, opened  # noqa: E402
from keras_files import answers, shaken  # noqa: E402

from h5viewer.errors import CannotRead  # noqa: E402
from h5viewer.network import onnx_writing  # noqa: E402
from h5viewer.network.onnx_writing import export_onnx  # noqa: E402
from h5viewer.network.random_samples import largest_difference, random_batches  # noqa: E402
from h5viewer.nodes import Exported, FileBytes  # noqa: E402
from h5viewer.requests import ExportOnnx  # noqa: E402

L = keras.layers

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5:UserWarning"),
    pytest.mark.filterwarnings("ignore:In the future `np.object`:FutureWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


@pytest.fixture
def network(tmp_path: Path) -> Path:
    layers = [
        keras.Input((8, 8, 3)),
        L.Conv2D(4, 3, activation="relu"),
        L.GlobalAveragePooling2D(),
        L.Dense(3, activation="softmax"),
    ]
    keras.Sequential(layers).save(tmp_path / "model.h5")
    return tmp_path / "model.h5"


def converted(path: Path) -> tuple[bytes, Exported]:
    with opened(path) as (container,):
        done, parts, _ = answered(export_onnx(ExportOnnx(document=str(path)), container))
    assert all(isinstance(part, FileBytes) for part in parts)
    return b"".join(part.data for part in parts), done


def test_the_reference_gives_the_answers_of_the_network(
    network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from onnx.reference import ReferenceEvaluator

    monkeypatch.setattr(onnx_writing, "find_spec", lambda name: name != "onnxruntime" or None)
    data, done = converted(network)
    assert done.bytes_after == len(data)
    assert any("answers alike" in note for note in done.notes)
    made = onnx.load_from_string(data)
    batch = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype("f4")
    (found,) = ReferenceEvaluator(made).run(None, {made.graph.input[0].name: batch})
    model = keras.saving.load_model(network, compile=False)
    np.testing.assert_allclose(found, model(batch), atol=1e-5)


def of(shape: tuple[int | None, ...], *layers: Any, dtype: str | None = None) -> Any:
    return keras.Sequential([keras.Input(shape, dtype=dtype), *layers])


def two_inputs() -> Any:
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    both = L.Concatenate()([a, b])
    return keras.Model([a, b], [L.Dense(2)(both), L.Dense(3)(both)])


KINDS: dict[str, Callable[[], Any]] = {
    "captured constants": lambda: of(
        (3,), L.Normalization(mean=[1.0, 2.0, 3.0], variance=[1.0, 4.0, 9.0]), L.Dense(2)
    ),
    "exact GELU": lambda: of((3,), L.Dense(4, activation="gelu")),
    "groups": lambda: of((6, 6, 4), L.Conv2D(8, 3, groups=4), L.GlobalMaxPooling2D()),
    "random layers": lambda: of((6, 6, 3), L.RandomFlip(), L.GaussianNoise(0.5), L.Conv2D(2, 3)),
    "recurrent": lambda: of((6, 4), L.Bidirectional(L.GRU(3, return_sequences=True)), L.LSTM(2)),
    "masked": lambda: of((5,), L.Embedding(9, 4, mask_zero=True), L.LSTM(3), dtype="int32"),
    "attention": lambda: attention(),
    "doubles": lambda: of((3,), L.Dense(2, dtype="float64"), dtype="float64"),
    "two inputs": two_inputs,
}


def attention() -> Any:
    given = keras.Input((5, 8))
    return keras.Model(given, L.LayerNormalization()(L.MultiHeadAttention(2, 4)(given, given)))


@pytest.mark.parametrize("kind", KINDS)
def test_other_programs_get_the_same_answers(kind: str, tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    model = shaken(KINDS[kind]())
    model.save(tmp_path / "model.keras")
    data, done = converted(tmp_path / "model.keras")
    assert any("answers alike" in note for note in done.notes)
    session = onnxruntime.InferenceSession(data)
    batches = random_batches(model)
    types = {"tensor(double)": "f8", "tensor(float)": "f4", "tensor(int32)": "i4"}
    given = {
        each.name: batch.astype(types[each.type])
        for each, batch in zip(session.get_inputs(), batches, strict=True)
    }
    found = [np.asarray(each) for each in session.run(None, given)]
    assert largest_difference(found, answers(model, batches)) < 1e-5


def test_operations_that_onnx_lacks_are_named(tmp_path: Path) -> None:
    model = of((3,), L.Discretization(bin_boundaries=[0.0, 1.0]), L.Embedding(4, 2))
    model.save(tmp_path / "model.keras")
    with pytest.raises(CannotRead, match=r"model\.keras cannot .* Bucketize of .*discretization"):
        converted(tmp_path / "model.keras")


def test_what_the_exporter_got_wrong_is_refused(tmp_path: Path) -> None:
    """tf2onnx 1.17: of a layer that is done at each of an open number of times."""
    pytest.importorskip("onnxruntime")
    of((None, 4), L.TimeDistributed(L.Dense(2))).save(tmp_path / "model.keras")
    with pytest.raises(CannotRead, match="would answer differently"):
        converted(tmp_path / "model.keras")


def test_a_model_that_answers_otherwise_is_not_handed_over(
    network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_writing, "largest_difference", lambda *_: 0.5)
    with pytest.raises(CannotRead, match="would answer differently"):
        converted(network)
