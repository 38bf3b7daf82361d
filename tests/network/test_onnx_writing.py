"""A network as ONNX: other programs get the same answers from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")
onnx = pytest.importorskip("onnx")
pytest.importorskip("tf2onnx")

from asking_networks import answered, opened  # noqa: E402

from h5viewer.errors import CannotRead  # noqa: E402
from h5viewer.network import onnx_writing  # noqa: E402
from h5viewer.network.onnx_writing import export_onnx  # noqa: E402
from h5viewer.nodes import Exported, FileBytes  # noqa: E402
from h5viewer.requests import ExportOnnx  # noqa: E402

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
        keras.layers.Conv2D(4, 3, activation="relu"),
        keras.layers.GlobalAveragePooling2D(),
        keras.layers.Dense(3, activation="softmax"),
    ]
    keras.Sequential(layers).save(tmp_path / "model.h5")
    return tmp_path / "model.h5"


def converted(path: Path) -> tuple[bytes, Exported]:
    with opened(path) as (container,):
        done, parts, _ = answered(export_onnx(ExportOnnx(document=str(path)), container))
    assert all(isinstance(part, FileBytes) for part in parts)
    return b"".join(part.data for part in parts), done


def test_the_reference_gives_the_answers_of_the_network(network: Path) -> None:
    from onnx.reference import ReferenceEvaluator

    data, done = converted(network)
    assert done.bytes_after == len(data)
    assert any("answers alike" in note for note in done.notes)
    made = onnx.load_from_string(data)
    batch = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype("f4")
    (found,) = ReferenceEvaluator(made).run(None, {made.graph.input[0].name: batch})
    model = keras.saving.load_model(network, compile=False)
    np.testing.assert_allclose(found, model(batch), atol=1e-5)


def test_a_model_that_answers_otherwise_is_not_handed_over(
    network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_writing, "largest_difference", lambda *_: 0.5)
    with pytest.raises(CannotRead, match="would answer differently"):
        converted(network)
