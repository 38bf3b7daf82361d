"""An activation that Keras does not have: brought in a Python file, asked for, or left out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from asking_networks import answered, opened  # noqa: E402
from keras_files import answers, loaded  # noqa: E402
from old_files import layer, sequential, write  # noqa: E402

from h5viewer.errors import CannotRead  # noqa: E402
from h5viewer.formats.content_hash import content_hash  # noqa: E402
from h5viewer.requests import CodeFile, Consent  # noqa: E402

# Keras 3.15 copies its variables in a way that NumPy 2 warns of.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

CODE = CodeFile(name="mine.py", text="def tripled(x):\n    return 3 * x\n")
SAMPLE = [np.array([[1.0, 2.0]], "float32")]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    dense = layer("Dense", "dense", units=2, activation="tripled", batch_input_shape=[None, 2])
    weights = {"dense": [("dense/kernel:0", np.eye(2, dtype="f")), ("dense/bias:0", np.ones(2))]}
    return write(tmp_path / "own.h5", sequential(dense), weights, version="2.2.4",
                 backend="tensorflow")  # fmt: skip


def test_it_comes_from_the_users_file(file: Path) -> None:
    with opened(file) as (container,):
        digest, _, _ = answered(content_hash(container.source))
    network = loaded(file, Consent(content_hash=digest, code_files=(CODE,)))  # type: ignore[arg-type]
    assert answers(network.model, SAMPLE)[0].tolist() == [[6, 9]]


def test_without_a_file_it_is_asked_for(file: Path) -> None:
    with pytest.raises(CannotRead, match="uses the activation tripled, which Keras does not have"):
        loaded(file)


def test_it_is_left_out_on_the_users_word(file: Path) -> None:
    network = loaded(file, Consent(pass_through=("tripled",)))
    assert answers(network.model, SAMPLE)[0].tolist() == [[2, 3]]
