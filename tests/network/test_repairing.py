"""A repaired copy opens in plain Keras, answers alike, and is written whole or not at all."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

keras = pytest.importorskip("keras")

from asking_networks import answered, opened  # noqa: E402
from keras_files import ZOO, answers, difference, loaded, shaken  # noqa: E402
from small_files import make_keras_h5  # noqa: E402

from h5viewer.documents import network_size  # noqa: E402
from h5viewer.errors import CannotRead, CannotWrite  # noqa: E402
from h5viewer.formats.content_hash import content_hash  # noqa: E402
from h5viewer.network import repairing  # noqa: E402
from h5viewer.network.repairing import repair_network  # noqa: E402
from h5viewer.nodes import FileBytes, Part, Repaired  # noqa: E402
from h5viewer.requests import Consent, RepairNetwork  # noqa: E402
from h5viewer.terminal.repair import sentences, write_repaired  # noqa: E402

# Keras 3.15 copies its variables in a way that NumPy 2 warns of.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    # compiled and never trained: Keras says so when it opens what it wrote itself
    pytest.mark.filterwarnings("ignore:Skipping variable loading:UserWarning"),
    pytest.mark.filterwarnings("ignore:You are saving your model as an HDF5:UserWarning"),
]


def repaired(path: Path, consent: Consent | None = None) -> tuple[bytes, Repaired]:
    request = RepairNetwork(document=str(path), consent=consent or Consent())
    with opened(path) as (container,):
        done, parts, _ = answered(repair_network(request, container))
    assert all(isinstance(part, FileBytes) for part in parts)
    return b"".join(part.data for part in parts), done


def test_what_keras_refuses_opens_when_repaired(tmp_path: Path) -> None:
    source, target = make_keras_h5(tmp_path / "model.h5"), tmp_path / "new.keras"
    with pytest.raises(TypeError, match="input_shape"):
        keras.saving.load_model(source, compile=False)
    data, done = repaired(source)
    target.write_bytes(data)
    model = keras.saving.load_model(target)
    assert difference(loaded(source), model) < 1e-6
    assert (done.n_bytes, done.largest_difference) == (len(data), 0.0)


def test_a_network_of_many_kinds_of_layers_is_written_whole(tmp_path: Path) -> None:
    for name in ("nested", "attentive"):
        model = shaken(ZOO[name]())
        model.save(tmp_path / f"{name}.h5")
        data, _ = repaired(tmp_path / f"{name}.h5")
        again = repairing.opened_by_keras(io.BytesIO(data))
        assert difference(loaded(tmp_path / f"{name}.h5"), again) < 1e-6


def test_a_network_whose_inputs_are_in_a_dictionary_keeps_it(tmp_path: Path) -> None:
    first, second = keras.Input((2,), name="z"), keras.Input((3,), name="a")
    both = keras.layers.Concatenate()([first, second])
    model = keras.Model({"z": first, "a": second}, keras.layers.Dense(2)(both))
    model.save(tmp_path / "model.keras")
    again = repairing.opened_by_keras(io.BytesIO(repaired(tmp_path / "model.keras")[0]))
    batch = {"a": np.ones((1, 3), "float32"), "z": np.zeros((1, 2), "float32")}
    assert np.allclose(again(batch), model(batch))


def test_a_network_of_absurd_size_is_refused_before_it_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_size, "MOST_LAYERS", 1)
    monkeypatch.delattr(repairing, "loaded")
    with pytest.raises(CannotRead, match=r"^model\.h5 declares \d layers; .* no new file is made"):
        repaired(make_keras_h5(tmp_path / "model.h5"))


def test_nothing_is_written_that_answers_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgetful(written: object, own_classes: object = None) -> object:
        model = opened_by_keras(written, own_classes)
        model.layers[0].set_weights([np.zeros_like(each) for each in model.layers[0].get_weights()])
        return model

    opened_by_keras = repairing.opened_by_keras
    monkeypatch.setattr(repairing, "opened_by_keras", forgetful)
    with pytest.raises(CannotRead, match="would answer differently"):
        repaired(make_keras_h5(tmp_path / "model.h5"))


def test_code_is_not_written_into_a_copy(tmp_path: Path) -> None:
    inputs = keras.Input((3,))
    layer = keras.layers.Lambda(lambda x: (lambda y: y[:, ::-1])(x), name="turned")
    path = tmp_path / "code.keras"
    keras.Model(inputs, layer(inputs)).save(path)
    with opened(path) as (container,):
        digest, _, _ = answered(content_hash(container.source))
    with pytest.raises(CannotRead, match="holds Python code in “turned”"):
        repaired(path, Consent(content_hash=digest, run_code=True))


# ----------------------------------------------------------------- in the terminal


@pytest.mark.timeout(60)
def test_the_terminal_writes_a_copy_through_a_worker(tmp_path: Path, pool: object) -> None:
    source, target = make_keras_h5(tmp_path / "model.h5"), tmp_path / "new.keras"
    before = source.read_bytes()
    done = write_repaired(pool, str(source), str(target), may_replace=False)
    said, *_ = sentences("model.h5", "new.keras", done)
    assert said.startswith("new.keras (")
    assert "holds the network of model.h5" in said
    sample = [np.ones((1, 8, 8, 3), "float32")]
    (ours,) = answers(loaded(source).model, sample)
    (theirs,) = answers(keras.saving.load_model(target), sample)
    assert np.array_equal(ours, theirs)
    assert source.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == [source, target]


@pytest.mark.parametrize(
    ("target", "may_replace", "told"),
    [
        ("there.keras", False, "there.keras exists already; it was not replaced"),
        ("new.h5", False, "the name has to end in .keras"),
        ("model.keras", True, "is the opened file; it was not replaced"),
        ("link.keras", True, "is the opened file; it was not replaced"),
        ("nowhere/new.keras", False, "was not saved: no such file"),
    ],
)
def test_what_must_not_be_written_is_refused_at_once(
    target: str, may_replace: bool, told: str, tmp_path: Path
) -> None:
    source = tmp_path / "model.keras"
    source.write_bytes(b"network")
    (tmp_path / "there.keras").write_bytes(b"old")
    os.link(source, tmp_path / "link.keras")
    listed = sorted(tmp_path.iterdir())
    no_pool: object = None  # nobody is asked
    with pytest.raises(CannotWrite, match=told):
        write_repaired(no_pool, str(source), str(tmp_path / target), may_replace=may_replace)
    assert sorted(tmp_path.iterdir()) == listed
    assert source.read_bytes() == b"network"
    assert (tmp_path / "there.keras").read_bytes() == b"old"


def test_a_network_that_cannot_be_written_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask(pool: object, request: object, on_part: Callable[[Part], None], _: object) -> None:
        on_part(FileBytes(data=b"half"))
        raise CannotRead("The layer “x” could not be built.")

    monkeypatch.setattr("h5viewer.terminal.repair.ask", ask)
    monkeypatch.setattr("h5viewer.terminal.repair.architecture_for", lambda *_: None)
    no_pool: object = None
    with pytest.raises(CannotRead):
        write_repaired(
            no_pool, str(tmp_path / "model.h5"), str(tmp_path / "new.keras"), may_replace=False
        )
    assert list(tmp_path.iterdir()) == []
